"""How do the actions stand?

The register on one day: what is done, what is under way, what should have been
done by then and for how long, what took how long to close, and what is missing
from the promise itself. Counts of actions are no counts of people, but for one
kind: an immediate safeguarding escalation is about a child, so escalations are
counted by themselves and stand in no other table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from qa_lib.measures.shares import counted_whole

PLANNED, UNDER_WAY, DONE, DROPPED, NOT_KNOWN = "planned", "under way", "done", "dropped", "not known"
STATUSES = (PLANNED, UNDER_WAY, DONE, DROPPED, NOT_KNOWN)
BANDS = {"up_to_3": 3, "3_to_6": 6, "over_6": 0}
"""Age bands of what is overdue, and the months that each goes up to; the last has no end."""
GAPS = {"no_owner": "owner", "no_due": "due", "no_measure": "measure"}
CLOSED_IN = 5
"""Working days within which an immediate escalation should be closed."""


def on_day(register: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The actions as they stood on a day, escalations apart.

    Parameters
    ----------
    register : DataFrame, one row an action, of `intake.actions`
    day : the reference day, such as the end of a report's period

    Returns
    -------
    DataFrame, the same rows but those that are urgent, with `status` as on that day (one of `STATUSES`: what was done
        later was under way) and `done_on` NaT where it was not yet done.
    """
    found = register[register["urgent"] != "Yes"].copy()
    found["status"] = found["status"].replace("", NOT_KNOWN)
    later = (found["status"] == DONE) & (found["done_on"] > day)
    found.loc[later, "status"] = UNDER_WAY
    found.loc[later, "done_on"] = pd.NaT
    return found


def statuses(actions: pd.DataFrame) -> pd.DataFrame:
    """How many actions have each status, a row a status that any has; measure table, all counted."""
    n = actions["status"].value_counts().reindex(list(STATUSES), fill_value=0)
    table = pd.DataFrame({"group": list(STATUSES), "n": n.to_numpy(), "of": len(actions)})
    return counted_whole(table[table["n"] > 0].reset_index(drop=True))


def overdue(actions: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Actions that should have been done before a day, by how long they have been due.

    An action is overdue that is neither done nor dropped and whose last due day lies before the day. It is up to
    three months overdue if the same day of the month three months on has not passed (of a month that is shorter, its
    last day), and so with six.

    Returns
    -------
    Measure table, a row a band of `BANDS` and one for "all": `n` overdue, `of` actions neither done nor dropped.
    """
    going = actions[~actions["status"].isin([DONE, DROPPED])]
    due = going.loc[going["due_last"] < day, "due_last"]
    beyond = {months: due + pd.DateOffset(months=months) < day for months in (3, 6)}
    bands = np.select([beyond[6], beyond[3]], ["over_6", "3_to_6"], "up_to_3")
    counts = pd.Series(bands, dtype="str").value_counts().reindex(list(BANDS), fill_value=0)
    groups = {**{str(band): int(n) for band, n in counts.items()}, "all": len(due)}
    return counted_whole(pd.DataFrame({"group": [*groups], "n": [*groups.values()], "of": len(going)}))


def closing(actions: pd.DataFrame) -> pd.DataFrame:
    """How many actions are done, and the median of the days from the first day of their start to that.

    Returns
    -------
    Measure table with one row, "all": `n` done of those not dropped; `days`, the median, NaN where no done action has
        both days.
    """
    kept = actions[actions["status"] != DROPPED]
    done = kept[kept["status"] == DONE]
    days = (done["done_on"] - done["start_first"]).dt.days
    row = {"group": "all", "n": len(done), "of": len(kept), "days": days[days >= 0].median()}
    return counted_whole(pd.DataFrame([row]))


def gaps(actions: pd.DataFrame, linked: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """What is missing from actions that were not dropped: an owner, a due date, a measure, an area, the latest word.

    Parameters
    ----------
    actions : DataFrame, one row an action
    linked : the areas that each action answers, by its id

    Returns
    -------
    Measure table, a row a gap (`GAPS`, "no_area", "not_in_latest"): `n` actions with it, of all.
    """
    kept = actions[actions["status"] != DROPPED]
    missing = {gap: int((kept[column].str.strip() == "").sum()) for gap, column in GAPS.items()}
    missing["no_area"] = sum(not linked.get(action) for action in kept["action_id"])
    missing["not_in_latest"] = int((~kept["in_latest"]).sum())
    return counted_whole(pd.DataFrame({"group": [*missing], "n": [*missing.values()], "of": len(kept)}))


def urgent(register: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Immediate safeguarding escalations raised from one day to another, and how many were closed in time.

    One is raised on the first day of its `start` and closed on its `done_on`. Working days are Monday to Friday; public
    holidays are not known and count. What was closed after the last day was open on it.

    Returns
    -------
    Measure table with one row, "all": `n` closed within `CLOSED_IN` working days, of all raised; `closed`, how many
        were closed at all; `days`, the median of the working days that these took (NaN for none).
    """
    raised = register[(register["urgent"] == "Yes") & register["start_first"].between(first, last)]
    closed = raised[(raised["status"] == DONE) & raised["done_on"].between(first, last)]
    begun, ended = (closed[column].to_numpy().astype("datetime64[D]") for column in ("start_first", "done_on"))
    days = pd.Series(np.busday_count(begun, ended).astype(float))
    row = {"group": "all", "n": int((days <= CLOSED_IN).sum()), "of": len(raised), "closed": len(closed)}
    return counted_whole(pd.DataFrame([{**row, "days": days.median()}]))
