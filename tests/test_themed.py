"""The themed audits: the example's figures counted again without the library, and a fourth audit from one file.

The extract of 2013 is a workbook whose headings are the questions as asked, that of 2012 a file of rows. Both are
read here with `openpyxl` and `csv` alone, and the tool with a YAML reader.
"""

import csv
import json
import re
import shlex
import shutil
from datetime import date
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
def facts(packs):
    """Every figure of the example's themed audit of domestic violence."""
    ledger = json.loads((packs("themed_domestic_violence") / "facts.json").read_text(encoding="utf-8"))["facts"]
    return {fact["name"]: fact["value"] for fact in ledger}


# --- the example -----------------------------------------------------------------------------------------------------


def test_every_standard_of_the_pack_is_counted_as_without_the_library(facts, now):
    questions, rows = now
    tested = [key for key, one in questions.items() if one["type"] in ("graded", "yes_partly_no") or "meets" in one]
    assert len(tested) > 20
    for key in tested:
        shown = [facts.get(f"standards.{key}.{measure}") for measure in ("n", "of", "left_out")]
        assert shown == list(counted(questions, rows, key)), key


GOLDEN = {  # met, applied, left out
    "child_seen_on": (55, 74, 0), "change_expected": (20, 74, 0), "child_plan": (20, 58, 16),
    "account_heard": (40, 60, 14),
    "risk_checklist": (41, 74, 0),
}  # fmt: skip


@pytest.mark.parametrize(("key", "value"), GOLDEN.items())
def test_a_golden_fact_stands_in_the_pack_and_can_be_counted_again(key, value, facts, now):
    assert tuple(facts[f"standards.{key}.{measure}"] for measure in ("n", "of", "left_out")) == value
    assert counted(*now, key) == value


def test_what_was_planned_and_done_stands_in_the_pack(facts, now):
    assert (facts["completion.all.n"], facts["completion.all.of"]) == (74, 76)
    assert len(now[1]) == 74


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


def test_the_page_says_which_questions_are_not_compared_and_why(packs):
    page = (packs("themed_domestic_violence") / "report.html").read_text(encoding="utf-8")
    assert "Asked in other words, and not bridged in the tool: Pattern of control understood." in page
    assert "Answered in another way than before: Child seen soon." in page


# --- a fourth, from one file -----------------------------------------------------------------------------------------

GUIDE = (
    (TOP / "docs" / "guide.md")
    .read_text(encoding="utf-8")
    .partition("## 11. A themed audit")[2]
    .partition("\n## 12")[0]
)


def blocks_of(language):
    """What the guide's page on themed audits says to type, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)


def fill_in(form, tool, path, audits):
    """What an auditor types into her copy of the form, cell by cell."""
    book = openpyxl.load_workbook(form)
    sheet = book["Answers"]
    asked = {key: one for group in tool["groups"].values() for key, one in group["questions"].items()}
    heads = [cell.value for cell in sheet[1]]
    for at, number in enumerate(audits, start=2):
        kind = number % 3  # well, middling, badly
        answers = {
            "last_review": date(2013, 5, 6), "plan_quality": ["Good", "Good", "Inadequate"][kind],
            "knows_plan": ["Yes", "Partly", "No"][kind], "visits": [4, 3, 1][kind],
            "home": ["A home of their own", "Supported lodgings", "Nowhere settled"][kind], "worries": "Money; Health",
            "young_person_said": "I know who to ring.", "to_develop": "Supervision does not look at the plan.",
        }  # fmt: skip
        fixed = [f"PP-{number:03d}", f"C{5000 + number}", date(2013, 7, 3), "Children in Care", "", "Auditor A"]
        row = dict(zip(heads[:6], fixed, strict=True)) | {asked[key]["ask"]: cell for key, cell in answers.items()}
        for column, head in enumerate(heads, start=1):
            sheet.cell(at, column).value = row[head]
    book.save(path)


def test_a_new_themed_audit_is_one_file_and_no_code_as_the_guide_says(copy_of_council, ask):
    home = copy_of_council
    ours = home / "params" / "ourtown"
    (ours / "tools").mkdir(parents=True)
    for name in ("framework.yml", "codebook.yml"):
        shutil.copy(home / "params" / "example" / name, ours)
    tool, params = blocks_of("yaml")
    (ours / "tools" / "pathway_plans.yml").write_text(tool, encoding="utf-8")
    (ours / "pathway_plans.yml").write_text(params, encoding="utf-8")
    make, check, run = (shlex.split(block)[1:] for block in blocks_of("sh"))

    made = ask(*make, cwd=home)
    assert made.exit_code == 0, made.stderr
    (home / "extracts" / "ourtown").mkdir()
    for name, audits in (("pathway_north.xlsx", range(18)), ("pathway_south.xlsx", range(18, 36))):
        fill_in(home / make[2], YAML(typ="safe").load(tool), home / "extracts" / "ourtown" / name, audits)
    for command in (check, run):
        told = ask(*command, cwd=home)
        assert told.exit_code == 0, told.output

    pack = home / "outputs" / "ourtown" / "pathway_plans" / "v001"
    facts = {fact["name"]: fact["value"] for fact in json.loads((pack / "facts.json").read_text("utf-8"))["facts"]}
    met = {key: facts[f"standards.{key}.n"] for key in ("plan_quality", "knows_plan", "visits")}
    assert met == {
        "plan_quality": 24,
        "knows_plan": 12,
        "visits": 24,
    }  # of 36: two of three, one of three, two of three
    assert [facts[f"options.home.{home}.n"] for home in ("supported_lodgings", "nowhere_settled")] == [12, 12]
    assert facts["several.worries.money.n"] == 36
    page = (pack / "report.html").read_text(encoding="utf-8")
    assert "Do young people who leave care have a plan that they know and that works?" in page
    assert "A young person can say what their plan is." in page


def test_choices_are_told_commonest_first_and_others_last(packs):
    page = (packs("themed_pre_birth") / "report.html").read_text(encoding="utf-8")
    told = re.search(r"Who referred</strong>: ([^<]*)\.</p>", page)[1]
    counts = [int(n) for n in re.findall(r", (\d+) of", told)]
    assert told.rpartition("; ")[2].startswith("and Other answers, ")
    assert counts[:-1] == sorted(counts[:-1], reverse=True)
