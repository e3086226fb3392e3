"""How long does it take to measure every table of a quarterly report, and to import the library?

The invented council is written to a passing folder, and its extracts are read and checked. Then every table of
`QUARTERLY` is measured, once to warm up and then several times; the median is printed, and which tables take longest.
Imports are whole processes, one after the other in each round, so that what else the machine does meets them alike. The
library fetches a name when it is first used; what a notebook's first names cost beside pandas is printed too.

Run it with a number for more rounds.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from qa_lib.example import write_council
from qa_lib.intake.extracts import read_extracts
from qa_lib.report.disclosure import protect
from qa_lib.report.material import Material
from qa_lib.report.plans import QUARTERLY
from qa_lib.settings.report import read_report

TOP = Path(__file__).parents[1]
PARAMS = Path("params") / "example" / "2013_q1.yml"
ROUNDS = 15
IMPORTS = PANDAS, LIBRARY, NAMES = "import pandas", "import qa_lib", "from qa_lib import QUARTERLY, open_report"
MEASURED_IN, MORE_THAN_PANDAS = 0.3, 0.15  # seconds: what is asked


def material(home: Path) -> Material:
    """What the report of the invented council is measured from, its extracts written to `home` first."""
    shutil.copytree(TOP / "params" / "example", home / "params" / "example")
    write_council(home / "extracts" / "example")
    params = read_report(home / PARAMS)
    return Material(params, read_extracts(params))


def seconds(work: Callable[..., object], *given: object) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    work(*given)
    return time.perf_counter() - start


def table_times(of: Material, rounds: int) -> pd.DataFrame:
    """Seconds of each table (columns) in each round (rows); what the material keeps is made anew in each."""

    def one_round() -> dict[str, float]:
        fresh = replace(of)
        times = {entry.name: seconds(entry.computed, fresh) for entry in QUARTERLY}
        plan = [(entry.name, entry.keys, entry.computed(fresh), entry.about(fresh)) for entry in QUARTERLY]
        return {**times, "the gate, with what it derives": seconds(protect, plan, "board", 5)}

    one_round()
    return pd.DataFrame([one_round() for _ in range(rounds)])


def import_times(rounds: int) -> dict[str, float]:
    """Median seconds of a process that does nothing but one of the `IMPORTS`, by what it does."""

    def started(line: str) -> None:
        subprocess.run([sys.executable, "-c", line], check=True)

    def one_round() -> dict[str, float]:
        return {line: seconds(started, line) for line in IMPORTS}

    one_round()
    times = [one_round() for _ in range(rounds)]
    return {line: statistics.median(one[line] for one in times) for line in IMPORTS}


def main(rounds: int = ROUNDS) -> int:
    """Print the times beside what was asked; 1 if one is longer."""
    with tempfile.TemporaryDirectory() as folder:
        by_table = table_times(material(Path(folder)), rounds)
    measured, imports = by_table.sum(axis=1).median(), import_times(rounds)
    more = {line: imports[line] - imports[PANDAS] for line in (LIBRARY, NAMES)}
    print(f"{os.cpu_count()} cores, median of {rounds} rounds\n")
    print(f"{f'{by_table.shape[1]} tables measured':44}{measured:7.3f} s   asked: under {MEASURED_IN} s")
    for name, median in by_table.median().nlargest(5).items():
        print(f"    {name:40}{median:7.3f} s")
    for line, median in imports.items():
        print(f"{line:44}{median:7.3f} s")
    print(f"{'more than pandas: the library':44}{more[LIBRARY]:7.3f} s   asked: under {MORE_THAN_PANDAS} s")
    print(f"{'more than pandas: its names':44}{more[NAMES]:7.3f} s")
    return int(measured >= MEASURED_IN or more[LIBRARY] >= MORE_THAN_PANDAS)


if __name__ == "__main__":
    sys.exit(main(*(int(number) for number in sys.argv[1:2])))
