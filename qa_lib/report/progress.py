"""What became of the cases that were drawn?

Of the cases allocated in the period of the report: how many were completed, in time or late, how many are under way or
were taken out, how many audits were looked at again, and whether the cases that were not completed differ.

The number of audits done in the period stands in other tables, and most of these audits are of cases allocated in it.
The others (cases of earlier draws, and of none) are what a subtraction would give. So where these are few, nobody is
told how many of the allocated cases were completed: cases completed late are then counted with those under way.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from qa_lib.intake.caseload import categories_of
from qa_lib.measures import completion
from qa_lib.measures.change import adjust
from qa_lib.measures.completion import IN_TIME, LATE, OUTCOMES, STARTED
from qa_lib.measures.shares import MEASURES, counted_whole
from qa_lib.report.comparisons import FAMILY_LEVEL
from qa_lib.report.material import Material
from qa_lib.report.merging import OTHERS
from qa_lib.report.publishable import About, Derived, Publishable
from qa_lib.report.weights import drawn_audits
from qa_lib.settings.framework import OTHER_CATEGORY
from qa_lib.settings.kinds import OVERALL

LATE_OR_STARTED = "completed late or started"
COMPLETED, NOT_COMPLETED = OTHERS["met"], OTHERS["not met"]
"""The outcomes of completed cases, and of others, that the gate counts together because one of them is small."""
DIFFERS, NO_CLEAR_DIFFERENCE = "differs", "no clear difference"
NO_REGISTER = "no register of the draws was given, or none that audits can be matched to"


def outcomes(material: Material) -> pd.DataFrame | None:
    """What became of the cases allocated in the period; without rows where even that would tell of a few."""
    cases = _allocated(material)
    if cases.empty:
        return None
    table = completion.outcomes(cases)
    if not _hides_completed(material):
        return table
    if _few(material, len(material.current) - int((cases["outcome"] == IN_TIME).sum())):
        return None
    unclear = table["outcome"].isin([LATE, STARTED])
    both = table[unclear].iloc[[-1]].assign(outcome=LATE_OR_STARTED, n=table.loc[unclear, "n"].sum())
    both["share"] = both["n"] / both["of"]
    return pd.concat([table[~unclear], both]).sort_index().reset_index(drop=True)


def steps(material: Material) -> Derived:
    """How far the allocated cases have come, as far as their outcomes are shown; moderated are of those completed."""
    return partial(_steps, material)


def _steps(material: Material, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    shown = earlier["outcomes"].table.set_index("outcome")["n"].to_dict()
    if not shown or pd.isna([*shown.values()]).any():
        return None
    done = _told_completed(material, earlier["outcomes"])
    under_way = shown.get(STARTED, np.nan) + done if done is not None else shown.get(LATE_OR_STARTED, np.nan)
    started = under_way if done is not None else under_way + shown.get(IN_TIME, np.nan)
    allocated = float(earlier["outcomes"].table["of"].iloc[0])
    counts = {"allocated": allocated, "started": started, "completed": done, "in_time": shown.get(IN_TIME)}
    rows = [(step, n, allocated) for step, n in counts.items() if n is not None and not pd.isna(n)]
    second = _moderated(material)
    rows += [("moderated", second, done)] if done is not None and second is not None else []
    return counted_whole(pd.DataFrame(rows, columns=["group", "n", "of"]))


def _hides_completed(material: Material) -> bool:
    """Whether few audits of the period are of other cases: the number of cases completed would tell how many."""
    return _few(material, len(material.current) - int(_allocated(material)["completed"].sum()))


def _told_completed(material: Material, published: Publishable) -> float | None:
    """How many cases were completed, as the readers of the outcomes can add up; None where they cannot."""
    table = published.table
    if table.empty or table["n"].isna().any() or _hides_completed(material):
        return None
    return float(table.loc[table["side"] == "met", "n"].sum())


def _moderated(material: Material) -> int | None:
    """Completed cases that were looked at again; None where that, or what it leaves of other counts, is small.

    The random second looks of the period stand in the table of same grades.
    """
    cases = _allocated(material)
    second, done = int(cases["moderated"].sum()), int(cases["completed"].sum())
    pairs = material.pairs
    random = int(((pairs["selection"] == "random") & (pairs["domain"] == OVERALL)).sum())
    doubt = len(material.current) - done - max(random - second, 0)  # random ones may be of cases of other draws
    told = (second, done - second, *((abs(second - random),) if doubt < 1 else ()))
    return None if any(_few(material, count) for count in told) else second


def categories(material: Material) -> Derived:
    """Cases completed by kind of case; small kinds are counted together."""
    return partial(_categories, material)


def _categories(material: Material, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    if _told_completed(material, earlier["outcomes"]) is None:
        return None
    table = _by_category(material)
    while len(table) > 1 and (small := [row for _, row in table.iterrows() if _is_small(material, row)]):
        rest = table[~table["group"].isin([row["group"] for row in small])]
        named = rest[rest["group"] != OTHER_CATEGORY].sort_values("of", kind="stable")["group"]
        alone = len(small) == 1 and OTHER_CATEGORY not in set(rest["group"])
        taken = {*(row["group"] for row in small), OTHER_CATEGORY, *(named[:1] if alone else ())}
        table = table.assign(group=table["group"].where(~table["group"].isin(taken), OTHER_CATEGORY))
        table = table.groupby("group", sort=False)[["n", "of"]].sum().reset_index()
    if len(table) < 2:
        return None
    table = counted_whole(table[["group", "n", "of"]])
    return table.sort_values("group", key=lambda group: group == OTHER_CATEGORY, kind="stable")


def _is_small(material: Material, row: pd.Series[Any]) -> bool:
    return _few(material, int(row["n"])) or _few(material, int(row["of"] - row["n"]))


def _by_category(material: Material) -> pd.DataFrame:
    """Cases completed of those allocated, by the framework's kinds of case; kinds that it does not name are others."""
    cases = _allocated(material)
    return completion.completed_by(cases, categories_of(cases, material.params.framework)).astype({"group": "str"})


def differences(material: Material) -> Derived:
    """Whether cases completed differ by kind of case, and by service: one word each, and no figure."""
    return partial(_differences, material)


def _differences(material: Material, earlier: Mapping[str, Publishable]) -> pd.DataFrame | None:
    """Tested on all counts, hidden ones too: the word is about all groups together. Both tests are adjusted (Holm)."""
    if earlier["outcomes"].is_empty:
        return None
    cases = _allocated(material)
    tables = {"category": _by_category(material), "service": completion.completed_by(cases, cases["service"])}
    p = adjust([completion.chance_of_difference(table) for table in tables.values()], "holm")
    words = np.select([p < FAMILY_LEVEL, p.notna()], [DIFFERS, NO_CLEAR_DIFFERENCE], "")
    table = pd.DataFrame({"group": [*tables], "difference": words}).assign(**dict.fromkeys(MEASURES, np.nan))
    table = table[table["difference"] != ""][["group", *MEASURES, "difference"]]
    return None if table.empty else table


def by_service(material: Material) -> pd.DataFrame | None:
    """Audits of each service in the period beside its allocated cases, and for all.

    As with the plan, the audits count that were done, whenever their cases were allocated. So what is left of the
    allocated cases is no number of children, but where every audit is of a case allocated in the period, or the
    services leave no doubt of how many are not: then it is not told.
    """
    cases = _allocated(material)
    if cases.empty:
        return None
    of, n = cases["service"].value_counts(), material.current["service"].value_counts()
    groups = [service for service in material.current["service"].cat.categories if n.get(service, 0)]
    groups += [service for service in cases["service"].cat.categories if of.get(service, 0) and service not in groups]
    table = pd.DataFrame({"group": groups, "n": [n.get(s, 0) for s in groups], "of": [of.get(s, 0) for s in groups]})
    more = (table["n"] - table["of"]).clip(lower=0).sum()
    doubt = len(material.current) - int(cases["completed"].sum()) - more
    sure = table if doubt < 1 else table[table["n"] == 0]
    if any(_few(material, abs(int(left))) for left in sure["of"] - sure["n"]):
        return None
    whole = pd.DataFrame({"group": ["all"], "n": [len(material.current)], "of": [len(cases)]})
    return counted_whole(pd.concat([table, whole], ignore_index=True))


def drawn(material: Material) -> pd.DataFrame | None:
    """Audits of the period that stand in a draw, for which the weighted share can speak."""
    found = drawn_audits(material)
    if found.empty:
        return None
    n, of = len(found), len(material.current)
    earlier_draws = n - int(_allocated(material)["completed"].sum())
    shown = np.nan if _few(material, abs(earlier_draws)) else n
    return counted_whole(pd.DataFrame([{"group": "all", "n": shown, "of": of}]))


def _allocated(material: Material) -> pd.DataFrame:
    """The cases allocated in the period, with what became of them; none where no register says so."""
    cases = material.progress
    return pd.DataFrame() if cases is None else cases[cases["period"] == "current"]


def _few(material: Material, count: int) -> bool:
    return 1 <= count <= material.params.hide_up_to


def about_outcomes(material: Material) -> About:
    """The table of what became of the allocated cases."""
    return About(
        "What became of the cases allocated", "cases", "", "Cases", "Allocated", parts=True, missing=NO_REGISTER,
        labels={
            "all": material.params.period.words, COMPLETED: "Completed", NOT_COMPLETED: "Other outcomes",
            **{outcome: outcome.capitalize() for outcome in (*OUTCOMES, LATE_OR_STARTED)},
        },
    )  # fmt: skip


def about_steps(_: Material) -> About:
    """The table of how far the cases have come."""
    labels = {"allocated": "Allocated", "started": "Started", "completed": "Completed", "in_time": "Completed in time",
              "moderated": "Moderated"}  # fmt: skip
    title = "How far the cases allocated have come"
    return About(title, "cases", "Step", "Cases", "Of", labels=labels, missing=NO_REGISTER)


def about_categories(_: Material) -> About:
    """The table of cases completed by kind."""
    missing = "kinds of case are not in the register, or too few to tell apart"
    return About("Cases completed, by kind of case", "cases", "Kind of case", "Completed", "Allocated", missing=missing)


def about_differences(_: Material) -> About:
    """The words on how cases not completed differ."""
    return About(
        "Whether the cases not completed differ", "words", "", "", "", labels={"category": "kind of case",
        "service": "service"}, says=("difference",), missing="too few cases were allocated to say",
    )  # fmt: skip


def about_by_service(_: Material) -> About:
    """The table of audits done beside cases allocated."""
    return About(
        "Audits completed beside cases allocated, by service", "audits", "Service", "Audits", "Allocated",
        labels={"all": "All services"}, linked="service", of_is_known=True, children=False, whole_service=False,
        share_head="Share of allocated",
        missing="no register of the draws was given, or it would tell of a few cases",
    )  # fmt: skip


def about_drawn(_: Material) -> About:
    """The table of audits that stand in a draw."""
    missing = "no register says how many cases could be drawn"
    return About("Audits that stand in a draw", "audits", "", "In a draw", "Audits", labels={"all": "All"},
                 missing=missing)  # fmt: skip
