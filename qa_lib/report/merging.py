"""How can grades that were given few times still be shown?

By counting them with their neighbour: the outermost grade joins the next one
on the same side of good, until none is small. What cannot be shown even so is
hidden, grade by grade, so that nobody learns which of them was small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from qa_lib.measures.shares import MEASURES
from qa_lib.settings.scale import GradeScale

HIDDEN = "c"
"""The mark of a figure that is hidden."""
OTHERS = {"": "Other answers", "met": "Other answers that meet it", "not met": "Other answers that do not"}
"""What small answers are counted as, by whether they meet the standard that their question tests, if it tests one."""


def is_small(counts: pd.Series[Any], hide_up_to: int) -> pd.Series[Any]:
    """Where a count lies from 1 to `hide_up_to`."""
    return (counts >= 1) & (counts <= hide_up_to)


def hide(
    table: pd.DataFrame, marks: pd.DataFrame, rows: pd.Series[Any], columns: list[str], mark: str = HIDDEN
) -> None:
    """Take these rows' figures away and mark where they stood."""
    if not rows.any():
        return
    table.loc[rows, columns] = np.nan
    marks.loc[rows, columns] = mark


def merge_grades(table: pd.DataFrame, k: int, scale: GradeScale) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rule 5, group by group; `together` holds the grades that a row counts, best first."""

    def merged(group: pd.DataFrame) -> pd.DataFrame:
        low = _merge_outward(group[group["grade"].isin(scale.below_good)][::-1], k)[::-1]
        high = _merge_outward(group[group["grade"].isin(scale.good_or_better)], k)
        both = pd.concat([high, low], ignore_index=True)
        both["share"] = both["n"] / both["of"].where(both["of"] > 0)
        both[["low", "high"]] = np.nan
        return both

    table["together"] = [(grade,) for grade in table["grade"].astype(str)]
    return _merged_or_hidden(table, k, merged)


def _merged_or_hidden(
    table: pd.DataFrame, k: int, merged: Callable[[pd.DataFrame], pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each group as merged; hidden row by row where something small is left in it, or nothing that tells anything."""
    kept, marked = [], []
    for _, group in table.groupby("group", sort=False, observed=True):
        rows = merged(group)
        marks = pd.DataFrame("", index=rows.index, columns=MEASURES)
        if rows.empty or is_small(rows["n"], k).any() or is_small(rows[["of", "left_out"]].iloc[0], k).any():
            rows = group.reset_index(drop=True).assign(base=0.0)
            marks = pd.DataFrame("", index=rows.index, columns=MEASURES)
            hide(rows, marks, pd.Series(True, index=rows.index), list(MEASURES))
        kept.append(rows)
        marked.append(marks)
    if not kept:
        return table, pd.DataFrame("", index=table.index, columns=MEASURES)
    return pd.concat(kept, ignore_index=True), pd.concat(marked, ignore_index=True)


def _merge_outward(side: pd.DataFrame, k: int) -> pd.DataFrame:
    """Count the outermost grade (first row) together with its neighbour while any grade here is small."""
    while len(side) > 1 and is_small(side["n"], k).any():
        first, second = side.iloc[0], side.iloc[1]
        merged = second.copy()
        best_first = (first, second) if side.index[0] < side.index[1] else (second, first)
        merged["together"] = best_first[0]["together"] + best_first[1]["together"]
        merged["grade"] = " or ".join(merged["together"])
        merged["n"] = first["n"] + second["n"]
        side = pd.concat([merged.to_frame().T.astype(side.dtypes), side.iloc[2:]])
    return side


def merge_parts(table: pd.DataFrame, k: int, part: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rule 5 for answers without an order: those that are small are counted together as others, group by group.

    Others take in the next smallest until they are many enough; where nothing else is left, the group is hidden.
    A part that nobody chose is shown as such. Answers on one `side` of a standard are never counted with those on the
    other: how many met it is shown elsewhere, and would give away what was counted together.
    """

    def merged(group: pd.DataFrame) -> pd.DataFrame:
        sides = [_with_others(same, k, part, str(side)) for side, same in _by_side(group)]
        rows = pd.concat(sides, ignore_index=True)
        tells = ~rows.loc[rows["n"] > 0, part].isin(OTHERS.values())
        return rows if tells.any() else rows.iloc[:0]

    return _merged_or_hidden(table, k, merged)


def _by_side(group: pd.DataFrame) -> Iterable[tuple[Any, pd.DataFrame]]:
    return group.groupby("side", sort=False) if "side" in group else [("", group)]


def _with_others(group: pd.DataFrame, k: int, part: str, side: str) -> pd.DataFrame:
    """The parts of one group, small ones as a row of others at the end."""
    by_size = group[group["n"] > 0].sort_values("n", kind="stable")
    small = int(is_small(by_size["n"], k).sum())
    if not small:
        return group.reset_index(drop=True)
    while small < len(by_size) and (small < 2 or by_size["n"].iloc[:small].sum() <= k):
        small += 1
    together = by_size.iloc[:small]
    others = group.iloc[[-1]].assign(n=together["n"].sum(), low=np.nan, high=np.nan)
    others[part], others["share"] = OTHERS[side], others["n"] / others["of"]
    rest = group[~group.index.isin(together.index)]
    return pd.concat([rest, others], ignore_index=True)
