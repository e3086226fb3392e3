"""What does the model object to, in plain words?

Pydantic checks the values of a settings file and speaks to programmers. Here
each of its faults becomes a `Problem` that an analyst can act on: the key, the
line, what should stand there, and the word that was probably meant.
"""

from __future__ import annotations

import re
from typing import Any, get_args

from pydantic import BaseModel

from qa_lib.problems import Problem, did_you_mean, list_of

Place = tuple[str | int, ...]
"""Where a value stands: the keys and numbers that lead to it."""

PLAIN_WORDS = {
    "missing": "is missing.",
    "string_type": "should be text. Put it in quotes if it looks like a number.",
    "int_type": "should be a whole number.",
    "float_type": "should be a number.",
    "bool_type": "should be true or false.",
    "date_from_datetime_parsing": "should be a date, year-month-day.",
    "date_type": "should be a date, year-month-day, from 1900 to 2199.",
    "date_parsing": "should be a date, year-month-day.",
    "tuple_type": "should be a list.",
    "dict_type": "should be a mapping (key: value).",
    "model_type": "should be a mapping (key: value).",
    "model_attributes_type": "should be a mapping (key: value).",
}


def as_problems(fault: Any, model: type[BaseModel], name: str, lines: dict[Place, int]) -> list[Problem]:
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
