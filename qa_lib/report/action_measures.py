"""What is counted for an action's measure?

A register names a figure of ours for each action. Here stand the rows behind
it, month after month: which audit or observation, of which case, on which day,
and whether it is a hit. So the same count is taken before an action and after.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from qa_lib.intake.promises import Linked, measures_of, plain_name
from qa_lib.measures.register import DROPPED, on_day
from qa_lib.report.material import Material

EVENTS = ["id", "case_id", "date", "month", "hit", "applies"]


def actions_now(material: Material) -> pd.DataFrame | None:
    """The actions as they stood when the report's period ended, escalations apart; None without a register.

    `measure` is the name of a figure, "" where none is known; `wished`, "up" or "down", the way it should move.
    """
    given = material.extracts.actions
    if given is None:
        return None
    found, known = on_day(given.register, pd.Timestamp(material.params.period.end)), linked_measures(material)
    names = found["measure"].map(plain_name)
    usual = names.map({name: linked.wished for name, linked in known.items()}).fillna("up")
    wished = found["direction"].where(found["direction"] != "", usual)
    return found.assign(measure=names.where(names.isin(list(known)), ""), wished=wished).reset_index(drop=True)


def linked_measures(material: Material) -> dict[str, Linked]:
    """Every measure that an action may have, by name."""
    return measures_of(material.params.framework, material.params.codebook)


def areas_answered(material: Material, actions: pd.DataFrame) -> dict[str, set[str]]:
    """The areas that each action answers, by its id: keys of the domains and themes that it names or is measured by.

    A domain and a theme of the same key are one area.
    """
    known, codebook = linked_measures(material), material.params.codebook
    found: dict[str, set[str]] = {}
    for row in actions.to_dict("records"):
        areas = {*codebook.named(row["themes"])} - {""}
        linked = known.get(row["measure"])
        if linked and (linked.theme or linked.table == "by_domain"):
            areas.add(linked.group)
        found[str(row["action_id"])] = areas
    return found


def events_of(material: Material, linked: Linked) -> pd.DataFrame:
    """The rows of one measure, up to the end of the report's period.

    Returns
    -------
    DataFrame, one row an audit or observation
        `id`; `case_id` ("" where not known); `date, month`; `hit, applies` (bool).
    """
    rows = {"overall": _grades, "by_domain": _grades, "voice": _answers, "themes": _themes, "ledger": _ledger}
    found = rows[linked.table](material, linked)
    found = found[found["date"] <= pd.Timestamp(material.params.period.end)]
    found = found.assign(month=found["date"].dt.strftime("%Y-%m"))
    return found[EVENTS].reset_index(drop=True)


def seen_on(material: Material) -> dict[str, pd.Timestamp]:
    """The day of every audit and observation by its id in small letters, up to the end of the report's period.

    Where two have the same id it is the earlier day.
    """
    days = [_audits(material)[["id", "date"]]]
    if material.extracts.evidence:
        days.append(material.extracts.evidence.observations.rename(columns={"evidence_id": "id"})[["id", "date"]])
    both = pd.concat(days, ignore_index=True)
    both = both[both["date"] <= pd.Timestamp(material.params.period.end)]
    first = both.groupby(both["id"].str.casefold())["date"].min()
    return {str(name): day for name, day in first.items()}


def _audits(material: Material) -> pd.DataFrame:
    """All audits: `id, case_id, date`, and their answers."""
    audits = material.extracts.audits.audits
    cases = audits["case_id"].fillna("") if "case_id" in audits else ""
    return audits.assign(case_id=cases).rename(columns={"audit_id": "id", "audit_date": "date"})


def _grades(material: Material, linked: Linked) -> pd.DataFrame:
    """Gradings of the overall grade, or of a domain: good or better, of those on the scale."""
    keys = {str(period) for period in material.extracts.audits.audits["period"].unique()}
    gradings = material.gradings(*keys, overall=linked.table == "overall")
    if linked.table == "by_domain":
        gradings = gradings[gradings["domain"].astype(str) == linked.group]
    found = gradings.rename(columns={"audit_id": "id"}).merge(_audits(material)[["id", "case_id", "date"]], on="id")
    scale = material.scale
    return found.assign(hit=found["grade"].isin(scale.good_or_better), applies=found["grade"].isin(scale.labels))


def _answers(material: Material, linked: Linked) -> pd.DataFrame:
    """Audits that say yes to a question on somebody's voice, of those that say yes or no."""
    audits = _audits(material)
    answers = audits[linked.group] if linked.group in audits else pd.Series("", index=audits.index)
    return audits.assign(hit=answers == "Yes", applies=answers.isin(["Yes", "No"]))


def _themes(material: Material, linked: Linked) -> pd.DataFrame:
    """Audits that note a theme in one way, of those with comments."""
    audits = _audits(material)
    own = Linked("ledger", linked.group, material.params.framework.own_activity)
    noted = _noting(material, own, linked.part).drop(columns="date")
    found = audits[["id", "case_id", "date"]].merge(noted, "left", "id")
    return found.assign(hit=found["hit"].eq(True), applies=found["hit"].notna())


def _ledger(material: Material, linked: Linked) -> pd.DataFrame:
    """Observations of an activity that note a theme as a need, of all that it made (audits: of those with comments)."""
    found = _noting(material, linked, "development")
    return found.assign(case_id="", applies=True)


def _noting(material: Material, linked: Linked, polarity: str) -> pd.DataFrame:
    """The observations of an activity, and whether each notes a theme in one way: `id, date, hit`."""
    base, notes = material.noted.base, material.noted.notes
    base = base[base["activity"].astype(str) == linked.part]
    about: Any = (notes["activity"].astype(str) == linked.part) & (notes["theme"] == linked.group)
    noting = set(notes.loc[about & (notes["polarity"] == polarity), "id"])
    return base[["id", "date"]].assign(hit=base["id"].isin(noting))


def not_dropped(actions: pd.DataFrame) -> pd.DataFrame:
    """The actions that have not been dropped."""
    return actions[actions["status"] != DROPPED]
