"""What is in this file, cell by cell?

Bytes are looked at before anything parses them: the ending, the size, the
first bytes. Then every cell is read as text, so that no library can guess at a
date, a number or a missing value. A row keeps the number that the analyst sees
in the spreadsheet (the first row is 1; a quoted line break starts no row).

A file may come from anywhere. So nothing here is called by the report itself:
`sandbox` runs it in a process of its own.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from qa_lib.problems import Problem, QAError

MB = 1_000_000
MOST_CSV, MOST_XLSX, MOST_UNPACKED = 100 * MB, 25 * MB, 200 * MB
MOST_ROWS, MOST_COLUMNS = 100_000, 200
MOST_CELLS = MOST_ROWS * MOST_COLUMNS
SPARE_ROWS, SPARE_COLUMNS = 20, 800
"""Titles, blank rows and footnotes may stand beside the rows that are counted; unused columns beside the used."""
SAVE_AS = "Open it in Excel and save it as .xlsx or as CSV UTF-8."
_UTF8 = re.compile(rb"\xef\xbb\xbf|[\xc2\xc3][\x80-\xbf]|\xe2[\x80-\x82][\x80-\xbf]")
"""UTF-8's mark, its accented letters, its typographic marks: such bytes do not meet in Windows text."""


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet, as text, and what Excel knows about them.

    rows : row number → its cells, blank rows included; all counted from 1
    real_dates : column index (from 0) → rows whose cell Excel itself knows as a date
    merged : (first row, last row) of each merged block
    unstored : (row, column index) of formulas that hold no value
    hidden : rows that are hidden or filtered out; they are read like the others
    """

    name: str
    rows: dict[int, list[str]]
    real_dates: dict[int, frozenset[int]]
    merged: tuple[tuple[int, int], ...] = ()
    unstored: tuple[tuple[int, int], ...] = ()
    hidden: int = 0
    warnings: tuple[Problem, ...] = ()


def refused(code: str, message: str, fix: str) -> QAError:
    """A whole file that cannot be relied on."""
    return QAError([Problem(code, message, fix)])


def check_bytes(ending: str, raw: bytes) -> None:
    """Refuse what is not a CSV file or an Excel workbook of a bearable size, by its content as by its name.

    Raises
    ------
    QAError : one problem, without the file's name.
    """
    is_zip, is_old = raw[:4] == b"PK\x03\x04", raw[:4] == b"\xd0\xcf\x11\xe0"
    if ending not in {".csv", ".xlsx"}:
        raise refused("container", "only .csv and .xlsx files are read.", SAVE_AS)
    if is_old:
        message = "it is password-protected, or an old .xls workbook."
        raise refused("container", message, f"Take the password off. {SAVE_AS}")
    if ending == ".csv" and is_zip:
        raise refused("container", "this is a workbook, named as a CSV file.", "Rename it to end in .xlsx.")
    if ending == ".xlsx" and not is_zip:
        message = "this is not an Excel workbook."
        raise refused("container", message, f"If it is a CSV file, rename it to end in .csv. {SAVE_AS}")
    most = MOST_CSV if ending == ".csv" else MOST_XLSX
    if len(raw) > most:
        raise refused("too_large", f"such a file may hold {most // MB} MB at most.", "Split it by period.")


def read_csv(raw: bytes) -> Sheet:
    """The records of a CSV file.

    Raises
    ------
    QAError : the encoding is unknown, the quotes do not close, or there is too much of it.
    """
    text, warnings = _decode(raw)
    csv.field_size_limit(MOST_CSV)
    rows: dict[int, list[str]] = {}
    held = 0
    try:
        for number, cells in enumerate(_records(text, _delimiter(text), strict=True), 1):
            check_extent(number, len(cells))
            held += len(cells)
            if held > MOST_CELLS:
                raise refused("too_large", f"more than {MOST_CELLS:,} cells.", "Delete the columns not needed.")
            rows[number] = cells
    except csv.Error:
        message = f"row {len(rows) + 1} cannot be read: its quotes do not close, or the file is cut off."
        raise refused("quotes", message, "Export the file again.") from None
    return Sheet("", rows, {}, warnings=warnings)


def check_extent(rows: int, columns: int) -> None:
    """Refuse a sheet that reaches further than a report's extract may."""
    if rows > MOST_ROWS + SPARE_ROWS:
        raise refused("too_large", f"more than {MOST_ROWS:,} rows.", "Split it by period.")
    if columns > MOST_COLUMNS + SPARE_COLUMNS:
        raise refused("too_large", f"more than {MOST_COLUMNS} columns.", "Delete the columns not needed.")


def _records(text: str, delimiter: str, *, strict: bool) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)


def _delimiter(text: str) -> str:
    """Comma, semicolon or tab: that by which most of the first records have one and the same width."""

    def agreement(delimiter: str) -> tuple[int, int]:
        try:
            widths = Counter(len(cells) for cells in islice(_records(text, delimiter, strict=False), 50))
        except csv.Error:
            return 0, 0
        width, rows = max(widths.items(), key=lambda found: (found[0] > 1, found[1], found[0]), default=(0, 0))
        return (rows, width) if width > 1 else (0, 0)

    return max(",;\t", key=agreement)


def _decode(raw: bytes) -> tuple[str, tuple[Problem, ...]]:
    """Text of UTF-8 (marked or not) or marked UTF-16; else, with a warning, of Windows (cp1252)."""
    fix, again = "Save it as CSV UTF-8.", "Export it again, as CSV UTF-8."
    wide = raw[:2] in {b"\xff\xfe", b"\xfe\xff"}
    warnings: tuple[Problem, ...] = ()
    try:
        text = raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        try:
            # what is UTF-8 in one place and not in another is damaged
            text = raw.decode("ascii" if _UTF8.search(raw) else "cp1252")
        except UnicodeDecodeError:
            raise refused("encoding", "the text is damaged, or in an unknown encoding.", again) from None
        warnings = (Problem("encoding", "read as Windows text (cp1252), not UTF-8.", fix, severity="warning"),)
    if "\x00" in text:
        raise refused("encoding", "the file holds NUL bytes: it is damaged, or not text.", again)
    return text, warnings
