"""What is the name of this figure?

One figure has one name, `table.group.measure` in slugs, such as
`by_domain.planning.share`; settings that are spoken of ("50 a month") have
names too (`settings.allocated_a_month`). Sentences, tables, alt texts, the
fact ledger and later the commentary speak of figures by these names, and
`shown` is the only place where a figure becomes text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from qa_lib.measures.agreement import FEWEST
from qa_lib.measures.control import FEWEST_FOR_A_RUN_CHART, FEWEST_FOR_LIMITS
from qa_lib.measures.shares import MEASURES
from qa_lib.report.comparisons import FAMILY_LEVEL
from qa_lib.report.disclosure import ROUND_TO
from qa_lib.report.publishable import COUNTS, LEAST_BASE, Publishable
from qa_lib.settings.framework import Framework
from qa_lib.settings.report import ReportParams

KEY_AREAS = 2
"""How many strengths, and how many key areas of each kind, a report names."""
NUMBER_WORDS = "two three four five six seven eight nine ten eleven twelve".split()


@dataclass(frozen=True)
class Fact:
    """One figure of a report.

    `value` is a count, a share (0 to 1), a difference of shares, a coefficient
    or words; `unit` says which: "count", "share", "points", "coefficient" or
    "words". A share carries its `n` and `of` (None where
    hidden). `source` is the measure table or settings file it comes from.
    """

    name: str
    value: float | str
    unit: str
    source: str
    n: int | None = None
    of: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The fact as plain JSON."""
        return asdict(self)


def slug(words: object) -> str:
    """A name's part: small letters, digits and underscores.

    >>> slug("Safeguarding and Support"), slug("2013-05")
    ('safeguarding_and_support', '2013_05')
    """
    return re.sub(r"[^a-z0-9]+", "_", str(words).casefold()).strip("_")


def row_name(published: Publishable, row: Mapping[Any, Any] | pd.Series[Any]) -> str:
    """The name of a row's figures, without the measure: `by_domain.planning`."""
    return ".".join([published.name, *(slug(row[key]) for key in published.keys)])


def label_name(published: Publishable, key: object) -> str:
    """The name of the words that stand for a key: `label.by_domain.planning`."""
    return f"label.{published.name}.{slug(key)}"


def label_facts(published: Publishable) -> dict[str, Fact]:
    """The words for every key of a table, as facts: a service may be called "Team 2"."""
    keys = {str(key) for column in published.keys for key in published.table[column]}
    names = {label_name(published, key): published.label(key) for key in sorted(keys)}
    return {name: Fact(name, words, "words", "settings") for name, words in names.items()}


def facts_of(published: Publishable) -> dict[str, Fact]:
    """Every figure of a table that may be shown, by name; hidden and unknown ones have no fact."""
    facts = {}
    for row in published.table.to_dict("records"):
        name = row_name(published, row)
        n, of = (None if np.isnan(row[key]) else int(row[key]) for key in ("n", "of"))
        for measure in MEASURES:
            if np.isnan(row[measure]):
                continue
            unit = "count" if measure in COUNTS else published.about.share_unit
            value = int(row[measure]) if unit == "count" else float(row[measure])
            pair = (n, of) if unit == "share" else (None, None)
            facts[f"{name}.{measure}"] = Fact(f"{name}.{measure}", value, unit, published.name, *pair)
        for column in published.about.says:
            if row[column]:
                facts[f"{name}.{column}"] = Fact(f"{name}.{column}", str(row[column]), "words", published.name)
    return facts


def settings_facts(params: ReportParams) -> dict[str, Fact]:
    """What the settings say, as facts that sentences may speak of."""
    framework: Framework = params.framework
    rules = framework.confidence
    values: dict[str, tuple[float | str, str]] = {
        "settings.level": (0.95, "share"),
        "settings.hide_up_to": (params.hide_up_to, "count"),
        "settings.least_share_base": (LEAST_BASE, "count"),
        "settings.high_base": (rules.high.base, "count"),
        "settings.high_half_width": (rules.high.half_width, "points"),
        "settings.medium_base": (rules.medium.base, "count"),
        "settings.medium_half_width": (rules.medium.half_width, "points"),
        "settings.high_agreement": (rules.high.agreement, "coefficient"),
        "settings.medium_agreement": (rules.medium.agreement, "coefficient"),
        "settings.high_activities": (rules.high.activities, "count"),
        "settings.medium_activities": (rules.medium.activities, "count"),
        "settings.least_pairs": (FEWEST, "count"),
        "settings.run_chart_months": (FEWEST_FOR_A_RUN_CHART, "count"),
        "settings.limits_months": (FEWEST_FOR_LIMITS, "count"),
        "settings.family_level": (FAMILY_LEVEL, "share"),
        "settings.rounded_to": (ROUND_TO, "count"),
        "settings.goal": (framework.scale.goal, "words"),
        "settings.themes": (len(params.codebook.themes), "count"),
        "settings.codebook_version": (params.codebook.version, "words"),
        "settings.domains": (len(framework.domains), "count"),
        "settings.services": (len(framework.services), "count"),
        "settings.activities": (len(framework.activities), "count"),
        "settings.months": (params.period.months, "count"),
        "settings.key_areas": (KEY_AREAS, "count"),
        "report.as_of": (_day(params.as_of), "words"),
        "period.year": (params.period.year.words, "words"),
        "settings.recurring_activities": (framework.recurring.activities, "count"),
        "settings.recurring_observations": (framework.recurring.observations, "count"),
        "settings.recurring_share": (framework.recurring.share, "share"),
        "settings.recurring_periods": (framework.recurring.periods, "count"),
        "settings.recurring_of_periods": (framework.recurring.of_periods, "count"),
        **{f"period.{period.key}": (period.words, "words") for period in params.periods},
    }
    if framework.programme:
        plan = framework.programme
        values |= {
            "settings.allocated_a_month": (plan.allocated_a_month, "count"),
            "settings.planned": (plan.allocated_a_month * params.period.months, "count"),
            "settings.year_at_least": (plan.finished_a_year.at_least, "count"),
            "settings.year_at_most": (plan.finished_a_year.at_most, "count"),
            "settings.look_back_months": (plan.look_back_months, "count"),
        }
    return {name: Fact(name, value, unit, "settings") for name, (value, unit) in values.items()}


def shown(fact: Fact) -> str:
    """A figure as text: counts with commas, shares as whole percentages, half widths in points.

    >>> shown(Fact("a", 1234, "count", "t")), shown(Fact("b", 0.605, "share", "t"))
    ('1,234', '60%')
    """
    if fact.unit == "words":
        return str(fact.value)
    if fact.unit == "count":
        return f"{int(fact.value):,}"
    if fact.unit == "coefficient":
        return f"{float(fact.value):.2f}".replace("-", "−")
    return f"{round(100 * float(fact.value))}{'%' if fact.unit == 'share' else ' points'}".replace("-", "−")


def numbers_in(text: str) -> set[str]:
    """Every number in a text, digits and the words two to twelve alike.

    >>> sorted(numbers_in("Two of 1,234 (68%) in May 2013"))
    ['1,234', '2013', '68%', 'two']
    """
    words = re.findall(rf"\b(?:{'|'.join(NUMBER_WORDS)})\b", text.casefold())
    return {*re.findall(r"\d[\d,]*\d%?|\d%?", text), *words}


def _day(day: Any) -> str:
    return f"{day.day} {day:%B %Y}"
