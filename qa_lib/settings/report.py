"""What was asked for this time?

One small params file is one report: its period, its date, its audience, the
extracts it reads. The file names the framework and the codebook; all three are
read together, so that every fault of every file is told at once. Paths inside
a params file are relative to it. Today's date is never read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from qa_lib.problems import SETTINGS, Problem, QAError, did_you_mean, list_of
from qa_lib.settings.brand import read_logo
from qa_lib.settings.codebook import Codebook
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import KINDS
from qa_lib.settings.period import TREND_MONTHS, Period
from qa_lib.settings.yaml import Day, Settings, is_file, peek, read_settings, shown


class _Between(Settings):
    start: Day = Field(alias="from")
    end: Day = Field(alias="to")

    @model_validator(mode="after")
    def _is_whole_months(self) -> _Between:
        if self.end < self.start:
            raise ValueError("it ends before it begins")
        if self.start.day != 1 or (self.end + timedelta(days=1)).day != 1:
            raise ValueError("it should be whole months: from the first day of one to the last day of one")
        return self


def _as_list(value: Any) -> Any:
    """A file by itself is a list of one (strict validation wants a tuple here)."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


Files = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]


class _Extracts(Settings):
    audits: Files
    moderation: Files | None = None
    evidence: Files | None = None
    actions: Files | None = None
    caseload: Files | None = None
    auditors: Files | None = None


class _ParamsFile(Settings):
    """The keys of a params file, as typed."""

    notebook: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    title: str = Field(min_length=1, max_length=200)
    period: _Between
    as_of: Day
    compare_with: tuple[Literal["previous", "last_year"], ...] = ()
    audience: Literal["working", "board", "public"] = "board"
    framework: str
    codebook: str
    extracts: _Extracts

    @field_validator("title")
    @classmethod
    def _holds_only_the_period(cls, value: str) -> str:
        if re.search(r"[{}]", value.replace("{period}", "")):
            raise ValueError("in braces only {period} is filled in; write it so, or take the braces away")
        return value

    @model_validator(mode="after")
    def _dates_agree(self) -> _ParamsFile:
        if len(set(self.compare_with)) < len(self.compare_with):
            raise ValueError("compare_with: one of them stands twice")
        if self.as_of < self.period.end:
            raise ValueError("as_of: the report's date lies before the end of its period")
        months = (self.period.end.year - self.period.start.year) * 12 + self.period.end.month - self.period.start.month
        if "last_year" in self.compare_with and months >= 12:
            raise ValueError("compare_with: last_year needs a period of twelve months or fewer")
        if months >= 6 and len(self.compare_with) > 1:
            raise ValueError("compare_with: previous and last_year overlap in a period of over six months; keep one")
        return self


@dataclass(frozen=True)
class ReportParams:
    """Everything that one report was asked for, read and checked.

    `periods` holds the report's own period first ("current"), then those it is
    compared with. `extracts` maps each kind of extract ("audits") to its files;
    `logo` is a PNG as base64, or "".
    """

    path: Path
    notebook: Path
    title: str
    periods: tuple[Period, ...]
    as_of: date
    audience: str
    framework: Framework
    codebook: Codebook
    extracts: dict[str, tuple[Path, ...]]
    logo: str = ""

    @property
    def period(self) -> Period:
        """The report's own period."""
        return self.periods[0]

    @property
    def windows(self) -> tuple[Period, ...]:
        """The periods whose rows count: the report's own, those compared, then the months up to its end ("trend")."""
        months = max(TREND_MONTHS, self.period.months)
        first = self.period.back(months - self.period.months, "trend")
        return (*self.periods, Period("trend", first.start, self.period.end))

    @property
    def hide_up_to(self) -> int:
        """Counts from 1 to this are hidden; 0 on the analyst's own working copy."""
        if self.audience == "working":
            return 0
        audiences = self.framework.audiences
        return (audiences.public if self.audience == "public" else audiences.board).hide_up_to


def find_params(params_file: str | Path) -> Path:
    """A params file, looked up from the working folder, then from each parent that has a `params/` folder.

    So one name works in JupyterLab (which starts a notebook in `notebooks/`), in papermill and in `qa run`.
    """
    asked = Path(params_file)
    here = Path.cwd()
    for folder in (here, *(parent for parent in here.parents if (parent / "params").is_dir())):
        if is_file(folder / asked):
            return folder / asked
    fix = "Give the path from the folder that you are in, such as params/example/2013_q1.yml."
    raise QAError([Problem("no_file", "there is no such params file.", fix, file=str(params_file))], SETTINGS)


def read_report(params_file: str | Path) -> ReportParams:
    """Read a params file with its framework and codebook; every fault of all three at once.

    Raises
    ------
    QAError : exit code 2, with one `Problem` for each fault, by file and line.
    """
    path = find_params(params_file).resolve()
    problems: list[Problem] = []
    try:
        asked = read_settings(path, _ParamsFile)
    except QAError as error:
        problems += error.problems
        for key, model in (("framework", Framework), ("codebook", Codebook)):
            name = peek(path, key)
            if name:
                _read_beside(path, name, model, problems)
        raise QAError(problems, SETTINGS) from None
    framework = _read_beside(path, asked.framework, Framework, problems)
    codebook = _read_beside(path, asked.codebook, Codebook, problems)
    extracts = {}
    for kind in KINDS:
        named = [path.parent / name for name in getattr(asked.extracts, kind) or ()]
        files = extracts[kind] = tuple(file.resolve() for file in named if is_file(file))
        problems += [
            Problem(
                "no_file",
                f"extracts.{kind}: there is no file {file.name}.",
                "Check name and folder.",
                file=shown(path),
            )
            for file in named
            if not is_file(file)
        ]
        if len({file.name for file in files}) < len(files):
            message = f"extracts.{kind}: a file stands twice, or two have the same name."
            problems.append(Problem("doubled", message, "Take one out, or rename it.", file=shown(path)))
    try:
        logo, faults = read_logo(path.parent / asked.framework, framework.brand) if framework else ("", [])
    except OSError:
        logo, faults = "", [Problem("logo", "brand.logo: it cannot be read.", file=asked.framework)]
    problems += faults
    notebook = _find_notebook(path, asked.notebook)
    if notebook is None:
        known = sorted({found.stem for folder in _notebook_folders(path) for found in folder.glob("*.ipynb")})
        meant = did_you_mean(asked.notebook, known, within=3)
        fix = f'Did you mean "{meant}"?' if meant else f"There is {list_of(known)}."
        problems.append(Problem("no_notebook", f"there is no notebook {asked.notebook}.", fix, file=shown(path)))
    if problems or framework is None or codebook is None or notebook is None:
        raise QAError(problems, SETTINGS)
    current = Period("current", asked.period.start, asked.period.end)
    back = {"previous": current.months, "last_year": 12}
    compared = (current.back(back[key], key) for key in asked.compare_with)
    return ReportParams(
        path,
        notebook,
        asked.title.replace("{period}", current.words),
        (current, *compared),
        asked.as_of,
        asked.audience,
        framework,
        codebook,
        extracts,
        logo,
    )


def _read_beside(path: Path, name: str, model: type[Any], problems: list[Problem]) -> Any:
    try:
        return read_settings(path.parent / name, model)
    except QAError as error:
        problems += error.problems
        return None


def _find_notebook(path: Path, name: str) -> Path | None:
    """The notebook of that name: nearest above the params file, then the working folder, then the workbook's own."""
    found = (folder / f"{name}.ipynb" for folder in _notebook_folders(path))
    return next((notebook.resolve() for notebook in found if notebook.is_file()), None)


def _notebook_folders(path: Path) -> list[Path]:
    workbook = Path(__file__).resolve().parents[2]
    return [folder / "notebooks" for folder in (*path.parents, Path.cwd(), workbook)]
