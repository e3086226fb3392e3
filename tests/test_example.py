"""The invented council keeps to the truth that it states, and its files can be relied on by every other test.

Shares are compared with what `truth/truth.json` states, cell by cell of service, domain and month, within
four standard errors of a sum of independent draws: sqrt(sum of p * (1 - p)). Answers that are dealt evenly
over each quarter must be nearer: a count below a point of the line is due to within one, a count between two
points to within two.
"""

import csv
import hashlib
import io
import itertools
import json
import math
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import openpyxl
import pytest
from ruamel.yaml import YAML
from scipy.optimize import linear_sum_assignment

import qa_lib.example
from qa_lib.example import write_council
from qa_lib.example.council import AUDITORS
from qa_lib.example.diary import draw_diary
from qa_lib.example.gradings import draw_gradings
from qa_lib.example.moderation import draw_second_looks
from qa_lib.example.write import FORM_HEADINGS
from qa_lib.intake.extracts import check_extracts
from qa_lib.intake.rules import Rules
from qa_lib.settings.framework import Framework
from qa_lib.settings.yaml import read_settings

GRADES = ["Outstanding", "Good", "Requires improvement", "Inadequate"]
DOMAINS = [
    "referral_response", "assessment", "planning", "review", "permanence_pathway", "recording", "supervision",
    "management_oversight", "direct_work", "overall_grade",
]  # fmt: skip
SERVICES = [
    "First Response", "Safeguarding and Support", "Children in Care", "Disabled Children",
    "Fostering and Adoption", "Safeguarding and Quality Assurance",
]  # fmt: skip
BOXES = ["strengths", "areas_for_development", "child_view", "parent_view"]
YES_NO = ["random_pick", "child_spoken_to", "parent_spoken_to", "worker_involved", "changed_something"]
DATES = ["audit_date", "allocated_on", "completed_on"]
QUARTERS = {  # by file: first day, last day (May to July is the first quarter)
    "audits_2011_q4.csv": (date(2012, 4, 1), date(2012, 4, 30)),
    "audits_2012_q1.xlsx": (date(2012, 5, 1), date(2012, 7, 31)),
    "audits_2012_q2.csv": (date(2012, 8, 1), date(2012, 10, 31)),
    "audits_2012_q3.xlsx": (date(2012, 11, 1), date(2013, 1, 31)),
    "audits_2012_q4.csv": (date(2013, 2, 1), date(2013, 4, 30)),
    "audits_2013_q1.xlsx": (date(2013, 5, 1), date(2013, 7, 31)),
    "audits_2013_q2.csv": (date(2013, 8, 1), date(2013, 10, 31)),
    "audits_2013_q3.xlsx": (date(2013, 11, 1), date(2014, 1, 31)),
}
MODERATIONS = {name: f"moderation_{name[7:14]}.csv" for name in QUARTERS}  # by the file of the audits looked at again
ALLOCATIONS = {name: f"allocation_{name[7:14]}.csv" for name in QUARTERS}  # by quarter of the day of allocation
AUDITOR_LIST = "auditors_2013-08.csv"
EVIDENCE = [f"evidence_{name[7:14]}.csv" for name in QUARTERS]
REGISTERS = [f"actions_{month}.csv" for month in ("2013-01", "2013-04", "2013-07", "2013-10", "2014-01")]
CASELOADS = ["caseload_2013-07.csv", "caseload_2013-10.csv", "caseload_2014-01.csv"]
THEMED = [
    "themed_domestic_violence_2012.csv", "themed_domestic_violence_2013.xlsx", "themed_residential_care_2013.xlsx",
    "themed_pre_birth_2013.xlsx",
]  # fmt: skip
PHRASES = YAML(typ="safe").load(Path(qa_lib.example.__file__).with_name("phrases.yml").read_text("utf-8"))


def rows_of(path):
    """Every row of a CSV file as a dictionary."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def open_of(path):
    """The open cases of a case list."""
    return [case for case in rows_of(path) if not case["closed"]]


def day_first(text):
    """The day that the case system means."""
    day, month, year = text.split("/")
    return date(int(year), int(month), int(day))


def audits_of(path):
    """Every audit of one file under the canonical names, with real dates, and nothing else put right."""
    if path.suffix == ".csv":
        audits = rows_of(path)
        for audit in audits:
            audit |= {column: day_first(audit[column]) for column in DATES}
        return audits
    canonical = {heading: column for column, heading in FORM_HEADINGS.items()}
    book = openpyxl.load_workbook(path, read_only=True)
    headings, *rows = book["Responses"].iter_rows(values_only=True)
    audits = [dict(zip((canonical[h] for h in headings), (cell or "" for cell in row), strict=True)) for row in rows]
    for audit in audits:
        audit |= {column: audit[column].date() for column in DATES}
    return audits


class Council:
    """One council, written and read back."""

    def __init__(self, folder, **arguments):
        self.folder = folder
        self.paths = write_council(folder, **arguments)
        self.by_file = {name: audits_of(folder / name) for name in QUARTERS}
        self.audits = [audit for audits in self.by_file.values() for audit in audits]
        self.looks = {name: rows_of(folder / moderation) for name, moderation in MODERATIONS.items()}
        self.register = {name: rows_of(folder / allocation) for name, allocation in ALLOCATIONS.items()}
        self.drawn = [row for rows in self.register.values() for row in rows]
        self.listed = rows_of(folder / AUDITOR_LIST)
        self.planted = json.loads((folder / "truth" / "allocation.json").read_text(encoding="utf-8"))
        self.truth = json.loads((folder / "truth" / "truth.json").read_text(encoding="utf-8"))
        self.passages = rows_of(folder / "truth" / "passages.csv")
        self.meant = {self.truth["misspelt_grade"]["written"]: self.truth["misspelt_grade"]["meant"]}

    def grade(self, audit, domain):
        """The grade that was meant."""
        return self.meant.get(audit[domain], audit[domain])


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return Council(tmp_path_factory.mktemp("usual"))


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    return Council(tmp_path_factory.mktemp("large"), audits=20_000, seed=7)


def fingerprints(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# --- the same bytes ------------------------------------------------------------------------------------


def test_the_same_arguments_give_the_same_bytes(usual, tmp_path):
    write_council(tmp_path)
    assert fingerprints(tmp_path) == fingerprints(usual.folder)


def test_another_process_in_another_time_zone_gives_the_same_bytes(tmp_path):
    write_council(tmp_path / "here", audits=100, seed=3)
    program = "import sys, pathlib, qa_lib.example as e; e.write_council(pathlib.Path(sys.argv[1]), 100, 3)"
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "there")],
        env=os.environ | {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "5", "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )
    assert fingerprints(tmp_path / "there") == fingerprints(tmp_path / "here")


def test_a_workbook_states_a_fixed_time_of_making(usual):
    with ZipFile(usual.folder / "audits_2013_q1.xlsx") as book:
        properties = book.read("docProps/core.xml").decode()
        assert {entry.date_time for entry in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert properties.count("2014-02-03T00:00:00Z") == 2


def test_another_seed_changes_every_extract_but_not_the_rates(usual, tmp_path):
    other = Council(tmp_path, seed=2014)
    here, there = fingerprints(usual.folder), fingerprints(tmp_path)
    assert here.keys() == there.keys()
    same = [name for name in here if here[name] == there[name]]
    assert same == [f"truth/{rates}.json" for rates in ("actions", "allocation", "evidence", "themed")]  # and no draw
    assert {**other.truth, "seed": 2013} == usual.truth


def test_writing_again_overwrites_what_was_there(tmp_path):
    write_council(tmp_path, audits=300, seed=1)
    write_council(tmp_path, audits=100, seed=1)
    assert sum(len(audits_of(tmp_path / name)) for name in QUARTERS) == 100


# The first twelve hexadecimal digits of SHA-256 of the bytes, or of a workbook's cells, taken before the council had
# moderation. A change of these files moves the figures of every report on them: it is made on purpose, or not at all.
@pytest.mark.parametrize(("name", "digits"), {
    "audits_2011_q4.csv": "8b30f393c836", "audits_2012_q1.xlsx": "bf37272f422a",
    "audits_2012_q2.csv": "fa1c5e4377b3", "audits_2012_q3.xlsx": "dd867b06c615",
    "audits_2012_q4.csv": "fd24c8cc90f2", "audits_2013_q1.xlsx": "3684e11aa811",
    "audits_2013_q2.csv": "a92b9c569800", "audits_2013_q3.xlsx": "b9ecef17ebba",
    "caseload_2013-07.csv": "27f09b5d12c3", "caseload_2013-10.csv": "77b2a31a9881",
    "caseload_2014-01.csv": "180f91fa9da0", "truth/passages.csv": "f5187cdd20c7",
}.items())  # fmt: skip
def test_a_file_added_to_the_council_leaves_the_others_as_they_were(usual, name, digits):
    if name.endswith(".xlsx"):
        cells = json.dumps(usual.by_file[name], default=str).encode()
    elif name in CASELOADS:
        cells = without_what_was_added(usual.folder / name)
    else:
        cells = (usual.folder / name).read_bytes()
    assert hashlib.sha256(cells).hexdigest().startswith(digits)


def without_what_was_added(path):
    """A case list's bytes as they were: open cases only, without the columns that name who was tied to a case."""
    added = {"earlier_workers", "chair", "reviewer"}
    cases = [{k: v for k, v in case.items() if k not in added} for case in rows_of(path) if not case["closed"]]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(cases[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(cases)
    return text.getvalue().encode()


# --- what is in the folder -----------------------------------------------------------------------------


def test_the_paths_written_are_the_files_in_the_folder(usual):
    truth = {f"truth/{name}.json" for name in ("truth", "themed", "allocation", "evidence", "actions")}
    truth |= {f"truth/{name}.csv" for name in ("passages", "observations", "mismatch")}
    expected = {*QUARTERS, *MODERATIONS.values(), *ALLOCATIONS.values(), *EVIDENCE, AUDITOR_LIST, *REGISTERS}
    expected |= {*CASELOADS, *THEMED, *truth}
    assert {path.relative_to(usual.folder).as_posix() for path in usual.paths} == expected
    assert set(fingerprints(usual.folder)) == {str(Path(name)) for name in expected}


@pytest.mark.parametrize("audits", [22, 43, 880])
def test_a_council_holds_as_many_audits_as_were_asked_for_and_some_in_every_month(tmp_path, audits):
    council = Council(tmp_path, audits=audits)
    by_month = Counter(f"{audit['audit_date']:%Y-%m}" for audit in council.audits)
    assert len(council.audits) == audits
    assert by_month == council.truth["audits_by_month"]
    assert list(council.truth["audits_by_month"]) == council.truth["months"]
    assert len(by_month) == 22


@pytest.mark.parametrize("audits", [0, 21, 200_001])
def test_a_size_that_cannot_be_made_is_refused_in_words(tmp_path, audits):
    with pytest.raises(ValueError, match=f"audits is {audits}: choose 22 .* to 200,000"):
        write_council(tmp_path / "new", audits=audits)
    assert not (tmp_path / "new").exists()


def test_the_usual_council_finishes_about_forty_of_fifty_a_month(usual):
    assert usual.truth["plan_a_month"] == 50
    assert {30 <= n <= 50 for n in usual.truth["audits_by_month"].values()} == {True}


def test_every_column_stands_in_every_file_under_its_own_heading(usual):
    for name in QUARTERS:
        if name.endswith(".csv"):
            with (usual.folder / name).open(encoding="utf-8", newline="") as file:
                headings = next(csv.reader(file))
            assert headings == list(FORM_HEADINGS)
        else:
            book = openpyxl.load_workbook(usual.folder / name)
            assert book.sheetnames == ["Responses"]
            assert [cell.value for cell in book["Responses"][1]] == list(FORM_HEADINGS.values())
            assert {cell.is_date for cell in book["Responses"]["C"][1:]} == {True}


def test_ids_are_unique_and_say_their_year(large):
    ids = [audit["audit_id"] for audit in large.audits]
    assert len(set(ids)) == len(ids) == 20_000
    assert all(audit["audit_id"].startswith(f"A-{audit['audit_date'].year}-") for audit in large.audits)


def test_no_case_is_audited_twice_within_a_year(large):
    days = defaultdict(list)
    for audit in large.audits:
        days[audit["case_id"]].append(audit["audit_date"])
    again = [sorted(found) for found in days.values() if len(found) > 1]
    assert len(again) > 100
    assert all(later - earlier > timedelta(days=365) for earlier, later in again)


@pytest.mark.parametrize("name", QUARTERS)
def test_no_date_lies_outside_the_quarter_of_its_file(large, name):
    first, last = QUARTERS[name]
    for audit in large.by_file[name]:
        assert first <= audit["audit_date"] <= last
        assert audit["completed_on"] == audit["audit_date"] >= audit["allocated_on"]
        months = (audit["audit_date"].year - audit["allocated_on"].year) * 12
        months += audit["audit_date"].month - audit["allocated_on"].month
        assert months in {0, 1}
        assert audit["allocated_on"].day <= 10
        assert audit["audit_date"].weekday() < 5
        assert audit["allocated_on"].weekday() < 5


def test_cells_hold_only_words_that_their_column_allows(large):
    for name, audits in large.by_file.items():
        grades = {audit[domain] for audit in audits for domain in DOMAINS}
        misspelt = {"Requires Improvment"} if name.endswith(".xlsx") else set()
        assert grades == {*GRADES, "Not applicable", "", *misspelt}
        assert {audit[c] for audit in audits for c in YES_NO} == {"Yes", "No", "Not appropriate", ""}
        assert {audit["service"] for audit in audits} == set(SERVICES)
        assert {audit["overall_grade"] for audit in audits} <= {*GRADES, *misspelt}


# --- grades --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("grade", GRADES)
def test_recorded_grades_have_the_stated_shares(large, domain, grade):
    found = expected = variance = 0
    for audit in large.audits:
        if audit[domain] in {"", "Not applicable"}:
            continue
        month = f"{audit['audit_date']:%Y-%m}"
        p = large.truth["grade_probabilities"][audit["service"]][domain][month][grade]
        found += large.grade(audit, domain) == grade
        expected, variance = expected + p, variance + p * (1 - p)
    assert abs(found - expected) < 4 * math.sqrt(variance)


@pytest.mark.parametrize(
    ("domain", "direction"), [("recording", 1), ("planning", -1), ("review", 0), ("overall_grade", 0)]
)
def test_one_domain_gets_better_and_one_worse_and_the_rest_stand_still(large, domain, direction):
    for service in SERVICES:
        months = large.truth["grade_probabilities"][service][domain].values()
        good = [month["Outstanding"] + month["Good"] for month in months]
        steps = [later - earlier for earlier, later in itertools.pairwise(good)]
        assert all(step * direction > 0 if direction else step == 0 for step in steps)


def test_stated_shares_are_shares(usual):
    for domains in usual.truth["grade_probabilities"].values():
        for months in domains.values():
            for grades in months.values():
                assert sum(grades.values()) == pytest.approx(1, abs=1e-9)
                assert min(grades.values()) > 0


def test_the_whole_service_is_about_six_tenths_good_or_better(large):
    grades = Counter(large.grade(audit, "overall_grade") for audit in large.audits)
    assert (grades["Outstanding"] + grades["Good"]) / 20_000 == pytest.approx(0.60, abs=0.03)
    assert grades["Inadequate"] / 20_000 == pytest.approx(0.09, abs=0.015)
    assert grades["Outstanding"] / 20_000 == pytest.approx(0.08, abs=0.015)


def test_grades_of_one_audit_belong_together(large):
    pairs = Counter(
        (large.grade(a, "assessment") in GRADES[:2], large.grade(a, "supervision") in GRADES[:2])
        for a in large.audits
        if not {a["assessment"], a["supervision"]} & {"", "Not applicable"}
    )
    odds_ratio = pairs[True, True] * pairs[False, False] / (pairs[True, False] * pairs[False, True])
    assert 2.5 < odds_ratio < 6


def test_lenient_auditors_record_better_grades_as_their_leaning_says(large):
    leaning = {auditor["name"]: auditor["leaning"] for auditor in large.truth["auditors"]}
    good, audits = Counter(), Counter()
    for audit in large.audits:
        third = sorted(leaning.values()).index(leaning[audit["auditor"]]) * 3 // len(leaning)
        audits[third] += 1
        good[third] += large.grade(audit, "overall_grade") in GRADES[:2]
    severe, middling, lenient = (good[third] / audits[third] for third in range(3))
    assert severe + 0.08 < middling < lenient - 0.08
    assert len(leaning) == 28
    assert set(leaning) == {audit["auditor"] for audit in large.audits}


def test_nobody_audits_a_case_of_the_own_team(large):
    team = {auditor["name"]: auditor["team"] for auditor in large.truth["auditors"]}
    assert not [audit for audit in large.audits if team[audit["auditor"]] == audit["team"]]


@pytest.mark.parametrize("domain", DOMAINS)
def test_off_the_scale_is_either_nothing_or_well_above_five_in_every_quarter(usual, domain):
    rates = usual.truth["off_scale"][domain]
    for audits in list(usual.by_file.values())[1:]:
        absent = Counter(audit[domain] for audit in audits)
        for word, rate in (("Not applicable", rates["not_applicable"]), ("", rates["not_recorded"])):
            assert abs(absent[word] - rate * len(audits)) <= 1
            assert absent[word] == 0 or absent[word] > 5


def test_only_a_few_cells_of_the_forms_misspell_a_grade(usual, large):
    for name, audits in usual.by_file.items():
        few = sum(audit[domain] == "Requires Improvment" for audit in audits for domain in DOMAINS)
        assert (0 < few < 20) if name.endswith(".xlsx") else few == 0
    forms = [audit for name, audits in large.by_file.items() for audit in audits if name.endswith(".xlsx")]
    meant = sum(large.grade(audit, d) == "Requires improvement" for audit in forms for d in DOMAINS)
    written = sum(audit[d] == "Requires Improvment" for audit in forms for d in DOMAINS)
    rate = large.truth["rates"]["misspelt_grade"]
    assert abs(written - meant * rate) < 4 * math.sqrt(meant * rate * (1 - rate))


# --- voice ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", YES_NO[:-1])
def test_yes_and_no_have_the_stated_shares(large, column):
    for audits in large.by_file.values():
        answers = Counter(audit[column] for audit in audits)
        for answer, share in large.truth["voice_rates"][column].items():
            assert abs(answers[answer] - share * len(audits)) <= 2


def test_only_what_somebody_said_can_have_changed_something(large):
    for who, shares in large.truth["voice_rates"]["changed_something"].items():
        answers = Counter(
            audit["changed_something"]
            for audit in large.audits
            if ("Yes" in {audit["child_spoken_to"], audit["parent_spoken_to"]}) == (who == "heard")
        )
        for answer in {*answers, *shares}:
            assert answers[answer] / answers.total() == pytest.approx(shares.get(answer, 0), abs=0.005)


# --- texts ---------------------------------------------------------------------------------------------


def test_themes_are_planted_at_the_stated_rates(large):
    planted = Counter((p["theme"], p["polarity"]) for p in large.passages if p["half"] != "trap")
    assert len(planted) == 28
    for (theme, polarity), found in planted.items():
        rates = large.truth["theme_rates"][theme][polarity]
        chances = [(rates[month], n) for month, n in large.truth["audits_by_month"].items()]
        expected = sum(rate * n for rate, n in chances)
        assert abs(found - expected) < 4 * math.sqrt(sum(n * rate * (1 - rate) for rate, n in chances))


def test_a_theme_is_planted_at_most_once_in_an_audit_and_polarity(large):
    keys = Counter((p["audit_id"], p["theme"], p["polarity"]) for p in large.passages if p["half"] != "trap")
    assert set(keys.values()) == {1}


@pytest.mark.parametrize(("theme", "polarity", "first", "last"), [
    ("recording", "development", 0.30, 0.18), ("drift_delay", "development", 0.17, 0.23),
    ("supervision", "development", 0.30, 0.30), ("direct_work", "strength", 0.26, 0.26),
])  # fmt: skip
def test_two_themes_move_and_the_rest_keep_their_rates(large, theme, polarity, first, last):
    rates = list(large.truth["theme_rates"][theme][polarity].values())
    assert (rates[0], rates[-1]) == (first, last)
    assert rates in (sorted(rates), sorted(rates, reverse=True))


def test_what_was_planted_stands_in_its_box_word_for_word(large):
    audits = {audit["audit_id"]: audit for audit in large.audits}
    for passage in large.passages:
        lists = PHRASES[passage["theme"]]
        if passage["half"] == "trap":
            among = [t["trap"] for t in lists["traps"] if t["means"] == passage["polarity"]]
        else:
            key = {"strength": "strengths", "development": "development"}[passage["polarity"]]
            among = lists[key][0 if passage["half"] == "odd" else 1 :: 2]
        text = audits[passage["audit_id"]][passage["column"]].lower()
        assert any(words.lower() in text for words in among) != (passage["misspelt"] == "1")


def test_both_halves_of_every_list_are_used_and_nearly_every_phrase(large):
    halves = Counter((p["theme"], p["polarity"], p["half"]) for p in large.passages if p["half"] != "trap")
    assert len(halves) == 14 * 2 * 2
    text = "\n".join(audit[box].lower() for audit in large.audits for box in BOXES)
    for lists in PHRASES.values():
        assert not [
            phrase for key in ("strengths", "development") for phrase in lists[key] if phrase.lower() not in text
        ]
        assert not [trap["trap"] for trap in lists["traps"] if trap["trap"].lower() not in text]


@pytest.mark.parametrize(("rate", "half"), [("misspelt", {"odd", "even"}), ("trap", {"trap"})])
def test_slips_and_traps_come_at_the_stated_rates(large, rate, half):
    stated = large.truth["rates"][rate]
    if rate == "trap":
        found, of = sum(p["half"] in half for p in large.passages), len(large.audits)
    else:
        here = [p for p in large.passages if p["half"] in half]
        found, of = sum(p["misspelt"] == "1" for p in here), len(here)
    assert abs(found - of * stated) < 4 * math.sqrt(of * stated * (1 - stated))


@pytest.mark.parametrize("box", BOXES[:2])
def test_boxes_are_left_empty_at_the_stated_rates(large, box):
    for word, share in large.truth["empty_boxes"][box].items():
        found = sum(audit[box] == word for audit in large.audits)
        assert abs(found - share * 20_000) <= 2 * len(QUARTERS)


def test_text_goes_with_the_grade_in_most_files_and_against_it_in_some(large):
    planted = Counter((p["audit_id"], p["polarity"]) for p in large.passages)
    worse = {a["audit_id"]: large.grade(a, "overall_grade") in GRADES[2:] for a in large.audits}
    mean = {
        (bad, polarity): sum(planted[i, polarity] for i, w in worse.items() if w == bad)
        / sum(w == bad for w in worse.values())
        for bad in (False, True)
        for polarity in ("strength", "development")
    }
    assert mean[True, "development"] > 1.3 * mean[False, "development"]
    assert mean[False, "strength"] > 1.3 * mean[True, "strength"]
    glowing = sum("A pleasure to read" in a["strengths"] for a in large.audits if worse[a["audit_id"]])
    assert glowing > 20


def test_auditors_write_in_four_styles(large):
    style = {auditor["name"]: auditor["style"] for auditor in large.truth["auditors"]}
    empty = {*large.truth["empty_boxes"]["areas_for_development"]}
    texts = defaultdict(list)
    for audit in large.audits:
        if audit["areas_for_development"] not in empty:
            texts[style[audit["auditor"]]].append(audit["areas_for_development"])
    assert all(line.startswith("- ") for text in texts["bullets"] for line in text.split("\n"))
    assert all(text.endswith("people named.") for text in texts["pasted"])
    assert all(text.endswith(".") and "\n" not in text for text in texts["essay"])
    assert not [text for text in texts["terse"] if text.endswith(".") or text.startswith("- ")]
    assert any("Good visits, however " in text for text in texts["essay"])


def test_people_are_named_in_a_few_audits_and_every_name_is_on_the_list(large):
    named = [name for a in large.audits for box in BOXES for name in large.truth["names"] if name in a[box]]
    assert set(named) == set(large.truth["names"])
    assert 0.01 < len(named) / 20_000 < large.truth["rates"]["name"]


def test_words_that_belong_to_no_theme_hold_no_phrase_of_any():
    path = Path(qa_lib.example.__file__).with_name("sentences.yml")
    rest = YAML(typ="safe").load(path.read_text("utf-8"))
    heard = {phrase for phrases in rest.pop("heard").values() for phrase in phrases}
    phrases = [p for lists in PHRASES.values() for key in ("strengths", "development") for p in lists[key]]
    assert heard < set(phrases)
    assert not [phrase for phrase in phrases if phrase in json.dumps(rest)]
    assert len(phrases) == len(set(phrases))


# --- caseload ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "usual_size"), list(zip(CASELOADS, [2352, 2400, 2448], strict=True)))
def test_the_caseload_has_its_services_in_their_sizes(usual, name, usual_size):
    cases = open_of(usual.folder / name)
    sizes = Counter(case["service"] for case in cases)
    for service, size in zip(SERVICES, [420, 1000, 560, 230, 110, 80], strict=True):
        assert sizes[service] == pytest.approx(size, rel=0.03)
    assert sum(sizes.values()) == pytest.approx(usual_size, abs=3)
    assert len({case["case_id"] for case in cases}) == len(cases)


@pytest.mark.parametrize("name", CASELOADS)
def test_a_caseload_looks_back_from_its_own_day(usual, name):
    cases = rows_of(usual.folder / name)
    as_at = {case["as_at"] for case in cases}
    assert as_at == {{"07": "2013-07-31", "10": "2013-10-31", "01": "2014-01-31"}[name[-6:-4]]}
    day = as_at.pop()
    last = {}
    for audit in usual.audits:
        if audit["audit_date"].isoformat() <= day:
            last[audit["case_id"]] = max(audit["audit_date"].isoformat(), last.get(audit["case_id"], ""))
    for case in cases:
        assert case["last_audited"] == last.get(case["case_id"], "")
        assert case["opened"] <= day
        assert case["restricted"] in {"Yes", "No"}
        assert "" not in {
            case["worker"],
            case["manager"],
            case["family_id"],
        }
    assert 0 < sum(case["restricted"] == "Yes" for case in cases) < 0.05 * len(cases)


def test_cases_audited_lately_are_mostly_open_and_where_they_were_audited(usual):
    for name, day in zip(CASELOADS, (date(2013, 7, 31), date(2013, 10, 31), date(2014, 1, 31)), strict=True):
        cases = {case["case_id"]: case for case in rows_of(usual.folder / name)}
        lately = [a for a in usual.audits if timedelta(0) <= day - a["audit_date"] <= timedelta(days=183)]
        still_open = [audit for audit in lately if audit["case_id"] in cases]
        assert len(still_open) > 0.75 * len(lately) > 150
        for audit in still_open:
            case = cases[audit["case_id"]]
            assert (audit["service"], audit["team"]) == (case["service"], case["team"])


def test_cases_come_and_go_between_caseloads_and_keep_what_is_known_of_them(usual):
    first, second, third = ({c["case_id"]: c for c in rows_of(usual.folder / name)} for name in CASELOADS)
    for earlier, later in ((first, second), (second, third)):
        assert 0.05 < len(later.keys() - earlier.keys()) / len(later) < 0.25
        for case_id in later.keys() & earlier.keys():
            changes = {column for column in later[case_id] if later[case_id][column] != earlier[case_id][column]}
            assert changes <= {"as_at", "last_audited", "closed"}
        for case_id in later.keys() - earlier.keys():
            assert later[case_id]["opened"] > next(iter(earlier.values()))["as_at"]


def test_some_families_have_more_than_one_open_case_and_none_lies_across_services(usual):
    families = defaultdict(set)
    cases = rows_of(usual.folder / CASELOADS[0])
    for case in cases:
        families[case["family_id"]].add(case["service"])
    assert 0.05 < 1 - len(families) / len(cases) < 0.4
    assert {len(services) for services in families.values()} == {1}


@pytest.mark.parametrize("name", CASELOADS)
def test_a_case_list_still_holds_the_cases_closed_in_the_last_fortnight(usual, name):
    cases = rows_of(usual.folder / name)
    closed = [case for case in cases if case["closed"]]
    assert 0.01 < len(closed) / len(cases) < 0.02
    for case in closed:
        as_at, day = (date.fromisoformat(case[column]) for column in ("as_at", "closed"))
        assert timedelta(0) <= as_at - day < timedelta(days=14)
        assert case["opened"] < case["closed"]
        assert case["last_audited"] < case["closed"]
    later = [row["case_id"] for other in CASELOADS if other > name for row in rows_of(usual.folder / other)]
    assert not {case["case_id"] for case in closed} & set(later)


# --- who was tied to a case, and who can audit -----------------------------------------------------------


def tied_to(case):
    """Everybody who held, chaired or reviewed a case before."""
    return {*case["earlier_workers"].split("; "), case["chair"], case["reviewer"]} - {""}


def test_auditors_are_tied_to_so_many_cases_that_a_draw_of_fifty_meets_one(usual):
    auditors = {auditor["auditor"] for auditor in usual.listed}
    for name in CASELOADS:
        cases = open_of(usual.folder / name)
        for column, least in (("earlier_workers", 0.04), ("chair", 0.04), ("reviewer", 0.04)):
            assert sum(bool(auditors & {*case[column].split("; ")}) for case in cases) > least * len(cases)
        none = 1 - sum(bool(auditors & tied_to(case)) for case in cases) / len(cases)
        assert none**50 < 0.001


def test_a_chair_goes_with_a_plan_and_a_reviewer_with_care_and_both_come_from_their_service(usual):
    names = defaultdict(set)
    service = {auditor["auditor"]: auditor["service"] for auditor in usual.listed}
    for case in open_of(usual.folder / CASELOADS[0]):
        assert bool(case["chair"]) == (case["category"] == "CP")
        assert bool(case["reviewer"]) == (case["category"] == "CLA")
        for column in ("chair", "reviewer"):
            names[column].add(case[column])
    assert not names["chair"] & names["reviewer"] - {""}
    for column in ("chair", "reviewer"):
        auditors = names[column] & service.keys()
        assert len(auditors) == 2
        assert {service[name] for name in auditors} == {"Safeguarding and Quality Assurance"}


def test_a_former_worker_is_nobody_of_today_unless_an_auditor_and_nobody_is_named_twice(usual):
    cases = rows_of(usual.folder / CASELOADS[0])
    auditors = {auditor["auditor"] for auditor in usual.listed}
    earlier = [case["earlier_workers"].split("; ") for case in cases if case["earlier_workers"]]
    assert 0.25 < len(earlier) / len(cases) < 0.36
    assert {len(names) for names in earlier} == {1, 2}
    assert all(len(set(names)) == len(names) for names in earlier)
    today = {case["worker"] for case in cases}
    former = {name for names in earlier for name in names} - auditors
    assert not former & today
    assert not auditors & today
    assert len(auditors) == len(usual.listed) == 28


def test_no_auditor_is_tied_to_a_case_that_she_or_he_audited_or_looked_at_again(large):
    ties = {case["case_id"]: tied_to(case) for name in CASELOADS for case in rows_of(large.folder / name)}
    who = {audit["audit_id"]: {audit["auditor"]} for audit in large.audits}
    for looks in large.looks.values():
        for look in looks:
            who[look["audit_id"]].add(look["moderator"])
    met = [audit for audit in large.audits if audit["case_id"] in ties]
    assert len(met) > 10_000
    assert not [audit for audit in met if who[audit["audit_id"]] & ties[audit["case_id"]]]


def test_the_auditor_list_knows_the_auditors_and_their_phases(usual):
    stated = {auditor["name"]: (auditor["service"], auditor["team"]) for auditor in usual.truth["auditors"]}
    assert {a["auditor"]: (a["service"], a["team"]) for a in usual.listed} == stated
    assert Counter(a["phase"] for a in usual.listed) == {"first": 4, "second": 10, "third": 14}
    leads = [a for a in usual.listed if a["lead"] == "Yes"]
    assert sorted(a["service"] for a in leads) == sorted(SERVICES)
    assert {a["phase"] for a in leads} == {"third"}
    assert {a["capacity"] for a in usual.listed} == {"2", "3", "4", ""}
    assert 2 <= sum(a["capacity"] == "" for a in usual.listed) <= 5


def days_away(auditor, first=date(2013, 8, 1), last=date(2013, 8, 31)):
    """How many days of August 2013 an auditor is away."""
    if not auditor["leave_from"]:
        return 0
    start, end = (day_first(auditor[column]) for column in ("leave_from", "leave_to"))
    assert start <= end
    return max(0, (min(end, last) - max(start, first)).days + 1)


def test_five_auditors_have_leave_in_august_and_two_of_them_all_month(usual):
    away = sorted(days for auditor in usual.listed if (days := days_away(auditor)))
    assert len(away) == 5
    assert away[3:] == [31, 31]
    assert away[2] < 15


def test_whoever_sits_in_or_is_away_all_month_is_given_none_of_its_cases_or_next_to_none(usual):
    given = Counter(row["auditor"] for row in usual.drawn if row["allocated_on"].endswith("08/2013"))
    assert given.total() > 50
    assert not [a for a in usual.listed if a["phase"] == "first" and given[a["auditor"]]]
    assert {given[a["auditor"]] for a in usual.listed if days_away(a) == 31} <= {0, 1}


def test_fifty_cases_and_fifteen_second_looks_find_auditors_without_a_conflict(usual):
    auditors = [a for a in usual.listed if a["phase"] != "first"]
    free = [a for a in auditors for _ in range(int(a["capacity"] or 2) * (31 - days_away(a)) // 31)]
    cases = open_of(usual.folder / CASELOADS[0])
    assert 65 <= len(free) < 80  # enough, in a month that has to be thought about
    for seed in range(20):
        drawn = np.random.default_rng(seed).choice(cases, 50, replace=False).tolist()
        cost = [[a["team"] == c["team"] or a["auditor"] in tied_to(c) for a in free] for c in [*drawn, *drawn[:15]]]
        assert not np.array(cost)[linear_sum_assignment(cost)].any()


# --- the register of the draws ---------------------------------------------------------------------------


def month_of(row):
    """The month of a row of the register, such as "2013-05"."""
    return f"{day_first(row['allocated_on']):%Y-%m}"


def places_of(rows):
    """What was drawn, without the reserves that came in another's place."""
    return [row for row in rows if not row["replaces"]]


def unfinished_of(council, rows):
    """The cases of a register that were neither replaced nor audited, with what became of them."""
    audited = {audit["case_id"] for audit in council.audits}
    left = [row for row in rows if row["status"] != "replaced" and row["case_id"] not in audited]
    begun = {True: "started", False: "not started"}
    return [(row, "excluded" if row["status"] == "excluded" else begun[bool(row["started_on"])]) for row in left]


@pytest.mark.parametrize("name", QUARTERS)
def test_a_register_holds_the_draws_of_its_quarter_in_the_order_of_the_days(large, name):
    first, last = QUARTERS[name]
    rows, days = large.register[name], [day_first(row["allocated_on"]) for row in large.register[name]]
    assert days == sorted(days)
    assert (date(2012, 3, 1) if name == "audits_2011_q4.csv" else first) <= days[0] <= days[-1] <= last
    assert len({(row["case_id"], row["allocated_on"]) for row in rows}) == len(rows)
    for row, day in zip(rows, days, strict=True):
        due = day_first(row["due"])
        assert (due.year, due.month) == (day.year, day.month)
        assert (due + timedelta(days=1)).day == 1


@pytest.mark.parametrize("audits", [22, 220, 880])
def test_the_plan_of_each_month_is_drawn_whatever_the_size(tmp_path, audits):
    council = Council(tmp_path, audits=audits, seed=4)
    drawn = Counter(month_of(row) for row in places_of(council.drawn))
    finished = Counter(f"{audit['allocated_on']:%Y-%m}" for audit in council.audits)
    assert set(drawn) <= {"2012-03", *council.truth["months"]}
    assert drawn["2012-03"] == finished["2012-03"]
    for month in council.truth["months"]:
        assert drawn[month] == max(council.truth["plan_a_month"], finished[month])


@pytest.mark.parametrize("fixture", ["usual", "large"])
def test_what_a_register_counts_adds_up(fixture, request):
    rows = request.getfixturevalue(fixture).drawn
    chance = defaultdict(set)
    for row in rows:
        chance[month_of(row), row["service"]].add((int(row["eligible"]), int(row["drawn"])))
    places = Counter((month_of(row), row["service"]) for row in places_of(rows))
    assert {key: len(each) for key, each in chance.items()} == dict.fromkeys(places, 1)
    for key, ((eligible, drawn),) in chance.items():
        assert eligible >= drawn == places[key]


def test_a_replaced_case_has_one_reserve_of_its_service_in_its_place(large):
    rows = {(row["case_id"], row["allocated_on"]): row for row in large.drawn}
    stands_for = [row["replaces"] for row in large.drawn if row["replaces"]]
    assert len(set(stands_for)) == len(stands_for) == sum(row["status"] == "replaced" for row in large.drawn) > 1000
    for row in large.drawn:
        assert row["status"] in {"allocated", "excluded", "replaced"}
        assert (row["reason"] != "") == (row["status"] != "allocated")
        if row["replaces"]:
            assert row["status"] == "allocated"
            gone = rows[row["replaces"], row["allocated_on"]]
            assert (gone["status"], gone["service"]) == ("replaced", row["service"])
        if row["status"] != "allocated":
            assert row["started_on"] == row["paired_with"] == row["second_auditor"] == ""


@pytest.mark.parametrize("fixture", ["usual", "large"])
def test_every_audit_stands_in_the_register_as_it_was_done_and_nothing_else_there_was_audited(fixture, request):
    council = request.getfixturevalue(fixture)
    rows = {(row["case_id"], day_first(row["allocated_on"])): row for row in council.drawn}
    late = 0
    for audit in council.audits:
        row = rows.pop((audit["case_id"], audit["allocated_on"]))
        assert row["status"] == "allocated"
        assert [row[c] for c in ("service", "team", "auditor")] == [audit[c] for c in ("service", "team", "auditor")]
        assert audit["allocated_on"] < day_first(row["started_on"]) <= audit["audit_date"]
        late += audit["completed_on"] > day_first(row["due"])
    assert late / len(council.audits) == pytest.approx(1 / 7, abs=4 * math.sqrt(6 / 49 / len(council.audits)))
    assert not {case_id for case_id, _ in rows} & {audit["case_id"] for audit in council.audits}


def test_a_register_names_cases_as_the_case_lists_do(large):
    cases = {case["case_id"]: case for name in CASELOADS for case in rows_of(large.folder / name)}
    met = [row for row in large.drawn if row["case_id"] in cases]
    assert len(met) > 15_000
    for row in met:
        case = cases[row["case_id"]]
        assert [row[c] for c in ("service", "team", "category")] == [case[c] for c in ("service", "team", "category")]


def test_nobody_in_a_register_is_in_conflict_with_the_case_or_does_two_things(large):
    team = {auditor["auditor"]: auditor["team"] for auditor in large.listed}
    ties = {case["case_id"]: tied_to(case) for name in CASELOADS for case in rows_of(large.folder / name)}
    for row in large.drawn:
        people = [row[c] for c in ("auditor", "paired_with", "second_auditor") if row[c]]
        assert row["auditor"] != ""
        assert len(set(people)) == len(people)
        assert row["team"] not in {team[name] for name in people}
        assert not ties.get(row["case_id"], set()) & {*people}


def test_a_second_auditor_is_the_moderator_of_a_random_second_look(large):
    moderator = {
        look["audit_id"]: look["moderator"]
        for looks in large.looks.values()
        for look in looks
        if look["selection"] == "random"
    }
    expected = {
        (audit["case_id"], audit["allocated_on"]): moderator[audit["audit_id"]]
        for audit in large.audits
        if audit["audit_id"] in moderator
    }
    found = {(r["case_id"], day_first(r["allocated_on"])): r["second_auditor"] for r in large.drawn}
    assert {key: name for key, name in found.items() if name} == expected


def test_only_those_in_their_first_phase_sit_in_with_one_case_in_eight(large):
    first = {auditor["auditor"] for auditor in large.listed if auditor["phase"] == "first"}
    standing = [row for row in large.drawn if row["status"] == "allocated"]
    assert {row["paired_with"] for row in standing} == {"", *first}
    assert sum(row["paired_with"] != "" for row in standing) / len(standing) == pytest.approx(0.125, abs=0.01)


@pytest.mark.parametrize("fixture", ["usual", "large"])
def test_what_was_not_finished_comes_at_the_stated_rates_in_every_quarter(fixture, request):
    council = request.getfixturevalue(fixture)
    for rows in council.register.values():
        left = unfinished_of(council, rows)
        fates = Counter(fate for _, fate in left)
        services = Counter(row["service"] for row, _ in left)
        for found, stated in ((fates, "unfinished"), (services, "unfinished_by_service")):
            for word, share in council.planted[stated].items():
                assert abs(found[word] - share * len(left)) <= 2
        # All places may be replaced but those excluded, and the few of the month before the first.
        replaced = sum(row["status"] == "replaced" for row in rows)
        assert replaced == pytest.approx(council.planted["replaced"] * len(places_of(rows)), rel=0.25, abs=1)
    reasons = Counter(row["reason"] for row in council.drawn if row["reason"])
    assert set(reasons) == set(council.planted["reasons"])
    for word, share in council.planted["reasons"].items():
        assert reasons[word] / reasons.total() == pytest.approx(share, abs=0.06)


def test_disabled_childrens_cases_are_less_often_finished_and_the_other_services_alike(large):
    left = Counter(row["service"] for row, _ in unfinished_of(large, large.drawn))
    places = Counter(row["service"] for row in places_of(large.drawn))
    share = {service: left[service] / places[service] for service in SERVICES}
    others = [share[service] for service in SERVICES if service != "Disabled Children"]
    assert share["Disabled Children"] > 1.6 * max(others)
    assert max(others) - min(others) < 0.06


def test_a_case_not_finished_was_open_and_one_that_went_was_closed_soon_after(usual):
    lists = {name[9:16]: {case["case_id"]: case for case in rows_of(usual.folder / name)} for name in CASELOADS}
    open_at = {month: {i for i, case in cases.items() if not case["closed"]} for month, cases in lists.items()}
    checked = Counter()
    for row in [
        *(row for row, _ in unfinished_of(usual, usual.drawn)),
        *(r for r in usual.drawn if r["status"] == "replaced"),
    ]:
        month, case_id = month_of(row), row["case_id"]
        went = row["reason"] in {"Closed before the audit", "Moved to another council"}
        last, following = max((m for m in lists if m < month), default=""), min(m for m in lists if m >= month)
        if last:
            assert case_id in open_at[last]
            assert lists[last][case_id]["restricted"] == "No"
        if month == following and not went:
            assert case_id in open_at[following]
        if month < following and went:
            assert case_id not in open_at[following]
        checked.update({"drawn from a list": bool(last), "went": went, "stayed": month == following and not went})
    assert min(checked.values()) > 20


def test_how_many_could_be_drawn_in_august_is_what_the_case_list_says(usual):
    # Half a year before 1 August 2013 is 30 January (183 days); a year before is 31 July 2012 (366 days).
    could = Counter(
        case["service"]
        for case in open_of(usual.folder / "caseload_2013-07.csv")
        if case["opened"] <= "2013-01-30" and case["restricted"] == "No" and case["last_audited"] <= "2012-07-31"
    )
    stated = {row["service"]: int(row["eligible"]) for row in usual.drawn if month_of(row) == "2013-08"}
    assert sum(stated.values()) > 1000
    for service, eligible in stated.items():
        assert eligible == pytest.approx(could[service], abs=3)  # the list is a day older


def test_the_registers_the_auditors_and_the_case_lists_are_accepted_at_the_door(usual):
    framework = read_settings(Path(__file__).parents[1] / "params" / "example" / "framework.yml", Framework)
    names = {"allocation": ALLOCATIONS.values(), "auditors": [AUDITOR_LIST], "caseload": CASELOADS}
    files = {kind: tuple(usual.folder / name for name in each) for kind, each in names.items()}
    found = check_extracts(files, Rules(framework, date(2014, 2, 3)))
    assert [problem for extract in found for problem in extract.problems] == []
    assert sum(extract.rows_counted for extract in found if extract.kind.name == "allocation") == len(usual.drawn)


# --- grade and words that contradict each other ----------------------------------------------------------


def test_the_audits_whose_text_tells_the_opposite_of_the_grades_are_named(large):
    mismatched = {row["audit_id"]: row["tone"] for row in rows_of(large.folder / "truth" / "mismatch.csv")}
    rate = large.truth["rates"]["mismatch"]
    assert abs(len(mismatched) - 20_000 * rate) < 4 * math.sqrt(20_000 * rate * (1 - rate))
    assert set(mismatched.values()) == {"warm", "mixed", "critical"}
    poor = {a["audit_id"]: large.grade(a, "overall_grade") in GRADES[2:] for a in large.audits}
    glowing = {a["audit_id"] for a in large.audits if "A pleasure to read" in a["strengths"]}
    warm = {audit_id for audit_id, tone in mismatched.items() if tone == "warm"}
    assert sum(poor[audit_id] for audit_id in warm) > 0.75 * len(warm)
    assert sum(not poor[audit_id] for audit_id in glowing - warm) > 0.75 * len(glowing - warm)
    assert glowing & mismatched.keys() <= warm


# --- moderation ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fixture", ["usual", "large"])
def test_every_way_to_a_second_look_takes_the_audits_it_says(fixture, request):
    council = request.getfixturevalue(fixture)
    rates = council.truth["moderation"]["rates"]
    for name, audits in council.by_file.items():
        selection = {look["audit_id"]: look["selection"] for look in council.looks[name]}
        assert len(selection) == len(council.looks[name])
        assert set(selection.values()) == {"random", "risk", "contested"}
        assert set(selection) <= {audit["audit_id"] for audit in audits}
        found = Counter(selection.values())
        assert abs(found["random"] - rates["random"] * len(audits)) <= 1
        not_random = [audit for audit in audits if selection.get(audit["audit_id"]) != "random"]
        inadequate = {audit["audit_id"] for audit in not_random if audit["overall_grade"] == "Inadequate"}
        assert {audit_id for audit_id, way in selection.items() if way == "risk"} == inadequate
        assert abs(found["contested"] - rates["contested"] * (len(not_random) - len(inadequate))) <= 1


def test_the_ways_to_a_second_look_have_their_stated_shares_of_all_audits(large):
    found = Counter(look["selection"] for looks in large.looks.values() for look in looks)
    for way, share in large.truth["moderation"]["share_of_audits"].items():
        assert found[way] / 20_000 == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 20_000))
    assert 0.015 < found["contested"] / 20_000 < 0.025


def test_every_quarter_of_the_smallest_council_has_a_second_look(tmp_path):
    assert all(Council(tmp_path, audits=22, seed=1).looks.values())


def test_a_second_look_is_taken_by_neither_the_auditor_nor_the_team(large):
    team = {auditor["name"]: auditor["team"] for auditor in large.truth["auditors"]}
    audits = {audit["audit_id"]: audit for audit in large.audits}
    looks = [look for looks in large.looks.values() for look in looks]
    assert not [look for look in looks if look["moderator"] == audits[look["audit_id"]]["auditor"]]
    assert not [look for look in looks if team[look["moderator"]] == audits[look["audit_id"]]["team"]]
    share = Counter(look["moderator"] for look in looks)
    assert set(share) == set(team)
    assert max(share.values()) < 1.5 * min(share.values())


def test_a_second_look_comes_one_to_five_weeks_later_on_a_working_day_and_not_after_the_last_month(large):
    audits = {audit["audit_id"]: audit for audit in large.audits}
    last = date(2014, 1, 31)
    weeks = set()
    for look in [look for looks in large.looks.values() for look in looks]:
        day = day_first(look["moderated_on"])
        later = day - audits[look["audit_id"]]["audit_date"]
        assert day.weekday() < 5
        assert timedelta(0) <= later <= timedelta(days=35)
        assert day <= last
        if day < last:
            assert later >= timedelta(days=7)
            weeks.add(later.days // 7)
    assert weeks == {1, 2, 3, 4}


def test_only_a_contested_grade_has_an_outcome_and_it_says_what_became_of_the_grade(large):
    audits = {audit["audit_id"]: audit for audit in large.audits}
    outcomes = Counter()
    for look in [look for looks in large.looks.values() for look in looks]:
        same = look["overall_grade"] == large.grade(audits[look["audit_id"]], "overall_grade")
        expected = {True: "upheld", False: "changed"}[same] if look["selection"] == "contested" else ""
        assert look["outcome"] == expected
        outcomes[expected] += 1
    assert outcomes["upheld"] > outcomes["changed"] > 50


def test_random_selection_knows_nothing_of_the_grades(large):
    # Pearson's chi-squared of two rows and four columns: 3 degrees of freedom, 16.27 is passed once in 1,000.
    picked = {look["audit_id"] for looks in large.looks.values() for look in looks if look["selection"] == "random"}
    for domain in DOMAINS:
        counts = Counter((a["audit_id"] in picked, large.grade(a, domain)) for a in large.audits)
        table = np.array([[counts[chosen, grade] for grade in GRADES] for chosen in (True, False)])
        expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
        assert ((table - expected) ** 2 / expected).sum() < 16.27


def assert_steps_as_stated(pairs, stated):
    """Steps lower and higher by third of the first auditors and by selection, within four standard errors.

    `pairs` are first auditor, selection, grade before, grade after; `stated` gives each auditor's chances, from the
    most severe to the most lenient. Where a step would leave the scale there is none, so such grades stay out.
    """
    third = {name: n * 3 // len(stated) for n, name in enumerate(stated)}
    found, expected, variance = Counter(), Counter(), Counter()
    for auditor, selection, before, after in pairs:
        if before not in GRADES:
            assert after == before
            continue
        step = GRADES.index(after) - GRADES.index(before)
        assert abs(step) <= 1
        for way, direction, end in (("lower", 1, "Inadequate"), ("higher", -1, "Outstanding")):
            if before != end:
                key, p = (third[auditor], selection, way), stated[auditor][way]
                found[key] += step == direction
                expected[key], variance[key] = expected[key] + p, variance[key] + p * (1 - p)
    assert len(expected) == 3 * 3 * 2
    assert [key for key in expected if abs(found[key] - expected[key]) >= 4 * math.sqrt(variance[key])] == []


def test_second_grades_are_a_step_lower_or_higher_as_often_as_stated(large):
    audits = {audit["audit_id"]: audit for audit in large.audits}
    assert_steps_as_stated(
        (
            (audit["auditor"], look["selection"], large.grade(audit, domain), look[domain])
            for look in [look for looks in large.looks.values() for look in looks]
            for audit in [audits[look["audit_id"]]]
            for domain in DOMAINS
        ),
        large.truth["moderation"]["by_first_auditor"],
    )


@pytest.mark.parametrize("seed", range(1, 6))
def test_second_grades_keep_their_stated_steps_whatever_the_seed(large, seed):
    when, what, again = (np.random.Generator(np.random.PCG64(seed)).spawn(6)[n] for n in (0, 1, 5))
    diary = draw_diary(when, 20_000)
    gradings = draw_gradings(what, diary)
    looks = draw_second_looks(again, diary, gradings)
    rows = zip(looks.audit.tolist(), looks.selection.tolist(), looks.grades.tolist(), strict=True)
    assert_steps_as_stated(
        (
            (AUDITORS[gradings.auditor[audit]].name, selection, before, after)
            for audit, selection, grades in rows
            for before, after in zip(gradings.grades[audit].tolist(), grades, strict=True)
        ),
        large.truth["moderation"]["by_first_auditor"],
    )


def test_lenient_auditors_are_moved_lower_and_severe_ones_hardly(usual):
    stated = list(usual.truth["moderation"]["by_first_auditor"].values())
    assert (stated[0], stated[-1]) == ({"lower": 0.08, "higher": 0.12}, {"lower": 0.38, "higher": 0.02})
    assert list(usual.truth["moderation"]["by_first_auditor"]) == [a["name"] for a in usual.truth["auditors"]]
    lower, higher = ([chances[way] for chances in stated] for way in ("lower", "higher"))
    assert lower == sorted(lower)
    assert higher == sorted(higher, reverse=True)
    assert sum(lower) > 3 * sum(higher)


def test_all_audits_and_all_second_looks_are_accepted_at_the_door(usual):
    framework = read_settings(Path(__file__).parents[1] / "params" / "example" / "framework.yml", Framework)
    audits = tuple(usual.folder / name for name in QUARTERS)
    moderation = tuple(usual.folder / name for name in MODERATIONS.values())
    found = check_extracts({"audits": audits, "moderation": moderation}, Rules(framework, date(2014, 2, 3)))
    assert len(found) == 2 * len(QUARTERS)
    assert [problem for extract in found for problem in extract.problems if problem.severity == "error"] == []
    counted = [extract.rows_counted for extract in found if extract.kind.name == "moderation"]
    assert counted == [len(looks) for looks in usual.looks.values()]
    assert {problem.code for extract in found for problem in extract.problems} == {"corrected", "blank_grade"}
