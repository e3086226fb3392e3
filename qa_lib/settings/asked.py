"""What may a params file say?

The keys of one report's own small file, as typed: its notebook, its period,
its audience, its extracts, and what some reports need beside these. What the
file names is read by `report`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from qa_lib.settings.yaml import Day, Settings


class Between(Settings):
    """A period, as its first and last day; whole months."""

    start: Day = Field(alias="from")
    end: Day = Field(alias="to")

    @model_validator(mode="after")
    def _is_whole_months(self) -> Between:
        if self.end < self.start:
            raise ValueError("it ends before it begins")
        if self.start.day != 1 or (self.end + timedelta(days=1)).day != 1:
            raise ValueError("it should be whole months: from the first day of one to the last day of one")
        return self


def _as_list(value: Any) -> Any:
    """A file by itself is a list of one (strict validation wants a tuple here)."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


Files = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]
Words = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]


class ExtractFiles(Settings):
    """The files of each kind; `earlier` are audits by the tool that the present one replaces."""

    audits: Files | None = None
    earlier: Files | None = None
    moderation: Files | None = None
    evidence: Files | None = None
    actions: Files | None = None
    caseload: Files | None = None
    auditors: Files | None = None
    allocation: Files | None = None


class Where(Settings):
    """Which audits the report is about, where it is not about all: those with one of the values of every key.

    `theme` keeps audits in which a passage on the theme was found, or with `polarity` one that notes it in that way;
    `tool` is the type of audit. In a draw it says from which cases: those of a `service`, of a `category` of the case
    list.
    """

    service: Words | None = None
    category: Words | None = None
    theme: Words | None = None
    polarity: Literal["strength", "development"] | None = None
    grade: Words | None = None
    tool: Words | None = None

    @model_validator(mode="after")
    def _polarity_is_of_a_theme(self) -> Where:
        if self.polarity and not self.theme:
            raise ValueError("polarity: it says how a theme is noted; name one under `theme`")
        return self

    @property
    def given(self) -> dict[str, tuple[str, ...]]:
        """The keys that were given, with their values; empty where the report is about all audits."""
        given = self.model_dump(exclude={"polarity"})
        return {key: tuple(values) for key, values in given.items() if values}


class Draw(Settings):
    """How cases are drawn for audit, where a params file asks for a draw.

    So many `cases` are drawn, or those that the programme allocates a month, or with `take_all` every case that may be;
    at least `minimum` of each service, and `reserves` beside them.
    `second_looks` of them are audited twice, by two auditors. A case is not drawn again for `not_again_for` months
    after its last audit. An auditor whose list says nothing has a `capacity` of so many audits. `seed` is any number,
    chosen before the case list is seen.
    """

    seed: int
    cases: int | None = Field(None, gt=0)
    take_all: bool = False
    minimum: int = Field(1, ge=0)
    reserves: int = Field(10, ge=0)
    second_looks: int = Field(0, ge=0)
    not_again_for: int = Field(12, ge=0, le=120)
    capacity: int = Field(2, ge=0)

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Draw:
        if self.cases and self.take_all:
            raise ValueError("cases: with take_all there is no number of cases; keep one of them")
        return self


class ParamsFile(Settings):
    """The keys of a params file, as typed."""

    notebook: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    title: str = Field(min_length=1, max_length=200)
    period: Between
    as_of: Day
    compare_with: tuple[Literal["previous", "last_year"], ...] = ()
    audience: Literal["working", "board", "public"] = "board"
    report_to: str | None = Field(None, min_length=1, max_length=100)
    framework: str
    codebook: str
    tool: str | None = None
    standards: str | None = None
    commentary: str | None = None
    where: Where = Where()
    draw: Draw | None = None
    last_one_thing: str | None = None
    last_workshop: Words | None = None
    next_workshop: str | None = Field(None, min_length=1, max_length=200)
    extracts: ExtractFiles

    @field_validator("title")
    @classmethod
    def _holds_only_the_period(cls, value: str) -> str:
        if re.search(r"[{}]", value.replace("{period}", "")):
            raise ValueError("in braces only {period} is filled in; write it so, or take the braces away")
        return value

    @model_validator(mode="after")
    def _hangs_together(self) -> ParamsFile:
        if len(set(self.compare_with)) < len(self.compare_with):
            raise ValueError("compare_with: one of them stands twice")
        if self.draw:
            self._is_a_draw()
        elif not self.extracts.audits:
            raise ValueError("extracts/audits: it is missing")
        elif self.where.category:
            raise ValueError("where/category: it is for draws; audits have no category")
        elif self.as_of < self.period.end:
            raise ValueError("as_of: the report's date lies before the end of its period")
        months = (self.period.end.year - self.period.start.year) * 12 + self.period.end.month - self.period.start.month
        if "last_year" in self.compare_with and months >= 12:
            raise ValueError("compare_with: last_year needs a period of twelve months or fewer")
        if months >= 6 and len(self.compare_with) > 1:
            raise ValueError("compare_with: previous and last_year overlap in a period of over six months; keep one")
        if self.extracts.earlier and not (self.tool and len(self.compare_with) == 1):
            raise ValueError("extracts/earlier: it needs `tool:`, and one period under `compare_with:` that it is of")
        if self.tool and self.compare_with and not self.extracts.earlier:
            raise ValueError("compare_with: with a tool, name the audits of that period under `extracts: earlier:`")
        return self

    def _is_a_draw(self) -> None:
        """A draw needs to know the cases and the auditors; it looks forward, so that its date may lie in its period."""
        missing = [key for key in ("caseload", "auditors") if getattr(self.extracts, key) is None]
        if missing:
            raise ValueError(f"extracts/{missing[0]}: a draw needs it")
        if set(self.where.given) - {"service", "category"}:
            raise ValueError("where: cases are drawn by service and category alone")
        if self.compare_with:
            raise ValueError("compare_with: a draw is compared with no other period")
