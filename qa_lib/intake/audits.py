"""What is one audit?

An audit is one auditor's look at one case file. It is read once and held in
three tables, so that no later room has to know what a form looked like:

- `audits`, one row an audit: who, where, when, and whom the auditor spoke to;
- `gradings`, one row an audit and domain (the overall grade among them);
- `comments`, one row an audit and filled text box.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from qa_lib.intake.reading import Extract
from qa_lib.settings.framework import NOT_RECORDED_SERVICE, Framework
from qa_lib.settings.kinds import GRADE, OVERALL, SERVICE, YES_NO, YES_PARTLY_NO, Kind
from qa_lib.settings.scale import NOT_RECORDED


@dataclass(frozen=True)
class Audits:
    """All audits of a report's periods, checked.

    audits : `audit_id, case_id, audit_date, month, period, service, team`, and
        the date and yes/no columns that the extracts hold; of a themed audit,
        the answer to every question that is no text and no grade. `period` is
        "current", "previous", "last_year", or "trend" for the months between.
    gradings : `audit_id, month, period, service, domain, grade`
    comments : `audit_id, month, period, service, column, text`
    """

    audits: pd.DataFrame
    gradings: pd.DataFrame
    comments: pd.DataFrame


def audits_of(extracts: Iterable[Extract], framework: Framework) -> Audits:
    """The audits of all files of one kind, none of them refused."""
    files = tuple(extracts)
    kind = files[0].kind
    kept = pd.concat([extract.table for extract in files], ignore_index=True)
    audits = _audits(kept, kind, framework)
    keys = audits[["audit_id", "month", "period", "service"]]
    return Audits(audits, gradings_of(kept, keys, framework, kind), _comments(kept, keys, kind, framework))


def no_audits(framework: Framework) -> Audits:
    """The tables without a row, for a draw that was given no audits."""
    keys = pd.DataFrame({column: pd.Series(dtype="str") for column in ("audit_id", "month", "period")})
    keys = keys.assign(service=services_of(keys, framework))
    audits = keys.assign(case_id=pd.Series(dtype="str"), audit_date=pd.Series(dtype="datetime64[ns]"))
    return Audits(audits, keys.assign(domain="", grade=""), keys.assign(column="", text=""))


def services_of(kept: pd.DataFrame, framework: Framework) -> pd.Series:
    """The service of each row, in the order of the framework; "Not recorded" comes last, where there is any."""
    service = kept["service"] if "service" in kept else pd.Series("", index=kept.index)
    service = service.fillna("").replace("", NOT_RECORDED_SERVICE)
    unknown = [NOT_RECORDED_SERVICE] if (service == NOT_RECORDED_SERVICE).any() else []
    return pd.Series(pd.Categorical(service, [*framework.services, *unknown], ordered=True), kept.index)


def gradings_of(kept: pd.DataFrame, keys: pd.DataFrame, framework: Framework, kind: Kind) -> pd.DataFrame:
    """One row a row of `keys` and grade column; a blank is "Not recorded", never "Not applicable".

    `keys` has the index of `kept` and holds what each grading should carry; `domain` and `grade` are added.
    """
    columns = [column for column, holds in framework.cells(kind).items() if holds == GRADE and column in kept]
    columns.sort(key=OVERALL.__eq__)  # the overall grade last
    parts = [keys.assign(domain=column, grade=kept[column].fillna("").replace("", NOT_RECORDED)) for column in columns]
    table = pd.concat(parts or [keys.iloc[:0].assign(domain="", grade="")], ignore_index=True)
    table["domain"] = pd.Categorical(
        table["domain"], [*(column for column in columns if column != OVERALL), OVERALL], ordered=True
    )
    table["grade"] = pd.Categorical(table["grade"], [*framework.scale.allowed, NOT_RECORDED], ordered=True)
    return table


def _audits(kept: pd.DataFrame, kind: Kind, framework: Framework) -> pd.DataFrame:
    columns = {column: holds for column, holds in framework.cells(kind).items() if column in kept}
    columns = {column: holds for column, holds in columns.items() if holds not in {GRADE, SERVICE}}
    plain = [column for column in columns if column not in {"audit_id", *kind.texts}]
    answers = [column for column in plain if columns[column] in {YES_NO, YES_PARTLY_NO}]
    table = kept[["audit_id", "period", *plain]].copy()
    table[answers] = table[answers].fillna("").replace("", NOT_RECORDED)
    table["month"] = kept["audit_date"].dt.strftime("%Y-%m")
    table["service"] = services_of(kept, framework)
    return table


def _comments(kept: pd.DataFrame, audits: pd.DataFrame, kind: Kind, framework: Framework) -> pd.DataFrame:
    """One row an audit and filled text box; `split: bullets` makes each "- " line a row of its own."""
    parts = []
    for column in kind.texts:
        if column in kept:
            text = kept[column].fillna("")
            part = audits.assign(column=column, text=text)[text != ""]
            if framework.splits(column):
                part = part.assign(text=part["text"].str.split(r"(?m)^\s*-(?:\s+|$)", regex=True)).explode("text")
                part["text"] = part["text"].str.strip()
                part = part[part["text"] != ""]
            parts.append(part)
    if not parts:
        return audits.iloc[:0].assign(column="", text="")
    return pd.concat(parts, ignore_index=True)
