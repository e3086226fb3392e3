"""What do shares look like?

Dots with intervals, in the style of the government statisticians' guides: no
clutter, at most four colours, near-black labels written beside the marks,
nothing told by colour alone. A chart is drawn from a `Publishable`, so it
cannot hold a hidden number, and it cannot exist without a title that says its
finding, an alt text, a caption and the table behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from qa_lib.report.blocks import Chart, Run, Runs, Shown
from qa_lib.report.facts import facts_of, row_name
from qa_lib.report.phrases import figure, interval, listed, named, say
from qa_lib.report.publishable import Publishable
from qa_lib.report.style import MARKERS, TONES, as_svg, drawing, rows_axis, share_axis
from qa_lib.report.tables import beside, table_block

WIDTH, ROW, LOW_ROW = 6.3, 0.36, 0.26
"""Inches: the width of a page's column, and the height of one row of a chart, or of a low one."""


def shares_chart(published: Publishable, most: int = 0) -> Shown | None:
    """Dots with intervals, highest share first, each labelled with its share; of more rows than `most`, the ends."""
    whole, published = published, published.ends(most) if most else published
    rows = published.table[published.table["share"].notna()].sort_values("share", ascending=False, kind="stable")
    if len(rows) < 2:
        return None
    facts = facts_of(published)
    names = [row_name(published, row) for _, row in rows.iterrows()]
    words = [named(published, group) for group in rows["group"]]
    with drawing(WIDTH, LOW_ROW * len(rows) + 0.7) as (fig, axes):
        said = []
        for y, (_, row) in enumerate(rows.iterrows()):
            axes.plot([row["low"], row["high"]], [y, y], color=TONES[1], linewidth=3, solid_capstyle="butt")
            axes.plot(row["share"], y, "o", color=published.about.tone, markersize=7)
            text = figure(facts, f"{names[y]}.share")
            axes.annotate(text.text, (min(row["high"], 1.0), y), (6, 0), textcoords="offset points", va="center")
            said.append(text)
        rows_axis(axes, [word.text for word in words])
        share_axis(axes, f"Share {published.about.goal}, with its interval")
        svg = as_svg(fig, published.name)
    title = say(
        f"{{high}} has the highest share{of_shown(published)}, {{low}} the lowest", high=words[0], low=words[-1]
    )
    alt = say(
        "Dot chart of the share {goal}, a row each. Highest: {high}, {high_share}, interval {high_interval}. "
        "Lowest: {low}, {low_share}, interval {low_interval}.",
        goal=Run(published.about.goal, ("settings.goal",)),
        high=words[0],
        high_share=figure(facts, f"{names[0]}.share"),
        high_interval=interval(facts, names[0]),
        low=words[-1],
        low_share=figure(facts, f"{names[-1]}.share"),
        low_interval=interval(facts, names[-1]),
    )
    ends = " The highest and the lowest are shown." if len(whole.table) > len(published.table) else ""
    caption = f"{published.about.title}: dot, share; line, the interval in which it most likely lies.{ends}"
    return as_chart(published, title, alt, caption, svg, said)


def periods_chart(published: Publishable) -> Shown | None:
    """Groups down, one dot a period side by side, with intervals; newest boldest."""
    rows = published.table[published.table["share"].notna()]
    periods = list(dict.fromkeys(published.table["period"].astype(str)))
    groups = [group for group in dict.fromkeys(published.table["group"]) if (rows["group"] == group).any()]
    if not groups or len(periods) < 2:
        return None
    with drawing(WIDTH, max(ROW * len(groups) + 0.9, 2.2)) as (fig, axes):  # the key alone takes an inch
        for at, period in enumerate(periods):
            same = rows[rows["period"].astype(str) == period]
            ys = [groups.index(group) + 0.22 * (at - (len(periods) - 1) / 2) for group in same["group"]]
            tone, marker = TONES[at % len(TONES)], MARKERS[at % len(MARKERS)]
            axes.hlines(ys, same["low"], same["high"], color=tone, linewidth=1.6)
            face = tone if at == 0 else "white"
            axes.plot(same["share"], ys, marker, color=tone, markerfacecolor=face, label=published.label(period))
        rows_axis(axes, [published.label(group) for group in groups])
        share_axis(axes, f"Share {published.about.goal}, with its interval")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=1, frameon=False, fontsize=9)
        svg = as_svg(fig, published.name)
    now = rows[rows["period"].astype(str) == periods[0]].sort_values("share", kind="stable")
    ends = {word: now.iloc[at] for word, at in (("low", 0), ("high", -1))} if len(now) else {}
    facts = facts_of(published)
    told = {
        word: (named(published, row["group"]), Run(", "), figure(facts, f"{row_name(published, row)}.share"))
        for word, row in ends.items()
    }
    none = (Run("not shown"),)
    title = say(
        "In {now}, {high} has the highest share, {low} the lowest",
        now=named(published, periods[0]),
        high=told.get("high", none)[:1],
        low=told.get("low", none)[:1],
    )
    alt = say(
        "Dot chart with intervals, a row each, and in each row a dot for each period: {periods}. "
        "In {now}, highest: {high}; lowest: {low}. All figures are in the table behind this chart.",
        periods=listed([(named(published, period),) for period in periods]),
        now=named(published, periods[0]),
        high=told.get("high", none),
        low=told.get("low", none),
    )
    return as_chart(published, title, alt, f"{published.about.title}: dot, share; line, interval.", svg, ())


def of_shown(published: Publishable) -> str:
    """What a title adds where a hidden row could as well be the highest."""
    return " of those shown" if published.hides_rows else ""


def as_chart(
    published: Publishable,
    title: Runs,
    alt: Runs,
    caption: str,
    svg: str,
    said: Iterable[Any],
    other: Publishable | None = None,
) -> Shown:
    """A finished picture with its words and the table behind it; `said` are the runs drawn as labels.

    The figures of `other`, a table of the same groups, stand in further columns.
    """
    behind = beside(published, other) if other else table_block(published)
    behind = replace(behind, id=f"{behind.id}-data")
    return Shown((Chart(f"{published.name}-chart", title, caption, alt, svg, behind, tuple(said)),))
