"""How does an exploration begin, and what of it is kept?

A notebook calls `explore` with a params file. Two things can be kept of what
is found: a params file that asks for it as a report, and a note in the
commentary. What was done is told in the words of this room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qa_lib.problems import FAULT, QAError, did_you_mean, list_of, unexpected
from qa_lib.run.asking import in_yaml, make_report
from qa_lib.run.beside import refused
from qa_lib.run.notes import keep_note, places_of
from qa_lib.settings.asked import ParamsFile
from qa_lib.settings.report import ReportParams, read_report
from qa_lib.settings.yaml import peek, read_settings

if TYPE_CHECKING:
    from qa_lib.report.choosing import Choice
    from qa_lib.report.explore import Explorer

AUDIENCES = ("board", "public", "working")


def explore(params_file: str | Path, audience: str = "board", **choice: str) -> Explorer:
    """Begin an exploration, as notebooks do with `qa.explore`.

    Parameters
    ----------
    params_file : of a report about all audits, or of a themed audit; looked up as `qa run` does
    audience : "board", "public", or "working" for passages and small counts; that of the params file does not count
    choice : what is looked at first, such as service="Children in Care"; the fields of `Choice`

    Raises
    ------
    QAError : exit code 2, for settings, for a draw or a part, or for words that are no choice; 3, for the extracts.
    """
    from qa_lib.report.choosing import Choice
    from qa_lib.report.exploration import Exploration
    from qa_lib.report.explore import Explorer

    params = read_report(params_file)
    _check(params, audience, choice, [field.name for field in fields(Choice)])
    params = replace(params, audience=audience)
    headings = tuple(places_of(params))
    try:
        exploration = Exploration.of(params)
        start = replace(exploration.start, **choice)
        return Explorer(exploration, note_keeper(params), report_maker(params), headings, start)
    except QAError:
        raise
    except Exception as error:  # noqa: BLE001  a library's own words may quote a cell, and the notebook would keep them
        told = unexpected(error, FAULT)
    raise told


def report_maker(params: ReportParams) -> Callable[[Choice, str], str]:
    """What makes a report of a choice, and tells what was done."""

    def make(choice: Choice, name: str) -> str:
        path = make_report(params, choice, name)
        made = read_settings(path, ParamsFile)
        told = [f"{path.name} is written. Read it through, its title above all, then: qa run {_typed(path)}"]
        if params.audience != made.audience:
            told.append(f"It is a report for the audience {made.audience}, where small counts are hidden.")
        if left := [key for key in read_settings(params.path, ParamsFile).compare_with if key not in made.compare_with]:
            told.append(f"For its period it is not compared with: {list_of(left)}.")
        if made.commentary:
            told.append(f"It names {made.commentary} as its commentary.")
        return "\n".join(told)

    return make


def note_keeper(params: ReportParams) -> Callable[[str, str], str]:
    """What keeps a note for the commentary, and tells what was done."""

    def keep(heading: str, text: str) -> str:
        path = keep_note(params, heading, text)
        told = [f'The note stands in {path.name}, under "{heading}". It is read with the report: name nobody in it.']
        if not peek(params.path, "commentary"):
            line = in_yaml({"commentary": path.name}).strip()
            told.append(f"For the report to show it, add this line to {params.path.name}: {line}")
        return "\n".join(told)

    return keep


def _check(params: ReportParams, audience: str, choice: dict[str, str], known: list[str]) -> None:
    """Refuse what cannot be explored, and words that are no choice."""
    if params.draw:
        fix = "Begin with the params file of a report, such as params/example/2013_q1.yml."
        raise refused("draw", "a draw has no audits to explore.", fix, params.path)
    if params.where.given:
        fix = "Begin with the report about all audits, and choose the part on the screen."
        raise refused("part", "where: an exploration begins with all audits.", fix, params.path)
    for word, allowed, what in [(audience, AUDIENCES, "audience"), *((key, known, "choice") for key in choice)]:
        if word not in allowed:
            meant = did_you_mean(str(word), allowed, within=3)
            fix = f'Did you mean "{meant}"?' if meant else f"There is {list_of(allowed)}."
            raise refused("unknown_name", f"explore: there is no such {what}.", fix, params.path)


def _typed(path: Path) -> str:
    """A params file as a command names it, from the folder that holds `params`."""
    home = next((parent.parent for parent in path.parents if parent.name == "params"), path.parent)
    return path.relative_to(home).as_posix()
