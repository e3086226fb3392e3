"""What does this themed audit ask?

A themed audit looks at one question in depth, with questions of its own. All of
it stands in one file below `params/tools/`: what was asked and why, how cases
were chosen, the questions in groups, each with its type and the practice
standard that it tests. Form, intake and report follow from this file alone.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, model_validator

from qa_lib.settings.kinds import DAY, ID, SERVICE, TEXT, Kind
from qa_lib.settings.question import Group, Question, Words
from qa_lib.settings.yaml import Settings

FIXED = {
    "audit_id": ID, "case_id": TEXT, "audit_date": DAY, "service": SERVICE, "team": TEXT, "auditor": TEXT,
}  # fmt: skip
"""The columns of every themed audit, beside its questions."""
FORM_HEADINGS = {
    "audit_id": "Audit reference", "case_id": "Case number", "audit_date": "Date of audit", "service": "Service",
    "team": "Team", "auditor": "Auditor",
}  # fmt: skip
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
TAKEN = {*FIXED, "month", "period", "all"}
"""Names that the tables of audits and of measures have already."""


class AuditTool(Settings):
    """One version of a themed audit's tool.

    `question` is what was asked and `why`; `chosen` says how cases were chosen, `planned` how many; `look_back_months`
    how far back auditors looked, `answered_by` who answers. `replaces` names the file of the earlier version, beside
    this one. The rest is for awkward sources: `columns` maps headings to our columns, `keep` keeps rows by a cell,
    `audit_id: row` numbers rows without an id, `ignore` is what a text box holds when it says nothing,
    `short_years: true` reads 18/07/22 as 2022.
    """

    title: str = Field(min_length=1, max_length=120)
    version: str = Field(min_length=1)
    question: str = Field(min_length=1, max_length=400)
    why: str = Field(min_length=1, max_length=800)
    chosen: str = Field(min_length=1, max_length=800)
    answered_by: str = Field(min_length=1, max_length=400)
    planned: int | None = Field(None, gt=0)
    look_back_months: int | None = Field(None, gt=0, le=120)
    replaces: str = ""
    groups: dict[str, Group] = Field(min_length=1)
    columns: dict[str, str] = {}
    keep: dict[str, Words] = {}
    audit_id: Literal["row"] | None = None
    ignore: tuple[str, ...] = ()
    short_years: bool = False

    @property
    def questions(self) -> dict[str, Question]:
        """Every question by its key, in the order of the file."""
        return {key: question for group in self.groups.values() for key, question in group.questions.items()}

    @model_validator(mode="after")
    def _hangs_together(self) -> AuditTool:
        faults = [*self._key_faults(), *self._question_faults()]
        faults += [
            f'columns/{typed}: "{column}" is not a column of this tool'
            for typed, column in self.columns.items()
            if column not in {*FIXED, *self.questions}
        ]
        if faults:
            raise ValueError("\n".join(faults))
        return self

    @property
    def _placed(self) -> list[tuple[str, str, Question]]:
        """Every question with its key and its place in the file; a key that stands twice, twice."""
        groups = self.groups.items()
        return [
            (f"groups/{name}/questions/{key}", key, question)
            for name, group in groups
            for key, question in group.questions.items()
        ]

    def _key_faults(self) -> list[str]:
        slug = "it is not a key: small letters, digits and underscores, a letter first"
        taken = "this name is taken by the workbook; choose another"
        faults = [f"groups/{name}: {slug}" for name in self.groups if not KEY.fullmatch(name)]
        faults += [f"groups/{name}: {taken}" for name in self.groups if name in TAKEN]
        seen: dict[str, str] = {}
        asked: dict[str, str] = {}
        for at, key, question in self._placed:
            words = " ".join(question.ask.split()).casefold()
            if not KEY.fullmatch(key):
                faults.append(f"{at}: {slug}")
            if key in TAKEN:
                faults.append(f"{at}: {taken}")
            if key in seen:
                faults.append(f"{at}: this key stands twice, before in {seen[key]}")
            if words in asked:
                faults.append(f"{at}: it asks the same as {asked[words]}")
            seen[key], asked[words] = at, key
        return faults

    def _question_faults(self) -> list[str]:
        dates = {key for key, question in self.questions.items() if question.type == "date"}
        faults = []
        for at, key, question in self._placed:
            after = question.meets.after if question.meets else ""
            if after and (after not in dates or after == key):
                faults.append(f'{at}: "{after}" is no other question of the type date')
            faults += [f"{at}: {fault}" for fault in question.faults()]
        return faults

    def kind(self, name: str, periods: tuple[str, ...] = ()) -> Kind:
        """The kind of extract that holds its audits: under its canonical names, its form's headings or its own map."""
        asked = {question.ask: key for key, question in self.questions.items()}
        form = {heading: column for column, heading in FORM_HEADINGS.items()}
        return Kind(
            name,
            {**FIXED, **{key: question.holds for key, question in self.questions.items()}},
            required=("audit_id", "audit_date"),
            identity=("audit_id",),
            day="audit_date",
            once=True,
            texts=tuple(key for key, question in self.questions.items() if question.type == "text"),
            headings={**form, **asked, **self.columns},
            keep=self.keep,
            numbered=self.audit_id == "row",
            short_years=self.short_years,
            periods=periods,
        )


def compared(tool: AuditTool, earlier: AuditTool) -> tuple[dict[str, str], dict[str, str]]:
    """Which questions of two versions can be set side by side, and why the others cannot.

    Returns
    -------
    key of the present tool → key of the earlier one, for those that ask the same: in the same words under the same
    key, or in other words by `replaces`; and key → why not, for the other questions that test a standard, those that
    only the earlier tool asked among them.
    """
    before = earlier.questions
    same: dict[str, str] = {}
    other: dict[str, str] = {}
    for key, question in tool.questions.items():
        if not question.tests:
            continue
        old = question.replaces or key
        if old not in before:
            other[key] = "new"
        elif before[old].type != question.type or before[old].meets != question.meets:
            other[key] = "answered in another way"
        elif question.replaces or " ".join(before[old].ask.split()) == " ".join(question.ask.split()):
            same[key] = old
        else:
            other[key] = "asked in other words"
    taken = {question.replaces or key for key, question in tool.questions.items()}
    other |= {key: "no longer asked" for key, question in before.items() if question.tests and key not in taken}
    return same, other
