"""Who audits which case?

An auditor never gets a case that she has a conflict of interest with, nor more
than she can do. Among the allocations that keep to this, the one is found that
costs least:

- balance: an auditor's k-th audit costs (2k - 1) / her capacity. So everybody has a first audit before anybody of the
  same capacity has a second, and who can do twice as many gets twice as many;
- peers: a case that is led by somebody who is no peer costs 1 more.

So a peer takes a case before somebody else, unless that makes her busier by
more than half of her capacity. Second looks count as audits; nobody need be a
peer for them. Where several allocations cost the same, a lot decides, which is
made of the seed, the case and the auditor: no order of rows or names does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from qa_lib.measures.conflicts import Conflicts, Counts, Flags, conflicts, texts
from qa_lib.measures.dealing import NOBODY, cheapest, dealt_out
from qa_lib.measures.feasibility import Impossible, causes_of
from qa_lib.measures.lots import number
from qa_lib.measures.workload import LEAD, Groups, Month, capacities

ONE = 27_720
"""The cost 1. Costs are whole numbers, so that none is rounded by a solver; this is divisible by 1 to 12."""
PRIME = 2**31 - 1


@dataclass(frozen=True)
class Rules:
    """What holds for everybody.

    capacity : audits of an auditor whose own capacity is blank
    start, end : first and last day on which the audits are done
    seed : of the lots
    trainee_cases : cases that an auditor in the first phase sits in on, if her capacity is not less
    """

    capacity: int
    start: date
    end: date
    seed: int | str
    trainee_cases: int = 1

    def __post_init__(self) -> None:
        if self.end < self.start or min(self.capacity, self.trainee_cases) < 0:
            raise ValueError("a month does not end before it starts, and capacities are 0 or more")


@dataclass(frozen=True)
class Assignment:
    """Who does what.

    cases : one row a case, in the order given: `case_id`; `auditor`, who leads; `paired_with`, who sits in, and
        `second_auditor`, "" for nobody; `peer`, whether the lead is one
    load : one row an auditor, in the order listed: `auditor, service, team`; `capacity`, leave taken off; `audits` that
        she leads, `second_looks`, `paired`, cases that she sits in on; `available`, whether she is not away throughout
    barred : how many cases have an auditor on the list who is barred because it is her "own_case", or her "own_team"'s
    """

    cases: pd.DataFrame
    load: pd.DataFrame
    barred: dict[str, int]


def assign(cases: pd.DataFrame, auditors: pd.DataFrame, rules: Rules) -> Assignment:
    """The best allocation of cases to auditors; for the same lists and seed the same, in whatever order the rows are.

    Who is named in `auditor`, `second_auditor` or `paired_with` keeps the case if she is on the list, not away
    throughout, may look at it and has the phase for it; even beyond her capacity, as she may have begun. The rest is
    allocated. Auditors in the first phase sit in on `trainee_cases`, one of them a case at most, and do nothing else.
    Where cases are too few for them all, fewer sit in.

    Parameters
    ----------
    cases : one row a case: `case_id`; as far as there are such columns `service`, those that `conflicts` compares,
        `second` (bool: a second auditor grades it too), and who has it: `auditor, second_auditor, paired_with`
    auditors : one row an auditor: `auditor`; as far as there are such columns `service, team`, those of `capacities`

    Raises
    ------
    Impossible : however they are dealt out, some audits find nobody. It says why, and what would mend it.

    Example
    -------
    >>> cases = pd.DataFrame({"case_id": ["a", "b"], "worker": ["Ann", "Bo"]})
    >>> month = Rules(3, date(2013, 5, 1), date(2013, 5, 31), seed=7)
    >>> assign(cases, pd.DataFrame({"auditor": ["Ann", "Bo"]}), month).cases[["case_id", "auditor"]]
      case_id auditor
    0       a      Bo
    1       b     Ann
    """
    drawn, people = (_by_lot(*table, rules.seed) for table in ((cases, "case_id"), (auditors, "auditor")))
    can = capacities(people, rules.capacity, rules.start, rules.end)
    between = conflicts(drawn, people)
    lead, second = _audits(drawn, people, can, between, rules.seed)
    paired = _sitting_in(drawn, people, can, between, rules)
    names = np.append(people["auditor"].to_numpy(dtype="object"), "")
    table = pd.DataFrame({"case_id": drawn["case_id"], "auditor": names[lead]})
    table = table.assign(paired_with=names[paired], second_auditor=names[second])
    table["peer"] = np.column_stack([between.peer, np.zeros(len(drawn), dtype=bool)])[np.arange(len(drawn)), lead]
    load = people.reindex(columns=["auditor", "service", "team"], fill_value="").assign(capacity=can["capacity"])
    done = {"audits": lead, "second_looks": second, "paired": paired}
    load = load.assign(**{name: _count(who, len(people)) for name, who in done.items()}, available=can["available"])
    return Assignment(table.sort_index(), load.sort_index(), between.counts())


def _by_lot(table: pd.DataFrame, name: str, seed: int | str) -> pd.DataFrame:
    """The rows in the order of their lots, each indexed by its place in `table`."""
    table = table.reset_index(drop=True)
    lots = [(_lot(seed, "deal", text), text) for text in texts(table, name)]
    return table.loc[sorted(table.index, key=lots.__getitem__)]


def _lot(seed: int | str, what: str, name: str) -> int:
    """The permanent number of a name for some purpose, as a whole number below the prime."""
    return int(number(seed, what, name) * 2**32) % PRIME


def _lots(cases: pd.DataFrame, people: pd.DataFrame, seed: int | str) -> Counts:
    """A lot for each group (by its first case), role and auditor: the product of theirs, modulo a prime."""
    of_case = [[_lot(seed, role, case) for role in ("lead", "second")] for case in texts(cases, "case_id")]
    of_auditor = [_lot(seed, "auditor", name) for name in texts(people, "auditor")]
    return np.array(of_case, dtype=np.int64)[:, :, None] * np.array(of_auditor, dtype=np.int64) % PRIME


def _count(who: Counts, people: int) -> Counts:
    return np.bincount(who[who != NOBODY], minlength=people)


def _kept(cases: pd.DataFrame, column: str, people: pd.DataFrame, may: Flags) -> Counts:
    """Who has each case already, and may keep it."""
    places = {name: at for at, name in enumerate(texts(people, "auditor"))}
    had = np.array([places.get(name, NOBODY) for name in texts(cases, column)], dtype=np.int64)
    may = np.column_stack([may, np.zeros(len(cases), dtype=bool)])
    return np.where(may[np.arange(len(cases)), had], had, NOBODY)


def _groups(*alike: Flags | Counts) -> tuple[Counts, Counts, Counts]:
    """The group of each case, a group being alike in all columns; of each group a first case, and its size."""
    codes: dict[bytes, int] = {}
    group = [codes.setdefault(row.tobytes(), len(codes)) for row in np.column_stack(alike)]
    _, first, size = np.unique(group, return_index=True, return_counts=True)
    return np.array(group, dtype=np.int64), first, size


def _audits(
    cases: pd.DataFrame, people: pd.DataFrame, can: pd.DataFrame, between: Conflicts, seed: int | str
) -> tuple[Counts, Counts]:
    """Who leads each case, and who takes the second look."""
    place, trainee = np.arange(len(people)), can["trainee"].to_numpy()
    ready = can["available"].to_numpy() & ~trainee
    twice = cases["second"].to_numpy(dtype=bool) if "second" in cases else np.zeros(len(cases), dtype=bool)
    lead = _kept(cases, "auditor", people, between.may & ready)
    may = between.may & (lead[:, None] != place)
    second = _kept(cases, "second_auditor", people, may & ready & twice[:, None])
    may &= second[:, None] != place
    asks = np.column_stack([lead == NOBODY, twice & (second == NOBODY)])
    left = np.flatnonzero(asks.any(axis=1))
    if not len(left):
        return lead, second
    service = cases["service"].astype("str") if "service" in cases else pd.Series("", cases.index)
    code: Counts = np.asarray(pd.factorize(service)[0], dtype=np.int64)
    group, first, size = _groups(asks[left], may[left], between.peer[left], code[left])
    first = left[first]
    had, capacity, whole = _count(lead, len(people)) + _count(second, len(people)), can["capacity"], can["whole"]
    room = (capacity - had).clip(lower=0).where(~trainee, 0).to_numpy()
    month = Month(
        Groups(size, asks[first], may[first]),
        service=tuple(service.iloc[first]),
        room=room,
        at_work=ready,
        leave=(whole - had).clip(lower=0).where(~trainee, 0).to_numpy() - room,
        training=capacity.where(trainee, 0).to_numpy(),
    )
    cost = np.zeros((len(first), 2, len(people)), dtype=np.int64)
    cost[:, LEAD] = ONE * ~between.peer[first]
    steps = [_steps(*each, int(month.groups.asked.sum())) for each in zip(had, room, capacity, strict=True)]
    dealt = cheapest(month.groups, cost, steps, _lots(cases.iloc[first], people, seed))
    if dealt is None:
        raise Impossible(causes_of(month))
    lead[left], second[left] = (
        np.where(new == NOBODY, old[left], new)
        for new, old in zip(dealt_out(group, dealt), (lead, second), strict=True)
    )
    return lead, second


def _steps(had: int, room: int, capacity: int, most: int) -> Counts:
    """What each more audit costs an auditor who has some already."""
    k = had + np.arange(1, min(room, most) + 1)
    costs: Counts = np.rint((2 * k - 1) * (ONE / max(capacity, 1))).astype(np.int64)
    return costs


def _sitting_in(
    cases: pd.DataFrame, people: pd.DataFrame, can: pd.DataFrame, between: Conflicts, rules: Rules
) -> Counts:
    """Who sits in on each case: as many of the trainees as can, each on as many cases as the others."""
    trainee = (can["trainee"] & can["available"]).to_numpy()
    may = between.may & trainee
    paired = _kept(cases, "paired_with", people, may)
    left = np.flatnonzero(paired == NOBODY)
    if not (len(left) and trainee.any()):
        return paired
    group, first, size = _groups(may[left])
    had = _count(paired, len(people))
    room = (can["capacity"].clip(upper=rules.trainee_cases).to_numpy() - had).clip(min=0) * trainee
    steps = [_steps(*each, 1, len(left)) for each in zip(had, room, strict=True)]
    groups = Groups(
        size,
        asks=np.tile([True, False], (len(first), 1)),
        may=np.column_stack([may[left[first]], np.ones(len(first), dtype=bool)]),
    )
    lots = np.pad(_lots(cases.iloc[left[first]], people, rules.seed), ((0, 0), (0, 0), (0, 1)))
    cost = np.zeros_like(lots)
    cost[:, LEAD, -1] = 2 * ONE * (rules.trainee_cases + 1)
    dealt = cheapest(groups, cost, steps, lots)
    if dealt is None:
        raise RuntimeError("nobody can always sit in on nothing")
    new, _ = dealt_out(group, dealt)
    paired[left] = np.where(new == len(people), NOBODY, new)
    return paired
