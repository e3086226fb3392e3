"""Which cases are audited this month, and by whom?

A draw, made of what a params file asks and of the extracts: the case list and
the audits since give the frame, the register of earlier draws says who is still
waited for and what has been replaced, the auditor list who may audit what.

The register of this very month may be given as well, as the co-ordinator has
kept it. Then the draw is made again, from the same numbers: a case marked as
replaced gives way to the next reserve, auditors keep the cases that they have,
and what a corrected case list changes is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from qa_lib.intake.allocation import ALLOCATED, EXCLUDED, REPLACED
from qa_lib.intake.extracts import Extracts
from qa_lib.measures.assignment import Assignment, Rules, assign
from qa_lib.measures.completion import progress
from qa_lib.measures.eligibility import id_key
from qa_lib.measures.feasibility import Impossible
from qa_lib.measures.sampling import Design, Draw, draw, replace
from qa_lib.problems import DATA, SETTINGS, Problem, QAError
from qa_lib.report.impossible import causes_told
from qa_lib.settings.kinds import ALLOCATION
from qa_lib.settings.report import ReportParams
from qa_lib.settings.yaml import shown

UNFINISHED = ("started", "not started")
"""What became of an allocated case that an auditor still has."""
PEOPLE = ["auditor", "paired_with", "second_auditor"]


@dataclass(frozen=True)
class Drawing:
    """A draw, and who audits what.

    draw : the frame, with what became of each case; `drawn_first`, whether it was drawn before anything was replaced
    assignment : who audits which of the cases that are to be audited
    register : one row a case drawn, replaced ones among them, with the columns of the extract `allocation`
    changes : `case_id, change` ("in" or "out"), `reason`: what the draw made again changes beside the register given
    before : every case of earlier draws, as `progress` gives it; `waited_for`, whether an auditor still has it
    reached : one row an open case, with `reached`: it was audited in the months in which no case is drawn again
    """

    draw: Draw
    assignment: Assignment
    register: pd.DataFrame
    changes: pd.DataFrame
    before: pd.DataFrame
    reached: pd.DataFrame


def drawing_of(params: ReportParams, extracts: Extracts) -> Drawing:
    """The draw that a params file asks for.

    Raises
    ------
    QAError : exit code 2, fewer cases are asked for than the minimum of each service needs; 3, the cases cannot be
        given to the auditors so that every rule holds, and what would mend it.
    """
    asked = params.draw
    assert asked, "settings ask for it"  # noqa: S101
    assert extracts.auditors, "settings ask for it"  # noqa: S101
    design = design_of(params)
    register = _progress(extracts)
    own = (register["period"] == "current") & register["draw"].fillna("").astype(str).isin(["", str(asked.seed)])
    now, before = register[own], register[~own]
    before = before.assign(waited_for=before["outcome"].isin(UNFINISHED))
    frame = _frame(params, extracts, before[before["waited_for"]])
    seed = f"{asked.seed} {params.period.start:%Y-%m-%d}"  # the same seed draws other cases in another month
    first = _first_draw(params, frame, design, seed)
    drawn = _after_changes(first, now)
    cases = drawn.frame[drawn.frame["place"] == "drawn"]
    months, people = params.period.months, extracts.auditors.auditors
    if "capacity" in people:
        people = people.assign(capacity=people["capacity"] * months)
    rules = Rules(capacity=asked.capacity * months, start=params.period.start, end=params.period.end, seed=seed)
    try:
        assignment = assign(_as_before(cases, now), people, rules)
    except Impossible as impossible:
        raise QAError(causes_told(impossible), DATA) from None
    return Drawing(
        drawn,
        assignment,
        _register(params, drawn, assignment.cases, now),
        _changes(first, now),
        before,
        _reached(first.frame),
    )


def _first_draw(params: ReportParams, frame: pd.DataFrame, design: Design, seed: str) -> Draw:
    try:
        return draw(frame, design, seed)
    except ValueError:  # all else that `draw` refuses has been refused by the intake
        message = "draw: so few cases are asked for that the minimum of each service cannot be drawn."
        fix = "Raise `cases`, or lower `minimum`."
        raise QAError([Problem("few_cases", message, fix, file=shown(params.path))], SETTINGS) from None


def design_of(params: ReportParams) -> Design:
    """How cases are drawn, as the params file and the framework say it."""
    asked, programme = params.draw, params.framework.programme
    assert asked, "only a draw has a design"  # noqa: S101
    planned = programme.allocated_a_month * params.period.months if programme else 0
    return Design(
        cases=None if asked.take_all else asked.cases or planned,
        minimum=asked.minimum,
        reserves=asked.reserves,
        second_looks=asked.second_looks,
        not_again_months=asked.not_again_for,
        look_back_months=programme.look_back_months if programme else 0,
        on=params.period.start,
        services=params.framework.services,
    )


def _key(ids: pd.Series[Any]) -> pd.Series[Any]:
    """Case numbers as they are compared."""
    return ids.astype(str).map(id_key)


def _progress(extracts: Extracts) -> pd.DataFrame:
    """Every case of the registers with what became of it (`outcome`), and every column of the extract."""
    if extracts.allocation is None:
        return pd.DataFrame(columns=[*ALLOCATION.columns, "period", "month", "outcome"])
    moderation = extracts.moderation.gradings if extracts.moderation else None
    found = progress(extracts.allocation.cases, extracts.audits.audits, moderation)
    return found.assign(**{column: "" for column in ALLOCATION.columns if column not in found})


def _frame(params: ReportParams, extracts: Extracts, waited_for: pd.DataFrame) -> pd.DataFrame:
    """The listed cases, with what else is known of them: the last audit, who has them, whether the draw is of such."""
    assert extracts.caseload, "settings ask for it"  # noqa: S101
    listed, audits = extracts.caseload.listed, extracts.audits.audits
    keys = _key(listed["case_id"])
    if "case_id" in audits and len(audits):
        before = audits[audits["audit_date"] < pd.Timestamp(params.period.start)]
        last = before.groupby(_key(before["case_id"]))["audit_date"].max()
        listed = listed.assign(audited_on=keys.map(last.to_dict()))
    outside = pd.Series(False, index=listed.index)
    for column, values in params.draw_from.given.items():
        held = listed[column].astype(str).str.strip() if column in listed else pd.Series("", index=listed.index)
        outside |= ~held.isin(values)
    return listed.assign(held=keys.isin(_key(waited_for["case_id"])), outside=outside)


def _after_changes(first: Draw, now: pd.DataFrame) -> Draw:
    """The draw with what its register says has happened since: cases replaced by reserves, and cases taken out."""
    keys = _key(first.frame["case_id"])
    known = set(keys[first.frame["place"] != ""])
    gone = now[(now["status"] == REPLACED) & _key(now["case_id"]).isin(known)]
    why = dict(zip(gone["case_id"], gone["reason"].fillna("").astype(str), strict=True))
    drawn = replace(first, why)
    out = keys.isin(_key(now.loc[now["status"] == EXCLUDED, "case_id"])) & (drawn.frame["place"] == "drawn")
    frame = drawn.frame.assign(
        place=drawn.frame["place"].mask(out, EXCLUDED),
        second=drawn.frame["second"] & ~out,
        drawn_first=first.frame["place"] == "drawn",
    )
    return Draw(frame, drawn.strata, drawn.seed, drawn.frame_sha256)


def _by_key(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The rows of a table by the key of their case; what is unknown is ""."""
    rows = table.astype("object").where(table.notna(), "").to_dict("records")
    return {
        key: {str(name): value for name, value in row.items()}
        for key, row in zip(_key(table["case_id"]), rows, strict=True)
    }


def _as_before(cases: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The cases with the auditors that the register names, so that they keep them."""
    before = _by_key(now)
    keys = _key(cases["case_id"])
    return cases.assign(**{who: [before.get(key, {}).get(who, "") for key in keys] for who in PEOPLE})


def _register(params: ReportParams, drawn: Draw, assigned: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The register of this draw: rows of the one given that still hold, and the cases that are new in it."""
    strata = drawn.strata.set_index("service").to_dict("index")
    before, given = _by_key(now), _by_key(assigned)
    new = {"allocated_on": pd.Timestamp(max(params.as_of, params.period.start)), "due": pd.Timestamp(params.period.end)}
    rows = []
    for key, case in _by_key(drawn.frame[drawn.frame["place"].isin(["drawn", REPLACED, EXCLUDED])]).items():
        known, people = before.get(key, new), given.get(key, before.get(key, {}))
        service = str(case["service"])
        rows.append(
            {
                **{column: known.get(column, case.get(column, "")) for column in ALLOCATION.columns},
                "case_id": case["case_id"],
                "service": service,
                "status": {"drawn": ALLOCATED}.get(case["place"], case["place"]),
                **{who: people.get(who, "") for who in PEOPLE},
                **{count: strata[service][count] for count in ("eligible", "drawn")},
                "draw": str(params.draw.seed) if params.draw else "",
            }
        )
    return pd.DataFrame(rows, columns=list(ALLOCATION.columns))


def _changes(first: Draw, now: pd.DataFrame) -> pd.DataFrame:
    """What has come in and gone out since the register was written, other than by replacing; none without one."""
    if now.empty:
        return pd.DataFrame(columns=["case_id", "change", "reason"])
    frame = first.frame.assign(key=_key(first.frame["case_id"]))
    replacing = now[now["replaces"].fillna("").astype(str) != ""]
    before = set(_key(now["case_id"])) - set(_key(replacing["case_id"]))
    drawn = frame[frame["place"] == "drawn"]
    came = drawn.loc[~drawn["key"].isin(before | set(_key(replacing["case_id"]))), "case_id"]
    reasons = dict(zip(frame["key"], frame["reason"], strict=True))
    went = now[_key(now["case_id"]).isin(before - set(drawn["key"]))]["case_id"]
    why = [reasons.get(key, "not listed") or "by lot" for key in _key(went)]
    rows = [*((case, "in", "by lot") for case in came), *zip(went, ["out"] * len(went), why, strict=True)]
    return pd.DataFrame(rows, columns=["case_id", "change", "reason"])


def _reached(frame: pd.DataFrame) -> pd.DataFrame:
    """The open cases that the draw is about, and whether each was audited in the months before."""
    cases = frame[~frame["reason"].isin(["closed", "outside"])]
    return cases.assign(reached=cases["reason"] == "audited")
