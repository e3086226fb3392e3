"""What does a moderation workshop say in short?

One point for each of its tables that has something to say: how many audits were
looked at again, how often both graded alike, whether there is a shift, what that
does to the headline, and what became of the domains taken up last time.
"""

from __future__ import annotations

from qa_lib.report.blocks import Bullets, Paragraph, Run, Runs, Shown
from qa_lib.report.facts import facts_of
from qa_lib.report.phrases import Facts, count_of, listed, named, say
from qa_lib.report.publishable import Publishable
from qa_lib.report.workshop_told import headline_told, is_told, now, shifts, strong, word_of_change
from qa_lib.settings.kinds import OVERALL


def workshop_in_short(*tables: Publishable) -> Shown:
    """The workshop in a few points, one for each of these tables that has something to say."""
    points = [SHORT[published.name](published, facts_of(published)) for published in tables if not published.is_empty]
    told = tuple(point for point in points if point)
    return Shown((Bullets(told) if told else Paragraph((Run("The numbers are too small for any finding."),)),))


def _short_looks(_: Publishable, facts: Facts) -> Runs:
    return say("Second auditors looked again at {n}, picked at random.", n=count_of(facts, "looks.random", "audits"))


def _short_same(_: Publishable, facts: Facts) -> Runs:
    row = f"agree.{OVERALL}.same"
    if not is_told(facts, row):
        return ()
    return say("They gave the same overall grade in {same}.", same=count_of(facts, row))


def _short_shift(published: Publishable, facts: Facts) -> Runs:
    return shifts(published, facts)


def _short_last(published: Publishable, facts: Facts) -> Runs:
    told = [
        (*strong(named(published, row["group"])), Run(": "), *word_of_change(published, facts, row))
        for _, row in now(published).iterrows()
    ]
    return say("Taken up last time. {told}.", told=listed(told, "; ", "; "))


def _short_cases(_: Publishable, facts: Facts) -> Runs:
    row = "reasons.words"
    if not is_told(facts, row):
        return ()
    return say("In {n}, the words and the grade do not go together.", n=count_of(facts, row, "audits"))


SHORT = {
    "looks": _short_looks,
    "agree": _short_same,
    "shift": _short_shift,
    "headline": headline_told,
    "reasons": _short_cases,
    "last_same": _short_last,
}
