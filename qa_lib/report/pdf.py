"""What does the reader print?

One tagged PDF, built to PDF/A-2a and PDF/UA-1, from the same `Document` as the
page on the screen. Typst sets the type; a short second pass makes the first
cell of each table row its header, which Typst cannot do yet. The same document
gives the same bytes.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any, Literal

from qa_lib.problems import PUBLICATION, Problem, QAError
from qa_lib.report.document import Document
from qa_lib.report.style import FONTS
from qa_lib.report.typesetting import typeset

STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]


def render_pdf(document: Document) -> bytes:
    """A document as a tagged PDF.

    Raises
    ------
    QAError : exit code 5; Typst could not set the document (its own words, which hold no text of ours).
    """
    import typst

    made = typeset(document)
    with tempfile.TemporaryDirectory() as folder:
        main = Path(folder) / "main.typ"
        main.write_text(made.source, encoding="utf-8")
        for name, picture in made.pictures.items():
            (Path(folder) / name).write_bytes(picture)
        try:
            raw = typst.compile(
                str(main), root=folder, font_paths=[str(FONTS)], ignore_system_fonts=True, pdf_standards=[*STANDARDS]
            )
        except typst.TypstError:
            message = "the PDF could not be set."
            raise QAError([Problem("pdf", message, "Please report it, with the run id.")], PUBLICATION) from None
    return _with_row_headers(bytes(raw))


def _with_row_headers(raw: bytes) -> bytes:
    """Make the first cell of every row of a table's body a row header, and save in a fixed order."""
    import pikepdf

    with pikepdf.open(io.BytesIO(raw)) as pdf:
        ids = _Ids()
        for table in _elements(pdf.Root.StructTreeRoot, "/Table"):
            for body in _elements(table, "/TBody"):
                for row in children(body):
                    _mark_row(row, ids)
        ids.enter(pdf)
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


class _Ids:
    """Names for header cells, and the tree in which a reader looks them up."""

    def __init__(self) -> None:
        self.named: list[tuple[str, Any]] = []

    def name(self, cell: Any) -> str:
        words = f"row-header-{len(self.named):05d}"
        self.named.append((words, cell))
        return words

    def enter(self, pdf: Any) -> None:
        import pikepdf

        root = pdf.Root.StructTreeRoot
        old = [] if "/IDTree" not in root else _leaves(root.IDTree)
        names = sorted([*old, *((words.encode(), cell) for words, cell in self.named)], key=lambda pair: pair[0])
        if not names:
            return
        flat: list[Any] = [part for words, cell in names for part in (pikepdf.String(words), cell)]
        limits = pikepdf.Array([pikepdf.String(names[0][0]), pikepdf.String(names[-1][0])])
        leaf = pdf.make_indirect(pikepdf.Dictionary(Names=pikepdf.Array(flat), Limits=limits))
        root.IDTree = pikepdf.Dictionary(Kids=pikepdf.Array([leaf]))


def _leaves(node: Any) -> list[tuple[bytes, Any]]:
    found = []
    if "/Names" in node:
        names = list(node.Names)
        found = [(bytes(names[at]), names[at + 1]) for at in range(0, len(names), 2)]
    for kid in node.get("/Kids", []):
        found += _leaves(kid)
    return found


def _mark_row(row: Any, ids: _Ids) -> None:
    import pikepdf

    cells = [cell for cell in children(row) if cell.get("/S") in {"/TD", "/TH"}]
    if not cells or cells[0].S != "/TD":
        return
    first, *others = cells
    first.S = pikepdf.Name.TH
    first.A = pikepdf.Dictionary(O=pikepdf.Name.Table, Scope=pikepdf.Name.Row)
    words = ids.name(first)
    first.ID = pikepdf.String(words)
    for cell in others:
        _add_header(cell, words)


def _add_header(cell: Any, words: str) -> None:
    """Name a row header among the headers of a cell, beside those it has."""
    import pikepdf

    found = as_list(cell.get("/A"))
    for entry in found:
        if isinstance(entry, pikepdf.Dictionary) and entry.get("/O") == "/Table":
            entry.Headers = pikepdf.Array([*as_list(entry.get("/Headers")), pikepdf.String(words)])
            return
    new = pikepdf.Dictionary(O=pikepdf.Name.Table, Headers=pikepdf.Array([pikepdf.String(words)]))
    cell.A = pikepdf.Array([*found, new]) if found else new


def children(node: Any) -> list[Any]:
    """The structure elements directly below a node."""
    import pikepdf

    return [kid for kid in as_list(node.get("/K")) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]


def as_list(found: Any) -> list[Any]:
    """A PDF's "one or several" as a list."""
    import pikepdf

    if isinstance(found, pikepdf.Array):
        several: Any = found
        return list(several)
    return [] if found is None else [found]


def _elements(node: Any, kind: str) -> list[Any]:
    """Every element of a kind at or below a node, in order."""
    found = [node] if node.get("/S") == kind else []
    for child in children(node):
        found += _elements(child, kind)
    return found
