"""What may be told of an action's way up the ladder?

The measure of each action, span by span, passes the gate like any table. Where it would hide a span, and a year's count
of the same activity stands in the ledger, no span of that year is given: the year less the others would tell it.

The ladder gives a difference and no counts. Where a count of one of its windows is small, nothing of it is told. Where
a window leaves a small count once spans, a year or another window are taken from it, the words stay and the figures
go: of a difference in whole points a reader who knows one count knows the other but for one or two. So on a public
copy, whose counts are rounded, there are words alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from qa_lib.measures import impact
from qa_lib.measures.register import DONE
from qa_lib.measures.shares import MEASURES, count_shares
from qa_lib.report.action_measures import events_of, linked_measures, not_dropped, seen_on
from qa_lib.report.ledger import spans
from qa_lib.report.material import Material
from qa_lib.report.publishable import SHARES, Publishable
from qa_lib.settings.period import Period

TESTED = (impact.SUSTAINED, impact.BETTER, impact.NO_CLEAR_CHANGE, impact.WORSE)
"""What the ladder shows where there is a difference to give."""
SPAN = "from_"
"""What the keys of spans begin with, beside their first month."""
UNTOLD = "not told, as numbers are too small"


def climbed(material: Material, actions: pd.DataFrame) -> pd.DataFrame:
    """The ladder in full, as `impact.ladder` gives it: for working papers, as nothing small is hidden in it."""
    return impact.ladder(actions, _events(material, actions), seen_on(material), f"{material.params.period.end:%Y-%m}")


def _events(material: Material, actions: pd.DataFrame) -> dict[str, pd.DataFrame]:
    known = linked_measures(material)
    return {name: events_of(material, known[name]) for name in set(actions["measure"]) - {""}}


def ladder(material: Material, actions: pd.DataFrame) -> pd.DataFrame:
    """How far each action has come; figures and words as far as no small count follows from them.

    Returns
    -------
    DataFrame: `group` (the action's id); `share, low, high` (the difference, -1 to 1); the words `claimed` (its
        status), `rung`, `shown` (what the evidence shows), `start`, `done`; `start_at, done_at` on an axis of months.
    """
    found, k = climbed(material, actions), material.params.hide_up_to
    tested = found["outcome"].isin(TESTED)
    counts = found[["n1", "n2"]].assign(rest1=found["of1"] - found["n1"], rest2=found["of2"] - found["n2"])
    small = tested & ((counts >= 1) & (counts <= k)).any(axis=1)
    doubtful = pd.Series(_gives_away(material, found, actions), found.index, dtype=bool)
    table = found.rename(columns={"action_id": "group", "difference": "share", "outcome": "shown"})
    table[SHARES] = table[SHARES].mask(~tested | small | doubtful | (material.params.audience == "public"))
    table[["rung", "shown"]] = table[["rung", "shown"]].mask(small, "")
    start, done = actions["start_first"], actions["done_on"]
    return table[["group", *SHARES, "rung", "shown"]].assign(
        claimed=actions["status"],
        start=[f"{day:%B %Y}" if pd.notna(day) else "" for day in start],
        done=[f"{day.day} {day:%B %Y}" if pd.notna(day) else "" for day in done],
        start_at=[_at(day) for day in start],
        done_at=[_at(day) for day in done],
    )


def span_key(span: Period) -> str:
    """The key of a span in tables of actions; no action's id looks like it by chance."""
    return f"{SPAN}{span.start:%Y-%m}"


def _at(day: Any) -> float:
    """A day on an axis of months."""
    return np.nan if pd.isna(day) else day.year * 12 + day.month - 1 + (day.day - 1) / day.days_in_month


def _gives_away(material: Material, found: pd.DataFrame, actions: pd.DataFrame) -> list[bool]:
    """Whether some months of an action's measure could be told apart in which a count is small.

    A reader knows spans, the year and the windows of every action with the same measure. What lies between their ends
    is the least that subtractions can leave; of the overall grade she also knows each month.
    """
    if not material.params.hide_up_to:
        return [False] * len(found)
    events = _events(material, actions)
    known = [set(span.month_keys) for span in spans(material)] + [set(material.params.period.year.month_keys)]
    both = found.assign(measure=actions["measure"])
    answers = []
    for _, row in both.iterrows():
        same = both[both["measure"] == row["measure"]]
        told = [*known, *(_months(months) for side in ("before", "after") for months in same[side])]
        own = {month for side in ("before", "after") for month in _months(row[side])}
        pieces: dict[object, set[str]] = {}
        for month in set().union(*(one for one in told if one & own)):
            apart = month if row["measure"].startswith("overall.") else tuple(month in one for one in told)
            pieces.setdefault(apart, set()).add(month)
        answers.append(any(_is_few(material, events[row["measure"]], months) for months in pieces.values()))
    return answers


def _months(window: object) -> set[str]:
    """The months of a window; none where there is no window."""
    return set(window) if isinstance(window, tuple) else set()


def _is_few(material: Material, events: pd.DataFrame, months: set[str]) -> bool:
    n, of = impact.counted(events, tuple(months))
    return any(1 <= count <= material.params.hide_up_to for count in (n, of - n))


def trend(material: Material, actions: pd.DataFrame) -> pd.DataFrame | None:
    """The measure of each action in the report's period and in those before it, each as long; `at` is its middle."""
    known, parts = linked_measures(material), []
    for row in not_dropped(actions).to_dict("records"):
        if row["measure"]:
            each = _by_span(material, known[row["measure"]].name)
            parts.append(each.assign(group=row["action_id"]))
    table = pd.concat(parts) if parts else None
    return None if table is None else table.sort_values("at", kind="stable")[["group", "period", *MEASURES, "at"]]


def _by_span(material: Material, name: str) -> pd.DataFrame:
    """One measure span by span, without those of a year that would give one of them away."""
    linked, k = linked_measures(material)[name], material.params.hide_up_to
    events, all_spans = events_of(material, linked), spans(material)
    span_of = {month: span_key(span) for span in all_spans for month in span.month_keys}
    periods = pd.Categorical(events["date"].dt.strftime("%Y-%m").map(span_of), list(dict.fromkeys(span_of.values())))
    rows = events.assign(period=periods).dropna(subset="period")
    table = count_shares(rows, rows["hit"], rows["applies"], "period").rename(columns={"group": "period"})
    table = table.astype({"period": "str"})
    table["at"] = [(span.start.year * 12 + span.start.month - 1 + span.months / 2) for span in all_spans]
    year = {span_key(span) for span in all_spans if span.start >= material.params.period.year.start}
    in_year = table["period"].isin(year)
    few = ((table["n"].between(1, k)) | (table["of"] - table["n"]).between(1, k)) & in_year
    if linked.table == "ledger" and few.any():
        table = table[~in_year]
    if linked.table == "overall" and any(_is_few(material, events, {month}) for month in span_of):
        table = table.iloc[:0]
    return table[(table["of"] + table["left_out"]) > 0]


def counted(published: Publishable) -> pd.DataFrame:
    """How many of the actions that the register says are done show what, as far as it is told of each."""
    done = published.table[published.table["claimed"] == DONE]
    told = done["shown"].replace("", UNTOLD).value_counts()
    held = [word for word in (*impact.OUTCOMES, UNTOLD) if word in told.index]
    return pd.DataFrame({"group": held, "n": [int(told[word]) for word in held], "of": len(done), "left_out": 0})
