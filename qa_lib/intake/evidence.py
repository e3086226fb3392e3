"""What do the other activities say?

Complaints, supervision audits, escalations, feedback and the rest come as
observations: one row is one thing that one activity said, on a day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from qa_lib.intake.audits import services_of
from qa_lib.intake.reading import Extract
from qa_lib.settings.framework import Framework


@dataclass(frozen=True)
class Evidence:
    """All observations of a report's periods, checked.

    observations : `evidence_id, activity, date, month, period, service`, and `theme, text, polarity, outcome` where
        the extracts hold them; `activity` is a key of the framework
    """

    observations: pd.DataFrame


def evidence_of(extracts: Iterable[Extract], framework: Framework) -> Evidence:
    """The observations of all evidence files, none of them refused."""
    kept = pd.concat([extract.table for extract in extracts], ignore_index=True)
    activity = pd.Categorical(kept["activity"], list(framework.activities), ordered=True)
    month = kept["date"].dt.strftime("%Y-%m")
    return Evidence(kept.assign(activity=activity, month=month, service=services_of(kept, framework)))
