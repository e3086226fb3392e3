"""What does the statement of a draw say?

How many cases were drawn of which, what chance each had, whether the draw looks
like its frame, who has not been reached; and the rules that make it fair, with
all that it takes to make the same draw again.
"""

from __future__ import annotations

from collections.abc import Mapping

from qa_lib.problems import list_of
from qa_lib.report.blocks import Block, Bullets, Paragraph, Run, Runs, Shown
from qa_lib.report.drawing import Drawing, design_of
from qa_lib.report.facts import Fact, row_name, shown, slug
from qa_lib.report.phrases import Facts, count_of, figure, listed, named, of_those_shown, say
from qa_lib.report.publishable import Publishable
from qa_lib.settings.report import ReportParams

MORE = "more than three times"
FINGERPRINT = 12
"""Characters of the frame's fingerprint that are printed; the whole stands in the working papers."""
LIKE = {
    "like": "By {what}, the cases drawn are {word} those that they were drawn from: chance alone would make a "
    "difference as large in {p} of draws.",
    "unlike": "By {what}, the cases drawn are {word} those that they were drawn from: chance would make a difference "
    "as large in {p} of draws only. It is a draw all the same; read the figures with that in mind.",
}
SAME_CHANCE = "In a service, every eligible case had the same chance. Of one family, one child at most was drawn."
PARTS = "Services share the cases by size, {minimum} each at least."
EVENNESS = " No case had more than {at_most} the chance of another."
UNEVEN = " Some cases had {at_most} the chance of others."
NOBODY = (
    "Nobody audits a case of their own team, or one that they hold, held, manage, chair or review. Peers, of the same "
    "service and another team, come first; {peers} have one."
)
RESERVE = "A case that cannot be audited gives way to the next reserve of its service, and its reason is written down."
AGAIN = "Seed {seed}, this month and design, and the list with fingerprint {frame} draw the same cases again."


def reasons_told(params: ReportParams) -> dict[str, str]:
    """Why a case could not be drawn, in words for the middle of a sentence, with the months that the draw asks for."""
    design = design_of(params)
    return {
        "eligible": "eligible",
        "closed": "closed",
        "outside": "not of the kind that this draw is about",
        "audited": f"audited in the {design.not_again_months} months before",
        "restricted": "restricted",
        "opened": f"opened in the {design.look_back_months} months before",
        "held": "with an auditor already",
        "sibling": "placed with a brother or sister in another service",
    }


def draw_facts(params: ReportParams, drawing: Drawing) -> dict[str, Fact]:
    """What a draw was asked to do, and what it takes to make it again, as facts: `draw.seed`, `draw.frame`, ..."""
    asked = params.draw
    assert asked is not None, "only a draw has these facts"  # noqa: S101
    labels = params.framework.categories
    criterion = [labels.get(value, value) for values in params.draw_from.given.values() for value in values]
    values: dict[str, float | str] = {
        "seed": str(asked.seed),
        "frame": drawing.draw.frame_sha256[:FINGERPRINT],
        "not_again_for": asked.not_again_for,
        "minimum": asked.minimum,
        **({"criterion": list_of(criterion, "or", len(criterion))} if criterion else {}),
    }
    return {
        f"draw.{name}": Fact(f"draw.{name}", value, "words" if isinstance(value, str) else "count", "settings")
        for name, value in values.items()
    }


def drawn_in_short(tables: Mapping[str, Publishable], facts: Facts) -> Shown:
    """The draw in a few points: how many of which, the chance, whether it is like its frame, who was reached."""
    points = [_drawn(facts), _looked_at_twice(facts), *_likeness(tables["likeness"], facts), *_reach(tables, facts)]
    return Shown((Bullets(tuple(point for point in points if point)),))


def what_makes_it_fair(facts: Facts) -> Shown:
    """The rules of the draw, and how to make it again."""
    figures = {name.removeprefix("draw."): figure(facts, name) for name in facts if name.startswith("draw.")}
    even = figure(facts, "evenness.all.at_most")
    parts = PARTS + (UNEVEN if even.text == MORE else EVENNESS if even.facts else "")
    rules = (SAME_CHANCE, parts, NOBODY, RESERVE, AGAIN)
    peers = count_of(facts, "draw.peers", "cases")
    return Shown((Bullets(tuple(say(rule, **figures, at_most=even, peers=peers) for rule in rules)),))


def _drawn(facts: Facts) -> Runs:
    told = say(
        "{drawn} were drawn by lot, of {of} eligible ones; {reserves} more stand by.",
        drawn=_cases(facts, "draw.drawn.n"),
        of=figure(facts, "chance_by_service.all.of"),
        reserves=figure(facts, "draw.reserves.n"),
    )
    if "draw.criterion" in facts:
        told += say(" This draw is about {what} alone.", what=figure(facts, "draw.criterion"))
    if "draw.drawn.of" in facts and facts["draw.drawn.n"].value != facts["draw.drawn.of"].value:
        told += say(" {asked} were asked for.", asked=figure(facts, "draw.drawn.of"))
    return told


def _cases(facts: Facts, name: str) -> Run:
    count = figure(facts, name)
    return Run(f"{count.text} cases", count.facts)


def _looked_at_twice(facts: Facts) -> Runs:
    if not ("draw.second_looks.n" in facts and facts["draw.second_looks.n"].value):
        return ()
    return say(
        "Of these, {second} picked by lot go to a second auditor as well, who does not see the first one’s grades.",
        second=_cases(facts, "draw.second_looks.n"),
    )


def _likeness(published: Publishable, facts: Facts) -> list[Runs]:
    """Whether the draw is like its frame: in one sentence by all that it is like by, in one more for each other."""
    told: dict[str, list[tuple[Run, Run]]] = {}
    for _, row in published.table.iterrows():
        name, what = row_name(published, row), named(published, row["group"])
        if f"{name}.likeness" in facts and f"{name}.share" in facts:
            word, p = figure(facts, f"{name}.likeness"), figure(facts, f"{name}.share")
            told.setdefault(word.text, []).append((Run(what.text.casefold(), what.facts), p))
    word_facts = [name for name in facts if name.startswith(f"{published.name}.") and name.endswith(".likeness")]
    return [
        say(
            LIKE[word],
            what=listed([(what,) for what, _ in found]),
            word=Run(word, tuple(name for name in word_facts if shown(facts[name]) == word)),
            p=listed([(p,) for _, p in found]),
        )
        for word, found in told.items()
    ]


def _reach(tables: Mapping[str, Publishable], facts: Facts) -> list[Runs]:
    """How many of the open cases, and in how many teams, were audited before; and where fewest were."""
    told = []
    if "reached.all.of" in facts:
        told.append(
            say(
                "In the {months} months before, {count} were audited.",
                months=figure(facts, "draw.not_again_for"),
                count=count_of(facts, "reached.all", "open cases"),
            )
        )
    told += _least(tables["reached"], facts)
    if "reached_teams.teams.n" in facts:
        told.append(say("{teams} had one audit or more.", teams=count_of(facts, "reached_teams.teams", "teams")))
    return [tuple(run for sentence in told for run in (*sentence, Run(" ")))[:-1]] if told else []


def _least(published: Publishable, facts: Facts) -> list[Runs]:
    rows = published.table[published.table["share"].notna() & (published.table["group"].astype(str) != "all")]
    if len(rows) < 2:
        return []
    least = rows.sort_values("share", kind="stable").iloc[0]
    share = count_of(facts, f"{published.name}.{slug(least['group'])}")
    return [
        say(
            f"Fewest by {published.about.head.casefold()}{of_those_shown(published)}: {{who}}, {{share}}.",
            who=named(published, least["group"]),
            share=share,
        )
    ]


def tell_frame(published: Publishable, facts: Facts) -> list[Block]:
    """How many cases the list holds, and why the others could not be drawn."""
    rows = {str(row["reason"]): row_name(published, row) for _, row in published.table.iterrows()}
    seen = {reason: name for reason, name in rows.items() if f"{name}.n" in facts}
    if not seen:
        return []
    first = next(iter(seen.values()))
    told = say("The case list holds {of} cases.", of=figure(facts, f"{first}.of"))
    if "eligible" in seen:
        told += say(" {n} were eligible.", n=figure(facts, f"{seen['eligible']}.n"))
    others = [
        say("{why} ({n})", why=named(published, reason), n=figure(facts, f"{name}.n"))
        for reason, name in seen.items()
        if reason != "eligible"
    ]
    if others:
        told += say(" The others were {others}.", others=listed(others))
    return [Paragraph(told)]
