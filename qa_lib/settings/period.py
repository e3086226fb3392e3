"""Which months?

A report speaks of whole months: its own, those it is compared with, and those
before that show how figures move.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

TREND_MONTHS = 24
"""How far back month by month figures go."""


@dataclass(frozen=True)
class Period:
    """Whole months, first and last day included, under the name that the tables use for them."""

    key: str
    start: date
    end: date

    @property
    def months(self) -> int:
        """How many months."""
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1

    @property
    def words(self) -> str:
        """The period as a reader says it.

        >>> Period("current", date(2013, 5, 1), date(2013, 7, 31)).words
        'May to July 2013'
        """
        first, last = (f"{calendar.month_name[day.month]} {day.year}" for day in (self.start, self.end))
        if first == last:
            return first
        return f"{first.split()[0] if self.start.year == self.end.year else first} to {last}"

    @property
    def year(self) -> Period:
        """The twelve months that end with the period; the period itself where it is longer.

        >>> Period("current", date(2013, 5, 1), date(2013, 7, 31)).year.words
        'August 2012 to July 2013'
        """
        first = self.start.year * 12 + self.start.month - 1 - max(0, 12 - self.months)
        return Period("year", date(first // 12, first % 12 + 1, 1), self.end)

    @property
    def month_keys(self) -> list[str]:
        """Its months as tables name them.

        >>> Period("current", date(2013, 12, 1), date(2014, 1, 31)).month_keys
        ['2013-12', '2014-01']
        """
        first = self.start.year * 12 + self.start.month - 1
        return [f"{at // 12}-{at % 12 + 1:02d}" for at in range(first, first + self.months)]

    def back(self, months: int, key: str) -> Period:
        """The same number of months, `months` earlier."""
        first = self.start.year * 12 + self.start.month - 1 - months
        start, after = first, first + self.months
        return Period(
            key,
            date(start // 12, start % 12 + 1, 1),
            date(after // 12, after % 12 + 1, 1) - timedelta(days=1),
        )
