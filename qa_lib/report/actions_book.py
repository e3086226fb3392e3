"""What stands behind what is told of each action?

A working paper for those who keep the action plan: the latest register with how
far each action has come, the counts of its windows and the cases audited again,
and below it every register that was given. Nothing small is hidden in it.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from qa_lib.report.action_ladder import climbed
from qa_lib.report.action_measures import actions_now, areas_answered
from qa_lib.report.material import Material
from qa_lib.report.sheets import Papers

ACTION = {
    "action_id": "Action", "concern": "Area of concern", "action": "Proposed action", "outcome": "Expected outcome",
    "owner": "Owner", "start": "Start", "due": "Due", "status_written": "Status as written", "status": "Status",
    "done_on": "Done on", "measure": "Measure", "wished": "Should go", "areas": "Areas", "as_at": "Register of",
}  # fmt: skip
SHOWS = {
    "rung": "Rung", "shows": "Evidence shows", "months_before": "Months before", "n1": "Before", "of1": "Before, of",
    "months_after": "Months since", "n2": "Since", "of2": "Since, of", "n_first": "First half",
    "of_first": "First half, of", "n_second": "Second half", "of_second": "Second half, of",
    "difference": "Difference", "low": "Interval from", "high": "Interval to", "p": "p (all actions together)",
    "pairs": "Cases audited again", "gained": "No, then yes", "lost": "Yes, then no", "p_pairs": "p of these cases",
    "evidence": "Evidence named",
}  # fmt: skip
REGISTER = {
    "register": "Register", "as_at": "Register of", "action_id": "Action", "concern": "Area of concern",
    "action": "Proposed action", "outcome": "Expected outcome", "owner": "Owner", "start": "Start", "due": "Due",
    "status_written": "Status as written", "status": "Status", "done_on": "Done on", "measure": "Measure",
    "direction": "Should go", "themes": "Themes", "asks": "Asked by a report", "urgent": "Urgent",
    "evidence": "Evidence named",
}  # fmt: skip
ABOUT_THE_PAIRS = "Cases audited again: before the action began, and again since it was done; the latest audit of each."


def write_actions(material: Material, path: Path) -> None:
    """Write `actions.xlsx`: the actions with what is shown of each, and the registers; no file without a register."""
    actions, given = actions_now(material), material.extracts.actions
    if actions is None or given is None:
        return
    found = climbed(material, actions).drop(columns="action_id").rename(columns={"outcome": "shows"})
    areas = areas_answered(material, actions)
    whole = actions.join(found).assign(
        areas=["; ".join(sorted(areas[action])) for action in actions["action_id"]],
        months_before=[_months(months) for months in found["before"]],
        months_after=[_months(months) for months in found["after"]],
    )
    with Papers(path) as papers:
        papers.table("Actions", _named(whole, {**ACTION, **SHOWS}), [ABOUT_THE_PAIRS])
        papers.table("Registers", _named(given.history, REGISTER))


def _months(months: object) -> str:
    """The first and the last month of a window."""
    return f"{months[0]} to {months[-1]}" if isinstance(months, tuple) and months else ""


def _named(table: pd.DataFrame, heads: dict[str, str]) -> pd.DataFrame:
    """These columns of a table under the headings that a person reads."""
    return table[[*heads]].rename(columns=heads)
