"""Who audits which case: what must always hold, the optimum against enumeration, and what makes a month impossible.

The months are small, so that every allocation can be tried one by one. What may be is told here a second time, from the
lists alone, in the plainest words there are.
"""

import itertools
import re
from datetime import date
from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from qa_lib.measures.assignment import Rules, assign
from qa_lib.measures.conflicts import conflicts
from qa_lib.measures.dealing import cheapest, dealt_out
from qa_lib.measures.feasibility import Impossible
from qa_lib.measures.workload import Groups, capacities
from qa_lib.report.impossible import causes_told

MAY = date(2013, 5, 1), date(2013, 5, 31)
RULES = Rules(2, *MAY, seed=7)
NAMES = ["Ann Lee", "Bo Day", "Cy Orr", "Di Fox", "Ed Ray"]
NAMED = ("worker", "manager", "earlier_workers", "chair", "reviewer")
WHOLE_MAY = {"leave_from": "2013-05-01", "leave_to": "2013-05-31"}


def people_of(*rows):
    """Auditors from (name, service, team, capacity) and, at the end, a dictionary of more."""
    columns = ["auditor", "service", "team", "capacity"]
    table = pd.DataFrame([{**dict(zip(columns, row, strict=False)), **dict(*row[4:])} for row in rows])
    table = table.reindex(columns=[*columns, "phase", "leave_from", "leave_to"])
    return table.assign(**{name: pd.to_datetime(table[name]) for name in ("leave_from", "leave_to")})


def cases_of(count, **columns):
    return pd.DataFrame({"case_id": [f"Case-{at}" for at in range(count)], "service": "Duty"} | columns)


# --- months of every kind, and what may be in them --------------------------------------------------------------------

nobody_here = ["", "Eve Noone", "Flo Gone;Eve Noone"]
some_name = st.sampled_from([*nobody_here * 3, "Ann Lee", "bo  DAY", " Cy Orr ", "Di Fox;Ed Ray", "Eve Noone; ANN LEE"])
some_leave = st.sampled_from(
    [
        *[(None, None)] * 6,
        ("2013-04-20", None),
        ("2013-05-10", None),
        (None, "2013-05-09"),
        ("2013-05-13", "2013-05-13"),
        ("2013-04-20", "2013-06-09"),
        ("2013-06-01", None),
    ]
)
some_team = st.sampled_from(["", "", "North", "south", "East"])
some_service = st.sampled_from(["Duty", "Care"])
some_phase = st.sampled_from(["second", "Third", "", "First"])


@st.composite
def any_month(draw, cases=6, auditors=5, kept=True):
    """A case list and an auditor list; half of the months or more can be allocated."""
    spare = draw(st.sampled_from([1, 2, 4]))
    person = st.fixed_dictionaries(
        {
            "service": some_service,
            "team": some_team,
            "capacity": st.sampled_from([None, 3, 2, 1, 0]).map(lambda own: own and own * spare),
            "phase": some_phase,
            "leave": some_leave,
        }
    )
    had = st.sampled_from(["", "", *NAMES]) if kept else st.just("")
    case = st.fixed_dictionaries(
        {"service": some_service, "team": some_team, "second": st.sampled_from([False, False, True])}
        | dict.fromkeys(("worker", "earlier_workers", "chair"), some_name)
        | dict.fromkeys(("auditor", "second_auditor", "paired_with"), had)
    )
    people = [
        {"auditor": name} | draw(person) for name in NAMES[: draw(st.sampled_from([auditors, auditors - 1, 2, 1]))]
    ]
    rows = [{"case_id": f"Case-{at}"} | draw(case) for at in range(draw(st.integers(1, cases)))]
    table = pd.DataFrame(people)
    for at, column in enumerate(("leave_from", "leave_to")):
        table[column] = pd.to_datetime(table["leave"].str[at])
    return pd.DataFrame(rows), table.drop(columns="leave")


def outcome(cases, auditors):
    """The assignment, or the causes that there is none."""
    try:
        return assign(cases, auditors, RULES)
    except Impossible as impossible:
        return impossible.causes


def plain(text):
    return " ".join(str(text).split()).casefold()


def barred(case, person):
    named = {plain(name) for column in NAMED for name in str(case.get(column, "")).split(";")}
    return plain(person["auditor"]) in named or plain(person["team"]) == plain(case.get("team", "")) != ""


def is_peer(case, person):
    ours, theirs = plain(case.get("team", "")), plain(person["team"])
    return case["service"] == person["service"] and "" not in (ours, theirs) and ours != theirs


def can_do(auditors):
    """Audits that each auditor can do, and could without leave; that trainees could; whether she is there at all."""
    days = [day for day in pd.date_range(*MAY) if day.weekday() < 5]
    left, whole, training, there = {}, {}, {}, {}
    for name, person in auditors.set_index("auditor").iterrows():
        start, end = person["leave_from"], person["leave_to"]
        away = [day for day in days if not (pd.isna(start) and pd.isna(end)) and not (day < start or day > end)]
        capacity = RULES.capacity if pd.isna(person["capacity"]) else int(person["capacity"])
        share, trainee = capacity * (len(days) - len(away)) // len(days), plain(person["phase"]) == "first"
        left[name], whole[name], training[name] = (0, 0, share) if trainee else (share, capacity, 0)
        there[name] = len(away) < len(days)
    return left, whole, training, there


def cheapest_by_hand(cases, auditors, room):
    """The least cost of all allocations, tried one by one; None if there is none."""
    people = auditors.to_dict("records")
    most = [room[person["auditor"]] for person in people]

    @cache
    def least(at, loads):
        if at == len(cases):
            return Fraction(0)
        case, costs = cases[at], []
        may = [who for who, person in enumerate(people) if not barred(case, person)]
        for work in itertools.permutations(may, 2 if case["second"] else 1):
            after = tuple(n + (who in work) for who, n in enumerate(loads))
            if any(n > limit for n, limit in zip(after, most, strict=True)):
                continue
            rest = least(at + 1, after)
            if rest is not None:
                balance = sum(Fraction(2 * after[who] - 1, most[who]) for who in work)
                costs.append(rest + balance + (not is_peer(case, people[work[0]])))
        return min(costs, default=None)

    return least(0, (0,) * len(people))


def cost_of(found, cases, auditors):
    """The cost of an allocation, by the definition."""
    load = found.load.set_index("auditor")
    audits = load["audits"] + load["second_looks"]
    balance = sum(Fraction(2 * k - 1, int(load["capacity"][who])) for who, n in audits.items() for k in range(1, n + 1))
    people = {person["auditor"]: person for person in auditors.to_dict("records")}
    leads = zip(cases.to_dict("records"), found.cases["auditor"], strict=True)
    return balance + sum(not is_peer(case, people[lead]) for case, lead in leads)


# --- what must always hold --------------------------------------------------------------------------------------------


@settings(max_examples=100)
@given(any_month())
def test_nobody_gets_a_case_that_she_may_not_have_or_more_than_she_can_do(month):
    cases, auditors = month
    found = outcome(cases, auditors)
    if isinstance(found, tuple):
        return
    people = {person["auditor"]: person for person in auditors.to_dict("records")}
    left, _, _, there = can_do(auditors)
    trainees = {name for name, person in people.items() if plain(person["phase"]) == "first"}
    assert found.cases["case_id"].tolist() == cases["case_id"].tolist()
    kept = dict.fromkeys(people, 0)
    for case, row in zip(cases.to_dict("records"), found.cases.to_dict("records"), strict=True):
        lead, second, paired = row["auditor"], row["second_auditor"], row["paired_with"]
        assert lead in people
        assert bool(second) == case["second"]
        assert lead != second
        assert not trainees & {lead, second}
        assert paired in trainees | {""}
        assert row["peer"] == is_peer(case, people[lead])
        for who in filter(None, (lead, second, paired)):
            assert not barred(case, people[who])
            assert there[who]
        for had in ("auditor", "second_auditor", "paired_with"):
            who = case[had]
            fit = who in people and not barred(case, people[who]) and there[who]
            role = (who in trainees) == (had == "paired_with")
            wanted = had != "second_auditor" or (case["second"] and who != case["auditor"])
            if fit and role and wanted:
                assert row[had] == who
                kept[who] += had != "paired_with"
    load = found.load.set_index("auditor")
    assert load.index.tolist() == auditors["auditor"].tolist()
    for column, done in {"auditor": "audits", "second_auditor": "second_looks", "paired_with": "paired"}.items():
        counts = found.cases[column].value_counts()
        assert load[done].to_dict() == {name: counts.get(name, 0) for name in load.index}
    for name in load.index:
        assert load["available"][name] == there[name]
        if name not in trainees:
            assert load["audits"][name] + load["second_looks"][name] <= max(left[name], kept[name])


@settings(max_examples=30)
@given(any_month(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(month, chance):
    cases, auditors = month
    one, other = ([*range(len(table))] for table in month)
    chance.shuffle(one)
    chance.shuffle(other)
    found, again = outcome(cases, auditors), outcome(cases.iloc[one], auditors.iloc[other])
    if isinstance(found, tuple):
        assert again == found
        return
    pd.testing.assert_frame_equal(again.cases, found.cases.iloc[one].reset_index(drop=True))
    pd.testing.assert_frame_equal(again.load, found.load.iloc[other].reset_index(drop=True))
    assert again.barred == found.barred


@settings(max_examples=60)
@given(any_month(cases=4, auditors=4, kept=False))
def test_no_allocation_costs_less_and_a_month_is_impossible_if_there_is_none(month):
    cases, auditors = month
    room, *_ = can_do(auditors)
    least = cheapest_by_hand(cases.to_dict("records"), auditors, room)
    found = outcome(cases, auditors)
    assert least == (None if isinstance(found, tuple) else cost_of(found, cases, auditors))


@pytest.mark.parametrize("seed", range(25))
def test_no_allocation_costs_less_where_there_is_much_to_choose(seed):
    chance = np.random.default_rng(seed)
    teams = [("Duty", "North"), ("Duty", "South"), ("Care", "East")]
    auditors = people_of(*((name, *teams[chance.integers(3)], int(chance.integers(2, 7))) for name in NAMES[:4]))
    picked = [teams[at] for at in chance.integers(0, 3, 5)]
    columns = {"service": [service for service, _ in picked], "team": [team for _, team in picked]}
    cases = cases_of(5, **columns, second=chance.random(5) < 0.4, worker=chance.choice([*NAMES, "", ""], 5))
    least = cheapest_by_hand(cases.to_dict("records"), auditors, can_do(auditors)[0])
    found = outcome(cases, auditors)
    assert least == (None if isinstance(found, tuple) else cost_of(found, cases, auditors))


@pytest.mark.parametrize("seed", range(5))
def test_a_larger_month_costs_what_the_assignment_algorithm_finds(seed):
    # Crouse (2016), IEEE Transactions on Aerospace and Electronic Systems 52:1679, of scipy: a column an audit that
    # somebody can do, at the cost of the k-th of hers.
    chance = np.random.default_rng(seed)
    teams = [("Duty", "North"), ("Duty", "South"), ("Care", "East"), ("Care", "West")]
    auditors = people_of(*((f"A{at}", *teams[at % 4], int(chance.integers(2, 9))) for at in range(12)))
    picked = [teams[at] for at in chance.integers(0, 4, 40)]
    columns = {"service": [service for service, _ in picked], "team": [team for _, team in picked]}
    cases = cases_of(40, **columns, worker=[f"A{at}" for at in chance.integers(0, 20, 40)])
    people = auditors.to_dict("records")
    audits = [(person, k) for person in people for k in range(1, int(person["capacity"]) + 1)]
    costs = [
        [np.inf if barred(case, who) else (2 * k - 1) / who["capacity"] + (not is_peer(case, who)) for who, k in audits]
        for case in cases.to_dict("records")
    ]
    rows, columns = linear_sum_assignment(np.array(costs))
    found = assign(cases, auditors, RULES)
    assert float(cost_of(found, cases, auditors)) == pytest.approx(np.array(costs)[rows, columns].sum(), abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_lots_leave_one_optimum_in_whatever_order_groups_and_auditors_are_given(seed):
    chance = np.random.default_rng(seed)
    groups = Groups(chance.integers(1, 5, 9), np.tile([True, True], (9, 1)), chance.random((9, 6)) < 0.9)
    cost, steps = np.zeros((9, 2, 6), dtype=np.int64), [np.arange(1, 40, 2)] * 6
    lots = chance.integers(0, 2**31, (9, 2, 6))
    found = cheapest(groups, cost, steps, lots)
    one, other = chance.permutation(9), chance.permutation(6)
    turned = Groups(groups.cases[one], groups.asks[one], groups.may[np.ix_(one, other)])
    again = cheapest(turned, cost, steps, lots[one][:, :, other])
    assert (again == found[one][:, :, other]).all()
    other_lots = chance.integers(0, 2**31, (9, 2, 6))
    other = cheapest(groups, cost, steps, other_lots)
    assert (lots * found).sum() < (lots * other).sum()
    assert (other_lots * other).sum() < (other_lots * found).sum()
    assert (found.sum(axis=1) <= groups.cases[:, None]).all()


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda pair: pair[0] != pair[1]), min_size=1))
def test_cases_with_two_auditors_never_have_the_same_twice(pairs):
    counts = np.zeros((1, 2, 5), dtype=np.int64)
    for lead, second in pairs:
        counts[0, 0, lead] += 1
        counts[0, 1, second] += 1
    lead, second = dealt_out(np.zeros(len(pairs), dtype=np.int64), counts)
    assert (lead != second).all()
    assert np.bincount(lead, minlength=5).tolist() == counts[0, 0].tolist()
    assert np.bincount(second, minlength=5).tolist() == counts[0, 1].tolist()


# --- what was decided, counted by hand --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leave_from", "leave_to", "left"),
    [  # May 2013 began on a Wednesday and had 23 days from Monday to Friday; she can do 6
        (None, None, 6),
        ("2013-05-06", "2013-05-10", 4),  # 6 × 18 / 23 = 4.7
        (None, "2013-05-17", 2),  # 6 × 10 / 23 = 2.6
        ("2013-05-20", None, 3),  # 6 × 13 / 23 = 3.4
        ("2013-05-04", "2013-05-05", 6),  # a weekend
        ("2013-04-01", "2013-06-30", 0),
        ("2013-05-01", "2013-05-30", 0),  # 6 × 1 / 23 = 0.3, yet she is there on the last day
        ("2013-06-01", None, 6),
    ],
)
def test_leave_takes_its_share_of_the_working_days(leave_from, leave_to, left):
    auditors = people_of(("Ann", "Duty", "", 6, {"leave_from": leave_from, "leave_to": leave_to}))
    found = capacities(auditors, 2, *MAY).iloc[0]
    assert (found["whole"], found["capacity"]) == (6, left)
    assert found["available"] == (leave_to != "2013-06-30")


def test_a_peer_is_of_the_same_service_and_of_another_team_as_far_as_both_are_known():
    cases = pd.DataFrame({"service": ["Duty", "duty", "Not recorded"], "team": ["North", "", "North"]})
    auditors = people_of(
        ("A", "Duty", "NORTH"),
        ("B", "Duty", "South"),
        ("C", "Care", "South"),
        ("D", "Duty", ""),
        ("E", "Not recorded", "South"),
    )
    assert conflicts(cases, auditors).peer.astype(int).tolist() == [[0, 1, 0, 0, 0], [0] * 5, [0] * 5]


def test_a_peer_takes_cases_until_she_is_busier_by_more_than_half_of_her_capacity():
    # Four cases: 3 and 1 cost (1 + 3 + 5) / 4 + 1 / 4 + 1 = 3.5; 4 and 0 cost 16 / 4; 2 and 2 cost 4 / 4 + 4 / 4 + 2.
    auditors = people_of(("Ann", "Duty", "North", 4), ("Bo", "Review", "East", 4))
    load = assign(cases_of(4, team="South"), auditors, RULES).load
    assert load["audits"].tolist() == [3, 1]
    assert assign(cases_of(2, team="South"), auditors, RULES).cases["peer"].tolist() == [True, True]
    assert assign(cases_of(4), auditors, RULES).load["audits"].tolist() == [2, 2]  # no team is known, nobody is a peer


def test_who_can_do_twice_as_many_gets_twice_as_many():
    auditors = people_of(("Ann", "Duty", "", 8), ("Bo", "Duty", "", 4), ("Cy", "Duty", "", 4))
    assert assign(cases_of(8), auditors, RULES).load["audits"].tolist() == [4, 2, 2]


def test_barred_cases_are_counted_once_by_why():
    cases = cases_of(
        4, worker=["ANN", "ann", "Eve", ""], manager=["Bo", "", "", ""], team=["", "north", "NORTH ", "East"]
    )
    auditors = people_of(("Ann", "Care", "North", 9), ("Bo", "Care", "North", 9), ("Cy", "Care", "", 9))
    assert assign(cases, auditors, RULES).barred == {"own_case": 2, "own_team": 2}


def test_two_of_one_name_are_both_barred():
    auditors = people_of(("Ann", "Duty", "", 9), ("ANN", "Care", "", 9), ("Bo", "Duty", "", 9))
    assert conflicts(cases_of(1, worker="ann"), auditors).may.tolist() == [[False, False, True]]


def test_trainees_sit_in_as_far_as_there_are_cases_and_a_trainee_is_a_lead_nowhere():
    phases = zip("ABC", ("1", "Phase 1", "first phase"), strict=True)
    trainees = [(name, "Duty", "", 3, {"phase": phase}) for name, phase in phases]
    auditors = people_of(("Ann", "Duty", "", 9), *trainees)
    for count, seats, paired in [(2, 1, 2), (5, 1, 3), (5, 2, 5), (9, 2, 6), (9, 5, 9)]:
        found = assign(cases_of(count), auditors, Rules(2, *MAY, seed=7, trainee_cases=seats))
        assert found.load["audits"].tolist() == [count, 0, 0, 0]
        assert found.load["paired"].sum() == paired
        assert found.load["paired"].max() - found.load["paired"][1:].min() <= 1


def test_a_kept_case_counts_and_is_taken_away_from_nobody():
    auditors = people_of(("Ann", "Duty", "", 2), ("Bo", "Duty", "", 2), ("Cy", "Duty", "", 2, WHOLE_MAY))
    kept = ["ann ", "ANN", "Ann", "Cy", "Gone"]
    found = assign(cases_of(5, auditor=kept), auditors, RULES)
    assert found.cases["auditor"].tolist() == ["Ann", "Ann", "Ann", "Bo", "Bo"]
    assert found.load["audits"].tolist() == [3, 2, 0]


def test_kept_cases_count_against_capacity_and_in_the_balance():
    auditors = people_of(("Ann", "Duty", "", 4), ("Bo", "Duty", "", 4))
    kept = ["Ann", "Ann", "", ""]
    assert assign(cases_of(4, auditor=kept), auditors, RULES).load["audits"].tolist() == [2, 2]
    with pytest.raises(Impossible):  # Ann has as many as she can do, and Bo may not look at the third
        assign(cases_of(3, auditor=kept[:3], worker=["", "", "Bo"]), auditors.assign(capacity=[2, 4]), RULES)


def test_who_keeps_a_second_look_does_not_lead_the_case_though_she_is_the_only_peer():
    auditors = people_of(("Ann", "Duty", "North", 9), ("Bo", "Care", "East", 9))
    found = assign(cases_of(1, team="South", second=True, second_auditor="Ann"), auditors, RULES)
    assert found.cases[["auditor", "second_auditor"]].to_numpy().tolist() == [["Bo", "Ann"]]


def test_no_cases_give_no_work_and_no_auditors_a_refusal():
    assert assign(cases_of(0), people_of(("Ann", "Duty", "", 2)), RULES).load["audits"].tolist() == [0]
    with pytest.raises(Impossible) as refusal:
        assign(cases_of(2), people_of(("Ann", "Duty", "", 2)).iloc[:0], RULES)
    (cause,) = refusal.value.causes
    assert (cause.kind, cause.missing, cause.auditors, cause.more_audits, cause.fewer_cases) == (
        "capacity",
        2,
        0,
        None,
        2,
    )


# --- impossible months ------------------------------------------------------------------------------------------------

ANN, BO = ("Ann Lee", "Duty", "North", 1), ("Bo Day", "Duty", "South", 1)


def of(person, capacity, **more):
    return (*person[:3], capacity, more)


IMPOSSIBLE = {
    # Nobody may look at one of two cases.
    "conflict": (cases_of(2, worker=["Ann Lee", ""], chair=["Bo Day", ""]), [of(ANN, 5), of(BO, 5)]),
    # Two can do two, and three are asked for.
    "capacity": (cases_of(3), [ANN, BO]),
    # Bo may do three, and can do two; Ann can do five and may do none.
    "bottleneck": (cases_of(3, manager="Ann Lee"), [of(ANN, 5), of(BO, 2)]),
    "leave": (cases_of(2), [ANN, of(BO, 1, **WHOLE_MAY)]),
    "training": (cases_of(2), [ANN, of(BO, 1, phase="First")]),
    # Two cases, two auditors who can do one each; a second look at both would need four.
    "second_looks": (cases_of(2, second=True), [ANN, BO]),
}
FACTS = {  # cases, needed, auditors, capacity, missing; more audits, fewer cases, second looks, away; more leads
    "conflict": ((1, 1, 0, 0, 1), (None, 1, None, None, None)),
    "capacity": ((3, 3, 2, 2, 1), (1, 1, None, None, None)),
    "bottleneck": ((3, 3, 1, 2, 1), (1, 1, None, None, None)),
    "leave": ((2, 2, 1, 1, 1), (1, 1, None, 1, None)),
    "training": ((2, 2, 1, 1, 1), (1, 1, None, None, 1)),
    "second_looks": ((2, 4, 2, 2, 2), (2, 1, 2, None, None)),
}


def refusal(cases, auditors):
    with pytest.raises(Impossible) as refused:
        assign(cases, auditors, RULES)
    return refused.value


@pytest.mark.parametrize("kind", IMPOSSIBLE)
def test_an_impossible_month_says_why_and_what_would_mend_it(kind):
    cases, people = IMPOSSIBLE[kind]
    (cause,) = refusal(cases, people_of(*people)).causes
    assert cause.kind == kind
    assert cause.services == ("Duty",)
    facts = (cause.cases, cause.needed, cause.auditors, cause.capacity, cause.missing)
    mends = (cause.more_audits, cause.fewer_cases, cause.fewer_second_looks, cause.fewer_away, cause.more_leads)
    assert (facts, mends) == FACTS[kind]


def mended(cases, people, cause):
    """The month after each of the cause's mends, in all ways in which so many can be chosen."""
    more, fewer, looks, away, leads = (
        cause.more_audits, cause.fewer_cases, cause.fewer_second_looks, cause.fewer_away, cause.more_leads,
    )  # fmt: skip
    places, rows = range(len(people)), range(len(cases))
    if more:
        for chosen in itertools.combinations_with_replacement(places, more):
            yield "audits", cases, people.assign(capacity=people["capacity"] + [chosen.count(at) for at in places])
    for chosen in itertools.combinations(rows, fewer or 0) if fewer else ():
        yield "cases", cases.drop(index=list(chosen)), people
    for chosen in itertools.combinations(rows, looks) if looks else ():
        yield "looks", cases.assign(second=[cases["second"][at] and at not in chosen for at in rows]), people
    for chosen in itertools.combinations(places, away) if away else ():
        yield (
            "away",
            cases,
            people.assign(leave_from=people["leave_from"].mask(people.index.isin(chosen)), leave_to=pd.NaT),
        )
    for chosen in itertools.combinations(places, leads) if leads else ():
        yield "leads", cases, people.assign(phase=people["phase"].mask(people.index.isin(chosen), "second"))


@pytest.mark.parametrize("kind", IMPOSSIBLE)
def test_each_mend_mends(kind):
    cases, people = IMPOSSIBLE[kind]
    people = people_of(*people)
    (cause,) = refusal(cases, people).causes
    done = {}
    for mend, after, by in mended(cases, people, cause):
        done[mend] = done.get(mend, False) or not isinstance(outcome(after, by), tuple)
    assert len(done) == sum(number is not None for number in FACTS[kind][1])
    assert all(done.values())


def fewest(possible, choices, most, repeat=False):
    """The fewest of the choices that make the month possible, tried in all ways."""
    ways = itertools.combinations_with_replacement if repeat else itertools.combinations
    return next((n for n in range(most + 1) if any(possible(chosen) for chosen in ways(choices, n))), None)


@settings(max_examples=40)
@given(any_month(cases=3, auditors=4, kept=False))
def test_the_mends_of_all_causes_together_are_the_fewest_that_make_the_month_possible(month):
    cases, auditors = month
    causes = outcome(cases, auditors)
    if not isinstance(causes, tuple):
        return
    rows, names = cases.to_dict("records"), auditors["auditor"].tolist()
    left, whole, training, present = can_do(auditors)
    there = [name for name, phase in zip(names, auditors["phase"], strict=True) if present[name] and phase != "First"]
    looks = [at for at, case in enumerate(rows) if case["second"]]

    def possible(cases=rows, **more):
        return cheapest_by_hand(cases, auditors, left | more) is not None

    expected = {
        "more_audits": fewest(
            lambda chosen: possible(**{name: left[name] + chosen.count(name) for name in chosen}), there, 6, repeat=True
        ),
        "fewer_cases": fewest(
            lambda gone: possible([case for at, case in enumerate(rows) if at not in gone]), range(len(rows)), len(rows)
        ),
        "fewer_second_looks": fewest(
            lambda gone: possible(
                [case | {"second": case["second"] and at not in gone} for at, case in enumerate(rows)]
            ),
            looks,
            len(looks),
        ),
        "fewer_away": fewest(lambda back: possible(**{name: whole[name] for name in back}), names, len(names)),
        "more_leads": fewest(
            lambda ready: possible(**{name: left[name] + training[name] for name in ready}), names, len(names)
        ),
    }
    for mend, number in expected.items():
        given_numbers = [getattr(cause, mend) for cause in causes]
        assert (None if None in given_numbers else sum(given_numbers)) == number, mend


def test_one_auditor_alone_cannot_take_second_looks_whatever_she_can_do():
    (cause,) = refusal(cases_of(2, second=True), people_of(of(ANN, 9))).causes
    assert (cause.kind, cause.missing, cause.more_audits) == ("second_looks", 2, None)
    assert (cause.fewer_cases, cause.fewer_second_looks) == (2, 2)


def test_leave_and_training_that_would_not_be_enough_are_no_mend():
    # Four cases are too many for Ann's one audit and the two that Bo could do, were he there or leading.
    for more in (WHOLE_MAY, {"phase": "First"}):
        (cause,) = refusal(cases_of(4), people_of(ANN, of(BO, 2, **more))).causes
        assert (cause.kind, cause.missing, cause.away + cause.in_training) == ("capacity", 3, 1)
        assert (cause.fewer_away, cause.more_leads) == (None, None)


def test_cases_that_share_an_auditor_are_one_cause():
    # Two may go to Ann and Bo, two to Bo and Cy, and each of the three can do one.
    auditors = people_of(*(of((name, "Duty", ""), 1) for name in ("Ann", "Bo", "Cy")))
    (cause,) = refusal(cases_of(4, manager=["Cy", "Cy", "Ann", "Ann"]), auditors).causes
    assert (cause.kind, cause.cases, cause.capacity, cause.missing) == ("capacity", 4, 3, 1)


def test_two_bottlenecks_are_two_causes_and_share_no_mend():
    cases = cases_of(6, service=["Duty"] * 3 + ["Care"] * 3, manager=["Bo Day"] * 3 + ["Ann Lee"] * 3)
    causes = refusal(cases, people_of(of(ANN, 1), of(BO, 2))).causes
    assert {(cause.kind, cause.services, cause.missing) for cause in causes} == {
        ("bottleneck", ("Duty",), 2),
        ("bottleneck", ("Care",), 1),
    }


@pytest.mark.parametrize("kind", IMPOSSIBLE)
def test_an_impossible_month_is_told_without_a_name_a_team_or_a_case(kind):
    cases, people = IMPOSSIBLE[kind]
    impossible = refusal(cases, people_of(*people))
    (problem,) = causes_told(impossible)
    assert problem.code == f"impossible_{kind}"
    for text in (problem.message, problem.fix, str(impossible)):
        assert not re.search("Ann|Lee|Bo|Day|North|South|Case-", text)
    assert problem.message.endswith(".")
    facts, mends = FACTS[kind]
    told = {int(number) for number in re.findall(r"\d+", problem.message)}
    assert facts[0] in told
    assert told <= {*facts, 1, 2}
    assert sorted(re.findall(r"\d+", problem.fix)) == sorted(str(number) for number in mends if number)


def test_the_words_of_an_impossible_month():
    cases, people = IMPOSSIBLE["second_looks"]
    (problem,) = causes_told(refusal(cases, people_of(*people)))
    assert problem.sentence == (
        "there are enough auditors for the cases, but not for their second looks. 2 cases of Duty ask for 4 audits, "
        "2 second looks among them; 2 auditors who may look at them can do 2. 2 audits would find nobody. Any one of "
        "these would be enough: room for 2 audits more from auditors who may look at these cases, 2 second looks fewer "
        "or 1 case fewer."
    )
