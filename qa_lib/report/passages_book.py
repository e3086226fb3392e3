"""Which words stand behind each count?

The analyst's working copy: every passage that auditors wrote, with the entry of
the codebook that found it; and of the twelve months of all activities, the
ledger theme by activity with everything that is known of each cell, and for each
cell the rows of the sheet that hold its passages.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from qa_lib.measures import triangulation
from qa_lib.measures.triangulation import LESS, MORE
from qa_lib.report.issues import LESS_OFTEN, MORE_OFTEN
from qa_lib.report.ledger import counts, series, spans
from qa_lib.report.material import Material
from qa_lib.report.sheets import Papers

KEYS = ["theme", "activity", "polarity"]
HELD = ["theme", "polarity", "activity", "date", "id", "text"]


def write_passages(material: Material, path: Path) -> None:
    """Write `passages.xlsx`: a sheet "Passages", and with evidence of other activities "Ledger" and "Noted"."""
    with Papers(path) as papers:
        papers.table("Passages", material.passages)
        if material.extracts.evidence is not None and not material.params.where.given:
            notes = noted_in_order(material)
            papers.table("Ledger", ledger_in_full(material, notes))
            papers.table("Noted", notes)


def noted_in_order(material: Material) -> pd.DataFrame:
    """Every note of the twelve months, those of one cell of the ledger together: `theme, polarity, activity` first."""
    found = material.noted.within(material.params.period.year.month_keys).notes
    words = material.params.framework.activities_short
    place = {theme: at for at, theme in enumerate(material.codebook.themes)}
    ordered = found.assign(place=found["theme"].map(place)).sort_values(["place", *HELD], kind="stable")
    return ordered.assign(activity=ordered["activity"].map(words))[[*HELD, "rule"]].reset_index(drop=True)


def ledger_in_full(material: Material, notes: pd.DataFrame) -> pd.DataFrame:
    """A row a theme, activity and polarity that was noted: counts, weight, direction, turn, and where its rows stand.

    `rows` are those of the sheet "Noted", as a spreadsheet numbers them under its heading.
    """
    months, framework = material.params.period.year.month_keys, material.params.framework
    both = {polarity: counts(material, months, polarity) for polarity in ("development", "strength")}
    ways = both["development"][["group", "activity"]].assign(
        way=triangulation.directions(*(found["n"] for found in both.values()))
    )
    turned = ways.merge(triangulation.turns(series(material, "development")), "left", ["group", "activity"])
    names = [span.words for span in spans(material)]
    turned["turn"] = turned["turn"].map({MORE: MORE_OFTEN, LESS: LESS_OFTEN}).fillna("no clear change")
    turned["since"] = [names[at] if at >= 0 else "" for at in turned["since"]]
    table = pd.concat([found.assign(polarity=polarity) for polarity, found in both.items()], ignore_index=True)
    table = table[table["n"] > 0].merge(turned, "left", ["group", "activity"]).rename(columns={"group": "theme"})
    table["weight"] = table["activity"].map(framework.weights)
    table["activity"] = table["activity"].map(framework.activities_short)
    at = notes.reset_index().groupby(KEYS, sort=False)["index"].agg(["min", "max"]) + 2
    table = table.join(at, on=KEYS)
    table["rows"] = [f"{first} to {last}" for first, last in zip(table["min"], table["max"], strict=True)]
    return table[[*KEYS, "n", "of", "share", "weight", "way", "turn", "since", "rows"]]
