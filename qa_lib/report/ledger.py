"""What did each activity note, period by period?

Theme by activity, the observations that note a need or a strength: of the twelve
months that end with the report's period, and of each period as long as that.

The audits of a year are the audits of its quarters, and the reports of these
quarters show how many noted each theme. So a year's count of the audits is
given only where each of its quarters' could be: no subtraction then leaves a
small count.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from qa_lib.measures import triangulation
from qa_lib.measures.programme import came_of
from qa_lib.measures.shares import MEASURES, wilson_interval
from qa_lib.report.material import Material
from qa_lib.report.merging import is_small
from qa_lib.report.publishable import Publishable
from qa_lib.settings.period import TREND_MONTHS, Period


def spans(material: Material) -> list[Period]:
    """The report's period and those before it, each as long, oldest first, as far back as figures go."""
    period = material.params.period
    many = max(1, TREND_MONTHS // period.months)
    found = [period.back(at * period.months, "current" if not at else f"before_{at}") for at in range(many)]
    held = set(material.noted.base["month"])
    return [span for span in reversed(found) if held & set(span.month_keys)]


def series(material: Material, polarity: str) -> pd.DataFrame:
    """The ledger span by span: `group, activity, span` (from 0, the oldest), `n, of`."""
    each = [counts(material, span.month_keys, polarity).assign(span=at) for at, span in enumerate(spans(material))]
    return pd.concat(each, ignore_index=True)


def counts(material: Material, months: list[str], polarity: str) -> pd.DataFrame:
    """The ledger of these months, as counted by `measures.triangulation`; `left_out` are audits without comments."""
    within, framework = material.noted.within(months), material.params.framework
    table = triangulation.ledger(within, material.codebook.themes, framework.activity_words, polarity)
    audits = material.extracts.audits.audits
    own = table["activity"] == framework.own_activity
    table.loc[own, "left_out"] = int(audits["month"].isin(months).sum()) - table.loc[own, "of"]
    return table


def ledger(material: Material, polarity: str) -> pd.DataFrame | None:
    """Twelve months, theme by activity; the audits' rows of which a quarter could not be shown are withheld."""
    if material.extracts.evidence is None:
        return None
    table = counts(material, material.params.period.year.month_keys, polarity)
    own = table["activity"] == material.params.framework.own_activity
    return table.assign(withheld=own & table["group"].isin(_touched(material, polarity)))


def _touched(material: Material, polarity: str) -> set[str]:
    """The themes of which the audits' year, less the periods that reports show, would leave a small count."""
    own, k = material.params.framework.own_activity, material.params.hide_up_to
    year = material.params.period.year.month_keys
    parts = [span.month_keys for span in spans(material) if set(span.month_keys) <= set(year)]
    rest = [month for month in year if not any(month in part for part in parts)]
    each = pd.concat([counts(material, part, polarity) for part in (*parts, rest) if part], ignore_index=True)
    each = each[each["activity"] == own]
    few = is_small(each["of"] - each["n"], k)
    for count in ("n", "of", "left_out"):
        few |= is_small(each[count], k)
    return set(each.loc[few, "group"])


def activities(material: Material, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """How many observations each activity made in the year, as the ledger shows it, and what they weigh; in words."""
    needs, framework = earlier["ledger"].table, material.params.framework
    if needs.empty:
        return None
    made = needs.groupby("activity", sort=False)["of"].max()
    held = [key for key in framework.activity_words if key in made.index]
    words = ["" if pd.isna(made[key]) else f"{made[key]:,.0f}" for key in held]
    weighed = [f"{framework.weights[key]:g}" for key in held]
    table = pd.DataFrame({"group": held, "observations": words, "weight": weighed})
    return table.assign(**dict.fromkeys(MEASURES, np.nan))


def themes_by_period(material: Material) -> pd.DataFrame | None:
    """Audits that noted each theme as a need, in each period of the report."""
    own, each = material.params.framework.own_activity, []
    for period in material.params.periods:
        table = counts(material, period.month_keys, "development")
        each.append(table[table["activity"] == own].assign(period=period.key))
    table = pd.concat(each, ignore_index=True)
    shares = wilson_interval(table["n"], table["of"])
    return None if table.empty else table.assign(**shares)[["group", "period", *MEASURES]]


def voices(material: Material) -> pd.DataFrame | None:
    """Whether something changed after people were heard, by the audits and in each activity that is a voice."""
    evidence = material.extracts.evidence
    if evidence is None:
        return None
    rows = evidence.observations[evidence.observations["period"] == "current"]
    voices = [key for key, activity in material.params.framework.activities.items() if activity.voice]
    found = came_of(material.current, rows, material.params.framework.own_activity, voices, material.codebook.ignore)
    return None if found.empty else found
