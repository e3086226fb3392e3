"""What is one question of a themed audit?

Its words, its type, the practice standard that it tests, and when an answer
meets it. Questions that belong together stand in a group.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from qa_lib.settings.kinds import DAY, GRADE, NUMBER, TEXT, YES_PARTLY_NO, Holds, Several
from qa_lib.settings.yaml import Settings

Type = Literal["graded", "yes_partly_no", "number", "date", "choice", "choices", "text"]
SEPARATOR = ";"
"""What stands between the answers to a question of several choices."""


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class Meets(Settings):
    """When an answer that is no yes or no meets the standard: one of these.

    A number `at_most` or `at_least` so large; a date `within_days` days `after` the date that another question asks
    for; a choice that is `one_of` these.
    """

    at_most: int | None = Field(None, ge=0)
    at_least: int | None = Field(None, ge=0)
    within_days: int | None = Field(None, ge=0)
    after: str = ""
    one_of: Words = ()


class Question(Settings):
    """One question of a tool.

    `label` is its short name in tables and charts, `ask` the question as the auditor reads it, `standard` the
    practice standard that it tests and `guidance` where to look. `who` answers, if not every auditor. A `text` says
    by `box` which way a bare mention of a theme in it is taken. `bands` are the highest numbers of the bands in which
    a number is shown: [0, 2] for none, one to two, more. `voice` gathers questions on what people said.
    `replaces` names the question of the earlier tool that asked the same in other words.
    """

    label: str = Field(min_length=1, max_length=60)
    ask: str = Field(min_length=1, max_length=300)
    type: Type
    standard: str = Field("", max_length=400)
    guidance: str = Field("", max_length=400)
    who: str = Field("", max_length=80)
    options: tuple[str, ...] = ()
    bands: tuple[int, ...] = ()
    meets: Meets | None = None
    box: Literal["strength", "development", "none"] = "none"
    voice: Literal["child", "parent", "worker"] | None = None
    replaces: str = ""

    @property
    def holds(self) -> Holds:
        """What the cells of its column hold."""
        if self.type == "choice":
            return self.options
        if self.type == "choices":
            return Several(self.options)
        plain: dict[str, Holds] = {"graded": GRADE, "number": NUMBER, "date": DAY, "text": TEXT}
        return plain.get(self.type, YES_PARTLY_NO)

    @property
    def bands_told(self) -> tuple[str, ...]:
        """The bands of a number in words: "0", "1 to 2", "more than 2"."""
        first = [0, *(band + 1 for band in self.bands[:-1])]
        spans = [str(low) if low == high else f"{low} to {high}" for low, high in zip(first, self.bands, strict=True)]
        return (*spans, f"more than {self.bands[-1]}") if self.bands else ()

    @property
    def tests(self) -> bool:
        """Whether an answer either meets the standard or does not."""
        return self.type in {"graded", "yes_partly_no"} or self.meets is not None

    def faults(self) -> list[str]:
        """What does not hang together in it."""
        found = []
        if (self.type in {"choice", "choices"}) != bool(self.options):
            found.append("options belong to the types choice and choices, which need them")
        elif self.options and (
            len(self.options) < 2 or len({word.casefold() for word in self.options}) < len(self.options)
        ):
            found.append("it needs two options or more, all different")
        if self.bands and (self.type != "number" or list(self.bands) != sorted(set(self.bands)) or self.bands[0] < 0):
            found.append("bands belong to a number, each larger than the one before")
        if len({re.sub(r"[^a-z0-9]+", "_", option.casefold()) for option in self.options}) < len(self.options):
            found.append("two options differ in nothing but signs")
        if any(SEPARATOR in option or not option.strip() for option in self.options):
            found.append('an option is empty, or holds a ";"')
        return found + self._meets_faults()

    def _meets_faults(self) -> list[str]:
        if self.meets is None:
            return []
        given = {name for name, value in self.meets.model_dump().items() if value not in (None, "", ())}
        allowed = {
            "number": [{"at_most"}, {"at_least"}, {"at_most", "at_least"}],
            "date": [{"within_days", "after"}],
            "choice": [{"one_of"}],
        }.get(self.type, [])
        if given not in allowed:
            return ["meets is for a number (at_most, at_least), a date (within_days and after) or a choice (one_of)"]
        last = [self.meets.at_most] if self.meets.at_most is not None else []
        last += [self.meets.at_least - 1] if self.meets.at_least else []
        if self.bands and not set(last) <= set(self.bands):  # else the two counts would give away what lies between
            return ["bands must part where meets does: at at_most, or at the number before at_least"]
        strange = [option for option in self.meets.one_of if option not in self.options]
        return [f'meets names "{strange[0]}", which is none of the options'] if strange else []


class Group(Settings):
    """Questions that belong together, under one heading."""

    label: str = Field(min_length=1, max_length=80)
    about: str = Field("", max_length=400)
    questions: dict[str, Question] = Field(min_length=1)
