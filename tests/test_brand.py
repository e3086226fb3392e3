"""A council's own look is shown on page and print, and refused where some readers could not see it."""

import base64
import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import nbformat
import pikepdf
import pytest

from qa_lib.problems import QAError
from qa_lib.report.document import Document, read_document
from qa_lib.report.html import render_html
from qa_lib.report.html_gate import check_html
from qa_lib.report.pdf import render_pdf
from qa_lib.report.pdf_gate import check_pdf
from qa_lib.settings.brand import Brand, contrast_with_white, read_logo
from qa_lib.settings.framework import Framework
from qa_lib.settings.yaml import read_settings

EXAMPLE = Path(__file__).parents[1] / "params" / "example"


def png() -> bytes:
    """A red square of two by two."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00\xff\x00\x00\xff\x00\x00" * 2)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", pixels) + part(b"IEND", b"")


# Expected ratios: the contrast of the government Analysis Function's palette with white, as its guidance rounds them.
@pytest.mark.parametrize(
    ("colour", "ratio"), [("#12436D", 10.3), ("#801650", 9.8), ("#3D3D3D", 10.9), ("#28A197", 3.2), ("#F46A25", 3.0)]
)
def test_contrast_agrees_with_published_figures(colour, ratio):
    assert contrast_with_white(colour) == pytest.approx(ratio, abs=0.06)


@pytest.mark.parametrize(
    ("brand", "words"),
    [
        ('{colour: "#28A197"}', "brand.colour: its contrast with white is 3.2 to 1; it needs 4.5 to 1"),
        ('{chart_colour: "#FFD700"}', "brand.chart_colour: its contrast"),
        ('{colour: "red"}', "colour"),
        ('{colour: "#12436D;} body{display:none"}', "colour"),
        ("{logo: logo.png}", "a logo needs the words"),
        ('{logo_alt: "Arms"}', "a logo needs the words"),
        ('{color: "#12436D"}', 'Did you mean "colour"?'),
    ],
)
def test_a_look_that_some_could_not_see_or_hear_is_refused_by_line(tmp_path, brand, words):
    text = (EXAMPLE / "framework.yml").read_text(encoding="utf-8")
    start = text.index("brand:")
    text = f"{text[:start]}brand: {brand}\n\n{text[text.index('scale:') :]}"
    (tmp_path / "f.yml").write_text(text, encoding="utf-8")
    with pytest.raises(QAError) as refused:
        read_settings(tmp_path / "f.yml", Framework)
    line = text[:start].count("\n") + 1
    assert any(words in problem.sentence and problem.line == line for problem in refused.value.problems)


def test_a_logo_is_a_png_beside_the_framework(tmp_path):
    brand = Brand(logo="logo.png", logo_alt="Arms of the council")
    framework = tmp_path / "framework.yml"
    assert "no file logo.png" in read_logo(framework, brand)[1][0].message
    (tmp_path / "logo.png").write_bytes(b"<svg onload='x'/>")
    assert "no PNG" in read_logo(framework, brand)[1][0].message
    (tmp_path / "logo.png").write_bytes(png())
    assert read_logo(framework, brand) == (base64.b64encode(png()).decode(), [])


@pytest.fixture(scope="module")
def branded(executed: Path) -> Document:
    document = read_document(nbformat.read(executed, as_version=4))
    look = {"colour": "#801650", "logo": base64.b64encode(png()).decode(), "logo_alt": 'Arms "of" <Exampleshire>'}
    return replace(document, title=replace(document.title, **look))


def test_colour_and_logo_are_on_the_page_with_the_words_for_those_who_cannot_see_it(branded):
    page = render_html(branded)
    check_html(page)
    assert "--blue: #801650" in page
    assert 'alt="Arms &#34;of&#34; &lt;Exampleshire&gt;"' in page


def test_colour_and_logo_are_in_the_pdf_with_the_words_for_those_who_cannot_see_it(branded):
    raw = render_pdf(branded)
    check_pdf(raw)
    with pikepdf.open(io.BytesIO(raw)) as pdf:
        alts = [str(thing.Alt) for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and "/Alt" in thing]
    assert 'Arms "of" <Exampleshire>' in alts
