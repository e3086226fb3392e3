"""What would other tables, taken beside this one, give away?

A reader who holds two tables can subtract. The report about all audits, less the
one about a part of them, is a report about the rest that nobody protected; and
where the audits of one row lie inside those of another, the difference of two
counts is a count as well. Here is found which rows such a subtraction would
touch; `disclosure` hides them (its rules 8 and 9).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from qa_lib.measures.shares import MEASURES
from qa_lib.report.merging import OTHERS, hide, is_small
from qa_lib.report.publishable import COUNTS, About, Publishable


def _aligned(table: pd.DataFrame, other: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    """The row of `other` with the keys of each row of `table`, in its order; NaN where there is none."""
    named = dict.fromkeys(keys, str)
    return table[[*keys]].astype(named).merge(other.astype(named), "left", [*keys]).set_axis(table.index)


def rest(table: pd.DataFrame, everyone: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    """Counts of the audits that are not of the part, row by row of the part's table."""
    return table[[*keys]].join(_aligned(table, everyone, keys)[COUNTS] - table[COUNTS])


def apart_of(
    table: pd.DataFrame,
    keys: tuple[str, ...],
    everyone: pd.DataFrame | None,
    seen: Publishable | None,
    k: int,
) -> pd.DataFrame:
    """Rule 8: by count, the rows of a part whose rest is small, or that are hidden in the report about all audits."""
    if everyone is None or seen is None:
        return pd.DataFrame(False, index=table.index, columns=COUNTS)
    left = rest(table, everyone, keys)
    shown = _aligned(table, seen.table, keys)
    blurred = shown["n"].isna() & shown["of"].isna() & shown["share"].notna()
    n = is_small(left["n"], k) | is_small(left["of"] - left["n"], k) | (shown["n"].isna() & ~blurred)
    left_out = is_small(left["left_out"], k) | blurred
    too_many = left_out & (table["left_out"] > k)  # rule 3 is for few left out
    of = is_small(left["of"], k) | (shown["of"].isna() & ~blurred) | too_many
    return pd.DataFrame({"n": n, "of": of, "left_out": left_out})


def known_groups(table: pd.DataFrame, part: str, everyone: pd.DataFrame, seen: Publishable, k: int) -> set[str]:
    """Rule 8 for grades and answers, as merged: groups of which a count of the rest is small, or that all hide."""
    known = set()
    for group, rows in table.groupby(table["group"].astype(str), sort=False):
        theirs = everyone[everyone["group"].astype(str) == group]
        counts = theirs.set_index(theirs[part].astype(str))["n"]
        cells = rows.get("together", [_counted_in(row, rows, theirs, part) for _, row in rows.iterrows()])
        left = [counts.reindex([*cell]).sum() for cell in cells] - rows["n"]
        bases = theirs[["of", "left_out"]].max() - rows[["of", "left_out"]].max()
        hidden = seen.table.loc[seen.table["group"].astype(str) == group, "n"].isna()
        if hidden.all() or is_small(pd.concat([left, bases]), k).any():
            known.add(str(group))
    return known


def _counted_in(row: pd.Series[Any], rows: pd.DataFrame, theirs: pd.DataFrame, part: str) -> list[str]:
    """The answers that a row counts: its own, or those on its side of the standard that have no row."""
    if row[part] not in OTHERS.values():
        return [row[part]]
    same = theirs[theirs["side"] == row["side"]] if "side" in theirs else theirs
    return [answer for answer in same[part].astype(str) if answer not in set(rows[part])]


def hide_groups(
    table: pd.DataFrame, marks: pd.DataFrame, before: pd.DataFrame, groups: set[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hide these groups grade by grade, as they were before any were counted together."""
    hidden = before[before["group"].astype(str).isin(groups)].assign(low=np.nan, high=np.nan, base=0.0)
    gone = pd.DataFrame("", index=hidden.index, columns=MEASURES)
    hide(hidden, gone, pd.Series(True, index=hidden.index), MEASURES)
    kept = ~table["group"].astype(str).isin(groups)
    both = pd.concat([table[kept], hidden], ignore_index=True)
    place = {group: at for at, group in enumerate(before["group"].astype(str).unique())}
    order = both["group"].astype(str).map(place).argsort(kind="stable")
    all_marks = pd.concat([marks[kept], gone], ignore_index=True)
    return both.iloc[order].reset_index(drop=True), all_marks.iloc[order].reset_index(drop=True)


def nested(
    table: pd.DataFrame, about: About, raws: Mapping[str, pd.DataFrame], shown: Mapping[str, Publishable], k: int
) -> pd.Series[Any]:
    """Rule 9: rows whose `n`, or whose complement, is a small count from that of a row that it lies inside."""

    def touched(row: pd.Series[Any]) -> bool:
        name, groups = about.inside.get(str(row["group"]), ("", ()))
        if name not in raws or name not in shown:
            return False
        seen = shown[name].table
        visible = set(seen.loc[seen["n"].notna(), "group"].astype(str)) & set(groups)
        wider = raws[name][raws[name]["group"].astype(str).isin(visible)]
        fewer = (row["of"] - row["n"]) - (wider["of"] - wider["n"])
        return bool((is_small(wider["n"] - row["n"], k) | is_small(fewer, k)).any())

    return pd.Series([touched(row) for _, row in table.iterrows()], index=table.index, dtype=bool)
