"""Where does a notebook start?

`open_report` takes a params file and a table plan, reads and checks the
extracts, measures every table of the plan, protects all of them together and
hands back the `Report`. From there on a notebook works with protected tables
and named facts; the raw rows stay behind this door.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from qa_lib.intake.extracts import read_extracts
from qa_lib.measures.shares import MEASURES, counted_whole
from qa_lib.report import annexes, tool_told
from qa_lib.report.blocks import Shown, TitleBlock
from qa_lib.report.comparisons_told import change_sentence
from qa_lib.report.disclosure import protect
from qa_lib.report.draw_told import draw_facts
from qa_lib.report.facts import Fact, facts_of, label_facts, settings_facts
from qa_lib.report.findings import first_page_findings, key_areas, strong_standards
from qa_lib.report.headlines import asks_told, beyond_told, findings_told
from qa_lib.report.identity import content_key, product_version, run_id
from qa_lib.report.material import Material
from qa_lib.report.method import how_made
from qa_lib.report.part import only_of_the_whole, part_of, part_words, title_words
from qa_lib.report.planned import Planned
from qa_lib.report.publishable import About, Derived, Publishable
from qa_lib.report.questions_told import by_question, for_practice
from qa_lib.report.received import received
from qa_lib.settings.report import ReportParams, read_report
from qa_lib.settings.tool import AuditTool

AUDIENCES = {
    "working": "Working copy, not for release",
    "board": "The Board",
    "public": "Public",
}
COMPARED = ("periods", "domains_compared", "change", "by_month", "control", "standards_compared")
"""Not had of a part chosen by grade: the base of each row is the number of that grade, so hiding `n` hides nothing."""


@dataclass(frozen=True)
class Report:
    """An opened report: protected tables by name, facts by name, and the words that need all of them.

    Displaying it shows the title block, which carries the fact ledger for the record.
    """

    title: TitleBlock
    tables: Mapping[str, Publishable]
    facts: Mapping[str, Fact]
    notes: annexes.Notes
    params: ReportParams

    def __getitem__(self, name: str) -> Publishable:
        if name not in self.tables:
            raise KeyError(f"the plan of this report has no table {name!r}; it has {', '.join(self.tables)}")
        return self.tables[name]

    def looked_at(self) -> Shown:
        """What was looked at, in two or three sentences."""
        return annexes.looked_at(self.facts)

    def findings(self) -> Shown:
        """The findings of the first page: at most six, strengths first, each with how sure we are."""
        found = first_page_findings(dict(self.tables), self.notes.confidence)
        change = self.tables.get("change")
        words = change_sentence(change, self.facts) if change is not None else ()
        return findings_told(found, self.facts, words, beyond_told(self.tables, self.facts))

    def asks(self, short: bool = False) -> Shown:
        """What the Board is asked: one action for each key area."""
        return asks_told(key_areas(dict(self.tables), self.notes.confidence), self.facts, short)

    def asked(self) -> Shown:
        """The question that a themed audit asked and why, how cases were chosen, who answered."""
        return tool_told.asked(self.facts)

    def by_question(self) -> Shown:
        """Every part of a themed audit's tool, question by question."""
        return by_question(self.tables, self._tool, self.facts)

    def for_practice(self) -> Shown:
        """What the clearest findings of a themed audit mean, in the words of the practice standards."""
        tables, rules = dict(self.tables), self.notes.confidence
        return for_practice(key_areas(tables, rules), strong_standards(tables, rules), self.facts)

    def not_compared(self) -> Shown:
        """Which questions of a themed audit are not set beside those of the earlier one, and why."""
        return tool_told.not_compared(self._tool, self.params.earlier_tool, self.facts)

    def the_tool(self) -> Shown:
        """Every question of a themed audit's tool."""
        return tool_told.the_tool(self._tool, self.facts)

    @property
    def _tool(self) -> AuditTool:
        if self.params.tool is None:
            raise KeyError("this report has no tool: its params file names none under `tool:`")
        return self.params.tool

    def method(self) -> Shown:
        """How the figures are made and how far to trust them."""
        return how_made(self.facts, self.notes)

    def base(self) -> Shown:
        """Rows read, counted and left out, what was corrected on the way in, and the settings used."""
        return annexes.data_quality(self.tables["base"], self.notes, self.facts)

    def sources(self) -> Shown:
        """What was looked at: periods, comparisons, versions, sources."""
        return annexes.sources(self.tables, self.facts, self.notes)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        return Shown((self.title,))._repr_mimebundle_(**kwargs)


def open_report(params_file: str | Path, plan: Iterable[Planned], whole_service: bool = False) -> Report:
    """Open a report for a params file.

    Parameters
    ----------
    params_file : looked up from the working folder, then from each parent that has a `params/` folder
    plan : the measure tables that the notebook will show, such as `QUARTERLY`
    whole_service : whether the report is about all audits always, so that `where` in its params file is refused

    Raises
    ------
    QAError : every problem of the settings (exit code 2), or of the extracts (3), at once; no audit or too few in the
        part that `where` asks for (3).
    """
    params = read_report(params_file)
    if whole_service and params.where.given:
        raise only_of_the_whole(params)
    extracts = read_extracts(params)
    everyone = Material(params, extracts)
    tables = _protected(everyone, tuple(plan))
    facts = settings_facts(params)
    if params.where.given:
        facts["report.part"] = Fact("report.part", part_words(params), "words", "settings")
    if params.draw:
        facts |= draw_facts(params, everyone.drawing)
    for tool in (params.earlier_tool, params.tool):
        facts |= tool_told.tool_facts(tool) if tool else {}
    for published in tables.values():
        facts |= facts_of(published) | label_facts(published)
    facts["settings.comparisons_shown"] = Fact(
        "settings.comparisons_shown",
        _comparisons(params, tables),
        "count",
        "settings",
    )
    tested = int(tables["change"].table["share"].notna().sum()) if "change" in tables else 0
    facts["settings.comparisons_tested"] = Fact("settings.comparisons_tested", tested, "count", "settings")
    key = content_key(params, extracts.fingerprints)
    notes = annexes.Notes.of(params, extracts.warnings)
    return Report(_title(params, key, facts), MappingProxyType(tables), MappingProxyType(facts), notes, params)


def _protected(everyone: Material, plan: tuple[Planned, ...]) -> dict[str, Publishable]:
    """The tables of the plan through the gate; those of a part of the audits are held against those of all."""
    params = everyone.params
    tone = params.framework.brand.chart_colour

    def tabled(material: Material) -> list[tuple[str, tuple[str, ...], pd.DataFrame | Derived, About]]:
        tables = [
            *((entry.name, entry.keys, *_measured(entry, material, everyone)) for entry in plan),
            ("base", ("group",), *received(material.extracts, bool(params.draw))),
        ]
        return [(name, keys, table, replace(about, tone=tone)) for name, keys, table, about in tables]

    if not params.where.given:
        return protect(tabled(everyone), params.audience, params.hide_up_to)
    part = part_of(everyone)
    tables = [*tabled(part), ("part", ("group",), *_of_the_part(part, everyone))]
    return protect(tables, params.audience, params.hide_up_to, tabled(everyone))


def _measured(entry: Planned, material: Material, everyone: Material) -> tuple[pd.DataFrame | Derived, About]:
    """A table of the plan and what it is about; without rows where it says nothing of a part, as a plan does."""
    about, missing = entry.about(material), ""
    if material is not everyone and (entry.whole_only or not about.children):
        missing = "this report is about a part of the audits"
    elif material is not everyone and material.params.where.grade and entry.name in COMPARED:
        missing = "audits that were chosen by their grade are not compared with others"
    if missing:
        return pd.DataFrame(columns=[*entry.keys, *MEASURES]), replace(about, missing=missing)
    return entry.computed(material), about


def _of_the_part(part: Material, everyone: Material) -> tuple[pd.DataFrame, About]:
    """The audits of the report's period that are of the part, among all of it."""
    n, of = len(part.current), len(everyone.current)
    table = counted_whole(pd.DataFrame([{"group": "all", "n": n, "of": of}]))
    about = About("Audits that this report is about", "audits", "", "Of the part", "All audits", labels={"all": "All"})
    return table, about


def _comparisons(params: ReportParams, tables: Mapping[str, Publishable]) -> int:
    """How many figures are set beside those of another period."""
    if "standards_compared" in tables:
        return int(tables["standards_compared"].table["group"].nunique())
    return (len(params.periods) - 1) * (1 + len(params.framework.domains))


def _title(params: ReportParams, key: str, facts: Mapping[str, Fact]) -> TitleBlock:
    framework = params.framework
    return TitleBlock(
        council=framework.council,
        title=f"{params.title}: {title_words(params)}" if params.where.given else params.title,
        period=params.period.words,
        report_to=framework.report_to,
        author=framework.author,
        as_of=str(facts["report.as_of"].value),
        audience=AUDIENCES[params.audience],
        status="Draft",
        marking=framework.marking,
        run_id=run_id(key),
        colour=framework.brand.colour,
        logo=params.logo,
        logo_alt=framework.brand.logo_alt,
        facts=tuple(fact.as_json() for fact in facts.values()),
        record={"product_version": product_version(), "codebook_version": params.codebook.version},
        commentary=params.commentary,
        commentary_file=params.commentary_file,
    )
