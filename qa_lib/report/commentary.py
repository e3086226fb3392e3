"""What does the analyst add?

Words that no figure can say: why something is as it is, what is being done. They
stand in a file of their own beside the params file, in the Markdown of the
notebooks: first the words of the report's period, then headings of the report,
and below each what is to be added there.

    # May to July 2013

    ## How good practice is
    Planning stands at {{ by_domain.planning.share }}, and we know why.

Each part becomes a box, after what stands directly under that heading and
before the next heading, whatever its level. A name in braces becomes the figure
of that name, and `{{ by_domain.planning.share = 55% }}` refuses the run once the
figure is another: words are never published with figures they were not written
for. Every fault of the file is told at once, with its line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from qa_lib.problems import PUBLICATION, Problem, QAError, did_you_mean, list_of
from qa_lib.report.blocks import Block, Bullets, Commentary, Heading, Paragraph, Runs, text_of
from qa_lib.report.document import CannotShowError, Document, markdown_blocks
from qa_lib.report.references import NAMES, Figures, Ledger, quoted, take_references
from qa_lib.report.words import ledger_of, unsaid
from qa_lib.settings.yaml import UNSEEN

HEADING = re.compile(r" {0,3}(#{1,6})(.*)")
MOST_FAULTS = 20
"""Faults told of one part of the file; what is further down comes to light when these are put right."""

Prose = Paragraph | Bullets


@dataclass(frozen=True)
class _Part:
    """A heading of the file (`level` 0: what stands before the first) with its line, and the text below it."""

    line: int
    level: int
    heading: str
    text: str


def place_commentary(document: Document) -> Document:
    """A document with its author's commentary in place, in boxes; the same document where it has none.

    Raises
    ------
    QAError : exit code 5; every fault of the commentary, by its line.
    """
    title = document.title
    if not (title.commentary or title.commentary_file):
        return document
    ledger = ledger_of(document)
    before, *parts = _parts(title.commentary)
    opening = parts[0] if parts and parts[0].level == 1 else None
    problems = list(_faults_of_the_opening(before, opening, title.period))
    boxes: dict[int, Commentary] = {}
    for part, at in _placed([part for part in parts if part is not opening], document, problems):
        blocks = _read(part, document, ledger, problems)
        if blocks and at is not None:
            boxes[at] = Commentary(blocks)
    if problems:
        name = title.commentary_file or "the commentary"
        told = sorted(problems, key=lambda problem: problem.line or 0)
        raise QAError([replace(problem, file=name) for problem in told], PUBLICATION)
    return replace(
        document,
        title=replace(title, commentary="", commentary_file=""),
        blocks=tuple(_with_boxes(document.blocks, boxes)),
    )


def _with_boxes(blocks: tuple[Block, ...], boxes: Mapping[int, Commentary]) -> Iterator[Block]:
    """The blocks, each box (by the place of its heading) before the next heading or at the end."""
    waiting: Commentary | None = None
    for at, block in enumerate(blocks):
        if isinstance(block, Heading):
            if waiting:
                yield waiting
            waiting = boxes.get(at)
        yield block
    if waiting:
        yield waiting


# --- the file and its headings ---------------------------------------------------------------------------------------


def _parts(source: str) -> list[_Part]:
    """The file in parts: what stands before its first heading, then heading by heading."""
    parts, line, level, heading = [], 0, 0, ""
    below: list[str] = []
    for number, text in enumerate(source.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        found = HEADING.fullmatch(text)
        if found:
            parts.append(_Part(line, level, heading, "\n".join(below)))
            line, level, heading, below = number, len(found[1]), found[2].rstrip().rstrip("#").strip(), []
        else:
            below.append(text)
    return [*parts, _Part(line, level, heading, "\n".join(below))]


def _faults_of_the_opening(before: _Part, opening: _Part | None, period: str) -> Iterator[Problem]:
    """What is wrong above the first heading of the report: stale words, or words without a place."""
    if before.text.strip() or opening is None:
        message = "the file does not begin with the period that it was written for."
        yield Problem("period", message, f'Let its first line be "# {period}".', line=1)
    elif _folded(opening.heading) != _folded(period):
        message = f'this commentary was written for "{quoted(opening.heading)}"; the report is of {period}.'
        fix = f'Read it again, change what is no longer so, and let its first line be "# {period}".'
        yield Problem("period", message, fix, line=opening.line)
    if opening and opening.text.strip():
        line = opening.line + 1 + next(at for at, text in enumerate(opening.text.split("\n")) if text.strip())
        fix = "Write the heading of the report that it belongs to above it, with ##."
        yield Problem("place", "this text stands under no heading of the report.", fix, line=line)


def _placed(parts: list[_Part], document: Document, problems: list[Problem]) -> Iterator[tuple[_Part, int | None]]:
    """Each part with the place of its heading among the document's blocks; None, and a problem, where it has none."""
    taken: dict[int, int] = {}
    above: int | None = None
    listed = False
    for part in parts:
        found = _places_of(part, above, document)
        at = found[0] if len(found) == 1 else None
        if part.level not in {2, 3}:
            message = "a heading of the report is named with ## or ###."
            problems.append(Problem("heading", message, "Write it so.", line=part.line))
        elif not found:
            problems.append(_unknown_heading(part, document, listed))
            listed = True
        elif at is None:
            problems.append(_unclear_heading(part, found, document))
        elif at in taken:
            message = f"this heading was named before, on line {taken[at]}."
            problems.append(Problem("heading", message, "Put what belongs to it in one place.", line=part.line))
        else:
            taken[at] = part.line
        above = at if part.level == 2 else above
        yield part, at


def _places_of(part: _Part, above: int | None, document: Document) -> list[int]:
    """Where a heading stands among the document's blocks; of several, those of its level, then those below `above`."""
    headings = {at: block for at, block in enumerate(document.blocks) if isinstance(block, Heading)}
    found = [at for at, heading in headings.items() if _folded(text_of(heading.runs)) == _folded(part.heading)]
    if len(found) > 1:
        found = [at for at in found if headings[at].level == part.level] or found
    if len(found) > 1 and part.level == 3:
        found = [at for at in found if _section_of(at, document) == above] or found
    return found


def _section_of(at: int, document: Document) -> int | None:
    """The place of the section (level 2) that a heading of level 3 stands in; None for any other."""
    levels = [block.level if isinstance(block, Heading) else 0 for block in document.blocks[: at + 1]]
    return at - levels[::-1].index(2) if levels[at] == 3 and 2 in levels else None


def _unknown_heading(part: _Part, document: Document, listed: bool) -> Problem:
    names = [text_of(heading.runs) for heading in document.headings]
    meant = did_you_mean(part.heading, names)
    fix = [f'Did you mean "{meant}"?'] if meant else []
    fix += [] if listed else [f"Its headings are: {list_of([f'“{name}”' for name in names], most=len(names))}."]
    return Problem("heading", f'this report has no heading "{quoted(part.heading)}".', " ".join(fix), line=part.line)


def _unclear_heading(part: _Part, found: list[int], document: Document) -> Problem:
    places = dict.fromkeys(place for at in found if (place := _section_of(at, document)) is not None)
    sections = [block for at, block in enumerate(document.blocks) if at in places and isinstance(block, Heading)]
    message = f'the report has the heading "{quoted(part.heading)}" more than once.'
    fix = "Choose another heading."
    if len(sections) == len(found):
        names = list_of([f'"{text_of(section.runs)}"' for section in sections], "or")
        fix = f"Write it with ###, and above it, with ##, the section that you mean: {names}."
    return Problem("heading", message, fix, line=part.line)


# --- the words below a heading ---------------------------------------------------------------------------------------


def _read(part: _Part, document: Document, ledger: Ledger, problems: list[Problem]) -> tuple[Prose, ...]:
    """The blocks below a heading of the file, its references filled; its faults are added to `problems`."""
    lines, figures, found = take_references(part.text, ledger)
    ids = [heading.id for heading in document.headings]

    def faults(upto: int) -> list[Problem]:
        return list(_faults(_parsed(lines[:upto], figures), ids, ledger))

    while len(found) < MOST_FAULTS and faults(len(lines)):
        at = bisect_left(range(len(lines)), True, key=lambda line: bool(faults(line + 1)))  # the line that brings it in
        found += [replace(fault, line=at + 1) for fault in faults(at + 1)]
        lines[at] = ""
    problems += [replace(fault, line=part.line + (fault.line or 0)) for fault in found]
    read = _parsed(lines, figures)
    return () if isinstance(read, Problem) else read


def _parsed(lines: list[str], figures: Figures) -> tuple[Prose, ...] | Problem:
    """Lines of Markdown as blocks with their figures in place, or the first thing that a box cannot show."""
    text, notes = "\n".join(lines), list[Runs]()
    if UNSEEN.search(text):
        return Problem("unseen", "this text holds a character that no reader sees.", "Type the line again.")
    try:
        read = markdown_blocks(text, notes)
    except CannotShowError as error:
        return Problem("markdown", f"the commentary {error}.", error.fix)
    prose = [block for block in read if isinstance(block, Paragraph | Bullets)]
    if notes:
        return Problem("markdown", "the commentary holds a footnote.", "Say it in the sentence.")
    if len(prose) < len(read):
        message = "the line below a text makes it a heading."
        return Problem("markdown", message, "Name a heading of the report with ##, and draw no lines.")
    return tuple(figures.put_into(block) for block in prose)


def _faults(read: tuple[Prose, ...] | Problem, ids: list[str], ledger: Ledger) -> Iterator[Problem]:
    """What in some blocks may not stand on the page: links to nowhere, numbers and directions that are no facts."""
    if isinstance(read, Problem):
        yield read
        return
    for block in read:
        runs = block.runs if isinstance(block, Paragraph) else [run for item in block.items for run in item]
        if any(run.href.removeprefix("#") not in ids for run in runs if run.href):
            fix = f"A link leads to a heading by its words in small letters, with hyphens: (#{next(iter(ids), '')})."
            yield Problem("link", "a link leads to no heading of this report.", fix)
        numbers, turned = unsaid(block, ledger)
        if numbers:
            message = f"a number in the commentary is no fact of this report ({', '.join(numbers)})."
            fix = f"Write the name of the figure in double braces, or say it without a number. {NAMES}"
            yield Problem("number", message, fix)
        if turned:
            message = f"a word of direction in the commentary is said by no fact of this report ({', '.join(turned)})."
            fix = "What rose or fell is said by the library, where the statistics allow; say it in other words."
            yield Problem("direction", message, fix)


def _folded(words: str) -> str:
    return " ".join(words.split()).casefold()
