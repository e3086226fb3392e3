"""What does a reader of this table learn, and of whom?

From a row: how many it counts, how many of its base it does not, the base, and
those left out. From several rows: what they are together, where nobody is in two
of them. So the good grades of a domain are its share good or better, and two
groups set side by side are all that have a grade.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from qa_lib.measures.tallies import Tally, Who
from qa_lib.report.publishable import COUNTS, Publishable

Family = tuple[str, str, str]
"""Counts of which one may be the whole of the others: what is counted, by what it is parted, and all else of it."""
EVERYONE, MET = "everyone", "met"
Sets = Mapping[str, Who]
"""Whom a row counts, by the name of the count: `n, rest, of, left_out, all`."""


@dataclass(frozen=True)
class Place:
    """What a row counts, among whom, of which service and period, and which part of it (by grade, say); "" is all.

    `what` and `among` are the same words wherever the same is counted. What is counted as `EVERYONE` is all that a
    choice selects.
    """

    what: str
    among: str = ""
    service: str = ""
    period: str = ""
    part: str = ""

    def families(self, name: str) -> list[tuple[Family, str]]:
        """The families of which a count of the row is one, and which one it is."""
        if self.what == EVERYONE and name != "n":
            return []
        what = f"{EVERYONE if name == 'all' or self.what == EVERYONE else f'{self.what} {name}'} of {self.among}"
        return [
            ((f"{what} {self.part}", "service", self.period), self.service),
            ((f"{what} {self.part}", "period", self.service), self.period),
            ((what, "part", f"{self.service} {self.period}"), self.part),
        ]


@dataclass(frozen=True)
class Learnt:
    """What is learnt at once, and the rows to hide if it is too much.

    `counts` holds whom each count counts, its place (None for what is no part of any whole), and the other row without
    which it is not learnt, if there is one.
    """

    counts: tuple[tuple[Sets, Place | None, int | None], ...]
    rows: frozenset[int]

    def without(self, hidden: set[int]) -> Learnt:
        """What is still learnt while these rows are hidden."""
        return replace(self, counts=tuple(count for count in self.counts if count[2] not in hidden))

    @property
    def people(self) -> list[Who]:
        """Of whom it is learnt how many they are."""
        return [who for sets, _, _ in self.counts for who in sets.values()]

    @property
    def families(self) -> list[tuple[Family, str, Who]]:
        """The same by family and part."""
        return [
            (family, part, who)
            for sets, place, _ in self.counts
            for name, who in sets.items()
            for family, part in (place.families(name) if place else ())
        ]


def learnt_of(published: Publishable, tally: Tally, places: tuple[Place, ...]) -> Iterator[Learnt]:
    """Everything that a table tells, row by row; the grades of a group all at once.

    Parameters
    ----------
    published : a protected table
    tally, places : of each row before any grades were counted together, who is counted in it, and its place
    """
    at = {tuple(keys.values()): row for row, keys in enumerate(tally.keys)}
    told: list[dict[Any, Any]] = published.table.to_dict("records")
    if published.about.scale:
        yield from _by_group(published, tally, places, at, told)
        return
    above: list[tuple[str, str, Sets, Place, int]] = []
    for row, counts in enumerate(told):
        place_at = at[tuple(str(counts[key]) for key in published.keys)]
        sets, place = _whom(tally, [place_at], counts), places[place_at]
        both: list[tuple[Sets, Place | None, int | None]] = []
        if published.keys[1:] == ("side",):
            side, group = str(counts["side"]), str(counts["group"])
            for other_side, other_group, other, whole, at_row in above:
                if other_side != side:
                    both += _both_sides(sets, other, whole if other_group == group else None, at_row)
            above.append((side, group, sets, place, row))
        yield Learnt(((sets, place, None), *both), frozenset({row}))


def _both_sides(
    sets: Sets, other: Sets, whole: Place | None, row: int
) -> Iterator[tuple[Sets, Place | None, int | None]]:
    """Two groups set side by side have nobody in common, so that a reader knows both together, and both bases.

    `whole` is the place of the other side, where both are of one group: what they are together is the whole of it.
    """
    if whole:
        yield (
            {name: sets[name] | other[name] for name in ("n", "rest") if name in sets and name in other},
            replace(whole, part=""),
            row,
        )
    if "of" in sets and "of" in other:
        yield {"of": sets["of"] | other["of"]}, None, row


def _by_group(
    published: Publishable,
    tally: Tally,
    places: tuple[Place, ...],
    at: Mapping[tuple[str, ...], int],
    told: list[dict[Any, Any]],
) -> Iterator[Learnt]:
    """The grades of one domain, those counted together as one, and what they say of the share good or better."""
    scale, groups = published.about.scale, published.table["group"].astype(str)
    assert scale is not None, "asked of a table without grades"  # noqa: S101
    for group in dict.fromkeys(groups):
        rows = frozenset(np.flatnonzero(groups == group).tolist())
        counts: list[tuple[Sets, Place | None, int | None]] = []
        for row in sorted(rows):
            grades = told[row]["together"]
            each = [at[group, grade] for grade in grades]
            place = places[each[0]]
            counts.append((_whom(tally, each, told[row]), place if len(each) == 1 else None, None))
        good = [sets for row, (sets, _, _) in zip(sorted(rows), counts, strict=True)
                if set(told[row]["together"]) <= set(scale.good_or_better) and "n" in sets]  # fmt: skip
        base = next((sets["of"] for sets, _, _ in counts if "of" in sets), None)
        if good and base is not None:
            met = np.logical_or.reduce([sets["n"] for sets in good])
            place = replace(places[at[group, scale.labels[0]]], what=f"{group} {MET}")
            counts.append(({"n": met, "rest": base & ~met}, place, None))
        yield Learnt(tuple(counts), rows)


def _whom(tally: Tally, rows: list[int], counts: Mapping[Any, Any]) -> Sets:
    """Of which groups a reader of a row learns how many they are; of grades counted together, whom any of them hits."""
    each = [tally.sets(row) for row in rows]
    n = np.logical_or.reduce([sets["n"] for sets in each])
    sets = {**each[0], "n": n, "rest": each[0]["of"] & ~n}
    seen = {name for name in COUNTS if not pd.isna(counts[name])}
    needs = {"n": {"n"}, "rest": {"n", "of"}, "of": {"of"}, "left_out": {"left_out"}, "all": {"of", "left_out"}}
    return {name: who for name, who in sets.items() if needs[name] <= seen}
