"""What did each activity note, and when?

Everything that quality assurance sees comes down to one shape: an observation
is one thing that one activity said on a day, an audit among them; a note is one
theme that an observation speaks of in one way. A theme that came ready-made in
an extract is taken as it stands and marked "as given"; other texts are read by
the same codebook as the auditors' comments.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from qa_lib.measures.themes import passages, usable
from qa_lib.settings.codebook import Codebook
from qa_lib.settings.framework import Framework

BASE = ("activity", "id", "date", "month", "service")
NOTES = ("activity", "id", "date", "month", "theme", "polarity", "rule", "text")
AS_GIVEN = "as given"


@dataclass(frozen=True)
class Noted:
    """Observations and what they note.

    base : one row an observation: `activity` (a key of the framework), `id, date, month` ("2013-05"), `service`
    notes : one row an observation, theme, polarity and passage: `activity, id, date, month, theme, polarity`, `rule`
        (the codebook's entry, or "as given") and `text` (the passage: private)
    """

    base: pd.DataFrame
    notes: pd.DataFrame

    def within(self, months: list[str]) -> Noted:
        """The observations of these months alone."""
        return Noted(*(table[table["month"].isin(months)] for table in (self.base, self.notes)))


def noted(
    audits: pd.DataFrame,
    read: pd.DataFrame,
    observations: pd.DataFrame | None,
    codebook: Codebook,
    framework: Framework,
) -> Noted:
    """What the audits and all other activities note, in one shape.

    Parameters
    ----------
    audits : DataFrame, one row an audit with comments: `audit_id, audit_date, month, service`
    read : the passages of their comments, from `themes.passages`
    observations : DataFrame of `intake.evidence`, one row an observation; None where there is no evidence
    codebook, framework : the council's

    Returns
    -------
    Noted, in the order of the framework's activities, days and ids, whatever the order of the rows given.
    """
    own = audits.rename(columns={"audit_id": "id", "audit_date": "date"}).assign(activity=framework.own_activity)
    own_notes = read.rename(columns={"audit_id": "id"})[["id", "theme", "polarity", "rule", "text"]]
    own_notes = own_notes.merge(own[["id", "date", "month", "activity"]], on="id")
    bases, notes = [own[[*BASE]]], [own_notes[[*NOTES]]]
    if observations is not None and len(observations):
        theirs = observations.rename(columns={"evidence_id": "id"}).astype({"activity": str})
        bases.append(theirs[[*BASE]])
        notes += [_given(theirs, codebook, framework), _read(theirs, codebook, framework)]
    order = {activity: at for at, activity in enumerate(framework.activity_words)}
    return Noted(_in_order(pd.concat(bases), order), _in_order(pd.concat(notes), order))


def is_given(observations: pd.DataFrame, codebook: Codebook) -> pd.Series[bool]:
    """Whether each row names a theme that the codebook knows, so that its text is not read for themes."""
    if "theme" not in observations:
        return pd.Series(False, index=observations.index)
    return observations["theme"].fillna("").map(lambda typed: any(codebook.named(typed))).astype(bool)


def _given(rows: pd.DataFrame, codebook: Codebook, framework: Framework) -> pd.DataFrame:
    """The notes of rows whose themes came ready-made, in the row's own polarity, else in that of its activity."""
    given = rows[is_given(rows, codebook)]
    if given.empty:
        return pd.DataFrame(columns=[*NOTES])
    themes = given["theme"].map(codebook.named)
    found = given.assign(theme=themes, rule=AS_GIVEN, polarity=_lent(given, framework)).explode("theme")
    found = found[found["theme"] != ""].reset_index(drop=True)
    if "text" not in found:
        found["text"] = ""
    return found[[*NOTES]]


def _read(rows: pd.DataFrame, codebook: Codebook, framework: Framework) -> pd.DataFrame:
    """The notes of rows whose text is read by the codebook; a bare mention takes the polarity that the row lends."""
    if "text" not in rows:
        return pd.DataFrame(columns=[*NOTES])
    texts = rows[~is_given(rows, codebook) & rows["text"].fillna("").map(lambda text: usable(text, codebook))]
    lent = _lent(texts, framework).replace("unclear", "none")
    boxes = {f"lends {polarity}": polarity for polarity in ("strength", "development", "none")}
    comments = pd.DataFrame(
        {
            "audit_id": range(len(texts)),
            "period": "",
            "column": ("lends " + lent).tolist(),
            "text": texts["text"].tolist(),
        }
    )
    found = passages(comments, codebook.model_copy(update={"boxes": boxes}))
    keys = texts[["activity", "id", "date", "month"]].reset_index(drop=True)
    return found.drop(columns=["column", "period", "sentence"]).join(keys, on="audit_id")[[*NOTES]]


def _lent(rows: pd.DataFrame, framework: Framework) -> pd.Series[str]:
    """The way in which each row means a theme: as it says itself, else as its activity does, else unclear."""
    says = {key: activity.says.replace("none", "unclear") for key, activity in framework.activities.items()}
    usual = rows["activity"].map(says).astype(str)
    own = rows["polarity"].fillna("").astype(str) if "polarity" in rows else pd.Series("", index=rows.index)
    return own.where(own != "", usual)


def _in_order(table: pd.DataFrame, order: dict[str, int]) -> pd.DataFrame:
    by = [column for column in ("date", "id", "theme", "polarity", "text") if column in table]
    ordered = table.assign(place=table["activity"].astype(str).map(order)).sort_values(["place", *by], kind="stable")
    return ordered.drop(columns="place").reset_index(drop=True)
