"""What are rows held against?

The council's framework, the report's own date, and the periods that count: what
a report, or a person who checks one file, asks of an extract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from qa_lib.settings.codebook import Codebook
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import KINDS, Kind
from qa_lib.settings.period import Period
from qa_lib.settings.report import ReportParams


@dataclass(frozen=True)
class Rules:
    """What rows are held against: the council's framework, the report's own date, the periods that count.

    A row lies in the first of `periods` that holds its date; without periods every row counts. A draw `needs_audits`
    of no period. `codebook` is None where a file is checked by itself.
    """

    framework: Framework
    as_of: date
    periods: tuple[Period, ...] = ()
    kinds: Mapping[str, Kind] = field(default_factory=lambda: KINDS)
    needs_audits: bool = True
    codebook: Codebook | None = None

    @classmethod
    def of(cls, params: ReportParams) -> Rules:
        """The rules of one report."""
        draws = params.draw is not None
        return cls(params.framework, params.as_of, params.windows, params.kinds, not draws, params.codebook)
