"""Do the words and the figures agree?

Before a page is published every number in it, and every word that says where
a figure went ("rose", "fell"), is followed back to the fact ledger. A run of
text may hold the numbers and such words of the facts it names and no others; a
cell likewise; a picture those of its labels and of its axis. Text that names no
fact may hold no number at all, in digits or in words from two to twelve.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any

from qa_lib.problems import PUBLICATION, Problem, QAError
from qa_lib.report.blocks import Bullets, Cell, Chart, Commentary, Heading, Paragraph, Run, Table
from qa_lib.report.document import Document
from qa_lib.report.facts import Fact, numbers_in, shown

AXIS = {"0%", "25%", "50%", "75%", "100%"}
"""What stands at the ticks of a share axis: a scale, not data."""


DIRECTION = re.compile(
    r"\b(?:rose|risen|rising|fell|fallen|falling|increased|decreased|improved|worsened|declined|deteriorated|higher|"
    r"lower)\b",
    re.IGNORECASE,
)
"""Words that say where a figure went, or how it lies to others: each is a fact, or it is not said."""


def ledger_of(document: Document) -> dict[str, Fact]:
    """The facts of a document by name, as its title block carries them."""
    facts = (Fact(**fact) for fact in document.title.facts)
    return {fact.name: fact for fact in facts}


def check_numbers(document: Document) -> None:
    """Refuse a page that holds a number which the ledger does not.

    Raises
    ------
    QAError : exit code 5; the heading under which each such text stands.
    """
    ledger = ledger_of(document)
    settings = {number for fact in ledger.values() if fact.source == "settings" for number in numbers_in(shown(fact))}
    problems, under = [], "the first page"
    for block in document.blocks:
        if isinstance(block, Heading):
            under = f'"{"".join(run.text for run in block.runs)}"'
        place = f"in the commentary under {under}" if isinstance(block, Commentary) else f"under {under}"
        strays, turned = unsaid(block, ledger, settings)
        if strays:
            message = f"{place}: a number that is no fact of this report ({', '.join(strays)})."
            fix = "Numbers are said by the library, from named facts; take it out of the text."
            problems.append(Problem("number", message, fix))
        if turned:
            message = f"{place}: a word of direction that no fact of this report says ({', '.join(turned)})."
            fix = "What rose or fell is said by the library, where the statistics allow; take it out of the text."
            problems.append(Problem("direction", message, fix))
    turned = sorted({word for note in document.notes for run in note for word in _directions(run, ledger)})
    if turned:
        problems.append(
            Problem("direction", f"in a note: a word of direction that no fact says ({', '.join(turned)}).")
        )
    strays = sorted({number for note in document.notes for run in note for number in _stray(run, ledger)})
    if strays:
        problems.append(Problem("number", f"in a note: a number that is no fact of this report ({', '.join(strays)})."))
    if problems:
        raise QAError(problems, PUBLICATION)


def unsaid(block: Any, ledger: Mapping[str, Fact], settings: Iterable[str] = ()) -> tuple[list[str], list[str]]:
    """The numbers and the words of direction in a block that no fact says, each sorted.

    `settings` are the numbers that tables and pictures may hold beside those of their facts.
    """
    strays = {number for text in _strays(block, ledger, set(settings)) for number in text}
    turned = {word for run in _runs(block) for word in _directions(run, ledger)}
    return sorted(strays), sorted(turned)


def _runs(block: Any) -> Iterable[Run | Cell]:
    """Every run and cell of a block."""
    if isinstance(block, Heading | Paragraph):
        yield from block.runs
    elif isinstance(block, Bullets):
        yield from (run for item in block.items for run in item)
    elif isinstance(block, Commentary):
        yield from (run for part in block.blocks for run in _runs(part))
    elif isinstance(block, Table):
        yield from (cell for row in block.rows for cell in row)
        yield from (Run(text) for text in (block.caption, *block.heads, *block.notes))
    elif isinstance(block, Chart):
        yield from (*block.title, *block.alt, *block.labels, Run(block.caption), *_runs(block.table))


def _directions(said: Run | Cell, ledger: Mapping[str, Fact]) -> set[str]:
    """Words of direction in a run or cell that none of the facts it names holds."""
    allowed = {
        word.casefold() for name in said.facts if name in ledger for word in DIRECTION.findall(shown(ledger[name]))
    }
    return {word.casefold() for word in DIRECTION.findall(said.text)} - allowed


def _strays(block: Any, ledger: Mapping[str, Fact], settings: set[str]) -> Iterable[set[str]]:
    if isinstance(block, Heading | Paragraph):
        yield from (_stray(run, ledger) for run in block.runs)
    elif isinstance(block, Bullets):
        yield from (_stray(run, ledger) for item in block.items for run in item)
    elif isinstance(block, Commentary):
        yield from (strays for part in block.blocks for strays in _strays(part, ledger, settings))
    elif isinstance(block, Table):
        yield from (_stray(cell, ledger) for row in block.rows for cell in row)
        yield from (numbers_in(text) - settings for text in (block.caption, *block.heads, *block.notes))
    elif isinstance(block, Chart):
        yield from (_stray(run, ledger) for run in (*block.title, *block.alt, *block.labels))
        labels = {number for run in block.labels for number in numbers_in(run.text)}
        drawn = (
            unescape(re.sub(r"<[^>]*>", "", text)) for text in re.findall(r"<text.*?</text>", block.svg, re.DOTALL)
        )
        yield from (numbers_in(text) - labels - settings - AXIS for text in drawn)
        yield numbers_in(block.caption) - settings
        yield from _strays(block.table, ledger, settings)


def _stray(said: Run | Cell, ledger: Mapping[str, Fact]) -> set[str]:
    """Numbers in a run or cell that none of the facts it names holds; a note's own number is none."""
    if isinstance(said, Run) and said.style == "note":
        return set()
    allowed = {number for name in said.facts if name in ledger for number in numbers_in(shown(ledger[name]))}
    return numbers_in(said.text) - allowed
