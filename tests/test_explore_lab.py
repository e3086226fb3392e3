"""The exploration in JupyterLab, as an analyst has it: run all cells, choose, copy, make a report, keep a note.

What the screen shows is held against the library, called directly in this process in the same order: what may be
shown depends on what was shown before. In a working copy every text of the extract is hostile, and none may be saved.
"""

import html
import json
import re
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import openpyxl
import pytest
from lab import choose, opened, run_all, save

from qa_lib.report.blocks import MIME, Table, to_json
from qa_lib.report.exploration import Exploration
from qa_lib.report.explore import MARK, NOT_SAVED, WITHOUT_WIDGETS
from qa_lib.settings.report import read_report

PARAMS, THEMED = "params/example/2013_q1.yml", "params/example/themed_domestic_violence.yml"
HOSTILE_PARAMS = "params/example/hostile.yml"
ROWS = """found => found.map(table => [[table.caption.textContent], ...[...table.rows].map(row =>
  [...row.cells].filter(cell => cell.className !== "qa-copy").map(cell => cell.textContent))])"""
CELLS = "found => found.map(row => [...row.cells].map(cell => cell.textContent))"
SHOWN = ".qa-body:not([aria-busy]) section .table-wrap table"
PASSAGES = ".qa-passages tbody tr"
MARKER = "Marmaduke"
HOSTILE = (
    f"{MARKER} <img src=x onerror=window.acted=1> not seen by father.",
    f"=1+1&cmd|'/c calc'!A1 {MARKER}: father not spoken to.",
    f"${MARKER}$ _father_ **absent** <b>& not</b> &lt;i&gt; involved.",
    f"Father \u202e{MARKER}\u202c not seen \u200f by worker.",
)
"""What a text box may hold: markup, a formula, mathematics, Markdown, marks that turn the direction of writing."""


def tables_of(look):
    """The tables of a look as a screen reads: caption, headings, cells with their marks."""
    found = [block for section in look.sections for block in section.blocks if isinstance(block, Table)]
    return [
        [[table.caption], list(table.heads), *([cell.mark or cell.text for cell in row] for row in table.rows)]
        for table in found
    ]


def answered(lab, expected):
    """Wait until the screen shows these tables and no longer works; at the end of patience, say how it differs."""
    until = time.monotonic() + 30
    while (found := lab.eval_on_selector_all(SHOWN, ROWS)) != expected and time.monotonic() < until:
        lab.wait_for_timeout(50)
    assert found == expected


def has_focus(place):
    return place.evaluate("place => place === document.activeElement")


def tab_to(lab, place, key="Tab"):
    """Press Tab until the focus is on a place."""
    for _ in range(200):
        if has_focus(place):
            return
        lab.keyboard.press(key)
    pytest.fail(f"{key} does not reach {place}")


def choose_by_keys(lab, exploration, steps):
    """Choose in one drop-down after another, each by one key; every answer is the library's, and differs.

    Parameters
    ----------
    steps : field, key, and the value that is then chosen; Shift+Tab goes back to a field that stands before
    """
    choice, order = exploration.look(exploration.start).choice, list(exploration.heads)
    last = order[0]
    for field, key, value in steps:
        menu = lab.locator(".qa-menus").get_by_label(exploration.heads[field], exact=True)
        tab_to(lab, menu, "Tab" if order.index(field) >= order.index(last) else "Shift+Tab")
        before = exploration.look(choice)
        choice, last = replace(choice, **{field: value}), field
        look = exploration.look(choice)
        if field == "box":
            assert not look.passages.equals(before.passages)
        else:
            assert tables_of(look) != tables_of(before), field
        lab.keyboard.press(key)
        answered(lab, tables_of(look))
        assert lab.locator(".qa-words").inner_text() == look.words
        assert has_focus(menu)


def notebook_with(council, name, **parameters):
    """The exploration's notebook once more, with other parameters."""
    notebook = nbformat.read(council / "notebooks" / "explore.ipynb", as_version=4)
    for key, value in parameters.items():
        cell = notebook.cells[1]
        cell.source, found = re.subn(rf'^{key} = "[^"]*"', f'{key} = "{value}"', cell.source, flags=re.MULTILINE)
        assert found == 1
    nbformat.write(notebook, council / "notebooks" / name)
    return f"notebooks/{name}"


@pytest.fixture(scope="module")
def hostile(jupyterlab):
    """The params file of a themed audit in which every need that auditors wrote is hostile, from the council's folder.

    It names the audits of the year alone.
    """
    extract = jupyterlab.council / "extracts" / "example" / "themed_domestic_violence_2013.xlsx"
    book = openpyxl.load_workbook(extract)
    sheet = book.active
    for at, (cell,) in enumerate(sheet.iter_rows(min_row=2, min_col=sheet.max_column)):  # "What needs to be better ..."
        cell.value = HOSTILE[at % len(HOSTILE)]
        cell.data_type = "s"  # text, also where it looks like a formula
    book.save(extract.with_name("hostile.xlsx"))
    text = (jupyterlab.council / THEMED).read_text(encoding="utf-8").replace(extract.name, "hostile.xlsx")
    (jupyterlab.council / HOSTILE_PARAMS).write_text(text, encoding="utf-8")
    return HOSTILE_PARAMS


def assert_nothing_private(text):
    """No word of the extracts, no table of figures."""
    assert NOT_SAVED in text
    assert MARKER not in text
    assert "<td" not in text
    assert '"kind": "Table"' not in text
    assert "95% interval" not in text


# --- what the Board may see ------------------------------------------------------------------------------------------


def test_every_control_answers_keys_alone_with_what_the_library_says(browser, jupyterlab):
    council = jupyterlab.council
    exploration = Exploration.of(read_report(council / PARAMS))
    first = exploration.look(exploration.start)
    with opened(browser, jupyterlab, "notebooks/explore.ipynb", clipboard=True) as (lab, complaints):
        run_all(lab)
        answered(lab, tables_of(first))
        assert lab.locator(".qa-mark").is_hidden()
        assert lab.locator(".qa-passages").count() == 0
        static = lab.eval_on_selector_all(".jp-RenderedHTML table", ROWS)
        assert static == tables_of(first)
        lab.keyboard.press("Escape")
        for _ in range(lab.locator(".jp-Cell").count()):
            lab.keyboard.press("ArrowUp")
        tab_to(lab, lab.locator(".qa-menus select").first)
        period = exploration.options["period"]
        choose_by_keys(
            lab,
            exploration,
            [
                ("period", "ArrowDown", period[1][1]),
                ("period", "ArrowUp", period[0][1]),
                ("service", "F", "First Response"),
                ("service", "Home", ""),
                ("theme", "F", "fathers"),
                ("polarity", "ArrowDown", "strength"),
                ("polarity", "Home", ""),
                ("theme", "Home", ""),
                ("domain", "P", "planning"),
                ("grade", "I", "Inadequate"),
                ("activity", "C", "complaints"),
                ("activity", "Home", ""),
            ],
        )
        copied_by_keys(lab, exploration.look(replace(first.choice, domain="planning", grade="Inadequate")))
        report_by_keys(lab, council)
        note_by_keys(lab, council)
        assert complaints == []


def copied_by_keys(lab, look):
    """What is copied of planning's row is its figures with base, interval and source; in the box and the clipboard."""
    tab_to(lab, lab.get_by_role("button", name="Copy: Planning", exact=True).first)
    row = lab.evaluate("[...document.activeElement.closest('tr').cells].map(cell => cell.textContent)")
    lab.keyboard.press("Enter")
    text, reference = (lab.locator(f".qa-copied-{part}") for part in ("text", "reference"))
    text.wait_for()
    n, of, share, interval = row[1:5]
    copied = text.input_value()
    assert copied.startswith(f"Planning: {n} of {of} ({share}; 95% interval {interval})")
    assert "Exampleshire: Internal case-file audits, May to July 2013" in copied
    assert (copied, reference.input_value()) in look["grades"].copies["by_domain"]
    lab.wait_for_function("navigator.clipboard.readText().then(text => text.startsWith('Planning'))")
    assert lab.evaluate("navigator.clipboard.readText()") == copied
    tab_to(lab, lab.get_by_role("button", name="Copy the name"))
    lab.keyboard.press("Enter")
    lab.wait_for_function("navigator.clipboard.readText().then(text => text.startsWith('{{'))")
    assert lab.evaluate("navigator.clipboard.readText()") == f"{{{{ by_domain.planning.share = {share} }}}}"


def report_by_keys(lab, council):
    """A name that cannot be is refused in words; with another the params file is there."""
    tab_to(lab, lab.locator(".qa-forms summary").first, "Shift+Tab")
    lab.keyboard.press("Enter")
    name, answer = lab.locator(".qa-forms input"), lab.locator(".qa-forms .qa-answer").first
    tab_to(lab, name)
    lab.keyboard.type("../outside")
    lab.keyboard.press("Enter")
    lab.locator(".qa-refused").first.wait_for()
    assert "A new report cannot have that name" in answer.inner_text()
    lab.keyboard.press("Control+a")
    lab.keyboard.type("explored")
    lab.keyboard.press("Enter")
    lab.wait_for_function("answer => answer.textContent.includes('qa run')", arg=answer.element_handle())
    assert "qa run params/example/explored.yml" in answer.inner_text()
    assert read_report(council / "params" / "example" / "explored.yml").audience == "board"


def note_by_keys(lab, council):
    """A note is in the commentary file, under its heading, and no longer in the box."""
    tab_to(lab, lab.locator(".qa-forms summary").last)
    lab.keyboard.press("Enter")
    tab_to(lab, lab.locator(".qa-forms select"))
    lab.keyboard.press("End")
    heading = lab.locator(".qa-forms select").input_value()
    note = lab.locator(".qa-forms textarea")
    tab_to(lab, note)
    lab.keyboard.type("Ask the teams why.")
    tab_to(lab, lab.get_by_role("button", name="Keep the note"))
    lab.keyboard.press("Enter")
    answer = lab.locator(".qa-forms .qa-answer").last
    lab.wait_for_function("answer => answer.textContent.includes('stands in')", arg=answer.element_handle())
    (kept,) = (council / "params" / "example").glob("2013_q1_commentary.md")
    assert f"## {heading}\n\nAsk the teams why." in kept.read_text(encoding="utf-8")
    assert note.input_value() == ""


def test_without_widgets_the_parameters_alone_give_the_same_tables_in_order(jupyterlab, start, tmp_path):
    council, out = jupyterlab.council, tmp_path / "out.ipynb"
    ended = start("papermill", "notebooks/explore.ipynb", out, "-p", "theme", "fathers", cwd=council)
    assert ended.returncode == 0, ended.stderr
    exploration = Exploration.of(read_report(council / PARAMS))
    look = exploration.look(replace(exploration.start, theme="fathers"))
    outputs = [output for cell in nbformat.read(out, as_version=4).cells for output in cell.get("outputs", [])]
    told = [block for output in outputs for block in output.data.get(MIME, {"blocks": []})["blocks"]]
    assert told == json.loads(json.dumps([to_json(block) for section in look.sections for block in section.blocks]))
    assert [output.data["text/plain"] for output in outputs if MIME not in output.data] == [WITHOUT_WIDGETS]


# --- a working copy --------------------------------------------------------------------------------------------------


def test_a_working_copy_shows_passages_as_text_and_saves_nothing(browser, jupyterlab, hostile):
    council = jupyterlab.council
    exploration = Exploration.of(replace(read_report(council / hostile), audience="working"))
    first = exploration.look(exploration.start)
    notebook = notebook_with(council, "working.ipynb", params_file=hostile, audience="working")
    with opened(browser, jupyterlab, f"{notebook}") as (lab, complaints):
        run_all(lab)
        answered(lab, tables_of(first))
        assert lab.locator(".qa-mark").inner_text() == MARK
        assert lab.locator(".jp-RenderedHTML table").count() == 0
        tab_to(lab, lab.locator(".qa-menus select").first, "Shift+Tab")
        question = exploration.options["question"][1][1]
        choose_by_keys(
            lab, exploration, [("question", "ArrowDown", question), ("grade", "N", "No"), ("box", "End", "to_develop")]
        )
        look = exploration.look(replace(first.choice, question=question, grade="No", box="to_develop"))
        passages_are_text(lab, look.passages)
        lab.locator(".qa-forms summary").last.click()
        lab.locator(".qa-forms textarea").fill(MARKER)  # typed, and not kept: it is not saved either
        path = council / notebook
        for state in (False, True):
            if state:
                choose(lab, "Settings", "Save Widget State Automatically")
                lab.keyboard.press("Escape")
            save(lab)
            saved = path.read_text(encoding="utf-8")
            assert_nothing_private(saved)
            states = json.loads(saved)["metadata"].get("widgets", {})
            assert ("DropdownModel" in json.dumps(states)) is state
            assert_nothing_private(html.unescape(exported(lab)))
        assert complaints == []


def exported(lab):
    """JupyterLab's own HTML export of the notebook, with nothing taken out of it."""
    with lab.expect_download() as downloading:
        choose(lab, "File", "Save and Export Notebook As", "HTML")
        lab.get_by_label("Sanitize HTML output").uncheck()
        lab.get_by_role("button", name="Ok", exact=True).click()
    return Path(downloading.value.path()).read_text(encoding="utf-8")


def passages_are_text(lab, passages):
    """The first page of passages reads as the extract does, letter for letter, and nothing in it acts."""
    expected = [list(map(str, row)) for row in passages.head(10).itertuples(index=False)]
    assert {row[-1] for row in expected} <= set(HOSTILE)
    lab.wait_for_function(
        "first => document.querySelector('.qa-passages tbody td:last-child')?.textContent === first",
        arg=expected[0][-1],
    )
    assert lab.eval_on_selector_all(PASSAGES, CELLS) == expected
    assert lab.locator(".qa-passages :is(img, b, em, strong, i, .MathJax, mjx-container)").count() == 0
    assert lab.evaluate("window.acted") is None
    lab.locator(".qa-passages input[type=search]").fill("calc")
    lab.wait_for_function("document.querySelector('.qa-passages .dt-info').textContent.includes('(of')")
    found = lab.eval_on_selector_all(PASSAGES, CELLS)
    assert {row[-1] for row in found} == {text for text in HOSTILE if "calc" in text}


def test_a_working_copy_run_without_widgets_holds_nothing(jupyterlab, hostile, start, tmp_path):
    out = tmp_path / "out.ipynb"
    words = ("-p", "audience", "working", "-p", "params_file", hostile)
    ended = start("papermill", "notebooks/explore.ipynb", out, *words, cwd=jupyterlab.council)
    assert ended.returncode == 0, ended.stderr
    assert_nothing_private(out.read_text(encoding="utf-8"))
    assert MARKER not in ended.stdout + ended.stderr
