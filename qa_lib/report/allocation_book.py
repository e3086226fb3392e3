"""What do the co-ordinator and each auditor get of a draw?

Working papers, never part of a pack. The co-ordinator has one workbook with the
whole of it: who audits what, reserves in order, who is still waited for, why a
case could not be drawn, what a corrected list changed. Its sheet "Cases" is the
register of the draw: kept up there, it is read back as an extract. Each auditor has a
workbook of her own, as she may not see the cases of others: the form of the
audit with her cases filled in, and another for her second looks. Sent back
filled in, both are read as extracts.

No name stands in the name of a file or of a sheet.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from qa_lib.intake.allocation import ALLOCATED
from qa_lib.measures.completion import progress_by_service
from qa_lib.report.audit_form import FIXED_HELP, form_columns
from qa_lib.report.draw_told import reasons_told
from qa_lib.report.drawing import Drawing
from qa_lib.report.form_guidance import write_guidance
from qa_lib.report.form_sheet import Column, Lists, write_form
from qa_lib.report.sheets import Papers
from qa_lib.settings.kinds import ALLOCATION, AUDITS, MODERATION, OVERALL, YES_NO, Kind
from qa_lib.settings.report import ReportParams

ROLES = {"auditor": "Audits", "second_auditor": "Second look", "paired_with": "Sits in on"}
LIGHT_TOUCH = "Light touch"
NOT_ASKED = {"random_pick", "outcome"}
"""Columns of an extract that are not for the auditor to fill in."""
REGISTER = "Cases"
OWN_TASK = {
    "does": "What you do", "reference": "Reference of the audit", "case_id": "Case", "service": "Service",
    "team": "Team", "due": "Due", "paired_with": "Sits in on it",
}  # fmt: skip
TASK = {"name": "Auditor", "file": "Own workbook", **OWN_TASK, "does": "What she or he does"}
AUDITOR = {
    "auditor": "Auditor", "file": "Own workbook", "service": "Service", "team": "Team", "capacity": "Can do",
    "audits": "Audits", "second_looks": "Second looks", "paired": "Sits in on",
}  # fmt: skip
STRATUM = {
    "service": "Service", "listed": "Listed", "eligible": "Could be drawn", "drawn": "Drawn", "reserves": "Reserves",
}  # fmt: skip
RESERVE = {"service": "Service", "order": "Order", "case_id": "Case", "team": "Team", "category": "Category"}
WAITED_FOR = {
    "case_id": "Case", "service": "Service", "auditor": "Auditor", "allocated_on": "Allocated on", "due": "Due",
    "outcome": "So far",
}  # fmt: skip
NOT_DRAWN = {"case_id": "Case", "service": "Service", "reason": "Why it could not be drawn"}
CHANGE = {"case_id": "Case", "change": "In or out", "reason": "Why"}
WHAT_TO_DO = (
    "If you know the child or family, or have had to do with the case, do not begin: tell the co-ordinator.",
    "Audits: fill in a row of that sheet for each case, without names.",
    "Second looks: grade the file again, and do not ask for the first grades.",
    "Sits in on: you look at the file together with the auditor, who fills in the form.",
)


def audit_reference(params: ReportParams, case_id: str) -> str:
    """The reference of a case's audit, the same each time that the draw is made: "2013-08-K7Q2M4"."""
    asked = params.draw
    digest = hashlib.sha256(f"{asked.seed if asked else ''}|reference|{case_id.strip().casefold()}".encode()).digest()
    return f"{params.period.start:%Y-%m}-{base64.b32encode(digest).decode()[:6]}"


def write_allocation(drawing: Drawing, params: ReportParams, version: str, folder: Path) -> None:
    """Write `allocation.xlsx`, the co-ordinator's, and `auditors/auditor-01.xlsx` and so on, those of auditors."""
    people = drawing.assignment.load["auditor"].astype(str)
    files = {name: f"auditor-{at:02d}" for at, name in enumerate(people, start=1)}
    tasks = _tasks(drawing, params, files)
    _write_coordinators(drawing, params, version, tasks, folder / "allocation.xlsx")
    (folder / "auditors").mkdir()
    for name, mine in tasks.groupby("name"):
        _write_auditors(mine, str(name), params, folder / "auditors" / f"{files[str(name)]}.xlsx")


def _tasks(drawing: Drawing, params: ReportParams, files: Mapping[str, str]) -> pd.DataFrame:
    """One row an auditor and case: what she does, under which reference, in which workbook, and the register's row."""
    now = drawing.register[drawing.register["status"] == ALLOCATED]
    parts = [now[now[role] != ""].assign(role=role, does=does, name=now[role]) for role, does in ROLES.items()]
    tasks = pd.concat(parts, ignore_index=True)
    tasks["reference"] = [audit_reference(params, case) for case in tasks["case_id"]]
    tasks["file"] = tasks["name"].map(files)
    return tasks[tasks["file"].notna()].sort_values(["file", "role", "case_id"])


def _write_coordinators(drawing: Drawing, params: ReportParams, version: str, tasks: pd.DataFrame, path: Path) -> None:
    with Papers(path) as papers:
        for name, table in _sheets(drawing, params, version, tasks).items():
            if name == REGISTER:
                sheet, lists = papers.book.add_worksheet(name), Lists(papers.book.add_worksheet("Lists"))
                rows = table.to_dict("records")
                write_form(papers.book, sheet, _columns_of(ALLOCATION, params), params.framework, lists, rows)
                sheet.fit_to_pages(1, 0)
            else:
                papers.table(name, table)


def _sheets(drawing: Drawing, params: ReportParams, version: str, tasks: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The sheets of the co-ordinator's workbook, each as the table that stands on it."""
    draw, load, frame = drawing.draw, drawing.assignment.load, drawing.draw.frame
    about = {
        "Month": params.period.words, "Date of the draw": params.as_of,
        "Seed": str(params.draw.seed) if params.draw else "",
        "Fingerprint of the case list": draw.frame_sha256, "Version of the workbook": version,
        "Cases drawn that name an auditor, who was barred": drawing.assignment.barred["own_case"],
        "Cases drawn of an auditor's own team, who was barred": drawing.assignment.barred["own_team"],
    }  # fmt: skip
    reserves = frame[frame["place"] == "reserve"].sort_values(["service", "order"])
    out = frame[frame["reason"] != ""]
    files = dict(zip(tasks["name"], tasks["file"], strict=True))
    words = {reason: told[:1].upper() + told[1:] for reason, told in reasons_told(params).items()}
    why = drawing.changes["reason"].map(lambda reason: words.get(reason, reason))
    return {
        "Overview": pd.DataFrame({"What": [*about], "Value": [*about.values()]}, dtype="object"),
        REGISTER: drawing.register,
        "Tasks": _named(tasks, TASK),
        "Auditors": _named(load.assign(file=load["auditor"].map(files)), AUDITOR),
        "Services": _named(draw.strata, STRATUM),
        "Reserves": _named(reserves, RESERVE),
        "Coverage": _coverage(drawing.reached),
        "Waited for": _named(drawing.before[drawing.before["waited_for"]].sort_values("due"), WAITED_FOR),
        "Earlier months": progress_by_service(drawing.before).rename(columns=str.capitalize),
        "Not drawn": _named(out.assign(reason=out["reason"].map(words)), NOT_DRAWN),
        "Changes": _named(drawing.changes.assign(reason=why), CHANGE),
    }


def _coverage(open_cases: pd.DataFrame) -> pd.DataFrame:
    """Open cases of each team, and how many were audited in the months in which no case is drawn again."""
    teams = open_cases.assign(team=open_cases.get("team", "")).fillna({"team": ""})
    table = teams.groupby(["service", "team"], observed=True)["reached"].agg(["count", "sum"]).reset_index()
    return table.sort_values(["service", "sum"]).set_axis(["Service", "Team", "Open cases", "Audited before"], axis=1)


def _named(table: pd.DataFrame, heads: Mapping[str, str]) -> pd.DataFrame:
    """These columns of a table, under the headings that a person reads; blank where there is no such column."""
    return table.reindex(columns=list(heads)).rename(columns=dict(heads))


def _write_auditors(mine: pd.DataFrame, name: str, params: ReportParams, path: Path) -> None:
    """One auditor's workbook: a sheet that says which cases and until when, the forms, a tool's guidance."""
    framework, tool = params.framework, params.tool
    of_role = {role: mine[mine["role"] == role].to_dict("records") for role in ROLES}
    with Papers(path) as papers:
        papers.table("Your cases", _named(mine, OWN_TASK), WHAT_TO_DO)
        book = papers.book
        lists = Lists(book.add_worksheet("Lists"))
        if of_role["auditor"]:
            form = form_columns(tool, framework) if tool else _columns_of(AUDITS, params)
            rows = [_filled(row, name, params) for row in of_role["auditor"]]
            write_form(book, book.add_worksheet("Audits"), form, framework, lists, rows)
        if of_role["second_auditor"]:
            again = [
                {"audit_id": row["reference"], "moderator": name, "selection": "random"}
                for row in of_role["second_auditor"]
            ]
            write_form(
                book, book.add_worksheet("Second looks"), _columns_of(MODERATION, params), framework, lists, again
            )
        if tool:
            write_guidance(book, book.add_worksheet("Guidance"), tool, framework)


def _filled(row: Mapping[Any, Any], name: str, params: ReportParams) -> dict[str, Any]:
    """What is known of an audit before it is done."""
    known = {key: row[key] for key in ("case_id", "service", "team", "allocated_on")}
    kind = "" if params.tool else LIGHT_TOUCH
    return {**known, "audit_id": row["reference"], "auditor": name, "audit_type": kind}


def _columns_of(kind: Kind, params: ReportParams) -> dict[str, Column]:
    """The columns of a form for a kind of extract, under the headings of the council's own form, else under ours."""
    framework = params.framework
    own = {column: heading for heading, column in framework.headings(kind).items()}
    cells = {key: holds for key, holds in framework.cells(kind).items() if key not in NOT_ASKED}
    grades = [key for key in (*framework.domains, OVERALL) if key in cells]
    texts = [key for key in cells if key in kind.texts]
    known = [key for key in cells if key not in {*grades, *texts} and cells[key] != YES_NO]
    headings = {key: own.get(key, key.replace("_", " ").capitalize()) for key in cells}
    longest = max(map(len, framework.services)) + 2
    return {
        key: Column(
            headings[key],
            cells[key],
            headings[key],
            FIXED_HELP.get(key, ""),
            width=44 if key in texts else longest if key == "service" else 18,
        )
        for key in dict.fromkeys([*known, *grades, *texts, *cells])
    }
