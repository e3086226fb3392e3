"""What would this table give away, beside those shown before it?

An exploration shows one table after another, and whoever reads two of them can
subtract. So it is remembered of every count that was shown whom it counts, and a
row of a new table is hidden if

- whom it counts and whom a count before it counts differ by a small number: one of
  the two groups lies inside the other, and what is left of that would be small;
- it is one of the parts of a whole, by service or by period, that was shown, and
  what the parts shown leave of the whole would be small, or would differ by a small
  number from something shown.

What the parts leave is known to the reader as well, so it is remembered like a
count that was shown. Longer chains of sums and differences than these are not
looked for (docs/method.md says so).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from qa_lib.measures.shares import MEASURES
from qa_lib.measures.tallies import Tally, Who
from qa_lib.report.merging import hide
from qa_lib.report.publishable import COUNTS, Publishable

Family = tuple[str, str, str]
"""Counts of which one may be the whole of the others: what is counted, "service" or "period", and the other of both."""


@dataclass(frozen=True)
class Place:
    """What a row counts (`what`, the same words wherever the same is counted), of which service, in which period.

    "" is all of them. `parted` is false for a row that is no part of any whole.
    """

    what: str
    service: str = ""
    period: str = ""
    parted: bool = True

    def families(self, name: str) -> list[tuple[Family, str]]:
        """The families of which a count of the row is one, and which one it is."""
        if not self.parted:
            return []
        what = f"{self.what} {name}"
        return [((what, "service", self.period), self.service), ((what, "period", self.service), self.period)]


class Before:
    """What was shown in one session of one pool.

    Parameters
    ----------
    hide_up_to : counts from 1 to this are small; 0 for an audience that sees everything
    wholes : the periods that hold others, with those that they hold
    """

    def __init__(self, hide_up_to: int, wholes: Mapping[str, tuple[str, ...]]) -> None:
        self._k = hide_up_to
        self._wholes = wholes
        self._by_size: dict[int, set[bytes]] = defaultdict(set)
        self._families: dict[Family, dict[str, Who]] = defaultdict(dict)

    def held(self, published: Publishable, tally: Tally, places: Iterable[Place]) -> Publishable:
        """The same table with those rows hidden that would give something away; what is left is remembered.

        Parameters
        ----------
        published : the table as protected by itself
        tally, places : of each row before any grades were counted together, who is counted in it, and its place
        """
        if not self._k:
            return published
        at: dict[tuple[str, ...], int] = {tuple(keys.values()): row for row, keys in enumerate(tally.keys)}
        where = [*places]
        hidden: set[int] = set()
        told: list[dict[Any, Any]] = published.table[[*published.keys, *COUNTS]].to_dict("records")
        together = published.table.get("together", pd.Series("", published.table.index))
        for row, (counts, grades) in enumerate(zip(told, together, strict=True)):
            group = str(counts["group"])
            own = tuple(str(counts[key]) for key in published.keys)
            rows = [at[group, grade] for grade in grades] or [at[own]]
            sets = _whom(tally, rows, counts)
            place = where[rows[0]]
            left = [*self._left(sets, place)]
            if any(map(self._is_near, sets.values())) or any(map(self._is_near, left)):
                # One grade hidden alone would be what the others leave.
                same = published.about.scale is not None
                hidden |= {other for other, one in enumerate(told) if other == row or (same and one["group"] == group)}
            else:
                self._remember(sets, left, place)
        if not hidden:
            return published
        table, marks = published.table.copy(), published.marks.copy()
        rows_hidden = pd.Series([row in hidden for row in range(len(table))], index=table.index)
        hide(table, marks, rows_hidden, MEASURES)
        table.loc[rows_hidden, "base"] = 0
        return replace(published, table=table, marks=marks)

    def _is_near(self, who: Who) -> bool:
        """Whether it is small itself, or lies inside something known, or around it, but for a small number."""
        size, packed = int(who.sum()), np.packbits(who)
        if packed.tobytes() in self._by_size[size]:
            return False
        if 1 <= size <= self._k:
            return True
        larger = [known for apart in range(1, self._k + 1) for known in self._by_size.get(size + apart, ())]
        smaller = [known for apart in range(1, self._k + 1) for known in self._by_size.get(size - apart, ())]
        around = _unpacked(larger, packed.size)
        inside = _unpacked(smaller, packed.size)
        return bool((~(packed & ~around).any(axis=1)).any() or (~(inside & ~packed).any(axis=1)).any())

    def _left(self, sets: Mapping[str, Who], place: Place) -> Iterator[Who]:
        """What the parts shown would leave of each whole that is shown, were these shown as well."""
        for name, who in sets.items():
            for family, part in place.families(name):
                if family in self._families:
                    yield from self._rests(family, {**self._families[family], part: who})

    def _rests(self, family: Family, shown: Mapping[str, Who]) -> Iterator[Who]:
        """Of each whole that is shown: who is in none of its parts that are shown."""
        wholes = {"": tuple(shown)} if family[1] == "service" else self._wholes
        for whole, names in wholes.items():
            parts = [shown[part] for part in names if part in shown and part != whole] if whole in shown else []
            if parts:
                yield shown[whole] & ~np.logical_or.reduce(parts)

    def _remember(self, sets: Mapping[str, Who], left: Iterable[Who], place: Place) -> None:
        for who in [*sets.values(), *left]:
            self._by_size[int(who.sum())].add(np.packbits(who).tobytes())
        for name, who in sets.items():
            for family, part in place.families(name):
                self._families[family][part] = who


def _whom(tally: Tally, rows: list[int], counts: Mapping[Any, Any]) -> dict[str, Who]:
    """Of which groups a reader of a row learns how many they are; of grades counted together, whom any of them hits."""
    each = [tally.sets(row) for row in rows]
    n = np.logical_or.reduce([sets["n"] for sets in each])
    sets = {**each[0], "n": n, "rest": each[0]["of"] & ~n}
    seen = {name for name in COUNTS if not pd.isna(counts[name])}
    needs = {"n": {"n"}, "rest": {"n", "of"}, "of": {"of"}, "left_out": {"left_out"}, "all": {"of", "left_out"}}
    return {name: who for name, who in sets.items() if needs[name] <= seen}


def _unpacked(known: list[bytes], width: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Groups as kept, a row each."""
    return np.frombuffer(b"".join(known), dtype=np.uint8).reshape(len(known), width)
