"""Two real exports load by settings alone, and their faults are named.

They are public inspections of care services; the facts stand in the README
beside each. They are read where they lie and skipped where they do not.
"""

import csv
import gzip
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from qa_lib.intake.extracts import check_extracts
from qa_lib.intake.rules import Rules
from qa_lib.settings.framework import Framework
from qa_lib.settings.yaml import read_settings

HERE = Path(__file__).parent
REAL = HERE.parents[1] / "shared" / "data" / "real"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the real inspections are not here")


def framework(name: str) -> Framework:
    return read_settings(HERE / "data" / "real_extracts" / f"{name}_framework.yml", Framework)


def test_29459_ratings_without_an_id_are_counted_grade_by_grade(tmp_path):
    path = tmp_path / "inspections.csv"
    with gzip.open(REAL / "cqc_inspections_non_care_home" / "inspections.csv.gz") as packed, path.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    [extract] = check_extracts({"audits": (path,)}, Rules(framework("cqc"), date(2025, 3, 1)))
    assert not extract.refused
    assert (extract.rows_read, extract.rows_counted) == (29_459, 29_459)
    grades = extract.table["overall_grade"].value_counts().to_dict()
    # 114 "Requires Improvement" beside 7,323 "Requires improvement", as the README says
    assert grades == {"Good": 20_189, "Requires improvement": 7_323 + 114, "Inadequate": 1_080, "Outstanding": 753}
    tidied = [problem for problem in extract.problems if problem.code == "tidied"]
    assert [len(problem.rows) for problem in tidied] == [114]


def providers(year: int) -> Path:
    return REAL / "ofsted_providers_2015_2016" / f"providers_at_{year}.csv"


@pytest.mark.parametrize(
    ("year", "rows"),
    [
        (15, tuple(range(2599, 2607))),
        (16, (114, 403, 544, 545, 2177)),
    ],
)
def test_providers_without_an_id_are_refused_by_row_and_blank_rows_at_the_end_are_not(year, rows):
    [extract] = check_extracts({"audits": (providers(year),)}, Rules(framework("ofsted"), date(2016, 4, 30)))
    errors = [(problem.code, problem.column) for problem in extract.problems if problem.severity == "error"]
    assert errors == [("blank_id", "audit_id")]
    [fault] = [problem for problem in extract.problems if problem.severity == "error"]
    # The rows as a spreadsheet numbers them, counted apart from the library
    with providers(year).open(encoding="utf-8-sig", newline="") as lines:
        cells = list(csv.reader(lines))
    at = next(row.index(name) for row in cells[:2] for name in ("Inspection ID", "Event number") if name in row)
    without = [number for number, row in enumerate(cells, 1) if any(c.strip() for c in row) and not row[at].strip()]
    assert list(fault.rows) == [number for number in without if number > 2] == list(rows)


def test_79_2_per_cent_of_homes_were_good_or_better_at_31_march_2016(tmp_path):
    path = tmp_path / "providers.csv"
    with providers(16).open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines))
    at = rows[1].index("Event number")
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([*rows[:2], *(row for row in rows[2:] if row[at].strip() or not any(row))])
    [extract] = check_extracts({"audits": (path,)}, Rules(framework("ofsted"), date(2016, 4, 30)))
    assert [problem.sentence for problem in extract.problems if problem.severity == "error"] == []
    grades = Counter(extract.table["overall_grade"])
    good = grades["Good"] + grades["Outstanding"]
    assert round(100 * good / extract.rows_counted, 1) == 79.2
    assert extract.rows_left_out["not kept by the framework"] > 500
