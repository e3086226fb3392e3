"""Which figures rest on statistics?

Beside the plain counts stand figures that are worked out: the share among all
cases, the share had all audits been seen twice, what changed, which months and
services stand out, how far auditors agree. Each has its table here, in the
measure shape, with the words that it allows (`direction`, `signal`); a word
can be said only where the counts behind it may be shown (`needs`).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from qa_lib.measures.agreement import Agreement, agreement
from qa_lib.measures.change import adjust, difference
from qa_lib.measures.control import FEWEST_FOR_A_RUN_CHART, chart_allowed, p_chart, run_chart
from qa_lib.measures.estimates import weighted_share
from qa_lib.measures.funnel import funnel
from qa_lib.measures.moderation import adjusted_grades
from qa_lib.measures.shares import MEASURES, share_good_or_better, wilson_interval
from qa_lib.report.material import Material
from qa_lib.report.publishable import LEAST_BASE
from qa_lib.settings.framework import NOT_RECORDED_SERVICE
from qa_lib.settings.kinds import OVERALL

ROSE, FELL, NO_CLEAR_CHANGE = "rose", "fell", "no clear change"
HIGHER, LOWER, RISING, FALLING = "higher", "lower", "rising", "falling"
FAMILY_LEVEL = 0.05
"""The chance, over all that is compared, of calling any difference clear that is not there."""


def estimates(material: Material) -> pd.DataFrame | None:
    """The share good or better among the audits, among all open cases, and after second looks."""
    gradings = material.gradings("current", overall=True)
    if gradings.empty:
        return None
    counted = share_good_or_better(gradings.assign(whole="counted"), material.scale, "whole")
    rows = [counted.iloc[0], *(row for row in (_weighted(material), _adjusted(material)) if row is not None)]
    table = pd.DataFrame([{**counted.iloc[0].to_dict(), **row.to_dict()} for row in rows])
    return table.assign(group=table["group"].astype(str)) if len(rows) > 1 else None


def _weighted(material: Material) -> pd.Series | None:
    """Each audit counts for the cases of its service that it stands for; audits of no known service cannot."""
    if material.extracts.caseload is None:
        return None
    gradings = material.gradings("current", overall=True)
    cases = material.extracts.caseload.cases["service"].astype(str).value_counts()
    service = gradings["service"].astype(str)
    placed = service.isin(cases.index) & (service != NOT_RECORDED_SERVICE)
    audits = service[placed].value_counts()
    # More audits than open cases: a small service whose cases closed since. It counts as looked at in full.
    population = cases.drop(NOT_RECORDED_SERVICE, errors="ignore").combine(audits, max, fill_value=0)
    grades = gradings["grade"][placed]
    rows = pd.DataFrame(
        {
            "stratum": service[placed],
            "applies": grades.isin(material.scale.labels),
            "hit": grades.isin(material.scale.good_or_better),
        }
    )
    found = weighted_share(rows, population)
    if found.of < LEAST_BASE:
        return None
    whole = not found.strata_missing and placed.all()
    return pd.Series(
        {
            "group": "weighted" if whole else "weighted_in_part",
            "share": found.share,
            "low": found.low,
            "high": found.high,
        }
    )


def _adjusted(material: Material) -> pd.Series | None:
    """What the share would be had every audit been looked at twice, by the random second looks."""
    pairs = material.pairs[material.pairs["domain"] == OVERALL]
    gradings = material.gradings("current", overall=True)
    row = adjusted_grades(gradings, pairs, material.scale).iloc[-1]
    if pd.isna(row["adjusted"]):
        return None
    return pd.Series({"group": "adjusted", "share": row["adjusted"], "low": row["low"], "high": row["high"]})


def change(material: Material) -> pd.DataFrame | None:
    """The difference to the period before, overall and by domain, tested together (Holm)."""
    if "previous" not in {period.key for period in material.params.periods}:
        return None
    shares = pd.concat(
        [
            share_good_or_better(material.gradings(period, overall=overall), material.scale, "domain").assign(
                period=period
            )
            for period in ("previous", "current")
            for overall in (True, False)
            if not material.gradings(period, overall=overall).empty
        ]
    )
    wide = shares.astype({"group": "str"}).pivot_table(index="group", columns="period", values=["n", "of"], sort=False)
    if not {("of", "previous"), ("of", "current")} <= set(wide.columns):
        return None
    wide = wide.dropna()
    before, after = (
        (wide["n", period].astype(int), wide["of", period].astype(int)) for period in ("previous", "current")
    )
    found = difference(*before, *after)
    clear = adjust(found["p"], "holm") < FAMILY_LEVEL
    words = np.select([clear & (found["low"] > 0), clear & (found["high"] < 0)], [ROSE, FELL], NO_CLEAR_CHANGE)
    table = found.rename(columns={"difference": "share"}).rename_axis("group").reset_index()
    needs = [
        (
            ("periods", period) if group == OVERALL else ("domains_compared", group, period)
            for period in ("current", "previous")
        )
        for group in table["group"]
    ]
    known = table["share"].notna().to_numpy()
    return _without_counts(table, direction=words, needs=map(tuple, needs))[known].reset_index(drop=True)


def control(by_month: pd.DataFrame | None) -> pd.DataFrame | None:
    """The centre and the limits of chance for each month, and which months stand out; a median where months are few."""
    if by_month is None or (by_month["of"] > 0).sum() < FEWEST_FOR_A_RUN_CHART:
        return None
    kind = chart_allowed(int((by_month["of"] > 0).sum()))
    chart = p_chart(by_month["n"], by_month["of"], improve="up")
    if kind == "run_chart":
        chart = run_chart((by_month["n"] / by_month["of"].where(by_month["of"] > 0)), improve="up")
    steady = chart["trend_of_7"] & ~chart[["outside_limits", "run_of_7", "two_of_three"]].any(axis=1)
    signal = chart["cause"].map({"improving": HIGHER, "concerning": LOWER}).fillna("")
    signal = signal.mask(steady, signal.map({HIGHER: RISING, LOWER: FALLING}))
    table = pd.DataFrame(
        {
            "group": by_month["group"],
            "share": chart["centre"],
            "low": chart["lower"] if kind == "limits" else np.nan,
            "high": chart["upper"] if kind == "limits" else np.nan,
        }
    )
    return _without_counts(table, signal=signal, needs=((("by_month", group),) for group in table["group"]))


def services_funnel(by_service: pd.DataFrame | None) -> pd.DataFrame | None:
    """The share of all services together, the limits of chance around it, and where each service stands."""
    if by_service is None or len(by_service) < 2:
        return None
    found = funnel(by_service)
    table = found[["group"]].assign(share=found["target"], low=found["lower_95"], high=found["upper_95"])
    signal = found["class"].map({"above_95": HIGHER, "above_998": HIGHER, "below_95": LOWER, "below_998": LOWER,
                                 "too_few": "too few"}).fillna("")  # fmt: skip
    return _without_counts(table, signal=signal, needs=((("by_service", group),) for group in table["group"]))


def same_grades(material: Material) -> pd.DataFrame | None:
    """In how many of the second looks picked at random the grade was the same, overall and by domain."""
    found = _agreements(material)
    if not found:
        return None
    table = pd.DataFrame(
        [{"group": group, "n": one.same, "of": one.pairs, "left_out": one.left_out} for group, one in found.items()]
    )
    return table.join(wilson_interval(table["n"], table["of"]))


def coefficients(material: Material) -> pd.DataFrame | None:
    """How far auditors agree beyond chance (Gwet's AC1: on the very grade), where there are pairs enough.

    Weighted for near misses (AC2) it would be above 0.6 in nearly every sample of grades drawn by lot.
    """
    found = {group: one.gwet["exact"] for group, one in _agreements(material).items()}
    table = pd.DataFrame(
        [{"group": group, "share": one.value, "low": one.low, "high": one.high} for group, one in found.items()],
        columns=["group", "share", "low", "high"],
    )
    table = table[table["share"].notna()].reset_index(drop=True)
    needs = ((("same_grades", group),) for group in table["group"])
    return _without_counts(table, needs=needs) if len(table) else None


def _agreements(material: Material) -> dict[str, Agreement]:
    pairs = material.pairs[material.pairs["selection"] == "random"]
    labels = material.scale.labels
    return {
        str(domain): agreement(same["first"], same["second"], labels)
        for domain, same in pairs.groupby("domain", sort=False)
    }


def _without_counts(
    table: pd.DataFrame, needs: Iterable[tuple[tuple[str, ...], ...]], **words: Iterable[str]
) -> pd.DataFrame:
    """A measure table of figures that are no counts, with the words they allow and the rows they rest on."""
    found = table.reset_index(drop=True).assign(
        n=np.nan, of=np.nan, left_out=np.nan, needs=pd.Series(list(needs), dtype="object")
    )
    return found.assign(**{name: list(said) for name, said in words.items()})[["group", *MEASURES, *words, "needs"]]
