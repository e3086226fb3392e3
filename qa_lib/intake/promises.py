"""Can the plan be followed?

An action that nobody owns, that names no measure or no day, cannot be followed;
one whose measure no report of ours has, or that is done before it began, is
wrong. The second refuses the register, the first is told, of its latest state.

A measure is the name of a figure, as the reports' tables have it, with or without ".share":

    overall.all                          audits graded good or better
    by_domain.planning                   gradings of a domain
    themes.fathers.development           audits that note a theme as a need, or as a `strength`
    voice.child_spoken_to                whose voice was heard
    ledger.fathers.complaints            an activity's observations that note a theme as a need
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from qa_lib.intake.actions import DONE, in_order
from qa_lib.intake.reading import Extract
from qa_lib.intake.rules import Rules
from qa_lib.problems import did_you_mean, near_miss
from qa_lib.settings.activities import STATUSES
from qa_lib.settings.codebook import Codebook
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import YES_NO_COLUMNS

KEY = r"[a-z][a-z0-9_]*"
VOICES = tuple(column for column in YES_NO_COLUMNS if column != "random_pick")
LONGEST = 80
"""Characters of a cell that is compared with names of measures."""


@dataclass(frozen=True)
class Linked:
    """What an action is measured by: a table, its group, and the polarity or the activity; the way it should move."""

    table: str
    group: str
    part: str = ""

    @property
    def name(self) -> str:
        """The name of the figure, without ".share"."""
        return ".".join(part for part in (self.table, self.group, self.part) if part)

    @property
    def theme(self) -> str:
        """The theme that it is about, or ""."""
        return self.group if self.table in {"themes", "ledger"} else ""

    @property
    def wished(self) -> str:
        """The way in which it should move where the register does not say: "up" or "down"."""
        return "down" if self.table == "ledger" or self.part == "development" else "up"


def measures_of(framework: Framework, codebook: Codebook) -> dict[str, Linked]:
    """Every measure that an action may have, by its name."""
    themes = codebook.themes
    linked = [Linked("overall", "all"), *(Linked("by_domain", key) for key in framework.domains)]
    linked += [Linked("themes", key, polarity) for key in themes for polarity in ("strength", "development")]
    linked += [Linked("voice", question) for question in VOICES]
    linked += [Linked("ledger", key, activity) for key in themes for activity in framework.activity_words]
    return {one.name: one for one in linked}


def plain_name(typed: object) -> str:
    """A measure as typed, in the form in which names are held: " Themes.Fathers.development.share" → no ".share"."""
    return re.sub(r"\.share$", "", "".join(str(typed).split()).casefold())


def followed(extracts: tuple[Extract, ...], rules: Rules) -> tuple[Extract, ...]:
    """The registers of actions with what is wrong in them, and what is missing in the latest; others as they are."""
    registers = [extract for extract in extracts if extract.kind.name == "actions" and "action_id" in extract.table]
    if not registers:
        return extracts
    ordered = in_order(registers)
    last = {_day(ordered[-1])}
    told = {id(extract): _row_faults(extract, rules) for extract in registers}
    for extract in ordered:
        is_latest = extract is ordered[-1] or (_day(extract) in last and pd.notna(_day(extract)))
        if is_latest and not extract.refused:
            told[id(extract)] = _gaps(told[id(extract)], rules.framework)
    for extract, code, message, rows in _alike(ordered):
        fix = "Give each action an id of its own, with a letter or a digit, and keep it."
        told[id(extract)] = told[id(extract)].with_problem(code, message, fix, "action_id", rows)
    return tuple(told.get(id(extract), extract) for extract in extracts)


def _row_faults(extract: Extract, rules: Rules) -> Extract:
    """What is wrong with a register by itself."""
    table, framework = extract.table, rules.framework
    for column, code, severity in (("measure", "unknown_measure", "error"), ("asks", "unknown_ask", "warning")):
        extract = _unknown_measures(extract, column, code, severity, rules)
    if "themes" in table and rules.codebook:
        extract = unknown_themes(extract, "themes", rules.codebook, "passed over")
    status = table["status"] if "status" in table else pd.Series("", index=table.index)
    words = (*STATUSES, *framework.statuses)
    unknown = status[(status.str.strip() != "") & (status.map(framework.status) == "")]
    for hint, rows in _by_hint(unknown, lambda cell: near_miss(cell, words)):
        cure = f"{hint} Correct the rows, or add the word under `statuses:` in the framework.".strip()
        message = "a status that the framework does not know: counted as not known."
        extract = extract.with_problem("unknown_status", message, cure, "status", rows, "warning")
    days = table.reindex(columns=["start_first", "due_last", "done_on", "as_at"]).apply(pd.to_datetime)
    done = days["done_on"].fillna(days["as_at"].where(status.map(framework.status) == DONE))
    for code, at, column, message in (
        ("due_before_start", days["due_last"] < days["start_first"], "due", "due before its start."),
        ("done_before_start", done < days["start_first"], "done_on", "done before its start."),
    ):
        if at.any():
            extract = extract.with_problem(code, message, "Correct one of the dates.", column, table.index[at])
    return extract


def _unknown_measures(extract: Extract, column: str, code: str, severity: str, rules: Rules) -> Extract:
    """Cells that name no figure; a slip of one is told by the name that was meant."""
    if column not in extract.table:
        return extract
    cells = extract.table[column]
    names = cells.map({cell: plain_name(cell) for cell in cells.unique()})
    known = _known_measures(rules)
    unknown = names[(names != "") & ~names.map(known)]
    allowed = measures_of(rules.framework, rules.codebook) if rules.codebook else _without_themes(rules.framework)

    def meant(name: str) -> str:
        found = did_you_mean(name, allowed) if len(name) <= LONGEST else None
        return f'Did you mean "{found}"?' if found else ""

    for hint, rows in _by_hint(unknown, meant):
        cure = f"{hint} A measure is a name such as by_domain.planning or themes.fathers.development.".strip()
        message = "it names no figure that a report of ours has."
        extract = extract.with_problem(code, message, cure, column, rows, severity)
    return extract


def _known_measures(rules: Rules) -> Callable[[str], bool]:
    """Whether a name is that of a figure; where there is no codebook, any theme passes."""
    framework, codebook = rules.framework, rules.codebook
    if codebook:
        return measures_of(framework, codebook).__contains__
    activities = "|".join(framework.activity_words)
    of_themes = re.compile(rf"themes\.{KEY}\.(strength|development)|ledger\.{KEY}\.({activities})")
    plain = _without_themes(framework)
    return lambda name: name in plain or bool(of_themes.fullmatch(name))


def _without_themes(framework: Framework) -> list[str]:
    return ["overall.all", *(f"by_domain.{key}" for key in framework.domains), *(f"voice.{key}" for key in VOICES)]


def unknown_themes(extract: Extract, column: str, codebook: Codebook, then: str) -> Extract:
    """Cells with a word that is no theme, told with what is done `then`."""
    cells = extract.table[column]
    unknown = cells[cells.map({cell: "" in codebook.named(cell) for cell in cells.unique()}).astype(bool)]
    words = [*codebook.themes, *(word for theme in codebook.themes.values() for word in (theme.label, theme.issue))]

    def meant(cell: str) -> str:
        strange = [part for part in cell.split(";") if "" in codebook.named(part)]
        return next((hint for part in strange if (hint := near_miss(part.strip(), words))), "")

    for hint, rows in _by_hint(unknown, meant):
        cure = f"{hint} Name a theme of the codebook by its key, label or issue.".strip()
        message = f"a theme that the codebook does not know: {then}."
        extract = extract.with_problem("unknown_theme", message, cure, column, rows, "warning")
    return extract


def _gaps(extract: Extract, framework: Framework) -> Extract:
    """What the latest register leaves open: actions without an owner, a measure or a day."""
    table = extract.table.reindex(columns=[*extract.table, *({"urgent", "status"} - {*extract.table})], fill_value="")
    going = table["status"].map(framework.status) != "dropped"
    planned = going & (table["urgent"] != "Yes")
    for code, column, asked, words in (
        ("no_owner", "owner", going, "an owner"),
        ("no_measure", "measure", planned, "a measure"),
        ("no_due", "due", planned, "a due date"),
    ):
        blank = table[column].str.strip() == "" if column in table else pd.Series(True, index=table.index)
        rows = table.index[asked & blank]
        if len(rows):
            message = f"{len(rows):,} action{'s' if len(rows) > 1 else ''} without {words}."
            extract = extract.with_problem(code, message, "Agree one.", column, rows, "warning")
    return extract


def _alike(registers: list[Extract]) -> Iterable[tuple[Extract, str, str, Iterable[int]]]:
    """Ids that a report could not tell apart, and actions that stand in two registers of one day."""
    first: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    for extract in registers:
        ids = extract.ids[extract.ids != ""].str.casefold().str.strip()
        short = ids.map(lambda name: re.sub(r"[^a-z0-9]+", "_", name).strip("_"))
        for name, one in zip(ids, short, strict=True):
            first.setdefault(one, name)
        alike = [int(at) for at in ids.index[(short == "") | (short.map(first) != ids)]]
        if alike:
            yield extract, "ids_alike", "its id differs from another's in marks alone, or holds nothing else.", alike
        day = str(_day(extract)) if pd.notna(_day(extract)) else ""
        again = [int(at) for at, name in zip(ids.index, ids, strict=True) if day and (day, name) in seen]
        if again:
            yield extract, "doubled_action", "the same action stands in another register of the same day.", again
        seen |= {(day, name) for name in ids}


def _day(extract: Extract) -> Any:
    """The day of a register; NaT where it says none."""
    return extract.table["as_at"].max() if "as_at" in extract.table else pd.NaT


def _by_hint(cells: pd.Series, meant: Callable[[str], str]) -> Iterable[tuple[str, pd.Index]]:
    """The rows of some cells by what may be said of each."""
    hints: Mapping[str, str] = {cell: meant(cell) for cell in cells.unique()}
    for hint, same in cells.groupby(cells.map(hints)):
        yield str(hint), same.index
