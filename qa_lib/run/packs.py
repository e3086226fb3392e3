"""What stands in a pack?

A pack is handed about: copied, renamed, opened and saved. So it is read as a
stranger's file is: no more than a pack of ours could hold, through no link, and
every text on one line without what no reader sees. What cannot be relied on is
not guessed at.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from qa_lib.report.facts import Fact
from qa_lib.settings.brand import COLOUR, TEXT_CONTRAST, contrast_with_white
from qa_lib.settings.period import Period
from qa_lib.settings.yaml import is_file

RECORD, FACTS, PAGE, LATEST = "run.json", "facts.json", "report.html", "latest.json"
MOST_BYTES = {RECORD: 1_000_000, LATEST: 10_000, FACTS: 5_000_000, PAGE: 10_000_000}
MOST_LETTERS, MOST_FINDINGS, MOST_TEXTS = 1_000, 20, 2_000
VERSION = re.compile(r"v([0-9]{3,9})")
UNITS = {"count", "share", "points", "coefficient"}  # and "words", whose value is a text
LARGEST = 10**12
TOKENS = re.compile(r"<(/?)([a-z][a-z0-9]*)\b([^<>]*)>|<[^<>]*>|([^<>]+|[<>])", re.IGNORECASE)
SPOKEN = {"h2", "h3", "h4", "p", "li"}
ASIDE = {"table", "svg", "details", "figcaption", "style", "sup"}  # figures have their names, notes their numbers


@dataclass(frozen=True)
class Pack:
    """One version of one report, as its record tells it: every text is plain, and "" where the record is silent.

    `name` is the pack's place below the outputs, such as "example/2013_q1"; `record` is the whole of `run.json`.
    """

    folder: Path
    name: str
    record: Mapping[str, Any]

    @property
    def version(self) -> str:
        """Its version, such as "v002"."""
        return self.folder.name

    def says(self, key: str) -> str:
        """A text of the record by its name."""
        return plain(self.record.get(key))

    @property
    def period(self) -> Period | None:
        """The report's own period; None where the record does not hold its two days."""
        try:
            first, last = self.record["periods"]["current"]
            return Period("current", date.fromisoformat(first), date.fromisoformat(last))
        except (KeyError, TypeError, ValueError):
            return None

    @property
    def months(self) -> str:
        """The period as a reader says it."""
        return self.period.words if self.period else self.says("period")

    @property
    def as_of(self) -> str:
        """The report's date as a reader says it."""
        try:
            day = date.fromisoformat(self.record["as_of"])
        except (KeyError, TypeError, ValueError):
            return ""
        return f"{day.day} {day:%B %Y}"

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings of its first page, in its own words."""
        told = self.record.get("findings")
        found = [plain(finding) for finding in told[:MOST_FINDINGS]] if isinstance(told, list) else []
        return tuple(filter(None, found))

    @property
    def council(self) -> str:
        """Whose report it is."""
        return self.says("council") or plain(self._framework.get("council"))

    @property
    def marking(self) -> str:
        """How the council marks its papers."""
        return plain(self._framework.get("marking"))

    @property
    def colour(self) -> str:
        """The council's colour; "" for one that is none, or that some readers could not see."""
        brand = self._framework.get("brand")
        colour = brand.get("colour") if isinstance(brand, dict) else ""
        seen = isinstance(colour, str) and re.fullmatch(COLOUR, colour) and contrast_with_white(colour) >= TEXT_CONTRAST
        return str(colour) if seen else ""

    @property
    def _framework(self) -> Mapping[str, Any]:
        framework = self.record.get("framework")
        return framework if isinstance(framework, dict) else {}


def plain(text: object, most: int = MOST_LETTERS) -> str:
    r"""A text on one line, without what no reader sees or what could act on a screen; "" for what is no text.

    >>> plain("Draft\x1b[2J\n of  May"), plain(["Draft"]), plain("Draft", most=3)
    ('Draft�[2J of May', '', 'Dra…')
    """
    if not isinstance(text, str):
        return ""
    seen = "".join(letter if letter.isprintable() or letter.isspace() else "\ufffd" for letter in text)
    line = " ".join(seen.split())
    return line if len(line) <= most else f"{line[:most]}…"


def read_file(path: Path) -> bytes | None:
    """A file of a pack; None where it is missing, a link, or larger than such a file can be."""
    if path.is_symlink() or not is_file(path):
        return None
    try:
        with path.open("rb") as opened:
            raw = opened.read(MOST_BYTES[path.name] + 1)
    except OSError:
        return None
    return raw if len(raw) <= MOST_BYTES[path.name] else None


def read_json(path: Path) -> dict[str, Any]:
    """What a JSON file of a pack says; nothing where it cannot be relied on."""
    try:
        said = json.loads(read_file(path) or b"", parse_constant=_no_number)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity are no JSON


def latest_of(folder: Path) -> str:
    """The newest version of a report's folder: the one that `latest.json` names if it is there, else the highest."""
    numbers = {found[0]: int(found[1]) for path in folder.iterdir() if (found := VERSION.fullmatch(path.name))}
    named = read_json(folder / LATEST).get("version")
    return named if isinstance(named, str) and named in numbers else max(numbers, key=numbers.__getitem__, default="")


def facts_of(pack: Pack) -> dict[str, Fact]:
    """Every figure of a pack by its name, in the ledger's order; none where one of them is no figure of ours."""
    entries = read_json(pack.folder / FACTS).get("facts")
    try:
        facts = [_fact(entry) for entry in entries] if isinstance(entries, list) else []
    except (KeyError, TypeError, ValueError):
        return {}
    by_name = {fact.name: fact for fact in facts}
    return by_name if len(by_name) == len(facts) else {}


def _fact(entry: Any) -> Fact:
    name, unit, value = entry["name"], entry["unit"], entry["value"]
    if not re.fullmatch(r"[a-z0-9_.]{1,300}", name):
        raise ValueError("name")
    if unit == "words":
        value = plain(value)
    elif unit not in UNITS or isinstance(value, bool) or not abs(value) <= LARGEST:
        raise ValueError("value")
    return Fact(name, value, unit, plain(entry["source"]))


def words_of(pack: Pack) -> list[tuple[str, str]]:
    """The headings, paragraphs and list items of a pack's page, in order, each with the section where it stands.

    Tables, pictures and what folds away are left out: their figures have names. So are the marks of notes.
    A page of ours holds no "<" or ">" but its tags', so it is cut at these, which takes no longer for a page
    that somebody made to exhaust a parser. None where there is no main part.
    """
    page = (read_file(pack.folder / PAGE) or b"").decode("utf-8", "replace")
    main = page.partition('<main id="main">')[2].partition("</main>")[0]
    said: list[tuple[str, list[str]]] = []  # the tag that opens a text ("" for one that closes it), and its pieces
    aside, deep = "", 0
    for token in TOKENS.finditer(main):
        closes, tag, attributes, text = token[1], (token[2] or "").lower(), token[3] or "", token[4] or ""
        if aside:
            deep += (tag == aside) * (-1 if closes else 1)
            aside = aside if deep else ""
        elif tag in ASIDE or (tag == "a" and "aria-label=" in attributes):
            aside, deep = ("", 0) if closes else (tag, 1)
        elif tag in SPOKEN:
            said.append(("" if closes else tag, []))
        elif text and said and said[-1][0]:
            said[-1][1].append(text)
    texts = [(tag, plain(html.unescape("".join(pieces)), most=len(main))) for tag, pieces in said]
    found = [(tag, text) for tag, text in texts if text]
    return _placed(found) if len(found) <= MOST_TEXTS else []


def _placed(texts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    section, placed = "", []
    for tag, text in texts:
        section = text if tag == "h2" else section
        placed.append((section, text))
    return placed
