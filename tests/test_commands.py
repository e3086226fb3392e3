"""The commands for a family of reports, as they are typed: what they answer, their exit codes, what they leave behind.

What each does is tested with its room; here it is asked for by name, in a council's folder.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from qa_lib.cli import _list_anew, main

TOOL = "params/tools/pre_birth.yml"
THEMED = "extracts/example/themed_pre_birth_2013.xlsx"
AGAINST = ("--tool", TOOL, "--framework", "params/example/framework.yml", "--as-of", "2013-12-02")
NAME = "Kayleigh Brown"


def ask(*words: object):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def here(copy_of_council, monkeypatch):
    """The council's folder, in which the commands are given."""
    monkeypatch.chdir(copy_of_council)
    return copy_of_council


@pytest.fixture
def published(here, pack):
    """The same with a pack in its outputs."""
    shutil.copytree(pack, here / "outputs" / "example" / "2013_q1" / "v001")
    return here / "outputs"


# --- qa next ---------------------------------------------------------------------------------------------------------


def test_next_writes_a_file_that_check_accepts_once_it_has_its_extracts(here):
    (here / "params" / "example" / "2013_q2.yml").unlink()
    told = ask("next", "params/example/2013_q1.yml")
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("params/example/2013_q2.yml is written, for August to October 2013.\n")
    assert told.stdout.endswith("qa check params/example/2013_q2.yml\n")
    assert ask("check", "params/example/2013_q2.yml").exit_code == 0


def test_next_takes_a_name_and_refuses_one_that_is_taken(here):
    assert ask("next", "params/example/2013_q1.yml", "--to", "autumn.yml").exit_code == 0
    assert (here / "params" / "example" / "autumn.yml").is_file()
    told = ask("next", "params/example/2013_q1.yml", "--to", "autumn.yml")
    assert told.exit_code == 2
    assert "Nothing is overwritten" in told.stderr


def test_next_reads_the_one_thing_from_the_outputs_that_are_named(here):
    folder = here / "kept" / "example" / "bulletin_2013_07" / "v001"
    folder.mkdir(parents=True)
    fact = {"name": "bulletin.one_thing_key", "value": "planning", "unit": "words", "source": "bulletin"}
    (folder / "facts.json").write_text(json.dumps({"facts": [fact]}), encoding="utf-8")
    told = ask("next", "params/example/bulletin_2013_07.yml", "--outputs", here / "kept")
    assert told.exit_code == 0, told.output
    new = here / "params" / "example" / "bulletin_2013_08.yml"
    assert YAML(typ="safe").load(new.read_text(encoding="utf-8"))["last_one_thing"] == "planning"


# --- qa index --------------------------------------------------------------------------------------------------------


def test_index_lists_the_packs_and_says_where_it_is(published):
    told = ask("index")
    assert (told.exit_code, told.stdout) == (0, f"All reports: {Path('outputs/index.html')}\n")
    assert "example/2013_q1/v001/report.html" in (published / "index.html").read_text(encoding="utf-8")


def test_index_takes_another_folder_and_refuses_one_that_is_not_there(published):
    published.rename(published.with_name("kept"))
    assert ask("index", "--outputs", "kept").exit_code == 0
    assert (published.with_name("kept") / "index.html").is_file()
    told = ask("index", "--outputs", "nowhere")
    assert told.exit_code == 2
    assert "nowhere is no folder of outputs" in told.stderr


def test_a_run_lists_its_pack(pack):
    assert "example/2013_q1/v001/report.html" in (pack.parents[2] / "index.html").read_text(encoding="utf-8")


def test_a_run_whose_page_of_reports_cannot_be_made_is_told_and_not_undone(published):
    (published / "index.html" / "in the way").mkdir(parents=True)
    assert _list_anew(published).startswith("The page of all reports could not be made. May outputs be written?")
    assert _list_anew(published / ".private").startswith("The page of all reports could not be made.")
    assert sorted(path.name for path in published.iterdir()) == ["example", "index.html"]


def test_a_run_after_which_an_old_pack_cannot_be_read_lists_the_others(published):
    shutil.copytree(published / "example" / "2013_q1" / "v001", published / "example" / "old" / "v001")
    (published / "example" / "old" / "v001" / "run.json").write_bytes(b"\xff{")
    assert _list_anew(published) == f"All reports: {Path('outputs/index.html')}"


# --- qa diff ---------------------------------------------------------------------------------------------------------


def test_diff_tells_the_figures_that_were_restated_and_writes_the_page(published):
    report = published / "example" / "2013_q1"
    shutil.copytree(report / "v001", report / "v002")
    ledger = json.loads((report / "v002" / "facts.json").read_text(encoding="utf-8"))
    [fact] = (fact for fact in ledger["facts"] if fact["name"] == "overall.all.n")
    was, fact["value"] = fact["value"], 1
    (report / "v002" / "facts.json").write_text(json.dumps(ledger), encoding="utf-8")
    told = ask("diff", report / "v001", report, "--page", "diff.html")
    assert told.exit_code == 0, told.output
    assert f"overall.all.n (All audits, count): was {was}; now 1" in told.stdout
    assert told.stdout.endswith("\nPage: diff.html\n")
    assert "overall.<wbr>all.<wbr>n" in Path("diff.html").read_text(encoding="utf-8")


def test_diff_refuses_what_is_no_pack_and_writes_no_page(published):
    told = ask("diff", published / "example" / "2013_q1", "nowhere", "--page", "diff.html")
    assert told.exit_code == 2
    assert "nowhere is no pack. " not in told.stdout
    assert "nowhere is no pack." in told.stderr
    assert not Path("diff.html").exists()


@pytest.mark.skipif(os.name != "posix", reason="a pipe ends in another way there")
def test_a_reader_who_has_stopped_reading_is_no_fault(published):
    reads, writes = os.pipe()
    os.close(reads)
    report = published / "example" / "2013_q1"
    command = [sys.executable, "-m", "qa_lib", "diff", report, report]
    ended = subprocess.run(command, stdout=writes, stderr=subprocess.PIPE, check=False)
    os.close(writes)
    assert ended.stderr == b""


# --- themed audits: form, check, map ---------------------------------------------------------------------------------


def test_form_writes_a_workbook_that_check_reads_back_without_a_map(here):
    told = ask("form", TOOL, "form.xlsx")
    assert (told.exit_code, told.stdout) == (0, "Form: form.xlsx\n")
    book = openpyxl.load_workbook("form.xlsx")
    sheet = book["Answers"]
    headings = {cell.value: cell.column for cell in sheet[1]}
    for heading, answer in (("Audit reference", "A1"), ("Date of audit", "01/10/2013"), ("Service", "First Response")):
        sheet.cell(2, headings[heading], answer)
    book.save("filled.xlsx")
    told = ask("check", "filled.xlsx", *AGAINST)
    assert told.exit_code == 0, told.output
    assert "1 rows read, 1 counted" in told.stdout


def test_form_never_writes_over_answers_and_refuses_a_tool_that_is_none(here):
    (here / "form.xlsx").write_bytes(b"answers")
    told = ask("form", TOOL, "form.xlsx")
    assert (told.exit_code, (here / "form.xlsx").read_bytes()) == (2, b"answers")
    told = ask("form", "params/tools/nowhere.yml", "new.xlsx")
    assert told.exit_code == 2
    assert "nowhere.yml" in told.stderr
    assert not Path("new.xlsx").exists()


def test_check_holds_a_themed_extract_against_its_tool(here):
    told = ask("check", THEMED, *AGAINST)
    assert told.exit_code == 0, told.output
    rows = sum(row[0].value is not None for row in openpyxl.load_workbook(THEMED).active.iter_rows(min_row=2))
    assert rows > 50
    assert f"{rows} rows read, {rows} counted" in told.stdout


def test_check_tells_the_cure_of_a_themed_extract_and_repeats_no_cell(here):
    book = openpyxl.load_workbook(THEMED)
    sheet = book.active
    headings = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(1, headings["Date of audit"], "When")
    answer = headings["How many weeks pregnant was the mother when the referral was made?"]
    sheet.cell(3, answer, NAME)
    book.save("ours.xlsx")
    told = ask("check", "ours.xlsx", *AGAINST)
    assert told.exit_code == 3
    assert "weeks_at_referral" in told.stderr
    assert "row 3" in told.stderr
    assert "of a themed audit: in its tool" in told.stderr
    assert NAME not in told.output


def test_check_says_which_tool_cannot_be_read(here):
    (here / "mine.yml").write_text("title: Mine\nquestions: {}\n", encoding="utf-8")
    told = ask("check", THEMED, "--tool", "mine.yml", *AGAINST[2:])
    assert told.exit_code == 2
    assert "mine.yml" in told.stderr


FORM = f"""\
Reference,Audited on,Which service works with the child,How many weeks pregnant was the mother at referral?,\
Who made this referral?,How good was the pre-birth assessment?,Pressures on either parent,Favourite colour
A1,01/10/2013,First Respones,14,Midwife,Good,drugs or alcohol;  Mental ill health,blue
A2,02/10/2013,Children in Care,20,Midwfe,Gud,,{NAME}
"""


def test_map_proposes_the_columns_of_a_tool_by_its_questions(here):
    (here / "ours.csv").write_text(FORM, encoding="utf-8")
    told = ask("map", "ours.csv", "--tool", TOOL)
    assert told.exit_code == 0, told.output
    proposed = YAML(typ="safe").load(told.stdout)
    assert proposed["columns"] == {
        "Reference": "audit_id",
        "Audited on": "audit_date",
        "Which service works with the child": "service",
        "How many weeks pregnant was the mother at referral?": "weeks_at_referral",
        "Who made this referral?": "referrer",
        "How good was the pre-birth assessment?": "assessment",
        "Pressures on either parent": "pressures",
    }
    assert "# pressures" not in told.stdout  # several choices in one cell are no slip
    assert proposed["spellings"] == {"First Respones": "First Response", "Gud": "Good"}
    assert f"# Proposed for {TOOL}. " in told.stdout
    assert "columns: into that file, and spellings: into your framework.yml" in told.stdout
    assert "# referrer, row 3: none of Midwife" in told.stdout  # a slip that no setting corrects
    assert '# not matched: "Favourite colour"' in told.stdout
    assert NAME not in told.output


def test_what_map_proposes_for_a_tool_makes_the_extract_readable(here):
    (here / "ours.csv").write_text(FORM.replace("Midwfe", "Midwife").replace(NAME, "red"), encoding="utf-8")
    refused = ask("check", "ours.csv", *AGAINST)
    assert refused.exit_code == 3
    columns, _, spellings = ask("map", "ours.csv", "--tool", TOOL).stdout.partition("spellings:\n")
    tool = Path(TOOL).read_text(encoding="utf-8")
    Path(TOOL).write_text(f"{tool}\n{columns}", encoding="utf-8")
    lines = Path(AGAINST[3]).read_text(encoding="utf-8").splitlines()
    [at] = [number for number, line in enumerate(lines, start=1) if line.startswith("spellings:")]
    Path(AGAINST[3]).write_text("\n".join([*lines[:at], *spellings.splitlines(), *lines[at:]]), encoding="utf-8")
    told = ask("check", "ours.csv", *AGAINST)
    assert told.exit_code == 0, told.output
    assert "2 rows read, 2 counted" in told.stdout
