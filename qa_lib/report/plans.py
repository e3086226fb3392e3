"""Which tables does each kind of report show?

A notebook opens its report with a table plan: the list of every measure table
that it will show. All of them are computed and protected together, before a
word is written. Each entry says how its table is measured and what it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd

from qa_lib.measures import programme
from qa_lib.measures.shares import grade_distribution, share_good_or_better
from qa_lib.measures.themes import theme_shares
from qa_lib.report import comparisons, progress
from qa_lib.report.action_plan import ACTION_PLAN
from qa_lib.report.activities import ACTIVITIES
from qa_lib.report.material import Material
from qa_lib.report.planned import Planned
from qa_lib.report.publishable import About
from qa_lib.report.weights import weighted_words
from qa_lib.settings.kinds import OVERALL
from qa_lib.settings.period import TREND_MONTHS


def _month_words(months: list[str]) -> dict[str, str]:
    return {month: f"{pd.Timestamp(month):%B %Y}" for month in months}


def _each_month(months: pd.Series[str]) -> list[str]:
    """Every month from the first to the last, those without an audit too."""
    return [f"{month:%Y-%m}" for month in pd.period_range(months.min(), months.max(), freq="M")]


def _domain_words(material: Material) -> dict[str, str]:
    return {**material.params.framework.domains, OVERALL: "Overall"}


def _completion(material: Material) -> pd.DataFrame | None:
    plan, months = material.params.framework.programme, material.params.period.month_keys
    return programme.completion(material.current, months, plan.allocated_a_month) if plan else None


def _coverage(material: Material) -> pd.DataFrame | None:
    caseload = material.extracts.caseload
    return programme.coverage(material.current, caseload.cases) if caseload else None


def _overall(material: Material) -> pd.DataFrame | None:
    gradings = material.gradings("current", overall=True)
    return None if gradings.empty else share_good_or_better(gradings.assign(whole="all"), material.scale, "whole")


def _grades(material: Material) -> pd.DataFrame | None:
    parts = [material.gradings("current", overall=overall) for overall in (True, False)]
    tables = [grade_distribution(part, material.scale) for part in parts if not part.empty]
    return pd.concat([table.astype({"group": "str"}) for table in tables], ignore_index=True) if tables else None


def _by(column: str, overall: bool) -> Callable[[Material], pd.DataFrame | None]:
    def measure(material: Material) -> pd.DataFrame | None:
        gradings = material.gradings("current", overall=overall)
        if gradings.empty or (column == "service" and gradings[column].nunique() < 2):
            return None
        table = share_good_or_better(gradings, material.scale, column)
        return table[(table["of"] + table["left_out"]) > 0].reset_index(drop=True)

    return measure


def _compared(overall: bool) -> Callable[[Material], pd.DataFrame | None]:
    def measure(material: Material) -> pd.DataFrame | None:
        keys = [period.key for period in material.params.periods]
        gradings = material.gradings(*keys, overall=overall)
        if len(keys) < 2 or gradings.empty:
            return None
        gradings["period"] = pd.Categorical(gradings["period"], keys, ordered=True)
        table = share_good_or_better(gradings, material.scale, "period" if overall else ["domain", "period"])
        return table[(table["of"] + table["left_out"]) > 0].reset_index(drop=True)

    return measure


def _by_month(material: Material) -> pd.DataFrame | None:
    if material.params.period.months > TREND_MONTHS:
        return None
    gradings = material.gradings("current", "previous", "last_year", "trend", overall=True)
    last = material.params.period.end
    first = f"{pd.Timestamp(last) - pd.DateOffset(months=TREND_MONTHS - 1):%Y-%m}"
    gradings = gradings[gradings["month"] >= first]
    if gradings["month"].nunique() < 2:
        return None
    months = _each_month(gradings["month"])
    period_of = dict(zip(gradings["month"], gradings["period"], strict=True))
    gradings = gradings.assign(month=pd.Categorical(gradings["month"], months, ordered=True))
    table = share_good_or_better(gradings, material.scale, "month").astype({"group": "str"})
    return table.assign(period=[period_of.get(month, "") for month in table["group"]])


def _themes(material: Material) -> pd.DataFrame | None:
    if not material.comment_base["has_text"].any():
        return None
    parts = [
        theme_shares(material.passages, material.comment_base, material.codebook, polarity).assign(polarity=polarity)
        for polarity in ("strength", "development")
    ]
    return pd.concat(parts, ignore_index=True)


def _voice(material: Material) -> pd.DataFrame | None:
    asked = [column for column in programme.VOICES if column in material.current]
    return programme.voice(material.current) if asked else None


def _goal(material: Material) -> str:
    """The goal as a heading: "Good or better"."""
    words = material.scale.goal
    return words[:1].upper() + words[1:]


def _about_compared(material: Material, title: str, head: str) -> About:
    words = {period.key: period.words for period in material.params.periods}
    return About(
        title, "gradings", head, _goal(material), "Graded", "Not graded", {**_domain_words(material), **words},
        goal=material.scale.goal,
        missing="this report is compared with no other period",
    )  # fmt: skip


NO_OVERALL = "the extracts hold no overall grade"


def _has_overall(material: Material) -> bool:
    return not material.gradings("current", overall=True).empty


def _why_no_months(material: Material) -> str:
    if material.params.period.months > TREND_MONTHS:
        return "the period is longer than the months that are drawn"
    return "the extracts hold one month only" if _has_overall(material) else NO_OVERALL


VOICE_WORDS = {
    "child_spoken_to": "Auditor spoke to the child",
    "parent_spoken_to": "Auditor spoke to a parent or carer",
    "worker_involved": "Social worker took part in the audit",
    "changed_something": "What people said changed something",
}

PROGRESS: tuple[Planned, ...] = (
    Planned("outcomes", ("group", "outcome"), progress.outcomes, progress.about_outcomes, whole_only=True),
    Planned("steps", ("group",), progress.steps, progress.about_steps, whole_only=True),
    Planned("categories", ("group",), progress.categories, progress.about_categories, whole_only=True),
    Planned("differences", ("group",), progress.differences, progress.about_differences, whole_only=True),
)
"""What became of the cases that were drawn: tables of each report that is given a register of the draws."""

QUARTERLY: tuple[Planned, ...] = (
    Planned("completion", ("group",), _completion, lambda m: About(
        "Audits completed against the plan", "audits", "Month", "Completed", "Planned",
        labels={**_month_words(m.params.period.month_keys), "all": "Whole period"},
        linked="month", of_is_known=True, children=False,
        missing="the framework holds no plan of the programme"), whole_only=True),
    Planned("coverage", ("group",), _coverage, lambda _: About(
        "Audits completed beside open cases, by service", "audits", "Service", "Audits", "Open cases",
        labels={"all": "All services"}, linked="service", of_is_known=True, whole_service=False,
        missing="no case list was given"), whole_only=True),
    *PROGRESS,
    Planned("allocated_by_service", ("group",), progress.by_service, progress.about_by_service, whole_only=True),
    Planned("overall", ("group",), _overall, lambda m: About(
        f"Audits graded {m.scale.goal} overall", "audits", "", _goal(m), "Graded", "Not graded",
        goal=m.scale.goal,
        labels={"all": "All audits"}, missing=NO_OVERALL)),
    Planned("grades", ("group", "grade"), _grades, lambda m: About(
        "Grades given, overall and by domain" if m.params.framework.domains else "Grades given",
        "gradings", "Domain" if m.params.framework.domains else "Grade", "Count", "Graded", "Not graded",
        labels=_domain_words(m), scale=m.scale)),
    Planned("by_domain", ("group",), _by("domain", overall=False), lambda m: About(
        f"Gradings {m.scale.goal}, by domain", "gradings", "Domain", _goal(m), "Graded", "Not graded",
        goal=m.scale.goal,
        labels=_domain_words(m), missing="the extracts hold no grades by domain")),
    Planned("by_service", ("group",), _by("service", overall=True), lambda m: About(
        f"Audits graded {m.scale.goal} overall, by service", "audits", "Service", _goal(m), "Graded",
        goal=m.scale.goal, left_head="Not graded", linked="service", whole_service=False,
        missing="the extracts name one service at most" if _has_overall(m) else NO_OVERALL)),
    Planned("same_grades", ("group",), comparisons.same_grades, lambda m: About(
        "Second looks at audits picked at random that gave the same grade", "second looks", "Domain", "Same grade",
        "Second looks", "Not graded by both", labels=_domain_words(m),
        missing="no second looks at audits picked at random were supplied")),
    Planned("drawn", ("group",), progress.drawn, progress.about_drawn, whole_only=True),
    Planned("estimates", ("group",), lambda m: partial(comparisons.estimates, m), lambda m: About(
        f"Share graded {m.scale.goal} overall, counted and estimated", "audits", "Figure", "", "",
        labels={"counted": "As audited", **weighted_words(m), "adjusted": "Adjusted by second looks"},
        goal=m.scale.goal,
        missing="there is no case list or register of draws to weight by, and too few second looks to adjust by"),
        whole_only=True),
    Planned("periods", ("group",), _compared(overall=True), lambda m: _about_compared(
        m, f"Audits graded {m.scale.goal} overall, by period", "Period")),
    Planned("domains_compared", ("group", "period"), _compared(overall=False), lambda m: _about_compared(
        m, f"Gradings {m.scale.goal}, by domain and period", "Domain")),
    Planned("change", ("group",), lambda _: comparisons.change, lambda m: About(
        "Change since the period before", "points", "Domain", "", "", labels=_domain_words(m), share_unit="points",
        share_head="Difference (points)", says=("direction",),
        missing="this report is compared with no period before")),
    Planned("by_month", ("group",), _by_month, lambda m: About(
        f"Audits graded {m.scale.goal} overall, by month", "audits", "Month", _goal(m), "Graded", "Not graded",
        goal=m.scale.goal,
        labels=_month_words(_each_month(m.extracts.audits.gradings["month"])), linked="month",
        missing=_why_no_months(m))),
    Planned("control", ("group",), lambda _: comparisons.control, lambda m: About(
        "What chance explains, month by month", "months", "Month", "", "", share_head="Centre", interval_head="Limits",
        labels=_month_words(_each_month(m.extracts.audits.gradings["month"])), says=("signal",),
        missing="there are too few months for a run chart or a control chart")),
    Planned("funnel", ("group",), lambda _: comparisons.services_funnel, lambda _: About(
        "What chance explains, service by service", "services", "Service", "", "", share_head="Together",
        interval_head="Limits (95%)", says=("signal",), whole_service=False,
        missing="fewer services than it takes can be shown"), whole_only=True),
    Planned("themes", ("group", "polarity"), _themes, lambda m: About(
        "Themes in what auditors wrote: audits in which each was noted", "audits", "Theme", "Audits", "With comments",
        "Without comments", labels={
            **{key: theme.label for key, theme in m.params.codebook.themes.items()},
            "strength": "Strength", "development": "Need for development"},
        missing="the extracts hold no comments")),
    Planned("voice", ("group",), _voice, lambda _: About(
        "Whose voice was heard", "audits", "Question", "Yes", "Yes or no", "Not appropriate or not recorded",
        labels=VOICE_WORDS, missing="the extracts do not say whom the auditors spoke to")),
    Planned("agreement", ("group",), lambda m: partial(comparisons.coefficients, m), lambda m: About(
        "Agreement of auditors beyond chance", "second looks", "Domain", "", "", labels=_domain_words(m),
        share_unit="coefficient", share_head="Agreement beyond chance",
        missing="there are too few second looks at audits picked at random")),
    *ACTIVITIES,
    *ACTION_PLAN,
)  # fmt: skip
"""The tables of the quarterly report to the Board."""
