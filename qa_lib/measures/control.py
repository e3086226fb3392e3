"""What is the chart's expected range?

A control chart sets each month beside the centre of all months and beside how
far chance alone would take it. Months within the limits differ by noise; what
stands out is found by the rules in `trend`, and marked in the same table.

With under 8 months there is no such range, only dots. From 8 there is a run
chart: a median and no limits. From 13 there are limits: a p chart for shares,
as some months have more audits than others, and an XmR chart for anything
else. Limits are drawn anew only from a point that somebody names, for a reason
that the chart then states.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from qa_lib.measures.trend import Improve, sides, special_causes

FEWEST_FOR_A_RUN_CHART = 8
FEWEST_FOR_LIMITS = 13
_STATUS = {"none": "too_few", "run_chart": "trial_limits", "limits": "ok"}


def chart_allowed(points: int) -> str:
    """What so many months may be drawn as: "none" (dots only), "run_chart", "limits".

    >>> [chart_allowed(points) for points in (7, 8, 12, 13)]
    ['none', 'run_chart', 'run_chart', 'limits']
    """
    if points < FEWEST_FOR_A_RUN_CHART:
        return "none"
    return "run_chart" if points < FEWEST_FOR_LIMITS else "limits"


def run_chart(values: npt.ArrayLike, improve: Improve = None) -> pd.DataFrame:
    """Months beside their median, and how often they cross it.

    Half of the months lie on each side of their own median, so that no run of seven can be seen in under 14 of
    them. What can be seen from about 10 is that they cross it too seldom.

    Parameters
    ----------
    values : one a month, in order of time; NaN or None for a month without
    improve : as for `xmr`

    Returns
    -------
    DataFrame as for `xmr`, with no limits (NaN), and
        `run`: which run a month belongs to, from 1, neighbours on one side of the median; 0 if on it, or missing;
        `few_runs`: True, for all of them, if there are fewer crossings than in 95 of 100 series of pure noise.
        `status`: "ok", "too_few" (under 8 months), "no_data" (this month is missing).

    Source: Anhøj and Olesen (2014), PLOS ONE 9:e113825, for the crossings.
    """
    from scipy.stats import binom

    points = _points(values, ())
    chart = _chart(points.assign(centre=points["value"].median(), sigma=np.nan), values, improve, None)
    side = sides(chart["value"].to_numpy(), chart["centre"].to_numpy())
    useful = side != 0
    crossed = np.diff(side[useful]) != 0
    run = np.zeros(len(chart), dtype=np.int64)
    run[useful] = np.cumsum(np.concatenate([[1], crossed]))[: useful.sum()]
    expected = binom.ppf(0.05, max(int(useful.sum()) - 1, 0), 0.5)
    return chart.assign(
        run=run, few_runs=crossed.sum() < expected, status=chart["status"].replace("trial_limits", "ok")
    )


def xmr(
    values: npt.ArrayLike,
    improve: Improve = None,
    target: float | None = None,
    rebase_at: Iterable[int] = (),
    screen: bool = True,
) -> pd.DataFrame:
    """Months beside their mean and the limits of noise, for figures that are not shares (an XmR chart).

    Limits are the mean plus and minus 2.66 mean moving ranges, the steps from month to month. The limits of a
    percentage can pass 0 or 100.

    Parameters
    ----------
    values : one a month, in order of time; NaN or None for a month without
    improve : whether "up" or "down" is better; None where neither is
    target : what is to be reached, in the units of the values
    rebase_at : numbers of the points, counted from 1, from which centre and limits are drawn anew
    screen : leave out moving ranges above 3.267 times their mean, once, so that one odd month does not widen the
        limits for all (as NHSRplotthedots does; the NHS's spreadsheet does not)

    Returns
    -------
    DataFrame with the index of `values`, one row a month:
        `point` (from 1), `segment` (from 1, the next after each rebasing), `value`, `centre`, `sigma` (a third of the
        way to a limit), `lower`, `upper`; NaN where unknown;
        `status`: "ok"; "trial_limits" (8 to 12 months in the segment); "too_few" (under 8); "no_data" (this month);
        the booleans and `cause` of `special_causes`;
        `assurance`, by the limits of each month, of which the last counts: "consistent_pass" or "consistent_fail"
        (the target lies beyond them); "inconsistent" (between them); "none" (no target, no direction or no limits).

    Raises
    ------
    ValueError : no such direction, or no such point to rebase at.

    Source: NHS England, Making Data Count, as coded in NHSRplotthedots 0.2.2; Wheeler (1993), Understanding Variation.
    """
    points = _points(values, rebase_at)
    ranges = _moving_ranges(points["value"], points["segment"])
    mean_range = _segment_mean(ranges, points["segment"])
    if screen:
        screened = _segment_mean(ranges.where(ranges <= 3.267 * mean_range), points["segment"])
        mean_range = screened.where(screened > 0, mean_range)
    centre = _segment_mean(points["value"], points["segment"])
    return _chart(points.assign(centre=centre, sigma=2.66 / 3 * mean_range), values, improve, target)


def p_chart(
    n: npt.ArrayLike,
    of: npt.ArrayLike,
    improve: Improve = None,
    target: float | None = None,
    rebase_at: Iterable[int] = (),
) -> pd.DataFrame:
    """Monthly shares beside the share of all months together and the limits of noise (a p chart).

    The limits move because a month of few audits swings further. They are cut at 0 and 1.

    Parameters
    ----------
    n, of : counts of each month, in order of time; a month without audits has no share and no limits
    improve, rebase_at : as for `xmr`
    target : share, 0 to 1

    Returns
    -------
    DataFrame as for `xmr`, with `value, centre, lower, upper` from 0 to 1.

    Source: Montgomery (2013), Introduction to Statistical Quality Control, ch. 7.
    """
    return _chart(_shares(n, of, rebase_at), n, improve, target).pipe(_cut)


def laney_p(
    n: npt.ArrayLike,
    of: npt.ArrayLike,
    improve: Improve = None,
    target: float | None = None,
    rebase_at: Iterable[int] = (),
) -> pd.DataFrame:
    """The p chart with limits that also allow for how shares differ from month to month beyond chance (p').

    For months of several hundred audits and a `sigma_z` well above 1 only: there the limits of a plain p chart
    are too narrow. With fewer audits `sigma_z` is mostly noise.

    Returns
    -------
    DataFrame as for `p_chart`, and `sigma_z`, how many times as wide the limits are as those of the p chart.

    Source: Laney (2002), Quality Engineering 14:531-537.
    """
    points = _shares(n, of, rebase_at)
    scaled = (points["value"] - points["centre"]) / points["sigma"].where(points["sigma"] > 0)
    ranges = _moving_ranges(scaled, points["segment"])
    sigma_z = _segment_mean(ranges, points["segment"]) / 1.128
    sigma = points["sigma"] * sigma_z.mask(points["sigma"] == 0, 1)
    return _chart(points.assign(sigma=sigma, sigma_z=sigma_z), n, improve, target).pipe(_cut)


def _points(values: npt.ArrayLike, rebase_at: Iterable[int]) -> pd.DataFrame:
    value = np.asarray(values, dtype=float)
    point = np.arange(1, len(value) + 1)
    starts = sorted(set(rebase_at))
    if starts and not 1 < starts[0] <= starts[-1] <= len(value):
        raise ValueError(f"rebase_at names points from 2 to {len(value)}, not {starts}")
    return pd.DataFrame({"point": point, "segment": 1 + np.searchsorted(starts, point, side="right"), "value": value})


def _shares(n: npt.ArrayLike, of: npt.ArrayLike, rebase_at: Iterable[int]) -> pd.DataFrame:
    met, audits = (pd.Series(np.asarray(counts, dtype=float)) for counts in (n, of))
    held = (audits > 0) & met.notna()
    met, audits = met.where(held), audits.where(held)
    points = _points((met / audits).to_numpy(), rebase_at)
    centre = met.groupby(points["segment"]).transform("sum") / audits.groupby(points["segment"]).transform("sum")
    return points.assign(centre=centre, sigma=np.sqrt(centre * (1 - centre) / audits))


def _moving_ranges(values: pd.Series[float], segment: pd.Series[int]) -> pd.Series[float]:
    """The step from each month to the next that has a figure, none from one segment to the next."""
    return values.dropna().groupby(segment).diff().abs().reindex(values.index)


def _segment_mean(values: pd.Series[float], segment: pd.Series[int]) -> pd.Series[float]:
    return values.groupby(segment).transform("mean")


def _chart(points: pd.DataFrame, like: npt.ArrayLike, improve: Improve, target: float | None) -> pd.DataFrame:
    """Points with centre and sigma, made into the chart that every function here returns."""
    known = points["value"].notna()
    months = known.groupby(points["segment"]).transform("sum")
    lower, upper = points["centre"] - 3 * points["sigma"], points["centre"] + 3 * points["sigma"]
    status = months.map(chart_allowed).map(_STATUS).where(known, "no_data")
    chart = special_causes(points.assign(lower=lower, upper=upper, status=status), improve)
    chart = chart.assign(assurance=_assurance(lower, upper, improve, target))
    return chart.set_axis(like.index) if isinstance(like, pd.Series) else chart


def _cut(chart: pd.DataFrame) -> pd.DataFrame:
    return chart.assign(lower=chart["lower"].clip(lower=0), upper=chart["upper"].clip(upper=1))


def _assurance(
    lower: pd.Series[float], upper: pd.Series[float], improve: Improve, target: float | None
) -> npt.NDArray[np.str_]:
    aim = np.nan if target is None or improve is None else target
    beyond = ("consistent_fail", "consistent_pass")
    above, below = beyond if improve == "up" else beyond[::-1]
    cases = [aim > upper, aim < lower, (aim >= lower) & (aim <= upper)]
    return np.select(cases, [above, below, "inconsistent"], "none")
