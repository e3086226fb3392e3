"""What may be said of change, of chance and of agreement?

A word of direction is a fact like a number: it comes out of the statistics,
under a name, and the page is refused if it says another.
"""

from __future__ import annotations

import pandas as pd

from qa_lib.report.blocks import Block, Paragraph, Run, Runs
from qa_lib.report.comparisons import FALLING, HIGHER, LOWER, NO_CLEAR_CHANGE, RISING
from qa_lib.report.facts import row_name, shown
from qa_lib.report.phrases import Facts, among_shown, count_of, figure, interval, listed, named, say, some
from qa_lib.report.publishable import Publishable
from qa_lib.settings.kinds import OVERALL

CAUTION = (
    "A difference is called clear only if chance alone would seldom make one as large anywhere among all that is "
    "compared, which an interval by itself does not allow for. No clear change does not mean that nothing has changed."
)


def tell_estimates(published: Publishable, facts: Facts) -> list[Block]:
    """The share among all cases, and the share after second looks, beside that of the audits."""
    sentences = {
        "weighted": "{weighted}, so that each service counts for its size, the share is {share} ({interval}); among "
        "the audits as they were done it is {counted}.",
        "weighted_in_part": "{weighted}, the share is {share} ({interval}); among the audits as they were done it is "
        "{counted}.",
        "adjusted": "Adjusted by second looks at audits picked at random, it is {share} ({interval}): what these "
        "audits would most likely show, had second auditors graded them all.{kinder}",
    }
    kinder = _kinder(published)
    told = [
        say(
            sentences[group],
            weighted=named(published, group),
            share=figure(facts, f"estimates.{group}.share"),
            interval=interval(facts, f"estimates.{group}"),
            counted=figure(facts, "estimates.counted.share"),
            kinder=Run(kinder),
        )
        for group in published.table["group"].astype(str)
        if group in sentences and f"estimates.{group}.share" in facts
    ]
    return [Paragraph(sentence) for sentence in told]


def _kinder(published: Publishable) -> str:
    """Whether second auditors graded clearly otherwise than the first, who graded all."""
    shares = published.table.set_index(published.table["group"].astype(str))
    counted, adjusted = (shares.loc[group] if group in shares.index else None for group in ("counted", "adjusted"))
    if counted is None or adjusted is None or adjusted["low"] <= counted["share"] <= adjusted["high"]:
        return ""
    manner = "strictly" if adjusted["high"] < counted["share"] else "kindly"
    return f" Second auditors graded more {manner} than the first."


def change_sentence(published: Publishable, facts: Facts) -> Runs:
    """Which figures rose or fell against the period before, and that the others show no clear change; or nothing."""
    rows = published.table[published.table["share"].notna()]
    if rows.empty:
        return ()
    moved = rows[rows["direction"] != NO_CLEAR_CHANGE]
    if moved.empty:
        since = published.about.since
        return (Run(f"Against {since}, nothing compared{among_shown(published)} shows a clear change."),)
    items = [
        (
            named(published, row["group"]) if row["group"] != OVERALL else Run("the overall grade"),
            Run(" "),
            Run(str(row["direction"]), (f"{row_name(published, row)}.direction",)),
            Run(" by "),
            _points(facts, f"{row_name(published, row)}.share"),
        )
        for _, row in moved.iterrows()
    ]
    sentence = say(f"Against {published.about.since}, {{items}}.", items=listed(items))
    return sentence if len(moved) == len(rows) else (*sentence, Run(" Nothing else compared shows a clear change."))


def tell_change(published: Publishable, facts: Facts) -> list[Block]:
    """What rose or fell, and with what caution to read it."""
    sentence = change_sentence(published, facts)
    return [Paragraph(sentence), Paragraph((Run(CAUTION),))] if sentence else []


def tell_control(published: Publishable, _: Facts) -> list[Block]:
    """Which months stand out from what chance explains."""
    rows = published.table[published.table["share"].notna()]
    if rows.empty:
        return []
    limits = rows["low"].notna().any()
    centre = "the share of these months together" if limits else "the middle of the months"
    range_of = "the limits of chance around it" if limits else "no limits, which need more months"
    drawn = (Run(f"The line is {centre}, with {range_of}."),)
    return [Paragraph(drawn), *_standing_out(published, rows, "month")]


def tell_funnel(published: Publishable, _: Facts) -> list[Block]:
    """Which services stand out from what chance explains, and which audit too few to say."""
    rows = published.table[published.table["share"].notna()]
    told = _standing_out(published, rows[rows["signal"] != "too few"], "service")
    few: list[Runs] = [(named(published, group),) for group in rows.loc[rows["signal"] == "too few", "group"]]
    return [*told, Paragraph(say("Too few audits to say: {few}.", few=some(few)))] if few else told


def _standing_out(published: Publishable, rows: pd.DataFrame, noun: str) -> list[Block]:
    if rows.empty:
        return []
    told: list[Runs] = []
    for side in (HIGHER, LOWER, RISING, FALLING):
        out = rows[rows["signal"] == side]
        names: list[Runs] = [(named(published, group),) for group in out["group"]]
        said = Run(side, tuple(f"{row_name(published, row)}.signal" for _, row in out.iterrows()))
        if names:
            words = (
                "{side} than chance explains: {names}." if side in {HIGHER, LOWER} else "{side}, one by one: {names}."
            )
            told.append(say(words, side=said, names=some(names, most=12)))
    if not told:
        told.append((Run(f"Every {noun}{among_shown(published)} lies within what chance explains."),))
    return [Paragraph(sentence) for sentence in told]


def tell_same_grades(_: Publishable, facts: Facts) -> list[Block]:
    """How often a second auditor gave the same overall grade."""
    if not any(f"same_grades.{OVERALL}.{measure}" in facts for measure in ("n", "share")):
        return []
    same = count_of(facts, f"same_grades.{OVERALL}", "second looks")
    words = "Second auditors looked again at audits picked at random. They gave the same overall grade in {same}"
    sentence = say(words, same=same)
    if f"same_grades.{OVERALL}.low" in facts:
        sentence += say("; the interval runs from {interval}", interval=interval(facts, f"same_grades.{OVERALL}"))
    return [Paragraph((*sentence, Run(".")))]


def tell_agreement(published: Publishable, facts: Facts) -> list[Block]:
    """How far auditors agree beyond chance, on the overall grade and where least."""
    rows = published.table[published.table["share"].notna()]
    if rows.empty:
        return []
    told: list[Block] = []
    if f"agreement.{OVERALL}.share" in facts:
        words = (
            "Allowing for chance, agreement on the very grade is {value} overall ({interval}), where one would be full "
            "agreement."
        )
        row = f"agreement.{OVERALL}"
        told.append(Paragraph(say(words, value=figure(facts, f"{row}.share"), interval=interval(facts, row))))
    domains = rows[rows["group"].astype(str) != OVERALL].sort_values("share", kind="stable")
    if len(domains) > 2 and domains["share"].iloc[0] < domains["share"].iloc[-1]:
        ends = {
            word: (named(published, row["group"]), Run(", "), figure(facts, f"{row_name(published, row)}.share"))
            for word, row in (("low", domains.iloc[0]), ("high", domains.iloc[-1]))
        }
        told.append(Paragraph(say("Auditors agreed least on {low}, and most on {high}.", **ends)))
    return told


def _points(facts: Facts, name: str) -> Run:
    """A difference without its sign, which the word before it says: "12 points"."""
    return Run(shown(facts[name]).lstrip("−"), (name,))
