"""What was promised?

The register of actions: what the council set out to do about each area of
concern. It is kept up over time, so successive registers show how an action
went; the latest says how it stands. Dates are often loose ("February to July
2013"): they stay as written, and beside them the first and last day they mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from qa_lib.intake.reading import Extract
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import ACTIONS, DAY

DONE = "done"


@dataclass(frozen=True)
class Actions:
    """All registers, checked.

    register : one row an action, as the latest register that holds it has it
        `action_id, concern, action, outcome, owner, start, due, measure, direction, evidence, themes, asks, urgent`
        as written ("" where blank); `start_first, start_last, due_first, due_last`, the days that loose dates mean
        (NaT where they cannot be understood); `status`, in the framework's words ("" where not known), and
        `status_written`; `as_at`, the day of that register; `done_on`, NaT unless it is done; `register`, its number;
        `in_latest`, whether it is the latest of all.
    history : the same columns but `in_latest`, one row a register and action, registers in their order (1, 2 ...);
        `done_on` as written
    """

    register: pd.DataFrame
    history: pd.DataFrame


def actions_of(extracts: Iterable[Extract], framework: Framework) -> Actions:
    """The actions of all registers, none of them refused.

    The latest register is the one with the latest `as_at`, where each says its day, else the last of the files. An
    action that it leaves out stays as the last register had it: nobody has said that it is done. The day on which an
    action was done is its `done_on`; where no register gives one, that of the first register since when it is done.
    """
    tables = [_filled(extract.table) for extract in in_order(tuple(extracts))]
    days = pd.Series([table["as_at"].max() for table in tables], dtype="datetime64[ns]")
    numbers = range(1, len(days) + 1) if days.isna().any() else days.rank(method="dense").astype(int)
    parts = [table.assign(as_at=day, register=at) for table, day, at in zip(tables, days, numbers, strict=True)]
    history = pd.concat(parts).sort_values("action_id", key=_as_numbered).sort_values("register", kind="stable")
    history = history.reset_index(drop=True)
    history["status_written"] = history["status"]
    history["status"] = history["status"].map(framework.status)
    latest = history.groupby(history["action_id"].str.casefold(), sort=False).tail(1)
    done = {at: _done_on(history, row["action_id"]) for at, row in latest.iterrows()}
    register = latest.assign(
        done_on=pd.Series(done, dtype="datetime64[ns]"), in_latest=latest["register"] == history["register"].max()
    )
    return Actions(register.sort_values("action_id", key=_as_numbered).reset_index(drop=True), history)


def in_order(registers: Sequence[Extract]) -> list[Extract]:
    """Registers from the first to the latest: by the day that each says, where all do, else as the files were given."""
    days = [extract.table["as_at"].max() if "as_at" in extract.table else pd.NaT for extract in registers]
    if any(pd.isna(day) for day in days):
        return list(registers)
    return [registers[at] for at in sorted(range(len(days)), key=days.__getitem__)]


def _filled(table: pd.DataFrame) -> pd.DataFrame:
    """The table with every column that a register may have; "" or NaT where it has none."""
    days = [*(column for column, holds in ACTIONS.columns.items() if holds == DAY)]
    days += [f"{column}_{end}" for column in ("start", "due") for end in ("first", "last")]
    texts = [column for column in ACTIONS.columns if column not in days]
    found = table.reindex(columns=[*texts, *days])
    return found.assign(**{column: found[column].astype("object").fillna("").astype("str") for column in texts},
                        **{column: pd.to_datetime(found[column]) for column in days})  # fmt: skip


def _done_on(history: pd.DataFrame, action_id: str) -> Any:
    """The day on which an action was done, by the registers since when it is; NaT where it is not."""
    rows = history[history["action_id"].str.casefold() == action_id.casefold()]
    not_done = rows.index[rows["status"] != DONE]
    since = rows.loc[rows.index > not_done.max()] if len(not_done) else rows
    days = since["done_on"].dropna()
    return days.iloc[-1] if len(days) else since["as_at"].min()


def _as_numbered(ids: pd.Series) -> pd.Series:
    """A key by which E2 stands before E10."""
    return ids.str.casefold().str.replace(r"\d+", lambda found: found[0].zfill(12), regex=True)
