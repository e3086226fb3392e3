"""Is it different from last time?

Two periods, two figures, and the question whether chance alone would set them
this far apart. The answer is the difference with its interval: how much better
or worse, and what else the audits would bear. Whether two intervals overlap is
no test of it, and "no clear change" does not mean that nothing has changed.

The two periods are taken as independent: cases audited in both, or brothers
and sisters, are to be dealt with beforehand. Where many things are compared
at once some will differ by chance; `adjust` allows for that.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from qa_lib.measures.estimates import Estimate
from qa_lib.measures.shares import wilson_interval

FEW = 10
"""In a group smaller than this a p value by the normal curve is not to be relied on."""
_WORST_FIRST = ("no_data", "degenerate_se_zero", "single_case_stratum", "partial_coverage", "ok", "census")


@dataclass(frozen=True)
class WeightedDifference:
    """Later share less earlier share of all cases, -1 to 1, with its interval `low` to `high`. NaN means unknown.

    `status` is the worse of the two estimates': "no_data"; "degenerate_se_zero" (an error of 0 that is not true:
    no interval, no p); "single_case_stratum" and "partial_coverage" (their cautions hold here too); "ok";
    "census" (nothing was left to chance: the interval has no width, and there is nothing to test).
    "too_few": no degrees of freedom, so no interval.
    """

    difference: float
    se: float
    df: int
    low: float
    high: float
    p: float
    status: str


@dataclass(frozen=True)
class GradeShift:
    """How far grades have moved. NaN means unknown.

    `probability` that, of two cases drawn one from each period, the later has the better grade, a tie counting
    half: 0.5 is no shift. `p` is by the normal curve; `p_exact` is given, and to be preferred, where a group has
    fewer than 10 cases. `status`: "ok"; "no_variation" (one grade for all: p is 1); "no_data" (an empty group).
    """

    probability: float
    p: float
    p_exact: float
    status: str


def difference(
    n1: npt.ArrayLike, of1: npt.ArrayLike, n2: npt.ArrayLike, of2: npt.ArrayLike, level: float = 0.95
) -> pd.DataFrame:
    """Later share less earlier share, with its interval and p value, one row a pair.

    The interval is Newcombe's hybrid score interval, built from the Wilson intervals of both shares. The p value
    is the central mid-p: that of Fisher's exact test, two-sided by doubling the smaller tail, but counting the
    table that was seen by half. Fisher's own p is larger than it need be when counts are small.

    Parameters
    ----------
    n1, of1 : counts of the earlier period, whole numbers; Series, arrays or single numbers
    n2, of2 : counts of the later period; Series are matched by their labels, arrays by position
    level : coverage, between 0 and 1

    Returns
    -------
    DataFrame: `difference, low, high` (-1 to 1), `p` (0 to 1); NaN where a period has no audit.
        `status`: "ok"; "no_variation" (all or none in both periods: p is 1, the interval holds); "no_data".

    Raises
    ------
    ValueError : an `n` above its `of`, or below 0.

    Source: Newcombe (1998), Statistics in Medicine 17:873-890, method 10; Lancaster (1961), JASA 56:223-234 (mid-p).

    Example
    -------
    >>> difference([48, 0], [80, 0], [56, 12], [70, 25]).round(4)
       difference     low    high       p   status
    0         0.2  0.0524  0.3339  0.0084       ok
    1         NaN     NaN     NaN     NaN  no_data
    """
    given = {"n1": n1, "of1": of1, "n2": n2, "of2": of2}
    table = pd.DataFrame(given, index=None if any(map(np.ndim, given.values())) else [0], dtype=float)
    if ((table["n1"] > table["of1"]) | (table["n2"] > table["of2"]) | (table < 0).any(axis=1)).any():
        raise ValueError("n1 and n2 are counts out of of1 and of2: 0 <= n <= of")
    before = wilson_interval(table["n1"], table["of1"], level)
    after = wilson_interval(table["n2"], table["of2"], level)
    change = after["share"] - before["share"]
    p = np.full(len(table), np.nan)
    p[change.notna()] = _mid_p(table[change.notna()])
    met, cases = table["n1"] + table["n2"], table["of1"] + table["of2"]
    return pd.DataFrame(
        {
            "difference": change,
            "low": change - np.hypot(after["share"] - after["low"], before["high"] - before["share"]),
            "high": change + np.hypot(after["high"] - after["share"], before["share"] - before["low"]),
            "p": p,
            "status": np.select([change.isna(), (met == 0) | (met == cases)], ["no_data", "no_variation"], "ok"),
        }
    )


def weighted_difference(before: Estimate, after: Estimate, level: float = 0.95) -> WeightedDifference:
    """Later less earlier share of all cases, from two estimates of `weighted_share` whose samples are independent.

    The error is sqrt(se1^2 + se2^2). Interval and p value are by Student's t with the degrees of freedom of both
    estimates together; one without an error (a census) adds none. The interval is cut at -1 and 1.

    Source: Cochran (1977), Sampling Techniques, ch. 5.
    """
    from scipy.special import stdtr, stdtrit

    status = min((before.status, after.status), key=_WORST_FIRST.index)
    change, se = after.share - before.share, math.hypot(before.se, after.se)
    df = sum(estimate.df for estimate in (before, after) if estimate.se > 0)
    if status in {"no_data", "degenerate_se_zero"}:
        return WeightedDifference(change, se, df, math.nan, math.nan, math.nan, status)
    if se == 0:
        return WeightedDifference(change, se, df, change, change, math.nan, status)
    if df == 0:
        return WeightedDifference(change, se, df, math.nan, math.nan, math.nan, "too_few")
    half = float(stdtrit(df, (1 + level) / 2)) * se
    p = 2 * float(stdtr(df, -abs(change) / se))
    return WeightedDifference(change, se, df, max(change - half, -1.0), min(change + half, 1.0), p, status)


def grade_shift(before: npt.ArrayLike, after: npt.ArrayLike) -> GradeShift:
    """Whether grades have moved up or down (Mann-Whitney), without turning them into marks.

    It sees a move of the whole, not a spread: more cases at both ends leave it at 0.5.

    Parameters
    ----------
    before, after : counts of cases at each grade, best grade first, grades that nobody was given included

    Raises
    ------
    ValueError : the counts are not of the same grades, or one is below 0.

    Source: Mann and Whitney (1947), Annals of Mathematical Statistics 18:50-60; p corrected for ties, without
    continuity correction. `p_exact`: every way to deal the cases out to the two periods, none left out.

    Example
    -------
    >>> shift = grade_shift(before=[0, 3, 4, 2], after=[1, 5, 1, 1])
    >>> round(shift.probability, 3), round(shift.p, 3), round(shift.p_exact, 3)
    (0.715, 0.109, 0.128)
    """
    from scipy.stats import mannwhitneyu

    earlier, later = np.asarray(before, dtype=np.int64), np.asarray(after, dtype=np.int64)
    if earlier.shape != later.shape or min(earlier.min(initial=0), later.min(initial=0)) < 0:
        raise ValueError("`before` and `after` hold one count, 0 or more, for each grade of one scale")
    sizes = int(earlier.sum()), int(later.sum())
    if 0 in sizes:
        return GradeShift(math.nan, math.nan, math.nan, "no_data")
    p_exact = _permutation_p(earlier, later) if min(sizes) < FEW else math.nan
    if np.count_nonzero(earlier + later) == 1:
        return GradeShift(0.5, 1.0, p_exact, "no_variation")
    worth = -np.arange(len(earlier))
    test = mannwhitneyu(np.repeat(worth, later), np.repeat(worth, earlier), use_continuity=False, method="asymptotic")
    return GradeShift(float(test.statistic) / math.prod(sizes), float(test.pvalue), p_exact, "ok")


def adjust(p_values: npt.ArrayLike, method: Literal["holm", "bh"]) -> pd.Series[float]:
    """P values that allow for how many things were tested.

    Parameters
    ----------
    p_values : one a test; missing where nothing could be tested: that stays missing and does not count as a test
    method : "holm" where each claim must stand (it holds the chance of even one false claim); "bh" (Benjamini and
        Hochberg) for screening (it holds the share of false ones among the claims)

    Raises
    ------
    ValueError : another method, or a p value not between 0 and 1.

    Source: Holm (1979), Scandinavian Journal of Statistics 6:65-70; Benjamini and Hochberg (1995), JRSS B 57:289-300.

    Example
    -------
    >>> adjust([0.01, None, 0.04, 0.004], "holm").tolist()
    [0.02, nan, 0.04, 0.012]
    """
    from scipy.stats import false_discovery_control

    if method not in {"holm", "bh"}:
        raise ValueError(f'method is "holm" or "bh", not {method!r}')
    adjusted = np.array(p_values, dtype=float)
    tested = ~np.isnan(adjusted)
    if ((adjusted[tested] < 0) | (adjusted[tested] > 1)).any():
        raise ValueError("a p value lies between 0 and 1")
    if tested.any():
        adjusted[tested] = (_holm if method == "holm" else false_discovery_control)(adjusted[tested])
    return pd.Series(adjusted, index=p_values.index if isinstance(p_values, pd.Series) else None)


def _holm(p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    order = np.argsort(p)
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return np.minimum(steps, 1)[np.argsort(order)]


def _mid_p(table: pd.DataFrame) -> npt.NDArray[np.float64]:
    """The central mid-p of each row, from the hypergeometric distribution of `n2` given the margins."""
    from scipy.stats import hypergeom

    n1, of1, n2, of2 = table[["n1", "of1", "n2", "of2"]].to_numpy(dtype=np.int64).T
    chance = hypergeom(of1 + of2, n1 + n2, of2)
    half = chance.pmf(n2) / 2
    tail: npt.NDArray[np.float64] = np.minimum(chance.cdf(n2) - half, chance.sf(n2) + half)
    return np.minimum(2 * tail, 1)


def _permutation_p(before: npt.NDArray[np.int64], after: npt.NDArray[np.int64]) -> float:
    """The share of all ways to draw the smaller group whose rank sum lies as far out as the one seen.

    Counted in whole numbers (ranks are doubled, ties have the middle rank), so no tie is decided by rounding.
    """
    cases = before + after
    smaller = min(before, after, key=np.sum)
    size, ranks = int(smaller.sum()), 2 * np.cumsum(cases) - cases + 1
    ways = Counter({(0, 0): 1})
    for available, rank in zip(cases.tolist(), ranks.tolist(), strict=True):
        drawn: Counter[tuple[int, int]] = Counter()
        for (taken, score), count in ways.items():
            for more in range(min(available, size - taken) + 1):
                drawn[taken + more, score + more * rank] += count * math.comb(available, more)
        ways = drawn
    middle = size * (int(cases.sum()) + 1)
    seen = abs(int(smaller @ ranks) - middle)
    as_far = sum(count for (taken, score), count in ways.items() if taken == size and abs(score - middle) >= seen)
    return as_far / math.comb(int(cases.sum()), size)
