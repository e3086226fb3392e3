"""Can we rely on it?

One small function for each rule. A rule takes text cells and gives parsed
values with every `Problem` it found, so that all faults of a file are told at
once. One bad cell refuses the whole file: a report that leaves out the rows it
could not read looks right and is wrong.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from qa_lib.intake.columns import NamedRows
from qa_lib.problems import Problem, list_of, near_miss

DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: 00:00(?::00)?| \d{2}:\d{2}(?::\d{2})?)?")
YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]\d{2}:\d{2}(?::\d{2})?)?")
SHORT_YEAR = re.compile(r"\d{1,2}/\d{1,2}/\d{2}")
MONTH_NAMES = [name.casefold() for name in calendar.month_abbr[1:]]
_MONTH = "(" + "|".join(f"{month[:3]}(?:{month[3:]})?" for month in map(str.casefold, calendar.month_name[1:])) + ")"
MONTHS = re.compile(rf"{_MONTH}(?: (\d{{4}}))?(?: ?(?:to|–|-) ?{_MONTH}(?: (\d{{4}}))?)?")
WRITE_DATES = "Write dates as day/month/year or year-month-day, or format the column as a date in Excel."


def parse_date(cell: str, short_years: bool = False) -> date | None:
    """A date written day/month/year or year-month-day; None if it is neither, or not in the calendar.

    A time of day is passed over. United States order is never guessed; `short_years` reads 18/07/22 as 2022.

    >>> parse_date("03/07/2013"), parse_date("2013-07-03"), parse_date("07/25/2013")
    (datetime.date(2013, 7, 3), datetime.date(2013, 7, 3), None)
    """
    if short_years and SHORT_YEAR.fullmatch(cell):
        cell = f"{cell[:-2]}20{cell[-2:]}"
    day_first, year_first = DAY_FIRST.fullmatch(cell), YEAR_FIRST.fullmatch(cell)
    if day_first:
        day, month, year = (int(part) for part in day_first.groups())
    elif year_first:
        year, month, day = (int(part) for part in year_first.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def parse_loose_date(text: str) -> tuple[date, date] | None:
    """First and last day of a date, a month, or a span of months as a register has them; None if it is none of these.

    >>> parse_loose_date("February to July 2013")
    (datetime.date(2013, 2, 1), datetime.date(2013, 7, 31))
    >>> parse_loose_date("1/5/2013")
    (datetime.date(2013, 5, 1), datetime.date(2013, 5, 1))
    """
    day = parse_date(text)
    if day:
        return day, day
    found = MONTHS.fullmatch(text.strip().casefold())
    if not found:
        return None
    first, first_year, last, last_year = found.groups()
    start, end = MONTH_NAMES.index(first[:3]) + 1, MONTH_NAMES.index((last or first)[:3]) + 1
    year = int(last_year or first_year or 0)
    begin = int(first_year or year)
    if not year or (begin, start) > (year, end):
        return None
    return date(begin, start, 1), date(year, end, calendar.monthrange(year, end)[1])


def check_filled(rows: NamedRows, column: str) -> list[Problem]:
    """Every cell of a column that must not be blank is filled."""
    blank = rows.table.index[rows.table[column] == ""]
    return [rows.problem("blank", "blank.", "Fill it in.", column, blank)] if len(blank) else []


def check_identity(rows: NamedRows, identity: Sequence[str]) -> list[Problem]:
    """What names a row is filled, and stands once, after trimming and without regard to case."""
    column, table = identity[0], rows.table
    ids = identities(table, identity)
    problems = []
    blank = ids.index[ids == ""]
    if len(blank):
        problems.append(rows.problem("blank_id", "no id.", "Give each row an id of its own.", column, blank))
    for _, same in ids[(ids != "") & ids.duplicated(keep=False)].groupby(ids):
        message = "the same id stands more than once."
        fix = "Each id may stand once: delete the row that is the copy, or correct its id."
        problems.append(rows.problem("doubled_id", message, fix, column, same.index))
    return problems


def identities(table: pd.DataFrame, identity: Sequence[str]) -> pd.Series[Any]:
    """What names each row of a table, as one text; "" where the first of these columns is blank."""
    first, *others = (table[column].astype("str").str.casefold() for column in identity if column in table)
    return first.str.cat(pd.DataFrame(dict(enumerate(others))), sep="\t").where(first != "", "") if others else first


def check_numbers(rows: NamedRows, column: str) -> tuple[pd.Series[Any], list[Problem]]:
    """Whole numbers, 0 or more; a blank stays blank (NA)."""
    cells = rows.table[column]
    good = cells.str.fullmatch(r"\d{1,9}")
    bad = cells.index[~good & (cells != "")]
    problems = [rows.problem("number", "not a whole number.", "Write digits only.", column, bad)] if len(bad) else []
    return cells.where(good).astype("Int64"), problems


def check_dates(
    rows: NamedRows, column: str, earliest: date, latest: date, *, required: bool, short_years: bool = False
) -> tuple[pd.Series[Any], list[Problem]]:
    """The dates of a column, with its faults.

    Returns
    -------
    Series of datetime64, NaT where blank or bad; and a `Problem` for each fault:
    blank (if required), not a date, after `latest`, before `earliest`, or a
    column that mixes real Excel dates with dates typed as text.
    """
    cells = rows.table[column]
    parsed = cells.map({cell: parse_date(cell, short_years) for cell in cells.unique()})
    bad = (cells != "") & parsed.isna()
    dates = pd.to_datetime(parsed, errors="coerce")
    problems = []
    for code, where, message, fix in (
        ("blank_date", (cells == "") & required, "no date.", "Fill it in."),
        ("bad_date", bad, "not a date in the calendar (day first).", WRITE_DATES),
        (
            "future_date",
            dates > pd.Timestamp(latest),
            f"after the report's own date ({latest:%d/%m/%Y}).",
            "Correct the date, or the report's `as_of`.",
        ),
        (
            "old_date",
            dates < pd.Timestamp(earliest),
            f"before {earliest:%d/%m/%Y}.",
            "Correct the date, or `earliest_date` in the framework.",
        ),
    ):
        found = cells.index[where]
        if len(found):
            problems.append(rows.problem(code, message, fix, column, found))
    real = rows.real_dates.get(column, frozenset())
    typed = [row for row in cells.index[(cells != "") & ~bad] if row not in real]
    if real and typed:
        message = "dates typed as text in a column of real dates: Excel may have swapped day and month in the others."
        problems.append(rows.problem("mixed_dates", message, WRITE_DATES, column, typed))
    return dates, problems


def check_words(
    rows: NamedRows, column: str, allowed: Iterable[str], mapped: Mapping[str, str], fix: str
) -> tuple[pd.Series[Any], list[Problem]]:
    """Cells that must hold one of a few words, such as grades and services.

    Case and spaces are tidied with a warning; `mapped` (spellings, a scale of
    numbers) is applied and counted as a correction. A blank stays blank.

    Returns
    -------
    Series of allowed words ("" where blank); and the problems: an error for
    each kind of cell that is not allowed, warnings for what was tidied.
    """
    cells = rows.table[column]
    words = tuple(allowed)
    known = {_tidy(word): word for word in words}
    corrections = {_tidy(word): target for word, target in mapped.items() if _tidy(word) not in known}
    tidied = {cell: _tidy(cell) for cell in cells.unique()}
    meant = {
        cell: known.get(word) or corrections.get(word) or ("" if not word else None) for cell, word in tidied.items()
    }
    result = cells.map(meant)
    problems = []
    bad = cells[result.isna()]
    expected = f"not one of the words allowed ({', '.join(words)})."
    for hint, same in bad.groupby(bad.map({cell: near_miss(cell, words) for cell in bad.unique()})):
        cure = f"{hint} {fix}" if hint else "Correct the rows."
        problems.append(rows.problem("unknown_word", expected, cure, column, same.index))
    for code, changed, verb in (
        (
            "corrected",
            [cell for cell, word in tidied.items() if word in corrections],
            "corrected as the framework says",
        ),
        (
            "tidied",
            [cell for cell, word in tidied.items() if known.get(word, cell) != cell],
            "tidied (capitals, spaces)",
        ),
    ):
        at = cells.index[cells.isin(changed)]
        if len(at):
            message = f"{len(at):,} cell{'s' if len(at) > 1 else ''} {verb}."
            problems.append(rows.warning(code, message, column, at))
    return result.fillna(""), problems


def check_several(rows: NamedRows, column: str, allowed: Sequence[str]) -> tuple[pd.Series[Any], list[Problem]]:
    """Cells that may hold several of these words, parted by ";"; each once, in the order of the words allowed."""
    known = {_tidy(word): word for word in allowed}
    cells = rows.table[column]
    chosen = {cell: {_tidy(part) for part in cell.split(";")} - {""} for cell in cells.unique()}
    good = {cell: "; ".join(word for key, word in known.items() if key in parts) for cell, parts in chosen.items()
            if parts <= known.keys()}  # fmt: skip
    bad = cells.index[~cells.isin(good)]
    message = f"not one or several of the words allowed ({', '.join(allowed)}), with a semicolon between."
    problems = [rows.problem("unknown_word", message, "Correct the rows.", column, bad)] if len(bad) else []
    return cells.map(good).fillna(""), problems


def check_blanks(rows: NamedRows, column: str, code: str) -> list[Problem]:
    """A blank grade or service is "Not recorded", never "Not applicable"; which they are is told."""
    blank = rows.table.index[rows.table[column] == ""]
    if blank.empty:
        return []
    message = f"{len(blank):,} blank: counted as not recorded."
    return [rows.warning(code, message, column, blank, "Fill it in where it is known.")]


def check_one_of(rows: NamedRows, columns: Iterable[str]) -> list[Problem]:
    """At least one of these columns is there: an audit without a grade is none."""
    names = tuple(columns)
    if any(name in rows.table for name in names):
        return []
    message = f"there is no grade column: one of {list_of(names, last='or')} is needed."
    return [rows.problem("no_grades", message, "Name your form's headings under `columns:` in the framework.")]


def _tidy(word: str) -> str:
    return re.sub(r"\s+", " ", word.replace("\u00a0", " ").replace("\u200b", "")).strip().casefold()
