"""What is the chart's expected range: against NHSRplotthedots, qcc and qicharts2, and against small series."""

from math import nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import cases

from qa_lib.measures.control import chart_allowed, laney_p, p_chart, run_chart, xmr
from qa_lib.measures.trend import RULES


def or_nan(numbers):
    return [nan if number is None else number for number in numbers]


IMPROVE = {"increase": "up", "decrease": "down", "neutral": None}
CAUSE = {
    "common_cause": "common",
    "special_cause_improvement": "improving",
    "special_cause_concern": "concerning",
    "special_cause_neutral_high": "high",
    "special_cause_neutral_low": "low",
}


# Expected values: R's NHSRplotthedots 0.2.2; the limits also qcc's.
@pytest.mark.parametrize("screen", [False, True], ids=["all_points", "screened"])
@pytest.mark.parametrize("case", cases("04_xmr.json", in_place="Xs14"))
def test_an_xmr_chart_agrees_with_the_nhs_package(case, screen):
    rebase_at = [case["rebase_at_point"]] if case["rebase_at_point"] else []
    chart = xmr(case["values"], IMPROVE[case["improvement_direction"]], case["target"], rebase_at, screen)
    expected = case["expected_limits_screened" if screen else "expected_limits_from_all_points"]
    for number, segment in enumerate(expected["segments"], start=1):
        part = chart[chart["segment"] == number]
        assert (part["point"].iloc[0], len(part)) == (segment["first_point"], segment["n_points"])
        limits = [segment[name] for name in ("mean", "lower_limit", "upper_limit")]
        for _, row in part.iterrows():
            assert list(row[["centre", "lower", "upper"]]) == pytest.approx(limits, abs=case["tolerance"])
        assert set(part["status"]) == {"trial_limits" if segment["n_points"] < 13 else "ok"}
        assert not segment["trial_limits_fewer_than_12_points"] or set(part["status"]) == {"trial_limits"}
    for rule in RULES:
        assert list(chart[rule]) == expected["points"][rule], rule
    assert list(chart["cause"]) == [CAUSE[cause] for cause in expected["points"]["point_type"]]
    assert chart["cause"].iloc[-1] == CAUSE[expected["variation_of_last_point"]]
    assert chart["assurance"].iloc[-1] == (expected["assurance"] or "none")


# Expected values: R's qcc (type = "p") and qicharts2 (charts "p" and "pp").
@pytest.mark.parametrize("case", cases("04_pchart.json", in_place="Ls01"))
def test_p_charts_agree_with_two_r_packages(case):
    expected, tolerance = case["expected"], case["tolerance"]
    chart = p_chart(case["x"], case["n"])
    assert list(chart["value"]) == pytest.approx(or_nan(expected["point"]), abs=tolerance, nan_ok=True)
    assert list(chart["centre"]) == pytest.approx([expected["centre"]] * len(chart), abs=tolerance)
    assert list(chart["lower"]) == pytest.approx(or_nan(expected["lower"]), abs=tolerance, nan_ok=True)
    assert list(chart["upper"]) == pytest.approx(or_nan(expected["upper"]), abs=tolerance, nan_ok=True)
    assert list(chart["outside_limits"]) == [bool(outside) for outside in expected["outside"]]
    assert list(chart["status"].eq("no_data")) == [outside is None for outside in expected["outside"]]
    if "laney" in expected:
        laney, expected = laney_p(case["x"], case["n"]), expected["laney"]
        assert list(laney["sigma_z"]) == pytest.approx([expected["sigma_z"]] * len(chart), abs=tolerance)
        assert list(laney["lower"]) == pytest.approx(expected["lower"], abs=tolerance)
        assert list(laney["upper"]) == pytest.approx(expected["upper"], abs=tolerance)
        assert list(laney["outside_limits"]) == expected["outside"]


def test_laney_limits_of_shares_that_never_differ_are_the_share():
    chart = laney_p([50] * 13, [50] * 13)
    assert (chart[["lower", "centre", "upper"]] == 1).all(axis=None)
    assert not chart["outside_limits"].any()


# Expected values: appendix 2 of the vignette of R's qicharts2: of so many months that are not on the median, chance
# makes fewer crossings than this in under one series of twenty.
@pytest.mark.parametrize(("months", "fewest"), [(10, 2), (12, 3), (14, 4), (16, 4), (20, 6), (24, 8)])
def test_too_few_crossings_of_the_median_are_told_as_published(months, fewest):
    for crossings in range(1, months):
        below, above = [-1.0], [1.0]
        runs = [(above if run % 2 else below) for run in range(crossings + 1)]
        lengths = np.ones(crossings + 1, dtype=int)
        lengths[0] += months // 2 - len(runs[0::2])
        lengths[1] += months // 2 - len(runs[1::2])
        chart = run_chart(np.concatenate([run * length for run, length in zip(runs, lengths, strict=True)]))
        assert chart["centre"].eq(0).all()
        assert chart["run"].max() == crossings + 1
        assert set(chart["few_runs"]) == {crossings < fewest}


def test_a_run_chart_has_a_median_and_no_limits():
    chart = run_chart([3, 1, 2, None, 9, 2, 1, 3, 2])
    assert set(chart["centre"]) == {2}
    assert chart[["lower", "upper", "sigma"]].isna().all(axis=None)
    assert list(chart["run"]) == [1, 2, 0, 0, 3, 0, 4, 5, 0]
    assert list(chart["status"].unique()) == ["ok", "no_data"]


@pytest.mark.parametrize(
    ("points", "chart"),
    [(0, "none"), (3, "none"), (7, "none"), (8, "run_chart"), (12, "run_chart"), (13, "limits"), (60, "limits")],
)
def test_limits_wait_for_thirteen_months_and_a_median_for_eight(points, chart):
    assert chart_allowed(points) == chart


@pytest.mark.parametrize("values", [[], [5], [None], [None, None], [5, None, 5]])
def test_a_short_or_empty_series_breaks_nothing(values):
    known = [value is not None for value in values]
    counts, audits = [value or 0 for value in values], [9 if there else 0 for there in known]
    for chart in (run_chart(values), xmr(values), p_chart(counts, audits), laney_p(counts, audits)):
        assert list(chart["status"]) == ["too_few" if there else "no_data" for there in known]
        assert list(chart["value"].notna()) == known
        assert not chart[list(RULES)].any(axis=None)
        assert not any(chart["assurance"] != "none")


@pytest.mark.parametrize("improve", ["up", "down"])
@pytest.mark.parametrize(("target", "beyond"), [(0.99, True), (0.01, False), (0.6, None)])
def test_a_share_is_held_against_its_target(improve, target, beyond):
    chart = p_chart([30, 34, 28, 31] * 4, [50] * 16, improve, target)
    missed = None if beyond is None else beyond == (improve == "up")
    expected = {True: "consistent_fail", False: "consistent_pass", None: "inconsistent"}[missed]
    assert set(chart["assurance"]) == {expected}


def test_one_odd_month_among_equal_ones_leaves_limits_to_judge_by():
    chart = xmr([5] * 12 + [9] + [5] * 8)
    assert list(chart.loc[chart["outside_limits"], "point"]) == [13]


def test_each_segment_of_a_p_chart_has_its_own_centre():
    chart = p_chart([10, 12, 40, 38], [50] * 4, rebase_at=[3])
    assert list(chart["centre"]) == pytest.approx([0.22, 0.22, 0.78, 0.78])
    assert list(chart["segment"]) == [1, 1, 2, 2]


@pytest.mark.parametrize("rebase_at", [[0], [1], [4], [2, 9]])
def test_a_rebasing_that_cannot_be_is_refused(rebase_at):
    with pytest.raises(ValueError, match="rebase_at"):
        xmr([1, 2, 3], rebase_at=rebase_at)


def test_a_chart_keeps_the_index_of_its_series():
    months = ["2013-05", "2013-06", "2013-06"]
    values = pd.Series([4, None, 6], index=months)
    of = pd.Series([9, 0, 9], index=months)
    for chart in (xmr(values), run_chart(values), p_chart(values, of), laney_p(values, of)):
        assert list(chart.index) == months


some_values = st.lists(st.one_of(st.none(), st.integers(0, 100)), max_size=40)


@given(some_values, st.booleans())
def test_limits_lie_on_both_sides_of_the_centre_and_missing_months_change_nothing(values, screen):
    chart = xmr(values, screen=screen)
    drawn = chart.dropna(subset=["value", "sigma"])
    assert ((drawn["lower"] <= drawn["centre"]) & (drawn["centre"] <= drawn["upper"])).all()
    dense = xmr([value for value in values if value is not None], screen=screen)
    columns = ["value", "centre", "lower", "upper", *RULES, "cause"]
    there = chart.loc[chart["value"].notna(), columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(there, dense[columns])


months = st.lists(st.integers(0, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), max_size=30)


@given(months)
def test_limits_of_shares_stay_between_0_and_1_and_more_audits_draw_them_in(counts):
    n, of = np.array(counts, dtype=int).reshape(-1, 2).T
    for chart in (p_chart(n, of), laney_p(n, of)):
        shares = chart[["lower", "centre", "upper", "value"]]
        assert (shares.isna() | ((shares >= 0) & (shares <= 1))).all(axis=None)
        assert list(chart["value"].isna()) == list(of == 0)
    chart, more = p_chart(n, of), p_chart(n * 4, of * 4)
    assert list(more["sigma"] * 2) == pytest.approx(list(chart["sigma"]), nan_ok=True)


@given(months)
def test_met_and_not_met_are_mirror_images(counts):
    n, of = np.array(counts, dtype=int).reshape(-1, 2).T
    chart, mirror = p_chart(n, of, "up"), p_chart(of - n, of, "down")
    pd.testing.assert_frame_equal(chart[[*RULES, "cause", "status"]], mirror[[*RULES, "cause", "status"]])
    assert list(1 - mirror["upper"]) == pytest.approx(list(chart["lower"]), nan_ok=True)
