"""The truth: what is really so in Exampleshire, before anyone draws a sample of it.

Every number that chance is given comes from this room, rounded to four decimals *before* it is used, so that
the file `truth/truth.json` states exactly what was drawn from. Five things are worth knowing:

* **One domain gets better, one gets worse, the rest stand still.** `recording` rises and `planning` falls,
  month by month along the log-odds; every other domain, and the overall grade, keeps its level. Services
  differ modestly.
* **The stated grade shares are those of recorded grades.** Auditors differ in leniency, but they are handed
  out *after* the grades are drawn (see `gradings`): a lenient auditor is one who carries more than a fair
  share of the good grades. So the shares need no correction for who happened to audit.
* **A second look mostly finds less.** Where moderation changes a grade, it moves it by one step: down more
  often than up with most auditors, and the more lenient the first auditor, the more often. So recorded grades
  are too good by a known shift.
* **Off the scale is a matter of the domain alone.** In each domain grades are missing for one reason only, at
  a rate that brings a quarter of usual size either none or at least seven, so that small numbers do not meet
  every table.
* **Themes keep their rates**, apart from two in the development box: `recording` falls and `drift_delay`
  rises.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_lib.example.council import (
    ALLOCATED_A_MONTH,
    AUDITORS,
    COUNCIL,
    MONTHS,
    SERVICES,
    TEAMS,
    USUAL_AUDITS,
    month_name,
)

GRADES = ("Outstanding", "Good", "Requires improvement", "Inadequate")  # best first
MISSPELT_GRADE = ("Requires improvement", "Requires Improvment")  # as meant, as some forms have it
_AT_LEAST = (0.08, 0.60, 0.91)  # shares at least Outstanding, Good, Requires improvement at the middle level


@dataclass(frozen=True)
class Domain:
    """One graded column: its level in the first and the last month, and how often it is off the scale.

    Levels are log-odds of a better grade, 0 being the middle level; rates are shares of audits.
    `not_applicable` grades say so; `not_recorded` ones are blank.
    """

    first: float
    last: float
    not_applicable: float = 0.0
    not_recorded: float = 0.0


DOMAINS = {
    "referral_response": Domain(0.15, 0.15, not_applicable=0.30),
    "assessment": Domain(-0.1, -0.1, not_applicable=0.07),
    "planning": Domain(0.55, -0.75, not_recorded=0.06),
    "review": Domain(0.1, 0.1, not_applicable=0.18),
    "permanence_pathway": Domain(0.0, 0.0, not_applicable=0.60),
    "recording": Domain(-0.6, 0.7),
    "supervision": Domain(-0.3, -0.3, not_recorded=0.08),
    "management_oversight": Domain(-0.1, -0.1, not_recorded=0.08),
    "direct_work": Domain(0.3, 0.3, not_applicable=0.10),
    "overall_grade": Domain(0.0, 0.0),
}
_SERVICE_LEVELS = (-0.3, 0.0, 0.35, 0.1, 0.2, 0.0)  # in the order of SERVICES

POLARITIES = ("strength", "development")
BOXES = {"strength": "strengths", "development": "areas_for_development"}  # where each polarity is written
THEMES: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {  # (first, last month) by polarity
    "strategy_meetings": ((0.08, 0.08), (0.10, 0.10)),
    "chronologies": ((0.08, 0.08), (0.22, 0.22)),
    "drift_delay": ((0.09, 0.09), (0.17, 0.23)),
    "timely_response": ((0.12, 0.12), (0.09, 0.09)),
    "supervision": ((0.16, 0.16), (0.30, 0.30)),
    "transfers": ((0.07, 0.07), (0.11, 0.11)),
    "challenge": ((0.10, 0.10), (0.12, 0.12)),
    "thresholds": ((0.09, 0.09), (0.08, 0.08)),
    "conference_core_group": ((0.09, 0.09), (0.12, 0.12)),
    "fathers": ((0.08, 0.08), (0.16, 0.16)),
    "early_help": ((0.07, 0.07), (0.06, 0.06)),
    "children_in_need": ((0.13, 0.13), (0.18, 0.18)),
    "direct_work": ((0.26, 0.26), (0.16, 0.16)),
    "recording": ((0.16, 0.16), (0.30, 0.18)),
}
EMPTY = {  # what stands in a box in which nothing is said, and how often
    "strengths": {"": 0.08, "n/a": 0.02},
    "areas_for_development": {"": 0.08, "n/a": 0.02, "as above": 0.02},
}
VOICE = {  # yes/no columns, as shares of audits
    "random_pick": {"Yes": 0.93, "No": 0.07},
    "child_spoken_to": {"Yes": 0.42, "No": 0.30, "Not appropriate": 0.20, "": 0.08},
    "parent_spoken_to": {"Yes": 0.55, "No": 0.30, "Not appropriate": 0.07, "": 0.08},
    "worker_involved": {"Yes": 0.82, "No": 0.12, "": 0.06},
}
CHANGED = {  # changed_something, by whether a child or a parent was spoken to
    "heard": {"Yes": 0.35, "No": 0.55, "": 0.10},
    "not heard": {"Not appropriate": 0.75, "": 0.25},
}
RATES = {
    "trap": 0.04,  # of audits hold words that fool a search for a theme
    "misspelt": 0.04,  # of planted phrases hold a slip of the pen
    "mismatch": 0.10,  # of audits are written as if the practice were the opposite of the grades
    "name": 0.03,  # of audits name a child or a parent, if the box that falls to it has any text
    "mixed": 0.10,  # of phrases in the two boxes follow the other side of the story in the same sentence
    "misspelt_grade": 0.0125,  # of form cells with MISSPELT_GRADE[0] hold MISSPELT_GRADE[1]
    "no_action": 0.15,  # of audits agree no action
}
SECOND_LOOKS = {  # how audits come to be moderated; between the two, all that are left and Inadequate overall
    "random": 0.30,  # of each quarter's audits, and at least one of them
    "contested": 0.03,  # of those that are then left in each quarter
}
STEPS = {  # how often moderation moves a grade by one step: with the most severe and the most lenient auditor
    "lower": (0.08, 0.38),
    "higher": (0.12, 0.02),
}


def grade_probabilities() -> NDArray[np.float64]:
    """The share of each recorded grade: four axes, by service, domain, month and grade.

    Cumulative log-odds: the three cuts between grades keep their distances, and service, domain and month
    move them together. The four shares of a cell add to 1; each is a multiple of 0.0001 and above 0.

    >>> grade_probabilities()[1, 9, 0].tolist()  # Safeguarding and Support, overall grade
    [0.08, 0.52, 0.31, 0.09]
    """
    cuts = [math.log(share / (1 - share)) for share in _AT_LEAST]
    shares = np.zeros((len(SERVICES), len(DOMAINS), len(MONTHS), len(GRADES)))
    for s, level in enumerate(_SERVICE_LEVELS):
        for d, domain in enumerate(DOMAINS.values()):
            for m in range(len(MONTHS)):
                moved = level + _between(domain.first, domain.last, m)
                at_least = [round(1 / (1 + math.exp(-cut - moved)), 4) for cut in cuts]
                shares[s, d, m] = np.diff([0, *at_least, 1])
    return shares.round(4)


def theme_rates() -> NDArray[np.float64]:
    """The share of audits in which a theme is written about, by theme, polarity and month.

    Traps are not counted in it. The rate is of all audits, those with an empty box among them.
    """
    return np.array(
        [
            [[round(_between(first, last, m), 4) for m in range(len(MONTHS))] for first, last in by_polarity]
            for by_polarity in THEMES.values()
        ]
    )


def step_chances() -> NDArray[np.float64]:
    """How often a grade of each first auditor is moved lower (first row) and higher (second row) by moderation.

    In a straight line along `AUDITORS`. An Inadequate grade cannot go lower, nor an Outstanding one higher: it
    stays as it is.

    >>> step_chances()[:, [0, 1, -1]].tolist()
    [[0.08, 0.0911, 0.38], [0.12, 0.1163, 0.02]]
    """
    return np.array([np.linspace(severe, lenient, len(AUDITORS)).round(4) for severe, lenient in STEPS.values()])


def record(audits: int, seed: int, by_month: list[int], leanings: list[float], names: list[str]) -> dict[str, Any]:
    """The truth as `truth.json` holds it: every share under the words that the extracts use.

    `leanings` say how far above the council's average the grades that each auditor records stand, in standard
    deviations of the scale behind the grades; the six in a hundred audits passed on because they lay in the
    auditor's own team are left out of account. `names` are all the invented children and parents that a text
    may name.
    """
    months = [month_name(month) for month in MONTHS]
    grades, themes = grade_probabilities(), theme_rates()
    return {
        "council": COUNCIL,
        "seed": seed,
        "audits": audits,
        "months": months,
        "audits_by_month": dict(zip(months, by_month, strict=True)),
        "plan_a_month": round(ALLOCATED_A_MONTH * audits / USUAL_AUDITS),
        "share_of_audits": {service.name: share for service, share in zip(SERVICES, service_shares(), strict=True)},
        "grade_probabilities": {
            service.name: {
                domain: {
                    month: dict(zip(GRADES, grades[s, d, m].tolist(), strict=True)) for m, month in enumerate(months)
                }
                for d, domain in enumerate(DOMAINS)
            }
            for s, service in enumerate(SERVICES)
        },
        "off_scale": {
            name: {"not_applicable": domain.not_applicable, "not_recorded": domain.not_recorded}
            for name, domain in DOMAINS.items()
        },
        "theme_rates": {
            theme: {
                polarity: dict(zip(months, themes[t, p].tolist(), strict=True)) for p, polarity in enumerate(POLARITIES)
            }
            for t, theme in enumerate(THEMES)
        },
        "voice_rates": {**VOICE, "changed_something": CHANGED},
        "empty_boxes": EMPTY,
        "rates": RATES,
        "misspelt_grade": dict(zip(("meant", "written"), MISSPELT_GRADE, strict=True)),
        "moderation": _moderation(),
        "auditors": [
            {
                "name": auditor.name,
                "team": TEAMS[auditor.team][1],
                "service": SERVICES[TEAMS[auditor.team][0]].name,
                "style": auditor.style,
                "leaning": leaning,
            }
            for auditor, leaning in zip(AUDITORS, leanings, strict=True)
        ],
        "names": names,
    }


def service_shares() -> list[float]:
    """The share of audits of each service: that of its open cases, as these are picked at random."""
    total = sum(service.cases for service in SERVICES)
    return [service.cases / total for service in SERVICES]


def _moderation() -> dict[str, Any]:
    """Moderation as `truth.json` holds it: `rates` of the audits still left, and what they come to over all audits."""
    inadequate = float(np.dot(service_shares(), grade_probabilities()[:, -1, 0, -1]))  # the same in every month
    random, contested = SECOND_LOOKS.values()
    shares = (random, (1 - random) * inadequate, (1 - random) * (1 - inadequate) * contested)
    return {
        "rates": {"random": random, "risk": 1.0, "contested": contested},
        "share_of_audits": dict(zip(("random", "risk", "contested"), np.round(shares, 4).tolist(), strict=True)),
        "by_first_auditor": {
            auditor.name: dict(zip(STEPS, chances, strict=True))
            for auditor, chances in zip(AUDITORS, step_chances().T.tolist(), strict=True)
        },
    }


def _between(first: float, last: float, month: int) -> float:
    """A level that moves in a straight line from the first month to the last."""
    return first + (last - first) * month / (len(MONTHS) - 1)
