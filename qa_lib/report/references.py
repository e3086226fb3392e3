"""Which figure does a name in braces stand for?

Authors write `{{ by_domain.planning.share }}` where a sentence needs a figure,
and the page says it as the report does. With what it was, as in
`{{ by_domain.planning.share = 55% }}`, the sentence is held to it: once the
figure is another, somebody must read the sentence again. Spaces are free inside
the braces, and other braces have no place in prose.

References are taken out before a text is read as Markdown, so that nothing in a
name is taken for Markdown, and nothing in a figure ever is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from qa_lib.measures.shares import MEASURES
from qa_lib.problems import Problem, did_you_mean, list_of
from qa_lib.report.blocks import Bullets, Paragraph, Run, Runs
from qa_lib.report.facts import Fact, shown

REFERENCE = re.compile(r"\{\{([^{}\n]*)\}\}")
"""Braces and what stands between them on the same line: no other brace."""
SHAPE = "Write a reference so, on one line: {{ table.row.share }}."
NAMES = "facts.json, beside a report, lists every name."
LONGEST_QUOTE = 60

Ledger = Mapping[str, Fact]


@dataclass(frozen=True)
class Figures:
    """Figures that wait for their places in a text, each as its number between two of a mark that the text has not."""

    mark: str
    runs: tuple[Run, ...]

    def put_into(self, block: Paragraph | Bullets) -> Paragraph | Bullets:
        """The block with its figures in place, each naming its fact, in the style of the words around it."""
        if isinstance(block, Paragraph):
            return Paragraph(self._among(block.runs))
        return replace(block, items=tuple(self._among(item) for item in block.items))

    def _among(self, runs: Runs) -> Runs:
        filled: list[Run] = []
        for run in runs:
            for at, piece in enumerate(run.text.split(self.mark)):
                said = self.runs[int(piece)] if at % 2 else Run(piece)
                filled += [replace(run, text=said.text, facts=said.facts)] if said.text else []
        return tuple(filled)


def take_references(text: str, ledger: Ledger) -> tuple[list[str], Figures, list[Problem]]:
    """The lines of a text with marks in place of its references, the figures that belong there, and every fault.

    A fault has its line, counted from 1; a line with a brace too many is left empty.
    """
    mark = next(mark for mark in map(chr, range(0xE000, 0x110000)) if mark not in text)
    runs: list[Run] = []
    problems: list[Problem] = []

    def taken(found: re.Match[str]) -> str:
        said = _figure(found[1], ledger)
        if isinstance(said, Problem):
            problems.append(replace(said, line=1 + text.count("\n", 0, found.start())))
            said = Run("")
        runs.append(said)
        return f"{mark}{len(runs) - 1}{mark}"

    lines = REFERENCE.sub(taken, text).split("\n")
    for at, line in enumerate(lines):
        if "{" in line or "}" in line:
            is_half = "{{" in line or "}}" in line
            message = (
                "a reference is opened and not closed, or closed and not opened." if is_half else "a single brace."
            )
            problems.append(Problem("reference", message, SHAPE, line=at + 1))
            lines[at] = ""
    return lines, Figures(mark, tuple(runs)), problems


def quoted(words: str) -> str:
    """What a file says, for a message: on one line, and not too long."""
    plain = "".join(mark if mark.isprintable() else " " for mark in words)
    return plain if len(plain) <= LONGEST_QUOTE else f"{plain[:LONGEST_QUOTE]} ..."


def _figure(words: str, ledger: Ledger) -> Run | Problem:
    """The figure that a reference names, or why there is none."""
    name, given, was = (piece.strip() for piece in words.partition("="))
    if not name or (given and not was):
        return Problem("reference", "a reference is empty.", SHAPE)
    if name not in ledger:
        return _no_figure(name, ledger)
    now = shown(ledger[name])
    if given and _plain(was) != _plain(now):
        message = f'"{name}" said {quoted(was)} when this was written, and is {now} now: read the sentence again.'
        return Problem("stale", message, f"Where it still holds, write {{{{ {name} = {now} }}}}.")
    return Run(now, (name,))


def _no_figure(name: str, ledger: Ledger) -> Problem:
    """Why a name names no figure: it is hidden, or it is misspelt, or there is none."""
    if _is_hidden(name, ledger):
        message = f'the figure "{quoted(name)}" is hidden, or is not given in this report.'
        return Problem("hidden", message, "Say it without the figure, or take the sentence out.")
    meant = did_you_mean(name, ledger)
    near = [other for other in ledger if other.startswith(f"{name.rpartition('.')[0]}.")]
    fix = f'Did you mean "{meant}"?' if meant else f"Near it are {list_of(near, most=6)}." if near else NAMES
    return Problem("reference", f'this report has no figure "{quoted(name)}".', fix)


def _is_hidden(name: str, ledger: Ledger) -> bool:
    """Whether a name is one that its table could have: the table has such figures, the row has others or a label."""
    row, _, measure = name.rpartition(".")
    table, *keys = row.split(".")
    of_table = [other.split(".") for other, fact in ledger.items() if fact.source == table]
    has_row = any(other[:-1] == [table, *keys] for other in of_table)
    has_labels = bool(keys) and all(f"label.{table}.{key}" in ledger for key in keys)
    has_length = not of_table or name.count(".") + 1 in map(len, of_table)
    return measure in {*MEASURES, *(other[-1] for other in of_table)} and (has_row or has_labels) and has_length


def _plain(figure: str) -> str:
    """A figure as typed by hand: without spaces and commas, with the hyphen that keyboards have."""
    return re.sub(r"[\s,]", "", figure).replace("−", "-").casefold()
