"""What the auditors judged, and whom they heard.

**Grades of one audit belong together, yet each share is exactly the stated one.** Behind every grade lies a
normal score: a part that the whole file shares (its *quality*) and a part of its own. The score is cut at the
points below which the stated shares lie, so the joint picture is a Gaussian copula and each grade alone has
its own stated probability, for every service, domain and month.

**Lenient auditors without bent shares.** The grades are drawn first. Then the audits are handed out: the
better the file's recorded grades, the likelier it goes to an auditor further along the order of leniency.
Every auditor gets about the same number of audits. Who reads the table sees lenient and severe auditors; who
adds the table up finds the truth.

**Off the scale** is drawn apart from the grades, evenly over each quarter, so that leaving those cells out of
a share moves nothing.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_lib.example.council import AUDITORS
from qa_lib.example.diary import Diary, Numbers
from qa_lib.example.dice import NORMAL, below, even, words_at
from qa_lib.example.truth import CHANGED, DOMAINS, GRADES, VOICE, grade_probabilities

_SHARED = 0.5  # the part of a domain's score, as variance, that is the file's quality
_SHARED_OVERALL = 0.8  # the same for the overall grade
_LEANS = 0.4  # how strongly leniency goes with quality, as a correlation


@dataclass(frozen=True)
class Gradings:
    """One row per audit: what was judged and who was asked.

    `grades` has one column per domain, in the order of `DOMAINS`, and holds what the cell says: a grade, "Not
    applicable", or nothing. `quality` is the shared score. `auditor` is a place in `AUDITORS`. `voice` maps
    each yes/no column to its answers.
    """

    quality: NDArray[np.float64]
    grades: NDArray[np.str_]
    auditor: Numbers
    voice: dict[str, NDArray[np.str_]]


def draw_gradings(rng: np.random.Generator, diary: Diary) -> Gradings:
    """Draw every grade, auditor and yes/no answer for the audits of the diary."""
    audits = len(diary.month)
    quality = rng.standard_normal(audits)
    shared = np.array([_SHARED_OVERALL if domain == "overall_grade" else _SHARED for domain in DOMAINS])
    own = rng.standard_normal((audits, len(DOMAINS)))
    score = np.sqrt(shared) * quality[:, None] + np.sqrt(1 - shared) * own
    cuts = _cuts()[diary.service, :, diary.month]
    grades = np.array(GRADES)[(score[:, :, None] < cuts).sum(axis=2)]
    for column, domain in enumerate(DOMAINS.values()):
        chances = even(rng, diary.quarter)
        grades[chances < domain.not_applicable + domain.not_recorded, column] = ""  # not recorded
        grades[chances < domain.not_applicable, column] = "Not applicable"
    return Gradings(quality, grades, _hand_out(rng, quality, diary.team), _voice(rng, diary.quarter))


def leanings() -> list[float]:
    """How far above average the scores behind each auditor's grades stand, in order of leniency.

    The mean of a normal score within the nth of N equal slices of the line, times the way that it goes with a
    grade.

    >>> leanings()[0], leanings()[-1]
    (-0.622, 0.622)
    """
    slices = len(AUDITORS)
    density = [NORMAL.pdf(NORMAL.inv_cdf(n / slices)) if 0 < n < slices else 0.0 for n in range(slices + 1)]
    return [round(_LEANS * math.sqrt(_SHARED) * slices * (density[n] - density[n + 1]), 3) for n in range(slices)]


def _cuts() -> NDArray[np.float64]:
    """Where the score is cut, by service, domain, month and cut: below the first is not Outstanding."""
    shares = grade_probabilities()
    return below((1 - shares.cumsum(axis=3)[..., :-1]).round(4))


def _hand_out(rng: np.random.Generator, quality: NDArray[np.float64], team: Numbers) -> Numbers:
    """The auditor of each audit: better files lean to the lenient, and nobody audits the own team's case."""
    leaning = _LEANS * quality + math.sqrt(1 - _LEANS**2) * rng.standard_normal(len(quality))
    edges = [NORMAL.inv_cdf(n / len(AUDITORS)) for n in range(1, len(AUDITORS))]
    auditor = np.searchsorted(edges, leaning)
    own_team = np.array([a.team for a in AUDITORS])[auditor] == team
    neighbour = np.where(auditor == len(AUDITORS) - 1, auditor - 1, auditor + 1)
    return np.where(own_team, neighbour, auditor)


def _voice(rng: np.random.Generator, quarter: Numbers) -> dict[str, NDArray[np.str_]]:
    """The yes/no columns. Only what a child or a parent said can have changed something."""
    voice = {column: words_at(shares, even(rng, quarter)) for column, shares in VOICE.items()}
    heard = (voice["child_spoken_to"] == "Yes") | (voice["parent_spoken_to"] == "Yes")
    chances = even(rng, quarter * 2 + heard)
    changed = np.where(heard, words_at(CHANGED["heard"], chances), words_at(CHANGED["not heard"], chances))
    return {**voice, "changed_something": changed}
