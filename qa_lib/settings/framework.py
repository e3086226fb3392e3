"""Which services, domains, activities, audiences?

One `framework.yml` holds what the council has decided: it changes rarely, and
a difference between two versions of it is a change of method. Everything that
could differ between councils stands here and nothing of it stands in code.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from pydantic import Field, field_validator, model_validator

from qa_lib.problems import did_you_mean
from qa_lib.settings.brand import Brand
from qa_lib.settings.scale import GradeScale
from qa_lib.settings.yaml import Settings

OVERALL = "overall_grade"
ID_COLUMNS = ("audit_id", "case_id", "audit_date", "service", "team", "auditor", "audit_type")
DATE_COLUMNS = ("audit_date", "allocated_on", "completed_on")
TEXT_COLUMNS = ("strengths", "areas_for_development", "child_view", "parent_view", "actions")
YES_NO_COLUMNS = (
    "child_spoken_to",
    "parent_spoken_to",
    "worker_involved",
    "changed_something",
    "random_pick",
)
CASE_COLUMNS = (
    "case_id", "service", "as_at", "team", "worker", "manager", "family_id", "category", "opened", "closed",
    "last_audited", "restricted",
)  # fmt: skip
NOT_RECORDED_SERVICE = "Not recorded"


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
    """The plan of the audit programme: cases allocated a month, audits finished a year, months looked back."""

    allocated_a_month: int = Field(gt=0)
    finished_a_year: YearPlan
    look_back_months: int = Field(gt=0, le=60)


class LabelRule(Settings):
    """What a confidence label needs: a base of audits, and a half width of the 95% interval (0 to 1)."""

    base: int = Field(gt=0)
    half_width: float = Field(gt=0, le=0.5)


class Confidence(Settings):
    """The rule behind the words High and Medium; anything less is Low."""

    high: LabelRule = LabelRule(base=100, half_width=0.08)
    medium: LabelRule = LabelRule(base=50, half_width=0.14)


class Framework(Settings):
    """What the council has decided.

    `domains` and `activities` map a short key to its label; a domain's key is
    also the canonical name of its grade column. `columns` maps a form's
    headings to canonical names, `spellings` corrects words on the way in,
    `scale_map` turns numbers into grades, `split` makes each "- " line of a
    text column one passage.
    """

    council: str
    report_to: str
    author: str
    marking: str = ""
    brand: Brand = Brand()
    scale: GradeScale
    services: tuple[str, ...] = Field(min_length=1)
    domains: dict[str, str] = {}
    activities: dict[str, str] = {}
    audiences: Audiences = Audiences()
    programme: Programme | None = None
    confidence: Confidence = Confidence()
    earliest_date: date = date(2000, 1, 1)
    columns: dict[str, str] = {}
    spellings: dict[str, str] = {}
    scale_map: dict[str, str] = {}
    split: dict[str, Literal["bullets"]] = {}

    @field_validator("domains", "activities")
    @classmethod
    def _keys_are_names(cls, value: dict[str, str]) -> dict[str, str]:
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
        taken = sorted(set(self.domains) & set(self.audit_columns_but_domains))
        faults += [f"domains/{key}: this is the name of another column" for key in taken]
        known = {*self.audit_columns, *CASE_COLUMNS}
        for where, names, allowed in (
            ("columns", self.columns, known),
            ("scale_map", self.scale_map, set(self.scale.allowed)),
            ("spellings", self.spellings, {*self.scale.allowed, *self.services}),
            ("split", {column: column for column in self.split}, set(TEXT_COLUMNS)),
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

    @property
    def audit_columns_but_domains(self) -> tuple[str, ...]:
        """Canonical columns that every council has."""
        return (*ID_COLUMNS, OVERALL, *TEXT_COLUMNS, "allocated_on", "completed_on", *YES_NO_COLUMNS)

    @property
    def audit_columns(self) -> tuple[str, ...]:
        """Every canonical column of an audits file."""
        return (*self.audit_columns_but_domains, *self.domains)
