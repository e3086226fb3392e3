"""What does an auditor read beside the form?

The sheet "Guidance": what the audit asks and why, how its cases were chosen and
who answers; then every question by its group, with how it is answered, what may
be answered, the practice standard that it tests, where to look, and who
answers. Groups have the colours that their headings have on the form.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from qa_lib.report.tool_told import TYPES
from qa_lib.settings.framework import Framework
from qa_lib.settings.question import Question
from qa_lib.settings.tool import AuditTool

TINTS = ("#D0D9E2", "#D4ECEA", "#FDE1D3", "#E6D0DC", "#E3E3E3", "#ECE7F6", "#F3EBC8", "#D9EAD3")
"""One for each group in turn; black on them has a contrast of more than 12 to 1."""
SEVERAL = "Several, with ; between"
FILLING_IN = (
    "One row is one audit. Start in row 2 of the sheet Answers. Cells with a list take only what is in it. Where a "
    f"question says {SEVERAL.lower()}, write the words just as they stand here. Leave a cell blank where you do not "
    "know. Write no names in any box. The headings are locked, because the answers are read by them."
)
WIDTHS = (28, 62, 18, 34, 40, 40, 14)
HEADS = ("How it is answered", "What may be answered", "Practice standard", "Where to look", "Who answers")
LINE, MOST_HEIGHT = 15, 400
"""How high a line is, and a row may be, in points."""


def write_guidance(book: Any, sheet: Any, tool: AuditTool, framework: Framework) -> None:
    """Write the sheet into a workbook of `xlsxwriter` that is being made."""
    top = {"text_wrap": True, "valign": "top"}
    plain, strong = book.add_format(top), book.add_format({**top, "bold": True})
    title = book.add_format({"bold": True, "font_size": 16, "font_color": framework.brand.colour})
    for at, width in enumerate(WIDTHS):
        sheet.set_column(at, at, width)
    sheet.write_string(0, 0, f"{tool.title}: guidance for auditors", title)
    sheet.set_row(0, 24)
    row = 1
    for texts in _head(tool):
        row = _write_row(sheet, row, texts, (strong, plain))
    for group, tint in zip(tool.groups.values(), group_tints(tool).values(), strict=True):
        band, about = (book.add_format({**top, "bg_color": tint, "border": 1, "bold": bold}) for bold in (True, False))
        row = _write_row(sheet, row + 1, (group.label, group.about, *HEADS), (band, about, *[band] * len(HEADS)))
        for question in group.questions.values():
            row = _write_row(sheet, row, _told(question, framework), (strong, *[plain] * (1 + len(HEADS))))
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 0)


def group_tints(tool: AuditTool) -> dict[str, str]:
    """The colour of each group."""
    return {name: TINTS[at % len(TINTS)] for at, name in enumerate(tool.groups)}


def height_for(texts: Iterable[tuple[str, int]]) -> int:
    """About how high a row is, in points, that holds these texts in columns of these widths."""

    def lines(text: str, width: int) -> int:
        return sum(max(1, len(textwrap.wrap(line, width - 2))) for line in text.split("\n"))

    return min(LINE * max(lines(text, width) for text, width in texts) + 6, MOST_HEIGHT)


def _write_row(sheet: Any, row: int, texts: tuple[str, ...], looks: tuple[Any, ...]) -> int:
    """Write texts side by side; the number of the row below."""
    for at, (text, look) in enumerate(zip(texts, looks, strict=True)):
        sheet.write_string(row, at, text, look)
    sheet.set_row(row, height_for(zip(texts, WIDTHS, strict=False)))
    return row + 1


def _head(tool: AuditTool) -> Iterator[tuple[str, str]]:
    """What stands above the questions: a name and a text a row."""
    yield "The question asked", tool.question
    yield "Why it is asked", tool.why
    yield "How cases were chosen", tool.chosen
    yield "Who answers", tool.answered_by
    if tool.look_back_months:
        yield "How far to look back", f"{tool.look_back_months} month{'s' if tool.look_back_months > 1 else ''}"
    yield "How to fill in the form", FILLING_IN
    yield "Version", tool.version


def _told(question: Question, framework: Framework) -> tuple[str, ...]:
    """One question, a text a column."""
    free = {"number": "0, 1, 2 and so on", "date": "Day/month/year", "text": "Your own words, without names"}
    words = framework.words(question.holds)
    between = "\n" if question.options else ", "
    may = free[question.type] if words is None else between.join(words)
    may = f"{SEVERAL}:\n{may}" if question.type == "choices" else may
    how = "yes, partly or no" if question.type == "yes_partly_no" else TYPES[question.type]
    texts = (how.capitalize(), may, question.standard, question.guidance, question.who or "Every auditor")
    return question.label, question.ask, *texts
