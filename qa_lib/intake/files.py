"""What is in this file, cell by cell?

Bytes are looked at before anything parses them: size, first bytes, the zip's
own listing. Then every cell is read as text, so that no library can guess at a
date, a number or a missing value. A row keeps the number that the analyst sees
in the spreadsheet (the first row is 1; a quoted line break starts no row).
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from qa_lib.problems import Problem, QAError

MB = 1_000_000
MOST_CSV, MOST_XLSX, MOST_UNPACKED = 100 * MB, 25 * MB, 200 * MB
MOST_ROWS, MOST_COLUMNS = 100_000, 200
SAVE_AS = "Open it in Excel and save it as .xlsx or as CSV UTF-8."


@dataclass(frozen=True)
class Sheet:
    """The cells of one extract, as text.

    `rows` maps a row number to its cells, blank rows included; `real_dates`
    holds the (row, column index) of cells that Excel itself knows as dates.
    """

    file: str
    sheet: str
    sha256: str
    rows: dict[int, list[str]]
    real_dates: frozenset[tuple[int, int]] = frozenset()
    warnings: tuple[Problem, ...] = field(default=())


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_sheet(path: Path) -> Sheet:
    """Read one CSV or XLSX extract as text cells.

    Raises
    ------
    QAError : exit code 3; the container, the encoding or the shape cannot be relied on.
    """
    try:
        raw = path.read_bytes()
    except OSError:
        raise _refused(path, "unreadable", "the file cannot be opened.", "Close it elsewhere and try again.") from None
    ending = path.suffix.lower()
    if ending not in {".csv", ".xlsx"}:
        raise _refused(path, "container", "only .csv and .xlsx files are read.", SAVE_AS)
    is_zip = raw[:4] == b"PK\x03\x04"
    if ending == ".csv" and not is_zip:
        return _read_csv(path, raw)
    if ending == ".csv":
        raise _refused(path, "container", "this is a workbook, named as a CSV file.", "Rename it to end in .xlsx.")
    if not is_zip:
        encrypted = raw[:4] == b"\xd0\xcf\x11\xe0"
        message = "it is password-protected, or an old .xls." if encrypted else "this is not an Excel workbook."
        fix = f"Take the password off. {SAVE_AS}" if encrypted else f"If it is a CSV file, rename it. {SAVE_AS}"
        raise _refused(path, "container", message, fix)
    return _read_xlsx(path, raw)


def _read_csv(path: Path, raw: bytes) -> Sheet:
    if len(raw) > MOST_CSV:
        raise _refused(path, "too_large", "a CSV file may hold 100 MB at most.", "Split it by period.")
    text, warnings = _decode(path, raw)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows: dict[int, list[str]] = {}
    try:
        csv.field_size_limit(MOST_CSV)
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            if number > MOST_ROWS + 10:
                raise _refused(path, "too_large", f"more than {MOST_ROWS:,} rows.", "Split it by period.")
            rows[number] = cells
    except csv.Error:
        raise _refused(
            path,
            "quotes",
            f"row {len(rows) + 1} cannot be read: its quotes do not close, or the file is cut off.",
            "Export the file again.",
        ) from None
    return Sheet(path.name, "", hashlib.sha256(raw).hexdigest(), rows, warnings=warnings)


def _decode(path: Path, raw: bytes) -> tuple[str, tuple[Problem, ...]]:
    if b"\x00" in raw and raw[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        raise _refused(path, "encoding", "the file holds NUL bytes: it is damaged, or not text.", "Export it again.")
    unicode = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    message, fix = "read as Windows text (cp1252), not UTF-8.", "Save it as CSV UTF-8."
    windows = Problem("encoding", message, fix, file=path.name, severity="warning")
    for encoding, warnings in ((unicode, ()), ("cp1252", (windows,))):
        try:
            return raw.decode(encoding), warnings
        except UnicodeDecodeError:
            continue
    raise _refused(path, "encoding", "the text is in an unknown encoding.", fix)


def _read_xlsx(path: Path, raw: bytes) -> Sheet:
    if len(raw) > MOST_XLSX:
        raise _refused(path, "too_large", "a workbook may hold 25 MB at most.", "Split it by period.")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            names = parts.namelist()
            unpacked = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile:
        raise _refused(path, "container", "the workbook is damaged.", SAVE_AS) from None
    if "xl/workbook.xml" not in names:
        raise _refused(path, "container", "this is not an Excel workbook.", SAVE_AS)
    if unpacked > MOST_UNPACKED:
        raise _refused(path, "too_large", "the workbook is too large when unpacked.", "Export it again.")
    sheet = _only_sheet(path, raw)
    # Only cells that hold something: a stray format can stretch the "used range" to a million rows.
    filled = sheet._cells.items()  # noqa: SLF001  openpyxl has no public way to the cells that exist
    cells = {place: cell.value for place, cell in filled if cell.value is not None}
    last, width = (max((place[at] for place in cells), default=0) for at in (0, 1))
    if last > MOST_ROWS + 10 or width > MOST_COLUMNS * 5:
        message = f"more than {MOST_ROWS:,} rows, or {MOST_COLUMNS} columns."
        raise _refused(path, "too_large", message, "Delete what is not needed, or split it by period.")
    rows = {number: [""] * width for number in range(1, last + 1)}
    for (number, column), value in cells.items():
        rows[number][column - 1] = _as_text(value)
    real_dates = {(number, column - 1) for (number, column), value in cells.items() if isinstance(value, date)}
    return Sheet(path.name, sheet.title, hashlib.sha256(raw).hexdigest(), rows, frozenset(real_dates))


def _only_sheet(path: Path, raw: bytes) -> Any:
    """The one visible sheet that holds anything; hidden sheets are never read."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(raw), data_only=True, keep_links=False)
    except Exception:  # noqa: BLE001  openpyxl raises many kinds, and its messages quote cells
        raise _refused(path, "container", "the workbook cannot be read.", SAVE_AS) from None
    filled = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible" and sheet.max_row > 1]
    if len(filled) != 1:
        message = f"{len(filled)} visible sheets hold rows; one is needed."
        raise _refused(path, "sheets", message, "Keep one visible sheet with the extract.")
    return filled[0]


def _as_text(cell: Any) -> str:
    """A cell as the analyst would type it: dates as year-month-day, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _refused(path: Path, code: str, message: str, fix: str) -> QAError:
    return QAError([Problem(code, message, fix, file=path.name)])
