"""Which heading is which column?

Headings are matched without regard to case, spaces, hyphens, underscores and
invisible characters, first against the council's own map (`columns:` of the
framework), then against the canonical names. What nobody knows is dropped here
with a warning, so that an unknown column cannot reach a notebook.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from qa_lib.intake.files import MOST_COLUMNS, Sheet, read_sheet
from qa_lib.problems import Problem, QAError, did_you_mean, list_of

TITLE_ROWS = 10
"""The headings are looked for in the first rows of a file, below its title."""


@dataclass(frozen=True)
class NamedRows:
    """The rows of one extract under canonical names.

    `table` holds text cells, one column a canonical name, indexed by row
    number; `left_out` counts rows that are no records, by reason;
    `real_dates` names columns and rows that Excel itself knows as dates;
    `headings` tells what a column is called in the file.
    """

    file: str
    sheet: str
    table: pd.DataFrame
    left_out: dict[str, int]
    real_dates: dict[str, frozenset[int]]
    headings: dict[str, str]
    problems: tuple[Problem, ...]

    def problem(self, code: str, message: str, fix: str = "", column: str = "", rows: Iterable[int] = ()) -> Problem:
        """A `Problem` that knows its file and sheet."""
        at = tuple(int(row) for row in rows)
        heading = self.headings.get(column, "")
        named = message if fold(heading) in {"", fold(column)} else f'(heading "{heading[:60]}") {message}'
        return Problem(code, named, fix, self.file, None, self.sheet, column, at)

    def warning(self, code: str, message: str, column: str, rows: Iterable[int]) -> Problem:
        """The same for what is told and refuses nothing."""
        return replace(self.problem(code, message, "", column, rows), severity="warning")


def fold(heading: str) -> str:
    """A heading without case, spaces, hyphens, underscores and invisible characters.

    >>> fold(" Audit-Date ") == fold("audit_date")
    True
    """
    visible = "".join(mark for mark in unicodedata.normalize("NFKC", heading) if unicodedata.category(mark) != "Cf")
    return re.sub(r"[\s_\-]+", "", visible).casefold()


def name_columns(sheet: Sheet, columns: Mapping[str, str], known: Iterable[str], required: Iterable[str]) -> NamedRows:
    """Find the headings of a sheet and name its columns.

    Parameters
    ----------
    sheet : the text cells
    columns : heading of the form or case system → canonical name
    known : every canonical name of this kind of extract
    required : canonical names that must be there

    Returns
    -------
    NamedRows, its `problems` holding all faults of headings and of the shape of rows.
    """
    names = {fold(name): name for name in known}
    names |= {fold(heading): name for heading, name in columns.items() if name in names.values()}
    at = _heading_row(sheet, names)
    headings = sheet.rows.get(at, [])
    while headings and not headings[-1].strip():
        headings = headings[:-1]
    found = [names.get(fold(heading), "") for heading in headings]
    problems = [*sheet.warnings, *_heading_problems(sheet, headings, found, names, tuple(required))]
    if at > 1:
        problems.append(_warning(sheet, "title_rows", f"{at - 1} rows above the headings were passed over."))
    body = {number: cells for number, cells in sheet.rows.items() if number > at}
    records, left_out = _records(body, len(headings))
    problems += _shape_problems(sheet, records, len(headings))
    kept = [index for index, name in enumerate(found) if name and found.index(name) == index]
    width = len(headings)
    table = pd.DataFrame(
        [[(cells + [""] * width)[index].strip() for index in kept] for cells in records.values()],
        columns=[found[index] for index in kept],
        index=pd.Index(list(records), dtype="int64", name="row"),
        dtype="str",
    )
    real = {found[index]: frozenset(row for row, column in sheet.real_dates if column == index) for index in kept}
    typed = {found[index]: headings[index].strip() for index in kept}
    return NamedRows(sheet.file, sheet.sheet, table, left_out, real, typed, tuple(problems))


def named_sheets(
    paths: Iterable[Path], columns: Mapping[str, str], known: Iterable[str], required: Iterable[str]
) -> tuple[list[NamedRows], dict[str, str], list[Problem]]:
    """Read several files of one kind: their named rows, the fingerprint of each by name, and what was refused.

    A file that cannot be read at all is told among the problems, so that the faults of the others are told too.
    """
    names, needed = tuple(known), tuple(required)
    read: list[NamedRows] = []
    sha256: dict[str, str] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            sheet = read_sheet(path)
        except QAError as error:
            problems += error.problems
            continue
        sha256[path.name] = sheet.sha256
        read.append(name_columns(sheet, columns, names, needed))
    return read, sha256, problems


def _heading_row(sheet: Sheet, names: Mapping[str, str]) -> int:
    """The row among the first that holds most known headings; 1 if none holds any."""
    hits = {
        number: sum(fold(cell) in names for cell in cells) for number, cells in list(sheet.rows.items())[:TITLE_ROWS]
    }
    best = max(hits, key=hits.__getitem__, default=1)
    return best if hits.get(best) else min(hits, default=1)


def _heading_problems(
    sheet: Sheet, headings: list[str], found: list[str], names: Mapping[str, str], required: tuple[str, ...]
) -> list[Problem]:
    problems = []
    spare = [heading.strip() for heading, name in zip(headings, found, strict=True) if not name and heading.strip()]
    for name in dict.fromkeys(name for name in found if name and found.count(name) > 1):
        message = "more than one heading stands for this column."
        problems.append(_error(sheet, "doubled_column", message, "Delete or rename one of them.", name))
    taken: set[str] = set()
    for heading in spare:
        near = did_you_mean(fold(heading), [folded for folded, name in names.items() if name not in found])
        if near:
            taken.add(names[near])
            fix = f'It looks like "{names[near]}": rename the heading, or name it under `columns:` in the framework.'
            problems.append(
                _error(sheet, "misspelt_column", f'the heading "{heading}" is not known.', fix, names[near])
            )
    for name in required:
        if name not in found and name not in taken:
            fix = "Add the column, or name your own heading under `columns:` in the framework."
            problems.append(_error(sheet, "missing_column", "there is no such column.", fix, name))
    if spare:
        quoted = list_of(f'"{heading[:60]}"' for heading in spare)
        problems.append(_warning(sheet, "unknown_column", f"columns not known and not read: {quoted}."))
    if len(headings) > MOST_COLUMNS:
        problems.append(
            _error(sheet, "too_large", f"more than {MOST_COLUMNS} columns.", "Delete the columns not needed.")
        )
    return problems


def _records(body: dict[int, list[str]], width: int) -> tuple[dict[int, list[str]], dict[str, int]]:
    """Rows that are records; blank rows, totals and footnotes are counted by reason."""
    records: dict[int, list[str]] = {}
    left_out: dict[str, int] = {}
    last = max((number for number, cells in body.items() if any(cell.strip() for cell in cells)), default=0)
    for number, cells in body.items():
        filled = [cell.strip() for cell in cells if cell.strip()]
        reason = ""
        if not filled:
            reason = "blank row"
        elif re.match(r"(grand )?totals?\b", filled[0], re.IGNORECASE) and len(filled) < width:
            reason = "total row"
        elif len(filled) == 1 and width > 2:
            reason = "footnote"
        if not reason:
            records[number] = cells
        elif number < last or reason != "blank row":
            left_out[reason] = left_out.get(reason, 0) + 1
    return records, left_out


def _shape_problems(sheet: Sheet, records: dict[int, list[str]], width: int) -> list[Problem]:
    if not records:
        return [_error(sheet, "empty", "there are no rows below the headings.", "Export the file again.")]
    long = [number for number, cells in records.items() if any(cell.strip() for cell in cells[width:])]
    short = [number for number, cells in records.items() if len(cells) < width]
    problems = []
    fix = "Look for a stray or missing comma or quote, or a line cut off; export the file again."
    for rows, words in ((long, "too many cells"), (short, "too few cells")):
        if rows:
            message = f"{words}: the headings have {width} columns."
            problems.append(Problem("shape", message, fix, sheet.file, None, sheet.sheet, "", tuple(rows)))
    return problems


def _error(sheet: Sheet, code: str, message: str, fix: str, column: str = "") -> Problem:
    return Problem(code, message, fix, file=sheet.file, sheet=sheet.sheet, column=column)


def _warning(sheet: Sheet, code: str, message: str) -> Problem:
    return Problem(code, message, file=sheet.file, sheet=sheet.sheet, severity="warning")
