"""Which cases were drawn, and what became of them?

The register of the draws: a row a case, as the draw wrote it and as the
co-ordinator has kept it since. Whether an audit was completed is not asked of
it: the audits tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from qa_lib.intake.audits import services_of
from qa_lib.intake.reading import Extract
from qa_lib.settings.framework import Framework

ALLOCATED, EXCLUDED, REPLACED = "allocated", "excluded", "replaced"


@dataclass(frozen=True)
class Allocation:
    """Every case drawn: `cases` has `case_id, service, allocated_on, month, status, period`, and what else is held.

    `month` ("2013-05") is that in which a case was allocated. `status` is "allocated"; "excluded", taken out after the
    draw; or "replaced", taken out with the next reserve in its place.
    """

    cases: pd.DataFrame


def allocation_of(extracts: Iterable[Extract], framework: Framework) -> Allocation:
    """The cases of all registers, none of them refused. A blank status says that a case stands as it was allocated."""
    cases = pd.concat([extract.table for extract in extracts], ignore_index=True)
    status = cases["status"] if "status" in cases else pd.Series("", index=cases.index)
    return Allocation(
        cases.assign(
            service=services_of(cases, framework),
            month=cases["allocated_on"].map(lambda day: f"{day:%Y-%m}").astype(str),
            status=status.where(status.isin([EXCLUDED, REPLACED]), ALLOCATED),
        )
    )
