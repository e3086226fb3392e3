"""Which cases are open?

The case list says how many cases each service holds on a day: the population
that a month's audits are drawn from. Only counts leave this room for now; the
draw of cases and the auditors come with the front of the audit cycle.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from qa_lib.intake.checks import check_blank_services, check_dates, check_ids, check_words
from qa_lib.intake.columns import named_sheets
from qa_lib.problems import DATA, Problem, QAError
from qa_lib.settings.framework import CASE_COLUMNS, NOT_RECORDED_SERVICE
from qa_lib.settings.report import ReportParams


@dataclass(frozen=True)
class Caseload:
    """Open cases: `cases` has one row a case (`case_id, service, as_at`, and what else the list holds)."""

    cases: pd.DataFrame
    sha256: dict[str, str]
    warnings: tuple[Problem, ...]


def read_caseload(params: ReportParams) -> Caseload | None:
    """Read the case list of a report; None where the params file names none.

    A case with a date in `closed` on or before `as_at` is not open and not counted.

    Raises
    ------
    QAError : exit code 3, with every fault of the list.
    """
    framework, required = params.framework, ("case_id", "service", "as_at")
    files = params.extracts["caseload"]
    sheets, sha256, problems = named_sheets(files, framework.columns, CASE_COLUMNS, required)
    tables = []
    for rows in sheets:
        problems += rows.problems
        if not set(required) <= set(rows.table):
            continue
        table = rows.table.copy()
        problems += check_ids(rows, "case_id")
        fix = "Correct the rows, or add the service or the spelling to the framework."
        table["service"], found = check_words(rows, "service", framework.services, framework.spellings, fix)
        problems += [*found, *check_blank_services(rows)]
        for column in ("as_at", "opened", "closed"):
            if column in table:
                latest = params.as_of
                table[column], found = check_dates(rows, column, framework.earliest_date, latest, column == "as_at")
                problems += found
        tables.append(table)
    if any(problem.severity == "error" for problem in problems):
        raise QAError(problems, DATA)
    if not tables:
        return None
    cases = pd.concat(tables, ignore_index=True)
    if "closed" in cases:
        cases = cases[~(cases["closed"] <= cases["as_at"])]
    service = cases["service"].replace("", NOT_RECORDED_SERVICE)
    categories = [
        *framework.services,
        *([NOT_RECORDED_SERVICE] if (service == NOT_RECORDED_SERVICE).any() else []),
    ]
    cases = cases.assign(service=pd.Categorical(service, categories, ordered=True)).reset_index(drop=True)
    return Caseload(cases, sha256, tuple(problems))
