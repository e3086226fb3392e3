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

from qa_lib.intake.caseload import categories_of
from qa_lib.measures.change import adjust
from qa_lib.measures.completion import chance_of_difference
from qa_lib.measures.sampling import REASONS
from qa_lib.measures.shares import MEASURES, counted_whole
from qa_lib.report.comparisons import FAMILY_LEVEL
from qa_lib.report.draw_told import MORE, reasons_told
from qa_lib.report.drawing import design_of
from qa_lib.report.material import Material
from qa_lib.report.planned import Planned
from qa_lib.report.publishable import About

LIKE, UNLIKE = "like", "unlike"
EVEN = {"one and a half times": 1.5, "twice": 2.0, "three times": 3.0}


def _counted(groups: pd.Series, hits: pd.Series, counted: pd.Series, left: pd.Series) -> pd.DataFrame:
    """A row a group that has any case, and one for all: `n` of `of` cases, `left_out` beside them."""
    flags = pd.DataFrame({"n": hits & counted, "of": counted, "left_out": left}).astype("int64")
    table = flags.groupby(groups, observed=True).sum().rename_axis("group").reset_index().astype({"group": "str"})
    table = table[(table["of"] + table["left_out"]) > 0]
    return counted_whole(pd.concat([table, flags.sum().to_frame().T.assign(group="all")], ignore_index=True))


def _groups(cases: pd.DataFrame, by: str, material: Material) -> pd.Series:
    return cases["service"] if by == "service" else categories_of(cases, material.params.framework)


def _frame(material: Material) -> pd.DataFrame:
    """The cases of the list by whether they could be drawn, and if not, why."""
    reasons = material.drawing.draw.frame["reason"].replace("", "eligible")
    n = reasons.value_counts()
    kept = [reason for reason in ("eligible", *REASONS) if n.get(reason, 0)]
    table = pd.DataFrame({"group": "all", "reason": kept, "n": [int(n[reason]) for reason in kept]})
    return counted_whole(table.assign(of=len(reasons)))


def _chance(by: str) -> Callable[[Material], pd.DataFrame | None]:
    """Cases drawn of those that could be, by service or category; the open ones that could not be are left out."""

    def measure(material: Material) -> pd.DataFrame | None:
        frame = material.drawing.draw.frame
        frame = frame[frame["reason"] != "closed"]
        groups = _groups(frame, by, material)
        eligible = frame["reason"] == ""
        table = _counted(groups, frame["drawn_first"], eligible, ~eligible)
        return table if by == "service" else table.iloc[:-1]  # the whole stands in the table by service

    return measure


def _reached(by: str) -> Callable[[Material], pd.DataFrame | None]:
    """Open cases that were audited within the months in which no case is drawn again."""

    def measure(material: Material) -> pd.DataFrame | None:
        cases = material.drawing.reached
        groups = _groups(cases, by, material)
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
    frame, cases = drawing.draw.frame, drawing.assignment.cases
    first = int(frame["drawn_first"].sum())
    wanted = design_of(material.params).cases or first
    rows = {
        "drawn": (first, max(wanted, first)),
        "reserves": (int((frame["place"] == "reserve").sum()), first),
        "second_looks": (int(frame["second"].sum()), first),
        "peers": (int(cases["peer"].sum()), len(cases)),
    }
    return _rows({name: pair for name, pair in rows.items() if pair[1]})


def _rows(counts: Mapping[str, tuple[int, int]]) -> pd.DataFrame:
    return counted_whole(pd.DataFrame([(group, *pair) for group, pair in counts.items()], columns=["group", "n", "of"]))


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
    p = {
        by: chance_of_difference(
            _counted(_groups(eligible, by, material), eligible["drawn_first"], every, ~every).iloc[:-1]
        )
        for by in ("service", "category")
    }
    adjusted = adjust([*p.values()], "holm")
    table = pd.DataFrame({"group": [*p], "share": [*p.values()]}).assign(
        likeness=np.where(adjusted < FAMILY_LEVEL, UNLIKE, LIKE), **dict.fromkeys(("n", "of", "left_out"), np.nan)
    )
    table = table[adjusted.notna().to_numpy()].assign(low=np.nan, high=np.nan)
    return None if table.empty else table[["group", *MEASURES, "likeness"]]


NOT_KNOWN = "the framework names no categories, or the case list holds none"

DRAW: tuple[Planned, ...] = (
    Planned("draw", ("group",), _draw, lambda _: About(
        "What was drawn", "cases", "", "Number", "Of", labels={
            "drawn": "Cases drawn", "reserves": "Reserves", "second_looks": "Audited twice",
            "peers": "Audited by a peer of another team"},
        of_is_known=True, children=False)),
    Planned("frame", ("group", "reason"), _frame, lambda m: About(
        "Cases of the list, by whether they could be drawn", "cases", "", "Cases", "Listed", parts=True,
        labels=reasons_told(m.params))),
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
