"""What differs between two packs?

Figures are held against each other by name, words in their order, settings by
key. Where both packs cover one period, a figure that differs was restated;
where they do not, it has changed since. A pack that is damaged is refused: what
it lacks would look like a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from qa_lib.problems import SETTINGS, Problem, QAError
from qa_lib.report.facts import Fact, shown
from qa_lib.run.folders import sha256
from qa_lib.run.packs import FACTS, PAGE, RECORD, Pack, facts_of, latest_of, plain, read_file, read_json, words_of
from qa_lib.settings import yaml

ASKED = ("title", "notebook", "council", "audience", "part", "status", "periods", "as_of", "hide_up_to",
         "codebook_version", "framework", "inputs")  # fmt: skip
MEASURES = {"n": "count", "of": "out of", "low": "interval from", "high": "interval to"}
UNITS = {"share": "share", "points": "difference", "coefficient": "coefficient"}  # what a `share` is of
DEEPEST = 8  # of settings
ALIKE, MOST_LETTERS, MOST_PAIRS = 60, 2_000, 2_500  # of 100; of texts that are held against each other
Said = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Change:
    """One difference: the table or section where it stands, its name, what it was, what it is; None for nothing."""

    where: str
    name: str
    words: str
    was: str | None
    now: str | None


@dataclass(frozen=True)
class Comparison:
    """Two packs and all that differs; `touched` are the files that are not as they were when their pack was made."""

    first: Pack
    second: Pack
    settings: tuple[Change, ...]
    figures: tuple[Change, ...]
    words: tuple[Change, ...]
    touched: tuple[str, ...]

    @property
    def same_period(self) -> bool:
        """Whether both cover the same days, so that a figure that differs was restated."""
        return self.first.period == self.second.period

    @property
    def differs(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.settings or self.figures or self.words)


def compare(first: Path, second: Path) -> Comparison:
    """Compare two packs; each is a pack's folder, or a report's, which means its newest version.

    Raises
    ------
    QAError : exit code 2; everything that is no pack, or a damaged one.
    """
    problems: list[Problem] = []
    packs = [pack for path in (first, second) if (pack := _pack_at(path, problems))]
    facts, words = [facts_of(pack) for pack in packs], [words_of(pack) for pack in packs]
    for pack, figures, said in zip(packs, facts, words, strict=True):
        sound = {RECORD: pack.period is not None, FACTS: bool(figures), PAGE: bool(said)}
        for file in (file for file, is_sound in sound.items() if not is_sound):
            fix = "Make the pack again with `qa run`, or take a copy that is whole."
            message = f"{file} is missing, or is not as `qa run` makes it."
            problems.append(Problem("damaged", message, fix, file=name_of(pack)))
    if problems:
        raise QAError(list(dict.fromkeys(problems)), SETTINGS)
    one, other = packs
    return Comparison(
        one,
        other,
        settings=(*_settings_changed(one.record, other.record), *_labels_changed(*facts)),
        figures=tuple(_figures_changed(*facts)),
        words=tuple(_words_changed(*words)),
        touched=tuple(dict.fromkeys(file for pack in packs for file in _touched(pack))),
    )


def name_of(pack: Pack) -> str:
    """A pack's name without the folders above its report's, such as "2013_q1/v001"."""
    return plain(f"{pack.name}/{pack.version}")


def _pack_at(path: Path, problems: list[Problem]) -> Pack | None:
    try:
        is_report = path.is_dir() and not (path / RECORD).exists()
        folder = (path / (latest_of(path) or RECORD) if is_report else path).resolve()
        if folder.is_dir():
            return Pack(folder, folder.parent.name, read_json(folder / RECORD))
    except (OSError, RuntimeError, ValueError):
        pass  # a name that no folder can have, or one that may not be entered
    fix = "Name a report's folder, such as outputs/example/2013_q1, or a version in it, such as v001."
    problems.append(Problem("no_pack", f"{plain(yaml.shown(path))} is no pack.", fix))
    return None


def _touched(pack: Pack) -> Iterator[str]:
    sums = pack.record.get("outputs")
    for file in (FACTS, PAGE):
        if not isinstance(sums, dict) or sums.get(file) != sha256(read_file(pack.folder / file) or b""):
            yield f"{name_of(pack)}/{file}"


def _figures_changed(first: Mapping[str, Fact], second: Mapping[str, Fact]) -> Iterator[Change]:
    """Every figure that differs. What the settings say is no figure: they tell of it themselves."""
    for name, fact in {**first, **second}.items():
        old, new = first.get(name), second.get(name)
        if fact.source == "settings" and (fact.unit == "words" or name.removeprefix("settings.") in ASKED):
            continue
        if old and new and (old.value, old.unit) == (new.value, new.unit):
            continue
        was, now = (shown(one) if one else None for one in (old, new))
        now = f"{now} (by less than is shown)" if was == now else now
        yield Change(spaced(name.partition(".")[0]), name, _figure_in_words(fact, first, second), was, now)


def _figure_in_words(fact: Fact, first: Mapping[str, Fact], second: Mapping[str, Fact]) -> str:
    """What a figure is, such as "Planning, share": by the labels of its table on which both packs agree."""
    table, *keys = fact.name.split(".")
    measure = keys.pop() if keys else table
    words = []
    for key in keys:
        label = f"label.{table}.{key}"
        said = {str(facts[label].value) for facts in (first, second) if label in facts}
        words.append(said.pop() if len(said) == 1 else spaced(key))
    words.append(UNITS.get(fact.unit, "share") if measure == "share" else MEASURES.get(measure, spaced(measure)))
    told = ", ".join(words)
    return told[:1].upper() + told[1:]


def spaced(name: str) -> str:
    """A name as words: "by_domain" is "by domain"."""
    return name.replace("_", " ").strip()


def _labels_changed(first: Mapping[str, Fact], second: Mapping[str, Fact]) -> Iterator[Change]:
    """Labels that both packs have and that read otherwise; those of one alone come and go with their figures."""
    for name in (name for name in first if name.startswith("label.") and name in second):
        was, now = shown(first[name]), shown(second[name])
        if was != now and not name.endswith((".current", ".previous", ".last_year")):  # the periods say these
            yield Change("", name, name, was, now)


def _settings_changed(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Change]:
    old, new = dict(_asked(first)), dict(_asked(second))
    for key in {**old, **new}:
        if old.get(key) != new.get(key):
            yield Change("", key, key, old.get(key), new.get(key))


def _asked(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The settings of a record by their keys, and what made it."""
    for key in (key for key in ASKED if key in record):
        yield from _flat(record[key], key)
    product = record.get("product")
    made_by = product if isinstance(product, dict) else {}
    yield "version of the workbook", plain(made_by.get("version"))
    yield "library (its fingerprint)", plain(made_by.get("library"), most=10)


def _flat(value: object, key: str, deep: int = 0) -> Iterator[tuple[str, str]]:
    """A setting, or those inside it, each under the path that leads to it; a list of words is one setting."""
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        yield key, ", ".join(plain(str(item)) for item in value)
    elif isinstance(value, list | dict) and deep < DEEPEST:
        for inner, item in value.items() if isinstance(value, dict) else enumerate(value, start=1):
            yield from _flat(item, f"{key}.{plain(str(inner))}", deep + 1)
    else:
        yield key, plain(str(value))


def _words_changed(first: Said, second: Said) -> Iterator[Change]:
    """Texts that differ, in the order of the pages."""
    matcher = SequenceMatcher(None, [text for _, text in first], [text for _, text in second])
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            yield from _paired(first[a:b], second[c:d])


def _paired(old: Said, new: Said) -> Iterator[Change]:
    """Texts that were replaced: the two most alike are one text that changed; then those before and after them."""
    pairs = ((at, to) for at in range(len(old)) for to in range(len(new)) if len(old) * len(new) <= MOST_PAIRS)
    best, at, to = max(((_alike(old[at][1], new[to][1]), at, to) for at, to in pairs), default=(0.0, 0, 0), key=_first)
    if best < ALIKE:
        yield from (Change(section, "", "", text, None) for section, text in old)
        yield from (Change(section, "", "", None, text) for section, text in new)
        return
    yield from _paired(old[:at], new[:to])
    section, now = new[to]
    yield Change(section, "", "", old[at][1], now)
    yield from _paired(old[at + 1 :], new[to + 1 :])


def _alike(was: str, now: str) -> float:
    return float(fuzz.ratio(was[:MOST_LETTERS], now[:MOST_LETTERS]))


def _first(pair: tuple[float, int, int]) -> float:
    return pair[0]  # of pairs that are equally alike, `max` takes the first
