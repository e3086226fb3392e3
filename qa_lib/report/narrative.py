"""How do we say it?

Wording lives here and judgement does not. A sentence is a template without a
single number in it, filled with runs that each name the facts they say; so a
number can reach a page only through the fact ledger, and the page is checked
against the ledger before it is published.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from qa_lib.report.blocks import Block, Missing, Paragraph, Run, Runs, Shown
from qa_lib.report.disclosure import Publishable
from qa_lib.report.facts import KEY_AREAS, Fact, facts_of, label_name, row_name, shown, slug
from qa_lib.report.findings import leaders, rank

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


def count_of(facts: Facts, row: str, noun: str = "") -> Run:
    """Counts with their share, as far as they may be shown: "41 of 60 audits (68%)".

    `row` is the name of a row's figures, such as `by_domain.planning`; `noun` says of what.
    """
    n, of, share = (f"{row}.{measure}" if f"{row}.{measure}" in facts else "" for measure in ("n", "of", "share"))
    what = f" {noun}" if noun else ""
    if n and of:
        counts = f"{shown(facts[n])} of {shown(facts[of])}{what}"
        return Run(f"{counts} ({shown(facts[share])})", (n, of, share)) if share else Run(counts, (n, of))
    if share:
        return Run(f"{shown(facts[share])}{' of' if what else ''}{what}", (share,))
    return Run(f"{HIDDEN_WORDS} of {shown(facts[of])}{what}", (of,)) if of else Run(HIDDEN_WORDS)


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


def _some(items: list[Runs], most: int = 4) -> Runs:
    """The first few phrases of a list, "and others" for the rest."""
    return listed(items) if len(items) <= most else (*listed([*items[:most], (Run("others"),)]),)


def _goal(published: Publishable) -> Run:
    """What a share is a share of, in the words of the council's scale."""
    return Run(published.about.goal, ("settings.goal",))


def tell(published: Publishable) -> Shown:
    """The sentences that go with one table; why there are none, where the extracts do not hold it."""
    if published.is_empty:
        return Shown((Missing(published.about.title, published.about.missing),))
    words = WORDS.get(published.name)
    if not words:
        return Shown(())
    told = words(published, facts_of(published))
    return Shown(tuple(told) or (Missing(published.about.title, "its numbers are too small to show"),))


def _tell_completion(_: Publishable, facts: Facts) -> list[Block]:
    done = say(
        "Auditors completed {all} in the plan for the period.",
        all=count_of(facts, "completion.all", "audits"),
    )
    return [Paragraph(done)]


def _tell_coverage(published: Publishable, facts: Facts) -> list[Block]:
    shown_rows = published.table[published.table["share"].notna() & (published.table["group"].astype(str) != "all")]
    if len(shown_rows) < 2:
        return []
    ordered = shown_rows.sort_values("share", kind="stable")
    least, most = ordered.iloc[0], ordered.iloc[-1]
    sentence = say(
        f"Seen against its open cases, {{most}} was looked at most often{_of_shown(published)}, with {{most_share}}, "
        "and {least} least often, with {least_share}.",
        most=named(published, most["group"]),
        most_share=count_of(facts, row_name(published, most), "cases"),
        least=named(published, least["group"]),
        least_share=count_of(facts, row_name(published, least), "cases"),
    )
    return [Paragraph(sentence)]


def _of_shown(published: Publishable) -> str:
    return ", of those that can be shown" if published.hides_rows else ""


def _tell_overall(published: Publishable, facts: Facts) -> list[Block]:
    if "overall.all.n" not in facts or not facts.get("overall.all.of", facts["overall.all.n"]).value:
        return []
    sentence = say(
        "Overall, {good} were graded {goal}.", good=count_of(facts, "overall.all", "audits"), goal=_goal(published)
    )
    if "overall.all.low" in facts:
        sentence += say(
            " The interval runs from {interval}: the share among all cases most likely lies within it, "
            "if those audited are like the rest.",
            interval=interval(facts, "overall.all"),
        )
    return [Paragraph(sentence)]


def _tell_ranked(published: Publishable, facts: Facts) -> list[Block]:
    """Highest and lowest of a table of shares good or better; only the highest where there are few rows."""
    known = len(rank(published, lowest_first=True))
    if known < 2:
        return []
    told = _leaders(published, facts, say("Strongest, allowing for chance"), lowest_first=False)
    if known >= 2 * KEY_AREAS:
        told += _leaders(published, facts, say("Weakest, allowing for chance"), lowest_first=True)
    return told


def _leaders(published: Publishable, facts: Facts, words: Runs, lowest_first: bool) -> list[Block]:
    """The leading rows, and by name those that cannot be told apart from the last of them."""
    top, overlap = leaders(published, lowest_first)
    if top.empty:
        return []
    key = published.keys[0]
    sentence = say(
        "{words}{shown}: {top}.",
        words=words,
        shown=Run(", of those that can be shown" if published.hides_rows else ""),
        top=listed([_named_share(published, facts, row) for _, row in top.iterrows()]),
    )
    if not overlap.empty:
        sentence += say(
            " Not separable from {last} on these numbers: {others}.",
            last=named(published, top.iloc[-1][key]),
            others=_some([(named(published, name),) for name in overlap[key]]),
        )
    return [Paragraph(sentence)]


def _named_share(published: Publishable, facts: Facts, row: pd.Series[Any]) -> Runs:
    share = count_of(facts, row_name(published, row))
    return (named(published, row[published.keys[0]]), Run(", "), share)


def _tell_compared(published: Publishable, facts: Facts) -> list[Block]:
    shares = [
        say(
            "{share} in {period}",
            share=count_of(facts, row_name(published, row)),
            period=named(published, row["group"]),
        )
        for _, row in published.table.iterrows()
    ]
    sentence = say("Audits graded {goal} overall: {shares}.", goal=_goal(published), shares=listed(shares))
    caution = (
        "The figures stand side by side. A difference between periods can be chance, "
        "so nothing is said here about its direction."
    )
    return [Paragraph(sentence), Paragraph((Run(caution),))]


def _tell_themes(published: Publishable, facts: Facts) -> list[Block]:
    told = []
    for polarity, kind in (("strength", "a strength"), ("development", "a need for development")):
        words = f"Noted most often as {kind}, among audits with comments and allowing for chance"
        told += _leaders(published.only(polarity=polarity), facts, (Run(words),), lowest_first=False)
    return told


def _tell_voice(published: Publishable, facts: Facts) -> list[Block]:
    sentences = {
        "child_spoken_to": "Auditors spoke to the child in {n} that answered the question.",
        "parent_spoken_to": "They spoke to a parent or carer in {n}.",
        "worker_involved": "The social worker took part in {n}.",
        "changed_something": "What people said changed something in {n}.",
    }
    groups = [str(group) for group in published.table["group"]]
    told = [say(f"{sentences[group]} ", n=count_of(facts, f"voice.{slug(group)}", "audits")) for group in groups]
    return [Paragraph(tuple(run for sentence in told for run in sentence))]


WORDS: dict[str, Callable[[Publishable, Facts], list[Block]]] = {
    "completion": _tell_completion,
    "coverage": _tell_coverage,
    "overall": _tell_overall,
    "by_domain": _tell_ranked,
    "by_service": _tell_ranked,
    "periods": _tell_compared,
    "themes": _tell_themes,
    "voice": _tell_voice,
}
