"""What does chance look like?

Two pictures that set figures beside what chance explains: months beside the
range that noise alone would keep to, and services beside the funnel that
narrows with the number of audits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qa_lib.measures.funnel import funnel
from qa_lib.report.blocks import Run, Runs, Shown
from qa_lib.report.charts import WIDTH, as_chart, of_shown
from qa_lib.report.comparisons import HIGHER, LOWER
from qa_lib.report.facts import facts_of, row_name
from qa_lib.report.phrases import figure, listed, named, say, some
from qa_lib.report.publishable import Publishable
from qa_lib.report.style import GREY, INK, TONES, as_svg, drawing, upright_share_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS = 60
"""Points from which the curves of a funnel are drawn."""


def months_chart(published: Publishable, control: Publishable | None = None) -> Shown | None:
    """Dots with intervals, month after month; with `control`, its centre and limits, and what stands out ringed."""
    rows = published.table[published.table["share"].notna()]
    if len(rows) < 2:
        return None
    drawn = control if control is not None and not control.is_empty else None
    facts = facts_of(published)
    place = {str(group): at for at, group in enumerate(published.table["group"])}
    with drawing(WIDTH, 2.2) as (fig, axes):
        at = [place[str(group)] for group in rows["group"]]
        axes.vlines(at, rows["low"], rows["high"], color=TONES[1], linewidth=2.4)
        axes.plot(at, rows["share"], "o", color=published.about.tone)
        out = _draw_control(axes, drawn, rows, place) if drawn else []
        labels = [published.label(group) for group in published.table["group"]]
        words = [f"{label[:3]}\n{label[-4:]}" if at % _every(labels) == 0 else "" for at, label in enumerate(labels)]
        axes.set_xticks(range(len(labels)), words)
        upright_share_axis(axes)
        axes.grid(axis="y", color=GREY, linewidth=0.4)
        svg = as_svg(fig, published.name)
    ends = {
        "first": rows.iloc[0],
        "last": rows.iloc[-1],
        "high": rows.iloc[int(rows["share"].argmax())],
        "low": rows.iloc[int(rows["share"].argmin())],
    }
    parts: dict[str, Runs] = {
        word: (named(published, row["group"]), Run(", "), figure(facts, f"{row_name(published, row)}.share"))
        for word, row in ends.items()
    }
    alt = say(
        "Dot chart by month with intervals. First: {first}. Latest: {last}. Highest: {high}. Lowest: {low}.", **parts
    )
    high, low = (named(published, ends[word]["group"]) for word in ("high", "low"))
    title = _finding(drawn, out) if drawn else say("Highest in {high}, lowest in {low}", high=high, low=low)
    caption = f"{published.about.title}: dot, share; line, interval."
    if drawn:
        alt += (Run(" "), *title, Run("."))
        limits = drawn.table["low"].notna().any()
        caption += f" Dashed line: {'centre; shaded: limits of chance' if limits else 'the middle of the months'}."
        caption += " Ringed: outside what chance explains." if out else ""
    return as_chart(published, title, alt, caption, svg, (), drawn)


def _every(labels: list[str]) -> int:
    """How many months apart the labels of an axis stand, so that they do not touch."""
    return 1 + (len(labels) - 1) // 14


def _draw_control(axes: Axes, control: Publishable, rows: pd.DataFrame, place: dict[str, int]) -> list[str]:
    """Centre line, limits and rings; the months that stand out."""
    chart = control.table[control.table["share"].notna()]
    at = [place[str(group)] for group in chart["group"]]
    axes.plot(at, chart["share"], "--", color=INK, linewidth=1.2)
    if chart["low"].notna().any():
        axes.fill_between(at, chart["low"], chart["high"], step="mid", color=GREY, alpha=0.25, linewidth=0)
    out = [str(group) for group in chart.loc[chart["signal"] != "", "group"]]
    ringed = rows[rows["group"].astype(str).isin(out)]
    where = [place[str(group)] for group in ringed["group"]]
    axes.plot(where, ringed["share"], "o", markersize=12, markerfacecolor="none", markeredgecolor=INK)
    return out


def _finding(control: Publishable, out: list[str]) -> Runs:
    """The title: which months stand out, or that none does."""
    if not out:
        return (Run(f"No month{of_shown(control)} stands out from what chance explains"),)
    return say("{months}: not explained by chance", months=some([(named(control, month),) for month in out]))


def funnel_chart(published: Publishable, chance: Publishable) -> Shown | None:
    """Each service by its audits and its share, beside the limits of chance around the share of all of them.

    `published` is a table of services, `chance` the `funnel` that goes with it. Services whose counts are hidden are
    not drawn.
    """
    rows = published.table[published.table["n"].notna() & (published.table["of"] > 0)]
    rows = rows.assign(share=rows["n"] / rows["of"])
    known = chance.table[chance.table["share"].notna()]
    if len(rows) < 2 or known.empty:
        return None
    target, most = float(known["share"].iloc[0]), float(rows["of"].max()) * 1.15
    sizes = np.unique(np.linspace(5, most, STEPS).round().astype(int))
    curve = funnel(pd.DataFrame({"group": sizes, "n": 0, "of": sizes}), target=target)
    signal = dict(zip(chance.table["group"].astype(str), chance.table["signal"], strict=True))
    with drawing(WIDTH, 2.9) as (fig, axes):
        for lower, upper, style in (("lower_95", "upper_95", "--"), ("lower_998", "upper_998", ":")):
            for limit in (lower, upper):
                axes.plot(sizes, curve[limit], style, color=INK, linewidth=1)
        axes.axhline(target, color=GREY, linewidth=1)
        said = []
        for _, row in rows.iterrows():
            out = signal.get(str(row["group"])) in {HIGHER, LOWER}
            face = published.about.tone if out else "white"
            axes.plot(row["of"], row["share"], "o", color=published.about.tone, markerfacecolor=face, zorder=4)
            label, left = named(published, row["group"]), row["of"] > most * 0.6
            axes.annotate(label.text, (row["of"], row["share"]), (-8, 6) if left else (8, -3), fontsize=9, zorder=3,
                          ha="right" if left else "left", textcoords="offset points",
                          bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})  # fmt: skip
            said.append(label)
        axes.set_xlim(0, most)
        axes.set_xticks([])
        axes.set_xlabel("More audits to the right")
        upright_share_axis(axes)
        svg = as_svg(fig, "funnel")
    standing = [str(group) for group in rows["group"] if signal.get(str(group)) in {HIGHER, LOWER}]
    names = listed([(named(published, group),) for group in standing])
    title = (
        say("{names} outside what chance explains", names=names)
        if standing
        else (Run(f"No service{of_shown(chance)} stands out from what chance explains"),)
    )
    alt = say(
        "Funnel chart: services by number of audits and share {goal}, with curves for the limits of chance that narrow "
        "to the right. {out}",
        goal=Run(published.about.goal, ("settings.goal",)),
        out=say("Outside them: {names}.", names=names) if standing else say("All lie within them."),
    )
    absent = " Services that are hidden are not drawn." if len(rows) < len(published.table) else ""
    caption = (
        f"{published.about.title}. Level line: these services together. Dashed: limits of chance, which few would "
        f"pass by luck alone; dotted: wider ones, which hardly any would.{absent}"
    )
    return as_chart(published, title, alt, caption, svg, said, chance)
