"""How many, out of how many: intervals against published answers, counts against themselves."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_lib.measures import shares
from qa_lib.measures.programme import completion, coverage, voice
from qa_lib.measures.shares import (
    NOT_APPLICABLE,
    exact_interval,
    grade_distribution,
    share_good_or_better,
    standards_met,
    wilson_interval,
)
from qa_lib.settings.scale import NOT_RECORDED, GradeScale

# Expected values: R's prop.test(correct = FALSE), binom::binom.wilson and binom.test; Newcombe (1998) for Ws01 to Ws04.
ORACLE = pd.read_csv(Path(__file__).parent / "data" / "oracles" / "01_wilson.csv")
SCALE = GradeScale(
    labels=("Outstanding", "Good", "Requires improvement", "Inadequate"),
    lowest_good="Good",
    off_scale=("Not applicable",),
)
ANSWERS = [*SCALE.allowed, NOT_RECORDED]


@pytest.mark.parametrize("case", ORACLE.to_dict("records"), ids=ORACLE["id"])
def test_wilson_interval_agrees_with_two_r_packages(case):
    row = wilson_interval(pd.Series([case["x"]]), pd.Series([case["n"]]), case["conf_level"]).iloc[0]
    if case["expected_status"] == "no_data":
        assert row.isna().all()
    else:
        expected = (case["expected_estimate"], case["wilson_lower"], case["wilson_upper"])
        assert tuple(row) == pytest.approx(expected, abs=case["tolerance"])


@pytest.mark.parametrize("case", ORACLE.to_dict("records"), ids=ORACLE["id"])
def test_exact_interval_agrees_with_r(case):
    row = exact_interval(pd.Series([case["x"]]), pd.Series([case["n"]]), case["conf_level"]).iloc[0]
    if case["expected_status"] == "no_data":
        assert row.isna().all()
    else:
        expected = (case["expected_estimate"], case["exact_lower"], case["exact_upper"])
        assert tuple(row) == pytest.approx(expected, abs=case["tolerance"])


@pytest.mark.parametrize("interval", [wilson_interval, exact_interval])
@given(pair=st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_an_interval_holds_its_share_and_stays_between_0_and_1(interval, pair):
    share, low, high = interval(pd.Series([pair[0]]), pd.Series([pair[1]])).iloc[0]
    assert 0 <= low <= share <= high <= 1
    assert low < high


@pytest.mark.parametrize("interval", [wilson_interval, exact_interval])
@given(of=st.integers(1, 300))
def test_an_interval_rises_with_its_count_and_is_the_same_read_from_the_other_side(interval, of):
    n = pd.Series(range(of + 1))
    table = interval(n, pd.Series(of, index=n.index))
    assert (table.diff().iloc[1:] > 0).all(axis=None)
    assert table["low"].to_numpy() == pytest.approx(1 - table["high"].to_numpy()[::-1], abs=1e-9)


@st.composite
def any_gradings(draw):
    domains = ["assessment", "planning", "review"]
    rows = draw(st.lists(st.tuples(st.sampled_from(domains), st.sampled_from(ANSWERS)), max_size=80))
    table = pd.DataFrame(rows, columns=["domain", "grade"])
    table["domain"] = pd.Categorical(table["domain"], domains, ordered=True)
    table["grade"] = pd.Categorical(table["grade"], ANSWERS, ordered=True)
    return table


@given(any_gradings())
def test_every_grading_is_counted_once(gradings):
    table = share_good_or_better(gradings, SCALE)
    assert (table["of"] + table["left_out"]).sum() == len(gradings)
    assert list(table["group"]) == ["assessment", "planning", "review"]


@given(any_gradings())
def test_the_grades_of_a_group_add_up_to_its_base(gradings):
    table = grade_distribution(gradings, SCALE)
    assert (
        table.groupby("group", observed=False)["n"].sum() == table.groupby("group", observed=False)["of"].first()
    ).all()
    good = table[table["grade"].isin(SCALE.good_or_better)].groupby("group", observed=False)["n"].sum()
    assert list(good) == list(share_good_or_better(gradings, SCALE)["n"])


@given(any_gradings(), st.randoms())
def test_the_order_of_rows_changes_nothing(gradings, random):
    order = list(range(len(gradings)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(
        share_good_or_better(gradings, SCALE), share_good_or_better(gradings.iloc[order].reset_index(drop=True), SCALE)
    )


def test_a_domain_that_nobody_graded_stays_with_an_unknown_share():
    gradings = pd.DataFrame({"domain": pd.Categorical(["a"], ["a", "b"]), "grade": ["Good"]})
    row = share_good_or_better(gradings, SCALE).set_index("group").loc["b"]
    assert (row["n"], row["of"], row["left_out"]) == (0, 0, 0)
    assert np.isnan(row["share"])


def test_completion_compares_each_month_and_the_whole_with_the_plan():
    audits = pd.DataFrame({"month": ["2013-05"] * 3 + ["2013-07"] * 5})
    table = completion(audits, ["2013-05", "2013-06", "2013-07"], 4).set_index("group")
    assert list(table["n"]) == [3, 0, 5, 8]
    assert list(table["of"]) == [4, 4, 4, 12]
    assert table.loc["2013-07", "share"] == 1.25  # five done of four planned: more than the plan, and said so


def test_coverage_sets_audits_beside_open_cases_of_each_service():
    services = pd.CategoricalDtype(["First", "Second", "Third"], ordered=True)
    audits = pd.DataFrame({"service": pd.Series(["First", "First", "Second"], dtype=services)})
    cases = pd.DataFrame({"service": pd.Series(["First"] * 10 + ["Second"] * 40, dtype=services)})
    table = coverage(audits, cases).set_index("group")
    assert list(table.index) == ["First", "Second", "all"]
    assert list(table["n"]) == [2, 1, 3]
    assert list(table["share"]) == [0.2, 0.025, 0.06]


def test_voice_counts_yes_of_yes_or_no_and_leaves_the_rest_out():
    audits = pd.DataFrame({"child_spoken_to": ["Yes", "No", "Not appropriate", NOT_RECORDED, "Yes"]})
    row = voice(audits).iloc[0]
    assert (row["group"], row["n"], row["of"], row["left_out"]) == ("child_spoken_to", 2, 3, 2)


@st.composite
def any_answers(draw):
    answers = [*shares.ANSWERS, NOT_APPLICABLE, NOT_RECORDED, "", None]
    rows = draw(st.lists(st.tuples(st.sampled_from(["visits", "plans"]), st.sampled_from(answers)), max_size=60))
    table = pd.DataFrame(rows, columns=["standard", "answer"])
    table["standard"] = pd.Categorical(table["standard"], ["visits", "plans", "views"])
    return table


@given(any_answers())
def test_every_answer_to_a_standard_is_counted_once(rows):
    table = standards_met(rows)
    assert list(table["group"]) == [name for name in ["visits", "plans", "views"] for _ in shares.ANSWERS]
    assert list(table["answer"]) == [*shares.ANSWERS] * 3
    one = table.groupby("group", observed=False)
    assert (one["n"].sum() == one["of"].first()).all()
    assert (one["of"].first() + one["left_out"].first()).sum() == len(rows)


@given(any_answers(), st.randoms())
def test_the_order_of_answers_changes_nothing(rows, random):
    order = random.sample(range(len(rows)), len(rows))
    pd.testing.assert_frame_equal(standards_met(rows), standards_met(rows.iloc[order]))


def test_not_applicable_and_blank_answers_leave_the_base_of_a_standard():
    rows = pd.DataFrame({"standard": "visits", "answer": ["Yes", "Yes", "Partly", "No", "Not applicable", "", None]})
    table = standards_met(rows)
    assert list(table.columns) == ["group", "answer", "n", "of", "left_out", "share", "low", "high"]
    assert list(table["n"]) == [2, 1, 1]
    assert list(table["of"]) == [4] * 3
    assert list(table["left_out"]) == [3] * 3
    assert list(table["share"]) == [0.5, 0.25, 0.25]


def test_standards_can_be_counted_by_several_keys():
    rows = pd.DataFrame({"standard": ["visits", "plans"], "service": ["First", "First"], "answer": ["Yes", "No"]})
    table = standards_met(rows, ["service", "standard"])
    assert list(table.columns[:3]) == ["group", "standard", "answer"]
    assert list(table[table["n"] == 1]["answer"]) == ["No", "Yes"]


def test_an_answer_outside_the_vocabulary_is_refused_and_not_repeated():
    rows = pd.DataFrame({"standard": "visits", "answer": ["Yes", "Sam Smith"]})
    with pytest.raises(ValueError, match="1 of 2 answers") as refused:
        standards_met(rows)
    assert "Sam" not in str(refused.value)
