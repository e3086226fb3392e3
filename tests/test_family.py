"""Every report of the family, by the gates that the first one passes, in a real browser and by strangers' checkers."""

import json

import pikepdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import FAMILY

PAGES = {"bulletin": (2, 2), "draw": (1, 1), "themed": (6, 14), "workshop": (2, 4), "2013": (8, 20)}
"""The fewest and the most, as the reader is promised."""
BEFORE_ANNEXES = {"2013": (8, 12)}
"""The same up to the page on which the first annex begins."""


@pytest.fixture(params=FAMILY)
def report(family, request):
    """One pack of each report."""
    return family[request.param]


@pytest.mark.parametrize("width", [1280, 320])
def test_axe_and_the_browser_have_no_complaint_and_the_page_does_not_scroll_sideways(report, browser, width):
    tab = browser.new_page(viewport={"width": width, "height": 900})
    complaints, asked = [], []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((report / "report.html").as_uri(), wait_until="networkidle")
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    found = Axe().run(tab)
    inside, window = tab.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    tab.close()
    assert len(found.response["passes"]) > 20  # so many rules had something to look at
    assert found.violations_count == 0, found.generate_report()
    assert inside <= window
    assert complaints == []
    assert [url.partition(":")[0] for url in asked if not url.startswith("data:font/")] == ["file"]


def test_nu_has_nothing_to_say_of_any_page(family, nu):
    said = nu(*(pack / "report.html" for pack in family.values()))
    assert {page.parent.parent.name: words for page, words in said.items() if words} == {}


def annexes_begin(document):
    """The number of the page on which the first annex begins, by the PDF's own outline."""
    with document.open_outline() as outline:
        places = [item.destination for item in outline.root if item.title.startswith("Annex A")]
    numbers = {page.obj.objgen: number for number, page in enumerate(document.pages, start=1)}
    [place] = places
    return numbers[place[0].objgen]


def test_the_pdf_is_as_long_as_its_reader_is_promised_tagged_and_in_english(report):
    fewest, most = next(pages for kind, pages in PAGES.items() if report.parent.name.startswith(kind))
    with pikepdf.open(report / "report.pdf") as document:
        assert fewest <= len(document.pages) <= most
        for kind, (least, longest) in BEFORE_ANNEXES.items():
            if report.parent.name.startswith(kind):
                assert least <= annexes_begin(document) <= longest
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "en-GB"


def test_the_record_says_what_it_is_and_holds_its_findings(report):
    record = json.loads((report / "run.json").read_text(encoding="utf-8"))
    assert record["council"] == "Exampleshire"
    assert record["audience"] == "board"
    assert record["period"]
    assert record["findings"]
