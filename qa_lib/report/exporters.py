"""How does a notebook that was run become a page without `qa run`?

By nbconvert's own door: `jupyter nbconvert --to qa-html` and `--to qa-pdf` make
the files of a pack from an executed notebook, byte for byte, and JupyterLab
lists "QA_report_HTML" and "QA_report_PDF" under "Save and Export Notebook As".
The notebook passes the same checks as in a run; one with an output that is not
ours is refused, and its cell named.

Two names for one thing, because a Jupyter server answers an export only under
a name of letters, digits and underscores: a menu would show `qa-html` and fail.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from nbconvert.exporters.exporter import Exporter
from traitlets import default
from traitlets.config import Application

from qa_lib.problems import PUBLICATION, Problem, QAError

Exported = tuple[bytes, dict[str, Any]]


class QAHTMLExporter(Exporter):
    """The page for a browser: `--to qa-html`."""

    export_from_notebook = "QA report (HTML)"
    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension(self) -> str:
        return ".html"

    @default("enabled")
    def _enabled(self) -> bool:
        return not _in_a_server()

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> Exported:  # type: ignore[override]
        """The page as bytes, so that no system changes its line ends."""
        return _exported(self, *super().from_notebook_node(nb, resources, **kw), _html)


class QAPDFExporter(Exporter):
    """The PDF: `--to qa-pdf`."""

    export_from_notebook = "QA report (PDF)"
    output_mimetype = "application/pdf"

    @default("file_extension")
    def _file_extension(self) -> str:
        return ".pdf"

    @default("enabled")
    def _enabled(self) -> bool:
        return not _in_a_server()

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> Exported:  # type: ignore[override]
        """The PDF as bytes."""
        return _exported(self, *super().from_notebook_node(nb, resources, **kw), _pdf)


class MenuHTMLExporter(QAHTMLExporter):
    """The same page by the name that JupyterLab can ask for."""

    @default("enabled")
    def _enabled(self) -> bool:
        return True


class MenuPDFExporter(QAPDFExporter):
    """The same PDF by the name that JupyterLab can ask for."""

    @default("enabled")
    def _enabled(self) -> bool:
        return True


def _exported(exporter: Exporter, notebook: Any, resources: dict[str, Any], render: Callable[[Any], bytes]) -> Exported:
    """Read, check and render; at the command line a refusal ends it with words and an exit code."""
    from qa_lib.report.commentary import place_commentary
    from qa_lib.report.document import read_document
    from qa_lib.report.readability import check_reading
    from qa_lib.report.words import check_numbers

    try:
        _check_was_run(notebook)
        document = place_commentary(read_document(notebook))
        check_numbers(document)
        check_reading(document)
        return render(document), resources
    except QAError as error:
        if not _at_the_command_line():
            raise
        refused = error
    exporter.log.error("%s", refused)
    sys.exit(refused.exit_code)


def _html(document: Any) -> bytes:
    from qa_lib.report.html import render_html
    from qa_lib.report.html_gate import check_html

    page = render_html(document)
    check_html(page)
    return page.encode()


def _pdf(document: Any) -> bytes:
    from qa_lib.report.pdf import render_pdf
    from qa_lib.report.pdf_gate import check_pdf

    printed = render_pdf(document)
    check_pdf(printed)
    return printed


def _check_was_run(notebook: Any) -> None:
    """The commonest slip: the notebook as it was fetched, or not saved since it was run."""
    if not any(cell.get("outputs") for cell in notebook["cells"]):
        fix = "Run all its cells, save it, and export it again."
        raise QAError([Problem("not_run", "this notebook has not been run.", fix)], PUBLICATION)


def _at_the_command_line() -> bool:
    return Application.initialized() and Application.instance().name == "jupyter-nbconvert"


def _in_a_server() -> bool:
    """Whether this process is a Jupyter server; asked without importing one."""
    server = sys.modules.get("jupyter_server.serverapp")
    return server is not None and Application.initialized() and isinstance(Application.instance(), server.ServerApp)
