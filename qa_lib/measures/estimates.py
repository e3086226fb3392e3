"""And for the whole service?

Cases are drawn from each stratum (a service, or a service in one month), not
always in proportion to it, so the raw share of the audits is not the share of
the cases. Here each audit counts for the cases that it stands for, N / n of
its stratum, and the interval allows for how the sample was drawn. What no
audit speaks for is named, never guessed.

Where a question applies to some cases only, nobody knows beforehand to how
many. The audits to which it does not apply therefore stay in the sample, as
not relevant (a domain estimate).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from qa_lib.measures.shares import exact_interval, wilson_interval
from qa_lib.settings.scale import GradeScale

Array = npt.NDArray[np.float64]
METHODS = ("logit", "wilson", "korn_graubard")


@dataclass(frozen=True)
class Estimate:
    """A share of all cases, estimated from a stratified sample of them. NaN means unknown.

    `share, low, high` are weighted, 0 to 1; `n` of `of` are audits as counted,
    and `left_out` those to which the question does not apply. `se` allows for
    the number of cases being finite, `se_ignoring_fpc` does not. `df` are the
    relevant audits less the strata that hold one.

    `population_covered` is the share of all cases that lie in strata with an
    audit; `strata_missing` are the others. `strata_of_one` had one audit of
    several cases, which cannot say how much cases differ there.

    `status` is the first of these that holds:
    "no_data", no relevant audit;
    "census", every case was audited, so that a width of zero is right;
    "degenerate_se_zero", the audits of each stratum agree: the interval is that of a simple random sample;
    "single_case_stratum", there are `strata_of_one`: `se` is cautious;
    "partial_coverage", there are `strata_missing`, for which the estimate does not speak;
    "ok".
    """

    share: float
    low: float
    high: float
    se: float
    se_ignoring_fpc: float
    df: int
    n: int
    of: int
    left_out: int
    population_covered: float
    strata_missing: tuple[Any, ...]
    strata_of_one: tuple[Any, ...]
    status: str


def weighted_share(
    rows: pd.DataFrame, population: pd.Series[Any], level: float = 0.95, method: str = "logit"
) -> Estimate:
    """The share of all cases that meet something, from a stratified random sample of them.

    With weight w = N / n of the stratum, d = 1 where the question applies and
    y = 1 where it is met: share p = sum(w d y) / sum(w d), and its linearised
    variance is the sum over strata of (1 - n/N) n/(n - 1) sum (u - mean u)^2,
    where u = w d (y - p) / sum(w d).

    A stratum of one audit cannot say how its cases differ. It is set against
    the whole service's share instead, which on average makes its variance too
    large and not 0 ("adjust" in R's survey package). If the stratum is that one
    case, its variance is 0.

    Parameters
    ----------
    rows : DataFrame, one row an audit: `stratum`; booleans `hit` and `applies` (`hit` counts only where it applies)
    population : number of cases N by stratum, every stratum of the service; months are pooled as month x service
    level : coverage, between 0 and 1
    method : of the interval, each with Student's t: "logit"; "wilson", the score interval of an effective sample
        size p (1 - p) / se^2; "korn_graubard", the exact interval of that size, the most cautious (as in R's
        survey package, the size may pass the number of audits)

    Raises
    ------
    ValueError : an unknown method; `population` no counts of distinct strata; a row of no such stratum; more audits
        than cases; `hit` or `applies` not True or False.

    Source: Cochran (1977), Sampling Techniques, ch. 5; Korn and Graubard (1998), Survey Methodology 24:193-201;
    Franco et al. (2019), Journal of Survey Statistics and Methodology 7:334-364.

    Example
    -------
    >>> rows = pd.DataFrame({"stratum": ["A"] * 10 + ["B"] * 20, "applies": True})
    >>> rows["hit"] = [True] * 4 + [False] * 6 + [True] * 15 + [False] * 5
    >>> estimate = weighted_share(rows, pd.Series({"A": 200, "B": 600}))
    >>> estimate.n, estimate.of, round(estimate.share, 4), round(estimate.se, 4)
    (19, 30, 0.6625, 0.0834)
    """
    if method not in METHODS:
        raise ValueError(f"method is one of {', '.join(METHODS)}")
    cases, audits, relevant, met = _counts(rows, population)
    sampled = audits > 0
    share, se, se_ignoring_fpc = _share_and_errors(cases[sampled], audits[sampled], relevant[sampled], met[sampled])
    of, df = int(relevant.sum()), int((relevant - (relevant > 0)).sum())
    census = bool((audits == cases)[sampled].all())
    low, high = (share, share) if census or not of else _interval(share, se, df, of, level, method)
    missing = tuple(population.index[(cases > 0) & ~sampled])
    of_one = tuple(population.index[(audits == 1) & (cases > 1)])
    statuses = {
        "no_data": not of,
        "census": census and not missing,
        "degenerate_se_zero": se == 0 and not census,
        "single_case_stratum": bool(of_one),
        "partial_coverage": bool(missing),
        "ok": True,
    }
    return Estimate(
        share=share,
        low=low,
        high=high,
        se=se,
        se_ignoring_fpc=se_ignoring_fpc,
        df=df,
        n=int(met.sum()),
        of=of,
        left_out=len(rows) - of,
        population_covered=float(cases[sampled].sum() / cases.sum()) if cases.any() else math.nan,
        strata_missing=missing,
        strata_of_one=of_one,
        status=next(status for status, holds in statuses.items() if holds),
    )


def weighted_grades(
    rows: pd.DataFrame, population: pd.Series[Any], scale: GradeScale, level: float = 0.95, method: str = "logit"
) -> dict[str, Estimate]:
    """The share of all cases at each grade, best grade first; the shares add up to 1.

    `rows` has one row an audit, with `stratum` and `grade`. Grades off the
    council's `scale` and blank ones are left out. The rest is as for `weighted_share`.
    """
    flags = pd.DataFrame({"stratum": rows["stratum"], "applies": rows["grade"].isin(scale.labels)})
    return {
        grade: weighted_share(flags.assign(hit=rows["grade"].eq(grade)), population, level, method)
        for grade in scale.labels
    }


def _counts(rows: pd.DataFrame, population: pd.Series[Any]) -> tuple[Array, Array, Array, Array]:
    """Of each stratum of the population: its cases, audits, relevant audits, and those that meet it."""
    cases = population.to_numpy(dtype=float)
    if not (population.index.is_unique and np.isfinite(cases).all() and (cases >= 0).all()):
        raise ValueError("`population` holds the number of cases, 0 or more, of each of distinct strata")
    stratum = population.index.get_indexer(pd.Index(rows["stratum"]))
    if (stratum < 0).any():
        raise ValueError(f"{(stratum < 0).sum()} of {len(rows)} rows have a stratum that `population` does not hold")
    applies = _flags(rows, "applies")
    chosen = (slice(None), applies, applies & _flags(rows, "hit"))
    audits, relevant, met = (np.bincount(stratum[which], minlength=len(cases)).astype(float) for which in chosen)
    if (audits > cases).any():
        raise ValueError(f"{(audits > cases).sum()} strata have more audits than cases: an audited case counts once")
    return cases, audits, relevant, met


def _flags(rows: pd.DataFrame, column: str) -> npt.NDArray[np.bool_]:
    if len(rows) and not pd.api.types.is_bool_dtype(rows[column]):
        raise ValueError(f"`{column}` holds True or False and nothing else")
    return rows[column].to_numpy(dtype=bool)


def _share_and_errors(cases: Array, audits: Array, relevant: Array, met: Array) -> tuple[float, float, float]:
    """The share and its standard errors, with finite population correction and without, from strata with audits.

    The sums of squares are rearranged so that nothing cancels: strata whose audits agree give 0, not nearly 0.
    """
    weight = cases / audits
    total = float(weight @ relevant)
    if not total:
        return math.nan, math.nan, math.nan
    share = float(weight @ met) / total
    about_share = met * (1 - share) ** 2 + (relevant - met) * share**2
    about_mean = (met * (relevant - met) + (audits - relevant) * about_share) / np.maximum(audits - 1, 1)
    variance = np.where(audits > 1, about_mean, about_share) * (weight / total) ** 2
    return share, math.sqrt(variance @ (1 - audits / cases)), math.sqrt(variance.sum())


def _interval(share: float, se: float, df: int, of: int, level: float, method: str) -> tuple[float, float]:
    """The interval of a share that a sample gives; where `se` is 0, that of a simple random sample of `of` audits.

    Wilson's depends on size / quantile^2 alone, so a smaller size is the same as Student's t for the normal quantile.
    """
    from scipy.special import expit, logit, stdtrit

    upper, size = (1 + level) / 2, float(of)
    if se > 0:
        if df == 0:
            return 0.0, 1.0
        t = float(stdtrit(df, upper))
        if method == "logit":
            half = t * se / (share * (1 - share))
            return float(expit(logit(share) - half)), float(expit(logit(share) + half))
        usual = NormalDist().inv_cdf(upper) if method == "wilson" else float(stdtrit(of - 1, upper))
        size = share * (1 - share) / se**2 * (usual / t) ** 2
    interval = exact_interval if method == "korn_graubard" else wilson_interval
    row = interval(pd.Series([share * size]), pd.Series([size]), level).iloc[0]
    return float(row["low"]), float(row["high"])
