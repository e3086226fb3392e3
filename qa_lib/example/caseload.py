"""Which cases were open at the end of July 2013, October 2013 and January 2014.

Behind the audits stands a caseload of the services' stated sizes. Cases that were audited are in it, with the
service and team they were audited in, from before their first audit until some time after their last; most of
those audited in the last few months are still open. The rest were never audited: each quarter about an eighth
of them close and newer ones come in their place. About three cases in ten are siblings of another case in the
same service and share its family. Of those that were never audited and had gone before the first list, about a
tenth of the caseload a quarter, only the registers of the draws tell.

A few cases are restricted: only named staff may open them, so nobody may be asked to audit them without
arrangement. A list still holds the cases that were closed in the fortnight before it, with the day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qa_lib.example.council import AUDITORS, MONTHS, SERVICES, TEAMS, USUAL_AUDITS, person
from qa_lib.example.diary import Days, Diary, Numbers, _teams, case_id
from qa_lib.example.dice import words_at

SNAPSHOTS = (date(2013, 7, 31), date(2013, 10, 31), date(2014, 1, 31))
COLUMNS = """
    case_id service team as_at worker manager earlier_workers chair reviewer family_id category opened
    closed last_audited restricted
""".split()
_SIZES = (0.98, 1.0, 1.02)  # the whole caseload at each snapshot, against the usual
_TURNOVER = 0.125  # of the cases never audited close in a quarter
_GONE = 0.1  # of them closed in each quarter before the first snapshot
_STILL_LISTED = 14  # days for which a list still holds a case that was closed
_STAYS_OPEN = 900  # days for which a case is open after its audit, on average
_NEW_FAMILY = 0.7
_RESTRICTED = 0.015
WORKERS = 8  # in a team

Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Cases:
    """Every case ever audited or open since the first month, by its number; fields are as long as there are cases.

    `open_at` has one row per snapshot. `worker` is a number of `council.person`; `family` numbers the
    families. `closed` is NaT for a case still open at the last snapshot.
    """

    service: Numbers
    team: Numbers
    worker: Numbers
    family: Numbers
    category: list[str]
    restricted: NDArray[np.bool_]
    opened: Days
    closed: Days
    open_at: NDArray[np.bool_]


def draw_cases(rng: np.random.Generator, diary: Diary) -> Cases:
    """Draw the cases: first those of the diary under their own numbers, then those never audited."""
    audited = np.unique(diary.case, return_index=True)[1]
    service, team = diary.service[audited], diary.team[audited]
    opened = diary.date[audited] - rng.integers(30, 700, len(audited))
    last = np.empty(len(audited), dtype="datetime64[D]")
    last[diary.case] = diary.date
    closed = last + 10 + (-_STAYS_OPEN * np.log1p(-rng.random(len(audited)))).astype(np.int64)
    ends = np.array(SNAPSHOTS, dtype="datetime64[D]")[:, None]
    open_at = (opened <= ends) & (ends < closed)
    for number, one in enumerate(SERVICES):
        usual = one.cases * len(diary.month) / USUAL_AUDITS
        needs = [
            max(0, round(size * usual) - int(seen[service[: len(audited)] == number].sum()))
            for size, seen in zip(_SIZES, open_at[:, : len(audited)], strict=True)
        ]
        spells = _spells(needs)
        more = spells[-1][1]
        service = np.append(service, np.full(more, number))
        team = np.append(team, rng.choice([t for t, (owner, _) in enumerate(TEAMS) if owner == number], more))
        opened = np.append(opened, _opened(rng, spells))
        place = np.arange(more)
        open_at = np.hstack([open_at, [(start <= place) & (place < stop) for start, stop in spells]])
    return Cases(
        service=service,
        team=team,
        worker=len(AUDITORS) + team * WORKERS + rng.integers(0, WORKERS, len(team)),
        family=_families(rng, service),
        category=_categories(rng, service),
        restricted=rng.random(len(service)) < _RESTRICTED,
        opened=opened,
        closed=np.append(closed, np.full(len(service) - len(closed), np.datetime64("NaT"))),
        open_at=open_at,
    )


def draw_closings(rng: np.random.Generator, cases: Cases) -> Cases:
    """The same cases, with the day on which each never audited was closed; after them those gone before the lists."""
    closed = cases.closed.copy()
    for number, (start, end) in enumerate(pairwise(SNAPSHOTS)):
        left = np.flatnonzero(cases.open_at[number] & ~cases.open_at[number + 1] & np.isnat(closed))
        closed[left] = np.datetime64(end) - rng.integers(0, (end - start).days, len(left))
    days = (SNAPSHOTS[0] - MONTHS[0]).days
    never_audited = np.bincount(cases.service[cases.open_at[0] & np.isnat(cases.closed)], minlength=len(SERVICES))
    gone = (never_audited * _GONE * days / 92).round().astype(np.int64)
    service = np.repeat(np.arange(len(SERVICES)), gone)
    team = _teams(rng, service)
    ended = np.datetime64(SNAPSHOTS[0]) - rng.integers(0, days, len(service))
    return Cases(
        service=np.append(cases.service, service),
        team=np.append(cases.team, team),
        worker=np.append(cases.worker, len(AUDITORS) + team * WORKERS + rng.integers(0, WORKERS, len(team))),
        family=np.append(cases.family, cases.family.max() + 1 + np.arange(len(service))),
        category=cases.category + _categories(rng, service),
        restricted=np.append(cases.restricted, np.zeros(len(service), dtype=bool)),
        opened=np.append(cases.opened, ended - rng.integers(60, 800, len(service))),
        closed=np.append(closed, ended),
        open_at=np.hstack([cases.open_at, np.zeros((len(SNAPSHOTS), len(service)), dtype=bool)]),
    )


def case_list(cases: Cases, ties: Sequence[tuple[str, str, str]], diary: Diary, snapshot: int) -> Rows:
    """The caseload extract at one snapshot: the open cases and those just closed, columns as in `COLUMNS`, by case id.

    `ties` are each case's earlier workers, chair and reviewer. `last_audited` looks back from the day of the
    snapshot; an audit or a closing still to come is not known then.
    """
    as_at = np.datetime64(SNAPSHOTS[snapshot])
    last_audited = np.full(len(cases.service), np.datetime64("NaT"), dtype="datetime64[D]")
    known = diary.date <= as_at
    last_audited[diary.case[known]] = diary.date[known]
    just_closed = (as_at - _STILL_LISTED < cases.closed) & (cases.closed <= as_at)
    manager = [next(a.name for a in AUDITORS if a.team == t) for t in range(len(TEAMS))]
    return sorted(
        (
            case_id(n),
            SERVICES[cases.service[n]].name,
            TEAMS[cases.team[n]][1],
            str(as_at),
            person(int(cases.worker[n])),
            manager[cases.team[n]],
            *ties[n],
            f"FAM{cases.family[n]:06d}",
            cases.category[n],
            str(cases.opened[n]),
            str(cases.closed[n]) if just_closed[n] else "",
            "" if np.isnat(last_audited[n]) else str(last_audited[n]),
            "Yes" if cases.restricted[n] else "No",
        )
        for n in np.flatnonzero(cases.open_at[snapshot] | just_closed).tolist()
    )


def _spells(needs: list[int]) -> list[tuple[int, int]]:
    """The cases open at each snapshot, as a window (first, last + 1) that only ever moves forward.

    >>> _spells([80, 80, 100])
    [(0, 80), (10, 90), (10, 110)]
    """
    start, stop = 0, needs[0]
    spells = [(start, stop)]
    for need in needs[1:]:
        stop = max(stop + round(_TURNOVER * need), start + need)
        start = stop - need
        spells.append((start, stop))
    return spells


def _opened(rng: np.random.Generator, spells: list[tuple[int, int]]) -> Days:
    """When each case never audited was opened: in the quarter that first shows it, or long before.

    A quarter has at least 91 days, so a case opened within the last 85 of them was not open at the snapshot
    before.
    """
    days, before = [], 0
    for (_, stop), snapshot in zip(spells, SNAPSHOTS, strict=True):
        longest = 85 if before else 800
        days.append(np.datetime64(snapshot) - rng.integers(1, longest, stop - before))
        before = stop
    return np.concatenate(days)


def _families(rng: np.random.Generator, service: Numbers) -> Numbers:
    """A family for each case: in random order within a service, some join the one before as siblings."""
    order = np.lexsort((rng.random(len(service)), service))
    new = rng.random(len(service)) < _NEW_FAMILY
    new |= np.diff(service[order], prepend=-1) != 0
    family = np.empty(len(service), dtype=np.int64)
    family[order] = np.cumsum(new)
    return family


def _categories(rng: np.random.Generator, service: Numbers) -> list[str]:
    """The kind of each case, by its service's mix."""
    chances = rng.random(len(service))
    by_service = [words_at(one.categories, chances) for one in SERVICES]
    return [str(by_service[s][n]) for n, s in enumerate(service.tolist())]
