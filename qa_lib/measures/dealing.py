"""How is a month dealt out at the least cost?

First to auditors, group by group, then within each group to its cases. Costs
are whole numbers and audits go along a network, so the linear program has whole
numbers for its answer and for its prices (Ahuja, Magnanti & Orlin (1993),
Network Flows, ch. 11), and no solver's tolerance stands between two answers.
The prices tell which audits may go another way at the same cost. Among these
the sum of lots decides, in a program of its own, as lots that were added to the
costs would have to be too small to be told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from qa_lib.measures.conflicts import Counts, Floats
from qa_lib.measures.workload import LEAD, SECOND, Groups, ways

NOBODY = -1


def cheapest(groups: Groups, cost: Counts, steps: Sequence[Counts], lots: Counts) -> Counts | None:
    """How many audits of each group and role go to each auditor; None if not all can be done.

    Parameters
    ----------
    groups : of cases, what they ask for and who may look at them
    cost, lots : of an audit, groups × roles × auditors, whole numbers; among answers that cost the same, the one with
        the smallest sum of lots is given, and only one has it but for one chance in many thousand
    steps : for each auditor the cost of the first audit, of the second and so on, none lower than the last; she
        does no more audits than that. Auditors after the last of `steps` do any number for nothing

    Returns
    -------
    Whole numbers, groups × roles × auditors. No auditor has more audits of a group than it has cases.

    Raises
    ------
    RuntimeError : the solver gave up.
    """
    from scipy.optimize import linprog
    from scipy.sparse import block_array, csr_array, eye_array

    may, room = groups.may.copy(), np.array([len(costs) for costs in steps], dtype=np.int64)
    may[:, np.flatnonzero(room == 0)] = False
    way, step = ways(replace(groups, may=may)), np.repeat(np.arange(len(steps)), room)
    audits, taken, spare = len(way.group), len(step), len(way.of)
    if not audits:
        return None
    here = (way.group, way.role, way.auditor)
    takes = csr_array((-np.ones(taken), (step, np.arange(taken))), shape=(len(steps), taken))
    blocks = [
        [way.asked, csr_array((2 * len(groups.cases), taken)), None],
        [way.alike, None, eye_array(spare)],
        [way.done[: len(steps)], takes, None],
    ]
    rows: Any = block_array(blocks, format="csc")
    sums = np.concatenate([groups.asked.ravel(), groups.cases[way.of], np.zeros(len(steps))])
    price = np.concatenate([cost[here], *steps, np.zeros(spare)])
    lot = np.concatenate([lots[here], np.zeros(taken + spare)])
    high = np.concatenate([np.full(audits, np.inf), np.ones(taken), np.full(spare, np.inf)])
    limits: Any = np.column_stack([np.zeros_like(high), high])
    best = linprog(price, A_eq=rows, b_eq=sums, bounds=limits, method="highs-ds")
    if best.status == 2:
        return None
    if best.status:
        raise RuntimeError(f"the solver gave up: {best.message}")
    dearer = np.rint(best.lower.marginals + best.upper.marginals)
    found = np.where(dearer < 0, high, 0.0)
    open_to = dearer == 0
    found[open_to] = _by_lot(rows[:, open_to], sums - rows @ found, lot[open_to], high[open_to])
    return way.by_auditor(np.rint(found[:audits]).astype(np.int64))


def _by_lot(rows: Any, sums: Floats, lot: Floats, high: Floats) -> Floats:
    """The whole numbers from 0 to `high` that the rows add up to their sums, with the smallest lots."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    answer = milp(
        lot,
        integrality=np.ones(len(lot), dtype=np.int64),
        bounds=Bounds(0, high),
        constraints=LinearConstraint(rows, sums, sums),
        options={"mip_rel_gap": 0},
    )
    if answer.status:
        raise RuntimeError(f"the solver gave up: {answer.message}")
    return np.asarray(answer.x, dtype=np.float64)


def dealt_out(group: Counts, dealt: Counts) -> tuple[Counts, Counts]:
    """Who leads each case and who looks at it second, from what its group was dealt; never the same person twice.

    Parameters
    ----------
    group : of each case, in the order in which they are dealt
    dealt : what `cheapest` gives

    Returns
    -------
    The place of an auditor for each case, -1 (`NOBODY`) where its group was dealt none in that role.
    """
    who = np.full((2, len(group)), NOBODY, dtype=np.int64)
    for at, counts in enumerate(dealt):
        members = np.flatnonzero(group == at)
        if counts.any(axis=1).all():
            who[:, members] = _two_each(counts.copy(), len(members))
        else:
            for role in (LEAD, SECOND):
                names = np.repeat(np.arange(counts.shape[1]), counts[role])
                who[role, members[: len(names)]] = names
    return who[LEAD], who[SECOND]


def _two_each(counts: Counts, cases: int) -> Counts:
    """A lead and another person for each of the cases: roles × cases, from what there is of each: roles × auditors.

    Each case takes the two who have most left to do together. So nobody is ever left with more than there are cases:
    who has as many as there are cases is in the next one.
    """
    who = np.empty((2, cases), dtype=np.int64)
    for case in range(cases):
        left = counts.sum(axis=0)
        leads, seconds = (np.flatnonzero(counts[role]).tolist() for role in (LEAD, SECOND))
        pairs = [(lead, second) for lead in leads for second in seconds if lead != second]
        who[:, case] = max(pairs, key=lambda pair: left[pair[0]] + left[pair[1]])
        counts[[LEAD, SECOND], who[:, case]] -= 1
    return who
