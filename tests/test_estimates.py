"""And for the whole service: stratified estimates against R's survey package, and against what a sample must do."""

import dataclasses
import itertools
import json
import math
from pathlib import Path
from statistics import NormalDist, fmean, pvariance

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_lib.measures.estimates import METHODS, weighted_grades, weighted_share
from qa_lib.settings.scale import NOT_RECORDED, GradeScale

# Expected values: R's survey 4.5 (svydesign, svymean, svyciprop), whose "beta" is Korn and Graubard's interval.
ORACLES = Path(__file__).parent / "data" / "oracles"
CASES = json.loads((ORACLES / "02_stratified.json").read_text(encoding="utf-8"))["cases"]
MARGINS = pd.read_csv(ORACLES / "10_margin_of_error.csv")
IN_R = {"logit": "logit", "wilson": "wilson", "korn_graubard": "beta"}
GRADES = ("Outstanding", "Good", "Requires improvement", "Inadequate")
SCALE = GradeScale(labels=GRADES, lowest_good="Good")


def cases_named(kind, *statuses):
    chosen = [case for case in CASES if case["kind"] == kind and case["expected_status"] in statuses]
    return pytest.mark.parametrize("case", chosen, ids=[case["id"] for case in chosen])


def rows_of(strata):
    """One row an audit from the counts of each stratum: those that meet it, those that do not, those not applicable."""
    table = pd.DataFrame(strata)
    rows = table.loc[table.index.repeat(table["n"])].reset_index(drop=True)
    at = rows.groupby("stratum").cumcount()
    return rows[["stratum"]].assign(hit=at < rows["yes"], applies=at < rows["n"] - rows["not_applicable"])


def population_of(strata):
    return pd.Series({row["stratum"]: row["N"] for row in strata})


def estimate_of(strata, level=0.95, method="logit"):
    return weighted_share(rows_of(strata), population_of(strata), level, method)


def stratum(name, cases, audits, yes, not_applicable=0):
    return {"stratum": name, "N": cases, "n": audits, "yes": yes, "not_applicable": not_applicable}


def check(estimate, expected, tolerance):
    got = (estimate.share, estimate.se, estimate.se_ignoring_fpc)
    assert got == pytest.approx([expected[name] for name in ("estimate", "se", "se_ignoring_fpc")], abs=tolerance)
    assert (estimate.df, estimate.of) == (expected["df"], expected["n_relevant"])
    assert estimate.n / estimate.of == pytest.approx(expected["unweighted_proportion"], abs=tolerance)


# --- R's answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@cases_named("proportion", "ok", "partial_coverage")
def test_a_weighted_share_is_that_of_rs_survey(case, method):
    answers = [answer for answer in case["expected"].values() if isinstance(answer, dict)]
    assert answers
    for expected in answers:
        estimate = estimate_of(case["strata"], expected["level"], method)
        check(estimate, expected, case["tolerance"])
        assert estimate.status == case["expected_status"]
        limits = expected["ci"][IN_R[method]]
        assert (estimate.low, estimate.high) == pytest.approx(limits, abs=case["tolerance"])


@cases_named("proportion", "partial_coverage")
def test_a_service_without_an_audit_is_named_and_not_spoken_for(case):
    estimate, expected = estimate_of(case["strata"]), case["expected"]
    assert list(estimate.strata_missing) == expected["strata_not_sampled"]
    assert estimate.population_covered == pytest.approx(expected["coverage_of_population"], abs=case["tolerance"])
    none_of_it = estimate.share * estimate.population_covered
    bounds = (none_of_it, none_of_it + 1 - estimate.population_covered)
    assert bounds == pytest.approx(expected["bounds_for_whole_population"], abs=case["tolerance"])


@cases_named("proportion", "census")
def test_a_census_has_no_sampling_error(case):
    estimate, expected = estimate_of(case["strata"]), case["expected"]
    assert estimate.status == "census"
    assert estimate.share == pytest.approx(expected["estimate"], abs=case["tolerance"])
    assert (estimate.se, estimate.high - estimate.low) == (expected["se"], expected["ci_width"])


@cases_named("proportion", "single_case_stratum")
def test_one_audit_of_a_service_is_never_counted_as_certain(case):
    estimate, options = estimate_of(case["strata"]), case["expected"]["se_by_lonely_psu_option"]
    assert estimate.share == pytest.approx(case["expected"]["estimate"], abs=case["tolerance"])
    assert estimate.se == pytest.approx(options["adjust"]["se"], abs=case["tolerance"])
    assert estimate.df == options["adjust"]["df"]
    lonely = [row["stratum"] for row in case["strata"] if row["n"] == 1 < row["N"]]
    assert list(estimate.strata_of_one) == lonely
    # The only case of a service is known: R gives one answer by all its options, and nothing is amiss.
    assert estimate.status == ("single_case_stratum" if lonely else "ok")
    assert bool(lonely) == (options["fail"] == "error")


@pytest.mark.parametrize("method", METHODS)
@cases_named("proportion", "degenerate_se_zero")
def test_all_and_none_have_an_interval(case, method):
    estimate, expected = estimate_of(case["strata"], method=method), case["expected"]
    assert (estimate.share, estimate.se, estimate.status) == (expected["estimate"], 0, "degenerate_se_zero")
    closed, open_end = sorted((estimate.low, estimate.high), key=lambda limit: limit != estimate.share)
    assert closed == estimate.share
    allowed = [limit for limits in expected["fallback_intervals"].values() for limit in limits if 0 < limit < 1]
    assert min(allowed) - case["tolerance"] <= open_end <= max(allowed) + case["tolerance"]


@pytest.mark.parametrize("method", METHODS)
@cases_named("grade_distribution", "ok")
def test_a_grade_distribution_is_that_of_rs_survey(case, method):
    strata = [{**row, "n": sum(row[grade] for grade in GRADES)} for row in case["strata"]]
    rows = pd.DataFrame(
        [(row["stratum"], grade) for row in strata for grade in GRADES for _ in range(row[grade])],
        columns=["stratum", "grade"],
    )
    expected, close = case["expected"], case["tolerance"]
    estimates = weighted_grades(rows, population_of(strata), SCALE, expected["level"], method)
    assert list(estimates) == expected["grade"]
    assert [one.share for one in estimates.values()] == pytest.approx(expected["estimate_by_grade"], abs=close)
    assert [one.se for one in estimates.values()] == pytest.approx(expected["se_by_grade"], abs=close)
    assert {one.df for one in estimates.values()} == {expected["df"]}
    for grade, one in estimates.items():
        limits = expected["ci_by_grade"][grade]
        if limits is None:
            assert one.status == "degenerate_se_zero"
            assert one.low == one.share < one.high < 0.1
        else:
            assert one.status == "ok"
            assert (one.low, one.high) == pytest.approx(limits[IN_R[method]], abs=close)
    good = rows.assign(hit=rows["grade"].isin(SCALE.good_or_better), applies=True)
    together, limits = weighted_share(good, population_of(strata), method=method), expected["good_or_better"]
    assert (together.share, together.se) == pytest.approx((limits["estimate"], limits["se"]), abs=close)
    assert (together.low, together.high) == pytest.approx(limits["ci"][IN_R[method]], abs=close)


@cases_named("difference", "ok")
def test_two_periods_give_the_parts_of_their_difference(case):
    earlier, later = (estimate_of(case[period]) for period in ("earlier", "later"))
    expected, close = case["expected"], case["tolerance"]
    assert earlier.share == pytest.approx(expected["estimate_earlier"], abs=close)
    assert later.share == pytest.approx(expected["estimate_later"], abs=close)
    assert math.hypot(earlier.se, later.se) == pytest.approx(expected["se"], abs=close)
    assert earlier.df + later.df == expected["df"]


# Cochran (1977), ch. 3: with one stratum the standard error is sqrt((1 - n/N) p q / (n - 1)).
@pytest.mark.parametrize("case", MARGINS.to_dict("records"), ids=MARGINS["id"])
def test_one_stratum_has_the_standard_error_of_a_simple_random_sample(case):
    infinite = math.isnan(case["N"])
    cases = 10 * case["n"] if infinite else int(case["N"])
    one = estimate_of([stratum("all", cases, case["n"], round(case["n"] * case["p"]))])
    z = NormalDist().inv_cdf((1 + case["conf_level"]) / 2)
    half = z * (one.se_ignoring_fpc if infinite else one.se)
    assert half == pytest.approx(case["margin_fpc_estimated_variance"], abs=case["tolerance"])


# --- what a sample must do -------------------------------------------------------------------------------------------


# Cochran (1977), ch. 5: over all samples that could be drawn, the estimate and its variance are right on average.
def test_over_every_possible_sample_the_share_and_its_variance_are_right_on_average():
    a, b = [True, False, False, True, False], [True, True, False, True]
    estimates = [
        weighted_share(
            pd.DataFrame({"stratum": ["A"] * 3 + ["B"] * 2, "hit": [*from_a, *from_b], "applies": True}),
            pd.Series({"A": len(a), "B": len(b)}),
        )
        for from_a, from_b in itertools.product(itertools.combinations(a, 3), itertools.combinations(b, 2))
    ]
    shares = [estimate.share for estimate in estimates]
    assert fmean(shares) == pytest.approx((sum(a) + sum(b)) / (len(a) + len(b)))
    assert fmean(estimate.se**2 for estimate in estimates) == pytest.approx(pvariance(shares))


@st.composite
def any_strata(draw, fewest=0):
    """Up to six strata, of any number of audits from none to all."""
    strata = []
    for at in range(draw(st.integers(fewest, 6))):
        cases = draw(st.integers(fewest, 40))
        audits = draw(st.integers(fewest, cases))
        yes = draw(st.integers(0, audits))
        strata.append(stratum(f"service {at}", cases, audits, yes, draw(st.integers(0, audits - yes))))
    return strata


def frame_of(strata):
    columns = ["stratum", "N", "n", "yes", "not_applicable"]
    return rows_of(pd.DataFrame(strata, columns=columns).astype(dict.fromkeys(columns[1:], "int64")))


@given(any_strata(), st.sampled_from(METHODS))
def test_an_estimate_holds_its_share_and_counts_every_audit(strata, method):
    population = population_of(strata).astype("int64")
    one = weighted_share(frame_of(strata), population, method=method)
    assert one.of + one.left_out == sum(row["n"] for row in strata)
    assert one.n == sum(row["yes"] for row in strata)
    assert list(one.strata_missing) == [row["stratum"] for row in strata if row["n"] == 0 < row["N"]]
    assert list(one.strata_of_one) == [row["stratum"] for row in strata if row["n"] == 1 < row["N"]]
    assert math.isnan(one.population_covered) == (sum(row["N"] for row in strata) == 0)
    if one.of == 0:
        assert one.status == "no_data"
        assert np.isnan([one.share, one.low, one.high, one.se, one.se_ignoring_fpc]).all()
        return
    assert 0 <= one.low <= one.share <= one.high <= 1
    assert 0 <= one.se <= one.se_ignoring_fpc
    whole = all(row["n"] in {0, row["N"]} for row in strata)
    assert (one.low == one.high) == whole
    assert (one.status == "census") == (whole and not one.strata_missing)
    assert one.strata_missing == () or one.status != "ok"
    assert one.strata_of_one == () or one.status in {"single_case_stratum", "degenerate_se_zero"}


@given(any_strata(), st.randoms(), st.sampled_from(METHODS))
def test_the_order_of_rows_and_the_names_of_strata_change_nothing(strata, random, method):
    rows, population = frame_of(strata), population_of(strata).astype("int64")
    names = {name: ("2013-05", name) for name in population.index}
    order = random.sample(range(len(rows)), len(rows))
    other = rows.iloc[order].assign(stratum=[names[name] for name in rows["stratum"].iloc[order]])
    index = pd.MultiIndex.from_tuples([*names.values()], names=["month", "service"]) if names else population.index
    first = dataclasses.asdict(weighted_share(rows, population, method=method))
    second = dataclasses.asdict(weighted_share(other, population.set_axis(index), method=method))
    for strata_named in ("strata_missing", "strata_of_one"):
        assert second.pop(strata_named) == tuple(names[name] for name in first.pop(strata_named))
    assert second == pytest.approx(first, nan_ok=True)


@given(any_strata(), st.sampled_from(METHODS))
def test_the_order_of_strata_changes_nothing(strata, method):
    rows, population = frame_of(strata), population_of(strata).astype("int64")
    first, second = (weighted_share(rows, cases, method=method) for cases in (population, population[::-1]))
    assert first.status == second.status
    figures = ("share", "low", "high", "se", "se_ignoring_fpc", "df", "n", "of", "left_out", "population_covered")
    assert [getattr(second, name) for name in figures] == pytest.approx(
        [getattr(first, name) for name in figures], nan_ok=True
    )


@given(any_strata(fewest=1), st.sampled_from(METHODS))
def test_read_from_the_other_side_an_estimate_is_the_same(strata, method):
    one = estimate_of(strata, method=method)
    other = estimate_of(
        [{**row, "yes": row["n"] - row["not_applicable"] - row["yes"]} for row in strata], method=method
    )
    assert (other.share, other.low, other.high, other.se) == pytest.approx(
        (1 - one.share, 1 - one.high, 1 - one.low, one.se), abs=1e-9, nan_ok=True
    )


@given(any_strata(fewest=1))
def test_one_more_case_that_meets_it_raises_the_share(strata):
    better = [row | {"yes": row["yes"] + (row["yes"] + row["not_applicable"] < row["n"])} for row in strata]
    one, other = estimate_of(strata), estimate_of(better)
    assert one.of == 0 or other.share >= one.share
    assert better == strata or other.share > one.share


@given(st.lists(st.tuples(st.sampled_from(["A", "B"]), st.sampled_from([*GRADES, "Not applicable", NOT_RECORDED]))))
def test_the_shares_of_the_grades_add_up_to_one(pairs):
    rows = pd.DataFrame(pairs, columns=["stratum", "grade"])
    estimates = weighted_grades(rows, pd.Series({"A": 600, "B": 100}), SCALE).values()
    on_scale = int(rows["grade"].isin(GRADES).sum())
    assert {(one.of, one.left_out) for one in estimates} == {(on_scale, len(rows) - on_scale)}
    assert sum(one.n for one in estimates) == on_scale
    if on_scale:
        assert sum(one.share for one in estimates) == pytest.approx(1)


# --- the edges -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_one_audit_says_next_to_nothing(method):
    one = estimate_of([stratum("A", 40, 1, 1)], method=method)
    assert (one.share, one.high, one.df, one.status) == (1, 1, 0, "degenerate_se_zero")
    assert one.low < 0.21
    assert one.strata_of_one == ("A",)


@pytest.mark.parametrize("method", METHODS)
def test_one_audit_of_every_service_gives_a_share_and_no_more(method):
    one = estimate_of([stratum("A", 30, 1, 1), stratum("B", 10, 1, 0)], method=method)
    assert (one.share, one.low, one.high, one.df, one.status) == (0.75, 0, 1, 0, "single_case_stratum")


def test_services_that_each_agree_in_themselves_are_not_a_census():
    one = estimate_of([stratum("A", 50, 5, 5), stratum("B", 50, 5, 0)])
    assert (one.share, one.se, one.status) == (0.5, 0, "degenerate_se_zero")
    assert one.low < 0.3
    assert one.high > 0.7


def test_a_census_of_some_services_does_not_speak_for_the_rest():
    one = estimate_of([stratum("A", 4, 4, 3), stratum("B", 50, 0, 0)])
    assert (one.share, one.low, one.high, one.status) == (0.75, 0.75, 0.75, "partial_coverage")


def test_a_service_without_a_case_is_not_missing():
    one = estimate_of([stratum("A", 40, 10, 5), stratum("B", 0, 0, 0)])
    assert (one.strata_missing, one.population_covered, one.status) == ((), 1, "ok")


def test_a_hit_counts_only_where_the_question_applies():
    rows = pd.DataFrame({"stratum": "A", "hit": True, "applies": [True, True, False]})
    one = weighted_share(rows, pd.Series({"A": 30}))
    assert (one.n, one.of, one.left_out) == (2, 2, 1)


def test_the_rows_and_the_population_stay_as_they_were():
    rows, population = rows_of([stratum("A", 40, 10, 5)]), pd.Series({"A": 40})
    before = rows.copy()
    weighted_share(rows, population)
    pd.testing.assert_frame_equal(rows, before)
    pd.testing.assert_series_equal(population, pd.Series({"A": 40}))


ONE = pd.DataFrame({"stratum": ["A", "A"], "hit": [True, False], "applies": [True, True]})


@pytest.mark.parametrize(
    ("rows", "population", "method", "said"),
    [
        (ONE, pd.Series({"A": 40}), "mean", "method"),
        (ONE, pd.Series({"B": 40}), "logit", "2 of 2 rows"),
        (ONE.assign(stratum=["A", None]), pd.Series({"A": 40}), "logit", "1 of 2 rows"),
        (ONE, pd.Series({"A": 1}), "logit", "more audits than cases"),
        (ONE, pd.Series({"A": np.nan}), "logit", "number of cases"),
        (ONE, pd.Series({"A": -1}), "logit", "number of cases"),
        (ONE, pd.Series([40, 40], index=["A", "A"]), "logit", "distinct"),
        (ONE.assign(hit=["Yes", "No"]), pd.Series({"A": 40}), "logit", "True or False"),
        (ONE.assign(applies=[1.0, np.nan]), pd.Series({"A": 40}), "logit", "True or False"),
        (ONE.assign(hit=pd.array([True, None], dtype="boolean")), pd.Series({"A": 40}), "logit", "bool"),
    ],
)
def test_what_cannot_be_weighted_is_refused(rows, population, method, said):
    with pytest.raises(ValueError, match=said):
        weighted_share(rows, population, method=method)
