"""Which cases may be drawn?

Every case of the list, unless there is a reason not to draw it. The reasons
stand in one order and a case has the first that holds, so those that may be
drawn and those left out for each reason add up to the list.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

REASONS = ("closed", "outside", "audited", "restricted", "opened", "held", "sibling")
"""Why a case cannot be drawn, in order, so that "audited" are all open cases that were.

"sibling": the family was placed in the service of a brother or sister.
"""


def id_key(text: object) -> str:
    """What two spellings of an id have in common.

    >>> id_key(" C-17a ")
    'c-17a'
    """
    return str(text).strip().casefold()


def listed_cases(frame: pd.DataFrame, on: date, not_again_months: int, look_back_months: int) -> pd.DataFrame:
    """The cases of a list with the reason why each cannot be drawn, if there is one; siblings are not known yet.

    Parameters
    ----------
    frame : one row a case, as for `sampling.draw`
    on : the day of the draw
    not_again_months : a case is left out if it was audited less than so many months before that day
    look_back_months : it is left out if it was opened less than so many months before that day, or after it

    Returns
    -------
    DataFrame in the order of `frame`, numbered from 0: `case` and `family` (their keys; a case without a family is one
    of its own, named as the case), `service`, `reason` (of `REASONS`, "" for none).

    Raises
    ------
    ValueError : a case that has no id or no service, or stands in the list twice; a column that holds something else.

    Example
    -------
    >>> cases = pd.DataFrame({"case_id": ["B", "A"], "service": "Duty", "opened": [date(2013, 4, 2), None]})
    >>> listed_cases(cases, date(2013, 5, 1), not_again_months=12, look_back_months=6)
      case service family  reason
    0    b    Duty      b  opened
    1    a    Duty      a
    """
    case = [id_key(cell or "") for cell in _cells(frame, "case_id")]
    service = _cells(frame, "service")
    if "" in case or len(set(case)) < len(case) or None in service:
        raise ValueError("each case of the list has a service, and an id that stands in it once")
    family = [id_key(cell or "") or own for cell, own in zip(_cells(frame, "family_id"), case, strict=True)]
    reason = _reasons(frame, pd.Timestamp(on), not_again_months, look_back_months)
    return pd.DataFrame({"case": case, "service": service, "family": family, "reason": reason})


def _reasons(frame: pd.DataFrame, on: pd.Timestamp, not_again: int, look_back: int) -> npt.NDArray[np.str_]:
    today, reached, settled = (
        np.datetime64((on - pd.DateOffset(months=months)).date()) for months in (0, not_again, look_back)
    )
    audits = np.array([_days(frame, column) for column in ("last_audited", "audited_on")])
    rules = {
        "closed": _days(frame, "closed") <= today,
        "outside": _says(frame, "outside", True, False),
        "audited": ((audits > reached) & (audits < today)).any(axis=0),
        "restricted": _says(frame, "restricted", "Yes", "No", "Not appropriate"),
        "opened": _days(frame, "opened") > settled,
        "held": _says(frame, "held", True, False),
    }
    return np.select(list(rules.values()), list(rules), default="")


def _cells(frame: pd.DataFrame, column: str) -> list[Any]:
    """The cells of a column, None where they are blank or where there is no such column."""
    if column not in frame:
        return [None] * len(frame)
    cells, blank = frame[column].astype("object").tolist(), frame[column].isna().tolist()
    return [None if empty or cell == "" else cell for cell, empty in zip(cells, blank, strict=True)]


def _days(frame: pd.DataFrame, column: str) -> npt.NDArray[np.datetime64]:
    cells = _cells(frame, column)
    if not all(cell is None or isinstance(cell, date) for cell in cells):
        raise ValueError(f"`{column}` holds days, or nothing")
    return np.array(cells, dtype="datetime64[D]")


def _says(frame: pd.DataFrame, column: str, yes: object, *others: object) -> npt.NDArray[np.bool_]:
    """Whether a column says `yes`, where it may hold that or another of these words, or nothing."""
    cells = _cells(frame, column)
    if not {yes, *others}.issuperset(cell for cell in cells if cell is not None):
        raise ValueError(f"`{column}` holds {', '.join(map(str, (yes, *others)))} or nothing")
    return np.array([cell == yes for cell in cells], dtype=bool)
