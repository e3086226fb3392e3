"""Which auditors have had to do with a case before?

A case may have had other workers. Most of them have left the council; now and then it was an auditor, who did case
work before. A conference chair of Safeguarding and Quality Assurance chairs the conferences of a child protection
plan, and a reviewing officer reviews the care of a child who is looked after. Two of the chairs and two of the
reviewing officers are auditors as well, as happens in a small council. None of them may audit such a case, nor may
anyone whose team holds it.

The audits were there before these ties: an auditor who audited a case, or looked at it a second time, is never tied to
it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_lib.example.caseload import WORKERS, Cases
from qa_lib.example.council import AUDITORS, TEAMS, person
from qa_lib.example.diary import Diary
from qa_lib.example.dice import words_at
from qa_lib.example.gradings import Gradings
from qa_lib.example.moderation import SecondLooks

EARLIER = {"": 0.695, "left": 0.22, "auditor": 0.04, "left; left": 0.03, "left; auditor": 0.015}
"""Who held a case before its worker does, by share of all cases: workers who have left the council, or an auditor."""

_CHAIRS = {"CP": "Conference Chairs", "CLA": "Reviewing Officers"}  # by kind of case, the team that they come from
_BESIDE = 6  # of that team who chair or review beside its auditors
_LEFT = 3  # workers of each team who have left
_FIRST_LEFT = len(AUDITORS) + WORKERS * len(TEAMS)  # the number of the first of them
_TEAM = np.array([auditor.team for auditor in AUDITORS])

Names = list[str]


@dataclass(frozen=True)
class Ties:
    """Who is tied to each case, by its number.

    `names` are the earlier workers, parted by "; ", the chair and the reviewer as a case list has them. `barred` has a
    row a case and a column an auditor: whoever is tied to it, or manages in its team.
    """

    names: list[tuple[str, str, str]]
    barred: NDArray[np.bool_]


def draw_ties(rng: np.random.Generator, cases: Cases, diary: Diary, gradings: Gradings, looks: SecondLooks) -> Ties:
    """Draw the earlier workers, the chair and the reviewer of every case."""
    seen = np.zeros((len(cases.team), len(AUDITORS)), dtype=bool)
    seen[diary.case, gradings.auditor] = True
    seen[diary.case[looks.audit], looks.moderator] = True
    own = cases.team[:, None] == _TEAM
    earlier = _earlier(rng, cases, seen | own)
    chair, reviewer = (_chairs(rng, cases, kind, seen) for kind in _CHAIRS)
    names = list(zip(earlier, chair, reviewer, strict=True))
    place = {auditor.name: n for n, auditor in enumerate(AUDITORS)}
    tied = [(n, place[name]) for n, each in enumerate(names) for name in "; ".join(each).split("; ") if name in place]
    barred = own.copy()
    barred[tuple(np.array(tied, dtype=np.int64).reshape(-1, 2).T)] = True
    return Ties(names, barred)


def _earlier(rng: np.random.Generator, cases: Cases, not_held: NDArray[np.bool_]) -> Names:
    """The earlier workers of each case, in order; the `not_held` auditors of a case are not among them."""
    kinds = words_at(EARLIER, rng.random(len(cases.team)))
    names = [""] * len(kinds)
    for n in np.flatnonzero(kinds != "").tolist():
        left = iter(rng.permutation(_LEFT).tolist())
        auditor = AUDITORS[rng.choice(np.flatnonzero(~not_held[n]))].name
        names[n] = "; ".join(
            auditor if who == "auditor" else person(_FIRST_LEFT + int(cases.team[n]) * _LEFT + next(left))
            for who in str(kinds[n]).split("; ")
        )
    return names


def _chairs(rng: np.random.Generator, cases: Cases, kind: str, seen: NDArray[np.bool_]) -> Names:
    """The chair of each case of this kind, all chairs alike; an auditor who has `seen` a case gives it to another."""
    team = next(n for n, (_, name) in enumerate(TEAMS) if name == _CHAIRS[kind])
    auditors = np.flatnonzero(team == _TEAM).tolist()
    beside = [person(len(AUDITORS) + team * WORKERS + n) for n in range(_BESIDE)]
    names = [""] * len(cases.team)
    for n, chance in enumerate(rng.random(len(names)).tolist()):
        if cases.category[n] == kind:
            among = [*beside, *(AUDITORS[a].name for a in auditors if not seen[n, a])]
            names[n] = among[int(chance * len(among))]
    return names
