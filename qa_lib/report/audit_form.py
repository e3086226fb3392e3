"""What does an auditor fill in?

One workbook for a themed audit: a row an audit, a column a question, in the
words of the tool (`form_sheet` says how a sheet takes answers). It comes back as
an extract that needs no map of its headings.

    Answers    one row of headings, coloured by group; every cell below is to fill in
    Guidance   all that the tool says of each question (`form_guidance`)
    Lists      hidden: the words behind the drop-downs

The same tool gives the same bytes.
"""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

from qa_lib.intake.columns import fold, folded_names
from qa_lib.intake.files import MOST_COLUMNS
from qa_lib.problems import SETTINGS, Problem, QAError
from qa_lib.report.form_guidance import SEVERAL, group_tints, write_guidance
from qa_lib.report.form_sheet import PROTECTED, Column, Lists, write_form
from qa_lib.report.sheets import TYPED
from qa_lib.report.tool_told import TYPES
from qa_lib.report.workbook import EPOCH
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import Holds, Several
from qa_lib.settings.question import Question
from qa_lib.settings.tool import FORM_HEADINGS, AuditTool

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
        guidance.protect("", PROTECTED)
        guidance.set_landscape()
        guidance.set_paper(9)
        write_form(book, answers, form_columns(tool, framework), framework, Lists(hidden))
        write_guidance(book, guidance, tool, framework)
    return made.getvalue()


def form_columns(tool: AuditTool, framework: Framework) -> dict[str, Column]:
    """The columns of a tool's form, each question in the colour of its group."""
    holds = framework.cells(tool.kind("themed"))
    fixed = {
        key: Column(heading, holds[key], heading, FIXED_HELP[key], width=16) for key, heading in FORM_HEADINGS.items()
    }
    colours = {question: tint for name, tint in group_tints(tool).items() for question in tool.groups[name].questions}
    return fixed | {
        key: Column(
            question.ask,
            holds[key],
            question.label,
            _help(question, holds[key]),
            colours[key],
            44 if question.type == "text" else 24,
        )
        for key, question in tool.questions.items()
    }


def _help(question: Question, holds: Holds) -> str:
    """What Excel shows beside a cell of a question."""
    told = question.guidance or question.standard or f"Answer with {TYPES[question.type]}."
    told = f"For: {question.who}. {told}" if question.who else told
    return f"{SEVERAL}: {'; '.join(holds.words)}. {told}" if isinstance(holds, Several) else told
