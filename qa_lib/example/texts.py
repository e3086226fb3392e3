"""What the auditors wrote, and what was planted in it.

Every audit has five boxes of text. Into two of them, strengths and areas for development, phrases are planted
theme by theme at the stated rates; some of these are words that a child or a parent said, and stand in the
box for that view if the person was spoken to. Around the phrases stand openings, closings and remarks that
belong to no theme.

What makes real text hard is here at stated rates: empty boxes, "n/a" and "as above"; sentences that tell the
other side first ("Good visits, however ..."); slips of the pen; traps, which hold the words of a theme
without its meaning; names that must be scrubbed; and a tenth of files in which the text tells the opposite of
the grades.

**How the rates stay exact.** A theme is planted where a normal score lies below the point for its rate. Good
files lean to strengths and poor ones to development, because the score shares a part with the file's quality;
in a mismatched file that part changes its sign. Neither alters the chance of any one theme. Boxes left empty
are allowed for beforehand.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from qa_lib.example.council import AUDITORS
from qa_lib.example.diary import Diary
from qa_lib.example.dice import below, even, words_at
from qa_lib.example.gradings import Gradings
from qa_lib.example.truth import BOXES, EMPTY, POLARITIES, RATES, THEMES, theme_rates
from qa_lib.example.words import Phrase, Words, sentences, set_down, slip

_LEANS = 0.35  # how strongly what is written goes with the file's quality
_TONE = 0.5  # quality beyond which the text is warm, or below minus this critical
_SPOKEN = {"child_view": "child_spoken_to", "parent_view": "parent_spoken_to"}
PASSAGE_COLUMNS = ("audit_id", "column", "theme", "polarity", "half", "misspelt")
COLUMNS = ("strengths", "areas_for_development", "child_view", "parent_view", "actions")

T = TypeVar("T")
Chances = NDArray[np.float64]
Boxes = dict[str, list[list[str]]]  # column -> audit -> what is said in the box


@dataclass(frozen=True)
class Planted:
    """One phrase or trap in one box of one audit (its row in the diary): what a search is judged by."""

    audit: int
    column: str
    phrase: Phrase
    misspelt: bool


@dataclass(frozen=True)
class Texts:
    """The five boxes, each as long as there are audits, and all that was planted, in order of audits.

    `mismatched` maps the audits whose text tells the opposite of the file's quality to its tone.
    """

    columns: dict[str, list[str]]
    planted: list[Planted]
    mismatched: dict[int, str]


def draw_texts(rng: np.random.Generator, diary: Diary, gradings: Gradings, lexicon: Words) -> Texts:
    """Write all the boxes of all the audits.

    The text follows the file's quality, except in the mismatched share of files, where it follows its
    opposite.
    """
    audits = len(diary.month)
    mismatch = rng.random(audits) < RATES["mismatch"]
    seen = np.where(mismatch, -gradings.quality, gradings.quality)
    tones = np.where(seen > _TONE, "warm", np.where(seen < -_TONE, "critical", "mixed")).tolist()
    empty = {box: _empty(rng, box, diary) for box in EMPTY}
    said: Boxes = {column: [[] for _ in range(audits)] for column in COLUMNS}
    planted: list[Planted] = []
    for polarity in POLARITIES:
        filled = np.array([text is None for text in empty[BOXES[polarity]]])
        hits = _hits(rng, polarity, diary, seen, filled)
        planted += _plant(rng, polarity, hits, gradings, lexicon, said)
    planted += _set_traps(rng, empty, lexicon, said)
    _name_people(rng, empty, gradings, lexicon, said)
    columns = {box: _write_box(rng, box, empty[box], tones, gradings, lexicon, said[box]) for box in EMPTY}
    for view in _SPOKEN:
        columns[view] = _write_view(rng, view, gradings, lexicon, said[view])
    columns["actions"] = _agree_actions(rng, audits, lexicon)
    order = {column: place for place, column in enumerate(COLUMNS)}
    mismatched = {n: tones[n] for n in np.flatnonzero(mismatch).tolist()}
    return Texts(columns, sorted(planted, key=lambda p: (p.audit, order[p.column])), mismatched)


def passage_rows(planted: list[Planted], diary: Diary) -> Iterator[tuple[str, ...]]:
    """A row for each phrase and trap, columns as in `PASSAGE_COLUMNS`."""
    for one in planted:
        phrase, misspelt = one.phrase, str(int(one.misspelt))
        yield diary.audit_id[one.audit], one.column, phrase.theme, phrase.polarity, phrase.half, misspelt


def _empty(rng: np.random.Generator, box: str, diary: Diary) -> list[str | None]:
    """What stands in each box in which nothing is said; None where something will be."""
    shares = {**EMPTY[box], "filled": 1 - sum(EMPTY[box].values())}
    drawn = words_at(shares, even(rng, diary.quarter)).tolist()
    return [None if word == "filled" else word for word in drawn]


def _hits(
    rng: np.random.Generator, polarity: str, diary: Diary, seen: Chances, filled: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which themes each audit writes about in this polarity: one row per audit, one column per theme."""
    rates = theme_rates()[:, POLARITIES.index(polarity)] / (1 - sum(EMPTY[BOXES[polarity]].values()))
    towards = -seen if polarity == "strength" else seen  # a low score plants
    own = rng.standard_normal((len(seen), len(THEMES)))
    score = _LEANS * towards[:, None] + math.sqrt(1 - _LEANS**2) * own
    planted: NDArray[np.bool_] = (score < below(rates)[:, diary.month].T) & filled[:, None]
    return planted


def _plant(
    rng: np.random.Generator,
    polarity: str,
    hits: NDArray[np.bool_],
    gradings: Gradings,
    lexicon: Words,
    said: Boxes,
) -> list[Planted]:
    """Put a phrase of each theme that was hit where it belongs, and say what was put where."""
    spoken = {view: (gradings.voice[column] == "Yes").tolist() for view, column in _SPOKEN.items()}
    box, themes = BOXES[polarity], list(THEMES)
    rows = [(audit, themes[t]) for audit, t in np.argwhere(hits).tolist()]
    planted = []
    for (audit, theme), (choice, error, lead, which) in zip(rows, rng.random((len(rows), 4)).tolist(), strict=True):
        phrase = _choose(lexicon.phrases[theme, polarity], choice)
        misspelt = error < RATES["misspelt"]
        text = slip(phrase.words, error / RATES["misspelt"]) if misspelt else phrase.words
        if phrase.column and spoken[phrase.column][audit]:
            column = phrase.column
        else:
            column, text = box, _lead(lexicon, box, lead, which) + text
        said[column][audit].append(text)
        planted.append(Planted(audit, column, phrase, misspelt))
    return planted


def _lead(lexicon: Words, box: str, chance: float, which: float) -> str:
    """What stands before the phrase: now and then the other side of the story, mostly nothing."""
    leads: dict[str, list[str]] = lexicon.sentences["leads"]
    if chance < RATES["mixed"]:
        return _choose(leads[box], which)
    return _choose(leads["plain"], which) if chance < 2 * RATES["mixed"] else ""


def _set_traps(
    rng: np.random.Generator, empty: dict[str, list[str | None]], lexicon: Words, said: Boxes
) -> list[Planted]:
    """Set a trap in a share of audits, each trap in the box where it is natural."""
    set_here = []
    for audit, (chance, choice) in enumerate(rng.random((len(said["strengths"]), 2)).tolist()):
        trap = _choose(lexicon.traps, choice)
        filled = 1 - sum(EMPTY[trap.column].values())
        if chance < RATES["trap"] / filled and empty[trap.column][audit] is None:
            said[trap.column][audit].append(trap.words)
            set_here.append(Planted(audit, trap.column, trap, misspelt=False))
    return set_here


def _name_people(
    rng: np.random.Generator,
    empty: dict[str, list[str | None]],
    gradings: Gradings,
    lexicon: Words,
    said: Boxes,
) -> None:
    """Let a few audits name somebody, in a box in which something is said."""
    naming, names = lexicon.sentences["naming"], lexicon.sentences["names"]
    for audit, (chance, box, which, who) in enumerate(rng.random((len(said["strengths"]), 4)).tolist()):
        column = _choose(list(naming), box)
        open_box = (
            gradings.voice[_SPOKEN[column]][audit] == "Yes" if column in _SPOKEN else empty[column][audit] is None
        )
        if chance < RATES["name"] and open_box:
            said[column][audit].append(_choose(naming[column], which).format(name=_choose(names, who)))


def _write_box(
    rng: np.random.Generator,
    box: str,
    empty: list[str | None],
    tones: list[str],
    gradings: Gradings,
    lexicon: Words,
    said: list[list[str]],
) -> list[str]:
    """The strengths or the areas for development, as each auditor writes."""
    openings, closings, pasted = (lexicon.sentences[key] for key in ("openings", "closings", "pasted"))
    styles = [AUDITORS[n].style for n in gradings.auditor.tolist()]
    return [
        set_down(style, _choose(openings[box][tone], opening), here, _choose(closings, closing), pasted)
        if nothing is None
        else nothing
        for nothing, style, tone, here, (opening, closing) in zip(
            empty, styles, tones, said, rng.random((len(said), 2)).tolist(), strict=True
        )
    ]


def _write_view(
    rng: np.random.Generator, view: str, gradings: Gradings, lexicon: Words, said: list[list[str]]
) -> list[str]:
    """What a child or a parent said: a remark and what was planted, or a word on why there is nothing."""
    remarks, unsaid = lexicon.sentences["said"][view], lexicon.sentences["unsaid"][view]
    spoken = (gradings.voice[_SPOKEN[view]] == "Yes").tolist()
    return [
        sentences([_choose(remarks, chance), *here]) if yes else _choose(unsaid, chance)
        for yes, here, chance in zip(spoken, said, rng.random(len(said)).tolist(), strict=True)
    ]


def _agree_actions(rng: np.random.Generator, audits: int, lexicon: Words) -> list[str]:
    """What was agreed: one action or two, of no theme, or nothing."""
    actions = lexicon.sentences["actions"]
    agreed = []
    for none, first, second in rng.random((audits, 3)).tolist():
        chosen = dict.fromkeys([_choose(actions, first), _choose(actions, second)])
        agreed.append("" if none < RATES["no_action"] else sentences(list(chosen)))
    return agreed


def _choose(among: Sequence[T], chance: float) -> T:
    """The one of these that the chance falls on, all alike."""
    return among[int(chance * len(among))]
