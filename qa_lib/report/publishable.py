"""What may be shown?

The noun that every room after the gate works with: a measure table that has
been protected for an audience, with marks where a figure is hidden, and what
the table is about. It is made by `disclosure` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from qa_lib.report.merging import HIDDEN
from qa_lib.settings.scale import GradeScale

NO_BASE, TOO_FEW = "z", ":"
LEAST_BASE = 20
"""Shares of fewer than this many are not given."""
SHARES = ["share", "low", "high"]
COUNTS = ["n", "of", "left_out"]


@dataclass(frozen=True)
class About:
    """What a table is about, in words that headings, captions and sentences share.

    `labels` turns a key of the table into what the reader sees; `scale` is the
    council's, for a table with a `grade` key; `goal` is what a share is a share of,
    such as "good or better"; `tone` is the colour of marks in charts. `linked` names
    the parts ("service", "month") whose sum the reader knows; `has_share` is false
    where a share would say nothing; `of_is_known` is true
    where `of` is a plan or a case list and may stay; `children` is false where `of`
    is a plan rather than a number of children; `people` is false where nothing of a table counts people, so that
    nothing in it is hidden, as with actions of a plan;
    `whole_service` is false for tables that a public audience never sees;
    `share_unit` is "share", "points" (a difference of shares) or "coefficient".
    `says` names columns of words ("rose") that a table's figures allow; `since` says against what. `parts` is true
    where the second key parts a group: each of its `of` is counted in one of them and no other. `inside` says by group
    of which table's groups the audits of a row are all among the counted: (table, its groups).
    """

    title: str
    unit: str
    head: str
    n_head: str
    of_head: str
    left_head: str = "Left out"
    labels: dict[str, str] = field(default_factory=dict)
    scale: GradeScale | None = None
    goal: str = ""
    tone: str = "#12436D"
    linked: str = ""
    has_share: bool = True
    share_unit: str = "share"
    share_head: str = "Share"
    interval_head: str = "Interval (95%)"
    of_is_known: bool = False
    children: bool = True
    people: bool = True
    whole_service: bool = True
    says: tuple[str, ...] = ()
    since: str = "the period before"
    parts: bool = False
    inside: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    missing: str = "the extracts do not hold it"


@dataclass(frozen=True)
class Publishable:
    """A measure table that may be shown to `audience`.

    `table` has the `keys`, the measures (NaN where unknown or hidden) and, never
    shown, `base`, a lower bound of `of` for judging how sure a figure is, and
    `rank_low, rank_high`, the interval before any rounding, so that rounding
    changes no key area; `marks` has the same
    rows and the measures' columns, "" where the figure is shown.
    """

    name: str
    keys: tuple[str, ...]
    table: pd.DataFrame
    marks: pd.DataFrame
    about: About
    audience: str

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return self.table.empty

    @property
    def hides_rows(self) -> bool:
        """Whether some row's share is hidden, so that "highest" is only the highest of those shown."""
        return bool((self.marks["share"] == HIDDEN).any())

    def label(self, key: object) -> str:
        """What the reader sees for a key of the table."""
        return self.about.labels.get(str(key), str(key))

    def only(self, **keys: str) -> Publishable:
        """The rows with these keys: `only(polarity="strength")`; still protected, as all rows were."""
        at = pd.Series(True, index=self.table.index)
        for key, value in keys.items():
            at &= self.table[key].astype(str) == value
        return self._rows(at)

    def ends(self, most: int) -> Publishable:
        """The rows with the highest and the lowest shares, half of `most` each; all of them where there are no more."""
        ranked = self.table["share"].dropna().sort_values(ascending=False, kind="stable").index
        kept = ranked if len(ranked) <= most else [*ranked[: most // 2], *ranked[-(most // 2) :]]
        return self._rows(pd.Series(self.table.index.isin(kept), index=self.table.index))

    def highest(self, most: int) -> Publishable:
        """The rows with the highest shares, highest first."""
        ranked = self.table["share"].dropna().sort_values(ascending=False, kind="stable").index[:most]
        return Publishable(
            self.name, self.keys, self.table.loc[ranked], self.marks.loc[ranked], self.about, self.audience
        )

    def _rows(self, at: pd.Series[bool]) -> Publishable:
        return Publishable(self.name, self.keys, self.table[at], self.marks[at], self.about, self.audience)


Derived = Callable[[Mapping[str, Publishable]], "pd.DataFrame | None"]
"""How a table is made of the protected tables before it; NaN in `share` where a row is hidden with theirs."""
