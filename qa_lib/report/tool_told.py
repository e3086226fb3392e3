"""What does a themed audit's tool say on the page?

The words of the tool are facts like its figures: a question may hold a number,
and a page holds no number that is not a fact. They open the report, and the
whole tool is its annex.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qa_lib.problems import list_of
from qa_lib.report.blocks import Block, Bullets, Cell, Paragraph, Run, Runs, Shown, Table
from qa_lib.report.facts import Fact, shown, slug
from qa_lib.report.phrases import Facts, figure, say
from qa_lib.settings.question import Question
from qa_lib.settings.tool import AuditTool, compared

TYPES = {
    "graded": "a grade", "yes_partly_no": "yes, partly, no or not applicable", "number": "a number", "date": "a date",
    "choice": "one of", "choices": "several of", "text": "in words",
}  # fmt: skip
WHY_NOT = {
    "new": "New in this audit",
    "answered in another way": "Answered in another way than before",
    "asked in other words": "Asked in other words, and not bridged in the tool",
    "no longer asked": "No longer asked",
}


def tool_facts(tool: AuditTool) -> dict[str, Fact]:
    """The words and numbers of a tool as facts: `tool.question`, `tool.ask.<question>`, `tool.group.<group>`."""
    words: dict[str, float | str | None] = {
        "title": tool.title, "version": tool.version, "question": tool.question, "why": tool.why,
        "chosen": tool.chosen, "answered_by": tool.answered_by, "look_back_months": tool.look_back_months,
        "questions": len(tool.questions),
    }  # fmt: skip
    for name, group in tool.groups.items():
        words |= {f"group.{name}": group.label, f"about.{name}": group.about}
    for key, question in tool.questions.items():
        words |= {
            f"label.{key}": question.label, f"ask.{key}": question.ask, f"standard.{key}": question.standard,
            f"type.{key}": _type_told(question), f"who.{key}": question.who,
        }  # fmt: skip
    return {
        f"tool.{name}": Fact(f"tool.{name}", value, "words" if isinstance(value, str) else "count", "settings")
        for name, value in words.items()
        if value not in (None, "")
    }


def _type_told(question: Question) -> str:
    """How a question is answered, in words."""
    told = TYPES[question.type] + (f" {list_of(question.options, last='or')}" if question.options else "")
    return f"{told} ({question.who})" if question.who else told


def told(facts: Facts, name: str, style: str = "") -> Run:
    """Words of the tool as a run; empty where it has none."""
    return Run(shown(facts[f"tool.{name}"]), (f"tool.{name}",), style) if f"tool.{name}" in facts else Run("")


def sentence(facts: Facts, name: str) -> Run:
    """The same, closed with a full stop where it has no end of its own."""
    run = told(facts, name)
    return run if run.text.endswith((".", "?", "!")) or not run.text else Run(f"{run.text}.", run.facts)


def asked(facts: Facts) -> Shown:
    """The question asked and why, how cases were chosen, who answered."""
    blocks: list[Block] = [
        Paragraph(say("The question asked: {words}", words=told(facts, "question", "strong"))),
        Paragraph((sentence(facts, "why"),)),
        Paragraph(say("How cases were chosen: {words}", words=sentence(facts, "chosen"))),
        Paragraph(say("Who answered: {words}", words=sentence(facts, "answered_by"))),
    ]
    if "tool.look_back_months" in facts:
        months = figure(facts, "tool.look_back_months")
        blocks.append(Paragraph(say("Each audit looked back over {months} months of the file.", months=months)))
    return Shown(tuple(blocks))


def the_tool(tool: AuditTool, facts: Facts) -> Shown:
    """Every question of the tool, with how it is answered and the standard that it tests."""
    blocks: list[Block] = []
    heads = ("Question", "How it is answered", "Standard that it tests")
    for name, group in tool.groups.items():
        rows = [tuple(_cell(facts, f"{part}.{key}") for part in ("ask", "type", "standard")) for key in group.questions]
        blocks.append(Table(f"tool-{slug(name)}".replace("_", "-"), group.label, heads, tuple(rows), words=True))
    return Shown(tuple(blocks))


def _cell(facts: Facts, name: str) -> Cell:
    run = told(facts, name)
    return Cell(run.text or "none stated", run.facts)


def not_compared(tool: AuditTool, earlier: AuditTool | None, facts: Mapping[str, Fact]) -> Shown:
    """Which questions are not set beside those of the earlier audit, and why."""
    if earlier is None:
        return Shown(())
    _, other = compared(tool, earlier)
    names: dict[str, list[str]] = {}
    for key, why in other.items():
        names.setdefault(why, []).append(key)
    items = [say("{why}: {names}.", why=Run(WHY_NOT[why]), names=_labels(facts, keys)) for why, keys in names.items()]
    if not items:
        return Shown(())
    opening = Paragraph((Run("Only questions that both audits asked alike are compared. Left out are:"),))
    return Shown((opening, Bullets(tuple(items))))


def _labels(facts: Facts, keys: Iterable[str]) -> Runs:
    runs: list[Run] = []
    for key in keys:
        runs += [Run(", ")] if runs else []
        runs.append(told(facts, f"label.{key}"))
    return tuple(runs)
