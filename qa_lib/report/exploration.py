"""What does an exploration show?

An analyst asks a question that no report answers: she chooses, and is shown.
What she is shown passes the gate as if her choice were a report about a part;
and each table is held against those shown before it in the same session, because
two tables can be subtracted from each other. There is no screen here; `explore`
has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cached_property
from types import MappingProxyType

import pandas as pd

from qa_lib.intake.extracts import Extracts, read_extracts
from qa_lib.problems import DATA, SETTINGS, Problem, QAError, list_of
from qa_lib.report.before import Before
from qa_lib.report.behind import passages_of
from qa_lib.report.choices import Options, options_of, periods_of, where_of, wholes_of
from qa_lib.report.choosing import NOTED, Asked, Choice, Seen
from qa_lib.report.disclosure import protect
from qa_lib.report.explored import tables
from qa_lib.report.identity import content_key, run_id
from qa_lib.report.looks import TITLES, Look, Section, said, section_of
from qa_lib.report.material import Material
from qa_lib.report.merging import is_small
from qa_lib.report.part import belongs_to_part
from qa_lib.report.pool import Pool, activity_pool, audits_pool
from qa_lib.report.publishable import Publishable
from qa_lib.settings.report import ReportParams

HEADS = {
    "period": "Period",
    "service": "Service",
    "theme": "Theme",
    "polarity": "Theme noted",
    "domain": "Domain",
    "question": "Question",
    "grade": "Grade held against themes",
    "activity": "Activity",
    "box": "Text box",
}
UNASKED: Mapping[str, tuple[str, ...]] = {
    "base": ("grade", "box"),
    "grades": ("domain", "question", "grade", "box"),
    "themes": ("domain", "question", "grade", "box"),
    "trend": ("grade", "box"),
    "change": ("domain", "question", "grade", "box"),
    "together": ("domain", "question", "grade", "box"),
    "against": ("box",),
    "passages": ("domain", "question", "grade", "box"),
}
"""By section, the parts of a choice that change nothing in it."""
EACH_ROW = "Each row is one passage, or one text where a box is chosen."
NO_PASSAGES = "Passages are auditors' own words. They are shown in a working copy alone: open it with audience working."
NOBODY = "There is no audit or observation of this choice in the period. Choose another period, service or theme."
TOO_SMALL = (
    "What is chosen, or what it leaves of the others, is too small to be shown to this audience. Choose a longer "
    "period, or all services or themes."
)


class Exploration:
    """An open exploration: what can be chosen, and what is shown of it. The raw rows stay behind this door.

    `options` holds by field of `Choice` the words and values to choose from, the first being what "" means.
    """

    def __init__(self, params: ReportParams, extracts: Extracts) -> None:
        self.params = params
        self._material = Material(params, extracts)
        self._pools: dict[str, Pool] = {"": audits_pool(self._material)}
        self._periods = periods_of(self._pools[""], params)
        self._wholes = wholes_of(self._periods)
        self._before: dict[str, Before] = {}
        self._sections: dict[tuple[Choice, str], Section] = {}
        self._wider: dict[tuple[Choice, str], dict[str, tuple[Asked, Publishable]]] = {}
        self._refused: dict[Choice, str] = {}
        self._materials: dict[str, Material] = {}

    @classmethod
    def of(cls, params: ReportParams) -> Exploration:
        """Read the extracts of a params file and open them; QAError (exit code 3) with every problem of theirs."""
        return cls(params, read_extracts(params))

    @property
    def audience(self) -> str:
        """Who may see what is shown."""
        return self.params.audience

    @property
    def heads(self) -> Mapping[str, str]:
        """What each field of a choice is called on the screen."""
        return MappingProxyType(HEADS)

    @cached_property
    def options(self) -> Mapping[str, Options]:
        """By field of `Choice`: words and value of everything that can be chosen."""
        return options_of(self._material, self._pools[""], self._periods)

    @property
    def start(self) -> Choice:
        """What is shown first: the report's own period, and nothing narrowed."""
        return self._known(Choice())

    def look(self, choice: Choice) -> Look:
        """All that is shown of a choice, section by section; the same again for one that was looked at before.

        Raises
        ------
        QAError : exit code 2; a value is none of the options.
        """
        choice = self._known(choice)
        shown = tuple(self.section(choice, key) for key in TITLES)
        return Look(choice, self.words(choice), shown, self.passages(choice))

    def words(self, choice: Choice) -> str:
        """What is looked at, in words."""
        choice, framework = self._known(choice), self.params.framework
        activity = framework.activity_words[choice.activity or framework.own_activity]
        if self.params.tool:
            activity = f"Themed audit: {self.params.tool.title}"
        told = [activity, self._periods[choice.period].words, choice.service or "all services"]
        if choice.theme:
            told.append(f"{self.params.codebook.themes[choice.theme].label} {NOTED[choice.polarity]}")
        return ", ".join(told)

    def passages(self, choice: Choice) -> pd.DataFrame | None:
        """The passages of a choice, or the texts of its box; None but in a working copy."""
        return passages_of(self._seen(self._known(choice)), self.options["box"])

    def section(self, choice: Choice, key: str) -> Section:
        """One section of what is shown, by its key among `looks.TITLES`."""
        choice = replace(self._known(choice), **dict.fromkeys(UNASKED[key], ""))
        if (choice, key) not in self._sections:
            if self.params.hide_up_to and (choice.service or choice.theme):
                self.section(_of_all(choice), key)  # known to whoever has the report about all audits
            self._sections[choice, key] = self._made(choice, key)
        return self._sections[choice, key]

    def _made(self, choice: Choice, key: str) -> Section:
        if key == "passages":
            words = EACH_ROW if self.audience == "working" else NO_PASSAGES
            return Section(key, TITLES[key], (said(words),))
        why_not = self._why_not(choice)
        if why_not:
            return Section(key, TITLES[key], (said(why_not),))
        return section_of(key, self._held(choice, key), self.audience, self._source(choice))

    def _held(self, choice: Choice, key: str) -> dict[str, Publishable]:
        """Tables through the gate: as a part of all, then against each other and all shown before."""
        k, asked = self.params.hide_up_to, tables(self._seen(choice), key)
        wider: dict[str, tuple[Asked, Publishable]] = {}
        for within, fewer in ((("service", "theme"), _of_all(choice)), (("service",), replace(choice, service=""))):
            if k and fewer != choice:
                of_all = self._through_the_gate(fewer, key)
                wider |= {name: both for name, both in of_all.items() if both[0].within == within}
        same = [one for one in asked if one.name in wider and wider[one.name][0].keys == one.keys]
        whole = [wider[one.name][0].planned for one in same]
        told = {one.name: wider[one.name][1] for one in same}
        protected = protect([one.planned for one in asked], self.audience, k, whole, told)
        before = self._before.setdefault(choice.activity, Before(k, self._wholes))
        return {one.name: before.held(protected[one.name], one.tally, one.places) for one in asked}

    def _through_the_gate(self, choice: Choice, key: str) -> dict[str, tuple[Asked, Publishable]]:
        """The tables of a choice that another one narrows, each as protected by itself."""
        if (choice, key) not in self._wider:
            asked = tables(self._seen(choice), key)
            protected = protect([one.planned for one in asked], self.audience, self.params.hide_up_to)
            self._wider[choice, key] = {one.name: (one, protected[one.name]) for one in asked}
        return self._wider[choice, key]

    def why_no_report(self, choice: Choice) -> str:
        """Why there can be no report to the Board about a choice, in words; "" where there can."""
        if self.params.hide_up_to:
            return self._why_not(self._known(choice))
        return self._refusal(self._seen(self._known(choice)), replace(self.params, audience="board"))

    def _why_not(self, choice: Choice) -> str:
        """Why nothing can be shown of a choice; "" where something can."""
        choice = replace(choice, domain="", question="", grade="", box="")
        if choice not in self._refused:
            self._refused[choice] = self._refusal(self._seen(choice), self.params)
        return self._refused[choice]

    def _refusal(self, seen: Seen, params: ReportParams) -> str:
        """Why nothing can be shown of a choice to the audience of these params."""
        choice, k = seen.choice, params.hide_up_to
        chosen, left = seen.now(seen.selection), seen.now(~seen.selection)
        if not chosen.any():
            return NOBODY
        if is_small(pd.Series([chosen.sum(), left.sum()]), k).any():
            return TOO_SMALL
        if k and not choice.activity and (choice.service or choice.theme):
            if choice.period not in self._materials:
                self._materials[choice.period] = self._material.of_period(seen.period)
            at, where = self._materials[choice.period], where_of(choice)
            try:
                belongs_to_part(replace(at, params=replace(at.params, where=where, audience=params.audience)))
            except QAError as refused:
                if refused.exit_code != DATA:
                    raise
                return TOO_SMALL
        return ""

    def _seen(self, choice: Choice) -> Seen:
        if choice.activity not in self._pools:
            self._pools[choice.activity] = activity_pool(self._material, choice.activity)
        return Seen(self._pools[choice.activity], self.params, self._periods, choice)

    def _known(self, choice: Choice) -> Choice:
        """The choice, with every value among the options, and what says the same written in one way."""
        faults = []
        for field in fields(Choice):
            allowed = self.options[field.name]
            if getattr(choice, field.name) not in {"", *(value for _, value in allowed)}:
                fix = f"There is {list_of([value for _, value in allowed if value])}." if allowed else "Leave it out."
                faults.append(Problem("unknown_choice", f"{field.name}: this cannot be chosen here.", fix))
        if faults:
            raise QAError(faults, SETTINGS)
        choice = replace(choice, period=choice.period or next(iter(self._periods)))
        if self.params.tool:
            choice = replace(choice, question=choice.question or next((v for _, v in self.options["question"]), ""))
        if choice.activity:
            choice = replace(choice, domain="", question="", grade="", box="")
        return choice if choice.theme else replace(choice, polarity="")

    def _source(self, choice: Choice) -> str:
        """Where a figure comes from, for whoever meets it elsewhere."""
        end = {"working": " Working copy, not for release."}.get(self.audience, "")
        framework, codebook = self.params.framework, self.params.codebook
        return (
            f"{framework.council}: {self.words(choice)}. Codebook {codebook.version}; explored on the extracts of run "
            f"{self._run}, as of {self.params.as_of:%d %B %Y}.{end}"
        )

    @cached_property
    def _run(self) -> str:
        return run_id(content_key(self.params, self._material.extracts.fingerprints))


def _of_all(choice: Choice) -> Choice:
    """The same of all services and themes."""
    return replace(choice, service="", theme="", polarity="")
