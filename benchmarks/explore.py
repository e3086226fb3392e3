"""How long does an exploration take to answer, beside the plain sum that lies at its heart?

Audits are made up from a seed: 500, as many as a council does in a year, and 100,000. A service is chosen, a theme, a
domain; each choice is new. The screen shows its first section as soon as it is there, and then the others one by one;
both times are told. Beside them stands what would be written first: one `groupby` of the gradings of the choice,
without themes, gate or words.

Run it with a number for fewer rounds. It ends with exit code 1 if a first answer on 500 audits takes 0.3 seconds or
more, or one on 100,000 takes 2.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from qa_lib.intake.audits import Audits
from qa_lib.intake.extracts import Extracts
from qa_lib.report.choosing import Choice
from qa_lib.report.exploration import Exploration
from qa_lib.settings.kinds import OVERALL
from qa_lib.settings.report import ReportParams, read_report

TOP = Path(__file__).parents[1]
MONTHS = [f"{month:%Y-%m}" for month in pd.period_range("2012-05", "2013-07", freq="M")]
ASKED = {500: 0.3, 100_000: 2.0}  # seconds
WORDS = ("Father was not spoken to.", "Chronology is up to date.", "Plan has drifted.", "Visits are recorded well.", "")
SEED = 7


def audits(params: ReportParams, count: int) -> Audits:
    """So many audits with every domain graded and two boxes filled, in the shape of `intake.audits`."""
    chance, framework = np.random.default_rng(SEED), params.framework
    keys = pd.DataFrame(
        {
            "audit_id": [f"A{number:06}" for number in range(count)],
            "month": chance.choice(MONTHS, count),
            "service": pd.Categorical(chance.choice(framework.services, count), framework.services, ordered=True),
        }
    )
    keys["period"] = np.where(keys["month"] >= "2013-05", "current", "trend")
    domains, grades = [*framework.domains, OVERALL], [*framework.scale.allowed, "Not recorded"]
    graded = [keys.assign(domain=domain, grade=chance.choice(grades[:4], count)) for domain in domains]
    gradings = pd.concat(graded, ignore_index=True)
    gradings["domain"] = pd.Categorical(gradings["domain"], domains, ordered=True)
    gradings["grade"] = pd.Categorical(gradings["grade"], grades, ordered=True)
    filled = ("strengths", "areas_for_development")
    boxes = [keys.assign(column=box, text=chance.choice(WORDS, count)) for box in filled]
    comments = pd.concat(boxes, ignore_index=True)
    dated = keys.assign(audit_date=pd.to_datetime(keys["month"] + "-02"), case_id=keys["audit_id"])
    return Audits(dated, gradings, comments[comments["text"] != ""])


def choices(rounds: int) -> list[Choice]:
    """Choices that differ from each other in one thing after the other."""
    services = ("First Response", "Safeguarding and Support", "Children in Care", "Disabled Children")
    themes, domains = ("fathers", "chronologies", "drift_delay", "recording"), ("planning", "review", "assessment")
    found = [Choice(domain=domain) for domain in domains]
    found += [Choice(service=service, domain=domain) for domain in domains for service in services]
    found += [Choice(theme=theme, polarity="development") for theme in themes]
    found += [Choice(service=service, theme=theme) for service in services for theme in themes]
    return found[: max(rounds, 1)]


def main(rounds: int) -> int:
    """Print the medians; the exit code."""
    params = read_report(TOP / "params" / "example" / "2013_q1.yml")
    slow = False
    for count, asked in ASKED.items():
        made = audits(params, count)
        started = time.perf_counter()
        exploration = Exploration(params, Extracts(made, ()))
        exploration.look(Choice())
        opened = time.perf_counter() - started
        first, ours, plain = [], [], []
        for choice in choices(rounds):
            started = time.perf_counter()
            exploration.section(choice, "base")
            first.append(time.perf_counter() - started)
            exploration.look(choice)
            ours.append(time.perf_counter() - started)
            started = time.perf_counter()
            rows = made.gradings[made.gradings["service"] == choice.service] if choice.service else made.gradings
            rows[rows["period"] == "current"].groupby(["domain", "grade"], observed=True).size()
            plain.append(time.perf_counter() - started)
        median, answer = statistics.median(ours), max(first)
        print(
            f"{count:>7,} audits: opened in {opened:.1f} s; a new choice is answered in at most {answer:.2f} s (asked: "
            f"under {asked} s), all its sections are there in {median:.2f} s ({max(ours):.2f} s at most), "
            f"{median / statistics.median(plain):.0f} times one groupby"
        )
        slow |= answer >= asked
    return int(slow)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 35))
