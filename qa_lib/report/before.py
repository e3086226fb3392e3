"""What would this table give away, beside those shown before it?

An exploration shows one table after another, and whoever reads two of them can
subtract. So it is remembered of every count that was shown whom it counts, and a
row of a new table is hidden if

- whom it counts and whom a count before it counts differ by a small number: one of
  the two groups lies inside the other, and what is left of that would be small;
- it is one of the parts of a whole that was shown (by service, by period, by grade),
  and what the parts shown leave of the whole would be small, or would differ by a
  small number from something shown.

What the parts leave is known to the reader as well, so it is remembered like a
count that was shown. Longer chains of sums and differences than these are not
looked for (docs/method.md says so).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from qa_lib.measures.shares import MEASURES
from qa_lib.measures.tallies import Tally, Who
from qa_lib.report.learnt import Family, Learnt, Place, learnt_of
from qa_lib.report.merging import hide
from qa_lib.report.publishable import Publishable


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
        hidden: set[int] = set()
        for each in learnt_of(published, tally, tuple(places)):
            learnt = each.without(hidden)
            left = [*self._left(learnt)]
            if any(map(self._is_near, [*learnt.people, *left])):
                hidden |= learnt.rows
            else:
                self._remember(learnt, left)
        if not hidden:
            return published
        table, marks = published.table.copy(), published.marks.copy()
        rows = pd.Series([row in hidden for row in range(len(table))], index=table.index)
        hide(table, marks, rows, MEASURES)
        table.loc[rows, "base"] = 0
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

    def _left(self, learnt: Learnt) -> Iterator[Who]:
        """What the parts shown would leave of each whole that is shown, were these shown as well."""
        for family, part, who in learnt.families:
            if family in self._families:
                yield from self._rests(family, {**self._families[family], part: who}, part)

    def _rests(self, family: Family, shown: Mapping[str, Who], new: str) -> Iterator[Who]:
        """Of each whole that is shown: who is in none of its parts that are shown, and who is not in the new one."""
        wholes = self._wholes if family[1] == "period" else {"": tuple(shown)}
        for whole, names in wholes.items():
            parts = [part for part in names if part in shown and part != whole] if whole in shown else []
            if parts:
                yield shown[whole] & ~np.logical_or.reduce([shown[part] for part in parts])
                for part in parts if new == whole else [new] if new in parts else []:
                    yield shown[whole] & ~shown[part]

    def _remember(self, learnt: Learnt, left: Iterable[Who]) -> None:
        for who in [*learnt.people, *left]:
            self._by_size[int(who.sum())].add(np.packbits(who).tobytes())
        for family, part, who in learnt.families:
            self._families[family][part] = who


def _unpacked(known: list[bytes], width: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Groups as kept, a row each."""
    return np.frombuffer(b"".join(known), dtype=np.uint8).reshape(len(known), width)
