"""How does a moderation workshop speak to auditors?

Without blame: two auditors who differ both have their reasons. What is called a
shift, a rise or a fall comes out of the statistics under a name; what is too few
to say anything of is said to be too few.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from qa_lib.report.blocks import Block, Cell, Paragraph, Run, Runs, Shown, Table
from qa_lib.report.comparisons import FELL, NO_CLEAR_CHANGE, ROSE
from qa_lib.report.facts import facts_of, row_name, shown
from qa_lib.report.phrases import (
    HIDDEN_WORDS,
    Facts,
    among_shown,
    count_of,
    figure,
    goal_of,
    interval,
    listed,
    named,
    say,
)
from qa_lib.report.publishable import Publishable
from qa_lib.settings.kinds import OVERALL

NO_CLEAR_SHIFT = "no clear shift"
MOVED = {
    ROSE: "the share of same grades {word} by more than chance explains",
    FELL: "the share of same grades {word} by more than chance explains",
    NO_CLEAR_CHANGE: "{word} in the share of same grades",
    "": "too few to say",
}
OPEN_TOGETHER = (
    "None of these is a fault. Each is a reason to open the file together: what did one of us see that the other did "
    "not?"
)


def strong(run: Run) -> Runs:
    """The same words, set off."""
    return (replace(run, style="strong"),)


def now(published: Publishable) -> pd.DataFrame:
    """The rows of the present period, which carry the word."""
    return published.table[published.table["period"].astype(str) == "current"]


def word_of_change(published: Publishable, facts: Facts, row: pd.Series[Any]) -> Runs:
    """What may be said of a change of the share of same grades."""
    name = f"{row_name(published, row)}.direction"
    word = shown(facts[name]) if name in facts else ""
    return say(MOVED[word], word=Run(word, (name,) if word else ()))


def shifts(published: Publishable, facts: Facts) -> Runs:
    """In which domains second grades lie clearly to one side, and by how much; or that none does."""
    rows = published.table[published.table["share"].notna()]
    if rows.empty:
        return ()
    clear = rows[rows["shift"] != NO_CLEAR_SHIFT]
    if clear.empty:
        return (Run(f"No shift at the second look{among_shown(published)} is clear."),)
    items = [
        (
            Run(str(row["shift"]), (f"{row_name(published, row)}.shift",)),
            Run(" in "),
            *strong(named(published, row["group"])),
            Run(", by "),
            _points(facts, f"{row_name(published, row)}.share"),
        )
        for _, row in clear.iterrows()
    ]
    others = Run(" No other shift is clear.") if len(clear) < len(rows) else Run("")
    return (*say("Second grades are clearly {items}.", items=listed(items)), others)


def _points(facts: Facts, name: str) -> Run:
    """A difference without its sign, which the word before it says: "12 points"."""
    return Run(shown(facts[name]).lstrip("−"), (name,))


def tell_looks(_: Publishable, facts: Facts) -> list[Block]:
    """How many audits were looked at again, and what may be said of those that were not picked at random."""
    words = (
        "Picked at random: {random}. Picked for a risk: {risk}. Because the grade was contested: {contested}. Only the "
        "first speak for all audits, and all that follows rests on them, but where it says otherwise."
    )
    others = {group: figure(facts, f"looks.{group}.n") for group in ("risk", "contested")}
    return [Paragraph(say(words, random=count_of(facts, "looks.random", "audits"), **others))]


def tell_agree(_: Publishable, facts: Facts) -> list[Block]:
    """How often the two overall grades were the same, and how often one apart at most."""
    same, near = (f"agree.{OVERALL}.{how}" for how in ("same", "near"))
    told: Runs = ()
    if is_told(facts, same):
        told = say("Both gave the same overall grade in {same}.", same=count_of(facts, same))
    if is_told(facts, near):
        told += say(" In {near} they were the same or next to each other.", near=count_of(facts, near))
    return [Paragraph(told)] if told else []


def is_told(facts: Facts, row: str) -> bool:
    """Whether a count or share of a row may be said."""
    return f"{row}.n" in facts or f"{row}.share" in facts


def tell_all_gradings(_: Publishable, facts: Facts) -> list[Block]:
    """Which way second grades lie over all domains."""
    ways = {group: f"all_gradings.{group}" for group in ("stricter", "same", "kinder")}
    if not all(f"{row}.share" in facts for row in ways.values()):
        return []
    sentence = say(
        "Over all domains, of {graded} gradings, {same} stayed as they were, {stricter} came out stricter and "
        "{kinder} kinder. These shares are rounded.",
        graded=figure(facts, f"{ways['same']}.graded"),
        **{way: figure(facts, f"{row}.share") for way, row in ways.items()},
    )
    return [Paragraph(sentence)]


def tell_shift(published: Publishable, facts: Facts) -> list[Block]:
    """Which domains shift clearly, and how to read that."""
    sentence = shifts(published, facts)
    caution = (
        "A shift is called clear only if chance alone would seldom make one as large anywhere among all that is "
        "compared. Second auditors err too: a clear shift is a question to both."
    )
    return [Paragraph((*sentence, Run(f" {caution}")))] if sentence else []


def headline_told(published: Publishable, facts: Facts) -> Runs:
    """The share as first graded, and had second auditors graded all; nothing where that is not known."""
    if "headline.adjusted.share" not in facts:
        return ()
    return say(
        "As first graded, {counted} of audits were {goal}. Had second auditors graded all, it would most likely be "
        "{share} ({interval}).",
        counted=figure(facts, "headline.counted.share"),
        goal=goal_of(published),
        share=figure(facts, "headline.adjusted.share"),
        interval=interval(facts, "headline.adjusted"),
    )


def tell_headline(published: Publishable, facts: Facts) -> list[Block]:
    """The headline as first graded and adjusted."""
    sentence = headline_told(published, facts)
    if not sentence:
        return []
    return [Paragraph((*sentence, Run(" An audit that was looked at twice counts once.")))]


def tell_contested(published: Publishable, facts: Facts) -> list[Block]:
    """How many contested grades were upheld, and how many changed."""
    rows = published.table[published.table["n"].notna()]
    if rows.empty:
        return [Paragraph((Run(f"Grades that were contested: {HIDDEN_WORDS}."),))]
    items = [
        (named(published, row["outcome"]), Run(": "), count_of(facts, row_name(published, row)))
        for _, row in rows.iterrows()
    ]
    return [Paragraph(say("Grades that were contested. {items}.", items=listed(items, "; ", "; ")))]


def tell_reasons(_: Publishable, __: Facts) -> list[Block]:
    """What makes a case worth discussing."""
    return [Paragraph((Run(OPEN_TOGETHER),))]


def tell_last_same(published: Publishable, facts: Facts) -> list[Block]:
    """What the last workshop took up: whether auditors agree more often now."""
    told = [
        Paragraph(
            (*strong(named(published, row["group"])), Run(": "), *word_of_change(published, facts, row), Run("."))
        )
        for _, row in now(published).iterrows()
    ]
    return [*told]


def tell_last_shift(published: Publishable, facts: Facts) -> list[Block]:
    """How second grades lay to the first before the last workshop, and how they lie now."""
    told: list[Block] = []
    for group, rows in published.table.groupby("group", sort=False):
        known = rows[rows["share"].notna()]
        items = [
            say(
                "{points} in {period} ({interval}, {word})",
                period=named(published, row["period"]),
                word=figure(facts, f"{row_name(published, row)}.shift"),
                points=figure(facts, f"{row_name(published, row)}.share"),
                interval=interval(facts, row_name(published, row)),
            )
            for _, row in known.iterrows()
        ]
        if items:
            words = "{name}, second less first share: {items}."
            told.append(Paragraph(say(words, name=strong(named(published, group)), items=listed(items, "; ", "; "))))
    return told


def cases_table(published: Publishable) -> Shown | None:
    """The cases by alias with their reasons; nothing where there are none to show."""
    if published.is_empty:
        return None
    facts = facts_of(published)
    rows = []
    for _, row in published.table.iterrows():
        name, run = f"{row_name(published, row)}.reasons", named(published, row["group"])
        rows.append((Cell(run.text, run.facts), Cell(shown(facts[name]), (name,))))
    return Shown((Table("cases", published.about.title, ("Case", "Why"), tuple(rows), words=True),))


def chart_words(looks: Publishable, shift: Publishable) -> tuple[Runs, Runs]:
    """Title and alt text of the picture of first and second grades: which way they lie, where that is clear."""
    title = shifts(shift, facts_of(shift)) if not shift.is_empty else ()
    title = title or (Run("First and second grades side by side"),)
    facts, seen = facts_of(looks), looks.table[looks.table["share"].notna()]
    told = []
    for look, rows in seen.groupby("period", sort=False):
        ranked = rows.sort_values("share", kind="stable")
        high, low = (_share(looks, facts, ranked.iloc[at]) for at in (-1, 0))
        told.append(say("{look}, highest: {high}; lowest: {low}", look=named(looks, look), high=high, low=low))
    alt = say(
        "Dot chart with intervals, a row for each domain, in it a dot for the first and one for the second grade. "
        "{told}. All figures are in the table behind this chart.",
        told=listed(told, ". ", ". "),
    )
    return tuple(replace(run, style="") for run in title), alt


def _share(published: Publishable, facts: Facts, row: pd.Series[Any]) -> Runs:
    return (named(published, row["group"]), Run(", "), figure(facts, f"{row_name(published, row)}.share"))
