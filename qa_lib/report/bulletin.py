"""Which tables does the monthly bulletin show, and what is its one thing?

A bulletin speaks of the whole service, of the months that end with its own. It
names two strengths and one thing to work on, never the same thing twice running,
and looks again at what it asked last month. It gives no number of gradings, only
shares that are rounded (`rounding` says why), and a number of audits only where
every month in it may be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from qa_lib.measures.programme import completed, months_to, year_so_far
from qa_lib.measures.shares import MEASURES, share_good_or_better
from qa_lib.report import progress
from qa_lib.report.blocks import Chart, Shown
from qa_lib.report.bulletin_told import ends_title
from qa_lib.report.charts import shares_chart
from qa_lib.report.comparisons import tested
from qa_lib.report.facts import KEY_AREAS
from qa_lib.report.findings import confidence_of
from qa_lib.report.material import Material
from qa_lib.report.merging import is_small
from qa_lib.report.planned import Planned
from qa_lib.report.plans import NO_OVERALL
from qa_lib.report.publishable import About, Derived, Publishable
from qa_lib.report.rounding import rounded
from qa_lib.settings.period import Period
from qa_lib.settings.standards import Standard

ROLLING, RECENT = 12, 3
"""Months that a bulletin looks back over, and those in which last month's one thing is looked at again."""
CURRENT, EARLIER = "current", "earlier"
TEXTS = tuple(Standard.model_fields)
"""What a practice standard says of a domain: `good`, `example`, `try_this`."""
SAYS = ("graded", "confidence")


def spans(material: Material) -> dict[str, list[str]]:
    """The months of each span of a bulletin that the extracts hold: its own, the year so far, the rolling year, ...

    Months before the first audit of the extracts are left out; a span that has none is not there.
    """
    period, plan = material.params.period, material.params.framework.programme
    last = f"{period.end:%Y-%m}"
    asked = {
        "month": months_to(last, period.months),
        **({"year": year_so_far(last, plan.year_starts)} if plan else {}),
        "rolling": months_to(last, ROLLING),
        CURRENT: months_to(last, RECENT),
        EARLIER: months_to(last, RECENT + ROLLING)[:ROLLING],
    }
    first = min(material.extracts.audits.audits["month"], default=last)
    held = {name: [month for month in months if month >= first] for name, months in asked.items()}
    return {name: months for name, months in held.items() if months}


def _words(material: Material) -> dict[str, str]:
    """The spans in words: "May to July 2013"."""
    days = {
        name: [date.fromisoformat(f"{month}-01") for month in (months[0], months[-1])]
        for name, months in spans(material).items()
    }
    return {name: Period("", *ends).words for name, ends in days.items()}


def _done(material: Material) -> pd.DataFrame | None:
    """Audits completed. The gate judges a span by its fewest month: the others could be taken from the sum."""
    plan, asked = material.params.framework.programme, spans(material)
    if plan is None:
        return None
    kept = {name: months for name, months in asked.items() if name in ("month", "year", "rolling")}
    table = completed(material.extracts.audits.audits, kept, plan.allocated_a_month)
    few = is_small(table["fewest"], material.params.hide_up_to)
    return table.assign(n=table["n"].mask(few, table["fewest"]))[["group", *MEASURES]]


def _counts(material: Material, span: str, overall: bool) -> pd.DataFrame:
    """Gradings good or better in a span, overall or by domain, exact: for this room alone."""
    gradings = material.rolling(spans(material).get(span, []), overall).assign(all="all")
    counts = share_good_or_better(gradings, material.scale, "all" if overall else "domain")
    return counts[counts["of"] > 0].astype({"group": "str"}).reset_index(drop=True)


def _shares(span: str, overall: bool) -> Callable[[Material], Derived]:
    """The rounded shares of a span, best first; hidden rows stay, without a figure."""

    def made(material: Material, _: Mapping[str, Publishable]) -> pd.DataFrame | None:
        counts = _counts(material, span, overall)
        if counts.empty:
            return None
        counts = counts.sort_values("low", ascending=False, kind="stable").reset_index(drop=True)
        table = rounded(counts, material.params.hide_up_to)
        return _said(table, material)[["group", *MEASURES, *SAYS]]

    return lambda material: partial(made, material)


def _said(table: pd.DataFrame, material: Material) -> pd.DataFrame:
    """The words that go with rounded shares: out of about how many, and how sure we are; none where one is hidden."""
    shown, rules = table["share"].notna(), material.params.framework.confidence
    based = table.assign(base=table["of_about"])
    labels = [confidence_of(based.loc[[at]], rules, None) for at in table.index]
    graded = [f"about {of:,.0f}" for of in table["of_about"]]
    return table.assign(graded=np.where(shown, graded, ""), confidence=np.where(shown, labels, ""))


def choose(counts: pd.DataFrame, last: str) -> tuple[list[str], str]:
    """The strengths and the one thing among the domains that are shown; "" where there is none to name.

    Each is ranked by the end of its interval nearer the average. The one thing is the lowest but last month's, unless
    there is no other; the strengths are the highest of the rest, and never last month's one thing.

    Example
    -------
    >>> counts = pd.DataFrame({"group": list("abcd"), "low": [0.6, 0.5, 0.4, 0.3], "high": [0.7, 0.6, 0.5, 0.4]})
    >>> choose(counts, last=""), choose(counts, last="d")
    ((['a', 'b'], 'd'), (['a', 'b'], 'c'))
    """
    lowest = counts.sort_values("high", kind="stable")["group"].tolist()
    one = next((group for group in lowest if group != last), last if last in lowest else "")
    highest = counts.sort_values("low", ascending=False, kind="stable")["group"].tolist()
    return [group for group in highest if group not in {one, last}][:KEY_AREAS], one


def _chosen(material: Material, earlier: Mapping[str, Publishable]) -> tuple[list[str], str]:
    """`choose` of the domains whose shares the readers see; the order is that of the exact shares."""
    seen = earlier["rolling"].table
    counts = _counts(material, "rolling", overall=False)
    seen_groups = seen.loc[seen["share"].notna(), "group"]
    return choose(counts[counts["group"].isin(seen_groups)], material.params.last_one_thing)


def _named(material: Material, earlier: Mapping[str, Publishable], groups: list[str]) -> pd.DataFrame | None:
    """Rows of the rolling year with the practice standard of each domain, in this order."""
    if not groups:
        return None
    rows = earlier["rolling"].table.set_index("group").loc[groups].reset_index()
    standards = material.params.standards
    known = standards.domains if standards else {}
    for text in TEXTS:
        rows[text] = [str(getattr(known.get(group), text, "")) for group in groups]
    return rows[["group", *MEASURES, *SAYS, *TEXTS]]


def _strengths(material: Material, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    return _named(material, earlier, _chosen(material, earlier)[0])


def _one_thing(material: Material, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    one = _chosen(material, earlier)[1]
    return _named(material, earlier, [one] if one else [])


def _last(material: Material, _: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """Last month's one thing in the latest months and in the year before them, and what may be said of the change.

    The word comes of the exact counts, as rounding alone could make one; it is not given where a share is hidden.
    """
    last = material.params.last_one_thing
    if not last:
        return None
    periods = (CURRENT, EARLIER)
    none = pd.DataFrame([{"group": last, "n": 0, "of": 0, "left_out": 0}])
    each = [_counts(material, period, overall=False) for period in periods]
    each = [counts[counts["group"] == last] for counts in each]
    counts = pd.concat([none if found.empty else found for found in each], ignore_index=True).assign(period=periods)
    table = _said(rounded(counts, material.params.hide_up_to), material)
    change = tested(counts.assign(base=counts["of"]), EARLIER) if table["share"].notna().all() else None
    word = "" if change is None else str(change["direction"].iloc[0])
    return table.assign(direction=[word, ""])[["group", "period", *MEASURES, *SAYS, "direction"]]


def _key(material: Material, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """The one thing's short key, by which `qa next` tells the next bulletin what this one asked."""
    one = _chosen(material, earlier)[1]
    return pd.DataFrame([dict.fromkeys(MEASURES, np.nan) | {"one_thing_key": one}]) if one else None


def _workshop(material: Material, _: Mapping[str, Publishable]) -> pd.DataFrame | None:
    when = material.params.next_workshop
    return pd.DataFrame([dict.fromkeys(MEASURES, np.nan) | {"next": when}]) if when else None


def _about(material: Material, title: str, missing: str, says: tuple[str, ...] = ()) -> About:
    labels = {**material.params.framework.domains, **_words(material)}
    return About(
        title, "gradings", "Domain", "", "", labels=labels, goal=material.scale.goal, says=(*SAYS, *says),
        missing=missing,
    )  # fmt: skip


NO_DOMAINS = "the extracts hold no grades by domain, or too few"

BULLETIN: tuple[Planned, ...] = (
    Planned("done", ("group",), _done, lambda m: About(
        "Audits completed against the plan", "audits", "Months", "Completed", "Planned", labels=_words(m),
        of_is_known=True, children=False, missing="the framework holds no plan of the programme")),
    Planned("outcomes", ("group", "outcome"), progress.outcomes, progress.about_outcomes),
    Planned("rolling_overall", ("group",), _shares("rolling", overall=True), lambda m: replace(
        _about(m, f"Audits graded {m.scale.goal} overall, over the rolling year", NO_OVERALL),
        labels={"all": _words(m).get("rolling", "")})),
    Planned("rolling", ("group",), _shares("rolling", overall=False), lambda m: _about(
        m, f"Gradings {m.scale.goal} by domain, over the rolling year", NO_DOMAINS)),
    Planned("strengths", ("group",), lambda m: partial(_strengths, m), lambda m: _about(
        m, "What to celebrate", NO_DOMAINS, TEXTS)),
    Planned("one_thing", ("group",), lambda m: partial(_one_thing, m), lambda m: _about(
        m, "One thing to work on", NO_DOMAINS, TEXTS)),
    Planned("last_one_thing", ("group", "period"), lambda m: partial(_last, m), lambda m: _about(
        m, "Last month's one thing", "none is named", ("direction",))),
    Planned("bulletin", (), lambda m: partial(_key, m), lambda _: About(
        "What the next bulletin needs to know", "words", "", "", "", says=("one_thing_key",), missing=NO_DOMAINS)),
    Planned("workshop", (), lambda m: partial(_workshop, m), lambda _: About(
        "Next workshop", "words", "", "", "", says=("next",), missing="none is named")),
)  # fmt: skip
"""The tables of the monthly bulletin."""


def bulletin_chart(rolling: Publishable, strengths: Publishable, one_thing: Publishable) -> Shown | None:
    """The domains' shares over the rolling year, under a title that says what to celebrate and what to work on."""
    drawn = shares_chart(rolling)
    if drawn is None or one_thing.is_empty:
        return drawn
    title = ends_title(strengths, one_thing)
    return Shown(tuple(replace(block, title=title) if isinstance(block, Chart) else block for block in drawn.blocks))
