"""What does a month ask for, and who could do it?

Cases that lie in the same service, that the same people may look at and that
ask for the same are interchangeable: how many of them go to an auditor matters,
which ones does not. So they are a group, and audits are counted by group, role
and auditor. A month of thousands of cases is then a network of some hundred
groups, whatever the number of cases.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from qa_lib.measures.conflicts import Counts, Flags, texts

LEAD, SECOND = 0, 1
"""The roles, as they are numbered in arrays."""

FIRST_PHASE = ("first", "1", "phase 1", "first phase")


@dataclass(frozen=True)
class Groups:
    """What is asked for, a row a group of cases alike.

    cases : how many there are
    asks : whether each of them asks for a lead, and for a second auditor: groups × 2
    may : whether nothing stands between them and an auditor, be she away or not: groups × auditors
    """

    cases: Counts
    asks: Flags
    may: Flags

    @property
    def asked(self) -> Counts:
        """Audits asked for by each group and role: groups × 2."""
        return self.cases[:, None] * self.asks


@dataclass(frozen=True)
class Month:
    """What a month asks for, and who could do it.

    groups, service : of each group
    room : audits that each auditor can still do; 0 for those in the first phase
    at_work : whether she leads, and is not away throughout
    leave : how many more she could do without her leave; 0 in the first phase
    training : how many she could do if she led already; 0 after the first phase
    """

    groups: Groups
    service: tuple[str, ...]
    room: Counts
    at_work: Flags
    leave: Counts
    training: Counts

    def only(self, some: Flags) -> Month:
        """The same auditors, and some of the groups."""
        kept = tuple(service for service, taken in zip(self.service, some, strict=True) if taken)
        groups = Groups(self.groups.cases[some], self.groups.asks[some], self.groups.may[some])
        return replace(self, groups=groups, service=kept)


@dataclass(frozen=True)
class Ways:
    """The ways by which audits may go from groups to auditors, one a column of each matrix of zeros and ones.

    asked : adds up the audits of each group and role; `done`: of each auditor
    alike : adds up those of a group that go to one auditor, where its cases ask for two people: no more than the
        group has cases, which is all that is needed to deal them out so that no case has the same person twice
    of : the group of each row of `alike`
    """

    group: Counts
    role: Counts
    auditor: Counts
    asked: Any
    done: Any
    alike: Any
    of: Counts
    shape: tuple[int, int, int]

    def by_auditor(self, numbers: Counts) -> Counts:
        """A number of each way as an array of groups × roles × auditors."""
        table = np.zeros(self.shape, dtype=np.int64)
        table[self.group, self.role, self.auditor] = numbers
        return table


def ways(groups: Groups) -> Ways:
    """The ways to everybody who may look."""
    size, people = groups.may.shape
    group, role, auditor = np.nonzero(groups.asks[:, :, None] & groups.may[:, None, :])
    every, twice = np.arange(len(group)), np.flatnonzero(groups.asks.sum(axis=1)[group] == 2)
    pairs, row = np.unique(group[twice] * people + auditor[twice], return_inverse=True)
    return Ways(
        group,
        role,
        auditor,
        asked=_sums(group * 2 + role, every, (2 * size, len(every))),
        done=_sums(auditor, every, (people, len(every))),
        alike=_sums(row, twice, (len(pairs), len(every))),
        of=pairs // max(people, 1),
        shape=(size, 2, people),
    )


def _sums(row: Counts, column: Counts, shape: tuple[int, int]) -> Any:
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(row)), (row, column)), shape=shape)


def capacities(auditors: pd.DataFrame, usual: int, start: date, end: date) -> pd.DataFrame:
    """How many audits each auditor can do from `start` to `end`, both included.

    Parameters
    ----------
    auditors : one row an auditor; as far as there are such columns `capacity` (audits in that time), `phase`,
        `leave_from` and `leave_to` (first and last day of leave; if one is blank, from then on or until then)
    usual : the capacity where hers is blank

    Returns
    -------
    DataFrame with the index of `auditors`: `whole`, her capacity without leave; `capacity`, the share of it that her
    leave leaves of the days from Monday to Friday, rounded down; `available`, whether any is left; `trainee`, whether
    she is in the first phase, in which one sits in and does not lead.

    Example
    -------
    >>> auditors = pd.DataFrame({"capacity": [5, None], "leave_from": pd.to_datetime(["2013-05-06", None])})
    >>> capacities(auditors, 4, date(2013, 5, 1), date(2013, 5, 10))[["whole", "capacity"]]
       whole  capacity
    0      5         1
    1      4         4
    """
    days = pd.bdate_range(start, end)
    days = days if len(days) else pd.date_range(start, end)
    first, last = (pd.to_datetime(_column(auditors, name)) for name in ("leave_from", "leave_to"))
    known = first.notna() | last.notna()
    first, last = first.fillna(days[0]), last.fillna(days[-1])
    away = sum(((first <= day) & (day <= last) & known).astype("int64") for day in days)
    whole = pd.to_numeric(_column(auditors, "capacity")).fillna(usual).astype("int64")
    trainee = np.isin(texts(auditors, "phase"), FIRST_PHASE)
    table = {"whole": whole, "capacity": whole * (len(days) - away) // len(days), "available": away < len(days)}
    return pd.DataFrame({**table, "trainee": trainee}, index=auditors.index)


def _column(table: pd.DataFrame, name: str) -> pd.Series[Any]:
    return table[name] if name in table else pd.Series(None, table.index, dtype="object")
