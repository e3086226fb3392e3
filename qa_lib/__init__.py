"""The quality assurance workbook's library: what the notebooks use.

A notebook opens a report (`open_report`), and tells, tables and draws what the
report hands back. Everything else is behind these names; `docs/house.md` says
which room answers which question.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa_lib.report.action_dates import action_dates_chart
    from qa_lib.report.activities_told import across, issues_table
    from qa_lib.report.bars import grades_chart, programme_chart, progress_chart, themes_chart
    from qa_lib.report.bulletin import BULLETIN, bulletin_chart
    from qa_lib.report.bulletin_told import in_short
    from qa_lib.report.case_allocation import DRAW
    from qa_lib.report.chance import funnel_chart, months_chart
    from qa_lib.report.charts import periods_chart, shares_chart
    from qa_lib.report.draw_told import drawn_in_short, what_makes_it_fair
    from qa_lib.report.matrix import activities_chart
    from qa_lib.report.narrative import tell
    from qa_lib.report.open import open_report
    from qa_lib.report.plan_tables import plan_table
    from qa_lib.report.plans import QUARTERLY
    from qa_lib.report.tables import table
    from qa_lib.report.themed import THEMED
    from qa_lib.report.workshop import WORKSHOP, workshop_chart
    from qa_lib.report.workshop_short import workshop_in_short
    from qa_lib.report.workshop_told import cases_table
    from qa_lib.run.keeping import explore

_ROOMS = {
    "open_report": "report.open",
    "explore": "run.keeping",
    "QUARTERLY": "report.plans",
    "THEMED": "report.themed",
    "BULLETIN": "report.bulletin",
    "WORKSHOP": "report.workshop",
    "DRAW": "report.case_allocation",
    "tell": "report.narrative",
    "table": "report.tables",
    "shares_chart": "report.charts",
    "grades_chart": "report.bars",
    "periods_chart": "report.charts",
    "months_chart": "report.chance",
    "funnel_chart": "report.chance",
    "activities_chart": "report.matrix",
    "across": "report.activities_told",
    "action_dates_chart": "report.action_dates",
    "plan_table": "report.plan_tables",
    "issues_table": "report.activities_told",
    "programme_chart": "report.bars",
    "progress_chart": "report.bars",
    "themes_chart": "report.bars",
    "bulletin_chart": "report.bulletin",
    "in_short": "report.bulletin_told",
    "drawn_in_short": "report.draw_told",
    "what_makes_it_fair": "report.draw_told",
    "workshop_chart": "report.workshop",
    "workshop_in_short": "report.workshop_short",
    "cases_table": "report.workshop_told",
}

__all__ = [
    "BULLETIN",
    "DRAW",
    "QUARTERLY",
    "THEMED",
    "WORKSHOP",
    "across",
    "action_dates_chart",
    "activities_chart",
    "bulletin_chart",
    "cases_table",
    "drawn_in_short",
    "explore",
    "funnel_chart",
    "grades_chart",
    "in_short",
    "issues_table",
    "months_chart",
    "open_report",
    "periods_chart",
    "plan_table",
    "programme_chart",
    "progress_chart",
    "shares_chart",
    "table",
    "tell",
    "themes_chart",
    "what_makes_it_fair",
    "workshop_chart",
    "workshop_in_short",
]


def __getattr__(name: str) -> Any:
    """Fetch a name from its room when it is first used, so that importing the library does nothing."""
    if name not in _ROOMS:
        raise AttributeError(f"qa_lib has no {name!r}")
    return getattr(import_module(f"qa_lib.{_ROOMS[name]}"), name)
