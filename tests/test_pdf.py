"""The PDF is tagged, whole, the same every time, and says what the page on the screen says."""

import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pikepdf
import pytest

from qa_lib.problems import QAError
from qa_lib.report.blocks import Bullets, Cell, Chart, Heading, Paragraph, Run, Table, text_of
from qa_lib.report.document import Document, read_document
from qa_lib.report.pdf import as_list, children, render_pdf
from qa_lib.report.pdf_gate import check_pdf
from qa_lib.report.typesetting import DATA_HEADING, literal

HOSTILE = [
    '#panic("x")', "$x^2$ @ref *b* _i_ `c` <label> \\ // /* */ #set page(width: 1cm)", 'quote " and \\" backslash \\',
    "= heading", "- list", "https://example.invalid/x", "[link](x)", "\u202eright to left", "tab\there", "{{ jinja }}",
]  # fmt: skip


@pytest.fixture(scope="module")
def document(executed: Path) -> Document:
    return read_document(nbformat.read(executed, as_version=4))


@pytest.fixture(scope="module")
def raw(document: Document) -> bytes:
    return render_pdf(document)


@pytest.fixture(scope="module")
def printed(raw: bytes, needed, tmp_path_factory) -> list[tuple[str, str]]:
    """The PDF as a screen reader meets it: (kind of element, its text), by poppler's reading of the tags."""
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    path.write_bytes(raw)
    command = [needed("pdfinfo"), "-struct-text", str(path)]
    lines = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout.splitlines()
    found: list[list[str]] = []
    open_blocks: list[tuple[int, int]] = []  # how far in, and which element
    for line in lines:
        indent, words = len(line) - len(line.lstrip()), line.strip()
        while open_blocks and open_blocks[-1][0] >= indent:
            open_blocks.pop()
        if words.startswith('"'):
            found[open_blocks[-1][1]][1] += words[1:-1]
        elif (kind := re.match(r"[A-Z]\w*", words)) and kind[0] not in {
            "Span",
            "Link",
            "Strong",
            "Em",
            "Code",
            "Object",
        }:
            found.append([kind[0], ""])
            open_blocks.append((indent, len(found) - 1))
    return [(kind, tidy(text)) for kind, text in found]


def tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u200b", "")).strip()


def of(printed: list[tuple[str, str]], *kinds: str) -> list[str]:
    return [text for kind, text in printed if kind in kinds and text]


def tables_of(document: Document) -> list[Table]:
    on_page = [block for block in document.blocks if isinstance(block, Table)]
    return [*on_page, *(block.table for block in document.blocks if isinstance(block, Chart))]


def test_it_has_the_headings_of_the_page_in_order(document, printed):
    expected = [tidy(text_of(heading.runs)) for heading in document.headings]
    assert of(printed, "H1", "H2") == [*expected, DATA_HEADING]


def test_it_has_the_captions_and_cells_of_every_table_of_the_page_in_order(document, printed):
    tables = tables_of(document)
    expected = [tidy(cell.mark or cell.text) for table in tables for row in table.rows for cell in row]
    heads = {tidy(head) for table in tables for head in table.heads if head}
    cells = of(printed, "TH", "TD")
    body = [text for text in cells if text not in heads]
    assert body == [text for text in expected if text and text not in heads]
    captions = " ".join(of(printed, "Caption"))
    for table in tables:
        assert tidy(table.caption) in captions


def test_it_says_every_sentence_of_the_page_in_order(document, printed):
    text = " ".join(text for _, text in printed)
    at = 0
    for block in document.blocks:
        if isinstance(block, Paragraph | Bullets):
            for runs in [block.runs] if isinstance(block, Paragraph) else block.items:
                words = tidy(text_of(runs)).split()[:6]
                found = text.find(" ".join(words), at)
                assert found >= at, " ".join(words)
                at = found


def test_every_figure_has_the_alternative_text_of_the_page(document, raw):
    with pikepdf.open(io.BytesIO(raw)) as pdf:
        alts = [tidy(str(node.Alt)) for node in walk(pdf.Root.StructTreeRoot) if node.S == "/Figure"]
    assert alts == [tidy(text_of(block.alt)) for block in document.blocks if isinstance(block, Chart)]


def test_labels_in_charts_are_letters_that_can_be_searched(raw, needed, tmp_path):
    (tmp_path / "r.pdf").write_bytes(raw)
    text = subprocess.run(
        [needed("pdftotext"), "-f", "1", "-l", "1", str(tmp_path / "r.pdf"), "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Share good or better, with its interval" in text


def walk(node):
    for child in children(node):
        yield child
        yield from walk(child)


def test_every_row_of_every_table_begins_with_a_header_that_its_cells_name(raw, document):
    with pikepdf.open(io.BytesIO(raw)) as pdf:
        rows = [row for body in walk(pdf.Root.StructTreeRoot) if body.S == "/TBody" for row in children(body)]
        for row in rows:
            first, *others = children(row)
            assert first.S == "/TH"
            for cell in others:
                headers = [str(name) for entry in as_list(cell.get("/A")) for name in entry.get("/Headers", [])]
                assert str(first.ID) in headers
        named = [str(name) for name in list(pdf.Root.StructTreeRoot.IDTree.Kids[0].Names)[::2]]
    assert len(rows) == sum(len(table.rows) for table in tables_of(document))
    assert named == sorted(named)
    assert len(named) == len(set(named))


def test_the_first_page_stands_alone_and_the_last_holds_its_number(raw, needed, tmp_path):
    (tmp_path / "r.pdf").write_bytes(raw)

    def text_of_page(number: int) -> str:
        command = [needed("pdftotext"), "-layout", "-f", str(number), "-l", str(number), str(tmp_path / "r.pdf"), "-"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    with pikepdf.open(io.BytesIO(raw)) as pdf:
        pages = len(pdf.pages)
    first, second = text_of_page(1), text_of_page(2)
    assert "What we ask of the Board" in first
    assert "Figure 1." in first
    assert "What we audited" not in first.replace("(see What we audited", "")
    assert second.lstrip().startswith("Exampleshire. Quarterly quality assurance report, May to July 2013")
    assert f"Page {pages} of {pages}" in text_of_page(pages)
    assert 8 <= pages <= 20  # with its annexes; `test_family` counts the pages before them


def test_the_same_document_gives_the_same_bytes(document, raw):
    assert render_pdf(document) == raw


@pytest.mark.parametrize("text", HOSTILE)
def test_text_never_acts_and_reads_as_typed(document, text, needed, tmp_path):
    blocks = (Heading(2, (Run("On one page"),), "on-one-page"), Paragraph((Run(text),)), Paragraph((Run("after"),)))
    (tmp_path / "r.pdf").write_bytes(render_pdf(replace(document, blocks=blocks)))
    command = [needed("pdftotext"), "-raw", str(tmp_path / "r.pdf"), "-"]
    shown = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    plain = re.sub(r"[\u202e\t]", "", text)
    assert re.sub(r"\s", "", plain) in re.sub(r"\s", "", shown)
    with pikepdf.open(tmp_path / "r.pdf") as pdf:
        assert [note for page in pdf.pages for note in page.get("/Annots", []) if "/A" in note] == []


def test_what_the_fonts_cannot_show_is_written_as_its_number_and_told(document, needed, tmp_path):
    blocks = (Heading(2, (Run("On one page"),), "on-one-page"), Paragraph((Run("A \u4e2d\U0001f600 B"),)))
    (tmp_path / "r.pdf").write_bytes(render_pdf(replace(document, blocks=blocks)))
    command = [needed("pdftotext"), str(tmp_path / "r.pdf"), "-"]
    shown = tidy(subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout)
    assert "A [U+4E2D][U+1F600] B" in shown
    assert "written as numbers: U+4E2D, U+1F600." in shown


def test_a_very_long_word_breaks_and_a_short_one_does_not():
    assert literal("Safeguarding") == '"Safeguarding"'
    assert "\u200b" in literal("x" * 90)
    assert literal("x" * 90).replace("\u200b", "") == f'"{"x" * 90}"'


def test_a_hundred_rows_repeat_their_head_on_every_page(document, needed, tmp_path):
    rows = tuple((Cell(f"row {at}"), Cell("1")) for at in range(100))
    blocks = (
        Heading(2, (Run("On one page"),), "on-one-page"),
        Table("t", "Long", ("Name", "Count of it"), rows, (), 1),
    )
    (tmp_path / "r.pdf").write_bytes(render_pdf(replace(document, blocks=blocks)))
    command = [needed("pdftotext"), str(tmp_path / "r.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert text.count("Count of it") >= 3


def broken(raw: bytes, change) -> bytes:
    with pikepdf.open(io.BytesIO(raw)) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def no_alt(pdf):
    del next(node for node in walk(pdf.Root.StructTreeRoot) if node.S == "/Figure")["/Alt"]


def no_scope(pdf):
    del next(node for node in walk(pdf.Root.StructTreeRoot) if node.S == "/TH")["/A"]


def no_row_header(pdf):
    body = next(node for node in walk(pdf.Root.StructTreeRoot) if node.S == "/TBody")
    children(children(body)[0])[0].S = pikepdf.Name.TD


def deep_heading(pdf):
    next(node for node in walk(pdf.Root.StructTreeRoot) if node.S == "/H2").S = pikepdf.Name.H4


def untagged(pdf):
    pdf.pages[0].contents_add(b"0 0 10 10 re f")


def no_font(pdf):
    keys = ("/FontFile2", "/FontFile3")
    found = [
        (thing, key) for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) for key in keys if key in thing
    ]
    del found[0][0][found[0][1]]


def no_title(pdf):
    with pdf.open_metadata() as about:
        del about["dc:title"]


def no_mark(pdf):
    with pdf.open_metadata() as about:
        del about["{http://www.aiim.org/pdfua/ns/id/}part"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (no_alt, "figure without an alternative text"),
        (no_scope, "table header without a scope"),
        (no_row_header, "table row without a header"),
        (deep_heading, "skips from heading level"),
        (untagged, "paints something outside its tags on page 1"),
        (no_font, "font that is not inside it"),
        (no_title, "has no title"),
        (no_mark, "does not say that it is PDF/A and PDF/UA"),
        (lambda pdf: pdf.Root.__delitem__("/Lang"), "does not say its language"),
        (lambda pdf: pdf.Root.__delitem__("/Outlines"), "has no bookmarks"),
        (lambda pdf: pdf.Root.__delitem__("/MarkInfo"), "is not tagged"),
        (lambda pdf: pdf.Root.__delitem__("/ViewerPreferences"), "does not show its title"),
    ],
)
def test_the_gate_names_what_is_broken(raw, change, words):
    check_pdf(raw)
    with pytest.raises(QAError, match=words):
        check_pdf(broken(raw, change))


def test_a_second_checker_finds_no_error(raw, tmp_path):
    """pdfua looks at the machine-checkable part of PDF/UA-1; it cannot run one of its rules here."""
    (tmp_path / "r.pdf").write_bytes(raw)
    command = [sys.executable, "-m", "pdfua", "check", str(tmp_path / "r.pdf")]
    ended = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert "errors=0 warnings=0" in ended.stdout
    assert ended.returncode == 0
    assert re.findall(r"\[skip \] (\S+)", ended.stdout) == ["UA-14-001"]
