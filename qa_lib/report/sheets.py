"""How does what people typed stand in a workbook without acting?

Days as days, counts as numbers, and everything else as text: no formula, no
link, whatever it begins with. The working papers are made of such sheets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pandas as pd

TYPED = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""Options of a workbook of `xlsxwriter` in which text stays text."""
MOST_TEXT = 32_000
"""Characters of a cell; Excel takes a few more."""
WIDEST = 60


class Papers:
    """A workbook of sheets: `with Papers(path) as papers: papers.sheet("Cases", heads, rows)`.

    `book` is that of `xlsxwriter`, for sheets of another kind.
    """

    def __init__(self, path: Path) -> None:
        import xlsxwriter

        self.book = xlsxwriter.Workbook(path, TYPED)
        wrapped = {"text_wrap": True, "valign": "top"}
        self._head = self.book.add_format({**wrapped, "bold": True, "bottom": 1})
        self._cell = self.book.add_format(wrapped)
        self._day = self.book.add_format({**wrapped, "num_format": "dd/mm/yyyy"})

    def __enter__(self) -> Papers:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.book.close()

    def sheet(self, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], below: Iterable[str] = ()) -> None:
        """A row of headings, rows below it, columns as wide as what stands in them; `below` are lines of our own."""
        sheet, widths, last = self.book.add_worksheet(name), [len(head) for head in heads], 0
        sheet.write_row(0, 0, heads, self._head)
        for last, row in enumerate(rows, start=1):
            for at, value in enumerate(row):
                self._write(sheet, last, at, value)
                widths[at] = max(widths[at], len(str(value)))
        for at, width in enumerate(widths):
            sheet.set_column(at, at, min(width, WIDEST) + 2)
        for at, line in enumerate(below, start=last + 2):
            sheet.write_string(at, 0, line)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def table(self, name: str, table: pd.DataFrame, below: Iterable[str] = ()) -> None:
        """A sheet of a table, under the names of its columns."""
        self.sheet(name, [*map(str, table)], table.astype("object").itertuples(index=False), below)

    def _write(self, sheet: Any, row: int, at: int, value: Any) -> None:
        if value is None or value == "" or pd.isna(value):
            return
        if hasattr(value, "year"):
            sheet.write_datetime(row, at, pd.Timestamp(value).to_pydatetime(), self._day)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            sheet.write_number(row, at, value, self._cell)
        else:
            sheet.write_string(row, at, str(value)[:MOST_TEXT], self._cell)
