"""Who notes what, in one picture?

Themes down, activities across: the number of observations that note a need, the
darker the larger their share of all that the activity made.
"""

from __future__ import annotations

import pandas as pd

from qa_lib.report.blocks import Cell, Chart, Run, Shown, Table
from qa_lib.report.charts import LOW_ROW, WIDTH
from qa_lib.report.facts import Fact, facts_of, row_name
from qa_lib.report.merging import HIDDEN
from qa_lib.report.phrases import count_of, figure, listed, named, say
from qa_lib.report.publishable import Publishable
from qa_lib.report.style import GREY, INK, RAMP, as_svg, drawing, rows_axis

STEPS = (0.05, 0.10, 0.20)
"""Shares from which a cell is darker; the palest of the council's ramp comes first."""
HEADS = ("Theme", "Need noted by", "Strength noted by")
NOT_LISTED = "An activity that is not listed noted it in none, or the number is hidden."


def activities_chart(needs: Publishable, strengths: Publishable, recurring: Publishable) -> Shown | None:
    """The matrix of needs for development, and below it all observations of each activity.

    Behind it stands a table of who notes each theme as a need, and as a strength; its title says what most note.
    """
    rows = needs.table
    if rows["n"].fillna(0).sum() == 0:
        return None
    facts, said = facts_of(needs), []
    themes, held = [*dict.fromkeys(rows["group"].astype(str))], set(rows["activity"].astype(str))
    activities = [key for key in needs.about.labels if key in held]
    known = {(str(row["group"]), str(row["activity"])): row for _, row in rows.iterrows()}
    with drawing(WIDTH, LOW_ROW * len(themes) + 1.6) as (fig, axes):
        for y, theme in enumerate(themes):
            for x, activity in enumerate(activities):
                row = known.get((theme, activity))
                if row is not None and row["n"] == 0:
                    continue
                text, fill, ink = Run(HIDDEN), "white", INK
                if row is not None and row["n"] > 0:
                    text = figure(facts, f"{row_name(needs, row)}.n")
                    fill, ink = RAMP[3 - sum(row["n"] / row["of"] >= step for step in STEPS)]
                    said.append(text)
                axes.barh(y, 0.96, 0.9, left=x - 0.48, color=fill)
                axes.annotate(text.text, (x, y), ha="center", va="center", color=ink, fontsize=9)
        for x, activity in enumerate(activities):
            row = next(row for (_, other), row in known.items() if other == activity)
            text = figure(facts, f"{row_name(needs, row)}.of") if pd.notna(row["of"]) else Run(HIDDEN)
            said.append(text)
            axes.annotate(text.text, (x, len(themes) + 0.1), ha="center", va="center", fontsize=9)
        axes.axhline(len(themes) - 0.45, color=GREY, linewidth=0.8)
        rows_axis(axes, [*(needs.label(theme) for theme in themes), "All observations"])
        axes.set_xticks(range(len(activities)), [needs.label(key) for key in activities], rotation=90, va="bottom")
        axes.tick_params(axis="x", length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
        axes.set_xlim(-0.5, len(activities) - 0.5)
        axes.spines["bottom"].set_visible(False)
        svg = as_svg(fig, needs.name)
    widest = recurring.table.iloc[int(recurring.table["n"].argmax())]
    noted_by = count_of(facts_of(recurring), row_name(recurring, widest), "activities")
    most = rows.iloc[int(rows["n"].fillna(0).argmax())]
    title = say("{theme} is noted as a need by {count}", theme=named(needs, widest["group"]), count=noted_by)
    alt = say(
        "Numbers in a grid: a row for each theme, a column for each activity, in each cell the observations that note "
        "a need, shaded by their share. Noted by {noted_by}: {theme}. The largest number: {most}, "
        "{activity}, {count}.",
        noted_by=noted_by,
        theme=named(needs, widest["group"]),
        most=named(needs, most["group"]),
        activity=named(needs, most["activity"]),
        count=count_of(facts, row_name(needs, most)),
    )
    caption = f"{needs.about.title}: observations that note a need; the darker, the larger their share of all that the "
    caption += "activity made; blank, none; c, hidden. An activity counts as noting it by the rule of the first annex."
    table = _who_notes_what(needs, strengths)
    return Shown((Chart(f"{needs.name}-chart", title, caption, alt, svg, table, tuple(said)),))


def _who_notes_what(needs: Publishable, strengths: Publishable) -> Table:
    """A row a theme: the activities that note it as a need, and as a strength, each with its counts."""
    facts = {name: facts_of(table) for name, table in (("needs", needs), ("strengths", strengths))}
    rows = []
    for theme in dict.fromkeys(needs.table["group"]):
        head = named(needs, theme)
        cells = [Cell(head.text, head.facts)]
        for name, table in (("needs", needs), ("strengths", strengths)):
            cells.append(_cell(table, facts[name], str(theme)))
        rows.append(tuple(cells))
    return Table(f"{needs.name}-data", needs.about.title, HEADS, tuple(rows), (NOT_LISTED,), words=True)


def _cell(published: Publishable, facts: dict[str, Fact], theme: str) -> Cell:
    rows = published.table[(published.table["group"] == theme) & (published.table["n"].fillna(0) > 0)]
    items = [
        (named(published, row["activity"]), Run(" "), count_of(facts, row_name(published, row)))
        for _, row in rows.sort_values("n", ascending=False, kind="stable").iterrows()
    ]
    if not items:
        return Cell("none shown")
    runs = listed(items, "; ", "; ")
    return Cell("".join(run.text for run in runs), tuple(fact for run in runs for fact in run.facts))
