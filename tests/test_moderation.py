"""What a second look changes: published examples, a simulation with a known truth, and what must always hold."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_lib.measures.moderation import (
    _double_sampling,
    _shrink,
    adjusted_grades,
    auditor_profiles,
    paired_difference,
    shift,
)
from qa_lib.settings.scale import GradeScale

GRADES = ("Outstanding", "Good", "Requires improvement", "Inadequate")
SCALE = GradeScale(labels=GRADES, lowest_good="Good")
GOAL = "good or better"
ANSWERS = [*GRADES, "Not applicable", None]
LIMITS = ["adjusted", "low", "high"]

any_pairs = st.lists(
    st.tuples(st.sampled_from(["Plan", "Review"]), st.sampled_from(ANSWERS), st.sampled_from(ANSWERS)), max_size=40
).map(lambda rows: pd.DataFrame(rows, columns=["domain", "first", "second"]))


def pairs_of(*cells, selection="random"):
    """Pairs from (first, second, how many)."""
    rows = [(first, second) for first, second, count in cells for _ in range(count)]
    return pd.DataFrame(rows, columns=["first", "second"], dtype=object).assign(selection=selection)


def gradings_of(outstanding, good, requires_improvement, inadequate):
    return pd.DataFrame({"grade": np.repeat(GRADES, [outstanding, good, requires_improvement, inadequate])})


@st.composite
def any_moderation(draw):
    """Gradings of which 20 or more, some of every kind, were moderated at random."""
    counts = draw(st.lists(st.integers(0, 12), min_size=16, max_size=16).filter(lambda counts: sum(counts) >= 20))
    pairs = pairs_of(*zip([first for first in GRADES for _ in GRADES], GRADES * 4, counts, strict=True))
    graded = np.reshape(counts, (4, 4)).sum(axis=1) * draw(st.integers(1, 4))
    return gradings_of(*(graded + draw(st.lists(st.integers(0, 3), min_size=4, max_size=4)))), pairs


# Expected values, from yes at both looks, first only, second only, neither: Newcombe (1998), Stat Med 17:2635; Altman
# et al. (2000), Statistics with Confidence, p. 52; Fagerland et al. (2014), Stat Med 33:2850; Tang (2010) and Chang
# (2024), as R's ratesci cites them; R's contingencytables 3.1.0.
@pytest.mark.parametrize(
    ("counts", "low", "high", "digits"),
    [
        ((20, 12, 2, 16), 0.0562, 0.3292, 4),
        ((14, 5, 0, 22), 0.011, 0.226, 3),
        ((1, 1, 7, 12), -0.507, -0.026, 3),
        ((8, 3, 1, 2), -0.1574, 0.4136, 4),
        ((7, 25, 2, 68), 0.133, 0.318, 3),
        ((59, 6, 16, 80), -0.1186, -0.0046, 4),
    ],
)
def test_the_difference_of_paired_shares_has_newcombes_interval(counts, low, high, digits):
    both, first_only, second_only, _ = counts
    table = pd.DataFrame({"pairs": [sum(counts)], "both": both, "first_only": first_only, "second_only": second_only})
    row = paired_difference(table).iloc[0]
    assert row["difference"] == pytest.approx((second_only - first_only) / sum(counts))
    assert (-row["high"], -row["low"]) == pytest.approx((low, high), abs=0.51 * 10**-digits)  # theirs is first - second


def test_looks_that_always_contradict_each_other_give_the_widest_interval():
    row = paired_difference(pd.DataFrame({"pairs": [10], "both": 0, "first_only": 6, "second_only": 4})).iloc[0]
    # Phi is -1, so Wilson's limits are simply subtracted: 4 of 10 is 0.1682 to 0.6873, 6 of 10 is 0.3127 to 0.8318.
    assert (row["low"], row["high"]) == pytest.approx((0.1682 - 0.8318, 0.6873 - 0.3127), abs=1e-4)


@settings(max_examples=40)
@given(any_pairs)
def test_shift_counts_every_pair_once_and_keeps_its_bounds(pairs):
    table = shift(pairs, SCALE)
    assert (table["pairs"] + table["left_out"]).sum() == len(pairs)
    assert (table["same"] + table["better"] + table["worse"]).equals(table["pairs"])
    known = table[table["pairs"] > 0]
    assert (known["status"] == "ok").all()
    assert np.allclose(known["difference"], known["after"] - known["before"])
    assert (known["low"].between(-1, known["difference"]) & known["high"].between(known["difference"], 1)).all()
    assert (known["low"] < known["high"]).all()


@settings(max_examples=40)
@given(any_pairs, st.randoms())
def test_the_order_of_rows_and_their_index_do_not_matter_to_shift(pairs, random):
    shuffled = pairs.iloc[random.sample(range(len(pairs)), len(pairs))].set_axis([0] * len(pairs))
    pd.testing.assert_frame_equal(shift(pairs, SCALE), shift(shuffled, SCALE))


@settings(max_examples=40)
@given(any_pairs)
def test_swapping_the_looks_mirrors_the_shift(pairs):
    one, other = shift(pairs, SCALE), shift(pairs.rename(columns={"first": "second", "second": "first"}), SCALE)
    assert list(one["better"]) == list(other["worse"])
    assert np.allclose(one[["low", "high"]], -other[["high", "low"]], equal_nan=True)


def test_a_domain_without_pairs_stays_with_an_unknown_shift():
    pairs = pd.DataFrame({"domain": pd.Categorical(["a"], ["a", "b"]), "first": ["Good"], "second": ["Inadequate"]})
    table = shift(pairs, SCALE).set_index("group")
    assert list(table["status"]) == ["ok", "no_data"]
    assert (table.loc["a", "worse"], table.loc["a", "difference"]) == (1, -1)
    assert table.loc["b", ["before", "after", "difference", "low", "high"]].isna().all()


# Expected values: Olofsson et al. (2014), Remote Sensing of Environment 148:42-57: a map checked at 640 places
# is the same design. Of 900,000 ha (10 million pixels) 21,158 ha were cleared, with a half width of 6,158 ha.
def test_double_sampling_gives_the_published_area_and_standard_error():
    checked = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]], dtype=float)
    mapped = np.array([200_000, 150_000, 3_200_000, 6_450_000], dtype=float)
    share, variance = _double_sampling(mapped, checked, np.eye(4))
    assert 900_000 * share[0] == pytest.approx(21_158, abs=0.5)
    assert 900_000 * 1.96 * np.sqrt(variance[0]) == pytest.approx(6_158, rel=2e-3)  # ours counts the pixels as a sample


def test_moderators_who_always_agree_leave_the_variance_of_the_audits():
    share, variance = _double_sampling(np.array([60.0, 40.0]), np.diag([6e6, 4e6]), np.eye(2))
    assert (share[0], variance[0]) == pytest.approx((0.6, 0.6 * 0.4 / 100))


# Tenenbein (1972): where all were checked, the corrected shares are those of the second grades.
@settings(max_examples=40)
@given(any_moderation())
def test_if_all_were_moderated_the_second_grades_are_the_answer(moderation):
    _, pairs = moderation
    table = adjusted_grades(pairs.rename(columns={"first": "grade"}), pairs, SCALE).set_index("group")
    for grade in GRADES:
        assert table.loc[grade, "adjusted"] == pytest.approx((pairs["second"] == grade).mean())


def test_a_random_subset_corrects_the_whole_by_hand():
    # Of 60 first graded good 3 in 10 were not, of 40 others 1 in 10 was: 60 x 0.7 + 40 x 0.1 = 46 of 100.
    pairs = pairs_of(
        ("Good", "Good", 7),
        ("Good", "Inadequate", 3),
        ("Inadequate", "Good", 1),
        ("Inadequate", "Inadequate", 9),
    )
    table = adjusted_grades(gradings_of(0, 60, 0, 40), pairs, SCALE).set_index("group")
    assert list(table["status"].unique()) == ["ok"]
    assert (table.loc[GOAL, "n"], table.loc[GOAL, "of"], table.loc[GOAL, "pairs"]) == (60, 100, 20)
    assert (table.loc[GOAL, "raw"], table.loc[GOAL, "adjusted"]) == pytest.approx((0.6, 0.46))


def test_pairs_that_all_agree_leave_the_shares_and_not_their_width():
    agreeing = pairs_of(*((grade, grade, count) for grade, count in zip(GRADES, (4, 12, 3, 1), strict=True)))
    table = adjusted_grades(gradings_of(20, 60, 15, 5), agreeing, SCALE).set_index("group")
    assert table["status"].eq("joined").all()
    assert table.loc[GOAL, "adjusted"] == pytest.approx(0.8)
    assert table.loc[GOAL, "high"] - table.loc[GOAL, "low"] > 0.2  # Wilson's for 80 of 100 audits is 0.155


@pytest.mark.parametrize(
    ("gradings", "pairs", "status"),
    [
        (gradings_of(0, 50, 50, 0), pairs_of(("Good", "Good", 10), ("Requires improvement", "Good", 10)), "ok"),
        (gradings_of(0, 50, 50, 0), pairs_of(("Good", "Good", 10), ("Requires improvement", "Good", 9)), "too_few"),
        (gradings_of(0, 50, 50, 0), pairs_of(("Good", "Good", 20)), "not_random"),
        (gradings_of(5, 80, 50, 15), pairs_of(*((grade, grade, 5) for grade in GRADES)), "not_random"),
        (
            gradings_of(0, 95, 4, 1),
            pairs_of(("Good", "Good", 18), ("Inadequate", "Good", 1), ("Good", None, 5)),
            "too_few",
        ),
        (gradings_of(0, 90, 5, 5), pairs_of(("Good", "Good", 20)), "joined"),
        (gradings_of(0, 50, 50, 0), pairs_of(("Good", "Good", 40), selection="risk"), "not_random"),
        (gradings_of(0, 50, 50, 0), pairs_of(("Good", "Good", 40), selection="contested"), "not_random"),
        (gradings_of(0, 50, 50, 0), pairs_of(("Good", "Good", 1)), "too_few"),
        (gradings_of(0, 50, 50, 0), pairs_of(), "no_data"),
        (gradings_of(0, 0, 0, 0), pairs_of(), "no_data"),
        (gradings_of(0, 1, 0, 0), pairs_of(("Good", "Good", 1)), "too_few"),
        (gradings_of(0, 9, 0, 0), pairs_of(("Not applicable", "Good", 9)), "no_data"),
    ],
)
def test_a_status_says_why_nothing_is_adjusted(gradings, pairs, status):
    table = adjusted_grades(gradings, pairs, SCALE)
    assert list(table["group"]) == [*GRADES, GOAL]
    assert set(table["status"]) == {status}
    assert table[LIMITS].notna().all(axis=None) == (status in {"ok", "joined"})
    assert table["raw"].notna().all() == (len(gradings) > 0)


def test_only_random_pairs_correct_the_rest():
    gradings = gradings_of(0, 60, 40, 0)
    random = pairs_of(("Good", "Good", 12), ("Requires improvement", "Good", 8))
    risk = pairs_of(("Good", "Inadequate", 10), ("Requires improvement", "Inadequate", 10), selection="risk")
    pd.testing.assert_frame_equal(
        adjusted_grades(gradings, random, SCALE), adjusted_grades(gradings, pd.concat([random, risk]), SCALE)
    )


def test_gradings_must_hold_the_moderated_audits():
    with pytest.raises(ValueError, match="moderated audits too"):
        adjusted_grades(gradings_of(0, 30, 10, 0), pairs_of(("Good", "Good", 31)), SCALE)


@settings(max_examples=40)
@given(any_moderation())
def test_adjusted_grades_are_shares_with_a_width_that_add_up(moderation):
    table = adjusted_grades(*moderation, SCALE).set_index("group")
    assert table.loc[list(GRADES), "adjusted"].sum() == pytest.approx(1)
    assert table.loc[["Outstanding", "Good"], "adjusted"].sum() == pytest.approx(table.loc[GOAL, "adjusted"])
    assert (table["low"].between(0, table["adjusted"]) & table["high"].between(table["adjusted"], 1)).all()
    assert (table["low"] < table["high"]).all()
    assert table.loc[list(GRADES), "n"].sum() == table.loc[GOAL, "of"]


@settings(max_examples=40)
@given(any_moderation(), st.randoms())
def test_order_and_names_of_grades_do_not_matter_to_the_adjustment(moderation, random):
    gradings, pairs = moderation
    names = {grade: f"new {grade}" for grade in GRADES}
    shuffled = pairs.iloc[random.sample(range(len(pairs)), len(pairs))].set_axis([0] * len(pairs)).replace(names)
    renamed = GradeScale(labels=tuple(names.values()), lowest_good="new Good")
    one = adjusted_grades(gradings, pairs, SCALE)
    other = adjusted_grades(gradings.iloc[::-1].replace(names), shuffled, renamed)
    pd.testing.assert_frame_equal(one.drop(columns="group"), other.drop(columns="group"))


@settings(max_examples=40)
@given(any_moderation())
def test_one_second_grade_more_that_is_good_raises_the_adjusted_share(moderation):
    gradings, pairs = moderation
    raised = pairs.assign(second=["Good", *pairs["second"][1:]])
    before, after = (adjusted_grades(gradings, each, SCALE)["adjusted"].iloc[-1] for each in (pairs, raised))
    assert after >= before - 1e-12


# 200 of 150 audits each, of which 30 are moderated: of 200 intervals 90% to 99% is what 95% may come out as.
def test_the_interval_covers_the_truth_that_lenient_auditors_hide():
    random = np.random.default_rng(20130501)
    truth = np.array([0.10, 0.45, 0.33, 0.12])
    lenient = np.array([[0.9, 0.1, 0, 0], [0.15, 0.8, 0.05, 0], [0.02, 0.35, 0.6, 0.03], [0, 0.08, 0.42, 0.5]])
    target = np.append(truth, truth[:2].sum())
    grades, covered, raw = np.array(GRADES, dtype=object), [], []
    for _ in range(200):
        cells = random.choice(16, size=150, p=(truth[:, None] * lenient).ravel())
        first, second = grades[cells % 4], grades[cells // 4]
        pairs = pd.DataFrame({"first": first[:30], "second": second[:30], "selection": "random"})
        table = adjusted_grades(pd.DataFrame({"grade": first}), pairs, SCALE)
        covered.append(table["low"].le(target) & table["high"].ge(target))
        raw.append(table["raw"].iloc[-1])
    assert np.mean(raw) > 0.64  # the first grades say 66% good, the truth is 55%
    assert np.mean(covered, axis=0) == pytest.approx(0.945, abs=0.045)


# Expected values: Efron and Morris (1977), Scientific American 236(5):119-127: hits of 18 batters in 45 turns each,
# drawn towards their mean, 0.265, by the factor 0.212.
def test_means_are_drawn_towards_their_mean_as_in_the_batting_example():
    batting = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]) / 45
    variance = 0.265 * 0.735 / 45
    drawn, errors = _shrink(batting, np.full(18, variance))
    assert np.ptp(drawn) / np.ptp(batting) == pytest.approx(0.212, abs=5e-4)
    assert (drawn[0], drawn[-1]) == pytest.approx((0.294, 0.242), abs=5e-4)
    # Morris (1983), for 18 means of one variance V drawn by B: V (1 - 17/18 B) + 2/15 B^2 (mean - mean of all)^2.
    squares = variance * (1 - 17 / 18 * 0.788) + 2 / 15 * 0.788**2 * (batting - batting.mean()) ** 2
    assert errors == pytest.approx(np.sqrt(squares), rel=1e-3)


def seen(**pairs):
    """Pairs of auditors, each given as (first, second, how many)."""
    return pd.concat([pairs_of(*cells).assign(auditor=auditor) for auditor, cells in pairs.items()], ignore_index=True)


def test_an_auditor_harder_than_the_moderator_is_severe():
    pairs = seen(hard=[("Inadequate", "Good", 5), ("Good", "Good", 5)], easy=[("Good", "Requires improvement", 8)])
    table = auditor_profiles(pairs, SCALE).set_index("group")
    assert (table.loc["hard", "severity"], table.loc["easy", "severity"]) == (1, -1)
    assert (table["shrunk"] == table["severity"]).all()  # two auditors are no distribution
    assert (table["low"] < table["shrunk"]).all()


def test_profiles_say_why_an_auditor_has_none():
    pairs = seen(few=[("Good", "Inadequate", 4)], same=[("Good", "Good", 6)], none=[("Good", None, 7)])
    table = auditor_profiles(pairs, SCALE).set_index("group")
    assert table["status"].to_dict() == {"few": "too_few", "none": "too_few", "same": "constant"}
    assert table["pairs"].to_dict() == {"few": 4, "none": 0, "same": 6}
    assert table.loc["same", "severity"] == 0
    assert table.loc[["few", "none"], ["severity", "shrunk"]].isna().all(axis=None)
    assert table[["low", "high"]].isna().all(axis=None)
    assert auditor_profiles(pairs.iloc[:0], SCALE).empty


@settings(max_examples=40)
@given(st.lists(st.lists(st.integers(0, 15), min_size=5, max_size=9), min_size=4, max_size=8), st.randoms())
def test_profiles_are_drawn_inwards_whatever_the_order_of_rows(cells, random):
    rows = [(f"auditor {at}", GRADES[cell // 4], GRADES[cell % 4]) for at, each in enumerate(cells) for cell in each]
    pairs = pd.DataFrame(rows, columns=["auditor", "first", "second"])
    table = auditor_profiles(pairs, SCALE)
    shuffled = pairs.iloc[random.sample(range(len(pairs)), len(pairs))].set_axis([0] * len(pairs))
    pd.testing.assert_frame_equal(table, auditor_profiles(shuffled, SCALE))
    low, high = table["severity"].min(), table["severity"].max()
    assert table["shrunk"].between(low - 1e-9, high + 1e-9).all()
    known = table[table["status"] == "ok"]
    assert (known["low"] < known["shrunk"]).all()
