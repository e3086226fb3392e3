"""What do second looks show?

How often a second auditor gave the same grade or the next, and which way grades
move. What is said of all audits rests on second looks picked at random alone.

There are few of them in a short period, and the gate alone would hide most of
it, because a few were not graded. So these tables come to the gate as their
readers may see them (`seen`). They lie inside each other, and a subtraction
could leave a small count: a row is judged by what is left as well. And the
interval of a shift is the widest that the counts shown leave open, so that it
tells nothing that they do not tell.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from qa_lib.measures.agreement import grade_codes
from qa_lib.measures.moderation import paired_difference
from qa_lib.measures.shares import MEASURES, count_shares, wilson_interval
from qa_lib.report.cases_to_discuss import RANDOM
from qa_lib.report.comparisons import FAMILY_LEVEL, tested
from qa_lib.report.material import Material
from qa_lib.report.merging import is_small
from qa_lib.report.publishable import COUNTS, LEAST_BASE, SHARES, Publishable
from qa_lib.settings.kinds import OVERALL

CURRENT = "current"
FIRST, SECOND = "first", "second"
NEAR = "near"
STRICTER, SAME, KINDER, NO_CLEAR_SHIFT = "stricter", "same", "kinder", "no clear shift"
"""How second grades lie to the first; and what may be said of a shift, as its interval allows."""
STEPS, ENDS = (1, 5), ((-1, "low"), (1, "high"))
"""What a share without its counts is rounded to, in percent: the first that hides enough; the ends of an interval."""
SEEN = ("half", "least")
"""What only later tables need of a share that is rounded."""


def looks_of(material: Material, *periods: str) -> pd.DataFrame:
    """Second looks of these periods at audits picked at random, with `step` and `both`.

    `step` is how many grades stricter the second is (below 0: kinder); NaN unless both are on the scale.
    """
    looks, labels = material.second_looks, material.scale.labels
    kept = looks[(looks["selection"] == RANDOM) & looks["period"].isin(periods)].reset_index(drop=True)
    known = (*material.params.framework.domains, OVERALL)
    held = set(kept["domain"])
    domains = [domain for domain in known if domain in held]
    step = grade_codes(kept["second"], labels) - grade_codes(kept["first"], labels)
    return kept.assign(
        domain=pd.Categorical(kept["domain"], domains, ordered=True),
        period=pd.Categorical(kept["period"], periods, ordered=True),
        step=step,
        both=~np.isnan(step),
    )


def seen(counts: pd.DataFrame, k: int, left: pd.Series[float] | None = None) -> pd.DataFrame:
    """Counts of second looks as their readers see them, where the gate alone would hide nearly all in a short period.

    A row is hidden where `n`, its complement, its base, or what a subtraction leaves (`left`) is small. Where just
    `left_out` is, the share stays without counts: a whole percentage, or else one in fives, that fits every base which
    so few left out allow. Its interval allows for the rounding.

    Returns
    -------
    The table with `half`, half of what a share is rounded to (0 to 1), and `least`, the smallest base that it may have.
    """
    everyone, middle = counts["of"] + counts["left_out"], counts["of"].astype(float)
    hidden = is_small(counts["n"], k) | is_small(counts["of"] - counts["n"], k) | is_small(counts["of"], k)
    hidden |= is_small(left, k) if left is not None else False
    few_left, half = is_small(counts["left_out"], k), pd.Series(0.0, counts.index)
    share, fits = counts["n"] / counts["of"].where(counts["of"] > 0), ~few_left
    for step in STEPS:
        percent = (100 * share / step).round() * step
        found = pd.Series(True, counts.index)
        for fewer in range(1, k + 1):
            least, most = ((percent + way * step / 2) * (everyone - fewer) / 100 for way in (-1, 1))
            found &= np.maximum(np.floor(least) + 1, 0) <= np.minimum(np.ceil(most) - 1, everyone - fewer)
        first = found & ~fits
        share, half, fits = share.mask(first, percent / 100), half.mask(first, step / 200), fits | found
    middle = middle.mask(few_left, everyone - (k + 1) / 2)
    low, high = (wilson_interval((share + way * half).clip(0, 1) * middle, middle)[end] for way, end in ENDS)
    table = counts.assign(share=share, low=low, high=high, half=half, least=counts["of"].mask(few_left, everyone - k))
    table[COUNTS] = table[COUNTS].astype(float).mask(hidden | few_left)
    table[[*SHARES, "least"]] = table[[*SHARES, "least"]].mask(hidden | ~fits | (table["least"] < LEAST_BASE))
    return table[everyone > 0].astype({"group": "str"})


def _is_hidden(table: pd.DataFrame) -> pd.Series[bool]:
    return table["n"].isna() & table["share"].isna()


def _without(table: pd.DataFrame, hidden: pd.Series[bool]) -> pd.DataFrame:
    """The table without the figures of these rows."""
    columns = [*MEASURES, *SEEN]
    return table.assign(**table[columns].mask(hidden))


def agree(material: Material, _: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """The same grade, and one apart at most, by domain: `group`, `how`.

    The latter is judged by those that are just one apart as well, and not shown where the former is not.
    """
    looks, k = looks_of(material, CURRENT), material.params.hide_up_to
    apart, both = looks["step"].abs(), looks["both"]
    one = count_shares(looks, apart == 1, both, "domain")["n"]
    same, near = (count_shares(looks, apart <= most, both, "domain") for most in (0, 1))
    parts = [seen(same, k).assign(how=SAME), seen(near, k, one).assign(how=NEAR)]
    parts[1] = _without(parts[1], _is_hidden(parts[0]))
    table = pd.concat(parts).sort_index(kind="stable")  # both of a group beside each other
    return None if table.empty else table[["group", "how", *MEASURES, *SEEN]]


def same_by_period(
    periods: tuple[str, str] | None, material: Material, _: Mapping[str, Publishable]
) -> pd.DataFrame | None:
    """In how many second looks the grade was the same in the last workshop's domains, before it and now.

    `group`, `period` (the later one last), and `direction`: whether it rose or fell, tested together on the very
    counts, as rounding alone could make such a word. None where a share is hidden.
    """
    if periods is None:
        return None
    looks = looks_of(material, *periods)
    looks = looks[looks["domain"].isin(material.params.last_workshop)]
    counts = count_shares(looks, looks["step"] == 0, looks["both"], ["domain", "period"])
    if not counts["of"].any():
        return None
    table = seen(counts, material.params.hide_up_to).astype({"period": "str"})
    counts = counts.loc[table.index]
    shown = table.groupby("group")["share"].transform(lambda share: share.notna().all())
    change = tested(counts[shown].assign(base=counts["of"]), periods[0]) if shown.any() else None
    words = {} if change is None else dict(zip(change["group"], change["direction"], strict=True))
    now = table["period"] == periods[1]
    table["direction"] = [words.get(group, "") if late else "" for group, late in zip(table["group"], now, strict=True)]
    return table.reset_index(drop=True)[["group", "period", *MEASURES, "direction", *SEEN]]


def _given_away(counts: pd.DataFrame, k: int) -> pd.Series[bool]:
    """Where the shares of both looks would leave a small count no way out, one row a group.

    `counts` has `first` and `second`, good or better, `of`, how many `moved`, and by more than one grade (`far`). Let
    `won` have crossed the line of good upwards; then `first - second + won` crossed it downwards, and the rest that
    moved did not. Those that moved far are taken to have crossed it: as many as are shown, or one at least where they
    are hidden. With just one such number left, all is known.
    """
    moved, down = counts["moved"], counts["first"] - counts["second"]
    few_far = is_small(counts["far"], k) | is_small(moved - counts["far"], k)
    far = counts["far"].mask(few_far, 1)
    least = np.maximum(np.maximum(-down, -((down - far) // 2)), 0)
    most = np.minimum(np.minimum(counts["second"], counts["of"] - counts["first"]), (moved - down) // 2)
    told = pd.DataFrame({"won": least, "lost": down + least, "within": moved - down - 2 * least})
    return pd.Series(least >= most, counts.index) & told.apply(is_small, hide_up_to=k).any(axis=1)


def two_looks(
    periods: tuple[str, ...] | None, of_last: bool, material: Material, _: Mapping[str, Publishable]
) -> pd.DataFrame | None:
    """Good or better at the first and at the second look, of the grades that both gave: `group`, and the look.

    The key `period` names period and look ("current_first"). Both rows of a pair are hidden where one is, where the
    same grades are, or where they would tell how few crossed the line of good, or moved without crossing it.
    """
    if periods is None:
        return None
    looks, good, k = looks_of(material, *periods), material.scale.good_or_better, material.params.hide_up_to
    if of_last:
        looks = looks[looks["domain"].isin(material.params.last_workshop)]
    keys, both = ["domain", "period"], looks["both"]
    tables = {look: count_shares(looks, looks[look].isin(good), both, keys) for look in (FIRST, SECOND)}
    moved, far = (count_shares(looks, looks["step"].abs() > most, both, keys)["n"] for most in (0, 1))
    good_at = {look: table["n"] for look, table in tables.items()}
    left = _given_away(pd.DataFrame({**good_at, "of": tables[FIRST]["of"], "moved": moved, "far": far}), k)
    parts = [seen(table, k, left.astype(float)).assign(look=look) for look, table in tables.items()]
    same = seen(count_shares(looks, looks["step"] == 0, both, keys), k)
    hidden = pd.concat([_is_hidden(part) for part in (same, *parts)], axis=1).any(axis=1)
    parts = [_without(part, hidden) for part in parts]
    table = pd.concat(parts).sort_index(kind="stable")  # both looks of a group and period beside each other
    table = table.assign(period=table["period"].astype(str) + "_" + table["look"])
    return None if table.empty else table[["group", "period", *MEASURES, *SEEN]]


def _known(table: pd.DataFrame) -> pd.DataFrame:
    """`n, of, half, share` by group and period as readers could know them: exact, or from the share and least base."""
    exact = table["n"].notna() & table["of"].notna()
    found = pd.DataFrame({
        "n": table["n"].where(exact, (table["share"] * table["least"]).round()),
        "of": table["of"].where(exact, table["least"]),
        "half": table["half"],
        "share": table["share"],
    })  # fmt: skip
    keys = [table["group"].astype(str), table["period"].astype(str)]
    return found.astype(float).set_index(pd.MultiIndex.from_arrays(keys, names=["group", "period"]))


def _around(shown: pd.Series[float], found: pd.DataFrame, wider: pd.Series[float]) -> pd.DataFrame:
    """The difference of shares as shown, with the interval found around it, wider by their rounding."""
    known = found["difference"].notna()
    ends = {end: shown + found[end] - found["difference"] + way * wider for way, end in ENDS}
    return pd.DataFrame({"share": shown, **{end: each.clip(-1, 1) for end, each in ends.items()}}).where(known)


def shift(looks: str, same: str, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """Second less first share good or better, with the word that it allows: `group`, `period`, `shift`.

    Made of two protected tables, `looks` and `same`. Of the grades that moved, as many as can are taken to have crossed
    the line both ways and made up for each other, which gives the widest interval that the two leave open; where shares
    are rounded it is wider by as much. The word rests on an interval wide enough for all that is compared here together
    (Bonferroni).
    """
    found, kept = earlier[looks].table, earlier[same].table
    if found.empty or kept.empty:
        return None
    if "how" in kept:
        kept = kept[kept["how"] == SAME].assign(period=CURRENT)
    at = found["period"].astype(str).str.rsplit("_", n=1)
    before, after = (_known(found.assign(period=at.str[0])[at.str[1] == look]) for look in (FIRST, SECOND))
    agreed = _known(kept).reindex(before.index)
    moved = agreed["of"] * (1 + agreed["half"]) - agreed["n"]
    fewer, more, of = np.minimum(before["n"], after["n"]), np.maximum(before["n"], after["n"]), before["of"]
    made_up = np.minimum(((moved - (more - fewer)) // 2).clip(lower=0), np.minimum(fewer, of - more))
    counts = pd.DataFrame({
        "pairs": of.where((of >= LEAST_BASE) & made_up.notna()),
        "both": fewer - made_up,
        "first_only": before["n"] - fewer + made_up,
        "second_only": after["n"] - fewer + made_up,
    })  # fmt: skip
    known, wider = counts["pairs"].notna(), before["half"] + after["half"]
    table, cautious = (
        _around(after["share"] - before["share"], paired_difference(counts, level), wider)
        for level in (1 - FAMILY_LEVEL, 1 - FAMILY_LEVEL / max(int(known.sum()), 1))
    )
    words = np.select([cautious["high"] < 0, cautious["low"] > 0], [STRICTER, KINDER], NO_CLEAR_SHIFT)
    table = table.assign(shift=np.where(known, words, ""))
    return table.assign(n=np.nan, of=np.nan, left_out=np.nan).reset_index()[["group", "period", *MEASURES, "shift"]]
