"""What may be said of the action plan?

What the register claims and what the evidence shows are said side by side. An
action that worked is one whose measure is better since; that it is better
because of the action, nobody can see from these figures.
"""

from __future__ import annotations

import pandas as pd

from qa_lib.measures import impact
from qa_lib.report.action_areas import NO_ACTION
from qa_lib.report.blocks import Block, Bullets, Paragraph, Run, Runs
from qa_lib.report.facts import row_name
from qa_lib.report.phrases import Facts, count_of, figure, interval, listed, named, say, some
from qa_lib.report.publishable import Publishable

SHOWN = {
    impact.SUSTAINED: "it seems to have worked, and that has lasted. Since it was {claimed} its measure is "
    "{shown}{by}.",
    impact.BETTER: "it seems to have worked; that this lasts cannot be said yet. Since it was {claimed} its measure is "
    "{shown}{by}.",
    impact.NO_CLEAR_CHANGE: "it is {claimed}, and its measure shows {shown}{by}.",
    impact.WORSE: "it is {claimed}, and its measure is {shown} than before it{by}.",
    impact.TOO_EARLY: "it is {claimed}; whether it works, it is {shown}.",
    impact.TOO_FEW: "it is {claimed}; of its measure there are {shown}.",
    impact.NO_MEASURE: "it is {claimed}; there is {shown} that could show whether it works.",
    impact.NO_START: "it is {claimed}; it has {shown}, so nothing can be set against the time before it.",
    impact.NO_DAY: "it is {claimed}, on {shown}, so nothing can be set against the time since.",
}
"""What the evidence shows of an action that the register says is done."""
CAUTION = (
    "That a measure is better since an action does not show that the action did it: other things changed in the same "
    "months."
)


def tell_actions(published: Publishable, facts: Facts) -> list[Block]:
    """How many actions the register holds, by status."""
    names = [row_name(published, row) for _, row in published.table.iterrows()]
    items: list[Runs] = [
        (named(published, group), Run(", "), figure(facts, f"{name}.n"))
        for group, name in zip(published.table["group"], names, strict=True)
    ]
    words = "Actions in the register, as they stood when the period ended: {of}. Of these: {items}."
    return [Paragraph(say(words, of=figure(facts, f"{names[0]}.of"), items=listed(items, "; ", "; ")))]


def tell_overdue(published: Publishable, facts: Facts) -> list[Block]:
    """How many actions are overdue, and for how long."""
    rows = published.table[published.table["n"] > 0]
    told = say("Past their due date, of those not done: {all}.", all=count_of(facts, "overdue.all"))
    bands = [_counted(published, facts, row) for _, row in rows[rows["group"] != "all"].iterrows()]
    return [Paragraph(told + (say(" By how long: {bands}.", bands=listed(bands, "; ", "; ")) if bands else ()))]


def tell_closing(_: Publishable, facts: Facts) -> list[Block]:
    """How many actions are closed, and how long that took."""
    told = say("Closed so far: {all}.", all=count_of(facts, "closing.all"))
    if "closing.all.median" in facts:
        words = " Half of those whose days are known took {median} or less from their start."
        told += say(words, median=figure(facts, "closing.all.median"))
    return [Paragraph(told)]


def tell_gaps(published: Publishable, facts: Facts) -> list[Block]:
    """What is missing from actions."""
    rows = published.table[published.table["n"] > 0]
    if rows.empty:
        return [Paragraph((Run("Every action has an owner, a due date, a measure and an area."),))]
    items = [_counted(published, facts, row) for _, row in rows.iterrows()]
    of = figure(facts, f"{row_name(published, rows.iloc[0])}.of")
    return [
        Paragraph(
            say("What is missing, of {of} that were not dropped: {items}.", of=of, items=listed(items, "; ", "; "))
        )
    ]


def tell_urgent(published: Publishable, facts: Facts) -> list[Block]:
    """How many escalations were raised, and how fast they were closed."""
    if "urgent.all.of" not in facts:
        return []
    words = "Immediate safeguarding escalations that audits raised: {of}. {label}: {n}."
    told = say(words, of=figure(facts, "urgent.all.of"), label=named(published, "all"), n=figure(facts, "urgent.all.n"))
    if "urgent.all.median" in facts:
        words = " Half of those that were closed took {median} or less, counted in working days."
        told += say(words, median=figure(facts, "urgent.all.median"))
    return [Paragraph(told)]


def tell_ladder(published: Publishable, facts: Facts) -> list[Block]:
    """What the evidence shows of each action that is done, beside what the register says of it."""
    order = {word: at for at, word in enumerate(SHOWN)}
    rows = published.table[published.table["shown"].isin(list(SHOWN))]
    rows = rows.sort_values("shown", key=lambda shown: shown.map(order), kind="stable")
    items = [_shown(published, facts, str(row["shown"]), row) for _, row in rows.iterrows()]
    told: list[Block] = [Bullets(tuple(items))] if items else []
    if rows["shown"].isin([impact.BETTER, impact.SUSTAINED]).any():
        told.append(Paragraph((Run(CAUTION),)))
    if (published.table["shown"] == "").any():
        told.append(Paragraph((Run("Of some actions nothing is told, as the numbers are too small to show."),)))
    return told or [Paragraph((Run("No action is done yet, so there is nothing to hold against the evidence."),))]


def _shown(published: Publishable, facts: Facts, shown: str, row: pd.Series) -> Runs:
    """One action as a bullet: its name, the register's word, what the evidence shows and by how much."""
    name = row_name(published, row)
    by: Runs = ()
    told = {word: figure(facts, f"{name}.{word}") for word in ("claimed", "shown")}
    if f"{name}.share" in facts:
        points = figure(facts, f"{name}.share")
        by = say(" ({points}; {interval})", points=points, interval=interval(facts, name))
    label = named(published, row["group"])
    return (Run(label.text, label.facts, "strong"), Run(": "), *say(SHOWN[shown], by=by, **told))


def tell_areas(published: Publishable, _: Facts) -> list[Block]:
    """Which areas have no action."""
    alone = published.table[published.table["answered"] == NO_ACTION]
    if alone.empty:
        return [Paragraph((Run("Every key area and every recurring issue has an action."),))]
    names: list[Runs] = [
        (
            named(published, row["group"]),
            Run(" ("),
            Run(str(row["why"]), (f"{row_name(published, row)}.why",)),
            Run(")"),
        )
        for _, row in alone.iterrows()
    ]
    return [Paragraph(say("No action answers these areas: {names}.", names=some(names, most=12)))]


def tell_asked_before(published: Publishable, facts: Facts) -> list[Block]:
    """What became of each ask of the last report."""
    items = []
    for _, row in published.table.iterrows():
        name = row_name(published, row)
        words = "{area}: {stands}." if f"{name}.stands" in facts else "{area}: {answered} answers it."
        answered, stands = figure(facts, f"{name}.answered"), figure(facts, f"{name}.stands")
        items.append(say(words, area=named(published, row["group"]), answered=answered, stands=stands))
    return [Paragraph((Run("The last report asked for an action on each of these:"),)), Bullets(tuple(items))]


def tell_next_plan(published: Publishable, _: Facts) -> list[Block]:
    """Which recurring issues the next plan should take up."""
    names: list[Runs] = [(named(published, group),) for group in published.table["group"]]
    return [Paragraph(say("These issues recur and no action answers them: {names}.", names=some(names, most=12)))]


def _counted(published: Publishable, facts: Facts, row: pd.Series) -> Runs:
    return (named(published, row["group"]), Run(", "), figure(facts, f"{row_name(published, row)}.n"))
