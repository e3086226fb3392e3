"""Do auditors agree: coefficients against R, SAS and the papers that made them."""

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from qa_lib.measures.agreement import WEIGHTS, agreement, chance_corrected, krippendorff_alpha

# Expected values: R's vcd::Kappa, irr and irrCAC (5 decimals); Krippendorff (2011) for Is10, Fleiss (1971) for Is11.
ORACLE = "05_interrater.json"
SHARED = Path(__file__).parents[2] / "shared"
COPIED = json.loads((Path(__file__).parent / "data" / "oracles" / ORACLE).read_text(encoding="utf-8"))["cases"]
NOT_OURS_TO_COPY = ["Is11", "Is12"]
TOLERANCE = {"default": 1e-6, "irrCAC": 2e-5}
STATUSES = {"undefined_no_variation": "constant", "too_few_pairs": "too_few", "no_pairs": "no_data", "ok": "ok"}
KAPPAS = dict(zip(WEIGHTS, ("kappa", "kappa_linear", "kappa_quadratic"), strict=True))
GWETS = dict(zip(WEIGHTS, ("gwet_AC1", "gwet_AC2_linear", "gwet_AC2_quadratic"), strict=True))

GRADES = ("Outstanding", "Good", "Requires improvement", "Inadequate")
ANSWERS = [*GRADES, "Not applicable", None]
CELLS = [(first, second) for first in GRADES for second in GRADES]
any_pairs = st.lists(st.tuples(st.sampled_from(ANSWERS), st.sampled_from(ANSWERS)), max_size=30)
enough_pairs = (
    st.lists(st.integers(0, 9), min_size=len(CELLS), max_size=len(CELLS))
    .map(lambda counts: [cell for cell, count in zip(CELLS, counts, strict=True) for _ in range(count)])
    .filter(lambda pairs: len(pairs) >= 20)
)

two_raters = pytest.mark.parametrize(
    "case", [case for case in COPIED if case["expected"]["n_raters"] == 2], ids=lambda case: case["id"]
)


def read_in_place(*path):
    file = SHARED.joinpath(*path)
    if not file.exists():
        pytest.skip(f"{file.name} is read in place, and is not there")
    return file.read_text(encoding="utf-8")


def codes_of(case):
    """Units x raters, 0 the best grade; the oracle has 1 for the lowest."""
    return case["n_categories"] - np.array(case["ratings_units_by_raters"], dtype=float)


def agreement_of(case, **options):
    labels = [str(code) for code in range(case["n_categories"])]
    grades = [[None if np.isnan(code) else labels[int(code)] for code in unit] for unit in codes_of(case)]
    return agreement_in(grades, labels, **options)


def agreement_in(pairs, labels=GRADES, **options):
    first, second = (pd.Series([pair[at] for pair in pairs], dtype=object) for at in (0, 1))
    return agreement(first, second, labels, **options)


def check(found, expected, interval, error, tolerance):
    """The estimate, its standard error and its limits, none of which passes 1."""
    assert found.value == pytest.approx(expected["estimate"], abs=tolerance)
    if error in expected:
        low, high = expected[interval]
        assert found[1:] == pytest.approx((low, min(high, 1), expected[error]), abs=tolerance)


def check_any_raters(case):
    ratings, size, expected = codes_of(case), case["n_categories"], case["expected"]
    for weights, name in GWETS.items():
        if name in expected:
            check(chance_corrected(ratings, size, weights), expected[name], "ci_t_95", "se", TOLERANCE["irrCAC"])
    if "fleiss_kappa" in expected:
        found = chance_corrected(ratings, size, "exact", "fleiss")
        check(found, expected["fleiss_kappa"], "", "", TOLERANCE["default"])
        check(found, expected["fleiss_kappa_irrCAC"], "ci_t_95", "se", TOLERANCE["irrCAC"])
    for level in ("nominal", "ordinal", "interval"):
        found = krippendorff_alpha(ratings, level, fewest=2)
        assert found.status == STATUSES[case["expected_status"]]
        if f"krippendorff_alpha_{level}" in expected:
            value = expected[f"krippendorff_alpha_{level}"]["estimate"]
            assert found.value == pytest.approx(value, abs=TOLERANCE["default"])
        assert found.units == expected["n_units_with_two_or_more_ratings"]
        assert np.isnan(found.value) == (found.status != "ok")


@pytest.mark.parametrize("case", COPIED, ids=lambda case: case["id"])
def test_coefficients_of_any_number_of_raters_agree_with_r(case):
    check_any_raters(case)


@pytest.mark.parametrize("name", NOT_OURS_TO_COPY)
def test_coefficients_agree_with_r_on_data_read_in_place(name):
    cases = json.loads(read_in_place("oracles", ORACLE))["cases"]
    check_any_raters(next(case for case in cases if case["id"] == name))


@two_raters
def test_two_raters_coefficients_agree_with_r(case):
    found, expected = agreement_of(case, fewest=2), case["expected"]
    assert found.status == STATUSES[case["expected_status"]]
    for weights in WEIGHTS:
        if expected.get(KAPPAS[weights]):
            check(found.kappa[weights], expected[KAPPAS[weights]], "ci_normal_95", "ase", TOLERANCE["default"])
        if expected.get(GWETS[weights]):
            check(found.gwet[weights], expected[GWETS[weights]], "ci_t_95", "se", TOLERANCE["irrCAC"])
        if found.status != "ok":
            assert np.isnan(found.kappa[weights]).all()


@two_raters
def test_two_raters_shares_and_direction_are_the_oracles(case):
    found, expected = agreement_of(case), case["expected"]
    assert found.pairs == expected["n_units_with_two_or_more_ratings"]
    assert found.pairs + found.left_out == expected["n_units"]
    if found.pairs:
        table = np.array(expected["table_first_by_second"])  # from the lowest grade up
        moved = np.trace(table), np.triu(table, 1).sum(), np.tril(table, -1).sum()
        assert (found.same, found.better, found.worse) == moved
        shares = [expected["percent_agreement"], *expected["percent_agreement_wilson_95"], expected["within_one_grade"]]
        assert [*found.exact[:3], found.within_one.value] == pytest.approx(shares, abs=TOLERANCE["default"])
    else:
        assert np.isnan([*found.exact, *found.within_one]).all()


# Expected values: SAS, as printed in the tests of statsmodels (kappa linear there as "weighted").
def test_kappas_agree_with_sas():
    table = pd.read_csv(StringIO(read_in_place("data", "real", "inter_rater_examples", "two_rater_table.csv")))
    counts = table.drop(columns="rater_a").to_numpy()
    pairs = [(str(i), str(j)) for (i, j), count in np.ndenumerate(counts) for _ in range(count)]
    found = agreement_in(pairs, ("0", "1", "2"), fewest=2)
    assert found.kappa["exact"] == pytest.approx((0.4842, 0.2137, 0.7547, 0.1380), abs=6e-5)
    assert found.kappa["linear"] == pytest.approx((0.4701, 0.1845, 0.7558, 0.1457), abs=6e-5)


# Expected values: Fleiss (1971), kappa 0.430, and Wikipedia's example of it, 0.210.
def test_fleiss_kappa_is_the_published_one():
    folder = ("data", "real", "inter_rater_examples")
    diagnoses = pd.read_csv(StringIO(read_in_place(*folder, "fleiss1971_diagnoses.csv"))).drop(columns="item")
    counts = pd.read_csv(StringIO(read_in_place(*folder, "fleiss_wikipedia_counts.csv"))).drop(columns="item")
    wikipedia = np.array([np.repeat(np.arange(5.0), row) for row in counts.to_numpy()])
    assert chance_corrected(diagnoses.to_numpy(float) - 1, 5, "exact", "fleiss").value == pytest.approx(0.430, abs=5e-4)
    assert chance_corrected(wikipedia, 5, "exact", "fleiss").value == pytest.approx(0.210, abs=5e-4)


@given(enough_pairs)
def test_kappas_agree_with_statsmodels_where_it_has_a_standard_error(pairs):
    table = np.reshape([pairs.count(cell) for cell in CELLS], (4, 4))
    found = agreement_in(pairs)
    assume(found.status == "ok" and all(kappa.se > 1e-6 for kappa in found.kappa.values()))
    for weights in WEIGHTS:
        second_opinion = cohens_kappa(table, wt=None if weights == "exact" else weights)
        expected = (second_opinion.kappa, second_opinion.std_kappa)
        assert (found.kappa[weights].value, found.kappa[weights].se) == pytest.approx(expected)


# Alpha takes chance without replacement, Fleiss' kappa with it (Krippendorff 2004, Human Communication Research 30).
@pytest.mark.parametrize(("level", "weights"), [("nominal", "exact"), ("interval", "quadratic")])
@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=2, max_size=20))
def test_alpha_of_complete_ratings_follows_from_fleiss_kappa(level, weights, ratings):
    ratings = np.array(ratings, dtype=float)
    kappa = chance_corrected(ratings, 4, weights, "fleiss").value
    alpha = krippendorff_alpha(ratings, level, fewest=2).value
    assert alpha == pytest.approx(1 - (1 - kappa) * (1 - 1 / ratings.size), nan_ok=True)


@pytest.mark.parametrize(("pairs", "status"), [(0, "no_data"), (1, "too_few"), (19, "too_few"), (20, "ok")])
def test_coefficients_are_withheld_below_twenty_pairs_and_shares_are_not(pairs, status):
    found = agreement_in([("Good", "Good"), ("Good", "Inadequate")] * 10 if pairs == 20 else [("Good", "Good")] * pairs)
    assert (found.status, found.pairs) == (status, pairs)
    assert np.isnan([*found.kappa.values(), *found.gwet.values()]).all() == (status != "ok")
    assert np.isnan(found.exact.value) == (pairs == 0)


def test_alpha_is_withheld_below_twenty_units():
    ratings = np.array([[0, 1], [1, 1]] * 10, dtype=float)
    assert krippendorff_alpha(ratings).status == "ok"
    assert krippendorff_alpha(ratings[:19]).status == "too_few"
    assert krippendorff_alpha(ratings[:0]).status == "no_data"
    assert chance_corrected(ratings[:1], 2) == pytest.approx((np.nan,) * 4, nan_ok=True)


def test_full_agreement_has_no_known_interval_but_that_of_its_share():
    found = agreement_in([("Good", "Good"), ("Inadequate", "Inadequate")] * 15)
    for coefficient in [*found.kappa.values(), *found.gwet.values()]:
        assert coefficient == pytest.approx((1, np.nan, np.nan, 0), abs=1e-7, nan_ok=True)
    assert found.exact.low == pytest.approx(0.8865, abs=5e-5)  # Wilson, 30 of 30


def test_pairs_must_be_of_one_length():
    with pytest.raises(ValueError, match="as many second grades"):
        agreement(pd.Series(["Good"]), pd.Series([], dtype=object), GRADES)


@given(any_pairs)
def test_every_case_is_counted_once(pairs):
    found = agreement_in(pairs)
    assert found.pairs + found.left_out == len(pairs)
    assert found.same + found.better + found.worse == found.pairs
    assert (found.status == "no_data") == (found.pairs == 0)


@given(enough_pairs)
def test_coefficients_keep_their_bounds(pairs):
    found = agreement_in(pairs)
    for coefficient in [*found.kappa.values(), *found.gwet.values(), found.exact, found.within_one]:
        assert -1 - 1e-9 <= coefficient.value <= 1 + 1e-9 or found.status == "constant"
        assert coefficient.low <= coefficient.value <= coefficient.high + 1e-9 or np.isnan(coefficient.low)
    assert found.exact.value <= found.within_one.value


@given(enough_pairs, st.randoms())
def test_order_and_names_of_grades_do_not_matter(pairs, random):
    shuffled = random.sample(pairs, len(pairs))
    renamed = [(f"new {first}", f"new {second}") for first, second in shuffled]
    before, after = agreement_in(pairs), agreement_in(renamed, [f"new {grade}" for grade in GRADES])
    assert (before.status, before.better, before.worse) == (after.status, after.better, after.worse)
    assert np.allclose([*before.kappa.values()], [*after.kappa.values()], equal_nan=True)
    assert np.allclose([*before.gwet.values()], [*after.gwet.values()], equal_nan=True)


@given(enough_pairs)
def test_swapping_the_auditors_swaps_only_the_direction(pairs):
    one, other = agreement_in(pairs), agreement_in([pair[::-1] for pair in pairs])
    assert (one.better, one.worse, one.exact) == (other.worse, other.better, other.exact)
    assert np.allclose([*one.kappa.values()], [*other.kappa.values()], equal_nan=True)
    assert np.allclose([*one.gwet.values()], [*other.gwet.values()], equal_nan=True)


@given(enough_pairs, st.sampled_from(GRADES))
def test_one_more_pair_that_agrees_raises_the_shares(pairs, grade):
    before, after = agreement_in(pairs), agreement_in([*pairs, (grade, grade)])
    assert after.exact.value >= before.exact.value
    assert after.within_one.low >= before.within_one.low


def test_categories_serve_as_well_as_words():
    grades = pd.Series(pd.Categorical([*GRADES, None] * 5, GRADES, ordered=True))
    found = agreement(grades, grades, GRADES)
    assert (found.pairs, found.left_out, found.same) == (20, 5, 20)
