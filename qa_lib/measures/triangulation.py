"""Do the activities agree?

A theme that audits, complaints and reviewing officers all note is more than any
of them could say alone; one that audits praise and families complain about is a
question that nobody may leave open. Theme by activity, this counts who notes
what, says which way each activity points, and finds where and since when an
activity notes a theme more, or less, than before.

What is said must not hang on counts that cannot be shown: a turn of a series
with small counts is named only where the smallest and the largest that they
could be give the same turn.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.stats import binom

from qa_lib.measures.change import adjust, difference
from qa_lib.measures.observations import Noted
from qa_lib.measures.shares import counted_whole

NEED, STRENGTH, MIXED = "need", "strength", "mixed"
MORE, LESS = 1, -1
LEVEL = 0.05


def ledger(noted: Noted, themes: Iterable[str], activities: Iterable[str], polarity: str) -> pd.DataFrame:
    """How many observations of each activity note each theme in one way.

    Parameters
    ----------
    noted : Noted, of the months in question
    themes, activities : keys, in the order wanted; an activity without an observation has no row
    polarity : "development" or "strength"

    Returns
    -------
    DataFrame in the measure shape, one row a theme and activity
        `group` (theme), `activity`; `n` (observations that note it so, each once), `of` (observations of the
        activity), `left_out` (none), `share` (0 to 1); no interval, as activities are no samples.
    """
    bases = noted.base.drop_duplicates(["activity", "id"])["activity"].value_counts()
    notes = noted.notes[noted.notes["polarity"] == polarity]
    counts = notes.drop_duplicates(["activity", "id", "theme"]).groupby(["theme", "activity"])["id"].size()
    rows = [(theme, activity) for theme in themes for activity in activities if bases.get(activity, 0)]
    table = pd.DataFrame(rows, columns=["group", "activity"])
    table["n"] = [int(counts.get(row, 0)) for row in rows]
    table["of"] = [int(bases[activity]) for _, activity in rows]
    return counted_whole(table)


def directions(needs: pd.Series[float], strengths: pd.Series[float]) -> pd.Series[str]:
    """Which way each activity points on a theme: need, strength, or mixed where chance could do as much.

    Parameters
    ----------
    needs, strengths : counts of observations that note a theme as a need, and as a strength; the same rows; NaN where
        one is hidden

    Returns
    -------
    Series of words; "" where a count is hidden, or nothing was noted. A direction is given where an exact sign test
    leaves chance a probability under 5%, allowing for the number of rows (Holm).
    """
    both = needs + strengths
    asked = both > 0
    smaller = needs.where(needs < strengths, strengths)[asked]
    p = pd.Series(np.minimum(1.0, 2 * binom.cdf(smaller, both[asked], 0.5)), index=smaller.index).reindex(needs.index)
    clear = adjust(p, "holm") < LEVEL
    words = np.select([clear & (needs > strengths), clear & (strengths > needs), asked], [NEED, STRENGTH, MIXED], "")
    return pd.Series(words, index=needs.index)


def turns(series: pd.DataFrame, hide_up_to: int = 0) -> pd.DataFrame:
    """Since when an activity notes a theme more, or less, than before, if chance does not explain it.

    Parameters
    ----------
    series : DataFrame, one row a theme, activity and span, spans in order: `group, activity, span, n, of`
        `span` is a whole number, the latest the highest; spans without an observation are passed over.
    hide_up_to : counts from 1 to this are hidden from the reader; what is said holds with all of them at their
        smallest, and at their largest

    Returns
    -------
    DataFrame, one row a theme and activity: `group, activity`, `turn` (1 more, -1 less, 0 no clear change), `since`
        (the first span after the turn, -1 where there is none).

    Every span but the first is tried as the start of something new: all before it against all from it on (central
    mid-p). The smallest p counts, times the spans tried; over all themes and activities Holm's rule applies.
    Observations are taken as independent: where one event makes many, a turn may be found that is none.
    """
    found = [_turns(variant) for variant in _variants(series, hide_up_to)]
    table = found[0]
    for other in found[1:]:
        same = (table["turn"] == other["turn"]) & (table["since"] == other["since"])
        table = table.assign(turn=table["turn"].where(same, 0), since=table["since"].where(same, -1))
    return table


def _variants(series: pd.DataFrame, k: int) -> list[pd.DataFrame]:
    """The series as counted; or with its small counts as small, and as large, as they could be."""
    n = series["n"]
    small = n.between(1, k)
    if not small.any():
        return [series]
    most = np.minimum(k, series["of"])
    return [series.assign(n=n.mask(small, 1)), series.assign(n=n.mask(small, most))]


def _turns(series: pd.DataFrame) -> pd.DataFrame:
    cells = series[series["of"] > 0].groupby(["group", "activity"], sort=False)
    tries, rows = [], []
    for key, cell in cells:
        rows.append(key)
        ordered = cell.sort_values("span")
        n, of = ordered["n"].cumsum(), ordered["of"].cumsum()
        before = pd.DataFrame({"n": n, "of": of}).iloc[:-1].to_numpy()
        since = ordered["span"].iloc[1:]
        tries += [
            (len(rows) - 1, int(span), *done, n.iloc[-1] - done[0], of.iloc[-1] - done[1])
            for span, done in zip(since, before, strict=True)
        ]
    table = pd.DataFrame(rows, columns=["group", "activity"]).assign(turn=0, since=-1)
    if not tries:
        return table
    tried = pd.DataFrame(tries, columns=["row", "since", "n1", "of1", "n2", "of2"])
    tested = difference(tried["n1"], tried["of1"], tried["n2"], tried["of2"])
    tried = tried.assign(p=tested["p"], way=np.sign(tested["difference"]))
    best = tried.sort_values(["row", "p", "since"], kind="stable").drop_duplicates("row").set_index("row")
    looks = tried.groupby("row").size()
    clear = adjust(np.minimum(1.0, best["p"] * looks), "holm") < LEVEL
    best = best[clear & (best["way"] != 0)]
    table.loc[best.index, "turn"] = best["way"].astype(int)
    table.loc[best.index, "since"] = best["since"].astype(int)
    return table
