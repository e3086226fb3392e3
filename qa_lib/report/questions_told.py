"""What did a themed audit find, question by question?

A part of the tool at a time: in how many audits every standard of it was met,
then a table with a row for each question, then what was chosen where there was
a choice. What it means for practice is said in the words of the standards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from qa_lib.report.blocks import Block, Bullets, Heading, Missing, Paragraph, Run, Runs, Shown, Table
from qa_lib.report.facts import row_name, slug
from qa_lib.report.findings import Finding
from qa_lib.report.merging import HIDDEN, OTHERS
from qa_lib.report.phrases import Facts, count_of, listed, named, say
from qa_lib.report.publishable import Publishable
from qa_lib.report.tables import questions_table
from qa_lib.report.tool_told import sentence, told
from qa_lib.settings.question import Group
from qa_lib.settings.tool import AuditTool

HEADS = ("Question", "Share met", "Interval (95%)", "Yes", "Partly", "No", "Left out")
YES_NOTE = "Yes is a standard that was met. A grade, a number, a date or a choice meets it or does not, never partly."
LEFT_NOTE = "Left out: not applicable, or not recorded."


def by_question(tables: Mapping[str, Publishable], tool: AuditTool, facts: Facts) -> Shown:
    """Every part of the tool with its figures."""
    blocks: list[Block] = []
    first = True
    for name, group in tool.groups.items():
        found = [*_met_in_full(name, facts), *_table(tables, name, group, first)]
        found += _choices(tables, group, facts)
        if found:
            about = (Paragraph((sentence(facts, f"about.{name}"),)),) if f"tool.about.{name}" in facts else ()
            blocks += [Heading(3, (told(facts, f"group.{name}"),)), *about, *found]
            first = first and not any(isinstance(block, Table) for block in found)
    if not blocks:
        asked = any(not tables[name].is_empty for name in ("standards", "options", "several"))
        why = "its numbers are too small to show" if asked else "the tool has no question whose answers are counted"
        return Shown((Missing("Answers, question by question", why),))
    return Shown(tuple(blocks))


def _met_in_full(name: str, facts: Facts) -> list[Block]:
    row = f"in_full.{slug(name)}"
    if f"{row}.n" not in facts and f"{row}.share" not in facts:
        return []
    words = "Every standard of this part that applied was met in {count}."
    return [Paragraph(say(words, count=count_of(facts, row, "audits")))]


def _table(tables: Mapping[str, Publishable], name: str, group: Group, first: bool) -> list[Block]:
    """One row a question that tests a standard: the answers, what was left out, the share that met it."""
    made = questions_table(tables["standards"], tables["answers"], group.questions, HEADS)
    if made is None:
        return []
    notes = (YES_NOTE, LEFT_NOTE) if first else ()
    id_, caption = f"part-{slug(name)}".replace("_", "-"), f"{group.label}: standards met"
    return [replace(made, id=id_, caption=caption, notes=(*notes, *made.notes))]


def _choices(tables: Mapping[str, Publishable], group: Group, facts: Facts) -> list[Block]:
    """What was chosen where there was a choice, a sentence each: commonest first, others last, numbers in order."""
    blocks: list[Block] = []
    for table in ("options", "several"):
        for key in group.questions:
            published = tables[table].only(group=key)
            if published.is_empty:
                continue
            rows = published.table[published.table["n"].notna() & (published.table["n"] > 0)]
            others = rows["option"].isin(OTHERS.values())
            if not group.questions[key].bands:  # these keep their own order
                rows = rows.sort_values("n", ascending=False, kind="stable")
            rows = rows.assign(others=others).sort_values("others", kind="stable")
            chosen = [_option(published, facts, row) for _, row in rows.iterrows()]
            if published.marks["n"].eq(HIDDEN).any():
                chosen.append((Run("others too few to show" if chosen else "too few to show"),))
            label = told(facts, f"label.{key}", "strong")
            blocks.append(Paragraph(say("{label}: {chosen}.", label=label, chosen=listed(chosen, "; and ", "; "))))
    return blocks


def _option(published: Publishable, facts: Facts, row: pd.Series) -> Runs:
    return (named(published, row["option"]), Run(", "), count_of(facts, row_name(published, row)))


def for_practice(areas: Iterable[Finding], strong: Iterable[Finding], facts: Facts) -> Shown:
    """What the clearest findings mean for practice, in the words of the standards: to hold on to, and to work on."""
    keep = [_standard(facts, finding, at_least=0.5) for finding in strong]
    work = [_standard(facts, finding) for finding in areas]
    blocks: list[Block] = []
    for opening, items in (("What to hold on to:", keep), ("What to work on, case by case:", work)):
        told_of = [item for group in items for item in group]
        if told_of:
            blocks += [Paragraph((Run(opening),)), Bullets(tuple(told_of))]
    return Shown(tuple(blocks) or (Missing("Standards to hold on to or to work on", "no finding names one"),))


def _standard(facts: Facts, finding: Finding, at_least: float = 0.0) -> list[Runs]:
    """A line for each question that a finding names: what good looks like, and how often it was so.

    Nobody is asked to hold on to what is met in fewer than half of the audits: the share must be `at_least` so large.
    """
    if not finding.kind.endswith("_standards"):
        return []
    lines = []
    for name in finding.facts:
        key = name.partition(".")[2]
        if float(facts[f"{name}.share"].value) < at_least:
            continue
        words = sentence(facts, f"standard.{key}")
        line = say("{label}. ", label=told(facts, f"label.{key}", "strong"))
        line += say("What good looks like: {words} ", words=words) if words.text else ()
        lines.append((*line, *say("It was so in {count}.", count=count_of(facts, name, "audits"))))
    return lines
