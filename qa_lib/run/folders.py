"""How does a file get to the disk, and who may see it?

Files are written through to the disk before a pack appears; private folders
are their owner's alone; what a killed run left behind is taken away.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter, and those above it up to `.private`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in (folder, *folder.parents):
        path.chmod(0o700)
        if path.name == ".private":
            break


def sweep(outputs: Path) -> None:
    """Take away what a killed run left behind a day ago or more."""
    for left in [
        *outputs.glob(".tmp-*"),
        *(outputs / ".private").rglob(".tmp-*"),
        *(outputs / ".private").rglob(".work-*"),
    ]:
        age = datetime.now(UTC).timestamp() - left.stat().st_mtime
        if age > 24 * 3600:
            shutil.rmtree(left, ignore_errors=True)


def write(path: Path, content: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def fsync_folder(folder: Path) -> None:
    """Wait until a folder's list of files is on the disk (there is no such call on Windows)."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sha256(content: bytes) -> str:
    """Hexadecimal fingerprint."""
    return hashlib.sha256(content).hexdigest()


def as_text(data: Any) -> str:
    """Data as JSON, the same for the same data."""
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
