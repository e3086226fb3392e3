"""What counts as which theme?

A codebook is the council's own list of the subjects that auditors write about,
and of the words by which each is known. It is a file that an analyst can read,
argue over and change, because a theme count is only as good as the words behind
it; a difference between two versions of it is a change of method.

    theme "supervision"                        one subject, tied to one row of the action plan
      terms         supervision                the bare subject: says what, not whether good or bad
      faults        (drift, delay)             subjects that are faults: to deny one is to praise
      strengths     worker says supervision …  good practice, wherever it is written
      development   sign-off without …         practice to develop, wherever it is written
      traps         supervision order          looks like the theme and is not, or means the opposite

Words are compared after folding (`fold`): the case, the kind of hyphen or quote
and the white space of a hurried auditor make no difference.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from qa_lib.problems import did_you_mean
from qa_lib.settings.kinds import TEXT_COLUMNS
from qa_lib.settings.yaml import Settings

Means = Literal["strength", "development", "none"]

BREAKS = ";•\n\r"
"""Texts are always split here, so a phrase that holds one could never be found."""

EDGES = " .,:;!?'\"()[]"
_PLAIN = (
    {ord(mark): " " for mark in "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"}
    | {ord(mark): "'" for mark in "\u2018\u2019\u201b\u02bc`\u00b4"}
    | {ord(mark): '"' for mark in "\u201c\u201d\u201e"}
    | {ord(mark): None for mark in "\u00ad\u200b\u200c\u200d\u2060\ufeff"}
)


def fold(text: str) -> str:
    """Text as it is compared: small letters, straight quotes, hyphens as spaces, single spaces.

    Characters that cannot be seen (soft hyphens, zero-width spaces) are dropped.

    >>> fold("  Re\u2010referral:  the Child\u2019s  VIEW ")
    "re referral: the child's view"
    """
    return " ".join(text.casefold().translate(_PLAIN).split())


def bare(text: str) -> str:
    """Folded text without the punctuation around it, to tell a box that holds only "N/A.".

    >>> bare(" (N/A.) ")
    'n/a'
    """
    return fold(text).strip(EDGES)


class Trap(Settings):
    """A phrase that fools a search for the theme, and what it means instead.

    `none` says that the theme is not meant ("supervision order"); `strength` or
    `development`, that it is meant in a way its words hide ("no evidence of delay").
    """

    phrase: str
    means: Means


class Negation(Settings):
    """Words that turn a meaning round when they stand up to `window` words before it."""

    words: tuple[str, ...]
    window: int = Field(ge=1, le=6)

    @field_validator("words")
    @classmethod
    def _are_single_words(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        folded = tuple(fold(word) for word in value)
        wrong = [word for word in folded if not re.fullmatch(r"[\w']+", word)]
        if wrong:
            raise ValueError(f'"{wrong[0]}" is not one word; a negation is looked for word by word')
        return folded


class Theme(Settings):
    """One subject: its label, its row of the action plan (`issue`), and its words."""

    label: str = Field(min_length=1)
    issue: str = Field(min_length=1)
    terms: tuple[str, ...] = Field(min_length=1)
    faults: tuple[str, ...] = ()
    strengths: tuple[str, ...] = ()
    development: tuple[str, ...] = ()
    traps: tuple[Trap, ...] = ()

    @property
    def entries(self) -> tuple[tuple[str, str, str], ...]:
        """Every phrase of the theme as (place in the file, phrase, what it says).

        A phrase says strength, development, "not this theme" or "subject".
        """
        listed = (
            ("terms", self.terms, "subject"),
            ("faults", self.faults, "subject, a fault"),
            ("strengths", self.strengths, "strength"),
            ("development", self.development, "development"),
        )
        phrases = ((place, phrase, says) for place, phrases, says in listed for phrase in phrases)
        means = {"none": "not this theme", "strength": "strength", "development": "development"}
        return (*phrases, *(("traps", trap.phrase, means[trap.means]) for trap in self.traps))


class Codebook(Settings):
    """The themes, and how a text is read for them.

    Parameters
    ----------
    version : told beside every theme count; raise it with every change of the file
    boxes : text column -> the polarity that it lends to a bare mention of a theme;
        a column not named here lends none; a near-miss of one of our own columns is refused
    negation, contrast : words that turn a meaning round, and words where a sentence turns
    ignore : what a box holds when it says nothing ("n/a"); compared without punctuation
    themes : key -> `Theme`; the order of the file is the order of every table

    Raises
    ------
    ValidationError : one fault a line, each with its place. Keys are slugs; no phrase is
        empty or holds a break; a phrase stands once in a theme, and is never a strength in
        one theme and a development in another. It may belong to two themes when it says the
        same of both.
    """

    version: str = Field(min_length=1)
    boxes: dict[str, Means]
    negation: Negation
    contrast: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    themes: dict[str, Theme] = Field(min_length=1)

    def named(self, typed: object) -> tuple[str, ...]:
        """The themes that a cell names, parted by ";", by key, label or issue; "" for each that is not known."""
        known = {fold(theme.issue): key for key, theme in reversed(self.themes.items())}
        known |= {fold(theme.label): key for key, theme in self.themes.items()}
        known |= {fold(key): key for key in self.themes}
        words = [part for part in str(typed).split(";") if part.strip()]
        return tuple(dict.fromkeys(known.get(fold(word).strip(), "") for word in words))

    @field_validator("contrast", "ignore")
    @classmethod
    def _compared_folded(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        folded = tuple(bare(words) for words in value)
        if "" in folded:
            raise ValueError("an entry holds no letter")
        return folded

    @model_validator(mode="after")
    def _hangs_together(self) -> Codebook:
        faults = [*self._box_faults(), *self._key_faults(), *self._phrase_faults()]
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def _box_faults(self) -> list[str]:
        meant = {box: did_you_mean(box, TEXT_COLUMNS) for box in self.boxes if box not in TEXT_COLUMNS}
        return [f'boxes/{box}: did you mean "{name}"?' for box, name in meant.items() if name]

    def _key_faults(self) -> list[str]:
        faults = []
        for key in self.themes:
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", key):
                words = "is not a key: small letters, digits and underscores, a letter first"
                faults.append(f"themes/{key}: {words}")
        return faults

    def _phrase_faults(self) -> list[str]:
        faults = []
        anywhere: dict[str, tuple[str, str]] = {}
        for key, theme in self.themes.items():
            here: dict[str, str] = {}
            for place, phrase, says in theme.entries:
                at, folded = f"themes/{key}/{place}", fold(phrase)
                if not re.search(r"\w", folded):
                    faults.append(f"{at}: a phrase is empty")
                    continue
                if any(mark in phrase for mark in BREAKS):
                    faults.append(f'{at}: "{phrase}" could never be found: texts are split at ; and •')
                if folded in here:
                    faults.append(f'{at}: "{phrase}" stands twice in this theme, before as {here[folded]}')
                here[folded] = says
                if says in {"strength", "development"}:
                    other, said = anywhere.setdefault(folded, (key, says))
                    if said != says and other != key:
                        faults.append(f'{at}: "{phrase}" is a {says} here and a {said} in {other}')
        return faults
