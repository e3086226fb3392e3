"""Intervals and words hold what they promise, against a truth that is known: a tenth of `benchmarks/simulation.py`.

Two hundred quarters, of a fixed seed, say less than two thousand. A share of quarters is therefore held against the
count that a figure just as it should be would miss once in ten thousand times: of 200 intervals that hold the truth in
93%, at least 171; of 200 quarters of which 80% tell of a fall, at least 138; and at most 28 of 200 false words if 6.5%
are. Intervals that hold the truth too often (over 97%) cannot be told from good ones by so few, so they are left to the
benchmark. A mean may lie four standard errors from what is due.
"""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from qa_lib.example import gradings as example
from qa_lib.example.truth import DOMAINS, GRADES, step_chances
from qa_lib.report.comparisons import FELL, NO_CLEAR_CHANGE, ROSE, change
from qa_lib.settings.kinds import OVERALL

TENTH = 200
CHANCE = 1e-4


def loaded():
    path = Path(__file__).parents[1] / "benchmarks" / "simulation.py"
    spec = importlib.util.spec_from_file_location("simulation", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


simulation = loaded()
NEVER_OFF = [name for name, domain in DOMAINS.items() if domain.not_applicable == domain.not_recorded == 0]


def least(share):
    return int(binom.ppf(CHANCE, TENTH, share))


def most(share):
    return int(binom.isf(CHANCE, TENTH, share))


@pytest.fixture(scope="module")
def held():
    return simulation.coverage(TENTH)


@pytest.fixture(scope="module")
def told():
    return simulation.changes(TENTH)["share"].to_list()


def test_the_bounds_for_a_tenth_are_those_stated_above():
    assert (least(0.93), least(0.80), most(0.065)) == (171, 138, 28)
    assert most(0.97) == TENTH


# --- what is promised ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("figure", "truth"), simulation.MEANT.items())
def test_intervals_hold_the_truth_that_they_are_meant_for(held, figure, truth):
    assert held.at[figure, truth] * TENTH >= least(0.93)


@pytest.mark.parametrize("figure", simulation.MEANT)
def test_no_corrected_share_leans_to_one_side(held, figure):
    assert abs(held.at[figure, "bias"]) < 4 * held.at[figure, "error"] / TENTH**0.5


def test_quarters_without_a_change_seldom_tell_of_one(told):
    assert told[0] * TENTH <= most(0.065)


def test_a_fall_from_80_to_60_percent_in_one_domain_is_told(told):
    assert simulation.COLUMNS[simulation.FALLING] in NEVER_OFF
    assert told[1] * TENTH >= least(0.80)


def test_a_fall_is_told_less_often_with_fewer_audits_and_nearer_to_a_half(told):
    fall, lower, fewer, both = told[1:]
    assert fall > max(lower, fewer)
    assert both < min(lower, fewer)


# --- what the corrections are for ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", simulation.UNEVEN)
def test_a_raw_share_of_an_uneven_sample_is_wrong_by_what_the_truth_says(held, name):
    by_service = simulation.practice()[:, simulation.OVERALL, :2].sum(axis=1)
    due = np.average(by_service, weights=simulation.UNEVEN[name]) - np.average(by_service, weights=simulation.SIZES)
    raw = held.loc[f"raw, {name}"]
    assert abs(raw["bias"] - due) < 4 * raw["error"] / TENTH**0.5


def test_half_the_audits_from_one_service_mislead_the_raw_share_and_not_the_weighted_one(held):
    name = "half from one service"
    assert held.at[f"raw, {name}", "bias"] < -0.02 < held.at[f"weighted, {name}", "bias"]
    assert held.at[f"raw, {name}", "practice"] < held.at[f"weighted, {name}", "practice"]


def test_the_adjusted_share_is_nearer_to_the_second_look_than_that_of_lenient_auditors(held):
    lenient, adjusted = held.loc["raw, lenient auditors"], held.loc["adjusted"]
    due = simulation.true_share(simulation.OVERALL) - simulation.true_share_at_second_look()
    assert abs(lenient["bias"] - due) < 4 * lenient["error"] / TENTH**0.5
    assert adjusted["error"] < 0.75 * lenient["error"]
    assert lenient["practice"] < 0.5 < adjusted["practice"]


# --- the simulator itself --------------------------------------------------------------------------------------------


def drawn(service, cases=40_000):
    return simulation.draw_grades(np.random.default_rng(7), simulation.practice(), np.full(cases, service))


@pytest.mark.parametrize("service", range(len(simulation.SIZES)))
def test_grades_are_drawn_as_often_as_the_truth_states(service):
    grades = drawn(service)
    for column, domain in enumerate(DOMAINS.values()):
        due = [domain.not_applicable + domain.not_recorded, *simulation.practice()[service, column]]
        due = np.array([due[0], *(share * (1 - due[0]) for share in due[1:])])
        found = np.bincount(grades[:, column] + 1, minlength=len(GRADES) + 1) / len(grades)
        assert found == pytest.approx(due, abs=4 * 0.5 / len(grades) ** 0.5)


def test_grades_of_one_case_belong_together_as_in_the_invented_council():
    assert (simulation.SHARED, simulation.SHARED_OVERALL) == (example._SHARED, example._SHARED_OVERALL)
    grades = pd.DataFrame(drawn(1)).where(lambda places: places != simulation.OFF)
    alike = grades.corr().to_numpy()[~np.eye(len(DOMAINS), dtype=bool)]
    assert 0.3 < alike.min() < alike.max() < 0.7


def test_a_second_look_moves_grades_as_the_truth_states():
    rng = np.random.default_rng(7)
    for first in range(len(GRADES)):
        second = simulation.look_again(rng, np.full(100_000, first))
        lower, higher = step_chances().mean(axis=1)
        due = (lower if first < len(GRADES) - 1 else 0, higher if first else 0)
        assert ((second == first + 1).mean(), (second == first - 1).mean()) == pytest.approx(due, abs=0.006)


def test_the_truth_by_second_look_is_what_second_looks_find():
    rng = np.random.default_rng(7)
    service = np.repeat(simulation.OPEN_CASES, 50)
    first = simulation.draw_grades(rng, simulation.practice(), service)[:, simulation.OVERALL]
    found = (simulation.look_again(rng, first) < simulation.GOOD).mean()
    assert found == pytest.approx(simulation.true_share_at_second_look(), abs=4 * 0.5 / len(service) ** 0.5)


def test_a_domain_is_set_to_a_share_and_the_others_stay():
    before = simulation.practice()
    after = simulation.with_share(before, simulation.FALLING, 0.6)
    assert after[:, simulation.FALLING, :2].sum(axis=1) == pytest.approx(0.6)
    assert after.sum(axis=2) == pytest.approx(1)
    assert np.array_equal(np.delete(after, simulation.FALLING, axis=1), np.delete(before, simulation.FALLING, axis=1))
    assert (after > 0).all()


def test_uneven_samples_hold_as_many_audits_of_different_cases_of_each_service():
    for audits in simulation.UNEVEN.values():
        chosen = simulation._from_each_service(np.random.default_rng(7), audits)
        assert len(set(chosen.tolist())) == simulation.AUDITS
        assert np.bincount(simulation.OPEN_CASES[chosen]).tolist() == audits


def as_protected(before, after):
    """The counts (n, of) of two quarters, by domain, as the report's tables of periods hold them."""
    rows = [
        (domain, period, n, of)
        for period, counts in (("current", after), ("previous", before))
        for domain, (n, of) in zip(DOMAINS, zip(*counts, strict=True), strict=True)
    ]
    table = pd.DataFrame(rows, columns=["group", "period", "n", "of"])
    table = table.assign(share=table["n"] / table["of"], base=table["of"])
    overall = table[table["group"] == OVERALL].assign(group=lambda rows: rows["period"]).drop(columns="period")
    return {
        "periods": SimpleNamespace(table=overall),
        "domains_compared": SimpleNamespace(table=table[table["group"] != OVERALL]),
    }


def test_the_words_are_those_of_the_report():
    rng, moved = np.random.default_rng(7), simulation.practice()
    for column in range(len(DOMAINS)):
        moved = simulation.with_share(moved, column, 0.4 if column % 2 else 0.75)
    before, after = (simulation.draw_counts(rng, shares, 10) for shares in (simulation.practice(), moved))
    words = simulation.words_for(before, after)
    assert {-1, 0, 1} == set(words.ravel().tolist())
    for quarter, found in enumerate(words):
        of_quarter = ([counts[quarter] for counts in period] for period in (before, after))
        table = change(as_protected(*of_quarter)).set_index("group")["direction"]
        said = {1: ROSE, -1: FELL, 0: NO_CLEAR_CHANGE}
        assert table[list(DOMAINS)].tolist() == [said[word] for word in found.tolist()]


# --- the printed table -----------------------------------------------------------------------------------------------


def printed(monkeypatch, capsys, met):
    held = pd.DataFrame(
        {"practice": [0.951, 0.88], "open_cases": [0.96, 0.87], "bias": [0.001, -0.033], "error": [0.04, 0.05],
         "meant": ["practice", None], "met": [met, None]}, index=["plain", "raw"],
    )  # fmt: skip
    told = pd.DataFrame({"share": [0.04], "met": [True]}, index=["some false word"])
    monkeypatch.setattr(simulation, "coverage", lambda _: held)
    monkeypatch.setattr(simulation, "changes", lambda _: told)
    return simulation.main(2_000), capsys.readouterr().out


def test_the_table_stars_the_truth_that_is_meant_and_says_what_was_met(monkeypatch, capsys):
    code, out = printed(monkeypatch, capsys, met=True)
    assert code == 0
    assert "2,000 quarters of 150 audits, 2,400 open cases" in out
    assert [line.split() for line in out.splitlines() if line.startswith(("plain", "raw"))] == [
        ["plain", "95.1%*", "96.0%", "0.1", "4.0", "met"], ["raw", "88.0%", "87.0%", "-3.3", "5.0"],
    ]  # fmt: skip


def test_a_figure_that_is_not_as_asked_ends_the_benchmark_with_1(monkeypatch, capsys):
    code, out = printed(monkeypatch, capsys, met=False)
    assert code == 1
    assert "NOT MET" in out


def test_the_same_seed_gives_the_same_quarters():
    pd.testing.assert_frame_equal(simulation.draw_intervals(2), simulation.draw_intervals(3).head(34))
