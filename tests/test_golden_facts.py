"""The invented council's figures, each readable, each counted again without the library.

`data/golden_facts.yml` holds one figure a row: the report, the name of the
figure, its value. The values were counted from the extracts with `csv` and
`openpyxl` alone, as `recount` below does it again.
"""

import csv
import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from ruamel.yaml import YAML

from qa_lib.report.facts import slug

GOLDEN = YAML(typ="safe").load((Path(__file__).parent / "data" / "golden_facts.yml").read_text(encoding="utf-8"))
PERIODS = {
    "current": (date(2013, 5, 1), date(2013, 7, 31)),
    "previous": (date(2013, 2, 1), date(2013, 4, 30)),
    "last_year": (date(2012, 5, 1), date(2012, 7, 31)),
}
SPELLINGS = {"Requires Improvment": "Requires improvement"}
ON_SCALE = ("Outstanding", "Good", "Requires improvement", "Inadequate")
FORM = {
    "Audit reference": "audit_id", "Case number": "case_id", "Date of audit": "audit_date", "Service": "service",
    "3. Planning": "planning",
    "1. Referral and response": "referral_response", "2. Assessment": "assessment", "4. Review": "review",
    "5. Adoption or pathway plan": "permanence_pathway", "6. Recording": "recording", "7. Supervision": "supervision",
    "8. Management oversight": "management_oversight", "9. Direct work": "direct_work",
    "10. Overall grade": "overall_grade", "Child spoken to?": "child_spoken_to",
    "Parent or carer spoken to?": "parent_spoken_to", "Social worker took part?": "worker_involved",
    "Did what you heard change anything?": "changed_something",
}  # fmt: skip
DOMAINS = (
    "referral_response", "assessment", "planning", "review", "permanence_pathway", "recording", "supervision",
    "management_oversight", "direct_work",
)  # fmt: skip
VOICES = ("child_spoken_to", "parent_spoken_to", "worker_involved", "changed_something")


def rows_of(folder: Path):
    """Every audit of the extracts as plain words, without the library."""
    for path in sorted(folder.glob("audits_*")):
        if path.suffix == ".csv":
            with path.open(encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines):
                    yield {**row, "audit_date": datetime.strptime(row["audit_date"], "%d/%m/%Y").date()}  # noqa: DTZ007
        else:
            [head, *body] = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
            for cells in body:
                row = {FORM.get(name, name): cell or "" for name, cell in zip(head, cells, strict=True)}
                yield {**row, "audit_date": row["audit_date"].date()}


def outcomes_of(folder: Path):
    """Service and outcome of every case allocated in the period, and whether it was looked at again; by csv alone."""

    def day(cell: str) -> date:
        return datetime.strptime(cell, "%d/%m/%Y").date()  # noqa: DTZ007

    def lines(pattern: str):
        for path in sorted(folder.glob(pattern)):
            with path.open(encoding="utf-8", newline="") as opened:
                yield from csv.DictReader(opened)

    first, last = PERIODS["current"]
    again = {row["audit_id"] for row in lines("moderation_*.csv")}
    audits = [row for row in rows_of(folder) if row["audit_date"] <= last]
    drawn = [{**row, "day": day(row["allocated_on"])} for row in lines("allocation_*.csv")]
    for row in drawn:
        if not first <= row["day"] <= last:
            continue
        later = [other["day"] for other in drawn if other["case_id"] == row["case_id"] and other["day"] > row["day"]]
        until = min(later, default=date.max)
        done = [a for a in audits if a["case_id"] == row["case_id"] and row["day"] <= a["audit_date"] < until]
        done = done and row["status"] == "allocated" and min(done, key=lambda audit: audit["audit_date"])
        if row["status"] != "allocated":
            outcome = row["status"]
        elif done:
            outcome = "completed_late" if done["audit_date"] > day(row["due"]) else "completed_in_time"
        else:
            outcome = "started" if row["started_on"] and day(row["started_on"]) <= last else "not_started"
        yield row["service"], outcome, bool(done) and done["audit_id"] in again


def counts_of_cases(folder: Path) -> Counter[str]:
    """The same as counts, by the names of facts."""
    counts: Counter[str] = Counter()
    cases = list(outcomes_of(folder))
    for service, outcome, looked_at_again in cases:
        counts[f"outcomes.all.{outcome}.n"] += 1
        counts[f"outcomes.all.{outcome}.of"] = len(cases)
        for group in (slug(service), "all"):
            counts[f"allocated_by_service.{group}.of"] += 1
        counts["steps.moderated.n"] += looked_at_again
        counts["steps.moderated.of"] += outcome.startswith("completed")
    return counts


@pytest.fixture(scope="module")
def recount(council) -> dict[str, int]:
    """Counts by the names of facts: `by_domain.planning.n`, `.of`, `.left_out` and so on."""
    counts = counts_of_cases(council / "extracts" / "example")

    def grade(name: str, cell: str) -> None:
        word = SPELLINGS.get(cell, cell)
        counts[f"{name}.n"] += word in ON_SCALE[:2]
        counts[f"{name}.of" if word in ON_SCALE else f"{name}.left_out"] += 1

    for row in rows_of(council / "extracts" / "example"):
        for period, (first, last) in PERIODS.items():
            if first <= row["audit_date"] <= last:
                grade(f"periods.{period}", row["overall_grade"])
                for domain in DOMAINS:
                    grade(f"domains_compared.{domain}.{period}", row[domain])
        if PERIODS["current"][0] <= row["audit_date"] <= PERIODS["current"][1]:
            for group in (slug(row["service"]), "all"):
                counts[f"allocated_by_service.{group}.n"] += 1
            counts["completion.all.n"] += 1
            counts[f"completion.{row['audit_date']:%Y_%m}.n"] += 1
            grade("overall.all", row["overall_grade"])
            for domain in DOMAINS:
                grade(f"by_domain.{domain}", row[domain])
            for voice in VOICES:
                counts[f"voice.{voice}.n"] += row[voice] == "Yes"
                counts[f"voice.{voice}.of" if row[voice] in ("Yes", "No") else f"voice.{voice}.left_out"] += 1
    return counts


@pytest.fixture(scope="module")
def facts(pack) -> dict[str, float]:
    ledger = json.loads((pack / "facts.json").read_text(encoding="utf-8"))["facts"]
    return {fact["name"]: fact["value"] for fact in ledger}


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: row["fact"])
def test_a_golden_fact_stands_in_the_pack_and_can_be_counted_again(row, facts, recount):
    assert facts[row["fact"]] == row["value"] == recount[row["fact"]]


def test_every_count_of_the_pack_is_the_one_counted_without_the_library(facts, recount):
    tables = ("by_domain.", "domains_compared.", "periods.", "voice.", "overall.", "completion.", "outcomes.")
    tables += ("allocated_by_service.",)
    compared = [name for name in facts if name.startswith(tables) and name.endswith((".n", ".of", ".left_out"))]
    compared = [name for name in compared if not (name.startswith("completion.") and not name.endswith(".n"))]
    assert len(compared) > 100
    assert {name: facts[name] for name in compared} == {name: recount[name] for name in compared}
