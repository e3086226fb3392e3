"""Which rows are records?

An export has more in it than records: titles above the headings, blank rows,
totals and footnotes below. They are told apart here, and every row that is not
a record keeps its number and a reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import islice

TITLE_ROWS = 10
"""The headings are looked for in the first rows of a file, below its title."""

BLANK, TOTAL, FOOTNOTE = "blank row", "total row", "footnote"
_TOTAL = re.compile(r"(grand |sub[- ]?)?totals?\b", re.IGNORECASE)
_VALUE = re.compile(
    r"[\d\s.,:/£%()+-]+"  # a number, a date, a time
    r"|\d{4}-\d\d-\d\d.*|\d{1,2} [a-z]{3,9} \d{4}"
    r"|[a-z]{0,8}[-_/]?\d[\d/-]{2,}[a-z]?"  # an id
    r"|yes|no|n/?a",
    re.IGNORECASE,
)


def find_headings(rows: Mapping[int, list[str]], known: Callable[[str], bool]) -> tuple[int, bool]:
    """The row number of the headings, and whether they are headings for certain.

    It is the row among the first that holds most known headings. Where none of
    them holds any, it is the first row that could be headings at all; where no
    row could be, the first row stands for them and nothing of it may be shown:
    it is likely a record, and a record may name a child.
    """
    first = dict(islice(((number, cells) for number, cells in rows.items() if any(map(str.strip, cells))), TITLE_ROWS))
    hits = {number: sum(map(known, cells)) for number, cells in first.items()}
    best = max(hits, key=hits.__getitem__, default=1)
    if hits.get(best):
        return best, hits[best] > 1 or looks_like_headings(first[best])
    likely = [number for number, cells in first.items() if looks_like_headings(cells)]
    return (likely or [min(first, default=1)])[0], bool(likely)


def looks_like_headings(cells: list[str]) -> bool:
    """Whether a row could be headings: three or more filled cells, all different, none of them a value."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return (
        len(filled) > 2
        and len({cell.casefold() for cell in filled}) == len(filled)
        and not any(_VALUE.fullmatch(cell) for cell in filled)
    )


def sort_rows(
    body: Mapping[int, list[str]], width: int, id_at: int | None = None
) -> tuple[dict[int, list[str]], dict[str, tuple[int, ...]]]:
    """Records by row number, and the numbers of the other rows by reason.

    Parameters
    ----------
    body : row number → cells, for all rows below the headings
    width : how many headings there are
    id_at : index of the column that names a row, if there is one

    Blank rows below the last filled one are no part of the file.
    """
    records: dict[int, list[str]] = {}
    left_out: dict[str, list[int]] = {}
    last = max((number for number, cells in body.items() if any(map(str.strip, cells))), default=0)
    pattern = ""
    for number, cells in body.items():
        if number > last:
            break
        reason = _reason(cells, width, id_at, pattern)
        if reason:
            left_out.setdefault(reason, []).append(number)
            continue
        records[number] = cells
        if not pattern and id_at is not None and id_at < len(cells):
            pattern = _pattern(cells[id_at].strip())
    return records, {reason: tuple(numbers) for reason, numbers in left_out.items()}


def _reason(cells: list[str], width: int, id_at: int | None, pattern: str) -> str:
    """Why a row is no record; empty if it is one."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return BLANK
    named = cells[id_at].strip() if id_at is not None and id_at < len(cells) else ""
    if len(filled) < width and _TOTAL.match(filled[0]):
        return TOTAL
    unnamed = id_at is not None and (not named or _TOTAL.match(named))
    if len(filled) < width and unnamed and any(_TOTAL.fullmatch(cell.rstrip(": ")) for cell in filled):
        return TOTAL
    if len(filled) > 1 or width < 3:
        return ""
    # A lone cell is a footnote, unless it is an id like the others: that is a record cut off.
    cut = re.fullmatch(r"\S*(\d\S*|[^\w\s])", named) and pattern.startswith(_pattern(named))
    return "" if cut else FOOTNOTE


def _pattern(cell: str) -> str:
    """Letters as "a", digits as "9", runs as one.

    >>> _pattern("AUD-0012")
    'a-9'
    """
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", cell))
