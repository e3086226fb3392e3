"""In which words did the other activities say it?

Child protection advisors and reviewing officers name the themes of what they escalate themselves, some by the number
of the issue in the action plan, some by its label; their text is short and speaks of no theme. All other activities
write: an opening, then a phrase for each theme, from the same lists as the auditors' (see `words`), with the same
share of slips. Now and then stands a trap there, or the name of an invented child.

What came of an observation is known of some: something changed, or nothing did.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from qa_lib.example.council import SERVICES, day_first
from qa_lib.example.dice import even, words_at
from qa_lib.example.evidence import ACTIVITIES, CAME_OF_IT, WORD_RATES, Observation
from qa_lib.example.texts import _choose
from qa_lib.example.words import Phrase, Words, sentences, slip

EVIDENCE_COLUMNS = ("evidence_id", "activity", "date", "service", "theme", "text", "polarity", "outcome")
PLANTED_COLUMNS = ("evidence_id", "activity", "theme", "polarity", "half", "given", "misspelt")
NAMES = {  # theme: its number in the action plan, its label
    "strategy_meetings": ("E1", "Strategy meetings"),
    "chronologies": ("E2", "Chronologies"),
    "drift_delay": ("E3", "Drift and delay"),
    "timely_response": ("E4", "Responding to families in good time"),
    "supervision": ("E5", "Supervision and management oversight"),
    "transfers": ("E6", "Transfers and change of worker"),
    "challenge": ("E7", "Challenge to professionals and families"),
    "thresholds": ("E8", "Thresholds"),
    "conference_core_group": ("E9", "Conference and core group"),
    "fathers": ("E10", "Fathers"),
    "early_help": ("E11", "Early help"),
    "children_in_need": ("Q1", "Children in need"),
    "direct_work": ("Q2", "Direct work with children"),
    "recording": ("Q4", "Recording"),
}


@dataclass(frozen=True)
class Said:
    """One observation as handed over; `planted` are its phrases and traps, each with whether it is misspelt."""

    seen: Observation
    theme: str
    text: str
    polarity: str
    outcome: str
    planted: tuple[tuple[Phrase, bool], ...]


def draw_said(rng: np.random.Generator, observations: Sequence[Observation], lexicon: Words) -> list[Said]:
    """Put every observation into words, in the same order."""
    words = lexicon.sentences["evidence"]
    outcomes = words_at(CAME_OF_IT, even(rng, np.array([one.quarter for one in observations]))).tolist()
    said = []
    for seen, outcome, chances in zip(observations, outcomes, rng.random((len(outcomes), 8)).tolist(), strict=True):
        came = _choose(words["outcomes"], chances[0]) if outcome == "changed" else outcome
        if ACTIVITIES[seen.activity].given:
            theme = "; ".join(NAMES[key][int(chances[1] < 0.5)] for key, _ in seen.noted)
            said.append(Said(seen, theme, _choose(words["escalated"], chances[2]), "development", came, ()))
        else:
            planted = [*_phrases(rng, seen, lexicon), *_trap(lexicon, *chances[3:5])]
            named = _named(words["naming"], lexicon.sentences["names"], *chances[5:8])
            opening = _choose(words["openings"][seen.activity], chances[2])
            text = sentences([opening, *(text for text, _, _ in planted), *named])
            said.append(Said(seen, "", text, "", came, tuple((phrase, wrong) for _, phrase, wrong in planted)))
    return said


def evidence_rows(said: Sequence[Said], quarter: int) -> Iterator[tuple[str, ...]]:
    """The observations of one quarter, columns as in `EVIDENCE_COLUMNS`."""
    for one in said:
        seen = one.seen
        if seen.quarter == quarter:
            head = (seen.evidence_id, seen.activity, day_first(seen.day), SERVICES[seen.service].name)
            yield (*head, one.theme, one.text, one.polarity, one.outcome)


def planted_rows(said: Sequence[Said]) -> Iterator[tuple[str, ...]]:
    """A row for each theme named, phrase and trap, columns as in `PLANTED_COLUMNS`; a theme named has no half."""
    for one in said:
        head = (one.seen.evidence_id, one.seen.activity)
        if ACTIVITIES[one.seen.activity].given:
            yield from ((*head, theme, polarity, "", "theme", "0") for theme, polarity in one.seen.noted)
        for phrase, misspelt in one.planted:
            yield (*head, phrase.theme, phrase.polarity, phrase.half, "text", str(int(misspelt)))


def _phrases(rng: np.random.Generator, seen: Observation, lexicon: Words) -> Iterator[tuple[str, Phrase, bool]]:
    """A phrase for each theme that is noted: as written, as meant, and whether it is misspelt."""
    for cell, (choice, error) in zip(seen.noted, rng.random((len(seen.noted), 2)).tolist(), strict=True):
        phrase, misspelt = _choose(lexicon.phrases[cell], choice), error < WORD_RATES["misspelt"]
        yield slip(phrase.words, error / WORD_RATES["misspelt"]) if misspelt else phrase.words, phrase, misspelt


def _trap(lexicon: Words, chance: float, which: float) -> Iterator[tuple[str, Phrase, bool]]:
    """Now and then words that fool a search for a theme."""
    if chance < WORD_RATES["trap"]:
        trap = _choose(lexicon.traps, which)
        yield trap.words, trap, False


def _named(naming: Sequence[str], names: Sequence[str], chance: float, which: float, who: float) -> Iterator[str]:
    """Now and then a sentence with the name of an invented child."""
    if chance < WORD_RATES["name"]:
        yield _choose(naming, which).format(name=_choose(names, who))
