"""Can a busy reader take in the first page at one reading?

The first page runs from the first heading of the second level to the next. Its
prose is the sentences of its paragraphs and bullets, the author's commentary
among them; tables, pictures, notes,
confidence labels and the links that say "(see ...)" are not prose. It must read
at grade 9 or less by the Flesch-Kincaid formula (an age of about 14), with 25
words a sentence or fewer on average, and explain every abbreviation it uses.

What is counted is plain. A sentence ends with a full stop, a question or an
exclamation mark before a space, unless a small letter follows; a paragraph or
bullet is one at least, a colon or semicolon ends none. A word is what stands
between spaces and holds a letter or a digit; a hyphen does not divide it. A
number is a word of one syllable. The names of domains, themes and services are
words like any others. Syllables are the parts that British hyphenation knows,
which finds about one in seven too few, so a grade is a floor and not a proof:
the gate stops a page that is too hard, and a person still reads the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from qa_lib.problems import PUBLICATION, Problem, QAError
from qa_lib.report.blocks import Block, Bullets, Commentary, Heading, Paragraph, Run, text_of
from qa_lib.report.document import Document

HIGHEST_GRADE = 9
MOST_WORDS = 25
FIX = (
    "Make two sentences of a long one and say it in shorter words. The names of domains and themes, from "
    "framework.yml and codebook.yml, count too."
)
ABBREVIATION_FIX = (
    "Write it in full where it first stands, with the short form in brackets, or explain it in the report's glossary."
)


@dataclass(frozen=True)
class Reading:
    """How the first page reads: its grade, the mean length of a sentence, and what was counted."""

    grade: float
    words_a_sentence: float
    sentences: int
    words: int


@dataclass(frozen=True)
class Sentence:
    """A sentence of the first page, with the heading it stands under and its place there, from 1."""

    text: str
    under: str
    place: int


def check_reading(document: Document) -> None:
    """Refuse a first page that is hard to read, or that uses an abbreviation it does not explain.

    Raises
    ------
    QAError : exit code 5; the figures, where the longest sentence stands, every such abbreviation.
    """
    said = first_page(document)
    if not said:
        message = "the report has no first page: no sentence stands under its first heading."
        fix = 'Begin the notebook with a section such as "On one page" that says what was found.'
        raise QAError([Problem("reading", message, fix)], PUBLICATION)
    reading = reading_of(document)
    problems = []
    if reading.grade > HIGHEST_GRADE or reading.words_a_sentence > MOST_WORDS:
        longest = max(said, key=lambda sentence: len(words(sentence.text)))
        message = (
            f"the first page reads at grade {reading.grade:.1f}, with {reading.words_a_sentence:.1f} words a sentence; "
            f"the most is grade {HIGHEST_GRADE} and {MOST_WORDS} words. Its longest sentence, with "
            f'{len(words(longest.text))} words, is number {longest.place} under "{longest.under}".'
        )
        problems.append(Problem("reading", message, FIX))
    for short in unexplained(document):
        message = f"the first page uses the abbreviation {short} and does not explain it."
        problems.append(Problem("abbreviation", message, ABBREVIATION_FIX))
    if problems:
        raise QAError(problems, PUBLICATION)


def reading_of(document: Document) -> Reading:
    """Grade and lengths of the first page; all 0 where it holds no sentence.

    The grade is 0.39 words a sentence + 11.8 syllables a word - 15.59.
    Source: Kincaid, Fishburne, Rogers and Chissom (1975), Naval Technical Training, Research Branch Report 8-75.
    """
    said = [words(sentence.text) for sentence in first_page(document)]
    every = [word for sentence in said for word in sentence]
    if not every:
        return Reading(0.0, 0.0, 0, 0)
    length = len(every) / len(said)
    grade = 0.39 * length + 11.8 * sum(map(syllables, every)) / len(every) - 15.59
    return Reading(grade, length, len(said), len(every))


def first_page(document: Document) -> list[Sentence]:
    """The sentences of the first page, in order."""
    said: list[Sentence] = []
    under, place = "", 0
    for block in _section(document.blocks, lambda heading: heading.level == 2):
        if isinstance(block, Heading):
            under, place = text_of(block.runs), 0
        elif isinstance(block, Commentary):
            under, place = f"{under} (commentary)", 0
        for prose in _prose(block):
            for text in sentences(prose):
                place += 1
                said.append(Sentence(text, under, place))
    return said


def sentences(text: str) -> list[str]:
    """A text's sentences; the whole text where none ends before its last word.

    >>> sentences("It was 4.5 of 10. Was it Good? See e.g. planning")
    ['It was 4.5 of 10.', 'Was it Good?', 'See e.g. planning']
    """
    pieces, start = [], 0
    for end in re.finditer(r"[.!?][\"'”’)\]]*\s+", text):
        following = re.search(r"[^\W_]", text[end.end() :])
        if following and not following[0].islower():
            pieces.append(text[start : end.end()])
            start = end.end()
    return [piece.strip() for piece in (*pieces, text[start:]) if words(piece)]


def words(text: str) -> list[str]:
    """The words of a text: "follow-up", "child's" and "(68%)" are one each, a dash is none."""
    return [word for word in text.split() if re.search(r"[^\W_]", word)]


def syllables(word: str) -> int:
    """Syllables of a word, one at least: its parts as hyphenated in British English, one for any number in it.

    >>> [syllables(word) for word in ("planning", "follow-up", "child's", "(1,234)", "AC2")]
    [2, 3, 1, 1, 2]
    """
    plain = re.sub(r"['’]", "", word)
    parts = sum(len(_british().positions(letters)) + 1 for letters in re.findall(r"[^\W\d_]+", plain))
    return max(parts + bool(re.search(r"\d", plain)), 1)


def unexplained(document: Document) -> list[str]:
    """The abbreviations of the first page (two or more capitals in a row) that it leaves unexplained.

    One is explained where it first stands, as in "children in need (CIN)" or "CIN (children in need)", the words'
    first letters giving it in order; or by standing in a section with "glossary" in its heading.
    """
    page = " ".join(sentence.text for sentence in first_page(document))
    section = _section(document.blocks, lambda heading: "glossary" in text_of(heading.runs).casefold())
    glossary = {short for block in section for prose in _prose(block) for short, _ in _abbreviations(prose)}
    first = dict(reversed(list(_abbreviations(page))))
    return sorted(short for short, found in first.items() if short not in glossary and not _expanded(short, found))


def _abbreviations(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Each abbreviation of a text without the s of its plural, and where it stands."""
    for found in re.finditer(r"\b(\w*[A-Z]{2}\w*?)(?:['’]?s)?\b", text):
        yield found[1], found


def _expanded(short: str, found: re.Match[str]) -> bool:
    """Whether the words before "(CIN)", or those in brackets after "CIN", give its letters in order."""
    before, after = found.string[: found.start()], found.string[found.end() :]
    if before.endswith("(") and after.startswith(")"):
        near = before.split()[-2 * len(short) :]
    elif after.startswith(" ("):
        near = after[2:].partition(")")[0].split()
    else:
        return False
    initials = iter(word[0] for word in re.findall(r"[^\W_]+", " ".join(near).casefold()))
    return all(letter in initials for letter in short.casefold())


def _section(blocks: Iterable[Block], opens: Callable[[Heading], bool]) -> list[Block]:
    """The first heading that `opens`, and what stands below it, up to the next heading of its level or above."""
    section: list[Block] = []
    level = 0
    for block in blocks:
        if isinstance(block, Heading):
            if level and block.level <= level:
                break
            level = level or (block.level if opens(block) else 0)
        if level:
            section.append(block)
    return section


def _prose(block: Block) -> list[str]:
    """The texts of a paragraph, list or box, without confidence labels, note numbers and "(see ...)" links."""
    if isinstance(block, Commentary):
        return [text for part in block.blocks for text in _prose(part)]
    items = (block.runs,) if isinstance(block, Paragraph) else block.items if isinstance(block, Bullets) else ()
    return [_without_pointers(item) for item in items]


def _without_pointers(runs: Iterable[Run]) -> str:
    said = [f"\0{run.text}\0" if run.href else run.text for run in runs if run.style not in {"label", "note"}]
    return re.sub(r"\(see\s*\0[^\0]*\0\)\.?", "", "".join(said)).replace("\0", "").strip()


@cache
def _british() -> Any:
    import pyphen

    return pyphen.Pyphen(lang="en_GB")
