"""What was chosen to be looked at, and what is it made of?

An exploration is told by a choice: a period, a service, a theme, a domain and so
on, each a key of the settings. With the pool of audits, or of another activity's
observations, the choice says who is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from qa_lib.measures.shares import counted_whole
from qa_lib.measures.tallies import Tally, Who
from qa_lib.report.learnt import Place
from qa_lib.report.pool import Pool
from qa_lib.report.publishable import About
from qa_lib.report.themed import ANSWER_SCALE, MET
from qa_lib.settings.kinds import OVERALL
from qa_lib.settings.period import Period
from qa_lib.settings.report import ReportParams
from qa_lib.settings.scale import GradeScale

NEED = "development"
NOTED = {"": "noted in any way", "strength": "noted as a strength", "development": "noted as a need"}


@dataclass(frozen=True)
class Choice:
    """What is looked at: keys of the settings; "" is all, or what comes first.

    `period` is its first and last month ("2013-05..2013-07"). `polarity` says how the chosen theme is noted. `domain`
    is graded, or `question` of a tool answered; `grade` is held against themes ("" what is below good, or not met).
    `activity` is where it comes from ("" the report's own audits), `box` the text box whose words are read.
    """

    period: str = ""
    service: str = ""
    theme: str = ""
    polarity: str = ""
    domain: str = ""
    question: str = ""
    grade: str = ""
    activity: str = ""
    box: str = ""


@dataclass(frozen=True)
class Asked:
    """One table: its name, keys, whom it counts, what it is about, and where each of its rows belongs.

    `within` says which of the choices narrow it, so that the table about all of them is known. Where nothing is
    `sampled` there is no interval.
    """

    name: str
    keys: tuple[str, ...]
    tally: Tally
    about: About
    places: tuple[Place, ...]
    within: tuple[str, ...] = ("service", "theme")
    sampled: bool = True

    @cached_property
    def planned(self) -> tuple[str, tuple[str, ...], pd.DataFrame, About]:
        """The table as the gate takes it."""
        table = self.tally.table
        return self.name, self.keys, table if self.sampled else counted_whole(table), self.about


@dataclass(frozen=True)
class Seen:
    """What the tables are made of: the pool, the settings, the periods that can be chosen, and what was chosen."""

    pool: Pool
    params: ReportParams
    periods: Mapping[str, Period]
    choice: Choice

    @property
    def period(self) -> Period:
        """The period that is looked at."""
        return self.periods[self.choice.period]

    @property
    def before(self) -> Period | None:
        """The period before, of the same length, if it was read."""
        earlier = self.period.back(self.period.months, "previous")
        return earlier if period_key(earlier) in self.periods else None

    @property
    def scale(self) -> GradeScale:
        """The answers in order: the council's grades, or those to a question."""
        return ANSWER_SCALE if self.params.tool else self.params.framework.scale

    @property
    def goal(self) -> str:
        """What a share is a share of: "good or better", "that meet the standard"."""
        return MET if self.params.tool else self.scale.goal

    @property
    def judged(self) -> str:
        """The domain or question that is looked at."""
        first = OVERALL if OVERALL in self.pool.given else next(iter(self.pool.given), "")
        return self.choice.question or self.choice.domain or first

    @property
    def poor(self) -> tuple[str, ...]:
        """The grades, or answers, that are held against themes."""
        return (self.choice.grade,) if self.choice.grade else self.scale.below_good

    @property
    def unit(self) -> str:
        """What is counted: audits, or observations of another activity."""
        return "observations" if self.choice.activity else "audits"

    @property
    def judged_labels(self) -> dict[str, str]:
        """Domains, or questions, in the reader's words."""
        tool = self.params.tool
        questions = {key: question.label for key, question in tool.questions.items()} if tool else {}
        return {**self.params.framework.domains, OVERALL: "Overall grade", **questions}

    @property
    def theme_labels(self) -> dict[str, str]:
        """Themes, and how they are noted, in the reader's words."""
        themes = {key: theme.label for key, theme in self.params.codebook.themes.items()}
        return {**themes, "strength": "Strength", "development": "Need for development"}

    @property
    def judged_label(self) -> str:
        """The domain or question that is looked at, in the reader's words."""
        return self.judged_labels.get(self.judged, "")

    @cached_property
    def selection(self) -> Who:
        """Those of the service that note the theme, in any period."""
        return self.pool.of_service(self.choice.service) & self.pool.notes(self.choice.theme, self.choice.polarity)

    def now(self, who: Who) -> Who:
        """Those of them that are of the period."""
        return who & self.pool.within(self.period.month_keys)

    def gave(self, judged: str, answers: tuple[str, ...]) -> Who:
        """Those that were given one of these grades, or answers."""
        return self.pool.gave(judged, answers)

    @property
    def goal_head(self) -> str:
        """The goal as a heading: "Good or better"."""
        return "Met" if self.params.tool else f"{self.goal[:1].upper()}{self.goal[1:]}"

    @property
    def of_theme(self) -> str:
        """The chosen theme and way as part of what a row counts."""
        return f"{self.choice.theme}:{self.choice.polarity}"

    def place(self, what: str, period: str | None = None, part: str = "") -> Place:
        """Where a row that counts `what` among the selection belongs; without a period, that of the choice."""
        in_period = self.choice.period if period is None else period
        return Place(what, self.of_theme, self.choice.service, in_period, part)


def period_key(period: Period) -> str:
    """How a choice names a period: its first and last month."""
    return f"{period.start:%Y-%m}..{period.end:%Y-%m}"
