"""A bad extract is refused with every fault by row and column; a good one is counted to the last row."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_lib.intake.checks import parse_date
from qa_lib.intake.extracts import read_extracts
from qa_lib.intake.reading import OUTSIDE
from qa_lib.problems import DATA, QAError
from qa_lib.settings.codebook import Codebook
from qa_lib.settings.framework import Framework
from qa_lib.settings.period import Period
from qa_lib.settings.report import ReportParams
from qa_lib.settings.yaml import read_settings

EXAMPLE = Path(__file__).parents[1] / "params" / "example"
FRAMEWORK = read_settings(EXAMPLE / "framework.yml", Framework)
CODEBOOK = read_settings(EXAMPLE / "codebook.yml", Codebook)
HEADINGS = ["audit_id", "audit_date", "service", "planning", "overall_grade", "strengths"]
CURRENT = Period("current", date(2013, 5, 1), date(2013, 7, 31))


def asked(*files: Path, framework: Framework = FRAMEWORK) -> ReportParams:
    periods = (CURRENT, CURRENT.back(3, "previous"), CURRENT.back(12, "last_year"))
    extracts = {"audits": files}
    return ReportParams(
        Path("r.yml"), Path("n.ipynb"), "T", periods, date(2013, 10, 1), "board", framework, CODEBOOK, extracts
    )


def good_rows(count: int = 12) -> list[list[str]]:
    return [
        [f"A{at:04d}", f"{1 + at % 28:02d}/06/2013", "First Response", "Good", "Good", "Warm and clear."]
        for at in range(count)
    ]


def as_csv(path: Path, rows: list[list[str]], headings: list[str] | None = None, delimiter: str = ",") -> Path:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([headings or HEADINGS, *rows])
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    return path


def refused(path: Path, framework: Framework = FRAMEWORK) -> QAError:
    with pytest.raises(QAError) as found:
        read_extracts(asked(path, framework=framework))
    assert found.value.exit_code == DATA
    return found.value


def errors(refusal: QAError) -> set[tuple[str, str, tuple[int, ...]]]:
    return {(p.code, p.column, p.rows) for p in refusal.problems if p.severity == "error"}


def test_every_fault_of_a_file_is_named_at_once_by_row_and_column(tmp_path):
    rows = good_rows()
    rows[0][3], rows[4][3] = "Gud", "Kayleigh Brown"
    rows[1][1], rows[2][1], rows[3][1] = "31/06/2013", "07/25/2013", "02/10/2013"
    rows[5][0], rows[6][0] = "", "a0007"
    rows[8][2] = "First Respones"
    refusal = refused(as_csv(tmp_path / "a.csv", rows))
    assert errors(refusal) == {
        ("unknown_word", "planning", (2,)),
        ("unknown_word", "planning", (6,)),
        ("bad_date", "audit_date", (3, 4)),
        ("future_date", "audit_date", (5,)),
        ("blank_id", "audit_id", (7,)),
        ("doubled_id", "audit_id", (8, 9)),
        ("unknown_word", "service", (10,)),
    }
    words = str(refusal)
    assert 'Did you mean "Good" for "Gud"?' in words
    assert "Kayleigh" not in words
    assert "07/25" not in words
    assert words.startswith("7 things to put right in a.csv. Nothing has been published.")


def test_missing_doubled_and_misspelt_headings_are_all_named(tmp_path):
    headings = ["audit id", "date", "Planning", "planning", "overal_grade"]
    refusal = refused(as_csv(tmp_path / "a.csv", [["A1", "01/06/2013", "Good", "Good", "Good"]], headings))
    assert {(code, column) for code, column, _ in errors(refusal)} == {
        ("missing_column", "audit_date"),
        ("doubled_column", "planning"),
        ("misspelt_column", "overall_grade"),
    }


def test_rows_of_the_wrong_length_are_refused_by_number(tmp_path):
    rows = good_rows(5)
    rows[1].append("and more")
    rows[3] = rows[3][:4]
    assert errors(refused(as_csv(tmp_path / "a.csv", rows))) == {("shape", "", (3,)), ("shape", "", (5,))}


def test_an_id_that_stands_in_two_files_is_refused(tmp_path):
    first, second = as_csv(tmp_path / "a.csv", good_rows(3)), as_csv(tmp_path / "b.csv", good_rows(4)[2:])
    with pytest.raises(QAError) as found:
        read_extracts(asked(first, second))
    assert [(p.file, p.rows) for p in found.value.problems if p.severity == "error"] == [("b.csv", (2,))]


def test_a_workbook_counts_as_the_same_rows_in_csv(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Exported by the form"])
    sheet.append(["Audit reference", "Date of audit", "Service", "3. Planning", "10. Overall grade"])
    for at in range(6):
        sheet.append([f"A{at}", date(2013, 6, 1 + at), "First Response", "Good", "Inadequate"])
    hidden = book.create_sheet("Notes")
    hidden.append(["secret"] * 3)
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    extracts = read_extracts(asked(tmp_path / "a.xlsx"))
    audits = extracts.audits
    assert list(audits.audits["audit_id"]) == [f"A{at}" for at in range(6)]
    assert [(file.file, file.sheet, file.rows_read) for file in extracts.files] == [("a.xlsx", "Sheet", 6)]
    assert set(audits.gradings["domain"]) == {"planning", "overall_grade"}


def test_a_column_that_mixes_real_and_typed_dates_is_refused(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([*HEADINGS[:2], "overall_grade"])
    for at, day in enumerate([date(2013, 6, 1), "13/06/2013", date(2013, 6, 3)]):
        sheet.append([f"A{at}", day, "Good"])
    book.save(tmp_path / "a.xlsx")
    assert errors(refused(tmp_path / "a.xlsx")) == {("mixed_dates", "audit_date", (3,))}


def test_a_blank_grade_is_not_recorded_and_never_not_applicable(tmp_path):
    rows = good_rows(4)
    rows[0][3], rows[1][3] = "", "Not applicable"
    grades = read_extracts(asked(as_csv(tmp_path / "a.csv", rows))).audits.gradings
    planning = grades[grades["domain"].astype(str) == "planning"].set_index("audit_id")["grade"].astype(str)
    assert list(planning) == ["Not recorded", "Not applicable", "Good", "Good"]


def test_numbers_and_spellings_become_grades_only_by_the_framework(tmp_path):
    rows = good_rows(3)
    rows[0][3], rows[1][3] = "1", "Gud"
    assert errors(refused(as_csv(tmp_path / "a.csv", rows)))
    told = FRAMEWORK.model_copy(update={"scale_map": {"1": "Outstanding"}, "spellings": {"Gud": "Good"}})
    extracts = read_extracts(asked(tmp_path / "a.csv", framework=told))
    audits = extracts.audits
    planning = audits.gradings[audits.gradings["domain"].astype(str) == "planning"]["grade"].astype(str)
    assert list(planning) == ["Outstanding", "Good", "Good"]
    assert ("corrected", "planning") in {(p.code, p.column) for p in extracts.warnings}


def test_an_unknown_column_is_dropped_at_the_door_by_name(tmp_path):
    path = as_csv(tmp_path / "a.csv", [[*row, "Jade Example"] for row in good_rows(2)], [*HEADINGS, "Childs name"])
    extracts = read_extracts(asked(path))
    audits = extracts.audits
    assert [p.message for p in extracts.warnings] == ['columns not known and not read: "Childs name".']
    everything = " ".join(str(table.to_dict()) for table in (audits.audits, audits.gradings, audits.comments))
    assert "Jade" not in everything


def test_bullets_of_a_split_column_are_passages_of_their_own(tmp_path):
    rows = good_rows(1)
    rows[0][5] = "- Plan is clear\n- Visits on time\nand recorded\n- "
    split = FRAMEWORK.model_copy(update={"split": {"strengths": "bullets"}})
    texts = read_extracts(asked(as_csv(tmp_path / "a.csv", rows), framework=split)).audits.comments["text"]
    assert list(texts) == ["Plan is clear", "Visits on time\nand recorded"]


def test_rows_fall_into_the_period_of_their_date_and_the_rest_is_named(tmp_path):
    days = ["30/04/2013", "01/05/2013", "31/07/2013", "01/08/2013", "31/07/2012", "01/08/2012", "31/07/2011"]
    rows = [[f"A{at}", day, "First Response", "Good", "Good", ""] for at, day in enumerate(days)]
    extracts = read_extracts(asked(as_csv(tmp_path / "a.csv", rows)))
    audits = extracts.audits
    periods = dict(zip(audits.audits["audit_id"], audits.audits["period"], strict=True))
    assert periods == {"A0": "previous", "A1": "current", "A2": "current", "A4": "last_year", "A5": "trend"}
    assert extracts.files[0].left_out == {OUTSIDE: (5, 8)}


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_date_reads_the_same_in_every_accepted_form(day):
    assert parse_date(f"{day:%d/%m/%Y}") == parse_date(day.isoformat()) == parse_date(f"{day} 00:00:00") == day


def test_a_day_past_the_twelfth_never_becomes_a_month():
    for at in range(365):
        day = date(2013, 1, 1) + timedelta(days=at)
        if day.day > 12:
            assert parse_date(f"{day:%m/%d/%Y}") is None
