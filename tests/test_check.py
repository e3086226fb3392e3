"""`qa check` and `qa map` answer a person in words and a program in JSON, and neither repeats a cell."""

import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from qa_lib.cli import main
from qa_lib.problems import Problem, in_words, meant_by, shared_out

HERE = Path(__file__).parent
FRAMEWORK = str(HERE.parent / "params" / "example" / "framework.yml")
ASKED = ["--framework", FRAMEWORK, "--period", "2013-05-01:2013-07-31", "--as-of", "2013-10-01"]
HEADINGS = "audit_id,audit_date,service,planning,overall_grade,strengths\n"
PRIVATE = "Kayleigh Brown of 7 Elm Road"


def ask(*words: object):
    return CliRunner().invoke(main, [str(word) for word in words])


def extract(folder: Path, *rows: str, name: str = "audits.csv") -> Path:
    path = folder / name
    path.write_text(HEADINGS + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def bad(tmp_path):
    return extract(
        tmp_path,
        f"A1,01/06/2013,First Response,Gud,Good,{PRIVATE}",
        f"A2,31/06/2013,First Response,{PRIVATE},Good,=HYPERLINK(1)",
        "A3,03/06/2013,First Response,,Good,x",
        "a1,04/06/2013,First Response,Good,Good,x",
    )


def test_the_json_has_the_shape_that_programs_rely_on(bad):
    answer = ask("check", bad, *ASKED, "--json")
    verdict = json.loads(answer.stdout)
    assert answer.exit_code == 3
    assert set(verdict) == {"status", "files"}
    [file] = verdict["files"]
    assert {key: file[key] for key in file if key != "problems"} == {
        "file": "audits.csv", "sheet": "", "rows_read": 4, "rows_counted": 0, "rows_left_out": {"refused": 4},
    }  # fmt: skip
    for problem in file["problems"]:
        assert set(problem) == {"severity", "code", "file", "sheet", "row", "column", "message", "fix"}
    errors = [(p["code"], p["row"], p["column"]) for p in file["problems"] if p["severity"] == "error"]
    assert sorted(errors) == [
        ("bad_date", 3, "audit_date"), ("doubled_id", 2, "audit_id"), ("doubled_id", 5, "audit_id"),
        ("unknown_word", 2, "planning"), ("unknown_word", 3, "planning"),
    ]  # fmt: skip
    assert all(problem["fix"] for problem in file["problems"] if problem["severity"] == "error")


def test_words_and_json_say_the_same_and_neither_repeats_a_cell(bad):
    told, answer = ask("check", bad, *ASKED), ask("check", bad, *ASKED, "--json")
    assert told.exit_code == answer.exit_code == 3
    for problem in json.loads(answer.stdout)["files"][0]["problems"]:
        if problem["severity"] == "error":
            assert problem["message"] in told.stderr
            assert problem["fix"] in told.stderr
    for text in (told.output, answer.output):
        assert 'Did you mean "Good" for "Gud"?' in text.replace('\\"', '"')
        assert "Kayleigh" not in text
        assert "HYPERLINK" not in text


def test_a_good_extract_is_accepted_with_exit_code_0(tmp_path):
    path = extract(tmp_path, "A1,01/06/2013,First Response,Good,Good,x")
    answer = ask("check", path, *ASKED, "--json")
    assert (answer.exit_code, json.loads(answer.stdout)["status"]) == (0, "accept")
    assert "audits.csv: 1 rows read, 1 counted" in ask("check", path, *ASKED).stdout


def test_a_blank_grade_is_accepted_with_a_warning_that_names_the_row(tmp_path):
    path = extract(tmp_path, "A1,01/06/2013,First Response,,Good,x")
    verdict = json.loads(ask("check", path, *ASKED, "--json").stdout)
    assert verdict["status"] == "accept_with_warning"
    assert [(p["code"], p["row"], p["column"]) for p in verdict["files"][0]["problems"]] == [
        ("blank_grade", 2, "planning")
    ]


def test_without_a_period_every_row_counts(tmp_path):
    path = extract(tmp_path, "A1,01/06/2003,First Response,Good,Good,x")
    verdict = json.loads(ask("check", path, "--framework", FRAMEWORK, "--as-of", "2013-10-01", "--json").stdout)
    assert verdict["files"][0]["rows_counted"] == 1
    outside = json.loads(ask("check", path, *ASKED, "--json").stdout)
    assert outside["status"] == "reject"
    assert "no_audits" in {problem["code"] for problem in outside["files"][0]["problems"]}


def test_one_refused_file_of_several_refuses_them_all_and_counts_the_good_one(tmp_path, bad):
    good = extract(tmp_path, "B1,01/06/2013,First Response,Good,Good,x", name="good.csv")
    verdict = json.loads(ask("check", good, bad, *ASKED, "--json").stdout)
    assert verdict["status"] == "reject"
    assert [(file["file"], file["rows_counted"]) for file in verdict["files"]] == [("good.csv", 1), ("audits.csv", 0)]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], "--framework"),
        (["--framework", FRAMEWORK], "--as-of"),
        ([*ASKED[:2], "--as-of", "yesterday"], "--as-of"),
        ([*ASKED[:2], "--as-of", "2013-10-01", "--period", "2013-07-31:2013-05-01"], "--period"),
        ([*ASKED[:2], "--as-of", "2013-10-01", "--period", "2013-05-01"], "--period"),
        (["--framework", "nowhere.yml", "--as-of", "2013-10-01"], "nowhere.yml"),
    ],
)
def test_a_missing_or_wrong_option_is_named_with_exit_code_2(bad, words, named):
    told, answer = ask("check", bad, *words), ask("check", bad, *words, "--json")
    assert told.exit_code == answer.exit_code == 2
    assert named in told.stderr
    assert named in json.dumps(json.loads(answer.stdout)["problems"])


def test_a_params_file_is_checked_with_everything_that_it_names(copy_of_council):
    path = copy_of_council / "params" / "example" / "2013_q1.yml"
    answer = ask("check", path, "--json")
    verdict = json.loads(answer.stdout)
    assert answer.exit_code == 0
    evidence, plans = [255, 253, 255, 247, 254], [21, 24, 26]
    others = [45, *evidence, *plans, 2379, 159, 159]  # second looks, other activities, actions, case list, draws
    assert [file["rows_read"] for file in verdict["files"]] == [126, 119, 114, 123, 126, *others]
    hurt = copy_of_council / "extracts" / "example" / "audits_2012_q2.csv"
    hurt.write_text(hurt.read_text(encoding="utf-8").replace(",Good,", ",Gud,", 1), encoding="utf-8")
    answer = ask("check", path, "--json")
    assert answer.exit_code == 3
    counted = [file["rows_counted"] for file in json.loads(answer.stdout)["files"]]
    assert counted == [126, 0, 114, 123, 126, *others]


# --- the first 200, then a count -------------------------------------------------------------------------------------


def test_every_fault_is_listed_up_to_200_and_then_counted(tmp_path):
    rows = [f"A{at},01/06/2013,First Response,Splendid,Good,x" for at in range(260)]
    rows[100] = "A100,31/06/2013,First Response,Splendid,Good,x"
    path = extract(tmp_path, *rows)
    told, answer = ask("check", path, *ASKED), ask("check", path, *ASKED, "--json")
    problems = json.loads(answer.stdout)["files"][0]["problems"]
    assert len(problems) == 201
    assert problems[-1]["code"] == "more"
    assert "61 more" in problems[-1]["message"]
    assert ("bad_date", 102) in {(p["code"], p["row"]) for p in problems}  # the lone one is not crowded out
    assert "row 102" in told.stderr
    assert " 61 more" in told.stderr


def test_rows_told_are_shared_out_in_turn():
    long, short, bare = Problem("a", "x.", rows=tuple(range(500))), Problem("b", "y.", rows=(1, 2)), Problem("c", "z.")
    assert [(p.code, n) for p, n in shared_out([long, short, bare], 10)] == [("a", 7), ("b", 2), ("c", 1)]
    assert [(p.code, n) for p, n in shared_out([long, short, bare], 2)] == [("a", 1), ("b", 1)]
    assert "And 1 more." in in_words([Problem(str(at), "x.") for at in range(201)])


def test_a_hint_never_turns_a_word_into_its_opposite():
    grades = ["Outstanding", "Good", "Requires improvement", "Inadequate"]
    assert meant_by("Adequate", grades) is None
    assert meant_by("Inadequte", grades) == "Inadequate"
    assert meant_by("Oustanding", grades) == "Outstanding"
    assert meant_by("oGod", grades) == "Good"
    assert meant_by("met", ["Not met", "Met"]) == "Met"


# --- the fix list ----------------------------------------------------------------------------------------------------


def sheet_of(path: Path) -> list[list[object]]:
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["To put right"]
    return [list(row) for row in book.active.iter_rows(values_only=True)]


def test_the_fix_list_says_where_what_and_how_and_holds_no_cell(tmp_path, bad):
    path = tmp_path / "fix.xlsx"
    told = ask("check", bad, *ASKED, "--fix-list", path)
    assert told.exit_code == 3
    assert "fix.xlsx" in told.stdout
    head, *lines = sheet_of(path)
    assert head == ["File", "Sheet", "Row", "Column", "What is wrong", "How to put it right", "Done"]
    assert sorted((line[2], line[3]) for line in lines) == [
        (2, "audit_id"), (2, "planning"), (3, "audit_date"), (3, "planning"), (4, "planning"), (5, "audit_id"),
    ]  # fmt: skip
    assert all(line[4] and line[5] for line in lines)
    assert [line[4] for line in lines if line[2] == 4] == ["blank: counted as not recorded."]
    assert "Kayleigh" not in str(lines)
    assert "HYPERLINK" not in str(lines)


def test_the_fix_list_may_not_take_the_place_of_an_extract(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["audit_id"])
    book.save(tmp_path / "audits.xlsx")
    before = (tmp_path / "audits.xlsx").read_bytes()
    told = ask("check", tmp_path / "audits.xlsx", *ASKED, "--fix-list", tmp_path / "audits.xlsx")
    assert told.exit_code == 2
    assert (tmp_path / "audits.xlsx").read_bytes() == before
    assert ask("check", tmp_path / "audits.xlsx", *ASKED, "--fix-list", tmp_path / "fix.csv").exit_code == 2


def test_a_sheet_or_heading_spelled_as_a_formula_stays_text_in_the_fix_list(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "=1+1"
    book.active.append(["audit_id", "audit_date", "overall_grade"])
    book.active.append(["A1", "x", "Good"])
    book.save(tmp_path / "a.xlsx")
    ask("check", tmp_path / "a.xlsx", *ASKED, "--fix-list", tmp_path / "fix.xlsx")
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "fix.xlsx").active for cell in row]
    assert "=1+1" in {cell.value for cell in cells}
    assert {cell.data_type for cell in cells} <= {"s", "n"}


# --- maps ------------------------------------------------------------------------------------------------------------

FORM = """Response ID,Completion time,Which service?,Q1 How good was the assessment?,Q2 Quality of the plan (planning),\
Overall judgement,What is going well (strengths),Was the child spoken to?,Manager's shoe size
17,03/06/2013,First Respones,Good,Requires Improvment,Good,Kayleigh is safe,Yes,7
18,04/06/2013,Children in Care,Gud,Splendid Kayleigh,Inadequate,Warm,No,8
"""


def test_a_map_is_proposed_by_heading_and_values_and_reads_as_yaml(tmp_path):
    path = tmp_path / "form.csv"
    path.write_text(FORM, encoding="utf-8")
    told = ask("map", path)
    assert told.exit_code == 0
    proposed = YAML(typ="safe").load(told.stdout)
    assert proposed["columns"] == {
        "Response ID": "audit_id",
        "Completion time": "audit_date",
        "Which service?": "service",
        "Q1 How good was the assessment?": "assessment",
        "Q2 Quality of the plan (planning)": "planning",
        "Overall judgement": "overall_grade",
        "What is going well (strengths)": "strengths",
        "Was the child spoken to?": "child_spoken_to",
    }
    assert proposed["spellings"] == {"First Respones": "First Response", "Gud": "Good"}
    assert '# not matched: "Manager\'s shoe size"' in told.stdout
    assert "# planning, row 3" in told.stdout
    assert "Kayleigh" not in told.output


def test_what_is_proposed_makes_the_extract_readable(tmp_path):
    path = tmp_path / "form.csv"
    path.write_text(FORM.replace("Splendid Kayleigh", "Good"), encoding="utf-8")
    snippet = ask("map", path).stdout
    lines = (HERE.parent / "params" / "example" / "framework.yml").read_text(encoding="utf-8").splitlines()
    at, also = lines.index(next(line for line in lines if line.startswith("columns:"))), "spellings:"
    columns, _, spellings = snippet.partition(f"{also}\n")
    text = "\n".join([*lines[: at + 1], *columns.splitlines()[2:], *lines[at + 1 :]])
    text = text.replace("\nspellings: ", "\nspellings:\n" + spellings.rstrip() + "\n#", 1)
    (tmp_path / "framework.yml").write_text(text, encoding="utf-8")
    told = ask("check", path, "--framework", tmp_path / "framework.yml", *ASKED[2:])
    assert told.exit_code == 0, told.output


@pytest.mark.parametrize(
    "text", ["A1,Kayleigh,01/06/2013,Good\nA2,Jade,02/06/2013,Good\n", "Kayleigh\nJade\n", "", "1,2,3\n4,5,6\n"]
)
def test_a_file_without_headings_gets_no_map_and_shows_nothing(tmp_path, text):
    (tmp_path / "form.csv").write_text(text, encoding="utf-8")
    told = ask("map", tmp_path / "form.csv")
    assert told.exit_code == 3
    assert "Kayleigh" not in told.output


def test_a_map_marks_what_it_is_not_sure_of(tmp_path):
    text = "Reference,Date of visit,Date of report,Overall judgement,Plan\nX,01/06/2013,02/06/2013,Good,text\n"
    (tmp_path / "form.csv").write_text(text, encoding="utf-8")
    lines = ask("map", tmp_path / "form.csv").stdout.splitlines()
    [day] = [line for line in lines if ": audit_date" in line]
    assert "# uncertain" in day
    [overall] = [line for line in lines if line.endswith(": overall_grade")]
    assert "uncertain" not in overall


def test_a_fault_of_the_workbook_itself_is_told_without_the_words_of_the_error(tmp_path, monkeypatch):
    from qa_lib.run import verdict

    def broken(*_: object) -> None:
        raise ValueError(PRIVATE)

    monkeypatch.setattr(verdict, "check_files", broken)
    told = ask("check", extract(tmp_path, "A1,01/06/2013,First Response,Good,Good,x"), *ASKED)
    assert told.exit_code == 1
    assert "unexpected fault (ValueError at test_check.py" in told.stderr
    assert "Kayleigh" not in told.output
