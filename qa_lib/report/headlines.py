"""What stands on the first page?

The wording of findings and of what the Board is asked: one plain sentence
each, with its figures, how sure we are, and the way to its evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qa_lib.measures.recurring import RECURRING
from qa_lib.report.action_areas import NO_ACTION
from qa_lib.report.blocks import Block, Bullets, Paragraph, Run, Runs, Shown
from qa_lib.report.facts import row_name, shown, slug
from qa_lib.report.findings import Finding
from qa_lib.report.issues import CONTRADICTION, EARLY
from qa_lib.report.phrases import Facts, count_of, figure, listed, named, say, some
from qa_lib.report.publishable import Publishable

FINDINGS = {
    "overall": "Overall, {first} were graded {goal}.",
    "strongest_domains": "By share {goal}, the strongest domains, allowing for chance, were {listed}.",
    "lowest_domains": "By share {goal}, the weakest domains, allowing for chance, were {listed}.",
    "strongest_standards": "The standards met most often, allowing for chance, were {listed}.",
    "lowest_standards": "The standards met least often, allowing for chance, were {listed}.",
    "voice": "Auditors spoke to the child in {first} that answered the question.",
}
KEY_AREA_KINDS = {"lowest_domains": " (grades)", "lowest_standards": " (standard)", "commonest_themes": " (comments)"}
TO_AGREE = "agree one action, with an owner and a due date"
FOLLOW_UP = "{answer} answers it; ask how far that has come"
MEASURED_BY = {
    "lowest_domains": "gradings that are {goal}",
    "lowest_standards": "audits that meet the standard",
    "commonest_themes": "audits in which it is noted as a need for development",
}
THEME_FINDINGS = {
    "strength": "Among audits with comments, the strengths noted most, allowing for chance, were {listed}.",
    "development": "Among audits with comments, the needs noted most, allowing for chance, were {listed}.",
}


def finding_runs(finding: Finding, facts: Facts) -> Runs:
    """A finding as one sentence, its confidence label, and the way to its evidence.

    The overall grade says beside it what it is among all cases, and after second looks.
    """
    template = THEME_FINDINGS.get(finding.direction) if finding.kind == "commonest_themes" else FINDINGS[finding.kind]
    shares = [
        (_label_run(facts, label), Run(", "), count_of(facts, name))
        for label, name in zip(finding.labels, finding.facts, strict=True)
    ]
    goal = figure(facts, "settings.goal")
    sentence = say(template or "", goal=goal, first=count_of(facts, finding.facts[0], "audits"), listed=listed(shares))
    also: Runs = (Run(" Others lie close."),) if finding.direction and finding.not_separable else ()
    if finding.kind == "overall":
        also = _estimates(facts)
    link = Run(finding.section, href=f"#{slug(finding.section).replace('_', '-')}")
    label = Run(f"{finding.confidence} confidence", style="label")
    return (*sentence, *also, Run(" "), label, Run(" (see "), link, Run(")."))


def _estimates(facts: Facts) -> Runs:
    """The share among all cases and after second looks, as far as there are such."""
    weighted, adjusted = "estimates.weighted.share", "estimates.adjusted.share"
    both = weighted in facts and adjusted in facts
    if both:
        words = " {to} it is {weighted}; adjusted by second looks, {adjusted}."
    else:
        words = " {to} it is {weighted}." if weighted in facts else ""
        words = " Adjusted by second looks it is {adjusted}." if adjusted in facts else words
    if not words:
        return ()
    to = figure(facts, "label.estimates.weighted")
    return say(words, to=to, weighted=figure(facts, weighted), adjusted=figure(facts, adjusted))


def findings_told(findings: Iterable[Finding], facts: Facts, change: Runs = (), beyond: Runs = ()) -> Shown:
    """The findings of the first page, whether anything has changed, and what stands `beyond` the audits."""
    named = list(findings)
    if not named:
        return Shown((Paragraph((Run("The numbers are too small for any finding."),)),))
    told: list[Block] = [Bullets(tuple(finding_runs(finding, facts) for finding in named))]
    also: Runs = ()
    if change:
        also = (*change, Run(" See "), Run("What has changed", href="#what-has-changed"), Run(". "))
    told += [Paragraph((*also, *beyond))] if also or beyond else []
    if any(finding.of_shown for finding in named):
        told.append(Paragraph((Run("Small figures are hidden; most and least are of those that can be shown."),)))
    return Shown(tuple(told))


def beyond_told(tables: Mapping[str, Publishable], facts: Facts) -> Runs:
    """What other activities add, and what became of the actions, in a few sentences; nothing where there is neither."""
    told: Runs = ()
    if f"verdicts.{RECURRING}.n" in facts:
        n, of = (figure(facts, f"verdicts.{RECURRING}.{key}") for key in ("n", "of"))
        link = Run("Whether other activities agree", href="#whether-other-activities-agree")
        told += say("{n} of {of} themes recur across activities. ", n=n, of=of) + _signs(tables["recurring"])
        told += (Run("See "), link, Run(". "))
    if "shown" in tables and not tables["shown"].is_empty:
        done = tables["shown"]
        names = [row_name(done, row) for _, row in done.table.iterrows()]
        items = [
            (named(done, group), Run(", "), figure(facts, f"{name}.n"))
            for group, name in zip(done.table["group"], names, strict=True)
        ]
        words = "Of {of} actions done, the evidence shows: {items}. "
        told += say(words, of=figure(facts, f"{names[0]}.of"), items=listed(items, "; ", "; "))
        told += (Run("See "), Run("The action plan", href="#the-action-plan"), Run("."))
    return told


def _signs(recurring: Publishable) -> Runs:
    """The early warnings, and the contradictions."""
    told: list[Run] = []
    for sign, words in ((EARLY, "An early warning: {themes}. "), (CONTRADICTION, "Activities differ on {themes}. ")):
        rows = recurring.table[recurring.table["sign"] == sign]
        if not rows.empty:
            told += say(words, themes=some([(named(recurring, group),) for group in rows["group"]]))
    return tuple(told)


def asks_told(areas: Iterable[Finding], facts: Facts, short: bool) -> Shown:
    """What the Board is asked: one action for each key area, or to follow up those that the action plan has for it."""
    asked = [(label, name, area.kind) for area in areas for label, name in zip(area.labels, area.facts, strict=True)]
    if not asked:
        return Shown((Paragraph((Run("There is no key area to act on: the bases are too small to rank."),)),))
    if short:
        told: Runs = ()
        for words, has in (
            ("Agree one action each on: {areas}. ", False),
            ("Follow up the actions on: {areas}.", True),
        ):
            some_of = [one for one in asked if bool(_answer(facts, one[1])) == has]
            told += say(words, areas=listed(_by_kind(some_of, facts), "; ")) if some_of else ()
        return Shown((Paragraph(told),))
    items = []
    for label, name, kind in asked:
        answer = _answer(facts, name)
        to_do = FOLLOW_UP if answer else TO_AGREE
        items.append(
            say(
                f"{{area}}{KEY_AREA_KINDS[kind]}: {to_do}. Its measure: {MEASURED_BY[kind]}, now {{now}}.",
                area=_label_run(facts, label, "strong"),
                answer=answer,
                goal=figure(facts, "settings.goal"),
                now=count_of(facts, name),
            )
        )
    return Shown((Bullets(tuple(items), ordered=True),))


def _by_kind(asked: list[tuple[str, str, str]], facts: Facts) -> list[Runs]:
    """The labels of key areas, those of one kind together: "Planning and Supervision (grades)"."""
    kinds = dict.fromkeys(kind for _, _, kind in asked)
    names = {kind: [(_label_run(facts, label, "strong"),) for label, _, of in asked if of == kind] for kind in kinds}
    return [(*listed(names[kind]), Run(KEY_AREA_KINDS[kind])) for kind in kinds]


def _answer(facts: Facts, name: str) -> Runs:
    """The actions of the plan that answer a key area, by the name of its figures; nothing where there is none."""
    fact = f"areas.{slug('.'.join(name.split('.')[:2]))}.answered"
    return (figure(facts, fact),) if fact in facts and shown(facts[fact]) != NO_ACTION else ()


def _label_run(facts: Facts, label: str, style: str = "") -> Run:
    """A label by the name of its fact: `label.by_domain.planning`."""
    return Run(shown(facts[label]), (label,), style)
