"""And in figures?

A `Publishable` becomes a table with a caption, headings, row headers and
notes. Cells say facts by name, or carry a mark where a figure is hidden.
Rounding happens here, in the words of `facts.shown`, and nowhere before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from qa_lib.report.blocks import Cell, Paragraph, Run, Shown, Table
from qa_lib.report.facts import Fact, facts_of, row_name, shown, slug
from qa_lib.report.merging import HIDDEN
from qa_lib.report.phrases import count_of, named
from qa_lib.report.publishable import LEAST_BASE, NO_BASE, TOO_FEW, Publishable

MARK_NOTE = "c: hidden, because it is a small count or would give one away."
BASE_NOTE = "z: there is nothing to take a share of."
FEW_NOTE = f": (a colon) no share is given of fewer than {LEAST_BASE}."
MERGED_ANSWERS = "Where an answer was given few times it is counted with its neighbour."
MERGED_NOTE = "Where a grade was given few times it is counted with its neighbour on the same side of good."


def table(published: Publishable, other: Publishable | None = None) -> Shown | None:
    """One row a group: counts, share, interval, left out. Nothing where there are no rows.

    The figures of `other`, a table of the same groups, stand in further columns, or alone where there are no rows.
    """
    if published.is_empty:
        return table(other) if other else None
    if published.table["n"].isna().all() and published.table["share"].isna().all():
        return Shown((Paragraph((Run(f"{published.about.title}: the numbers are too small to show."),)),))
    return Shown((beside(published, other) if other and not other.is_empty else table_block(published),))


def table_block(published: Publishable) -> Table:
    """The table of a `Publishable`, as wide as its keys make it."""
    if "grade" in published.keys:
        return _grades(published)
    if len(published.keys) > 1:
        return _side_by_side(published)
    return _plain(published)


def beside(published: Publishable, other: Publishable) -> Table:
    """The table of one `Publishable`, with the figures and words of another for the same groups beside it.

    A column that both have alike, such as the audits of a service, stands once.
    """
    left, right = table_block(published), _without_repeated(_plain(other), table_block(published))
    found = {row[0].text: row[1:] for row in right.rows}
    rows = []
    for row in left.rows:
        mark = next((cell.mark for cell in row if cell.mark), HIDDEN)
        absent = [Cell("", (), mark) for _ in right.heads[1:]]
        told = found.get(row[0].text, ())
        rows.append((*row, *(told if any(cell.facts for cell in told) else absent)))
    notes = tuple(dict.fromkeys((*left.notes, *right.notes)))
    return replace(left, heads=(*left.heads, *right.heads[1:]), rows=tuple(rows), notes=notes)


def _without_repeated(right: Table, left: Table) -> Table:
    """The columns of `right` that do not stand in `left` under the same head, cell for cell; and its row headers."""

    def columns(block: Table) -> list[tuple[tuple[str, str], ...]]:
        return [tuple((cell.text, cell.mark) for cell in column) for column in zip(*block.rows, strict=True)]

    known = set(zip(left.heads, columns(left), strict=False))
    same = [column in known for column in zip(right.heads, columns(right), strict=False)]
    kept = [at for at, repeated in enumerate(same) if at == 0 or not repeated]
    rows = tuple(tuple(row[at] for at in kept) for row in right.rows)
    return replace(right, heads=tuple(right.heads[at] for at in kept), rows=rows)


def _plain(published: Publishable) -> Table:
    about, facts = published.about, facts_of(published)
    has_interval = published.table["low"].notna().any()
    has_left = (published.table["left_out"].fillna(0) != 0).any()
    has_share, has_counts = about.has_share, bool(about.of_head)
    heads = [about.head, *([about.n_head, about.of_head] if has_counts else [])]
    heads += [about.share_head] if has_share else []
    heads += [about.interval_head] if has_interval else []
    heads += [about.left_head] if has_left else []
    heads += [word.capitalize() for word in about.says]
    measures = (*(("n", "of") if has_counts else ()), *(("share",) if has_share else ()))
    rows = []
    for (_, row), (_, marks) in zip(published.table.iterrows(), published.marks.iterrows(), strict=True):
        name = row_name(published, row)
        cells = [_header(published, row["group"])]
        cells += [_figure(facts, name, measure, marks) for measure in measures]
        cells += [_interval(facts, name, marks)] if has_interval else []
        cells += [_figure(facts, name, "left_out", marks)] if has_left else []
        cells += [_word(facts, f"{name}.{word}", marks) for word in about.says]
        rows.append(tuple(cells))
    return Table(slug(published.name), about.title, tuple(heads), tuple(rows), _notes(published))


def _side_by_side(published: Publishable) -> Table:
    """Groups down, the second key across: "82 of 137 (60%)" in each cell."""
    first, second = published.keys[:2]
    facts, about = facts_of(published), published.about
    across = list(dict.fromkeys(published.table[second].astype(str)))
    rows = []
    for group, same in published.table.groupby(first, sort=False, observed=True):
        cells = [_header(published, group)]
        for key in across:
            at = same.index[same[second].astype(str) == key]
            cells.append(_count_cell(published, facts, at))
        rows.append(tuple(cells))
    heads = (about.head, *(published.label(key) for key in across))
    return Table(slug(published.name), about.title, heads, tuple(rows), _notes(published))


def _count_cell(published: Publishable, facts: dict[str, Fact], at: pd.Index) -> Cell:
    if at.empty:
        return Cell("", (), NO_BASE)
    name = row_name(published, published.table.loc[at[0]])
    run = count_of(facts, name)
    if f"{name}.n" not in facts and f"{name}.share" not in facts:
        return Cell("", (), published.marks.loc[at[0], "n"] or HIDDEN)
    return Cell(run.text, run.facts)


def _grades(published: Publishable) -> Table:
    """Groups down, grades across; a grade counted with its neighbour says so."""
    facts, about = facts_of(published), published.about
    labels = about.scale.labels if about.scale else ()
    rows = []
    for group, same in published.table.groupby("group", sort=False, observed=True):
        first, name = same.index[0], row_name(published, same.iloc[0])
        cells = [
            _header(published, group),
            *(_grade_cell(published, facts, same, grade) for grade in labels),
        ]
        cells += [_figure(facts, name, measure, published.marks.loc[first]) for measure in ("of", "left_out")]
        rows.append(tuple(cells))
    heads = (about.head, *labels, about.of_head, about.left_head)
    merged = published.table["together"].map(len).gt(1).any()
    notes = (*((MERGED_NOTE,) if merged else ()), *_notes(published))
    return Table(slug(published.name), about.title, heads, tuple(rows), notes)


def _grade_cell(published: Publishable, facts: dict[str, Fact], same: pd.DataFrame, grade: str) -> Cell:
    """A merged count stands in the column nearer to the line between good and not."""
    scale = published.about.scale
    for (_, row), (_, marks) in zip(same.iterrows(), published.marks.loc[same.index].iterrows(), strict=True):
        together = row["together"]
        keeper = together[-1] if scale and grade in scale.good_or_better else together[0]
        if grade == keeper:
            return _figure(facts, row_name(published, row), "n", marks)
        if grade in together:
            return Cell(f"with {keeper}")
    return Cell("", (), HIDDEN)


def questions_table(
    met: Publishable, answers: Publishable, keys: Iterable[str], heads: tuple[str, ...]
) -> Table | None:
    """Some questions of a tool: the share that met the standard, the answers across, what was left out.

    `met` and `answers` have the questions as groups. None where none of `keys` is there.
    """
    shares, mixes = facts_of(met), facts_of(answers)
    labels = answers.about.scale.labels if answers.about.scale else ()
    rows, used = [], [met.marks.iloc[:0]]
    for key in keys:
        at = met.table.index[met.table["group"].astype(str) == key]
        same = answers.table[answers.table["group"].astype(str) == key]
        if at.empty or same.empty:
            continue
        row, marks = met.table.loc[at[0]], met.marks.loc[at[0]]
        name = row_name(met, row)
        cells = [_header(met, row["group"])]
        cells += [_figure(shares, name, "share", marks), _interval(shares, name, marks)]
        cells += [_grade_cell(answers, mixes, same, label) for label in labels]
        rows.append((*cells, _figure(shares, name, "left_out", marks)))
        used += [met.marks.loc[at], answers.marks.loc[same.index]]
    if not rows:
        return None
    merged = any(cell.text.startswith("with ") for row in rows for cell in row)
    notes = ((MERGED_ANSWERS,) if merged else ()) + _marks_told(pd.concat(used))
    return Table(slug(met.name), met.about.title, heads, tuple(rows), notes)


def _header(published: Publishable, key: object) -> Cell:
    run = named(published, key)
    return Cell(run.text, run.facts)


def _figure(facts: dict[str, Fact], name: str, measure: str, marks: pd.Series[Any]) -> Cell:
    fact = facts.get(f"{name}.{measure}")
    if fact is None:
        return Cell("", (), marks[measure] or NO_BASE)
    return Cell(_short(fact), (fact.name,))


def _short(fact: Fact) -> str:
    """A figure in a column whose heading names the unit."""
    return shown(fact).removesuffix(" points")


def _word(facts: dict[str, Fact], name: str, marks: pd.Series[Any]) -> Cell:
    if name in facts:
        return Cell(shown(facts[name]), (name,))
    return Cell("", (), marks["share"]) if marks["share"] else Cell("within")


def _interval(facts: dict[str, Fact], name: str, marks: pd.Series[Any]) -> Cell:
    low, high = facts.get(f"{name}.low"), facts.get(f"{name}.high")
    if low is None or high is None:
        return Cell("", (), marks["low"] or NO_BASE)
    return Cell(f"{_short(low)} to {_short(high)}", (low.name, high.name))


def _notes(published: Publishable) -> tuple[str, ...]:
    return _marks_told(published.marks)


def _marks_told(marks: pd.DataFrame) -> tuple[str, ...]:
    shown_marks = {mark for mark in marks.to_numpy().ravel() if mark}
    return (
        *((MARK_NOTE,) if HIDDEN in shown_marks else ()),
        *((BASE_NOTE,) if NO_BASE in shown_marks else ()),
        *((FEW_NOTE,) if TOO_FEW in shown_marks else ()),
    )
