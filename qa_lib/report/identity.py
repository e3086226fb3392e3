"""What makes two runs the same?

A run's content key is a fingerprint of everything that can change a figure or
a word: the settings as read, the bytes of every extract, the notebook and the
library's own source. The same inputs give the same key on any day and under
any user. What is printed is the run id, made from the key in one place.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from qa_lib.settings.report import ReportParams


def product_version() -> str:
    """The version of the workbook that is installed."""
    return version("qa-workbook")


def content_key(params: ReportParams, fingerprints: Iterable[str]) -> str:
    """Hexadecimal fingerprint of a report's inputs.

    `fingerprints` are those of the extracts' bytes, without their names: renaming
    an extract changes nothing.
    """
    parts = {
        "title": params.title,
        "periods": [[period.key, period.start.isoformat(), period.end.isoformat()] for period in params.periods],
        "as_of": params.as_of.isoformat(),
        "audience": params.audience,
        "framework": params.framework.model_dump(mode="json"),
        "codebook": params.codebook.model_dump(mode="json"),
        "logo": params.logo,
        "tools": [tool.model_dump(mode="json") for tool in (params.tool, params.earlier_tool) if tool],
        "standards": params.standards.model_dump(mode="json") if params.standards else {},
        "where": [params.where.given, params.where.polarity],
        "draw": [params.draw.model_dump(mode="json") if params.draw else {}, params.draw_from.given],
        "words": [params.commentary, params.commentary_file, params.last_one_thing, params.next_workshop],
        "last_workshop": params.last_workshop,
        "extracts": sorted(fingerprints),
        "notebook": _cells(params.notebook),
        "library": library_fingerprint(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _cells(notebook: Path) -> list[list[str]]:
    """Kind and source of every cell: saving a notebook with its outputs changes no report."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [[cell["cell_type"], "".join(cell["source"])] for cell in cells]


def library_fingerprint() -> str:
    """Fingerprint of the library's own source and templates."""
    root = Path(__file__).resolve().parents[1]
    files = sorted(path for kind in ("*.py", "*.j2", "*.css", "*.typ", "*.ttf", "*.woff2") for path in root.rglob(kind))
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def run_id(key_of_content: str, key: bytes = b"") -> str:
    """The id that is printed: ten characters from the content key, keyed so that a secret can join later.

    >>> run_id("00") == run_id("00"), run_id("00") == run_id("01"), len(run_id("00"))
    (True, False, 10)
    """
    digest = hmac.new(key, key_of_content.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:10]
