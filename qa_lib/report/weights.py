"""Which cases does each audit stand for?

An audit that was drawn stands for the cases that could have been drawn with it: those of its service, in its month.
The register of the draws says how many these were. Without a register it stands for the open cases of its service, by
the case list. So audits are put into strata, each with its number of cases; `estimates` weights by them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pandas as pd

from qa_lib.measures.programme import months_to
from qa_lib.report.material import Material
from qa_lib.settings.framework import NOT_RECORDED_SERVICE

OTHERS = "others"
"""The stratum of services that are taken together, as their audits are hidden."""


@dataclass(frozen=True)
class Strata:
    """The stratum of each audit that has one, by the index of the gradings; the cases of each stratum.

    `in_part` says that audits or cases are left out: audits in no stratum, services without an audit.
    """

    audits: pd.Series[Any]
    cases: pd.Series[Any]
    in_part: bool


def drawn_audits(material: Material) -> pd.DataFrame:
    """The audits of the period that stand in a draw: `audit_id, month`, and `service, eligible` of the draw.

    Of a case that was audited twice it is the latest audit. Only draws whose register says how many cases could be
    drawn; without rows where there is no such register.
    """
    drawn = material.progress
    if drawn is None or "eligible" not in drawn:
        return pd.DataFrame({"audit_id": [], "month": [], "service": [], "eligible": []})
    done = drawn[drawn["audit_id"].isin(material.current["audit_id"]) & drawn["eligible"].notna()]
    done = done.assign(case=done["case_id"].str.casefold())[["case", "service", "eligible"]].drop_duplicates("case")
    audits = material.one_audit_a_case[["audit_id", "case_id", "month"]]
    both = audits.assign(case=audits["case_id"].str.casefold()).merge(done, on="case")
    return both[["audit_id", "month", "service", "eligible"]].astype({"service": "str"})


def weighted_words(material: Material) -> dict[str, str]:
    """What a share is weighted to, in words: in full, and where services or audits are left out."""
    if drawn_audits(material).empty:
        return {"weighted": "Weighted to all open cases",
                "weighted_in_part": "Weighted to open cases of services with audits"}  # fmt: skip
    return {"weighted": "Weighted to all cases that could be drawn",
            "weighted_in_part": "Weighted to those cases that could be drawn which audits speak for"}  # fmt: skip


def strata(material: Material, together: Collection[str]) -> Strata | None:
    """The strata of the overall gradings: of the draws, else of the case list, else none.

    `together` are services that are taken as one, as readers must.
    """
    drawn = drawn_audits(material)
    if not drawn.empty:
        return _of_draws(material, drawn, together)
    return _of_cases(material, together) if material.extracts.caseload else None


def _of_draws(material: Material, drawn: pd.DataFrame, together: Collection[str]) -> Strata:
    """A stratum a service and month, with the cases that could be drawn of it then.

    The month is that in which the audit counts: one that ran over stands with those of the month it was finished in.
    Where that month had no draw of the service, the audit brings the number of cases of its own draw.
    """
    gradings = material.gradings("current", overall=True)["audit_id"]
    audits = gradings.reset_index().set_axis(["at", "audit_id"], axis=1).merge(drawn, on="audit_id").set_index("at")
    months = months_to(f"{material.params.period.end:%Y-%m}", material.params.period.months)
    register = material.progress
    assert register is not None, "audits were drawn from it"  # noqa: S101
    draws = register[register["month"].isin(months) & register["eligible"].notna()].astype({"service": "str"})
    by = ["service", "month"]
    cases = draws.groupby(by)["eligible"].max().combine_first(audits.groupby(by)["eligible"].max())
    known = set(cases.index.get_level_values("service"))
    caseload = material.extracts.caseload
    open_in = set(caseload.cases["service"].astype(str)) if caseload else set()
    cases = cases.astype(float).rename(lambda name: OTHERS if name in together else name, level="service")
    cases = cases.groupby(by).sum()
    audits["service"] = audits["service"].mask(audits["service"].isin(together), OTHERS)
    place = _spoken_for(cases.index, set(zip(audits["service"], audits["month"], strict=True)))
    of_audit = pd.Series([*zip(audits["service"], audits["month"], strict=True)], audits.index, dtype=object)
    counts = of_audit.map(" ".join).value_counts()
    cases = cases.groupby([" ".join(place[stratum]) for stratum in cases.index]).sum()
    cases = cases.combine(
        counts.astype(float), max, fill_value=0
    )  # a draw that says fewer than were audited was looked at in full
    left_out = len(audits) < len(gradings) or bool(open_in - known - {NOT_RECORDED_SERVICE})
    return Strata(of_audit.map(" ".join), cases, left_out)


def _spoken_for(strata: pd.Index, audited: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
    """The stratum whose audits speak for each: its own, or of its service the nearest month that has any audit."""

    def at(month: str) -> int:
        return int(month[:4]) * 12 + int(month[5:])

    found = {}
    for service, month in strata:
        months = sorted((abs(at(other) - at(month)), other) for name, other in audited if name == service)
        found[service, month] = (service, months[0][1] if months else month)
    return found


def _of_cases(material: Material, together: Collection[str]) -> Strata:
    """A stratum a service, with its open cases; audits of no known service have none."""
    assert material.extracts.caseload is not None, "asked for where there is a case list"  # noqa: S101
    known = material.extracts.caseload.cases["service"].astype(str)
    cases = known.mask(known.isin(together), OTHERS).value_counts()
    service = material.gradings("current", overall=True)["service"].astype(str)
    service = service.mask(service.isin(together), OTHERS)
    placed = service.isin(cases.index) & (service != NOT_RECORDED_SERVICE)
    # More audits than open cases: a small service whose cases closed since. It counts as looked at in full.
    cases = cases.drop(NOT_RECORDED_SERVICE, errors="ignore").combine(service[placed].value_counts(), max, fill_value=0)
    return Strata(service[placed], cases, not placed.all())
