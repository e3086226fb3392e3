"""Which areas have an action?

A report names key areas, and the activities together name issues that recur.
Each should have an action that somebody owns; and what the last report asked
should not be forgotten. All here is words: which action answers which area, by
the themes that the register names and by its measure.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from qa_lib.intake.promises import VOICES, plain_name
from qa_lib.measures.impact import NOT_DONE, WAS_DROPPED
from qa_lib.measures.recurring import JUST_SHORT, RECURRING
from qa_lib.report.action_measures import areas_answered, linked_measures, not_dropped
from qa_lib.report.facts import KEY_AREAS
from qa_lib.report.findings import leaders, rank
from qa_lib.report.material import Material
from qa_lib.report.publishable import Publishable

NO_ACTION, TO_BE_AGREED = "no action", "to be agreed"
KEY_AREA, RECURS, FALLS_SHORT = "key area", "recurring", "just short of recurring"
Earlier = Mapping[str, Publishable]


def areas(material: Material, actions: pd.DataFrame, earlier: Earlier) -> pd.DataFrame:
    """Key areas and recurring issues, and the actions that answer each."""
    answering = areas_answered(material, not_dropped(actions))
    rows = {area: [KEY_AREA] for area in _key_areas(earlier, "current")}
    for theme, verdict in _verdicts(earlier).items():
        rows.setdefault(("themes", theme), []).append(verdict)
    table = pd.DataFrame([(f"{name}.{key}", " and ".join(why)) for (name, key), why in rows.items()],
                         columns=["group", "why"])  # fmt: skip
    answers = [_answering(answering, key) for _, key in rows]
    return table.assign(answered=["; ".join(ids) or NO_ACTION for ids in answers])


def _verdicts(earlier: Earlier) -> dict[str, str]:
    """The issues that recur, or fall just short of it, by theme."""
    table = earlier["recurring"].table if "recurring" in earlier else pd.DataFrame()
    if table.empty:
        return {}
    words = dict(zip(table["group"].astype(str), table["verdict"].astype(str), strict=True))
    short = {RECURRING: RECURS, JUST_SHORT: FALLS_SHORT}
    return {theme: short[word] for theme, word in words.items() if word in short}


def _key_areas(earlier: Earlier, period: str) -> list[tuple[str, str]]:
    """The key areas of a period as (table, key): lowest domains, then the needs that audits noted most."""
    if period == "current":
        domains, themes = earlier.get("by_domain"), earlier.get("themes")
        themes = themes.only(polarity="development") if themes and not themes.is_empty else None
    else:
        domains, themes = earlier.get("domains_compared"), earlier.get("themes_by_period")
        domains, themes = (one.only(period=period) if one and not one.is_empty else None for one in (domains, themes))
    found = []
    if domains and len(rank(domains, lowest_first=True)) >= 2 * KEY_AREAS:
        found += [("by_domain", str(key)) for key in leaders(domains, lowest_first=True)[0]["group"]]
    if themes:
        found += [("themes", str(key)) for key in leaders(themes, lowest_first=False)[0]["group"]]
    return found


def _answering(answered: Mapping[str, set[str]], key: str) -> list[str]:
    """The ids of the actions that answer an area, in the order of the register."""
    return [action for action, areas in answered.items() if key in areas]


def asked_before(material: Material, actions: pd.DataFrame, earlier: Earlier) -> pd.DataFrame:
    """What the last report asked, which actions answer it, and how each stands.

    Asked were the key areas of the period before, by the rule of today; and what the register says was asked.
    """
    known = {f"{linked.table}.{linked.group}" for linked in linked_measures(material).values()}
    answering, names = areas_answered(material, actions), actions["asks"].map(_area_named)
    asked = list(dict.fromkeys([*map(".".join, _key_areas(earlier, "previous")), *names[names.isin(known)]]))
    stands = _standing(earlier["ladder"])
    rows = []
    for name in asked:
        own = [str(action) for action in actions.loc[names == name, "action_id"]]
        ids = list(dict.fromkeys([*own, *_answering(answering, name.partition(".")[2])]))
        rows.append((name, "; ".join(ids) or NO_ACTION, "; ".join(f"{action}: {stands[action]}" for action in ids)))
    return pd.DataFrame(rows, columns=["group", "answered", "stands"])


def _area_named(typed: object) -> str:
    """The table and group of a figure as typed: `themes.fathers` of "themes.fathers.development.share"."""
    return ".".join(plain_name(typed).split(".")[:2])


def _standing(ladder: Publishable) -> dict[str, str]:
    """How each action stands, by the register and by the evidence: "done, no clear change"."""
    rows = ladder.table.to_dict("records")
    alone = {"", NOT_DONE, WAS_DROPPED}
    return {
        str(row["group"]): row["claimed"] if row["shown"] in alone else f"{row['claimed']}, {row['shown']}"
        for row in rows
    }


def next_plan(material: Material, actions: pd.DataFrame, earlier: Earlier) -> pd.DataFrame:
    """The recurring issues that no action answers: rows of a plan that is still to be agreed."""
    answering = areas_answered(material, not_dropped(actions))
    themes = [theme for theme, verdict in _verdicts(earlier).items() if verdict == RECURS]
    open_issues = [theme for theme in themes if not _answering(answering, theme)]
    return pd.DataFrame({"group": open_issues, "action": TO_BE_AGREED, "outcome": TO_BE_AGREED})


def area_words(material: Material) -> dict[str, str]:
    """Domains, themes and other figures under the names that they have: `by_domain.planning`."""
    params = material.params
    domains = {f"by_domain.{key}": f"{label} (grades)" for key, label in params.framework.domains.items()}
    themes = {key: theme.label for key, theme in params.codebook.themes.items()}
    named = {f"{table}.{key}": label for table in ("themes", "ledger") for key, label in themes.items()}
    voices = {f"voice.{question}": question.replace("_", " ").capitalize() for question in VOICES}
    return {**domains, **themes, **named, **voices, "overall.all": "Overall grade"}
