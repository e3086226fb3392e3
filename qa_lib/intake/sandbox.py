"""Where is a stranger's file opened?

In a process of its own, with a limit on its memory and its time: a file made
to exhaust a parser ends that process and nothing else. The bytes go in through
a pipe and text cells come back through another, as JSON; no cell is written to
disk, and nothing that comes back can run.

Where a system has no such limits (Windows), the limits on size that are
checked before parsing stand alone, and the timer.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from qa_lib.intake.files import MB, MOST_CSV, Sheet, check_bytes, read_csv, refused
from qa_lib.problems import Problem, QAError

MOST_MEMORY, MOST_SECONDS = 1_500 * MB, 120
_LARGE = "it takes more memory or time than an extract may."
_START = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("qa_lib", sys.argv[1])
sys.modules["qa_lib"] = module_from_spec(spec)
spec.loader.exec_module(sys.modules["qa_lib"])
from qa_lib.intake.sandbox import main
main(*sys.argv[2:])
"""
"""This library and nothing else from its folder, which may be the analyst's own and hold a json.py."""


def read_sheets(path: Path) -> tuple[str, list[Sheet]]:
    """The SHA-256 of a file's bytes, and its sheets, read in a process with limits.

    Raises
    ------
    QAError : exit code 3; the container, the encoding or the shape cannot be relied on.
    """
    try:
        large = path.stat().st_size > MOST_CSV
        raw = b"" if large else path.read_bytes()
    except OSError:
        raise refused("unreadable", "the file cannot be opened.", "Close it elsewhere and try again.") from None
    if large:
        raise refused("too_large", f"such a file may hold {MOST_CSV // MB} MB at most.", "Split it by period.")
    check_bytes(path.suffix.lower(), raw)
    library = str(Path(__file__).resolve().parents[1] / "__init__.py")
    command = [sys.executable, "-P", "-c", _START, library, path.suffix.lower(), str(MOST_MEMORY), str(MOST_SECONDS)]
    try:
        ended = subprocess.run(  # noqa: S603  our own module
            command, input=raw, capture_output=True, timeout=MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise refused("too_large", _LARGE, "Split it by period, or save it as CSV UTF-8.") from None
    if ended.returncode:
        raise refused("too_large", _LARGE, "Split it by period, or save it as CSV UTF-8.")
    return hashlib.sha256(raw).hexdigest(), list(_received(ended.stdout))


def _received(output: bytes) -> Iterator[Sheet]:
    lines = io.BytesIO(output)
    for line in lines:
        head = json.loads(line)
        if "problem" in head:
            raise QAError([_problem(head["problem"])])
        rows = dict(json.loads(next(lines)) for _ in range(head["rows"]))
        yield Sheet(
            head["name"],
            rows,
            {int(at): frozenset(dates) for at, dates in head["real_dates"].items()},
            tuple((first, last) for first, last in head["merged"]),
            tuple((row, column) for row, column in head["unstored"]),
            head["hidden"],
            tuple(_problem(warning) for warning in head["warnings"]),
        )


def _problem(told: dict[str, Any]) -> Problem:
    return Problem(**{**told, "rows": tuple(told["rows"])})


def _send(sheets: list[Sheet], out: BinaryIO) -> None:
    for sheet in sheets:
        head = {
            "name": sheet.name,
            "rows": len(sheet.rows),
            "real_dates": {at: sorted(rows) for at, rows in sheet.real_dates.items()},
            "merged": sheet.merged,
            "unstored": sheet.unstored,
            "hidden": sheet.hidden,
            "warnings": [asdict(warning) for warning in sheet.warnings],
        }
        out.write(json.dumps(head).encode() + b"\n")
        out.writelines(json.dumps(row).encode() + b"\n" for row in sheet.rows.items())


def _limit(memory: int, seconds: int) -> None:
    """Take memory and time away from this process, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def main(ending: str, memory: str, seconds: str) -> None:
    """Read a file's bytes from standard input and write its sheets to standard output, within limits."""
    _limit(int(memory), int(seconds))
    out = sys.stdout.buffer
    try:
        raw = sys.stdin.buffer.read()
        if ending == ".csv":
            sheets = [read_csv(raw)]
        else:
            from qa_lib.intake.workbooks import read_xlsx

            sheets = read_xlsx(raw)
        _send(sheets, out)
    except QAError as error:
        out.write(json.dumps({"problem": asdict(error.problems[0])}).encode() + b"\n")
    except MemoryError:
        sys.exit(1)
