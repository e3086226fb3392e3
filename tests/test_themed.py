"""The themed audits: the example's figures counted again without the library, and a fourth audit from one file.

The extract of 2013 is a workbook whose headings are the questions as asked, that of 2012 a file of rows. Both are
read here with `openpyxl` and `csv` alone, and the tool with a YAML reader.
"""

import csv
import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from ruamel.yaml import YAML

TOP = Path(__file__).parent.parent
GOOD = ("Outstanding", "Good")
ANSWERED = ("Yes", "Partly", "No")


def asked_in(name):
    """Every question of a tool of the example as plain words."""
    tool = YAML(typ="safe").load((TOP / "params" / "tools" / f"{name}.yml").read_text(encoding="utf-8"))
    return {key: one for group in tool["groups"].values() for key, one in group["questions"].items()}


def answers_in(path):
    """The rows of an extract, by the questions as asked or by their keys."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))
    [head, *body] = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(head, cells, strict=True)) for cells in body if any(cells)]


def counted(questions, rows, key):
    """Met, applied and left out of one question."""
    one = questions[key]
    cells = [row[one["ask"]] if one["ask"] in row else row[key] for row in rows]
    if one["type"] == "graded":
        return sum(cell in GOOD for cell in cells), len(cells), 0
    if one["type"] == "yes_partly_no":
        applied = sum(cell in ANSWERED for cell in cells)
        return sum(cell == "Yes" for cell in cells), applied, len(cells) - applied
    if one["type"] == "number":
        most = one["meets"].get("at_most", 10**9)
        return sum(one["meets"].get("at_least", 0) <= int(cell) <= most for cell in cells), len(cells), 0
    if one["type"] == "date":
        after = questions[one["meets"]["after"]]["ask"]
        days = [(row[one["ask"]] - row[after]).days for row in rows]
        return sum(day <= one["meets"]["within_days"] for day in days), len(days), 0
    return sum(cell in one["meets"]["one_of"] for cell in cells), len(cells), 0


@pytest.fixture(scope="module")
def now(council):
    """The questions of 2013 and their answers."""
    return asked_in("domestic_violence"), answers_in(
        council / "extracts" / "example" / "themed_domestic_violence_2013.xlsx"
    )


@pytest.fixture(scope="module")
def before(council):
    """The questions of 2012 and their answers."""
    return asked_in("domestic_violence_2012"), answers_in(
        council / "extracts" / "example" / "themed_domestic_violence_2012.csv"
    )


@pytest.fixture(scope="module")
def facts(family):
    """Every figure of the example's themed audit of domestic violence."""
    ledger = json.loads((family["themed_domestic_violence"] / "facts.json").read_text(encoding="utf-8"))["facts"]
    return {fact["name"]: fact["value"] for fact in ledger}


# --- the example -----------------------------------------------------------------------------------------------------


def test_every_standard_of_the_pack_is_counted_as_without_the_library(facts, now):
    questions, rows = now
    tested = [key for key, one in questions.items() if one["type"] in ("graded", "yes_partly_no") or "meets" in one]
    assert len(tested) > 20
    for key in tested:
        shown = [facts.get(f"standards.{key}.{measure}") for measure in ("n", "of", "left_out")]
        assert shown == list(counted(questions, rows, key)), key


def test_golden_facts(facts):
    """Counted once by hand in the workbook, with its filters."""
    assert facts["completion.all.n"] == 74
    assert facts["completion.all.of"] == 76
    assert [facts[f"standards.child_seen_on.{measure}"] for measure in ("n", "of")] == [55, 74]
    assert [facts[f"standards.change_expected.{measure}"] for measure in ("n", "of")] == [20, 74]
    assert [facts[f"standards.child_plan.{measure}"] for measure in ("n", "of", "left_out")] == [20, 58, 16]
    assert [facts[f"standards_compared.account_heard.last_year.{measure}"] for measure in ("n", "of")] == [16, 64]
    assert facts["options.risk_checklist.filled_in_and_used.n"] == 41


def test_a_bridged_question_is_compared_and_a_changed_one_is_not(facts, now, before):
    questions, rows = before
    compared = {name.split(".")[1] for name in facts if name.startswith("standards_compared.")}
    bridged = {key: one["replaces"] for key, one in now[0].items() if "replaces" in one}
    assert len(bridged) == 3
    for key, old in bridged.items():
        assert key in compared
        shown = [facts[f"standards_compared.{key}.last_year.{measure}"] for measure in ("n", "of")]
        assert shown == list(counted(questions, rows, old))[:2], key
    changed = {key for key in set(questions) & set(now[0]) if questions[key]["ask"] != now[0][key]["ask"]}
    assert changed - set(bridged)
    assert not compared & (changed - set(bridged))


def test_the_page_says_which_questions_are_not_compared_and_why(family):
    page = (family["themed_domestic_violence"] / "report.html").read_text(encoding="utf-8")
    assert "Asked in other words, and not bridged in the tool: Pattern of control understood." in page
    assert "Answered in another way than before: Child seen soon." in page


# --- a fourth, from one file -----------------------------------------------------------------------------------------

PARAMS = """\
notebook: themed_audit
title: "Pathway plans, {period}"
period: {from: 2013-05-01, to: 2013-07-31}
as_of: 2013-09-02
framework: framework.yml
codebook: codebook.yml
tool: ../tools/pathway_plans.yml
extracts: {audits: ../../pathway_plans.xlsx}
"""


def fill_in(form, audits):
    """What auditors type into the form, cell by cell: twelve audits of every three alike."""
    book = openpyxl.load_workbook(form)
    sheet = book["Answers"]
    asked = asked_in_test()
    heads = [cell.value for cell in sheet[1]]
    for at in range(audits):
        kind = at % 3  # well, middling, badly
        born = date(2013, 1, 7) + timedelta(days=at)
        answers = {
            "sixteen_on": born, "plan_on": born + timedelta(days=[60, 92, 93][kind]),
            "plan_quality": ["Good", "Good", "Inadequate"][kind], "owner": ["Yes", "Partly", "No"][kind],
            "written_with": ["Yes", "Yes", "No"][kind], "visits": [4, 3, 1][kind],
            "home": ["Staying put", "Own tenancy", "No settled home"][kind], "help": "Money; Health",
            "said": "The plan was written with her and it is clear who does what.",
        }  # fmt: skip
        fixed = [f"PP-{at:03d}", f"C{5000 + at}", date(2013, 6, 3), "Children in Care", "", "Auditor A"]
        row = dict(zip(heads[:6], fixed, strict=True)) | {asked[key]["ask"]: cell for key, cell in answers.items()}
        for column, head in enumerate(heads, start=1):
            sheet.cell(at + 2, column).value = row[head]
    book.save(form.parent / "pathway_plans.xlsx")


def asked_in_test():
    tool = YAML(typ="safe").load((TOP / "tests" / "data" / "pathway_plans.yml").read_text(encoding="utf-8"))
    return {key: one for group in tool["groups"].values() for key, one in group["questions"].items()}


def test_a_new_themed_audit_is_one_file_and_no_code(copy_of_council, start):
    """The guide's steps: write the tool, make the form, collect it, check it, run it."""
    home = copy_of_council
    shutil.copy(TOP / "tests" / "data" / "pathway_plans.yml", home / "params" / "tools")
    (home / "params" / "example" / "pathway_plans.yml").write_text(PARAMS, encoding="utf-8")
    tool, form = "params/tools/pathway_plans.yml", "form.xlsx"
    made = start("qa_lib", "form", tool, form, "--framework", "params/example/framework.yml", cwd=home)
    assert made.returncode == 0, made.stderr
    fill_in(home / form, 36)
    checked = start("qa_lib", "check", "params/example/pathway_plans.yml", cwd=home)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    ran = start("qa_lib", "run", "params/example/pathway_plans.yml", cwd=home)
    assert ran.returncode == 0, ran.stderr
    pack = home / "outputs" / "example" / "pathway_plans" / "v001"
    facts = {fact["name"]: fact["value"] for fact in json.loads((pack / "facts.json").read_text("utf-8"))["facts"]}
    met = {key: facts[f"standards.{key}.n"] for key in ("plan_on", "plan_quality", "owner", "written_with", "visits")}
    assert met == {"plan_on": 24, "plan_quality": 24, "owner": 12, "written_with": 24, "visits": 24}
    assert facts["standards.home.n"] == 24
    assert facts["several.help.money.n"] == 36
    page = (pack / "report.html").read_text(encoding="utf-8")
    assert "Do our pathway plans help young people to leave care well?" in page
    assert "The young person&#39;s own words stand in the plan." in page
