"""Which services stand out: limits and classes against R's binomial distribution."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_lib.measures.funnel import funnel

# Expected values: R's qbinom and pbinom; the limits by Spiegelhalter (2005), appendix A.1.1.
ORACLES = Path(__file__).parent / "data" / "oracles"
LIMITS = pd.read_csv(ORACLES / "06_funnel_limits.csv")
TEAMS = json.loads((ORACLES / "06_funnel_teams.json").read_text(encoding="utf-8"))["cases"]
LINES = ["lower_998", "lower_95", "upper_95", "upper_998"]
ORDER = ["below_998", "below_95", "inside", "above_95", "above_998"]


def table_of(n, of):
    return pd.DataFrame({"group": [f"team {at}" for at in range(len(n))], "n": n, "of": of})


@pytest.mark.parametrize("case", LIMITS.to_dict("records"), ids=LIMITS["id"])
def test_the_limits_are_those_of_spiegelhalter(case):
    row = funnel(table_of([0], [case["n"]]), case["target"]).iloc[0]
    assert list(row[LINES]) == pytest.approx([case[line] for line in LINES], abs=case["tolerance"])


@pytest.mark.parametrize("case", LIMITS.to_dict("records"), ids=LIMITS["id"])
def test_every_count_is_classed_as_the_exact_tail_says(case):
    counts = np.arange(case["n"] + 1)
    place = funnel(table_of(counts, case["n"]), case["target"], fewest=1)["class"].map(ORDER.index)
    inside_95, inside_998 = counts[place.eq(2)], counts[place.between(1, 3)]
    assert (inside_95[0], inside_95[-1]) == (case["fewest_yes_inside_95"], case["most_yes_inside_95"])
    assert (inside_998[0], inside_998[-1]) == (case["fewest_yes_inside_998"], case["most_yes_inside_998"])
    assert place.is_monotonic_increasing


@pytest.mark.parametrize("case", TEAMS, ids=lambda case: case["id"])
def test_teams_are_classed_by_the_exact_tail(case):
    table, expected = table_of(case["yes"], case["n"]), case["expected"]
    classes = [name.replace("99.8", "998") for name in expected["class_exact_tail"]]
    shown = funnel(table, case["target_given"], fewest=1)
    assert list(shown["target"]) == pytest.approx([expected["target"]] * len(table), abs=case["tolerance"])
    assert list(shown["class"]) == classes
    few = ["too_few" if 0 < of < 10 else name for of, name in zip(case["n"], classes, strict=True)]
    assert list(funnel(table, case["target_given"])["class"]) == few


@st.composite
def any_teams(draw):
    pairs = draw(st.lists(st.integers(0, 80).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))))
    return table_of([n for n, _ in pairs], [of for _, of in pairs]).astype({"n": "int64", "of": "int64"})


@given(any_teams(), st.none() | st.floats(0, 1))
def test_the_limits_are_nested_shares_and_only_rows_without_cases_lack_them(table, target):
    shown = funnel(table, target)
    lines = shown.loc[shown["of"] > 0, LINES]
    assert lines.ge(0).all(axis=None)
    assert lines.le(1).all(axis=None)
    assert (lines.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert shown.loc[shown["of"] == 0, LINES].isna().all(axis=None)
    assert (shown["class"].eq("no_data") == shown["of"].eq(0)).all()
    assert (shown["class"].eq("too_few") == shown["of"].between(1, 9)).all()
    pd.testing.assert_frame_equal(shown[table.columns], table)


@given(any_teams(), st.randoms())
def test_the_order_and_the_index_of_rows_change_nothing(table, random):
    order = random.sample(range(len(table)), len(table))
    shuffled = funnel(table.iloc[order])
    pd.testing.assert_frame_equal(shuffled, funnel(table).iloc[order])


def test_with_no_case_anywhere_there_is_no_target():
    shown = funnel(table_of([0, 0], [0, 0]))
    assert shown[["target", *LINES]].isna().all(axis=None)
    assert list(shown["class"]) == ["no_data", "no_data"]


def test_a_target_of_all_leaves_nothing_to_chance():
    shown = funnel(table_of([11, 12, 0], [12, 12, 0]), 1.0)
    assert list(shown["class"]) == ["below_998", "inside", "no_data"]
    assert shown[LINES].iloc[:2].eq(1).all(axis=None)


@pytest.mark.parametrize("target", [-0.1, 1.1, 68, float("nan")])
def test_a_target_that_is_no_share_is_refused(target):
    with pytest.raises(ValueError, match="between 0 and 1"):
        funnel(table_of([1], [2]), target)
