"""Which params file asks for what was looked at?

An exploration answers on screen; what a Board is to read comes from a run. So
what was chosen is written as a params file: the one that the exploration began
with, its period and its part as chosen, and nothing of what only that report
needs. It stands beside the other, so that both name the same extracts.
"""

from __future__ import annotations

import calendar
import re
from datetime import date
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from qa_lib.problems import Problem, QAError
from qa_lib.run.beside import place_beside, refused, write_beside
from qa_lib.run.plan import NAME
from qa_lib.settings.asked import ParamsFile
from qa_lib.settings.period import Period
from qa_lib.settings.report import ReportParams, read_report
from qa_lib.settings.yaml import is_file, read_settings

if TYPE_CHECKING:
    from qa_lib.report.choosing import Choice

HEAD = "# Made in an exploration. One file is one report: read this one through, its title above all.\n"
STAY = ("report_to", "framework", "codebook", "tool", "standards")
MONTHS = re.compile(r"((?:19|20|21)[0-9]{2})-(0[1-9]|1[0-2])\.\.((?:19|20|21)[0-9]{2})-(0[1-9]|1[0-2])")


def make_report(params: ReportParams, choice: Choice, name: str) -> Path:
    """Write the params file of a report about what is looked at, beside the one that the exploration began with.

    Parameters
    ----------
    params : what the exploration began with, for its audience
    choice : what is looked at; its domain, question, grade and box are not written, as every report shows all of them
    name : of the new file, with or without .yml

    Raises
    ------
    QAError : exit code 2; no report can be about that, there is such a file, or the new one would have faults.
    """
    stem = name.strip().removesuffix(".yml")
    if not NAME.fullmatch(stem):
        fix = "Take small letters, digits, - and _, 60 at most, and no folder: children_in_care."
        raise refused("name", "a new report cannot have that name.", fix, params.path)
    target = place_beside(params.path, f"{stem}.yml")
    text = HEAD + in_yaml(_asked_for(params, choice))
    write_beside(target, text.encode("utf-8"), _faults, "give another name.")
    return target


def notes_file(params: ReportParams, asked: ParamsFile) -> str:
    """A report's commentary as its params file names it, or would name the one that notes begin."""
    return asked.commentary or f"{params.path.stem}_commentary.md"


def in_yaml(values: dict[str, Any]) -> str:
    """Values as lines of a settings file, in their order, quoted where they must be."""
    writer, out = YAML(pure=True), StringIO()
    writer.width = 10**6  # no text is broken into lines
    writer.dump(values, out)
    return out.getvalue()


def _asked_for(params: ReportParams, choice: Choice) -> dict[str, Any]:
    """The values of the new file: those of the first as typed, and what was chosen."""
    asked = read_settings(params.path, ParamsFile)
    audience = "public" if "public" in {asked.audience, params.audience} else "board"
    keys = ("service", "theme", "polarity") if choice.theme else ("service",)
    where = {key: value for key in keys if (value := getattr(choice, key))}
    _check_can_be_asked(params, choice, audience)
    typed = asked.model_dump()
    period = _period(params, choice)
    values = {
        "notebook": "themed_audit" if asked.tool else "quarterly_report",
        "title": asked.title.replace(params.period.words, "{period}"),
        "period": {"from": period.start, "to": period.end},
        "as_of": asked.as_of,
        "compare_with": _compared(asked.compare_with, period.months),
        "audience": audience,
        **{key: typed[key] for key in STAY},
        "where": where,
        "extracts": {kind: list(files) for kind, files in typed["extracts"].items() if files},
        "commentary": _commentary(params, asked, period, bool(where)),
    }
    return {key: value for key, value in values.items() if value}


def _check_can_be_asked(params: ReportParams, choice: Choice, audience: str) -> None:
    if choice.activity:
        fix = "Choose the report's own audits; the report sets other activities beside them."
        raise refused("activity", "a report cannot be about another activity.", fix, params.path)
    if audience == "public" and choice.service:
        fix = "Choose all services, or begin with a report for the Board."
        raise refused("public_part", "a report to the public is never about some services.", fix, params.path)


def _period(params: ReportParams, choice: Choice) -> Period:
    """The months that are looked at, as the new report's own."""
    if not choice.period:
        return params.period
    found = MONTHS.fullmatch(choice.period)
    if not found:
        fix = "Write its first month and its last: 2013-05..2013-07."
        raise refused("period", "what is looked at has no period that can be read.", fix, params.path)
    year, month, last_year, last_month = map(int, found.groups())
    last = date(last_year, last_month, calendar.monthrange(last_year, last_month)[1])
    return Period("current", date(year, month, 1), last)


def _compared(asked: tuple[str, ...], months: int) -> list[str]:
    """Of the periods that a report is compared with, those that one of so many months can be: none overlaps another."""
    most = 1 if months > 6 else 2
    return [key for key in asked if key == "previous" or months <= 12][:most]


def _commentary(params: ReportParams, asked: ParamsFile, period: Period, of_a_part: bool) -> str:
    """The commentary, if there is one for these months; what was written about all audits is not said of a part."""
    name = notes_file(params, asked)
    fits = period == params.period and not (of_a_part and asked.commentary)
    return name if fits and is_file(params.path.parent / name) else ""


def _faults(path: Path) -> list[Problem]:
    """What is wrong with the new file, all that it names among it."""
    try:
        read_report(path)
    except QAError as error:
        return list(error.problems)
    return []
