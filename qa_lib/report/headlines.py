"""What stands on the first page?

The wording of findings and of what the Board is asked: one plain sentence
each, with its figures, how sure we are, and the way to its evidence.
"""

from __future__ import annotations

from collections.abc import Iterable

from qa_lib.report.blocks import Block, Bullets, Paragraph, Run, Runs, Shown
from qa_lib.report.facts import shown, slug
from qa_lib.report.findings import Finding
from qa_lib.report.phrases import Facts, count_of, figure, listed, say

FINDINGS = {
    "overall": "Overall, {first} were graded {goal}.",
    "strongest_domains": "By share {goal}, the strongest domains, allowing for chance, were {listed}.",
    "lowest_domains": "By share {goal}, the weakest domains, allowing for chance, were {listed}.",
    "strongest_standards": "The standards met most often, allowing for chance, were {listed}.",
    "lowest_standards": "The standards met least often, allowing for chance, were {listed}.",
    "voice": "Auditors spoke to the child in {first} that answered the question.",
}
KEY_AREA_KINDS = {"lowest_domains": " (grades)", "lowest_standards": " (standard)", "commonest_themes": " (comments)"}
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


def findings_told(findings: Iterable[Finding], facts: Facts, change: Runs = ()) -> Shown:
    """The findings of the first page."""
    named = list(findings)
    if not named:
        return Shown((Paragraph((Run("The numbers are too small for any finding."),)),))
    told: list[Block] = [Bullets(tuple(finding_runs(finding, facts) for finding in named))]
    if change:
        link = Run("What has changed", href="#what-has-changed")
        told.append(Paragraph((*change, Run(" See "), link, Run("."))))
    if any(finding.of_shown for finding in named):
        told.append(Paragraph((Run("Small figures are hidden; most and least are of those that can be shown."),)))
    return Shown(tuple(told))


def asks_told(areas: Iterable[Finding], facts: Facts, short: bool) -> Shown:
    """What the Board is asked: one action for each key area."""
    asked = [(label, name, area.kind) for area in areas for label, name in zip(area.labels, area.facts, strict=True)]
    if not asked:
        return Shown((Paragraph((Run("There is no key area to act on: the bases are too small to rank."),)),))
    if short:
        kinds = {
            kind: listed([(_label_run(facts, label, "strong"),) for label, _, of in asked if of == kind])
            for _, _, kind in asked
        }
        each = [(*names, Run(KEY_AREA_KINDS[kind])) for kind, names in kinds.items()]
        return Shown((Paragraph(say("Agree one action for each key area: {areas}.", areas=listed(each, "; "))),))
    items = []
    for label, name, kind in asked:
        items.append(
            say(
                f"{{area}}{KEY_AREA_KINDS[kind]}: agree one action, with an owner and a due date. "
                f"Its measure is the share of {MEASURED_BY[kind]}, now {{now}}.",
                area=_label_run(facts, label, "strong"),
                goal=figure(facts, "settings.goal"),
                now=count_of(facts, name),
            )
        )
    return Shown((Bullets(tuple(items), ordered=True),))


def _label_run(facts: Facts, label: str, style: str = "") -> Run:
    """A label by the name of its fact: `label.by_domain.planning`."""
    return Run(shown(facts[label]), (label,), style)
