"""What makes a month impossible, and what would mend it?

A month asks for audits: a lead for each case, and a second auditor for some. It
is impossible if, however they are dealt out, some find nobody. Those that do,
and all that could make room for them, are what is short; whatever lies outside
could not help. Then one rule at a time is loosened by as little as lets all of
it be done: nobody is on leave, first-phase auditors lead, there are fewer second
looks, fewer cases, more audits by those who do them. Each is a program of whole
numbers, solved exactly. What would be enough alone is told in numbers; the first
of leave, training and second looks that would be gives the cause its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qa_lib.measures.conflicts import Counts, Flags
from qa_lib.measures.workload import LEAD, SECOND, Month, Ways, ways


@dataclass(frozen=True)
class Cause:
    """One thing that makes a month impossible, in numbers, and what would mend it.

    kind : "conflict", nobody on the list may look at these cases; "capacity", all together can do too few;
        "bottleneck", so can the few who may look at these cases; or "leave", "training", "second_looks": there would be
        enough if nobody were away, if first-phase auditors led, or without second looks
    services : of the cases it is about, in alphabetical order
    cases, needed, second_looks : these cases, the audits that they ask for, and how many of them are second looks
    auditors, capacity : those who may look at them and can do some, and how many audits they can do together
    away, in_training : auditors whose leave takes audits from these cases; who may look at them and only pair as yet
    missing : audits that find nobody

    Each of the rest would be enough alone; None if it would not be:
    more_audits : by those who are there and may look at these cases
    fewer_cases, fewer_second_looks : to audit
    fewer_away : auditors whose leave would have to be moved
    more_leads : first-phase auditors who would have to lead
    """

    kind: str
    services: tuple[str, ...]
    cases: int
    needed: int
    second_looks: int
    auditors: int
    capacity: int
    away: int
    in_training: int
    missing: int
    more_audits: int | None
    fewer_cases: int | None
    fewer_second_looks: int | None
    fewer_away: int | None
    more_leads: int | None


class Impossible(Exception):  # noqa: N818 - it is the month that is wrong, not the program
    """A month that cannot be allocated. Each of its causes has to be mended; it holds counts and services alone."""

    def __init__(self, causes: tuple[Cause, ...]) -> None:
        self.causes = causes
        super().__init__(", ".join(cause.kind for cause in causes))


def causes_of(month: Month) -> tuple[Cause, ...]:
    """All that makes a month impossible; () if it is not.

    It is parted into causes that share no auditor, not even one who is away or in training, so that what mends one
    takes nothing from another. Cases that nobody may look at are one of them.
    """
    left, causes = _short(month), []
    may = np.column_stack([month.groups.may, ~month.groups.may.any(axis=1)])
    while left.any():
        part = np.arange(len(left)) == left.argmax()
        while (more := left & may[:, may[part].any(axis=0)].any(axis=1)).sum() > part.sum():
            part = more
        causes.append(_cause(month.only(part), capacity_of_all=int(month.room.sum())))
        left &= ~part
    return tuple(causes)


def _cause(part: Month, capacity_of_all: int) -> Cause:
    """What a part of a month is short for, whose groups are all short."""
    groups = part.groups
    may: Flags = np.asarray(groups.may.any(axis=0))
    who = may & (part.room > 0)
    capacity = int(part.room[who].sum())
    enough = {kind: _fewest(part, kind) for kind in _LOOSENED}
    mends = {kind: None if found is None else int(found.loosened.sum()) for kind, found in enough.items()}
    kind = "capacity" if capacity == capacity_of_all else "bottleneck"
    kind = next((telling for telling in ("leave", "training", "second_looks") if mends[telling] is not None), kind)
    if len(may) and not may.any() and groups.asks[:, LEAD].any():
        kind = "conflict"
    return Cause(
        kind,
        services=tuple(sorted(set(part.service))),
        cases=int(groups.cases.sum()),
        needed=int(groups.asked.sum()),
        second_looks=int(groups.asked[:, SECOND].sum()),
        auditors=int(who.sum()),
        capacity=capacity,
        away=int((may & (part.leave > 0)).sum()),
        in_training=int((may & (part.training > 0)).sum()),
        missing=mends["missing"] or 0,
        more_audits=mends["audits"],
        fewer_cases=mends["cases"],
        fewer_second_looks=mends["second_looks"],
        fewer_away=mends["leave"],
        more_leads=mends["training"],
    )


def _short(month: Month) -> Flags:
    """The groups that are short: those with audits that find nobody, and all whose auditors could take these over.

    It is the smallest of the sets of groups that ask for more than those who may look at them can do by what is
    missing (the cut of the theorem of Ford and Fulkerson), so it is the same whichever solution it is found from.
    """
    found = _fewest(month, "missing")
    if found is None:
        return np.zeros(len(month.groups.cases), dtype=bool)
    dealt = found.dealt.sum(axis=1)
    open_to = month.groups.may & (dealt < month.groups.cases[:, None])
    short: Flags = found.loosened.reshape(-1, 2).sum(axis=1) > 0
    while (more := short | (dealt[:, open_to[short].any(axis=0)].sum(axis=1) > 0)).sum() > short.sum():
        short = more
    return short


@dataclass(frozen=True)
class _Found:
    """How a month can be done with a rule loosened: audits `dealt`, groups × roles × auditors, and how much it gave."""

    dealt: Counts
    loosened: Counts


_LOOSENED = ("missing", "audits", "cases", "second_looks", "leave", "training")


def _fewest(month: Month, kind: str) -> _Found | None:
    """The least by which one of `_LOOSENED` must give way so that all can be done; None if that is not enough.

    "missing" counts audits left undone by group and role, and is None where none is asked for; the others are the
    mends of `Cause`.

    Raises
    ------
    RuntimeError : the solver gave up.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import block_array

    groups, way = month.groups, ways(month.groups)
    asked, alike, done, most = _given_way(month, way, kind)
    size = len(way.group)
    if not most.any():
        return None
    rows = block_array([[way.asked, asked], [way.alike, alike], [way.done, done]], format="csr")
    free = np.full(len(way.of) + len(month.room), -np.inf)
    low = np.concatenate([groups.asked.ravel(), free])
    high = np.concatenate([groups.asked.ravel(), groups.cases[way.of], month.room])
    answer = milp(
        np.concatenate([np.zeros(size), np.ones(len(most))]),
        integrality=np.ones(size + len(most), dtype=np.int64),
        bounds=Bounds(0, np.concatenate([np.full(size, np.inf), most])),
        constraints=LinearConstraint(rows, low, high),
        options={"mip_rel_gap": 0},
    )
    if answer.status == 2:
        return None
    if answer.status:
        raise RuntimeError(f"the solver gave up: {answer.message}")
    found = np.rint(answer.x).astype(np.int64)
    return _Found(way.by_auditor(found[:size]), found[size:])


def _given_way(month: Month, way: Ways, kind: str) -> tuple[Any, Any, Any, Counts]:
    """What each unit that gives way adds to what is asked, to what is alike and to what is done, and the most of them.

    Adding to what is asked stands for an audit; taking from what is done makes room for one.
    """
    from scipy.sparse import csr_array, diags_array, eye_array, kron

    groups, (size, people), limits = month.groups, month.groups.may.shape, len(way.of)
    room = {"audits": np.ones(people), "leave": month.leave, "training": month.training}
    if kind in room:
        most = month.at_work * groups.asked.sum() if kind == "audits" else np.sign(room[kind])
        nothing = csr_array((2 * size, people)), csr_array((limits, people))
        return *nothing, diags_array(-room[kind].astype("float64")), most.astype(np.int64)
    each = csr_array(eye_array(size))
    if kind == "cases":
        asked = kron(each, np.ones((2, 1))).multiply(groups.asks.reshape(-1, 1))
        return asked, each[way.of], csr_array((people, size)), groups.cases
    most = groups.asked * (np.arange(2) >= (SECOND if kind == "second_looks" else LEAD))
    return eye_array(2 * size), csr_array((limits, 2 * size)), csr_array((people, 2 * size)), most.ravel()
