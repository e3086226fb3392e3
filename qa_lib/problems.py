"""What is wrong, where, and how do I put it right?

Every room that finds fault speaks through one noun, the `Problem`: a place, a
plain sentence, and the cure. Problems are collected and raised together as one
`QAError`, because an analyst who is told one fault a run gives up after three.

A problem never repeats what a cell of an extract holds: a child's name can
stand in any cell. The one exception is a short near-miss of an allowed word
(`near_miss`), such as "Gud" for "Good".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import OSA

FAULT, SETTINGS, DATA, NOTEBOOK, PUBLICATION = 1, 2, 3, 4, 5
"""Exit codes: a fault of the workbook itself, settings wrong, data refused, notebook failed, publication refused."""

MOST_SHOWN = 200


@dataclass(frozen=True)
class Problem:
    """One thing to put right.

    `file` is a file's name as the analyst knows it; `line` counts lines of a
    settings file and `rows` rows of a spreadsheet, both from 1. `severity` is
    "error" (refuses the file) or "warning" (told in the report's annex).
    """

    code: str
    message: str
    fix: str = ""
    file: str = ""
    line: int | None = None
    sheet: str = ""
    column: str = ""
    rows: tuple[int, ...] = ()
    severity: str = "error"

    def where(self, most: int = 12) -> str:
        """The place inside its file, in the words of a spreadsheet, with `most` rows named; "" where there is none."""
        parts = [f'Column "{self.column}"'] if self.column else []
        if self.rows:
            parts.append(f"row{'s' if len(self.rows) > 1 else ''} {list_of(self.rows, most=most)}")
        where = ", ".join(parts)
        return where[:1].upper() + where[1:]

    @property
    def sentence(self) -> str:
        """Place, fault and cure on one line."""
        place = f"{self.file}:{self.line}" if self.line else self.where()
        return " ".join(part for part in (f"{place}:" if place else "", self.message, self.fix) if part)


class QAError(Exception):
    """All that is wrong at one step, with the exit code that the step answers for."""

    def __init__(self, problems: Iterable[Problem], exit_code: int = DATA) -> None:
        self.problems = tuple(problems)
        self.exit_code = exit_code
        super().__init__(in_words(self.problems))


def unexpected(error: Exception, exit_code: int) -> QAError:
    """A fault of the workbook itself, told without the error's own words: these may quote a cell."""
    line = error.__traceback__
    while line and line.tb_next:
        line = line.tb_next
    at = f"{Path(line.tb_frame.f_code.co_filename).name}, line {line.tb_lineno}" if line else "unknown"
    message = f"an unexpected fault ({type(error).__name__} at {at})."
    return QAError([Problem("fault", message, "Please report it.")], exit_code)


def list_of(items: Iterable[object], last: str = "and", most: int = 12) -> str:
    """Items as a reader says them: "14, 88 and 91"; past `most`, the rest as a count.

    >>> list_of([14, 88, 91])
    '14, 88 and 91'
    >>> list_of(range(1, 6), most=3)
    '1, 2, 3 and 2 more'
    """
    words = [str(item) for item in items]
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def did_you_mean(word: str, allowed: Iterable[str], within: int = 2) -> str | None:
    """The allowed word nearest to `word`, if at most `within` slips of a finger away.

    A slip is a letter added, dropped, changed or swapped with its neighbour
    (optimal string alignment). Ties go to the word that stands first.

    >>> did_you_mean("Gud", ["Outstanding", "Good"])
    'Good'
    >>> did_you_mean("Splendid", ["Outstanding", "Good"])
    """
    folded = word.casefold().strip()
    slips = {other: OSA.distance(folded, other.casefold(), score_cutoff=within) for other in allowed}
    nearest = min(slips, key=slips.__getitem__, default=None)
    return nearest if nearest is not None and slips[nearest] <= min(within, len(folded) - 1) else None


def meant_by(cell: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that a cell is a slip of; None if there is none, or if the cell may not be repeated.

    A slip keeps the first letter or swaps the first two: "Adequate" is two letters from "Inadequate", and its opposite.
    """
    start = cell.strip().casefold()[:2]
    alike = [word for word in allowed if word[:1].casefold() == start[:1] or word[:2].casefold() == start[::-1]]
    return did_you_mean(cell, alike) if len(cell) <= 25 else None


def near_miss(cell: str, allowed: Iterable[str]) -> str:
    """A hint that may repeat a cell: only a near-miss of an allowed word, 25 characters or fewer.

    >>> near_miss("Gud", ["Good"])
    'Did you mean "Good" for "Gud"?'
    >>> near_miss("Adequate", ["Inadequate"])
    ''
    >>> near_miss("Kayleigh hit him", ["Good"])
    ''
    """
    meant = meant_by(cell, allowed)
    return f'Did you mean "{meant}" for "{cell.strip()}"?' if meant else ""


def shared_out(problems: Sequence[Problem], most: int = MOST_SHOWN) -> list[tuple[Problem, int]]:
    """The problems to tell, each with how many of its rows; `most` in all, a row of each in turn.

    So one column of thousands of bad cells does not push the other faults out of sight. A problem without
    rows takes one place.
    """
    sizes = [max(1, len(problem.rows)) for problem in problems]
    told = [0] * len(sizes)
    left = min(most, sum(sizes))
    while left:
        for at, size in enumerate(sizes):
            if left and told[at] < size:
                told[at] += 1
                left -= 1
    return [(problem, count) for problem, count in zip(problems, told, strict=True) if count]


def in_words(problems: Iterable[Problem]) -> str:
    """All problems as the analyst reads them: file by file, numbered, cause before cure.

    >>> print(
    ...     in_words(
    ...         [
    ...             Problem(
    ...                 "dates",
    ...                 "not a date in the calendar.",
    ...                 "Write dates as day/month/year.",
    ...                 file="a.csv",
    ...                 column="audit_date",
    ...                 rows=(31,),
    ...             )
    ...         ]
    ...     )
    ... )
    1 thing to put right in a.csv. Nothing has been published.
      1. Column "audit_date", row 31: not a date in the calendar.
         Write dates as day/month/year.
    """
    by_place: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        if problem.severity == "error":
            by_place.setdefault((problem.file, problem.sheet), []).append(problem)
    lines = []
    for (file, sheet), found in by_place.items():
        place = (f" in {file}" if file else "") + (f' (sheet "{sheet}")' if sheet else "")
        things = "1 thing" if len(found) == 1 else f"{len(found):,} things"
        lines.append(f"{things} to put right{place}. Nothing has been published.")
        told = shared_out(found)
        for number, (problem, rows) in enumerate(told, start=1):
            at = f"line {problem.line}" if problem.line else problem.where(rows)
            lines.append(f"  {number}. {at}: {problem.message}" if at else f"  {number}. {problem.message}")
            if problem.fix:
                lines.append(f"     {problem.fix}")
        if len(found) > len(told):
            lines.append(f"  And {len(found) - len(told):,} more. Put these right first, then check again.")
    return "\n".join(lines)
