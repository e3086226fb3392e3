"""The notebooks stay thin, and one notebook is one report however it is run.

Plain papermill, a notebook opened in its own folder, and `qa run` must read the same; a notebook that shows
what a page cannot, or fails, publishes nothing and tells nobody what a cell holds.
"""

import json
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from qa_lib.report.blocks import MIME
from qa_lib.report.document import read_document
from qa_lib.report.html import render_html

TOP = Path(__file__).parent.parent
PARAMS = "params/example/2013_q1.yml"
NOTEBOOKS = sorted((TOP / "notebooks").glob("*.ipynb"))
NUMBER = re.compile(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b", re.IGNORECASE)

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells_of(path, kind):
    """The cells of one kind."""
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def published(path):
    """The page that an executed notebook gives."""
    return render_html(read_document(nbformat.read(path, as_version=4)))


# --- as saved --------------------------------------------------------------------------------------------------------


def test_there_is_a_notebook_for_each_params_file():
    asked = {
        re.search(r"^notebook: (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)[1]
        for path in (TOP / "params" / "example").glob("20*.yml")
    }
    assert asked
    assert asked <= {path.stem for path in NOTEBOOKS}


@each_notebook
def test_a_notebook_is_valid_and_says_which_kernel_it_needs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"


@each_notebook
def test_a_notebook_opens_with_prose_and_stays_thin(path):
    cells, code = nbformat.read(path, as_version=4).cells, cells_of(path, "code")
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    assert len(cells[0].source.split("\n\n", 1)[1].split()) > 20  # a title and what the notebook is for
    logic = [cell.source for cell in code if "parameters" not in cell.metadata.get("tags", [])]
    assert [source for source in logic if len(source.splitlines()) > 8] == []
    assert not any(
        re.search(r"^\s*(?:async\s+)?(?:def|class)\s|\blambda\b", cell.source, re.MULTILINE) for cell in code
    )


@each_notebook
def test_a_notebook_is_saved_without_outputs(path):
    assert not any(cell.outputs or cell.execution_count for cell in cells_of(path, "code"))


@each_notebook
def test_the_first_code_cell_and_no_other_holds_the_parameter(path):
    code = cells_of(path, "code")
    assert [cell for cell in code if "parameters" in cell.metadata.get("tags", [])] == code[:1]
    first, *others = code[0].source.splitlines()
    assert re.match(r'params_file = "params/\w+/\w+\.yml"', first)
    assert bool(others) == (path.stem == "explore")  # where nothing but its parameters says what is looked at
    assert (TOP / code[0].source.split('"')[1]).is_file()


@each_notebook
def test_headings_stand_in_markdown_cells_and_skip_no_level(path):
    prose = [cell.source for cell in cells_of(path, "markdown")]
    levels = [len(mark) for text in prose for mark in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 and below <= 3 for above, below in pairwise(levels))
    assert not any(re.search(r"^#|<h\d|\bMarkdown\(", cell.source, re.MULTILINE) for cell in cells_of(path, "code"))


@each_notebook
def test_prose_typed_by_hand_holds_no_number(path):
    for cell in cells_of(path, "markdown")[1:]:  # the opening cell is for JupyterLab and enters no page
        assert NUMBER.findall(cell.source) == [], cell.source


# --- run three ways --------------------------------------------------------------------------------------------------


def test_the_pack_holds_what_its_executed_notebook_shows(page, executed):
    assert published(executed) == page.read_text(encoding="utf-8")


def test_every_display_of_the_executed_notebook_is_ours_and_none_is_a_heading(executed):
    outputs = [output for cell in cells_of(executed, "code") for output in cell.outputs]
    assert len(outputs) > 15
    assert {output.output_type for output in outputs} <= {"execute_result", "display_data"}
    kinds = {block["kind"] for output in outputs for block in output.data[MIME]["blocks"]}
    assert kinds == {"TitleBlock", "Paragraph", "Bullets", "Table", "Chart", "Missing"}  # all issues have an action


def test_plain_papermill_gives_the_same_page(council, start, page, tmp_path):
    out = tmp_path / "out.ipynb"
    notebook = "notebooks/quarterly_report.ipynb"
    ended = start("papermill", notebook, out, "-p", "params_file", PARAMS, cwd=council)
    assert ended.returncode == 0, ended.stderr
    assert published(out) == page.read_text(encoding="utf-8")


def test_a_notebook_run_in_its_own_folder_with_its_default_gives_the_same_page(council, start, page, tmp_path):
    ended = start(
        "jupyter", "execute", "quarterly_report.ipynb", f"--output={tmp_path / 'out'}", cwd=council / "notebooks"
    )
    assert ended.returncode == 0, ended.stderr
    assert published(tmp_path / "out.ipynb") == page.read_text(encoding="utf-8")


# --- refusals --------------------------------------------------------------------------------------------------------

CHILD = "Kayleigh"  # what a cell may hold and no message may repeat


@pytest.fixture
def run_with(short, ask):
    """Run the report with its notebook cut to the first page and these cells put in from the fourth on."""
    path = short / "notebooks" / "quarterly_report.ipynb"

    def run(*sources):
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[3:3] = [nbformat.v4.new_code_cell(source) for source in sources]
        nbformat.write(notebook, path)
        return ask("run", PARAMS, cwd=short), short / "outputs"

    return run


def assert_nothing_was_published(answer, outputs):
    left = [path.relative_to(outputs).as_posix() for path in outputs.rglob("*") if path.is_file()]
    assert left == [".private/example/2013_q1/error.txt"]
    told = (outputs / left[0]).read_text(encoding="utf-8")
    assert told.strip() in answer.stderr
    assert "Nothing has been published." in told
    for words in (told, answer.stderr, answer.stdout):
        assert CHILD not in words
        assert "Traceback" not in words


def test_displays_that_are_not_ours_are_refused_by_their_cells_all_at_once(run_with):
    table = f"import pandas as pd\n\npd.DataFrame({{'name': ['{CHILD}']}})"
    answer, outputs = run_with("1 + 1", table, f"len('{CHILD}');")
    assert answer.exit_code == 5
    assert re.findall(r"\d\. (cell \d+ of the notebook displays something)", answer.stderr) == [
        f"cell {number} of the notebook displays something" for number in (4, 5)
    ]
    assert_nothing_was_published(answer, outputs)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (f"name = '{CHILD}'\nraise ValueError(name)", "cell 4 failed with ValueError."),
        (f"report['{CHILD}']", r"cell 4 failed with KeyError at report[/\\]open\.py, line \d+\."),
    ],
    ids=["in the cell", "in the library"],
)
def test_a_cell_that_fails_is_named_with_the_line_of_ours_and_nothing_more(run_with, source, told):
    answer, outputs = run_with(source)
    assert answer.exit_code == 4
    assert re.search(told, answer.stderr)
    assert_nothing_was_published(answer, outputs)


def test_what_a_cell_prints_never_reaches_the_pack(run_with):
    answer, outputs = run_with(f"import sys\n\nprint('{CHILD}')\nprint('{CHILD}', file=sys.stderr)")
    assert answer.exit_code == 0, answer.stderr
    pack = outputs / "example" / "2013_q1" / "v001"
    assert json.loads((pack / "run.json").read_text(encoding="utf-8"))["notebook"] == "quarterly_report"
    assert "<h1>" in (pack / "report.html").read_text(encoding="utf-8")
    for path in pack.iterdir():
        assert CHILD.encode() not in path.read_bytes(), path.name
    assert CHILD not in answer.stdout + answer.stderr
