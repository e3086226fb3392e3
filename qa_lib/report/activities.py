"""Which tables show whether the activities agree?

Twelve months of audits, complaints, escalations and the rest, theme by
activity: who notes what as a need and as a strength, which way each activity
points, since when, and which issues recur by the rule of the framework.
"""

from __future__ import annotations

from functools import partial

from qa_lib.report import issues, ledger
from qa_lib.report.material import Material
from qa_lib.report.planned import Planned
from qa_lib.report.publishable import About

NO_EVIDENCE = "no evidence of other activities was given"


def _words(material: Material) -> dict[str, str]:
    themes = {key: theme.label for key, theme in material.params.codebook.themes.items()}
    return {**themes, **material.params.framework.activities_short}


def _title(material: Material, words: str) -> str:
    return f"{words}, {material.params.period.year.words}"


ACTIVITIES: tuple[Planned, ...] = (
    Planned("ledger", ("group", "activity"), partial(ledger.ledger, polarity="development"), lambda m: About(
        _title(m, "Needs for development by theme and activity"), "observations", "Theme", "Need noted",
        "Observations", labels=_words(m), missing=NO_EVIDENCE), whole_only=True),
    Planned("ledger_strengths", ("group", "activity"), partial(ledger.ledger, polarity="strength"), lambda m: About(
        _title(m, "Strengths by theme and activity"), "observations", "Theme", "Strength noted",
        "Observations", labels=_words(m), missing=NO_EVIDENCE), whole_only=True),
    Planned("activities", ("group",), lambda m: partial(ledger.activities, m), lambda m: About(
        _title(m, "What each activity brought"), "observations", "Activity", "", "",
        labels=m.params.framework.activity_words, says=("observations", "weight"), missing=NO_EVIDENCE),
        whole_only=True),
    Planned("pointing", ("group", "activity"), lambda m: partial(issues.pointing, m), lambda m: About(
        _title(m, "Which way each activity points"), "observations", "Theme", "", "", labels=_words(m),
        says=("direction", "turn", "since"), missing=NO_EVIDENCE), whole_only=True),
    Planned("recurring", ("group",), lambda m: partial(issues.issues, m), lambda m: About(
        _title(m, "Issues, and the activities that note them as needs"), "activities", "Issue", "Activities", "Of",
        labels=_words(m), has_share=False, says=("noted_by", "commonest", "verdict", "sign"), people=False,
        missing=NO_EVIDENCE), whole_only=True),
    Planned("verdicts", ("group",), lambda _: issues.counted, lambda m: About(
        _title(m, "Themes by whether they recur"), "themes", "Verdict", "Themes", "All themes", people=False,
        has_share=False, missing=NO_EVIDENCE), whole_only=True),
    Planned("themes_by_period", ("group", "period"), ledger.themes_by_period, lambda m: About(
        "Needs that audits noted, by period", "audits", "Theme", "Audits", "With comments", labels={
            **_words(m), **{period.key: period.words for period in m.params.periods}}), whole_only=True),
    Planned("voices", ("group",), ledger.voices, lambda m: About(
        "What came of what people said", "voices", "Activity", "Something changed", "Outcome known",
        "Outcome not recorded", labels=m.params.framework.activity_words,
        missing=NO_EVIDENCE if m.extracts.evidence is None else "nobody was heard in the period"), whole_only=True),
)  # fmt: skip
"""Whether the activities agree: tables of the quarterly report."""
