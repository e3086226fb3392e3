"""Does the rule find the issues that recur, and leave the others alone?

The invented council is made from twenty seeds. In each the quarterly report's tables are measured from the extracts
alone, as the Board sees them; which issues were planted is read afterwards, to judge. The eleven of the action plan are
planted in several activities, the three other themes are not. Issues that were missed, and others that were called
recurring, are printed by name.

Run it with a number for more or fewer seeds. It ends with exit code 1 if a planted issue was missed, or if more than
one other was called recurring on average.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from qa_lib.example import write_council
from qa_lib.measures.recurring import RECURRING
from qa_lib.report.activities import ACTIVITIES
from qa_lib.report.open import open_report
from qa_lib.settings.report import read_report

TOP = Path(__file__).parent.parent
SEEDS = 20
PARAMS = Path("params") / "example" / "2013_q1.yml"


def called(home: Path) -> set[str]:
    """The themes that the report calls recurring."""
    table = open_report(home / PARAMS, ACTIVITIES)["recurring"].table
    return set(table.loc[table["verdict"] == RECURRING, "group"])


def main(seeds: int) -> bool:
    """Print what was found seed by seed; whether it was what was asked for."""
    missed, others = [], []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name in ("params", "notebooks"):
            shutil.copytree(TOP / name, home / name)
        for seed in range(1, seeds + 1):
            write_council(home / "extracts" / "example", seed=seed)
            themes = read_report(home / PARAMS).codebook.themes
            planted = {key for key, theme in themes.items() if theme.issue.startswith("E")}
            found = called(home)
            missed += sorted(planted - found)
            others += sorted(found - planted)
            print(f"seed {seed:2}: {len(planted & found)} of {len(planted)} found; "
                  f"missed: {', '.join(sorted(planted - found)) or 'none'}; "
                  f"others: {', '.join(sorted(found - planted)) or 'none'}", flush=True)  # fmt: skip
    print(f"\n{seeds} seeds: {len(missed)} missed; {len(others) / seeds:.2f} others on average")
    return not missed and len(others) <= seeds


if __name__ == "__main__":
    sys.exit(not main(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS))
