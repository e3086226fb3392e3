"""What do counts look like?

Bars: the programme against its plan, cases step by step, grades stacked, themes to either side.
Each part carries its own label, so that a grey print says the same; two grades
counted together are hatched.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from qa_lib.report.blocks import Run, Runs, Shown
from qa_lib.report.charts import LOW_ROW, WIDTH, as_chart, of_shown
from qa_lib.report.facts import facts_of, row_name
from qa_lib.report.findings import rank
from qa_lib.report.merging import HIDDEN
from qa_lib.report.phrases import count_of, figure, listed, named, say
from qa_lib.report.publishable import Publishable
from qa_lib.report.style import GREY, INK, RAMP, TONES, as_svg, drawing, key, rows_axis, share_axis, spread


def programme_chart(published: Publishable, steps: Publishable | None = None) -> Shown | None:
    """What was planned and what was done: an outline for the plan, a filled bar for the audits completed.

    Where `steps` says how far the cases drawn have come, that is drawn instead.
    """
    if steps is not None and not steps.is_empty:
        return progress_chart(steps)
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
        rows_axis(axes, [published.label(group) for group in rows["group"]])
        axes.set_xlim(0, 1.35)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        svg = as_svg(fig, published.name)
    whole = rows[rows["group"].astype(str) == "all"]
    done_of_all = count_of(facts, f"{published.name}.all", "audits") if len(whole) else Run("the audits shown")
    title = say("Auditors completed {all}", all=done_of_all)
    alt = say(
        "Bar chart, a row a month and one for the whole period: an outline for the audits planned, filled as far as "
        "audits were completed. Whole period: {all}.",
        all=done_of_all,
    )
    return as_chart(published, title, alt, f"{published.about.title}: outline, planned; filled, completed.", svg, said)


def progress_chart(published: Publishable) -> Shown | None:
    """How far the allocated cases have come: a bar a step, each as long as the cases that came so far."""
    rows = published.table[published.table["n"].notna()]
    if len(rows) < 2:
        return None
    facts, steps = facts_of(published), {str(row["group"]): row_name(published, row) for _, row in rows.iterrows()}
    said = [figure(facts, f"{steps['allocated']}.n")]
    said += [count_of(facts, name) for step, name in steps.items() if step != "allocated"]
    with drawing(WIDTH, LOW_ROW * len(rows) + 0.2) as (fig, axes):
        for y, (n, text) in enumerate(zip(rows["n"], said, strict=True)):
            axes.barh(y, n, 0.66, color=published.about.tone)
            axes.annotate(text.text, (n, y), (6, 0), textcoords="offset points", va="center")
        rows_axis(axes, [published.label(step) for step in steps])
        axes.set_xlim(0, float(rows["n"].max()) * 1.35)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        svg = as_svg(fig, published.name)
    last = "completed" if "completed" in steps else [*steps][-1]
    title = say(
        "Of {all} cases allocated, {n} were {last}",
        all=said[0],
        n=figure(facts, f"{steps[last]}.n"),
        last=Run(published.label(last).lower()),
    )
    ends = listed(
        [(named(published, step), Run(", "), text) for step, text in zip(steps, said, strict=True)], "; ", "; "
    )
    alt = say("Bar chart, a row a step, each bar as long as the cases that came so far. {ends}.", ends=ends)
    return as_chart(published, title, alt, f"{published.about.title}: a bar a step.", svg, said)


def grades_chart(published: Publishable) -> Shown | None:
    """Stacked grades, a bar a group, each part labelled with its count; merged grades are hatched."""
    rows, scale = published.table[published.table["share"].notna()], published.about.scale
    groups = list(dict.fromkeys(rows["group"].astype(str)))
    if not groups or scale is None:
        return None
    facts, said = facts_of(published), []
    tones = dict(zip(scale.labels, spread(RAMP, len(scale.labels)), strict=True))
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
        rows_axis(axes, [published.label(group) for group in groups])
        share_axis(axes, "Share of gradings; figures are numbers of gradings")
        key(axes, [(label, tones[label][0], "") for label in scale.labels])
        svg = as_svg(fig, published.name)
    first = rows[rows["group"].astype(str) == groups[0]]
    commonest = first.iloc[int(first["n"].argmax())]
    title = say(
        "{group}: {grade} is the grade given most",
        group=named(published, groups[0]),
        grade=named(published, commonest["grade"]),
    )
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
    return as_chart(published, title, alt, f"{published.about.title}.{merged}", svg, said)


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
                axes.barh(y, sign * share, 0.7, color=tone)
                place: dict[str, Any] = {"textcoords": "offset points", "va": "center", "ha": ha}
                axes.annotate(text.text, (sign * share, y), (shift, 0), **place)
                said.append(text)
        rows_axis(axes, [published.label(group) for group in groups])
        limit = max(0.1, float(rows["share"].max()) * 1.25)
        axes.set_xlim(-limit, limit)
        axes.set_xticks([])
        axes.axvline(0, color=INK, linewidth=0.8)
        beyond: dict[str, Any] = {"textcoords": "offset points", "annotation_clip": False}
        for words, ha, shift in (("Needs for development", "right", -6), ("Strengths", "left", 6)):
            axes.annotate(words, (0, -0.75), (shift, 0), ha=ha, fontweight="semibold", **beyond)
        axes.spines["bottom"].set_visible(False)
        svg = as_svg(fig, published.name)
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
        f"Need noted most{of_shown(published)}: {{development}}. Strength noted most: {{strength}}.",
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
    return as_chart(published, title, alt, f"{published.about.title}.{hidden}", svg, said)


def _first_bar(published: Publishable, group: str) -> Runs:
    facts = facts_of(published)
    runs: list[Run] = [named(published, group), Run(": ")]
    for _, row in published.table[published.table["group"].astype(str) == group].iterrows():
        runs += [Run(f"{row['grade']} "), figure(facts, f"{row_name(published, row)}.n"), Run("; ")]
    return (*runs[:-1], Run("."))
