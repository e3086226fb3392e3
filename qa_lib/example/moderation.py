"""Which audits were looked at a second time, and what was found?

Three ways lead to a second look. In every quarter a random part of the audits is taken, whatever their grades:
only these speak for all audits. Every other audit that found a file Inadequate is looked at because of the
risk. And of what is left a few are contested; there the outcome says whether the overall grade was upheld or
changed.

**The moderator** is an auditor who did not do the audit and does not manage the case's team. She or he comes
to it one to four weeks later and grades each domain that was graded, on its own: as before, one step lower or
one step higher. How often each happens depends on how lenient the first auditor is (see `truth`); it does not
depend on the way that led to the second look, nor on who takes it. A step that would leave the scale is not
taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_lib.example.council import AUDITORS, day_first
from qa_lib.example.diary import Days, Diary, Numbers, _working_day
from qa_lib.example.dice import even
from qa_lib.example.gradings import Gradings
from qa_lib.example.truth import DOMAINS, GRADES, SECOND_LOOKS, step_chances

COLUMNS = ("audit_id", "moderator", "moderated_on", "selection", *DOMAINS, "outcome")
_WORKING_DAYS = (5, 20)  # from the audit to the second look
_LAST_DAY = np.datetime64("2014-01-31")  # what was still to come then was brought forward to it
_OVERALL = list(DOMAINS).index("overall_grade")


@dataclass(frozen=True)
class SecondLooks:
    """One row per second look, in the order of the audits.

    `audit` is a place in the diary, `moderator` in `AUDITORS`. `selection` is `random`, `risk` or `contested`.
    `grades` has one column per domain, in the order of `DOMAINS`, and holds what the cell says. `outcome` is
    `upheld` or `changed`, and nothing where the grade was not contested.
    """

    audit: Numbers
    selection: NDArray[np.str_]
    moderator: Numbers
    date: Days
    grades: NDArray[np.str_]
    outcome: NDArray[np.str_]


def draw_second_looks(rng: np.random.Generator, diary: Diary, gradings: Gradings) -> SecondLooks:
    """Draw which audits are looked at again, by whom and when, and how they are graded then."""
    selected = _selections(rng, diary, gradings)
    audit = np.flatnonzero(selected != "")
    selection, first = selected[audit], gradings.auditor[audit]
    later = _working_day(diary.date[audit], rng.integers(_WORKING_DAYS[0], _WORKING_DAYS[1] + 1, len(audit)))
    moderator = _moderators(rng, first, diary.team[audit])
    before = gradings.grades[audit]
    grades = _graded_again(rng, before, first)
    outcome = np.where(grades[:, _OVERALL] == before[:, _OVERALL], "upheld", "changed")
    return SecondLooks(
        audit=audit,
        selection=selection,
        moderator=moderator,
        date=np.minimum(later, _LAST_DAY),
        grades=grades,
        outcome=np.where(selection == "contested", outcome, ""),
    )


def moderation_rows(looks: SecondLooks, diary: Diary, quarter: int) -> Iterator[tuple[str, ...]]:
    """The second looks at the audits of one quarter, columns as in `COLUMNS`."""
    for n in np.flatnonzero(diary.quarter[looks.audit] == quarter).tolist():
        yield (
            diary.audit_id[looks.audit[n]],
            AUDITORS[looks.moderator[n]].name,
            day_first(looks.date[n].item()),
            str(looks.selection[n]),
            *looks.grades[n].tolist(),
            str(looks.outcome[n]),
        )


def _selections(rng: np.random.Generator, diary: Diary, gradings: Gradings) -> NDArray[np.str_]:
    """The way in which each audit came to a second look; nothing where it did not. Random picks come first."""
    one = 1 / np.bincount(diary.quarter)[diary.quarter]  # at least one in each quarter, however small
    picked = even(rng, diary.quarter) < np.maximum(SECOND_LOOKS["random"], one)
    selected = np.where(picked, "random", np.full(len(picked), "", dtype="U9"))
    selected[~picked & (gradings.grades[:, _OVERALL] == GRADES[-1])] = "risk"
    left = np.flatnonzero(selected == "")
    selected[left[even(rng, diary.quarter[left]) < SECOND_LOOKS["contested"]]] = "contested"
    return selected


def _moderators(rng: np.random.Generator, first: Numbers, team: Numbers) -> Numbers:
    """Another auditor for each audit, of another team than the case's; all who may are alike."""
    order = rng.random((len(first), len(AUDITORS)))
    barred = np.array([auditor.team for auditor in AUDITORS]) == team[:, None]
    barred |= np.arange(len(AUDITORS)) == first[:, None]
    moderator: Numbers = np.where(barred, 1.0, order).argmin(axis=1)
    return moderator


def _graded_again(rng: np.random.Generator, before: NDArray[np.str_], first: Numbers) -> NDArray[np.str_]:
    """The second grades: each the first one, or its neighbour; what is off the scale stays as it was."""
    chances = rng.random(before.shape)
    lower, higher = step_chances()[:, first, None]
    step = (chances < lower).astype(np.int64) - (chances >= 1 - higher)
    on_scale = before[:, :, None] == np.array(GRADES)
    place = np.clip(on_scale.argmax(axis=2) + step, 0, len(GRADES) - 1)
    return np.where(on_scale.any(axis=2), np.array(GRADES)[place], before)
