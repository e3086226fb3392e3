"""What does the action plan look like as a table?

Most of it is words: what the register claims, what the evidence shows, which
action answers which area. A column a word, then the difference where there is
one. All of it comes from the protected tables.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from qa_lib.report.action_ladder import TESTED
from qa_lib.report.blocks import Cell, Run, Shown, Table
from qa_lib.report.facts import Fact, facts_of, row_name, slug
from qa_lib.report.merging import HIDDEN
from qa_lib.report.phrases import figure, interval, named
from qa_lib.report.publishable import Publishable
from qa_lib.report.tables import MARK_NOTE

HEADS = {
    "claimed": "Register says", "rung": "Rung", "shown": "Evidence shows", "why": "Why",
    "answered": "Action",
    "stands": "How it stands", "action": "Proposed action", "outcome": "Expected outcome",
    "observations": "Observations", "weight": "Weight",
}  # fmt: skip
"""The words that stand in such tables, under their headings."""
NOTHING = "none"
LADDER_NOTE = "Difference: the share since the action was done less that before it began, in points, with its interval."


def plan_table(published: Publishable) -> Shown | None:
    """One row an action or area: its words, and the difference with its interval where there is any."""
    if published.is_empty:
        return None
    words = [word for word in published.about.says if word in HEADS]
    figures = published.about.share_unit == "points" and published.table["share"].notna().any()
    heads = [published.about.head, *(HEADS[word] for word in words)]
    heads += [published.about.share_head] if figures else []
    facts, rows = facts_of(published), []
    for _, row in published.table.iterrows():
        name, label = row_name(published, row), named(published, row["group"])
        hidden = "shown" in words and row["shown"] == ""
        cells = [Cell(label.text, label.facts), *(_word(facts, f"{name}.{word}", hidden) for word in words)]
        cells = [_with_day(cell, facts, name) for cell in cells]
        rows.append((*cells, _difference(facts, name, row)) if figures else tuple(cells))
    marked = any(cell.mark == HIDDEN for row in rows for cell in row)
    notes = (*((LADDER_NOTE,) if figures else ()), *((MARK_NOTE,) if marked else ()))
    about = published.about
    return Shown((Table(slug(published.name), about.title, tuple(heads), tuple(rows), notes, words=True),))


def _word(facts: dict[str, Fact], name: str, hidden: bool) -> Cell:
    """A word of the table; the mark where it is hidden, "none" where there is none."""
    if name in facts:
        return _cell(figure(facts, name))
    return Cell("", (), HIDDEN) if hidden and name.endswith((".rung", ".shown")) else Cell(NOTHING)


def _with_day(cell: Cell, facts: dict[str, Fact], name: str) -> Cell:
    """What the register says, with the day on which it was done: "done, 28 February 2013"."""
    if cell.facts != (f"{name}.claimed",) or f"{name}.done" not in facts:
        return cell
    day = figure(facts, f"{name}.done")
    return Cell(f"{cell.text}, {day.text}", (*cell.facts, *day.facts))


def _difference(facts: dict[str, Fact], name: str, row: pd.Series[Any]) -> Cell:
    """A difference with its interval; the mark where there is one that may not be told."""
    if f"{name}.share" not in facts:
        return Cell("", (), HIDDEN) if row["shown"] in {*TESTED, ""} else Cell(NOTHING)
    points, between = figure(facts, f"{name}.share"), interval(facts, name)
    return Cell(f"{points.text} ({between.text})".replace(" points", ""), (*points.facts, *between.facts))


def _cell(run: Run) -> Cell:
    return Cell(run.text, run.facts)
