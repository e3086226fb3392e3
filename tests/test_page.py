"""The Board's page as a browser opens it: whole, quiet, readable by anybody, and printable.

The page is that of a real run (`pack`), opened from disk in a real Chromium at the width of a desktop and at
320 CSS pixels, which is also a desktop at four hundred per cent (WCAG 2.2, 1.4.10 Reflow).
"""

import re
import subprocess
from collections import Counter
from itertools import pairwise
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe

WIDTHS = (1280, 320)
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
TEXTS = [
    "h1", "h2", "h3", "p", "a", "li", "dt", "dd", "caption", "th", "td", "abbr", "code", ".label", "figcaption",
    "summary", "svg text",
]  # fmt: skip


@pytest.fixture(scope="module")
def opened(browser, page):
    """The page at each width, with what it asked for and complained of while it opened; every `details` open."""
    views = {}
    for width in WIDTHS:
        tab = browser.new_page(viewport={"width": width, "height": 900})
        requests, complaints = [], []
        tab.on("request", lambda request, kept=requests: kept.append(request.url))
        tab.on("console", lambda message, kept=complaints: kept.append(message.text))
        tab.on("pageerror", lambda error, kept=complaints: kept.append(str(error)))
        tab.goto(page.as_uri(), wait_until="networkidle")
        tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        tab.evaluate("document.fonts.ready")
        views[width] = SimpleNamespace(tab=tab, requests=requests, complaints=complaints)
    yield views
    for view in views.values():
        view.tab.close()


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def view(opened, request):
    """The page at one width."""
    return opened[request.param]


@pytest.fixture
def tab(opened):
    """The page on a desktop."""
    return opened[1280].tab


@pytest.fixture
def source(page):
    """The page as written."""
    return page.read_text(encoding="utf-8")


def of_each(tab, selector, script):
    """What `script`, a function of one element, says of each that the selector finds; there must be one."""
    answers = tab.eval_on_selector_all(selector, f"found => found.map({script})")
    assert answers, f"the page has no {selector}"
    return answers


# --- for everybody ---------------------------------------------------------------------------------------------------


def test_axe_finds_nothing_to_object_to(view):
    found = Axe().run(view.tab)
    assert len(found.response["passes"]) > 30  # so many rules had something to look at
    assert found.violations_count == 0, found.generate_report()


def test_the_page_does_not_scroll_sideways(view):
    inside, window = view.tab.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert inside <= window


def test_what_is_wider_than_a_small_screen_scrolls_by_itself_and_by_keyboard(opened):
    wide = of_each(
        opened[320].tab,
        "table, figure svg",
        """one => {
          const group = one.closest("[tabindex='0'][aria-label]")
          return group !== null && group.clientWidth <= 320 && getComputedStyle(group).overflowX === "auto"
        }""",
    )
    assert all(wide)


def test_the_language_is_british_english_and_the_tab_is_named(tab):
    assert tab.evaluate("document.documentElement.lang") == "en-GB"
    assert tab.title() == "Quarterly quality assurance report, May to July 2013 – Exampleshire"


def test_there_is_one_title_and_no_heading_skips_a_level(tab):
    levels = of_each(tab, "h1, h2, h3, h4, h5, h6", "one => Number(one.localName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_no_heading_is_empty_and_none_stands_twice_in_its_section(tab):
    headings = of_each(tab, "main section", "one => [...one.querySelectorAll('h2, h3')].map(h => h.textContent.trim())")
    assert all(len(set(section)) == len(section) and all(section) for section in headings)


def test_every_picture_has_an_alt_text_that_is_not_its_caption_and_its_data_in_a_table(tab):
    script = """one => ({
      pictures: one.querySelectorAll("svg[role=img]").length,
      named: [...one.querySelectorAll("svg")].map(svg =>
        document.getElementById(svg.getAttribute("aria-labelledby"))?.textContent.trim() ?? ""),
      inside: [...one.querySelectorAll("svg > title")].map(title => title.textContent.trim()),
      caption: one.querySelector("figcaption").textContent.trim(),
      data: (one.nextElementSibling).localName,
      rows: (one.nextElementSibling).querySelectorAll("table tbody tr").length,
    })"""
    figures = of_each(tab, "figure", script)
    assert len(figures) == len(of_each(tab, "svg, main img", "one => one.localName"))  # no picture stands outside
    for figure in figures:
        assert figure["pictures"] == 1
        (alt,) = figure["named"]
        assert figure["inside"] == [alt]
        assert len(alt) > 40
        assert figure["caption"]
        assert alt not in figure["caption"]
        assert re.sub(r"^Figure \d+\. ", "", figure["caption"]) not in alt
        assert (figure["data"], figure["rows"] >= 2) == ("details", True)


def test_no_label_of_a_chart_is_cut_off_or_lies_on_another(view):
    script = """one => {
      const box = shape => { const { left, right, top, bottom } = shape.getBoundingClientRect()
        return { left: left + 1, right: right - 1, top: top + 3, bottom: bottom - 3 } }  // a line of text has air
      const whole = one.getBoundingClientRect()
      const labels = [...one.querySelectorAll("text")].map(text => [text.textContent, box(text)])
      const cut = labels.filter(([, at]) => at.left < whole.left || at.right > whole.right
        || at.top < whole.top || at.bottom > whole.bottom).map(([words]) => words)
      const over = labels.flatMap(([words, a], index) => labels.slice(index + 1).filter(([, b]) =>
        a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
      ).map(([others]) => `${words} / ${others}`))
      return { labels: labels.length, cut, over }
    }"""
    for chart in of_each(view.tab, "svg", script):
        assert chart["labels"] > 5
        assert chart["cut"] == []
        assert chart["over"] == []


def test_the_chart_of_two_sides_says_which_is_which(tab):
    labels = of_each(tab, "#themes-chart svg text", "one => one.textContent")
    assert {"Needs for development", "Strengths"} <= set(labels)


def test_every_table_has_a_caption_and_every_header_says_its_scope(tab):
    script = """one => ({
      caption: one.caption?.textContent.trim() ?? "",
      columns: [...one.querySelectorAll("thead tr")].map(row =>
        [...row.cells].map(cell => `${cell.localName} ${cell.scope}`)),
      rows: [...one.querySelectorAll("tbody tr")].map(row => [...row.cells].map(cell =>
        `${cell.localName} ${cell.scope ?? ""}`.trim())),
    })"""
    for table in of_each(tab, "table", script):
        assert table["caption"]
        (columns,) = table["columns"]
        assert set(columns) == {"th col"}
        assert table["rows"]
        for row in table["rows"]:
            assert row == ["th row", *["td"] * (len(columns) - 1)], table["caption"]


def test_a_mark_in_place_of_a_figure_is_explained_below_its_table(tab):
    script = """one => ({
      marks: [...new Set([...one.querySelectorAll("abbr")].map(mark => mark.textContent))],
      titled: [...one.querySelectorAll("abbr")].every(mark => mark.title.trim() !== ""),
      notes: [...one.querySelectorAll(".note")].map(note => note.textContent),
    })"""
    groups = of_each(tab, ".table-wrap", script)
    assert any(group["marks"] for group in groups)
    for group in groups:
        assert group["titled"]
        assert all(any(note.startswith(mark) for note in group["notes"]) for mark in group["marks"])


# --- whole and quiet -------------------------------------------------------------------------------------------------


def test_nothing_but_the_file_itself_is_asked_for(view, page):
    assert [url for url in view.requests if not url.startswith("data:font/woff2;base64,")] == [page.as_uri()]


def test_the_browser_has_no_complaint(view):
    assert view.complaints == []


def test_nothing_in_the_page_can_run(tab, source):
    names = of_each(tab, "*", "one => [one.localName, ...one.getAttributeNames()]")
    assert not {"script", "iframe", "object", "embed", "base", "form", "link"} & {name for name, *_ in names}
    assert not [name for _, *attributes in names for name in attributes if name.startswith("on")]
    assert not re.search(r"javascript\s*:|<script|\son\w+\s*=\s*[\"']", source, flags=re.IGNORECASE)


def test_nothing_in_the_page_points_outside(tab, source):
    script = """one => [...one.attributes].filter(attribute =>
      ["src", "srcset", "href", "xlink:href", "action", "data", "poster"].includes(attribute.name)
    ).map(attribute => attribute.value)"""
    inward = [value for values in of_each(tab, "*", script) for value in values]
    assert inward
    assert [value for value in inward if not value.startswith(("#", "data:image/png;base64,"))] == []
    assert set(re.findall(r"url\(\s*[\"']?(#|data:font/woff2;|)", source)) <= {"#", "data:font/woff2;"}
    assert "@import" not in source


def test_the_policy_would_stop_anything_more(tab):
    policies = of_each(tab, "head > meta[http-equiv='Content-Security-Policy']", "one => one.content")
    assert policies == [POLICY]
    assert tab.evaluate("document.head.firstElementChild.getAttribute('charset')") == "utf-8"


def test_the_page_opens_from_disk_without_scripts_and_says_the_same(browser, opened, page):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    plain = context.new_page()
    plain.goto(page.as_uri())
    plain.locator("summary").first.click()  # a chart's data open without a script
    assert plain.locator("details[open] td").first.is_visible()
    assert plain.locator("h1").inner_text() == "Quarterly quality assurance report, May to July 2013"
    assert plain.locator("main").text_content() == opened[1280].tab.locator("main").text_content()
    context.close()


def test_every_id_stands_once_and_every_link_has_its_target(tab):
    ids = of_each(tab, "[id]", "one => one.id")
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    links = of_each(tab, "*", "one => [one.getAttribute('href') ?? one.getAttribute('xlink:href') ?? '#']")
    styles = of_each(tab, "*", "one => [...one.attributes].flatMap(at => at.value.match(/url\\(#[^)]+/g) ?? [])")
    labels = of_each(tab, "[aria-labelledby]", "one => one.getAttribute('aria-labelledby').split(' ')")
    targets = {name.rpartition("#")[2] for found in (*links, *styles, *labels) for name in found} - {""}
    assert len(targets) > 20
    assert targets - set(ids) == set()


def test_the_contents_list_every_section_once_and_in_order(tab):
    listed = of_each(tab, "nav a", "one => [one.hash.slice(1), one.textContent]")
    assert listed == of_each(tab, "main h2", "one => [one.id, one.textContent]")


def test_no_alt_text_is_a_stock_phrase(source):
    assert "No description has been provided" not in source


def test_every_text_is_set_in_the_font_inside_the_page(tab):
    assert tab.evaluate("[...document.fonts].map(face => face.family)") == ["QA Sans"] * 4
    assert tab.evaluate("document.fonts.check('16px \"QA Sans\"') && document.fonts.check('600 16px \"QA Sans\"')")
    session = tab.context.new_cdp_session(tab)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    for selector in TEXTS:
        nodes = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": selector})["nodeIds"]
        used = [session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"] for node in nodes]
        fonts = {(font["isCustomFont"], font["postScriptName"].partition("-")[0]) for found in used for font in found}
        assert fonts == {(True, "QASans")}, selector
    session.detach()


# --- on paper --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def paper(needed, opened, tmp_path_factory):
    """The printed page's text, sheet by sheet."""
    reader, printed = needed("pdftotext"), tmp_path_factory.mktemp("paper") / "report.pdf"
    opened[1280].tab.pdf(path=printed, prefer_css_page_size=True)
    command = [reader, "-enc", "UTF-8", str(printed), "-"]
    text = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8").stdout
    return [re.sub(r"\s+", " ", sheet) for sheet in text.split("\f")]


def test_the_first_sheet_holds_what_was_found_and_what_the_board_is_asked(paper):
    assert "What we found" in paper[0]
    assert "What we ask of the Board" in paper[0]
    assert "What we audited and what we did not" not in paper[0]


def test_the_first_chart_still_fits_on_the_first_sheet(paper):
    """If not: shorten the first page, or lower the chart's `max-height` among the print rules of page.css."""
    assert "Figure 1." in paper[0]


def test_the_print_holds_all_sections_and_no_contents(paper, tab):
    text = " ".join(paper)
    assert all(heading in text for heading in of_each(tab, "main h2", "one => one.textContent"))
    assert "Contents" not in text
    assert "Data behind this chart" not in text


# --- tools that may be absent ----------------------------------------------------------------------------------------


def test_a_check_whose_tool_is_absent_is_skipped_by_its_name(needed, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-browser is not installed"):
        needed("no-such-browser")


def test_with_ci_a_check_whose_tool_is_absent_fails(needed, monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-browser is not installed"):
        needed("no-such-browser")
