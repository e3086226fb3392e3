"""How does a sheet take answers that can be read back?

A row of headings, locked, and below them columns that know what their cells may
hold: they offer what may be answered and refuse the rest. Some cells may be
filled in beforehand. No text becomes a formula or a link.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qa_lib.report.form_guidance import height_for
from qa_lib.report.sheets import MOST_TEXT
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import ANY_DAY, DAY, NUMBER, Holds, Several

ROWS = 1_000
"""How many rows offer what may be answered."""
MOST_TITLE, MOST_MESSAGE = 32, 255
"""What Excel shows beside a cell, in characters."""
LARGEST = 999_999_999
PROTECTED = {"format_columns": True, "format_rows": True, "sort": True}
SHAPES: dict[Holds, str] = {DAY: "dd/mm/yyyy", ANY_DAY: "dd/mm/yyyy", NUMBER: "0"}


@dataclass(frozen=True)
class Column:
    """One column of a form: its heading, what its cells hold, what Excel shows beside them.

    `colour` is that of the heading's ground, "" the council's own; `width` is in characters.
    """

    heading: str
    holds: Holds
    title: str = ""
    help: str = ""
    colour: str = ""
    width: int = 24


class Lists:
    """Words for drop-downs, each list once, in a column of a hidden sheet; a cell could hold few, and no comma."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.places: dict[tuple[str, ...], str] = {}
        sheet.hide()
        sheet.protect("", PROTECTED)

    def place(self, words: tuple[str, ...]) -> str:
        """Where a list stands, as a reference."""
        from xlsxwriter.utility import xl_range_abs

        if words not in self.places:
            at = len(self.places)
            for row, word in enumerate(words):
                self.sheet.write_string(row, at, word)
            self.places[words] = f"=Lists!{xl_range_abs(0, at, len(words) - 1, at)}"
        return self.places[words]


def write_form(
    book: Any,
    sheet: Any,
    columns: Mapping[str, Column],
    framework: Framework,
    lists: Lists,
    rows: Iterable[Mapping[Any, Any]] = (),
) -> None:
    """Write a sheet to fill in; `rows` hold by column what stands in it beforehand, text or days."""
    top = {"text_wrap": True, "valign": "top"}
    bold = {**top, "bold": True, "border": 1}
    heads = {
        colour: book.add_format({**bold, "bg_color": colour} if colour else
                                {**bold, "bg_color": framework.brand.colour, "font_color": "#FFFFFF"})
        for colour in {column.colour for column in columns.values()}
    }  # fmt: skip
    bodies = {
        shape: book.add_format({**top, "locked": False, "num_format": shape}) for shape in ("@", *SHAPES.values())
    }
    for at, column in enumerate(columns.values()):
        body = bodies[SHAPES.get(column.holds, "@")]
        sheet.set_column(at, at, column.width, body)
        sheet.write_string(0, at, column.heading, heads[column.colour])
        beside = {
            "input_title": shortened(column.title, MOST_TITLE),
            "input_message": shortened(column.help, MOST_MESSAGE),
        }
        sheet.data_validation(1, at, ROWS, at, _rule(column.holds, framework, lists) | beside)
    for number, row in enumerate(rows, start=1):
        for at, (key, column) in enumerate(columns.items()):
            _write_cell(sheet, number, at, row.get(key), bodies[SHAPES.get(column.holds, "@")])
    sheet.set_row(0, height_for((column.heading, column.width) for column in columns.values()))
    sheet.freeze_panes(1, 2)
    sheet.set_selection(1, 0, 1, 0)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0, 1)
    sheet.print_across()
    sheet.hide_gridlines(0)
    sheet.protect("", PROTECTED)
    sheet.set_landscape()
    sheet.set_paper(9)


def _write_cell(sheet: Any, row: int, at: int, value: Any, body: Any) -> None:
    """A day as a day, a count as a number, anything else as text; nothing of nothing."""
    if hasattr(value, "year"):
        sheet.write_datetime(row, at, datetime(value.year, value.month, value.day), body)  # noqa: DTZ001  a day
    elif isinstance(value, int):
        sheet.write_number(row, at, value, body)
    elif value:
        sheet.write_string(row, at, str(value)[:MOST_TEXT], body)


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters as Excel counts them, cut between words.

    >>> shortened("Where to look on the file", 20)
    'Where to look on …'
    """
    if _length(text) <= most:
        return text
    while _length(text) > most - 2:
        before, _, last = text.rpartition(" ")
        text = before if before.strip() and last else text[:-1]
    return f"{text.rstrip()} …"


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _rule(holds: Holds, framework: Framework, lists: Lists) -> dict[str, Any]:
    """What the cells of a column accept. Several words in one cell are left free: a list would allow one alone."""
    words = None if isinstance(holds, Several) else framework.words(holds)
    if words:
        wrong = ("Not in the list", "Choose one of the words in the list.")
        rule: dict[str, Any] = {"validate": "list", "source": lists.place(words)}
    elif holds in {DAY, ANY_DAY}:
        first = datetime.combine(framework.earliest_date, datetime.min.time())
        wrong = ("Not a date", f"Write a date as day/month/year, not before {first:%d/%m/%Y}.")
        rule = {"validate": "date", "criteria": ">=", "value": first}
    elif holds == NUMBER:
        wrong = ("Not a whole number", "Write a whole number, in digits only.")
        rule = {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": LARGEST}
    else:
        return {"validate": "any"}
    return rule | {"error_title": wrong[0], "error_message": wrong[1]}
