"""Who could audit in August 2013?

The auditor list of that month: everybody's team and role, who leads a service's audits, how many audits each can take,
who is away, and how far each has come. Auditors are brought on in three phases: in the first they only sit in with
another, in the second and third they lead audits themselves.

The audits were there before the list. So those in their first phase, and those away all month, are the auditors who
were given the fewest cases in that month: none, or next to none. What is left can take a month's usual fifty cases and
fifteen second looks, but not many more.
"""

from dataclasses import dataclass

import numpy as np

from qa_lib.example.council import AUDITORS, SERVICES, TEAMS
from qa_lib.example.diary import Diary
from qa_lib.example.gradings import Gradings

COLUMNS = "auditor service team role phase capacity leave_from leave_to lead".split()
_MONTH = np.datetime64("2013-08")
_FIRST, _SECOND = 4, 10  # auditors in these phases; the rest are in the third
_AWAY = (("22/07/2013", "06/09/2013"), ("01/08/2013", "31/08/2013"))  # all month
_PARTLY_AWAY = (("29/07/2013", "09/08/2013"), ("12/08/2013", "23/08/2013"), ("27/08/2013", "10/09/2013"))
_IDLE_TAKE = ("2", "2", "2", "", "3", "")  # audits a month, of those in their first phase and those away
_TAKE = ("4",) * 13 + ("3",) * 4 + ("2",) * 3 + ("",) * 2  # of all others; blank is the council's default


@dataclass(frozen=True)
class AuditorList:
    """The list's `rows`, and two groups by their places in `AUDITORS`: who only sits in, and who leads no audit."""

    rows: list[tuple[str, ...]]
    sitting_in: list[int]
    not_leading: list[int]


def draw_auditors(rng: np.random.Generator, diary: Diary, gradings: Gradings) -> AuditorList:
    """Draw the auditor list: a row per auditor, columns as in `COLUMNS`, in the order of their names."""
    given = gradings.auditor[diary.allocated.astype("datetime64[M]") == _MONTH]
    least_first = np.lexsort((rng.random(len(AUDITORS)), np.bincount(given, minlength=len(AUDITORS)))).tolist()
    service = [TEAMS[auditor.team][0] for auditor in AUDITORS]
    leads = {service[n]: n for n in least_first}.values()  # the busiest of each service
    others = [n for n in least_first if n not in leads]
    idle, rest = others[: len(_IDLE_TAKE)], rng.permutation(others[len(_IDLE_TAKE) :]).tolist()
    phase = dict.fromkeys(idle[:_FIRST], "first") | dict.fromkeys([*idle[_FIRST:], *rest][:_SECOND], "second")
    leave = dict(zip([*idle[_FIRST:], *rest], _AWAY + _PARTLY_AWAY, strict=False))
    take = dict(zip([*idle, *rng.permutation([*rest, *leads]).tolist()], _IDLE_TAKE + _TAKE, strict=True))
    rows = [
        (
            auditor.name,
            SERVICES[service[n]].name,
            TEAMS[auditor.team][1],
            "Deputy team manager" if auditor.team in {other.team for other in AUDITORS[:n]} else "Team manager",
            phase.get(n, "third"),
            take[n],
            *leave.get(n, ("", "")),
            "Yes" if n in leads else "No",
        )
        for n, auditor in enumerate(AUDITORS)
    ]
    return AuditorList(sorted(rows), idle[:_FIRST], idle)
