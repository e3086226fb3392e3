"""How is a value of a YAML file changed where it stands?

Values are found by their keys, and changed in the text as somebody typed it:
comments, quotes and order stay. The new text counts only if it reads back as
the old one with just those values changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from qa_lib.problems import SETTINGS, Problem, QAError

Place = tuple[str | int, ...]
"""Where a value stands: its keys, and its number in a list."""
Typed = dict[Place, ScalarNode]


def key_of(place: Place) -> str:
    """The keys of a place, as an error names them."""
    return ".".join(part for part in place if isinstance(part, str))


def scalars_of(text: str) -> Typed:
    """Every single value of a file by its place, in the file's order."""
    return dict(_scalars(_compose(text)))


def _compose(text: str) -> MappingNode:
    reader = YAML(typ="safe", pure=True)
    reader.composer.warn_double_anchors = False  # its warning quotes the file
    root = reader.compose(text)
    if not isinstance(root, MappingNode):
        raise YAMLError
    return root


def _scalars(node: Node, place: Place = ()) -> Iterator[tuple[Place, ScalarNode]]:
    """Every single value with its place; that of an alias stands at each of its places."""
    parts: Iterable[tuple[str | int, Node]] = ()
    if isinstance(node, ScalarNode):
        yield place, node
    elif isinstance(node, MappingNode):
        parts = ((key.value, value) for key, value in node.value)
    elif isinstance(node, SequenceNode):
        parts = enumerate(node.value)
    for key, part in parts:
        yield from _scalars(part, (*place, key))


def is_text(node: ScalarNode) -> bool:
    """Whether a value is words or a date."""
    return str(node.tag).rpartition(":")[2] in {"str", "timestamp"}


def edit(text: str, changes: dict[Place, str], file: str) -> str:
    """The text with new values by place; a new key of the file goes to its end.

    Raises
    ------
    QAError : exit code 2; a value stands in a form that cannot be changed, so the text would not read back as wanted.
    """
    root = _compose(text)
    typed = dict(_scalars(root))
    values = {place: str(node.value) for place, node in typed.items()}
    wanted = values | changes
    edits = {}
    for place in (place for place in wanted if wanted[place] != values.get(place)):
        start, end, words = _as_typed(text, root, place, typed.get(place), wanted[place])
        edits[start] = (end, words)  # an alias is where its anchor is
    new = text
    for start, (end, words) in sorted(edits.items(), reverse=True):
        new = new[:start] + words + new[end:]
    try:
        found = {place: str(node.value) for place, node in scalars_of(new).items()}
    except YAMLError:
        found = {}
    if found != wanted:
        wrong = next((place for place in wanted if found.get(place) != wanted[place]), next(iter(changes)))
        line = typed[wrong].start_mark.line + 1 if wrong in typed else None
        fix = "Type it on one line, without an alias or a backslash."
        raise QAError(
            [Problem("layout", f"{key_of(wrong)} cannot be moved as it is typed.", fix, file, line)], SETTINGS
        )
    return new


def _as_typed(text: str, root: MappingNode, place: Place, node: ScalarNode | None, value: str) -> tuple[int, int, str]:
    """From where to where a value stands in the text, and what shall stand there: the new value in the same quotes."""
    if node is None:  # a last line, where the file's own keys end
        at, newline = root.end_mark.index, "\r\n" if "\r\n" in text else "\n"
        before = "" if text[:at].endswith(("\n", "\r")) else newline
        return at, at, f"{before}{' ' * root.start_mark.column}{key_of(place)}: {value}{newline}"
    start, end = node.start_mark.index, node.end_mark.index
    if start == end:  # a key without a value: it belongs behind the colon
        after = next(key.end_mark.index for key, part in root.value if part is node)
        at = text.index(":", after) + 1
        return at, at, f" {value}"
    before, _, behind = text[start:end].rpartition(_quoted(str(node.value), node.style))
    return start, end, before + _quoted(value, node.style) + behind


def _quoted(value: str, style: str | None) -> str:
    """A value as it stands between its quotes."""
    if style == "'":
        return value.replace("'", "''")
    return value.replace("\\", "\\\\").replace('"', '\\"') if style == '"' else value
