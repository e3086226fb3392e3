"""What can be chosen in an exploration?

The periods that were read, the services that have audits, the themes, domains or
questions, the activities with observations; and the words that each bears.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType

from qa_lib.report.choosing import Choice, period_key
from qa_lib.report.material import Material
from qa_lib.report.pool import Pool
from qa_lib.settings.asked import Where
from qa_lib.settings.kinds import OVERALL
from qa_lib.settings.period import Period
from qa_lib.settings.report import ReportParams

Options = tuple[tuple[str, str], ...]
"""Words and value of everything that a field of a choice can be; the first is what "" means."""


def options_of(material: Material, pool: Pool, periods: Mapping[str, Period]) -> Mapping[str, Options]:
    """What can be chosen, by field of `Choice`; without any options where there is nothing to choose."""
    params = material.params
    framework, tool, codebook = params.framework, params.tool, params.codebook
    services = [service for service in framework.services if (pool.services == service).any()]
    evidence = material.extracts.evidence
    others = set(evidence.observations["activity"].astype(str)) if evidence is not None and not tool else set()
    own = framework.own_activity
    overall = [("Overall grade", "")] if OVERALL in pool.given else []
    below = "Met in part or not" if tool else " or ".join(framework.scale.below_good)
    labels = ("Yes", "Partly", "No") if tool else framework.scale.labels
    found = {
        "period": [(period.words, key) for key, period in periods.items()],
        "service": [("All services", ""), *((name, name) for name in services if params.audience != "public")],
        "theme": [("All themes", ""), *((theme.label, key) for key, theme in codebook.themes.items())],
        "polarity": [("In any way", ""), ("As a strength", "strength"), ("As a need", "development")],
        "domain": [] if tool else [*overall, *((framework.domains[key], key) for key in pool.given if key != OVERALL)],
        "question": [(tool.questions[key].label, key) for key in pool.given] if tool else [],
        "grade": [(below, ""), *((label, label) for label in labels)] if pool.given else [],
        "activity": [(words, "" if key == own else key) for key, words in framework.activity_words.items()
                     if key in {own, *others}],
        "box": [("All boxes", ""), *_boxes(params, pool)] if params.audience == "working" else [],
    }  # fmt: skip
    found["activity"].sort(key=lambda option: option[1] != "")
    return MappingProxyType({field.name: tuple(found[field.name]) for field in fields(Choice)})


def _boxes(params: ReportParams, pool: Pool) -> list[tuple[str, str]]:
    """The text boxes that hold something, by the headings of the form."""
    headings = {column: heading for heading, column in params.framework.columns.items()}
    if params.tool:
        headings |= {key: question.label for key, question in params.tool.questions.items()}
    columns = dict.fromkeys(map(str, pool.texts["column"]))
    return [(headings.get(column, column.replace("_", " ").capitalize()), column) for column in columns]


def periods_of(pool: Pool, params: ReportParams) -> dict[str, Period]:
    """The report's own period, those before it of the same length as far as whole ones were read, and the year."""
    own, first = params.period, min(pool.months, default="")
    found = [own]
    while not params.tool and (earlier := own.back(len(found) * own.months, "")).month_keys[0] >= first:
        found.append(earlier)
    if not params.tool and own.year.months > own.months and own.year.month_keys[0] >= first:
        found.append(own.year)
    return {period_key(period): period for period in found}


def wholes_of(periods: Mapping[str, Period]) -> dict[str, tuple[str, ...]]:
    """The periods that hold others, with those that they hold."""
    found = {}
    for whole, period in periods.items():
        inside = [key for key, one in periods.items() if period.start <= one.start and one.end <= period.end]
        if len(inside) > 1:
            found[whole] = tuple(key for key in inside if key != whole)
    return found


def where_of(choice: Choice) -> Where:
    """The part of the audits that a choice is about, as a params file says it."""
    return Where.model_validate(
        {
            "service": (choice.service,) if choice.service else None,
            "theme": (choice.theme,) if choice.theme else None,
            "polarity": choice.polarity or None,
        }
    )
