"""What will run, and why?

Every params file of a command is read, and every extract that it names is
checked, before any kernel starts: a fault in the last of twelve reports is told
in the first second. What comes out is a list of runs, each with its place
under `outputs/` and its content key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from qa_lib.intake.extracts import Extracts, read_extracts
from qa_lib.problems import SETTINGS, Problem, QAError
from qa_lib.report.identity import content_key, run_id
from qa_lib.report.material import Material
from qa_lib.report.part import only_of_the_whole, part_of
from qa_lib.settings.report import ReportParams, read_report
from qa_lib.settings.yaml import shown

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{at}" for port in ("com", "lpt") for at in range(10))}
VERSION = re.compile(r"v[0-9]{3,}|working(-v[0-9]{3,})?")
"""What stands in a report's own folder: a report of such a name would be put into another's pack."""


@dataclass(frozen=True)
class Run:
    """One report to make: what was asked, what was read, where the pack will stand.

    `outputs` is the folder of all packs; `name` the pack's own folder below it,
    such as `example/2013_q1`.
    """

    params: ReportParams
    extracts: Extracts
    outputs: Path
    name: str
    content_key: str

    @cached_property
    def material(self) -> Material:
        """What the report is measured from; refused where it asks for a part that cannot be told apart."""
        return part_of(Material(self.params, self.extracts))

    @property
    def run_id(self) -> str:
        """The id that is printed."""
        return run_id(self.content_key)

    @property
    def private(self) -> Path:
        """Where working papers of this report are kept, out of every pack."""
        return self.outputs / ".private" / self.name


def plan_runs(
    params_files: Iterable[str | Path],
    outputs: Path | None = None,
    step: Callable[[str], None] = lambda _: None,
) -> list[Run]:
    """Read and check everything that a command names.

    Raises
    ------
    QAError : all problems of all files; exit code 2 if a settings file is wrong, else 3.
    """
    runs: list[Run] = []
    problems: list[Problem] = []
    codes: set[int] = set()
    for params_file in params_files:
        step(f"Reading {Path(params_file).name}")
        try:
            params = read_report(params_file)
            place = outputs_of(params.path, outputs)
            _check_whole(params)
            extracts = read_extracts(params)
            run = Run(params, extracts, *place, content_key(params, extracts.fingerprints))
            _ = run.material.drawing if params.draw else run.material  # what they refuse is told before any notebook
        except QAError as error:
            problems += [problem for problem in error.problems if problem not in problems]
            codes.add(error.exit_code)
            continue
        runs.append(run)
    places = [(run.outputs, run.name) for run in runs]
    for run in runs:
        if places.count((run.outputs, run.name)) > 1:
            problems.append(Problem("doubled", "this report was asked for twice.", file=shown(run.params.path)))
            codes.add(SETTINGS)
    if problems:
        raise QAError(problems, min(codes))
    return runs


def _check_whole(params: ReportParams) -> None:
    """Refuse a part of a report whose notebook says that it is of the whole service, before it is run."""
    if params.where.given and notebook_says(params, "whole_service=True"):
        raise only_of_the_whole(params)


def notebook_says(params: ReportParams, words: str) -> bool:
    """Whether these words stand in the notebook that is asked for: how it opens its report."""
    return words in params.notebook.read_text(encoding="utf-8")


def outputs_of(path: Path, outputs: Path | None = None) -> tuple[Path, str]:
    """The outputs folder of a params file, and the name of its pack below it.

    `outputs/` stands beside the nearest parent folder called `params`; without
    one, in the working folder, and the name is the file's folder and its own.
    The outputs folder itself may be a link, which is what the analyst chose; nothing
    below it may, so that all that is written stays in it.

    Raises
    ------
    QAError : exit code 2; a name that is not small letters, digits, "-" and "_", or that leads out of the outputs.
    """
    parents = [parent for parent in path.parents if parent.name == "params"]
    if parents:
        home, parts = parents[0].parent, path.relative_to(parents[0]).with_suffix("").parts
    else:
        home, parts = Path.cwd(), (path.parent.name, path.stem)
    wrong = [part for part in parts if not NAME.fullmatch(part) or part in DEVICES or VERSION.fullmatch(part)]
    if wrong:
        message = f'"{wrong[0]}" cannot name a folder of outputs.'
        fix = "Rename the params file or its folder: small letters, digits, - and _, 60 at most; no con, no v001."
        raise QAError([Problem("name", message, fix, file=shown(path))], SETTINGS)
    place, name = (outputs or home / "outputs").resolve(), "/".join(parts)
    private = place / ".private" / name
    _stay_inside(place, place / name, private / "working", private / "error.txt")
    return place, name


def _stay_inside(outputs: Path, *places: Path) -> None:
    """Refuse a place that a link leads elsewhere, and braces, which the runner of notebooks would fill in."""
    led = [place for place in places if Path(os.path.realpath(place)) != place]
    fix = "Name another folder with --outputs."
    if led:
        message = f"a link leads {led[0].relative_to(outputs.parent).as_posix()} elsewhere. None is followed there."
        raise QAError([Problem("outputs", message, f"Take the link away. {fix}")], SETTINGS)
    if {"{", "}"} & set(str(outputs)):
        raise QAError([Problem("outputs", "the path of the folder of outputs holds braces.", fix)], SETTINGS)
