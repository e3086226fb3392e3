"""Which cases are open, and who can audit?

The case list says how many cases each service holds on a day: the population
that a month's audits are drawn from. The auditor list says who may look.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from qa_lib.intake.audits import services_of
from qa_lib.intake.reading import Extract
from qa_lib.settings.framework import Framework


@dataclass(frozen=True)
class Caseload:
    """Open cases: `cases` has one row a case (`case_id, service, as_at`, and what else the list holds).

    `listed` holds the closed ones as well. Where several lists were given, it is the latest.
    """

    cases: pd.DataFrame
    listed: pd.DataFrame


@dataclass(frozen=True)
class Auditors:
    """Who can audit: `auditors` has one row an auditor (`auditor, service`, and what else the list holds)."""

    auditors: pd.DataFrame


def caseload_of(extracts: Iterable[Extract], framework: Framework) -> Caseload:
    """The open cases of the latest case list. A case closed on or before `as_at` is not open and not counted."""
    listed = pd.concat([extract.table for extract in extracts], ignore_index=True).drop(columns="period")
    listed = listed[listed["as_at"] == listed["as_at"].max()]
    listed = listed.assign(service=services_of(listed, framework)).reset_index(drop=True)
    is_open = ~(listed["closed"] <= listed["as_at"]) if "closed" in listed else pd.Series(True, index=listed.index)
    return Caseload(listed[is_open].reset_index(drop=True), listed)


def auditors_of(extracts: Iterable[Extract], framework: Framework) -> Auditors:
    """Everybody on the auditor lists."""
    auditors = pd.concat([extract.table for extract in extracts], ignore_index=True).drop(columns="period")
    return Auditors(auditors.assign(service=services_of(auditors, framework)))


def categories_of(cases: pd.DataFrame, framework: Framework) -> pd.Series:
    """The kind of need of each case of a list or register, in the framework's words and order, "Other" last."""
    held = cases["category"] if "category" in cases else pd.Series("", index=cases.index)
    words = held.fillna("").map(framework.category)
    return pd.Series(pd.Categorical(words, framework.category_words, ordered=True), cases.index)
