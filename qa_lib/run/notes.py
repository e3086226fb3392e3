"""Where in the commentary does a note go?

Below the heading of the report that it was written for: after what the file
says there already, or at its end under that heading. Not another byte of the
file changes. The note is held to the rules of `report.commentary` before it is
written, but for its figures, which only a run knows.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from qa_lib.problems import PUBLICATION, SETTINGS, Problem, QAError, did_you_mean
from qa_lib.report.blocks import MIME, TitleBlock, text_of, to_json
from qa_lib.report.commentary import HEADING, place_commentary
from qa_lib.report.document import Document, own_cells, read_document
from qa_lib.report.references import REFERENCE
from qa_lib.run.asking import notes_file
from qa_lib.run.beside import cannot_write, refused
from qa_lib.run.folders import fsync_folder, write
from qa_lib.settings.asked import ParamsFile
from qa_lib.settings.report import ReportParams
from qa_lib.settings.yaml import MOST_BYTES, UNSEEN, read_settings, read_text, shown

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
THE_NOTE = "the note"


@dataclass(frozen=True)
class Place:
    """A heading of the report; `section` is the one above it where another section has the same heading, else ""."""

    heading: str
    section: str = ""

    def of(self, lines: list[str]) -> tuple[int, str]:
        """Before which line of a commentary a note goes, and the headings that it needs there."""
        headings, end = [*_headings(lines)], len(lines)
        own, section = _folded(self.heading), _folded(self.section)
        for line, level, words, above in headings:
            if words == own and level in {2, 3} and section in {"", above}:
                return next((other for other, *_ in headings if other > line), end), ""
        for line, level, words, _ in headings:
            if words == section and level == 2:
                after = (other for other, level, *_ in headings if other > line and level < 3)
                return next(after, end), f"### {self.heading}\n\n"
        return end, f"## {self.section}\n\n### {self.heading}\n\n" if section else f"## {self.heading}\n\n"


def places_of(params: ReportParams) -> dict[str, Place]:
    """Every heading of a report that a note can stand under, in order, by the words in which it is offered.

    Raises
    ------
    QAError : exit code 5; the notebook holds what no page can show.
    """
    return _places(_page(params))


def keep_note(params: ReportParams, heading: str, text: str) -> Path:
    """Add a note to the commentary of a report, or begin one; returns its file.

    Parameters
    ----------
    heading : one of `places_of`
    text : Markdown, as it may stand in a commentary

    Raises
    ------
    QAError : the file is then as it was. Exit code 5: the note may not stand in a commentary, or the commentary was
        written for another period; 2: its file cannot be read or written.
    """
    page = _page(params)
    places = _places(page)
    if heading not in places:
        meant = did_you_mean(heading, places)
        fix = f'Did you mean "{meant}"?' if meant else "Choose one of the list."
        raise QAError([Problem("heading", "the report has no such heading for a note.", fix)], PUBLICATION)
    note = _checked(page, places[heading], text)
    path = params.path.parent / notes_file(params, read_settings(params.path, ParamsFile))
    raw = _read(path)
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    written = raw.decode("utf-8-sig")
    if not written.strip():
        written = f"# {page.title.period}\n"
    _check_period(page, written, path)
    content = mark + _with_note(written, places[heading], note).encode("utf-8")
    if len(content) > MOST_BYTES:
        fix = "Write a shorter note, or take out what is no longer needed."
        raise refused("too_large", f"with this note it would hold more than {MOST_BYTES:,} bytes.", fix, path)
    _write(path.resolve(), content)
    return path


def _page(params: ReportParams) -> Document:
    """The report's page as far as it is known before a run: its period, its headings, its prose."""
    notebook = json.loads(params.notebook.read_text(encoding="utf-8"))
    title = TitleBlock("", params.title, params.period.words, "", "", "", "", "", "", "")
    shown_title = {"output_type": "display_data", "data": {MIME: {"blocks": [to_json(title)]}}}
    prose = [cell for cell in own_cells(notebook) if cell["cell_type"] == "markdown"]
    return read_document({"cells": [{"cell_type": "code", "outputs": [shown_title]}, *prose]})


def _places(page: Document) -> dict[str, Place]:
    places: dict[str, Place] = {}
    section = ""
    headings = [(block.level, text_of(block.runs)) for block in page.headings]
    times = Counter(_folded(heading) for _, heading in headings)
    for level, heading in headings:
        section = heading if level == 2 else section
        if times[_folded(heading)] == 1:
            places[heading] = Place(heading)
        elif level == 3:
            places[f"{section}: {heading}"] = Place(heading, section)
    return places


def _checked(page: Document, place: Place, text: str) -> str:
    """A note without blank lines around it; refused where the commentary could not be shown with it."""
    note = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    problems = [] if note else [Problem("empty", "the note is empty.", "Write what is to be said.", THE_NOTE)]
    for number, line in enumerate(note.split("\n"), start=1):
        if HEADING.fullmatch(line):
            fix = "Choose the heading in the list, and begin the line with a word."
            problems.append(Problem("heading", "a line that begins with # is a heading.", fix, THE_NOTE, number))
        elif UNSEEN.search(line):
            message = "this text holds a character that no reader sees."
            problems.append(Problem("unseen", message, "Type the line again.", THE_NOTE, number))
    if problems:
        raise QAError(problems, PUBLICATION)
    _, opening = place.of([])
    before = f"# {page.title.period}\n\n{opening}"
    try:
        _place(page, before + REFERENCE.sub("this figure", note), THE_NOTE)
    except QAError as error:
        lines = before.count("\n")
        told = [replace(problem, line=(problem.line or lines) - lines) for problem in error.problems]
        raise QAError(told, PUBLICATION) from None
    return note


def _check_period(page: Document, written: str, path: Path) -> None:
    """Refuse a commentary whose first heading is not the period of the report."""
    lines = LINE.findall(written)
    first = next((at for at, *_ in _headings(lines)), len(lines))
    _place(page, "".join(lines[: first + 1]), shown(path))


def _place(page: Document, commentary: str, file: str) -> None:
    """Place a commentary on a page, for what is refused."""
    place_commentary(replace(page, title=replace(page.title, commentary=commentary, commentary_file=file)))


def _with_note(written: str, place: Place, note: str) -> str:
    """A commentary with the note in its place, blank lines around it, and lines that end as the others."""
    lines = LINE.findall(written)
    at, opening = place.of(lines)
    above, below = lines[:at], lines[at:]
    newline = next((end for end in ("\r\n", "\n", "\r") if end in lines[0]), "\n")
    gap = 2 if not above[-1].endswith(("\n", "\r")) else 1 if above[-1].strip() else 0
    added = "\n" * gap + opening + note + "\n" * (2 if below else 1)
    return "".join([*above, added.replace("\n", newline), *below])


def _headings(lines: list[str]) -> Iterator[tuple[int, int, str, str]]:
    """The headings of a commentary: line, level, words, and those of the section (level 2) that it stands in."""
    section = ""
    for at, line in enumerate(lines):
        if found := HEADING.fullmatch(line.rstrip("\r\n")):
            words = _folded(found[2].rstrip().rstrip("#"))
            section = words if len(found[1]) == 2 else section
            yield at, len(found[1]), words, section


def _folded(words: str) -> str:
    return " ".join(words.split()).casefold()


def _read(path: Path) -> bytes:
    """The commentary as it stands; nothing where there is none yet."""
    problems: list[Problem] = []
    if not os.path.lexists(path):
        return b""
    read_text(path, problems)
    if problems:
        raise QAError(problems, SETTINGS)
    return path.read_bytes()


def _write(path: Path, content: bytes) -> None:
    """Write a file beside the old one, then put it in its place in one step."""
    new = path.with_name(f".tmp-{secrets.token_hex(8)}")
    try:
        write(new, content)
        if path.exists():
            shutil.copymode(path, new)
        new.replace(path)
        fsync_folder(path.parent)
    except OSError:
        raise cannot_write(path) from None
    finally:
        new.unlink(missing_ok=True)
