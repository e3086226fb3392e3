"""Why can this month not be allocated?

The causes of `measures.feasibility` in the words of somebody who has to put the
month right: what is short and by how much, and then whatever would be enough,
each on its own. Only services and counts are told, neither who nor which case.
"""

from __future__ import annotations

from collections.abc import Callable

from qa_lib.measures.feasibility import Cause, Impossible
from qa_lib.problems import Problem, list_of


def causes_told(impossible: Impossible) -> list[Problem]:
    """A problem for each cause, with the ways to mend it; every one of them has to be mended."""
    return [
        Problem(f"impossible_{cause.kind}", MESSAGES[cause.kind](cause), mends_told(cause))
        for cause in impossible.causes
    ]


def mends_told(cause: Cause) -> str:
    """What would be enough, nearest at hand first."""
    ways = [
        (cause.more_audits, "room for {} more from auditors who may look at these cases", _audits),
        (cause.fewer_away, "the leave of {} moved", _auditors),
        (cause.more_leads, "{} of the first phase who can lead already", _auditors),
        (cause.fewer_second_looks, "{} fewer", _second_looks),
        (cause.fewer_cases, "{} fewer", _cases),
    ]
    told = [words.format(count(number)) for number, words, count in ways if number]
    told += ["an auditor of another team who does not know them"] if cause.kind == "conflict" else []
    if not told:
        return "Draw the month anew."
    return (
        f"Any one of these would be enough: {list_of(told, last='or')}." if told[1:] else f"Enough would be {told[0]}."
    )


def _conflict(cause: Cause) -> str:
    close = "is named on the case or belongs to its team"
    return f"{_cases(cause.cases)}{_of(cause)} can go to nobody: everybody on the auditor list {close}."


def _capacity(cause: Cause) -> str:
    return f"all auditors together can do too few. {_asked(cause)}"


def _bottleneck(cause: Cause) -> str:
    return f"some cases can go to few auditors only, who can do too few together. {_asked(cause)}"


def _leave(cause: Cause) -> str:
    away = f"{_auditors(cause.away)} who may look at these cases {'is' if cause.away == 1 else 'are'}"
    return f"there would be enough auditors but for leave: {away} away for some or all of the month. {_asked(cause)}"


def _training(cause: Cause) -> str:
    trainees = f"{_auditors(cause.in_training)} who may look at these cases"
    first = (
        "only sits in, being in the first phase" if cause.in_training == 1 else "only sit in, being in the first phase"
    )
    return f"there would be enough auditors but for training: {trainees} {first}. {_asked(cause)}"


def _second(cause: Cause) -> str:
    return f"there are enough auditors for the cases, but not for their second looks. {_asked(cause)}"


MESSAGES: dict[str, Callable[[Cause], str]] = {
    "conflict": _conflict,
    "capacity": _capacity,
    "bottleneck": _bottleneck,
    "leave": _leave,
    "training": _training,
    "second_looks": _second,
}


def _asked(cause: Cause) -> str:
    """What is asked for and what can be done."""
    looks = f", {_second_looks(cause.second_looks)} among them" if cause.second_looks else ""
    ask = (
        f"{_cases(cause.cases)}{_of(cause)} {'asks' if cause.cases == 1 else 'ask'} for {_audits(cause.needed)}{looks}"
    )
    can = (
        f"{_auditors(cause.auditors)} who may look at {'it' if cause.cases == 1 else 'them'} can do {cause.capacity:,}"
    )
    return f"{ask}; {can}. {_audits(cause.missing)} would find nobody."


def _of(cause: Cause) -> str:
    services = [service for service in cause.services if service]
    return f" of {list_of(services)}" if services else ""


def _audits(count: int) -> str:
    return f"{count:,} audit" if count == 1 else f"{count:,} audits"


def _cases(count: int) -> str:
    return f"{count:,} case" if count == 1 else f"{count:,} cases"


def _second_looks(count: int) -> str:
    return f"{count:,} second look" if count == 1 else f"{count:,} second looks"


def _auditors(count: int) -> str:
    return f"{count:,} auditor" if count == 1 else f"{count:,} auditors"
