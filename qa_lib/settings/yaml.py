"""What does this file say, and on which line?

Settings are YAML 1.2, so that `No` stays text and `12:30` is not a number of
seconds. A file is read into a tree of marked nodes first, so that every fault
can be told with its line: a doubled key, a key nobody knows, a wrong type, a
value out of range. All faults of a file are told together.

Nothing in a settings file can run: only plain text, numbers, dates, lists and
mappings are understood; tags, merge keys, floods of aliases and characters that
no reader sees are refused.
"""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from qa_lib.problems import SETTINGS, Problem, QAError
from qa_lib.settings.faults import Place, as_problems

MOST_BYTES, MOST_DEEP = 100_000, 20
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
PLAIN = {"str", "timestamp", "null", "bool", "int", "float"}
DAY = re.compile(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")


class Settings(BaseModel):
    """Base of every settings model: frozen, strict, and no key that is not declared."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


Model = TypeVar("Model", bound=Settings)


def _as_day(value: Any) -> Any:
    """Pydantic by itself would read a number in quotes as seconds since 1970."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and DAY.fullmatch(value) else value
    except ValueError:
        return value


Day = Annotated[date, BeforeValidator(_as_day)]
"""A date as a settings file writes it, from 1900 to 2199."""


def read_settings(path: Path, model: type[Model]) -> Model:
    """Read one settings file into its frozen model.

    Raises
    ------
    QAError : exit code 2, with one `Problem` for each fault, by file and line.
    """
    name = shown(path)
    raw = _read(path)
    if raw is None:
        raise QAError(
            [Problem("no_file", "there is no such file.", "Check the name and the folder.", file=name)],
            SETTINGS,
        )
    problems: list[Problem] = []
    values, lines = _load(raw, name, problems)
    if not problems and values is None:
        problems.append(Problem("empty", "the file is empty.", "Copy the example beside it.", file=name))
    if not problems:
        try:
            return model.model_validate_json(json.dumps(values))
        except ValidationError as error:
            for fault in error.errors():
                problems += as_problems(fault, model, name, lines)
    raise QAError(sorted(problems, key=lambda problem: problem.line or 0), SETTINGS)


def peek(path: Path, key: str) -> str | None:
    """The text of one key at the top of a settings file, even where the file has faults; None if it has none."""
    values, _ = _load(_read(path) or b"", shown(path), [])
    found = values.get(key) if isinstance(values, dict) else None
    return found if isinstance(found, str) else None


def shown(path: Path) -> str:
    """A path as the analyst would type it: from the working folder where it lies below it."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except (ValueError, RuntimeError):  # elsewhere, or a link to itself
        return path.name


def is_file(path: Path) -> bool:
    """Whether there is such a file; no device, no link to itself, no name longer than names can be."""
    try:
        return path.is_file()
    except OSError:
        return False


def read_text(path: Path, problems: list[Problem]) -> str:
    """A small text file that settings name, such as the commentary; "" and a `Problem` where it cannot be read."""
    raw = _read(path)
    try:
        if raw is not None and len(raw) <= MOST_BYTES:
            return raw.decode("utf-8-sig").replace("\r\n", "\n")
        message = "there is no such file." if raw is None else f"it holds more than {MOST_BYTES:,} bytes."
    except UnicodeDecodeError:
        message = "the file is not UTF-8 text."
    problems.append(Problem("no_file", message, "Check the name and the folder, and save it as UTF-8.", shown(path)))
    return ""


def _read(path: Path) -> bytes | None:
    """The bytes of a file, and no more of them than show that it is too large; None if it cannot be read."""
    if not is_file(path):
        return None
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError:
        return None


def _load(raw: bytes, name: str, problems: list[Problem]) -> tuple[Any, dict[Place, int]]:
    """Plain values, and the line on which each stands by its place in the file."""
    tree, text = _Tree(name, problems), ""
    reader = YAML(typ="safe", pure=True)
    reader.composer.warn_double_anchors = False  # its warning quotes the file
    if len(raw) > MOST_BYTES:
        tree.refuse("too_large", None, f"a settings file holds {MOST_BYTES:,} bytes at most.")
        return None, tree.lines
    try:
        text = raw.decode("utf-8-sig")
        node = reader.compose(text)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        tree.refuse("encoding", line, "the file is not UTF-8 text.", "Save it as UTF-8.")
        return None, tree.lines
    except Exception as error:  # noqa: BLE001  whatever a reader of YAML stumbles over, the file is refused
        mark = getattr(error, "problem_mark", None)
        unseen = text.count("\n", 0, error.position) + 1 if isinstance(error, ReaderError) else None
        at = mark.line + 1 if mark else unseen
        fix = "Look at the indents, the colons and the quotes just above."
        tree.refuse("yaml", at, f"{'this line' if at else 'it'} cannot be read as YAML.", fix)
        return None, tree.lines
    return (None if node is None else tree.value(node, ())), tree.lines


class _Tree:
    """The values of a file, read node by node; `left` counts down to its end, and stops a flood of aliases."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.name, self.problems, self.left = name, problems, MOST_BYTES
        self.lines: dict[Place, int] = {(): 1}

    def refuse(self, code: str, line: int | None, message: str, fix: str = "") -> None:
        self.problems.append(Problem(code, message, fix, file=self.name, line=line))

    def value(self, node: Node, place: Place) -> Any:
        if self.left < 0:
            return None
        kind, line = _kind(node), node.start_mark.line + 1
        self.lines.setdefault(place, line)
        self.left -= 1 + sum(len(part) for part in (node.value, *place[-1:]) if isinstance(part, str))
        if self.left < 0 or len(place) > MOST_DEEP:
            self.left = -1
            self.refuse("too_large", line, "the file holds too many values, or too many inside each other.")
            return None
        if isinstance(node, SequenceNode) and kind == "seq":
            return [self.value(item, (*place, number)) for number, item in enumerate(node.value)]
        if isinstance(node, MappingNode) and kind == "map":
            return self._mapping(node, place)
        return self._scalar(node, line)

    def _mapping(self, node: MappingNode, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            key, line = key_node.value, key_node.start_mark.line + 1
            if _kind(key_node) not in PLAIN or not isinstance(key_node, ScalarNode) or UNSEEN.search(key):
                self.refuse("key", line, "a key must be plain text.")
            elif key in first:
                message = f'"{key}" stands twice (first on line {first[key]}).'
                self.refuse("doubled_key", line, message, "Keep one of them.")
            else:
                first[key] = self.lines[(*place, key)] = line
                values[key] = self.value(value_node, (*place, key))
        return values

    def _scalar(self, node: Node, line: int) -> Any:
        kind, text = (_kind(node), str(node.value)) if isinstance(node, ScalarNode) else ("", "")
        if kind in {"str", "timestamp"} and UNSEEN.search(text):
            self.refuse("unseen", line, "this text holds a character that no reader sees.")
        elif kind in {"str", "timestamp"}:
            return text
        elif kind == "bool" and text.lower() in {"true", "false"}:
            return text.lower() == "true"
        elif kind == "int" and re.fullmatch(r"[-+]?(0|[1-9][0-9]{0,8})", text):
            return int(text)
        elif kind == "float" and re.fullmatch(r"[-+]?[0-9]+\.[0-9]+([eE][-+]?[0-9]+)?", text):
            return float(text)
        elif kind != "null":
            message = "this value is not plain text, a number, a date, or true or false."
            self.refuse("value", line, message, "Put it in quotes if it is meant as text.")
        return None


def _kind(node: Node) -> str:
    """What a node is, by the end of its tag; a tag that is not YAML's own stays whole."""
    return str(node.tag).removeprefix("tag:yaml.org,2002:")
