"""A file may come from anywhere: what it is, what is hidden in it, and what it may cost.

Every file is made here and checked as a report's own. Whatever it is, it is counted to the row or refused in words
that say what to do, and a refusal repeats nothing of it: a child's name stands in a cell of each. The process that
reads it may take 1,000 MB and 30 seconds, not the 1,500 MB and 120 that an analyst's largest extract may.
"""

import io
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from dataclasses import asdict
from datetime import date, datetime
from functools import cache
from pathlib import Path
from shutil import copytree

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from qa_lib.intake import sandbox
from qa_lib.intake.extracts import check_extracts
from qa_lib.intake.files import MB
from qa_lib.intake.reading import Extract
from qa_lib.intake.rules import Rules
from qa_lib.problems import Problem, in_words
from qa_lib.settings.framework import Framework
from qa_lib.settings.period import Period
from qa_lib.settings.yaml import read_settings

TOP = Path(__file__).parents[1]
FRAMEWORK = read_settings(TOP / "params" / "example" / "framework.yml", Framework)
RULES = Rules(FRAMEWORK, date(2013, 10, 1), (Period("current", date(2013, 5, 1), date(2013, 7, 31)),))
HEADINGS = ["audit_id", "audit_date", "service", "planning", "overall_grade", "strengths"]
CHILD, SECRET = "Zebedee Quill", "Tabitha Thorne"
"""Names that stand in a cell that is read, and where nothing is read."""

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture(autouse=True)
def little_memory(monkeypatch):
    """What takes more is refused, in other words than those that a test asks for."""
    monkeypatch.setattr(sandbox, "MOST_MEMORY", 1_000 * MB)


def record(number: int, **changed: object) -> list[object]:
    """The cells of one good row; `record(2, planning="")` changes one."""
    cells = [f"AUD-{number:04d}", "14/06/2013", "First Response", "Good", "Good", f"{CHILD} felt heard."]
    return [changed.get(heading, cell) for heading, cell in zip(HEADINGS, cells, strict=True)]


def grid(*records: list[object]) -> list[list[object]]:
    return [HEADINGS, *(records or (record(1), record(2), record(3)))]


def check(path: Path, rules: Rules = RULES) -> Extract:
    start = time.perf_counter()
    [extract] = check_extracts({"audits": (path,)}, rules)
    assert time.perf_counter() - start < 30
    return extract


def said(extract: Extract) -> str:
    """Everything that an analyst or a program is told about a file."""
    return in_words(extract.problems) + json.dumps([asdict(problem) for problem in extract.problems])


def held(extract: Extract) -> str:
    """Everything that is kept of a file."""
    return said(extract) + extract.table.to_csv() + extract.ids.to_csv()


def counted(path: Path, rows: int, *warnings: str, rules: Rules = RULES) -> Extract:
    """A file whose rows count; `warnings` are the codes of all that is told about it."""
    extract = check(path, rules)
    assert not extract.refused, said(extract)
    assert extract.rows_counted == rows
    assert {problem.code for problem in extract.problems} == set(warnings)
    assert CHILD not in said(extract)
    assert SECRET not in said(extract)
    return extract


def faults(extract: Extract) -> list[Problem]:
    assert extract.refused
    assert extract.rows_counted == 0
    assert CHILD not in said(extract)
    assert SECRET not in said(extract)
    return [problem for problem in extract.problems if problem.severity == "error"]


def refused(path: Path, code: str, cure: str, rules: Rules = RULES) -> list[tuple[str, tuple[int, ...]]]:
    """A file refused for this alone, with this among what to do; the columns and rows that are named."""
    found = faults(check(path, rules))
    assert {problem.code for problem in found} == {code}, found
    for problem in found:
        assert cure.casefold() in problem.fix.casefold()
        assert len(problem.message) > 8
    return [(problem.column, problem.rows) for problem in found]


# --- files -----------------------------------------------------------------------------------------------------------


def as_csv(path: Path, rows: list[list[object]], delimiter: str = ",", ends: str = "\r\n", code: str = "utf-8") -> Path:
    text = "".join(delimiter.join(map(str, cells)) + ends for cells in rows)
    path.write_bytes(text.encode(code))
    return path


def as_xlsx(path: Path, rows: list[list[object]], **more: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for name, cells in {"Audits": rows, **more}.items():
        sheet = book.active if name == "Audits" else book.create_sheet(name)
        sheet.title = name
        for row in cells:
            sheet.append(row)
    book.save(path)
    return path


@cache
def good_parts() -> tuple[tuple[str, bytes], ...]:
    out = io.BytesIO()
    book = openpyxl.Workbook()
    for cells in grid(*(record(n, audit_date=date(2013, 6, 13 + n)) for n in (1, 2, 3))):
        book.active.append(cells)
    book.save(out)
    with zipfile.ZipFile(out) as parts:
        return tuple((name, parts.read(name)) for name in parts.namelist())


def packed(path: Path, changed: dict[str, bytes | None]) -> Path:
    """A good workbook of three rows with parts changed, added or (None) taken out."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts:
        for name, part in (dict(good_parts()) | changed).items():
            if part is not None:
                parts.writestr(name, part)
    return path


def with_changes(path: Path, *changes: tuple[str, str], names: dict[str, str] | None = None) -> Path:
    """A good workbook with words changed in all its parts, and parts under other names."""
    parts = {}
    for name, part in good_parts():
        text = part.decode()
        for old, new in changes:
            text = text.replace(old, new)
        parts |= {name: None, (names or {}).get(name, name): text.encode()}
    return packed(path, parts)


def sheet(rows: str, after: str = "") -> bytes:
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'.encode()


def words(place: str, text: object) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def line(number: int, attributes: str = "", **changed: str) -> str:
    """A row of a sheet as XML: the headings, or a good record; `D=` puts another cell into column D."""
    cells = HEADINGS if number == 1 else record(number)
    row = {letter: words(f"{letter}{number}", cell) for letter, cell in zip("ABCDEF", cells, strict=True)}
    return f'<row r="{number}" {attributes}>{"".join((row | changed).values())}</row>'


def as_sheet(path: Path, *rows: str, after: str = "") -> Path:
    return packed(path, {SHEET: sheet("".join(rows), after)})


def swollen(path: Path, names: list[str], megabytes: int, declared: int | None = None) -> Path:
    """A good workbook with parts of so many megabytes of spaces each; or the listing declares fewer, and fits them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b" " * MB) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.flush()
    packed(path, dict.fromkeys(names))
    with zipfile.ZipFile(path, "a") as parts:
        for name in names:
            info = zipfile.ZipInfo(name)
            parts.writestr(info, block * megabytes + end)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.file_size = megabytes * MB if declared is None else declared
            info.CRC = zlib.crc32(b" " * (declared or 0))
    return path


# --- a container that is not what it seems ---------------------------------------------------------------------------

LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
PARTS = [
    "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", SHEET,
    "docProps/core.xml", "xl/comments1.xml",
]  # fmt: skip


@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
def test_no_part_of_a_workbook_may_hold_entities_or_reach_outside(tmp_path, code):
    (tmp_path / "kept.txt").write_text(SECRET)
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    outside = f'<!ENTITY b SYSTEM "{(tmp_path / "kept.txt").as_uri()}"><!ENTITY c SYSTEM "{address}">'
    paths = []
    for at, name in enumerate(PARTS):
        body = dict(good_parts()).get(name, b"<comments/>").decode()
        body = re.sub(r"^<\?.*?\?>\s*", "", body).replace(CHILD, "&b;&c;&a9;")
        text = f'<?xml version="1.0" encoding="{code}"?><!DOCTYPE x [{outside}{LAUGHS}]>{body}'
        paths.append(packed(tmp_path / f"{at}.xlsx", {name: text.encode(code)}))
    start = time.perf_counter()
    extracts = check_extracts({"audits": tuple(paths)}, RULES)
    assert time.perf_counter() - start < 30
    for extract in extracts:
        [problem] = faults(extract)
        assert (problem.code, "save it as .xlsx" in problem.fix) == ("container", True), extract.file
        assert SECRET not in held(extract)
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.accept()
    listener.close()


def test_entities_are_found_in_a_part_of_any_name(tmp_path):
    changes = ("<workbook ", "<!DOCTYPE x [<!ENTITY a 'b'>]><workbook "), ("xl/workbook.xml", "xl/workbook.dat")
    names = {"xl/workbook.xml": "xl/workbook.dat", "xl/_rels/workbook.xml.rels": "xl/_rels/workbook.dat.rels"}
    counted(with_changes(tmp_path / "a.xlsx", changes[1], names=names), 3)
    refused(with_changes(tmp_path / "b.xlsx", *changes, names=names), "container", "save it as .xlsx")


def test_a_picture_may_be_an_svg_file_with_a_doctype(tmp_path):
    counted(packed(tmp_path / "a.xlsx", {"xl/media/image1.svg": b"<!DOCTYPE svg><svg/>"}), 3)


@pytest.mark.parametrize("declared", [0, 1_000, 9 * MB])
def test_a_workbook_whose_listing_lies_is_damaged(tmp_path, declared):
    refused(swollen(tmp_path / "a.xlsx", [SHEET], 900, declared), "container", "save it as .xlsx")


@pytest.mark.parametrize(
    ("count", "megabytes"), [(1, 900), (1, 150), (23, 9)], ids=["0.9 GB", "within 200 MB", "in small parts"]
)
def test_a_workbook_that_unpacks_to_a_thousand_times_its_size_is_refused_unread(tmp_path, count, megabytes):
    path = swollen(tmp_path / "a.xlsx", [f"xl/worksheets/sheet{n + 1}.xml" for n in range(count)], megabytes)
    assert path.stat().st_size < 2 * MB
    start = time.perf_counter()
    refused(path, "too_large", "Export it again")
    assert time.perf_counter() - start < 3


def test_a_workbook_of_thousands_of_parts_is_refused(tmp_path):
    refused(packed(tmp_path / "a.xlsx", {f"{n}.xml": b"" for n in range(2_000)}), "too_large", "Export it again")


def a_zip(**parts: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packing:
        for name, part in parts.items():
            packing.writestr(name, part)
    return out.getvalue()


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
CSV = f"audit_id,audit_date\n1,{CHILD}\n".encode()
ODS = a_zip(mimetype="application/vnd.oasis.opendocument.spreadsheet", content=CHILD)
OTHERS = {
    "nested.xlsx": (a_zip(**{"inner.xlsx": a_zip(sheet=CHILD)}), "not an Excel workbook", "save it as .xlsx"),
    "ods.xlsx": (ODS, "not an Excel workbook", "save it as .xlsx"),
    "docx.xlsx": (a_zip(**{"[Content_Types].xml": f"<Types>{DOCX}</Types>"}), "not an Excel", "save it as .xlsx"),
    "empty.xlsx": (b"", "not an Excel workbook", "save it as .xlsx"),
    "text.xlsx": (CSV, "not an Excel workbook", "rename it to end in .csv"),
    "old.xlsx": (OLD, "old .xls workbook", "save it as .xlsx"),
    "old.csv": (OLD, "old .xls workbook", "save it as .xlsx"),
    "old.xls": (OLD, "only .csv and .xlsx", "save it as .xlsx"),
    "book.csv": (a_zip(a=CHILD), "named as a CSV file", "rename it to end in .xlsx"),
    "page.html": (f"<table><td>{CHILD}</table>".encode(), "only .csv and .xlsx", "save it as .xlsx"),
    "open.ods": (ODS, "only .csv and .xlsx", "save it as .xlsx"),
    "binary.xlsb": (a_zip(content=CHILD), "only .csv and .xlsx", "save it as .xlsx"),
    "no ending": (CSV, "only .csv and .xlsx", "save it as .xlsx"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_workbook_and_no_csv_file_is_refused_with_what_to_save_it_as(tmp_path, name):
    raw, fault, cure = OTHERS[name]
    (tmp_path / name).write_bytes(raw)
    [problem] = faults(check(tmp_path / name))
    assert problem.code == "container"
    assert fault in problem.message
    assert cure in problem.fix.replace("R", "r")


KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def test_a_workbook_with_macros_is_refused_whatever_its_name(tmp_path):
    macros = with_changes(tmp_path / "a.xlsx", (KIND, "application/vnd.ms-excel.sheet.macroEnabled.main+xml"))
    refused(macros, "container", "without macros")
    refused(packed(tmp_path / "b.xlsx", {"xl/vbaProject.bin": b"Sub"}), "container", "without macros")


def test_a_binary_workbook_with_another_name_is_refused(tmp_path):
    binary = with_changes(tmp_path / "a.xlsx", (KIND, "application/vnd.ms-excel.sheet.binary.macroEnabled.main"))
    refused(binary, "container", "save it as .xlsx")
    assert "binary" in said(check(binary))


def damaged(raw: bytes, how: str) -> bytes:
    at = raw.rfind(SHEET.encode()) - 46  # its entry in the listing at the end
    start = struct.unpack("<I", raw[at + 42 : at + 46])[0] + 30 + len(SHEET)
    return {
        "cut off": raw[: len(raw) * 2 // 3],
        "another packing": raw[: at + 10] + b"\x61\x00" + raw[at + 12 :],
        "a password on its parts": raw[: at + 8] + b"\x01\x00" + raw[at + 10 :],
        "overwritten": raw[:start] + b"\xff" * 40 + raw[start + 40 :],
        "one bit changed": raw[:start] + bytes([raw[start] ^ 64]) + raw[start + 1 :],
    }[how]


@pytest.mark.parametrize(
    "how", ["cut off", "another packing", "a password on its parts", "overwritten", "one bit changed"]
)
def test_a_damaged_workbook_is_refused_as_such(tmp_path, how):
    path = packed(tmp_path / "a.xlsx", {})
    path.write_bytes(damaged(path.read_bytes(), how))
    refused(path, "container", "save it as .xlsx")


def test_a_workbook_of_broken_xml_is_refused_without_a_word_of_it(tmp_path):
    refused(as_sheet(tmp_path / "a.xlsx", line(1), line(2), f"<{CHILD}"), "container", "save it as .xlsx")
    refused(with_changes(tmp_path / "b.xlsx", ("<sheet ", f'<sheet state="{CHILD}" ')), "container", "save it as .xlsx")


def test_a_workbook_whose_parts_have_other_names_is_read_with_its_dates(tmp_path):
    names = {"xl/workbook.xml": "xl/workbook2.xml", "xl/_rels/workbook.xml.rels": "xl/_rels/workbook2.xml.rels"}
    names |= {"xl/styles.xml": "xl/styles2.xml", SHEET: "xl/worksheets/sheet22.xml"}
    changes = ("workbook.xml", "workbook2.xml"), ("styles.xml", "styles2.xml"), ("sheet1.xml", "sheet22.xml")
    extract = counted(with_changes(tmp_path / "a.xlsx", *changes, names=names), 3)
    assert [f"{day:%d/%m}" for day in extract.table["audit_date"]] == ["14/06", "15/06", "16/06"]


def test_a_strict_workbook_is_refused_with_the_kind_to_save_it_as(tmp_path):
    strict = ("http://schemas.openxmlformats.org/spreadsheetml/2006", "http://purl.oclc.org/ooxml/spreadsheetml")
    path = with_changes(
        tmp_path / "a.xlsx", strict, ("http://schemas.openxmlformats.org", "http://purl.oclc.org/ooxml")
    )
    refused(path, "container", '"Excel Workbook (.xlsx)"')


# --- more than a report's extract may hold ---------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("columns", [201, 5_000])
def test_more_than_200_columns_are_refused(tmp_path, ending, columns):
    rows = [[*cells, *(["x"] * (columns - 6))] for cells in grid()]
    rows[0][6:] = [f"Question {n}" for n in range(columns - 6)]
    path = (as_csv if ending == "csv" else as_xlsx)(tmp_path / f"a.{ending}", rows)
    refused(path, "too_large", "Delete the columns")


def test_100_000_rows_are_counted_and_one_more_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    rows = "".join(f"A{n},14/06/2013,Good\n" for n in range(100_000))
    path.write_text("audit_id,audit_date,planning\n" + rows)
    counted(path, 100_000)
    path.write_text("audit_id,audit_date,planning\n" + rows + "B,14/06/2013,Good\n")
    refused(path, "too_large", "Split it by period")


@pytest.mark.parametrize("number", [100_021, 1_048_576])
def test_a_workbook_that_reaches_further_than_100_000_rows_is_refused(tmp_path, number):
    refused(as_sheet(tmp_path / "a.xlsx", line(1), line(2), line(number)), "too_large", "Split it by period")
    after = "".join(["audit_id,audit_date,planning\n", "\n" * (number - 2), "A1,14/06/2013,Good\n"])
    (tmp_path / "a.csv").write_text(after)
    refused(tmp_path / "a.csv", "too_large", "Split it by period")


def test_a_single_cell_far_off_does_not_make_a_hundred_million(tmp_path):
    path = as_sheet(tmp_path / "a.xlsx", line(1), line(2), f'<row r="100000">{words("ALL100000", "x")}</row>')
    start = time.perf_counter()
    refused(path, "too_large", "Delete")
    assert time.perf_counter() - start < 5


def test_many_sheets_do_not_make_a_hundred_million_cells_together(tmp_path):
    path = as_xlsx(tmp_path / "a.xlsx", grid(), **{f"Sheet {n}": grid() for n in range(12)})
    book = openpyxl.load_workbook(path)
    for sheet in book:
        sheet["GR9999"] = "x"
    book.save(path)
    refused(path, "too_large", "Delete")


def test_a_csv_file_of_commas_is_refused_before_it_is_held(tmp_path):
    (tmp_path / "a.csv").write_text(",".join(HEADINGS) + "\n" + ("A" + "," * 400 + "\n") * 60_000)
    refused(tmp_path / "a.csv", "too_large", "Delete the columns")


def test_a_used_range_of_a_million_rows_that_are_empty_is_passed_over(tmp_path):
    empty = "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(4, 300_000))
    last = '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    path = as_sheet(tmp_path / "a.xlsx", line(1), line(2), line(3), empty, last)
    counted(path, 2)


def test_rows_that_are_styled_to_their_last_column_cost_no_more(tmp_path):
    empty = "".join(f'<row r="{n}"><c r="XFD{n}" s="1"/></row>' for n in range(4, 60_000))
    path = as_sheet(tmp_path / "a.xlsx", line(1), line(2), line(3), empty)
    start = time.perf_counter()
    counted(path, 2)
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("reference", ["A1", "A1:A1", "A1:XFD1048576"])
def test_the_used_range_that_a_workbook_states_is_not_believed(tmp_path, reference):
    stated = f'<dimension ref="{reference}"/><sheetData>'.encode()
    part = sheet(line(1) + line(2) + line(3)).replace(b"<sheetData>", stated)
    counted(packed(tmp_path / "a.xlsx", {SHEET: part}), 2)


MISPLACED = {
    "a row beyond Excel's last": line(1_048_577),
    "a row far beyond": line(99_999_999_999),
    "a row above the one before it": line(5) + line(4),
    "a row twice": line(3) + line(3),
    "a cell of another row": line(3, D=words("D2", "Good")),
    "a cell twice": line(3, D=words("D3", "Good") + words("D3", "Inadequate")),
}


@pytest.mark.parametrize("what", MISPLACED)
def test_no_row_or_cell_is_lost_for_standing_where_none_can(tmp_path, what):
    refused(as_sheet(tmp_path / "a.xlsx", line(1), line(2), MISPLACED[what]), "container", "save it as .xlsx")


def test_cells_out_of_their_order_are_read_by_their_place(tmp_path):
    turned = "".join(words(f"{letter}3", cell) for letter, cell in zip("FEDCBA", reversed(record(3)), strict=True))
    table = counted(as_sheet(tmp_path / "a.xlsx", line(1), line(2), f'<row r="3">{turned}</row>'), 2).table
    assert table.loc[3, "audit_id":"overall_grade"].tolist()[::4] == ["AUD-0003", "Good"]


def test_rows_and_cells_without_a_number_stand_where_they_are_written(tmp_path):
    rows = "".join(line(n) for n in (1, 2, 3))
    for n in (1, 2, 3):
        rows = rows.replace(f'<row r="{n}" >', "<row>")
        for letter in "ABCDEF":
            rows = rows.replace(f' r="{letter}{n}"', "")
    assert " r=" not in rows
    assert list(counted(as_sheet(tmp_path / "a.xlsx", rows), 2).table.index) == [2, 3]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_file_of_too_many_bytes_is_refused(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"PK\x03\x04" if ending == "xlsx" else b"audit_id,audit_date\n")
    os.truncate(path, (26 if ending == "xlsx" else 101) * MB)
    refused(path, "too_large", "Split it by period")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_cell_of_a_megabyte_is_read_whole(tmp_path, ending):
    text = f"{CHILD} was seen. " * (MB // 24)
    if ending == "csv":
        path = as_csv(tmp_path / "a.csv", grid(record(1), record(2, strengths=f'"{text}"')))
    else:
        path = as_sheet(tmp_path / "a.xlsx", line(1), line(2), line(3, F=words("F3", text)))
    assert counted(path, 2).table["strengths"].iloc[1] == text.strip()


# --- sheets, and what stands beside the cells ------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_never_read(tmp_path, state):
    path = as_xlsx(tmp_path / "a.xlsx", grid(), **{SECRET: grid(*(record(n, strengths=SECRET) for n in range(40)))})
    book = openpyxl.load_workbook(path)
    book[SECRET].sheet_state = state
    book.move_sheet(SECRET, -1)
    book.save(path)
    assert SECRET not in held(counted(path, 3))


def test_rows_on_a_hidden_sheet_alone_are_no_extract(tmp_path):
    path = as_xlsx(tmp_path / "a.xlsx", [], **{SECRET: grid()})
    book = openpyxl.load_workbook(path)
    book[SECRET].sheet_state = "hidden"
    book.save(path)
    assert [problem.code for problem in faults(check(path))] == ["sheets"]


def test_of_two_visible_sheets_the_one_with_the_headings_is_read(tmp_path):
    path = as_xlsx(tmp_path / "a.xlsx", grid(), Guidance=[["How to fill this in", SECRET], ["Grade", "What it means"]])
    extract = counted(path, 3)
    assert extract.sheet == "Audits"
    assert SECRET not in held(extract)


def test_where_two_visible_sheets_could_be_the_extract_it_is_asked_which(tmp_path):
    path = as_xlsx(tmp_path / "a.xlsx", grid(), Older=grid(record(7)))
    refused(path, "sheets", "Hide the sheets that are not the extract")
    assert "2 visible sheets" in said(check(path))


def test_hidden_and_filtered_rows_are_counted_and_told(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    audits = book.add_worksheet()
    for at, cells in enumerate(grid(*(record(n) for n in range(1, 9)))):
        audits.write_row(at, 0, cells)
    audits.autofilter(0, 0, 8, 5)
    audits.filter_column(3, "x == Outstanding")
    for at in (2, 4, 5):
        audits.set_row(at, options={"hidden": True})
    for at in range(20, 60):
        audits.set_row(at, options={"hidden": True})  # nothing stands in these
    book.close()
    [told] = counted(tmp_path / "a.xlsx", 8, "hidden_rows").problems
    assert told.message.startswith("3 hidden or filtered rows")


def test_notes_names_headers_prompts_and_properties_are_never_read(tmp_path):
    path = as_xlsx(tmp_path / "a.xlsx", grid())
    book = openpyxl.load_workbook(path)
    audits = book["Audits"]
    audits["F2"].comment = Comment(SECRET, SECRET)
    audits["F3"].hyperlink = f"https://qa-beacon.invalid/{SECRET}"
    audits["F3"].value = "Warm."
    audits.oddHeader.center.text = SECRET
    audits.add_data_validation(DataValidation(type="list", formula1=f'"{SECRET}"', prompt=SECRET, sqref="F2"))
    book.defined_names["Child"] = DefinedName("Child", attr_text=f'"{SECRET}"')
    book.properties.creator = book.properties.title = book.properties.description = SECRET
    book.save(path)
    kept = zipfile.ZipFile(path)
    assert sum(SECRET.encode() in kept.read(name) for name in kept.namelist()) >= 5
    assert SECRET not in held(counted(path, 3))


def test_merged_cells_among_the_rows_are_refused_by_row_each_named_once(tmp_path):
    path = as_xlsx(tmp_path / "a.xlsx", grid(*(record(n) for n in range(1, 9))))
    book = openpyxl.load_workbook(path)
    for block in ("C3:C4", "D3:D4", "D4:E5", "F8:F9"):
        book["Audits"].merge_cells(block)
    book.save(path)
    [problem] = [problem for problem in faults(check(path)) if problem.code == "merged"]
    assert problem.rows == (3, 4, 5, 8, 9)
    assert "Take the merge away" in problem.fix


def test_a_merged_title_above_the_headings_is_passed_over(tmp_path):
    path = as_xlsx(tmp_path / "a.xlsx", [["Audits of the quarter"], [], *grid()])
    book = openpyxl.load_workbook(path)
    book["Audits"].merge_cells("A1:F2")
    book.save(path)
    assert list(counted(path, 3, "title_rows").table.index) == [4, 5, 6]


def test_thousands_of_merged_columns_cost_little(tmp_path):
    merges = "".join(f'<mergeCell ref="H{n}:I1048576"/>' for n in range(1, 3_000))
    path = as_sheet(tmp_path / "a.xlsx", line(1), line(2), after=f"<mergeCells>{merges}</mergeCells>")
    start = time.perf_counter()
    assert refused(path, "merged", "Take the merge away") == [("", (1, 2))]
    assert time.perf_counter() - start < 10


# --- cells -----------------------------------------------------------------------------------------------------------


def test_a_formula_counts_by_its_stored_value(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    audits = book.add_worksheet()
    audits.write_row(0, 0, HEADINGS)
    audits.write_row(1, 0, record(1))
    audits.write_formula("A2", '="AUD-"&1', None, "AUD-1")
    audits.write_formula("B2", "=DATE(2013,6,14)", day, 41_439)
    audits.write_formula("D2", '=IF(1,"Inadequate","")', None, "Inadequate")
    book.close()
    table = counted(tmp_path / "a.xlsx", 1).table
    assert table[["audit_id", "planning", "overall_grade"]].to_numpy().tolist() == [["AUD-1", "Inadequate", "Good"]]
    assert list(table["audit_date"]) == [datetime(2013, 6, 14)]  # noqa: DTZ001  a date in a table has no time zone


@pytest.mark.parametrize("stored", ["", "<v></v>", "<v/>"])
def test_a_formula_whose_stored_text_is_empty_is_a_blank(tmp_path, stored):
    blank = f'<c r="D2" t="str"><f>IF(1,"","Good")</f>{stored}</c>'
    extract = counted(as_sheet(tmp_path / "a.xlsx", line(1), line(2, D=blank), line(3)), 2, "blank_grade")
    assert extract.table["planning"].tolist() == ["", "Good"]


def test_a_formula_without_a_stored_value_is_refused_by_row_and_column(tmp_path):
    rows = grid(record(1, planning='=IF(1,"Good","")'), record(2), record(3, strengths=f'="{CHILD}"'))
    named = refused(as_xlsx(tmp_path / "a.xlsx", rows), "no_stored_value", "save it")
    assert sorted(named) == [("planning", (2,)), ("strengths", (4,))]


UNSTORED = [
    "<f>A1</f>",
    "<f>A1</f><v/>",
    "<f>A1</f><v></v>",
    '<f t="shared" si="0"/>',
    '<f t="array" ref="D3">A1</f>',
    "<f/>",
]


@pytest.mark.parametrize("numbered", [True, False])
def test_a_formula_without_a_value_is_found_in_every_form(tmp_path, numbered):
    place = ' r="D{}"' if numbered else ""
    rows = [line(n, D=f"<c{place.format(n)}>{formula}</c>") for n, formula in enumerate(UNSTORED, 2)]
    path = as_sheet(tmp_path / "a.xlsx", line(1), *rows)
    assert refused(path, "no_stored_value", "save it") == [("planning", tuple(range(2, 2 + len(UNSTORED))))]


def test_a_formula_in_a_remark_of_the_file_is_none(tmp_path):
    remark = '<!-- <row r="9" hidden="1"><c r="D2"><f>A1</f></c></row> <mergeCell ref="A2:A3"/> -->'
    counted(as_sheet(tmp_path / "a.xlsx", line(1), remark, line(2), line(3)), 2)


def test_no_more_than_100_000_formulas_without_a_value_are_kept(tmp_path):
    many = "<row>" + "<c><f/></c>" * 300 + "</row>"
    path = as_sheet(tmp_path / "a.xlsx", line(1), line(2), many * 400)
    assert [len(sheet.unstored) for sheet in sandbox.read_sheets(path)[1]] == [100_000]


@pytest.mark.parametrize("since_1904", [False, True], ids=["1900", "1904"])
def test_real_dates_are_read_by_the_calendar_of_their_workbook(tmp_path, since_1904):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx", {"date_1904": since_1904})
    days = [date(2013, 5, 1), date(2013, 6, 14), date(2013, 7, 31)]
    formats = ["dd/mm/yyyy", "[$-F800]dddd, mmmm dd, yyyy", "m/d/yy"]
    audits = book.add_worksheet()
    for at, cells in enumerate(grid()):
        audits.write_row(at, 0, cells)
        if at:
            audits.write_datetime(at, 1, days[at - 1], book.add_format({"num_format": formats[at - 1]}))
    book.close()
    assert [day.date() for day in counted(tmp_path / "a.xlsx", 3).table["audit_date"]] == days


def test_a_time_of_day_makes_no_other_day(tmp_path):
    times = [datetime(2013, 7, 31, 23, 59, 59), datetime(2013, 5, 1, 0, 0, 1), "2013-06-14 10:30:00"]  # noqa: DTZ001
    path = as_xlsx(tmp_path / "a.xlsx", grid(*(record(n, audit_date=times[n]) for n in (0, 1))))
    assert [day.isoformat()[:10] for day in counted(path, 2).table["audit_date"]] == ["2013-07-31", "2013-05-01"]
    path = as_csv(tmp_path / "a.csv", grid(record(1, audit_date=times[2])))
    assert [day.isoformat()[:10] for day in counted(path, 1).table["audit_date"]] == ["2013-06-14"]


def test_typed_dates_among_real_ones_are_refused_by_row(tmp_path):
    real = [record(n, audit_date=date(2013, 6, n)) for n in (1, 2, 3)]
    path = as_xlsx(tmp_path / "a.xlsx", grid(*real, record(4), record(5, audit_date="2013-06-05")))
    assert refused(path, "mixed_dates", "format the column as a date") == [("audit_date", (5, 6))]


@pytest.mark.parametrize(("style", "first"), [("", 41_439), ('s="1"', 0)], ids=["plain", "as a date"])
def test_a_number_is_no_date_unless_it_is_formatted_as_one_and_is_one(tmp_path, style, first):
    cells = [f"<v>{serial}</v>" for serial in (first, "0.25", "-1000000", "1e300", "99999999", "1e999")]
    rows = [line(n, B=f'<c r="B{n}" {style}>{cell}</c>') for n, cell in enumerate(cells, 2)]
    assert refused(as_sheet(tmp_path / "a.xlsx", line(1), *rows), "bad_date", "Write dates") == [
        ("audit_date", (2, 3, 4, 5, 6, 7))
    ]


def test_what_is_no_grade_is_refused_whatever_kind_of_cell_it_is(tmp_path):
    cells = ['t="b"><v>1', "><v>0.5", 's="2"><v>1', 't="e"><v>#N/A', 't="e"><v>#REF!', "><v>41439"]
    rows = [line(n, D=f'<c r="D{n}" {cell}</v></c>') for n, cell in enumerate(cells, 2)]
    path = as_sheet(tmp_path / "a.xlsx", line(1), *rows)
    assert refused(path, "unknown_word", "Correct the rows") == [("planning", (2, 3, 4, 5, 6, 7))]


def test_a_whole_number_is_read_without_a_point(tmp_path):
    rules = Rules(FRAMEWORK.model_copy(update={"scale_map": {"1": "Outstanding"}}), RULES.as_of, RULES.periods)
    rows = [
        line(n, A=f'<c r="A{n}"><v>2013061{n}.0</v></c>', D=f'<c r="D{n}"><v>{number}</v></c>')
        for n, number in enumerate(["1", "1.0", "1E0"], 2)
    ]
    table = counted(as_sheet(tmp_path / "a.xlsx", line(1), *rows), 3, "corrected", rules=rules).table
    assert list(table["audit_id"]) == ["20130612", "20130613", "20130614"]
    assert set(table["planning"]) == {"Outstanding"}


def test_ids_are_kept_as_typed(tmp_path):
    ids = ["000123", "123", "1E5", "100000", "0", "1-2", "TRUE", "null", "N/A", "=1", "1e400"]
    typed = grid(*(record(1, audit_id=name) for name in ids))
    assert list(counted(as_csv(tmp_path / "a.csv", typed), len(ids)).table["audit_id"]) == ids
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx", {"strings_to_numbers": False, "strings_to_formulas": False})
    audits = book.add_worksheet()
    for at, cells in enumerate(typed):
        audits.write_row(at, 0, cells)
    for at, number in enumerate([7, 1_000_001, 999_000_000_000_001]):
        audits.write_row(len(typed) + at, 0, record(1, audit_id=number))
    book.close()
    table = counted(tmp_path / "a.xlsx", len(ids) + 3).table
    assert list(table["audit_id"]) == [*ids, "7", "1000001", "999000000000001"]


def test_shared_inline_and_rich_texts_read_alike(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    bold = book.add_format({"bold": True})
    audits = book.add_worksheet()
    for at, cells in enumerate(grid(record(1), record(2))):
        audits.write_row(at, 0, cells)
    audits.write_rich_string("F2", "Warm ", bold, "and <clear> & ", "kind.")
    audits.write("F3", "Warm and <clear> & kind.")
    book.close()
    assert "xl/sharedStrings.xml" in zipfile.ZipFile(tmp_path / "a.xlsx").namelist()
    assert set(counted(tmp_path / "a.xlsx", 2).table["strengths"]) == {"Warm and <clear> & kind."}
    rich = '<c r="F2" t="inlineStr"><is><r><t>Warm </t></r><r><rPr><b/></rPr><t>and kind.</t></r></is></c>'
    table = counted(as_sheet(tmp_path / "b.xlsx", line(1), line(2, F=rich)), 1).table
    assert list(table["strengths"]) == ["Warm and kind."]


def test_a_line_break_that_excel_writes_in_its_own_way_is_a_line_break(tmp_path):
    for at, text in enumerate(["One._x000D_\nTwo.", "One._x000D_Two.", "One.\nTwo."]):
        path = as_sheet(tmp_path / f"{at}.xlsx", line(1), line(2, F=words("F2", text)))
        assert list(counted(path, 1).table["strengths"]) == ["One.\nTwo."]


# --- the bytes of a CSV file -----------------------------------------------------------------------------------------

WIDE = "Zo\u00eb\u2019s caf\u00e9 \u2013 \u00a35"
MARKED = {"utf-8": b"", "utf-8-sig": b"", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


@pytest.mark.parametrize("code", MARKED)
@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"], ids=["windows", "unix", "old mac"])
def test_text_reads_the_same_in_every_accepted_encoding_and_line_end(tmp_path, code, ends):
    path = as_csv(tmp_path / "a.csv", grid(record(1, strengths=WIDE), record(2)), ends=ends, code=code)
    path.write_bytes(MARKED[code] + path.read_bytes())
    assert counted(path, 2).table["strengths"].iloc[0] == WIDE


def test_windows_text_is_read_with_a_warning(tmp_path):
    path = as_csv(tmp_path / "a.csv", grid(record(1, strengths=WIDE), record(2)), code="cp1252")
    extract = counted(path, 2, "encoding")
    assert extract.table["strengths"].iloc[0] == WIDE
    assert "cp1252" in said(extract)
    assert "Save it as CSV UTF-8" in said(extract)


TEXT = "".join(",".join(map(str, cells)) + "\r\n" for cells in grid(record(1, strengths=WIDE), record(2)))
GARBLED = {
    "NUL bytes": TEXT.replace("heard", "he\x00ard").encode(),
    "NUL at the end": TEXT.encode() + bytes(512),
    "NUL characters in UTF-16": TEXT.replace("heard", "he\x00ard").encode("utf-16"),
    "UTF-16 without a mark": TEXT.encode("utf-16-le"),
    "UTF-16 without a mark, the other way": TEXT.encode("utf-16-be"),
    "UTF-16 cut off": TEXT.encode("utf-16")[:-1],
    "UTF-16 with half a pair": TEXT.encode("utf-16").replace("é".encode("utf-16-le"), b"\x00\xd8"),
    "UTF-32": TEXT.encode("utf-32"),
    "UTF-32 the other way": b"\x00\x00\xfe\xff" + TEXT.encode("utf-32-be"),
    "UTF-32 without a mark": TEXT.encode("utf-32-le"),
    "marked UTF-8 with Windows text": b"\xef\xbb\xbf" + TEXT.encode("cp1252"),
    "marked UTF-8 cut off": b"\xef\xbb\xbf" + TEXT.split("\u2013")[0].encode() + b"\xe2\x80",
    "UTF-8 with one bad byte": TEXT.encode().replace(b"heard", b"he\xe9rd"),
    "UTF-8 cut off": TEXT.split("\u2013")[0].encode() + b"\xe2\x80",
    "bytes that Windows has no letter for": TEXT.encode("cp1252").replace(b"\xe9", b"\x81"),
}


@pytest.mark.parametrize("how", GARBLED)
def test_text_that_cannot_be_relied_on_is_refused_and_never_garbled(tmp_path, how):
    (tmp_path / "a.csv").write_bytes(GARBLED[how])
    assert refused(tmp_path / "a.csv", "encoding", "CSV UTF-8") == [("", ())]


# --- the shape of a CSV file -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "\ufeff", "\n", "\r\n \r\n\t\n", ",,,\n,,,\n", '""\n'])
def test_a_file_with_nothing_in_it_is_refused(tmp_path, text):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
    found = {problem.code: problem.fix for problem in faults(check(tmp_path / "a.csv"))}
    assert "Put the headings above the rows" in found["no_headings"]
    assert "Export the file again" in found["empty"]


QUOTES = {
    "never closed": grid(record(1), record(2, strengths=f'"{CHILD}'), record(3)),
    "never closed in the last cell": grid(record(1), record(2), record(3, strengths='"')),
    "closed too early": grid(record(1), record(2, strengths=f'"{CHILD}" said'), record(3)),
    "never closed, and another after it": grid(record(1, strengths='"Warm'), record(2), record(3, strengths='"Kind"')),
}


@pytest.mark.parametrize("how", QUOTES)
def test_quotes_that_do_not_close_are_refused(tmp_path, how):
    refused(as_csv(tmp_path / "a.csv", QUOTES[how]), "quotes", "Export the file again")
    assert "row " in said(check(tmp_path / "a.csv"))


def test_quotes_within_a_cell_are_text(tmp_path):
    cells = ['5" plan', '"She said ""yes"", twice"', '"two\r\nlines, one cell"']
    path = as_csv(tmp_path / "a.csv", grid(*(record(n, strengths=cell) for n, cell in enumerate(cells))))
    table = counted(path, 3).table
    assert list(table["strengths"]) == ['5" plan', 'She said "yes", twice', "two\r\nlines, one cell"]
    assert list(table.index) == [2, 3, 4]


def test_a_file_cut_off_within_its_last_row_or_its_last_id_is_refused(tmp_path):
    whole = as_csv(tmp_path / "a.csv", grid()).read_bytes().rstrip()
    last = whole.rindex(b"\n") + 1
    path = tmp_path / "b.csv"
    for at in (last + 5, last + 8, last + 9, last + 12, last + 25, whole.rindex(b",")):
        path.write_bytes(whole[:at])
        found = {problem.code: problem for problem in faults(check(path))}
        assert (found["shape"].rows, "export the file again" in found["shape"].fix) == ((4,), True)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_divide_cells_though_commas_stand_in_the_texts(tmp_path, delimiter):
    text = "Warm, clear, kind, and on time, always"
    rows = grid(*(record(n, strengths=text) for n in range(1, 9)))
    assert set(counted(as_csv(tmp_path / "a.csv", rows, delimiter), 8).table["strengths"]) == {text}
    rows = [["Audits, by month, for the Board, and others, too, all", *[""] * 5], *rows]
    counted(as_csv(tmp_path / "b.csv", rows, delimiter), 8, "title_rows")


# --- files that are none, and the process that reads them ------------------------------------------------------------


def test_excels_lock_file_is_ignored_and_told(tmp_path):
    lock = tmp_path / "~$a.xlsx"
    lock.write_bytes(b"\x05Zebedee Quill" + bytes(150))
    read, ignored = check_extracts({"audits": (as_xlsx(tmp_path / "a.xlsx", grid()), lock)}, RULES)
    assert (read.rows_counted, ignored.rows_counted, ignored.refused) == (3, 0, False)
    assert [problem.code for problem in ignored.problems] == ["lock_file"]
    assert "Name the workbook" in said(ignored)
    assert CHILD not in said(ignored)
    assert [problem.code for problem in faults(check(lock))] == ["no_audits"]


def test_what_cannot_be_opened_is_refused(tmp_path):
    (tmp_path / "a.csv").mkdir()
    refused(tmp_path / "a.csv", "unreadable", "try again")
    refused(tmp_path / "gone.csv", "unreadable", "try again")


@pytest.fixture
def started(monkeypatch):
    """The processes that a check starts."""
    found = []

    class Noted(subprocess.Popen):
        def __init__(self, *words, **more):
            super().__init__(*words, **more)
            found.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    return found


ILL = {
    "hangs": "import time; time.sleep(90)",
    "spins": "while True: pass",
    "dies": "import os; os._exit(7)",
    "is killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "fails": "raise SystemExit('Zebedee Quill')",
}


@pytest.mark.parametrize("how", ILL)
def test_a_process_that_does_not_end_well_refuses_the_file_and_is_gone(tmp_path, monkeypatch, started, how):
    (tmp_path / "ill").mkdir()
    (tmp_path / "ill" / "sitecustomize.py").write_text(ILL[how])
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "ill"))
    monkeypatch.setattr(sandbox, "MOST_SECONDS", 1)
    start = time.perf_counter()
    refused(as_csv(tmp_path / "a.csv", grid()), "too_large", "Split it by period")
    assert time.perf_counter() - start < 5
    assert len(started) == 1
    assert started[0].poll() is not None


@pytest.mark.skipif(sys.platform != "linux", reason="a process's memory is limited on Linux alone")
def test_a_file_that_takes_more_memory_than_it_may_ends_its_process_alone(tmp_path, monkeypatch, started):
    path = as_csv(tmp_path / "a.csv", grid(record(1, strengths=f"{CHILD} " * MB)))
    monkeypatch.setattr(sandbox, "MOST_MEMORY", 90 * MB)
    refused(path, "too_large", "Split it by period")
    assert started[0].poll() is not None
    counted(as_csv(tmp_path / "b.csv", grid()), 3)


def test_a_file_that_takes_more_time_than_it_may_ends_its_process_alone(tmp_path, monkeypatch, started):
    empty = "".join(f'<row r="{n}"/>' for n in range(4, 400_000))
    path = as_sheet(tmp_path / "a.xlsx", line(1), line(2), empty)
    monkeypatch.setattr(sandbox, "MOST_SECONDS", 1)
    refused(path, "too_large", "Split it by period")
    assert started[0].poll() is not None


def test_no_process_is_left_behind_by_a_good_file(tmp_path, started):
    counted(as_csv(tmp_path / "a.csv", grid()), 3)
    assert len(started) == 1
    assert started[0].poll() is not None


@pytest.mark.parametrize("where", ["in the working folder", "beside the library"])
def test_nothing_but_the_library_is_imported_from_a_folder(tmp_path, monkeypatch, where):
    copytree(TOP / "qa_lib", tmp_path / "qa_lib", ignore=lambda *_: ["__pycache__"])
    for name in ("json", "openpyxl", "typing", "csv", "zipfile", "resource", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("import os; os._exit(9)")
    monkeypatch.chdir(tmp_path)
    if where == "beside the library":
        monkeypatch.setattr(sandbox, "__file__", str(tmp_path / "qa_lib" / "intake" / "sandbox.py"))
    counted(as_csv(tmp_path / "a.csv", grid()), 3)
    counted(as_xlsx(tmp_path / "a.xlsx", grid()), 3)
