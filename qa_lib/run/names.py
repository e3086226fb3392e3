"""Which dates does a name hold, and where do they move?

A name holds a date if a month or a quarter stands beside a year. The number of
a quarter moves in a report of three or twelve months, a year by itself in one
of twelve; in others nobody knows how far. A year lies at most ten years before
the period and one after it; other numbers are no dates.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import date

from qa_lib.settings.period import Period

MONTHS = [
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip
_WORD = "|".join(["sept", *MONTHS, *(month[:3] for month in MONTHS)])
_NUMBER, _YEAR = "(?P<month>0[1-9]|1[0-2])", "(?P<year>(?:19|20|21)[0-9]{2})"
_OVER, _QUARTER = "(?:[-_](?P<over>[0-9]{2}))?", "q(?P<quarter>[1-4])"  # the council's year: 2013-14
_BEFORE, _AFTER, _ALONE, _END = "(?<![0-9])", "(?![0-9])", "(?<![0-9a-z])", "(?![0-9a-z])"


def moved_name(name: str, period: Period) -> tuple[str, list[str]]:
    """A name with its dates moved by the period's own length, and the dates in it that stay.

    >>> moved_name("2013/audits_2013_q4.csv", Period("current", date(2013, 11, 1), date(2014, 1, 31)))
    ('2013/audits_2014_q1.csv', ['2013'])
    """
    new, still, at = "", [], 0
    while at < len(name):
        moved, found = next(_readings(name, at, period), (name[at], None))
        if found and moved == found[0]:
            still.append(moved)
        new, at = new + moved, found.end() if found else at + 1
    return new, still


def _readings(name: str, at: int, period: Period) -> Iterator[tuple[str, re.Match[str]]]:
    """The dates that begin at a place in a name, moved: likeliest first."""
    for form, move in FORMS.items():
        found = re.compile(form, re.ASCII | re.IGNORECASE).match(name, at)
        if found and period.start.year - 10 <= int(found["year"]) <= period.end.year + 1:
            parts = move(found.groupdict(), period)
            if parts is not None:
                yield _put(found, parts), found


def _put(found: re.Match[str], parts: dict[str, str]) -> str:
    """What was found, with some of its parts in other words."""
    text = found[0]
    for part in sorted(parts, key=found.start, reverse=True):
        start, end = (at - found.start() for at in found.span(part))
        text = text[:start] + parts[part] + text[end:]
    return text


def later(day: date, months: int) -> date:
    """A day so many months on; the last day of a month stays a last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    ends = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if ends else min(day.day, last))


def _by_months(parts: dict[str, str | None], period: Period) -> dict[str, str]:
    """A month of a year, or a day of it. What is not in the calendar stays as it is."""
    words = {part: word for part in ("month", "other") if (word := parts.get(part))}
    short = any(word.lower() not in MONTHS for word in words.values())
    number = {part: int(word) if word.isdigit() else _month_of(word) for part, word in words.items()}
    day = parts.get("day")
    try:
        moved = later(date(int(parts["year"] or 0), number["month"], int(day or 1)), period.months)
    except ValueError:
        return {}
    new = {part: _like(word, (number[part] + period.months - 1) % 12, short=short) for part, word in words.items()}
    return new | {"year": f"{moved.year}"} | ({"day": f"{moved.day:0{len(day)}}"} if day else {})


def _month_of(word: str) -> int:
    return [month[:3] for month in MONTHS].index(word[:3].lower()) + 1


def _like(word: str, month: int, *, short: bool) -> str:
    """The name or number of a month (from 0), written as another is."""
    if word.isdigit():
        return f"{month + 1:02}"
    name = MONTHS[month][:3] if short else MONTHS[month]
    return name.upper() if word.isupper() else name.capitalize() if word[0].isupper() else name


def _by_quarters(parts: dict[str, str | None], period: Period) -> dict[str, str] | None:
    """A quarter of a year, or of a council's year; None if what looks like the latter's end is not that."""
    year, over = int(parts["year"] or 0), parts.get("over")
    if over and int(over) != (year + 1) % 100:
        return None
    year, quarter = divmod(year * 4 + int(parts["quarter"] or 0) - 1 + {3: 1, 12: 4}.get(period.months, 0), 4)
    return {"year": f"{year}", "quarter": f"{quarter + 1}"} | ({"over": f"{(year + 1) % 100:02}"} if over else {})


def _by_years(parts: dict[str, str | None], period: Period) -> dict[str, str] | None:
    """A year, or a council's year; 2011-12 is a month."""
    year, over = int(parts["year"] or 0), parts.get("over")
    if over and (int(over) != (year + 1) % 100 or 0 < int(over) <= 12):
        return None
    year += period.months == 12
    return {"year": f"{year}"} | ({"over": f"{(year + 1) % 100:02}"} if over else {})


FORMS: dict[str, Callable[[dict[str, str | None], Period], dict[str, str] | None]] = {
    rf"{_BEFORE}{_YEAR}{_OVER}[-_ /]?{_QUARTER}{_AFTER}": _by_quarters,  # 2013_q1, 2013-14_q1
    rf"{_ALONE}{_QUARTER}[-_ /]?{_YEAR}{_OVER}{_AFTER}": _by_quarters,  # q1_2013
    rf"{_ALONE}(?:(?P<other>{_WORD})[-_ ](?:to[-_ ])?|(?P<day>[0-9]{{1,2}})[-_ ])?"
    rf"(?P<month>{_WORD})[-_ /]?{_YEAR}{_AFTER}": _by_months,  # july_2013, may_to_july_2013, 31_july_2013
    rf"{_BEFORE}{_YEAR}[-_ /]?(?P<month>{_WORD})(?:[-_ ]to[-_ ](?P<other>{_WORD}))?(?![a-z])": _by_months,  # 2013_july
    rf"{_BEFORE}{_YEAR}[-_]?(?P<over>[0-9]{{2}}){_AFTER}": _by_years,  # 2013-14
    rf"{_BEFORE}{_YEAR}(?P<mark>[-_])"
    rf"{_NUMBER}(?:(?P=mark)(?P<day>[0-9]{{2}}))?{_AFTER}": _by_months,  # 2013-07, 2013-07-31
    rf"{_ALONE}{_YEAR}{_NUMBER}(?P<day>[0-9]{{2}})?{_END}": _by_months,  # 201307, 20130731
    rf"{_ALONE}{_YEAR}{_END}": _by_years,  # 2013
}
"""The forms of a date, the longer before the shorter, and what moves each."""
