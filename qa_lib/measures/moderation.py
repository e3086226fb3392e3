"""What does a second look change?

A moderator grades some audits again. Three things follow: how grades move
(`shift`), what the grades of all audits would be had all been moderated
(`adjusted_grades`), and how severe each auditor is (`auditor_profiles`).

The second grade is taken as the truth here, though moderators err too. What it
says of audits that were not moderated depends on how the moderated ones were
chosen: only a random subset speaks for the rest.

A pair is one domain of one audit with its `first` and its `second` grade. Give
one domain at a time, or the overall grade: pairs are treated as independent,
and the domains of one audit tend to move together.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from qa_lib.measures.agreement import FEWEST, Array, cross_table, grade_codes
from qa_lib.measures.shares import wilson_interval
from qa_lib.settings.scale import GradeScale

EXPECTED, FOUND, OF_AUDITOR = 5, 2, 5
"""Pairs that a first grade needs to be corrected on its own, by its share of all audits and in fact; an auditor's."""


def shift(pairs: pd.DataFrame, scale: GradeScale, by: str = "domain", level: float = 0.95) -> pd.DataFrame:
    """How grades moved at the second look, one row a group.

    Parameters
    ----------
    pairs : DataFrame, one row an audit and domain; needs `first`, `second` and the column named in `by`
    scale : the council's own
    by : a column such as "domain", or "selection": audits chosen for their risk move otherwise than random ones

    Returns
    -------
    DataFrame in category order: `group`; `pairs` with both grades on the scale and `left_out`, the rest; `same,
    better, worse` at the second look (counts); `before, after`, the shares good or better (0 to 1); `difference`
    (after less before, -1 to 1) with `low, high`, as in `paired_difference`; `status`, "ok" or "no_data".

    Example
    -------
    >>> scale = GradeScale(labels=("Good", "Inadequate"), lowest_good="Good")
    >>> pairs = pd.DataFrame({"domain": ["Plan"] * 4, "first": ["Good"] * 3 + ["Inadequate"]})
    >>> pairs["second"] = ["Good", "Good", "Inadequate", "Inadequate"]
    >>> shift(pairs, scale)[["group", "pairs", "same", "worse", "before", "after"]]
      group  pairs  same  worse  before  after
    0  Plan      4     3      1    0.75    0.5
    """
    first, second = (grade_codes(pairs[column], scale.labels) for column in ("first", "second"))
    counted, good = ~np.isnan(first + second), len(scale.good_or_better)
    was, became = counted & (first < good), counted & (second < good)
    moved = {"same": first == second, "better": second < first, "worse": second > first}
    looks = {"both": was & became, "first_only": was & ~became, "second_only": became & ~was}
    flags = pd.DataFrame({"pairs": counted, "left_out": ~counted} | moved | looks, index=pairs.index)
    table = flags.astype("int64").groupby(pairs[by], observed=False).sum()
    table = table.rename_axis("group").reset_index()
    table = table.join(paired_difference(table, level))
    table["status"] = np.where(table["pairs"] > 0, "ok", "no_data")
    return table.drop(columns=list(looks))


def paired_difference(counts: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Difference of two shares of the same cases, each judged twice (the counts of McNemar's test).

    `counts` has `pairs`, of which `both` are yes at both looks, `first_only` and `second_only` at one of them. The
    table has its index, and `before, after, difference, low, high`; NaN where there are no pairs.

    Source: Newcombe (1998), Statistics in Medicine 17:2635-2650, method 10: Wilson's intervals, squared and added,
    with their correlation estimated by phi after a correction for continuity.

    Example
    -------
    >>> paired_difference(pd.DataFrame({"pairs": [21], "both": [1], "first_only": [1], "second_only": [7]})).round(3)
       before  after  difference    low   high
    0   0.095  0.381       0.286  0.026  0.507
    """
    n, both, lost, won = (counts[name].astype(float) for name in ("pairs", "both", "first_only", "second_only"))
    before, after = wilson_interval(both + lost, n, level), wilson_interval(both + won, n, level)
    cross = both * (n - both - lost - won) - lost * won
    margins = (both + lost) * (n - both - lost) * (both + won) * (n - both - won)
    corrected = cross.clip(upper=0) + (cross - n / 2).clip(lower=0)
    phi = corrected / margins.where(margins > 0, np.inf) ** 0.5

    def reach(one: pd.Series[Any], other: pd.Series[Any]) -> pd.Series[Any]:
        return (one**2 - 2 * phi * one * other + other**2) ** 0.5

    shares = pd.DataFrame({"before": before["share"], "after": after["share"]})
    difference = shares["after"] - shares["before"]
    low = difference - reach(after["share"] - after["low"], before["high"] - before["share"])
    high = difference + reach(after["high"] - after["share"], before["share"] - before["low"])
    return shares.assign(difference=difference, low=low, high=high)


def adjusted_grades(
    gradings: pd.DataFrame, pairs: pd.DataFrame, scale: GradeScale, level: float = 0.95
) -> pd.DataFrame:
    """The grades of all audits, corrected by those that were moderated at random (double sampling).

    Each first grade is replaced by the second grades that its moderated audits
    were given: P(true = j) = sum over i of P(first = i) P(true = j | first = i).
    The variance carries both samples, the audits and the moderated among them.

    A first grade with fewer than 5 expected random pairs (or 2 found) is
    corrected as one class with its neighbour: the pairs are a random part of it.

    Parameters
    ----------
    gradings : DataFrame, one row an audit: `grade`, as the first auditor gave it. The moderated audits must be among
        them: where `pairs` has more of a first grade than `gradings`, that is a ValueError.
    pairs : DataFrame, one row a moderated audit: `first, second`; `selection`, "random" if drawn from all by chance
    level : coverage of the intervals, between 0 and 1

    Returns
    -------
    DataFrame, one row a grade, best first, then one for the share good or better (`scale.goal`):
    `group`; `n` of `of` gradings on the scale, `left_out` off it or blank; `raw`, their share; `adjusted, low, high`
    (0 to 1); `pairs`, random and with both grades on the scale; `status`, the same in every row:
    "ok"; "joined", some first grades were corrected as one class; or, with nothing adjusted (NaN),
    "no_data", no grading or no pair; "too_few", under 20 random pairs; "not_random", no pair was drawn by chance, or
    their first grades are so unlike those of all audits as one draw in 1,000 is (were so many of each grade drawn?).

    Source: Tenenbein (1970), JASA 65:1350-1361, and (1972), Technometrics 14:187-202; Cochran (1977), ch. 12. Interval:
    Wilson's with the effective sample size p (1 - p) / variance (Franco et al. 2019) and Student's t.
    """
    size, labels = len(scale.labels), scale.labels
    hits = np.column_stack([np.eye(size), np.arange(size) < len(scale.good_or_better)])
    codes = grade_codes(gradings["grade"], labels)
    graded = (codes[:, None] == np.arange(size)).sum(axis=0).astype(float)
    both = np.column_stack([grade_codes(pairs["first"], labels), grade_codes(pairs["second"], labels)])
    usable, drawn = ~np.isnan(both).any(axis=1), pairs["selection"].isin(["random"]).to_numpy()
    moderated = cross_table(both[usable & drawn], size)
    by_first, found = moderated.sum(axis=1), int(moderated.sum())
    if (by_first > graded).any():
        raise ValueError("more audits were moderated than graded: `gradings` must hold the moderated audits too")
    classes = _classes(graded, by_first)
    statuses = {
        "no_data": not graded.any() or not usable.any(),
        "not_random": not drawn.any() or (found >= FEWEST and _unlike(graded, by_first)),
        "too_few": found < FEWEST,
        "joined": len(classes) < (graded > 0).sum(),
        "ok": True,
    }
    status = next(status for status, holds in statuses.items() if holds)
    n, of = (graded @ hits).astype("int64"), int(graded.sum())
    table = pd.DataFrame({"group": [*labels, scale.goal], "n": n, "of": of, "left_out": len(gradings) - of})
    table = table.assign(raw=n / of if of else np.nan, adjusted=np.nan, low=np.nan, high=np.nan)
    if status in {"joined", "ok"}:
        share, variance = _double_sampling(classes @ graded, classes @ moderated, hits)
        table[["low", "high"]] = _limits(share, variance, found, found - len(classes), level)
        table["adjusted"] = share
    return table.assign(pairs=found, status=status)


def auditor_profiles(pairs: pd.DataFrame, scale: GradeScale, level: float = 0.95) -> pd.DataFrame:
    """How severe each auditor is beside the moderators, for working papers only, never a verdict on a person.

    Severity is the mean of first less second grade in steps of the scale: above
    0, the auditor is harder than the moderators. Few pairs make extreme means
    by chance, so each is drawn towards the mean of all, the more the less it is
    known. Steps are taken as equally far apart, which grades are not: this is a
    guide to whom to talk with. Auditors compare if their pairs are random ones.

    Parameters
    ----------
    pairs : DataFrame, one row an audit (and domain): `auditor, first, second`

    Returns
    -------
    DataFrame, one row an auditor: `group`; `pairs` with both grades on the scale; `severity`, as it came; `shrunk,
    low, high`, drawn towards the mean if there are four auditors or more; `status`: "ok"; "too_few", under 5 pairs,
    nothing given and not in the mean; "constant", no auditor's pairs differ, so nothing says how sure the means are.

    Source: Morris (1983), JASA 78:47-55, with the between-auditor variance of DerSimonian and Laird (1986),
    Controlled Clinical Trials 7:177-188, and the within-auditor variance pooled.
    """
    from scipy.special import stdtrit

    steps = grade_codes(pairs["first"], scale.labels) - grade_codes(pairs["second"], scale.labels)
    grouped = pd.Series(steps, index=pairs.index).groupby(pairs["auditor"], observed=False)
    table = grouped.agg(["count", "mean", "var"]).rename_axis("group").reset_index()
    enough = table["count"] >= OF_AUDITOR
    known = table[enough]
    df = int((known["count"] - 1).sum())
    within = float(((known["count"] - 1) * known["var"]).sum()) / max(df, 1)
    shrunk, se = _shrink(known["mean"].to_numpy(), within / known["count"].to_numpy())
    half = stdtrit(df, (1 + level) / 2) * se if within > 0 else np.nan
    found = pd.DataFrame({"shrunk": shrunk, "low": shrunk - half, "high": shrunk + half}, index=known.index)
    status = np.where(~enough, "too_few", "ok" if within > 0 else "constant")
    table = table.rename(columns={"count": "pairs", "mean": "severity"}).drop(columns="var")
    table["severity"] = table["severity"].where(enough)
    return table.join(found).assign(status=status)


def _unlike(graded: Array, by_first: Array) -> bool:
    """Whether a random draw differs so much from all audits in its first grades once in 1,000 times or less."""
    from scipy.special import chdtrc

    given = graded > 0
    expected = graded[given] * by_first.sum() / graded.sum()
    return bool(chdtrc(given.sum() - 1, ((by_first[given] - expected) ** 2 / expected).sum()) < 0.001)


def _classes(graded: Array, by_first: Array) -> Array:
    """Grades joined with their neighbours, from the best on, until each class is large enough: classes x grades."""
    enough = (EXPECTED * graded.sum() / max(by_first.sum(), 1), FOUND)
    places, place, size = [], 0, np.zeros(2)
    for counts in np.column_stack([graded, by_first]):
        if (size >= enough).all():
            place, size = place + 1, np.zeros(2)
        places.append(place)
        size += counts
    last = place if (size >= enough).all() else max(place - 1, 0)
    return np.equal.outer(np.arange(last + 1), np.minimum(places, last)).astype(float)


def _double_sampling(graded: Array, moderated: Array, hits: Array) -> tuple[Array, Array]:
    """Share of each kind of true grade (`hits`: grades x kinds) and its variance, from classes of first grades."""
    audits, pairs, by_class = graded.sum(), moderated.sum(), moderated.sum(axis=1)
    weights, rates = graded / audits, moderated @ hits / by_class[:, None]
    share = graded @ rates / audits
    within = weights**2 @ (rates * (1 - rates) / (by_class - 1)[:, None])
    # Pairs that do not differ are taken to hide half a pair that does: 20 that all agree do not prove the rest right.
    hidden = 0.5 / (pairs + 1)
    within = np.maximum(within, hidden * (1 - hidden) / pairs)
    return share, within + np.maximum(weights @ rates**2 - share**2, 0) / audits


def _limits(share: Array, variance: Array, pairs: float, df: float, level: float) -> pd.DataFrame:
    """Wilson's `low, high` with an effective sample size and Student's t; at 0 and 1 the size is the pairs'."""
    from scipy.special import stdtrit

    effective = pd.Series(np.where((share > 0) & (share < 1), share * (1 - share) / variance, pairs))
    normal_level = 2 * NormalDist().cdf(float(stdtrit(df, (1 + level) / 2))) - 1
    return wilson_interval(pd.Series(share) * effective, effective, normal_level)[["low", "high"]]


def _shrink(means: Array, variances: Array) -> tuple[Array, Array]:
    """Means drawn towards their common mean, and the standard errors of what is drawn."""
    count = len(means)
    if count < 4 or not variances.all():
        return means, np.sqrt(variances)
    weights = 1 / variances
    heterogeneity = (weights * (means - np.average(means, weights=weights)) ** 2).sum()
    between = max((heterogeneity - (count - 1)) / (weights.sum() - (weights**2).sum() / weights.sum()), 0)
    trust = 1 / (variances + between)
    away = means - np.average(means, weights=trust)
    drawn = (count - 3) / (count - 1) * variances * trust
    doubt = 2 / (count - 3) * (np.average(variances, weights=trust) + between) * trust * (drawn * away) ** 2
    return means - drawn * away, np.sqrt(variances * (1 - (1 - trust / trust.sum()) * drawn) + doubt)
