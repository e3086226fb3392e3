"""Which tables does a themed audit show?

Everything follows from the tool: a row for each question that tests a standard,
for each group of questions, for each option that could be chosen. What auditors
wrote is coded by the council's codebook, as in the other reports.
"""

from __future__ import annotations

from functools import partial

import pandas as pd

from qa_lib.measures.questions import answer_mix, in_full, options, standards
from qa_lib.measures.shares import count_shares, counted_whole, grade_distribution
from qa_lib.measures.themes import usable
from qa_lib.report.comparisons import tested
from qa_lib.report.material import Material
from qa_lib.report.planned import Planned
from qa_lib.report.plans import PROGRESS, QUARTERLY
from qa_lib.report.publishable import About, Derived, Publishable
from qa_lib.settings.scale import GradeScale
from qa_lib.settings.tool import AuditTool, compared

MET = "that meet the standard"
ANSWER_SCALE = GradeScale(labels=("Yes", "Partly", "No"), lowest_good="Yes")


def _tool(material: Material) -> AuditTool:
    """The tool of the report; an empty question asked of a report without one."""
    assert material.params.tool is not None, "a themed audit's plan needs `tool:` in its params file"  # noqa: S101
    return material.params.tool


def _labels(material: Material) -> dict[str, str]:
    tools = [tool for tool in (material.params.earlier_tool, material.params.tool) if tool]
    return {key: question.label for tool in tools for key, question in tool.questions.items()}


def _completed(material: Material) -> pd.DataFrame | None:
    planned, n = _tool(material).planned, len(material.current)
    if not planned:
        return None
    return counted_whole(pd.DataFrame([{"group": "all", "n": n, "of": planned}]))


def _chosen(material: Material) -> pd.DataFrame | None:
    """The audits of each service among all of them."""
    audits = material.current
    if audits["service"].nunique() < 2:
        return None
    n = audits["service"].value_counts()
    groups = [service for service in audits["service"].cat.categories if n.get(service, 0)]
    table = pd.DataFrame({"group": [*groups, "all"], "n": [*(n[group] for group in groups), len(audits)]})
    return counted_whole(table.assign(of=len(audits)))


def _standards(material: Material) -> pd.DataFrame | None:
    return None if material.answers.empty else standards(material.answers)


def _answers(material: Material) -> pd.DataFrame | None:
    return None if material.answers.empty else answer_mix(material.answers)


def _grades(material: Material) -> pd.DataFrame | None:
    gradings = material.gradings("current", overall=False)
    if gradings.empty:
        return None
    return grade_distribution(gradings, material.scale).astype({"group": "str"})


def _in_full(material: Material) -> pd.DataFrame | None:
    return None if material.answers.empty else in_full(material.answers)


def _options(kind: str, material: Material) -> pd.DataFrame | None:
    return options(material.current, _tool(material), kind)


def _heard(material: Material) -> pd.DataFrame | None:
    """Whose voice was heard: yes to a question on it, or words set down in its box."""
    audits, comments = material.current, material.comments
    says = comments[comments["text"].map(lambda text: usable(text, material.codebook)).astype(bool)]
    parts = []
    for key, question in _tool(material).questions.items():
        if not question.voice:
            continue
        if question.type == "text":
            told = audits["audit_id"].isin(says.loc[says["column"] == key, "audit_id"])
            parts.append(pd.DataFrame({"question": key, "hit": told, "counted": True}))
        elif key in set(material.answers["question"].astype(str)):
            answer = material.answers.loc[material.answers["question"] == key, "answer"]
            counted = answer.isin(ANSWER_SCALE.labels)
            parts.append(pd.DataFrame({"question": key, "hit": answer.eq("Yes"), "counted": counted}))
    if not parts:
        return None
    rows = pd.concat(parts, ignore_index=True)
    rows["question"] = pd.Categorical(rows["question"], list(dict.fromkeys(rows["question"])), ordered=True)
    return count_shares(rows, rows["hit"].astype(bool), rows["counted"].astype(bool), "question")


def _compared(material: Material) -> pd.DataFrame | None:
    """The questions that two versions of the tool ask alike, by period."""
    now, earlier = material.answers, material.earlier_answers
    if now.empty or earlier.empty or material.params.earlier_tool is None:
        return None
    same, _ = compared(_tool(material), material.params.earlier_tool)
    before = {old: key for key, old in same.items()}
    parts = [
        now.assign(period="current", question=now["question"].astype(str)),
        earlier.assign(period=material.params.periods[1].key, question=earlier["question"].astype(str).map(before)),
    ]
    rows = pd.concat(parts, ignore_index=True)
    both = rows.groupby("question")["period"].nunique()
    asked = [key for key in same if both.get(key, 0) == len(parts)]
    rows = rows[rows["question"].isin(asked)]
    if rows.empty:
        return None
    rows = rows.assign(
        question=pd.Categorical(rows["question"], asked, ordered=True),
        period=pd.Categorical(rows["period"], [period.key for period in material.params.periods], ordered=True),
    )
    return count_shares(
        rows, rows["answer"].eq("Yes"), rows["answer"].isin(ANSWER_SCALE.labels), ["question", "period"]
    )


def _change(before: str, earlier: dict[str, Publishable]) -> pd.DataFrame | None:
    both = earlier["standards_compared"]
    return None if both.is_empty else tested(both.table, before)


def _changed(material: Material) -> Derived:
    return partial(_change, material.params.periods[-1].key)


_THEMES = next(entry for entry in QUARTERLY if entry.name == "themes")

THEMED: tuple[Planned, ...] = (
    Planned("completion", ("group",), _completed, lambda _: About(
        "Audits completed against the plan", "audits", "", "Completed", "Planned", labels={"all": "All"},
        of_is_known=True, children=False, missing="the tool does not say how many were planned")),
    Planned("chosen", ("group",), _chosen, lambda _: About(
        "Audits by service", "audits", "Service", "Audits", "All audits", labels={"all": "All services"},
        linked="service", of_is_known=True, whole_service=False, missing="the extracts name one service at most")),
    *PROGRESS,
    Planned("standards", ("group",), _standards, lambda m: About(
        "Standards met, question by question", "audits", "Question", "Met", "Applied",
        "Not applicable or not recorded", goal=MET, labels=_labels(m),
        missing="the extracts hold no question that tests a standard")),
    Planned("answers", ("group", "grade"), _answers, lambda m: About(
        "Answers given, question by question", "audits", "Question", "Count", "Applied",
        "Not applicable or not recorded", scale=ANSWER_SCALE, labels=_labels(m),
        missing="the extracts hold no question that tests a standard")),
    Planned("grades", ("group", "grade"), _grades, lambda m: About(
        "Grades given to the questions that are graded", "gradings", "Question", "Count", "Graded", "Not graded",
        labels=_labels(m), scale=m.scale, missing="the tool has no graded question, or the extracts no grades")),
    Planned("in_full", ("group",), _in_full, lambda m: About(
        "Audits in which every standard of a part was met", "audits", "Part of the audit", "All met", "Applied",
        "Nothing applied or was recorded", goal="in which every standard that applied was met",
        labels={name: group.label for name, group in _tool(m).groups.items()},
        inside={name: ("standards", tuple(group.questions)) for name, group in _tool(m).groups.items()},
        missing="the extracts hold no question that tests a standard")),
    Planned("options", ("group", "option"), partial(_options, "choice"), lambda m: About(
        "Answers chosen", "audits", "Question", "Audits", "Answered", "Not recorded", labels=_labels(m), parts=True,
        missing="the tool has no question with one choice")),
    Planned("several", ("group", "option"), partial(_options, "choices"), lambda m: About(
        "Answers chosen, where several could be", "audits", "Question", "Audits", "Answered", "Not recorded",
        labels=_labels(m), missing="the tool has no question with several choices")),
    _THEMES,
    Planned("heard", ("group",), _heard, lambda m: About(
        "Whose voice was heard", "audits", "Question", "Yes", "Asked", "Not applicable or not recorded",
        labels=_labels(m), missing="the tool asks nothing about it")),
    Planned("standards_compared", ("group", "period"), _compared, lambda m: About(
        "Standards met, by period", "audits", "Question", "Met", "Applied", "Not applicable or not recorded",
        labels={**_labels(m), **{period.key: period.words for period in m.params.periods}}, goal=MET,
        missing="this audit is compared with no earlier one")),
    Planned("change", ("group",), _changed, lambda m: About(
        "Change since the earlier audit", "points", "Question", "", "", labels=_labels(m), share_unit="points",
        share_head="Difference (points)", says=("direction",), since="the earlier audit",
        missing="this audit is compared with no earlier one")),
)  # fmt: skip
"""The tables of a themed audit."""
