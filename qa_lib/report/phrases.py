"""How does a figure get into a sentence?

A sentence is a template without a single number in it, filled with runs that
each name the facts they say; so a number can reach a page only through the
fact ledger, and the page is checked against the ledger before it is published.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from qa_lib.report.blocks import Run, Runs
from qa_lib.report.facts import Fact, label_name, shown
from qa_lib.report.publishable import Publishable

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


def listed(items: Iterable[Runs], last: str = " and ", between: str = ", ") -> Runs:
    """Phrases as a list in a sentence: "a, b and c"."""
    phrases = list(items)
    runs: list[Run] = []
    for at, phrase in enumerate(phrases):
        if at:
            runs.append(Run(last if at == len(phrases) - 1 else between))
        runs += phrase
    return tuple(runs)


def some(items: list[Runs], most: int = 4) -> Runs:
    """The first few phrases of a list, "and others" for the rest."""
    return listed(items) if len(items) <= most else (*listed([*items[:most], (Run("others"),)]),)


def goal_of(published: Publishable) -> Run:
    """What a share is a share of, in the words of the council's scale."""
    return Run(published.about.goal, ("settings.goal",))


def of_those_shown(published: Publishable) -> str:
    """What a sentence adds where a hidden row could as well have been named."""
    return ", of those that can be shown" if published.hides_rows else ""


def among_shown(published: Publishable) -> str:
    """The same inside a sentence that goes on: ", of those that can be shown,"."""
    return f"{of_those_shown(published)}," if published.hides_rows else ""
