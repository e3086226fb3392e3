"""A notebook is read once: what it shows stands, what it lacks goes, and its notes keep step."""

from pathlib import Path

import nbformat
import pytest

from qa_lib.report.blocks import Heading, Missing, Paragraph, Run, Shown, Table, text_of
from qa_lib.report.document import Document, read_document


@pytest.fixture
def read(executed: Path):
    """Read a notebook whose body is the given cells: a text for Markdown, blocks for a display."""
    start = nbformat.read(executed, as_version=4)
    opening = [cell for cell in start.cells if cell.cell_type == "code"][:3]

    def read_cells(*cells) -> Document:
        made = []
        for cell in cells:
            if isinstance(cell, str):
                made.append(nbformat.v4.new_markdown_cell(cell))
            else:
                data = Shown(tuple(cell))._repr_mimebundle_()
                output = nbformat.v4.new_output("display_data", data=data)
                made.append(nbformat.v4.new_code_cell("x", outputs=[output]))
        return read_document({"cells": [*opening, *made]})

    return read_cells


def words(document: Document) -> list[str]:
    return [text_of(block.runs) for block in document.blocks if isinstance(block, Heading | Paragraph)]


GONE = (Missing("Planning", "nobody graded it"),)
HERE = (Paragraph((Run("A figure."),)),)


def test_a_section_of_nothing_but_missing_displays_goes_with_its_prose(read):
    assert words(read("## One\n\nWhy.", GONE, "## Two\n\nBecause.", HERE)) == ["Two", "Because.", "A figure."]


def test_a_section_stays_while_any_part_of_it_has_something(read):
    document = read("## One\n\nWhy.", "### Part\n\nMore.", GONE, "### Other\n\nLess.", HERE, GONE)
    assert words(document) == ["One", "Why.", "Other", "Less.", "A figure."]


def test_a_section_that_shows_nothing_at_all_is_prose_and_stays(read):
    assert words(read("## One\n\nOnly words.", "## Two", GONE)) == ["One", "Only words."]


def test_notes_are_numbered_through_the_report_and_those_of_a_lost_section_go_with_it(read):
    document = read(
        "## One\n\nFirst[^a].\n\n[^a]: Note of the lost.",
        GONE,
        "## Two\n\nSecond[^b] and third[^c].\n\n[^b]: Note b.\n\n[^c]: Note c.",
        HERE,
        "## Three\n\nFourth[^b].\n\n[^b]: Another b.",
        HERE,
    )
    assert [text_of(note) for note in document.notes] == ["Note b.", "Note c.", "Another b."]
    numbers = [run.text for block in document.blocks if isinstance(block, Paragraph) for run in block.runs if run.href]
    assert numbers == ["1", "2", "3"]


def test_headings_tables_and_ids_are_unique_and_numbered_in_order(read):
    table = Table("t", "Caption", ("Head",), ())
    document = read("## Same", (table,), "## Same", (table,))
    assert [block.id for block in document.blocks] == ["same", "t", "same-2", "t-2"]
    assert [block.number for block in document.blocks if isinstance(block, Table)] == [1, 2]
