"""What does the register of the draws say?

A row a case drawn: when and to whom it was given, who sits in, who grades it again unseen. The
audits of the diary keep their auditors, and those among the random second looks their moderators. The rest are given to
auditors who are in no conflict with the case and who lead audits in August 2013. Those who are in their first phase
then sit in with about one case in eight, in every month.

What a case's chance was stands in each row: how many cases of its service could be drawn that month, and how many were.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_lib.example.auditors import AuditorList
from qa_lib.example.caseload import Cases
from qa_lib.example.conflicts import Ties
from qa_lib.example.council import AUDITORS, MONTHS, SERVICES, TEAMS, day_first
from qa_lib.example.diary import Diary, Numbers, case_id
from qa_lib.example.dice import even
from qa_lib.example.draws import LOOK_BACK, NONE, TAKEN_OUT, Places, quarters
from qa_lib.example.gradings import Gradings
from qa_lib.example.moderation import SecondLooks

COLUMNS = """
    case_id service allocated_on due status reason replaces team category auditor paired_with second_auditor
    started_on eligible drawn
""".split()
PAIRED = 0.125  # of the cases that were not taken out
_A_YEAR = 366  # days for which a case is not drawn again


@dataclass(frozen=True)
class Staffed:
    """Who does what, a row per place: places in `AUDITORS`, or -1 for nobody."""

    auditor: Numbers
    paired: Numbers
    second: Numbers


def draw_staff(
    rng: np.random.Generator, places: Places, gradings: Gradings, looks: SecondLooks, ties: Ties, listed: AuditorList
) -> Staffed:
    """Draw who leads each audit and who sits in; who grades it again is known."""
    barred, everyone = ties.barred[places.case], np.arange(len(AUDITORS))
    auditor = _one_of(rng, ~barred & ~np.isin(everyone, listed.not_leading))
    auditor[: len(gradings.auditor)] = gradings.auditor  # the audits of the diary come first
    second = np.full(len(auditor), NONE)
    random = looks.selection == "random"
    second[looks.audit[random]] = looks.moderator[random]
    may = ~barred & np.isin(everyone, listed.sitting_in)
    may &= (everyone != auditor[:, None]) & (everyone != second[:, None])
    sits_in = (even(rng, quarters(places)) < PAIRED) & ~np.isin(places.fate, TAKEN_OUT)
    return Staffed(auditor, np.where(sits_in, _one_of(rng, may), NONE), second)


def register_rows(places: Places, staffed: Staffed, diary: Diary, cases: Cases, quarter: int) -> list[tuple[str, ...]]:
    """The register of one quarter: a row per case drawn, columns as in `COLUMNS`, by day and case id."""
    planned = (places.month + 1, places.service)
    drawn = np.zeros((len(MONTHS) + 1, len(SERVICES)), dtype=np.int64)
    np.add.at(drawn, planned, places.fate != "replaced")
    chance = np.stack([np.maximum(_eligible(diary, cases), drawn), drawn], axis=-1)[planned]  # eligible, drawn
    ends = (places.allocated.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    here = np.flatnonzero(quarters(places) == quarter)
    return [
        (
            case_id(int(places.case[n])),
            SERVICES[places.service[n]].name,
            day_first(places.allocated[n].item()),
            day_first(ends[n].item()),
            str(places.fate[n]) if places.fate[n] in TAKEN_OUT else "allocated",
            str(places.reason[n]),
            "" if places.stands_for[n] == NONE else case_id(int(places.stands_for[n])),
            TEAMS[cases.team[places.case[n]]][1],
            cases.category[places.case[n]],
            *("" if who[n] == NONE else AUDITORS[who[n]].name for who in vars(staffed).values()),
            "" if np.isnat(places.started[n]) else day_first(places.started[n].item()),
            *map(str, chance[n].tolist()),
        )
        for n in here[np.lexsort((places.case[here], places.allocated[here]))].tolist()
    ]


def _eligible(diary: Diary, cases: Cases) -> Numbers:
    """How many cases of each service could be drawn on the first of each month, from the one before `MONTHS` on.

    Open for `LOOK_BACK` days, not restricted, not audited within the year before.
    """
    last = np.full(len(cases.service), np.datetime64("NaT"), dtype="datetime64[D]")
    counts = []
    for month in np.datetime64(MONTHS[0], "M") + np.arange(-1, len(MONTHS)):
        day = month.astype("datetime64[D]")
        known = diary.date < day
        last[diary.case[known]] = diary.date[known]
        can = (cases.opened <= day - LOOK_BACK) & ~(cases.closed <= day) & ~cases.restricted & ~(day - last < _A_YEAR)
        counts.append(np.bincount(cases.service[can], minlength=len(SERVICES)))
    return np.array(counts)


def _one_of(rng: np.random.Generator, may: NDArray[np.bool_]) -> Numbers:
    """In each row one of the columns that may be, all alike; -1 where there is none."""
    chosen: Numbers = np.where(may.any(axis=1), np.where(may, rng.random(may.shape), 1.0).argmin(axis=1), NONE)
    return chosen
