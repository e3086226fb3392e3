"""The words of Exampleshire, and how an auditor sets them down.

`phrases.yml` holds what belongs to a theme, `sentences.yml` what belongs to none. This room reads both and
knows the four ways of writing: terse fragments, bullets, an essay, and the pasted paragraph that closes every
box of some auditors. It draws no chance: whoever calls it brings the numbers.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from qa_lib.example.truth import POLARITIES, THEMES

_HERE = Path(__file__).parent
_LISTS = {"strength": "strengths", "development": "development"}  # polarity: its list in phrases.yml


@dataclass(frozen=True)
class Phrase:
    """A phrase of a theme, or a trap for it: the words, their place, and what a careful reader would code.

    `polarity` is `strength`, `development` or, for most traps, `none`; `half` is `odd`, `even` or `trap`;
    `column` is the view box in which the words were said, the box of a trap, or nothing.
    """

    words: str
    theme: str
    polarity: str
    half: str
    column: str = ""


@dataclass(frozen=True)
class Words:
    """Both files: `phrases` by (theme, polarity), in order, all `traps`, and the `sentences` as written."""

    phrases: dict[tuple[str, str], tuple[Phrase, ...]]
    traps: tuple[Phrase, ...]
    sentences: dict[str, Any]


def read_words() -> Words:
    """Read both files of this package.

    >>> said = read_words().phrases["direct_work", "strength"]
    >>> said[0].words, said[0].half, said[8].half, said[8].column
    ('three houses completed and used in the plan', 'odd', 'odd', 'child_view')
    """
    yaml = YAML(typ="safe", pure=True)
    lists = yaml.load((_HERE / "phrases.yml").read_text(encoding="utf-8"))
    rest = yaml.load((_HERE / "sentences.yml").read_text(encoding="utf-8"))
    said_in = {phrase: column for column, phrases in rest["heard"].items() for phrase in phrases}
    return Words(
        phrases={
            (theme, polarity): tuple(
                Phrase(words, theme, polarity, ("odd", "even")[n % 2], said_in.get(words, ""))
                for n, words in enumerate(lists[theme][_LISTS[polarity]])
            )
            for theme in THEMES
            for polarity in POLARITIES
        },
        traps=tuple(
            Phrase(trap["sentence"], theme, trap["means"], "trap", trap["column"])
            for theme in THEMES
            for trap in lists[theme]["traps"]
        ),
        sentences=rest,
    )


def slip(phrase: str, chance: float) -> str:
    """The phrase with one slip of the pen in a longer word: two letters change places, or one is left out.

    >>> slip("no chronology on file", 0.2)
    'no chronoloyg on file'
    >>> slip("all of it", 0.2)
    'al of it'
    """
    parts = phrase.split(" ")
    longest_first = sorted(range(len(parts)), key=lambda i: (-len(parts[i]), i))
    longer = [i for i in longest_first if len(parts[i]) >= 5] or longest_first[:1]
    which = longer[int(chance * len(longer))]
    word = parts[which]
    at = 1 + int(chance * 7919) % (len(word) - 2)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    parts[which] = swapped if swapped != word else word[:at] + word[at + 1 :]
    return " ".join(parts)


def set_down(style: str, opening: str, said: list[str], closing: str, pasted: str) -> str:
    r"""One box in an auditor's own way of writing. An auditor with nothing to add writes the opening alone.

    >>> set_down("bullets", "Little stood out", ["genogram current", "one worker throughout"], "", "")
    '- Genogram current\n- One worker throughout'
    >>> set_down("essay", "Little stood out", ["genogram current"], "I looked at six months", "")
    'Little stood out. Genogram current. I looked at six months.'
    """
    if style == "terse":
        return "\n".join(said or [opening])
    if style == "bullets":
        return "\n".join("- " + _capital(words) for words in said or [opening])
    if style == "essay":
        return sentences([opening, *said, closing])
    return sentences(said or [opening]) + " " + pasted


def sentences(said: list[str]) -> str:
    """Each thing said as a sentence of its own.

    >>> sentences(["feels respected", "found the meetings tiring"])
    'Feels respected. Found the meetings tiring.'
    """
    return " ".join(_capital(words).removesuffix(".") + "." for words in said)


def _capital(words: str) -> str:
    """The words with a capital letter first and the rest left alone."""
    return words[:1].upper() + words[1:]
