"""Which figures rest on statistics?

Beside the plain counts stand figures that are worked out: the share among all
cases, the share had all audits been seen twice, what changed, which months and
services stand out, how far auditors agree. Each has its table here, in the
measure shape, with the words that it allows (`direction`, `signal`).

What compares counts that other tables show is worked out after the gate, from
those tables (`earlier`): nothing can be learnt from it that they do not tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from qa_lib.measures.agreement import Agreement, agreement
from qa_lib.measures.change import adjust, difference
from qa_lib.measures.control import chart_allowed, p_chart, run_chart
from qa_lib.measures.estimates import weighted_share
from qa_lib.measures.funnel import funnel
from qa_lib.measures.moderation import adjusted_grades
from qa_lib.measures.shares import MEASURES, share_good_or_better, wilson_interval
from qa_lib.report.material import Material
from qa_lib.report.publishable import LEAST_BASE, Publishable
from qa_lib.settings.framework import NOT_RECORDED_SERVICE
from qa_lib.settings.kinds import OVERALL

ROSE, FELL, NO_CLEAR_CHANGE = "rose", "fell", "no clear change"
HIGHER, LOWER, RISING, FALLING = "higher", "lower", "rising", "falling"
FAMILY_LEVEL = 0.05
"""The chance, over all that is compared, of calling any difference clear that is not there."""


def estimates(material: Material, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """The share good or better among the audits, among all open cases, and after second looks."""
    gradings = material.gradings("current", overall=True)
    if gradings.empty:
        return None
    counted = share_good_or_better(gradings.assign(whole="counted"), material.scale, "whole")
    rows = [
        counted.iloc[0],
        *(row for row in (_weighted(material, _hidden_services(earlier)), _adjusted(material)) if row is not None),
    ]
    table = pd.DataFrame([{**counted.iloc[0].to_dict(), **row.to_dict()} for row in rows])
    return table.assign(group=table["group"].astype(str)) if len(rows) > 1 else None


def _hidden_services(earlier: Mapping[str, Publishable]) -> set[str]:
    """Services whose audits are hidden in some table: the weighted share takes them together, as a reader must."""
    tables = [earlier[name].table for name in ("coverage", "by_service") if name in earlier]
    return {str(group) for table in tables for group in table.loc[table["n"].isna(), "group"]} - {"all"}


def _second_looks_hidden(earlier: Mapping[str, Publishable]) -> bool:
    """Whether the counts of second looks at the overall grade are hidden: the adjusted share is then, too."""
    if "same_grades" not in earlier:
        return False
    table = earlier["same_grades"].table
    return bool(table.loc[table["group"].astype(str) == OVERALL, "n"].isna().any())


def _weighted(material: Material, together: set[str]) -> pd.Series | None:
    """Each audit counts for the cases of its service that it stands for; audits of no known service cannot."""
    if material.extracts.caseload is None:
        return None
    gradings = material.gradings("current", overall=True)
    known = material.extracts.caseload.cases["service"].astype(str)
    cases = known.mask(known.isin(together), "others").value_counts()
    service = gradings["service"].astype(str)
    service = service.mask(service.isin(together), "others")
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


def change(earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """The difference to the period before, overall and by domain, tested together (Holm)."""
    rows = []
    for name, key in (("periods", OVERALL), ("domains_compared", "")):
        table = earlier[name].table
        for group, same in table.groupby(
            table["group"].astype(str) if not key else np.repeat(key, len(table)), sort=False
        ):
            when = same["period"] if "period" in same else same["group"]
            counts = _counts(same).set_index(when.astype(str))
            if {"previous", "current"} <= set(counts.index):
                rows.append((group, *counts.loc["previous"], *counts.loc["current"]))
    wide = pd.DataFrame(rows, columns=["group", "n1", "of1", "n2", "of2"]).dropna()
    wide = wide[(wide["of1"] > 0) & (wide["of2"] > 0)].reset_index(drop=True)
    if wide.empty:
        return None
    found = difference(wide["n1"], wide["of1"], wide["n2"], wide["of2"])
    clear = adjust(found["p"], "holm") < FAMILY_LEVEL
    words = np.select([clear & (found["low"] > 0), clear & (found["high"] < 0)], [ROSE, FELL], NO_CLEAR_CHANGE)
    table = wide[["group"]].join(found.rename(columns={"difference": "share"}))
    return _without_counts(table, direction=words.tolist())


def control(earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """The centre and the limits of chance for each month, and which months stand out; a median where months are few."""
    months = earlier["by_month"].table
    counts = _counts(months)
    audited = int((counts["of"] > 0).sum())
    kind = chart_allowed(audited)
    if kind == "none":
        return None
    chart = p_chart(counts["n"], counts["of"], improve="up")
    if kind == "run_chart":
        chart = run_chart((counts["n"] / counts["of"].where(counts["of"] > 0)), improve="up")
    steady = chart["trend_of_7"] & ~chart[["outside_limits", "run_of_7", "two_of_three"]].any(axis=1)
    signal = chart["cause"].map({"improving": HIGHER, "concerning": LOWER}).fillna("")
    signal = signal.mask(steady, signal.map({HIGHER: RISING, LOWER: FALLING}))
    table = pd.DataFrame(
        {
            "group": months["group"],
            "share": chart["centre"].where(counts["of"] > 0),
            "low": chart["lower"] if kind == "limits" else np.nan,
            "high": chart["upper"] if kind == "limits" else np.nan,
        }
    )
    return _without_counts(table, signal=signal)


def services_funnel(earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """The share of the services shown together, the limits of chance around it, and where each service stands."""
    services = earlier["by_service"].table
    counts = _counts(services).dropna()
    counts = counts[counts["of"] > 0].astype("int64")
    if len(counts) < 2:
        return None
    found = funnel(services.loc[counts.index, ["group"]].join(counts))
    table = found[["group"]].assign(share=found["target"], low=found["lower_95"], high=found["upper_95"])
    signal = found["class"].map({"above_95": HIGHER, "above_998": HIGHER, "below_95": LOWER, "below_998": LOWER,
                                 "too_few": "too few"}).fillna("")  # fmt: skip
    return _without_counts(table, signal=signal)


def _counts(table: pd.DataFrame) -> pd.DataFrame:
    """The counts of each row as a reader could know them: exact, or from the share and the least base; else NaN."""
    whole = table["n"].notna() & table["of"].notna()
    about = table["share"].notna() & (table["base"] > 0)
    return pd.DataFrame(
        {
            "n": table["n"].where(whole, (table["share"] * table["base"]).round().where(about)),
            "of": table["of"].where(whole, table["base"].where(about)),
        }
    )


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
    needs = [(("same_grades", group),) for group in table["group"]]
    return _without_counts(table, needs=needs) if len(table) else None


def _agreements(material: Material) -> dict[str, Agreement]:
    pairs = material.pairs[material.pairs["selection"] == "random"]
    labels = material.scale.labels
    return {
        str(domain): agreement(same["first"], same["second"], labels)
        for domain, same in pairs.groupby("domain", sort=False)
    }


def _without_counts(table: pd.DataFrame, **words: Sequence[Any] | pd.Series) -> pd.DataFrame:
    """A measure table of figures that are no counts, with the words that they allow."""
    found = table.reset_index(drop=True).assign(n=np.nan, of=np.nan, left_out=np.nan)
    for name, said in words.items():
        found[name] = list(said)
    return found[["group", *MEASURES, *words]]
