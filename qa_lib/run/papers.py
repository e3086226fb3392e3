"""Which working papers go with a report?

What only the analyst, the co-ordinator or an auditor may see: the passages
behind the themes, who audits which case, whom a moderation workshop concerns,
and who ran what when. They stay in the private folder.
"""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qa_lib.report.actions_book import write_actions
from qa_lib.report.allocation_book import write_allocation
from qa_lib.report.identity import product_version
from qa_lib.report.passages_book import write_passages
from qa_lib.report.workshop_book import write_workshop
from qa_lib.run.folders import as_text, write
from qa_lib.run.plan import Run, notebook_says

WORKSHOP = "plan=qa.WORKSHOP"
"""What the notebook of a moderation workshop says."""


def write_papers(run: Run, work: Path, started: datetime) -> None:
    """Write the working papers of a report into its private folder, `work`."""
    material = run.material
    if run.params.draw:
        write_allocation(material.drawing, run.params, product_version(), work)
    else:
        write_passages(material, work / "passages.xlsx")
        if material.extracts.actions is not None and not run.params.where.given:
            write_actions(material, work / "actions.xlsx")
    if notebook_says(run.params, WORKSHOP):
        write_workshop(material, work, run.run_id)
    write(work / "sidecar.json", as_text(_sidecar(run, started)).encode())


def _sidecar(run: Run, started: datetime) -> dict[str, Any]:
    """Who ran what when, and what was read."""
    return {
        "run_id": run.run_id,
        "content_key": run.content_key,
        "user": getpass.getuser(),
        "started": started.isoformat(timespec="seconds"),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": [
            {
                "kind": file.kind.name,
                "file": file.file,
                "sheet": file.sheet,
                "sha256": file.sha256,
                "rows_read": file.rows_read,
                "rows_left_out": file.rows_left_out,
            }
            for file in run.extracts.files
        ],
        "warnings": [f"{problem.file}: {problem.sentence}" for problem in run.extracts.warnings],
    }
