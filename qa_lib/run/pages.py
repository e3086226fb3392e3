"""What do pages look like that are no reports?

The list of packs and the comparison of two wear the reports' own style sheet
and keep its promises: nothing runs, nothing outside is asked for, every text is
escaped. They lead to other files, which a report never does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from qa_lib.report.html import ASSETS, template
from qa_lib.report.style import font_faces
from qa_lib.run.folders import write


def render(name: str, **values: object) -> str:
    """A page from one of the templates in `assets`; the same values give the same bytes.

    `colour`, checked by whoever gives it, is the council's for headings and rules, "" for the reports' own.
    """
    style = "\n".join([font_faces(), (ASSETS / "page.css").read_text(encoding="utf-8")])
    return template(name).render(style=style, **values) + "\n"


def in_common(texts: Iterable[str]) -> str:
    """What all of them say; "" where they differ.

    >>> in_common(["Official", "Official"]), in_common(["Official", ""])
    ('Official', '')
    """
    said = set(texts)
    return said.pop() if len(said) == 1 else ""


def put(page: str, path: Path) -> None:
    """Let a page appear whole, over an older one of its name; never through a link."""
    staged = path.with_name(f".tmp-page-{os.getpid()}")
    try:
        write(staged, page.encode())
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)
