"""Whether the activities agree, as the Board reads it: held against the extracts, counted by `csv` alone."""

import csv
import re
from collections import Counter
from datetime import date, datetime

import pandas as pd
import pytest
from conftest import TOP
from ruamel.yaml import YAML

import qa_lib as qa
from qa_lib.intake.extracts import read_extracts
from qa_lib.report.activities import ACTIVITIES
from qa_lib.report.blocks import text_of
from qa_lib.report.findings import HIGH, LOW, MEDIUM, confidence_of
from qa_lib.report.ledger import series
from qa_lib.report.material import Material
from qa_lib.settings.framework import Confidence

YEAR = (date(2012, 8, 1), date(2013, 7, 31))
"""The twelve months that end with the report's period."""
CODEBOOK = YAML(typ="safe").load((TOP / "params" / "example" / "codebook.yml").read_text(encoding="utf-8"))
NAMES = {name: key for key, theme in CODEBOOK["themes"].items() for name in (key, theme["label"])}
ISSUES = {
    "E1": "strategy_meetings", "E2": "chronologies", "E3": "drift_delay", "E4": "timely_response", "E5": "supervision",
    "E6": "transfers", "E7": "challenge", "E8": "thresholds", "E9": "conference_core_group", "E10": "fathers",
    "E11": "early_help",
}  # fmt: skip
"""The action plan's issues by number, as the codebook names their themes."""
OTHERS = {"Q1": "children_in_need", "Q2": "direct_work", "Q4": "recording"}


def observations(council):
    """Every observation of the year, by `csv` alone."""
    for path in sorted((council / "extracts" / "example").glob("evidence_*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                day = datetime.strptime(row["date"], "%d/%m/%Y").date()  # noqa: DTZ007
                if YEAR[0] <= day <= YEAR[1]:
                    yield row


@pytest.fixture(scope="module")
def section(pack):
    """The words of the section on the page."""
    html = (pack / "report.html").read_text(encoding="utf-8")
    start = html.index('id="whether-other-activities-agree"')
    return " ".join(re.sub(r"<[^>]*>", " ", html[start : html.index("<h2", start)]).split())


def test_what_came_ready_made_is_counted_as_it_stands(council, facts):
    made, noted = Counter(), Counter()
    for row in observations(council):
        made[row["activity"]] += 1
        if row["activity"] in {"cpa_escalations", "iro_escalations"}:
            parts = {part.strip() for part in row["theme"].split(";") if part.strip()}
            for theme in {ISSUES.get(part) or OTHERS.get(part) or NAMES[part] for part in parts}:
                noted[row["activity"], theme] += row["polarity"] == "development"
    assert sum(noted.values()) > 300
    for activity, of in made.items():
        rows = [name for name in facts if re.fullmatch(rf"ledger\.\w+\.{activity}\.of", name)]
        assert {facts[name] for name in rows} == {of}, activity
    for (activity, theme), n in noted.items():
        shown = facts.get(f"ledger.{theme}.{activity}.n")
        assert shown == n if n > 5 else shown is None, (activity, theme)


def test_what_is_read_in_texts_lies_near_what_was_planted(council, facts):
    """Half of the planted phrases are unknown to the codebook: it finds those that hold one of its terms."""
    ids = {row["evidence_id"]: row["activity"] for row in observations(council) if not row["theme"]}
    planted = Counter()
    with (council / "extracts" / "example" / "truth" / "observations.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["evidence_id"] in ids and row["polarity"] == "development" and row["half"] != "trap":
                planted[row["activity"], row["theme"]] += 1
    often = {key: n for key, n in planted.items() if n >= 25}
    assert len(often) >= 8
    for (activity, theme), n in often.items():
        assert 0.4 * n <= facts[f"ledger.{theme}.{activity}.n"] <= 1.15 * n, (activity, theme)


def test_the_eleven_issues_recur_and_the_page_says_what_fell_just_short(facts, section):
    verdicts = {
        name.split(".")[1]: value for name, value in facts.items() if re.fullmatch(r"recurring\.\w+\.verdict", name)
    }
    assert {theme for theme, verdict in verdicts.items() if verdict == "recurring"} == set(ISSUES.values())
    assert verdicts["direct_work"] == "just short"
    assert "Just short of it: Direct work with children" in section


def test_the_page_says_which_activity_was_first_and_which_contradict_each_other(facts, section):
    early = "Responding to families in good time , an early warning: Complaints note it as a need more often since "
    early += "November 2012 to January 2013"
    assert early in section
    n, of = facts["ledger.direct_work.complaints.n"], facts["ledger.direct_work.complaints.of"]
    assert re.search(
        rf"Direct work with children , a contradiction\. Noted more as a strength by Audits, [\d]+ of [\d]+ \(\d+%\); "
        rf"more as a need by Complaints, {n} of {of}",
        section,
    )
    less = "Strategy meetings : Reviewing officers note it as a need less often since February to April"
    assert less in section
    assert section.count("an early warning") == 1
    assert section.count("a contradiction") == 1


def opened(home, plan=ACTIVITIES):
    return qa.open_report(home / "params" / "example" / "2013_q1.yml", plan)


def rewritten(home, change):
    """Every evidence file once more, its rows changed."""
    for path in (home / "extracts" / "example").glob("evidence_*.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        with path.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, rows[0].keys())
            writer.writeheader()
            writer.writerows(change(rows))


def said(report):
    across = qa.across(*(report[name] for name in ("recurring", "pointing", "ledger", "ledger_strengths")))
    return [text_of(item) for block in across.blocks for item in block.items]


def test_the_order_of_rows_and_files_and_an_activity_without_rows_change_nothing(council, copy_of_council):
    before = opened(council)
    rewritten(copy_of_council, lambda rows: rows[::-1])
    params = copy_of_council / "params" / "example" / "2013_q1.yml"
    text = params.read_text(encoding="utf-8")
    files = re.findall(r" +- \.\./\.\./extracts/example/evidence_\S+\n", text)
    params.write_text(text.replace("".join(files), "".join(reversed(files))), encoding="utf-8")
    framework = copy_of_council / "params" / "example" / "framework.yml"
    more = framework.read_text(encoding="utf-8").replace("activities: ", "activities: ", 1)
    more = more.replace("  supervision_audits:", "  peer_reviews: Peer reviews\n  supervision_audits:", 1)
    framework.write_text(more, encoding="utf-8")
    after = opened(copy_of_council)
    assert said(after) == said(before)
    for name in ("ledger", "ledger_strengths", "pointing", "recurring", "activities", "voices"):
        pd.testing.assert_frame_equal(after[name].table, before[name].table)


def test_renaming_an_activity_changes_its_name_and_nothing_else(council, copy_of_council):
    rewritten(copy_of_council, lambda rows: [
        {**row, "activity": row["activity"].replace("complaints", "letters")} for row in rows
    ])  # fmt: skip
    framework = copy_of_council / "params" / "example" / "framework.yml"
    text = framework.read_text(encoding="utf-8").replace(
        "  complaints: {label: Complaints,", "  letters: {label: Letters,"
    )
    framework.write_text(text, encoding="utf-8")
    for path in (copy_of_council / "extracts" / "example").glob("actions_*.csv"):
        named = path.read_text(encoding="utf-8").replace(".complaints,", ".letters,")
        path.write_text(named, encoding="utf-8", newline="\n")
    assert [words.replace("Letters", "Complaints") for words in said(opened(copy_of_council))] == said(opened(council))


def test_without_evidence_the_section_says_that_there_is_none(copy_of_council):
    params = copy_of_council / "params" / "example" / "2013_q1.yml"
    text = re.sub(r"  evidence:.*\n(    - .*\n)+", "", params.read_text(encoding="utf-8"))
    params.write_text(text, encoding="utf-8")
    report = opened(copy_of_council)
    assert all(report[name].is_empty for name in ("activities", "ledger", "pointing", "recurring", "voices"))
    assert not qa.across(*(report[name] for name in ("recurring", "pointing", "ledger", "ledger_strengths"))).blocks


@pytest.mark.parametrize(("noting", "label"), [(None, HIGH), (4, HIGH), (3, HIGH), (2, MEDIUM), (1, LOW)])
def test_a_label_is_no_better_than_the_activities_that_say_the_same(noting, label):
    rows = pd.DataFrame({"base": [500], "low": [0.5], "high": [0.55]})
    assert confidence_of(rows, Confidence(), 0.9, noting) == label


def test_audits_without_comments_are_not_told_by_subtraction(copy_of_council):
    """Three audits of one quarter say nothing: all audits of the year less those with comments would tell it."""
    path = copy_of_council / "extracts" / "example" / "audits_2012_q4.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows[:3]:
        row.update(dict.fromkeys(("strengths", "areas_for_development", "child_view", "parent_view", "actions"), ""))
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    report = opened(copy_of_council)
    for name in ("ledger", "ledger_strengths"):
        table = report[name].table
        own = table[table["activity"] == "case_file_audits"]
        assert len(own)
        assert own[["n", "of", "left_out", "share"]].isna().all(axis=None)
    made = report["activities"].table.set_index("group")["observations"]
    assert made["case_file_audits"] == ""
    assert made["complaints"] != ""
    assert set(report["recurring"].table["of"]) == {11}
    assert "an early warning" not in " ".join(said(report))  # it is not known how often the audits note it


def test_no_count_of_the_year_gives_away_a_small_quarter(council):
    """The audits' year less the quarters that reports show leaves no count from one to five."""
    report = opened(council)
    year = report["ledger"].table
    shown = set(year.loc[(year["activity"] == "case_file_audits") & year["n"].notna(), "group"])
    assert report.params.hide_up_to == 5
    quarters = series(Material(report.params, read_extracts(report.params)), "development")
    quarters = quarters[quarters["activity"] == "case_file_audits"]
    small = set(quarters.loc[quarters["n"].between(1, 5), "group"])
    assert small
    assert not small & shown
