"""Whatever the faults, each is named and none is invented; whatever the shape, no row is lost; whatever the clock,
no date falls into another quarter.

Extracts are made at random from a fixed seed, and what must come out is counted
while they are made, never read back from the library. Hundreds of them are parsed
in this process; the process with limits reads those by the day (and all of `test_containers`).
"""

import csv
import io
import time
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from qa_lib.intake import reading, sandbox
from qa_lib.intake.extracts import check_extracts
from qa_lib.intake.files import read_csv
from qa_lib.intake.rules import Rules
from qa_lib.intake.workbooks import read_xlsx
from qa_lib.settings.framework import Framework
from qa_lib.settings.period import Period
from qa_lib.settings.yaml import read_settings

FRAMEWORK = read_settings(Path(__file__).parents[1] / "params" / "example" / "framework.yml", Framework)
HEADINGS = ["audit_id", "case_id", "audit_date", "service", "assessment", "planning", "overall_grade",
            "child_spoken_to", "strengths"]  # fmt: skip
AS_OF = date(2013, 10, 1)
QUARTER = Period("current", date(2013, 5, 1), date(2013, 7, 31))
RULES = Rules(FRAMEWORK, AS_OF, (QUARTER,))
OFTEN = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


def read(path: Path, rules: Rules = RULES):
    [extract] = check_extracts({"audits": (path,)}, rules)
    assert extract.rows_read == extract.rows_counted + sum(extract.rows_left_out.values())
    return extract


def as_csv(path: Path, rows: list[list[str]], delimiter: str = ",", encoding: str = "utf-8", end: str = "\r\n") -> Path:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def as_xlsx(path: Path, rows: list[list[object]], epoch: datetime = CALENDAR_WINDOWS_1900) -> Path:
    book = openpyxl.Workbook()
    book.epoch = epoch
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


GOOD = st.tuples(
    st.dates(QUARTER.start, QUARTER.end),
    st.sampled_from(FRAMEWORK.services),
    st.lists(st.sampled_from(FRAMEWORK.scale.labels), min_size=3, max_size=3),
    st.sampled_from(["Yes", "No", "Not appropriate"]),
    st.sampled_from(["Clear plan", "Fine, on the whole; late", 'She said "no"', "Late\nand thin", "Café"]),
)


def good_row(draw, at: int) -> list[str]:
    day, service, grades, heard, text = draw(GOOD)
    return [f"A{at:04d}", f"C{at % 7}", f"{day:%d/%m/%Y}", service, *grades, heard, text]


@pytest.fixture(scope="module")
def in_this_process():
    """Files are parsed here, and their cells packed and unpacked as on the way out of the process with limits."""

    def sheets_of(path):
        raw, sent = path.read_bytes(), io.BytesIO()
        sandbox._send([read_csv(raw)] if path.suffix == ".csv" else read_xlsx(raw), sent)
        return "", list(sandbox._received(sent.getvalue()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "read_sheets", sheets_of)
        yield


# --- every fault is named, none is invented --------------------------------------------------------------------------

CELL_FAULTS = {
    # code of the problem: the column it may strike, and what the cell then holds
    "blank_id": (["audit_id"], [""]),
    "bad_date": (["audit_date"], ["31/06/2013", "06/13/2013", "41456", "1 June", "2013/06/01", "Kayleigh, 3"]),
    "future_date": (["audit_date"], ["02/10/2013", "2031-06-01"]),
    "old_date": (["audit_date"], ["01/06/1913", "1999-12-31"]),
    "blank_date": (["audit_date"], [""]),
    "unknown_word": (
        ["service", "assessment", "planning", "overall_grade", "child_spoken_to"],
        ["Gud", "N/A", "null", "3", "Kayleigh hit him", "Goodness", "Yess", "=1+1", "Requires"],
    ),
}


@st.composite
def faulted(draw):
    rows = [good_row(draw, at) for at in range(draw(st.integers(21, 25)))]
    expected = set()
    struck = draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=20, unique=True))
    for at in struck:
        kind = draw(st.sampled_from([*CELL_FAULTS, "shape", "doubled_id"]))
        if kind == "shape":
            rows[at].append("one cell more")
            expected.add((kind, "", at + 2))
        elif kind == "doubled_id":
            others = [other for other in range(len(rows)) if other not in struck]
            if not others:
                continue
            twin = draw(st.sampled_from(others))
            rows[at][0] = draw(st.sampled_from([rows[twin][0], rows[twin][0].lower(), f" {rows[twin][0]} "]))
            expected |= {(kind, "audit_id", at + 2), (kind, "audit_id", twin + 2)}
        else:
            columns, cells = CELL_FAULTS[kind]
            column = draw(st.sampled_from(columns))
            rows[at][HEADINGS.index(column)] = draw(st.sampled_from(cells))
            expected.add((kind, column, at + 2))
    return rows, expected


@settings(max_examples=150, **OFTEN)
@given(faulted())
def test_one_to_twenty_faults_are_all_named_and_none_is_invented(in_this_process, tmp_path_factory, case):
    rows, expected = case
    extract = read(as_csv(tmp_path_factory.mktemp("faulted") / "a.csv", [HEADINGS, *rows]))
    errors = [problem for problem in extract.problems if problem.severity == "error"]
    named = [(problem.code, problem.column, row) for problem in errors for row in problem.rows]
    assert set(named) == expected
    assert len(named) == len(expected)
    assert extract.refused == bool(expected)
    if expected:
        assert (extract.rows_counted, extract.rows_left_out) == (0, {"refused": len(rows)})
    assert "Kayleigh" not in " ".join(problem.sentence for problem in extract.problems)


# --- the shape of a file changes no count ----------------------------------------------------------------------------


@st.composite
def shaped(draw):
    """Good rows and what exports put around them; which rows must be left out, by reason."""
    columns = draw(st.permutations(range(len(HEADINGS))))
    body, left_out, good = [], Counter(), []
    for at in range(draw(st.integers(1, 12))):
        kind = draw(st.sampled_from(["good", "good", "good", "blank", "total", "footnote", "outside"]))
        row = good_row(draw, at)
        if kind == "outside":
            row[2] = draw(st.sampled_from(["30/04/2013", "01/08/2013"]))
        elif kind == "blank":
            row = [""] * len(HEADINGS)
        elif kind == "total":
            row = ["Total", "", "", "", "12", "", "", "", ""]
        elif kind == "footnote":
            row = [""] * len(HEADINGS)
            row[draw(st.sampled_from([0, 4]))] = "Exported on Monday by the form"
        body.append([row[index] for index in columns])
        if kind == "good":
            good.append(row)
        else:
            left_out[{"outside": "outside the periods"}.get(kind, kind if kind == "footnote" else f"{kind} row")] += 1
    good.append(good_row(draw, 999))  # the last row is a record, so that blank rows lie inside the file
    body.append([good[-1][index] for index in columns])
    titles = draw(st.lists(st.sampled_from([["Audits of quarter 1"], ["For the Board, 2013"], [""]]), max_size=3))
    headings = [draw(st.sampled_from([str, str.upper, lambda text: f" {text.replace('_', ' ')} "]))(HEADINGS[index])
                for index in columns]  # fmt: skip
    return [*titles, headings, *body], good, left_out


FORMS = ["xlsx", *((mark, encoding, end) for mark in ",;\t" for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252")
                   for end in ("\r\n", "\n"))]  # fmt: skip


@settings(max_examples=200, **OFTEN)
@given(shaped(), st.sampled_from(FORMS))
def test_titles_blanks_totals_footnotes_order_delimiter_and_encoding_change_no_count(
    in_this_process, tmp_path_factory, case, form
):
    rows, good, left_out = case
    folder = tmp_path_factory.mktemp("shaped")
    path = as_xlsx(folder / "a.xlsx", rows) if form == "xlsx" else as_csv(folder / "a.csv", rows, *form)
    extract = read(path)
    assert [problem.sentence for problem in extract.problems if problem.severity == "error"] == []
    assert extract.rows_counted == len(good)
    assert extract.rows_left_out == dict(left_out)
    assert extract.rows_read == len(good) + sum(left_out.values())
    for index, column in enumerate(HEADINGS):
        if column != "audit_date":
            assert list(extract.table[column]) == [row[index] for row in good]
    assert [f"{day:%d/%m/%Y}" for day in extract.table["audit_date"]] == [row[2] for row in good]


# --- every day falls into its own quarter ----------------------------------------------------------------------------

DAYS = [date(2023, 1, 1) + timedelta(days=at) for at in range((date(2029, 1, 1) - date(2023, 1, 1)).days)]
WRITTEN = {
    "day first": lambda day: f"{day:%d/%m/%Y}",
    "day first, no zeros": lambda day: f"{day.day}/{day.month}/{day.year}",
    "day first with a time": lambda day: f"{day:%d/%m/%Y} 23:59:59",
    "year first": lambda day: day.isoformat(),
    "year first with midnight": lambda day: f"{day} 00:00:00",
    "year first with a time": lambda day: f"{day}T23:30",
    "Excel date": lambda day: day,
    "Excel date, 1904": lambda day: day,
    "Excel date with a time": lambda day: datetime(day.year, day.month, day.day, 23, 59),  # noqa: DTZ001  a cell of Excel has no zone
}


def quarters() -> tuple[Period, ...]:
    starts = [date(year, month, 1) for year in range(2023, 2029) for month in (1, 4, 7, 10)]
    ends = [start - timedelta(days=1) for start in [*starts[1:], date(2029, 1, 1)]]
    return tuple(
        Period(f"{start.year} Q{(start.month + 2) // 3}", start, end) for start, end in zip(starts, ends, strict=True)
    )


@pytest.fixture(params=["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def zone(request, monkeypatch):
    if not hasattr(time, "tzset"):
        pytest.skip("this system has no time zone to set")
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A file of every day in each form, with ids of its own."""
    folder, paths = tmp_path_factory.mktemp("written"), {}
    for number, (form, write) in enumerate(WRITTEN.items()):
        rows = [["audit_id", "audit_date", "overall_grade"]]
        rows += [[f"A{number}-{at}", write(day), "Good"] for at, day in enumerate(DAYS)]
        if form.startswith("Excel"):
            epoch = CALENDAR_MAC_1904 if "1904" in form else CALENDAR_WINDOWS_1900
            paths[form] = as_xlsx(folder / f"{number}.xlsx", rows, epoch)
        else:
            paths[form] = as_csv(folder / f"{number}.csv", rows)
    return paths


def test_every_day_of_six_years_falls_into_its_own_quarter_in_every_form_and_time_zone(zone, written):
    rules = Rules(FRAMEWORK, date(2028, 12, 31), quarters())
    extracts = check_extracts({"audits": tuple(written.values())}, rules)
    for form, extract in zip(written, extracts, strict=True):
        found = extract.table
        assert [day.date() for day in found["audit_date"].dt.normalize()] == DAYS, form
        assert list(found["period"]) == [f"{day.year} Q{(day.month - 1) // 3 + 1}" for day in DAYS], form


# Leap days, the last day of the council's year, the nights when clocks change.
@pytest.mark.parametrize(
    "as_of",
    [
        date(2024, 2, 28),
        date(2024, 2, 29),
        date(2025, 2, 28),
        date(2024, 3, 31),
        date(2024, 10, 27),
        date(2024, 12, 31),
    ],
)
def test_the_report_date_itself_is_good_and_the_day_after_is_not(tmp_path, zone, as_of):
    after = as_of + timedelta(days=1)
    for day, good in ((as_of, True), (after, False)):
        rows = [["audit_id", "audit_date", "overall_grade"], ["A1", f"{day:%d/%m/%Y}", "Good"]]
        extract = read(as_csv(tmp_path / "a.csv", rows), Rules(FRAMEWORK, as_of))
        assert [problem.code for problem in extract.problems] == ([] if good else ["future_date"])


@pytest.mark.parametrize("cell", ["29/02/2023", "29/02/2100", "31/04/2024", "00/01/2024", "01/13/2024", "2024-02-30"])
def test_a_day_that_is_not_in_the_calendar_is_refused(tmp_path, cell):
    rows = [["audit_id", "audit_date", "overall_grade"], ["A1", cell, "Good"]]
    extract = read(as_csv(tmp_path / "a.csv", rows), Rules(FRAMEWORK, date(2101, 1, 1)))
    assert [(problem.code, problem.rows) for problem in extract.problems] == [("bad_date", (2,))]


def test_todays_date_is_never_read():
    library = Path(__file__).parents[1] / "qa_lib"
    read = [path for floor in ("settings", "intake", "measures", "report") for path in (library / floor).rglob("*.py")]
    clocks = ("date.today", "datetime.now", "datetime.today", "utcnow", "time.time")
    assert len(read) > 40
    assert [path.name for path in read if any(clock in path.read_text(encoding="utf-8") for clock in clocks)] == []
