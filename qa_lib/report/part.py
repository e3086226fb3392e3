"""Which audits is a report about, where it is not about all?

A params file may ask for a part (`where`): audits of some services, on some
themes, of some grades, of some type. An audit belongs if it has one of the
values of every key. The same report is then made of these audits alone.

Whoever holds the report about all audits can subtract. `disclosure` holds each
figure of the part against that; here it is decided whether there may be such a
report at all, as no table can hide how many audits it is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from qa_lib.intake.audits import Audits
from qa_lib.measures.themes import passages
from qa_lib.problems import DATA, SETTINGS, Problem, QAError, list_of
from qa_lib.report.material import Material
from qa_lib.report.merging import is_small
from qa_lib.settings.kinds import OVERALL
from qa_lib.settings.report import ReportParams
from qa_lib.settings.scale import NOT_RECORDED
from qa_lib.settings.yaml import shown

TYPE = "audit_type"
"""The column that says of what type an audit is."""
WAYS = {"strength": "as a strength", "development": "as a need"}
LONGEST_NAME = 80
"""Characters that a title may take to name its part; a longer one is named on the first page and in the annex."""


def only_of_the_whole(params: ReportParams) -> QAError:
    """The refusal of a part where a report is about the whole service always; exit code 2."""
    fix = "Take `where` out, or choose another notebook."
    return _refused(params, "whole_service", "this report is about the whole service.", fix, SETTINGS)


def part_of(material: Material) -> Material:
    """The same material with the audits of the part alone, in every period; all of it where no part was asked for.

    Second looks and the case list stay as they are: second looks are only ever read beside their audits.

    Raises
    ------
    QAError : exit code 2 for a report to the public by service; 3 if no audit of the period belongs to the part, or so
        few that the report would give a small count away.
    """
    extracts = material.extracts
    if not material.params.where.given:
        return material
    belongs = belongs_to_part(material)
    earlier = extracts.earlier
    narrowed = replace(
        extracts,
        audits=_only(extracts.audits, belongs),
        earlier=_only(earlier, _belongs(material, earlier)) if earlier else None,
    )
    return Material(material.params, narrowed)


def belongs_to_part(material: Material) -> pd.DataFrame:
    """Whether each audit of every period has one of the values, a column for each key that was asked for.

    Raises
    ------
    QAError : as `part_of` does.
    """
    params, extracts = material.params, material.extracts
    if params.audience == "public" and params.where.service:
        fix = "Take the services out of `where`, or choose the audience board."
        raise _refused(params, "public_part", "a report to the public is never about some services.", fix, SETTINGS)
    belongs = _belongs(material, extracts.audits)
    current = belongs[extracts.audits.audits["period"] == "current"]
    if not current.all(axis=1).any():
        fix = "Are the values spelt as in the extracts, and is it the right period?"
        raise _refused(params, "empty_part", "no audit of the period belongs to the part that is asked for.", fix)
    _check_types(material)
    if _any_small(_counts_told(material, current), params.hide_up_to):
        message = (
            "the part that is asked for, or what it leaves of the others, is too small: this audience is shown no "
            f"count of up to {params.hide_up_to}, nor what would give one away."
        )
        fix = "Take a key out, name more values or others, or ask for a longer period."
        raise _refused(params, "part_small", message, fix)
    return belongs


def part_words(params: ReportParams) -> str:
    """The part in words for a sentence: "audits of Fostering and Adoption on Chronologies graded Inadequate"."""
    before = {"service": "of", "theme": "on", "grade": "graded", "tool": "of the type"}
    return " ".join(["audits", *(f"{before[key]} {words}" for key, words in _told(params).items())])


def title_words(params: ReportParams) -> str:
    """The part in words for a title: "Fostering and Adoption, Chronologies, graded Inadequate"."""
    words = ", ".join(f"graded {words}" if key == "grade" else words for key, words in _told(params).items())
    return words if len(words) <= LONGEST_NAME else "a part of the audits"


def _told(params: ReportParams) -> dict[str, str]:
    """The values of each key in the words of the settings: "Good or Outstanding"."""
    themes, way = params.codebook.themes, params.where.polarity
    told = {
        key: list_of([themes[value].label if key == "theme" else value for value in values], "or", len(values))
        for key, values in params.where.given.items()
    }
    return {**told, "theme": f"{told['theme']} {WAYS[way]}"} if way else told


def _refused(params: ReportParams, code: str, message: str, fix: str, exit_code: int = DATA) -> QAError:
    return QAError([Problem(code, f"where: {message}", fix, file=shown(params.path))], exit_code)


def _check_types(material: Material) -> None:
    """Refuse a type of which there is no audit: with a slip in one of several, a report would be about fewer."""
    audits = material.extracts.audits.audits
    held = set(audits[TYPE].astype(str)) if TYPE in audits else set()
    unknown = [value for value in material.params.where.tool or () if value not in held]
    if unknown:
        fix = f"Write the type as the column {TYPE} of the extracts does, capitals and all."
        raise _refused(material.params, "unknown_type", f'no audit is of the type "{unknown[0]}".', fix)


def _belongs(material: Material, audits: Audits) -> pd.DataFrame:
    """Whether each audit has one of the values, a column for each key that was asked for."""
    table, asked = audits.audits, material.params.where
    found = pd.DataFrame(index=table.index)
    for key, values in asked.given.items():
        if key == "theme":
            own = audits is material.extracts.audits
            coded, way = material.coded if own else passages(audits.comments, material.codebook), asked.polarity
            on_theme = coded["theme"].isin(values) & (coded["polarity"].eq(way) if way else True)
            found[key] = table["audit_id"].isin(coded.loc[on_theme, "audit_id"])
        elif key == "grade":
            found[key] = _overall(audits).isin(values)
        else:
            column = "service" if key == "service" else TYPE
            held = table[column] if column in table else pd.Series("", index=table.index)
            found[key] = held.astype(str).isin(values)
    return found


def _overall(audits: Audits) -> pd.Series[Any]:
    """The overall grade of each audit, by its row."""
    overall = audits.gradings[audits.gradings["domain"].astype(str) == OVERALL]
    grades = dict(zip(overall["audit_id"], overall["grade"].astype(str), strict=True))
    return audits.audits["audit_id"].map(pd.Series(grades, dtype=str)).fillna(NOT_RECORDED)


def _only(audits: Audits, belongs: pd.DataFrame) -> Audits:
    ids = audits.audits.loc[belongs.all(axis=1), "audit_id"]
    tables = {name: getattr(audits, name) for name in ("audits", "gradings", "comments")}
    return Audits(**{name: table[table["audit_id"].isin(ids)].reset_index(drop=True) for name, table in tables.items()})


def _any_small(counts: Iterable[int], k: int) -> bool:
    return bool(is_small(pd.Series([*counts], dtype=float), k).any())


def _counts_told(material: Material, current: pd.DataFrame) -> list[int]:
    """What the number of audits in the part tells, beside the report about all audits: none of it may be small.

    That is the part, what it leaves of all audits and of each part with one key fewer; and what the tables of all
    audits tell of the very grades, themes or services that the part is made of.
    """
    inside = current.all(axis=1)
    left = [current.drop(columns=key).all(axis=1) & ~current[key] for key in current]
    counts = [int(rows.sum()) for rows in (inside, ~inside, *left)]
    if "grade" in current:
        counts += _other_grades(material, current.drop(columns="grade").all(axis=1))
    if [*current] == ["theme"] and not material.params.where.polarity:
        counts += _without_polarity(material, int(inside.sum()))
    if [*current] == ["service"]:
        counts += _hidden_services(material)
    elif "service" in current:  # the tables of all audits give the overall grades of these services
        rows = current["service"] & ~inside
        counts += _sizes(material)[rows].drop(columns="service").sum().to_list()
    return counts


def _other_grades(material: Material, rows: pd.Series[bool]) -> list[int]:
    """How often the grades were given that stand on the same side of good as one of the part's, and are not of it.

    The tables of all audits may count them together with it, so that the part would tell them apart.
    """
    scale, asked = material.scale, set(material.params.where.grade or ())
    given = _overall(material.extracts.audits)[rows.index][rows].value_counts()
    off = set(scale.allowed) - set(scale.labels) | {NOT_RECORDED}
    sides = [side for side in (set(scale.good_or_better), set(scale.below_good), off) if side & asked]
    return [int(given.get(grade, 0)) for side in sides for grade in side - asked]


def _without_polarity(material: Material, size: int) -> list[int]:
    """Audits of the part less those that note one of its themes in one way: all of these are in it, and are told."""
    coded, asked = material.passages, material.params.where.theme or ()
    noted = coded.groupby(["theme", "polarity"])["audit_id"].nunique()
    return [size - int(noted.get((theme, way), 0)) for theme in asked for way in ("strength", "development")]


def _hidden_services(material: Material) -> list[int]:
    """What the part would tell of services that the tables of all audits hide (rule 4 of `disclosure`).

    Those with a small count are hidden, and where there is just one, the next in size, by audits or by those good or
    better. The part and the services that are shown give the sum of the hidden ones on either side of it.
    """
    table = _sizes(material).groupby("service").sum()
    caseload = material.extracts.caseload
    cases = caseload.cases["service"].astype(str).value_counts() if caseload else table["audits"]
    table["unseen"] = (cases.reindex(table.index).fillna(0) - table["audits"]).clip(lower=0)
    asked = set(material.params.where.service or ())
    thin = {service for service, row in table.iterrows() if _any_small(row, material.params.hide_up_to)}
    others, hidings = table.drop(index=[*thin]), [thin]
    if len(thin) == 1 and len(others):
        hidings += [thin | {others[size].idxmin()} for size in ("audits", "good")]
    counts: list[int] = []
    for hidden in hidings:
        sides = [hidden - asked] + ([hidden & asked] if asked - hidden else []) if hidden & asked else []
        counts += [int(count) for side in sides for count in table.loc[[*side]].sum()]
    return counts


def _sizes(material: Material) -> pd.DataFrame:
    """One row an audit of the period: its service, and ones where it counts as an audit, good, below good, neither."""
    audits, scale = material.current, material.scale
    grades = _overall(material.extracts.audits)[audits.index]
    sides = {
        "audits": pd.Series(True, index=audits.index),
        "good": grades.isin(scale.good_or_better),
        "below": grades.isin(scale.below_good),
        "neither": ~grades.isin(scale.labels),
    }
    return pd.DataFrame(
        {"service": audits["service"].astype(str), **{name: on.astype(int) for name, on in sides.items()}}
    )
