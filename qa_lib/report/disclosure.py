"""Could these tables, together, identify anyone?

A count of a few children can name a child to those who know the service, so
counts from 1 to the audience's `hide_up_to` are hidden, and so is what would
give them away. The gate stands here, once for a pack: all tables of the plan
come in together and leave as `Publishable`s. Sentences, charts, alt texts and
tables are made from these alone, so none of them can hold a hidden number.

What is hidden, and the marks (`c` hidden, `z` no base, `:` too few for a share):

1. a row whose `n`, or whose complement `of - n`, is small loses `n` and its share;
2. a row whose base `of` is small loses everything;
3. a row whose `left_out` is small: `of` and `left_out` add up to a number that
   the reader knows (all audits), so `n`, `of` and `left_out` go; the share stays,
   as a whole percentage that fits every possible base, and its interval is
   worked out from that percentage alone;
4. where the rows of a table are parts of a total shown elsewhere, a row is hidden
   whole, in every table with the same parts (`linked`), and never alone: with just
   one hidden, the row next in size is hidden too;
5. in a table of grades, neighbouring grades on the same side of good are counted
   together until none is small; if that does not help, the group is hidden; the
   answers to one question are likewise counted together as others, smallest first;
6. a share of fewer than 20 is not given at all;
7. what is derived (estimates, differences, limits of chance, agreement) is made
   after the tables that it rests on, as their readers see them: a row whose counts
   are hidden there is hidden here, and figures are whole percentages;
8. a report about a part of the audits is read beside the one about all of them: what
   is small in the rest (all less the part) is hidden in the part like what is small
   in the part itself, and so is what the other report hides; the grades of a group
   are hidden together where a count of the rest would be small. Whether there may
   be such a report at all is for `part` to say;
9. where the audits of a row lie inside those of rows of another table (`inside`), its
   `n` and share go if one subtraction of what is shown there would leave a small count.

10. a measure may name rows itself that a subtraction of what other tables show would
   touch (`withheld`): they lose everything.

Zeros are shown. Where nothing counts people (`people`), nothing is small. The choice
in 4 is simple, not the least possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from qa_lib.measures.shares import MEASURES, wilson_interval
from qa_lib.report.against import apart_of, hide_groups, known_groups, nested, rest
from qa_lib.report.merging import hide, is_small, merge_grades, merge_parts
from qa_lib.report.publishable import COUNTS, LEAST_BASE, NO_BASE, SHARES, TOO_FEW, About, Derived, Publishable

WITHHELD = "withheld"
"""The column of a measure table that says which rows are hidden whatever their counts are."""
ROUND_TO = 5
"""What counts are rounded to for a public audience."""
Tables = Iterable[tuple[str, tuple[str, ...], "pd.DataFrame | Derived", About]]


def protect(
    tables: Tables, audience: str, hide_up_to: int, whole: Tables = (), told: Mapping[str, Publishable] | None = None
) -> dict[str, Publishable]:
    """Protect the tables of one pack together.

    Parameters
    ----------
    tables : (name, keys, measure table, about) of each table of the plan; in place of the measure table, a function
        that makes it of the tables before it, as their readers see them
    audience : "working", "board" or "public"
    hide_up_to : counts from 1 to this are hidden; 0 hides none
    whole : the same tables measured on all audits, where `tables` are measured on a part of them
    told : what came out when `whole` was protected, where it was before

    Returns
    -------
    dict of `Publishable` by name, in the order of the plan.
    """
    plan, all_audits = list(tables), list(whole)
    raws, everyone = _measured(plan), _measured(all_audits)
    seen = told if told is not None else protect(all_audits, audience, hide_up_to) if all_audits else {}
    apart = {
        name: apart_of(raws[name], keys, everyone.get(name), seen.get(name), hide_up_to)
        for name, keys, _, about in plan
        if name in raws and not about.scale and not about.parts
    }
    linked = [(raws[name], about, apart[name]) for name, _, _, about in plan if about.linked and name in raws]
    together = _hidden_together(linked, hide_up_to)
    protected: dict[str, Publishable] = {}
    for name, keys, given, about in plan:
        k = hide_up_to if about.people else 0
        withheld = audience == "public" and not about.whole_service
        raw = raws[name] if isinstance(given, pd.DataFrame) else given(protected)
        raw = pd.DataFrame(columns=[*keys, *MEASURES]) if raw is None else raw
        table = raw.iloc[:0] if withheld else raw
        table = table.reset_index(drop=True).astype(dict.fromkeys(MEASURES, float))
        table["base"] = table["of"]
        marks = pd.DataFrame("", index=table.index, columns=MEASURES)
        if about.scale or about.parts:
            before = table
            if about.scale:
                table, marks = merge_grades(table, k, about.scale)
            else:
                table, marks = merge_parts(table, k, keys[1])
            groups = known_groups(table, keys[1], everyone[name], seen[name], hide_up_to) if name in everyone else set()
            if groups:
                table, marks = hide_groups(table, marks, before, groups)
        elif isinstance(given, pd.DataFrame):
            known = apart[name].iloc[: len(table)].copy()
            known["n"] |= nested(table, about, raws, protected, hide_up_to)
            if about.inside and name in everyone:
                wider = {other for other, _ in about.inside.values()}
                rests = {key: rest(raws[key], everyone[key], ("group",)) for key in {name, *wider} if key in raws}
                known["n"] |= nested(rests[name], about, rests, protected, hide_up_to)
            _hide_small(table, marks, k, about, together.get(about.linked, set()), known)
        else:
            table[SHARES] = table[SHARES].round(2)
            hide(table, marks, table["share"].isna(), SHARES)
        _leave_out_thin(table, marks)
        table[["rank_low", "rank_high"]] = table[["low", "high"]]
        shown = replace(about, missing="it is not shown to the public") if withheld else about
        if audience == "public" and about.people:
            _round_to_five(table)
        protected[name] = Publishable(name, keys, table, marks, shown, audience)
    return protected


def _measured(plan: Tables) -> dict[str, pd.DataFrame]:
    """The measure tables of a plan by name, without those that are derived."""
    return {name: table.reset_index(drop=True) for name, _, table, _ in plan if isinstance(table, pd.DataFrame)}


def _is_sensitive(table: pd.DataFrame, k: int, about: About) -> pd.Series[Any]:
    """Rows of which some count, or its complement, is small."""
    small = is_small(table["n"], k) | is_small(table["left_out"], k)
    return small | ((is_small(table["of"], k) | is_small(table["of"] - table["n"], k)) & about.children)


def _hidden_together(linked: list[tuple[pd.DataFrame, About, pd.DataFrame]], k: int) -> dict[str, set[str]]:
    """Rule 4 over all tables of a pack: by link, the parts that are hidden in each of its tables."""
    hidden: dict[str, set[str]] = {about.linked: set() for _, about, _ in linked}
    sizes: dict[str, dict[str, dict[str, float]]] = {}
    for table, about, apart in linked:
        sensitive = _is_sensitive(table, k, about) | apart.any(axis=1)
        periods = table["period"].astype(str) if "period" in table else pd.Series("current", index=table.index)
        for group, period, n, small in zip(table["group"].astype(str), periods, table["n"], sensitive, strict=True):
            if group == "all":
                continue
            hidden[about.linked] |= {group} if small else set()
            size = sizes.setdefault(about.linked, {}).setdefault(period, {})
            size[group] = max(size.get(group, 0), float(n))
    for link, periods_of in sizes.items():
        for size in periods_of.values():
            rest = sorted((n, group) for group, n in size.items() if group not in hidden[link])
            if len(size) - len(rest) == 1 and rest:
                hidden[link].add(next((group for n, group in rest if n > 0), rest[0][1]))
    return hidden


def _hide_small(
    table: pd.DataFrame, marks: pd.DataFrame, k: int, about: About, together: set[str], apart: pd.DataFrame
) -> None:
    """Rules 1 to 4 for one table; `apart` says by count which rows the report about all audits, or rule 9, touches."""
    if about.linked:
        groups = table["group"].astype(str)
        rows = groups.isin(together) | ((groups == "all") & (_is_sensitive(table, k, about) | apart.any(axis=1)))
        may_keep_of = about.of_is_known and not ((is_small(table["of"], k) & about.children) | apart["of"]).any()
        hide(table, marks, rows, ["n", *SHARES] if may_keep_of else MEASURES)
        table.loc[table["of"].isna() | rows, "base"] = 0
        return
    small_base = (is_small(table["of"], k) & about.children) | apart["of"]
    if WITHHELD in table:
        small_base |= table.pop(WITHHELD).astype(bool)
    small_left = (is_small(table["left_out"], k) | apart["left_out"]) & ~small_base
    small = is_small(table["n"], k) | (is_small(table["of"] - table["n"], k) & about.children) | small_base
    small |= apart["n"]
    _blur_base(table, marks, small_left & ~small, k)
    hide(table, marks, small, ["n", *SHARES])
    hide(table, marks, small_base | (small & small_left), MEASURES)
    table.loc[small, "base"] = 0


def _blur_base(table: pd.DataFrame, marks: pd.DataFrame, rows: pd.Series[Any], k: int) -> None:
    """Rule 3: whole percentages that fit every base from all audits less k to all audits less 1."""
    if not rows.any():
        return
    everyone = table["of"] + table["left_out"]
    percent = (100 * table["share"]).round()
    fits = pd.Series(True, index=table.index)
    for fewer in range(1, k + 1):
        base = everyone - fewer
        least, most = np.ceil((percent - 0.5) * base / 100), np.floor((percent + 0.5) * base / 100)
        fits &= least.clip(lower=0) <= most.clip(upper=base)
    hide(table, marks, rows & ~fits, MEASURES)
    table.loc[rows & ~fits, "base"] = 0
    blurred = rows & fits
    middle = everyone - (k + 1) / 2
    intervals = wilson_interval(percent / 100 * middle, middle)
    hide(table, marks, blurred, ["n", "of", "left_out"])
    known = {"share": percent / 100, "low": intervals["low"].round(2), "high": intervals["high"].round(2)}
    for column, values in {**known, "base": everyone - k}.items():
        table[column] = table[column].mask(blurred, values)


def _leave_out_thin(table: pd.DataFrame, marks: pd.DataFrame) -> None:
    """Rule 6, and the mark for a base of none."""
    none = table["of"] == 0
    hide(table, marks, none, SHARES, NO_BASE)
    thin = (table["base"] < LEAST_BASE) & ~none & table["share"].notna()
    hide(table, marks, thin, SHARES, TOO_FEW)
    table.loc[thin & table["of"].isna(), "base"] = 0


def _round_to_five(table: pd.DataFrame) -> None:
    """For a public audience every count is rounded to 5, and shares follow from the rounded counts."""
    table[COUNTS] = (table[COUNTS] / ROUND_TO).round() * ROUND_TO
    whole = table["of"].where(table["of"] > 0)
    shown = table["share"].notna() & whole.notna() & table["n"].notna()
    intervals = wilson_interval(table["n"].clip(upper=whole), whole)
    for column in SHARES:
        table[column] = table[column].mask(shown & table[column].notna(), intervals[column])
