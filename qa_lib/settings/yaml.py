"""What does this file say, and on which line?

Settings are YAML 1.2, so that `No` stays text and `12:30` is not a number of
seconds. A file is read into a tree of marked nodes first, so that every fault
can be told with its line: a doubled key, a key nobody knows, a wrong type, a
value out of range. All faults of a file are told together.

Nothing in a settings file can run: only plain text, numbers, dates, lists and
mappings are understood; tags, merge keys and floods of aliases are refused.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from qa_lib.problems import SETTINGS, Problem, QAError, did_you_mean, list_of

MOST_BYTES, MOST_VALUES = 1_000_000, 50_000
Place = tuple[str | int, ...]

PLAIN_WORDS = {
    "missing": "is missing.",
    "string_type": "should be text. Put it in quotes if it looks like a number.",
    "int_type": "should be a whole number.",
    "float_type": "should be a number.",
    "bool_type": "should be true or false.",
    "date_from_datetime_parsing": "should be a date, year-month-day.",
    "date_type": "should be a date, year-month-day.",
    "date_parsing": "should be a date, year-month-day.",
    "tuple_type": "should be a list.",
    "dict_type": "should be a mapping (key: value).",
    "model_type": "should be a mapping (key: value).",
    "model_attributes_type": "should be a mapping (key: value).",
}


class Settings(BaseModel):
    """Base of every settings model: frozen, strict, and no key that is not declared."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


Model = TypeVar("Model", bound=Settings)


def read_settings(path: Path, model: type[Model]) -> Model:
    """Read one settings file into its frozen model.

    Raises
    ------
    QAError : exit code 2, with one `Problem` for each fault, by file and line.
    """
    name = shown(path)
    try:
        raw = path.read_bytes()
    except OSError:
        raise QAError(
            [Problem("no_file", "there is no such file.", "Check the name and the folder.", file=name)],
            SETTINGS,
        ) from None
    problems: list[Problem] = []
    values, lines = _load(raw, name, problems)
    if not problems and values is None:
        problems.append(Problem("empty", "the file is empty.", "Copy the example beside it.", file=name))
    if not problems:
        try:
            return model.model_validate_json(json.dumps(values))
        except ValidationError as error:
            for fault in error.errors():
                problems += _as_problems(fault, model, name, lines)
    raise QAError(sorted(problems, key=lambda problem: problem.line or 0), SETTINGS)


def peek(path: Path, key: str) -> str | None:
    """The text of one key at the top of a settings file, even where the file has faults; None if it has none."""
    try:
        values, _ = _load(path.read_bytes(), shown(path), [])
    except OSError:
        return None
    found = values.get(key) if isinstance(values, dict) else None
    return found if isinstance(found, str) else None


def shown(path: Path) -> str:
    """A path as the analyst would type it: from the working folder where it lies below it."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return path.name


def _load(raw: bytes, name: str, problems: list[Problem]) -> tuple[Any, dict[Place, int]]:
    """Plain values, and the line on which each stands by its place in the file."""
    lines: dict[Place, int] = {(): 1}
    if len(raw) > MOST_BYTES:
        problems.append(Problem("too_large", "a settings file holds 1 MB at most.", file=name))
        return None, lines
    try:
        node = YAML(typ="safe", pure=True).compose(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        problems.append(Problem("encoding", "the file is not UTF-8 text.", "Save it as UTF-8.", file=name))
        return None, lines
    except (YAMLError, ValueError, RecursionError) as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        problems.append(
            Problem(
                "yaml",
                "this line cannot be read as YAML.",
                "Look at the indents, the colons and the quotes just above.",
                file=name,
                line=mark.line + 1 if mark else None,
            )
        )
        return None, lines
    budget = [MOST_VALUES]
    return (None if node is None else _plain(node, (), name, lines, problems, budget)), lines


def _plain(
    node: Node, place: Place, name: str, lines: dict[Place, int], problems: list[Problem], budget: list[int]
) -> Any:
    """The value of one node; faults go to `problems`, and `budget` stops a flood of aliases."""
    line = node.start_mark.line + 1
    lines.setdefault(place, line)
    budget[0] -= 1
    if budget[0] < 0:
        if budget[0] == -1:
            problems.append(Problem("too_large", "the file holds too many values.", file=name, line=line))
        return None
    if isinstance(node, SequenceNode):
        return [_plain(item, (*place, number), name, lines, problems, budget) for number, item in enumerate(node.value)]
    if isinstance(node, MappingNode):
        return _mapping(node, place, name, lines, problems, budget)
    return _scalar(node, name, problems)


def _mapping(
    node: MappingNode,
    place: Place,
    name: str,
    lines: dict[Place, int],
    problems: list[Problem],
    budget: list[int],
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    first: dict[str, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode) or key_node.value == "<<":
            problems.append(Problem("key", "a key must be plain text.", file=name, line=line))
            continue
        key = key_node.value
        if key in first:
            message = f'"{key}" stands twice (first on line {first[key]}).'
            problems.append(Problem("doubled_key", message, "Keep one of them.", file=name, line=line))
            continue
        first[key] = line
        lines[(*place, key)] = line
        values[key] = _plain(value_node, (*place, key), name, lines, problems, budget)
    return values


def _scalar(node: Node, name: str, problems: list[Problem]) -> Any:
    kind, text, line = str(node.tag).rpartition(":")[2], str(node.value), node.start_mark.line + 1
    if kind in {"str", "timestamp"}:
        return text
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int" and re.fullmatch(r"[-+]?(0|[1-9][0-9]*)", text):
        return int(text)
    if kind == "float" and re.fullmatch(r"[-+]?[0-9]+\.[0-9]+([eE][-+]?[0-9]+)?", text):
        return float(text)
    message = "this value is not plain text, a number, a date, or true or false."
    problems.append(Problem("value", message, "Put it in quotes if it is meant as text.", file=name, line=line))
    return None


def _as_problems(fault: Any, model: type[BaseModel], name: str, lines: dict[Place, int]) -> list[Problem]:
    """One pydantic fault in plain words, at the line of the nearest key that stands in the file.

    A validator of ours may name several faults in one message, a line each, and a place below its
    own before a colon: "columns/Date of audit: ...".
    """
    place: Place = tuple(part for part in fault["loc"] if part != "[key]")
    kind = fault["type"]
    line = _line_of(place, lines)
    if kind == "extra_forbidden":
        meant = did_you_mean(str(place[-1]), _keys_at(model, place[:-1]), within=3)
        fix = f'Did you mean "{meant}"?' if meant else "Take it away, or look at the example for the known keys."
        return [Problem("unknown_key", f'"{place[-1]}" is not a known key.', fix, file=name, line=line)]
    key = ".".join(str(part) for part in place)
    if kind in PLAIN_WORDS:
        return [Problem(kind, f'"{key}" {PLAIN_WORDS[kind]}', file=name, line=line)]
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", fault["ctx"]["expected"])
        meant = did_you_mean(str(fault["input"]), allowed, within=3)
        fix = f'Did you mean "{meant}"?' if meant else ""
        return [Problem(kind, f'"{key}" should be one of {list_of(allowed, last="or")}.', fix, file=name, line=line)]
    if kind != "value_error":
        return [Problem(kind, f'"{key}": {fault["msg"].rstrip(".")}.', file=name, line=line)]
    found = []
    for message in str(fault["ctx"]["error"]).splitlines():
        below: Place = tuple(message.partition(": ")[0].split("/"))
        at = (*place, *below) if (*place, *below) in lines else place
        words = (f"{key}.{message}" if at != place else f"{key}: {message}") if key else message
        found.append(
            Problem(kind, words if words.endswith(("?", ".")) else f"{words}.", file=name, line=_line_of(at, lines))
        )
    return found


def _line_of(place: Place, lines: dict[Place, int]) -> int:
    while place not in lines:
        place = place[:-1]
    return lines[place]


def _keys_at(model: Any, place: Place) -> list[str]:
    """The keys that may stand at `place`: walks the model's fields, through lists and mappings."""
    here = [model]
    for part in place:
        found = []
        for kind in here:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                field = kind.model_fields.get(str(part))
                found.append(field.annotation if field else None)
            else:
                found.extend(get_args(kind))
        here = [inner for kind in found for inner in (kind, *get_args(kind))]
    return [
        name for kind in here if isinstance(kind, type) and issubclass(kind, BaseModel) for name in kind.model_fields
    ]
