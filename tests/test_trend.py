"""Is it more than noise: trends against R and published examples, and the rules against small series drawn by hand."""

from dataclasses import astuple
from math import isnan, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import cases

from qa_lib.measures.trend import RULES, mann_kendall, special_causes, trend_test


def or_nan(number):
    return nan if number is None else number


# Expected values: R's prop.trend.test; Fleiss (1981), p. 139, for Cs01.
@pytest.mark.parametrize("case", cases("07_trend_proportions.json"))
def test_a_trend_of_shares_agrees_with_r(case):
    found, expected = trend_test(case["yes"], case["n"], case["scores"]), case["expected"]
    assert found.status == case["expected_status"]
    assert found.p == pytest.approx(or_nan(expected["p_value"]), abs=case["tolerance"], nan_ok=True)
    assert found.z == pytest.approx(expected.get("z", nan), abs=case["tolerance"], nan_ok=True)


@pytest.mark.parametrize(
    ("n", "of", "status"),
    [
        ([], [], "no_data"),
        ([0, 0, 0], [0, 0, 0], "no_data"),
        ([1], [1], "too_few"),
        ([1, 0, 4], [3, 0, 5], "too_few"),
        ([0, 0, 0], [5, 5, 5], "no_variation"),
        ([1, 0, 1], [1, 1, 1], "ok"),
    ],
)
def test_a_trend_of_shares_says_why_there_is_none(n, of, status):
    found = trend_test(n, of)
    assert found.status == status
    assert isnan(found.z) == isnan(found.p) == (status != "ok")


periods = st.lists(st.integers(0, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), max_size=15)


@given(periods, st.floats(0.5, 20), st.floats(-100, 100))
def test_a_trend_turns_with_time_and_does_not_depend_on_its_units(pairs, width, start):
    n, of = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    found, back = trend_test(n, of), trend_test(n[::-1], of[::-1])
    later = trend_test(n, of, start + width * np.arange(len(of)))
    assert back.status == later.status == found.status
    assert (-back.z, back.p) == pytest.approx((found.z, found.p), nan_ok=True, abs=1e-9)
    assert (later.z, later.p) == pytest.approx((found.z, found.p), nan_ok=True, abs=1e-6)
    assert found.status != "ok" or 0 <= found.p <= 1


# Expected values: R's cor.test(method = "kendall") and the Kendall package.
@pytest.mark.parametrize("case", cases("07_mann_kendall.json", in_place="Ms01"))
def test_the_trend_of_a_series_agrees_with_r(case):
    found, expected = mann_kendall(case["values"]), case["expected"]
    assert found.status == case["expected_status"]
    assert found.s == expected["S"]
    exact = expected.get("p_exact", nan) if expected["n"] < 10 else nan
    numbers = [
        *(expected[name] for name in ("var_S", "z_continuity", "p_normal")),
        exact,
        expected["sen_slope_per_step"],
    ]
    given_numbers = [found.variance, found.z, found.p, found.p_exact, found.slope]
    assert given_numbers == pytest.approx([or_nan(number) for number in numbers], abs=case["tolerance"], nan_ok=True)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ([], "no_data"),
        ([None, nan], "no_data"),
        ([4], "too_few"),
        ([4, None, 5], "too_few"),
        ([0.3, 0.1 + 0.2, 0.3], "not_computable"),
        ([1, 2, 3], "ok"),
    ],
)
def test_a_series_says_why_it_has_no_trend(values, status):
    found = mann_kendall(values)
    assert found.status == status
    assert isnan(found.p) == (status != "ok")


whole_series = st.lists(st.one_of(st.none(), st.integers(0, 30)), max_size=20)


@given(whole_series)
def test_the_trend_of_a_series_turns_with_time_and_with_the_figures(values):
    found = mann_kendall(values)
    upside_down = mann_kendall([None if value is None else -value for value in values])
    for other in (mann_kendall(values[::-1]), upside_down):
        assert other.status == found.status
        assert (-other.s, other.p, -other.slope) == pytest.approx((found.s, found.p, found.slope), nan_ok=True)


@given(whole_series, st.integers(0, 5))
def test_missing_months_before_and_after_a_series_change_nothing(values, empty):
    padded = [None] * empty + values + [None] * empty
    assert astuple(mann_kendall(padded)) == pytest.approx(astuple(mann_kendall(values)), nan_ok=True)


def drawn(heights, segment=1):
    """A chart of points so many sigma from a centre of 0."""
    return pd.DataFrame({"segment": segment, "value": heights, "centre": 0.0, "sigma": 1.0})


def met(rule, heights, segment=1):
    return [point for point, flag in enumerate(special_causes(drawn(heights, segment))[rule], start=1) if flag]


UP_AND_DOWN = [0.5, -0.5]


@pytest.mark.parametrize(
    ("rule", "heights", "points"),
    [
        ("outside_limits", [0.5, 3.1, -0.5, -3.1, 0.5], [2, 4]),
        ("outside_limits", [0.5, 3.0, -3.0], []),
        ("outside_limits", [0.5, 0.1 * 3 * 10, -0.5], []),
        ("run_of_7", [-0.5, *[0.5, 0.6] * 3, 0.5, -0.5], [2, 3, 4, 5, 6, 7, 8]),
        ("run_of_7", [-0.5, *[0.5, 0.6] * 3, -0.5], []),
        ("run_of_7", [0.5, 0.6, 0.5, 0.0, 0.5, 0.6, 0.5], []),
        ("run_of_7", [0.5, 0.6, 0.5, None, 0.5, 0.6, 0.5, 0.6], [1, 2, 3, 5, 6, 7, 8]),
        ("trend_of_7", [-0.3, -0.2, -0.1, 0.1, 0.2, 0.3, 0.4, -0.5], [1, 2, 3, 4, 5, 6, 7]),
        ("trend_of_7", [-0.2, -0.1, 0.1, 0.2, 0.3, 0.4, -0.5], []),
        ("trend_of_7", [-0.3, -0.2, -0.1, -0.1, 0.1, 0.2, 0.3, 0.4], []),
        ("trend_of_7", [-0.3, -0.2, None, -0.1, 0.1, 0.2, 0.3, 0.4], [1, 2, 4, 5, 6, 7, 8]),
        ("two_of_three", [2.5, 0.5, 2.5, -0.5], [1, 3]),
        ("two_of_three", [2.5, -0.5, 2.5], []),
        ("two_of_three", [2.5, 3.5, 0.5], []),
        ("two_of_three", [2.0, 2.0, 2.0], []),
        ("two_of_three", [2.5, 2.5], []),
    ],
)
def test_a_rule_marks_the_points_that_meet_it_and_no_others(rule, heights, points):
    assert met(rule, heights) == points
    assert met(rule, [height if height is None else -height for height in heights]) == points


def test_no_rule_looks_across_a_rebasing():
    assert met("run_of_7", [0.5] * 10, segment=[1] * 5 + [2] * 5) == []
    assert met("trend_of_7", np.linspace(-0.5, 0.5, 12), segment=[1] * 6 + [2] * 6) == []


def test_a_rise_is_told_as_a_rise_even_below_the_centre_and_a_peak_belongs_to_the_fall():
    heights = [-1.2, -1.1, -1.0, -0.9, -0.8, -0.7, -0.6, -0.75, -0.85, -0.95, -1.05, -1.15, -1.25]
    chart = special_causes(drawn(heights), improve="up")
    assert list(chart["cause"]) == ["improving"] * 6 + ["concerning"] * 7


@pytest.mark.parametrize(
    ("improve", "causes"),
    [
        ("up", ["improving", "concerning", "common", "no_data"]),
        ("down", ["concerning", "improving", "common", "no_data"]),
        (None, ["high", "low", "common", "no_data"]),
    ],
)
def test_the_council_says_which_way_is_better(improve, causes):
    assert list(special_causes(drawn([3.5, -3.5, 0.5, None]), improve)["cause"]) == causes


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="sideways"):
        special_causes(drawn([1.0]), "sideways")


@given(st.lists(st.one_of(st.none(), st.floats(-4, 4)), max_size=30))
def test_a_chart_upside_down_has_the_same_points_and_the_other_causes(heights):
    chart = special_causes(drawn(pd.Series(heights, dtype=float)), "up")
    turned = special_causes(drawn(-pd.Series(heights, dtype=float)), "down")
    pd.testing.assert_frame_equal(chart[[*RULES, "cause"]], turned[[*RULES, "cause"]])
    assert list(chart["cause"].eq("no_data")) == list(chart["value"].isna())
    assert list(chart[list(RULES)].any(axis=1)) == list(~chart["cause"].isin(["common", "no_data"]))
