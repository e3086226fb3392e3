"""What was asked for this time?

One small params file is one report: its period, its date, its audience, the
extracts it reads. The file names the framework and the codebook; all three are
read together, so that every fault of every file is told at once. Paths inside
a params file are relative to it. Today's date is never read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from qa_lib.problems import SETTINGS, Problem, QAError, did_you_mean, list_of
from qa_lib.settings.asked import Draw, ParamsFile, Where
from qa_lib.settings.brand import read_logo
from qa_lib.settings.codebook import Codebook
from qa_lib.settings.crosscheck import unknown_names
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import ALLOCATION, KINDS, Kind
from qa_lib.settings.period import TREND_MONTHS, Period
from qa_lib.settings.standards import Standards
from qa_lib.settings.tool import AuditTool
from qa_lib.settings.yaml import is_file, peek, read_settings, read_text, shown


@dataclass(frozen=True)
class ReportParams:
    """Everything that one report was asked for, read and checked.

    `periods` holds the report's own period first ("current"), then those it is
    compared with. `extracts` maps each kind of extract ("audits") to its files;
    `logo` is a PNG as base64, or "". `tool` is that of a themed audit, and
    `earlier_tool` the version that it replaces; `where` says which audits the
    report is about, or `draw_from` which cases may be drawn, where `draw` says how
    cases are. `commentary` is the analyst's Markdown.
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
    tool: AuditTool | None = None
    earlier_tool: AuditTool | None = None
    standards: Standards | None = None
    where: Where = field(default_factory=Where)
    commentary: str = ""
    commentary_file: str = ""
    last_one_thing: str = ""
    next_workshop: str = ""
    last_workshop: tuple[str, ...] = ()
    draw: Draw | None = None
    draw_from: Where = field(default_factory=Where)

    @property
    def period(self) -> Period:
        """The report's own period."""
        return self.periods[0]

    @property
    def windows(self) -> tuple[Period, ...]:
        """The periods whose rows count: the report's own, those compared, then the months up to its end ("trend")."""
        if self.tool and not self.draw:
            return self.periods
        months = max(TREND_MONTHS, self.period.months)
        first = self.period.back(months - self.period.months, "trend")
        return (*self.periods, Period("trend", first.start, self.period.end))

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """The kinds of extract that this report reads: those of a themed audit are made by its tool."""
        if self.tool is None or self.draw:
            return KINDS
        kinds = {"themed": self.tool.kind("themed", ("current",)), ALLOCATION.name: ALLOCATION}
        if self.earlier_tool:
            kinds["earlier"] = self.earlier_tool.kind("earlier", tuple(period.key for period in self.periods[1:]))
        return kinds

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


BESIDE: dict[str, type[Any]] = {
    "framework": Framework, "codebook": Codebook, "tool": AuditTool, "standards": Standards,
}  # fmt: skip
"""The settings files that a params file names."""


def read_report(params_file: str | Path) -> ReportParams:
    """Read a params file with every settings file that it names; every fault of all of them at once.

    Raises
    ------
    QAError : exit code 2, with one `Problem` for each fault, by file and line.
    """
    path = find_params(params_file).resolve()
    problems: list[Problem] = []
    try:
        asked = read_settings(path, ParamsFile)
    except QAError as error:
        problems += error.problems
        for key, model in BESIDE.items():
            name = peek(path, key)
            if name:
                _read_beside(path, name, model, problems)
        raise QAError(problems, SETTINGS) from None
    beside = {key: _read_beside(path, getattr(asked, key), model, problems) for key, model in BESIDE.items()}
    framework, codebook, tool = beside["framework"], beside["codebook"], beside["tool"]
    earlier = None
    if tool and asked.extracts.earlier:
        earlier = _read_earlier(path.parent / str(asked.tool), tool, problems)
    extracts = _find_extracts(path, asked, problems)
    if not problems:
        problems += unknown_names(path, asked, beside)
    try:
        logo, faults = read_logo(path.parent / asked.framework, framework.brand) if framework else ("", [])
    except OSError:
        logo, faults = "", [Problem("logo", "brand.logo: it cannot be read.", file=asked.framework)]
    problems += faults
    commentary = read_text(path.parent / asked.commentary, problems) if asked.commentary else ""
    notebook = _find_notebook(path, asked.notebook)
    if notebook is None:
        known = sorted({found.stem for folder in _notebook_folders(path) for found in folder.glob("*.ipynb")})
        meant = did_you_mean(asked.notebook, known, within=3)
        fix = f'Did you mean "{meant}"?' if meant else f"There is {list_of(known)}."
        problems.append(Problem("no_notebook", f"there is no notebook {asked.notebook}.", fix, file=shown(path)))
    if problems or notebook is None:
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
        framework.model_copy(update={"report_to": asked.report_to or framework.report_to}),
        codebook,
        extracts,
        logo,
        tool,
        earlier,
        beside["standards"],
        Where() if asked.draw else asked.where,
        commentary,
        Path(asked.commentary or "").name,
        asked.last_one_thing or "",
        asked.next_workshop or "",
        asked.last_workshop or (),
        asked.draw,
        asked.where if asked.draw else Where(),
    )


def _find_extracts(path: Path, asked: ParamsFile, problems: list[Problem]) -> dict[str, tuple[Path, ...]]:
    """The files of each kind; a themed audit's own audits are of the kind that its tool makes."""
    kinds = {
        **{kind: kind for kind in KINDS},
        "earlier": "earlier",
        **({"audits": "themed"} if asked.tool and not asked.draw else {}),
    }
    extracts = {}
    for key, kind in kinds.items():
        named = [path.parent / name for name in getattr(asked.extracts, key) or ()]
        if not named:
            continue
        files = extracts[kind] = tuple(file.resolve() for file in named if is_file(file))
        problems += [
            Problem(
                "no_file",
                f"extracts.{key}: there is no file {file.name}.",
                "Check name and folder.",
                file=shown(path),
            )
            for file in named
            if not is_file(file)
        ]
        if len({file.name for file in files}) < len(files):
            message = f"extracts.{key}: a file stands twice, or two have the same name."
            problems.append(Problem("doubled", message, "Take one out, or rename it.", file=shown(path)))
    return extracts


def _read_beside(path: Path, name: str | None, model: type[Any], problems: list[Problem]) -> Any:
    if name is None:
        return None
    try:
        return read_settings(path.parent / name, model)
    except QAError as error:
        problems += error.problems
        return None


def _read_earlier(path: Path, tool: AuditTool, problems: list[Problem]) -> AuditTool | None:
    """The version that a tool replaces; a question that says it replaces one must find it there."""
    if not tool.replaces:
        fix = "Name the file of the earlier version there."
        problems.append(Problem("no_earlier_tool", "extracts.earlier needs `replaces:` in the tool.", fix, shown(path)))
        return None
    earlier: AuditTool | None = _read_beside(path, tool.replaces, AuditTool, problems)
    for key, question in tool.questions.items() if earlier else ():
        if question.replaces and earlier and question.replaces not in earlier.questions:
            meant = did_you_mean(question.replaces, list(earlier.questions), within=3)
            fix = f'Did you mean "{meant}"?' if meant else ""
            message = f'{key}: it replaces "{question.replaces}", which the earlier tool does not ask.'
            problems.append(Problem("unknown_question", message, fix, file=shown(path)))
    return earlier


def _find_notebook(path: Path, name: str) -> Path | None:
    """The notebook of that name: nearest above the params file, then the working folder, then the workbook's own."""
    found = (folder / f"{name}.ipynb" for folder in _notebook_folders(path))
    return next((notebook.resolve() for notebook in found if notebook.is_file()), None)


def _notebook_folders(path: Path) -> list[Path]:
    workbook = Path(__file__).resolve().parents[2]
    return [folder / "notebooks" for folder in (*path.parents, Path.cwd(), workbook)]
