"""Which cases are drawn?

Every case that may be audited has a known chance, nobody chooses, and whoever
has the list, the design and the seed draws the same cases again. Each family
and each child has a number of its own, made of the seed and its id alone. It
depends neither on the order of the list nor on who else stands in it, so a
late correction of the list changes few of the cases drawn.

What is found in the file of a child is partly found in that of a brother or
sister too. So no more than one child of a family is drawn.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from qa_lib.measures.apportionment import allocate
from qa_lib.measures.eligibility import REASONS, id_key, listed_cases
from qa_lib.measures.lots import chances, in_order, number

__all__ = ["REASONS", "Design", "Draw", "allocate", "draw", "replace"]

Homes = dict[str, dict[str, list[int]]]
"""Service → family → where its eligible children stand in the list."""


@dataclass(frozen=True)
class Design:
    """How cases are drawn, on which day.

    cases : how many; None: one child of every family
    minimum : of each service that has an eligible case
    reserves : how many stand by, over all services
    second_looks : how many of those drawn are graded by a second auditor too
    not_again_months : a case is left out if it was audited less than so many months before the day `on`
    look_back_months : it is left out if it was opened less than so many months before that day, or after it
    services : in their order; others of the list come after them
    """

    cases: int | None
    minimum: int
    reserves: int
    second_looks: int
    not_again_months: int
    look_back_months: int
    on: date
    services: tuple[str, ...]

    def __post_init__(self) -> None:
        numbers = (
            self.cases,
            self.minimum,
            self.reserves,
            self.second_looks,
            self.not_again_months,
            self.look_back_months,
        )
        if min(number or 0 for number in numbers) < 0:
            raise ValueError("the numbers of a design are 0 or more")


@dataclass(frozen=True)
class Draw:
    """What was drawn, and from what.

    frame : the list that was given, row by row, with
        `family`, its id in small letters, and the case's own where it has none;
        `reason` of `REASONS`, "" for an eligible case; `chance` of it to be drawn (0 to 1; 0 unless eligible);
        `place`: "drawn", "reserve" or ""; for a case that left after the draw "replaced", or "excluded" where nobody
        took its place; `order` of the reserves within their service, from 1 (0: never one);
        `second`: a second auditor grades it too; `replaces`: the case whose place it took; `why` it left
    strata : one row a service, in order: `service`; `listed` and `eligible` cases, `drawn` and `reserves` as first
        drawn (counts)
    frame_sha256 : of ids, services, families and reasons (before siblings). Where it, the design and the seed are
        the same, so are the cases drawn
    """

    frame: pd.DataFrame
    strata: pd.DataFrame
    seed: int | str
    frame_sha256: str


def draw(frame: pd.DataFrame, design: Design, seed: int | str) -> Draw:
    """Cases drawn by lot from a list, service by service, with reserves and second looks.

    A family with eligible children in several services is first placed in one of them by lot, in proportion to its
    children there; the others are left out as "sibling", and chances are told as from then on. The services share the
    cases by their eligible ones (`allocate`), at most one a family. Of the N eligible cases of a service n are drawn by
    Pareto sampling: a family of c children has the chance p = c n / N; one that this would bring to 1 is taken, and the
    others share what is left. Those with the smallest u / (1 - u) × (1 - p) / p are drawn, where u is the family's own
    number; the next are the reserves, in order. Of each family the child with the smallest number of its own is taken,
    so each has the chance p / c: n / N, but where a family was sure to be taken.

    Second looks are those of the cases drawn with the smallest of another number: a simple random sample of them.

    Parameters
    ----------
    frame : one row a case: `case_id`, `service`, and if there are such columns `family_id`; the days `opened`,
        `closed`, `last_audited`, `audited_on` (either counts; one after the draw does not); `restricted` ("Yes", "No",
        "Not appropriate"); booleans `held` (by an auditor already) and `outside` (a theme). Blank: unknown, or none
    design : where fewer cases are eligible than it asks for, fewer are drawn
    seed : a number or a text; 1 and "1" are the same

    Raises
    ------
    ValueError : a case that has no id or no service, or stands in the list twice; a column that holds something else;
        a design with fewer cases than its minimum of each service needs.

    Source: Rosén (1997), Journal of Statistical Planning and Inference 62:159-191 (`in_order` says how exact it is).

    Example
    -------
    >>> from datetime import date
    >>> cases = pd.DataFrame({"case_id": ["a", "b", "c", "d"], "service": "Duty", "family_id": ["f", "f", "", ""]})
    >>> drawn = draw(cases, Design(2, 1, 1, 1, 12, 6, date(2013, 5, 1), ("Duty",)), seed=7)
    >>> drawn.frame[["case_id", "chance", "place", "second"]]
      case_id  chance    place  second
    0       a     0.5    drawn    True
    1       b     0.5            False
    2       c     0.5    drawn   False
    3       d     0.5  reserve   False
    """
    cases = listed_cases(frame, design.on, design.not_again_months, design.look_back_months)
    names, reason = cases["case"].tolist(), cases["reason"].tolist()
    homes = _homes(cases, design.services, seed)
    strata = _strata(cases, homes, design)
    chance, place, order = _lots(names, homes, strata, seed)
    drawn = [at for at, where in place.items() if where == "drawn"]
    looks = sorted(drawn, key=lambda at: (number(seed, "second", names[at]), names[at]))[: design.second_looks]
    found = {
        "family": cases["family"].tolist(),
        "reason": ["sibling" if not why and at not in chance else why for at, why in enumerate(reason)],
        "chance": [chance.get(at, 0.0) for at in cases.index],
        "place": [place.get(at, "") for at in cases.index],
        "order": [order.get(at, 0) for at in cases.index],
        "second": [at in looks for at in cases.index],
    }
    told = frame.assign(**pd.DataFrame(found, index=frame.index), replaces="", why="")
    return Draw(told, strata, seed, hashlib.sha256(json.dumps(sorted(cases.to_numpy().tolist())).encode()).hexdigest())


def replace(drawn: Draw, gone: Mapping[str, str]) -> Draw:
    """The draw after some cases have left it, each replaced by the next reserve of its service.

    A case whose place a reserve takes is "replaced"; with no reserve left it is "excluded". The reserve is then
    "drawn", says whom it `replaces`, and takes over the second look. Where it has left too, the next one replaces it;
    a reserve that leaves before its turn is "excluded". Cases with a second look come first, then the smaller id, so
    the order of `gone` changes nothing. Chances and strata stay those of the draw.

    Parameters
    ----------
    gone : id → why, of cases drawn or in reserve

    Raises
    ------
    ValueError : a case that is neither drawn nor in reserve.
    """
    frame, reasons = drawn.frame, {id_key(case): reason for case, reason in gone.items()}
    case, service, order = frame["case_id"].tolist(), frame["service"].tolist(), frame["order"].tolist()
    place, second = frame["place"].tolist(), frame["second"].tolist()
    replaces, why = frame["replaces"].tolist(), frame["why"].tolist()
    key = [id_key(name) for name in case]
    leaving = [at for at, name in enumerate(key) if name in reasons and place[at] in {"drawn", "reserve"}]
    if len(leaving) < len(reasons):
        raise ValueError(f"{len(reasons) - len(leaving)} of {len(reasons)} cases are neither drawn nor in reserve")
    standing_by = sorted((at for at, where in enumerate(place) if where == "reserve"), key=order.__getitem__)
    places = sorted(set(leaving).difference(standing_by), key=lambda at: (not second[at], key[at]))
    for at in leaving:
        place[at], why[at] = "excluded", reasons[key[at]]
    while places:
        at = places.pop(0)
        reserve = next((other for other in standing_by if service[other] == service[at]), None)
        if reserve is not None:
            standing_by.remove(reserve)
            place[at], replaces[reserve], second[reserve] = "replaced", case[at], second[at]
            if reserve in leaving:
                places.append(reserve)
            else:
                place[reserve] = "drawn"
        second[at] = False
    return dataclasses.replace(drawn, frame=frame.assign(place=place, second=second, replaces=replaces, why=why))


def _homes(cases: pd.DataFrame, first: tuple[str, ...], seed: int | str) -> Homes:
    """The eligible children of each family in the service in which it can be drawn, services in order."""
    services = [*first, *sorted(set(cases["service"]) - set(first))]
    families: dict[str, list[tuple[int, int]]] = defaultdict(list)
    eligible = cases[cases["reason"] == ""]
    for at, service, family in zip(*map(list, (eligible.index, eligible["service"], eligible["family"])), strict=True):
        families[family].append((services.index(service), at))
    homes: Homes = {service: {} for service in services}
    for family, children in families.items():
        placed = sorted(children)[int(number(seed, "service", family) * len(children))][0]
        homes[services[placed]][family] = [at for service, at in children if service == placed]
    return homes


def _strata(cases: pd.DataFrame, homes: Homes, design: Design) -> pd.DataFrame:
    """How many are drawn from each service and stand by; reserves where a case is drawn, one each first if they do."""
    eligible = [sum(map(len, families.values())) for families in homes.values()]
    most = [len(families) for families in homes.values()]
    drawn = allocate(sum(most) if design.cases is None else design.cases, eligible, design.minimum, most)
    left = [families - n if n else 0 for families, n in zip(most, drawn, strict=True)]
    one_each = int(design.reserves >= sum(map(bool, left)))
    reserves = allocate(design.reserves, eligible, one_each, left)
    listed = cases["service"].value_counts().reindex(list(homes), fill_value=0).to_list()
    counts = {"listed": listed, "eligible": eligible, "drawn": drawn, "reserves": reserves}
    return pd.DataFrame({"service": list(homes), **counts})


def _lots(
    names: Sequence[str], homes: Homes, strata: pd.DataFrame, seed: int | str
) -> tuple[dict[int, float], dict[int, str], dict[int, int]]:
    """The chance of each child at home, the place of those drawn and of the reserves, and the order of these."""
    chance, place, order = dict[int, float](), dict[int, str](), dict[int, int]()
    for service, n, reserves in strata[["service", "drawn", "reserves"]].itertuples(index=False):
        families = homes[service]
        by_family = chances({family: len(children) for family, children in families.items()}, n)
        chance |= {at: by_family[family] / len(children) for family, children in families.items() for at in children}
        for position, family in enumerate(in_order(by_family, seed)[: n + reserves]):
            child = min(families[family], key=lambda at: (number(seed, "child", names[at]), names[at]))
            place[child], order[child] = ("drawn", 0) if position < n else ("reserve", position - n + 1)
    return chance, place, order
