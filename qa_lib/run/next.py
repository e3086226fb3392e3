"""What will the next period's params file say?

The next report is this one, moved on: its period by its own length, its date,
and the dates in the names of its files. The new file is the old one as typed,
comments, quotes and order, with nothing changed but those values; it is read
again before it stands. What a program cannot know is left, and named.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from qa_lib.problems import SETTINGS, Problem, QAError
from qa_lib.run.beside import place_beside, refused, write_beside
from qa_lib.run.names import later, moved_name
from qa_lib.run.packs import Pack, facts_of, latest_of
from qa_lib.run.plan import outputs_of
from qa_lib.run.typed import Place, Typed, edit, is_text, key_of, scalars_of
from qa_lib.settings.framework import Framework
from qa_lib.settings.period import Period
from qa_lib.settings.report import find_params, read_report
from qa_lib.settings.yaml import is_file, peek, read_settings, shown

DATES: tuple[Place, ...] = (("period", "from"), ("period", "to"), ("as_of",))
NAMES = {"extracts", "commentary"}
STAY = {"notebook", "framework", "codebook", "tool", "standards", "period", "as_of"}
ONE_THING, WORKSHOP, PACKED = "last_one_thing", "next_workshop", "bulletin.one_thing_key"


def write_next(params_file: str | Path, to: str | Path | None = None, outputs: Path | None = None) -> list[str]:
    """Write the next period's params file beside the given one; returns what to tell, line by line.

    Parameters
    ----------
    params_file : the file to go on from; that its extracts are no longer there is no fault
    to : the new file's name; without it, the old one's with its date moved
    outputs : the folder of packs, if not the params file's own; a bulletin's "one thing" is read there

    Raises
    ------
    QAError : exit code 2; the given file has faults, or the new one cannot be written or would have some.
    """
    path = find_params(params_file).resolve()
    if faults := _faults(path):
        raise QAError(faults, SETTINGS)
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig")
    typed = scalars_of(text)
    period = Period("current", _day(typed, DATES[0]), _day(typed, DATES[1]))
    target = _target(path, to, period, outputs)
    changes = _changes(typed, period, path.parent)
    key, why_not = _one_thing(path, outputs)
    if key:
        changes[ONE_THING,] = key
    new = edit(text, changes, shown(path))
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    write_beside(target, mark + new.encode("utf-8"), _faults, "give another name with --to.")
    return _told(target, period, typed, changes, why_not)


def _faults(path: Path) -> list[Problem]:
    """What is wrong with a params file and its settings; files of a period may be archived, or still to come."""
    try:
        read_report(path)
    except QAError as error:
        away = {shown(path), shown(path.parent / (peek(path, "commentary") or path.name))}
        return [problem for problem in error.problems if problem.code != "no_file" or problem.file not in away]
    return []


def _target(path: Path, to: str | Path | None, period: Period, outputs: Path | None) -> Path:
    """Where the new file will stand: always beside the old one, under a name that a pack can bear."""
    name = moved_name(path.stem, period)[0] + path.suffix if to is None else Path(to).name
    fix = "Give the new file's name with --to, such as --to autumn.yml."
    if to is None and name == path.name:
        raise refused("name", f"its name holds no date that moves by {_months(period)}.", fix, path)
    if Path(name).suffix not in {".yml", ".yaml"}:
        raise refused("name", "the new file's name must end in .yml.", fix, path)
    if to is not None and name != str(to):
        here = Path.cwd()
        if all(os.path.realpath((folder / to).parent) != str(path.parent) for folder in (here, *here.parents)):
            fix = "What it names is looked up from its own folder. Give --to a name alone."
            raise refused("name", "--to names another folder than this file's.", fix, path)
    return place_beside(path, name, outputs)


def _changes(typed: Typed, period: Period, folder: Path) -> dict[Place, str]:
    """The new value of every date and name. A name gets the ending that its file has: quarters come as either."""
    changes = {place: later(_day(typed, place), period.months).isoformat() for place in DATES}
    names = {place: str(node.value) for place, node in typed.items() if place[0] in NAMES and is_text(node)}
    moved = {place: moved_name(name, period)[0] for place, name in names.items()}
    for place, name in moved.items():
        stem, dot, ending = name.rpartition(".")
        other = stem + dot + {"csv": "xlsx", "xlsx": "csv"}.get(ending, ending)
        known, other_known = (file in names.values() or is_file(folder / file) for file in (name, other))
        changes[place] = other if other_known and not known and other not in moved.values() else name
    return changes


def _one_thing(path: Path, outputs: Path | None) -> tuple[str, str]:
    """The domain that the newest pack of a params file asks to work on; or "", and why it is not known."""
    try:
        place, name = outputs_of(path, outputs)
        domains = read_settings(path.parent / (peek(path, "framework") or ""), Framework).domains
    except QAError:
        return "", "the packs of this file cannot be found"
    version = latest_of(place / name) if (place / name).is_dir() else ""
    if not version:
        return "", f"there is no pack of {name}"
    facts = facts_of(Pack(place / name / version, name, {}))
    if not facts:
        return "", f"the facts of {name}, {version}, cannot be read"
    if PACKED not in facts:
        return "", f"{name}, {version}, holds no such fact"
    key = str(facts[PACKED].value)
    return (key, "") if key in domains else ("", f"{name}, {version}, names no domain of the framework")


def _told(target: Path, period: Period, typed: Typed, changes: dict[Place, str], why_not: str) -> list[str]:
    """What was written, what moved, what is left to the analyst, and which files are still to come."""
    before = {place: str(node.value) for place, node in typed.items()}
    moved = {place: (before.get(place, ""), new) for place, new in changes.items() if new != before.get(place)}
    left = [f"  {_at(typed, place)}: {line}" for place in typed for line in _left(typed, place, period, why_not)]
    files = dict.fromkeys(target.parent / new for place, new in changes.items() if place[0] in NAMES)
    to_come = [f"  {shown(file)}" for file in files if not is_file(file)]
    return [
        f"{shown(target)} is written, for {period.back(-period.months, 'next').words}.",
        f"Moved by {_months(period)}:",
        *(f"  {_at(typed, place)}: {_arrow(*both)}" for place, both in moved.items()),
        *(["Left to you:", *left] if left else []),
        *(["Still to come:", *to_come] if to_come else []),
        f"Read it through, then: qa check {shown(target)}",
    ]


def _at(typed: Typed, place: Place) -> str:
    return (
        f"line {typed[place].start_mark.line + 1}, {key_of(place)}"
        if place in typed
        else f"at the end, {key_of(place)}"
    )


def _arrow(old: str, new: str) -> str:
    """Old value and new, without the folders that they share."""
    folder = old.rpartition("/")[0]
    shared = len(folder) + 1 if folder and folder == new.rpartition("/")[0] else 0
    return f"{old[shared:] or 'nothing'} -> {new[shared:]}"


def _left(typed: Typed, place: Place, period: Period, why_not: str) -> Iterator[str]:
    """What the analyst must look at in a value, because a program does not know it."""
    value = str(typed[place].value)
    new, still = moved_name(value, period)
    if place[0] in NAMES:
        yield from (f"{part} stands as before, in {value}" for part in still)
        if value == new and not still and is_text(typed[place]):
            yield f"{value} holds no date, and is named again"
    elif place[0] == ONE_THING and why_not:
        yield f"it could not be filled in, because {why_not}"
    elif place[0] == WORKSHOP:
        yield "to be read and changed"
    elif place[0] not in STAY and (new != value or still):
        yield "it holds a date, and stands as before: to be read"


def _day(typed: Typed, place: Place) -> date:
    return date.fromisoformat(typed[place].value)


def _months(period: Period) -> str:
    return "1 month" if period.months == 1 else f"{period.months} months"
