"""How is a pack made whole?

A pack is built in a folder of its own beside the others, checked, and appears
under its name by one rename; readers see the old pack or the new one and never
half of either. Whatever names a person, a file, a machine or a time of day
stays in the private folder.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from qa_lib.problems import NOTEBOOK, PUBLICATION, Problem, QAError, in_words, unexpected
from qa_lib.report.blocks import Bullets, Heading, Runs
from qa_lib.report.commentary import place_commentary
from qa_lib.report.document import Document, read_document
from qa_lib.report.html import render_html
from qa_lib.report.html_gate import check_html
from qa_lib.report.identity import library_fingerprint, product_version
from qa_lib.report.pdf import render_pdf
from qa_lib.report.pdf_gate import check_pdf
from qa_lib.report.readability import check_reading, reading_of
from qa_lib.report.words import check_numbers, ledger_of
from qa_lib.report.workbook import render_workbook
from qa_lib.run.folders import as_text, fsync_folder, private_folder, sha256, sweep, write
from qa_lib.run.notebook import execute
from qa_lib.run.papers import write_papers
from qa_lib.run.plan import Run

Step = Callable[[str], None]


def make_pack(run: Run, step: Step) -> Path:
    """Run one report and publish its pack; returns the pack's folder.

    A working copy (audience `working`) is made the same way, and stays in the private folder.

    Raises
    ------
    QAError : nothing was published; the private folder holds the redacted error and the old pack is untouched.
    """
    work = run.private / f".work-{os.getpid()}"
    private_folder(work)
    started = datetime.now(UTC)
    try:
        notebook = execute(run, work, step)
        step("Checking the page")
        document = place_commentary(read_document(notebook))
        check_numbers(document)
        check_reading(document)
        _check_unchanged(run, document)
        step("Publishing")
        write_papers(run, work, started)
        pack = _publish(run, document)
        _keep_papers(run, work, pack.name)
    except QAError as error:
        _keep_error(run, error)
        raise
    except Exception as error:  # noqa: BLE001  a message of a library may quote a cell: none is passed on
        refused = unexpected(error, NOTEBOOK)
        _keep_error(run, refused)
        raise refused from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return pack


def _check_unchanged(run: Run, document: Document) -> None:
    """What the kernel read must be what was checked before it started."""
    if document.title.run_id != run.run_id:
        message = "an extract or a setting changed while the report was running."
        raise QAError([Problem("changed", message, "Run it again.")], PUBLICATION)


def _publish(run: Run, document: Document) -> Path:
    """Stage the pack's files, then let it appear by one rename."""
    home = run.private / "working" if run.params.audience == "working" else run.outputs / run.name
    home.mkdir(parents=True, exist_ok=True)
    sweep(run.outputs)
    inside = run.private if run.params.audience == "working" else run.outputs  # a working copy is never laid open
    staged = inside / f".tmp-{os.getpid()}"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=0o755)
    try:
        files = _files(run, document, staged)
        files["run.json"] = as_text(_record(run, document, files)).encode()
        for name, content in files.items():
            write(staged / name, content)
        sums = [f"{sha256(content)}  {name}\n" for name, content in sorted(files.items())]
        write(staged / "SHA256SUMS", "".join(sums).encode())
        fsync_folder(staged)
        pack = _appear(staged, home)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    latest = home / f".latest-{os.getpid()}"
    write(latest, as_text({"version": pack.name, "run_id": run.run_id}).encode())
    latest.replace(home / "latest.json")
    return pack


def _files(run: Run, document: Document, folder: Path) -> dict[str, bytes]:
    """The pack's files by name, each through its gate; `folder` is for what is written on the way."""
    page = render_html(document)
    check_html(page)
    printed = render_pdf(document)
    check_pdf(printed)
    render_workbook(document, folder / "tables.xlsx")
    facts = [fact.as_json() for fact in ledger_of(document).values()]
    return {
        "report.html": page.encode(),
        "report.pdf": printed,
        "tables.xlsx": (folder / "tables.xlsx").read_bytes(),
        "facts.json": as_text({"run_id": run.run_id, "facts": facts}).encode(),
    }


def _appear(staged: Path, home: Path) -> Path:
    """Rename the staged folder to the next free version; if another run takes the number first, to the one after."""
    while True:
        taken = [int(found[1]) for path in home.iterdir() if (found := re.fullmatch(r"v(\d{3,})", path.name))]
        pack = home / f"v{max(taken, default=0) + 1:03d}"
        try:
            staged.rename(pack)
        except OSError:
            if not pack.exists():
                raise
            continue
        fsync_folder(home)
        return pack


def _record(run: Run, document: Document, files: dict[str, bytes]) -> dict[str, Any]:
    """The run record: what made the pack, without a person, a file name, a time or a fingerprint of data."""
    params, reading = run.params, reading_of(document)
    return {
        "schema": 2,
        "run_id": run.run_id,
        "product": {
            "version": product_version(),
            "library": library_fingerprint(),
            "python": platform.python_version(),
        },
        "notebook": params.notebook.stem,
        "council": params.framework.council,
        "title": document.title.title,
        "part": {key: list(values) for key, values in params.where.given.items()},
        "draw": _draw_record(run),
        "period": document.title.period,
        "status": document.title.status,
        "periods": {period.key: [period.start.isoformat(), period.end.isoformat()] for period in params.periods},
        "as_of": params.as_of.isoformat(),
        "audience": params.audience,
        "hide_up_to": params.hide_up_to,
        "framework": params.framework.model_dump(mode="json"),
        "codebook_version": params.codebook.version,
        "inputs": {kind: len(paths) for kind, paths in params.extracts.items()},
        "warnings": sorted({problem.code for problem in run.extracts.warnings}),
        "facts": len(document.title.facts),
        "findings": _findings(document),
        "first_page": {"grade": round(reading.grade, 1), "words_a_sentence": round(reading.words_a_sentence, 1)},
        "outputs": {name: sha256(content) for name, content in files.items()},
    }


def _draw_record(run: Run) -> dict[str, Any]:
    """What it takes to make a draw again; nothing for a report."""
    if run.params.draw is None:
        return {}
    drawn = run.material.drawing.draw
    criterion = {key: list(values) for key, values in run.params.draw_from.given.items()}
    record = {**run.params.draw.model_dump(mode="json"), "where": criterion, "frame_sha256": drawn.frame_sha256}
    return {**record, "solver": f"scipy {version('scipy')}"}


def _findings(document: Document) -> list[str]:
    """The points of the first page, which ends where the second section begins, without the marks of notes."""
    last = len(document.blocks)
    opened = [at for at, block in enumerate(document.blocks) if isinstance(block, Heading) and block.level == 2]
    first, end = [*opened, last, last][:2]
    points = (item for block in document.blocks[first:end] if isinstance(block, Bullets) for item in block.items)
    return [_as_plain_text(point) for point in points]


def _as_plain_text(runs: Runs) -> str:
    """A point without its notes; a label, which a page sets off by its looks, stands in brackets inside a sentence."""
    text = ""
    for run in runs:
        is_inside = run.style == "label" and text.strip() and not text.rstrip().endswith(".")
        text += f"({run.text})" if is_inside else "" if run.style == "note" else run.text
    return f"{text}." if runs and runs[-1].style == "label" else text


def _keep_papers(run: Run, work: Path, version: str) -> None:
    """The working papers under the number of their pack, once that is published."""
    kept = run.private / (f"working-{version}" if run.params.audience == "working" else version)
    shutil.rmtree(kept, ignore_errors=True)
    (run.private / "error.txt").unlink(missing_ok=True)
    work.rename(kept)


def _keep_error(run: Run, error: QAError) -> None:
    private_folder(run.private)
    write(run.private / "error.txt", f"{in_words(error.problems)}\n".encode())
