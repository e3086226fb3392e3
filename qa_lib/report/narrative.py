"""How do we say it?

Wording lives here and judgement does not. A sentence is a template without a
single number in it, filled with runs that each name the facts they say; so a
number can reach a page only through the fact ledger, and the page is checked
against the ledger before it is published.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from qa_lib.report.blocks import Block, Bullets, Paragraph, Run, Runs, Shown
from qa_lib.report.disclosure import Publishable
from qa_lib.report.facts import Fact, facts_of, label_name, row_name, shown, slug
from qa_lib.report.findings import Finding, rank

HIDDEN_WORDS = "a number too small to show"
Facts = Mapping[str, Fact]


def say(template: str, **parts: Run | Iterable[Run]) -> Runs:
    """A sentence: the template's own words, with runs in place of `{names}`.

    >>> say("{who} did it.", who=Run("She", style="strong"))
    (Run(text='She', facts=(), style='strong', href=''), Run(text=' did it.', facts=(), style='', href=''))
    """
    runs: list[Run] = []
    for at, piece in enumerate(re.split(r"\{(\w+)\}", template)):
        if at % 2 == 0:
            runs += [Run(piece)] if piece else []
        else:
            part = parts[piece]
            runs += [part] if isinstance(part, Run) else list(part)
    return tuple(runs)


def figure(facts: Facts, name: str) -> Run:
    """One figure, or the words for a hidden one."""
    return Run(shown(facts[name]), (name,)) if name in facts else Run(HIDDEN_WORDS)


def count_of(facts: Facts, row: str) -> Run:
    """Counts with their share, as far as they may be shown: "41 of 60 (68%)".

    `row` is the name of a row's figures, such as `by_domain.planning`.
    """
    n, of, share = (f"{row}.{measure}" if f"{row}.{measure}" in facts else "" for measure in ("n", "of", "share"))
    if n and of and share:
        return Run(f"{shown(facts[n])} of {shown(facts[of])} ({shown(facts[share])})", (n, of, share))
    if n and of:
        return Run(f"{shown(facts[n])} of {shown(facts[of])}", (n, of))
    if share:
        return Run(shown(facts[share]), (share,))
    return Run(f"{HIDDEN_WORDS} of {shown(facts[of])}", (of,)) if of else Run(HIDDEN_WORDS)


def interval(facts: Facts, row: str) -> Run:
    """The interval of a row: "61% to 75%"; empty where there is none."""
    names = (f"{row}.low", f"{row}.high")
    if not all(name in facts for name in names):
        return Run("")
    return Run(f"{shown(facts[names[0]])} to {shown(facts[names[1]])}", names)


def named(published: Publishable, key: object) -> Run:
    """What the reader sees for a key of a table; settings may put a figure into it, so it is a fact too."""
    return Run(published.label(key), (label_name(published, key),))


def listed(items: Iterable[Runs], last: str = " and ") -> Runs:
    """Phrases as a list in a sentence: "a, b and c"."""
    phrases = list(items)
    runs: list[Run] = []
    for at, phrase in enumerate(phrases):
        if at:
            runs.append(Run(last if at == len(phrases) - 1 else ", "))
        runs += phrase
    return tuple(runs)


def tell(published: Publishable) -> Shown:
    """The sentences that go with one table; why there are none, where the extracts do not hold it."""
    if published.is_empty:
        sentence = Run(f"{published.about.title}: not shown, because {published.about.missing}.")
        return Shown((Paragraph((sentence,)),))
    words = WORDS.get(published.name, _tell_nothing)
    return Shown(tuple(words(published, facts_of(published))))


def _tell_nothing(published: Publishable, facts: Facts) -> list[Block]:
    return []


def _tell_completion(published: Publishable, facts: Facts) -> list[Block]:
    done = say(
        "Auditors completed {all} audits of the number that the plan allocates for the period.",
        all=count_of(facts, "completion.all"),
    )
    return [Paragraph(done)]


def _tell_coverage(published: Publishable, facts: Facts) -> list[Block]:
    most, least = (
        published.table[published.table["group"].astype(str) != "all"].sort_values("share", ascending=up)
        for up in (False, True)
    )
    if most.empty or most["share"].isna().all():
        return []
    rows = [(named(published, row["group"]), row_name(published, row)) for row in (most.iloc[0], least.iloc[0])]
    sentence = say(
        "Seen against its open cases, {most} was looked at most often, {most_share} cases, "
        "and {least} least often, {least_share} cases.",
        most=rows[0][0],
        most_share=count_of(facts, rows[0][1]),
        least=rows[1][0],
        least_share=count_of(facts, rows[1][1]),
    )
    return [Paragraph(sentence)]


def _tell_overall(published: Publishable, facts: Facts) -> list[Block]:
    sentence = say(
        "Overall, {good} audits were graded good or better. The interval runs from {interval}: had auditors drawn "
        "other cases at random, the share would most likely lie within it.",
        good=count_of(facts, "overall.all"),
        interval=interval(facts, "overall.all"),
    )
    return [Paragraph(sentence)]


def _tell_ranked(published: Publishable, facts: Facts) -> list[Block]:
    """Highest and lowest of a table of shares good or better."""
    ranked = rank(published, lowest_first=False)
    if len(ranked) < 2:
        return []
    high = [_named_share(published, facts, row) for _, row in ranked.head(2).iterrows()]
    low = [_named_share(published, facts, row) for _, row in rank(published, lowest_first=True).head(2).iterrows()]
    if len(ranked) < 4:
        return [Paragraph(say("Most often good or better: {high}.", high=listed(high[:1])))]
    return [
        Paragraph(say("Most often good or better: {high}.", high=listed(high))),
        Paragraph(say("Least often good or better: {low}.", low=listed(low))),
    ]


def _named_share(published: Publishable, facts: Facts, row: pd.Series) -> Runs:  # type: ignore[type-arg]
    share = count_of(facts, row_name(published, row))
    return (named(published, row[published.keys[0]]), Run(", "), share)


def _tell_compared(published: Publishable, facts: Facts) -> list[Block]:
    shares = [
        say("{share} in {period}", share=count_of(facts, row_name(published, row)), period=named(published, row["group"]))
        for _, row in published.table.iterrows()
    ]
    sentence = say("Audits graded good or better overall: {shares}.", shares=listed(shares))
    caution = (
        "The figures stand side by side. A difference between periods can be chance, "
        "so nothing is said here about its direction."
    )
    return [Paragraph(sentence), Paragraph((Run(caution),))]


def _tell_themes(published: Publishable, facts: Facts, polarity: str) -> list[Block]:
    ranked = rank(published.only(polarity=polarity), lowest_first=False).head(3)
    if ranked.empty:
        return []
    kind = "a strength" if polarity == "strength" else "a need for development"
    named = [_named_share(published, facts, row) for _, row in ranked.iterrows()]
    return [Paragraph(say(f"Noted most often as {kind}: {{themes}} audits with comments.", themes=listed(named)))]


def _tell_voice(published: Publishable, facts: Facts) -> list[Block]:
    sentences = {
        "child_spoken_to": "Auditors spoke to the child in {n} audits where that was appropriate.",
        "parent_spoken_to": "They spoke to a parent or carer in {n}.",
        "worker_involved": "The social worker took part in {n}.",
        "changed_something": "What people said changed something in {n}.",
    }
    groups = [str(group) for group in published.table["group"]]
    told = [say(f"{sentences[group]} ", n=count_of(facts, f"voice.{slug(group)}")) for group in groups]
    return [Paragraph(tuple(run for sentence in told for run in sentence))]


WORDS: dict[str, Callable[[Publishable, Facts], list[Block]]] = {
    "completion": _tell_completion,
    "coverage": _tell_coverage,
    "overall": _tell_overall,
    "by_domain": _tell_ranked,
    "by_service": _tell_ranked,
    "periods": _tell_compared,
    "strengths": lambda published, facts: _tell_themes(published, facts, "strength"),
    "development": lambda published, facts: _tell_themes(published, facts, "development"),
    "themes": lambda published, facts: [
        block for polarity in ("strength", "development") for block in _tell_themes(published, facts, polarity)
    ],
    "voice": _tell_voice,
}

FINDINGS = {
    "overall": "Overall, {first} audits were graded good or better.",
    "strongest_domains": "Practice was most often good or better in {listed}.",
    "lowest_domains": "Practice was least often good or better in {listed}.",
    "voice": "Auditors spoke to the child in {first} audits where that was appropriate.",
}
THEME_FINDINGS = {
    "strength": "The strengths noted most often were {listed} audits with comments.",
    "development": "The needs for development noted most often were {listed} audits with comments.",
}


def finding_runs(finding: Finding, facts: Facts) -> Runs:
    """A finding as one sentence, its confidence label, and the way to its evidence."""
    template = THEME_FINDINGS.get(finding.direction) if finding.kind == "commonest_themes" else FINDINGS[finding.kind]
    shares = [
        (_label_run(facts, label), Run(", "), count_of(facts, name))
        for label, name in zip(finding.labels, finding.facts, strict=True)
    ]
    sentence = say(template or "", first=count_of(facts, finding.facts[0]), listed=listed(shares))
    also: Runs = ()
    if finding.direction and finding.not_separable:
        names = listed([(_label_run(facts, label),) for label in finding.not_separable[:4]])
        others = Run(" and others" if len(finding.not_separable) > 4 else "")
        also = say(" Not separable from the last: {names}{others}.", names=names, others=others)
    link = Run(finding.section, href=f"#{slug(finding.section).replace('_', '-')}")
    label = Run(f"{finding.confidence} confidence", style="label")
    return (*sentence, *also, Run(" "), label, Run(" See: "), link, Run("."))


def findings_told(findings: Iterable[Finding], facts: Facts) -> Shown:
    """The findings of the first page."""
    return Shown((Bullets(tuple(finding_runs(finding, facts) for finding in findings)),))


def asks_told(areas: Iterable[Finding], facts: Facts, short: bool) -> Shown:
    """What the Board is asked: one action for each key area."""
    asked = [(label, name, area.kind) for area in areas for label, name in zip(area.labels, area.facts, strict=True)]
    if not asked:
        return Shown((Paragraph((Run("There is no key area to act on: the bases are too small to rank."),)),))
    if short:
        names = listed([(_label_run(facts, label, "strong"),) for label, _, _ in asked])
        return Shown((Paragraph(say("Agree one action for each key area: {names}.", names=names)),))
    items = []
    for label, name, kind in asked:
        measure = "the share of audits graded good or better"
        if kind == "commonest_themes":
            measure = "the share of audits in which it is noted as a need for development"
        items.append(
            say(
                f"{{area}}: agree one action, with an owner and a due date. It works if {measure} moves from {{now}}.",
                area=_label_run(facts, label, "strong"),
                now=count_of(facts, name),
            )
        )
    return Shown((Bullets(tuple(items), ordered=True),))


def _label_run(facts: Facts, label: str, style: str = "") -> Run:
    """A label by the name of its fact: `label.by_domain.planning`."""
    return Run(shown(facts[label]), (label,), style)
