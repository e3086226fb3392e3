"""Which services stand out?

Services that audit few cases swing further by chance than those that audit
many. A funnel sets each one's share beside the target and beside how far
chance alone would take it: at most one service in twenty falls outside the 95%
limits when all practise alike, and one in five hundred outside the 99.8% ones.

A service that stands out deserves a question, not a verdict. Auditors differ,
and cases do: read the funnel beside the figures of moderation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

FEWEST = 10
"""With fewer cases than this no service is classed: one case more or less would decide it."""
TAILS = {"95": 0.025, "998": 0.001}
"""The chance left beyond each limit, on each side."""


def funnel(table: pd.DataFrame, target: float | None = None, fewest: int = FEWEST) -> pd.DataFrame:
    """A measure table with its funnel: the target, the limits of chance, and where each row stands.

    The class comes from the exact binomial tail: the chance of a count as far
    out as this one, or further, if the target were the true share. The limits
    are for drawing. They are interpolated between whole counts, so that the
    lines are smooth, and may disagree with the class where `of` is small: 1 of
    1 lies above the 99.8% line and is nothing out of the ordinary.

    Parameters
    ----------
    table : measure table of services or teams, without a row for all of them
    target : share (0 to 1) that all are held against; the pooled share of the table where there is none
    fewest : rows with a smaller `of` are not classed

    Returns
    -------
    The same rows, with
        `target`, `lower_998, lower_95, upper_95, upper_998` (0 to 1; NaN where `of` is 0);
        `class`: "below_998", "below_95", "inside", "above_95", "above_998"; "too_few" (`of` below `fewest`);
        "no_data" (`of` is 0).
        A target of 0 or 1 leaves nothing to chance: the limits are the target.

    Raises
    ------
    ValueError : `target` is not between 0 and 1.

    Source: Spiegelhalter (2005), Statistics in Medicine 24:1185-1202, appendix A.1.1.

    Example
    -------
    >>> teams = pd.DataFrame({"group": ["East", "North", "West"], "n": [38, 12, 3], "of": [50, 44, 4]})
    >>> funnel(teams, target=0.68)[["group", "lower_95", "upper_95", "class"]].round(2)
       group  lower_95  upper_95      class
    0   East      0.54      0.80     inside
    1  North      0.53      0.80  below_998
    2   West      0.04      0.97    too_few
    """
    if target is None:
        cases = int(table["of"].sum())
        target = float(table["n"].sum() / cases) if cases else np.nan
    elif not 0 <= target <= 1:
        raise ValueError(f"a target is a share between 0 and 1, not {target}")
    return table.assign(
        target=target,
        lower_998=_limit(table["of"], target, TAILS["998"]),
        lower_95=_limit(table["of"], target, TAILS["95"]),
        upper_95=_limit(table["of"], target, 1 - TAILS["95"]),
        upper_998=_limit(table["of"], target, 1 - TAILS["998"]),
        **{"class": _classes(table["n"], table["of"], target, fewest)},
    )


def _limit(of: pd.Series[Any], target: float, chance: float) -> pd.Series[float]:
    """The share below which a sample of `of` falls with this chance, interpolated between whole counts."""
    from scipy.stats import binom

    if not 0 < target < 1:
        return of.astype(float).mask(of >= 0, target).mask(of == 0)
    size = of.to_numpy(dtype=float)
    count = binom.ppf(chance, size, target)
    up_to, before = binom.cdf(count, size, target), binom.cdf(count - 1, size, target)
    limit = count - (up_to - chance) / (up_to - before)
    return pd.Series(limit, index=of.index).clip(lower=0) / of.where(of > 0)


def _classes(n: pd.Series[Any], of: pd.Series[Any], target: float, fewest: int) -> list[str]:
    """Where each count stands by its exact tails. A tail of just 0.025 or 0.001 is inside, however it is rounded."""
    from scipy.stats import binom

    fewer, more = binom.cdf(n, of, target), binom.sf(n - 1, of, target)
    inner, outer = (TAILS[level] * (1 - 1e-9) for level in ("95", "998"))
    stands = {
        "no_data": of == 0,
        "too_few": of < fewest,
        "below_998": fewer < outer,
        "below_95": fewer < inner,
        "above_998": more < outer,
        "above_95": more < inner,
    }
    return [str(name) for name in np.select(list(stands.values()), list(stands), default="inside")]
