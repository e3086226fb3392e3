"""Which cases were drawn for an audit each month, and what became of them?

Each month as many cases are drawn as the plan says. The audits of the diary are those that were finished; a case may
have run over its month and been finished late. The rest were not finished: taken out, begun and left, or never begun,
by the stated shares (`UNFINISHED`). Disabled Children's cases are among them two and a half times as often as their
number would make it, and that is the only way in which they differ.

In a few places the case first drawn was taken out and the next of its service's reserves took its place: then both
were drawn, and the plan counts them once. Before the first month only the audits are known that ran over into it.

A case that was not finished was never audited, at any time; it was open then, and for half a year before.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_lib.example.caseload import Cases
from qa_lib.example.council import ALLOCATED_A_MONTH, MONTHS, QUARTERS, SERVICES, USUAL_AUDITS, quarter_of
from qa_lib.example.diary import Days, Diary, Numbers, _working_day
from qa_lib.example.dice import even, words_at

UNFINISHED = {"excluded": 0.25, "started": 0.35, "not started": 0.40}  # of the places whose case was not finished
TAKEN_OUT = ("excluded", "replaced")
REASONS = {"Closed before the audit": 0.5, "Moved to another council": 0.2, "Held in proceedings": 0.3}
REPLACED = 0.06  # of all places
_WEIGHTS = {"Disabled Children": 2.5}  # how much likelier a case is not finished; elsewhere 1
_QUARTER = np.array([QUARTERS.index(quarter_of(month)) for month in MONTHS])
LOOK_BACK = 183  # days for which a case has been open when it is drawn
NONE = -1

Words = NDArray[np.str_]


@dataclass(frozen=True)
class Places:
    """One row per case drawn; every field is as long as there are cases drawn.

    `month` counts from the first of `MONTHS` (-1 is the month before it), `service` and `case` are numbers. `fate` is
    `completed`, a word of `UNFINISHED`, or `replaced`; `stands_for` is the case in whose place this one came, or -1.
    `started` is NaT where nobody has begun.
    """

    month: Numbers
    service: Numbers
    case: Numbers
    allocated: Days
    started: Days
    fate: Words
    reason: Words
    stands_for: Numbers


def unfinished_shares() -> list[float]:
    """The share of each service in the cases that were not finished, in the order of `SERVICES`."""
    weights = [service.cases * _WEIGHTS.get(service.name, 1.0) for service in SERVICES]
    return [round(weight / sum(weights), 4) for weight in weights]


def planted() -> dict[str, Any]:
    """What chance was given, as `truth/allocation.json` holds it."""
    return {
        "unfinished": UNFINISHED,
        "unfinished_by_service": {s.name: share for s, share in zip(SERVICES, unfinished_shares(), strict=True)},
        "replaced": REPLACED,
        "reasons": REASONS,
    }


def draw_places(rng: np.random.Generator, diary: Diary, cases: Cases) -> Places:
    """Draw which cases the register holds: first those of the diary, in its order, then the rest."""
    finished = _finished(rng, diary)
    among = rng.permutation(np.setdiff1d(np.flatnonzero(~cases.restricted), diary.case))
    unfinished = _with_cases(_unfinished(rng, finished), cases, among)
    unfinished = _rows(unfinished, unfinished.case != NONE)
    places = _joined(finished, unfinished)
    swapped = (even(rng, quarters(places)) < REPLACED) & (places.fate != "excluded") & (places.month >= 0)
    first = _rows(places, swapped)
    first = replace(
        first,
        started=np.full(len(first.month), np.datetime64("NaT")),
        fate=np.full(len(first.month), "replaced"),
        reason=_reasons(rng, first.month),
    )
    first = _with_cases(first, cases, among[~np.isin(among, unfinished.case)])
    places.stands_for[swapped] = first.case
    return _joined(places, _rows(first, first.case != NONE))


def quarters(places: Places) -> Numbers:
    """The reporting quarter in which each case was drawn, as a place in `QUARTERS`."""
    found: Numbers = _QUARTER[np.maximum(places.month, 0)]
    return found


def _finished(rng: np.random.Generator, diary: Diary) -> Places:
    """A place for each audit of the diary."""
    audits = len(diary.case)
    return Places(
        month=(diary.allocated.astype("datetime64[M]") - np.datetime64(MONTHS[0], "M")).astype(np.int64),
        service=diary.service,
        case=diary.case,
        allocated=diary.allocated,
        started=np.minimum(_begun(rng, diary.allocated), diary.date),
        fate=np.full(audits, "completed"),
        reason=np.full(audits, ""),
        stands_for=np.full(audits, NONE),
    )


def _unfinished(rng: np.random.Generator, finished: Places) -> Places:
    """The places that each month's plan has beyond those finished, as yet without their cases."""
    plan = round(ALLOCATED_A_MONTH * len(finished.case) / USUAL_AUDITS)
    done = np.bincount(finished.month[finished.month >= 0], minlength=len(MONTHS))
    month = np.repeat(np.arange(len(MONTHS)), np.maximum(0, plan - done))
    quarter = _QUARTER[month]
    fate = words_at(UNFINISHED, even(rng, quarter))
    reason = np.where(fate == "excluded", _reasons(rng, month), "")
    nobody = np.full(len(month), NONE)
    service = np.searchsorted(np.cumsum(unfinished_shares())[:-1], even(rng, quarter), side="right")
    start = np.datetime64(MONTHS[0], "M") + month
    allocated = _working_day(start, rng.integers(0, 3, len(month)))
    started = np.where(fate == "started", _begun(rng, allocated), np.datetime64("NaT"))
    return Places(month, service, nobody, allocated, started, fate, reason, nobody)


def _begun(rng: np.random.Generator, allocated: Days) -> Days:
    """When an audit is begun: within two working weeks."""
    return _working_day(allocated, rng.integers(1, 11, len(allocated)))


def _reasons(rng: np.random.Generator, month: Numbers) -> Words:
    """Why each case was taken out after it was drawn."""
    return words_at(REASONS, even(rng, _QUARTER[month]))


def _with_cases(places: Places, cases: Cases, among: Numbers) -> Places:
    """The same places, each with a case `among` these, none twice; -1 where a service has none left.

    A case that was taken out because it went is one that was closed soon after; any other was open all month.
    """
    case = np.full(len(places.month), NONE)
    gone = np.isin(places.reason, [reason for reason in REASONS if reason != "Held in proceedings"])
    for service in range(len(SERVICES)):
        left = among[cases.service[among] == service]
        for month, went in sorted({*zip(places.month.tolist(), gone.tolist(), strict=True)}):
            here = np.flatnonzero((places.service == service) & (places.month == month) & (gone == went))
            order = np.argsort(~_fits(cases, left, month, went), kind="stable")[: len(here)]
            case[here[: len(order)]] = left[order]
            left = np.delete(left, order)
    return replace(places, case=case)


def _fits(cases: Cases, among: Numbers, month: int, went: bool) -> NDArray[np.bool_]:
    """Which of these cases were open long enough before a month, and closed after it, or soon if they `went`."""
    start = (np.datetime64(MONTHS[0], "M") + month).astype("datetime64[D]")
    end = (np.datetime64(MONTHS[0], "M") + month + 1).astype("datetime64[D]")
    closed = cases.closed[among]
    stayed = (start + 10 <= closed) & (closed < end + 15) if went else ~(closed < end)
    fits: NDArray[np.bool_] = (cases.opened[among] <= start - LOOK_BACK) & stayed
    return fits


def _rows(places: Places, which: NDArray[np.bool_]) -> Places:
    """Some of these places."""
    return Places(**{name: column[which] for name, column in vars(places).items()})


def _joined(first: Places, second: Places) -> Places:
    """The one after the other."""
    return Places(**{name: np.concatenate([column, vars(second)[name]]) for name, column in vars(first).items()})
