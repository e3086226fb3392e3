"""How can a share be given that shares most of its months with another?

Figures of twelve months, given month after month, overlap in eleven. Whoever
subtracts one from the next is left with one month less the same month of last
year, and while the extracts are young with one month alone: small counts. So
such a share is given without its counts, rounded so far that two of them leave
more differences open than the counts that are hidden.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from qa_lib.measures.shares import wilson_interval
from qa_lib.report.publishable import SHARES

STEPS = (1, 2, 5)
"""What a share is rounded to, in percent: the first that hides enough."""


def steps(bases: pd.Series[float], hide_up_to: int) -> pd.Series[float]:
    """What shares of so many are rounded to, in percent: the finest step that hides enough, NaN where none does.

    A share leaves open as many counts as fit into a step, step x base, or one fewer. Two shares leave open the
    differences of all of these with all of those: twice as many, less one. That must be more than `hide_up_to`.

    >>> steps(pd.Series([482, 336, 120, 40]), 5).tolist()
    [1.0, 2.0, 5.0, nan]
    """
    found = pd.Series(np.nan, bases.index)
    for step in reversed(STEPS):
        found = found.mask(2 * (bases * step // 100) - 1 > hide_up_to, step)
    return found


def rounded(counts: pd.DataFrame, hide_up_to: int) -> pd.DataFrame:
    """Shares without their counts, rounded; NaN where this could not hide enough.

    Parameters
    ----------
    counts : measure table with whole counts
    hide_up_to : counts from 1 to this are hidden

    Returns
    -------
    Measure table: `share` as a multiple of its step; `low, high` (0 to 1), its interval, with the rounding allowed
    for; no counts. NaN where the base is too small, or the share so near none or all that a small count could have
    been rounded to it. `of_about` is the base to the nearest ten.

    Example
    -------
    >>> rounded(pd.DataFrame({"group": ["a", "b"], "n": [282, 3], "of": [482, 450]}), 5)[["group", "share", "of_about"]]
      group  share  of_about
    0     a   0.59     480.0
    1     b    NaN     450.0
    """
    n, of = counts["n"], counts["of"]
    step = steps(of, hide_up_to)
    share = (100 * n / of / step).round() * step / 100
    least, most = ((share + half * step / 200) * of for half in (-1, 1))
    hidden = (least <= hide_up_to) | (most >= of - hide_up_to)
    about = (of / 10).round() * 10
    ends = [wilson_interval((share + half * step / 200).clip(0, 1) * about, about) for half in (-1, 1)]
    table = counts.assign(share=share, low=ends[0]["low"], high=ends[1]["high"], of_about=about)
    table[SHARES] = table[SHARES].mask(hidden)
    return table.assign(n=np.nan, of=np.nan, left_out=np.nan)
