"""How is what was chosen put before the analyst?

Section by section, base first: each protected table with the difference that it
bears, and of each row what can be copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from qa_lib.report.blocks import Block, Paragraph, Run, Table
from qa_lib.report.choosing import Choice
from qa_lib.report.comparisons import FELL, NO_CLEAR_CHANGE, ROSE, tested
from qa_lib.report.copying import Copy, copies_of
from qa_lib.report.disclosure import protect
from qa_lib.report.publishable import About, Publishable
from qa_lib.report.tables import table

TITLES = {
    "base": "What is looked at",
    "grades": "Grades",
    "themes": "Themes",
    "trend": "Trend",
    "change": "Beside the period before",
    "together": "Themes noted together",
    "against": "Themes against grades",
    "passages": "Passages",
}
"""The sections of what is shown, base first."""
NAMED = ("by_domain", "standards", "themes")
"""Tables whose shares stand under the same names in a report about the same part."""
MORE, LESS, NO_CLEAR = "more often", "less often", "no clear difference"
SIDES = {"compared": ("previous", "current"), "needs_compared": ("previous", "current"),
         "together": ("without", "with"), "against": ("other", "poor")}  # fmt: skip
"""Tables whose two columns are held against each other: the first, and the second of which it is said."""
MOST_PAIRS = 12
NOTHING = {
    "base": "nothing was read",
    "grades": "what is looked at has no grades",
    "themes": "nothing was noted",
    "trend": "one period was read, so that there is no other to set beside it",
    "change": "the period before, of the same length, was not read",
    "together": "too little was noted",
    "against": "what is looked at has no grades",
}
TOGETHER = (
    "Whether a need is noted more often is tested for all rows of the table together, so a row can have an interval "
    "that leaves out no difference and still show no clear difference."
)
TOLD = {
    "change": "Whether a share rose or fell is tested for all rows of each table together, so a row can have an "
    "interval that leaves out no difference and still show no clear change.",
    "together": f"{TOGETHER} What is noted together need not hang together.",
    "against": f"{TOGETHER} What is noted with a grade need not be its cause.",
    "pairs": "The highest of those that can be shown. Needs that are common are noted together often by chance alone.",
}


@dataclass(frozen=True)
class Section:
    """One part of what is shown: blocks for the screen, and by table what can be copied of each of its rows."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    copies: Mapping[str, tuple[Copy, ...]] = field(default_factory=dict)
    tables: Mapping[str, Publishable] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """What is shown of a choice. `passages` has a row each, in a working copy alone: hostile and private."""

    choice: Choice
    words: str
    sections: tuple[Section, ...]
    passages: pd.DataFrame | None = field(default=None, repr=False)

    def __getitem__(self, key: str) -> Section:
        return next(section for section in self.sections if section.key == key)

    @property
    def tables(self) -> dict[str, Publishable]:
        """Every protected table that is shown, by name."""
        return {name: published for section in self.sections for name, published in section.tables.items()}


def differences(held: Mapping[str, Publishable], audience: str) -> dict[str, Publishable]:
    """By table of two columns, the difference of these in points, as far as its figures are shown; tested together."""
    two = {name: held[name] for name in SIDES if name in held and len(held[name].keys) > 1}
    derived = [
        (
            f"{name}_difference",
            ("group",),
            partial(_difference, published, *SIDES[name]),
            About(
                published.about.title, "points", published.about.head, "", "", labels=published.about.labels,
                share_unit="points", share_head="Difference (points)", says=("direction",),
            ),
        )
        for name, published in two.items()
    ]  # fmt: skip
    return dict(zip(two, protect(derived, audience, 0).values(), strict=True))


def _difference(shown: Publishable, before: str, after: str, _: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """One table's difference, with the word of direction that it allows."""
    second = shown.keys[1]
    both = shown.table.assign(period=shown.table[second].astype(str).replace({after: "current"}))
    found = tested(both, before)
    if found is None or second == "period":
        return found
    return found.assign(direction=found["direction"].replace({ROSE: MORE, FELL: LESS, NO_CLEAR_CHANGE: NO_CLEAR}))


def section_of(key: str, held: Mapping[str, Publishable], audience: str, source: str) -> Section:
    """A section of protected tables; one without a table says why."""
    beside = differences(held, audience)
    blocks: list[Block] = []
    copies: dict[str, tuple[Copy, ...]] = {}
    for name, published in held.items():
        is_pairs = name == "together" and len(published.keys) == 1
        rows = published.highest(MOST_PAIRS) if is_pairs else published
        shown = table(rows, beside.get(name))
        if shown is None:
            continue
        blocks += shown.blocks
        told = copies_of(rows, source, name in NAMED, beside.get(name))
        copies |= {block.id: told for block in shown.blocks if isinstance(block, Table)}
    if not blocks:
        blocks.append(said(f"There is nothing to show here: {NOTHING[key]}."))
    elif key in TOLD and beside:
        blocks.append(said(TOLD[key]))
    elif key == "together":
        blocks.append(said(TOLD["pairs"]))
    return Section(key, TITLES[key], tuple(blocks), copies, held)


def said(words: str) -> Paragraph:
    """A sentence of the screen's own."""
    return Paragraph((Run(words),))
