"""Every number on a page is a named fact of its report, or the page is refused."""

from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from qa_lib.problems import PUBLICATION, QAError
from qa_lib.report.blocks import Bullets, Cell, Chart, Heading, Paragraph, Run, Table, text_of
from qa_lib.report.document import Document, own_cells, read_document
from qa_lib.report.facts import Fact, numbers_in, shown
from qa_lib.report.headlines import FINDINGS, THEME_FINDINGS
from qa_lib.report.phrases import count_of, say
from qa_lib.report.words import check_numbers, ledger_of

STRAY = "4,711"


@pytest.fixture(scope="module")
def document(executed: Path) -> Document:
    return read_document(nbformat.read(executed, as_version=4))


def refused(document: Document, block, at: int) -> QAError:
    blocks = list(document.blocks)
    blocks[at] = block
    with pytest.raises(QAError) as found:
        check_numbers(replace(document, blocks=tuple(blocks)))
    assert found.value.exit_code == PUBLICATION
    return found.value


def first(document: Document, kind: type) -> tuple[int, object]:
    return next((at, block) for at, block in enumerate(document.blocks) if isinstance(block, kind))


def test_a_real_page_passes(document):
    check_numbers(document)


@pytest.mark.parametrize("stray", [STRAY, "three", "61%"])
def test_a_number_without_a_fact_refuses_the_page_wherever_it_stands(document, stray):
    run = Run(f"It was {stray} again.")
    at, heading = first(document, Heading)
    refused(document, replace(heading, runs=(run,)), at)
    at, paragraph = first(document, Paragraph)
    refused(document, replace(paragraph, runs=(*paragraph.runs, run)), at)
    at, bullets = first(document, Bullets)
    refused(document, replace(bullets, items=(*bullets.items, (run,))), at)


def test_a_stray_number_in_a_table_or_picture_refuses_the_page(document):
    at, table = first(document, Table)
    assert isinstance(table, Table)
    refused(document, replace(table, rows=((Cell("x"), Cell(STRAY)),)), at)
    refused(document, replace(table, caption=f"Of {STRAY}"), at)
    refused(document, replace(table, notes=(STRAY,)), at)
    at, chart = first(document, Chart)
    assert isinstance(chart, Chart)
    refused(document, replace(chart, alt=(Run(STRAY),)), at)
    refused(document, replace(chart, title=(Run(STRAY),)), at)
    refused(document, replace(chart, caption=STRAY), at)
    refused(document, replace(chart, svg=chart.svg.replace("</text>", f"{STRAY}</text>", 1)), at)


def test_a_figure_that_is_not_the_one_it_names_refuses_the_page(document):
    ledger = ledger_of(document)
    name = "overall.all.n"
    run = Run(f"{int(ledger[name].value) + 1} audits", (name,))
    at, paragraph = first(document, Paragraph)
    assert "overall" not in str(refused(document, replace(paragraph, runs=(run,)), at))


def test_the_refusal_names_the_heading_and_the_number(document):
    headings = [at for at, block in enumerate(document.blocks) if isinstance(block, Heading)]
    at = headings[-1] + 1
    message = str(refused(document, Paragraph((Run(STRAY),)), at))
    assert text_of(document.blocks[headings[-1]].runs) in message
    assert STRAY in message


def test_every_table_cell_says_exactly_the_fact_it_names(document):
    ledger = ledger_of(document)
    tables = [block for block in document.blocks if isinstance(block, Table)]
    tables += [block.table for block in document.blocks if isinstance(block, Chart)]
    checked = 0
    for table in tables:
        for row in table.rows:
            for cell in row:
                if len(cell.facts) == 1:
                    assert cell.text == shown(ledger[cell.facts[0]]).removesuffix(" points")
                    checked += 1
    assert checked > 100


@pytest.mark.parametrize("template", [*FINDINGS.values(), *THEME_FINDINGS.values()])
def test_a_sentence_holds_no_number_it_was_not_given(template):
    facts = {f"a.{key}": Fact(f"a.{key}", value, unit, "a") for key, value, unit in
             (("n", 41, "count"), ("of", 60, "count"), ("share", 41 / 60, "share"))}  # fmt: skip
    given = {number for fact in facts.values() for number in numbers_in(shown(fact))}
    run = count_of(facts, "a", "audits")
    runs = say(template, goal=Run("good or better"), first=run, listed=(Run("Planning"), Run(", "), run))
    assert numbers_in(text_of(runs)) == given


def test_hidden_figures_have_words_and_no_number():
    assert count_of({}, "a").text == "a number too small to show"
    share = {"a.share": Fact("a.share", 0.6, "share", "a")}
    assert count_of(share, "a", "audits").text == "60% of audits"


@pytest.mark.parametrize(
    "source", ["| a | b |\n|---|---|\n| 1 | 2 |", "<b>x</b>", "![alt](x.png)", "[away](https://example.org)", "> quote",
               "    code", "- a\n  - b"]
)  # fmt: skip
def test_markdown_that_a_page_cannot_show_is_refused_by_cell(executed, source):
    notebook = nbformat.read(executed, as_version=4)
    at, cell = [(at, cell) for at, cell in enumerate(own_cells(notebook)) if cell["cell_type"] == "markdown"][1]
    cell["source"] = source
    with pytest.raises(QAError, match=rf"cell {at + 1} of the notebook holds (Markdown that|a list inside a list)"):
        read_document(notebook)
