"""How does a bulletin speak to practitioners?

In plain words and few: what was done, how the work stands, what to celebrate,
one thing to work on with what good looks like, and whether last month's one
thing has moved.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from qa_lib.report.blocks import Block, Bullets, Paragraph, Run, Runs, Shown
from qa_lib.report.comparisons import FELL, NO_CLEAR_CHANGE, ROSE
from qa_lib.report.facts import facts_of, row_name, shown
from qa_lib.report.phrases import Facts, count_of, figure, goal_of, listed, named, of_those_shown, say
from qa_lib.report.publishable import Publishable

NOW, BEFORE = "current", "earlier"
"""The latest months, and the year before them, in the table of last month's one thing."""
CHANGED = {
    ROSE: "The share {word} by more than chance explains. Thank you for the work behind it.",
    FELL: "The share {word} by more than chance explains. Please tell us what stands in the way.",
    NO_CLEAR_CHANGE: "That is {word}: chance alone could do as much. Please keep going.",
    "": "It is too early to say whether anything has changed: too few have been graded so far.",
}
CHANGED_SHORT = {
    ROSE: "{word} by more than chance explains",
    FELL: "{word} by more than chance explains",
    NO_CLEAR_CHANGE: "{word} yet",
    "": "too early to say",
}


def in_short(*tables: Publishable) -> Shown:
    """The bulletin in a few points, one for each of these tables that has something to say."""
    points = [SHORT[published.name](published, facts_of(published)) for published in tables if not published.is_empty]
    told = tuple(point for point in points if point)
    return Shown((Bullets(told) if told else Paragraph((Run("The numbers are too small for any finding."),)),))


def ends_title(strengths: Publishable, one_thing: Publishable) -> Runs:
    """A chart's title: what to celebrate, and what to work on."""
    parts = [
        say(f"{words}: {{names}}", names=listed([(named(table, group),) for group in table.table["group"]], ", "))
        for words, table in (("To celebrate", strengths), ("To work on", one_thing))
        if not table.is_empty
    ]
    return listed(parts, ". ")


def _short_done(published: Publishable, facts: Facts) -> Runs:
    month = say(
        "In {month}, auditors completed {count} in the plan",
        month=named(published, "month"),
        count=count_of(facts, "done.month", "audits"),
    )
    if "done.year.of" not in facts:
        return (*month, Run("."))
    return month + say("; in the year so far, {count}.", count=count_of(facts, "done.year"))


def _short_overall(published: Publishable, facts: Facts) -> Runs:
    row = f"{published.name}.all"
    if f"{row}.share" not in facts:
        return ()
    words = "From {months}, {share} of {graded} audits were graded {goal}. {sure}"
    return say(words, months=named(published, "all"), goal=goal_of(published), **_figures(facts, row))


def _short_strengths(published: Publishable, facts: Facts) -> Runs:
    items = [_short_item(published, facts, row) for _, row in published.table.iterrows()]
    return say(f"To celebrate{of_those_shown(published)}: {{items}}.", items=listed(items))


def _short_one_thing(published: Publishable, facts: Facts) -> Runs:
    return say("One thing to work on: {item}.", item=_short_item(published, facts, published.table.iloc[0]))


def _short_item(published: Publishable, facts: Facts, row: pd.Series[Any]) -> Runs:
    """A domain with its share and how sure we are."""
    name = _strong(named(published, row["group"]))
    return say("{name}, {share} {sure}", name=name, **_figures(facts, row_name(published, row)))


def _short_last(published: Publishable, facts: Facts) -> Runs:
    word, name = _direction(published, facts), named(published, published.table["group"].iloc[0])
    told = say(CHANGED_SHORT[word.text], word=word)
    return say("Last month’s one thing, {name}: {told}.", name=_strong(name), told=told)


SHORT = {
    "done": _short_done,
    "rolling_overall": _short_overall,
    "strengths": _short_strengths,
    "one_thing": _short_one_thing,
    "last_one_thing": _short_last,
}


def tell_strengths(published: Publishable, facts: Facts) -> list[Block]:
    """Each strength: its share, what good looks like, and an example."""
    rows = [row for _, row in published.table.iterrows()]
    return [block for row in rows for block in _domain(published, facts, row, ("good", "example"))]


def tell_one_thing(published: Publishable, facts: Facts) -> list[Block]:
    """The one thing: its share, what good looks like, an example, something to try."""
    return _domain(published, facts, published.table.iloc[0], tuple(OPENINGS))


OPENINGS = {"good": "What good looks like: ", "example": "For example: ", "try_this": "Try this: "}


def _domain(published: Publishable, facts: Facts, row: pd.Series[Any], texts: tuple[str, ...]) -> list[Block]:
    """A domain with its share, and what the practice standard says of it, as far as there is one."""
    row_of, name = row_name(published, row), _strong(named(published, row["group"]))
    words = "{name}: {share} of {graded} gradings were {goal}."
    share = say(words, name=name, goal=goal_of(published), **_figures(facts, row_of))
    told = [
        (Run(OPENINGS[text], style="strong"), figure(facts, f"{row_of}.{text}"))
        for text in texts
        if f"{row_of}.{text}" in facts
    ]
    return [Paragraph(runs) for runs in (share, *told)]


def tell_last(published: Publishable, facts: Facts) -> list[Block]:
    """Last month's one thing: then and now, and what may be said of it."""
    name, word = named(published, published.table["group"].iloc[0]), _direction(published, facts)
    asked = say("We asked you to work on {name}.", name=_strong(name))
    rows = {str(row["period"]): row_name(published, row) for _, row in published.table.iterrows()}
    if all(f"{row}.share" in facts for row in rows.values()):
        told = {
            period: (*say("{share} of {graded}", **_figures(facts, row)), Run(" gradings"))
            for period, row in rows.items()
        }
        asked += say(
            " In {now}, {share_now} were {goal}; from {before}, {share_before}.",
            now=named(published, NOW),
            share_now=told[NOW],
            goal=goal_of(published),
            before=named(published, BEFORE),
            share_before=told[BEFORE],
        )
    return [Paragraph(asked + say(f" {CHANGED[word.text]}", word=word))]


def _direction(published: Publishable, facts: Facts) -> Run:
    """What may be said of the change, or no word."""
    now = published.table[published.table["period"] == NOW].iloc[0]
    name = f"{row_name(published, now)}.direction"
    return Run(shown(facts[name]), (name,)) if name in facts else Run("")


def tell_workshop(_: Publishable, facts: Facts) -> list[Block]:
    """When and where the next workshop is."""
    return [Paragraph((figure(facts, "workshop.next"),))]


def _figures(facts: Facts, row: str) -> dict[str, Run]:
    """The share of a row, out of about how many, and the label of how sure we are."""
    sure = Run(f"{shown(facts[f'{row}.confidence'])} confidence", style="label")
    return {"share": figure(facts, f"{row}.share"), "graded": figure(facts, f"{row}.graded"), "sure": sure}


def _strong(run: Run) -> Run:
    return Run(run.text, run.facts, "strong")
