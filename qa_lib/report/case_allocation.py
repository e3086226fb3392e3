"""Which tables does the statement of a draw show?

From which cases they were drawn, what chance each had, whether those drawn are
like those they were drawn from, and who has not been reached for a year. It
speaks of services and categories by the settings' own words; teams are counted,
never named. Who audits which case is for the working papers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from qa_lib.measures.completion import chance_of_difference
from qa_lib.measures.shares import MEASURES
from qa_lib.report.draw_told import MORE
from qa_lib.report.drawing import design_of
from qa_lib.report.material import Material
from qa_lib.report.plans import Planned
from qa_lib.report.publishable import About

OTHER = "Other"
REASONS = ("eligible", "closed", "outside", "restricted", "audited", "opened", "held", "sibling")
"""Of each listed case: that it could be drawn, or why it could not."""
LIKE, UNLIKE = "like", "unlike"
EVEN = {"one and a half times": 1.5, "twice": 2.0, "three times": 3.0}
LIKENESS_LEVEL = 0.05
"""A draw is called unlike its frame where chance would make one as unlike less often, over all that is looked at."""


def _reasons(material: Material) -> dict[str, str]:
    """Why cases could not be drawn, in words for a sentence, with the months that the draw asks for."""
    design = design_of(material.params)
    return {
        "eligible": "eligible",
        "closed": "closed",
        "outside": "not of the kind that this draw is about",
        "restricted": "restricted",
        "audited": f"audited in the {design.not_again_months} months before",
        "opened": f"opened in the {design.look_back_months} months before",
        "held": "with an auditor already",
        "sibling": "placed with a brother or sister in another service",
    }


def category_of(cases: pd.DataFrame, material: Material) -> pd.Series:
    """The category of each case in the settings' words, "Other" for one that they do not know, in their order."""
    labels = material.params.framework.categories
    held = cases["category"].fillna("").astype(str).str.strip() if "category" in cases else pd.Series("", cases.index)
    known = held.map(labels)
    names = [*dict.fromkeys(labels.values())]
    return pd.Series(pd.Categorical(known.fillna(OTHER), [*names, OTHER], ordered=True), cases.index)


def _counted(groups: pd.Series, hits: pd.Series, counted: pd.Series, left: pd.Series) -> pd.DataFrame:
    """A row a group that has any case, and one for all: `n` of `of` cases, `left_out` beside them."""
    flags = pd.DataFrame({"n": hits & counted, "of": counted, "left_out": left}).astype("int64")
    table = flags.groupby(groups, observed=True).sum().rename_axis("group").reset_index().astype({"group": "str"})
    table = table[(table["of"] + table["left_out"]) > 0]
    table = pd.concat([table, flags.sum().to_frame().T.assign(group="all")], ignore_index=True)
    share = table["n"] / table["of"].replace(0, np.nan)
    return table.assign(share=share, low=np.nan, high=np.nan)[["group", *MEASURES]]


def _frame(material: Material) -> pd.DataFrame:
    """The cases of the list by whether they could be drawn, and if not, why."""
    reasons = material.drawing.draw.frame["reason"].replace("", "eligible")
    n = reasons.value_counts()
    kept = [reason for reason in REASONS if n.get(reason, 0)]
    table = pd.DataFrame({"group": "all", "reason": kept, "n": [int(n[reason]) for reason in kept]})
    table = table.assign(of=len(reasons), left_out=0, low=np.nan, high=np.nan)
    return table.assign(share=table["n"] / table["of"])[["group", "reason", *MEASURES]]


def _chance(by: str) -> Callable[[Material], pd.DataFrame | None]:
    """Cases drawn of those that could be, by service or category; the open ones that could not be are left out."""

    def measure(material: Material) -> pd.DataFrame | None:
        frame = material.drawing.draw.frame
        frame = frame[frame["reason"] != "closed"]
        groups = frame["service"] if by == "service" else category_of(frame, material)
        eligible = frame["reason"] == ""
        table = _counted(groups, frame["drawn_first"], eligible, ~eligible)
        return table if by == "service" else table.iloc[:-1]  # the whole stands in the table by service

    return measure


def _reached(by: str) -> Callable[[Material], pd.DataFrame | None]:
    """Open cases that were audited within the months in which no case is drawn again."""

    def measure(material: Material) -> pd.DataFrame | None:
        cases = material.drawing.reached
        groups = cases["service"] if by == "service" else category_of(cases, material)
        every = pd.Series(True, index=cases.index)
        return _counted(groups, cases["reached"], every, ~every)

    return measure


def _teams(material: Material) -> pd.DataFrame | None:
    """Teams in which at least one open case was reached, of all teams."""
    cases = material.drawing.reached
    if "team" not in cases:
        return None
    teams = cases[cases["team"].fillna("").astype(str).str.strip() != ""]
    reached = teams.groupby(["service", "team"], observed=True)["reached"].any()
    return _rows({"teams": (int(reached.sum()), len(reached))}) if len(reached) else None


def _draw(material: Material) -> pd.DataFrame:
    """What the draw came to: numbers of a plan, not of children with anything in common."""
    drawing = material.drawing
    frame, cases, load = drawing.draw.frame, drawing.assignment.cases, drawing.assignment.load
    first = int(frame["drawn_first"].sum())
    asked = material.params.draw
    wanted = first if asked is None or asked.take_all else asked.cases or first
    rows = {
        "drawn": (first, max(wanted, first)),
        "reserves": (int((frame["place"] == "reserve").sum()), first),
        "second_looks": (int(frame["second"].sum()), first),
        "peers": (int(cases["peer"].sum()), len(cases)),
        "auditors": (int((load["audits"] + load["second_looks"] + load["paired"] > 0).sum()), len(load)),
    }
    return _rows({name: pair for name, pair in rows.items() if pair[1]})


def _rows(counts: Mapping[str, tuple[int, int]]) -> pd.DataFrame:
    rows = [(group, n, of, 0, n / of if of else np.nan, np.nan, np.nan) for group, (n, of) in counts.items()]
    return pd.DataFrame(rows, columns=["group", *MEASURES])


def _evenness(material: Material) -> pd.DataFrame | None:
    """How far the chance of one service's cases is from another's, as no more than a word: counts may be hidden."""
    strata = material.drawing.draw.strata
    strata = strata[strata["drawn"] > 0]
    if len(strata) < 2:
        return None
    chance = strata["drawn"] / strata["eligible"]
    ratio = chance.max() / chance.min()
    word = next((word for word, most in EVEN.items() if ratio <= most), MORE)
    return pd.DataFrame([{"group": "all", **dict.fromkeys(MEASURES, np.nan), "at_most": word}])


def _likeness(material: Material) -> pd.DataFrame | None:
    """How often chance would make a draw as unlike the cases that could be drawn, by what the list says of them."""
    frame = material.drawing.draw.frame
    eligible = frame[frame["reason"] == ""]
    every = pd.Series(True, index=eligible.index)
    looked_at = {"service": eligible["service"], "category": category_of(eligible, material)}
    rows = {
        name: chance_of_difference(_counted(groups, eligible["drawn_first"], every, ~every).iloc[:-1])
        for name, groups in looked_at.items()
    }
    found = {name: p for name, p in rows.items() if not np.isnan(p)}
    if not found:
        return None
    words = [LIKE if p >= LIKENESS_LEVEL / len(found) else UNLIKE for p in found.values()]
    table = pd.DataFrame({"group": [*found], "share": [*found.values()], "likeness": words})
    return table.assign(n=np.nan, of=np.nan, left_out=np.nan, low=np.nan, high=np.nan)[["group", *MEASURES, "likeness"]]


NOT_KNOWN = "the framework names no categories, or the case list holds none"

DRAW: tuple[Planned, ...] = (
    Planned("draw", ("group",), _draw, lambda _: About(
        "What was drawn", "cases", "", "Number", "Of", labels={
            "drawn": "Cases drawn", "reserves": "Reserves", "second_looks": "Audited twice",
            "peers": "Audited by a peer of another team", "auditors": "Auditors with a case"},
        of_is_known=True, children=False)),
    Planned("frame", ("group", "reason"), _frame, lambda m: About(
        "Cases of the list, by whether they could be drawn", "cases", "", "Cases", "Listed", labels=_reasons(m),
        parts=True)),
    Planned("chance_by_service", ("group",), _chance("service"), lambda _: About(
        "Chance of being drawn, by service", "cases", "Service", "Drawn", "Eligible", "Not eligible",
        labels={"all": "All services"}, linked="service", share_head="Chance", whole_service=False)),
    Planned("chance_by_category", ("group",), _chance("category"), lambda _: About(
        "Chance of being drawn, by category", "cases", "Category", "Drawn", "Eligible", "Not eligible",
        labels={"all": "All categories"}, linked="category", share_head="Chance", missing=NOT_KNOWN)),
    Planned("likeness", ("group",), lambda m: lambda _: _likeness(m), lambda _: About(
        "Cases drawn beside those that could be", "draws", "By", "", "", share_head="Chance of one as unlike",
        labels={"service": "Service", "category": "Category"}, says=("likeness",),
        missing="too few were drawn to say")),
    Planned("evenness", ("group",), lambda m: lambda _: _evenness(m), lambda _: About(
        "How even the chances are", "words", "", "", "", labels={"all": "All services"}, says=("at_most",),
        missing="cases of one service alone were drawn")),
    Planned("reached", ("group",), _reached("service"), lambda _: About(
        "Open cases audited in the months before, by service", "cases", "Service", "", "", share_head="Audited before",
        labels={"all": "All services"}, linked="service reached", whole_service=False)),
    Planned("reached_categories", ("group",), _reached("category"), lambda _: About(
        "Open cases audited in the months before, by category", "cases", "Category", "", "",
        share_head="Audited before",
        labels={"all": "All categories"}, linked="category reached", missing=NOT_KNOWN)),
    Planned("reached_teams", ("group",), _teams, lambda _: About(
        "Teams with an audit in the months before", "teams", "", "Teams", "All teams", labels={"teams": "Teams"},
        of_is_known=True, children=False, missing="the case list names no teams")),
)  # fmt: skip
"""The tables of the statement of a draw."""
