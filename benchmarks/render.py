"""How long does it take to make the page and the PDF, and how long do the stock tools take?

Give it an executed notebook. Every renderer reads the same file; each is run
once to warm up, then several times; the median is printed. Stock nbconvert's
`webpdf` wants a browser of its own, so its two steps are done one by one: its
HTML, then a Chromium that is on the machine printing it.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter

from qa_lib.report.document import read_document
from qa_lib.report.html import render_html
from qa_lib.report.pdf import render_pdf

RUNS = 7
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def median(work: Callable[[], object], runs: int = RUNS) -> float:
    """Median seconds of `runs` calls, after one to warm up."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def printed_by_a_browser(browser: str, page: str) -> Callable[[], object]:
    """A call that starts a browser, prints `page` to PDF and ends it, as `webpdf` does."""
    folder = Path(tempfile.mkdtemp())
    (folder / "page.html").write_text(page, encoding="utf-8")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={folder / 'page.pdf'}"]
    return lambda: subprocess.run([*command, str(folder / "page.html")], capture_output=True, check=True)


def main(path: str) -> None:
    """Print the table."""
    notebook = nbformat.read(path, as_version=4)
    document = read_document(notebook)
    rows = [
        ("read the notebook", median(lambda: read_document(notebook))),
        ("our HTML", median(lambda: render_html(document))),
        ("our PDF", median(lambda: render_pdf(document))),
    ]
    ours = sum(seconds for _, seconds in rows)
    rows.append(("ours together", ours))
    stock, _ = HTMLExporter().from_notebook_node(notebook)
    rows.append(("stock nbconvert HTML", median(lambda: HTMLExporter().from_notebook_node(notebook))))
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser:
        rows.append(("stock HTML printed by a browser", median(printed_by_a_browser(browser, stock), runs=3)))
    else:
        print("no browser: the printed page is left out")
    for name, seconds in rows:
        print(f"{name:34} {seconds:7.3f} s   {seconds / ours:5.2f} x ours together")


if __name__ == "__main__":
    main(sys.argv[1])
