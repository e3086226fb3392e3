"""Can these files be used, and if not, why?

What `qa check` answers, in words and in JSON: for every file the rows read,
counted and left out by reason, and every problem with its row, its column and
its cure.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from qa_lib.intake.extracts import check_extracts
from qa_lib.intake.reading import Extract
from qa_lib.intake.rules import Rules
from qa_lib.problems import SETTINGS, Problem, QAError, list_of, shared_out
from qa_lib.report.forms import render_fix_list
from qa_lib.run.plan import outputs_of
from qa_lib.settings.framework import Framework
from qa_lib.settings.period import Period
from qa_lib.settings.report import read_report
from qa_lib.settings.tool import AuditTool
from qa_lib.settings.yaml import read_settings

ACCEPT, WARNED, REJECT = "accept", "accept_with_warning", "reject"
NOTES = {
    "corrected": "cells corrected as the framework says",
    "tidied": "cells tidied (capitals, spaces)",
    "blank_grade": "blank grades, counted as not recorded",
    "blank_service": "blank services, counted as not recorded",
    "no_owner": "actions without an owner",
    "no_measure": "actions without a measure",
    "no_due": "actions without a due date",
}
Checked = dict[str, tuple[Extract, ...]]
Step = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """What a file given by itself is held against, as typed on the command line."""

    framework: str | None
    period: str | None
    as_of: str | None
    kind: str
    tool: str | None = None

    def rules(self) -> Rules:
        """The rules that these words mean.

        Raises
        ------
        QAError : exit code 2, with everything that is missing or wrong.
        """
        problems = []
        if self.framework is None:
            problems.append(Problem("option", "--framework is missing.", "Name the framework.yml of your council."))
        as_of = _day(self.as_of) if self.as_of else None
        if as_of is None:
            fix = "Give the report's own date, such as --as-of 2013-10-01: today's date is never read."
            problems.append(Problem("option", "--as-of is missing, or not a date.", fix))
        start, _, end = (self.period or "").partition(":")
        first, last = _day(start), _day(end)
        if self.period and (first is None or last is None or last < first):
            message = "--period should be two dates, the earlier first."
            problems.append(Problem("option", message, "Such as --period 2013-05-01:2013-07-31."))
        if problems or self.framework is None or as_of is None:
            raise QAError(problems, SETTINGS)
        framework = read_settings(Path(self.framework), Framework)
        periods = (Period("current", first, last),) if first and last else ()
        if self.tool is None:
            return Rules(framework, as_of, periods)
        kind = read_settings(Path(self.tool), AuditTool).kind("themed")
        return Rules(framework, as_of, periods, {"themed": kind})


def check_files(files: Sequence[str], asked: Asked, step: Step) -> Checked:
    """Read and check extracts of one kind, by themselves."""
    paths = tuple(Path(file) for file in files)
    rules = asked.rules()
    step("Checking " + list_of(path.name for path in paths))
    kind = "themed" if asked.tool else asked.kind
    return {list_of(path.name for path in paths): check_extracts({kind: paths}, rules)}


def check_reports(params_files: Sequence[str], step: Step) -> Checked:
    """Read and check every extract that the params files name, by the name of the report."""
    checked: Checked = {}
    problems: list[Problem] = []
    for file in params_files:
        step(f"Checking what {Path(file).name} names")
        try:
            params = read_report(file)
            checked[outputs_of(params.path)[1]] = check_extracts(params.extracts, Rules.of(params))
        except QAError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise QAError(problems, SETTINGS)
    return checked


def status(extracts: Iterable[Extract]) -> str:
    """`accept`, `accept_with_warning` or `reject`: one refused file refuses them all."""
    severities = {problem.severity for extract in extracts for problem in extract.problems}
    return REJECT if "error" in severities else WARNED if severities else ACCEPT


def as_json(extracts: Sequence[Extract]) -> str:
    """The verdict for programs; a problem of several rows stands once for each row."""
    files = [
        {
            "file": extract.file,
            "sheet": extract.sheet,
            "rows_read": extract.rows_read,
            "rows_counted": extract.rows_counted,
            "rows_left_out": extract.rows_left_out,
            "problems": _entries(extract.problems, extract.file),
        }
        for extract in extracts
    ]
    return json.dumps({"status": status(extracts), "files": files}, indent=2)


def settings_as_json(problems: Iterable[Problem]) -> str:
    """The same where the settings themselves are wrong and no file was looked at."""
    entries = [{**entry, "line": problem.line} for problem in problems for entry in _entries([problem], problem.file)]
    return json.dumps({"status": REJECT, "files": [], "problems": entries}, indent=2)


def _entries(problems: Iterable[Problem], file: str) -> list[dict[str, Any]]:
    """Every fault by row: the first 200, then a count; the same for what is only told."""
    entries = []
    for severity in ("error", "warning"):
        found = [problem for problem in problems if problem.severity == severity]
        told = shared_out(found)
        entries += [
            _entry(problem, row)
            for problem, count in told
            for row in (problem.rows[:count] if problem.rows else [None])
        ]
        more = sum(max(1, len(problem.rows)) for problem in found) - sum(count for _, count in told)
        if more:
            fix = "Put these right first, then check again."
            entries.append(_entry(Problem("more", f"and {more:,} more.", fix, file=file, severity=severity), None))
    return entries


def _entry(problem: Problem, row: int | None) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "code": problem.code,
        "file": problem.file,
        "sheet": problem.sheet,
        "row": row,
        "column": problem.column,
        "message": problem.message,
        "fix": problem.fix,
    }


def told(name: str, extracts: Iterable[Extract]) -> list[str]:
    """The verdict for a person, where nothing is to be put right."""
    lines, notes = [f"{name}: nothing to put right."], []
    for extract in extracts:
        reasons = [f"{n:,} ({reason})" for reason, n in extract.rows_left_out.items()]
        out = f"; rows left out: {list_of(reasons)}" if reasons else ""
        lines.append(f"  {extract.file}: {extract.rows_read:,} rows read, {extract.rows_counted:,} counted{out}")
        notes += [f"  Note on {extract.file}: {note}" for note in _notes(extract.problems)]
    return [*lines, *notes]


def _notes(warnings: Iterable[Problem]) -> list[str]:
    """Warnings a line each; those about cells one line a kind, by column."""
    columns: dict[str, list[str]] = {}
    plain = []
    for warning in warnings:
        if warning.code in NOTES:
            columns.setdefault(warning.code, []).append(f"{warning.column} ({len(warning.rows):,})")
        else:
            plain.append(warning.sentence)
    return [*plain, *(f"{NOTES[code]}: {list_of(found)}." for code, found in columns.items())]


def write_fix_list(extracts: Sequence[Extract], path: Path) -> None:
    """Write what is to be put right into a workbook; never over an extract.

    Raises
    ------
    QAError : exit code 2; the name is not that of a workbook, or is that of an extract.
    """
    if path.suffix.lower() != ".xlsx" or path.name in {extract.file for extract in extracts}:
        message = f"{path.name} cannot be the fix list."
        raise QAError([Problem("option", message, "Give it a name of its own that ends in .xlsx.")], SETTINGS)
    render_fix_list([problem for extract in extracts for problem in extract.problems], path)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
