"""What did Exampleshire's ten other activities see, and how often is each theme really in it?

Complaints, feedback, supervision audits, escalations and the rest hand over observations: one row is one thing that
one activity said, on a day. An observation notes none of the themes, or one to three, each as a strength or as a
need for development. How often stands in the tables below, as shares of the activity's observations; a theme that is
not named there is noted as a need in one of a hundred observations, and as a strength in none. So it is known that

* **eleven issues recur**, each in four activities or more besides the audits; children in need, direct work and
  recording do not;
* **complaints saw it first**: slow answers to families fill complaints from November 2012, the other activities only
  from February 2013, and the audits' share of them never moves;
* **complaints and audits disagree** on direct work: a need in many complaints, in audits more often a strength;
* **one thing got better**: strategy meetings, in what the reviewing officers escalate, from January 2013.

**How the rates stay exact.** Every third theme lies on one line, end to end, and each observation meets each of the
three lines in one point. So two themes of one line never meet in an observation, nor do both sides of one theme, and
no theme's share pays for it. The points are dealt evenly over each quarter.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_lib.example.council import MONTHS, QUARTERS, SERVICES, USUAL_AUDITS, month_name, quarter_of
from qa_lib.example.diary import _HOLIDAYS, Days, Numbers
from qa_lib.example.dice import even
from qa_lib.example.truth import POLARITIES, RATES, THEMES, service_shares

MOST_THEMES = 3  # in one observation
ELSEWHERE = 0.01  # a need for development that the tables do not name


@dataclass(frozen=True)
class Activity:
    """One activity: how its ids begin, and its observations a year in a council of the usual size.

    Where the themes are `given`, the activity has named them itself, and its text does not speak of them.
    """

    prefix: str
    a_year: int
    given: bool = False


ACTIVITIES = {
    "themed_audits": Activity("TH", 80),
    "external_audits": Activity("EX", 40),
    "cpa_escalations": Activity("CP", 120, given=True),
    "iro_escalations": Activity("IR", 200, given=True),
    "complaints": Activity("CO", 150),
    "proceedings": Activity("PR", 60),
    "feedback": Activity("FB", 170),
    "learning": Activity("LE", 50),
    "supervision_audits": Activity("SA", 100),
    "management_reviews": Activity("MR", 40),
}

Share = float | tuple[float, date, float]  # in every month; or until a month, that month, and from then on
_NOVEMBER, _JANUARY, _FEBRUARY = date(2012, 11, 1), date(2013, 1, 1), date(2013, 2, 1)
NEEDS: dict[str, dict[str, Share]] = {
    "complaints": {
        "timely_response": (0.05, _NOVEMBER, 0.45), "direct_work": 0.28, "drift_delay": 0.24, "transfers": 0.24,
        "early_help": 0.22, "fathers": 0.22, "conference_core_group": 0.2, "thresholds": 0.2,
    },
    "feedback": {
        "timely_response": (0.03, _FEBRUARY, 0.3), "transfers": 0.26, "early_help": 0.28, "fathers": 0.24,
    },
    "supervision_audits": {
        "timely_response": (0.03, _FEBRUARY, 0.3), "supervision": 0.3, "chronologies": 0.28, "challenge": 0.28,
        "drift_delay": 0.26, "thresholds": 0.26,
    },
    "cpa_escalations": {
        "timely_response": (0.03, _FEBRUARY, 0.28), "transfers": 0.3, "conference_core_group": 0.28,
        "strategy_meetings": 0.22, "challenge": 0.22, "thresholds": 0.22, "chronologies": 0.2, "supervision": 0.2,
    },
    "iro_escalations": {
        "timely_response": (0.03, _FEBRUARY, 0.3), "strategy_meetings": (0.45, _JANUARY, 0.14), "drift_delay": 0.24,
        "challenge": 0.22, "supervision": 0.22, "chronologies": 0.2, "transfers": 0.2, "fathers": 0.2,
        "early_help": 0.2,
    },
    "proceedings": {
        "strategy_meetings": 0.3, "chronologies": 0.3, "drift_delay": 0.3, "conference_core_group": 0.28,
        "fathers": 0.28,
    },
    "themed_audits": {
        "early_help": 0.3, "strategy_meetings": 0.3, "conference_core_group": 0.28, "supervision": 0.28,
        "challenge": 0.26, "thresholds": 0.26,
    },
}  # fmt: skip
STRENGTHS: dict[str, dict[str, Share]] = {
    "feedback": {"direct_work": 0.15, "early_help": 0.12, "children_in_need": 0.12, "transfers": 0.1},
    "learning": {"supervision": 0.15, "challenge": 0.12, "direct_work": 0.12, "chronologies": 0.1, "fathers": 0.1},
    "external_audits": {
        "strategy_meetings": 0.12, "thresholds": 0.12, "direct_work": 0.12, "recording": 0.1, "early_help": 0.1,
    },
    "themed_audits": {"direct_work": 0.15, "fathers": 0.1, "conference_core_group": 0.1, "recording": 0.08},
}  # fmt: skip

CAME_OF_IT = {"changed": 0.45, "No change": 0.2, "": 0.35}  # of observations; blank is not known
WORD_RATES = {rate: RATES[rate] for rate in ("trap", "misspelt", "name")}  # as in the audits' text


@dataclass(frozen=True)
class Observation:
    """One thing that one activity said: the themes that it notes, each with its polarity, at most three.

    `quarter` is a place in `QUARTERS`, `service` in `SERVICES`.
    """

    evidence_id: str
    activity: str
    day: date
    quarter: int
    service: int
    noted: tuple[tuple[str, str], ...]


def evidence_rates(activity: str) -> NDArray[np.float64]:
    """The share of an activity's observations that note a theme, by theme, polarity and month."""
    strengths, needs = STRENGTHS.get(activity, {}), NEEDS.get(activity, {})
    shares = [
        (strengths.get(theme, 0.0), needs.get(theme, ELSEWHERE)) for theme in THEMES
    ]  # in the order of POLARITIES
    return np.array([[_by_month(share) for share in by_polarity] for by_polarity in shares]).round(4)


def draw_observations(rng: np.random.Generator, audits: int) -> list[Observation]:
    """Draw what every activity noted in all the months, in the order of the days.

    An activity's observations are as many as the council's size asks for, two at the least. They are spread evenly
    over the days, those of a weekend or a holiday moved to the next working day, and numbered in that order.
    """
    drawn = []
    for key, activity in ACTIVITIES.items():
        rows = round(activity.a_year * len(MONTHS) / 12 * audits / USUAL_AUDITS)
        day = _days(rng, rows)
        month = (day.astype("datetime64[M]") - np.datetime64(MONTHS[0], "M")).astype(np.int64)
        quarter = np.array([QUARTERS.index(quarter_of(m)) for m in MONTHS])[month]
        service = np.searchsorted(np.cumsum(service_shares())[:-1], even(rng, quarter), side="right")
        noted = _noted(rng, evidence_rates(key), month, quarter)
        fields = zip(day.tolist(), quarter.tolist(), service.tolist(), noted, strict=True)
        drawn += [Observation(f"{activity.prefix}-{n:04d}", key, *row) for n, row in enumerate(fields, start=1)]
    return sorted(drawn, key=lambda one: one.day)


def evidence_truth() -> dict[str, Any]:
    """What chance was given, as `truth/evidence.json` holds it: every share by activity, theme, polarity and month."""
    months = [month_name(month) for month in MONTHS]
    return {
        "a_year": {key: activity.a_year for key, activity in ACTIVITIES.items()},
        "themes_given": [key for key, activity in ACTIVITIES.items() if activity.given],
        "share_of_observations": {
            service.name: share for service, share in zip(SERVICES, service_shares(), strict=True)
        },
        "rates": {
            key: {
                theme: {
                    polarity: dict(zip(months, by_month.tolist(), strict=True))
                    for polarity, by_month in zip(POLARITIES, by_polarity, strict=True)
                }
                for theme, by_polarity in zip(THEMES, evidence_rates(key), strict=True)
            }
            for key in ACTIVITIES
        },
        "came_of_it": CAME_OF_IT,
        "word_rates": WORD_RATES,
    }


def _by_month(share: Share) -> list[float]:
    """A share in each of the months."""
    before, since, after = share if isinstance(share, tuple) else (share, MONTHS[0], share)
    return [before if month < since else after for month in MONTHS]


def _days(rng: np.random.Generator, rows: int) -> Days:
    """The days of so many observations, in order: the line of all days in equal parts, a day in each part."""
    first, end = np.datetime64(MONTHS[0], "D"), (np.datetime64(MONTHS[-1], "M") + 1).astype("datetime64[D]")
    along = (np.arange(rows) + rng.random(rows)) / rows * (end - first).astype(np.int64)
    days: Days = np.busday_offset(first + along.astype(np.int64), 0, roll="forward", holidays=_HOLIDAYS)
    return days


def _noted(
    rng: np.random.Generator, rates: NDArray[np.float64], month: Numbers, quarter: Numbers
) -> list[tuple[tuple[str, str], ...]]:
    """The themes and polarities that each observation notes, in the order of the three lines."""
    cells = [(theme, polarity) for theme in THEMES for polarity in POLARITIES]
    met: list[list[tuple[str, str]]] = [[] for _ in month]
    for line in range(MOST_THEMES):
        here = [n for n in range(len(cells)) if n // len(POLARITIES) % MOST_THEMES == line]
        ends = rates.reshape(len(cells), -1)[here].cumsum(axis=0)
        place = (ends[:, month] <= even(rng, quarter)).sum(axis=0)
        for row in np.flatnonzero(place < len(here)).tolist():
            met[row].append(cells[here[place[row]]])
    return [tuple(one) for one in met]
