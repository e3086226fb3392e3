"""nbconvert's doors: the command line and JupyterLab's menu give the files of the pack, or say why not."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from lab import serve
from nbconvert.exporters import get_export_names, get_exporter

from qa_lib.problems import PUBLICATION, QAError

TYPED = {"qa-html": "report.html", "qa-pdf": "report.pdf"}
LISTED = {"QA_report_HTML": "report.html", "QA_report_PDF": "report.pdf"}
MIMES = {"report.html": "text/html", "report.pdf": "application/pdf"}
MENU = {"report.html": "QA report (HTML)", "report.pdf": "QA report (PDF)"}


@pytest.fixture
def copied(executed, tmp_path):
    """The executed notebook once more, and its content, for a test that changes it."""
    path = tmp_path / "copied.ipynb"
    notebook = json.loads(executed.read_text(encoding="utf-8"))

    def save():
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path

    return notebook, save


@pytest.fixture
def convert(start, tmp_path):
    """Convert a notebook at the command line."""

    def run(name, notebook):
        made = ["--output-dir", tmp_path, "--output", "made"]
        return start("jupyter", "nbconvert", "--to", name, *made, notebook, cwd=tmp_path)

    return run


@pytest.mark.parametrize(("name", "file"), TYPED.items())
def test_the_command_line_makes_the_file_of_the_pack_byte_for_byte(convert, executed, pack, tmp_path, name, file):
    ended = convert(name, executed)
    assert ended.returncode == 0, ended.stderr
    (made,) = tmp_path.glob("made.*")
    assert made.suffix == (pack / file).suffix
    assert made.read_bytes() == (pack / file).read_bytes()


def foreign_output(cell):
    cell["outputs"] = [{"output_type": "display_data", "data": {"text/plain": "Kayleigh"}, "metadata": {}}]
    return "displays something that is not a table, a chart or sentences of this library"


def error_output(cell):
    cell["outputs"] = [{"output_type": "error", "ename": "KeyError", "evalue": "Kayleigh", "traceback": ["Kayleigh"]}]
    return "ended in an error"


@pytest.mark.parametrize(("name", "spoil"), [("qa-html", foreign_output), ("qa-pdf", error_output)])
def test_a_notebook_with_an_output_that_is_not_ours_is_refused_and_its_cell_named(
    convert, copied, tmp_path, name, spoil
):
    notebook, save = copied
    own = [cell for cell in notebook["cells"] if "injected-parameters" not in cell["metadata"].get("tags", [])]
    number, cell = [(at, cell) for at, cell in enumerate(own, start=1) if cell["cell_type"] == "code"][2]
    said = f"cell {number} of the notebook {spoil(cell)}."
    ended = convert(name, save())
    assert ended.returncode == PUBLICATION
    assert said in ended.stderr
    assert "1 thing to put right." in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Kayleigh" not in ended.stderr
    assert not list(tmp_path.glob("made.*"))


@pytest.mark.parametrize(
    ("prose", "said"),
    [
        ("In 41 of 60 audits.", "a number that is no fact of this report (41, 60)."),
        ("A LADO came.", "the first page uses the abbreviation LADO and does not explain it."),
        ("#### Too deep", 'the heading "Too deep" is of level 4'),
    ],
)
def test_a_page_is_held_to_the_same_checks_as_in_a_run(copied, prose, said):
    notebook, save = copied
    cell = next(cell for cell in notebook["cells"] if "".join(cell["source"]).startswith("## "))
    cell["source"] = "".join(cell["source"]) + f"\n\n{prose}\n"
    with pytest.raises(QAError) as refused:
        get_exporter("qa-html")().from_filename(save())
    assert refused.value.exit_code == PUBLICATION
    assert said in str(refused.value)


def test_a_notebook_that_was_not_run_is_refused_with_what_to_do(council):
    with pytest.raises(QAError) as refused:
        get_exporter("qa-html")().from_filename(council / "notebooks" / "quarterly_report.ipynb")
    assert refused.value.exit_code == PUBLICATION
    told = "this notebook has not been run.\n     Run all its cells, save it, and export it again."
    assert told in str(refused.value)


def test_nbconvert_lists_the_exporters_by_all_their_names():
    assert {*TYPED, *LISTED} <= set(get_export_names())


@pytest.mark.parametrize(("name", "file"), [*TYPED.items(), *LISTED.items()])
def test_an_exporter_says_what_it_makes(name, file):
    exporter = get_exporter(name)
    assert exporter.output_mimetype == MIMES[file]
    assert exporter.export_from_notebook == MENU[file]
    assert exporter().file_extension == Path(file).suffix


def test_listing_the_exporters_loads_none_of_the_heavy_libraries():
    code = (
        "import sys; from nbconvert.exporters import get_export_names; before = set(sys.modules);"
        "assert 'qa-pdf' in get_export_names(); print(*set(sys.modules) - before)"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = ended.stdout.split()
    assert "qa_lib.report.exporters" in loaded
    heavy = {"pandas", "numpy", "matplotlib", "scipy", "pydantic", "typst", "pikepdf", "qa_lib.report.document"}
    assert heavy & set(loaded) == set()


# --- a running server, as JupyterLab asks it -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(executed, tmp_path_factory):
    """Asks a running Jupyter server, whose files are the folder of the executed notebook."""
    with serve("jupyter_server", executed.parent, tmp_path_factory.mktemp("server")) as address:

        def ask(path):
            request = Request(f"{address}{path}", headers={"Referer": address})  # noqa: S310  it is our own server's
            with urlopen(request, timeout=60) as answer:  # noqa: S310  the same
                return answer.read()

        yield ask


def test_jupyterlab_lists_the_names_that_it_can_ask_for_and_no_other(server):
    listed = json.loads(server("api/nbconvert"))
    ours = {name: told["output_mimetype"] for name, told in listed.items() if name.lower().startswith("qa")}
    assert ours == {name: MIMES[file] for name, file in LISTED.items()}


@pytest.mark.parametrize(("name", "file"), LISTED.items())
def test_jupyterlab_gets_the_file_of_the_pack_byte_for_byte(server, executed, pack, name, file):
    assert server(f"nbconvert/{name}/{executed.name}?download=true") == (pack / file).read_bytes()


def test_a_server_could_not_be_asked_for_a_name_with_a_hyphen(server, executed):
    """Why there are two names; when a server can, one pair is enough."""
    with pytest.raises(HTTPError, match="404"):
        server(f"nbconvert/qa-html/{executed.name}")


def test_jupyterlab_says_why_a_notebook_is_refused_and_goes_on(server, executed, copied):
    notebook, _ = copied
    for cell in notebook["cells"]:
        cell.pop("outputs", None)
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    refused = executed.with_name("not_run.ipynb")
    refused.write_text(json.dumps(notebook), encoding="utf-8")
    try:
        with pytest.raises(HTTPError, match="500") as answer:
            server(f"nbconvert/QA_report_HTML/{refused.name}")
        assert "this notebook has not been run." in answer.value.read().decode()
        assert json.loads(server("api/nbconvert"))
    finally:
        refused.unlink()
