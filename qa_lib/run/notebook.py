"""How is the notebook run?

By papermill, in a fresh kernel, cell by cell in order, with one parameter: the
params file. The executed notebook is a working paper and stays in the private
folder. If a cell fails, what is kept and shown is which cell, which line of
ours and what to do, never the message of a library: those quote cells.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qa_lib.problems import NOTEBOOK, Problem, QAError
from qa_lib.run.plan import Run

PARAMETER = "params_file"
CELL_SECONDS, START_SECONDS = 600, 120


def execute(run: Run, folder: Path, step: Callable[[str], None]) -> Any:
    """Run a report's notebook; the executed notebook is saved in `folder` and returned.

    Raises
    ------
    QAError : exit code 4, naming the cell and the line of ours.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    logging.getLogger("papermill").setLevel(logging.ERROR)
    source = run.params.notebook
    if PARAMETER not in papermill.inspect_notebook(str(source)):
        message = f"the notebook has no cell tagged `parameters` that sets {PARAMETER}."
        raise QAError(
            [Problem("parameter", message, "Copy that cell from another notebook.", file=source.name)],
            NOTEBOOK,
        )
    executed = folder / f"{source.stem}.ipynb"
    cells = 0

    def cell_done(cell: Any, cell_index: int) -> None:  # noqa: ARG001  the names are nbclient's
        nonlocal cells
        cells += 1
        step(f"Running {source.stem}, cell {cell_index + 1}")

    try:
        return papermill.execute_notebook(
            str(source),
            str(executed),
            parameters={PARAMETER: str(run.params.path)},
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            execution_timeout=CELL_SECONDS,
            start_timeout=START_SECONDS,
            shutdown_kernel="immediate",
            on_cell_complete=cell_done,
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),
        )
    except PapermillExecutionError as error:
        where = _line_of_ours("\n".join(error.traceback))
        message = f"cell {error.cell_index} failed with {error.ename}{where}."  # counted without papermill's own cell
        fix = "Open the notebook in JupyterLab with the same params file and run it to that cell to see why."
    except CellTimeoutError:
        message, fix = (
            f"a cell ran longer than {CELL_SECONDS} seconds and was stopped.",
            "Are the extracts very large?",
        )
    except (DeadKernelError, RuntimeError):
        message, fix = "its kernel died or did not start.", "Close other programs and try again."
    raise QAError([Problem("notebook", message, fix, file=source.name)], NOTEBOOK)


def _line_of_ours(traceback: str) -> str:
    """The last line of the library in a traceback, such as " at report/open.py, line 88"."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", traceback)
    found = re.findall(r"qa_lib[/\\]([\w/\\]+\.py)(?::|\S*, line )(\d+)", plain)
    return f" at {found[-1][0]}, line {found[-1][1]}" if found else ""
