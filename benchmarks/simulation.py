"""Do the figures keep what they promise, where the truth is known?

Quarters of 150 audits are drawn from the invented council's truth (`qa_lib.example.truth`), and the measures of the
quarterly report are held against it. The truth is what the quarters were drawn from, never an estimate of our own.

**A quarter.** The council's 2,400 open cases get their grades by the truth's chances; those of one case belong together
as in `qa_lib.example.gradings`, and those that do not apply, or are blank, are as frequent. Some cases are audited,
each at most once.

**Two truths.** `practice` is the chance that a case is good or better. It is what a figure says of how the work is
done, and what a change is a change of. `open_cases` is the share of those very 2,400 that are, which luck sets a little
apart. An interval that allows for the number of cases being finite (`weighted_share`) is meant for the second, the
others for the first. Both are printed.

**Second looks.** Every case falls to any of the auditors, lenient or severe, and a second look moves the first grade
as often as the truth states for its auditor. The second grade is the truth here.

**Change.** Two quarters are drawn, each with cases of its own. The words are those of the report: ten comparisons
(overall and nine domains), Holm at 5%.

Run it with a number for fewer quarters. It ends with 1 if a figure is not as it was asked to be.
"""

from __future__ import annotations

import sys
import time
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from qa_lib.example.council import AUDITORS, MONTHS, SERVICES
from qa_lib.example.dice import below
from qa_lib.example.truth import DOMAINS, GRADES, grade_probabilities, step_chances
from qa_lib.measures.change import adjust, difference
from qa_lib.measures.estimates import weighted_share
from qa_lib.measures.moderation import adjusted_grades
from qa_lib.measures.shares import wilson_interval
from qa_lib.report.comparisons import FAMILY_LEVEL
from qa_lib.settings.scale import GradeScale

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

QUARTERS, AUDITS, SEED = 2_000, 150, 2013
MONTH = len(MONTHS) // 2  # the month whose truth is drawn from; two domains move, the rest stand still
SCALE = GradeScale(labels=GRADES, lowest_good="Good")
GOOD = len(SCALE.good_or_better)
OFF = -1  # the place on the scale of a grade that is not on it
COLUMNS = list(DOMAINS)
OVERALL, FALLING, SELDOM = (COLUMNS.index(name) for name in ("overall_grade", "recording", "permanence_pathway"))
OFF_SCALE = np.array([domain.not_applicable + domain.not_recorded for domain in DOMAINS.values()])
SHARED, SHARED_OVERALL = 0.5, 0.8  # the part of a grade's score that the whole file shares
SIZES = np.array([service.cases for service in SERVICES])
OPEN_CASES = np.repeat(np.arange(len(SIZES)), SIZES)  # the service of each open case
UNEVEN = {"equal numbers a service": [25] * 6, "half from one service": [75, 15, 15, 15, 15, 15]}  # by service
SECOND_LOOKS = (30, 40)  # audits moderated at random in a quarter, from and to

COVER, FALSE, POWER = (0.93, 0.97), (0.0, 0.065), (0.80, 1.0)  # what is asked: the least and the most
MEANT = {  # the intervals, and the truth that each is meant for
    "plain": "practice",
    **{f"weighted, {name}": "open_cases" for name in UNEVEN},
    **{f"domain, {name}": "practice" for at, name in enumerate(COLUMNS) if at != OVERALL},
    f"domain weighted, {COLUMNS[SELDOM]}": "open_cases",
    "adjusted": "practice",
}
RAW = [*(f"raw, {name}" for name in UNEVEN), "raw, lenient auditors"]  # shares that need correction, and get none
FALLS = [(0.8, 0.6, 150), (0.6, 0.4, 150), (0.8, 0.6, 120), (0.6, 0.4, 120)]  # from, to, audits; asked of the first


# --- the council ------------------------------------------------------------------------------------------------------


@cache
def practice() -> Array:
    """The share of each grade in the truth: services x domains x grades."""
    return grade_probabilities()[:, :, MONTH]


def with_share(shares: Array, column: int, good: float) -> Array:
    """The same practice, but for one domain: good or better in this share of each service's cases."""
    changed = shares.copy()
    for grades, share in ((slice(GOOD), good), (slice(GOOD, None), 1 - good)):
        part = changed[:, column, grades]
        part *= share / part.sum(axis=1, keepdims=True)
    return changed


def draw_grades(rng: np.random.Generator, shares: Array, service: Numbers) -> Numbers:
    """Grades of cases of these services as places on the scale, cases x domains; `OFF` where there is none."""
    shared = np.where(np.arange(len(COLUMNS)) == OVERALL, SHARED_OVERALL, SHARED)
    quality, own = rng.standard_normal((len(service), 1)), rng.standard_normal((len(service), len(COLUMNS)))
    score = np.sqrt(shared) * quality + np.sqrt(1 - shared) * own
    cuts = below((1 - shares.cumsum(axis=2)[:, :, :-1]).round(4))
    place = sum((score < cuts[service, :, cut]).astype(np.int64) for cut in range(cuts.shape[2]))
    return np.where(rng.random(score.shape) < OFF_SCALE, OFF, place)


def look_again(rng: np.random.Generator, first: Numbers) -> Numbers:
    """The second grade of each case: its auditor is any, and a step that would leave the scale is not taken."""
    lower, higher = step_chances()[:, rng.integers(len(AUDITORS), size=len(first))]
    chance = rng.random(len(first))
    return np.clip(first + (chance < lower) - (chance >= 1 - higher), 0, len(GRADES) - 1)


def counts_of(grades: Numbers, axis: int = 0) -> tuple[Numbers, Numbers]:
    """How many grades are good or better, out of how many on the scale."""
    graded = grades != OFF
    return (graded & (grades < GOOD)).sum(axis=axis), graded.sum(axis=axis)


def true_share(column: int) -> float:
    """The share of practice that is good or better, each service by its open cases."""
    return float(np.average(practice()[:, column, :GOOD].sum(axis=1), weights=SIZES))


def true_share_at_second_look() -> float:
    """The share that a second look would find good or better: the steps over the line between good and not."""
    grades = np.average(practice()[:, OVERALL], axis=0, weights=SIZES)
    lower, higher = step_chances().mean(axis=1)
    return float(grades[:GOOD].sum() - lower * grades[GOOD - 1] + higher * grades[GOOD])


# --- intervals --------------------------------------------------------------------------------------------------------


def draw_intervals(quarters: int) -> pd.DataFrame:
    """Every interval of these quarters: `figure, share, low, high` and, beside them, `practice` and `open_cases`."""
    rng = np.random.default_rng([SEED, 0])
    rows = [row for _ in range(quarters) for row in _intervals_of_a_quarter(rng)]
    return pd.DataFrame(rows, columns=["figure", "share", "low", "high", "practice", "open_cases"])


def _intervals_of_a_quarter(rng: np.random.Generator) -> list[tuple[str | float, ...]]:
    cases = draw_grades(rng, practice(), OPEN_CASES)
    second = look_again(rng, cases[:, OVERALL])
    audited = rng.choice(len(cases), AUDITS, replace=False)
    uneven = {name: _from_each_service(rng, audits) for name, audits in UNEVEN.items()}
    truths = [(true_share(column), np.divide(*counts_of(cases[:, column]))) for column in range(len(COLUMNS))]
    moderated = (true_share_at_second_look(), (second < GOOD).mean())

    names = ["plain" if at == OVERALL else f"domain, {name}" for at, name in enumerate(COLUMNS)]
    counted = [(name, cases[audited, at], truths[at]) for at, name in enumerate(names)]
    counted += [(f"raw, {name}", cases[chosen, OVERALL], truths[OVERALL]) for name, chosen in uneven.items()]
    counted += [("raw, lenient auditors", cases[audited, OVERALL], moderated)]
    n, of = zip(*(counts_of(grades) for _, grades, _ in counted), strict=True)
    wilson = wilson_interval(pd.Series(n), pd.Series(of)).to_numpy().tolist()

    estimated = [
        (f"weighted, {name}", _weighted(cases[chosen, OVERALL], chosen), truths[OVERALL])
        for name, chosen in uneven.items()
    ]
    chosen = uneven["equal numbers a service"]
    estimated += [(f"domain weighted, {COLUMNS[SELDOM]}", _weighted(cases[chosen, SELDOM], chosen), truths[SELDOM])]
    estimated += [("adjusted", _adjusted(rng, cases[audited, OVERALL], second[audited]), moderated)]
    return [
        *((name, *interval, *truth) for (name, _, truth), interval in zip(counted, wilson, strict=True)),
        *((name, *interval, *truth) for name, interval, truth in estimated),
    ]


def _from_each_service(rng: np.random.Generator, audits: list[int]) -> Numbers:
    """Open cases picked at random, `audits` of them from each service."""
    starts = SIZES.cumsum() - SIZES
    picks = zip(starts, SIZES, audits, strict=True)
    return np.concatenate([start + rng.choice(size, count, replace=False) for start, size, count in picks])


def _weighted(grades: Numbers, chosen: Numbers) -> tuple[float, float, float]:
    rows = pd.DataFrame({"stratum": OPEN_CASES[chosen], "hit": grades < GOOD, "applies": grades != OFF})
    found = weighted_share(rows, pd.Series(SIZES))
    return found.share, found.low, found.high


def _adjusted(rng: np.random.Generator, first: Numbers, second: Numbers) -> tuple[float, float, float]:
    """The share by second looks at some of the audits, picked at random."""
    looks = rng.choice(len(first), rng.integers(*SECOND_LOOKS, endpoint=True), replace=False)
    words = np.array(GRADES)
    pairs = pd.DataFrame({"first": words[first[looks]], "second": words[second[looks]], "selection": "random"})
    found = adjusted_grades(pd.DataFrame({"grade": words[first]}), pairs, SCALE).iloc[-1]
    return found["adjusted"], found["low"], found["high"]


def coverage(quarters: int) -> pd.DataFrame:
    """How often the intervals of a figure hold the truth, and how far its share lies from it.

    Returns
    -------
    DataFrame with the figures as index: `practice, open_cases`, the shares of intervals that hold that truth; `bias`,
    the mean of share less practice; `error`, the root of the mean of its square; `meant`, the truth that the interval
    is meant for, and `met`, whether it holds that as often as asked (both None for raw shares).
    """
    found = draw_intervals(quarters)
    held = {truth: found[truth].between(found["low"], found["high"]) for truth in ("practice", "open_cases")}
    away = found["share"] - found["practice"]
    table = pd.DataFrame({"figure": found["figure"], **held, "bias": away, "error": away**2})
    told = table.groupby("figure").mean().loc[[*MEANT, *RAW]]
    met = [_is_met(told.at[figure, meant], COVER) for figure, meant in MEANT.items()]
    raw = [None] * len(RAW)
    return told.assign(error=told["error"] ** 0.5, meant=[*MEANT.values(), *raw], met=[*met, *raw])


def _is_met(share: float, asked: tuple[float, float]) -> bool:
    return bool(asked[0] <= share <= asked[1])


# --- change -----------------------------------------------------------------------------------------------------------


def draw_counts(
    rng: np.random.Generator, shares: Array, quarters: int, audits: int = AUDITS
) -> tuple[Numbers, Numbers]:
    """How many gradings of each quarter are good or better, out of how many: two arrays, quarters x domains."""
    by_service = rng.multivariate_hypergeometric(SIZES, audits, size=quarters)
    service = np.repeat(np.tile(np.arange(len(SIZES)), quarters), by_service.ravel())
    grades = draw_grades(rng, shares, service).reshape(quarters, audits, len(COLUMNS))
    return counts_of(grades, axis=1)


def words_for(before: tuple[Numbers, Numbers], after: tuple[Numbers, Numbers]) -> Numbers:
    """What the report says of each quarter and domain: 1 "rose", -1 "fell", 0 "no clear change"."""
    found = difference(*(counts.ravel() for counts in (*before, *after)))
    p, low, high = (found[column].to_numpy().reshape(before[0].shape) for column in ("p", "low", "high"))
    clear = np.array([adjust(family, "holm") for family in p]) < FAMILY_LEVEL
    return (clear & (low > 0)).astype(np.int64) - (clear & (high < 0))


def words_without_change(quarters: int) -> Numbers:
    """The words for pairs of quarters between which nothing has changed."""
    rng = np.random.default_rng([SEED, 1])
    return words_for(draw_counts(rng, practice(), quarters), draw_counts(rng, practice(), quarters))


def words_after_a_fall(quarters: int, before: float, after: float, audits: int = AUDITS) -> Numbers:
    """The words for pairs of quarters between which one domain, graded in every audit, has fallen."""
    rng = np.random.default_rng([SEED, 2])
    shares = (with_share(practice(), FALLING, good) for good in (before, after))
    return words_for(*(draw_counts(rng, share, quarters, audits) for share in shares))


def changes(quarters: int) -> pd.DataFrame:
    """How often the report speaks of a change: `share` of quarters by figure, and `met` (None if nothing is asked)."""
    false = (words_without_change(quarters) != 0).any(axis=1).mean()
    rows = [('"rose" or "fell" somewhere, and nothing changed', false, _is_met(false, FALSE))]
    for fall in FALLS:
        seen = (words_after_a_fall(quarters, *fall)[:, FALLING] < 0).mean()
        met = _is_met(seen, POWER) if fall == FALLS[0] else None
        rows.append((f'"fell" for a fall from {fall[0]:.0%} to {fall[1]:.0%}, {fall[2]} audits', seen, met))
    return pd.DataFrame(rows, columns=["figure", "share", "met"]).astype({"met": "object"}).set_index("figure")


# --- the printed table ------------------------------------------------------------------------------------------------


def main(quarters: int = QUARTERS) -> int:
    """Print what was found beside what was asked; 1 if a figure is not as it was asked to be."""
    start = time.perf_counter()
    held, told = coverage(quarters), changes(quarters)
    seconds = time.perf_counter() - start
    words = {True: "met", False: "NOT MET", None: ""}
    print(f"{quarters:,} quarters of {AUDITS} audits, {SIZES.sum():,} open cases, {seconds:.0f} s\n")
    print(f"Asked: {COVER[0]:.0%} to {COVER[1]:.0%} of the 95% intervals hold the truth that they are meant for (*).")
    print("Bias and error: how far the share lies from practice, on average and as a root mean square, in points.\n")
    print(f"{'':38}{'practice':>12}{'open cases':>12}{'bias':>8}{'error':>8}")
    for row in held.itertuples():
        of = [f"{getattr(row, truth):.1%}{'*' if truth == row.meant else ' '}" for truth in ("practice", "open_cases")]
        points = f"{100 * row.bias:>8.1f}{100 * row.error:>8.1f}"
        print(f"{row.Index:38}{of[0]:>12}{of[1]:>12}{points}   {words[row.met]}".rstrip())
    print(f"\nTen comparisons. Asked: at most {FALSE[1]:.1%} for the first, at least {POWER[0]:.0%} for the second.\n")
    for row in told.itertuples():
        print(f"{row.Index:50}{row.share:>8.1%}   {words[row.met]}".rstrip())
    return int(False in {*held["met"], *told["met"]})


if __name__ == "__main__":
    sys.exit(main(*(int(number) for number in sys.argv[1:2])))
