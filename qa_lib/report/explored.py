"""Which tables answer a question nobody foresaw?

The plan of an exploration: what is chosen goes in, tables come out, each with the
tally that says who is counted in it. Tables that a report has too bear its names
and say its figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from qa_lib.measures.tallies import Tally, Who, rows
from qa_lib.report.choosing import NEED, NOTED, Asked, Seen, period_key
from qa_lib.report.learnt import EVERYONE, MET, Place
from qa_lib.report.publishable import About
from qa_lib.report.together import against, together
from qa_lib.settings.kinds import OVERALL

SELECTED, WITH_WORDS, GRADED = "selected", "with_words", "graded"


def tables(seen: Seen, section: str) -> list[Asked]:
    """The tables of one section of what is shown, in order; none where it has nothing to show."""
    made: dict[str, Callable[[], list[Asked]]] = {
        "base": lambda: [_looked_at(seen)],
        "grades": lambda: [_by_domain(seen), _grades(seen)] if seen.pool.given else [],
        "themes": lambda: [_themes(seen)],
        "trend": lambda: [*(_trend(seen) if seen.pool.given else ()), *_themes_trend(seen)],
        "change": lambda: [*_domains_compared(seen), *_themes_compared(seen)],
        "together": lambda: [*together(seen)],
        "against": lambda: [*against(seen)] if seen.pool.given else [],
    }
    return [asked for asked in made[section]() if asked.tally.keys]


def _looked_at(seen: Seen) -> Asked:
    """How many are selected, of all of the period; of them, how many have words and a grade."""
    everyone = np.ones(len(seen.pool.ids), dtype=bool)
    chosen, known = seen.now(seen.selection), seen.pool.given
    each = [
        ({"group": SELECTED}, chosen, seen.now(everyone), seen.now(everyone)),
        ({"group": WITH_WORDS}, seen.pool.says, chosen, chosen),
    ]
    places = [seen.place(EVERYONE), seen.place("with words")]
    if known:
        each.append(({"group": GRADED}, seen.gave(seen.judged, seen.scale.labels), chosen, chosen))
        places.append(seen.place(f"{seen.judged} graded"))
    said = "answered" if seen.params.tool else "graded"
    labels = {
        SELECTED: f"Selected, of all {seen.unit} of the period",
        WITH_WORDS: "Of these with words that say something",
        GRADED: f"Of these {said}: {seen.judged_label}",
    }
    about = About("How many, of how many", seen.unit, "", seen.unit.capitalize(), "Of", labels=labels)
    return Asked("looked_at", ("group",), rows(*each), about, tuple(places), sampled=False)


def _grades(seen: Seen) -> Asked:
    """How often each grade or answer was given: overall first, then by domain."""
    chosen, scale = seen.now(seen.selection), seen.scale
    judged = sorted(seen.pool.given, key=OVERALL.__ne__)
    each = [
        ({"group": of, "grade": grade}, seen.gave(of, (grade,)), chosen & seen.gave(of, scale.labels), chosen)
        for of in judged
        for grade in scale.labels
    ]
    tally = rows(*each)
    what = "answers" if seen.params.tool else "grades"
    about = About(
        "Answers given, question by question" if seen.params.tool else "Grades given, overall and by domain",
        "gradings", _judged_head(seen), "Count", *_base_heads(seen), labels=seen.judged_labels, scale=scale,
    )  # fmt: skip
    places = tuple(seen.place(f"{keys['group']} {keys['grade']}") for keys in tally.keys)
    return Asked(what, ("group", "grade"), tally, about, places)


def _by_domain(seen: Seen) -> Asked:
    """The share that is good or better, or meets the standard, by domain or question."""
    chosen = seen.now(seen.selection)
    tally = rows(*(_met(seen, {"group": of}, of, chosen) for of in seen.pool.given if of != OVERALL))
    tool = bool(seen.params.tool)
    about = About(
        "Standards met, question by question" if tool else f"Gradings {seen.goal}, by domain",
        "gradings", _judged_head(seen), seen.goal_head, *_base_heads(seen), labels=seen.judged_labels, goal=seen.goal,
    )  # fmt: skip
    places = tuple(seen.place(f"{keys['group']} {MET}") for keys in tally.keys)
    return Asked("standards" if tool else "by_domain", ("group",), tally, about, places)


def _themes(seen: Seen) -> Asked:
    """Who notes each theme as a strength, and as a need."""
    chosen = seen.now(seen.selection)
    each = [
        ({"group": theme, "polarity": way}, seen.pool.notes(theme, way), chosen & seen.pool.says, chosen)
        for way in ("strength", NEED)
        for theme in seen.params.codebook.themes
    ]
    tally = rows(*each)
    about = About(
        f"Themes noted: {seen.unit} in which each was", seen.unit, "Theme", seen.unit.capitalize(), "With comments",
        "Without comments", labels=seen.theme_labels,
    )  # fmt: skip
    places = tuple(seen.place(f"{keys['group']} {keys['polarity']}") for keys in tally.keys)
    return Asked("themes", ("group", "polarity"), tally, about, places)


def _trend(seen: Seen) -> Iterator[Asked]:
    """The share that is good or better in each period that was read."""
    blocks = _blocks(seen)
    if len(blocks) > 1:
        each = [_met(seen, {"group": key}, seen.judged, _of(seen, key, seen.selection)) for key in blocks]
        title = f"{seen.judged_label}: {seen.unit} {seen.goal}, by period"
        about = About(
            title, "gradings", "Period", seen.goal_head, *_base_heads(seen), labels=_period_labels(seen),
            goal=seen.goal, linked="block",
        )  # fmt: skip
        tally = rows(*each)
        places = tuple(seen.place(f"{seen.judged} {MET}", keys["group"]) for keys in tally.keys)
        yield Asked("trend", ("group",), tally, about, places)


def _themes_trend(seen: Seen) -> Iterator[Asked]:
    """The share that notes the chosen theme in each period, whatever else they note."""
    theme, way, blocks = seen.choice.theme, seen.choice.polarity, _blocks(seen)
    if theme and len(blocks) > 1:
        inside = seen.pool.of_service(seen.choice.service)
        each = []
        for key in blocks:
            of = _of(seen, key, inside)
            each.append(({"group": key}, seen.pool.notes(theme, way), of & seen.pool.says, of))
        about = About(
            f"{seen.theme_labels[theme]} {NOTED[way]}, by period", seen.unit, "Period", seen.unit.capitalize(),
            "With comments", "Without comments", labels=_period_labels(seen), linked="block_noted",
        )  # fmt: skip
        tally = rows(*each)
        places = tuple(Place(f"{theme} {way}", ":", seen.choice.service, keys["group"]) for keys in tally.keys)
        yield Asked("theme_trend", ("group",), tally, about, places, ("service",))


def _domains_compared(seen: Seen) -> Iterator[Asked]:
    """The share that is good or better, by domain, beside the period before."""
    each = [
        (of, label, _met(seen, {"group": of, "period": label}, of, _of(seen, key, seen.selection)))
        for of in seen.pool.given
        for label, key in _now_and_before(seen)
    ]
    if each:
        tally = rows(*(row for _, _, row in each))
        about = About(
            f"{'Standards met' if seen.params.tool else f'Gradings {seen.goal}'}, beside the period before",
            "gradings", _judged_head(seen), seen.goal_head, *_base_heads(seen),
            labels={**seen.judged_labels, **_compared_labels(seen)}, goal=seen.goal,
        )  # fmt: skip
        yield Asked("compared", ("group", "period"), tally, about, _compared_places(seen, tally, MET))


def _themes_compared(seen: Seen) -> Iterator[Asked]:
    """Who notes each theme as a need, beside the period before."""
    each = []
    for theme in seen.params.codebook.themes:
        for label, key in _now_and_before(seen):
            of = _of(seen, key, seen.selection)
            each.append(({"group": theme, "period": label}, seen.pool.notes(theme, NEED), of & seen.pool.says, of))
    if each:
        about = About(
            "Themes noted as a need, beside the period before", seen.unit, "Theme", seen.unit.capitalize(),
            "With comments", "Without comments", labels={**seen.theme_labels, **_compared_labels(seen)},
        )  # fmt: skip
        tally = rows(*each)
        yield Asked("needs_compared", ("group", "period"), tally, about, _compared_places(seen, tally, NEED))


# --- words and rows that several tables share ------------------------------------------------------------------------


def _met(seen: Seen, keys: dict[str, str], judged: str, chosen: Who) -> tuple[dict[str, str], Who, Who, Who]:
    counted = chosen & seen.gave(judged, seen.scale.labels)
    return keys, seen.gave(judged, seen.scale.good_or_better), counted, chosen


def _of(seen: Seen, key: str, who: Who) -> Who:
    return who & seen.pool.within(seen.periods[key].month_keys)


def _blocks(seen: Seen) -> list[str]:
    """The periods that lie side by side, oldest first: all but a year that holds several."""
    shortest = min(period.months for period in seen.periods.values())
    return [key for key, period in [*seen.periods.items()][::-1] if period.months == shortest]


def _now_and_before(seen: Seen) -> list[tuple[str, str]]:
    if seen.before is None:
        return []
    return [("current", seen.choice.period), ("previous", period_key(seen.before))]


def _compared_labels(seen: Seen) -> dict[str, str]:
    return {label: seen.periods[key].words for label, key in _now_and_before(seen)}


def _compared_places(seen: Seen, tally: Tally, what: str) -> tuple[Place, ...]:
    keys_of = dict(_now_and_before(seen))
    return tuple(seen.place(f"{keys['group']} {what}", keys_of[keys["period"]]) for keys in tally.keys)


def _period_labels(seen: Seen) -> dict[str, str]:
    return {key: period.words for key, period in seen.periods.items()}


def _judged_head(seen: Seen) -> str:
    return "Question" if seen.params.tool else "Domain"


def _base_heads(seen: Seen) -> tuple[str, str]:
    return ("Applied", "Not applicable or not recorded") if seen.params.tool else ("Graded", "Not graded")
