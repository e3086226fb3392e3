"""What does the reader open in a browser?

One file that needs nothing else: no script, no request to anywhere, fonts and
pictures inside it, a content policy that would stop anything more. It is made
from a `Document` by a template that escapes every text.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from qa_lib.report.blocks import Block, Heading, text_of
from qa_lib.report.document import Document
from qa_lib.report.markup import block_html, runs_html
from qa_lib.report.style import font_faces

ASSETS = Path(__file__).with_name("assets")


def template(name: str) -> Template:
    """A template of `assets`, in which every text is escaped and nothing may be missing."""
    environment = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def render_html(document: Document) -> str:
    """A document as one accessible HTML page; the same document gives the same bytes."""
    page = template("page.html.j2").render(
        document=document,
        sections=list(_sections(document)),
        style=Markup(f"{_style()}\n:root {{ --blue: {document.title.colour}; }}"),
        html=block_html,
        text=text_of,
        runs=runs_html,
    )
    return page + "\n"


def _sections(document: Document) -> Iterator[list[Block]]:
    """The blocks, a list for each heading of the second level."""
    section: list[Block] = []
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 2 and section:
            yield section
            section = []
        section.append(block)
    if section:
        yield section


@cache
def _style() -> str:
    """The style sheet, fonts included."""
    return "\n".join([font_faces(), (ASSETS / "page.css").read_text(encoding="utf-8")])
