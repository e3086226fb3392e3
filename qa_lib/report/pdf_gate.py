"""Can everyone read this PDF?

A structural check of our own, inside every run: whatever a reader with a screen
reader needs must be in the file before it is published. It proves less than a
full validator, and asks only what it can answer surely.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from qa_lib.problems import PUBLICATION, Problem, QAError
from qa_lib.report.pdf import as_list, children

PAINTS = {"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh", "INLINE IMAGE"}
PDFA, PDFUA = "{http://www.aiim.org/pdfa/ns/id/}part", "{http://www.aiim.org/pdfua/ns/id/}part"


def check_pdf(raw: bytes) -> None:
    """Refuse a PDF that lacks what makes it readable for everyone.

    Title, language, tags, bookmarks; an alternative text on every figure; a
    scope on every table header, and a row header in every row; headings that
    skip no level; nothing painted outside the tags; fonts inside the file; the
    marks of PDF/A and PDF/UA.

    Raises
    ------
    QAError : exit code 5, with every fault.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(raw)) as pdf:
        faults = [*_of_the_file(pdf), *_of_the_tags(pdf), *_of_the_pages(pdf)]
    if faults:
        fix = "Please report it, with the run id."
        raise QAError([Problem("pdf", f"the PDF {fault}.", fix) for fault in faults], PUBLICATION)


def _of_the_file(pdf: Any) -> Iterator[str]:
    root = pdf.Root
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as about:
        if not about.get("dc:title"):
            yield "has no title"
        if about.get(PDFA) != "2" or about.get(PDFUA) != "1":
            yield "does not say that it is PDF/A and PDF/UA"
    if not str(root.get("/Lang", "")):
        yield "does not say its language"
    if not root.get("/MarkInfo", {}).get("/Marked", False) or "/StructTreeRoot" not in root:
        yield "is not tagged"
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False):
        yield "does not show its title"
    if "/Outlines" not in root or "/First" not in root.Outlines:
        yield "has no bookmarks"


def _of_the_tags(pdf: Any) -> Iterator[str]:
    level = 0
    for element in _walk(pdf.Root.get("/StructTreeRoot", {})):
        kind = str(element.get("/S", ""))
        if kind == "/Figure" and not str(element.get("/Alt", "")).strip():
            yield "has a figure without an alternative text"
        if kind == "/TH" and not any("/Scope" in entry for entry in _attributes(element)):
            yield "has a table header without a scope"
        if kind == "/TBody" and any(_first_cell(row) != "/TH" for row in children(element)):
            yield "has a table row without a header"
        if len(kind) == 3 and kind.startswith("/H") and kind[2].isdigit():
            if int(kind[2]) > level + 1:
                yield f"skips from heading level {level} to {kind[2]}"
            level = int(kind[2])


def _of_the_pages(pdf: Any) -> Iterator[str]:
    import pikepdf

    for number, page in enumerate(pdf.pages, start=1):
        depth = 0
        for operation in pikepdf.parse_content_stream(page):
            name = str(operation.operator)
            depth += (name in {"BDC", "BMC"}) - (name == "EMC")
            if depth == 0 and name in PAINTS:
                yield f"paints something outside its tags on page {number}"
                break
    for font in {font.objgen: font for font in _fonts(pdf)}.values():
        if not any(key in font for key in ("/FontFile", "/FontFile2", "/FontFile3")):
            yield "uses a font that is not inside it"


def _fonts(pdf: Any) -> Iterator[Any]:
    """The descriptor of every font in the file."""
    import pikepdf

    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor":
            yield thing


def _walk(node: Any) -> Iterator[Any]:
    """Structure elements, each before those below it."""
    for kid in children(node):
        yield kid
        yield from _walk(kid)


def _first_cell(row: Any) -> str:
    cells = children(row)
    return str(cells[0].get("/S", "")) if cells else ""


def _attributes(element: Any) -> list[Any]:
    import pikepdf

    return [entry for entry in as_list(element.get("/A")) if isinstance(entry, pikepdf.Dictionary)]
