"""How many, out of how many?

The measure table: one row a group, with `n` out of `of`, the `share`, and the
95% interval `low` to `high`. `n` never travels without `of`. What was left out
of the base is counted beside it. Nothing is rounded here, NaN means unknown
and 0 means that none was counted.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from qa_lib.settings.scale import NOT_RECORDED, GradeScale

MEASURES = ["n", "of", "left_out", "share", "low", "high"]
ANSWERS = ("Yes", "Partly", "No")
"""The answers to a standard that enter a share."""
NOT_APPLICABLE = "Not applicable"


def wilson_interval(n: pd.Series[Any], of: pd.Series[Any], level: float = 0.95) -> pd.DataFrame:
    """The share `n / of` and its Wilson score interval, without continuity correction.

    Written out rather than taken from a library because the disclosure gate
    needs it for a share whose exact counts are hidden (`n` not a whole number),
    and because no library answers `of` = 0 without a warning or an error.

    Parameters
    ----------
    n, of : Series of counts with one index; 0 <= n <= of
    level : coverage, between 0 and 1

    Returns
    -------
    DataFrame with the same index: `share, low, high` (0 to 1); NaN where `of` is 0.

    Source: Wilson (1927), JASA 22:209-212.

    Example
    -------
    >>> wilson_interval(pd.Series([81, 0]), pd.Series([263, 0])).round(4)
       share     low    high
    0  0.308  0.2553  0.3662
    1    NaN     NaN     NaN
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    base = of.astype(float).where(of > 0)
    share = n / base
    centre = (share + z**2 / (2 * base)) / (1 + z**2 / base)
    half = z / (1 + z**2 / base) * np.sqrt(share * (1 - share) / base + z**2 / (4 * base**2))
    low = (centre - half).clip(lower=0).mask(share == 0, 0.0)
    high = (centre + half).clip(upper=1).mask(share == 1, 1.0)
    return pd.DataFrame({"share": share, "low": low, "high": high}, dtype=float)


def counted_whole(table: pd.DataFrame) -> pd.DataFrame:
    """A measure table from `n` and `of` of everything there is: nothing is sampled, so that there is no interval.

    `left_out` is none where the table does not hold it; a share of nothing is NaN.

    >>> counted_whole(pd.DataFrame({"group": ["a", "b"], "n": [3, 0], "of": [4, 0]}))[["group", "left_out", "share"]]
      group  left_out  share
    0     a         0   0.75
    1     b         0    NaN
    """
    found = table if "left_out" in table else table.assign(left_out=0)
    found = found.assign(share=table["n"] / table["of"].where(table["of"] > 0), low=np.nan, high=np.nan)
    return found[[*(column for column in table if column not in MEASURES), *MEASURES]]


def exact_interval(n: pd.Series[Any], of: pd.Series[Any], level: float = 0.95) -> pd.DataFrame:
    """The share `n / of` and its exact (Clopper-Pearson) interval.

    More cautious than Wilson's: it covers the true share at least as often as
    `level` says, whatever that share is, and is wider for it. `n` and `of`
    need not be whole, because an effective sample size is not.

    Parameters
    ----------
    n, of : Series of counts with one index; 0 <= n <= of
    level : coverage, between 0 and 1

    Returns
    -------
    DataFrame with the same index: `share, low, high` (0 to 1); NaN where `of` is 0.

    Source: Clopper and Pearson (1934), Biometrika 26:404-413, by quantiles of the beta distribution.

    Example
    -------
    >>> exact_interval(pd.Series([81, 0]), pd.Series([263, 0])).round(4)
       share     low    high
    0  0.308  0.2527  0.3676
    1    NaN     NaN     NaN
    """
    from scipy.special import betaincinv

    base = of.astype(float).where(of > 0)
    share, rest = n / base, base - n
    low = pd.Series(betaincinv(n, rest + 1, (1 - level) / 2), index=n.index).mask(share == 0, 0.0)
    high = pd.Series(betaincinv(n + 1, rest, (1 + level) / 2), index=n.index).mask(share == 1, 1.0)
    return pd.DataFrame({"share": share, "low": low, "high": high}, dtype=float)


def share_good_or_better(gradings: pd.DataFrame, scale: GradeScale, by: str | list[str] = "domain") -> pd.DataFrame:
    """Share of gradings that are good or better, one row a group.

    A grading is one auditor's judgement of one domain in one audit. Gradings
    off the scale ("Not applicable") and blank ones ("Not recorded") leave the
    denominator and are counted in `left_out`, so `of + left_out` is every
    grading received.

    Parameters
    ----------
    gradings : DataFrame, one row an audit and domain; needs `grade` and the columns named in `by`
    scale : the council's own
    by : a column such as "domain" or "month", or several; the first becomes `group`

    Returns
    -------
    DataFrame in the measure shape, in category order: `group` (and the further
    keys); `n, of, left_out` (counts of gradings); `share, low, high` (0 to 1).

    Raises
    ------
    KeyError : a column of `by` is not there.

    Example
    -------
    >>> scale = GradeScale(labels=("Good", "Inadequate"), lowest_good="Good")
    >>> gradings = pd.DataFrame({"domain": ["Plan"] * 4, "grade": ["Good", "Inadequate", "Good", "Not applicable"]})
    >>> share_good_or_better(gradings, scale).round(2)
      group  n  of  left_out  share   low  high
    0  Plan  2   3         1   0.67  0.21  0.94
    """
    on_scale = gradings["grade"].isin(scale.labels)
    return count_shares(gradings, gradings["grade"].isin(scale.good_or_better), on_scale, by)


def count_shares(rows: pd.DataFrame, hit: pd.Series[Any], counted: pd.Series[Any], by: str | list[str]) -> pd.DataFrame:
    """A measure table from yes/no rows: `hit` of `counted`, the rest of each group left out.

    The one place where rows become a share, whatever is counted.
    """
    keys = [by] if isinstance(by, str) else list(by)
    flags = rows[keys].assign(
        n=(hit & counted).astype("int64"), of=counted.astype("int64"), left_out=(~counted).astype("int64")
    )
    table = flags.groupby(keys, observed=False)[["n", "of", "left_out"]].sum().reset_index()
    table = table.rename(columns={keys[0]: "group"})
    return table.join(wilson_interval(table["n"], table["of"]))


def grade_distribution(gradings: pd.DataFrame, scale: GradeScale, by: str = "domain") -> pd.DataFrame:
    """How often each grade was given, one row a group and grade.

    Returns
    -------
    DataFrame in the measure shape with keys `group, grade`, best grade first:
    `n` gradings of that grade out of `of` on the scale; `left_out` off it or
    not recorded (the same for every grade of a group).

    Example
    -------
    >>> scale = GradeScale(labels=("Good", "Inadequate"), lowest_good="Good")
    >>> gradings = pd.DataFrame({"domain": ["Plan"] * 3, "grade": ["Good", "Inadequate", "Good"]})
    >>> grade_distribution(gradings, scale)[["group", "grade", "n", "of"]]
      group       grade  n  of
    0  Plan        Good  2   3
    1  Plan  Inadequate  1   3
    """
    counts = share_good_or_better(gradings, scale, by)[["group", "of", "left_out"]]
    parts: list[pd.DataFrame] = []
    for grade in scale.labels:
        n = gradings["grade"].eq(grade).groupby(gradings[by], observed=False).sum()
        parts.append(counts.assign(grade=grade, n=counts["group"].map(n).astype("int64"), order=len(parts)))
    table = pd.concat(parts).rename_axis("row").sort_values(["row", "order"]).reset_index(drop=True)
    return table.join(wilson_interval(table["n"], table["of"]))[["group", "grade", *MEASURES]]


def standards_met(rows: pd.DataFrame, by: str | list[str] = "standard") -> pd.DataFrame:
    """How often each answer was given to a practice standard, one row a group and answer.

    A standard that does not apply to a case says nothing of practice, and a
    blank answer ("Not recorded") says nothing at all. Both are counted in
    `left_out`, so the share is of the cases to which the standard applied
    (a domain estimate) and `of + left_out` is every answer received.

    Parameters
    ----------
    rows : DataFrame, one row an audit and standard
        `answer` is "Yes", "Partly", "No", "Not applicable" or blank; with the columns named in `by`.
    by : a column such as "standard" or "service", or several; the first becomes `group`

    Returns
    -------
    DataFrame in the measure shape with keys `group` (the further keys) and
    `answer`, in the order of `ANSWERS`.

    Raises
    ------
    ValueError : an answer that is none of these.

    Example
    -------
    >>> rows = pd.DataFrame({"standard": ["Visits on time"] * 4, "answer": ["Yes", "Yes", "No", "Not applicable"]})
    >>> standards_met(rows)[["group", "answer", "n", "of", "left_out"]]
                group  answer  n  of  left_out
    0  Visits on time     Yes  2   3         1
    1  Visits on time  Partly  0   3         1
    2  Visits on time      No  1   3         1
    """
    answers, counted = rows["answer"], rows["answer"].isin(ANSWERS)
    unknown = int((~counted & answers.notna() & ~answers.isin([NOT_APPLICABLE, NOT_RECORDED, ""])).sum())
    if unknown:
        raise ValueError(f"{unknown} of {len(rows)} answers are not one of {', '.join(ANSWERS)}, {NOT_APPLICABLE}")
    parts = [count_shares(rows, answers.eq(answer), counted, by).assign(answer=answer) for answer in ANSWERS]
    table = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    return table[[*table.columns.difference([*MEASURES, "answer"], sort=False), "answer", *MEASURES]]
