"""How were a tool's questions answered?

A themed audit asks questions of several types. Those that test a practice
standard come down to the same answer: the standard was met ("Yes"), in part, or
not; whatever does not apply or was not recorded is counted apart. A grade meets
it where it is good or better; a number, a date or a choice where the tool's
`meets` says so.
"""

from __future__ import annotations

import pandas as pd

from qa_lib.measures.shares import ANSWERS, MEASURES, NOT_APPLICABLE, count_shares, standards_met
from qa_lib.settings.question import SEPARATOR, Meets, Question
from qa_lib.settings.scale import NOT_RECORDED, GradeScale
from qa_lib.settings.tool import AuditTool

KEYS = ["audit_id", "question", "group", "answer"]


def answers(audits: pd.DataFrame, gradings: pd.DataFrame, tool: AuditTool, scale: GradeScale) -> pd.DataFrame:
    """One row an audit and question that tests a standard.

    Parameters
    ----------
    audits : one row an audit, with a column for each question that is no text and no grade, as far as it was given
    gradings : `audit_id, domain, grade`, the graded questions as domains
    tool, scale : what was asked, and what counts as good

    Returns
    -------
    DataFrame `audit_id, question, group, answer`, questions and groups in the tool's order; `answer` is "Yes",
    "Partly", "No", "Not applicable" or "Not recorded". A question whose column no extract holds is not there.
    """
    parts = []
    for name, group in tool.groups.items():
        for key, question in group.questions.items():
            found = _answered(key, question, audits, gradings, scale) if question.tests else None
            if found is not None:
                parts.append(found.assign(question=key, group=name))
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=KEYS)
    asked = list(dict.fromkeys(rows["question"]))
    rows["question"] = pd.Categorical(rows["question"], asked, ordered=True)
    rows["group"] = pd.Categorical(rows["group"], list(dict.fromkeys(rows["group"])), ordered=True)
    return rows[KEYS]


def _answered(
    key: str, question: Question, audits: pd.DataFrame, gradings: pd.DataFrame, scale: GradeScale
) -> pd.DataFrame | None:
    """`audit_id, answer` of one question; None where no extract holds it."""
    if question.type == "graded":
        grades = gradings[gradings["domain"].astype(str) == key]
        words = dict.fromkeys(scale.good_or_better, "Yes") | dict.fromkeys(scale.below_good, "No")
        words |= dict.fromkeys(scale.off_scale, NOT_APPLICABLE)
        found = grades["grade"].astype(str).map(words).fillna(NOT_RECORDED)
        return pd.DataFrame({"audit_id": grades["audit_id"], "answer": found}) if len(grades) else None
    after = question.meets.after if question.meets else ""
    if key not in audits or (after and after not in audits):
        return None
    found = audits[key].replace("", NOT_RECORDED)
    if question.meets:
        met = _meets(audits, key, question.meets)
        known = audits[key].notna() & (audits[key].astype(str) != "")
        known &= audits[after].notna() if after else True
        found = met.map({True: "Yes", False: "No"}).where(known, NOT_RECORDED)
    return pd.DataFrame({"audit_id": audits["audit_id"], "answer": found})


def _meets(audits: pd.DataFrame, key: str, meets: Meets) -> pd.Series[bool]:
    """Whether each answer is within what the tool allows; what lies before the date it should follow is in time."""
    cells = audits[key]
    if meets.within_days is not None:
        return (cells - audits[meets.after]).dt.days.le(meets.within_days)
    if meets.one_of:
        return cells.isin(meets.one_of)
    numbers = cells.astype("Float64").fillna(-1.0)
    most = float("inf") if meets.at_most is None else meets.at_most
    return numbers.between(meets.at_least or 0, most).astype(bool)


def _banded(numbers: pd.Series[int], question: Question) -> pd.Series[str]:
    """The band of each number, in words; "" where there is none."""
    edges = [-1, *question.bands, float("inf")]
    bands = pd.cut(numbers.astype("Float64").astype(float), edges, labels=list(question.bands_told))
    return bands.astype("str").where(numbers.notna(), "")


def standards(rows: pd.DataFrame) -> pd.DataFrame:
    """How often each standard was met: a measure table by question; `left_out` did not apply or was not recorded."""
    return count_shares(rows, rows["answer"].eq("Yes"), rows["answer"].isin(ANSWERS), "question")


def in_full(rows: pd.DataFrame) -> pd.DataFrame:
    """In how many audits every standard of a group that applied was met.

    Returns
    -------
    Measure table by group: `n` audits in which all were met, `of` audits to which at least one applied, `left_out`
    the others. An answer of "Partly" is not met.
    """
    applies = rows[rows["answer"].isin(ANSWERS)]
    every = applies["answer"].eq("Yes").groupby([applies["group"], applies["audit_id"]], observed=True).all()
    found = every.rename("all").reset_index()
    audits = rows["audit_id"].nunique()
    table = count_shares(found, found["all"], pd.Series(True, index=found.index), "group")
    return table.assign(left_out=audits - table["of"])


def answer_mix(rows: pd.DataFrame) -> pd.DataFrame:
    """How often each answer was given: a measure table with keys `group` (the question) and `grade` (the answer)."""
    return standards_met(rows, "question").rename(columns={"answer": "grade"})[["group", "grade", *MEASURES]]


def _side(question: Question, at: int) -> str:
    """Whether the option (or band) at this place meets the standard; a tool's bands part where its `meets` does."""
    meets = question.meets
    if meets is None:
        return ""
    if meets.one_of:
        return "met" if question.options[at] in meets.one_of else "not met"
    lowest = [0, *(edge + 1 for edge in question.bands)][at]
    most = float("inf") if meets.at_most is None else meets.at_most
    return "met" if (meets.at_least or 0) <= lowest <= most else "not met"


def options(audits: pd.DataFrame, tool: AuditTool, kind: str) -> pd.DataFrame | None:
    """How often each option was chosen, of the audits that answered.

    Parameters
    ----------
    kind : "choice" (one answer each; numbers in bands among them) or "choices" (several each)

    Returns
    -------
    Measure table with keys `group` (the question) and `option`, in the tool's order; None where nothing was asked so.
    `side` says whether an option meets the question's standard: "met", "not met", or "" where it tests none.
    """
    parts = []
    for key, question in tool.questions.items():
        labels = question.bands_told if question.bands else question.options
        if key not in audits or not labels or (question.type == "choices") != (kind == "choices"):
            continue
        cells = _banded(audits[key], question) if question.bands else audits[key].fillna("").astype(str)
        filled = cells.astype(str) != ""
        for label in labels:
            if kind == "choices":
                hit = cells.str.split(SEPARATOR).map(lambda chosen, label=label: label in map(str.strip, chosen))
            else:
                hit = cells == label
            row = audits[["audit_id"]].assign(group=key, option=label, hit=hit.astype(bool), filled=filled)
            parts.append(row.assign(side=_side(question, labels.index(label))))
    if not parts:
        return None
    rows = pd.concat(parts, ignore_index=True)
    for column in ("group", "option"):
        rows[column] = pd.Categorical(rows[column], list(dict.fromkeys(rows[column])), ordered=True)
    table = count_shares(rows, rows["hit"], rows["filled"], ["group", "option"])
    sides = rows.groupby(["group", "option"], observed=True)["side"].first()
    table["side"] = [
        sides.get((group, option), "") for group, option in zip(table["group"], table["option"], strict=True)
    ]
    return table[(table["of"] + table["left_out"]) > 0].astype({"group": "str", "option": "str"}).reset_index(drop=True)
