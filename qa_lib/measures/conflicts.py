"""Who may not audit which case?

Nobody audits her own work. A conflict of interest is read off the lists: she is
named on the case (she holds it, held it, manages it, chaired or reviewed it),
or the case lies with her own team. What the lists do not say bars nobody, so an
auditor who finds a case that she knows must hand it back.

A peer knows the work and not the case: she is of the same service and of
another team. Where either team is blank nobody knows, and she counts as none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from qa_lib.settings.framework import NOT_RECORDED_SERVICE

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NAMED_ON_A_CASE = ("worker", "manager", "earlier_workers", "chair", "reviewer")
"""Columns that name people; each may hold several names, parted by ";"."""


@dataclass(frozen=True)
class Conflicts:
    """For each case (row) and auditor (column), in the order of the lists: what stands between them, and who is a peer.

    `own_case`: she is named on the case; `own_team`: it lies with her team; `peer`: same service, another team.
    """

    own_case: Flags
    own_team: Flags
    peer: Flags

    @property
    def may(self) -> Flags:
        """Whether the auditor may look at the case."""
        return ~(self.own_case | self.own_team)

    def counts(self) -> dict[str, int]:
        """How many cases have an auditor who is barred, by why."""
        return {"own_case": int(self.own_case.any(axis=1).sum()), "own_team": int(self.own_team.any(axis=1).sum())}


def conflicts(cases: pd.DataFrame, auditors: pd.DataFrame) -> Conflicts:
    """What stands between each case and each auditor.

    Names are compared in small letters, with single spaces.

    Parameters
    ----------
    cases : one row a case: `service, team` and the columns of `NAMED_ON_A_CASE`, as far as there are such
    auditors : one row an auditor: `auditor`; `service, team` as far as there are such

    Example
    -------
    >>> cases = pd.DataFrame({"worker": ["ann  LEE", ""], "chair": ["", "Bo; Cy Day"], "team": ["", "North"]})
    >>> auditors = pd.DataFrame({"auditor": ["Ann Lee", "Cy Day", "Di"], "team": ["East", "East", "north"]})
    >>> conflicts(cases, auditors).may
    array([[False,  True,  True],
           [ True, False, False]])
    """
    places: dict[str, list[int]] = {}
    for at, name in enumerate(texts(auditors, "auditor")):
        places.setdefault(name, []).append(at)
    own_case = np.zeros((len(cases), len(auditors)), dtype=bool)
    for column in NAMED_ON_A_CASE:
        for row, cell in enumerate(texts(cases, column)):
            for name in cell.split(";"):
                own_case[row, places.get(name.strip(), [])] = True
    team, team_known = _alike(texts(cases, "team"), texts(auditors, "team"))
    service, service_known = _alike(texts(cases, "service"), texts(auditors, "service"), NOT_RECORDED_SERVICE)
    return Conflicts(own_case, team & team_known, service & service_known & ~team & team_known)


def texts(table: pd.DataFrame, column: str) -> list[str]:
    """A column's cells in small letters with single spaces; "" where blank, or where there is no such column."""
    cells: Iterable[object] = table[column].astype("object") if column in table else [None] * len(table)
    return [folded(cell) for cell in cells]


def folded(cell: object) -> str:
    """A name as it is compared.

    >>> folded(" Ann  LEE ")
    'ann lee'
    """
    return "" if pd.isna(cell) else " ".join(unicodedata.normalize("NFKC", str(cell)).casefold().split())  # type: ignore[call-overload]


def _alike(rows: list[str], columns: list[str], unknown: str = "") -> tuple[Flags, Flags]:
    """Whether the texts of a row and of a column are the same, and whether both say something."""
    codes = {text: at for at, text in enumerate(dict.fromkeys(["", folded(unknown), *rows, *columns]))}
    nothing = codes[folded(unknown)]
    of_row, of_column = (np.array([codes[text] for text in side], dtype=np.int64) for side in (rows, columns))
    known = np.logical_and.outer(of_row > nothing, of_column > nothing)
    return np.equal.outer(of_row, of_column), known
