"""How does a page look in print?

A `Document` becomes Typst markup. All text enters through string literals, so
that no character of it can be markup; what a font cannot show is written as
its number ([U+4E2D]), because no text from an extract may stop a build. Tables
behind charts, folded away on the screen, stand in a last annex.
"""

from __future__ import annotations

import base64
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from qa_lib.report.blocks import Block, Bullets, Cell, Chart, Commentary, Heading, Paragraph, Run, Table, text_of
from qa_lib.report.document import Document
from qa_lib.report.style import FONTS

TEMPLATE = Path(__file__).with_name("assets") / "page.typ"
LONG_WORD, BREAK_EVERY = 25, 12
LOGO = "logo.png"
LONG_TABLE = 14
"""Tables of more rows than this may be parted between pages; their heads are repeated."""
LEAST_LETTERS, MOST_LETTERS, MOST_FIGURES, SHORT_HEAD, ROUND_FIGURES = 16, 40, 16, 10, 3
"""When columns are weighed: the letters of words, of figures, of a head that stays on one line, around a figure."""
DATA_HEADING = "Data behind the charts"
FEW_SECTIONS = 6
"""A report of so many sections or fewer has no contents, and runs on where its first section ends."""


@dataclass(frozen=True)
class Typeset:
    """Typst source, and the pictures it names (file name → bytes)."""

    source: str
    pictures: dict[str, bytes]


def typeset(document: Document) -> Typeset:
    """A document as Typst source and pictures; the same document gives the same text."""
    charts = [block for block in document.blocks if isinstance(block, Chart)]
    pictures = {f"figure-{chart.number}.svg": chart.svg.encode() for chart in charts}
    if document.title.logo:
        pictures[LOGO] = base64.b64decode(document.title.logo)
    colour = f"#let blue = rgb({literal(document.title.colour)})"
    parts = [colour, TEMPLATE.read_text(encoding="utf-8"), _opening(document)]
    first = _first_section(document)
    parts += [f"#let note-{number} = [{_runs(note)}]" for number, note in enumerate(document.notes, start=1)]
    behind = [_heading(Heading(2, (Run(DATA_HEADING),), "data-behind-the-charts"))] if charts else []
    behind += [_table(chart.table, f"Data of Figure {chart.number}. ") for chart in charts]
    rest = "\n\n".join([_markup([*document.blocks[len(first) :], *_unshown_note(document)]), *behind])
    if sum(heading.level == 2 for heading in document.headings) > FEW_SECTIONS:
        parts += [f"#first-page[\n{_markup(first)}\n]", "#contents()", rest]
    else:
        parts.append(f"#short-report[\n{_markup(first)}\n\n{rest}\n]")
    return Typeset("\n\n".join(parts) + "\n", pictures)


def literal(text: str) -> str:
    """Text as a Typst string: quotes and backslashes escaped, long words given places to break."""
    words = [_breakable(word) for word in _showable(text).split(" ")]
    escaped = " ".join(words).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _opening(document: Document) -> str:
    """The call that sets up the document: its properties, running head and title block."""
    title = document.title
    day = datetime.strptime(title.as_of, "%d %B %Y")  # noqa: DTZ007  a date without a time of day
    terms = [
        ("Period", title.period), ("Report to", title.report_to), ("Date", title.as_of),
        ("Author", title.author), ("Status", title.status), ("Audience", title.audience),
    ]  # fmt: skip
    pairs = ", ".join(f"({literal(name)}, {literal(words)})" for name, words in terms)
    named = {
        "council": title.council, "name": title.title, "author": title.author, "marking": title.marking,
        "run": title.run_id, "status": title.status,
    }  # fmt: skip
    fields = ", ".join(f"{key}: {literal(words)}" for key, words in named.items())
    date = f"datetime(year: {day.year}, month: {day.month}, day: {day.day})"
    logo = f', logo: ("{LOGO}", {literal(title.logo_alt)})' if title.logo else ""
    return f"#show: report.with({fields}, date: {date}, terms: ({pairs}){logo})"


def _first_section(document: Document) -> tuple[Block, ...]:
    """The blocks of the first page: up to the second heading of level 2."""
    at = [at for at, block in enumerate(document.blocks) if isinstance(block, Heading) and block.level == 2]
    return document.blocks[: at[1]] if len(at) > 1 else document.blocks


def _markup(blocks: Iterable[Block]) -> str:
    return "\n\n".join(_block(block) for block in blocks)


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return _heading(block)
    if isinstance(block, Paragraph | Bullets):
        return _prose(block)
    if isinstance(block, Commentary):
        return f"#commentary({literal(block.title)})[\n{_markup(block.blocks)}\n]"
    if isinstance(block, Table):
        return _table(block, f"Table {block.number}. ")
    if isinstance(block, Chart):
        alt = literal(text_of(block.alt))
        caption = literal(f"Figure {block.number}. {block.caption}")
        return f'#chart([{_runs(block.title)}], "figure-{block.number}.svg", {alt}, {caption})'
    return ""


def _prose(block: Paragraph | Bullets) -> str:
    if isinstance(block, Paragraph):
        return f"#par[{_runs(block.runs)}]"
    kind = "enum" if block.ordered else "list"
    return f"#{kind}({', '.join(f'[{_runs(item)}]' for item in block.items)})"


def _heading(block: Heading) -> str:
    return f"#heading(level: {block.level - 1})[{_runs(block.runs)}] <{block.id}>"


def _runs(runs: Iterable[Run]) -> str:
    return "".join(_run(run) for run in runs)


def _run(run: Run) -> str:
    if run.style == "note":
        return f"#footnote(note-{int(run.text)})"
    text = f"#{literal(run.text)}" if not run.style else f"#{STYLES[run.style]}({literal(run.text)})"
    return f"#link(<{run.href.removeprefix('#')}>)[{text}]" if run.href else text


STYLES = {"strong": "strong", "emphasis": "emph", "code": "code", "label": "label-box"}


def _table(table: Table, numbered: str) -> str:
    """Caption above, repeated head, notes below; the first cell of each row is its header."""
    heads = ", ".join(f"[#{literal(head)}]" for head in table.heads)
    rows = ",\n".join(", ".join(_cell(cell) for cell in row) for row in table.rows)
    notes = ", ".join(literal(note) for note in table.notes)
    long = "true" if len(table.rows) > LONG_TABLE or table.words else "false"
    widths = "".join(f"{width}, " for width in _widths(table))
    above = f"{literal(numbered + table.caption)}, ({heads},), ({notes}{',' if notes else ''})"
    return f"#data-table({above}, ({widths}), {'true' if table.words else 'false'}, {long},\n{rows})"


def _widths(table: Table) -> list[int]:
    """How wide each column should be beside the others, in letters: words may wrap, figures may not."""
    if table.words:
        return [_wide_enough([head, *(row[at].text for row in table.rows)]) for at, head in enumerate(table.heads)]
    widths = []
    for at, head in enumerate(table.heads):
        cells = [len(row[at].mark or row[at].text) for row in table.rows]
        longest_word = max(map(len, head.split()), default=0)
        if at == 0:
            widths.append(min(max(longest_word, LEAST_LETTERS, *cells), MOST_LETTERS))
        else:
            longest = min(max(cells, default=0), MOST_FIGURES)
            widths.append(max(longest_word, min(len(head), SHORT_HEAD), longest) + ROUND_FIGURES)
    return widths


def _wide_enough(texts: list[str]) -> int:
    """A column of words: its longest word fits, and what holds more is wider, though less than in proportion."""
    longest = max((len(word) for text in texts for word in text.split()), default=0)
    return max(min(longest, LONG_WORD), round(4 * math.sqrt(sum(map(len, texts)) / len(texts))))


def _cell(cell: Cell) -> str:
    return f"[#{literal(cell.mark or cell.text)}]"


def _breakable(word: str) -> str:
    if len(word) <= LONG_WORD:
        return word
    return "\u200b".join(word[at : at + BREAK_EVERY] for at in range(0, len(word), BREAK_EVERY))


def _showable(text: str) -> str:
    return "".join(mark if _has_glyph(mark) else "" if _is_silent(mark) else f"[U+{ord(mark):04X}]" for mark in text)


def _is_silent(mark: str) -> bool:
    """Characters that show nothing: controls, joiners, direction marks."""
    return unicodedata.category(mark) in {"Cc", "Cf", "Mn"}


def _has_glyph(mark: str) -> bool:
    return mark == " " or ord(mark) in _glyphs()


@cache
def _glyphs() -> frozenset[int]:
    """The characters that every face of the family can show."""
    from fontTools.ttLib import TTFont

    faces = []
    for path in sorted(FONTS.glob("*.ttf")):
        with TTFont(path, lazy=True) as face:
            faces.append(frozenset(face.getBestCmap()))
    return frozenset.intersection(*faces)


def _unshown_note(document: Document) -> list[Block]:
    """A sentence on the characters that are written as numbers, where there are any."""
    texts = [str(value) for value in vars(document.title).values() if isinstance(value, str)]
    texts += [text for block in document.blocks for text in _texts(block)]
    unshown = sorted({mark for text in texts for mark in text if not _has_glyph(mark) and not _is_silent(mark)})
    if not unshown:
        return []
    numbers = ", ".join(f"U+{ord(mark):04X}" for mark in unshown)
    return [
        Paragraph((Run(f"The print fonts cannot show these characters, which are written as numbers: {numbers}."),))
    ]


def _texts(block: Block) -> list[str]:
    """The texts of a block that may hold a character which the fonts have not."""
    if isinstance(block, Heading | Paragraph):
        return [text_of(block.runs)]
    if isinstance(block, Bullets):
        return [text_of(item) for item in block.items]
    if isinstance(block, Commentary):
        return [text for part in block.blocks for text in _texts(part)]
    return [cell.text for row in block.rows for cell in row] if isinstance(block, Table) else []
