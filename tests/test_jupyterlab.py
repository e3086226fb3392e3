"""The notebook in JupyterLab, as an analyst has it: run it, read the report, save it, export it as page and PDF.

A real server on a copy of the council's folder, driven in a real Chromium. What it shows and what it exports is
compared with the pack that `qa run` published from the same extracts.
"""

import pytest
from lab import TROUBLE, export, opened, save, wait_for_run

NOTEBOOK = "notebooks/quarterly_report.ipynb"
TITLE = "Quarterly quality assurance report, May to July 2013"
WIDE = "Grades given, overall and by domain"  # the table that is wider than a window of 900 px, folded under its chart
SEEN = "Audits completed beside open cases, by service"  # a table that is not folded
ROWS = """found => found.map(table => [...table.rows].map(row =>
  [...row.cells].map(cell => cell.textContent.trim()).join(" | ")))"""
PICTURES = "found => found.map(svg => document.getElementById(svg.getAttribute('aria-labelledby')).textContent)"
FOCUSED = "[document.activeElement.tagName, document.activeElement.textContent]"
ACTIVE = "[...document.querySelectorAll('.jp-Cell')].findIndex(cell => cell.matches('.jp-mod-active'))"
PLACE = """caption => [...document.querySelectorAll(".jp-Cell")].findIndex(
  cell => [...cell.querySelectorAll("caption")].some(found => found.textContent.includes(caption)))"""
SCROLLED = """() => {
  const shown = document.activeElement.closest(".jp-OutputArea-output");
  return [shown.scrollLeft, shown.scrollWidth - shown.clientWidth];
}"""


@pytest.fixture(scope="module")
def run_by_keys(browser, jupyterlab):
    """The quarterly notebook in JupyterLab, run by the keyboard alone, and what the page complained of."""
    with opened(browser, jupyterlab, NOTEBOOK, size=(900, 900)) as (lab, complaints):
        for _ in range(2):  # past the title, then the cell of the parameters
            lab.keyboard.press("Shift+Enter")
        lab.locator(".jp-CodeCell .jp-InputPrompt").first.get_by_text("[1]:").wait_for()
        lab.keyboard.press("Control+Shift+c")
        lab.locator(".lm-CommandPalette-input:focus").wait_for()
        lab.keyboard.type("Run All Cells")
        lab.locator(".lm-CommandPalette-item.lm-mod-active").get_by_text("Run All Cells", exact=True).wait_for()
        lab.keyboard.press("Enter")
        wait_for_run(lab)
        yield lab, complaints


def test_all_cells_run_by_the_keyboard_show_the_report_of_the_pack(browser, run_by_keys, page):
    lab, complaints = run_by_keys
    published = browser.new_page(viewport={"width": 900, "height": 900})
    published.goto(page.as_uri())
    shown = lab.locator(".jp-OutputArea-output")
    assert lab.locator(TROUBLE).all_inner_texts() == []
    assert complaints == []
    assert shown.locator("h1").all_inner_texts() == [TITLE]
    tables = lab.eval_on_selector_all(".jp-OutputArea-output table", ROWS)
    assert len(tables) > 5
    assert tables == published.eval_on_selector_all("table", ROWS)
    pictures = lab.eval_on_selector_all(".jp-OutputArea-output svg[role=img]", PICTURES)
    assert len(pictures) > 3
    assert pictures == published.eval_on_selector_all("svg[role=img]", PICTURES)
    assert all(shown.locator("svg[role=img]").nth(at).bounding_box()["height"] > 50 for at in range(len(pictures)))
    published.close()


def test_a_wide_table_is_reached_and_scrolled_by_the_keyboard_alone(run_by_keys):
    lab, _ = run_by_keys
    place = lab.evaluate(PLACE, WIDE)

    def press_until(key, reached, most):
        for _ in range(most):
            if reached():
                return
            lab.keyboard.press(key)
        pytest.fail(f"not reached by {key}; the focus is on {lab.evaluate(FOCUSED)}")

    for _ in range(lab.evaluate(ACTIVE) - place):
        lab.keyboard.press("ArrowUp")
    assert lab.evaluate(ACTIVE) == place
    press_until("Tab", lambda: lab.evaluate(FOCUSED)[0] == "SUMMARY", 5)
    lab.keyboard.press("Enter")
    press_until("Tab", lambda: WIDE in lab.evaluate(FOCUSED)[1], 5)
    before, wider = lab.evaluate(SCROLLED)
    assert before == 0
    assert wider > 0
    press_until("ArrowRight", lambda: lab.evaluate(SCROLLED)[0] == wider, 40)
    press_until("ArrowLeft", lambda: lab.evaluate(SCROLLED)[0] == 0, 40)
    assert lab.evaluate(FOCUSED)[0] == "CAPTION"
    assert lab.evaluate(ACTIVE) == place


def test_a_click_into_a_table_leaves_the_shortcuts_alone(run_by_keys):
    lab, _ = run_by_keys
    lab.locator(".jp-OutputArea-output table").filter(has_text=SEEN).locator("td").first.click()
    clicked = lab.evaluate(ACTIVE)
    lab.keyboard.press("ArrowDown")
    assert lab.evaluate(ACTIVE) == clicked + 1


@pytest.mark.parametrize(("name", "file"), [("QA_report_HTML", "report.html"), ("QA_report_PDF", "report.pdf")])
def test_the_menu_exports_the_saved_notebook_as_the_file_of_the_pack(run_by_keys, pack, name, file):
    lab, complaints = run_by_keys
    save(lab)
    assert export(lab, name) == (pack / file).read_bytes()
    assert complaints == []
