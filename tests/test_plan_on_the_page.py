"""The action plan, as the Board reads it: held against registers and extracts, counted without the library."""

import calendar
import csv
import re
from collections import Counter
from datetime import date, datetime
from html import unescape

import openpyxl
import pytest
from test_golden_facts import ON_SCALE, SPELLINGS, rows_of

LAST = date(2013, 7, 31)


@pytest.fixture(scope="module")
def plan(council):
    """The latest register, without the escalations."""
    path = council / "extracts" / "example" / "actions_2013-07.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["action_id"]: row for row in csv.DictReader(lines) if row["urgent"] != "Yes"}


@pytest.fixture(scope="module")
def section(pack):
    html = (pack / "report.html").read_text(encoding="utf-8")
    start = html.index('id="the-action-plan"')
    return " ".join(re.sub(r"<[^>]*>", "", html[start : html.index("<h2", start)]).split())


def good(council, domain, first, last):
    """Gradings of a domain that are good or better, of those on the scale, in some months."""
    grades = [
        SPELLINGS.get(row[domain], row[domain])
        for row in rows_of(council / "extracts" / "example")
        if first <= row["audit_date"] <= last
    ]
    return sum(grade in ON_SCALE[:2] for grade in grades), sum(grade in ON_SCALE for grade in grades)


def escalations(council, first, last):
    """Observations of reviewing officers that note strategy meetings as a need, of all that they made."""
    noted = of = 0
    for path in (council / "extracts" / "example").glob("evidence_*.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                day = datetime.strptime(row["date"], "%d/%m/%Y").date()  # noqa: DTZ007
                if row["activity"] == "iro_escalations" and first <= day <= last:
                    themes = {part.strip() for part in row["theme"].split(";")}
                    of += 1
                    noted += bool(themes & {"E1", "Strategy meetings", "strategy_meetings"})
    return noted, of


def test_the_register_is_counted_as_it_stands(plan, facts):
    statuses = Counter(row["status"].casefold() for row in plan.values())
    assert facts["actions.done.n"] == statuses["done"]
    assert facts["actions.under_way.n"] == statuses["in progress"]
    assert facts["actions.planned.n"] == statuses["planned"]
    assert facts["actions.done.of"] == len(plan)
    assert facts["gaps.no_owner.n"] == sum(not row["owner"] for row in plan.values())
    assert facts["gaps.no_measure.n"] == sum(not row["measure"] for row in plan.values())
    assert facts["gaps.no_due.n"] == sum(not row["due"] for row in plan.values())
    assert facts["gaps.no_area.n"] == sum(not row["themes"] and not row["measure"] for row in plan.values())
    assert facts["overdue.all.n"] == facts["overdue.up_to_3.n"] == 1  # E3, due June 2013; E9 is due in July itself


def test_an_action_that_worked_and_lasted_is_said_to(council, facts, section):
    before, after = (
        escalations(council, date(2012, 6, 1), date(2012, 11, 30)),
        escalations(council, date(2013, 1, 1), LAST),
    )
    assert before[0] / before[1] > 0.35
    assert after[0] / after[1] < 0.2
    assert "E1: Strategy meetings" in section
    words = "it seems to have worked, and that has lasted. Since it was done its measure is better"
    assert re.search(rf"E1: [^.]*?: {re.escape(words)}", section)
    assert facts["ladder.e1.rung"] == "sustained"


@pytest.mark.parametrize(
    ("action", "domain", "before", "since", "words"),
    [
        ("E5", "supervision", "2012-07 to 2012-12", "2013-03", "it is done, and its measure shows no clear change"),
        ("Q4", "recording", "2012-05 to 2012-10", "2013-01", r"it seems to have worked;"),
    ],
)
def test_a_difference_is_that_of_the_months_before_and_since(action, domain, before, since, words, request):
    council, facts, section = (request.getfixturevalue(name) for name in ("council", "facts", "section"))
    first, last = (date.fromisoformat(f"{month}-01") for month in before.split(" to "))
    n1, of1 = good(council, domain, first, last.replace(day=calendar.monthrange(last.year, last.month)[1]))
    n2, of2 = good(council, domain, date.fromisoformat(f"{since}-01"), LAST)
    assert facts[f"ladder.{action.casefold()}.share"] == pytest.approx(n2 / of2 - n1 / of1, abs=0.005)
    assert re.search(rf"{action}: [^.]*?: {words}", section)


def test_too_early_and_no_measure_are_said_in_these_words(section):
    assert re.search(r"E6: [^.]*?: it is done; whether it works, it is too early to say\.", section)
    for action in ("E8", "L1"):
        assert re.search(rf"{action}: [^.]*?: it is done; there is no measure that could show", section)
    for action in ("E2", "E3", "E4", "E7", "E9", "E10", "E11"):
        assert not re.search(rf"{action}: [^.]*?: it (seems to have worked|is done)", section)


def test_the_register_and_nothing_more_of_it_stands_in_the_annex(pack, plan):
    html = (pack / "report.html").read_text(encoding="utf-8")
    annex = unescape(html[html.index('id="annex-c-the-action-plan"') :])
    for row in plan.values():
        for column in ("concern", "action", "outcome"):
            assert row[column] in annex
    owners = {row["owner"] for row in plan.values() if row["owner"]}
    assert owners
    assert not any(owner in html for owner in owners)
    assert not any(row["evidence"] in html for row in plan.values() if row["evidence"])


def test_every_count_of_the_ledger_leads_to_its_passages(council, pack, facts):
    path = council / "outputs" / ".private" / "example" / "2013_q1" / pack.name / "passages.xlsx"
    book = openpyxl.load_workbook(path, read_only=True)
    noted = list(book["Noted"].iter_rows(values_only=True))
    heads, *cells = book["Ledger"].iter_rows(values_only=True)
    assert len(cells) > 50
    for cell in cells:
        row = dict(zip(heads, cell, strict=True))
        first, last = map(int, row["rows"].split(" to "))
        here = [dict(zip(noted[0], other, strict=True)) for other in noted[first - 1 : last]]
        assert {(one["theme"], one["activity"], one["polarity"]) for one in here} == {
            (row["theme"], row["activity"], row["polarity"])
        }
        assert len({one["id"] for one in here}) == row["n"]
    complaints = next(cell for cell in cells if cell[:3] == ("timely_response", "Complaints", "development"))
    assert complaints[3] == facts["ledger.timely_response.complaints.n"]
