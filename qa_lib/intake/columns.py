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

import pandas as pd

from qa_lib.intake.files import MOST_COLUMNS, MOST_ROWS, Sheet
from qa_lib.intake.shape import find_headings, sort_rows
from qa_lib.problems import Problem, did_you_mean, list_of

MAP = "under `columns:` in the framework (of a themed audit: in its tool)"


@dataclass(frozen=True)
class NamedRows:
    """The rows of one extract under canonical names.

    table : text cells, one column a canonical name, indexed by row number
    kept_by : text cells of the columns that `keep:` looks at, by heading
    left_out : rows that are no records, by reason
    real_dates : column → rows that Excel itself knows as dates
    headings : column → what it is called in the file
    """

    file: str
    sheet: str
    table: pd.DataFrame
    kept_by: dict[str, pd.Series]
    left_out: dict[str, tuple[int, ...]]
    real_dates: dict[str, frozenset[int]]
    headings: dict[str, str]
    problems: tuple[Problem, ...]

    def problem(self, code: str, message: str, fix: str = "", column: str = "", rows: Iterable[int] = ()) -> Problem:
        """A `Problem` that knows its file and sheet."""
        at = tuple(int(row) for row in rows)
        told = with_heading(message, column, self.headings)
        return Problem(code, told, fix, self.file, None, self.sheet, column, at)

    def warning(self, code: str, message: str, column: str, rows: Iterable[int], fix: str = "") -> Problem:
        """The same for what is told and refuses nothing."""
        return replace(self.problem(code, message, fix, column, rows), severity="warning")


def with_heading(message: str, column: str, headings: Mapping[str, str]) -> str:
    """A message about a column, with the file's own heading where that has another name."""
    heading = headings.get(column, "")
    return message if fold(heading) in {"", fold(column)} else f'(heading "{heading[:60]}") {message}'


def fold(heading: str) -> str:
    """A heading without case, spaces, hyphens, underscores and invisible characters.

    >>> fold(" Audit-Date ") == fold("audit_date")
    True
    """
    visible = "".join(mark for mark in unicodedata.normalize("NFKC", heading) if unicodedata.category(mark) != "Cf")
    return re.sub(r"[\s_\-]+", "", visible).casefold()


def folded_names(columns: Mapping[str, str], known: Iterable[str]) -> dict[str, str]:
    """Folded heading → canonical name: the canonical names themselves, then the council's map."""
    names = {fold(name): name for name in known}
    return names | {fold(heading): name for heading, name in columns.items() if name in names.values()}


def name_columns(
    file: str,
    sheet: Sheet,
    names: Mapping[str, str],
    required: tuple[str, ...],
    *,
    id_column: str = "",
    keep: Iterable[str] = (),
) -> NamedRows:
    """Find the headings of a sheet and name its columns.

    Parameters
    ----------
    file : the file's name, for messages
    sheet : the text cells
    names : folded heading → canonical name, see `folded_names`
    required : canonical names that must be there
    id_column : the canonical name of the column that names a row
    keep : headings or canonical names of columns that rows are kept by

    Returns
    -------
    NamedRows, its `problems` holding all faults of headings and of the shape of rows.
    """
    at, certain = find_headings(sheet.rows, lambda cell: fold(cell) in names)
    headings = [heading.strip() for heading in sheet.rows.get(at, [])]
    while headings and not headings[-1]:
        headings.pop()
    found = [names.get(fold(heading), "") for heading in headings]
    id_at = found.index(id_column) if id_column in found else None
    records, left_out = sort_rows({n: cells for n, cells in sheet.rows.items() if n > at}, len(headings), id_at)
    columns = {name: found.index(name) for name in dict.fromkeys(found) if name}
    table = pd.DataFrame(
        {name: _cells(records, index) for name, index in columns.items()},
        index=pd.Index(list(records), dtype="int64", name="row"),
        dtype="str",
    )
    by_heading = {fold(heading): index for index, heading in enumerate(headings) if heading}
    kept_at = {name: columns.get(name, by_heading.get(fold(name))) for name in keep}
    kept_by = {
        name: pd.Series(_cells(records, index), table.index, dtype="str")
        for name, index in kept_at.items()
        if index is not None
    }
    faults = _Faults(file, sheet)
    faults.of_headings(headings if certain else [], found, names, required, {fold(name) for name in kept_by})
    faults.of_keep(name for name, index in kept_at.items() if index is None)
    faults.of_titles(at)
    faults.of_shape(records, headings, found, at)
    return NamedRows(
        file,
        sheet.name,
        table,
        kept_by,
        left_out,
        {name: sheet.real_dates.get(index, frozenset()) & records.keys() for name, index in columns.items()},
        {name: headings[index] for name, index in columns.items()},
        tuple(faults.found),
    )


def _cells(records: Mapping[int, list[str]], index: int) -> list[str]:
    return [cells[index].strip() if index < len(cells) else "" for cells in records.values()]


class _Faults:
    """Collects what is wrong with the headings and the shape of one sheet."""

    def __init__(self, file: str, sheet: Sheet) -> None:
        self.file, self.sheet = file, sheet
        self.found = [replace(warning, file=file, sheet=sheet.name) for warning in sheet.warnings]

    def error(self, code: str, message: str, fix: str, column: str = "", rows: Iterable[int] = ()) -> None:
        self.found.append(Problem(code, message, fix, self.file, None, self.sheet.name, column, tuple(rows)))

    def warn(self, code: str, message: str, rows: Iterable[int] = ()) -> None:
        self.found.append(
            Problem(code, message, "", self.file, None, self.sheet.name, rows=tuple(rows), severity="warning")
        )

    def of_headings(
        self,
        headings: list[str],
        found: list[str],
        names: Mapping[str, str],
        required: tuple[str, ...],
        kept: set[str],
    ) -> None:
        if not headings:
            fix = "Put the headings above the rows, or run `qa map` on the file to name them in the framework."
            self.error("no_headings", f"no row of headings was found; {list_of(required)} are needed.", fix)
            return
        spare = [heading for heading, name in zip(headings, found, strict=True) if heading and not name]
        spare = [heading for heading in spare if fold(heading) not in kept]
        for name in dict.fromkeys(name for name in found if name and found.count(name) > 1):
            message = "more than one heading stands for this column."
            self.error("doubled_column", message, "Delete or rename one of them.", name)
        taken: set[str] = set()
        for heading in spare:
            near = did_you_mean(fold(heading), [folded for folded, name in names.items() if name not in found])
            if near:
                taken.add(names[near])
                fix = f'It looks like "{names[near]}": rename the heading, or name it {MAP}.'
                self.error("misspelt_column", f'the heading "{heading[:60]}" is not known.', fix, names[near])
        for name in required:
            if name not in found and name not in taken:
                fix = f"Add the column, or name your own heading {MAP}; `qa map` helps."
                self.error("missing_column", "there is no such column.", fix, name)
        if spare:
            quoted = list_of(f'"{heading[:60]}"' for heading in spare)
            self.warn("unknown_column", f"columns not known and not read: {quoted}.")
        if len(headings) > MOST_COLUMNS:
            self.error("too_large", f"more than {MOST_COLUMNS} columns.", "Delete the columns not needed.")

    def of_keep(self, absent: Iterable[str]) -> None:
        for name in absent:
            fix = "Correct the name under `keep:` in the framework."
            self.error("missing_column", "there is no such column, and rows are kept by it.", fix, name)

    def of_titles(self, at: int) -> None:
        above = [number for number, cells in self.sheet.rows.items() if number < at and any(map(str.strip, cells))]
        if above:
            self.warn("title_rows", "title rows above the headings were passed over.", above)
        if self.sheet.hidden:
            message = f"{self.sheet.hidden:,} hidden or filtered rows are read like the others."
            self.warn("hidden_rows", message)

    def of_shape(self, records: Mapping[int, list[str]], headings: list[str], found: list[str], at: int) -> None:
        width = len(headings)
        if not records:
            self.error("empty", "there are no rows below the headings.", "Export the file again.")
        if len(records) > MOST_ROWS:
            self.error("too_large", f"more than {MOST_ROWS:,} rows.", "Split it by period.")
        long = [number for number, cells in records.items() if any(cell.strip() for cell in cells[width:])]
        short = [number for number, cells in records.items() if len(cells) < width]
        fix = "Look for a stray or missing comma or quote, or a line cut off; export the file again."
        for rows, words in ((long, "too many cells"), (short, "too few cells")):
            if rows:
                self.error("shape", f"{words}: the headings have {width} columns.", fix, rows=rows)
        merged = [n for first, last in self.sheet.merged for n in range(first, last + 1) if n == at or n in records]
        if merged:
            fix = "Take the merge away (Home, Merge & Center) and fill in each cell."
            self.error("merged", "merged cells: it cannot be told which row their value belongs to.", fix, rows=merged)
        empty: dict[str, list[int]] = {}
        for row, column in self.sheet.unstored:
            if row >= at and column < width:
                empty.setdefault(found[column] or headings[column][:60], []).append(row)
        for name, rows in empty.items():
            fix = "Open the workbook in Excel, save it and try again; or paste the values in place of the formulas."
            self.error("no_stored_value", "a formula without a stored value.", fix, name, sorted(rows))
