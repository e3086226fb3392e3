"""Which services, domains, activities, audiences?

One `framework.yml` holds what the council has decided: it changes rarely, and
a difference between two versions of it is a change of method. Everything that
could differ between councils stands here and nothing of it stands in code.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from qa_lib.problems import did_you_mean
from qa_lib.settings.activities import Activity, Recurring, Status, status_of
from qa_lib.settings.brand import Brand
from qa_lib.settings.kinds import (
    ACTIVITY,
    GRADE,
    KINDS,
    OVERALL,
    SERVICE,
    TEXT_COLUMNS,
    YES_NO,
    YES_PARTLY_NO,
    Holds,
    Kind,
    Several,
)  # fmt: skip
from qa_lib.settings.scale import GradeScale
from qa_lib.settings.yaml import Day, Settings

NOT_RECORDED_SERVICE = "Not recorded"
OTHER_CATEGORY = "Other"
KindName = Literal["audits", "moderation", "evidence", "actions", "caseload", "auditors", "allocation"]


class Audience(Settings):
    """Counts from 1 to `hide_up_to` about children are hidden from this audience."""

    hide_up_to: int = Field(le=100)


class Audiences(Settings):
    """The two audiences that a pack may leave for; what is hidden can be raised, never lowered."""

    board: Audience = Audience(hide_up_to=5)
    public: Audience = Audience(hide_up_to=9)

    @model_validator(mode="after")
    def _is_not_lowered(self) -> Audiences:
        if self.board.hide_up_to < 5 or self.public.hide_up_to < 9:
            raise ValueError("hide_up_to may be raised, never lowered: board 5 or more, public 9 or more")
        return self


class YearPlan(Settings):
    """Audits to finish in a year, as a range."""

    at_least: int = Field(gt=0)
    at_most: int = Field(gt=0)


class Programme(Settings):
    """The plan of the audit programme: cases allocated a month, audits finished a year, months looked back.

    Its year begins with the month `year_starts`, from 1 to 12.
    """

    allocated_a_month: int = Field(gt=0)
    finished_a_year: YearPlan
    look_back_months: int = Field(gt=0, le=60)
    year_starts: int = Field(4, ge=1, le=12)


class LabelRule(Settings):
    """What a confidence label needs.

    A base of audits, a half width of the 95% interval, auditors' agreement (AC1); for themes, where evidence of other
    activities is given, so many `activities` that note it alike.
    """

    base: int = Field(gt=0)
    half_width: float = Field(gt=0, le=0.5)
    agreement: float = Field(gt=0, le=1)
    activities: int = Field(1, gt=0)


class Confidence(Settings):
    """The rule behind the words High and Medium; anything less is Low."""

    high: LabelRule = LabelRule(base=100, half_width=0.08, agreement=0.6, activities=3)
    medium: LabelRule = LabelRule(base=50, half_width=0.14, agreement=0.4, activities=2)


class Source(Settings):
    """What one kind of extract alone needs: a map of its headings, and which of its rows to keep."""

    columns: dict[str, str] = {}
    keep: dict[str, tuple[str, ...]] = {}


class Framework(Settings):
    """What the council has decided.

    `domains` map a short key to its label, `activities` to what they are; a domain's key is
    also the canonical name of its grade column. `categories` maps a category of
    the case list ("CP") to what the reader sees. `columns` maps a form's
    headings to canonical names, `spellings` corrects words on the way in,
    `scale_map` turns numbers into grades, `split` makes each "- " line of a
    text column one passage. `keep` keeps the audits whose cell is one of the
    values, `audit_id: row` numbers audits that have no id, and `sources` holds
    what one kind of extract needs for itself.
    """

    council: str
    report_to: str
    author: str
    marking: str = ""
    brand: Brand = Brand()
    scale: GradeScale
    services: tuple[str, ...] = Field(min_length=1)
    domains: dict[str, str] = {}
    activities: dict[str, Activity] = {}
    recurring: Recurring = Recurring()
    statuses: dict[str, Status] = {}
    categories: dict[str, str] = {}
    audiences: Audiences = Audiences()
    programme: Programme | None = None
    confidence: Confidence = Confidence()
    earliest_date: Day = date(2000, 1, 1)
    columns: dict[str, str] = {}
    spellings: dict[str, str] = {}
    scale_map: dict[str, str] = {}
    split: Literal["bullets"] | dict[str, Literal["bullets"]] = {}
    keep: dict[str, tuple[str, ...]] = {}
    audit_id: Literal["row"] | None = None
    sources: dict[KindName, Source] = {}

    @field_validator("activities", mode="before")
    @classmethod
    def _may_be_a_label(cls, value: Any) -> Any:
        """An activity by its label alone: `complaints: Complaints`."""
        if not isinstance(value, dict):
            return value
        return {key: {"label": one} if isinstance(one, str) else one for key, one in value.items()}

    @field_validator("domains", "activities")
    @classmethod
    def _keys_are_names(cls, value: dict[str, Any]) -> dict[str, Any]:
        wrong = [key for key in value if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", key)]
        if wrong:
            raise ValueError(f'"{wrong[0]}" is not a key: small letters, digits and underscores, a letter first')
        return value

    @model_validator(mode="after")
    def _hangs_together(self) -> Framework:
        faults = []
        folded = [service.casefold() for service in self.services]
        if len(set(folded)) < len(folded):
            faults.append("services: a service stands twice")
        fixed = {column for kind in KINDS.values() for column in kind.columns}
        faults += [f"domains/{key}: this is the name of another column" for key in sorted(set(self.domains) & fixed)]
        own = [key for key, activity in self.activities.items() if activity.audits]
        faults += [f"activities/{key}: one activity is the audits; {own[0]} is it already" for key in own[1:]]
        bullets = {column: column for column in (self.split if isinstance(self.split, dict) else {})}
        for where, names, allowed in (
            ("columns", self.columns, fixed | set(self.domains)),
            *(
                (f"sources/{kind}/columns", own.columns, set(self.cells(KINDS[kind])))
                for kind, own in self.sources.items()
            ),
            ("scale_map", self.scale_map, set(self.scale.allowed)),
            ("spellings", self.spellings, {*self.scale.allowed, *self.services}),
            ("split", bullets, set(TEXT_COLUMNS)),
        ):
            for typed, name in names.items():
                if name not in allowed:
                    meant = did_you_mean(name, sorted(allowed), within=3)
                    hint = f'; did you mean "{meant}"?' if meant else ""
                    faults.append(f'{where}/{typed}: "{name}" is not known{hint}')
        if faults:
            raise ValueError("\n".join(faults))
        return self

    @property
    def grade_columns(self) -> tuple[str, ...]:
        """Canonical names of the columns that hold grades: the domains, then the overall grade."""
        return (*self.domains, OVERALL)

    def category(self, typed: object) -> str:
        """The kind of need that a cell of a case list or register names, in the reader's words; else "Other"."""
        return self.categories.get(str(typed).strip(), OTHER_CATEGORY)

    @property
    def activity_words(self) -> dict[str, str]:
        """The activities by key, in the reader's words; the audits of the report are one of them."""
        own = {} if self.own_activity in self.activities else {self.own_activity: "Audits"}
        return {**own, **{key: activity.label for key, activity in self.activities.items()}}

    @property
    def activities_short(self) -> dict[str, str]:
        """The same by their short names."""
        short = {key: activity.short or activity.label for key, activity in self.activities.items()}
        return {**self.activity_words, **short}

    @property
    def own_activity(self) -> str:
        """The key of the activity that is the audits of the report."""
        return next((key for key, activity in self.activities.items() if activity.audits), "audits")

    def status(self, typed: object) -> str:
        """What the status of an action means: planned, under way, done or dropped; "" where it is not known."""
        return status_of(typed, self.statuses)

    @property
    def weights(self) -> dict[str, float]:
        """How much the findings of each activity count beside the others'."""
        return {key: self.activities[key].weight if key in self.activities else 1.0 for key in self.activity_words}

    @property
    def category_words(self) -> tuple[str, ...]:
        """The kinds of need in the reader's words, in their order, and "Other" last."""
        return tuple(dict.fromkeys((*self.categories.values(), OTHER_CATEGORY)))

    def cells(self, kind: Kind) -> dict[str, Holds]:
        """Every canonical column of a kind of extract, the council's domains among them, and what its cells are."""
        return {**kind.columns, **(dict.fromkeys(self.domains, GRADE) if kind.graded else {})}

    def words(self, holds: Holds) -> tuple[str, ...] | None:
        """The words that such cells may hold; None where they are free."""
        if isinstance(holds, tuple | Several):
            return holds.words if isinstance(holds, Several) else holds
        return {GRADE: self.scale.allowed, SERVICE: self.services, ACTIVITY: tuple(self.activities)}.get(holds)

    def corrections(self, holds: Holds) -> dict[str, str]:
        """What is turned into one of those words on the way in: spellings, a scale of numbers, labels of activities."""
        if holds == ACTIVITY:
            return {activity.label: key for key, activity in self.activities.items()}
        own = {"Y": "Yes", "N": "No", "True": "Yes", "False": "No"} if holds in {YES_NO, YES_PARTLY_NO} else {}
        own |= {"N/A": "Not applicable"} if holds == YES_PARTLY_NO else {}
        return {**own, **self.spellings, **(self.scale_map if holds == GRADE else {})}

    def headings(self, kind: Kind) -> dict[str, str]:
        """The headings of a kind of extract, each with its canonical name."""
        own = self.sources[kind.name].columns if kind.name in self.sources else {}
        return {**self.columns, **own, **kind.headings}

    def kept(self, kind: Kind) -> dict[str, tuple[str, ...]]:
        """The columns and values by which rows of a kind are kept; empty where all are."""
        own = self.sources[kind.name].keep if kind.name in self.sources else {}
        return {**(self.keep if kind.name == "audits" else {}), **own, **kind.keep}

    def numbers(self, kind: Kind) -> bool:
        """Whether rows of a kind that have no id are numbered."""
        return kind.numbered or (kind.name == "audits" and self.audit_id == "row")

    def splits(self, column: str) -> bool:
        """Whether each "- " line of this text column is a passage of its own."""
        return self.split == "bullets" or column in self.split
