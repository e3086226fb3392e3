"""How does a figure leave the screen?

With all that it needs to be understood elsewhere: how many of how many, the
interval, what was counted, and where it comes from. Beside it stands its name,
by which a commentary takes it from a report that has it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qa_lib.measures.shares import MEASURES
from qa_lib.report.facts import Fact, facts_of, row_name, shown
from qa_lib.report.merging import HIDDEN
from qa_lib.report.publishable import Publishable

Copy = tuple[str, str]
"""What is copied of one row of a table; and its names for a commentary, or ""."""


def copies_of(
    published: Publishable, source: str, named: bool, difference: Publishable | None = None
) -> tuple[Copy, ...]:
    """What is copied of each row that the table has on the screen, in their order.

    Parameters
    ----------
    published : a protected table; the rows of one group stand in one row of the screen
    source : what was counted, where and when, in a sentence
    named : whether a report has the same figures under the same names
    difference : that of the table's two columns, group by group, where the screen has it beside them
    """
    facts = facts_of(published)
    hidden = (published.marks == HIDDEN).any(axis=1).tolist()
    told: dict[str, list[Copy]] = {}
    for is_hidden, row in zip(hidden, published.table.to_dict("records"), strict=True):
        name = row_name(published, row)
        own = {measure: facts[f"{name}.{measure}"] for measure in MEASURES if f"{name}.{measure}" in facts}
        words = _told(published, row, own, is_hidden)
        share = facts.get(f"{name}.share")
        braces = f"{{{{ {share.name} = {shown(share)} }}}}" if named and share else ""
        told.setdefault(str(row["group"]), []).append((words, braces))
    apart = _differences(difference) if difference else {}
    copies = []
    for group, rows in told.items():
        figures = "; ".join([*(words for words, _ in rows), *apart.get(group, [])])
        text = f"{published.label(group)}: {figures}. {published.about.title}. {source}"
        copies.append((text, " ".join(braces for _, braces in rows if braces)))
    return tuple(copies)


def _told(published: Publishable, row: Mapping[Any, Any], facts: dict[str, Fact], hidden: bool) -> str:
    """One figure: "Strength, 31 of 150 (21%; 95% interval 15% to 28%)"."""
    has = {measure: shown(fact) for measure, fact in facts.items()}
    counts = f"{has['n']} of {has['of']}" if {"n", "of"} <= has.keys() else ""
    share = has.get("share", "")
    if "low" in has and share:
        share += f"; 95% interval {has['low']} to {has['high']}"
    words = f"{counts} ({share})" if counts and share else counts or share
    if not words:
        words = "hidden, because it is a small count or would give one away" if hidden else "no base"
    return ", ".join([*(published.label(row[key]) for key in published.keys[1:]), words])


def _differences(difference: Publishable) -> dict[str, list[str]]:
    """By group: "difference 19 points, 95% interval 7 to 33, more often"; nothing where it is hidden."""
    facts, found = facts_of(difference), {}
    for row in difference.table.to_dict("records"):
        name = row_name(difference, row)
        if f"{name}.share" in facts:
            points, low, high = (shown(facts[f"{name}.{measure}"]) for measure in ("share", "low", "high"))
            between = f"95% interval {low.removesuffix(' points')} to {high.removesuffix(' points')}"
            found[str(row["group"])] = [f"difference {points}, {between}, {row['direction']}"]
    return found
