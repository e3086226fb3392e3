"""Which sheets of this workbook can be seen, and what do their cells hold?

A workbook is a zip of XML parts. Its listing and its parts are looked at
before a parser is let near them: too much when unpacked, macros, entities and
outside references are refused. Only visible sheets are read; notes, properties
and hidden sheets never are. A formula counts by the value stored with it.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from types import SimpleNamespace
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser
from openpyxl.xml.constants import ARC_STYLE, STYLES_TYPE

from qa_lib.intake.files import MB, MOST_CELLS, MOST_ROWS, MOST_UNPACKED, SAVE_AS, Sheet, check_extent, refused

MOST_PARTS, MOST_RATIO, LAST_ROW = 2_000, 400, 1_048_576
KINDS = "[Content_Types].xml"
"""The part that says what each part is."""

_UNREADABLE = (
    ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError,
    zlib.error,
)  # fmt: skip
"""What openpyxl raises at a broken workbook; its messages quote cells."""


def read_xlsx(raw: bytes) -> list[Sheet]:
    """The visible sheets of a workbook that hold anything, in their order.

    Raises
    ------
    QAError : the container is damaged, hostile, too large, or holds macros.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            _check_parts(parts)
            book = _open(raw, parts)
            found: list[Sheet] = []
            for sheet in book.worksheets:
                if sheet.sheet_state == "visible":
                    found.append(_read_sheet(book, sheet, MOST_CELLS - sum(map(_cells, found))))
    except zipfile.BadZipFile:
        raise refused("container", "the workbook is damaged.", SAVE_AS) from None
    except _UNREADABLE:
        raise refused("container", "the workbook cannot be read.", SAVE_AS) from None
    return [sheet for sheet in found if sheet.rows]


def _check_parts(parts: zipfile.ZipFile) -> None:
    listing = parts.infolist()
    unpacked = sum(part.file_size for part in listing)
    heavy = any(part.file_size > 10 * MB and part.file_size > MOST_RATIO * part.compress_size for part in listing)
    if len(listing) > MOST_PARTS or unpacked > MOST_UNPACKED or heavy:
        raise refused("too_large", "the workbook is too large when unpacked.", "Export it again.")
    kinds = _unpacked(parts, parts.getinfo(KINDS)) if KINDS in parts.namelist() else b""
    if b"macroEnabled" in kinds or any(part.filename.endswith("vbaProject.bin") for part in listing):
        message = "the workbook holds macros, or is a binary one (.xlsb)."
        raise refused("container", message, "Save it as .xlsx, without macros.")
    if b"spreadsheetml.sheet.main+xml" not in kinds:
        raise refused("container", "this is not an Excel workbook.", SAVE_AS)
    for part in listing:
        if part.filename.startswith("xl/media/"):
            continue  # pictures, which nothing here opens
        text = _unpacked(parts, part)
        wide = b"\x00" in text and part.filename.lower().endswith((".xml", ".rels", ".vml"))
        if wide or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            message = "the workbook holds entities or outside references, which Excel never writes."
            raise refused("container", message, SAVE_AS)
        if b"http://purl.oclc.org/ooxml/spreadsheetml/main" in text[:2_000]:
            message, fix = "this is a Strict Open XML workbook.", 'Save it in Excel as "Excel Workbook (.xlsx)".'
            raise refused("container", message, fix)


def _unpacked(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """The bytes of a part, no more of them than the listing declares; BadZipFile if they are not all of it."""
    with parts.open(part) as packed:
        return packed.read(part.file_size + 1)


def _open(raw: bytes, parts: zipfile.ZipFile) -> Any:
    reader = ExcelReader(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    reader.read()
    styles = reader.package.find(STYLES_TYPE)
    if styles and styles.PartName != f"/{ARC_STYLE}":
        # Excel on the web numbers its parts, and openpyxl knows the styles, which make a number a date, by one name
        apply_stylesheet(SimpleNamespace(read=lambda _: parts.read(styles.PartName[1:])), reader.wb)
    return reader.wb


def _cells(sheet: Sheet) -> int:
    return sum(map(len, sheet.rows.values()))


def _read_sheet(book: Any, sheet: Any, room: int) -> Sheet:
    rows: dict[int, list[str]] = {}
    real_dates: dict[int, set[int]] = defaultdict(set)
    hidden = last = 0
    with sheet._get_source() as source:  # noqa: SLF001  its own loop loses rows and cells out of order
        parser, unstored = _parser(book, sheet, source)
        for number, cells in parser.parse():
            filled = [cell for cell in cells if cell["value"] not in (None, "")]
            values = {cell["column"]: cell["value"] for cell in filled}
            misplaced = len(values) < len(filled) or any(cell["row"] != number for cell in filled)
            if misplaced or not last < number <= LAST_ROW:
                message = f"row {number} stands twice or out of its order, or a cell in it does."
                raise refused("container", message, SAVE_AS)
            last = number
            attributes = parser.row_dimensions.pop(str(number), {})
            if not values:
                continue
            check_extent(number, max(values))
            hidden += attributes.get("hidden") in {"1", "true"}
            rows[number] = [_as_text(values.get(at)) for at in range(1, max(values) + 1)]
            for at, value in values.items():
                if isinstance(value, date):
                    real_dates[at - 1].add(number)
    blocks = parser.merged_cells.mergeCell if parser.merged_cells else []
    return Sheet(
        sheet.title,
        dict(_filled_up(rows, room)),
        {at: frozenset(found) for at, found in real_dates.items()},
        _joined((block.min_row, block.max_row) for block in blocks),
        tuple(unstored),
        hidden,
    )


def _parser(book: Any, sheet: Any, source: Any) -> tuple[Any, list[tuple[int, int]]]:
    """The parser of one sheet, and the places of formulas without a stored value as it comes upon them."""
    parser = WorkSheetParser(
        source,
        sheet._shared_strings,  # noqa: SLF001  what its own loop hands over
        data_only=True,
        epoch=book.epoch,
        date_formats=book._date_formats,  # noqa: SLF001
        timedelta_formats=book._timedelta_formats,  # noqa: SLF001
    )
    unstored: list[tuple[int, int]] = []
    parse_cell = parser.parse_cell

    def noting(element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = parse_cell(element)
        empty = cell["value"] is None and element.get("t") != "str"  # a stored text may be empty
        if empty and len(unstored) < MOST_ROWS and element.find(FORMULA_TAG) is not None:
            unstored.append((cell["row"], cell["column"] - 1))
        return cell

    parser.parse_cell = noting
    return parser, unstored


def _joined(blocks: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Blocks of rows in their order, those that share a row as one."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(blocks):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def _filled_up(rows: dict[int, list[str]], room: int) -> Iterator[tuple[int, list[str]]]:
    """Every row up to the last that holds anything, all of one width: a spreadsheet has no short rows."""
    width, last = max(map(len, rows.values()), default=0), max(rows, default=0)
    if width * last > room:
        fix = "Delete what stands far to the right of the columns, or far below the rows."
        raise refused("too_large", "too many cells between the first and the last.", fix)
    for number in range(1, last + 1):
        cells = rows.get(number, [])
        yield number, cells + [""] * (width - len(cells))


def _as_text(cell: Any) -> str:
    """A cell as the analyst would type it: dates as year-month-day, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return re.sub("_x000D_\n?", "\n", str(cell))  # Excel's way to write a carriage return
