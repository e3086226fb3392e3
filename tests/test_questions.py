"""How a tool's questions were answered: a made tool of every type, counted by hand."""

import pandas as pd
import pytest

from qa_lib.measures.questions import answer_mix, answers, in_full, options, standards
from qa_lib.settings.scale import GradeScale
from qa_lib.settings.tool import AuditTool

SCALE = GradeScale(labels=("Outstanding", "Good", "Requires improvement", "Inadequate"), lowest_good="Good")
WORDS = dict.fromkeys(("title", "version", "question", "why", "chosen", "answered_by"), "words")


def question(ask, kind, **more):
    return {"label": ask, "ask": f"{ask}?", "type": kind, **more}


TOOL = AuditTool.model_validate({
    **WORDS,
    "groups": {
        "soon": {"label": "Soon", "questions": {
            "told": question("Told", "date"),
            "seen": question("Seen", "date", meets={"within_days": 5, "after": "told"}),
            "alone": question("Alone", "yes_partly_no"),
        }},
        "well": {"label": "Well", "questions": {
            "plan": question("Plan", "graded"),
            "visits": question("Visits", "number", meets={"at_least": 3}, bands=(0, 2)),
            "route": question("Route", "choice", options=("Up", "Down"), meets={"one_of": ("Up",)}),
            "harm": question("Harm", "choices", options=("Threats", "Injury")),
            "said": question("Said", "text"),
        }},
    },
})  # fmt: skip
AUDITS = pd.DataFrame({
    "audit_id": ["a", "b", "c", "d"],
    "told": pd.to_datetime(["2013-05-01", "2013-05-01", "2013-05-01", None]),
    "seen": pd.to_datetime(["2013-05-06", "2013-05-07", "2013-04-30", "2013-05-02"]),
    "alone": ["Yes", "Partly", "Not applicable", ""],
    "visits": pd.array([3, 2, 0, None], dtype="Int64"),
    "route": ["Up", "Down", "", "Up"],
    "harm": ["Threats; Injury", "Injury", "", "Threats"],
})  # fmt: skip
GRADINGS = pd.DataFrame({
    "audit_id": ["a", "b", "c", "d"],
    "domain": ["plan"] * 4,
    "grade": ["Good", "Inadequate", "Outstanding", "Not recorded"],
})  # fmt: skip
ANSWERS = {  # by audit a to d: five days is in time, six late, before is in time; without a day to count from, unknown
    "seen": ["Yes", "No", "Yes", "Not recorded"],
    "alone": ["Yes", "Partly", "Not applicable", "Not recorded"],
    "plan": ["Yes", "No", "Yes", "Not recorded"],
    "visits": ["Yes", "No", "No", "Not recorded"],
    "route": ["Yes", "No", "Not recorded", "Yes"],
}


@pytest.fixture(scope="module")
def rows():
    return answers(AUDITS, GRADINGS, TOOL, SCALE)


def test_every_question_that_tests_a_standard_comes_down_to_met_in_part_or_not(rows):
    found = {str(key): list(same["answer"]) for key, same in rows.groupby("question", observed=True, sort=False)}
    assert found == ANSWERS
    assert list(rows["question"].cat.categories) == ["seen", "alone", "plan", "visits", "route"]


def test_standards_are_counted_out_of_the_audits_to_which_they_applied(rows):
    found = standards(rows).set_index("group")[["n", "of", "left_out"]].astype(int)
    assert found.T.to_dict("list") == {
        "seen": [2, 3, 1], "alone": [1, 2, 2], "plan": [2, 3, 1], "visits": [1, 3, 1], "route": [2, 3, 1],
    }  # fmt: skip


def test_answers_given_add_up_to_those_to_which_the_question_applied(rows):
    mix = answer_mix(rows)
    assert mix.groupby("group", observed=True)["n"].sum().to_dict() == {
        "seen": 3, "alone": 2, "plan": 3, "visits": 3, "route": 3,
    }  # fmt: skip
    partly = mix[(mix["group"] == "alone") & (mix["grade"] == "Partly")]
    assert int(partly["n"].iloc[0]) == 1


def test_a_part_is_met_in_full_where_every_standard_that_applied_was_met(rows):
    found = in_full(rows).set_index("group")[["n", "of", "left_out"]].astype(int)
    # Soon: a met both, b neither, c the one that applied; nothing is known of d. Well: a met all, d the one recorded.
    assert found.T.to_dict("list") == {"soon": [2, 3, 1], "well": [2, 4, 0]}


def test_numbers_are_shown_in_their_bands_and_choices_as_they_were_made():
    found = options(AUDITS, TOOL, "choice").set_index(["group", "option"])[["n", "of", "left_out"]].astype(int)
    assert found.T.to_dict("list") == {
        ("visits", "0"): [1, 3, 1], ("visits", "1 to 2"): [1, 3, 1], ("visits", "more than 2"): [1, 3, 1],
        ("route", "Up"): [2, 3, 1], ("route", "Down"): [1, 3, 1],
    }  # fmt: skip


def test_of_several_choices_each_counts_for_itself():
    found = options(AUDITS, TOOL, "choices").set_index(["group", "option"])[["n", "of", "left_out"]].astype(int)
    assert found.T.to_dict("list") == {("harm", "Threats"): [2, 3, 1], ("harm", "Injury"): [2, 3, 1]}


def test_a_question_that_no_extract_holds_is_not_there_and_nothing_is_asked_of_it():
    rows = answers(AUDITS[["audit_id", "alone"]], GRADINGS.iloc[:0], TOOL, SCALE)
    assert list(rows["question"].cat.categories) == ["alone"]
    assert answers(AUDITS[["audit_id"]], GRADINGS.iloc[:0], TOOL, SCALE).empty
    assert options(AUDITS[["audit_id"]], TOOL, "choice") is None
    assert options(AUDITS[["audit_id"]], TOOL, "choices") is None
    assert list(answers(AUDITS.drop(columns="told"), GRADINGS, TOOL, SCALE)["question"].cat.categories) == [
        "alone", "plan", "visits", "route",
    ]  # fmt: skip
