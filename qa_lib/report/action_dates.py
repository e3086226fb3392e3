"""What did the measure do when the action came?

An action's measure, period after period, with a line where the action began and
one where it was done. The eye sees whether things were on their way before;
whether they are better since is said by the ladder, not by the eye.
"""

from __future__ import annotations

import itertools
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from qa_lib.measures import impact
from qa_lib.report.action_ladder import SPAN
from qa_lib.report.blocks import Run, Runs, Shown
from qa_lib.report.charts import WIDTH, as_chart
from qa_lib.report.facts import Fact, facts_of, label_name, row_name
from qa_lib.report.phrases import figure, listed, named, say
from qa_lib.report.publishable import Publishable
from qa_lib.report.style import GREY, INK, TONES, as_svg, drawing, upright_share_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST, PERIODS, PANEL, NAME = 4, 6, 2.3, 38
"""Actions that are drawn, periods of each, inches of height of two panels, letters of a line of a panel's name."""
FIRST = (impact.SUSTAINED, impact.BETTER, impact.WORSE, impact.NO_CLEAR_CHANGE, impact.TOO_EARLY, impact.NOT_DONE)
"""Which actions are drawn first, by what the evidence shows of them."""


def action_dates_chart(trend: Publishable, ladder: Publishable) -> Shown | None:
    """Up to four actions, a panel each: the measure by period with intervals, and lines at its start and its end.

    `trend` is the table of the measures by period, `ladder` that of the ladder.
    """
    latest = sorted(set(trend.table["period"].astype(str)))[-PERIODS:]
    trend = _only(trend, trend.table["period"].isin(latest))
    rows = trend.table[trend.table["share"].notna()]
    chosen = _chosen(rows, ladder)
    if not chosen:
        return None
    across = min(2, len(chosen))
    down = (len(chosen) + across - 1) // across
    with drawing(WIDTH, PANEL * down) as (fig, _):
        fig.clear()
        panels = fig.subplots(down, across, squeeze=False).ravel()
        for axes, action in zip(panels, chosen, strict=False):
            _draw(axes, rows[rows["group"].astype(str) == action], ladder.table, trend, action)
        for axes in panels[len(chosen) :]:
            axes.set_axis_off()
        svg = as_svg(fig, trend.name)
    facts = {**facts_of(trend), **facts_of(ladder)}
    told = [_told(trend, ladder, facts, rows, action) for action in chosen]
    title = listed([_found(ladder, facts, action) for action in chosen], "; ", "; ")
    alt = say(
        "Dot charts with intervals, a panel an action: its measure by period, and lines where it began and was done. "
        "{told}",
        told=listed(told, " ", " "),
    )
    caption = (
        f"{trend.about.title}: dot, share; line, interval; a period under its first month. Dashed: the action began; "
        "solid: it was done."
    )
    names = tuple(named(trend, action) for action in chosen)
    return as_chart(_only(trend, trend.table["group"].astype(str).isin(chosen)), title, alt, caption, svg, names)


def _only(trend: Publishable, at: pd.Series[bool]) -> Publishable:
    """Some rows of the table, as protected as they were."""
    return replace(trend, table=trend.table[at], marks=trend.marks[at])


def _chosen(rows: pd.DataFrame, ladder: Publishable) -> list[str]:
    """The actions whose measure is shown in several periods and that have a day to draw, most telling first."""
    several = rows["group"].astype(str).value_counts()
    place = {word: at for at, word in enumerate(FIRST)}
    dated = ladder.table[ladder.table[["start_at", "done_at"]].notna().any(axis=1)] if not ladder.is_empty else rows[:0]
    known = [
        (place[row["shown"]], str(row["group"]))
        for _, row in dated.iterrows()
        if row["shown"] in place and several.get(str(row["group"]), 0) > 1
    ]
    return [action for _, action in sorted(known, key=lambda one: one[0])][:MOST]


def _draw(axes: Axes, rows: pd.DataFrame, ladder: pd.DataFrame, trend: Publishable, action: str) -> None:
    """One panel."""
    axes.vlines(rows["at"], rows["low"], rows["high"], color=TONES[1], linewidth=2.4)
    axes.plot(rows["at"], rows["share"], "o", color=trend.about.tone)
    upright_share_axis(axes)
    axes.grid(axis="y", color=GREY, linewidth=0.4)
    starts = [pd.Timestamp(str(period).removeprefix(SPAN)) for period in rows["period"]]
    months = [f"{start:%b}\n{start:%Y}" for start in starts]
    every = 1 + (len(months) - 1) // 5
    axes.set_xticks(rows["at"].tolist()[::every], months[::every], fontsize=9)
    half = float(rows["at"].diff().min()) / 2
    left, right = float(rows["at"].min()) - half, float(rows["at"].max()) + half
    axes.set_xlim(left, right)
    days = ladder[ladder["group"].astype(str) == action].iloc[0]
    for word, at, style, height in (("start", days["start_at"], "--", 0.94), ("done", days["done_at"], "-", 0.82)):
        if pd.notna(at) and left <= at <= right:
            axes.axvline(at, color=INK, linewidth=1.2, linestyle=style)
            beyond = at > (left + right) / 2
            axes.annotate(word, (at, height), (-4 if beyond else 4, 0), textcoords="offset points", fontsize=9,
                          ha="right" if beyond else "left", va="center",
                          bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})  # fmt: skip
    axes.set_title("\n".join(_name(trend.label(action))), fontsize=9, loc="left")


def _name(label: str) -> list[str]:
    """The name of an action in two lines at most, of letters that our font has; no word is cut, so no number is."""
    plain = "".join(mark if mark.isprintable() and ord(mark) < 0x250 else "_" for mark in " ".join(label.split()))
    words = plain.split()
    fits = list(itertools.takewhile(lambda word: len(word) <= NAME, words))
    told = " ".join(fits if fits == words else [*fits, "…"])
    return textwrap.wrap(told, NAME, max_lines=2, placeholder=" …", break_long_words=False, break_on_hyphens=False)


def _short(ladder: Publishable, action: str) -> Run:
    """An action by its id alone."""
    return Run(action, (label_name(ladder, action),))


def _found(ladder: Publishable, facts: dict[str, Fact], action: str) -> Runs:
    """What the evidence shows of an action, in a few words."""
    row = ladder.table[ladder.table["group"].astype(str) == action].iloc[0]
    return (_short(ladder, action), Run(": "), figure(facts, f"{row_name(ladder, row)}.shown"))


def _told(trend: Publishable, ladder: Publishable, facts: dict[str, Fact], rows: pd.DataFrame, action: str) -> Runs:
    """The first and the latest figure of an action's measure, and its days."""
    own = rows[rows["group"].astype(str) == action]
    name = row_name(ladder, ladder.table[ladder.table["group"].astype(str) == action].iloc[0])
    ends = {
        word: (named(trend, row["period"]), Run(", "), figure(facts, f"{row_name(trend, row)}.share"))
        for word, row in (("first", own.iloc[0]), ("last", own.iloc[-1]))
    }
    sentence = say("{action}. First: {first}. Latest: {last}.", action=_short(ladder, action), **ends)
    for word, words in (("start", " Began in {day}."), ("done", " Done on {day}.")):
        if f"{name}.{word}" in facts:
            sentence += say(words, day=figure(facts, f"{name}.{word}"))
    return sentence
