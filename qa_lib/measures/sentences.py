"""Where does one statement end and the next begin?

Auditors write essays, lists and notes. A statement is a sentence, a line, a
bullet, or a part between semicolons or spaced dashes. Within a sentence the
meaning can turn: "Visits were regular, however nothing was written up" praises
and criticises at once, so a sentence is also cut where it turns.

Nothing here looks at capitals, which hurried auditors leave out, and nothing
looks back: a text of a million characters takes a moment, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from qa_lib.settings.codebook import fold

ABBREVIATIONS = frozenset(
    "e.g. eg. i.e. ie. dr. mr. mrs. ms. mx. prof. rev. fr. st. sgt. insp. p.c. vs. cf. c.f. approx. incl. "
    "ref. para. s. ss. sec. art. q.v. viz.".split()
)
"""A full stop after these does not end a sentence. "etc." is not among them: more often than not it does."""

BULLETS = "•‣◦●▪■⁃∙·;"
DASHES = frozenset("- – — *".split())
_OPENING, _CLOSING = "([{\"'“‘", ")]}\"'”’"
_LINES = str.maketrans(dict.fromkeys(BULLETS, "\n"))


def sentences(text: str) -> list[str]:
    r"""The statements of a text, in order, each on one line; those without a letter are dropped.

    A line break, bullet or semicolon ends a statement; so does a dash with white
    space on both sides, and a full stop, question or exclamation mark at the end
    of a word that is not one of `ABBREVIATIONS`.

    >>> sentences("Seen alone, e.g. at school. No chronology; Dr. Shah invited")
    ['Seen alone, e.g. at school.', 'No chronology', 'Dr. Shah invited']
    >>> sentences("- Three houses used\n- Plan is SMART")
    ['Three houses used', 'Plan is SMART']
    """
    found = []
    for line in text.translate(_LINES).splitlines():
        words: list[str] = []
        for word in line.split():
            if word not in DASHES:
                words.append(word)
            if word in DASHES or _ends_a_sentence(word):
                found.append(" ".join(words))
                words = []
        found.append(" ".join(words))
    return [sentence for sentence in found if any(character.isalpha() for character in sentence)]


def _ends_a_sentence(word: str) -> bool:
    core = word.rstrip(_CLOSING)
    return core.endswith((".", "!", "?")) and core.lstrip(_OPENING).casefold() not in ABBREVIATIONS


def turning_points(contrast: Iterable[str], phrases: Iterable[str]) -> re.Pattern[str] | None:
    """The pattern by which `clauses` cuts; None if no word of contrast is given.

    `phrases` are folded. One that holds a word of contrast itself ("tool used
    but not understood") is kept whole: it is matched first, as `kept`.
    """
    contrast = sorted(contrast, key=len, reverse=True)
    if not contrast:
        return None
    word = rf"(?<!\w)(?:{'|'.join(map(_as_written, contrast))})(?!\w)"
    kept = [_as_written(phrase) for phrase in phrases if re.search(word, phrase)]
    whole = "|".join(sorted(kept, key=len, reverse=True)) or "(?!)"
    return re.compile(rf"(?P<kept>(?<!\w)(?:{whole})(?!\w))|{word}", re.IGNORECASE)


def _as_written(folded: str) -> str:
    """A pattern for the spellings that fold to `folded`: any hyphen, quote or white space."""
    words = (re.escape(word).replace("'", "['‘’‛ʼ`´]") for word in fold(folded).split())
    return r"[\s\-‐‑‒–—―−]+".join(words)


def clauses(sentence: str, turns: re.Pattern[str] | None) -> list[str]:
    """The parts of a sentence between its turning points; a word of contrast opens its part.

    >>> turns = turning_points(["however", "but"], ["tool used but not understood"])
    >>> clauses("Good visits, however no chronology", turns)
    ['Good visits', 'however no chronology']
    >>> clauses("Tool used but not understood", turns)
    ['Tool used but not understood']
    """
    if turns is None:
        return [sentence]
    cuts = [0, *(match.start() for match in turns.finditer(sentence) if not match["kept"]), len(sentence)]
    parts = (sentence[start:end].strip(" ,") for start, end in pairwise(cuts))
    return [part for part in parts if any(character.isalpha() for character in part)]
