"""Do auditors agree?

Two auditors grade the same cases, the second without sight of the first's
grades. Exact agreement is read first, then agreement within one grade, then
the coefficients, which ask how much more that is than chance would give:

- Cohen's **kappa** lets each auditor give grades as often as they did. Where
  nearly every case has one grade it falls to 0 although nearly all pairs agree.
- Gwet's **AC1** and **AC2** do not fall then, and are read beside kappa.
- Krippendorff's **alpha** takes any number of auditors, with gaps.

A weight says how much a near miss counts, over the whole scale, whether or not
each grade was given. Agreement is not truth: two auditors can both be lenient.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from qa_lib.measures.shares import wilson_interval

Array = npt.NDArray[np.float64]
Weights = Literal["exact", "linear", "quadratic"]
Chance = Literal["gwet", "fleiss"]
Level = Literal["nominal", "ordinal", "interval"]
WEIGHTS: tuple[Weights, ...] = ("exact", "linear", "quadratic")

FEWEST = 20  # with fewer pairs a coefficient's interval reaches from poor agreement to good


class Coefficient(NamedTuple):
    """A measure of agreement and its interval, which stops at 1. NaN means unknown.

    `se` is NaN for a share. Where it is 0, as when all pairs agree, the interval
    is unknown: such pairs do not say how often others would not agree.
    """

    value: float
    low: float
    high: float
    se: float = math.nan


UNKNOWN = Coefficient(math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Agreement:
    """How two auditors' grades of the same cases agree.

    `pairs` have two grades on the scale, `left_out` do not. In `better` of them
    the second grade was better than the first, in `worse` worse. `exact` and
    `within_one` are shares of the pairs. `kappa` and `gwet` (AC1 where exact, else
    AC2) have one coefficient a weight: 1 is full agreement, 0 what chance gives.
    `status` is "no_data" (no pair), "too_few" (the coefficients are withheld),
    "constant" (all grades are the same: the kappas are undefined) or "ok".
    """

    status: str
    pairs: int
    left_out: int
    same: int
    better: int
    worse: int
    exact: Coefficient
    within_one: Coefficient
    kappa: dict[Weights, Coefficient]
    gwet: dict[Weights, Coefficient]


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's alpha over `units` with two ratings or more; `status` as for `Agreement`, NaN unless "ok"."""

    status: str
    units: int
    value: float


def agreement(
    first: pd.Series[Any], second: pd.Series[Any], labels: Sequence[str], level: float = 0.95, fewest: int = FEWEST
) -> Agreement:
    """Agreement of two auditors on the same cases, paired by position.

    A case that only one of them graded is no pair. It still says how often the
    grades are given, and so enters the chance term of AC1 and AC2, as in Gwet.

    Parameters
    ----------
    first, second : grades of the same cases, in the same order (of one length, else ValueError); blank or off the
        scale is no grade
    labels : the scale, best first, two labels or more
    level : coverage of the intervals, between 0 and 1
    fewest : pairs below which no coefficient is given

    Source: Wilson (1927) for the shares; Cohen (1968), Psychological Bulletin 70:213-220, with the standard error of
    Fleiss, Cohen and Everitt (1969), 72:323-327, for kappa; Gwet (2014), Handbook of Inter-Rater Reliability, for AC.

    Example
    -------
    >>> first = pd.Series(["Good", "Good", "Good", "Inadequate"] * 10)
    >>> second = pd.Series(["Good", "Good", "Inadequate", "Inadequate"] * 10)
    >>> found = agreement(first, second, ("Good", "Inadequate"))
    >>> found.pairs, found.same, found.worse, round(found.exact.value, 2), round(found.kappa["exact"].value, 2)
    (40, 30, 10, 0.75, 0.5)
    """
    if len(first) != len(second):
        raise ValueError(f"pairs need as many second grades as first ones, not {len(second)} and {len(first)}")
    size = len(labels)
    ratings = np.column_stack([grade_codes(first, labels), grade_codes(second, labels)])
    paired = ratings[~np.isnan(ratings).any(axis=1)]
    pairs, steps = len(paired), paired[:, 1] - paired[:, 0]
    same, near = int((steps == 0).sum()), int((abs(steps) <= 1).sum())
    shares = wilson_interval(pd.Series([same, near]), pd.Series([pairs, pairs]), level).to_numpy().tolist()
    status, table = _status(pairs, fewest, values=len(np.unique(paired))), cross_table(paired, size)
    kappa = {w: _cohen(table, w, level) if status == "ok" else UNKNOWN for w in WEIGHTS}
    known = status in {"ok", "constant"}
    gwet = {w: chance_corrected(ratings, size, w, level=level) if known else UNKNOWN for w in WEIGHTS}
    return Agreement(
        status=status,
        pairs=pairs,
        left_out=len(first) - pairs,
        same=same,
        better=int((steps < 0).sum()),
        worse=int((steps > 0).sum()),
        exact=Coefficient(*shares[0]),
        within_one=Coefficient(*shares[1]),
        kappa=kappa,
        gwet=gwet,
    )


def chance_corrected(
    ratings: Array, size: int, weights: Weights = "exact", chance: Chance = "gwet", level: float = 0.95
) -> Coefficient:
    """Agreement of any number of auditors beyond chance: AC1 ("exact"), AC2 (weighted) or Fleiss' kappa.

    Unknown where fewer than two units were rated, none twice, or Fleiss' chance alone agrees fully.

    Parameters
    ----------
    ratings : units x raters, codes 0 to `size` - 1, NaN where a rater did not grade the unit
    size : number of grades on the scale, 2 or more
    weights, chance : how much a near miss counts; whose notion of chance
    level : coverage of the interval (Student's t, one less than the units)

    Source: Gwet (2008), British Journal of Mathematical and Statistical Psychology 61:29-48; Gwet (2014);
    Fleiss (1971), Psychological Bulletin 76:378-382.
    """
    from scipy.special import stdtrit

    weight = _weights(size, weights)
    counts = (ratings[:, :, None] == np.arange(size)).sum(axis=1)
    counts = counts[counts.sum(axis=1) > 0]
    units, raters = len(counts), counts.sum(axis=1)
    paired = raters >= 2
    if units < 2 or not paired.any():
        return UNKNOWN
    agreeing = (counts * (counts @ weight - 1)).sum(axis=1) / np.maximum(raters * (raters - 1), 1)
    shares = counts / raters[:, None]
    used = shares.mean(axis=0)
    per_grade = weight.sum() / (size * (size - 1)) * (1 - used) if chance == "gwet" else weight @ used
    expected = used @ per_grade
    if math.isclose(expected, 1):
        return UNKNOWN
    value = (agreeing[paired].mean() - expected) / (1 - expected)
    by_unit = units / paired.sum() * np.where(paired, agreeing - expected, 0)
    by_unit = (by_unit - 2 * (1 - value) * (shares @ per_grade - expected)) / (1 - expected)
    se = math.sqrt(((by_unit - value) ** 2).sum() / (units * (units - 1)))
    return _coefficient(value, se, float(stdtrit(units - 1, (1 + level) / 2)))


def krippendorff_alpha(ratings: Array, level: Level = "ordinal", fewest: int = FEWEST) -> Alpha:
    """Krippendorff's alpha: 1 less the disagreement seen over the disagreement by chance.

    Parameters
    ----------
    ratings : units x raters, numbers in the order of the grades, NaN where a rater did not grade the unit
    level : what sets two ratings apart: "nominal", any difference; "interval", its square; "ordinal", that of ranks
    fewest : units with two ratings or more below which alpha is withheld

    Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, University of Pennsylvania.

    Example
    -------
    >>> round(krippendorff_alpha(np.array([[0, 0], [0, 1], [1, 1], [np.nan, 1]]), "nominal", fewest=2).value, 3)
    0.444
    """
    values = np.unique(ratings[~np.isnan(ratings)])
    counts = (ratings[:, :, None] == values).sum(axis=1)
    counts = counts[counts.sum(axis=1) >= 2]
    status = _status(len(counts), fewest, values=int(counts.any(axis=0).sum()))
    if status != "ok":
        return Alpha(status, len(counts), math.nan)
    pairable = counts / (counts.sum(axis=1, keepdims=True) - 1)
    coincidences = counts.T @ pairable - np.diag(pairable.sum(axis=0))
    totals = coincidences.sum(axis=0)
    place = np.cumsum(totals) - totals / 2 if level == "ordinal" else values
    apart = np.subtract.outer(place, place)
    distance = (apart != 0).astype(float) if level == "nominal" else apart**2
    by_chance = totals @ distance @ totals / (totals.sum() - 1)
    return Alpha(status, len(counts), float(1 - (coincidences * distance).sum() / by_chance))


def grade_codes(grades: pd.Series[Any], labels: Sequence[str]) -> Array:
    """The place of each grade on the scale, 0 the best; NaN where it is blank or off the scale."""
    place = {label: float(code) for code, label in enumerate(labels)}
    return np.array([place.get(grade, math.nan) for grade in grades], dtype=float)


def cross_table(codes: Array, size: int) -> Array:
    """How many pairs of codes (pairs x 2) have each first code (rows) and second code (columns)."""
    table = np.zeros((size, size))
    np.add.at(table, tuple(codes.astype(int).T), 1)
    return table


def _status(count: int, fewest: int, values: int) -> str:
    if not count:
        return "no_data"
    return "too_few" if count < fewest else "ok" if values > 1 else "constant"


def _weights(size: int, weights: Weights) -> Array:
    apart = abs(np.subtract.outer(np.arange(size), np.arange(size))) / (size - 1)
    near: dict[Weights, Array] = {"exact": (apart == 0).astype(float), "linear": 1 - apart, "quadratic": 1 - apart**2}
    return near[weights]


def _cohen(table: Array, weights: Weights, level: float) -> Coefficient:
    # statsmodels' cohens_kappa has the same formula, but takes the root of a rounding error where all pairs agree.
    weight, shares = _weights(len(table), weights), table / table.sum()
    first, second = shares.sum(axis=1), shares.sum(axis=0)
    expected = first @ weight @ second
    value = ((weight * shares).sum() - expected) / (1 - expected)
    by_margins = np.add.outer(weight @ second, first @ weight)
    squares = (shares * (weight - by_margins * (1 - value)) ** 2).sum() - (value - expected * (1 - value)) ** 2
    se = math.sqrt(max(squares, 0) / table.sum()) / (1 - expected)
    return _coefficient(value, se, NormalDist().inv_cdf((1 + level) / 2))


def _coefficient(value: float, se: float, quantile: float) -> Coefficient:
    half = quantile * se if se > 1e-7 else math.nan
    return Coefficient(value=float(value), low=float(value - half), high=float(min(value + half, 1.0)), se=float(se))
