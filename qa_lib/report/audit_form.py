"""What does an auditor fill in?

One workbook for a themed audit: a row an audit, a column a question, in the
words of the tool. Only the headings are locked against a slip; cells offer what
may be answered and refuse the rest. It comes back as an extract that needs no
map of its headings.

    Answers    one row of headings, coloured by group; every cell below is to fill in
    Guidance   all that the tool says of each question (`form_guidance`)
    Lists      hidden: the words behind the drop-downs; a cell could hold only few, and none with a comma

The same tool gives the same bytes.
"""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import Any

from qa_lib.intake.columns import fold, folded_names
from qa_lib.intake.files import MOST_COLUMNS
from qa_lib.problems import SETTINGS, Problem, QAError
from qa_lib.report.form_guidance import SEVERAL, group_tints, height_for, write_guidance
from qa_lib.report.tool_told import TYPES
from qa_lib.report.workbook import EPOCH
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import DAY, NUMBER, Holds, Several
from qa_lib.settings.question import Question
from qa_lib.settings.tool import FORM_HEADINGS, AuditTool

ROWS = 1_000
"""How many rows offer what may be answered."""
MOST_TITLE, MOST_MESSAGE = 32, 255
"""What Excel shows beside a cell, in characters."""
LARGEST = 999_999_999
TYPED = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
PROTECTED = {"format_columns": True, "format_rows": True, "sort": True}
FIXED_HELP = {
    "audit_id": "A reference of its own for each audit. It may stand in one row only.",
    "case_id": "The number of the case. Never a name.",
    "audit_date": "The day on which the audit was done.",
    "service": "The service that works with the child.",
    "team": "The team, always spelled alike.",
    "auditor": "Who did the audit.",
}


def render_form(tool: AuditTool, framework: Framework, path: Path) -> None:
    """Write the form of a themed audit; never over another file, which may hold answers.

    Raises
    ------
    QAError : exit code 2; the file's name is not that of a workbook, the file is there already, or answers to
        some question could not be read back from the form.
    """
    problems = [*_unreadable(tool, framework)]
    if path.suffix.lower() != ".xlsx":
        problems.append(Problem("option", f"{path.name} cannot be the form.", "Give it a name that ends in .xlsx."))
    if problems:
        raise QAError(problems, SETTINGS)
    made = _form(tool, framework)
    try:
        with path.open("xb") as file:
            file.write(made)
    except FileExistsError:
        fix = "Give another name, or move that file away: auditors' answers may be in it."
        raise QAError([Problem("option", f"{path.name} is there already.", fix)], SETTINGS) from None


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters as Excel counts them, cut between words.

    >>> shortened("Where to look on the file", 20)
    'Where to look on …'
    """
    if _length(text) <= most:
        return text
    while _length(text) > most - 2:
        before, _, last = text.rpartition(" ")
        text = before if before.strip() and last else text[:-1]
    return f"{text.rstrip()} …"


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _unreadable(tool: AuditTool, framework: Framework) -> list[Problem]:
    """Why answers could not be read back from the form, by the rules of the intake."""
    kind = tool.kind("themed")
    names = folded_names(framework.headings(kind), framework.cells(kind))
    headings = _headings(tool)
    fix = "Ask it in other words, so that no two headings are alike."
    problems = [
        Problem("heading", f"{column}: its heading in the form would not be known again.", fix)
        for column, heading in headings.items()
        if not fold(heading) or names.get(fold(heading)) != column
    ]
    known = {fold(name) for name in (*headings, *headings.values())}
    if any(fold(name) not in known for name in tool.keep):
        message = "keep: rows are kept by a column that the form does not have."
        problems.append(Problem("keep", message, "Take `keep:` out of the tool: it is for rows of another form."))
    if len(headings) > MOST_COLUMNS:
        message = f"the form would have {len(headings)} columns; an extract may have {MOST_COLUMNS}."
        problems.append(Problem("too_large", message, "Ask fewer questions."))
    return problems


def _headings(tool: AuditTool) -> dict[str, str]:
    """The heading of every column of the form."""
    return {**FORM_HEADINGS, **{key: question.ask for key, question in tool.questions.items()}}


def _form(tool: AuditTool, framework: Framework) -> bytes:
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, **TYPED}) as book:
        created = datetime(*EPOCH)  # noqa: DTZ001  no day, so that every day gives the same bytes
        book.set_properties({"title": f"{tool.title}: audit form", "author": "", "comments": "", "created": created})
        answers, guidance, hidden = (book.add_worksheet(name) for name in ("Answers", "Guidance", "Lists"))
        hidden.hide()
        for sheet in (answers, guidance, hidden):
            sheet.protect("", PROTECTED)
            sheet.set_landscape()
            sheet.set_paper(9)
        _write_answers(book, answers, tool, framework, _Lists(hidden))
        write_guidance(book, guidance, tool, framework)
    return made.getvalue()


class _Lists:
    """Words for drop-downs, each list once, in a column of the hidden sheet."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.places: dict[tuple[str, ...], str] = {}

    def place(self, words: tuple[str, ...]) -> str:
        """Where a list stands, as a reference."""
        from xlsxwriter.utility import xl_range_abs

        if words not in self.places:
            at = len(self.places)
            for row, word in enumerate(words):
                self.sheet.write_string(row, at, word)
            self.places[words] = f"=Lists!{xl_range_abs(0, at, len(words) - 1, at)}"
        return self.places[words]


def _write_answers(book: Any, sheet: Any, tool: AuditTool, framework: Framework, lists: _Lists) -> None:
    """The sheet to fill in: headings, and below them columns that know what their cells may hold."""
    top = {"text_wrap": True, "valign": "top"}
    fixed = {**top, "bold": True, "border": 1, "bg_color": framework.brand.colour, "font_color": "#FFFFFF"}
    heads = dict.fromkeys(FORM_HEADINGS, book.add_format(fixed))
    for name, tint in group_tints(tool).items():
        head = book.add_format({**top, "bold": True, "border": 1, "bg_color": tint})
        heads |= dict.fromkeys(tool.groups[name].questions, head)
    shapes: dict[Holds, str] = {DAY: "dd/mm/yyyy", NUMBER: "0"}
    bodies = {
        shape: book.add_format({**top, "locked": False, "num_format": shape}) for shape in ("@", *shapes.values())
    }
    holds = framework.cells(tool.kind("themed"))
    widths = {}
    for at, (column, heading) in enumerate(_headings(tool).items()):
        question = tool.questions.get(column)
        widths[heading] = 16 if question is None else 44 if question.type == "text" else 24
        sheet.set_column(at, at, widths[heading], bodies[shapes.get(holds[column], "@")])
        sheet.write_string(0, at, heading, heads[column])
        rule = _rule(holds[column], framework, lists)
        sheet.data_validation(1, at, ROWS, at, rule | _message(column, question, holds[column]))
    sheet.set_row(0, height_for(widths.items()))
    sheet.freeze_panes(1, 2)
    sheet.set_selection(1, 0, 1, 0)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0, 1)
    sheet.print_across()
    sheet.hide_gridlines(0)


def _rule(holds: Holds, framework: Framework, lists: _Lists) -> dict[str, Any]:
    """What the cells of a column accept. Several words in one cell are left free: a list would allow one alone."""
    words = None if isinstance(holds, Several) else framework.words(holds)
    if words:
        wrong = ("Not in the list", "Choose one of the words in the list.")
        rule: dict[str, Any] = {"validate": "list", "source": lists.place(words)}
    elif holds == DAY:
        first = datetime.combine(framework.earliest_date, datetime.min.time())
        wrong = ("Not a date", f"Write a date as day/month/year, not before {first:%d/%m/%Y}.")
        rule = {"validate": "date", "criteria": ">=", "value": first}
    elif holds == NUMBER:
        wrong = ("Not a whole number", "Write a whole number, in digits only.")
        rule = {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": LARGEST}
    else:
        return {"validate": "any"}
    return rule | {"error_title": wrong[0], "error_message": wrong[1]}


def _message(column: str, question: Question | None, holds: Holds) -> dict[str, str]:
    """What Excel shows beside a cell of the column."""
    title, help_text = FORM_HEADINGS.get(column, ""), FIXED_HELP.get(column, "")
    if question:
        title = question.label
        help_text = question.guidance or question.standard or f"Answer with {TYPES[question.type]}."
        help_text = f"For: {question.who}. {help_text}" if question.who else help_text
    if isinstance(holds, Several):
        help_text = f"{SEVERAL}: {'; '.join(holds.words)}. {help_text}"
    return {"input_title": shortened(title, MOST_TITLE), "input_message": shortened(help_text, MOST_MESSAGE)}
