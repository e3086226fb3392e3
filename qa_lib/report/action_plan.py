"""Which tables does the action plan show?

What stands in the register of actions, what is overdue and what is missing;
then what became of it: each action's way up the ladder, its measure span by
span, which area has an action, and what became of what the last report asked.

Counts of actions are no counts of people, so nothing is hidden in them. Escalations are: each is about a child, so
their numbers pass the gate, and their words are printed nowhere. Of what the register says of
actions are printed the concern, the action and the outcome, which were written for a committee; never an owner, never
evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from qa_lib.measures import register
from qa_lib.measures.shares import MEASURES
from qa_lib.report.action_areas import Earlier, area_words, areas, asked_before, next_plan
from qa_lib.report.action_ladder import counted, ladder, span_key, trend
from qa_lib.report.action_measures import actions_now, areas_answered
from qa_lib.report.ledger import spans
from qa_lib.report.material import Material
from qa_lib.report.planned import Planned
from qa_lib.report.publishable import About, Derived

NO_REGISTER = "no register of actions was given"


def _counted(measure: Callable[[Material, pd.DataFrame], pd.DataFrame]) -> Callable[[Material], pd.DataFrame | None]:
    """Counts of the actions as they stood when the period ended, without shares; None without a register."""

    def measured(material: Material) -> pd.DataFrame | None:
        actions = actions_now(material)
        return None if actions is None or actions.empty else measure(material, actions).assign(share=np.nan)

    return measured


def _trend(material: Material) -> pd.DataFrame | None:
    actions = actions_now(material)
    return None if actions is None else trend(material, actions)


def _derived(
    measure: Callable[[Material, pd.DataFrame, Earlier], pd.DataFrame | None],
) -> Callable[[Material], Derived]:
    """The same for what rests on tables before it."""

    def derived(material: Material) -> Derived:
        def made(earlier: Earlier) -> pd.DataFrame | None:
            actions = actions_now(material)
            found = None if actions is None or actions.empty else measure(material, actions, earlier)
            return None if found is None or found.empty else _told(found)

        return made

    return derived


def _told(table: pd.DataFrame) -> pd.DataFrame:
    """A measure table of words, and of figures that are no counts."""
    return table.assign(**{name: np.nan for name in MEASURES if name not in table}).reset_index(drop=True)


def _end(material: Material) -> pd.Timestamp:
    return pd.Timestamp(material.params.period.end)


def _closing(_: Material, actions: pd.DataFrame) -> pd.DataFrame:
    table = register.closing(actions)
    return table.assign(median=[_days(days) for days in table["days"]])


def _days(days: Any) -> str:
    """Days in words: "74 days"; "" where they are not known."""
    whole = "" if pd.isna(days) else f"{days:,.0f}"
    return f"{whole} day{'' if whole == '1' else 's'}" if whole else ""


def _urgent(material: Material) -> pd.DataFrame | None:
    """Escalations of twelve months; the median of the days to close only where not few were closed."""
    given, year = material.extracts.actions, material.params.period.year
    if given is None:
        return None
    table = register.urgent(given.register, pd.Timestamp(year.start), pd.Timestamp(year.end))
    many = table["closed"].iloc[0] > material.params.hide_up_to
    told = table.assign(share=np.nan, median=_days(table["days"].iloc[0]) if many else "")
    told = told.drop(columns=["closed", "days"])
    return told if table["of"].iloc[0] else None


def _register(_: Material, actions: pd.DataFrame, __: Earlier) -> pd.DataFrame:
    return actions.rename(columns={"action_id": "group"})[["group", "action", "outcome"]]


def _why(material: Material, otherwise: str) -> str:
    """Why a table of the action plan is not there."""
    return NO_REGISTER if material.extracts.actions is None else otherwise


def _gaps(material: Material, actions: pd.DataFrame) -> pd.DataFrame:
    return register.gaps(actions, areas_answered(material, actions))


def _action_words(material: Material) -> dict[str, str]:
    """Each action by its id and its concern."""
    actions = actions_now(material)
    rows = [] if actions is None else actions[["action_id", "concern"]].to_dict("records")
    return {str(row["action_id"]): f"{row['action_id']}: {row['concern']}" for row in rows}


def _span_words(material: Material) -> dict[str, str]:
    return {span_key(span): span.words for span in spans(material)} if material.extracts.actions else {}


STATUS_WORDS = {status: status.capitalize() for status in register.STATUSES}
BAND_WORDS = {"up_to_3": "Up to three months", "3_to_6": "Three to six months", "over_6": "More than six months",
              "all": "All that is overdue"}  # fmt: skip
GAP_WORDS = {
    "no_owner": "No owner",
    "no_due": "No due date",
    "no_measure": "No measure",
    "no_area": "No area",
    "not_in_latest": "Not in the latest register, and as the last one had it",
}

ACTION_PLAN: tuple[Planned, ...] = (
    Planned("actions", ("group",), _counted(lambda _, actions: register.statuses(actions)), lambda _: About(
        "What the register says of the actions", "actions", "Status", "Actions", "Of", labels=STATUS_WORDS,
        has_share=False, people=False, missing=NO_REGISTER), whole_only=True),
    Planned("overdue", ("group",), _counted(lambda m, actions: register.overdue(actions, _end(m))), lambda _: About(
        "Actions overdue, by how long", "actions", "Overdue", "Actions", "Not done", labels=BAND_WORDS,
        has_share=False, people=False, missing=NO_REGISTER), whole_only=True),
    Planned("closing", ("group",), _counted(_closing), lambda _: About(
        "Actions closed", "actions", "", "Closed", "Actions", labels={"all": "All"}, has_share=False,
        says=("median",), people=False, missing=NO_REGISTER), whole_only=True),
    Planned("gaps", ("group",), _counted(_gaps), lambda _: About(
        "What actions lack", "actions", "Missing", "Actions", "Of", labels=GAP_WORDS, has_share=False, people=False,
        missing=NO_REGISTER), whole_only=True),
    Planned("urgent", ("group",), _urgent, lambda m: About(
        "Immediate safeguarding escalations from audits", "escalations", "", "In time", "Raised", has_share=False,
        labels={"all": f"Closed within five working days, of those raised in {m.params.period.year.words}"},
        says=("median",), missing=_why(m, "the register holds none that was raised in these months")), whole_only=True),
    Planned("ladder", ("group",), _derived(lambda m, actions, _: ladder(m, actions)), lambda m: About(
        "How far each action has come: what the register says, and what the evidence shows", "points", "Action", "", "",
        labels=_action_words(m), share_unit="points", share_head="Difference (points)",
        says=("claimed", "done", "rung", "shown", "start"), missing=NO_REGISTER), whole_only=True),
    Planned("shown", ("group",), _derived(lambda _, __, earlier: counted(earlier["ladder"])), lambda _: About(
        "What the evidence shows of the actions that are done", "actions", "Evidence shows", "Actions", "Done",
        has_share=False, people=False, missing=NO_REGISTER), whole_only=True),
    Planned("measure_trend", ("group", "period"), _trend, lambda m: About(
        "The measures of the actions, by period", "audits or observations", "Action", "Hits", "Base",
        labels={**_action_words(m), **_span_words(m)}, missing="no action names a measure"), whole_only=True),
    Planned("areas", ("group",), _derived(areas), lambda m: About(
        "Areas to develop, and the actions that answer them", "actions", "Area", "", "", labels=area_words(m),
        says=("why", "answered"), people=False, missing=NO_REGISTER), whole_only=True),
    Planned("asked_before", ("group",), _derived(asked_before), lambda m: About(
        "What the last report asked, and what became of it", "actions", "Asked", "", "", labels=area_words(m),
        says=("answered", "stands"), people=False, missing=_why(m, "no earlier ask is known")), whole_only=True),
    Planned("next_plan", ("group",), _derived(next_plan), lambda m: About(
        "Recurring issues without an action: rows for the next plan", "actions", "Area of concern", "", "",
        labels=area_words(m), says=("action", "outcome"), people=False,
        missing=_why(m, "every recurring issue has an action, or none is known")), whole_only=True),
    Planned("register", ("group",), _derived(_register), lambda m: About(
        "The action plan", "actions", "Area of concern", "", "", labels=_action_words(m), says=("action", "outcome"),
        people=False, missing=NO_REGISTER), whole_only=True),
)  # fmt: skip
"""What the action plan shows: tables of the quarterly report; after those of the activities and of the audits."""
