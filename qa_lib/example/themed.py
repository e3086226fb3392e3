"""What did Exampleshire's themed audits find?

Each round of a themed audit asks the questions of a tool below `params/tools/`. What is really so stands here: the
share of "Yes" of each question that was given one, for the others a share that follows from its place in the tool.
Chance is dealt evenly, so that a question's share comes out within one audit of the truth.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML

from qa_lib.example.council import AUDITORS, SERVICES, TEAMS
from qa_lib.example.dice import even
from qa_lib.example.words import Words, sentences

TOOLS = Path(__file__).parents[2] / "params" / "tools"
GRADES = ("Outstanding", "Good", "Requires improvement", "Inadequate")
_PARTLY = 0.45  # of the answers that are not "Yes"
_APPLIES_NOT = 0.18  # where the guidance speaks of it
_BLANK = 0.03  # of the questions that do not apply to all: one in doubt leaves them out
_SILENT = 0.15  # boxes with nothing in them
_OF_EACH = {"strength": 1.4, "development": 1.6, "none": 0.9}  # phrases in a box, on average
_LEAST, _SPREAD, _GOLDEN = 0.52, 0.36, 0.618034  # shares that follow from a question's place
_HOW_OFTEN = (0.3, 0.25, 0.15, 0.12, 0.1, 0.08)
Cell = str | date


@dataclass(frozen=True)
class Round:
    """One round of a themed audit: its tool, the file it is written to, when, how many, and what is true of it.

    `speaks_of` are the themes in its text boxes, commonest first. `yes` maps a question to the share of audits (to
    which it applied) that meet its standard.
    """

    tool: str
    file: str
    first: date
    days: int
    audits: int
    speaks_of: tuple[str, ...]
    yes: Mapping[str, float] = field(default_factory=dict)


_AT_HOME = ("fathers", "direct_work", "supervision", "conference_core_group", "drift_delay", "chronologies")
_AWAY = ("direct_work", "transfers", "supervision", "recording", "chronologies", "drift_delay")
_UNBORN = ("conference_core_group", "fathers", "early_help", "drift_delay", "thresholds", "supervision")
ROUNDS = (
    Round("domestic_violence_2012", "themed_domestic_violence_2012", date(2012, 5, 1), 61, 64, _AT_HOME,
          {"partner_seen": 0.25, "specialist_referral": 0.7, "safety_plan": 0.5}),
    Round("domestic_violence", "themed_domestic_violence_2013", date(2013, 5, 1), 61, 74, _AT_HOME,
          {"account_heard": 0.68, "support_offered": 0.72, "parent_alone": 0.9, "change_expected": 0.28,
           "child_plan": 0.34, "agencies_shared": 0.86, "safety_plan": 0.52}),
    Round("residential_care", "themed_residential_care_2013", date(2013, 7, 1), 31, 58, _AWAY),
    Round("pre_birth", "themed_pre_birth_2013", date(2013, 9, 1), 61, 60, _UNBORN),
)  # fmt: skip


@dataclass(frozen=True)
class Themed:
    """One round as written: its headings, its rows, and the truth behind them."""

    round: Round
    headings: list[str]
    keys: list[str]
    rows: list[list[Cell]]
    truth: dict[str, Any]


def draw_rounds(rng: np.random.Generator, lexicon: Words, tools: Path = TOOLS) -> Iterator[Themed]:
    """Every round whose tool is there, in the order of `ROUNDS`."""
    for one, chance in zip(ROUNDS, rng.spawn(len(ROUNDS)), strict=True):
        path = tools / f"{one.tool}.yml"
        if path.is_file():
            tool = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
            yield _draw(chance, one, tool, lexicon)


def _draw(rng: np.random.Generator, one: Round, tool: dict[str, Any], lexicon: Words) -> Themed:
    asked = {key: question for group in tool["groups"].values() for key, question in group["questions"].items()}
    together = np.zeros(one.audits, dtype=np.int64)
    sizes = np.array([service.cases for service in SERVICES], dtype=float)
    service = np.searchsorted(np.cumsum(sizes / sizes.sum()), even(rng, together))
    days = np.sort(rng.integers(0, one.days, one.audits))
    columns: dict[str, list[Cell]] = {}
    truth: dict[str, Any] = {}
    for place, (key, question) in enumerate(asked.items()):
        share = one.yes.get(key, round(_LEAST + _SPREAD * ((place * _GOLDEN) % 1), 2))
        columns[key] = _column(rng, question, share, one, columns, lexicon)
        if question["type"] in {"graded", "yes_partly_no"} or "meets" in question:
            truth[key] = {"yes": share}
    number = rng.permutation(9000)[: one.audits] + 1000
    rows: list[list[Cell]] = []
    for n in range(one.audits):
        teams = [name for owner, name in TEAMS if owner == service[n]]
        auditor = AUDITORS[int(rng.integers(len(AUDITORS)))].name
        day = one.first + timedelta(days=int(days[n]))
        head: list[Cell] = [f"TA-{one.file[7:9].upper()}{day:%y}-{n + 1:03d}", f"C{number[n]}", day,
                            SERVICES[service[n]].name, teams[int(rng.integers(len(teams)))], auditor]  # fmt: skip
        rows.append([*head, *(cells[n] for cells in columns.values())])
    form = ["Audit reference", "Case number", "Date of audit", "Service", "Team", "Auditor"]
    keys = ["audit_id", "case_id", "audit_date", "service", "team", "auditor", *asked]
    truth = {"tool": one.tool, "audits": one.audits, "questions": truth}
    return Themed(one, [*form, *(question["ask"] for question in asked.values())], keys, rows, truth)


def _column(
    rng: np.random.Generator,
    question: dict[str, Any],
    share: float,
    one: Round,
    before: Mapping[str, Sequence[Cell]],
    lexicon: Words,
) -> list[Cell]:
    """One question's answers, a cell an audit."""
    kind, n = question["type"], one.audits
    if kind == "text":
        return [_text(rng, question, one.speaks_of, lexicon) for _ in range(n)]
    fits_not = _APPLIES_NOT if "Not applicable" in question.get("guidance", "") else 0.0
    off = even(rng, np.zeros(n, dtype=np.int64))
    met = np.full(n, 1.0)
    met[off >= fits_not] = even(rng, np.zeros(int((off >= fits_not).sum()), dtype=np.int64))
    blank = rng.random(n) < (_BLANK if fits_not else 0)
    if kind == "yes_partly_no":
        words = np.where(met < share, "Yes", np.where(met < share + (1 - share) * _PARTLY, "Partly", "No"))
        words = np.where(off < fits_not, "Not applicable", words)
        return ["" if gone else str(word) for word, gone in zip(words, blank, strict=True)]
    if kind == "graded":
        edges = np.array([0.2 * share, share, share + 0.65 * (1 - share)])
        return [GRADES[int(at)] for at in np.searchsorted(edges, met, side="right")]
    if kind == "number":
        return [str(number) for number in _numbers(rng, question, met < share)]
    if kind == "date":
        return _dates(rng, question, met < share, one, before)
    return _chosen(rng, question, met < share)


def _numbers(rng: np.random.Generator, question: dict[str, Any], met: NDArray[np.bool_]) -> list[int]:
    """Whole numbers on the right side of the standard."""
    meets = question.get("meets", {})
    low, high = meets.get("at_least", 0), meets.get("at_most", meets.get("at_least", 3) + 4)
    inside = rng.integers(low, high + 1, len(met))
    outside = high + rng.integers(1, 5, len(met)) if "at_most" in meets else rng.integers(0, max(low, 1), len(met))
    return [int(number) for number in np.where(met, inside, outside)]


def _dates(
    rng: np.random.Generator,
    question: dict[str, Any],
    met: NDArray[np.bool_],
    one: Round,
    before: Mapping[str, Sequence[Cell]],
) -> list[Cell]:
    """Days before the audit; those that follow another date lie within the days allowed, or after them."""
    meets = question.get("meets")
    if not meets:
        return [one.first - timedelta(days=int(days)) for days in rng.integers(40, 150, len(met))]
    most = meets["within_days"]
    gaps = np.where(met, rng.integers(0, most + 1, len(met)), most + rng.integers(1, 20, len(met)))
    starts = before[meets["after"]]
    pairs = zip(starts, gaps, strict=True)
    return [start + timedelta(days=int(gap)) if isinstance(start, date) else "" for start, gap in pairs]


def _chosen(rng: np.random.Generator, question: dict[str, Any], met: NDArray[np.bool_]) -> list[Cell]:
    """One option or several; where some of them meet the standard, one of these as often as the truth says."""
    options = question["options"]
    if question["type"] == "choices":
        picks = rng.random((len(met), len(options))) < np.linspace(0.65, 0.2, len(options))
        alone = [option.startswith("None") for option in options]  # "None of these" stands by itself, or not at all
        picks[:, alone] = ~picks[:, ~np.array(alone)].any(axis=1, keepdims=True)
        return ["; ".join(option for option, hit in zip(options, row, strict=True) if hit) for row in picks]
    good = question.get("meets", {}).get("one_of") or options[:1]
    good = [good] if isinstance(good, str) else good
    rest = [option for option in options if option not in good] or good
    return [str(rng.choice(good if hit else rest)) for hit in met]


def _text(rng: np.random.Generator, question: dict[str, Any], speaks_of: Sequence[str], lexicon: Words) -> str:
    """A few phrases that lean the way of the box; "n/a" or nothing in some."""
    if rng.random() < _SILENT:
        return str(rng.choice(["", "n/a", "Nothing to add"]))
    box = question.get("box", "none")
    said = []
    for _ in range(1 + int(rng.poisson(_OF_EACH[box]))):
        polarity = box if box != "none" else str(rng.choice(["strength", "development"]))
        theme = str(rng.choice(speaks_of, p=_HOW_OFTEN))
        phrases = lexicon.phrases[theme, polarity]
        said.append(phrases[int(rng.integers(len(phrases)))].words)
    return sentences(list(dict.fromkeys(said)))
