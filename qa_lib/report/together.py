"""What goes with what?

Which needs are noted together, and which are noted where a grade is poor. Both
hold two groups of audits against each other; what sets them apart may be
something else than the theme, and none of it says what causes what.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from qa_lib.measures.tallies import rows
from qa_lib.report.choosing import NEED, NOTED, Asked, Seen
from qa_lib.report.learnt import Place
from qa_lib.report.publishable import About


def together(seen: Seen) -> Iterator[Asked]:
    """Which themes go with the chosen one; without one, which pairs of needs are most often noted by the same."""
    pool, theme, labels = seen.pool, seen.choice.theme, seen.theme_labels
    inside = seen.now(pool.of_service(seen.choice.service)) & pool.says
    if not theme:
        pairs = [*combinations(seen.params.codebook.themes, 2)]
        each = []
        for one, other in pairs:
            both, either = (
                pool.notes(one, NEED) & pool.notes(other, NEED),
                pool.notes(one, NEED) | pool.notes(other, NEED),
            )
            each.append(({"group": f"{one}+{other}"}, both, inside & either, inside & either))
            labels[f"{one}+{other}"] = f"{labels[one]} + {labels[other]}"
        tally = rows(*each)
        about = About(
            f"Needs noted together: {seen.unit} that note both, of those that note one or both", seen.unit,
            "Two themes", "Both", "One or both", labels=labels,
        )  # fmt: skip
        places = tuple(seen.place(keys["group"]) for keys in tally.keys)
        yield Asked("together", ("group",), tally, about, places)
        return
    noting = pool.notes(theme, seen.choice.polarity)
    each = [
        ({"group": other, "side": side}, pool.notes(other, NEED), inside & who, inside & who)
        for other in seen.params.codebook.themes
        if other != theme
        for side, who in (("with", noting), ("without", ~noting))
    ]
    words = {"with": f"Where {labels[theme]} is {NOTED[seen.choice.polarity]}", "without": "Where it is not"}
    about = About(
        f"Needs noted together with {labels[theme]}", seen.unit, "Need", "", "", labels={**labels, **words},
    )  # fmt: skip
    tally = rows(*each)
    sides = {"with": seen.of_theme, "without": f"not {seen.of_theme}"}
    places = tuple(
        Place(f"{keys['group']} {NEED}", sides[keys["side"]], seen.choice.service, seen.choice.period)
        for keys in tally.keys
    )
    yield Asked("together", ("group", "side"), tally, about, places, ("service",))


def against(seen: Seen) -> Iterator[Asked]:
    """Which needs are noted where the grade is poor, and where it is not."""
    pool, chosen = seen.pool, seen.now(seen.selection) & seen.pool.says
    poor, graded = seen.gave(seen.judged, seen.poor), seen.gave(seen.judged, seen.scale.labels)
    sides = {"poor": chosen & poor, "other": chosen & graded & ~poor}
    each = [
        ({"group": theme, "side": side}, pool.notes(theme, NEED), who, who)
        for theme in seen.params.codebook.themes
        for side, who in sides.items()
    ]
    words = _sides(seen)
    about = About(
        f"Needs noted, by how {seen.judged_label} was {'answered' if seen.params.tool else 'graded'}",
        seen.unit, "Need", "", "", labels={**seen.theme_labels, **words},
    )  # fmt: skip
    tally = rows(*each)
    # Audits of one grade are a part of all that are graded; those below good hold several of these parts.
    grade = seen.choice.grade
    by = {"poor": f"by {seen.judged}" if grade else f"by {seen.judged} below", "other": f"by {seen.judged} but {grade}"}
    places = tuple(
        seen.place(f"{keys['group']} {NEED} {by[keys['side']]}", part=grade if keys["side"] == "poor" else "")
        for keys in tally.keys
    )
    yield Asked("against", ("group", "side"), tally, about, places)


def _sides(seen: Seen) -> dict[str, str]:
    """The two groups of audits that are held against each other, in words."""
    tool, scale = seen.params.tool, seen.scale
    if seen.choice.grade:
        return {"poor": seen.choice.grade, "other": "Any other answer" if tool else "Any other grade"}
    if tool:
        return {"poor": "Met in part or not", "other": "Met"}
    return {"poor": " or ".join(scale.below_good), "other": " or ".join(scale.good_or_better)}
