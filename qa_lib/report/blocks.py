"""What can stand on a page?

A page is a row of blocks: headings, paragraphs, lists, tables, charts, boxes
of the author's own words. A notebook's displays are blocks of ours and nothing else; they travel in the
executed notebook as JSON under one MIME type, so that the page is rendered
from structure and no renderer ever parses another's output.

Text is held in runs. A run that says a figure names the facts it says, which is
how the page is checked before it is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

MIME = "application/vnd.qa.block+json"


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style: "", "strong", "emphasis", "code", "label" or "note".

    The text of a note is its number; the note itself stands in `Document.notes`.
    """

    text: str
    facts: tuple[str, ...] = ()
    style: str = ""
    href: str = ""


Runs = tuple[Run, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; `level` 2 or 3, the page's title being the only one of level 1."""

    level: int
    runs: Runs
    id: str = ""


@dataclass(frozen=True)
class Paragraph:
    """One or more sentences."""

    runs: Runs


@dataclass(frozen=True)
class Bullets:
    """A list, numbered if `ordered`."""

    items: tuple[Runs, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Commentary:
    """What the author adds, in a box of its own under a label, so that it is not taken for the report's own words."""

    blocks: tuple[Paragraph | Bullets, ...]
    title: str = "Commentary by the author"


@dataclass(frozen=True)
class Cell:
    """A table's cell: text made of `facts`, or a `mark` ("c" hidden, "z" no base) in place of one."""

    text: str
    facts: tuple[str, ...] = ()
    mark: str = ""


@dataclass(frozen=True)
class Table:
    """Caption, headings, rows of cells (the first of each row is its header), notes.

    Cells but the headers are figures, unless `words` says that they are words: these are set to be read, not compared.
    """

    id: str
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    number: int = 0
    words: bool = False


@dataclass(frozen=True)
class Chart:
    """A picture that cannot exist without its alt text, its caption and its data.

    `title` says the finding and stands above; `caption` says what is drawn and
    stands below; `facts` are those that title, alt text and labels speak of.
    """

    id: str
    title: Runs
    caption: str
    alt: Runs
    svg: str
    table: Table
    labels: tuple[Run, ...] = ()
    number: int = 0

    def __post_init__(self) -> None:
        for name in ("title", "alt"):
            if not text_of(getattr(self, name)).strip():
                raise ValueError(f"a chart needs its {name}")
        if not self.caption.strip() or not self.table.rows:
            raise ValueError("a chart needs its caption and the table behind it")


@dataclass(frozen=True)
class Missing:
    """Something that this report does not have, and why; a section of nothing else is left out of the page."""

    title: str
    why: str


@dataclass(frozen=True)
class TitleBlock:
    """What stands at the head of every report; `facts` is the whole ledger, for the record.

    `colour` is the council's, `logo` a PNG as base64 ("" for none). `commentary` is the author's words as Markdown
    and `commentary_file` where they stand; both are "" once the words have their places on the page.
    """

    council: str
    title: str
    period: str
    report_to: str
    author: str
    as_of: str
    audience: str
    status: str
    marking: str
    run_id: str
    colour: str = "#12436D"
    logo: str = ""
    logo_alt: str = ""
    facts: tuple[Mapping[str, Any], ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)
    commentary: str = ""
    commentary_file: str = ""


Block = Heading | Paragraph | Bullets | Commentary | Table | Chart | Missing | TitleBlock
KINDS: dict[str, Any] = {
    kind.__name__: kind for kind in (Heading, Paragraph, Bullets, Commentary, Table, Chart, Missing, TitleBlock)
}


@dataclass(frozen=True)
class Shown:
    """One or more blocks as a notebook displays them: our JSON for the page, HTML for JupyterLab."""

    blocks: tuple[Block, ...]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        from qa_lib.report.markup import blocks_html, for_jupyterlab
        from qa_lib.report.style import font_faces

        opens = any(isinstance(block, TitleBlock) for block in self.blocks)  # once a notebook: the fonts of all below
        return {
            MIME: {"blocks": [to_json(block) for block in self.blocks]},
            "text/html": (f"<style>{font_faces()}</style>" if opens else "") + for_jupyterlab(blocks_html(self.blocks)),
            "text/plain": "\n".join(text_of_block(block) for block in self.blocks),
        }


def to_json(block: Block) -> dict[str, Any]:
    """A block as plain JSON, with its kind."""
    inside = {"blocks": [to_json(part) for part in block.blocks]} if isinstance(block, Commentary) else {}
    return {"kind": type(block).__name__, **asdict(block), **inside}


def from_json(data: Mapping[str, Any]) -> Block:
    """The block again; raises KeyError or TypeError if the JSON is not one of ours."""
    kind = KINDS[data["kind"]]
    made = {key: value for key, value in data.items() if key != "kind"}
    for key in ("runs", "title", "alt", "labels"):
        if isinstance(made.get(key), list | tuple):
            made[key] = _runs(made[key])
    if kind is Bullets:
        made["items"] = tuple(_runs(item) for item in made["items"])
    if kind is Commentary:
        made["blocks"] = tuple(_prose(part) for part in made["blocks"])
    if kind is Table:
        made = _table_parts(made)
    if kind is Chart:
        made["table"] = Table(**_table_parts(made["table"]))
    if kind is TitleBlock:
        made["facts"] = tuple(made["facts"])
    block: Block = kind(**made)
    return block


def text_of(runs: Iterable[Run]) -> str:
    """The text of some runs, joined."""
    return "".join(run.text for run in runs)


def text_of_block(block: Block) -> str:
    """A block's words, for a terminal."""
    if isinstance(block, Heading | Paragraph):
        return text_of(block.runs)
    if isinstance(block, Bullets):
        return "\n".join(f"- {text_of(item)}" for item in block.items)
    if isinstance(block, Commentary):
        return "\n".join([block.title, *map(text_of_block, block.blocks)])
    if isinstance(block, Chart):
        return f"{text_of(block.title)}\n{text_of(block.alt)}"
    if isinstance(block, Table):
        return "\n".join([block.caption, *(" | ".join(cell.text for cell in row) for row in block.rows)])
    return f"Not in this report: {block.title}, because {block.why}." if isinstance(block, Missing) else block.title


def _prose(data: Mapping[str, Any]) -> Paragraph | Bullets:
    part = from_json(data)
    if not isinstance(part, Paragraph | Bullets):
        raise TypeError("a box of commentary holds paragraphs and lists")
    return part


def _runs(data: Iterable[Mapping[str, Any]]) -> Runs:
    return tuple(Run(run["text"], tuple(run["facts"]), run["style"], run["href"]) for run in data)


def _table_parts(data: Mapping[str, Any]) -> dict[str, Any]:
    made = {key: value for key, value in data.items() if key != "kind"}
    made["rows"] = tuple(
        tuple(Cell(cell["text"], tuple(cell["facts"]), cell["mark"]) for cell in row) for row in made["rows"]
    )
    return made | {"heads": tuple(made["heads"]), "notes": tuple(made["notes"])}
