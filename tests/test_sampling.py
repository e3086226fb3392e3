"""Which cases are drawn: allocation against its oracle, the draw against its own design, a thousand times."""

import hashlib
from datetime import date, datetime
from fractions import Fraction
from math import ceil, floor

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from oracles import cases
from scipy import stats

from qa_lib.measures.lots import chances
from qa_lib.measures.sampling import REASONS, Design, allocate, draw, replace

ON = date(2013, 5, 1)
SERVICES = ("Duty", "Care", "Disabled")


def design(**changes):
    usual = {"cases": 30, "minimum": 2, "reserves": 9, "second_looks": 8, "not_again_months": 12, "look_back_months": 6}
    return Design(**{**usual, "on": ON, "services": SERVICES, **changes})


def plain(n, service="Duty"):
    """So many cases of a service, each a family of its own."""
    return pd.DataFrame({"case_id": [f"{service}-{at}" for at in range(n)], "service": service})


def drawn_ids(drawn, place="drawn"):
    return set(drawn.frame.loc[drawn.frame["place"] == place, "case_id"])


# --- allocate: the oracle, and what must hold of any allocation ------------------------------------------------------


@pytest.mark.parametrize("case", cases("09_allocation.json"))
def test_an_allocation_is_the_oracles(case):
    sizes, total, expected = case["caseload"], case["sample_size"], case["expected"]
    acceptable = {"ok": "acceptable_hamilton", "sample_exceeds_population": "take_all"}[case["expected_status"]]
    found = allocate(total, sizes)
    assert found in (expected[acceptable] if case["expected_status"] == "ok" else [expected[acceptable]])
    assert found == allocate(total, dict(zip(case["strata"], sizes, strict=True)))
    if "min_one_first_then_hamilton" in expected:
        assert allocate(total, sizes, minimum=1) == expected["min_one_first_then_hamilton"]
    if expected.get("min_one_status", "").startswith("infeasible"):
        with pytest.raises(ValueError, match="a minimum of 1 of each stratum needs 6 cases, not 4"):
            allocate(total, sizes, minimum=1)


def test_a_tie_goes_to_the_larger_stratum_and_then_to_the_earlier():
    # 620 and 1,100 of 3,000 both leave a third of a case (As01); of six alike the first two get one more (As04).
    assert allocate(50, [620, 1100, 480, 310, 250, 240]) == [10, 19, 8, 5, 4, 4]
    assert allocate(50, [500] * 6) == [9, 9, 8, 8, 8, 8]


def test_what_a_stratum_cannot_give_is_parted_anew():
    # Quotas 6, 3, 1. The first can give two: eight are left for the others, 6 and 2 by their sizes of 30 and 10.
    assert allocate(10, [60, 30, 10], most=[2, 30, 10]) == [2, 6, 2]
    assert allocate(10, {"a": 60, "b": 30, "c": 10}, most={"c": 10, "b": 30, "a": 2}) == [2, 6, 2]
    # ... and where that overfills the second as well, the third gets the rest.
    assert allocate(10, [60, 30, 10], most=[2, 3, 10]) == [2, 3, 5]
    assert allocate(10, [60, 30, 10], most=[2, 3, 4]) == [2, 3, 4]


@pytest.mark.parametrize(
    "wrong", [(-1, [2, 3]), (1, [2, -3]), (1, [2, 3], -1), (1, [2, 3], 0, [1]), (1, {"a": 1}, 0, {"b": 1})]
)
def test_an_allocation_of_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=r"0 or more|the strata of"):
        allocate(*wrong)


strata = st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 1500)), min_size=1, max_size=9)


@given(strata, st.integers(0, 4000), st.integers(0, 3))
def test_an_allocation_keeps_its_sum_and_its_bounds(sizes_and_most, total, minimum):
    sizes, most = map(list, zip(*sizes_and_most, strict=True))
    rooms = list(map(min, sizes, most))
    if sum(min(minimum, room) for room in rooms) > total:
        with pytest.raises(ValueError, match="a minimum of"):
            allocate(total, sizes, minimum, most)
        return
    found = allocate(total, sizes, minimum, most)
    assert sum(found) == min(total, sum(rooms))
    assert all(min(minimum, room) <= number <= room for number, room in zip(found, rooms, strict=True))
    assert found == allocate(total, sizes, minimum, most)


@given(st.lists(st.integers(0, 1500), min_size=1, max_size=9), st.integers(0, 4000))
def test_without_a_minimum_each_number_is_its_quota_rounded(sizes, total):
    total = min(total, sum(sizes))
    for number, size in zip(allocate(total, sizes), sizes, strict=True):
        quota = Fraction(total * size, sum(sizes)) if size else Fraction(0)
        assert number in {floor(quota), ceil(quota)}


@given(st.lists(st.integers(1, 1500), min_size=2, max_size=9, unique=True), st.integers(0, 4000), st.randoms())
def test_a_larger_stratum_never_gets_fewer_and_the_order_of_strata_does_not_matter(sizes, total, shuffler):
    found = dict(zip(sizes, allocate(total, sizes), strict=True))
    assert [found[size] for size in sorted(sizes)] == sorted(found.values())
    shuffled = shuffler.sample(sizes, len(sizes))
    assert dict(zip(shuffled, allocate(total, shuffled), strict=True)) == found


# --- who can be drawn ------------------------------------------------------------------------------------------------

EVERY_REASON = {
    "closed": {"closed": date(2013, 4, 30)},
    "outside": {"outside": True},
    "audited": {"last_audited": date(2013, 4, 1)},
    "restricted": {"restricted": "Yes"},
    "opened": {"opened": date(2013, 4, 1)},
    "held": {"held": True},
}


def test_a_case_has_the_first_reason_that_holds():
    names = list(EVERY_REASON)
    assert (*names, "sibling") == REASONS
    rows = [{k: v for name in names[at:] for k, v in EVERY_REASON[name].items()} for at in range(len(names) + 1)]
    frame = pd.DataFrame(rows).assign(case_id=[f"c{at}" for at in range(len(rows))], service="Duty")
    assert draw(frame, design(), 1).frame["reason"].tolist() == [*names, ""]


# The window of 12 (6) months before 1 May 2013 begins after 1 May 2012 (1 November 2012). Audits of that day or later
# were not known then, such as those of the drawn cases themselves: the draw can be made again.
@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({}, ""),
        ({"closed": date(2013, 5, 1)}, "closed"),
        ({"closed": date(2013, 5, 2)}, ""),
        ({"last_audited": date(2012, 5, 1)}, ""),
        ({"last_audited": date(2012, 5, 2)}, "audited"),
        ({"last_audited": date(2012, 5, 1), "audited_on": date(2012, 5, 2)}, "audited"),
        ({"last_audited": date(2012, 5, 2), "audited_on": date(2012, 5, 1)}, "audited"),
        ({"last_audited": None, "audited_on": datetime(2012, 5, 2, 9, 30)}, "audited"),  # noqa: DTZ001
        ({"last_audited": date(2013, 4, 30)}, "audited"),
        ({"last_audited": date(2013, 5, 1)}, ""),
        ({"last_audited": date(2013, 5, 2), "audited_on": date(2013, 4, 30)}, "audited"),
        ({"opened": date(2013, 5, 2)}, "opened"),
        ({"opened": date(2012, 11, 1)}, ""),
        ({"opened": date(2012, 11, 2)}, "opened"),
        ({"opened": "", "closed": None, "last_audited": pd.NaT, "held": None, "outside": False}, ""),
        ({"restricted": "No"}, ""),
        ({"restricted": "Not appropriate"}, ""),
        ({"restricted": ""}, ""),
        ({"restricted": None}, ""),
    ],
)
def test_the_bounds_of_each_reason(cells, reason):
    frame = pd.DataFrame([{"case_id": "a", "service": "Duty", **cells}])
    assert draw(frame, design(), 1).frame["reason"].tolist() == [reason]


def test_days_are_read_alike_whatever_holds_them():
    days = ["2012-05-02", None, "2011-01-01"]
    as_dates = plain(3).assign(last_audited=[day and date.fromisoformat(day) for day in days])
    as_times = plain(3).assign(last_audited=pd.to_datetime(pd.Series(days)))
    for frame in (as_dates, as_times, as_dates.fillna("")):
        assert draw(frame, design(), 1).frame["reason"].tolist() == ["audited", "", ""]


@pytest.mark.parametrize(
    "wrong",
    [
        {"case_id": ["Sam", " sam "]},
        {"case_id": ["Sam", None]},
        {"service": ["Duty", None]},
        {"opened": ["Sam", None]},
        {"restricted": ["Sam", "No"]},
        {"held": ["Sam", True]},
    ],
)
def test_a_list_that_cannot_be_drawn_from_is_refused_and_not_repeated(wrong):
    with pytest.raises(ValueError, match=r"each case|holds") as refused:
        draw(plain(2).assign(**wrong), design(), 1)
    assert "sam" not in str(refused.value).casefold()


def test_a_design_has_no_negative_numbers():
    for name in ("cases", "minimum", "reserves", "second_looks", "not_again_months", "look_back_months"):
        with pytest.raises(ValueError, match="0 or more"):
            design(**{name: -1})


# --- the lot ---------------------------------------------------------------------------------------------------------


def test_cases_without_siblings_are_drawn_in_the_order_of_their_hash():
    # With equal chances the order is that of SHA-256 ("seed|family|id"), which any machine counts alike.
    frame = plain(40)
    in_order = sorted(
        frame["case_id"], key=lambda case: hashlib.sha256(f"7|family|{case.lower()}".encode()).hexdigest()
    )
    drawn = draw(frame, design(cases=10, reserves=5), 7)
    assert drawn_ids(drawn) == set(in_order[:10])
    reserves = drawn.frame[drawn.frame["place"] == "reserve"].sort_values("order")
    assert reserves["case_id"].tolist() == in_order[10:15]
    assert reserves["order"].tolist() == [1, 2, 3, 4, 5]
    looks = sorted(in_order[:10], key=lambda case: hashlib.sha256(f"7|second|{case.lower()}".encode()).hexdigest())
    assert set(drawn.frame.loc[drawn.frame["second"], "case_id"]) == set(looks[:8])


def test_families_are_drawn_in_the_order_of_their_pareto_ranks():
    # Rosén (1997): u / (1 - u) over p / (1 - p), counted here from the hashes in fractions; and of each family the
    # child whose own hash is smallest.
    sizes = {f"f{at:02}": 1 + at % 3 for at in range(30)}
    rows = [(f"{family}-{child}", family) for family, size in sizes.items() for child in range(size)]
    frame = pd.DataFrame(rows, columns=["case_id", "family_id"]).assign(service="Duty")

    def digest(what, name):
        return hashlib.sha256(f"9|{what}|{name}".encode()).digest()

    def rank(family):
        u = Fraction(int.from_bytes(digest("family", family)[:8], "big"), 2**64)
        p = Fraction(sizes[family] * 12, 60)
        return u / (1 - u) * (1 - p) / p

    order = sorted(sizes, key=rank)
    first = [
        min((case for case, own in rows if own == family), key=lambda case: digest("child", case)) for family in order
    ]
    drawn = draw(frame, design(cases=12, reserves=6), 9)
    assert drawn_ids(drawn) == set(first[:12])
    reserves = drawn.frame[drawn.frame["place"] == "reserve"].sort_values("order")
    assert reserves["case_id"].tolist() == first[12:18]


def test_a_seed_may_be_a_number_or_a_text():
    one, text, other = (draw(plain(40), design(cases=10), seed) for seed in (1, "1", "2013-05"))
    assert drawn_ids(one) == drawn_ids(text) != drawn_ids(other)


def test_a_family_that_is_sure_to_be_drawn_leaves_the_rest_to_the_others():
    # Four of five families, eight cases: the family of four would have the chance 4 × 4/8. It is taken, each child with
    # the chance 1/4; three of the four single cases are left.
    frame = plain(8).assign(family_id=["f"] * 4 + [""] * 4)
    drawn = draw(frame, design(cases=4, second_looks=0), 1)
    assert drawn.frame["chance"].tolist() == [1 / 4] * 4 + [3 / 4] * 4
    assert drawn.frame.groupby("family_id")["place"].agg(lambda places: (places == "drawn").sum()).to_dict() == {
        "f": 1,
        "": 3,
    }


def test_services_share_the_cases_by_their_cases_not_by_their_families():
    # Of 60 cases in 20 families and 40 in 40, ten are drawn: 6 and 4.
    families = [f"f{at // 3}" for at in range(60)] + [""] * 40
    frame = pd.concat([plain(60), plain(40, "Care")]).assign(family_id=families)
    strata = draw(frame, design(cases=10, minimum=0), 1).strata
    assert strata["drawn"].tolist() == [6, 4, 0]


def test_all_can_be_taken_one_child_of_each_family():
    frame = plain(7).assign(family_id=["f", "f ", "F", "g", "g", None, ""])
    drawn = draw(frame, design(cases=None), 1)
    assert drawn.frame["chance"].tolist() == [1 / 3] * 3 + [1 / 2] * 2 + [1.0] * 2
    assert drawn.strata.loc[0].to_dict() == {"service": "Duty", "listed": 7, "eligible": 7, "drawn": 4, "reserves": 0}


def test_fewer_cases_than_asked_for_are_a_census_and_no_error():
    frame = pd.concat([plain(3), plain(2, "Not recorded"), plain(1, "Adoption")])
    strata = draw(frame, design(), 1).strata
    assert strata["service"].tolist() == ["Duty", "Care", "Disabled", "Adoption", "Not recorded"]
    assert strata["listed"].tolist() == strata["eligible"].tolist() == strata["drawn"].tolist() == [3, 0, 0, 1, 2]


def test_a_list_without_a_case_to_draw_gives_an_empty_draw():
    for frame in (plain(3).assign(closed=ON), plain(3).iloc[:0]):
        drawn = draw(frame, design(), 1)
        assert len(drawn.frame) == len(frame)
        assert drawn.strata[["eligible", "drawn", "reserves"]].to_numpy().sum() == 0
        assert set(drawn.frame["place"]) <= {""}


def test_a_minimum_that_the_cases_asked_for_cannot_meet_is_refused():
    frame = pd.concat([plain(30, service) for service in SERVICES])
    with pytest.raises(ValueError, match="a minimum of 2 of each stratum needs 6 cases, not 5"):
        draw(frame, design(cases=5), 1)


def test_reserves_stand_by_where_a_case_is_drawn_one_each_first():
    frame = pd.concat([plain(90), plain(20, "Care"), plain(4, "Disabled")])
    strata = draw(frame, design(cases=10, minimum=1, reserves=3), 1).strata.set_index("service")
    assert strata["reserves"].to_dict() == {"Duty": 1, "Care": 1, "Disabled": 1}
    # One cannot be one each: it goes by size. Disabled (4 of 114 cases) has no case drawn, so it needs no reserve.
    strata = draw(frame, design(cases=10, minimum=0, reserves=1), 1).strata.set_index("service")
    assert strata["drawn"].to_dict() == {"Duty": 8, "Care": 2, "Disabled": 0}
    assert strata["reserves"].to_dict() == {"Duty": 1, "Care": 0, "Disabled": 0}
    strata = draw(frame, design(cases=10, minimum=0, reserves=500), 1).strata.set_index("service")
    assert strata["reserves"].to_dict() == {"Duty": 82, "Care": 18, "Disabled": 0}


@pytest.mark.parametrize("n", [1, 2, 5, 10])
def test_the_chances_of_pareto_sampling_are_right_within_one_in_a_hundred(n):
    # The exact chance to be among the n smallest ranks, integrated over the rank t of a family: u/(1-u) × (1-p)/p <= t
    # has the chance t o / (1 + t o) with o = p / (1-p), and at most n - 1 of the others may lie below.
    children = [1] * 12 + [2] * 5 + [3] * 2 + [4]
    p = np.array(list(chances(dict(enumerate(children)), n).values()))
    p, n = p[p < 1], n - int((p == 1).sum())
    nodes, weights = np.polynomial.legendre.leggauss(400)
    x, odds = (nodes + 1) / 2, p / (1 - p)
    t = (x / (1 - x))[:, None]
    below, density = t * odds / (1 + t * odds), odds / (1 + t * odds) ** 2 / (1 - x[:, None]) ** 2
    for one in range(len(p)):
        smaller = np.eye(1, n).repeat(len(x), axis=0)  # the chance that so many of the others lie below
        for other in set(range(len(p))) - {one}:
            moved = np.pad(smaller, ((0, 0), (1, 0)))[:, :-1]
            smaller = smaller * (1 - below[:, [other]]) + moved * below[:, [other]]
        exact = (weights / 2 * density[:, one] * smaller.sum(axis=1)).sum()
        assert exact == pytest.approx(p[one], rel=0.01)


# --- a thousand draws ------------------------------------------------------------------------------------------------

FAMILIES = {  # kind of family → the services of its children, and how many such families there are
    "Duty 1": (["Duty"], 40),
    "Duty 2": (["Duty"] * 2, 15),
    "Duty 3": (["Duty"] * 3, 8),
    "Duty 4": (["Duty"] * 4, 4),
    "Care 1": (["Care"], 30),
    "Care 2": (["Care"] * 2, 10),
    "Care 3": (["Care"] * 3, 4),
    "Care 4": (["Care"] * 4, 3),
    "Disabled 1": (["Disabled"], 12),
    "Disabled 2": (["Disabled"] * 2, 6),
    "Disabled 3": (["Disabled"] * 3, 2),
    "Disabled 4": (["Disabled"] * 4, 2),
    "Duty 2 + Care 1": (["Duty", "Duty", "Care"], 12),
    "Care 1 + Disabled 1": (["Care", "Disabled"], 6),
}
DRAWS = 1000


def council():
    """300 cases: 270 in the families above, and 30 that cannot be drawn, brothers and sisters of the first ones."""
    rows = [
        {"service": service, "family_id": f"{kind} no {at}", "kind": kind}
        for kind, (services, families) in FAMILIES.items()
        for at in range(families)
        for service in services
    ]
    rows += [
        {"service": "Duty", "family_id": f"Duty 1 no {at}", "kind": "", **EVERY_REASON[reason]}
        for at, reason in enumerate(5 * list(EVERY_REASON))
    ]
    return pd.DataFrame(rows).assign(case_id=[f"C{at:03}" for at in range(len(rows))])


@pytest.fixture(scope="module")
def thousand():
    frame = council()
    assert len(frame) == 300
    return frame, [draw(frame, design(), seed) for seed in range(DRAWS)]


def stacked(draws, column):
    return np.array([drawn.frame[column].to_numpy() for drawn in draws])


def test_no_draw_holds_an_excluded_case_or_two_children_of_a_family(thousand):
    frame, draws = thousand
    places = stacked(draws, "place")
    assert (places != "")[:, frame["kind"] == ""].sum() == 0
    assert (places != "")[stacked(draws, "reason") != ""].sum() == 0
    by_family = (places != "") @ pd.get_dummies(frame["family_id"]).to_numpy(dtype=int)
    assert by_family.shape == (DRAWS, 154)
    assert by_family.max() == 1
    assert set((places == "drawn").sum(axis=1)) == {30}
    assert set((places == "reserve").sum(axis=1)) == {9}
    second = stacked(draws, "second").astype(bool)
    assert set(second.sum(axis=1)) == {8}
    assert set(places[second]) == {"drawn"}


def test_the_chance_is_the_share_of_eligible_cases_drawn_in_each_service(thousand):
    # Counted in each draw: no family is sure to be drawn here, so all children of a service have the chance n / N.
    frame, draws = thousand
    drawn, eligible = stacked(draws, "place") == "drawn", stacked(draws, "reason") == ""
    expected = np.zeros(eligible.shape)
    for service in SERVICES:
        here = (frame["service"] == service).to_numpy()
        expected += (eligible & here) * ((drawn & here).sum(axis=1) / (eligible & here).sum(axis=1))[:, None]
    assert np.allclose(stacked(draws, "chance").astype(float), expected, rtol=1e-12)


def test_inclusion_by_service_and_family_size_matches_the_design(thousand):
    # Drawn less expected, for each kind of family and service; as a service's numbers add up to its own, one kind of
    # each is left out. The covariance is that of the draws themselves (Hotelling), so nothing is assumed of it.
    frame, draws = thousand
    groups = pd.Series(frame["kind"] + " in " + frame["service"])[frame["kind"] != ""]
    kept = [name for name in groups.unique() if name not in {f"{service} 1 in {service}" for service in SERVICES}]
    gap = (stacked(draws, "place") == "drawn") - stacked(draws, "chance").astype(float)
    by_group = np.column_stack([gap[:, groups.index[groups == name]].sum(axis=1) for name in kept])
    mean, covariance = by_group.mean(axis=0), np.cov(by_group.T)
    statistic = DRAWS * mean @ np.linalg.solve(covariance, mean)
    assert len(kept) == 13
    assert 0.001 < stats.chi2.sf(statistic, len(kept)) < 0.999


def test_inclusion_of_each_case_matches_the_design(thousand):
    # Each term has the mean 1 whatever the others do.
    frame, draws = thousand
    chance = stacked(draws, "chance").astype(float)[:, frame["kind"] != ""]
    drawn = (stacked(draws, "place") == "drawn")[:, frame["kind"] != ""]
    terms = (drawn.sum(axis=0) - chance.sum(axis=0)) ** 2 / (chance * (1 - chance)).sum(axis=0)
    assert len(terms) == 270
    assert 0.001 < stats.chi2.sf(terms.sum(), len(terms)) < 0.999


def test_a_family_in_several_services_is_placed_by_its_children_there(thousand):
    frame, draws = thousand
    sibling = stacked(draws, "reason") == "sibling"
    for kind, service, share in [("Duty 2 + Care 1", "Care", 2 / 3), ("Care 1 + Disabled 1", "Care", 1 / 2)]:
        left_out = sibling[:, (frame["kind"] == kind) & (frame["service"] == service)].sum(axis=0)
        statistic = ((left_out - DRAWS * share) ** 2 / (DRAWS * share * (1 - share))).sum()
        assert 0.001 < stats.chi2.sf(statistic, len(left_out)) < 0.999
    assert not sibling[:, ~frame["kind"].str.contains("+", regex=False)].any()


def test_second_looks_are_a_simple_random_sample_of_the_cases_drawn(thousand):
    frame, draws = thousand
    drawn = (stacked(draws, "place") == "drawn").sum(axis=0)[frame["kind"] != ""]
    looks = stacked(draws, "second").astype(bool).sum(axis=0)[frame["kind"] != ""]
    share = 8 / 30
    statistic = ((looks - drawn * share) ** 2 / (drawn * share * (1 - share))).sum()
    assert 0.001 < stats.chi2.sf(statistic, len(drawn)) < 0.999


def test_reserves_are_used_in_order(thousand):
    _, draws = thousand
    for seed, drawn in enumerate(draws[:100]):
        chosen = drawn.frame[drawn.frame["place"] == "drawn"]
        gone = np.random.default_rng(seed).choice(chosen["case_id"], 6, replace=False)
        after = replace(drawn, dict.fromkeys(gone, "closed since")).frame
        used = after[after["replaces"] != ""]
        for service, n in chosen[chosen["case_id"].isin(gone)].groupby("service").size().items():
            here = drawn.frame[(drawn.frame["place"] == "reserve") & (drawn.frame["service"] == service)]
            expected = here.nsmallest(n, "order")["case_id"]
            assert set(used.loc[used["service"] == service, "case_id"]) == set(expected)


def test_a_late_correction_changes_few_of_the_cases_drawn(thousand):
    # A case that leaves the list makes room for one other, and may move a case from one service to another or change
    # the order of two families of unlike size. Measured over all 270 cases: 0.14 of 30 change on average, 2 at most;
    # with another seed 26.
    frame, draws = thousand
    changed = [
        len(drawn_ids(draws[at]) - drawn_ids(draw(frame.drop(index=at), design(), at)) - {frame.at[at, "case_id"]})
        for at in range(0, 270, 3)
    ]
    assert max(changed) <= 2
    assert np.mean(changed) < 0.5


@pytest.mark.parametrize("at", range(0, 130, 13))
def test_without_siblings_a_correction_changes_no_more_than_the_numbers_of_the_services(at):
    frame = pd.concat([plain(70), plain(40, "Care"), plain(20, "Disabled")], ignore_index=True)
    fewer = frame.drop(index=at)
    before, after = draw(frame, design(), 3), draw(fewer, design(), 3)
    more = after.strata["drawn"] - before.strata["drawn"]
    left = int(frame.at[at, "case_id"] in drawn_ids(before))
    assert len(drawn_ids(after) - drawn_ids(before)) <= more.clip(lower=0).sum() + left


# --- replacing a case ------------------------------------------------------------------------------------------------


@pytest.fixture
def small():
    """Six drawn of Duty with three reserves, two with a second look; three of Care without reserves (a census)."""
    drawn = draw(pd.concat([plain(20), plain(3, "Care")]), design(cases=9, minimum=3, reserves=3, second_looks=4), 5)
    assert drawn.strata["drawn"].tolist()[:2] == [6, 3]
    assert drawn.strata["reserves"].tolist()[:2] == [3, 0]
    return drawn


def row(drawn, case):
    return drawn.frame.set_index("case_id").loc[case, ["place", "second", "replaces", "why"]].tolist()


def of_duty(drawn, place, second=None):
    rows = drawn.frame[(drawn.frame["service"] == "Duty") & (drawn.frame["place"] == place)]
    rows = rows if second is None else rows[rows["second"] == second]
    return rows.sort_values(["order", "case_id"])["case_id"].tolist()


def test_the_next_reserve_takes_the_place_and_the_second_look(small):
    with_look, reserves = of_duty(small, "drawn", second=True)[0], of_duty(small, "reserve")
    after = replace(small, {f" {with_look.upper()} ": "closed since"})
    assert row(after, with_look) == ["replaced", False, "", "closed since"]
    assert row(after, reserves[0]) == ["drawn", True, with_look, ""]
    assert row(after, reserves[1]) == row(small, reserves[1]) == ["reserve", False, "", ""]
    assert after.frame["second"].sum() == 4
    pd.testing.assert_frame_equal(after.strata, small.strata)
    pd.testing.assert_series_equal(after.frame["chance"], small.frame["chance"])
    assert row(small, with_look) == ["drawn", True, "", ""]


def test_a_case_that_nobody_can_replace_is_told(small):
    after = replace(small, {"Care-0": "moved away"})
    assert row(after, "Care-0") == ["excluded", False, "", "moved away"]
    assert drawn_ids(after) == drawn_ids(small) - {"Care-0"}


def test_a_reserve_that_leaves_is_replaced_by_the_next(small):
    case, (first, second, third) = of_duty(small, "drawn")[0], of_duty(small, "reserve")
    look = row(small, case)[1]
    after = replace(small, {first: "moved away", case: "closed since"})
    assert row(after, case) == ["replaced", False, "", "closed since"]
    assert row(after, first) == ["replaced", False, case, "moved away"]
    assert row(after, second) == ["drawn", look, first, ""]
    in_turn = replace(replace(small, {case: "closed since"}), {first: "moved away"})
    pd.testing.assert_frame_equal(after.frame, in_turn.frame)
    last = replace(after, {second: "closed too", third: "moved away"})
    assert row(last, second) == ["replaced", False, first, "closed too"]
    assert row(last, third) == ["excluded", False, second, "moved away"]


def test_a_reserve_that_leaves_before_its_turn_is_not_called(small):
    first, second, third = of_duty(small, "reserve")
    after = replace(small, {second: "moved away"})
    assert row(after, second) == ["excluded", False, "", "moved away"]
    assert drawn_ids(after) == drawn_ids(small)
    both = of_duty(small, "drawn")[:2]
    after = replace(after, dict.fromkeys(both, "closed since"))
    assert drawn_ids(after) == drawn_ids(small) - set(both) | {first, third}


def test_the_order_of_those_who_leave_changes_nothing_and_second_looks_come_first(small):
    gone = dict.fromkeys(of_duty(small, "drawn")[::-1], "flood")
    after = replace(small, gone)
    pd.testing.assert_frame_equal(after.frame, replace(small, dict(reversed(gone.items()))).frame)
    looks = of_duty(small, "drawn", second=True)
    expected = [*looks, *of_duty(small, "drawn", second=False)][:3]
    assert of_duty(after, "replaced") == sorted(expected)
    assert len(of_duty(after, "excluded")) == 3
    assert len(of_duty(after, "drawn", second=True)) == min(len(looks), 3)


@pytest.mark.parametrize("case", ["Sam", "Duty-0"])
def test_only_a_case_that_is_drawn_or_in_reserve_can_leave(case, small):
    if case == "Duty-0":
        case = of_duty(small, "")[0]
    with pytest.raises(ValueError, match="1 of 1 cases are neither drawn nor in reserve") as refused:
        replace(small, {case: "closed since"})
    assert case not in str(refused.value)


# --- what must hold of any draw --------------------------------------------------------------------------------------

days = st.sampled_from([None, date(2010, 1, 1), date(2012, 12, 1), date(2013, 4, 1), date(2013, 6, 1)])
listed = st.fixed_dictionaries(
    {
        "service": st.sampled_from([*SERVICES, "Adoption", "Not recorded"]),
        "family_id": st.sampled_from(["", None, "f1", " F1", "f2", "f3", "f4", "f5"]),
        "opened": days,
        "closed": st.sampled_from([None, None, None, date(2013, 4, 1)]),
        "last_audited": days,
        "audited_on": days,
        "restricted": st.sampled_from(["", "No", "No", "Yes", "Not appropriate"]),
        "held": st.booleans(),
        "outside": st.sampled_from([False, False, True]),
    }
)
designs = st.builds(
    design, cases=st.none() | st.integers(5, 20), minimum=st.integers(0, 1), reserves=st.integers(0, 8),
    second_looks=st.integers(0, 5),
)  # fmt: skip


def framed(rows):
    columns = ["service", "family_id", "opened", "closed"]
    return pd.DataFrame(rows, columns=None if rows else columns).assign(case_id=[f"c{at}" for at in range(len(rows))])


@hypothesis_settings(max_examples=60)
@given(st.lists(listed, max_size=40).map(framed), designs, st.integers(0, 9))
def test_every_case_is_counted_once_and_every_draw_keeps_its_design(frame, asked, seed):
    drawn = draw(frame, asked, seed)
    cases_of, reason = drawn.frame, drawn.frame["reason"]
    assert len(cases_of) == (reason == "").sum() + sum((reason == name).sum() for name in REASONS)
    assert drawn.strata["listed"].sum() == len(frame)
    assert drawn.strata["eligible"].sum() == (reason == "").sum()
    chosen = cases_of[cases_of["place"] != ""]
    assert set(chosen["reason"]) <= {""}
    assert chosen["family"].is_unique
    families = cases_of[reason == ""].groupby("service")["family"].nunique()
    assert (cases_of["place"] == "drawn").sum() == min(
        len(frame) if asked.cases is None else asked.cases, families.sum()
    )
    for service, n, reserves in drawn.strata[["service", "drawn", "reserves"]].itertuples(index=False):
        here = cases_of[cases_of["service"] == service]
        assert (here["place"] == "drawn").sum() == n >= min(asked.minimum, families.get(service, 0))
        assert sorted(here.loc[here["place"] == "reserve", "order"]) == list(range(1, reserves + 1))
        assert here["chance"].sum() == pytest.approx(n)
        assert here["chance"].between(0, 1).all()
    assert ((cases_of["chance"] > 0) <= (reason == "")).all()
    assert cases_of["second"].sum() == min(asked.second_looks, (cases_of["place"] == "drawn").sum())
    pd.testing.assert_frame_equal(cases_of[frame.columns], frame)


@hypothesis_settings(max_examples=40)
@given(st.lists(listed, min_size=1, max_size=40).map(framed), designs, st.randoms())
def test_the_order_of_rows_and_of_columns_changes_nothing(frame, asked, shuffler):
    columns = shuffler.sample(list(frame.columns), len(frame.columns))
    moved = frame.loc[shuffler.sample(range(len(frame)), len(frame)), columns]
    one, other = draw(frame, asked, 1), draw(moved, asked, 1)
    pd.testing.assert_frame_equal(one.frame, other.frame.sort_index()[one.frame.columns])
    pd.testing.assert_frame_equal(one.strata, other.strata)
    assert one.frame_sha256 == other.frame_sha256


def test_the_hash_of_the_frame_tells_what_the_draw_depends_on():
    frame = council()
    hashes = {
        draw(changed, design(), 1).frame_sha256
        for changed in (
            frame,
            frame.iloc[:-1],
            frame.assign(service=["Care", *frame["service"][1:]]),
            frame.assign(family_id=["another", *frame["family_id"][1:]]),
            frame.assign(restricted=["Yes", *frame["restricted"][1:]]),
        )
    }
    assert len(hashes) == 5
    same = frame.assign(team="North", case_id=frame["case_id"].str.lower() + " ", opened=frame["opened"])
    assert draw(same, design(), 2).frame_sha256 == draw(frame, design(), 1).frame_sha256
    assert draw(same, design(), 1).frame["place"].tolist() == draw(frame, design(), 1).frame["place"].tolist()
