"""Which figures rest on statistics?

Beside the plain counts stand figures that are worked out: the share among all
cases, the share had all audits been seen twice, what changed, which months and
services stand out, how far auditors agree. Each has its table here, in the
measure shape, with the words that it allows (`direction`, `signal`).

All but `same_grades` are derived: made by the gate, of tables that it has already
protected (`earlier`). What compares counts rests on these tables alone, so nothing
can be learnt from it that they do not tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from qa_lib.measures.agreement import UNKNOWN, Agreement, agreement
from qa_lib.measures.change import adjust, difference
from qa_lib.measures.control import chart_allowed, p_chart, run_chart
from qa_lib.measures.estimates import weighted_share
from qa_lib.measures.funnel import funnel
from qa_lib.measures.moderation import adjusted_grades
from qa_lib.measures.shares import MEASURES, wilson_interval
from qa_lib.report.material import Material
from qa_lib.report.publishable import LEAST_BASE, SHARES, Publishable
from qa_lib.report.weights import strata
from qa_lib.settings.kinds import OVERALL

ROSE, FELL, NO_CLEAR_CHANGE = "rose", "fell", "no clear change"
HIGHER, LOWER, RISING, FALLING = "higher", "lower", "rising", "falling"
FAMILY_LEVEL = 0.05
"""The chance, over all that is compared, of calling any difference clear that is not there."""


def estimates(material: Material, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """The share good or better among the audits, among all cases, and after second looks.

    They are hidden where the counts of the audits are, or for the last of them those of the second looks.
    """
    overall = earlier["overall"]
    estimated = [row for row in (_weighted(material, _hidden_services(earlier)), adjusted(material)) if row]
    if overall.is_empty or not estimated:
        return None
    table = pd.DataFrame([{"group": "counted", **overall.table.iloc[0][SHARES]}, *estimated])
    if not shows_counts(overall, "all"):
        table[SHARES] = np.nan
    if not shows_counts(earlier["same_grades"], OVERALL):
        table.loc[table["group"] == "adjusted", SHARES] = np.nan
    return _without_counts(table)


def shows_counts(published: Publishable, group: str) -> bool:
    """Whether the counts of a group may be seen."""
    table = published.table
    return bool(table.loc[table["group"].astype(str) == group, "n"].notna().any())


def _hidden_services(earlier: Mapping[str, Publishable]) -> set[str]:
    """Services whose audits are hidden in some table: the weighted share takes them together, as a reader must."""
    tables = [earlier[name].table for name in ("coverage", "by_service")]
    return {str(group) for table in tables for group in table.loc[table["n"].isna(), "group"]} - {"all"}


def _weighted(material: Material, together: set[str]) -> dict[str, Any]:
    """Each audit counts for the cases that it stands for; audits of no known service or draw cannot."""
    found = strata(material, together)
    if found is None:
        return {}
    grades = material.gradings("current", overall=True).loc[found.audits.index, "grade"]
    rows = pd.DataFrame(
        {
            "stratum": found.audits,
            "applies": grades.isin(material.scale.labels),
            "hit": grades.isin(material.scale.good_or_better),
        }
    )
    share = weighted_share(rows, found.cases)
    if share.of < LEAST_BASE:
        return {}
    group = "weighted_in_part" if share.strata_missing or found.in_part else "weighted"
    return {"group": group, "share": share.share, "low": share.low, "high": share.high}


def adjusted(material: Material) -> dict[str, Any]:
    """What the share would be had every audit been looked at twice, by the random second looks."""
    once, pairs = material.one_audit_a_case["audit_id"], material.pairs
    gradings = material.gradings("current", overall=True)
    gradings = gradings[gradings["audit_id"].isin(once)]
    pairs = pairs[(pairs["domain"] == OVERALL) & pairs["audit_id"].isin(once)]
    row = adjusted_grades(gradings, pairs, material.scale).iloc[-1]
    if pd.isna(row["adjusted"]):
        return {}
    return {"group": "adjusted", "share": row["adjusted"], "low": row["low"], "high": row["high"]}


def change(earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """The difference to the period before, overall and by domain, tested together (Holm)."""
    overall = earlier["periods"].table.assign(period=lambda table: table["group"], group=OVERALL)
    both = pd.concat([overall, earlier["domains_compared"].table], ignore_index=True)
    return tested(both, "previous")


def tested(both: pd.DataFrame, before_key: str) -> pd.DataFrame | None:
    """The difference of each group to an earlier period, tested together, with the word of direction that it allows.

    `both` holds the rows of protected tables, with `group` and `period` ("current", and the key of the earlier one).
    """
    both = both[["group", "period"]].astype(str).join(_counts(both))
    before, after = (
        both[both["period"] == period].set_index("group")[["n", "of"]] for period in (before_key, "current")
    )
    wide = before.add_suffix("1").join(after.add_suffix("2"), how="inner")
    wide = wide[(wide["of1"] != 0) & (wide["of2"] != 0)].reset_index()
    if wide.empty:
        return None
    known = wide.where(wide.notna().all(axis=1))
    found = difference(known["n1"], known["of1"], known["n2"], known["of2"])
    clear = adjust(found["p"], "holm") < FAMILY_LEVEL
    words = np.select([clear & (found["low"] > 0), clear & (found["high"] < 0)], [ROSE, FELL], NO_CLEAR_CHANGE)
    words = np.where(found["p"].isna(), "", words)
    table = wide[["group"]].join(found.rename(columns={"difference": "share"}))
    return _without_counts(table, direction=words.tolist())


def control(earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """The centre and the limits of chance for each month, and which months stand out; a median where months are few."""
    months = earlier["by_month"].table
    months = months[months["of"] != 0].reset_index(drop=True)
    counts = _counts(months)
    audited = int(counts["of"].notna().sum())
    kind = chart_allowed(audited)
    if kind == "none":
        return None
    chart = p_chart(counts["n"], counts["of"], improve="up")
    if kind == "run_chart":
        chart = run_chart((counts["n"] / counts["of"]), improve="up")
    steady = chart["trend_of_7"] & ~chart[["outside_limits", "run_of_7", "two_of_three"]].any(axis=1)
    signal = chart["cause"].map({"improving": HIGHER, "concerning": LOWER}).fillna("")
    signal = signal.mask(steady, signal.map({HIGHER: RISING, LOWER: FALLING}))
    table = pd.DataFrame(
        {
            "group": months["group"],
            "share": chart["centre"].where(counts["of"].notna()),
            "low": chart["lower"] if kind == "limits" else np.nan,
            "high": chart["upper"] if kind == "limits" else np.nan,
        }
    )
    return _without_counts(table, signal=signal)


def services_funnel(earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """The share of the services shown together, the limits of chance around it, and where each service stands."""
    services = earlier["by_service"].table
    services = services[services["of"] != 0]
    counts = _counts(services).dropna().astype("int64")
    if len(counts) < 2:
        return None
    found = funnel(services.loc[counts.index, ["group"]].join(counts)).reindex(services.index)
    table = services[["group"]].assign(share=found["target"], low=found["lower_95"], high=found["upper_95"])
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


def coefficients(material: Material, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """How far auditors agree beyond chance (Gwet's AC1: on the very grade), where there are pairs enough.

    Weighted for near misses (AC2) it would be above 0.6 in nearly every sample of grades drawn by lot.
    """
    same = earlier["same_grades"]
    found = {
        group: one.gwet["exact"] if shows_counts(same, group) else UNKNOWN
        for group, one in _agreements(material).items()
    }
    rows = [(group, one.value, one.low, one.high) for group, one in found.items()]
    return _without_counts(pd.DataFrame(rows, columns=["group", *SHARES])) if rows else None


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
