"""Which words stand behind what was chosen?

The passages that the codebook found, or everything that was written in one box of
the form. They are auditors' own words about children: a working copy alone has
them, on the screen and nowhere else.
"""

from __future__ import annotations

import pandas as pd

from qa_lib.report.choices import Options
from qa_lib.report.choosing import Seen

NOTED_AS = {"strength": "Strength", "development": "Need", "unclear": "Unclear"}


def passages_of(seen: Seen, boxes: Options) -> pd.DataFrame | None:
    """One row a passage of the choice; where a box is chosen, one row a text in it. None but in a working copy.

    Returns
    -------
    DataFrame with the reader's headings: `Reference, Date, Service`, of a passage `Box, Theme, Noted as`, and `Text`.
    """
    if seen.params.audience != "working":
        return None
    pool, choice = seen.pool, seen.choice
    rows = pool.texts if choice.box else pool.passages
    rows = rows[rows["id"].isin(pool.ids[seen.now(seen.selection)])]
    if choice.box:
        rows = rows[rows["column"] == choice.box]
    elif choice.theme:
        wanted = (rows["theme"] == choice.theme) & (rows["polarity"].eq(choice.polarity) | (not choice.polarity))
        rows = rows[wanted]
    at = pool.ids.get_indexer(pd.Index(rows["id"]))
    found = pd.DataFrame(
        {
            "Reference": rows["id"].to_numpy(),
            "Date": pool.dates.iloc[at].dt.strftime("%Y-%m-%d").to_numpy(),
            "Service": pool.services[at],
        }
    )
    if not choice.box:
        found["Box"] = rows["column"].map({value: words for words, value in boxes}).fillna("").to_numpy()
        found["Theme"] = rows["theme"].map(seen.theme_labels).to_numpy()
        found["Noted as"] = rows["polarity"].map(NOTED_AS).to_numpy()
    return found.assign(Text=rows["text"].to_numpy())
