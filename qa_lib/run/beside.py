"""How does a new params file come to stand beside another?

In the same folder, because what it names is looked up from there; under a name
that a pack can bear; never in the place of a file that is there already. It is
read again before it stands, and goes again if it has faults.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qa_lib.problems import SETTINGS, Problem, QAError
from qa_lib.run.folders import write
from qa_lib.run.plan import outputs_of
from qa_lib.settings.yaml import shown


def place_beside(path: Path, name: str, outputs: Path | None = None) -> Path:
    """Where a file of that name stands beside a params file; its pack goes below `outputs`, if not the file's own.

    Raises
    ------
    QAError : exit code 2; no pack can bear the name of the file, or of a folder that it is in.
    """
    target = path.parent / name
    try:
        outputs_of(target, outputs)
    except QAError as error:
        if wrong := [problem for problem in error.problems if problem.code == "name"]:
            raise QAError(wrong, SETTINGS) from None
    return target


def write_beside(target: Path, content: bytes, faults: Callable[[Path], list[Problem]], fix: str) -> None:
    """Write a new params file and read it by `faults`; `fix` says how another name is given.

    Raises
    ------
    QAError : exit code 2; there is such a file, it cannot be written, or it would have faults: then it is not there.
    """
    try:
        target.touch(exist_ok=False)
    except FileExistsError:
        fix = f"Nothing is overwritten: take that file away, or {fix}"
        raise refused("exists", "there is such a file already.", fix, target) from None
    except OSError:
        raise cannot_write(target) from None
    found: list[Problem] = []
    try:
        write(target, content)
        found = faults(target)
    except OSError:
        target.unlink(missing_ok=True)
        raise cannot_write(target) from None
    if found:
        target.unlink()
        raise QAError(found, SETTINGS)


def refused(code: str, message: str, fix: str, path: Path) -> QAError:
    """One thing to put right in or about a file of settings; exit code 2."""
    return QAError([Problem(code, message, fix, file=shown(path))], SETTINGS)


def cannot_write(path: Path) -> QAError:
    """The refusal of a disk or a folder."""
    fix = "Is there room on the disk, may its folder be written, and is it open in another program?"
    return refused("write", "it cannot be written.", fix, path)
