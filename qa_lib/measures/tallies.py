"""Who is counted in each row of a table?

A measure table says how many; a tally says which of them, as one yes or no for
each audit or observation. So a table that is made in answer to a question
nobody foresaw can be held against those made before it: whoever is counted in
one of them and not in the other is what a subtraction would tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from qa_lib.measures.shares import MEASURES, wilson_interval

Who = npt.NDArray[np.bool_]
"""One yes or no for each audit or observation, always in the same order."""


@dataclass(frozen=True)
class Tally:
    """One row of a measure table for each entry of `keys`, and who is in it.

    `hit`, `counted` and `among` hold a `Who` for each row: those who meet it, those in its base, and all that it is
    about; who is neither counted nor hit is left out. What is a hit without being counted is not looked at.
    """

    keys: tuple[Mapping[str, str], ...]
    hit: tuple[Who, ...]
    counted: tuple[Who, ...]
    among: tuple[Who, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """The measure table: the keys (`group` first), `n, of, left_out, share, low, high` (Wilson 95%).

        Example
        -------
        >>> who = [np.array(each, dtype=bool) for each in ([1, 0, 1, 0], [1, 1, 1, 0], [1, 1, 1, 1])]
        >>> rows(({"group": "planning"}, *who)).table[["group", "n", "of", "left_out"]]
              group  n  of  left_out
        0  planning  2   3         1
        """
        counts = pd.DataFrame(
            {
                "n": [int((hit & base).sum()) for hit, base in zip(self.hit, self.counted, strict=True)],
                "of": [int(base.sum()) for base in self.counted],
                "left_out": [int((a & ~b).sum()) for a, b in zip(self.among, self.counted, strict=True)],
            },
            dtype="int64",
        )
        keys = pd.DataFrame([*self.keys])
        return keys.join(counts).join(wilson_interval(counts["n"], counts["of"]))[[*keys, *MEASURES]]

    def sets(self, at: int) -> dict[str, Who]:
        """Whom each count of a row counts: `n`, `rest` (of less n), `of`, `left_out`, and `all` (of and left_out)."""
        hit, base, among = self.hit[at] & self.counted[at], self.counted[at], self.among[at]
        return {"n": hit, "rest": base & ~hit, "of": base, "left_out": among & ~base, "all": among}


def rows(*each: tuple[Mapping[str, str], Who, Who, Who]) -> Tally:
    """A tally of rows: the keys of each, then who is hit, counted, among; a row about nobody is left away."""
    told = [row for row in each if row[3].any()]
    keys, hit, counted, among = zip(*told, strict=True) if told else ((), (), (), ())
    return Tally(keys, hit, counted, among)
