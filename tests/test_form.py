"""The form of a themed audit: what auditors are given, and that their answers come back as they wrote them."""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from copy import copy
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_lib.intake.extracts import check_extracts, read_extracts
from qa_lib.intake.reading import Extract
from qa_lib.intake.rules import Rules
from qa_lib.problems import SETTINGS, QAError
from qa_lib.report.audit_form import render_form
from qa_lib.report.form_sheet import MOST_MESSAGE, MOST_TITLE, ROWS, shortened
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import YES_PARTLY_NO
from qa_lib.settings.period import Period
from qa_lib.settings.question import Question, Type
from qa_lib.settings.report import read_report
from qa_lib.settings.tool import FORM_HEADINGS, AuditTool
from qa_lib.settings.yaml import read_settings

PARAMS = Path(__file__).parents[1] / "params"
FRAMEWORK = read_settings(PARAMS / "example" / "framework.yml", Framework)
NAMES = ("domestic_violence", "residential_care", "pre_birth")
TOOLS = {name: read_settings(PARAMS / "tools" / f"{name}.yml", AuditTool) for name in NAMES}
QUARTER = Period("current", date(2013, 5, 1), date(2013, 7, 31))
AS_OF = date(2013, 10, 1)
HOSTILE = (
    "=cmd|' /C calc'!A0", "{=1+1}", "+1", "-1", "@SUM(A1)", "<script>alert(1)</script>", "https://example.org",
    "internal:'Lists'!A1", "& <b>", "007", "1e5", "TRUE", "#REF!", "_x0041_", 'A "quoted", comma',
)  # fmt: skip
RENDER = """
import sys
from pathlib import Path
from qa_lib.report.audit_form import render_form
from qa_lib.settings.framework import Framework
from qa_lib.settings.tool import AuditTool
from qa_lib.settings.yaml import read_settings
render_form(read_settings(Path(sys.argv[1]), AuditTool), read_settings(Path(sys.argv[2]), Framework), Path(sys.argv[3]))
"""
Answers = dict[str, Any]


def tool_of(*questions: dict[str, Any], **more: Any) -> AuditTool:
    """A tool of one group, with keys q0, q1 and so on."""
    asked = {f"q{at}": {"label": "Label", "type": "text", **question} for at, question in enumerate(questions)}
    words = dict.fromkeys(("title", "version", "question", "why", "chosen", "answered_by"), "words")
    return AuditTool.model_validate({**words, "groups": {"g": {"label": "Group", "questions": asked}}, **more})


def fill(path: Path, tool: AuditTool, rows: Sequence[Answers], first: int = 2) -> None:
    """Write answers below the headings, as Excel stores what an auditor types: a cell has the looks of its column."""
    book = openpyxl.load_workbook(path)
    sheet = book["Answers"]
    at = {key: number for number, key in enumerate([*FORM_HEADINGS, *tool.questions], start=1)}
    columns = columns_of(sheet)
    for number, answers in enumerate(rows, start=first):
        for key, value in answers.items():
            cell = sheet.cell(number, at[key])
            cell._style = copy(columns[at[key]]._style)
            assert not cell.protection.locked
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    book.save(path)


def columns_of(sheet: Any) -> dict[int, Any]:
    """What the file says of every column, by its number; columns alike that stand side by side share an entry."""
    found = sheet.column_dimensions.values()
    return {number: column for column in found for number in range(column.min, column.max + 1)}


def read_back(path: Path, tool: AuditTool) -> Extract:
    rules = Rules(FRAMEWORK, AS_OF, (QUARTER,), kinds={"themed": tool.kind("themed", ("current",))})
    (extract,) = check_extracts({"themed": (path,)}, rules)
    return extract


def answers_of(extract: Extract, tool: AuditTool) -> list[Answers]:
    """The rows that count, with None for what was left blank."""
    columns = [*FORM_HEADINGS, *tool.questions]
    rows = extract.table[columns].astype(object).to_dict("records")
    return [
        {
            key: None if pd.isna(value) or value == "" else value.date() if isinstance(value, pd.Timestamp) else value
            for key, value in row.items()
        }
        for row in rows
    ]


def shown_words(book: openpyxl.Workbook, rule: Any) -> tuple[str, ...]:
    """The words of a drop-down, looked up where its rule says that they stand."""
    name, _, place = rule.formula1.partition("!")
    assert name == "Lists"
    return tuple(row[0].value for row in book[name][place.replace("$", "")])


def rules_of(book: openpyxl.Workbook) -> dict[int, Any]:
    """The rule of every column, by its number."""
    rules = book["Answers"].data_validations.dataValidation
    found = {cells.min_col: rule for rule in rules for cells in rule.sqref.ranges}
    assert all((cells.min_row, cells.max_row) == (2, ROWS + 1) for rule in rules for cells in rule.sqref.ranges)
    return found


# --- answers come back ----------------------------------------------------------------------------------------------

LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"])
WORDS = st.text(st.one_of(st.sampled_from(" =+-@,'\"<&>_;:é\U0001f600\n"), LETTERS), min_size=1, max_size=30)


def long(most: int) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), WORDS, st.lists(WORDS, max_size=20).map(lambda words: " ".join(words)[:most]))


@st.composite
def questions(draw: st.DrawFn, number: int, dates: Sequence[str]) -> dict[str, Any]:
    types = ["graded", "yes_partly_no", "number", "date", "choice", "choices", "text"]
    asked: dict[str, Any] = {
        "label": draw(WORDS.filter(str.strip)),
        "ask": f"{draw(long(280))}#{number}",
        "type": draw(st.sampled_from(types)),
        "standard": draw(long(400)),
        "guidance": draw(long(400)),
        "who": draw(long(80)),
    }
    if asked["type"] in {"choice", "choices"}:
        words = draw(st.lists(WORDS, min_size=2, max_size=12))
        asked["options"] = tuple(" ".join([*word.replace(";", ",").split(), str(at)]) for at, word in enumerate(words))
    if draw(st.booleans()):
        meets: dict[str, Any] = {
            "number": {"at_most": draw(st.integers(0, 9))},
            "choice": {"one_of": asked.get("options", ())[:1]},
        }
        meets |= {"date": {"within_days": 5, "after": draw(st.sampled_from(dates))}} if dates else {}
        asked["meets"] = meets.get(asked["type"])
    return asked


@st.composite
def tools(draw: st.DrawFn) -> AuditTool:
    groups: dict[str, Any] = {}
    dates: list[str] = []
    number = 0
    for at in range(draw(st.integers(1, 9))):
        asked = {}
        for _ in range(draw(st.integers(1, 4))):
            number += 1
            asked[f"q{number}"] = draw(questions(number, dates))
            dates += [f"q{number}"] if asked[f"q{number}"]["type"] == "date" else []
        groups[f"g{at}"] = {"label": draw(WORDS), "about": draw(long(400)), "questions": asked}
    words = {key: draw(WORDS) for key in ("title", "version", "question", "why", "chosen", "answered_by")}
    return AuditTool.model_validate(
        {**words, "groups": groups, "look_back_months": draw(st.none() | st.integers(1, 99))}
    )


@st.composite
def written(draw: st.DrawFn, question: Question) -> Any:
    """An answer as it is typed; None leaves the cell blank."""
    several = st.lists(st.sampled_from(question.options or ("",)), unique=True, min_size=1)
    return draw(
        st.none()
        | {
            "graded": st.sampled_from(FRAMEWORK.scale.allowed),
            "yes_partly_no": st.sampled_from(YES_PARTLY_NO),
            "number": st.integers(0, 999_999_999),
            "date": st.dates(FRAMEWORK.earliest_date, AS_OF),
            "choice": st.sampled_from(question.options or ("",)),
            "choices": several.map("; ".join),
            "text": long(200).map(lambda text: text.strip() or None),
        }[question.type]
    )


@st.composite
def rows_of(draw: st.DrawFn, tool: AuditTool) -> list[Answers]:
    return [
        {
            "audit_id": f"TA-{at:03}",
            "case_id": draw(st.none() | st.just(f"000{at}")),
            "audit_date": draw(st.dates(QUARTER.start, QUARTER.end)),
            "service": draw(st.none() | st.sampled_from(FRAMEWORK.services)),
            "team": draw(st.none() | st.just("North")),
            "auditor": draw(st.none() | st.just("Ann")),
            **{key: draw(written(question)) for key, question in tool.questions.items()},
        }
        for at in range(draw(st.integers(1, 5)))
    ]


def as_read(answers: Answers, tool: AuditTool) -> Answers:
    """What was written, as the intake should give it: options as the tool spells and orders them."""
    read = dict(answers)
    for key, question in tool.questions.items():
        if question.options and read[key]:
            chosen = read[key].split("; ")
            read[key] = "; ".join(option for option in question.options if option in chosen)
    return read


def assert_comes_back(tool: AuditTool, rows: list[Answers], path: Path) -> None:
    render_form(tool, FRAMEWORK, path)
    fill(path, tool, rows)
    extract = read_back(path, tool)
    assert [problem.sentence for problem in extract.problems if problem.severity == "error"] == []
    assert {problem.code for problem in extract.problems} <= {"blank_grade", "blank_service"}
    assert (extract.sheet, extract.rows_read, extract.rows_counted) == ("Answers", len(rows), len(rows))
    assert answers_of(extract, tool) == [as_read(answers, tool) for answers in rows]


PATHWAY = """\
title: Pathway plans
version: "1"
question: Do young people who leave care have a plan that they know and that works?
why: Some have told us that they never saw theirs.
chosen: At random.
answered_by: Two auditors.
groups:
  plan:
    label: The plan
    questions:
      last_review: {label: Last review, ask: When was the plan last reviewed?, type: date}
      plan: {label: The plan, ask: How good is the plan?, type: graded}
      knows: {label: Knows the plan, ask: Does the young person know the plan?, type: yes_partly_no}
      visits: {label: Visits, ask: How many visits were there?, type: number, meets: {at_least: 3}}
      home: {label: Home, ask: Where does the young person live?, type: choice, options: [Own home, Nowhere]}
      worries: {label: Worries, ask: Which worries are there?, type: choices, options: [Money, Health, "Work, or none"]}
      said: {label: What was said, ask: What did the young person say?, type: text, voice: child}
"""
PATHWAY_REPORT = """\
notebook: themed_audit
title: Pathway plans
period: {from: 2013-06-01, to: 2013-06-30}
as_of: 2013-10-01
framework: FRAMEWORK
codebook: CODEBOOK
tool: tool.yml
extracts: {audits: [ann.xlsx, ben.xlsx]}
"""
# Two auditors' answers, row by row as they type them in the order of the form; None is a cell left blank.
ANN = [
    ["PP-1", "00071", date(2013, 6, 3), "Children in Care", "North", "Ann", date(2013, 1, 31), "Good", "Yes", 4,
     "Own home", "Money; Health", "=I want to be asked.\n\nMore often."],
    ["PP-2", "00072", date(2013, 6, 4), "Children in Care", None, "Ann", None, "Not applicable", "Not applicable", 0,
     "Nowhere", "Work, or none", None],
]  # fmt: skip
BEN = [
    ["PP-3", None, date(2013, 6, 28), None, "South", "Ben", date(2013, 5, 7), None, None, None, None, None, "-"],
]  # fmt: skip


def test_two_auditors_fill_in_the_form_and_a_report_reads_each_answer_without_a_map_of_headings(tmp_path):
    (tmp_path / "tool.yml").write_text(PATHWAY, encoding="utf-8")
    beside = {"FRAMEWORK": "framework.yml", "CODEBOOK": "codebook.yml"}
    asked = PATHWAY_REPORT
    for mark, name in beside.items():
        asked = asked.replace(mark, str(PARAMS / "example" / name))
    (tmp_path / "report.yml").write_text(asked, encoding="utf-8")
    tool = read_settings(tmp_path / "tool.yml", AuditTool)
    assert {question.type for question in tool.questions.values()} == set(get_args(Type))
    for name, rows in (("ann", ANN), ("ben", BEN)):
        render_form(tool, FRAMEWORK, tmp_path / f"{name}.xlsx")
        columns = [*FORM_HEADINGS, *tool.questions]
        fill(tmp_path / f"{name}.xlsx", tool, [dict(zip(columns, row, strict=True)) for row in rows])
    audits = read_extracts(read_report(tmp_path / "report.yml")).audits
    read = audits.audits.set_index("audit_id")
    assert read["case_id"].tolist() == ["00071", "00072", ""]
    assert read["service"].tolist() == ["Children in Care", "Children in Care", "Not recorded"]
    assert [None if pd.isna(day) else day.date() for day in read["last_review"]] == [
        date(2013, 1, 31), None, date(2013, 5, 7),
    ]  # fmt: skip
    assert audits.gradings["grade"].tolist() == ["Good", "Not applicable", "Not recorded"]
    assert read["knows"].tolist() == ["Yes", "Not applicable", "Not recorded"]
    assert read["visits"].fillna(-1).tolist() == [4, 0, -1]
    assert read["home"].tolist() == ["Own home", "Nowhere", ""]
    assert read["worries"].tolist() == ["Money; Health", "Work, or none", ""]
    told = list(zip(audits.comments["audit_id"], audits.comments["column"], audits.comments["text"], strict=True))
    assert told == [("PP-1", "said", "=I want to be asked.\n\nMore often."), ("PP-3", "said", "-")]


@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_answers_to_each_tool_of_the_example_come_back_as_they_were_written(name, data, tmp_path_factory):
    rows = data.draw(rows_of(TOOLS[name]))
    assert_comes_back(TOOLS[name], rows, tmp_path_factory.mktemp("form") / "form.xlsx")


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_answers_to_any_tool_come_back_as_they_were_written(data, tmp_path_factory):
    tool = data.draw(tools())
    assert_comes_back(tool, data.draw(rows_of(tool)), tmp_path_factory.mktemp("form") / "form.xlsx")


def test_words_that_look_like_something_else_come_back_as_words(tmp_path):
    options = tuple(f"{word} {at}" for at, word in enumerate(HOSTILE))
    tool = tool_of(
        *({"ask": f"{word}?"} for word in HOSTILE),
        {"ask": "Which?", "type": "choice", "options": options},
        {"ask": "Which of them?", "type": "choices", "options": options},
    )
    texts = {f"q{at}": word for at, word in enumerate(HOSTILE)}
    row = {**dict.fromkeys(FORM_HEADINGS), "audit_id": "1", "audit_date": date(2013, 6, 1), **texts}
    rows = [{**row, "audit_id": f"{at}", f"q{len(HOSTILE)}": word, f"q{len(HOSTILE) + 1}": word}
            for at, word in enumerate(options)]  # fmt: skip
    assert_comes_back(tool, rows, tmp_path / "form.xlsx")


def test_a_form_that_nobody_filled_in_is_refused_for_its_lack_of_rows_alone(tmp_path):
    render_form(TOOLS["pre_birth"], FRAMEWORK, tmp_path / "form.xlsx")
    assert [problem.code for problem in read_back(tmp_path / "form.xlsx", TOOLS["pre_birth"]).problems] == ["empty"]


def test_a_form_may_be_filled_to_its_last_row(tmp_path):
    tool = TOOLS["residential_care"]
    render_form(tool, FRAMEWORK, tmp_path / "form.xlsx")
    fill(tmp_path / "form.xlsx", tool, [{"audit_id": f"A{n}", "audit_date": date(2013, 5, 2)} for n in range(ROWS)])
    extract = read_back(tmp_path / "form.xlsx", tool)
    assert (extract.rows_counted, extract.refused) == (ROWS, False)


def test_guidance_that_speaks_of_the_headings_is_not_taken_for_answers(tmp_path):
    words = {"label": "Audit reference", "standard": "Case number", "guidance": "Auditor", "who": "Team"}
    tool = tool_of({"ask": "How?", **words}, audit_id="row")
    render_form(tool, FRAMEWORK, tmp_path / "form.xlsx")
    fill(tmp_path / "form.xlsx", tool, [{"audit_date": date(2013, 5, 2), "q0": "Well"}])
    extract = read_back(tmp_path / "form.xlsx", tool)
    assert (extract.sheet, extract.rows_counted, extract.refused) == ("Answers", 1, False)


# --- what an auditor sees -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def books(tmp_path_factory) -> dict[str, openpyxl.Workbook]:
    folder = tmp_path_factory.mktemp("forms")
    for name, tool in TOOLS.items():
        render_form(tool, FRAMEWORK, folder / f"{name}.xlsx")
    return {name: openpyxl.load_workbook(folder / f"{name}.xlsx") for name in TOOLS}


@pytest.mark.parametrize("name", NAMES)
def test_the_headings_are_the_fixed_ones_then_each_question_in_its_own_words_coloured_by_group(books, name):
    sheet, tool = books[name]["Answers"], TOOLS[name]
    asks = [question.ask for question in tool.questions.values()]
    assert [cell.value for cell in sheet[1]] == [*FORM_HEADINGS.values(), *asks]
    assert all(cell.alignment.wrap_text for cell in sheet[1])
    colours = [cell.fill.fgColor.rgb for cell in sheet[1]]
    fixed, by_group = colours[: len(FORM_HEADINGS)], iter(colours[len(FORM_HEADINGS) :])
    of_each = [{next(by_group) for _ in group.questions} for group in tool.groups.values()]
    assert set(fixed) == {"FF12436D"}  # the council's colour
    assert all(len(found) == 1 for found in of_each)
    assert len(set.union(*of_each)) == len(tool.groups)


@pytest.mark.parametrize("name", NAMES)
def test_only_what_is_not_to_be_filled_in_is_locked_and_there_is_no_password(books, name):
    sheet = books[name]["Answers"]
    assert sheet.max_row == 1
    assert all(cell.protection.locked for cell in sheet[1])
    assert {n: column.protection.locked for n, column in columns_of(sheet).items()} == dict.fromkeys(
        range(1, sheet.max_column + 1), False
    )
    protection = sheet.protection
    assert protection.sheet
    assert not protection.password
    assert (protection.formatRows, protection.formatColumns) == (False, False)  # False: it is not forbidden
    assert all(other.protection.sheet for other in books[name])


@pytest.mark.parametrize("name", NAMES)
def test_each_cell_offers_what_may_be_answered_and_refuses_the_rest(books, name):
    tool, rules = TOOLS[name], rules_of(books[name])
    kinds = {"date": ("date", "greaterThanOrEqual"), "number": ("whole", "between")}
    words = {"graded": FRAMEWORK.scale.allowed, "yes_partly_no": YES_PARTLY_NO}
    columns = {**dict.fromkeys(FORM_HEADINGS), **tool.questions}
    assert sorted(rules) == list(range(1, len(columns) + 1))
    for at, (key, question) in enumerate(columns.items(), start=1):
        rule = rules[at]
        held = question.type if question else {"audit_date": "date", "service": "service"}.get(key, "text")
        if held in kinds:
            assert (rule.type, rule.operator or "between") == kinds[held]
        elif held in {"text", "choices"}:
            assert rule.type in {None, "none"}
        else:
            options = FRAMEWORK.services if question is None else words.get(held, question.options)
            assert shown_words(books[name], rule) == options
        if rule.type not in {None, "none"}:
            assert (rule.errorStyle or "stop", rule.showErrorMessage, bool(rule.error)) == ("stop", True, True)


def test_dates_are_held_against_the_earliest_and_shown_day_first(books):
    first = datetime.combine(FRAMEWORK.earliest_date, datetime.min.time())
    days = (first - datetime(1899, 12, 30)).days  # noqa: DTZ001  Excel's own first day
    assert {rule.formula1 for rule in rules_of(books["pre_birth"]).values() if rule.type == "date"} == {str(days)}
    columns = columns_of(books["pre_birth"]["Answers"])
    assert columns[3].number_format == "dd/mm/yyyy"
    assert columns[2].number_format == "@"  # a case number keeps its zeros


@pytest.mark.parametrize("name", NAMES)
def test_beside_each_cell_stands_a_message_that_excel_can_show(books, name):
    for at, (key, question) in enumerate({**dict.fromkeys(FORM_HEADINGS), **TOOLS[name].questions}.items(), start=1):
        rule = rules_of(books[name])[at]
        assert 0 < len(rule.promptTitle) <= MOST_TITLE, key
        assert 0 < len(rule.prompt) <= MOST_MESSAGE, key
        assert rule.showInputMessage
        if question and question.type != "choices":
            assert question.guidance[:100] in rule.prompt
        if question and question.who:
            assert rule.prompt.startswith(f"For: {question.who}.")
        if question and question.type == "choices":
            assert rule.prompt.startswith(f"Several, with ; between: {'; '.join(question.options)}.")


@pytest.mark.parametrize("name", NAMES)
def test_the_guidance_says_all_that_the_tool_says(books, name):
    tool, sheet = TOOLS[name], books[name]["Guidance"]
    cells = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value}
    head = {tool.question, tool.why, tool.chosen, tool.answered_by, tool.version}
    groups = {text for group in tool.groups.values() for text in (group.label, group.about)}
    assert head | groups <= cells
    assert any(tool.title in text for text in cells)
    rows = {row[1]: row for row in sheet.iter_rows(values_only=True)}
    for question in tool.questions.values():
        label, _, how, may, standard, guidance, who = rows[question.ask]
        assert (label, standard or "", guidance) == (question.label, question.standard, question.guidance)
        assert who == (question.who or "Every auditor")
        assert how
        assert all(option in may for option in question.options)
        assert ("Several, with ; between" in may) == (question.type == "choices")
    assert sheet.sheet_state == "visible"
    assert books[name]["Lists"].sheet_state == "hidden"


@pytest.mark.parametrize("name", NAMES)
def test_headings_stay_in_sight_and_are_printed_on_every_page(books, name):
    sheet = books[name]["Answers"]
    assert sheet.freeze_panes == "C2"
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
    assert (sheet.print_title_rows, sheet.print_title_cols) == ("$1:$1", "$A:$B")
    assert books[name].active.title == "Answers"


@pytest.mark.parametrize("name", NAMES)
def test_the_file_says_its_title_and_names_nobody(books, name):
    properties = books[name].properties
    assert properties.title == f"{TOOLS[name].title}: audit form"
    assert not properties.creator
    assert not properties.lastModifiedBy


def test_nothing_in_a_form_acts_whatever_the_tool_says(tmp_path):
    questions = [
        {"ask": f"{word}?", "label": word, "guidance": word, "standard": word, "who": word} for word in HOSTILE
    ]
    render_form(tool_of(*questions, title="=1+1"), FRAMEWORK, tmp_path / "form.xlsx")
    with zipfile.ZipFile(tmp_path / "form.xlsx") as parts:
        for name in parts.namelist():
            xml = parts.read(name).decode()
            assert not re.search(r"<(?:\w+:)?f[ >/]|<hyperlink", xml), name
            assert 'TargetMode="External"' not in xml, name
            assert not re.search(r"calcChain|externalLink|vba|oleObject|connections", name)


@pytest.mark.parametrize("most", [8, 32, 255])
@given(text=st.text(max_size=400))
def test_a_shortened_text_fits_and_begins_as_the_whole_does(most, text):
    short = shortened(text, most)
    assert len(short.encode("utf-16-le", "surrogatepass")) // 2 <= most
    assert short == text or (short.endswith("…") and text.startswith(short.removesuffix("…").rstrip()))


def test_a_text_is_shortened_between_words():
    assert shortened("Referral record, chronology and contacts", 26) == "Referral record, …"


# --- the file -------------------------------------------------------------------------------------------------------


def test_the_same_tool_gives_the_same_bytes_in_another_process_zone_and_folder(tmp_path):
    made = []
    for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland")):
        path = tmp_path / seed / "form.xlsx"
        path.parent.mkdir()
        files = [PARAMS / "tools" / "pre_birth.yml", PARAMS / "example" / "framework.yml", path]
        given_ = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        subprocess.run([sys.executable, "-c", RENDER, *map(str, files)], check=True, env=given_)
        made.append(path.read_bytes())
    assert made[0] == made[1]


def refusal(tool: AuditTool, path: Path) -> list[str]:
    with pytest.raises(QAError) as refused:
        render_form(tool, FRAMEWORK, path)
    assert refused.value.exit_code == SETTINGS
    return [problem.sentence for problem in refused.value.problems]


@pytest.mark.parametrize("name", ["form", "form.xls", "form.csv", ".xlsx", "form.xlsx.txt"])
def test_a_name_that_is_not_that_of_a_workbook_is_refused(tmp_path, name):
    assert refusal(TOOLS["pre_birth"], tmp_path / name) == [
        f"{name} cannot be the form. Give it a name that ends in .xlsx."
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["form.xlsx", "FORM.XLSX"])
def test_a_file_that_is_there_is_never_written_over(tmp_path, name):
    (tmp_path / name).write_bytes(b"answers")
    told = refusal(TOOLS["pre_birth"], tmp_path / name)
    assert told == [
        f"{name} is there already. Give another name, or move that file away: auditors' answers may be in it."
    ]
    assert (tmp_path / name).read_bytes() == b"answers"


def test_a_form_is_not_written_through_a_link(tmp_path):
    (tmp_path / "form.xlsx").symlink_to(tmp_path / "elsewhere.xlsx")
    assert "is there already" in refusal(TOOLS["pre_birth"], tmp_path / "form.xlsx")[0]
    assert not (tmp_path / "elsewhere.xlsx").exists()


@pytest.mark.parametrize(
    ("asks", "more", "words"),
    [
        (["Was it well-planned?", "Was it well planned?"], {}, "q0: its heading in the form would not be known again."),
        (["Service"], {}, "service: its heading in the form would not be known again."),
        ([" "], {}, "q0: its heading in the form would not be known again."),
        (["Why?"], {"columns": {"Why?": "team"}}, "q0: its heading in the form would not be known again."),
        (["Why?"], {"keep": {"Type of audit": ("Themed",)}}, "keep: rows are kept by a column that the form does not"),
        ([f"Why {at}?" for at in range(195)], {}, "the form would have 201 columns; an extract may have 200."),
    ],
)
def test_a_form_that_could_not_be_read_back_is_not_made(tmp_path, asks, more, words):
    tool = tool_of(*({"ask": ask} for ask in asks), **more)
    assert any(words in sentence for sentence in refusal(tool, tmp_path / "form.xlsx"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["Case number", "case_id", "Why?", "q0"])
def test_rows_may_be_kept_by_a_column_of_the_form(tmp_path, name):
    tool = tool_of({"ask": "Why?"}, keep={name: ("this",)})
    render_form(tool, FRAMEWORK, tmp_path / "form.xlsx")
    row = {"audit_date": date(2013, 5, 2), "service": "First Response"}
    rows = [{**row, "audit_id": word, "case_id": word, "q0": word} for word in ("this", "that")]
    fill(tmp_path / "form.xlsx", tool, rows)
    extract = read_back(tmp_path / "form.xlsx", tool)
    assert (extract.rows_read, extract.rows_counted, extract.refused) == (2, 1, False)
