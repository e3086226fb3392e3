"""How many audits are enough: against R and the table of Krejcie and Morgan (1970)."""

import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_lib.measures.planning import chance_of_missing, precision, sample_size

ORACLES = Path(__file__).parent / "data" / "oracles"
MARGINS = pd.read_csv(ORACLES / "10_margin_of_error.csv")
SIZES = pd.read_csv(ORACLES / "10_sample_size.csv")
MISSING = pd.read_csv(ORACLES / "10_chance_of_missing.csv")


def cases_of(case):
    return None if math.isnan(case["N"]) else int(case["N"])


@pytest.mark.parametrize("case", MARGINS.to_dict("records"), ids=MARGINS["id"])
def test_precision_is_cochrans(case):
    n, share, level = case["n"], case["p"], case["conf_level"]
    planned = precision(n, cases_of(case), share, level)
    assert planned == pytest.approx(case["margin_fpc_planning"], abs=case["tolerance"])
    assert precision(n, None, share, level) == pytest.approx(case["margin_ignoring_fpc"], abs=case["tolerance"])


@pytest.mark.parametrize("case", SIZES.to_dict("records"), ids=SIZES["id"])
def test_sample_size_is_that_of_the_published_tables(case):
    size = sample_size(case["margin"], cases_of(case), case["p"], case["conf_level"])
    assert abs(size - case["expected_n_published"]) <= case["tolerance"]
    assert size == math.ceil(case["expected_n_unrounded"])


@pytest.mark.parametrize("case", MISSING.to_dict("records"), ids=MISSING["id"])
def test_the_chance_of_missing_a_fault_is_rs_dhyper(case):
    share = case["failing_cases_in_population"] / case["N"]
    chance = chance_of_missing(case["n"], case["N"], share)
    assert chance == pytest.approx(case["probability_sample_finds_none"], abs=case["tolerance"])


@given(st.floats(0.01, 0.5), st.none() | st.integers(1, 5000), st.floats(0.01, 0.99))
def test_a_sample_size_is_the_fewest_that_is_precise_enough(margin, population, share):
    size = sample_size(margin, population, share)
    assert size >= 1
    assert precision(size, population, share) <= margin + 1e-9
    if size > 1:
        assert precision(size - 1, population, share) > margin - 1e-9


@given(st.integers(1, 500), st.integers(0, 500), st.floats(0.01, 0.99))
def test_more_audits_are_never_worse(n, more, share):
    population = n + more
    assert precision(n, population, share) <= precision(n, None, share)
    assert 0 <= precision(population, population, share) <= precision(n, population, share)
    assert 0 <= chance_of_missing(population, population, share) <= chance_of_missing(n, population, share) <= 1


def test_none_and_one_and_all():
    assert math.isnan(precision(0, 10))
    assert precision(1, 1) == 0
    assert sample_size(0.05, 1) == 1
    assert sample_size(0.05, 0) == 0
    assert chance_of_missing(0, 10, 0.1) == 1
    assert chance_of_missing(10, 10, 0.1) == 0
    assert chance_of_missing(5, 10, 0.01) == 1  # a tenth of a case is none
    assert chance_of_missing(72, 100, 0.29) == 0  # of 29 cases, though 0.29 x 100 falls a rounding short


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: precision(50, 40),
        lambda: precision(-1),
        lambda: precision(50, 3000, 0),
        lambda: sample_size(0),
        lambda: sample_size(5),
        lambda: sample_size(0.05, 3000, 50),
        lambda: chance_of_missing(50, 40, 0.1),
    ],
)
def test_a_plan_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"between 0 and 1|cannot be drawn"):
        wrong()
