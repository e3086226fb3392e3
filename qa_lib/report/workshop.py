"""Which tables does a moderation workshop show?

Where first and second auditors agree, which way grades move, what that does to
the headline, which cases to open together, and whether what the last workshop
took up has moved. `second_looks` counts them. The list of cases is for the
working papers; every other copy says only how many there are for each reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from qa_lib.measures.shares import MEASURES, count_shares, counted_whole
from qa_lib.report.blocks import Chart, Shown
from qa_lib.report.cases_to_discuss import CONTESTED, RANDOM, RISK, cases, reason_words, reasons_counted
from qa_lib.report.charts import periods_chart
from qa_lib.report.comparisons import adjusted, coefficients, shows_counts
from qa_lib.report.material import Material
from qa_lib.report.merging import OTHERS
from qa_lib.report.planned import Planned
from qa_lib.report.plans import QUARTERLY
from qa_lib.report.publishable import SHARES, About, Publishable
from qa_lib.report.rounding import rounded
from qa_lib.report.second_looks import (
    CURRENT,
    FIRST,
    KINDER,
    NEAR,
    SAME,
    SECOND,
    STRICTER,
    agree,
    looks_of,
    same_by_period,
    shift,
    two_looks,
)
from qa_lib.report.workshop_told import chart_words
from qa_lib.settings.kinds import OVERALL

PREVIOUS = "previous"
UPHELD, CHANGED, NOT_SAID = "upheld", "changed", "not recorded"
"""What became of a contested grade; any other word in the extract counts as not recorded."""
LOOKS = {FIRST: "First grade", SECOND: "Second grade"}


def _parts(counts: Mapping[str, int], of: int) -> pd.DataFrame:
    """A measure table without intervals: these counts out of one base."""
    return counted_whole(pd.DataFrame({"group": list(counts), "n": list(counts.values()), "of": of}))


def _chosen(material: Material) -> pd.DataFrame | None:
    """How many audits of the period were looked at again, by what led to it."""
    n = material.pairs.drop_duplicates("audit_id")["selection"].value_counts()
    counts = {selection: int(n.get(selection, 0)) for selection in (RANDOM, RISK, CONTESTED)}
    return None if n.empty else _parts(counts, len(material.current))


def _directions(material: Material) -> pd.DataFrame | None:
    """How many second grades were stricter, the same, kinder, by domain: on a working copy, where nothing is hidden.

    Few are kinder in any domain, and where none was, both shares would tell how few crossed the line of good.
    """
    if material.params.hide_up_to:
        return None
    looks = looks_of(material, CURRENT)
    ways = {STRICTER: looks["step"] > 0, SAME: looks["step"] == 0, KINDER: looks["step"] < 0}
    parts = [count_shares(looks, on, looks["both"], "domain").assign(way=way) for way, on in ways.items()]
    table = pd.concat(parts).sort_values("group", kind="stable").astype({"group": "str"})
    return None if table.empty else table.reset_index(drop=True)[["group", "way", *MEASURES]]


def _all_gradings(material: Material, _: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """Which way second grades lie over all domains together, without an interval: those of one audit hang together.

    The shares are rounded so far that a domain which is hidden elsewhere cannot be worked out of the sum.
    """
    looks = looks_of(material, CURRENT)
    steps = looks.loc[(looks["domain"] != OVERALL) & looks["both"], "step"]
    if steps.empty:
        return None
    counts = {STRICTER: int((steps > 0).sum()), SAME: int((steps == 0).sum()), KINDER: int((steps < 0).sum())}
    table = rounded(_parts(counts, len(steps)), material.params.hide_up_to)
    graded = np.where(table["share"].notna(), f"about {table['of_about'].iloc[0]:,.0f}", "")
    return table.assign(low=np.nan, high=np.nan, graded=graded)[["group", *MEASURES, "graded"]]


def _headline(material: Material, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """The overall share as first graded, and had second auditors graded all, where each case counts once.

    Hidden where the counts behind it are.
    """
    overall, corrected = earlier["overall"], adjusted(material)
    if overall.is_empty or not corrected:
        return None
    table = pd.DataFrame([{"group": "counted", **overall.table.iloc[0][SHARES]}, corrected])
    seen = shows_counts(overall, "all"), shows_counts(earlier["same_grades"], OVERALL)
    table.loc[[not seen[0], not all(seen)], SHARES] = np.nan
    return table.assign(n=np.nan, of=np.nan, left_out=np.nan)[["group", *MEASURES]]


def _contested(material: Material) -> pd.DataFrame | None:
    """What became of the overall grades that were contested: `group` ("contested") and `outcome`."""
    looks = material.second_looks
    looks = looks[(looks["period"] == CURRENT) & (looks["selection"] == CONTESTED)].drop_duplicates("audit_id")
    if looks.empty:
        return None
    said = looks["outcome"].str.strip().str.casefold()
    n = said.where(said.isin((UPHELD, CHANGED)), NOT_SAID).value_counts()
    outcomes = [outcome for outcome in (UPHELD, CHANGED, NOT_SAID) if outcome != NOT_SAID or outcome in n]
    table = _parts({outcome: int(n.get(outcome, 0)) for outcome in outcomes}, len(looks))
    return table.rename(columns={"group": "outcome"}).assign(group="contested")[["group", "outcome", *MEASURES]]


def _periods(material: Material) -> tuple[str, str] | None:
    """The periods in which the last workshop's domains are looked at, before it and now; None where there are none."""
    has_before = any(period.key == PREVIOUS for period in material.params.periods)
    return (PREVIOUS, CURRENT) if has_before and material.params.last_workshop else None


def _now(earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    found = shift("two_looks", "agree", earlier)
    return None if found is None else found.drop(columns="period")


def _beyond_chance(material: Material, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """Agreement beyond chance, of the domains for which it may be shown."""
    found = coefficients(material, earlier)
    known = None if found is None else found[found["share"].notna()]
    return None if known is None or known.empty else known


def _listed(material: Material, _: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """The cases by alias with their reasons, on the analyst's own working copy alone."""
    if material.params.audience != "working":
        return None
    table, words = cases(material), reason_words(material.scale)
    said = [". ".join(words[reason] for reason in reasons) for reasons in table["reasons"]]
    return pd.DataFrame({"group": table["alias"], **dict.fromkeys(MEASURES, np.nan), "reasons": said})


def _about(material: Material, title: str, missing: str, **more: object) -> About:
    labels = {**material.params.framework.domains, OVERALL: "Overall"}
    about = About(title, "second looks", "Domain", "Count", "Graded by both", "Not graded by both", labels=labels)
    return replace(about, missing=missing, **more)  # type: ignore[arg-type]


def _labels(material: Material, **more: str) -> dict[str, str]:
    """The words of domains and periods, and of looks in each period."""
    words = {period.key: period.words for period in material.params.periods}
    looks = {f"{key}_{look}": f"{head}, {words[key]}" for key in words for look, head in LOOKS.items()}
    return {**material.params.framework.domains, OVERALL: "Overall", **words, **looks, **more}


NONE_RANDOM = "no second looks at audits picked at random were supplied"
NO_LAST = "no domain of the last workshop is named, or no second looks of the period before were supplied"
UNLIKE = "there are too few second looks at audits picked at random, or they are unlike the other audits"
_DERIVED = {"n_head": "", "of_head": "", "share_head": "Difference (points)", "share_unit": "points"}
_WAYS = {STRICTER: "Second stricter", SAME: "The same", KINDER: "Second kinder"}
_TAKEN = {entry.name: entry for entry in QUARTERLY}

WORKSHOP: tuple[Planned, ...] = (
    Planned("looks", ("group",), _chosen, lambda m: _about(
        m, "Audits looked at again, by what led to it", "no second looks were supplied", unit="audits",
        head="What led to it", n_head="Looked at again", of_head="All audits", labels={
            RANDOM: "Picked at random", RISK: "Picked for a risk", CONTESTED: "The grade was contested"})),
    _TAKEN["overall"],
    Planned("agree", ("group", "how"), lambda m: partial(agree, m), lambda m: _about(
        m, "Second looks that gave the same grade, or the next", NONE_RANDOM,
        labels=_labels(m, **{SAME: "Same grade", NEAR: "Same or next"}))),
    _TAKEN["same_grades"],
    Planned("agreement", ("group",), lambda m: partial(_beyond_chance, m), _TAKEN["agreement"].about),
    Planned("directions", ("group", "way"), _directions, lambda m: _about(
        m, "Which way second grades lie, by domain", "by domain it would give small counts away", parts=True,
        labels=_labels(m, **_WAYS))),
    Planned("all_gradings", ("group",), lambda m: partial(_all_gradings, m), lambda m: _about(
        m, "Which way second grades lie, over all domains", NONE_RANDOM, head="Second grade", labels=_WAYS,
        says=("graded",))),
    Planned("two_looks", ("group", "period"), lambda m: partial(two_looks, (CURRENT,), False, m), lambda m: _about(
        m, f"Gradings {m.scale.goal} at the first and at the second look", NONE_RANDOM, goal=m.scale.goal,
        labels=_labels(m, **{f"{CURRENT}_{look}": head for look, head in LOOKS.items()}))),
    Planned("shift", ("group",), lambda _: _now, lambda m: _about(
        m, f"Second less first share {m.scale.goal}", NONE_RANDOM, says=("shift",), **_DERIVED)),
    Planned("headline", ("group",), lambda m: partial(_headline, m), lambda m: _about(
        m, f"Share graded {m.scale.goal} overall, as first graded and adjusted", UNLIKE, unit="audits", head="Figure",
        n_head="", of_head="", goal=m.scale.goal,
        labels={"counted": "As first graded", "adjusted": "Had second auditors graded all"})),
    Planned("contested", ("group", "outcome"), _contested, lambda m: _about(
        m, "What became of contested grades", "no grade was contested", unit="grades", parts=True, head="",
        labels={"contested": "Contested grades", UPHELD: "Upheld", CHANGED: "Changed", NOT_SAID: "Not recorded",
                **dict.fromkeys(OTHERS.values(), "All others")})),
    Planned("reasons", ("group",), reasons_counted, lambda m: _about(
        m, "Cases worth discussing, by reason", "nothing was looked at again", unit="cases", head="Reason",
        n_head="Cases", of_head="Looked at", left_head="Left out", labels=reason_words(m.scale))),
    Planned("cases", ("group",), lambda m: partial(_listed, m), lambda m: _about(
        m, "Cases for the workshop", "the list stands in the working papers", unit="cases", head="Case", labels={},
        n_head="", of_head="", says=("reasons",))),
    Planned("last_same", ("group", "period"), lambda m: partial(same_by_period, _periods(m), m), lambda m: _about(
        m, "Second looks that gave the same grade, before the last workshop and now", NO_LAST, labels=_labels(m),
        says=("direction",))),
    Planned("last_looks", ("group", "period"), lambda m: partial(two_looks, _periods(m), True, m), lambda m: _about(
        m, f"Gradings {m.scale.goal} at both looks, before the last workshop and now", NO_LAST, goal=m.scale.goal,
        labels=_labels(m))),
    Planned("last_shift", ("group", "period"), lambda _: partial(shift, "last_looks", "last_same"), lambda m: _about(
        m, f"Second less first share {m.scale.goal}, before the last workshop and now", NO_LAST, labels=_labels(m),
        says=("shift",), **_DERIVED)),
)  # fmt: skip
"""The tables of the moderation workshop."""


def workshop_chart(looks: Publishable, shift: Publishable) -> Shown | None:
    """First and second shares by domain, under a title that says which way second grades lie, where it is clear."""
    drawn = periods_chart(looks)
    if drawn is None:
        return None
    title, alt = chart_words(looks, shift)
    return Shown(tuple(replace(one, title=title, alt=alt) if isinstance(one, Chart) else one for one in drawn.blocks))
