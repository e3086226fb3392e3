"""What became of each case that was drawn?

Its audit was completed, in time or late, is under way or was never begun; or the
case was taken out, and a reserve took its place or nobody did. The register says
what was drawn, and the audits say what was done.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from qa_lib.measures.shares import counted_whole

IN_TIME, LATE, STARTED = "completed in time", "completed late", "started"
NOT_STARTED, EXCLUDED, REPLACED = "not started", "excluded", "replaced"
OUTCOMES = (IN_TIME, LATE, STARTED, NOT_STARTED, EXCLUDED, REPLACED)
"""What became of a case that was drawn: each case has one of these."""
FEWEST_EXPECTED = 5
STEPS = ("started", "completed", "late", "moderated", "excluded", "replaced")


def progress(allocation: pd.DataFrame, audits: pd.DataFrame, moderation: pd.DataFrame | None = None) -> pd.DataFrame:
    """What became of each case that was drawn.

    An audit belongs to the latest draw of its case up to its own day, and the first that belongs to a draw completes
    it. So an audit counts once, however often its case was drawn, and a case once, however often it was audited. Case
    ids are compared without their capitals. A case that was taken out is not completed, whatever was audited since.

    Parameters
    ----------
    allocation : one row a case drawn: `case_id, allocated_on, status`; `due, started_on` where the register has them
    audits : one row an audit: `audit_id, case_id, audit_date`; `completed_on` where the extracts have it
    moderation : one row a second look, or more: `audit_id`

    Returns
    -------
    DataFrame, `allocation` with `audit_id` (of the audit that completes it, or ""), with the flags of `STEPS`, and with
    `outcome`, one of `OUTCOMES`. What is completed has been started; it is late if finished after the day it was due.

    Example
    -------
    >>> drawn = pd.DataFrame({"case_id": ["a", "b"], "allocated_on": pd.to_datetime(["2013-05-01"] * 2)})
    >>> done = pd.DataFrame({"audit_id": ["1"], "case_id": ["A"], "audit_date": pd.to_datetime(["2013-05-20"])})
    >>> progress(drawn.assign(status="allocated"), done)[["case_id", "audit_id", "outcome"]]
      case_id audit_id            outcome
    0       a        1  completed in time
    1       b                 not started
    """
    cases = allocation.reset_index(drop=True)
    none = pd.Series(pd.NaT, cases.index)
    done = _completing(cases[cases["status"] == "allocated"], audits)
    audit_id = done["audit_id"].reindex(cases.index).fillna("")
    second = set() if moderation is None else set(moderation["audit_id"].str.casefold())
    completed = audit_id != ""
    flags = pd.DataFrame(
        {
            "started": completed | cases.get("started_on", none).notna(),
            "completed": completed,
            "late": done["finished"].reindex(cases.index) > pd.to_datetime(cases.get("due", none)),
            "moderated": audit_id.str.casefold().isin(second) & completed,
            "excluded": cases["status"] == EXCLUDED,
            "replaced": cases["status"] == REPLACED,
        }
    )
    order = {EXCLUDED: "excluded", REPLACED: "replaced", LATE: "late", IN_TIME: "completed", STARTED: "started"}
    outcome = np.select([flags[flag] for flag in order.values()], [*order], NOT_STARTED)
    return cases.assign(audit_id=audit_id, **flags, outcome=pd.Categorical(outcome, OUTCOMES, ordered=True))


def _completing(drawn: pd.DataFrame, audits: pd.DataFrame) -> pd.DataFrame:
    """`audit_id, finished` of the audit that completes a case, by the row of the case."""
    draws = pd.DataFrame({"case": drawn["case_id"], "day": drawn["allocated_on"], "at": drawn.index})
    found = audits[["audit_id", "case_id", "audit_date"]].set_axis(["audit_id", "case", "day"], axis=1)
    found["finished"] = (
        audits["completed_on"].fillna(audits["audit_date"]) if "completed_on" in audits else found["day"]
    )
    draws, found = (
        table.astype({"day": "datetime64[ns]"}).assign(case=table["case"].astype("str").str.casefold())
        for table in (draws, found[found["case"].fillna("") != ""].sort_values(["day", "audit_id"]))
    )
    both = pd.merge_asof(found, draws.sort_values("day", kind="stable"), on="day", by="case").dropna(subset="at")
    return both.drop_duplicates("at").astype({"at": "int64"}).set_index("at")


def progress_by_service(progress: pd.DataFrame) -> pd.DataFrame:
    """Counts of cases by service and step, and of all: for working papers, as nothing small is hidden in it.

    Returns
    -------
    DataFrame, a row a service that a case was drawn of and one for all: `service, allocated`, and those of `STEPS`.
    """
    steps = progress[["service", *STEPS]].assign(allocated=True)
    by_service = steps.groupby("service", observed=True)[["allocated", *STEPS]].sum().reset_index()
    whole = steps[["allocated", *STEPS]].sum().to_frame().T.assign(service="All")
    return pd.concat([by_service.astype({"service": "str"}), whole], ignore_index=True)


def outcomes(progress: pd.DataFrame) -> pd.DataFrame:
    """What became of all cases drawn, a row an outcome, in the order of `OUTCOMES`.

    Returns
    -------
    Measure table with keys `group` ("all") and `outcome`: `n` cases of `of` drawn; no interval, as all are counted.
    `side` is "met" of those completed, and "not met" of the others.
    """
    n = progress["outcome"].value_counts().reindex(list(OUTCOMES), fill_value=0)
    table = pd.DataFrame({"group": "all", "outcome": list(OUTCOMES), "n": n.to_numpy(), "of": len(progress)})
    table["side"] = ["met" if outcome in {IN_TIME, LATE} else "not met" for outcome in OUTCOMES]
    return counted_whole(table)


def completed_by(progress: pd.DataFrame, by: pd.Series[Any]) -> pd.DataFrame:
    """Cases completed of those drawn, a row a group of `by`; measure table without intervals, as all are counted."""
    flags = pd.DataFrame({"group": by, "n": progress["completed"].astype(int), "of": 1})
    return counted_whole(flags.groupby("group", observed=True)[["n", "of"]].sum().reset_index())


def chance_of_difference(table: pd.DataFrame) -> float:
    """The p value that shares as unlike as these come about by chance where all groups are alike.

    Groups of which fewer than five would be expected on either side are counted together, smallest first; so the
    chi-square test may be relied on. Of just two groups it is Fisher's exact test. NaN where there is nothing to test.

    Source: Cochran (1954), Biometrics 10:417-451, for the five; Fisher (1935), JRSS 98:39-82.

    Example
    -------
    >>> round(chance_of_difference(pd.DataFrame({"n": [30, 10, 1], "of": [40, 40, 2]})), 5)
    2e-05
    """
    from scipy.stats import chi2_contingency, fisher_exact

    counts = table.loc[table["of"] > 0, ["n", "of"]].sort_values("of", ascending=False).to_numpy().tolist()
    met, of = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    while len(counts) > 2 and counts[-1][1] * min(met, of - met) < FEWEST_EXPECTED * of:
        (n, cases), (more, others) = counts.pop(), counts.pop()
        counts = sorted([*counts, [n + more, cases + others]], key=lambda row: -row[1])
    if len(counts) < 2 or met in {0, of}:
        return float("nan")
    observed = np.array([[n, cases - n] for n, cases in counts])
    return float((fisher_exact if len(counts) == 2 else chi2_contingency)(observed).pvalue)
