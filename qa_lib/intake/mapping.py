"""Which of our columns could this heading be?

A new form has headings of its own. This room reads them, compares their words
with the names of our columns (of a themed audit: with its questions) and their
values with what our columns hold, and proposes lines for `framework.yml` or the
tool. What it is not sure of it marks; a person decides. Of the cells it shows
nothing but near-misses of allowed words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz

from qa_lib.intake.checks import parse_date
from qa_lib.intake.columns import fold, folded_names
from qa_lib.intake.files import Sheet
from qa_lib.intake.sandbox import read_sheets
from qa_lib.intake.shape import find_headings, sort_rows
from qa_lib.problems import Problem, QAError, list_of, meant_by
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import ANY_DAY, DAY, GRADE, ID, LOOSE_DAY, NUMBER, Holds, Kind, Several
from qa_lib.settings.question import SEPARATOR

LEAST, SURE, CLEAR = 60, 85, 10
"""Likeness (0 to 100) that is proposed at all, that is not marked, and by which it must lead the next best."""

ALSO_CALLED = {
    "audit_id": ("id", "reference", "audit number"),
    "case_id": ("case number", "case id", "child id"),
    "audit_date": ("date", "completion time", "date audit"),
    "service": ("service", "service area", "department"),
    "auditor": ("auditor", "your name", "completed by"),
    "audit_type": ("type", "type audit"),
    "overall_grade": ("overall", "overall grade", "overall judgement", "overall effectiveness"),
    "strengths": ("strengths", "working well", "good practice"),
    "areas_for_development": ("areas development", "needs improve", "worried"),
    "child_view": ("child say", "child view"),
    "parent_view": ("parent say", "parents say", "parents view"),
    "actions": ("actions", "next steps", "recommendations"),
    "child_spoken_to": ("child spoken",),
    "parent_spoken_to": ("parent spoken", "carer spoken"),
    "worker_involved": ("worker part", "worker involved"),
    "changed_something": ("change anything", "changed"),
    "random_pick": ("picked random", "random"),
    "allocated_on": ("date allocated", "allocated"),
    "completed_on": ("date completed", "completed"),
    "moderated_on": ("date moderation", "date moderated", "date"),
    "moderator": ("moderator", "moderated by"),
    "evidence_id": ("id", "reference", "complaint number"),
    "date": ("date", "date received", "received"),
    "polarity": ("strength development", "positive negative"),
    "as_at": ("snapshot date", "as at"),
}
"""What forms call our columns, besides our own names and the labels of domains; without the words passed over."""

_PASSED_OVER = frozenset(
    "a an and any are by did do does for good how in is it of on or please q s the their this to was we were what "
    "which who with you".split()
)


@dataclass(frozen=True)
class Proposal:
    """A heading of the form, the column that it is most like, how like (0 to 100), and what is nearly as like."""

    heading: str
    column: str
    likeness: float
    rivals: tuple[str, ...]


def propose_map(path: Path, kind: Kind, framework: Framework, opening: str) -> str:
    """Lines for `framework.yml` or a tool, as YAML: `columns:`, `spellings:`, and remarks; `opening` is the first.

    Raises
    ------
    QAError : exit code 3; the file cannot be read, or no row of it could be headings.
    """
    try:
        _, sheets = read_sheets(path)
    except QAError as error:
        raise QAError([Problem(p.code, p.message, p.fix, file=path.name) for p in error.problems]) from None
    names = folded_names(framework.headings(kind), framework.cells(kind))
    if not sheets:
        raise QAError([Problem("empty", "no visible sheet holds rows.", "Export the file again.", file=path.name)])
    sheet = max(sheets, key=lambda found: (_known(found, names), max(map(len, found.rows.values()), default=0)))
    at, certain = find_headings(sheet.rows, lambda cell: fold(cell) in names)
    if not certain:
        fix = "Put the headings above the rows: three or more, all different, none of them a number or a date."
        raise QAError([Problem("no_headings", "no row of headings was found.", fix, file=path.name)])
    headings = [cell.strip() for cell in sheet.rows[at]]
    records, _ = sort_rows({number: cells for number, cells in sheet.rows.items() if number > at}, len(headings))
    cells = {
        heading: {number: row[index].strip() for number, row in records.items() if index < len(row)}
        for index, heading in enumerate(headings)
        if heading
    }
    taken = {names[fold(heading)] for heading in cells if fold(heading) in names}
    unknown = {heading: rows for heading, rows in cells.items() if fold(heading) not in names}
    free = {column: holds for column, holds in framework.cells(kind).items() if column not in taken}
    proposals = _proposals(unknown, free, _called(kind, framework), framework)
    columns = {heading: names[fold(heading)] for heading in cells if fold(heading) in names}
    columns |= {proposal.heading: proposal.column for proposal in proposals}
    lines = [opening]
    lines += _column_lines(proposals, unknown, [column for column in kind.required if column not in columns.values()])
    lines += _spelling_lines(columns, cells, kind, framework)
    return "\n".join(lines)


def _known(sheet: Sheet, names: dict[str, str]) -> int:
    return max((sum(fold(cell) in names for cell in cells) for cells in list(sheet.rows.values())[:10]), default=0)


def _called(kind: Kind, framework: Framework) -> dict[str, set[str]]:
    """What each column may be called: its name, its label, what forms call it, the question that a tool asks."""
    called = {
        column: {column.replace("_", " "), framework.domains.get(column, ""), *ALSO_CALLED.get(column, ())}
        for column in framework.cells(kind)
    }
    for heading, column in kind.headings.items():
        called[column].add(heading)
    return called


def _proposals(
    unknown: dict[str, dict[int, str]], free: dict[str, Holds], called: dict[str, set[str]], framework: Framework
) -> list[Proposal]:
    """One column a heading and one heading a column, the likeliest pairs first."""
    scores = {
        (heading, column): _likeness(heading, called[column]) * _fits(rows.values(), holds, framework)
        for heading, rows in unknown.items()
        for column, holds in free.items()
    }
    chosen: dict[str, str] = {}
    for (heading, column), score in sorted(scores.items(), key=lambda item: -item[1]):
        if score >= LEAST and heading not in chosen and column not in chosen.values():
            chosen[heading] = column
    found = []
    for heading, column in ((heading, chosen[heading]) for heading in unknown if heading in chosen):
        near = scores[heading, column] - CLEAR
        others = {f"could also be {c}": scores[heading, c] for c in free if c != column}
        others |= {f"{_quoted(h)} is nearly as like": scores[h, column] for h in unknown if h != heading}
        rivals = tuple(words for words, score in others.items() if score >= max(near, LEAST))
        found.append(Proposal(heading, column, scores[heading, column], rivals))
    return found


def _likeness(heading: str, called: Iterable[str]) -> float:
    """How like a heading is to the likest of the names that a column may be called by (0 to 100).

    Two thirds for how much of the name stands in the heading, a third for how much of the heading stands in the name.
    """
    asked = _words(heading)
    best = 0.0
    for name in filter(None, map(_words, called)):
        held = sum(any(map(_same_word, [word] * len(asked), asked)) for word in name)
        said = sum(any(map(_same_word, [word] * len(name), name)) for word in asked)
        best = max(best, 65 * held / len(name) + 35 * said / max(len(asked), 1))
    return best


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[a-z]+", text.casefold()) if word not in _PASSED_OVER]


def _same_word(one: str, other: str) -> bool:
    """Whether two words are the same but for an ending or a slip."""
    stem = min(len(one), len(other))
    return (stem > 3 and one[:stem] == other[:stem]) or fuzz.ratio(one, other) >= 85


def _fits(values: Iterable[str], holds: Holds, framework: Framework) -> float:
    """How well values fit what a column holds: 1 where they do, 0.3 where they plainly do not."""
    filled = [value for value in values if value][:500]
    if not filled:
        return 0.9
    words = framework.words(holds)
    if words is not None:
        known = _allowed(holds, framework)
        share = sum(_parts(value, holds) <= known for value in filled) / len(filled)
        return 1.0 if share > 0.7 else 0.9 if share > 0.3 else 0.3
    dates = sum(parse_date(value) is not None for value in filled) / len(filled)
    if holds in {DAY, ANY_DAY, LOOSE_DAY}:
        return 1.0 if dates > 0.7 else 0.9 if dates > 0.3 else 0.3
    odd = (holds == ID and (len(set(filled)) < 0.9 * len(filled) or any(" " in value for value in filled))) or (
        holds == NUMBER and not all(value.isdigit() for value in filled)
    )
    return 0.3 if dates > 0.7 else 0.6 if odd else 1.0


def _allowed(holds: Holds, framework: Framework) -> set[str]:
    """The words that a column may hold and those that are turned into them, without capitals."""
    words = (*(framework.words(holds) or ()), *framework.corrections(holds))
    return {" ".join(word.split()).casefold() for word in words}


def _parts(value: str, holds: Holds) -> set[str]:
    """The word that a cell holds, or the several, without capitals and needless spaces."""
    parts = value.split(SEPARATOR) if isinstance(holds, Several) else [value]
    return {" ".join(part.split()).casefold() for part in parts} - {""}


def _column_lines(proposals: list[Proposal], unknown: dict[str, dict[int, str]], missing: list[str]) -> list[str]:
    lines = ["columns:"] if proposals else []
    for proposal in proposals:
        remark = ""
        if proposal.rivals:
            remark = f"   # uncertain: {list_of(proposal.rivals, most=3)}"
        elif proposal.likeness < SURE:
            remark = "   # uncertain: the heading says it only in part"
        lines.append(f"  {_quoted(proposal.heading)}: {proposal.column}{remark}")
    proposed = {proposal.heading for proposal in proposals}
    lines += [f"# not matched: {_quoted(heading)}" for heading in unknown if heading not in proposed]
    lines += [f"# needed, and not found: {column}" for column in missing]
    return lines


def _spelling_lines(
    columns: dict[str, str], cells: dict[str, dict[int, str]], kind: Kind, framework: Framework
) -> list[str]:
    """Near-misses of grades and services as `spellings:`; of other words only how many there are, and where."""
    spellings: dict[str, str] = {}
    corrected = {*framework.scale.allowed, *framework.services}  # what `spellings:` may stand for
    remarks = []
    for heading, column in columns.items():
        holds = framework.cells(kind)[column]
        words = framework.words(holds)
        if words is None:
            continue
        known = _allowed(holds, framework)
        strange = {at: value for at, value in cells[heading].items() if value and not _parts(value, holds) <= known}
        meant = {value: meant_by(value, words) for value in sorted(set(strange.values()))}
        near = {value: word for value, word in meant.items() if word in corrected}
        spellings |= near
        other = [at for at, value in strange.items() if value not in near]
        if other:
            rows = f"row{'s' if len(other) > 1 else ''} {list_of(other)}"
            remarks.append(f"# {column}, {rows}: none of {list_of(words, last='or')}.")
            if holds == GRADE:
                remarks.append(
                    "#   Words or numbers of another scale go under scale_map:, each with the grade it means."
                )
    lines = ["spellings:", *(f"  {_quoted(value)}: {meant}" for value, meant in spellings.items())]
    return [*(lines if spellings else []), *remarks]


def _quoted(text: str) -> str:
    """A text as a YAML key that can be nothing but text."""
    return json.dumps(" ".join(text.split())[:200], ensure_ascii=False)
