"""What does it look like?

Pictures in the style of the government statisticians' guides: no clutter, at
most four colours, near-black labels written beside the marks, nothing told by
colour alone. A chart is drawn from a `Publishable`, so it cannot hold a hidden
number, and it cannot exist without a title that says its finding, an alt text,
a caption and the table behind it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from qa_lib.report.blocks import Chart, Run, Runs, Shown
from qa_lib.report.disclosure import HIDDEN, Publishable
from qa_lib.report.facts import facts_of, row_name
from qa_lib.report.findings import rank
from qa_lib.report.narrative import count_of, figure, interval, listed, named, say
from qa_lib.report.style import GREY, INK, MARKERS, RAMP, TONES, drawing
from qa_lib.report.tables import table_block

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, ROW, LOW_ROW = 6.3, 0.36, 0.28
"""Inches: the width of a page's column, and the height of one row of a chart, or of a low one."""


def shares_chart(published: Publishable) -> Shown | None:
    """Dots with intervals, highest share first, each labelled with its share."""
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
        _rows_axis(axes, [word.text for word in words])
        _share_axis(axes, f"Share {published.about.goal}, with its interval")
        svg = _svg(fig, published.name)
    title = say(f"{{high}} is highest, {{low}} lowest{_of_shown(published)}", high=words[0], low=words[-1])
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
    caption = f"{published.about.title}: dot, share; line, the interval in which it most likely lies."
    return _shown(published, title, alt, caption, svg, said)


def periods_chart(published: Publishable) -> Shown | None:
    """Groups down, one dot a period side by side, with intervals; newest boldest."""
    rows = published.table[published.table["share"].notna()]
    periods = list(dict.fromkeys(published.table["period"].astype(str)))
    groups = [group for group in dict.fromkeys(published.table["group"]) if (rows["group"] == group).any()]
    if not groups or len(periods) < 2:
        return None
    with drawing(WIDTH, ROW * len(groups) + 0.9) as (fig, axes):
        for at, period in enumerate(periods):
            same = rows[rows["period"].astype(str) == period]
            ys = [groups.index(group) + 0.22 * (at - (len(periods) - 1) / 2) for group in same["group"]]
            tone, marker = TONES[at % len(TONES)], MARKERS[at % len(MARKERS)]
            axes.hlines(ys, same["low"], same["high"], color=tone, linewidth=1.6)
            face = tone if at == 0 else "white"
            axes.plot(same["share"], ys, marker, color=tone, markerfacecolor=face, label=published.label(period))
        _rows_axis(axes, [published.label(group) for group in groups])
        _share_axis(axes, f"Share {published.about.goal}, with its interval")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=1, frameon=False, fontsize=9)
        svg = _svg(fig, published.name)
    title = (Run("The periods side by side"),)
    alt = say(
        "Dot chart with intervals: a row for each of {groups}, and a dot for each period: {periods}. "
        "The figures are in the table behind this chart.",
        groups=Run(published.about.head.casefold()),
        periods=listed([(named(published, period),) for period in periods]),
    )
    return _shown(published, title, alt, f"{published.about.title}: dot, share; line, interval.", svg, ())


def months_chart(published: Publishable) -> Shown | None:
    """Dots with intervals, month after month."""
    rows = published.table[published.table["share"].notna()]
    if len(rows) < 2:
        return None
    facts = facts_of(published)
    with drawing(WIDTH, 2.2) as (fig, axes):
        at = [list(published.table["group"]).index(group) for group in rows["group"]]
        axes.vlines(at, rows["low"], rows["high"], color=TONES[1], linewidth=2.4)
        axes.plot(at, rows["share"], "o", color=published.about.tone)
        labels = [published.label(group).replace(" ", "\n") for group in published.table["group"]]
        axes.set_xticks(range(len(labels)), [f"{label[:3]}{label[-5:]}" for label in labels])
        axes.set_ylim(0, 1)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.grid(axis="y", color=GREY, linewidth=0.4)
        svg = _svg(fig, published.name)
    first, last, high, low = (
        rows.iloc[0],
        rows.iloc[-1],
        rows.iloc[int(rows["share"].argmax())],
        rows.iloc[int(rows["share"].argmin())],
    )
    parts: dict[str, Runs] = {}
    for word, row in (("first", first), ("last", last), ("high", high), ("low", low)):
        parts[word] = (
            named(published, row["group"]),
            Run(", "),
            figure(facts, f"{row_name(published, row)}.share"),
        )
    alt = say(
        "Dot chart by month with intervals. First: {first}. Latest: {last}. Highest: {high}. Lowest: {low}.",
        **parts,
    )
    title = (Run("Month by month, whole service"),)
    return _shown(published, title, alt, f"{published.about.title}: dot, share; line, interval.", svg, ())


def programme_chart(published: Publishable) -> Shown | None:
    """What was planned and what was done: an outline for the plan, a filled bar for the audits completed."""
    rows = published.table[published.table["n"].notna()]
    if rows.empty:
        return None
    facts, said = facts_of(published), []
    with drawing(WIDTH, LOW_ROW * len(rows) + 0.3) as (fig, axes):
        for y, (_, row) in enumerate(rows.iterrows()):
            done = min(row["n"] / row["of"], 1.0)
            axes.barh(y, 1.0, 0.6, color="white", edgecolor=GREY, linewidth=1)
            axes.barh(y, done, 0.6, color=published.about.tone)
            text = count_of(facts, row_name(published, row))
            axes.annotate(text.text, (1.0, y), (6, 0), textcoords="offset points", va="center")
            said.append(text)
        _rows_axis(axes, [published.label(group) for group in rows["group"]])
        axes.set_xlim(0, 1.35)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        svg = _svg(fig, published.name)
    whole = rows[rows["group"].astype(str) == "all"]
    done_of_all = count_of(facts, f"{published.name}.all", "audits") if len(whole) else Run("the audits shown")
    title = say("Auditors completed {all}", all=done_of_all)
    alt = say(
        "Bar chart, a row a month and one for the whole period: an outline for the audits planned, filled as far as "
        "audits were completed. Whole period: {all}.",
        all=done_of_all,
    )
    return _shown(published, title, alt, f"{published.about.title}: outline, planned; filled, completed.", svg, said)


def grades_chart(published: Publishable) -> Shown | None:
    """Stacked grades, a bar a group, each part labelled with its count; merged grades are hatched."""
    rows, scale = published.table[published.table["n"].notna()], published.about.scale
    groups = list(dict.fromkeys(rows["group"].astype(str)))
    if not groups or scale is None:
        return None
    facts, said = facts_of(published), []
    tones = dict(zip(scale.labels, _spread(RAMP, len(scale.labels)), strict=True))
    with drawing(WIDTH, LOW_ROW * len(groups) + 1.0) as (fig, axes):
        for y, group in enumerate(groups):
            left = 0.0
            for _, row in rows[rows["group"].astype(str) == group].iterrows():
                keeper = row["together"][-1] if row["together"][-1] in scale.good_or_better else row["together"][0]
                hatch = "////" if len(row["together"]) > 1 else ""
                fill, ink = tones[keeper]
                axes.barh(y, row["share"], 0.74, left, color=fill, edgecolor="white", hatch=hatch, linewidth=0.8)
                text = figure(facts, f"{row_name(published, row)}.n")
                if row["share"] >= 0.035:
                    box = {"facecolor": fill, "edgecolor": "none", "pad": 0.4} if hatch else None
                    axes.text(left + row["share"] / 2, y, text.text, color=ink, ha="center", va="center", bbox=box)
                    said.append(text)
                left += row["share"]
        _rows_axis(axes, [published.label(group) for group in groups])
        _share_axis(axes, "Share of gradings; figures are numbers of gradings")
        _key(axes, [(label, tones[label][0], "") for label in scale.labels])
        svg = _svg(fig, published.name)
    title = (Run("How the grades are spread"),)
    alt = say(
        "Stacked bars, one a row of the table behind this chart, from {best} at the left to {worst} at the right. "
        "{first}",
        best=Run(scale.labels[0]),
        worst=Run(scale.labels[-1]),
        first=_first_bar(published, groups[0]),
    )
    merged = (
        " Hatched: neighbouring grades counted together, because one of them is small."
        if rows["together"].map(len).gt(1).any()
        else ""
    )
    return _shown(published, title, alt, f"{published.about.title}.{merged}", svg, said)


def themes_chart(published: Publishable) -> Shown | None:
    """Diverging bars: strengths to the right, needs for development to the left, a row a theme."""
    rows = published.table[published.table["share"].notna()]
    groups = list(dict.fromkeys(rows["group"].astype(str)))
    if len(groups) < 2:
        return None
    facts, said = facts_of(published), []
    wide = rows.pivot_table("share", "group", "polarity", observed=True)
    groups = sorted(groups, key=lambda group: -wide.loc[group].fillna(0).get("development", 0))
    with drawing(WIDTH, LOW_ROW * len(groups) + 0.7) as (fig, axes):
        for polarity, sign, tone in (("development", -1, TONES[2]), ("strength", 1, TONES[0])):
            ha, shift = ("left", 3) if sign > 0 else ("right", -3)
            for _, row in published.only(polarity=polarity).table.iterrows():
                if str(row["group"]) not in groups:
                    continue
                y, known = groups.index(str(row["group"])), pd.notna(row["share"])
                share = row["share"] if known else 0.0
                text = figure(facts, f"{row_name(published, row)}.share") if known else Run(HIDDEN)
                hatch = "" if sign > 0 else "///"
                axes.barh(y, sign * share, 0.7, color=tone, hatch=hatch, edgecolor="white")
                place: dict[str, Any] = {"textcoords": "offset points", "va": "center", "ha": ha}
                axes.annotate(text.text, (sign * share, y), (shift, 0), **place)
                said.append(text)
        _rows_axis(axes, [published.label(group) for group in groups])
        limit = max(0.1, float(rows["share"].max()) * 1.25)
        axes.set_xlim(-limit, limit)
        axes.set_xticks([])
        axes.axvline(0, color=INK, linewidth=0.8)
        beyond: dict[str, Any] = {"textcoords": "offset points", "annotation_clip": False}
        for words, ha, shift in (("Needs for development", "right", -6), ("Strengths", "left", 6)):
            axes.annotate(words, (0, -0.75), (shift, 0), ha=ha, fontweight="semibold", **beyond)
        axes.spines["bottom"].set_visible(False)
        svg = _svg(fig, published.name)
    top = {
        polarity: rank(published.only(polarity=polarity), lowest_first=False).head(1)
        for polarity in ("development", "strength")
    }
    parts = {
        polarity: (
            named(published, row["group"]),
            Run(", "),
            count_of(facts, row_name(published, row)),
        )
        for polarity, found in top.items()
        for _, row in found.iterrows()
    }
    none = (Run("none"),)
    title = say(
        f"Need noted most{_of_shown(published)}: {{development}}. Strength noted most: {{strength}}.",
        development=parts.get("development", none)[:1],
        strength=parts.get("strength", none)[:1],
    )
    alt = say(
        "Diverging bar chart, a row for each theme: needs for development to the left, strengths to the right. "
        "Largest need: {development}. Largest strength: {strength}.",
        development=parts.get("development", none),
        strength=parts.get("strength", none),
    )
    hidden = " c: hidden." if published.hides_rows else ""
    return _shown(published, title, alt, f"{published.about.title}.{hidden}", svg, said)


def _of_shown(published: Publishable) -> str:
    """What a title adds where a hidden row could as well be the highest."""
    return " of those shown" if published.hides_rows else ""


def _first_bar(published: Publishable, group: str) -> Runs:
    facts = facts_of(published)
    runs: list[Run] = [named(published, group), Run(": ")]
    for _, row in published.table[published.table["group"].astype(str) == group].iterrows():
        runs += [Run(f"{row['grade']} "), figure(facts, f"{row_name(published, row)}.n"), Run("; ")]
    return (*runs[:-1], Run("."))


def _spread(colours: list[tuple[str, str]], count: int) -> list[tuple[str, str]]:
    """`count` colours of a ramp, from end to end."""
    last = len(colours) - 1
    return [colours[round(at * last / max(count - 1, 1))] for at in range(count)]


def _key(axes: Axes, entries: Iterable[tuple[str, str, str]]) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=fill, hatch=hatch, edgecolor=INK, linewidth=0.4, label=label) for label, fill, hatch in entries
    ]
    axes.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.4, 1.0),
        ncols=4,
        frameon=False,
        fontsize=9,
        handlelength=1.2,
    )


def _rows_axis(axes: Axes, labels: list[str]) -> None:
    axes.set_yticks(range(len(labels)), labels, va="center")
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def _share_axis(axes: Axes, label: str) -> None:
    axes.set_xlim(0, 1.0)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    axes.set_xlabel(label)


def _svg(fig: Figure, name: str) -> str:
    """The figure as inline SVG: text as text, ids of its own, nothing that names a day or a machine."""
    import matplotlib as mpl

    out = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none", "svg.id": None}):
        fig.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r"url\(#", f"url(#{name}-", svg)
    svg = re.sub(r'href="#', f'href="#{name}-', svg)
    svg = svg.replace("*{stroke-linejoin", f"#{name}-chart *{{stroke-linejoin")
    return svg.replace("'QA Sans'", "'QA Sans', sans-serif").strip()


def _shown(published: Publishable, title: Runs, alt: Runs, caption: str, svg: str, said: Iterable[Any]) -> Shown:
    behind = table_block(published)
    behind = type(behind)(f"{behind.id}-data", behind.caption, behind.heads, behind.rows, behind.notes)
    return Shown((Chart(f"{published.name}-chart", title, caption, alt, svg, behind, tuple(said)),))
