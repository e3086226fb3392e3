"""Is it different from last time: against R and published tables, and against what must hold of any two periods."""

from dataclasses import astuple
from math import isnan, nan
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import ORACLES, cases

from qa_lib.measures import change
from qa_lib.measures.change import adjust, difference, grade_shift, weighted_difference
from qa_lib.measures.estimates import weighted_share

# Expected values: R's ratesci and contingencytables; Newcombe (1998), table II, method 10, for Ds01 to Ds04.
TWO_SHARES = pd.read_csv(ORACLES / "03_two_proportions.csv")


@pytest.mark.parametrize("case", TWO_SHARES.to_dict("records"), ids=TWO_SHARES["id"])
def test_a_difference_agrees_with_r_and_the_published_table(case):
    counts = (case["earlier_yes"], case["earlier_n"], case["later_yes"], case["later_n"])
    row = difference(*counts, level=case["conf_level"]).iloc[0]
    assert row["status"] == case["expected_status"]
    if row["status"] == "no_data":
        assert row[["difference", "low", "high", "p"]].isna().all()
    else:
        expected = [case[name] for name in ("expected_difference", "newcombe_lower", "newcombe_upper", "central_midp")]
        assert list(row)[:4] == pytest.approx(expected, abs=case["tolerance"])


def test_a_whole_table_is_compared_in_one_call_and_each_row_stands_for_itself():
    at_95 = TWO_SHARES[TWO_SHARES["conf_level"] == 0.95]
    counts = at_95[["earlier_yes", "earlier_n", "later_yes", "later_n"]]
    table = difference(*(counts[name] for name in counts))
    singly = pd.concat([difference(*row) for row in counts.to_numpy()]).set_axis(at_95.index)
    pd.testing.assert_frame_equal(table, singly)


def test_series_are_matched_by_their_labels():
    before = pd.DataFrame({"n": [3, 9], "of": [10, 10]}, index=["Plan", "Review"])
    after = pd.DataFrame({"n": [9, 5, 4], "of": [10, 10, 10]}, index=["Review", "Plan", "New"])
    table = difference(before["n"], before["of"], after["n"], after["of"])
    assert table["difference"].round(3).to_dict() == {"New": pytest.approx(nan, nan_ok=True), "Plan": 0.2, "Review": 0}
    assert table.loc["New", "status"] == "no_data"


@pytest.mark.parametrize("counts", [(3, 2, 1, 2), (1, 2, 3, 2), (-1, 2, 1, 2)])
def test_counts_in_the_wrong_places_are_refused(counts):
    with pytest.raises(ValueError, match="0 <= n <= of"):
        difference(*counts)


@st.composite
def two_counts(draw):
    of1, of2 = draw(st.integers(0, 400)), draw(st.integers(0, 400))
    return draw(st.integers(0, of1)), of1, draw(st.integers(0, of2)), of2


@given(two_counts())
def test_an_interval_holds_its_difference_within_minus_1_and_1(counts):
    row = difference(*counts).iloc[0]
    if row["status"] != "no_data":
        assert -1 <= row["low"] <= row["difference"] <= row["high"] <= 1
        assert 0 <= row["p"] <= 1
        assert row["low"] < row["high"]


@given(two_counts())
def test_the_other_way_round_only_the_sign_changes(counts):
    row, back = difference(*counts).iloc[0], difference(*counts[2:], *counts[:2]).iloc[0]
    expected = [-back["difference"], -back["high"], -back["low"], back["p"]]
    assert list(row)[:4] == pytest.approx(expected, nan_ok=True)
    assert row["status"] == back["status"]


@given(two_counts().filter(lambda counts: counts[1] > 0 and counts[2] < counts[3]))
def test_one_more_met_moves_the_interval_up(counts):
    n1, of1, n2, of2 = counts
    row, more = difference(n1, of1, n2, of2).iloc[0], difference(n1, of1, n2 + 1, of2).iloc[0]
    assert more["difference"] > row["difference"]
    assert more["low"] >= row["low"]
    assert more["high"] >= row["high"]


# Expected values: R's survey package, with se = sqrt(se1^2 + se2^2).
DIFFERENCES = [case for case in cases("02_stratified.json") if case.values[0]["kind"] == "difference"]


def estimate(strata):
    rows = pd.DataFrame(
        [
            {"stratum": each["stratum"], "hit": audit < each["yes"], "applies": True}
            for each in strata
            for audit in range(each["n"])
        ]
    )
    return weighted_share(rows, pd.Series({each["stratum"]: each["N"] for each in strata}))


@pytest.mark.parametrize("case", DIFFERENCES)
def test_a_weighted_difference_agrees_with_r(case):
    expected = case["expected"]
    found = weighted_difference(estimate(case["earlier"]), estimate(case["later"]), expected["level"])
    assert found.status == case["expected_status"]
    assert found.df == expected["df"]
    names = ("difference_later_minus_earlier", "se")
    numbers = [*(expected[name] for name in names), *expected["ci_t"], expected["p_value_t"]]
    assert [found.difference, found.se, found.low, found.high, found.p] == pytest.approx(numbers, abs=case["tolerance"])


def a_share(share, se, df, status="ok"):
    return SimpleNamespace(share=share, se=se, df=df, status=status)


@pytest.mark.parametrize(
    ("before", "after", "low_is_known", "p_is_known", "status"),
    [
        (a_share(nan, nan, 0, "no_data"), a_share(0.5, 0.1, 40), False, False, "no_data"),
        (a_share(0.5, 0.1, 40), a_share(1.0, 0.0, 40, "degenerate_se_zero"), False, False, "degenerate_se_zero"),
        (a_share(0.5, 0.1, 40, "single_case_stratum"), a_share(0.6, 0.1, 40), True, True, "single_case_stratum"),
        (a_share(0.5, 0.1, 40), a_share(0.6, 0.1, 40, "partial_coverage"), True, True, "partial_coverage"),
        (a_share(0.5, 0.0, 12, "census"), a_share(0.6, 0.1, 40), True, True, "ok"),
        (a_share(0.5, 0.0, 12, "census"), a_share(0.6, 0.0, 12, "census"), True, False, "census"),
        (a_share(0.5, 0.1, 0), a_share(0.6, 0.1, 0), False, False, "too_few"),
    ],
)
def test_a_weighted_difference_says_why_it_is_not_what_it_seems(before, after, low_is_known, p_is_known, status):
    found = weighted_difference(before, after)
    assert found.status == status
    assert (not isnan(found.low), not isnan(found.p)) == (low_is_known, p_is_known)


def test_a_census_adds_no_degrees_of_freedom_and_two_leave_no_width():
    census, sample = a_share(0.5, 0.0, 12, "census"), a_share(0.6, 0.1, 40)
    assert weighted_difference(census, sample).df == 40
    both = weighted_difference(census, census)
    assert both.low == both.difference == both.high == 0


@given(*[st.floats(0, 1)] * 2, *[st.floats(0.001, 0.3)] * 2, st.integers(1, 300))
def test_a_weighted_difference_turns_round_with_its_periods(share1, share2, se1, se2, df):
    before, after = a_share(share1, se1, df), a_share(share2, se2, df)
    found, back = weighted_difference(before, after), weighted_difference(after, before)
    assert -1 <= found.low <= found.difference <= found.high <= 1
    assert (found.low, found.p) == pytest.approx((-back.high, back.p))


# Expected values: R's wilcox.test, and coin's exact permutation test.
SHIFTS = cases("03_ordinal_change.json", in_place="Os09")


@pytest.mark.parametrize("case", SHIFTS)
def test_a_grade_shift_agrees_with_r(case):
    expected, tolerance = case["expected"], case["tolerance"]["default"]
    found = grade_shift(case["earlier"], case["later"])
    assert found.status == case["expected_status"]
    assert found.probability == pytest.approx(expected["probability_later_better"], abs=tolerance)
    assert found.p == pytest.approx(expected.get("p_asymptotic_ties_no_continuity", 1), abs=tolerance)
    few = min(expected["n_earlier"], expected["n_later"]) < 10
    assert isnan(found.p_exact) != few
    if few:
        assert found.p_exact == pytest.approx(expected["p_exact_permutation"], abs=tolerance)


@pytest.mark.parametrize(
    "case", [case for case in cases("03_ordinal_change.json") if sum(case.values[0]["later"]) <= 50]
)
def test_the_exact_p_agrees_with_r_also_in_groups_of_fifty(case):
    exact = change._permutation_p(np.array(case["earlier"]), np.array(case["later"]))
    expected = case["expected"].get("p_exact_permutation", 1)
    assert exact == pytest.approx(expected, abs=case["tolerance"]["default"])


grade_counts = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), min_size=1, max_size=5)


@given(grade_counts)
def test_a_shift_turns_round_with_its_periods_and_with_the_scale(pairs):
    before, after = zip(*pairs, strict=True)
    found = grade_shift(before, after)
    for other in (grade_shift(after, before), grade_shift(before[::-1], after[::-1])):
        assert other.status == found.status
        assert other.probability == pytest.approx(1 - found.probability, nan_ok=True)
        assert (other.p, other.p_exact) == pytest.approx((found.p, found.p_exact), nan_ok=True)


@given(grade_counts, st.integers(0, 5))
def test_a_grade_that_nobody_was_given_changes_nothing(pairs, place):
    before, after = (list(counts) for counts in zip(*pairs, strict=True))
    found = astuple(grade_shift(before, after))
    before.insert(place, 0)
    after.insert(place, 0)
    assert astuple(grade_shift(before, after)) == pytest.approx(found, nan_ok=True)


@given(grade_counts)
def test_a_shift_is_a_probability_and_a_better_grade_raises_it(pairs):
    before, after = (np.array(counts) for counts in zip(*pairs, strict=True))
    found = grade_shift(before, after)
    if found.status != "no_data":
        assert 0 <= found.probability <= 1
        assert 0 <= found.p <= 1
        if after[-1] and len(after) > 1:
            after[[0, -1]] += 1, -1
            assert grade_shift(before, after).probability >= found.probability


@pytest.mark.parametrize(("before", "after"), [([0, 0], [3, 1]), ([2, 1], [0, 0]), ([], [])])
def test_an_empty_period_has_no_shift(before, after):
    assert astuple(grade_shift(before, after)) == pytest.approx((nan, nan, nan, "no_data"), nan_ok=True)


def test_two_cases_can_prove_nothing():
    found = grade_shift([0, 1], [1, 0])
    assert (found.probability, found.p_exact, found.status) == (1, 1, "ok")


@pytest.mark.parametrize(("before", "after"), [([1, 2], [1, 2, 3]), ([1, -2], [1, 2])])
def test_counts_of_different_scales_are_refused(before, after):
    with pytest.raises(ValueError, match="one count"):
        grade_shift(before, after)


# Expected values: R's p.adjust; Benjamini and Hochberg (1995), section 3.2, for Ps01.
@pytest.mark.parametrize("method", ["holm", "bh"])
@pytest.mark.parametrize("case", cases("03_p_adjust.json"))
def test_adjusted_p_values_agree_with_r(case, method):
    name = {"holm": "holm", "bh": "BH"}[method]
    adjusted = adjust(case["p"], method)
    expected = [nan if p is None else p for p in case["expected"][f"adjusted_{name}"]]
    assert list(adjusted) == pytest.approx(expected, abs=case["tolerance"], nan_ok=True)
    assert (adjusted <= 0.05).sum() == case["expected"][f"rejected_at_0.05_{name}"]


some_p_values = st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12)


@given(some_p_values, st.sampled_from(["holm", "bh"]), st.randoms())
def test_adjusting_never_lowers_a_p_value_and_does_not_depend_on_order(p_values, method, random):
    series = pd.Series(p_values, dtype=float)
    adjusted = adjust(series, method)
    assert list(adjusted.isna()) == list(series.isna())
    known = series.dropna()
    assert (adjusted[known.index] >= known - 1e-12).all()
    assert (adjusted[known.index] <= 1).all()
    order = list(range(len(series)))
    random.shuffle(order)
    pd.testing.assert_series_equal(adjust(series.iloc[order], method), adjusted.iloc[order])
    assert series.equals(pd.Series(p_values, dtype=float))


def test_an_unknown_method_and_an_impossible_p_value_are_refused():
    with pytest.raises(ValueError, match="bonferroni"):
        adjust([0.1], "bonferroni")
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjust([0.1, 1.1], "holm")
