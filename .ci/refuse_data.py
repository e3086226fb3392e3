"""Refuse to commit what may hold somebody's data.

Three things never enter the history, because nothing leaves it again: files put
under `extracts/` or `outputs/` (but for their README), spreadsheets outside the
invented ones of `tests/data/`, and notebooks that were saved with their outputs.

Run by pre-commit with the names of the staged files, or by hand without any:
then it asks git. It reads what is staged, not what lies in the folder.
"""

import json
import subprocess
import sys
from pathlib import PurePosixPath

PRIVATE_FOLDERS = ("extracts", "outputs")
SPREADSHEETS = {".csv", ".ods", ".tsv", ".xls", ".xlsb", ".xlsm", ".xlsx"}


def reason_to_refuse(path: str, content: bytes) -> str | None:
    """Say why a staged file may not be committed, or None if it may.

    Parameters
    ----------
    path : str, from the top of the repository, with forward slashes
    content : bytes, as staged
    """
    place = PurePosixPath(path)
    folder = place.parts[0].lower()
    if folder in PRIVATE_FOLDERS and len(place.parts) > 1 and place.parts[1:] != ("README.md",):
        return f"{folder}/ holds real extracts and reports, which stay on your machine."
    kind = place.suffix.lower()
    if kind in SPREADSHEETS and place.parts[:2] != ("tests", "data"):
        return "a spreadsheet may hold real data; only invented ones are kept, in tests/data/."
    if kind == ".ipynb" and holds_outputs(content):
        return "the notebook was saved with outputs. Clear them, save, and stage it again."
    return None


def holds_outputs(notebook: bytes) -> bool:
    """Tell whether a notebook keeps what a cell showed; one that cannot be read counts as if it did."""
    try:
        cells = json.loads(notebook)["cells"]
        return any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
    except (ValueError, KeyError, TypeError, AttributeError):
        return True


def git(*words: str) -> bytes:
    """Ask git, and give its answer."""
    return subprocess.run(["git", *words], check=True, capture_output=True).stdout


def main(paths: list[str]) -> int:
    """Check the staged files; print each refusal; give 1 if there was one."""
    if not paths:
        staged = git("diff", "--cached", "--name-only", "--diff-filter=d", "-z")
        paths = [name for name in staged.decode().split("\0") if name]
    refused = 0
    for path in paths:
        reason = reason_to_refuse(path, git("show", f":{path}") if path.endswith(".ipynb") else b"")
        if reason:
            refused = 1
            print(f"{path}: {reason}", file=sys.stderr)
    if refused:
        print("Take a file out of the commit with: git restore --staged FILE", file=sys.stderr)
    return refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
