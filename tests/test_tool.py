"""The tool of a themed audit: what may stand in it, how a fault is told, and what two versions have in common."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from qa_lib.problems import SETTINGS, QAError
from qa_lib.settings.framework import Framework
from qa_lib.settings.question import Group, Meets, Question, Type
from qa_lib.settings.standards import Standard, Standards
from qa_lib.settings.tool import FIXED, FORM_HEADINGS, AuditTool, compared
from qa_lib.settings.yaml import read_settings

PARAMS = Path(__file__).parents[1] / "params"
TOOLS = PARAMS / "tools"
ASKED = {  # file: the least and the most questions that it may ask
    "domestic_violence": (28, 34),
    "domestic_violence_2012": (20, 24),
    "residential_care": (24, 30),
    "pre_birth": (22, 28),
}

# A tool in few lines, so that the line of each fault below is easy to see.
SMALL = """\
title: Small
version: "1"
question: Is it so?
why: To know.
chosen: At random.
answered_by: Two auditors.
groups:
  first:
    label: First group
    questions:
      told_on: {label: Told, ask: When were we told?, type: date}
      seen_on:
        label: Seen
        ask: When was the child seen?
        type: date
        meets: {within_days: 5, after: told_on}
      visits: {label: Visits, ask: How many visits?, type: number, meets: {at_least: 3}, bands: [0, 2]}
  second:
    label: Second group
    about: One sentence.
    questions:
      plan: {label: Plan, ask: How good is the plan?, type: graded}
      route: {label: Route, ask: Which way?, type: choice, options: [Up, Down], meets: {one_of: [Up]}}
      worries: {label: Worries, ask: Which worries?, type: choices, options: [Harm, Neglect]}
      well: {label: Well, ask: What is working well?, type: text, box: strength, voice: child}
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], AuditTool]:
    def read_text(text: str) -> AuditTool:
        path = tmp_path / "tool.yml"
        path.write_text(text, encoding="utf-8")
        return read_settings(path, AuditTool)

    return read_text


def tool_of(**questions: dict) -> AuditTool:
    group = {"label": "Group", "questions": {k: {"label": k, "ask": f"{k}?", **q} for k, q in questions.items()}}
    words = dict.fromkeys(("title", "version", "question", "why", "chosen", "answered_by"), "words")
    return AuditTool.model_validate({**words, "groups": {"group": group}})


def example(name: str) -> AuditTool:
    return read_settings(TOOLS / f"{name}.yml", AuditTool)


# --- the tools of the example ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ASKED)
def test_each_tool_asks_about_as_much_as_an_auditor_can_answer_in_questions_of_every_type(name):
    tool = example(name)
    types = Counter(question.type for question in tool.questions.values())
    least, most = ASKED[name]
    assert least <= len(tool.questions) <= most
    assert 5 <= len(tool.groups) <= 7
    assert set(types) == set(get_args(Type))
    assert types.most_common(1)[0][0] == "yes_partly_no"
    assert 3 <= types["graded"] <= 5
    assert 4 <= types["text"] <= 6


@pytest.mark.parametrize("name", ASKED)
def test_each_question_of_the_tools_is_short_says_where_to_look_and_names_the_standard_that_it_tests(name):
    tool = example(name)
    assert {
        key for key, question in tool.questions.items() if len(question.label) > 40 or not question.guidance
    } == set()
    assert {key for key, question in tool.questions.items() if question.tests != bool(question.standard)} == set()
    assert all(group.about for group in tool.groups.values())
    assert {question.box for question in tool.questions.values()} == {"strength", "development", "none"}


def test_the_health_auditor_has_questions_of_her_own_before_birth_and_nowhere_else():
    who = {name: {question.who for question in example(name).questions.values()} - {""} for name in ASKED}
    assert who.pop("pre_birth") == {"Health auditor"}
    assert set().union(*who.values()) == set()


def test_the_comments_of_the_example_explain_every_key():
    head = (TOOLS / "domestic_violence.yml").read_text(encoding="utf-8").split("\ntitle:")[0]
    keys = {key for model in (AuditTool, Group, Question, Meets) for key in model.model_fields} | set(get_args(Type))
    assert {
        key for key in keys if f" {key} " not in head and f"{{{key}:" not in head and f" {key}:" not in head
    } == set()


def test_the_practice_standards_are_those_of_the_nine_domains_each_with_its_example_and_a_thing_to_try():
    standards = read_settings(PARAMS / "standards.yml", Standards)
    framework = read_settings(PARAMS / "example" / "framework.yml", Framework)
    assert list(standards.domains) == list(framework.domains)
    blank = {
        (domain, key)
        for domain, standard in standards.domains.items()
        for key in Standard.model_fields
        if not getattr(standard, key)
    }
    assert blank == set()


# --- faults ---------------------------------------------------------------------------------------------------------


def test_the_small_tool_is_sound(read):
    assert list(read(SMALL).questions) == ["told_on", "seen_on", "visits", "plan", "route", "worries", "well"]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("title: Small\n", "", 1, '"title" is missing'),
        ("title: Small", "titel: Small", 1, 'Did you mean "title"?'),
        ('version: "1"', "version: 1", 2, '"version" should be text'),
        ("why: To know.", 'why: ""', 4, '"why"'),
        ("groups:\n", "planned: 0\ngroups:\n", 7, '"planned"'),
        ("groups:\n", "look_back_months: 200\ngroups:\n", 7, '"look_back_months"'),
        ("  first:", "  First group:", 8, "groups/First group: it is not a key"),
        ("label: First group", "lable: First group", 9, 'Did you mean "label"?'),
        ("      told_on: {", "      Told on: {", 11, "it is not a key"),
        ("      told_on: {", "      audit_date: {", 11, "this name is taken"),
        ("      told_on: {", "      period: {", 11, "this name is taken"),
        ("  first:", "  all:", 8, "groups/all: this name is taken"),
        ("      plan: {", "      visits: {", 22, "this key stands twice, before in groups/first/questions/visits"),
        ("How good is the plan?", "how  many Visits?", 22, "it asks the same as visits"),
        ("type: graded", "type: grade", 22, '"groups.second.questions.plan.type" should be one of'),
        ("type: graded", "type: graded, options: [A, B]", 22, "options belong to the types choice and choices"),
        ("options: [Harm, Neglect]", "box: none", 24, "options belong to the types choice and choices"),
        ("options: [Harm, Neglect]", "options: [Harm]", 24, "two options or more"),
        ("options: [Harm, Neglect]", "options: [Harm, harm]", 24, "all different"),
        ("options: [Harm, Neglect]", 'options: [Harm, "Neglect; abuse"]', 24, 'holds a ";"'),
        ("options: [Harm, Neglect]", 'options: [Harm, " "]', 24, "an option is empty"),
        ("options: [Harm, Neglect]", "options: [A-B, A+B]", 24, "differ in nothing but signs"),
        ("one_of: [Up]", "one_of: [Upp]", 23, 'meets names "Upp"'),
        ("one_of: [Up]", "at_most: 2", 23, "meets is for a number"),
        ("meets: {at_least: 3}", "meets: {}", 17, "meets is for a number"),
        ("meets: {at_least: 3}", "meets: {at_least: -1}", 17, "meets.at_least"),
        ("meets: {at_least: 3}", "meets: {at_lest: 3}", 17, 'Did you mean "at_least"?'),
        ("bands: [0, 2]", "bands: [2, 0]", 17, "each larger than the one before"),
        ("bands: [0, 2]", "bands: [0, 3]", 17, "bands must part where meets does"),
        ("type: graded", "type: graded, bands: [1]", 22, "bands belong to a number"),
        ("type: graded", "type: graded, meets: {one_of: [Good]}", 22, "meets is for a number"),
        (", after: told_on}", "}", 12, "meets is for a number (at_most, at_least), a date (within_days and after)"),
        ("after: told_on", "after: visits", 12, '"visits" is no other question of the type date'),
        ("after: told_on", "after: seen_on", 12, '"seen_on" is no other question of the type date'),
        ("box: strength", "box: good", 25, "should be one of strength, development or none"),
        ("voice: child", "voice: children", 25, 'Did you mean "child"?'),
        ("groups:\n", "audit_id: rows\ngroups:\n", 7, '"audit_id" should be one of row'),
        ("groups:\n", "columns: {Ref: audit_ref}\ngroups:\n", 7, 'columns/Ref: "audit_ref" is not a column'),
        ("groups:\n", "keep: Themed\ngroups:\n", 7, '"keep" should be a mapping'),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_key_and_its_line(read, old: str, new: str, line: int, words: str):
    assert old in SMALL
    with pytest.raises(QAError) as caught:
        read(SMALL.replace(old, new, 1))
    assert caught.value.exit_code == SETTINGS
    told = [(problem.line, problem.sentence) for problem in caught.value.problems]
    assert any(at == line and words in sentence for at, sentence in told), told


def test_all_faults_of_a_tool_are_told_together(read):
    text = (
        SMALL.replace("told_on: {", "Told: {")
        .replace("[Harm, Neglect]", "[Harm]")
        .replace("one_of: [Up]", "one_of: [U]")
    )
    with pytest.raises(QAError) as caught:
        read(text)
    assert [problem.line for problem in caught.value.problems] == [11, 12, 23, 24]


def test_a_tool_cannot_be_changed_once_read(read):
    with pytest.raises(ValidationError):
        setattr(read(SMALL), "version", "2")  # noqa: B010  a plain assignment is refused by the type checker already


# --- what follows from a tool ---------------------------------------------------------------------------------------


def test_an_extract_may_name_a_column_by_its_key_by_its_heading_in_the_form_or_by_the_tools_own_map(read):
    kind = read("columns: {Ref: audit_id, Plan ok: plan}\n" + SMALL).kind("themed", ("current",))
    assert list(kind.columns) == [*FIXED, "told_on", "seen_on", "visits", "plan", "route", "worries", "well"]
    assert {kind.headings[heading] for heading in FORM_HEADINGS.values()} == set(FIXED)
    assert kind.headings["How many visits?"] == "visits"
    assert (kind.headings["Ref"], kind.headings["Plan ok"]) == ("audit_id", "plan")
    assert (kind.texts, kind.once, kind.periods) == (("well",), True, ("current",))


def test_a_question_tests_a_standard_by_its_type_or_by_what_meets_it(read):
    tests = [key for key, question in read(SMALL).questions.items() if question.tests]
    assert tests == ["seen_on", "visits", "plan", "route"]


def test_the_two_rounds_on_domestic_violence_are_bridged_as_meant():
    same, other = compared(example("domestic_violence"), example("domestic_violence_2012"))
    bridged = {key: old for key, old in same.items() if key != old}
    assert bridged == {
        "support_offered": "specialist_referral", "account_heard": "partner_seen", "direct_work": "child_work",
    }  # fmt: skip
    assert sorted(set(same) - set(bridged)) == [
        "agencies_shared", "assessment_children", "child_plan", "history_checked", "parent_alone", "plan_quality",
        "risk_checklist", "safety_plan", "supervision_gap",
    ]  # fmt: skip
    reasons = {key: why for key, why in other.items() if why != "new"}
    assert reasons == {
        "child_seen_on": "answered in another way",  # within fewer days
        "pattern_seen": "asked in other words",
        "referrer_told": "no longer asked",
        "leaflet_given": "no longer asked",
    }


YES_NO = {"type": "yes_partly_no"}
NUMBER = {"type": "number", "meets": {"at_most": 2}}


@pytest.mark.parametrize(
    ("now", "before", "same", "other"),
    [
        ({"a": YES_NO}, {"a": YES_NO}, {"a": "a"}, {}),
        ({"a": YES_NO | {"ask": "a   ?"}}, {"a": YES_NO | {"ask": "a ?"}}, {"a": "a"}, {}),
        ({"a": YES_NO | {"ask": "b?"}}, {"a": YES_NO}, {}, {"a": "asked in other words"}),
        ({"b": YES_NO | {"replaces": "a"}}, {"a": YES_NO}, {"b": "a"}, {}),
        ({"b": YES_NO}, {"a": YES_NO}, {}, {"b": "new", "a": "no longer asked"}),
        ({"a": {"type": "graded"}}, {"a": YES_NO}, {}, {"a": "answered in another way"}),
        ({"b": {"type": "graded", "replaces": "a"}}, {"a": YES_NO}, {}, {"b": "answered in another way"}),
        ({"a": NUMBER}, {"a": NUMBER}, {"a": "a"}, {}),
        ({"a": NUMBER}, {"a": NUMBER | {"meets": {"at_most": 3}}}, {}, {"a": "answered in another way"}),
        ({"a": {"type": "text"}}, {"a": {"type": "text"}}, {}, {}),
        ({"a": {"type": "text"}, "b": YES_NO}, {"b": YES_NO, "c": {"type": "number"}}, {"b": "b"}, {}),
    ],
)
def test_questions_are_compared_only_where_both_asked_the_same_and_held_it_against_the_same(now, before, same, other):
    assert compared(tool_of(**now), tool_of(**before)) == (same, other)
