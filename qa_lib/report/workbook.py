"""What does the reader open in a spreadsheet?

Every table of a report, and the table behind every chart, a sheet each, in the
order and with the numbers of the page; before them a cover, a contents sheet
with links, and the notes. `gptables` lays them out by the government's guidance
for accessible spreadsheets.

A count or a whole percentage is stored as a number and looks as on the page;
everything else is text. Nothing is a formula and no text of data is a link,
however it is spelled: each text is written as text by name. The same document
gives the same bytes on any day and any machine: the only date inside is the
report's own, and the parts are stored in the order in which they are made.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from qa_lib.report.blocks import Cell, Chart, Table, TitleBlock
from qa_lib.report.document import Document
from qa_lib.report.tables import BASE_NOTE, FEW_NOTE, MARK_NOTE

AS_PRINTED = (
    "Figures are as the report prints them: percentages are whole, with no decimals kept behind them. How they are "
    "made stands in the annexes of the report."
)
MARKS = ("A letter or a colon in place of a figure is a mark.", MARK_NOTE, BASE_NOTE, FEW_NOTE)
ONE_TABLE = "This worksheet contains one table."
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every part inside the file: the earliest that the format can hold."""


def render_workbook(document: Document, path: Path) -> None:
    """Write a document's tables as one accessible workbook, `tables.xlsx`; the same document gives the same bytes."""
    import gptables

    tables = numbered_tables(document)
    sheets = {"Notes": _notes_sheet(tables), **{name: _sheet(name, table) for name, table in tables.items()}}
    made = io.BytesIO()
    book = gptables.GPWorkbook(made, {"in_memory": True})
    book.set_properties(_properties(document.title))
    _add_sheet(book, "Cover").write_cover(_cover(document.title))
    contents = book.make_table_of_contents(
        sheets, title="Contents", column_names=["Sheet", "What it holds"], instructions=ONE_TABLE
    )
    for name, content in {"Contents": contents, **sheets}.items():
        sheet = _add_sheet(book, name)
        sheet.write_gptable(content, auto_width=name != "Notes")
        if name == "Notes":
            sheet.set_column(0, 0, 90)
            sheet.set_column(1, 1, 30)
    book.close()
    path.write_bytes(_stored(made))


def numbered_tables(document: Document) -> dict[str, tuple[str, Table]]:
    """Sheet name, and title with table, of every table that has rows, as the page numbers them.

    A table behind a chart has the number of its figure: "Figure_1" beside "Table_1".
    """
    named: dict[str, tuple[str, Table]] = {}
    for block in document.blocks:
        if isinstance(block, Table) and block.rows:
            named[f"Table_{block.number}"] = (f"Table {block.number}. {block.caption}", block)
        elif isinstance(block, Chart):
            title = f"Figure {block.number}. Data behind the chart: {block.table.caption}"
            named[f"Figure_{block.number}"] = (title, block.table)
    return named


def value_of(cell: Cell) -> tuple[int | float | str, str]:
    """What is stored for a cell, and its number format; "" for text.

    >>> value_of(Cell("1,234")), value_of(Cell("60%")), value_of(Cell("", (), "c")), value_of(Cell("2013"))
    ((1234, '#,##0'), (0.6, '0%'), ('c', ''), ('2013', ''))
    """
    text = cell.mark or cell.text
    if re.fullmatch(r"0|[1-9][0-9]{0,2}(,[0-9]{3}){0,3}", text):
        return int(text.replace(",", "")), "#,##0"
    if re.fullmatch(r"−[1-9][0-9]?", text):
        return -int(text[1:]), '0;"−"0'
    if re.fullmatch(r"0%|[1-9][0-9]{0,2}%", text):
        return int(text[:-1]) / 100, "0%"
    return text, ""


def _sheet(name: str, titled: tuple[str, Table]) -> Any:
    """One table as gptables knows it: title, marks and notes above, numbers to the right."""
    import gptables
    import pandas as pd

    title, table = titled
    stored = [[(cell.mark or cell.text, ""), *map(value_of, row)] for cell, *row in table.rows]
    cells = [[_text_cell(value) if isinstance(value, str) else value for value, _ in row] for row in stored]
    formats = [
        {"cell": {"cells": (at, column), "format": {"num_format": shape}}}
        for at, row in enumerate(stored, start=1)
        for column, (_, shape) in enumerate(row)
        if shape
    ]
    figures = {"columns": list(range(1, len(table.heads))), "format": {"align": "right"}, "include_names": True}
    return gptables.GPTable(
        pd.DataFrame(cells, columns=_unique(table.heads), dtype=object),
        table_name=name,
        title=_plain(title),
        instructions=ONE_TABLE,
        legend=[_plain(note) for note in table.notes],
        index_columns={},
        additional_formatting=[{"column": figures}, *formats],
    )


def _notes_sheet(tables: Mapping[str, tuple[str, Table]]) -> Any:
    """Every note once, with the sheets that it belongs to."""
    import gptables
    import pandas as pd

    held: dict[str, list[str]] = {AS_PRINTED: ["All tables"]}
    for name, (_, table) in tables.items():
        for note in table.notes:
            held.setdefault(note, []).append(name)
    rows = [[_text_cell(note), _text_cell(", ".join(names))] for note, names in held.items()]
    return gptables.GPTable(
        pd.DataFrame(rows, columns=["Note", "Belongs to"], dtype=object),
        table_name="Notes",
        title="Notes",
        instructions=ONE_TABLE,
        index_columns={},
    )


def _cover(title: TitleBlock) -> Any:
    """The title block, and how to read the marks."""
    import gptables

    terms = (
        ("Council", title.council),
        ("Period", title.period),
        ("Report to", title.report_to),
        ("Date", title.as_of),
        ("Author", title.author),
        ("Status", title.status),
        ("Audience", title.audience),
        ("Marking", title.marking),
        ("Run", title.run_id),
    )
    return gptables.Cover(
        title=_plain(title.title),
        intro=[_plain(f"{name}: {words}") for name, words in terms if words],
        about=[
            "These are the tables of the report with the same run, and the data behind its charts.",
            *MARKS,
            AS_PRINTED,
        ],
    )


def _add_sheet(book: Any, name: str) -> Any:
    """A sheet that writes every text as text whatever it looks like, and prints on pages of A4 across."""
    sheet = book.add_worksheet(name)
    sheet.add_write_handler(str, lambda on, row, column, text, style=None: on.write_string(row, column, text, style))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    return sheet


def _text_cell(text: str) -> Any:
    """A cell that gptables neither reads for links nor refuses, such as the mark ":"."""
    from gptables.core.gptable import FormatList

    return FormatList([{}, text])


def _plain(text: str) -> str:
    """A text outside the cells without what gptables takes for a note ($$ .. $$) or a link ([..](..)).

    >>> _plain("$$1$$ and [a](b)"), _plain("Cost in $")
    ('$ $1$ $ and [a] (b)', 'Cost in $')
    """
    return re.sub(r"\$(?=\$)", "$ ", text).replace("](", "] (")


def _unique(heads: Iterable[str]) -> list[str]:
    """Headings as a spreadsheet's table needs them: none empty, none twice."""
    plain: list[str] = []
    for at, head in enumerate(heads, start=1):
        name = _plain(head).strip() or f"Column {at}"
        twice = name.casefold() in map(str.casefold, plain)
        plain.append(f"{name} ({at})" if twice else name)
    return plain


def _properties(title: TitleBlock) -> dict[str, Any]:
    """What the file says of itself: the report and its date, and no user."""
    return {
        "title": title.title,
        "subject": title.period,
        "author": title.council,
        "created": datetime.strptime(title.as_of, "%d %B %Y"),  # noqa: DTZ007  a date without a time of day
    }


def _stored(made: io.BytesIO) -> bytes:
    """The same parts uncompressed, since no two machines compress alike, and without a mark of the system."""
    packed = io.BytesIO()
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(packed, "w") as out:
        for name in parts.namelist():
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = 0
            out.writestr(info, parts.read(name))
    return packed.getvalue()
