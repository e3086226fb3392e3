"""What is one audit?

An audit is one auditor's look at one case file. It is read once and held in
three tables, so that no later room has to know what a form looked like:

- `audits`, one row an audit: who, where, when, and whom the auditor spoke to;
- `gradings`, one row an audit and domain (the overall grade among them);
- `comments`, one row an audit and filled text box.

Every row of an extract is either counted or left out by a named reason, so
that rows read = rows counted + rows left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from qa_lib.intake.checks import (
    check_blank_grades,
    check_blank_services,
    check_dates,
    check_ids,
    check_one_of,
    check_words,
    check_yes_no,
)
from qa_lib.intake.columns import NamedRows, named_sheets
from qa_lib.problems import DATA, Problem, QAError
from qa_lib.settings.framework import (
    DATE_COLUMNS,
    NOT_RECORDED_SERVICE,
    OVERALL,
    TEXT_COLUMNS,
    YES_NO_COLUMNS,
    Framework,
)  # fmt: skip
from qa_lib.settings.report import ReportParams
from qa_lib.settings.scale import NOT_RECORDED

TREND_MONTHS = 12
OUTSIDE = "outside the periods"


@dataclass(frozen=True)
class Audits:
    """All audits of a report's periods, checked.

    audits : `audit_id, case_id, audit_date, month, period, service, team`, and
        the date and yes/no columns that the extracts hold. `period` is
        "current", "previous", "last_year", or "trend" for the months between.
    gradings : `audit_id, month, period, service, domain, grade`
    comments : `audit_id, month, period, service, column, text`
    left_out : `file, reason, n`; rows_read : rows of each file, by file name
    sha256 : of each file's bytes; warnings : what was tidied or dropped
    """

    audits: pd.DataFrame
    gradings: pd.DataFrame
    comments: pd.DataFrame
    left_out: pd.DataFrame
    rows_read: dict[str, int]
    sha256: dict[str, str]
    warnings: tuple[Problem, ...]


def read_audits(params: ReportParams) -> Audits:
    """Read every audits extract of a report; all faults of all files at once.

    Raises
    ------
    QAError : exit code 3; nothing is counted from any file while one is refused.
    """
    framework = params.framework
    files, required = params.extracts["audits"], ("audit_id", "audit_date")
    sheets, sha256, problems = named_sheets(files, framework.columns, framework.audit_columns, required)
    parsed: list[tuple[NamedRows, pd.DataFrame]] = []
    for rows in sheets:
        table, found = _parse(rows, framework, params.as_of)
        parsed.append((rows, table))
        problems += found
    problems += _same_id_in_two_files(parsed)
    if any(problem.severity == "error" for problem in problems):
        raise QAError(problems, DATA)
    left_out = [
        {"file": rows.file, "reason": reason, "n": n} for rows, _ in parsed for reason, n in rows.left_out.items()
    ]
    read = {rows.file: len(table) + sum(rows.left_out.values()) for rows, table in parsed}
    everything = pd.concat([table.assign(file=rows.file) for rows, table in parsed], ignore_index=True)
    everything["period"] = _period_of(everything["audit_date"], params)
    outside = everything[everything["period"] == ""].groupby("file", sort=False).size()
    left_out += [{"file": file, "reason": OUTSIDE, "n": n} for file, n in outside.items()]
    if not (everything["period"] == "current").any():
        words = params.period.words
        raise QAError([Problem("no_audits", f"no audit has a date in {words}.", "Are these the right extracts?")], DATA)
    kept = everything[everything["period"] != ""].reset_index(drop=True)
    return Audits(
        _audits(kept, framework),
        _gradings(kept, framework),
        _comments(kept, framework),
        pd.DataFrame(left_out, columns=["file", "reason", "n"]),
        read,
        sha256,
        tuple(problems),
    )


def _parse(rows: NamedRows, framework: Framework, as_of: date) -> tuple[pd.DataFrame, list[Problem]]:
    """One file's rows with dates as dates and words as allowed words; problems beside them."""
    problems = list(rows.problems)
    table = rows.table.copy()
    if "audit_id" in table:
        problems += check_ids(rows)
    problems += check_one_of(rows, framework.grade_columns)
    for column in DATE_COLUMNS:
        if column in table:
            required = column == "audit_date"
            table[column], found = check_dates(rows, column, framework.earliest_date, as_of, required)
            problems += found
    mapped = {**framework.scale_map, **framework.spellings}
    for column in framework.grade_columns:
        if column in table:
            fix = "Correct the rows, or add the spelling under `spellings:` in the framework."
            table[column], found = check_words(rows, column, framework.scale.allowed, mapped, fix)
            problems += [*found, *check_blank_grades(rows, column)]
    if "service" in table:
        fix = "Correct the rows, or add the service or the spelling to the framework."
        table["service"], found = check_words(rows, "service", framework.services, framework.spellings, fix)
        problems += [*found, *check_blank_services(rows)]
    for column in YES_NO_COLUMNS:
        if column in table:
            table[column], found = check_yes_no(rows, column)
            problems += found
    return table, problems


def _same_id_in_two_files(parsed: Iterable[tuple[NamedRows, pd.DataFrame]]) -> list[Problem]:
    first: dict[str, str] = {}
    problems = []
    for rows, table in parsed:
        ids = table["audit_id"].str.casefold() if "audit_id" in table else pd.Series(dtype="str")
        again = ids[ids.isin(first) & (ids != "")]
        for file, same in again.groupby(again.map(first)):
            message = f"the same id stands in {file} as well."
            fix = "Take the audit out of one of the files."
            problems.append(rows.problem("doubled_id", message, fix, "audit_id", same.index))
        first.update(dict.fromkeys(ids, rows.file))
    return problems


def _period_of(dates: pd.Series, params: ReportParams) -> pd.Series:
    """The key of the period in which each date lies; "" outside all of them."""
    trend = params.period.back(0, "trend")
    start = params.period.back(TREND_MONTHS - params.period.months, "trend").start
    periods = pd.Series("", index=dates.index, dtype="str")
    for key, first, last in (
        ("trend", min(start, trend.start), trend.end),
        *((period.key, period.start, period.end) for period in reversed(params.periods)),
    ):
        periods[(dates >= pd.Timestamp(first)) & (dates < pd.Timestamp(last) + pd.Timedelta(days=1))] = key
    return periods


def _audits(kept: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    services = list(framework.services)
    service = kept["service"] if "service" in kept else pd.Series("", index=kept.index)
    service = service.fillna("").replace("", NOT_RECORDED_SERVICE)
    if (service == NOT_RECORDED_SERVICE).any():
        services.append(NOT_RECORDED_SERVICE)
    plain = [column for column in ("case_id", "team", "auditor", "audit_type") if column in kept]
    days = [column for column in DATE_COLUMNS if column in kept]
    answers = [column for column in YES_NO_COLUMNS if column in kept]
    table = kept[["audit_id", "period", *plain, *days, *answers]].copy()
    table[answers] = table[answers].fillna("").replace("", NOT_RECORDED)
    table["month"] = kept["audit_date"].dt.strftime("%Y-%m")
    table["service"] = pd.Categorical(service, services, ordered=True)
    return table


def _gradings(kept: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """One row an audit and domain; a blank is "Not recorded", never "Not applicable"."""
    audits = _audits(kept, framework)[["audit_id", "month", "period", "service"]]
    columns = [column for column in framework.grade_columns if column in kept]
    parts = [
        audits.assign(domain=column, grade=kept[column].fillna("").replace("", NOT_RECORDED)) for column in columns
    ]
    table = pd.concat(parts, ignore_index=True)
    order = [domain for domain in framework.grade_columns if domain in columns]
    table["domain"] = pd.Categorical(table["domain"], [*(d for d in order if d != OVERALL), OVERALL], ordered=True)
    table["grade"] = pd.Categorical(table["grade"], [*framework.scale.allowed, NOT_RECORDED], ordered=True)
    return table


def _comments(kept: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """One row an audit and filled text box; `split: bullets` makes each "- " line a row of its own."""
    audits = _audits(kept, framework)[["audit_id", "month", "period", "service"]]
    parts = []
    for column in TEXT_COLUMNS:
        if column in kept:
            text = kept[column].fillna("")
            part = audits.assign(column=column, text=text)[text != ""]
            if framework.split.get(column) == "bullets":
                part = part.assign(text=part["text"].str.split(r"(?m)^\s*-(?:\s+|$)", regex=True)).explode("text")
                part["text"] = part["text"].str.strip()
                part = part[part["text"] != ""]
            parts.append(part)
    if not parts:
        return audits.iloc[:0].assign(column="", text="")
    return pd.concat(parts, ignore_index=True)
