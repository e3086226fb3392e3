"""What do people fill in?

Workbooks that go out and come back. The fix list goes to the auditors whose
rows cannot be counted: it says where to look and what to do, and holds no text
of the extract, so that it may be sent by mail.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from qa_lib.problems import Problem

MOST_LINES = 20_000
HEADINGS = {"File": 28, "Sheet": 16, "Row": 8, "Column": 24, "What is wrong": 50, "How to put it right": 60, "Done": 8}
BLANKS = ("blank_grade", "blank_service")


def render_fix_list(problems: Iterable[Problem], path: Path) -> None:
    """Write what is to be put right, a line a row of the extract, into a workbook.

    Errors come first; then blank grades and services, which refuse nothing and
    are worth a look. Row and column are named as the spreadsheet shows them.
    """
    import xlsxwriter

    lines = _lines(problems)
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": "Fix list", "author": "", "comments": ""})
        head = book.add_format({"bold": True, "bg_color": "#12436D", "font_color": "#FFFFFF", "text_wrap": True})
        body = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("To put right")
        for column, (heading, width) in enumerate(HEADINGS.items()):
            sheet.set_column(column, column, width, body)
            sheet.write_string(0, column, heading, head)
        for at, (file, sheet_name, row, *words) in enumerate(lines[:MOST_LINES], start=1):
            sheet.write_string(at, 0, file)
            sheet.write_string(at, 1, sheet_name)
            if row is not None:
                sheet.write_number(at, 2, row)
            for column, text in enumerate(words, start=3):
                sheet.write_string(at, column, text)
        last = min(len(lines), MOST_LINES)
        if len(lines) > MOST_LINES:
            last += 1
            sheet.write_string(last, 4, f"{len(lines) - MOST_LINES:,} more: put these right first, then check again.")
        sheet.data_validation(1, 6, max(last, 1), 6, {"validate": "list", "source": ["Yes"], "ignore_blank": True})
        sheet.autofilter(0, 0, max(last, 1), len(HEADINGS) - 1)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)


def _lines(problems: Iterable[Problem]) -> list[tuple[str, str, int | None, str, str, str]]:
    found = [problem for problem in problems if problem.severity == "error" or problem.code in BLANKS]
    lines = []
    for problem in sorted(found, key=lambda problem: (problem.severity, problem.file)):
        looked = problem.severity == "warning"
        message = "blank: counted as not recorded." if looked else problem.message
        where = problem.file, problem.sheet
        lines += [(*where, row, problem.column, message, problem.fix) for row in (problem.rows or (None,))]
    return lines
