"""How do we say it?

Wording lives here and judgement does not: one function a table, which turns
what may be shown into sentences.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from qa_lib.measures.completion import EXCLUDED, IN_TIME, LATE, NOT_STARTED, REPLACED, STARTED
from qa_lib.report import actions_told, activities_told, bulletin_told, comparisons_told, draw_told, workshop_told
from qa_lib.report.blocks import Block, Missing, Paragraph, Run, Runs, Shown
from qa_lib.report.facts import KEY_AREAS, facts_of, row_name, slug
from qa_lib.report.findings import leaders, rank
from qa_lib.report.phrases import Facts, count_of, figure, goal_of, interval, listed, named, of_those_shown, say, some
from qa_lib.report.progress import COMPLETED, LATE_OR_STARTED, NO_CLEAR_DIFFERENCE, NOT_COMPLETED
from qa_lib.report.publishable import Publishable


def tell(published: Publishable) -> Shown:
    """The sentences that go with one table; why there are none, where the extracts do not hold it."""
    if published.is_empty:
        return Shown((Missing(published.about.title, published.about.missing),))
    words = WORDS.get(published.name)
    if not words:
        return Shown(())
    told = words(published, facts_of(published))
    return Shown(tuple(told) or (Missing(published.about.title, "its numbers are too small to show"),))


def _tell_completion(_: Publishable, facts: Facts) -> list[Block]:
    done = say(
        "Auditors completed {all} in the plan for the period.",
        all=count_of(facts, "completion.all", "audits"),
    )
    return [Paragraph(done)]


def _tell_coverage(published: Publishable, facts: Facts) -> list[Block]:
    shown_rows = published.table[published.table["share"].notna() & (published.table["group"].astype(str) != "all")]
    if len(shown_rows) < 2:
        return []
    ordered = shown_rows.sort_values("share", kind="stable")
    least, most = ordered.iloc[0], ordered.iloc[-1]
    sentence = say(
        "Seen against its open cases, {most} was looked at most often{shown}, with {most_share}, and {least} least "
        "often, with {least_share}.",
        shown=Run(of_those_shown(published)),
        most=named(published, most["group"]),
        most_share=count_of(facts, row_name(published, most), "cases"),
        least=named(published, least["group"]),
        least_share=count_of(facts, row_name(published, least), "cases"),
    )
    return [Paragraph(sentence)]


def _tell_outcomes(published: Publishable, facts: Facts) -> list[Block]:
    """How many cases were allocated and completed, and what became of the others, as far as that is shown."""
    rows = published.table[published.table["n"].fillna(0) > 0]
    if rows.empty:
        return []
    items = {str(row["outcome"]): figure(facts, f"{row_name(published, row)}.n") for _, row in rows.iterrows()}
    told = [say(OUTCOMES[outcome], n=n) for outcome, n in items.items()]
    sentence = say(
        "{allocated} cases were allocated in {months}. By the end of that time {told}. An audit may be finished in a "
        "later month than its case was drawn in, so these need not be the audits done in that time.",
        allocated=figure(facts, f"{row_name(published, rows.iloc[0])}.of"),
        months=named(published, "all"),
        told=listed(told),
    )
    return [Paragraph(sentence)]


def _tell_categories(published: Publishable, facts: Facts) -> list[Block]:
    """Cases completed of each kind."""
    rows = published.table[published.table["n"].notna()]
    items = [_named_share(published, facts, row) for _, row in rows.iterrows()]
    return [Paragraph(say("Completed, by kind of case: {items}.", items=listed(items, "; ", "; ")))]


def _tell_differences(published: Publishable, facts: Facts) -> list[Block]:
    """Whether chance explains how the cases completed lie over kinds of case and over services."""
    told: list[Run] = []
    for _, row in published.table.iterrows():
        word = figure(facts, f"{row_name(published, row)}.difference")
        words = "The share completed {word} by {by} by more than chance explains. "
        if word.text == NO_CLEAR_DIFFERENCE:
            words = "By {by} there is {word} in the share completed. "
        told += say(words, word=word, by=named(published, row["group"]))
    return [Paragraph(tuple(told))]


def _tell_overall(published: Publishable, facts: Facts) -> list[Block]:
    if "overall.all.n" not in facts or not facts.get("overall.all.of", facts["overall.all.n"]).value:
        return []
    sentence = say(
        "Overall, {good} were graded {goal}.", good=count_of(facts, "overall.all", "audits"), goal=goal_of(published)
    )
    if "overall.all.low" in facts:
        sentence += say(
            " The interval runs from {interval}: the share among all cases most likely lies within it, "
            "if those audited are like the rest.",
            interval=interval(facts, "overall.all"),
        )
    return [Paragraph(sentence)]


ENDS = {"standards": ("Standards met most often", "Standards met least often")}


def _tell_ranked(published: Publishable, facts: Facts) -> list[Block]:
    """Highest and lowest of a table of shares good or better; only the highest where there are few rows."""
    known = len(rank(published, lowest_first=True))
    if known < 2:
        return []
    most, least = ENDS.get(published.name, ("Strongest", "Weakest"))
    told = _leaders(published, facts, say(f"{most}, allowing for chance"), lowest_first=False)
    if known >= 2 * KEY_AREAS:
        told += _leaders(published, facts, say(f"{least}, allowing for chance"), lowest_first=True)
    return told


def _leaders(published: Publishable, facts: Facts, words: Runs, lowest_first: bool) -> list[Block]:
    """The leading rows, and by name those that cannot be told apart from the last of them."""
    top, overlap = leaders(published, lowest_first)
    if top.empty:
        return []
    key = published.keys[0]
    sentence = say(
        "{words}{shown}: {top}.",
        words=words,
        shown=Run(of_those_shown(published)),
        top=listed([_named_share(published, facts, row) for _, row in top.iterrows()]),
    )
    if not overlap.empty:
        sentence += say(
            " Not separable from {last} on these numbers: {others}.",
            last=named(published, top.iloc[-1][key]),
            others=some([(named(published, name),) for name in overlap[key]]),
        )
    return [Paragraph(sentence)]


def _named_share(published: Publishable, facts: Facts, row: pd.Series[Any]) -> Runs:
    share = count_of(facts, row_name(published, row))
    return (named(published, row[published.keys[0]]), Run(", "), share)


def _tell_compared(published: Publishable, facts: Facts) -> list[Block]:
    shares = [
        say(
            "{share} in {period}",
            share=count_of(facts, row_name(published, row)),
            period=named(published, row["group"]),
        )
        for _, row in published.table.iterrows()
    ]
    return [Paragraph(say("Audits graded {goal} overall: {shares}.", goal=goal_of(published), shares=listed(shares)))]


def _tell_themes(published: Publishable, facts: Facts) -> list[Block]:
    told = []
    for polarity, kind in (("strength", "a strength"), ("development", "a need for development")):
        words = f"Noted most often as {kind}, among audits with comments and allowing for chance"
        told += _leaders(published.only(polarity=polarity), facts, (Run(words),), lowest_first=False)
    return told


def _tell_voice(published: Publishable, facts: Facts) -> list[Block]:
    sentences = {
        "child_spoken_to": "Auditors spoke to the child in {n} that answered the question.",
        "parent_spoken_to": "They spoke to a parent or carer in {n}.",
        "worker_involved": "The social worker took part in {n}.",
        "changed_something": "What people said changed something in {n}.",
    }
    groups = [str(group) for group in published.table["group"]]
    told = [say(f"{sentences[group]} ", n=count_of(facts, f"voice.{slug(group)}", "audits")) for group in groups]
    return [Paragraph(tuple(run for sentence in told for run in sentence))]


def _tell_heard(published: Publishable, facts: Facts) -> list[Block]:
    """How often each question on somebody's voice was answered with yes, or with words."""
    rows = published.table[published.table["n"].notna() | published.table["share"].notna()]
    items = [_named_share(published, facts, row) for _, row in rows.iterrows()]
    if not items:
        return []
    return [Paragraph(say("Answered with yes, or with words: {items}.", items=listed(items, "; and ", "; ")))]


OUTCOMES = {
    IN_TIME: "{n} were completed in time",
    LATE: "{n} were completed late",
    COMPLETED: "{n} were completed",
    STARTED: "{n} were under way",
    LATE_OR_STARTED: "{n} were under way or completed late",
    NOT_STARTED: "{n} had not been started",
    EXCLUDED: "{n} had been taken out",
    REPLACED: "{n} had been replaced by a reserve",
    NOT_COMPLETED: "{n} had other outcomes",
}
"""What became of cases, in the words of a sentence."""

WORDS: dict[str, Callable[[Publishable, Facts], list[Block]]] = {
    "completion": _tell_completion,
    "coverage": _tell_coverage,
    "outcomes": _tell_outcomes,
    "categories": _tell_categories,
    "differences": _tell_differences,
    "overall": _tell_overall,
    "by_domain": _tell_ranked,
    "by_service": _tell_ranked,
    "periods": _tell_compared,
    "themes": _tell_themes,
    "voice": _tell_voice,
    "standards": _tell_ranked,
    "heard": _tell_heard,
    "recurring": activities_told.tell_recurring,
    "voices": activities_told.tell_voices,
    "estimates": comparisons_told.tell_estimates,
    "change": comparisons_told.tell_change,
    "control": comparisons_told.tell_control,
    "funnel": comparisons_told.tell_funnel,
    "same_grades": comparisons_told.tell_same_grades,
    "agreement": comparisons_told.tell_agreement,
    "strengths": bulletin_told.tell_strengths,
    "one_thing": bulletin_told.tell_one_thing,
    "last_one_thing": bulletin_told.tell_last,
    "workshop": bulletin_told.tell_workshop,
    "looks": workshop_told.tell_looks,
    "agree": workshop_told.tell_agree,
    "all_gradings": workshop_told.tell_all_gradings,
    "shift": workshop_told.tell_shift,
    "headline": workshop_told.tell_headline,
    "contested": workshop_told.tell_contested,
    "reasons": workshop_told.tell_reasons,
    "last_same": workshop_told.tell_last_same,
    "last_shift": workshop_told.tell_last_shift,
    "frame": draw_told.tell_frame,
    "actions": actions_told.tell_actions,
    "overdue": actions_told.tell_overdue,
    "closing": actions_told.tell_closing,
    "gaps": actions_told.tell_gaps,
    "urgent": actions_told.tell_urgent,
    "ladder": actions_told.tell_ladder,
    "areas": actions_told.tell_areas,
    "asked_before": actions_told.tell_asked_before,
    "next_plan": actions_told.tell_next_plan,
}
