"""What is one table of a plan?

A report is opened with a list of these: each says how its table is measured, of
the extracts or of the protected tables before it, and what it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from qa_lib.measures.shares import MEASURES
from qa_lib.report.material import Material
from qa_lib.report.publishable import About, Derived


@dataclass(frozen=True)
class Planned:
    """One table of a plan: its name, keys, how it is measured, what it is about; `whole_only` if never of a part."""

    name: str
    keys: tuple[str, ...]
    measure: Callable[[Material], pd.DataFrame | Derived | None]
    about: Callable[[Material], About]
    whole_only: bool = False

    def computed(self, material: Material) -> pd.DataFrame | Derived:
        """The measure table; without rows where the extracts do not hold what it needs.

        For a table that is derived from those before it: the function by which the gate makes it.
        """
        table = self.measure(material)
        return pd.DataFrame(columns=[*self.keys, *MEASURES]) if table is None else table
