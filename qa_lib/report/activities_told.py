"""What may be said of activities that agree, or do not?

Who was first to note a need, where activities contradict each other, what is
noted less often than before, and which issues recur: sentences that name the
activities and their counts.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from qa_lib.measures.recurring import JUST_SHORT, RECURRING
from qa_lib.measures.triangulation import NEED, STRENGTH
from qa_lib.report.blocks import Block, Bullets, Cell, Paragraph, Run, Runs, Shown, Table
from qa_lib.report.facts import facts_of, row_name
from qa_lib.report.issues import CONTRADICTION, LESS_OFTEN, MORE_OFTEN
from qa_lib.report.phrases import Facts, count_of, figure, listed, named, say
from qa_lib.report.publishable import Publishable

ISSUES_HEADS = ("Issue", "Activities that note it as a need", "Among audits' commonest", "Verdict", "They")
NO_SIGNS = (
    "As far as the numbers can be shown, no activity notes a need more or less often than before, and none contradicts "
    "another."
)
NOT_YET = "The audits do not note it often enough to count, or only later."
NOBODY_RECURS = (
    "As far as the numbers can be shown, no issue recurs by the rule of the first annex, or falls just short."
)


def tell_recurring(published: Publishable, _: Facts) -> list[Block]:
    """The recurring issues, and those that fell just short of the rule."""
    told: list[Block] = []
    for verdict, words in (
        (RECURRING, "Recurring, by the rule of the first annex, those that most activities note first: {issues}."),
        (JUST_SHORT, "Just short of it: {issues}."),
    ):
        rows = published.table[published.table["verdict"] == verdict]
        if len(rows):
            issues = [(named(published, group),) for group in rows["group"]]
            told.append(Paragraph(say(words, issues=listed(issues))))
    return told or [Paragraph((Run(NOBODY_RECURS),))]


def issues_table(recurring: Publishable) -> Shown | None:
    """A row an issue: which activities note it as a need, how often it led the audits' needs, what follows."""
    if recurring.is_empty:
        return None
    facts, rows = facts_of(recurring), []
    for _, row in recurring.table.iterrows():
        name = row_name(recurring, row)
        who = say("{n}: {names}", n=figure(facts, f"{name}.n"), names=figure(facts, f"{name}.noted_by"))
        said = [figure(facts, f"{name}.{word}") for word in ("commonest", "verdict", "sign")]
        cells = [(named(recurring, row["group"]),), who, *((run,) for run in said)]
        rows.append(tuple(_cell(runs) for runs in cells))
    return Shown((Table(recurring.name, recurring.about.title, ISSUES_HEADS, tuple(rows), words=True),))


def _cell(runs: Runs) -> Cell:
    return Cell("".join(run.text for run in runs), tuple(fact for run in runs for fact in run.facts))


def tell_voices(published: Publishable, facts: Facts) -> list[Block]:
    """In how many cases something changed after people were heard, activity by activity."""
    rows = published.table[published.table["n"].notna() | published.table["share"].notna()]
    items = [
        (named(published, row["group"]), Run(", "), count_of(facts, row_name(published, row)))
        for _, row in rows.iterrows()
    ]
    if not items:
        return []
    words = "Something changed after people were heard, where it is known what came of it: {items}."
    return [Paragraph(say(words, items=listed(items, "; ", "; ")))]


def across(recurring: Publishable, pointing: Publishable, needs: Publishable, strengths: Publishable) -> Shown:
    """Early warnings, contradictions, and what is noted more or less often than before, a point a theme."""
    if recurring.is_empty:
        return Shown(())
    facts = facts_of(pointing) | facts_of(needs) | facts_of(strengths)
    points: list[Runs] = []
    for _, row in recurring.table.iterrows():
        here = pointing.table[pointing.table["group"] == row["group"]]
        theme = _strong(needs, row["group"])
        if row["sign"] == CONTRADICTION:
            points.append(_contradiction(theme, here, needs, strengths, facts))
        if (here["turn"] == MORE_OFTEN).any():
            points.append(_more_often(theme, here, pointing, needs, facts))
        if (here["turn"] == LESS_OFTEN).any():
            since = [_since(one, pointing, needs, facts) for _, one in here[here["turn"] == LESS_OFTEN].iterrows()]
            points.append(say("{theme}: {since}.", theme=theme, since=listed(since, "; ", "; ")))
    return Shown((Bullets(tuple(points)) if points else Paragraph((Run(NO_SIGNS),)),))


def _more_often(theme: Run, here: pd.DataFrame, pointing: Publishable, needs: Publishable, facts: Facts) -> Runs:
    """Who notes a need more often, since when, how often in the year; an early warning where the audits do not."""
    turned = here[here["turn"] == MORE_OFTEN].sort_values("at", kind="stable")
    first = turned[turned["first"]]
    told = say("{theme}", theme=theme)
    if len(first):
        early = [_since(row, pointing, needs, facts) for _, row in first.iterrows()]
        told += say(f", an early warning: {{early}}. {NOT_YET}", early=listed(early, "; ", "; "))
    others = [_since(row, pointing, needs, facts) for _, row in turned[~turned["first"]].iterrows()]
    if others:
        words = " Others: {others}." if len(first) else ": {others}."
        told += say(words, others=listed(others, "; ", "; "))
    return told


def _since(row: pd.Series[Any], pointing: Publishable, needs: Publishable, facts: Facts) -> Runs:
    name = row_name(pointing, row)
    return say(
        "{who} note it as a need {turn} since {since}, {count} in the year",
        who=named(needs, row["activity"]),
        turn=figure(facts, f"{name}.turn"),
        since=figure(facts, f"{name}.since"),
        count=count_of(facts, row_name(needs, row)),
    )


def _contradiction(theme: Run, here: pd.DataFrame, needs: Publishable, strengths: Publishable, facts: Facts) -> Runs:
    def with_counts(direction: str, published: Publishable) -> Runs:
        rows = here[here["direction"] == direction]
        return listed(
            [
                (named(published, row["activity"]), Run(", "), count_of(facts, row_name(published, row)))
                for _, row in rows.iterrows()
            ],
            "; ",
            "; ",
        )

    return say(
        "{theme}, a contradiction. Noted more as a strength by {good}; more as a need by {bad}.",
        theme=theme,
        good=with_counts(STRENGTH, strengths),
        bad=with_counts(NEED, needs),
    )


def _strong(published: Publishable, key: object) -> Run:
    run = named(published, key)
    return Run(run.text, run.facts, "strong")
