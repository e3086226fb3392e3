"""What was promised?

The register of actions. Its dates are often loose ("February to July 2013"):
they stay as written, and beside them stand the first and last day they mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from qa_lib.intake.reading import Extract


@dataclass(frozen=True)
class Actions:
    """All rows of the registers, checked.

    register : `action_id, concern, action, outcome`, what else the extracts hold, and `register` (1, 2 ...: the order
        of the files, so that successive registers show an action's history); beside `start` and `due` stand
        `start_first, start_last, due_first, due_last` (NaT where a loose date cannot be understood)
    """

    register: pd.DataFrame


def actions_of(extracts: Iterable[Extract]) -> Actions:
    """The actions of all registers, none of them refused."""
    tables = [extract.table.assign(register=number) for number, extract in enumerate(extracts, start=1)]
    return Actions(pd.concat(tables, ignore_index=True).drop(columns="period"))
