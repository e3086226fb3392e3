"""What did the notebook say?

An executed notebook is read once into a `Document`: its Markdown cells and our
own displays, in order, with headings, tables and figures numbered. Whatever
renders a page renders this, so that HTML and PDF cannot differ. Any other
display, an error, or markup that a page does not know refuses the reading and
names the cell; what was printed (stdout, stderr) never enters a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import mistune

from qa_lib.problems import PUBLICATION, Problem, QAError
from qa_lib.report.blocks import (
    MIME,
    Block,
    Bullets,
    Chart,
    Heading,
    Missing,
    Paragraph,
    Run,
    Runs,
    Table,
    TitleBlock,
    from_json,
    text_of,
)  # fmt: skip
from qa_lib.report.facts import slug

STYLES = {"strong": "strong", "emphasis": "emphasis"}


@dataclass(frozen=True)
class Document:
    """A report as read: its title block, the blocks below it in order, its notes (the first is number 1)."""

    title: TitleBlock
    blocks: tuple[Block, ...]
    notes: tuple[Runs, ...] = ()

    @property
    def headings(self) -> tuple[Heading, ...]:
        """The headings, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Heading))


def read_document(notebook: Mapping[str, Any]) -> Document:
    """Read an executed notebook (nbformat 4 as a mapping).

    Raises
    ------
    QAError : exit code 5; every cell that holds what a page cannot show.
    """
    problems: list[Problem] = []
    read: list[tuple[Block, bool]] = []
    notes: list[Runs] = []
    for number, cell in enumerate(own_cells(notebook), start=1):
        try:
            if cell["cell_type"] == "markdown":
                read += [(block, False) for block in markdown_blocks("".join(cell["source"]), notes)]
            elif cell["cell_type"] == "code":
                read += [(block, True) for block in _displays(cell.get("outputs", []))]
        except CannotShowError as fault:
            problems.append(Problem("cell", f"cell {number} of the notebook {fault}.", fault.fix))
    titles = [block for block, _ in read if isinstance(block, TitleBlock)]
    if len(titles) != 1:
        message = "the notebook does not display its report once: its second cell should end with `report`."
        problems.append(Problem("title", message))
    if problems:
        raise QAError(problems, PUBLICATION)
    kept = _without_empty_sections([pair for pair in read if not isinstance(pair[0], TitleBlock)])
    blocks, said = _with_notes(kept, notes)
    return Document(titles[0], _numbered(blocks), said)


def own_cells(notebook: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The cells as the analyst counts them: without the one that papermill put in."""
    injected = "injected-parameters"
    return [cell for cell in notebook["cells"] if injected not in cell.get("metadata", {}).get("tags", [])]


def markdown_blocks(source: str, notes: list[Runs]) -> list[Block]:
    """The blocks of one Markdown cell, its footnotes added to `notes`.

    None for the opening cell (`# ...`), which is for JupyterLab.

    Raises
    ------
    CannotShowError : the first thing in it that a page cannot show.
    """
    if source.lstrip().startswith("# "):
        return []
    parse = mistune.create_markdown(renderer=None, plugins=["table", "footnotes"])
    before = len(notes)
    blocks: list[Block] = []
    for node in cast(list[dict[str, Any]], parse(source)):
        kind = node["type"]
        if kind == "heading":
            blocks.append(Heading(node["attrs"]["level"], _runs(node["children"], before)))
        elif kind == "paragraph":
            blocks.append(Paragraph(_runs(node["children"], before)))
        elif kind == "list":
            if node["attrs"].get("start", 1) != 1:
                raise CannotShowError(
                    "holds a numbered list that does not begin with 1",
                    "Begin it with 1, or let no line open with a number.",
                )
            items = tuple(_item(item, before) for item in node["children"])
            blocks.append(Bullets(items, bool(node["attrs"].get("ordered"))))
        elif kind == "footnotes":
            notes += [_item(item, before) for item in node["children"]]
        elif kind != "blank_line":
            raise CannotShowError(
                f"holds Markdown that a page does not show ({kind})", "Write it as paragraphs and lists."
            )
    return blocks


class CannotShowError(Exception):
    """Something that a page cannot show, and the cure."""

    def __init__(self, words: str, fix: str) -> None:
        super().__init__(words)
        self.fix = fix


def _item(item: Mapping[str, Any], notes: int) -> Runs:
    inner = item["children"]
    if len(inner) != 1 or inner[0]["type"] not in {"block_text", "paragraph"}:
        raise CannotShowError("holds a list inside a list", "Make it one list.")
    return _runs(inner[0]["children"], notes)


def _runs(nodes: Iterable[Mapping[str, Any]], notes: int, style: str = "", href: str = "") -> Runs:
    """Inline nodes as runs; `notes` is how many notes stand before this cell's."""
    runs: list[Run] = []
    for node in nodes:
        kind = node["type"]
        if kind == "text":
            runs.append(Run(node["raw"], style=style, href=href))
        elif kind == "codespan":
            runs.append(Run(node["raw"], style="code", href=href))
        elif kind in {"softbreak", "linebreak"}:
            runs.append(Run(" ", style=style, href=href))
        elif kind == "footnote_ref":
            number = notes + node["attrs"]["index"]
            runs.append(Run(str(number), style="note", href=f"#note-{number}"))
        elif kind in STYLES:
            runs += _runs(node["children"], notes, STYLES[kind], href)
        elif kind == "link" and node["attrs"]["url"].startswith("#"):
            runs += _runs(node["children"], notes, style, node["attrs"]["url"])
        else:
            fix = "A page shows plain words, emphasis and links to its own headings."
            raise CannotShowError(f"holds Markdown that a page does not show ({kind})", fix)
    return tuple(runs)


def _displays(outputs: Iterable[Mapping[str, Any]]) -> list[Block]:
    blocks: list[Block] = []
    for output in outputs:
        if output["output_type"] == "stream":
            continue
        if output["output_type"] == "error":
            raise CannotShowError("ended in an error", "Run the notebook again from its first cell.")
        data = output.get("data", {})
        if MIME not in data:
            raise CannotShowError(
                "displays something that is not a table, a chart or sentences of this library",
                "Show it through the library, or end the line with a semicolon.",
            )
        try:
            blocks += [from_json(block) for block in data[MIME]["blocks"]]
        except (KeyError, TypeError, ValueError):
            raise CannotShowError("holds a display that cannot be read", "Run the notebook again.") from None
    return blocks


def _without_empty_sections(read: list[tuple[Block, bool]]) -> list[Block]:
    """Leave out each heading below which every display is missing; `read` says which blocks are displays."""
    gone: set[int] = set()
    for at, (heading, _) in enumerate(read):
        if isinstance(heading, Heading):
            end = at + 1
            while end < len(read) and not _opens_another(read[end][0], heading.level):
                end += 1
            displays = [block for block, is_display in read[at:end] if is_display]
            if displays and all(isinstance(block, Missing) for block in displays):
                gone.update(range(at, end))
    return [block for at, (block, _) in enumerate(read) if at not in gone and not isinstance(block, Missing)]


def _with_notes(blocks: list[Block], notes: list[Runs]) -> tuple[list[Block], tuple[Runs, ...]]:
    """Notes that the blocks still refer to, numbered anew in the order in which they are first named."""
    order: dict[str, int] = {}

    def renumbered(runs: Runs) -> Runs:
        done = []
        for run in runs:
            if run.style == "note":
                number = order.setdefault(run.text, len(order) + 1)
                done.append(replace(run, text=str(number), href=f"#note-{number}"))
            else:
                done.append(run)
        return tuple(done)

    told: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            told.append(replace(block, runs=renumbered(block.runs)))
        elif isinstance(block, Bullets):
            told.append(replace(block, items=tuple(renumbered(item) for item in block.items)))
        else:
            told.append(block)
    return told, tuple(notes[int(number) - 1] for number in order)


def _opens_another(block: Block, level: int) -> bool:
    return isinstance(block, Heading) and block.level <= level


def _numbered(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Tables and figures numbered, ids made unique, headings given an id from their words."""
    ids: dict[str, int] = {}
    tables = figures = 0

    def unique(name: str) -> str:
        ids[name] = ids.get(name, 0) + 1
        return name if ids[name] == 1 else f"{name}-{ids[name]}"

    done: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading):
            done.append(replace(block, id=unique(slug(text_of(block.runs)).replace("_", "-"))))
        elif isinstance(block, Table):
            tables += 1
            done.append(replace(block, id=unique(block.id), number=tables))
        elif isinstance(block, Chart):
            figures += 1
            name = unique(block.id)
            behind = replace(block.table, id=unique(block.table.id))
            svg = (
                block.svg.replace(block.id.removesuffix("-chart") + "-", f"f{figures}-")
                if name != block.id
                else block.svg
            )
            done.append(replace(block, id=name, number=figures, table=behind, svg=svg))
        else:
            done.append(block)
    return tuple(done)
