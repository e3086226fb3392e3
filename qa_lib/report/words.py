"""Do the words and the figures agree?

Before a page is published every number in it is followed back to the fact
ledger. A run of text may hold the numbers of the facts it names and no others;
a cell likewise; a picture those of its labels and of its axis. Text that names
no fact may hold no number at all, in digits or in words from two to twelve.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any

from qa_lib.problems import PUBLICATION, Problem, QAError
from qa_lib.report.blocks import Bullets, Cell, Chart, Heading, Paragraph, Run, Table
from qa_lib.report.document import Document
from qa_lib.report.facts import Fact, numbers_in, shown

AXIS = {"0%", "25%", "50%", "75%", "100%"}
"""What stands at the ticks of a share axis: a scale, not data."""


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
        strays = sorted({number for text in _strays(block, ledger, settings) for number in text})
        if strays:
            message = f"under {under}: a number that is no fact of this report ({', '.join(strays)})."
            fix = "Numbers are said by the library, from named facts; take it out of the text."
            problems.append(Problem("number", message, fix))
    strays = sorted({number for note in document.notes for run in note for number in _stray(run, ledger)})
    if strays:
        problems.append(Problem("number", f"in a note: a number that is no fact of this report ({', '.join(strays)})."))
    if problems:
        raise QAError(problems, PUBLICATION)


def _strays(block: Any, ledger: Mapping[str, Fact], settings: set[str]) -> Iterable[set[str]]:
    if isinstance(block, Heading | Paragraph):
        yield from (_stray(run, ledger) for run in block.runs)
    elif isinstance(block, Bullets):
        yield from (_stray(run, ledger) for item in block.items for run in item)
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
