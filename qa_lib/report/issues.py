"""Which issues recur, and which activities point the same way?

Worked out of the protected ledger, as its readers see it: who notes an issue
often enough to count, which way each activity points, since when it notes a need
more or less often than before, and what the framework's rule makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from qa_lib.measures import triangulation
from qa_lib.measures.recurring import JUST_SHORT, NOT_RECURRING, RECURRING, notes_it, verdicts
from qa_lib.measures.shares import MEASURES, counted_whole, wilson_interval
from qa_lib.measures.triangulation import LESS, MORE, NEED, STRENGTH
from qa_lib.report.facts import KEY_AREAS
from qa_lib.report.ledger import counts, series, spans
from qa_lib.report.material import Material
from qa_lib.report.merging import is_small
from qa_lib.report.publishable import Publishable

MORE_OFTEN, LESS_OFTEN = "more often", "less often"
EARLY, CONTRADICTION, AGREED, SILENT = "warn early", "contradict each other", "agree", "no clear direction"
NOBODY = "none often enough"


def pointing(material: Material, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """Which way each activity points on each theme, and since when it notes it more or less often as a need."""
    needs, strengths = (earlier[name].table for name in ("ledger", "ledger_strengths"))
    if needs.empty:
        return None
    keys = ["group", "activity"]
    both = needs[[*keys, "n", "of"]].merge(strengths[[*keys, "n"]], on=keys, suffixes=("", "_strength"))
    both["direction"] = triangulation.directions(both["n"], both["n_strength"])
    turned = triangulation.turns(series(material, "development"), material.params.hide_up_to)
    both = both.merge(turned.rename(columns={"since": "at"}), "left", keys)
    words = [span.words for span in spans(material)]
    both["turn"] = both["turn"].map({MORE: MORE_OFTEN, LESS: LESS_OFTEN}).fillna("").where(both["n"].notna(), "")
    both["since"] = [words[int(at)] if turn else "" for turn, at in zip(both["turn"], both["at"], strict=True)]
    both["noting"] = notes_it(both["n"], both["of"], material.params.framework.recurring)
    both["first"] = _first_to_note(both, material.params.framework.own_activity)
    told = both[(both["direction"] != "") | (both["turn"] != "")]
    wanted = [*keys, "direction", "turn", "since", "at", "noting", "first"]
    return told[wanted].assign(**dict.fromkeys(MEASURES, np.nan)).reset_index(drop=True)


def _first_to_note(table: pd.DataFrame, own: str) -> pd.Series[bool]:
    """Which activities note a need more often since a time when the audits did not; of each theme, the soonest.

    None of a theme that the audits note without such a turn, as they have known it all along; and none where it cannot
    be shown how often they note it.
    """
    first = pd.Series(False, index=table.index)
    for _, here in table.groupby("group", sort=False):
        audits = here[here["activity"] == own]
        turned = here[(here["turn"] == MORE_OFTEN) & here["noting"]]
        since = audits.loc[audits.index.isin(turned.index), "at"]
        if audits["n"].notna().sum() == 0 or (since.empty and audits["noting"].any()):
            continue
        others = turned[turned["activity"] != own]
        ahead = others if since.empty else others[others["at"] < since.iloc[0]]
        first[ahead.index[ahead["at"] == ahead["at"].min()]] = True
    return first


def issues(material: Material, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """Each theme: how many activities note it as a need, whether it recurs, whether they agree."""
    needs, rule = earlier["ledger"].table, material.params.framework.recurring
    if needs.empty:
        return None
    framework = material.params.framework
    noting = needs[notes_it(needs["n"], needs["of"], rule)]
    strengths = earlier["ledger_strengths"].table
    strengthening = strengths[notes_it(strengths["n"], strengths["of"], rule)]
    ways = earlier["pointing"].table
    among, periods = _among_commonest(material)
    rows = []
    for theme in dict.fromkeys(needs["group"]):
        by = [str(activity) for activity in noting.loc[noting["group"] == theme, "activity"]]
        here = ways[ways["group"] == theme]
        rows.append(
            {
                "group": theme,
                "n": len(by),
                "of": needs["activity"].nunique(),
                "strong": int((strengthening["group"] == theme).sum()),
                "noted_by": ", ".join(framework.activities_short[activity] for activity in by) or NOBODY,
                "weight": sum(framework.weights[activity] for activity in by),
                "commonest": f"{among.count(theme)} of {periods} periods",
                "periods": among.count(theme),
                "sign": _sign(here),
            }
        )
    table = pd.DataFrame(rows)
    table["verdict"] = verdicts(table["n"], table["periods"], rule)
    order = table.assign(first=table["verdict"] != RECURRING).sort_values(
        ["first", "n", "weight"], ascending=[True, False, False], kind="stable"
    )
    return counted_whole(order.drop(columns=["first", "periods", "weight"]).reset_index(drop=True))


def _sign(here: pd.DataFrame) -> str:
    """Whether activities contradict each other, one was first to note a need, several agree, or none of it."""
    ways = here.set_index("activity")["direction"]
    if (ways == NEED).any() and (ways == STRENGTH).any():
        return CONTRADICTION
    if here["first"].any():
        return EARLY
    return AGREED if (ways == NEED).sum() > 1 else SILENT


def counted(earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """How many themes recur, fall just short of it, or neither."""
    issues = earlier["recurring"].table
    if issues.empty:
        return None
    counted = issues["verdict"].value_counts().reindex([RECURRING, JUST_SHORT, NOT_RECURRING], fill_value=0)
    return counted_whole(pd.DataFrame({"group": counted.index, "n": counted.to_numpy(), "of": len(issues)}))


def _among_commonest(material: Material) -> tuple[list[str], int]:
    """The commonest needs that audits noted in each of the last few periods, and how many periods there were."""
    rule, own = material.params.framework.recurring, material.params.framework.own_activity
    latest = [*reversed(spans(material))][: rule.of_periods]
    found, held = [], 0
    for span in latest:
        table = counts(material, span.month_keys, "development")
        table = table[table["activity"] == own]
        held += not table.empty
        known = table[(table["n"] > 0) & ~is_small(table["n"], material.params.hide_up_to)]
        known = known.assign(low=wilson_interval(known["n"], known["of"])["low"])
        found += [*known.sort_values("low", ascending=False, kind="stable")["group"].head(KEY_AREAS)]
    return found, held
