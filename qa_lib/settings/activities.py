"""Which activities are there, and what follows from what they say?

Quality assurance brings several activities together. What one of them says is
weighed beside what the others say; what recurs in several becomes an action,
and an action has a status in its register.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from qa_lib.settings.yaml import Settings


class Activity(Settings):
    """One activity of quality assurance.

    Pictures and lists call it by its `short` name. Its findings count with `weight` where activities are weighed
    together. `says` is what a bare mention of a theme in its texts is taken as, unless the row itself says. `voice`:
    it is people's own voice, as complaints are; `audits`: it is the audits of this report.
    """

    label: str = Field(min_length=1)
    short: str = ""
    weight: float = Field(1.0, gt=0, le=10)
    says: Literal["strength", "development", "none"] = "none"
    voice: bool = False
    audits: bool = False


class Recurring(Settings):
    """When an issue is recurring: noted by so many `activities` in a year, or by audits in `periods` of the last few.

    An activity notes an issue with at least so many `observations` that make at least a `share` of all that it made in
    the year. The last few are `of_periods`.
    """

    activities: int = Field(3, gt=1)
    observations: int = Field(6, gt=0)
    share: float = Field(0.10, gt=0, lt=1)
    periods: int = Field(2, gt=1)
    of_periods: int = Field(3, gt=1, le=8)

    @model_validator(mode="after")
    def _hangs_together(self) -> Recurring:
        if self.periods > self.of_periods:
            raise ValueError("periods: it is more than of_periods")
        return self


Status = Literal["planned", "under way", "done", "dropped"]
STATUSES: dict[str, Status] = {
    "planned": "planned", "not started": "planned", "agreed": "planned", "proposed": "planned", "to do": "planned",
    "under way": "under way", "in progress": "under way", "started": "under way", "ongoing": "under way",
    "on track": "under way", "open": "under way", "delayed": "under way",
    "done": "done", "complete": "done", "completed": "done", "closed": "done", "finished": "done",
    "dropped": "dropped", "cancelled": "dropped", "superseded": "dropped", "withdrawn": "dropped",
}  # fmt: skip
"""What registers of actions say, and what it means; a framework may add words of its own."""


def status_of(typed: object, own: Mapping[str, Status]) -> str:
    """What the status of an action means, by these words of a council's own, else by `STATUSES`; "" where not known.

    >>> status_of(" Completed ", {}), status_of("On hold", {"on hold": "under way"}), status_of("Amber", {})
    ('done', 'under way', '')
    """
    known = {**STATUSES, **{" ".join(word.split()).casefold(): meant for word, meant in own.items()}}
    return known.get(" ".join(str(typed).split()).casefold(), "")
