"""Which audits were done, of which cases, on which days.

Cases are picked at random from all that are open, so the services share the audits as they share the cases,
give or take the luck of the draw. A case is allocated on one of the first three working days of a month and
finished later in that month; one in seven runs over and is finished in the month after. A case may come round
again, but not within a year.

Audits stand in the order of their dates and are numbered in that order within a calendar year.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_lib.example.council import MONTHS, QUARTERS, SERVICES, TEAMS, quarter_of
from qa_lib.example.dice import parts
from qa_lib.example.truth import service_shares

MOST_AUDITS = 200_000
_QUIET = {8: 0.85, 12: 0.8, 1: 0.95, 4: 0.95}  # by calendar month; the other months weigh 1
_RUNS_OVER = 1 / 7
_COMES_ROUND_AGAIN = 0.04  # of audits in the second year
_A_YEAR = np.timedelta64(366, "D")
_HOLIDAYS = """
    2012-04-06 2012-04-09 2012-05-07 2012-06-04 2012-06-05 2012-08-27 2012-12-25 2012-12-26
    2013-01-01 2013-03-29 2013-04-01 2013-05-06 2013-05-27 2013-08-26 2013-12-25 2013-12-26
    2014-01-01
""".split()  # bank holidays in England and Wales

Days = NDArray[np.datetime64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Diary:
    """One row per audit, in date order; every field is as long as there are audits.

    `month` is a place in `MONTHS`, `quarter` in `QUARTERS`, `service` in `SERVICES`, `team` in `TEAMS`;
    `case` numbers the cases that were ever audited from 0 without a gap.
    """

    audit_id: list[str]
    month: Numbers
    quarter: Numbers
    date: Days
    allocated: Days
    service: Numbers
    team: Numbers
    case: Numbers


def case_id(number: int) -> str:
    """The council's name for its nth case, different for each of the first 900,000.

    The step has no factor in common with the range, so the numbers run through it without meeting and
    neighbours in time do not get neighbouring numbers.

    >>> case_id(0), case_id(1), case_id(19)
    ('EX100000', 'EX148611', 'EX123609')
    """
    return f"EX{100_000 + number * 48_611 % 900_000}"


def audits_by_month(audits: int) -> list[int]:
    """How many audits are finished in each month: much the same, fewer in August and around the new year."""
    return parts(audits, [_QUIET.get(month.month, 1.0) for month in MONTHS])


def draw_diary(rng: np.random.Generator, audits: int) -> Diary:
    """Draw the days, services, teams and cases of `audits` audits, at least one in every month.

    Raises
    ------
    ValueError : `audits` is below the number of months, or above what the case numbers allow.
    """
    if not len(MONTHS) <= audits <= MOST_AUDITS:
        raise ValueError(f"audits is {audits}: choose {len(MONTHS)} (one a month) to {MOST_AUDITS:,}.")
    month = np.repeat(np.arange(len(MONTHS)), audits_by_month(audits))
    date = np.concatenate([_days(rng, m, n) for m, n in enumerate(audits_by_month(audits))])
    sent = np.array(MONTHS, dtype="datetime64[M]")[month] - (rng.random(audits) < _RUNS_OVER)
    service = np.searchsorted(np.cumsum(service_shares())[:-1], rng.random(audits), side="right")
    case = _cases(rng, month, date, service)
    first_of_case = np.unique(case, return_index=True)[1]
    return Diary(
        audit_id=_audit_ids(date),
        month=month,
        quarter=np.array([QUARTERS.index(quarter_of(m)) for m in MONTHS])[month],
        date=date,
        allocated=_working_day(sent, rng.integers(0, 3, audits)),
        service=service,
        team=_teams(rng, service)[first_of_case[case]],  # a case stays in its team
        case=case,
    )


def _working_day(month: Days, nth: Numbers) -> Days:
    """The nth working day of a month, counted from 0."""
    found: Days = np.busday_offset(month.astype("datetime64[D]"), nth, roll="forward", holidays=_HOLIDAYS)
    return found


def _days(rng: np.random.Generator, month: int, audits: int) -> Days:
    """The days in a month on which its audits are finished: working days after the third, in order."""
    start = np.datetime64(MONTHS[month], "M")
    days = np.arange(start.astype("datetime64[D]"), (start + 1).astype("datetime64[D]"))
    working = days[np.is_busday(days, holidays=np.array(_HOLIDAYS, dtype="datetime64[D]"))][3:]
    return np.sort(rng.choice(working, audits))


def _cases(rng: np.random.Generator, month: Numbers, date: Days, service: Numbers) -> Numbers:
    """The case of each audit: a new one, or now and then one of its service not seen for over a year."""
    again = (month >= 13) & (rng.random(len(month)) < _COMES_ROUND_AGAIN)
    of_service = [np.flatnonzero(service == s) for s in range(len(SERVICES))]
    seen_before = np.arange(len(month))
    taken = set()
    for audit in np.flatnonzero(again).tolist():
        same = of_service[service[audit]]
        long_ago = same[date[same] <= date[audit] - _A_YEAR]
        if len(long_ago) and (chosen := int(rng.choice(long_ago))) not in taken:
            seen_before[audit] = chosen
            taken.add(chosen)
    return np.unique(seen_before, return_inverse=True)[1].astype(np.int64)


def _teams(rng: np.random.Generator, service: Numbers) -> Numbers:
    """A team of the service for each audit, all of its teams alike."""
    first = np.searchsorted([owner for owner, _ in TEAMS], service)
    sizes = np.array([len(s.teams) for s in SERVICES])[service]
    within: Numbers = (rng.random(len(service)) * sizes).astype(np.int64)
    return first + within


def _audit_ids(date: Days) -> list[str]:
    """`A-2013-0412` is the 412th audit finished in 2013."""
    years = date.astype("datetime64[Y]").astype(int) + 1970
    within = np.arange(len(years)) - np.searchsorted(years, years) + 1
    return [f"A-{year}-{number:04d}" for year, number in zip(years.tolist(), within.tolist(), strict=True)]
