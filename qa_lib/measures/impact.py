"""Did the actions work?

An action climbs a ladder, and each rung asks for more than somebody's word:

    planned    somebody means to do it, or is at it
    done       the register says so, with a day
    evidenced  somebody has looked since: an audit or observation that the register names, or enough of them
    better     since then its measure is clearly as was wished, against the months before it began
    sustained  and that holds for both halves of the time since, each by itself

Nothing that was seen on the day an action was done, or before, lifts it. The months before are up to six whole
months that end before the one in which it began; those after are the whole months since the one in which it was done.
The months between belong to neither. Later less earlier is tested by `change.difference`, all actions together (Holm).

Better is not because: what else happened in those months is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from qa_lib.measures.change import adjust, difference
from qa_lib.measures.programme import months_to
from qa_lib.measures.register import DONE, DROPPED

MONTHS_BEFORE, MONTHS_FOR_HALVES = 6, 6
LEAST_BASE = 20
"""Audits or observations that a window needs to tell anything."""
LEVEL = 0.05
RUNGS = ("planned", "done", "evidenced", "better", "sustained")
BETTER, SUSTAINED = "better", "better and sustained"
WORSE, NO_CLEAR_CHANGE = "worse", "no clear change"
TOO_EARLY, TOO_FEW = "too early to say", "too few before it to compare"
NO_MEASURE, NO_START, NO_DAY = "no measure", "no known start", "no known day"
NOT_DONE, WAS_DROPPED = "not done yet", "dropped"
OUTCOMES = (SUSTAINED, BETTER, NO_CLEAR_CHANGE, WORSE, TOO_EARLY, TOO_FEW, NO_MEASURE, NO_START, NO_DAY, NOT_DONE,
            WAS_DROPPED)  # fmt: skip


@dataclass(frozen=True)
class Windows:
    """The months ("2013-05") before an action began and after it was done; `halves` of the latter, or none."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    halves: tuple[tuple[str, ...], ...]


def windows(start: pd.Timestamp, done: pd.Timestamp, last: str) -> Windows:
    """The windows of an action that began on one day and was done on another, up to and with the month `last`.

    >>> found = windows(pd.Timestamp("2013-02-01"), pd.Timestamp("2013-04-30"), "2013-07")
    >>> found.before[0], found.before[-1], found.after
    ('2012-08', '2013-01', ('2013-05', '2013-06', '2013-07'))
    """
    before = months_to(f"{start - pd.DateOffset(months=1):%Y-%m}", MONTHS_BEFORE)
    since = pd.Period(last, "M").ordinal - done.to_period("M").ordinal
    after = tuple(months_to(last, max(since, 0)))
    middle = len(after) // 2
    return Windows(tuple(before), after, (after[:middle], after[middle:]) if since >= MONTHS_FOR_HALVES else ())


def counted(events: pd.DataFrame, months: tuple[str, ...]) -> tuple[int, int]:
    """Hits, and rows to which the question applies, in some months."""
    rows = events[events["applies"] & events["month"].isin(months)]
    return int(rows["hit"].sum()), len(rows)


def ladder(
    actions: pd.DataFrame, events: Mapping[str, pd.DataFrame], seen: Mapping[str, pd.Timestamp], last: str
) -> pd.DataFrame:
    """How far each action has come, by the register's word and by what the evidence shows.

    Parameters
    ----------
    actions : DataFrame, one row an action
        `action_id, status, start_first, done_on, evidence`, `measure` (a name in `events`, "" for none) and `wished`
        ("up" or "down"), as on the last day of the month `last` (`register.on_day`).
    events : by measure, DataFrame of one row an audit or observation
        `id, case_id` ("" where not known), `date, month`, `hit` and `applies` (bool: is counted in the base). Rows of
        one measure are taken as independent.
    seen : the earliest day of each audit or observation by its id, in small letters; none after `last`
    last : the month with which the report's period ends ("2013-07")

    Returns
    -------
    DataFrame, one row an action, in its order
        `action_id`; `rung` of `RUNGS`; `outcome` of `OUTCOMES`; the months `before, after`; `n1, of1, n2, of2` (before
        and after), `n_first, of_first, n_second, of_second` (the halves); `difference, low, high` (-1 to 1), `p`
        adjusted; `pairs, gained, lost, p_pairs` of cases audited before and again after. NaN where unknown.
    """
    rows = [_measured(row, events, last) for row in actions.to_dict("records")]
    columns = [*_NOTHING, "before", "after"]
    found = pd.DataFrame(rows, columns=columns, index=actions.index).astype(dict.fromkeys(_NOTHING, float))
    enough = (found["of1"] >= LEAST_BASE) & (found["of2"] >= LEAST_BASE)
    known = found.where(enough)
    tested = difference(known["n1"], known["of1"], known["n2"], known["of2"]).assign(p=lambda t: adjust(t["p"], "holm"))
    up = actions["wished"].map({"up": 1, "down": -1}).astype(float)
    clear = (tested["p"] < LEVEL) & ((tested["low"] > 0) | (tested["high"] < 0))
    turned = np.sign(tested["difference"]).where(clear, 0) * up
    lasts = pd.concat([_half_clear(known, half, up) for half in ("first", "second")], axis=1).all(axis=1)
    is_seen = pd.Series([_is_seen(row, seen) for row in actions.to_dict("records")], actions.index, dtype=bool)
    done = (actions["status"] == DONE) & actions["done_on"].notna()
    evidenced = done & (is_seen | (found["of2"] >= LEAST_BASE))
    better = evidenced & (turned > 0)
    sustained = better & lasts
    rung = np.select([sustained, better, evidenced, done], [*RUNGS[:0:-1]], RUNGS[0])
    outcome = np.select(
        [
            actions["status"] == DROPPED, actions["status"] != DONE, ~done, actions["measure"] == "",
            actions["start_first"].isna(), ~(found["of2"] >= LEAST_BASE), ~(found["of1"] >= LEAST_BASE),
            sustained, better, turned < 0,
        ],
        [WAS_DROPPED, NOT_DONE, NO_DAY, NO_MEASURE, NO_START, TOO_EARLY, TOO_FEW, SUSTAINED, BETTER, WORSE],
        NO_CLEAR_CHANGE,
    )  # fmt: skip
    told = tested[["difference", "low", "high", "p"]]
    return actions[["action_id"]].assign(rung=rung, outcome=outcome).join(found).join(told)


def matched(events: pd.DataFrame, before: tuple[str, ...], after: tuple[str, ...]) -> dict[str, float]:
    """Cases audited before and again after: `pairs, gained` (no, then yes), `lost` (yes, then no), exact `p_pairs`.

    Of a case audited more than once in a window it is the latest audit. Case numbers are compared without capitals.

    Source: McNemar (1947), Psychometrika 12:153-157, by the binomial distribution of the pairs that changed.
    """
    from scipy.stats import binomtest

    rows = events[events["applies"] & (events["case_id"] != "")]
    rows = rows.assign(case=rows["case_id"].str.casefold()).sort_values(["date", "id"])
    once, again = (
        rows[rows["month"].isin(months)].drop_duplicates("case", keep="last").set_index("case")["hit"]
        for months in (before, after)
    )
    both = pd.concat([once, again], axis=1, join="inner", keys=["once", "again"]).astype(bool)
    gained, lost = int((~both["once"] & both["again"]).sum()), int((both["once"] & ~both["again"]).sum())
    p = binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    return {"pairs": len(both), "gained": gained, "lost": lost, "p_pairs": p if len(both) else np.nan}


_NOTHING: dict[str, float] = dict.fromkeys(
    ["n1", "of1", "n2", "of2", "n_first", "of_first", "n_second", "of_second", "pairs", "gained", "lost", "p_pairs"],
    np.nan,
)


def _measured(row: Mapping[object, object], events: Mapping[str, pd.DataFrame], last: str) -> dict[str, object]:
    """The counts of one action's windows; nothing where it is not done, has no measure or began on no known day."""
    measured, start, done = events.get(str(row["measure"])), row["start_first"], row["done_on"]
    if measured is None or not isinstance(start, pd.Timestamp) or not isinstance(done, pd.Timestamp):
        return dict(_NOTHING)
    at = windows(start, done, last)
    counts: dict[str, object] = {**_NOTHING, "before": at.before, "after": at.after}
    parts = {"1": at.before, "2": at.after, **dict(zip(("_first", "_second"), at.halves, strict=False))}
    for name, months in parts.items():
        counts[f"n{name}"], counts[f"of{name}"] = counted(measured, months)
    return {**counts, **matched(measured, at.before, at.after)}


def _half_clear(known: pd.DataFrame, half: str, up: pd.Series[float]) -> pd.Series[bool]:
    """Whether one half of the time since, by itself, differs in the way wished from the time before."""
    base = known[f"of_{half}"].where(known[f"of_{half}"] >= LEAST_BASE)
    found = difference(known["n1"], known["of1"].where(base.notna()), known[f"n_{half}"].where(base.notna()), base)
    return (found["low"] > 0) & (up > 0) | (found["high"] < 0) & (up < 0)


def _is_seen(row: Mapping[object, object], seen: Mapping[str, pd.Timestamp]) -> bool:
    """Whether an audit or observation that the register names was made after the action was done."""
    names = [name.strip() for name in re.split(r"[;,]", str(row["evidence"]).casefold())]
    done = row["done_on"]
    return isinstance(done, pd.Timestamp) and any(name in seen and seen[name] > done for name in names)
