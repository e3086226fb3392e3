"""From what were the figures made?

The words of the annexes on data quality and on what was looked at, and of the
first page's opening: the rows, what was corrected, the periods, the sources.
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
    "unknown_status": "Some actions have a status that the framework does not know; it counts as not known.",
    "unknown_theme": "Some rows name a theme that the codebook does not know; it was passed over.",
    "unknown_ask": "Some actions name what a report asked in a way that no report does; it was passed over.",
}


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
            words = f"Not in this report: {about.title}, because {about.missing}."
            dated = shown(facts["period.year"]) in about.title
            items.append((Run(words, ("period.year",) if dated else ()),))
    return Shown((Bullets(tuple(items)),))
