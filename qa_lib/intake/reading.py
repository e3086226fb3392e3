"""How is an extract read?

The same way whatever its kind: opened in a process with limits, its headings
named, its cells held against the rule for what their column holds, its rows
sorted into those that count and those left out by a named reason. Rows read =
rows counted + rows left out, always; and one bad row refuses the whole file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pandas as pd

from qa_lib.intake import checks
from qa_lib.intake.columns import NamedRows, fold, folded_names, name_columns, with_heading
from qa_lib.intake.files import Sheet
from qa_lib.intake.rules import Rules
from qa_lib.intake.sandbox import read_sheets
from qa_lib.problems import Problem, QAError
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import ANY_DAY, DAY, FILLED, GRADE, LOOSE_DAY, NUMBER, SERVICE, Holds, Kind, Several
from qa_lib.settings.period import Period

LAST_DAY = date(2199, 12, 31)
CURES: dict[Holds, str] = {
    GRADE: "Correct the rows, or add the spelling under `spellings:` in the framework.",
    SERVICE: "Correct the rows, or add the service or the spelling to the framework.",
}
OUTSIDE, NOT_KEPT, REFUSED = "outside the periods", "not kept by the framework", "refused"


@dataclass(frozen=True)
class Extract:
    """One file of one kind, read and checked.

    ids : what names each row, by row number, for every record read
    table : the rows that count, by row number, with parsed values under canonical names, and `period` (the key of
        the period in which a row lies). Where the file is refused, the rows as far as they could be read.
    left_out : reason → the numbers of the rows left out
    sha256 : of the file's bytes; "" if it could not be read
    headings : column → what it is called in the file
    problems : errors, which refuse the file, and warnings
    """

    kind: Kind
    file: str
    sheet: str = ""
    sha256: str = ""
    ids: pd.Series = field(default_factory=lambda: pd.Series(dtype="str"))
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    left_out: dict[str, tuple[int, ...]] = field(default_factory=dict)
    rows_read: int = 0
    headings: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether anything in it is wrong: then none of its rows counts."""
        return any(problem.severity == "error" for problem in self.problems)

    @property
    def rows_left_out(self) -> dict[str, int]:
        """Reason → how many rows were left out."""
        if self.refused:
            return {REFUSED: self.rows_read} if self.rows_read else {}
        return {reason: len(rows) for reason, rows in self.left_out.items()}

    @property
    def rows_counted(self) -> int:
        """Rows that count."""
        return self.rows_read - sum(self.rows_left_out.values())

    def with_problem(
        self, code: str, message: str, fix: str, column: str = "", rows: Iterable[int] = (), severity: str = "error"
    ) -> Extract:
        """The same extract with one problem more."""
        at = tuple(int(row) for row in rows)
        told = with_heading(message, column, self.headings)
        found = Problem(code, told, fix, self.file, None, self.sheet, column, at, severity)
        return replace(self, problems=(*self.problems, found))


def read_kind(kind: Kind, paths: Iterable[Path], rules: Rules) -> list[Extract]:
    """Read and check all files of one kind; nothing is raised, every problem stands in its extract."""
    with ThreadPoolExecutor(2) as two:
        extracts = list(two.map(lambda path: _read(kind, path, rules), paths))
    return _same_id_in_two_files(extracts) if kind.once else extracts


def _read(kind: Kind, path: Path, rules: Rules) -> Extract:
    if path.name.startswith("~$"):
        message = "this is Excel's own lock file, not a workbook: ignored."
        return Extract(kind, path.name).with_problem("lock_file", message, "Name the workbook.", severity="warning")
    try:
        sha256, sheets = read_sheets(path)
    except QAError as error:
        return Extract(kind, path.name, problems=tuple(replace(fault, file=path.name) for fault in error.problems))
    read = Extract(kind, path.name, sha256=sha256)
    names = folded_names(rules.framework.headings(kind), rules.framework.cells(kind))
    chosen = _choose(sheets, names, kind, rules.framework)
    if len(chosen) != 1:
        message = f"{len(chosen)} visible sheets hold rows; one is needed."
        fix = "Hide the sheets that are not the extract." if chosen else "Unhide the sheet that is the extract."
        return read.with_problem("sheets", message, fix)
    required = _needed(kind, rules.framework)
    keep = rules.framework.kept(kind)
    rows = name_columns(path.name, chosen[0], names, required, id_column=kind.id, keep=keep)
    table, found = _parse(rows, kind, rules)
    problems = [*rows.problems, *found]
    rows_read = len(table) + sum(map(len, rows.left_out.values()))
    ids = checks.identities(table, kind.identity) if kind.id in table else read.ids
    read = replace(read, sheet=rows.sheet, headings=rows.headings, problems=tuple(problems))
    read = replace(read, ids=ids, table=table, rows_read=rows_read)
    return read if read.refused else _sorted_out(read, rows, rules)


def _needed(kind: Kind, framework: Framework) -> tuple[str, ...]:
    """The columns that must be there; an id need not, where rows are numbered."""
    return tuple(column for column in kind.required if column != kind.id or not framework.numbers(kind))


def _choose(sheets: list[Sheet], names: dict[str, str], kind: Kind, framework: Framework) -> list[Sheet]:
    """The sheets that could be the extract: where there are several, those with every required heading."""
    if len(sheets) < 2:
        return sheets
    needed = set(_needed(kind, framework))
    return [
        sheet
        for sheet in sheets
        if any(needed <= {names.get(fold(cell)) for cell in cells} for cells in list(sheet.rows.values())[:30])
    ] or sheets


def _parse(rows: NamedRows, kind: Kind, rules: Rules) -> tuple[pd.DataFrame, list[Problem]]:
    """The cells of every column held against its rule: parsed values, and every problem."""
    framework, table = rules.framework, rows.table.copy()
    if framework.numbers(kind):
        table = _numbered(table, rows.file)
        rows = replace(rows, table=table)
    problems: list[Problem] = []
    if kind.id in table:
        problems += checks.check_identity(rows, kind.identity)
    if kind.graded:
        problems += checks.check_one_of(rows, framework.grade_columns)
    parsed: dict[str, pd.Series] = {}
    cells = framework.cells(kind)
    for column in map(str, table.columns):
        values, found = _parse_column(rows, column, cells[column], rules, kind)
        parsed |= values
        problems += found
    return table.assign(**parsed), problems


def _parse_column(
    rows: NamedRows, column: str, holds: Holds, rules: Rules, kind: Kind
) -> tuple[dict[str, pd.Series], list[Problem]]:
    """The parsed values of one column (a loose date has two), and what is wrong with its cells."""
    framework, required = rules.framework, column in kind.required
    words = framework.words(holds)
    if isinstance(holds, Several):
        values, problems = checks.check_several(rows, column, holds.words)
        return {column: values}, problems
    if words is not None:
        fix = CURES.get(holds, "Correct the rows.")
        values, problems = checks.check_words(rows, column, words, framework.corrections(holds), fix)
        if holds in {GRADE, SERVICE}:
            problems += checks.check_blanks(rows, column, f"blank_{holds}")
        elif required:
            problems += checks.check_filled(rows, column)
        return {column: values}, problems
    if holds in {DAY, ANY_DAY}:
        latest = rules.as_of if holds == DAY else LAST_DAY
        values, problems = checks.check_dates(rows, column, framework.earliest_date, latest, required=required,
                                              short_years=kind.short_years)  # fmt: skip
        return {column: values}, problems
    if holds == NUMBER:
        values, problems = checks.check_numbers(rows, column)
        return {column: values}, problems
    if holds == LOOSE_DAY:
        spans = rows.table[column].map(checks.parse_loose_date)
        ends = [pd.to_datetime(pd.Series([span and span[at] for span in spans], spans.index)) for at in (0, 1)]
        return {f"{column}_first": ends[0], f"{column}_last": ends[1]}, []
    return {}, checks.check_filled(rows, column) if holds == FILLED else []


def _numbered(table: pd.DataFrame, file: str) -> pd.DataFrame:
    """Rows that have no id are named by their file and number: `audit_id: row`."""
    ids = table["audit_id"] if "audit_id" in table else pd.Series("", table.index, dtype="str")
    numbers = pd.Series([f"{file} row {row}" for row in table.index], table.index, dtype="str")
    return table.assign(audit_id=ids.where(ids != "", numbers))


def _sorted_out(read: Extract, rows: NamedRows, rules: Rules) -> Extract:
    """Rows that count, and the numbers of the others by reason; each reason is told."""
    table, left_out = read.table, dict(rows.left_out)
    for heading, values in rules.framework.kept(read.kind).items():
        wanted = {" ".join(value.split()).casefold() for value in values}
        cells = rows.kept_by[heading].reindex(table.index)
        other = table.index[~cells.str.split().str.join(" ").str.casefold().isin(wanted)]
        left_out[NOT_KEPT] = (*left_out.get(NOT_KEPT, ()), *map(int, other))
        table = table.drop(index=other)
    periods = tuple(period for period in rules.periods if period.key in read.kind.periods or not read.kind.periods)
    table = table.assign(period=_period_of(table, read.kind, periods))
    outside = table.index[table["period"] == ""]
    left_out[OUTSIDE] = tuple(map(int, outside))
    left_out = {reason: numbers for reason, numbers in left_out.items() if numbers}
    read = replace(read, table=table.drop(index=outside), left_out=left_out)
    for reason, numbers in left_out.items():
        read = read.with_problem("left_out", f"left out: {reason}.", "", rows=numbers, severity="warning")
    return read


def _period_of(table: pd.DataFrame, kind: Kind, periods: tuple[Period, ...]) -> pd.Series:
    """The key of the first period in which each row's date lies; "" outside all of them."""
    if not kind.day or not periods:
        return pd.Series("current", index=table.index, dtype="str")
    keys = pd.Series("", index=table.index, dtype="str")
    days = table[kind.day]
    for period in reversed(periods):
        inside = (days >= pd.Timestamp(period.start)) & (days < pd.Timestamp(period.end) + pd.Timedelta(days=1))
        keys[inside] = period.key
    return keys


def _same_id_in_two_files(extracts: list[Extract]) -> list[Extract]:
    """The first file that names a row keeps it; the file that names it again is refused."""
    first: dict[str, str] = {}

    def told(extract: Extract) -> Extract:
        again = extract.ids[extract.ids.isin(first)]
        for file, same in again.groupby(again.map(first)):
            message, fix = f"the same id stands in {file} as well.", "Take the row out of one of the files."
            extract = extract.with_problem("doubled_id", message, fix, extract.kind.id, same.index)
        first.update(dict.fromkeys(extract.ids[extract.ids != ""], extract.file))
        return extract

    return [told(extract) for extract in extracts]
