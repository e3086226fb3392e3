"""Is it more than noise?

Figures go up and down from month to month even where nothing has changed. What
is more than that shows as a special cause on a chart (the rules of the NHS
"Making Data Count"), or in a test of the whole series for a steady rise or
fall. Choose one beforehand: looking in every way finds something in anything.
Two months are no trend.

A month without audits says nothing. It is passed over as if the months beside
it were neighbours, and the time between them still counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Signs = npt.NDArray[np.int64]
Improve = Literal["up", "down"] | None

RULES = ("outside_limits", "trend_of_7", "two_of_three", "run_of_7")
"""Of a point that meets several the first says in which direction it stands out."""
CAUSES: dict[Improve, tuple[str, str]] = {
    "up": ("improving", "concerning"),
    "down": ("concerning", "improving"),
    None: ("high", "low"),
}
FEWEST_PERIODS = 3
FEW = 10
"""In a series shorter than this a p value by the normal curve is not to be relied on."""
_DECIMALS = 9
"""Figures that agree to so many places are equal: sums of decimal fractions are not exact."""


@dataclass(frozen=True)
class ShareTrend:
    """Whether shares rise (`z` above 0) or fall steadily. NaN means unknown.

    `status`: "ok"; "no_variation" (all or none throughout); "too_few" (audits in fewer than 3 periods); "no_data".
    """

    z: float
    p: float
    status: str


@dataclass(frozen=True)
class SeriesTrend:
    """Whether a series rises or falls: `s`, rises less falls over all pairs, and its `variance`. NaN means unknown.

    `p` is by the normal curve from `z`; `p_exact` is given, and to be preferred, for fewer than 10 figures that all
    differ. `slope` is the change from one period to the next, in the units of the figures.
    `status`: "ok"; "not_computable" (all equal); "too_few" (fewer than 3 figures); "no_data".
    """

    s: int
    variance: float
    z: float
    p: float
    p_exact: float
    slope: float
    status: str


def special_causes(chart: pd.DataFrame, improve: Improve = None) -> pd.DataFrame:
    """A control chart with what stands out on it. Each segment is looked at by itself.

    Parameters
    ----------
    chart : DataFrame, one row a period in order of time: `segment, value, centre, sigma`, as the charts of `control`
        `sigma` is a third of the way from the centre to a limit, NaN where there are no limits.
    improve : whether "up" or "down" is better; None where neither is

    Returns
    -------
    The same rows, with booleans
        `outside_limits`: more than 3 sigma from the centre;
        `trend_of_7`: one of seven points that all rise, or all fall;
        `two_of_three`: one of two or three points, of three in a row on one side of the centre, that lie between 2
        and 3 sigma from it;
        `run_of_7`: one of seven points in a row on one side of the centre. A point on the centre ends a run;
    and `cause`: "common" (noise); "improving" or "concerning"; "high" or "low" where `improve` is None; "no_data".

    Raises
    ------
    ValueError : `improve` is none of these.

    Source: NHS England, Making Data Count, as coded in NHSRplotthedots 0.2.2. Its rule of two in three is stricter
    than the Western Electric one: all three lie on one side, and points outside the limits do not count.
    """
    if improve not in CAUSES:
        raise ValueError(f'improve is "up", "down" or None, not {improve!r}')
    segment = chart["segment"].to_numpy()
    value, centre, sigma = chart[["value", "centre", "sigma"]].to_numpy(dtype=float).T
    known = ~np.isnan(value)
    signs = np.zeros((len(RULES), len(chart)), dtype=np.int64)
    for each in np.unique(segment):
        rows = known & (segment == each)
        signs[:, rows] = _signs(value[rows], centre[rows], sigma[rows])
    direction = np.zeros(len(chart), dtype=np.int64)
    for rule in signs[::-1]:
        direction = np.where(rule, rule, direction)
    cause = np.select([~known, direction > 0, direction < 0], ["no_data", *CAUSES[improve]], "common")
    return chart.assign(**dict(zip(RULES, signs != 0, strict=True)), cause=cause)


def trend_test(n: npt.ArrayLike, of: npt.ArrayLike, scores: npt.ArrayLike | None = None) -> ShareTrend:
    """Whether shares rise or fall steadily over three periods or more (Cochran-Armitage, two-sided).

    The variance is that of Cochran, with the number of audits N (as R's prop.trend.test). The linear-by-linear
    test has N - 1 instead, and a p value that is a little larger.

    Parameters
    ----------
    n, of : counts of each period, in order of time; a period without audits is passed over
    scores : when the periods were, such as 1, 2, 4 where the third month is not there; 1, 2, 3 and on if not given

    Source: Armitage (1955), Biometrics 11:375-386.

    Example
    -------
    >>> test = trend_test([26, 28, 27, 31, 30, 34, 33, 37], [50, 50, 48, 50, 49, 50, 50, 50])
    >>> round(test.z, 2), round(test.p, 4)
    (2.68, 0.0075)
    """
    met, audits = np.asarray(n, dtype=float), np.asarray(of, dtype=float)
    when = np.arange(1.0, len(audits) + 1) if scores is None else np.asarray(scores, dtype=float)
    held = (audits > 0) & ~np.isnan(met)
    met, audits, when = met[held], audits[held], when[held]
    if not held.any():
        return ShareTrend(math.nan, math.nan, "no_data")
    if len(np.unique(when)) < FEWEST_PERIODS:
        return ShareTrend(math.nan, math.nan, "too_few")
    share = met.sum() / audits.sum()
    if share in {0, 1}:
        return ShareTrend(math.nan, math.nan, "no_variation")
    apart = when - audits @ when / audits.sum()
    z = float(apart @ met / np.sqrt(share * (1 - share) * (audits @ apart**2)))
    return ShareTrend(z, _two_sided(z), "ok")


def mann_kendall(values: npt.ArrayLike) -> SeriesTrend:
    """Whether a series rises or falls, whatever the shape of the rise, with Sen's slope.

    Parameters
    ----------
    values : figures at equal distances in time, in order; NaN or None where there is none

    Source: Mann (1945), Econometrica 13:245-259; Kendall (1975), Rank Correlation Methods, for ties and the
    continuity correction; Sen (1968), Journal of the American Statistical Association 63:1379-1389.

    Example
    -------
    >>> trend = mann_kendall([51, 55, 53, 58, 60, 57])
    >>> trend.s, trend.slope, round(trend.p, 4), round(trend.p_exact, 4)
    (9, 1.5, 0.1329, 0.1361)
    """
    series = np.asarray(values, dtype=float)
    when = np.flatnonzero(~np.isnan(series))
    known = series[when].round(_DECIMALS)
    size = len(known)
    if size < FEWEST_PERIODS:
        return SeriesTrend(0, math.nan, math.nan, math.nan, math.nan, math.nan, "too_few" if size else "no_data")
    first, second = np.triu_indices(size, 1)
    slope = float(np.median((known[second] - known[first]) / (when[second] - when[first])))
    s = int(sides(known[second], known[first]).sum())
    ties = np.unique(known, return_counts=True)[1]
    variance = float(size * (size - 1) * (2 * size + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    if variance == 0:
        return SeriesTrend(s, variance, math.nan, math.nan, math.nan, slope, "not_computable")
    z = (s - (s > 0) + (s < 0)) / math.sqrt(variance)
    p_exact = _exact_p(known) if size < FEW and ties.max() == 1 else math.nan
    return SeriesTrend(s, variance, z, _two_sided(z), p_exact, slope, "ok")


def sides(value: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> Signs:
    """1 where a figure lies above the other, -1 below, 0 where they are equal (to nine decimals) or one is NaN."""
    return np.nan_to_num(np.sign((value - other).round(_DECIMALS))).astype(np.int64)


def _signs(value: npt.NDArray[np.float64], centre: npt.NDArray[np.float64], sigma: npt.NDArray[np.float64]) -> Signs:
    """One row a rule, in the order of `RULES`: 1 or -1 where a point meets it, upwards or downwards, else 0."""
    side, step = sides(value, centre), sides(value[1:], value[:-1])
    apart = np.abs(value - centre)
    outside = sides(apart, 3 * sigma) > 0
    near = ~outside & (sides(apart, 2 * sigma) > 0)
    pair = _alike(side, 3) * (_windows(near.astype(np.int64), 3).sum(axis=1) >= 2)
    return np.array(
        [
            side * outside,
            _cover(_alike(step, 6), 7, len(value)),
            _cover(pair, 3, len(value)) * near,
            _cover(_alike(side, 7), 7, len(value)),
        ]
    )


def _windows(marks: Signs, size: int) -> Signs:
    """Every `size` neighbours, one row each."""
    if len(marks) < size:
        return np.zeros((0, size), dtype=np.int64)
    windows: Signs = np.lib.stride_tricks.sliding_window_view(marks, size)
    return windows


def _alike(signs: Signs, size: int) -> Signs:
    """For every `size` neighbours their sign, if they all have one and the same, else 0."""
    sums = _windows(signs, size).sum(axis=1)
    return np.where(np.abs(sums) == size, np.sign(sums), 0)


def _cover(windows: Signs, size: int, length: int) -> Signs:
    """The sign of the last window that covers each point: at a peak the fall counts, not the rise before it."""
    covered = np.zeros(length, dtype=np.int64)
    for start in np.flatnonzero(windows):
        covered[start : start + size] = windows[start]
    return covered


def _two_sided(z: float) -> float:
    return math.erfc(abs(z) / math.sqrt(2))


def _exact_p(values: npt.NDArray[np.float64]) -> float:
    """The exact two-sided p of Kendall's S, for figures that all differ."""
    from scipy.stats import kendalltau

    return float(kendalltau(np.arange(len(values)), values, method="exact").pvalue)
