"""How were the figures made, and from what?

The words of the annexes and of the first page's opening: the rules that the
settings and the library follow, the marks, the periods, the sources. Rules are
printed from the settings in force, as facts, never typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qa_lib.problems import Problem, list_of
from qa_lib.report.blocks import Block, Bullets, Paragraph, Run, Runs, Shown
from qa_lib.report.facts import Fact, facts_of, shown
from qa_lib.report.phrases import count_of, figure, listed, say
from qa_lib.report.publishable import Publishable
from qa_lib.report.tables import table_block
from qa_lib.settings.framework import Confidence
from qa_lib.settings.report import ReportParams

WARNINGS = {
    "corrected": "Words or numbers were turned into words of the framework, as it says, in these columns: {columns}.",
    "tidied": "Capitals and spaces were tidied in these columns: {columns}.",
    "unknown_column": "Columns that the workbook does not know were not read.",
    "title_rows": "Title rows above the headings were passed over.",
    "blank_service": "Some audits name no service; they are counted as not recorded.",
    "encoding": "A file was read as Windows text.",
    "hidden_rows": "Rows that a workbook hides or filters out were read like the others.",
    "outside_frame": "Some audited cases stand in no case list.",
}


_SHARE = (
    "A share is the number of gradings that are {goal} out of those on the scale. Gradings that were not applicable "
    "or not recorded are left out of it and counted beside it."
)
_STANDARD = (
    "A standard is met where the answer is yes, a grade is {goal}, or a number, a date or a choice is what the tool "
    "asks for. Partly is not met. Answers that were not applicable or not recorded are left out and counted "
    "beside. Of a part of the tool, every standard is met in an audit where each that applied to it was."
)
_INTERVAL = (
    "An interval is where the share among all cases most likely lies, given how few were audited: {level}, by "
    "Wilson's score method, as if those audited had been drawn at random."
)
_CONFIDENCE = (
    "Confidence is High with a base of {high_base} audits or more, a half width of {high_half_width} or less and "
    "agreement of auditors beyond chance of {high_agreement} or more; Medium with {medium_base}, {medium_half_width} "
    "and {medium_agreement}; else Low. Agreement is that on the grades in question (Gwet's coefficient, on the very "
    "grade), and needs {least_pairs} second looks picked at random. Where it has not been measured, and for themes and "
    "for whose voice was heard, no label is above Medium. Whether other activities agree does not apply, as none was "
    "supplied."
)
_WEIGHTED = (
    "The weighted share lets each audit count for the open cases of its service that it stands for; its interval "
    "allows for the sample being drawn by service and for the number of cases (logit of the design-based estimate). "
    "Audits that name no service are left out of it."
)
_WEIGHTED_BY_DRAWS = (
    "The weighted share lets each audit count for the cases that it stands for: those of its service that could be "
    "drawn in its month, by the register of the draws. It rests on {in_draw} that stand in a draw; a case audited "
    "again counts once. A month in which a service had no audit counts with its nearest month. The interval allows for "
    "the sample being drawn by service and month and for the number of cases (logit of the design-based estimate)."
)
_ADJUSTED = (
    "The adjusted share corrects every grade by what second looks at audits picked at random made of such grades "
    "(double sampling); its interval carries the doubt of both. Second looks chosen for a risk, or because a grade was "
    "contested, are left out of it. It is not weighted."
)
_CHANGE = (
    "A difference to the period before is called clear where its interval (Newcombe) leaves out none, and chance would "
    "make one as large anywhere among the {comparisons_tested} compared with a probability under {family_level} "
    "(central mid-p, adjusted by Holm). Other periods are described and not tested."
)
_CONTROL = (
    "Months are drawn with the middle of them from {run_chart_months} months on, and with the limits of chance (a p "
    "chart) from {limits_months}. A month stands out that lies outside the limits, belongs to a long run on one side "
    "or going one way, or lies near a limit with a neighbour that does (the rules of Making Data Count). Now and then "
    "luck alone does it."
)
_FUNNEL = (
    "A service stands out where its exact binomial chance, were it like all of them together, is beyond the limits of "
    "chance on either side. Services with few audits are not judged. Now and then luck alone names one."
)
_RANKED = (
    "ranked by the end of its interval nearer the average. Areas whose intervals overlap the last one named are "
    "called not separable from it."
)
_KEY_AREAS = (
    "Key areas are the {key_areas} lowest domains and the {key_areas} needs for development noted most often, each "
    + _RANKED
)
_KEY_STANDARDS = (
    "Key areas are the {key_areas} standards met least often and the {key_areas} needs for development noted most "
    "often, each " + _RANKED
)
_KEY_THEMES = "Key areas are the {key_areas} needs for development noted most often, each " + _RANKED
_THEMES = (
    "Themes are found by a codebook of {themes} themes (version {codebook_version}): phrases, words, negations and "
    "traps, all written down. An audit counts once for a theme however often it says it. No person has yet checked "
    "the coding, so themes show what to read first, not how often a thing happens."
)
_HIDDEN = (
    "Small counts, up to {hide_up_to}, are hidden, and so is what would give them away; a share of fewer than "
    "{least_share_base} is not given. Grades given few times are counted with their neighbour. Where few gradings "
    "were left out, the share is given without its counts."
)
_ROUNDED = "On this public copy counts are rounded to the nearest {rounded_to}; shares follow from the rounded counts."
_NOTHING_HIDDEN = "Nothing is hidden on this working copy. It is not for release."


@dataclass(frozen=True)
class Notes:
    """What the annexes tell besides figures: rules in force, settings used, what intake warned of."""

    confidence: Confidence
    settings_used: tuple[str, ...]
    warnings: tuple[tuple[str, str], ...]
    compared: tuple[str, ...]
    hides: bool
    rounds: bool
    has_domains: bool

    @classmethod
    def of(cls, params: ReportParams, warnings: Iterable[Problem]) -> Notes:
        """The notes of one report."""
        framework = params.framework
        own = any(source.columns for source in framework.sources.values())
        kept = sorted({column for kind in params.kinds.values() for column in framework.kept(kind)})
        tool = params.tool
        own = own or bool(tool and tool.columns)
        used = (
            (framework.columns or own, "a map from the form's headings to the workbook's columns"),
            (framework.spellings, "a list of spellings to correct"),
            (framework.scale_map, "a map from numbers to grades"),
            (tool and tool.short_years, "years written short read as those of this century"),
            (tool and tool.ignore, "phrases that say nothing, which count as a blank box"),
            (framework.split, "bullets of a text column taken as passages of their own"),
            (kept, f"a filter: rows are kept by {list_of(kept)}, the others left out"),
            (any(map(framework.numbers, params.kinds.values())), "rows without a reference are numbered"),
        )
        told = sorted({(problem.code, problem.column) for problem in warnings})
        return cls(
            framework.confidence,
            tuple(words for value, words in used if value),
            tuple(told),
            tuple(period.key for period in params.periods[1:]),
            params.hide_up_to > 0,
            params.audience == "public",
            bool(framework.domains),
        )


def looked_at(facts: Mapping[str, Fact]) -> Shown:
    """The opening of the first page: period, audits done, what was not looked at."""
    runs = say("This report covers {period}. ", period=figure(facts, "period.current"))
    if "report.part" in facts:
        runs += say("It is about {part}, not the whole service. ", part=figure(facts, "report.part"))
    if "completion.all.of" in facts:
        runs += say("Auditors completed {done} in the plan. ", done=count_of(facts, "completion.all", "audits"))
    elif "overall.all.of" in facts:
        runs += say("It rests on {of} graded audits. ", of=figure(facts, "overall.all.of"))
    elif "base.all.n" in facts and not any(name.startswith("period.") and name != "period.current" for name in facts):
        runs += say("It rests on {n} audits. ", n=figure(facts, "base.all.n"))
    months = "tool.look_back_months" if "tool.title" in facts else "settings.look_back_months"
    if months in facts:
        words = "Each looked back over the last {months} months of the child's file."
        runs += say(words, months=figure(facts, months))
    return Shown((Paragraph(runs),))


def how_made(facts: Mapping[str, Fact], notes: Notes) -> Shown:
    """Annex A: shares, intervals, labels, key areas, themes, what is hidden."""

    def has(table: str) -> bool:
        return any(name.startswith(f"{table}.") for name in facts)

    named = {name.removeprefix("settings."): Run(shown(fact), (name,)) for name, fact in facts.items()}
    in_draw = count_of(facts, "drawn.all", "audits") if "drawn.all.n" in facts else Run("the audits")
    weighted = _WEIGHTED_BY_DRAWS if has("drawn") else _WEIGHTED
    by_estimate = (("weighted", weighted), ("weighted_in_part", weighted), ("adjusted", _ADJUSTED))
    told = [(rule, f"estimates.{name}.share") for name, rule in by_estimate]
    key_areas = _KEY_STANDARDS if has("standards") else _KEY_AREAS if notes.has_domains else _KEY_THEMES
    rules = [_STANDARD if has("standards") else _SHARE, _INTERVAL, *(rule for rule, fact in told if fact in facts)]
    rules += [rule for rule, table in ((_CHANGE, "change"), (_CONTROL, "control"), (_FUNNEL, "funnel")) if has(table)]
    rules += [_CONFIDENCE, key_areas, _THEMES]
    rules.append(_HIDDEN if notes.hides else _NOTHING_HIDDEN)
    rules += [_ROUNDED] if notes.rounds else []
    return Shown((Bullets(tuple(say(rule, **named, in_draw=in_draw) for rule in rules)),))


def data_quality(base: Publishable, notes: Notes, named: Mapping[str, Fact]) -> Shown:
    """Annex B: the rows, the part of them that the report is about, what was corrected, the settings used."""
    facts = facts_of(base)
    blocks: list[Block] = []
    if "base.all.of" in facts and "base.all.left_out" in facts:
        sentence = say(
            "{read} rows were read, {counted} counted and {left} left out.",
            read=figure(facts, "base.all.of"),
            counted=figure(facts, "base.all.n"),
            left=figure(facts, "base.all.left_out"),
        )
        blocks.append(Paragraph(sentence))
    if len(base.table) > 2 or not blocks:  # one file and the sum of it say no more than the sentence
        blocks.append(table_block(base))
    if "report.part" in named:
        part = say(
            "This report is about {part}: {counts} counted in its period. The others were left out.",
            part=figure(named, "report.part"),
            counts=count_of(named, "part.all", "audits"),
        )
        blocks.append(Paragraph(part))
    told: list[Runs] = []
    for code, words in WARNINGS.items():
        columns = [column for found, column in notes.warnings if found == code]
        if columns:
            told.append(say(words, columns=listed([(Run(column, style="code"),) for column in columns])))
    told += [(Run(f"Setting used: {words}."),) for words in notes.settings_used]
    if told:
        blocks.append(Bullets(tuple(told)))
    return Shown(tuple(blocks))


def sources(tables: Mapping[str, Publishable], facts: Mapping[str, Fact], notes: Notes) -> Shown:
    """Annex E: periods, comparisons, versions, and what this report does not have."""
    items = [say("Period of the report: {period}.", period=figure(facts, "period.current"))]
    if notes.compared:
        periods = listed([(figure(facts, f"period.{key}"),) for key in notes.compared])
        items.append(
            say(
                "Set beside: {periods}. Comparisons shown: {count}, of which {tested} were tested.",
                periods=periods,
                count=figure(facts, "settings.comparisons_shown"),
                tested=figure(facts, "settings.comparisons_tested"),
            )
        )
    items.append(say("Codebook: version {version}.", version=figure(facts, "settings.codebook_version")))
    items.append(say("The date of the report is {day}; today's date is never read.", day=figure(facts, "report.as_of")))
    for published in tables.values():
        if published.is_empty:
            about = published.about
            items.append((Run(f"Not in this report: {about.title}, because {about.missing}."),))
    return Shown((Bullets(tuple(items)),))
