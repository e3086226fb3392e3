"""The tables as an accessible workbook: the page's figures, numbers as numbers, and nothing that can act."""

import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import openpyxl
import pytest

from qa_lib.report.blocks import Cell, Chart, Run, Table
from qa_lib.report.document import Document, read_document
from qa_lib.report.workbook import numbered_tables, render_workbook, value_of

FRONT = ["Cover", "Contents", "Notes"]
HOSTILE = (
    "=cmd|' /C calc'!A0", "{=1+1}", "+1", "-1", "@SUM(A1)", "<script>alert(1)</script>", "https://example.org",
    "internal:'Cover'!A1", "[here](https://example.org)", "[a](b) and [c](d)", "$$1$$", "$$$$$", ":", "–", "& <b>",
    "2013", "007", "1e5", "TRUE", "#REF!", "\t=1+1",
)  # fmt: skip
RENDER = """
import sys, nbformat
from pathlib import Path
from qa_lib.report.document import read_document
from qa_lib.report.workbook import render_workbook
render_workbook(read_document(nbformat.read(sys.argv[1], as_version=4)), Path(sys.argv[2]))
"""
# gptables 2.0 uses parts of pandas that pandas 4 will drop; the lock holds versions that agree.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gptables")


@pytest.fixture(scope="module")
def document(executed: Path) -> Document:
    return read_document(nbformat.read(executed, as_version=4))


@pytest.fixture(scope="module")
def path(document, tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("workbook") / "tables.xlsx"
    render_workbook(document, made)
    return made


@pytest.fixture(scope="module")
def book(path):
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def hostile(document, tmp_path_factory) -> tuple[Document, Path]:
    """A document whose captions, heads, cells and notes all try to be something else, and its workbook."""
    rows = tuple((Cell(text), Cell(text), Cell("1")) for text in HOSTILE)
    tables = [
        Table("t", text, (text, f"{text} again", f"{text} again"), rows, (text, text), number=at)
        for at, text in enumerate(HOSTILE, start=1)
    ]
    chart = Chart("f", (Run("t"),), "c", (Run("a"),), "<svg></svg>", tables[0], number=1)
    made = tmp_path_factory.mktemp("hostile") / "tables.xlsx"
    hostile = Document(document.title, (*tables, chart))
    render_workbook(hostile, made)
    return hostile, made


def assert_nothing_acts(path: Path) -> None:
    """No formula in any part, no link but those of the contents, and those within the workbook."""
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            xml = parts.read(name).decode()
            assert not re.search(r"<(?:\w+:)?(?:f|calculatedColumnFormula|definedName)[ >/]", xml), name
            assert 'TargetMode="External"' not in xml, name
            assert not re.search(r"calcChain|externalLink|vba|oleObject|connections", name)
    for sheet in openpyxl.load_workbook(path):
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            assert cell.data_type in {"s", "n"}, (sheet.title, cell.coordinate)
            assert isinstance(cell.value, str | int | float)
            if cell.hyperlink:
                assert sheet.title == "Contents"
                assert re.fullmatch(r"'[A-Za-z0-9_]+'!A1", cell.hyperlink.location)
                assert cell.hyperlink.target is None


def shown(cell) -> str:
    """A spreadsheet's cell as its reader sees it."""
    if isinstance(cell.value, str):
        return cell.value
    if cell.number_format == '0;"−"0':
        return f"{cell.value}".replace("-", "−")
    return {"0%": f"{100 * cell.value:.0f}%", "#,##0": f"{cell.value:,}"}[cell.number_format]


def body_of(sheet) -> list[list]:
    """Heads and rows of the one table of a sheet."""
    (table,) = sheet.tables.values()
    return [list(row) for row in sheet[table.ref]]


def test_every_table_of_the_page_has_a_sheet_in_its_order_and_with_its_number(document, book):
    assert book.sheetnames[:3] == FRONT
    wanted, titles = [], []
    for block in document.blocks:
        if isinstance(block, Table):
            wanted.append(f"Table_{block.number}")
            titles.append(f"Table {block.number}. {block.caption}")
        elif isinstance(block, Chart):
            wanted.append(f"Figure_{block.number}")
            titles.append(f"Figure {block.number}. Data behind the chart: {block.table.caption}")
    assert len(wanted) > 8
    assert book.sheetnames[3:] == wanted
    assert [book[name]["A1"].value for name in wanted] == titles


def test_every_cell_shows_what_the_page_shows(document, book):
    checked = 0
    for name, (_, table) in numbered_tables(document).items():
        heads, *rows = body_of(book[name])
        assert [cell.value for cell in heads] == list(table.heads)
        assert len(rows) == len(table.rows)
        for cells, row in zip(rows, table.rows, strict=True):
            assert [shown(cell) for cell in cells] == [cell.mark or cell.text for cell in row]
            checked += len(cells)
    assert checked > 300


def test_counts_and_percentages_are_numbers_and_everything_else_is_text(document, book):
    numbers = texts = 0
    for name, (_, table) in numbered_tables(document).items():
        _, *rows = body_of(book[name])
        for cells, row in zip(rows, table.rows, strict=True):
            for cell, said in zip(cells[1:], row[1:], strict=True):
                is_number = not said.mark and re.fullmatch(r"[\d,]+%?|−\d+", said.text) is not None
                assert (cell.data_type == "n") == is_number
                numbers, texts = numbers + is_number, texts + (not is_number)
            assert cells[0].data_type == "s"
    assert numbers > 150
    assert texts > 50


@pytest.mark.parametrize(
    ("cell", "value", "shape"),
    [
        (Cell("1,234"), 1234, "#,##0"),
        (Cell("0"), 0, "#,##0"),
        (Cell("60%"), 0.6, "0%"),
        (Cell("100%"), 1.0, "0%"),
        (Cell("", (), "c"), "c", ""),
        (Cell("", (), ":"), ":", ""),
        (Cell("41 of 60 (68%)"), "41 of 60 (68%)", ""),
        (Cell("54% to 74%"), "54% to 74%", ""),
        (Cell("2013"), "2013", ""),
        (Cell("1,23"), "1,23", ""),
        (Cell("01"), "01", ""),
        (Cell("٣"), "٣", ""),
        (Cell("6.5%"), "6.5%", ""),
        (Cell("-1"), "-1", ""),
    ],
)
def test_only_what_the_page_writes_as_a_figure_becomes_a_number(cell, value, shape):
    assert value_of(cell) == (value, shape)


def test_marks_stand_as_text_and_are_explained_on_the_sheet_the_notes_and_the_cover(document, book):
    marked = {name: table for name, (_, table) in numbered_tables(document).items() if table.notes}
    assert len(marked) > 2
    notes = {row[0].value: row[1].value.split(", ") for row in body_of(book["Notes"])[1:]}
    for name, table in marked.items():
        above = [book[name].cell(row, 1).value for row in range(3, 3 + len(table.notes))]
        assert above == list(table.notes)
        assert all(name in notes[note] for note in table.notes)
    values = {cell.value for name in marked for row in body_of(book[name]) for cell in row}
    assert {"c", ":"} <= values
    cover = [cell.value for cell in book["Cover"]["A"]]
    assert all(any(line.startswith(f"{mark}: ") for line in cover) for mark in ("c", "z"))
    assert any(line.startswith(": (a colon) ") for line in cover)


def test_the_cover_holds_the_title_block(document, book):
    title, cover = document.title, [cell.value for cell in book["Cover"]["A"]]
    assert cover[0] == title.title
    for line in (f"Council: {title.council}", f"Period: {title.period}", f"Report to: {title.report_to}",
                 f"Date: {title.as_of}", f"Status: {title.status}", f"Marking: {title.marking}",
                 f"Run: {title.run_id}"):  # fmt: skip
        assert line in cover


def test_the_contents_link_to_every_sheet_and_say_its_title(book):
    _, *rows = body_of(book["Contents"])
    assert [row[0].value for row in rows] == book.sheetnames[2:]
    for link, title in rows:
        assert link.hyperlink.location == f"'{link.value}'!A1"
        assert title.value == book[link.value]["A1"].value


def test_every_table_marks_its_header_row_and_has_a_name_of_its_own(book):
    names = []
    for sheet in book.worksheets[1:]:
        (table,) = sheet.tables.values()
        names.append(table.displayName)
        assert table.headerRowCount == 1
        heads = body_of(sheet)[0]
        assert [column.name for column in table.tableColumns] == [cell.value for cell in heads]
        assert all(cell.font.b for cell in heads)
        assert not any(sheet.merged_cells.ranges)
    assert len(set(names)) == len(names)


def test_sheet_names_are_short_and_safe(book, hostile):
    for name in (*book.sheetnames, *openpyxl.load_workbook(hostile[1]).sheetnames):
        assert re.fullmatch(r"[A-Za-z]+(_\d+)?", name)
        assert len(name) <= 31


def test_no_workbook_holds_anything_that_acts(path, hostile):
    assert_nothing_acts(path)
    assert_nothing_acts(hostile[1])


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_title_block_acts_no_more_than_a_table(document, tmp_path, text):
    fields = ("council", "title", "period", "report_to", "author", "status", "marking", "run_id")
    made = tmp_path / "tables.xlsx"
    render_workbook(replace(document, title=replace(document.title, **dict.fromkeys(fields, text))), made)
    assert_nothing_acts(made)
    said = openpyxl.load_workbook(made)["Cover"]["A1"].value
    assert re.sub(r"\s", "", said) == re.sub(r"\s", "", text)


def test_hostile_text_stays_text_letter_for_letter(hostile):
    document, path = hostile
    book = openpyxl.load_workbook(path)
    for name, (_, table) in numbered_tables(document).items():
        _, *rows = body_of(book[name])
        assert [[cell.value for cell in row] for row in rows] == [[row[0].text, row[1].text, 1] for row in table.rows]


def test_a_row_whose_name_is_a_number_keeps_its_name_as_text(document, tmp_path):
    made = tmp_path / "tables.xlsx"
    named = Table(
        "t", "By team", ("Team", "Audits"), ((Cell("12"), Cell("12")), (Cell("", (), "c"), Cell("60%"))), number=1
    )
    render_workbook(replace(document, blocks=(named,)), made)
    _, *rows = body_of(openpyxl.load_workbook(made)["Table_1"])
    assert [[cell.value for cell in row] for row in rows] == [["12", 12], ["c", 0.6]]


def test_hostile_titles_and_heads_lose_at_most_the_marks_of_notes_and_links(hostile):
    document, path = hostile
    book = openpyxl.load_workbook(path)
    for name, (title, table) in numbered_tables(document).items():
        said = [book[name]["A1"].value, book[name]["A3"].value, body_of(book[name])[0][0].value]
        wanted = [title, table.notes[0], table.heads[0]]
        assert [re.sub(r"\s", "", text) for text in said] == [re.sub(r"\s", "", text) for text in wanted]


def test_a_report_without_tables_still_makes_a_workbook(document, tmp_path):
    made = tmp_path / "tables.xlsx"
    render_workbook(replace(document, blocks=()), made)
    assert openpyxl.load_workbook(made).sheetnames == FRONT


def test_the_same_document_gives_the_same_bytes_in_another_place_and_zone(executed, path, tmp_path):
    running = {}
    for zone, seed, mask in (("Pacific/Kiritimati", "1", 0o077), ("America/Los_Angeles", "2", 0o002)):
        made = tmp_path / f"{seed}.xlsx"
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "LC_ALL": "C.UTF-8", "USER": f"user{seed}"}
        command = [sys.executable, "-c", RENDER, str(executed), str(made)]
        running[made] = subprocess.Popen(command, cwd=tmp_path, env=environment, umask=mask)
    for made, process in running.items():
        assert process.wait() == 0
        assert made.read_bytes() == path.read_bytes()


def test_the_file_knows_the_report_and_its_date_and_no_user_or_day(document, book, path):
    properties = book.properties
    assert properties.title == document.title.title
    assert {properties.creator, properties.lastModifiedBy} == {document.title.council}
    dates = {f"{day.day} {day:%B %Y}" for day in (properties.created, properties.modified)}
    assert dates == {document.title.as_of}
    with zipfile.ZipFile(path) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {(part.create_system, part.compress_type) for part in parts.infolist()} == {(0, zipfile.ZIP_STORED)}
        every = b"".join(parts.read(name) for name in parts.namelist()).decode()
    for word in (os.environ.get("USER", "root"), "/tmp", str(Path.home())):  # noqa: S108  looked for, not used
        assert f"{word}/" not in every
        assert f">{word}<" not in every
