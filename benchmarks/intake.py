"""How long does it take to check a large extract, and in how much memory, beside a plain read of the same file?

It makes an extract of 100,000 audits and 30 columns (or as many as you say),
checks it with `qa check` in a process of its own, and reads the same bytes with
`pandas.read_csv` in another. Both are whole processes: what an analyst waits for.
The memory is the most that the process, and the one that opened the file, held.
"""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).parents[1]
FRAMEWORK = TOP / "params" / "example" / "framework.yml"
GRADES = ["Outstanding", "Good", "Requires improvement", "Inadequate", "Not applicable", ""]
SERVICES = ["First Response", "Children in Care", "Disabled Children"]
DOMAINS = [
    "referral_response", "assessment", "planning", "review", "permanence_pathway", "recording", "supervision",
    "management_oversight", "direct_work", "overall_grade",
]  # fmt: skip
TEXTS = ["strengths", "areas_for_development", "child_view", "parent_view", "actions"]
ANSWERS = ["child_spoken_to", "parent_spoken_to", "worker_involved", "changed_something", "random_pick"]


def write_extract(path: Path, rows: int) -> int:
    """An extract of `rows` audits and 30 columns; returns its size in bytes."""
    dice = random.Random(1)  # noqa: S311  invented data
    words = [f"word{at}" for at in range(2_000)]
    fixed = ["audit_id", "case_id", "audit_date", "service", "team", "auditor", "audit_type", "allocated_on",
             "completed_on"]  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow([*fixed, *DOMAINS, *TEXTS, *ANSWERS, "form_version"])
        for at in range(rows):
            day = f"{1 + at % 28:02d}/{5 + at % 3:02d}/2013"
            about = [
                f"A{at:06d}",
                f"C{at % 9_000:05d}",
                day,
                dice.choice(SERVICES),
                f"T{at % 20}",
                f"P{at % 60}",
                "case",
            ]
            grades = dice.choices(GRADES, [10, 45, 30, 10, 3, 2], k=len(DOMAINS))
            texts = [" ".join(dice.choices(words, k=9)) for _ in TEXTS]
            writer.writerow([*about, day, day, *grades, *texts, *dice.choices(["Yes", "No"], k=len(ANSWERS)), "7"])
    return path.stat().st_size


def measured(command: list[str]) -> tuple[float, float]:
    """Seconds and megabytes of a whole process, those that it started included."""
    start = time.perf_counter()
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode:
        raise SystemExit(f"{command[1:4]} ended with {started.returncode}")
    return time.perf_counter() - start, used.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)


def main(rows: int = 100_000) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "audits.csv"
        size = write_extract(path, rows)
        ours = [sys.executable, "-m", "qa_lib", "check", str(path), "--framework", str(FRAMEWORK),
                "--period", "2013-05-01:2013-07-31", "--as-of", "2013-10-01"]  # fmt: skip
        plain = [sys.executable, "-c", "import sys, pandas; pandas.read_csv(sys.argv[1])", str(path)]
        print(f"{rows:,} rows, 30 columns, {size / 1e6:.0f} MB; {os.cpu_count()} cores")
        seconds = {}
        for name, command in (("qa check", ours), ("pandas.read_csv", plain)):
            seconds[name], megabytes = measured(command)
            print(f"{name:16} {seconds[name]:6.1f} s {megabytes:7.0f} MB")
        print(f"ratio            {seconds['qa check'] / seconds['pandas.read_csv']:6.1f}")


if __name__ == "__main__":
    main(*(int(number) for number in sys.argv[1:2]))
