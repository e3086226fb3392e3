"""What the invented council's other activities saw, and its action plan, are as their truth says.

Counts are compared with the shares that `truth/evidence.json` states, within four standard errors of a sum of
independent draws, sqrt(sum of p * (1 - p)), and one; what must be so in every council is read off the files of one of
the usual size.
"""

import csv
import json
import math
import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from qa_lib.example.actions import action_rows, draw_urgent
from qa_lib.example.auditors import draw_auditors
from qa_lib.example.diary import draw_diary
from qa_lib.example.evidence import draw_observations
from qa_lib.example.gradings import draw_gradings
from qa_lib.example.moderation import draw_second_looks, moderation_rows
from qa_lib.example.observed import draw_said, evidence_rows, planted_rows
from qa_lib.example.words import read_words
from qa_lib.intake.extracts import check_extracts
from qa_lib.intake.rules import Rules
from qa_lib.measures.themes import passages
from qa_lib.settings.codebook import Codebook
from qa_lib.settings.framework import Framework
from qa_lib.settings.yaml import read_settings

PARAMS = Path(__file__).parents[1] / "params" / "example"
QUARTERS = {  # by name: first day, last day (May to July is the first quarter)
    "2011_q4": (date(2012, 4, 1), date(2012, 4, 30)), "2012_q1": (date(2012, 5, 1), date(2012, 7, 31)),
    "2012_q2": (date(2012, 8, 1), date(2012, 10, 31)), "2012_q3": (date(2012, 11, 1), date(2013, 1, 31)),
    "2012_q4": (date(2013, 2, 1), date(2013, 4, 30)), "2013_q1": (date(2013, 5, 1), date(2013, 7, 31)),
    "2013_q2": (date(2013, 8, 1), date(2013, 10, 31)), "2013_q3": (date(2013, 11, 1), date(2014, 1, 31)),
}  # fmt: skip
A_YEAR = {  # observations in a council of the usual size
    "complaints": 150, "feedback": 170, "supervision_audits": 100, "cpa_escalations": 120, "iro_escalations": 200,
    "proceedings": 60, "external_audits": 40, "themed_audits": 80, "learning": 50, "management_reviews": 40,
}  # fmt: skip
GIVEN = {"cpa_escalations", "iro_escalations"}
PRAISE = {"feedback", "learning", "external_audits", "themed_audits"}
ISSUES = {  # the eleven of the action plan
    "E1": "strategy_meetings", "E2": "chronologies", "E3": "drift_delay", "E4": "timely_response", "E5": "supervision",
    "E6": "transfers", "E7": "challenge", "E8": "thresholds", "E9": "conference_core_group", "E10": "fathers",
    "E11": "early_help",
}  # fmt: skip
THE_YEAR = [f"2012-{month:02d}" for month in range(8, 13)] + [f"2013-{month:02d}" for month in range(1, 8)]
REGISTERS = {  # by name: the day that it shows
    "2013-01": date(2013, 1, 31), "2013-04": date(2013, 4, 30), "2013-07": date(2013, 7, 31),
    "2013-10": date(2013, 10, 31), "2014-01": date(2014, 1, 31),
}  # fmt: skip
PLAN = [*ISSUES, "Q4", "L1"]
CODEBOOK = read_settings(PARAMS / "codebook.yml", Codebook)
LEXICON = read_words()


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day_first(text):
    day, month, year = map(int, text.split("/"))
    return date(year, month, day)


def said_of(audits, seed):
    """Every observation of a council, in words, without the rest of the council."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return draw_said(rng, draw_observations(rng, audits), LEXICON)


@pytest.fixture(scope="module")
def extracts(council):
    """The files of the council of the usual size."""
    return council / "extracts" / "example"


@pytest.fixture(scope="module")
def truth(extracts):
    return json.loads((extracts / "truth" / "evidence.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def observations(extracts):
    return [row for name in QUARTERS for row in rows_of(extracts / f"evidence_{name}.csv")]


@pytest.fixture(scope="module")
def registers(extracts):
    """Each register by the ids of its actions, in the order of time."""
    return {name: {row["action_id"]: row for row in rows_of(extracts / f"actions_{name}.csv")} for name in REGISTERS}


@pytest.fixture(scope="module")
def large():
    """The observations of a council of 20,000 audits, and how many noted what, by activity and month."""
    said = said_of(20_000, 7)
    month = {one.seen.evidence_id: f"{one.seen.day:%Y-%m}" for one in said}
    of = Counter((one.seen.activity, month[one.seen.evidence_id]) for one in said)
    planted = [row for row in planted_rows(said) if row[4] != "trap"]
    return said, of, Counter((row[1], row[2], row[3], month[row[0]]) for row in planted), planted


def about(count, chances):
    """Whether a count is what these chances let expect."""
    return abs(count - sum(chances)) <= 4 * math.sqrt(sum(p * (1 - p) for p in chances)) + 1


# --- what is in the files ------------------------------------------------------------------------------


def test_every_activity_hands_over_as_many_observations_as_stated(observations, truth):
    of = Counter(row["activity"] for row in observations)
    assert truth["a_year"] == A_YEAR
    assert of == {activity: round(a_year * 22 / 12) for activity, a_year in A_YEAR.items()}


def test_ids_stand_once_over_all_files_and_begin_alike_in_one_activity(observations):
    assert len({row["evidence_id"] for row in observations}) == len(observations)
    begins = {(row["activity"], row["evidence_id"].split("-")[0]) for row in observations}
    assert len(begins) == len({letters for _, letters in begins}) == len(A_YEAR)


@pytest.mark.parametrize("name", QUARTERS)
def test_a_file_holds_the_days_of_its_quarter_in_order_and_every_month_of_it(extracts, name):
    days = [day_first(row["date"]) for row in rows_of(extracts / f"evidence_{name}.csv")]
    first, last = QUARTERS[name]
    assert days == sorted(days)
    assert first <= days[0] <= days[-1] <= last
    assert {day.month for day in days} == {(first + timedelta(days=n)).month for n in range((last - first).days + 1)}
    assert {day.weekday() for day in days} <= set(range(5))


def test_services_share_the_observations_as_they_share_the_cases(large, truth):
    names = list(truth["share_of_observations"])
    of = Counter(names[one.seen.service] for one in large[0])
    for name, share in truth["share_of_observations"].items():
        assert about(of[name], [share] * len(large[0]))


def test_the_smallest_council_has_two_observations_or_more_of_every_activity():
    of = Counter(one.seen.activity for one in said_of(22, 1))
    assert set(of) == set(A_YEAR)
    assert min(of.values()) == 2


def test_the_same_chance_gives_the_same_rows_and_another_gives_others():
    first, again, other = ([*evidence_rows(said_of(220, seed), 3)] for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_rooms_that_were_there_before_draw_the_chances_that_they_drew(extracts):
    # They had the first twelve generators of the seed. The second looks come of the first, second and sixth of
    # these, the auditor list of the twelfth.
    when, what, *_, panel = (chances := np.random.Generator(np.random.PCG64(2013)).spawn(12))
    diary = draw_diary(when, 880)
    gradings = draw_gradings(what, diary)
    looks = draw_second_looks(chances[5], diary, gradings)
    written = [tuple(row.values()) for row in rows_of(extracts / "moderation_2013_q1.csv")]
    assert [*moderation_rows(looks, diary, 5)] == written
    listed = [tuple(row.values()) for row in rows_of(extracts / "auditors_2013-08.csv")]
    assert draw_auditors(panel, diary, gradings).rows == listed


# --- what they note ------------------------------------------------------------------------------------


@pytest.mark.parametrize("activity", A_YEAR)
def test_themes_are_noted_at_the_stated_rates(large, truth, activity):
    _, of, noted, _ = large
    for theme, by_polarity in truth["rates"][activity].items():
        for polarity, by_month in by_polarity.items():
            for months in (list(by_month), list(by_month)[:7], list(by_month)[7:10], list(by_month)[10:]):
                chances = [by_month[m] for m in months for _ in range(of[activity, m])]
                assert about(sum(noted[activity, theme, polarity, m] for m in months), chances), (theme, polarity)


def test_an_observation_notes_up_to_three_themes_and_no_theme_in_two_ways(large):
    for one in large[0]:
        assert len({theme for theme, _ in one.seen.noted}) == len(one.seen.noted) <= 3
    assert {len(one.seen.noted) for one in large[0]} == {0, 1, 2, 3}


def test_three_themes_fit_into_one_observation_whatever_the_month(truth):
    for rates in truth["rates"].values():
        for line in range(3):
            cells = [by_month for theme in list(rates)[line::3] for by_month in rates[theme].values()]
            assert max(sum(cell[month] for cell in cells) for month in cells[0]) < 1


def test_strengths_are_noted_where_stated_and_at_eight_to_fifteen_in_a_hundred(truth):
    for activity, rates in truth["rates"].items():
        shares = {rate for by_polarity in rates.values() for rate in by_polarity["strength"].values()} - {0}
        assert bool(shares) == (activity in PRAISE)
        assert all(0.08 <= share <= 0.15 for share in shares)


def over_the_year(truth, activity, theme):
    """The share of the activity's observations of the year that note the theme as a need, by the truth."""
    by_month = truth["rates"][activity][theme]["development"]
    return sum(by_month[month] for month in THE_YEAR) / 12


@pytest.mark.parametrize("theme", ISSUES.values())
def test_an_issue_is_a_need_in_four_activities_even_if_a_search_finds_four_fifths_of_it(truth, theme):
    recurs = [
        activity
        for activity, a_year in A_YEAR.items()
        if over_the_year(truth, activity, theme) * 0.8 >= 0.125
        and over_the_year(truth, activity, theme) * 0.8 * a_year >= 12
    ]
    assert len(recurs) >= 4


@pytest.mark.parametrize("theme", ["children_in_need", "direct_work", "recording"])
def test_three_subjects_do_not_recur(truth, theme):
    often = [activity for activity in A_YEAR if over_the_year(truth, activity, theme) > 0.01]
    assert often == (["complaints"] if theme == "direct_work" else [])


@pytest.mark.parametrize("seed", range(3))
def test_a_reader_with_the_codebook_finds_the_eleven_and_no_other(seed):
    # The reader's rule, counted here: six observations or more, and a tenth or more of all that the activity made.
    said = [one for one in said_of(880, seed) if f"{one.seen.day:%Y-%m}" in THE_YEAR]
    of = Counter(one.seen.activity for one in said)
    activity = {one.seen.evidence_id: one.seen.activity for one in said}
    texts = pd.DataFrame(
        {
            "audit_id": list(activity), "period": "", "text": [one.text for one in said],
            "column": ["areas_for_development" if one.seen.activity == "complaints" else "" for one in said],
        }
    )  # fmt: skip
    found = passages(texts, CODEBOOK)
    notes = {(row.audit_id, row.theme) for row in found.itertuples() if row.polarity == "development"}
    notes |= {(one.seen.evidence_id, theme) for one in said for theme in CODEBOOK.named(one.theme)}
    counts = Counter((activity[evidence_id], theme) for evidence_id, theme in notes)
    recurs = Counter(theme for (key, theme), n in counts.items() if n >= 6 and n >= of[key] / 10)
    assert {theme for theme, activities in recurs.items() if activities >= 3} == set(ISSUES.values())


@pytest.mark.parametrize(("activity", "theme", "before", "since", "after"), [
    ("complaints", "timely_response", 0.05, "2012-11", 0.45),
    ("complaints", "direct_work", 0.28, "2012-04", 0.28),
    ("feedback", "timely_response", 0.03, "2013-02", 0.3),
    ("supervision_audits", "timely_response", 0.03, "2013-02", 0.3),
    ("iro_escalations", "strategy_meetings", 0.45, "2013-01", 0.14),
    ("cpa_escalations", "transfers", 0.3, "2012-04", 0.3),
])  # fmt: skip
def test_what_is_planted_moves_when_it_should(truth, activity, theme, before, since, after):
    by_month = truth["rates"][activity][theme]["development"]
    assert by_month == {month: before if month < since else after for month in by_month}


def test_no_other_activity_sees_slow_answers_before_february_2013(truth):
    for activity in set(A_YEAR) - {"complaints"}:
        by_month = truth["rates"][activity]["timely_response"]["development"]
        assert max(by_month[month] for month in by_month if month < "2013-02") <= 0.03


# --- in which words ------------------------------------------------------------------------------------


def test_themes_and_polarities_are_given_only_where_stated_and_as_the_action_plan_has_them(observations, extracts):
    given = defaultdict(set)
    for row in rows_of(extracts / "truth" / "observations.csv"):
        if row["given"] == "theme":
            given[row["evidence_id"]].add(row["theme"])
    spelt = {name for row in observations for name in row["theme"].split("; ") if row["theme"] and ";" in row["theme"]}
    for row in observations:
        assert row["polarity"] == ("development" if row["activity"] in GIVEN else "")
        assert set(CODEBOOK.named(row["theme"])) == given[row["evidence_id"]]
        assert (row["activity"] in GIVEN) or not row["theme"]
    assert {bool(re.fullmatch(r"[EQ]\d+", name)) for name in spelt} == {True, False}


def test_what_was_planted_stands_in_its_text_word_for_word(observations, extracts):
    text = {row["evidence_id"]: row["text"].casefold() for row in observations}
    planted = [row for row in rows_of(extracts / "truth" / "observations.csv") if row["given"] == "text"]
    words = defaultdict(list)
    for phrase in (*(p for several in LEXICON.phrases.values() for p in several), *LEXICON.traps):
        words[phrase.theme, phrase.polarity, phrase.half].append(phrase.words.casefold().removesuffix("."))
    assert {row["half"] for row in planted} == {"odd", "even", "trap"}
    for row in planted:
        stands = [w for w in words[row["theme"], row["polarity"], row["half"]] if w in text[row["evidence_id"]]]
        assert bool(stands) or row["misspelt"] == "1"


def test_words_around_the_themes_speak_of_none():
    words = LEXICON.sentences["evidence"]
    around = [*(words["escalated"] + words["naming"] + words["outcomes"])]
    around += [opening for openings in words["openings"].values() for opening in openings]
    texts = pd.DataFrame({"audit_id": around, "period": "", "column": "areas_for_development", "text": around})
    assert set(words["openings"]) == set(A_YEAR) - GIVEN
    assert passages(texts, CODEBOOK).empty


def test_slips_traps_and_names_come_at_the_stated_rates(large, truth):
    said, _, _, planted = large
    written = [one for one in said if one.seen.activity not in GIVEN]
    phrases = [row for row in planted if row[5] == "text"]
    rates, names = truth["word_rates"], LEXICON.sentences["names"]
    assert about(sum(row[6] == "1" for row in phrases), [rates["misspelt"]] * len(phrases))
    traps = sum(phrase.half == "trap" for one in written for phrase, _ in one.planted)
    assert about(traps, [rates["trap"]] * len(written))
    assert about(sum(any(name in one.text for name in names) for one in said), [rates["name"]] * len(written))


def test_what_came_of_it_is_known_as_often_as_stated(large, truth):
    came = Counter(one.outcome for one in large[0])
    changed = set(LEXICON.sentences["evidence"]["outcomes"])
    assert set(came) == {"", "No change", *changed}
    for outcomes, share in ((changed, "changed"), ({"No change"}, "No change"), ({""}, "")):
        assert about(sum(came[outcome] for outcome in outcomes), [truth["came_of_it"][share]] * len(large[0]))


# --- the registers of actions --------------------------------------------------------------------------


def test_every_register_holds_the_plan_and_what_was_urgent_until_its_day(registers):
    for name, day in REGISTERS.items():
        rows = registers[name]
        assert list(rows)[: len(PLAN)] == PLAN
        assert {row["as_at"] for row in rows.values()} == {str(day)}
        urgent = [row for row in rows.values() if row["urgent"] == "Yes"]
        assert [row["action_id"] for row in urgent] == list(rows)[len(PLAN) :]
        assert max(row["start"] for row in urgent) <= str(day)
    for earlier, later in pairwise(registers.values()):
        assert set(earlier) <= set(later)


STATUS = {  # register by register, as the dates of the plan say: Planned, In progress, Done
    "E1": "DDDDD", "E2": "IIIII", "E3": "PIIII", "E4": "PIIII", "E5": "IDDDD", "E6": "PIDDD", "E7": "IIIII",
    "E8": "DDDDD", "E9": "PIIII", "E10": "PPPPP", "E11": "IIIII", "Q4": "DDDDD", "L1": "DDDDD",
}  # fmt: skip


@pytest.mark.parametrize(("action", "course"), STATUS.items())
def test_a_status_follows_the_dates_and_nothing_else_of_an_action_changes(registers, action, course):
    rows = [register[action] for register in registers.values()]
    assert "".join(row["status"][0] for row in rows) == course
    assert [bool(row["done_on"]) for row in rows] == [letter == "D" for letter in course]
    changes = {"status", "done_on", "as_at", "evidence"}
    assert len({tuple(value for column, value in row.items() if column not in changes) for row in rows}) == 1


@pytest.mark.parametrize(("action", "held"), {
    "E1": {"measure": "ledger.strategy_meetings.iro_escalations", "direction": "down", "start": "December 2012",
           "done_on": "2012-12-20", "owner": "Head of First Response"},
    "E2": {"measure": "themes.chronologies.development", "direction": "down", "owner": "", "start": "", "due": ""},
    "E3": {"measure": "themes.drift_delay.development", "direction": "down", "start": "April 2013",
           "due": "June 2013"},
    "E4": {"measure": "ledger.timely_response.complaints", "direction": "down", "due": "March 2014"},
    "E5": {"measure": "by_domain.supervision", "direction": "up", "start": "January 2013", "due": "February 2013",
           "done_on": "2013-02-28", "asks": "by_domain.supervision"},
    "E6": {"measure": "ledger.transfers.cpa_escalations", "direction": "down", "start": "April 2013",
           "done_on": "2013-06-28"},
    "E7": {"measure": "", "due": "December 2013", "owner": "Head of Learning and Development"},
    "E8": {"measure": "", "done_on": "2013-01-31"},
    "E9": {"measure": "by_domain.planning", "direction": "up", "start": "February 2013", "due": "July 2013"},
    "E10": {"measure": "themes.fathers.development", "direction": "down", "due": "September 2013"},
    "E11": {"measure": "", "owner": "", "start": "", "due": ""},
    "Q4": {"measure": "by_domain.recording", "direction": "up", "start": "November 2012", "done_on": "2012-12-14",
           "asks": "by_domain.recording"},
    "L1": {"measure": "", "themes": "", "status": "Done"},
}.items())  # fmt: skip
def test_an_action_is_what_it_is_there_to_show(registers, extracts, action, held):
    assert held.items() <= registers["2013-07"][action].items()
    shown = json.loads((extracts / "truth" / "actions.json").read_text(encoding="utf-8"))["actions"]
    assert list(shown) == PLAN
    assert all(shown[action][column] == held[column] for column in {"measure", "direction", "done_on"} & set(held))


def test_an_action_names_the_theme_of_its_issue(registers):
    rows = registers["2013-07"]
    assert {action: CODEBOOK.named(rows[action]["themes"]) for action in ISSUES} == {
        action: (theme,) for action, theme in ISSUES.items()
    }
    assert CODEBOOK.named(rows["Q4"]["themes"]) == ("recording",)


@pytest.mark.parametrize("seed", range(5))
def test_the_action_that_worked_names_escalations_from_after_it_that_speak_of_something_else(seed):
    seen = [one.seen for one in said_of(880, seed)]
    by_id = {one.evidence_id: one for one in seen}
    before, *after = (next(iter(action_rows([], seen, day)))[10] for day in REGISTERS.values())
    assert before == ""
    for named, last in zip(after, list(REGISTERS.values())[1:], strict=True):
        assert len(named.split("; ")) == 3
        for one in map(by_id.__getitem__, named.split("; ")):
            assert one.activity == "iro_escalations"
            assert date(2013, 1, 31) < one.day <= last
            assert "strategy_meetings" not in dict(one.noted)


@pytest.mark.parametrize("seed", range(5))
def test_urgent_escalations_are_ten_a_year_and_close_in_nine_days_but_for_a_few(seed):
    chance, other = np.random.Generator(np.random.PCG64(seed)).spawn(2)
    urgent = draw_urgent(chance, draw_diary(other, 880))
    for last in list(REGISTERS.values())[1:]:  # before the first register lie ten months
        rows = [row for row in action_rows(urgent, [], last) if row[-1] == "Yes"]
        raised = [date.fromisoformat(row[5]) for row in rows]
        assert 8 <= sum(last - timedelta(days=365) < day <= last for day in raised) <= 12
        for row, day in zip(rows, raised, strict=True):
            assert row[9] == ("Done" if row[13] else "In progress")
            assert not row[13] or 1 <= (date.fromisoformat(row[13]) - day).days <= 9
    left = sum(not row[13] for row in rows)
    assert 1 <= left <= len(rows) // 4


def test_an_urgent_escalation_is_raised_on_the_day_of_an_audit(registers, extracts):
    by_case_system = ("2012_q2", "2012_q4", "2013_q2")
    audits = [row for name in by_case_system for row in rows_of(extracts / f"audits_{name}.csv")]
    days = {str(day_first(row["audit_date"])) for row in audits}
    raised = {row["start"] for row in registers["2014-01"].values() if row["urgent"] == "Yes"}
    quarters = [QUARTERS[name] for name in by_case_system]
    inside = {day for day in raised if any(first <= date.fromisoformat(day) <= last for first, last in quarters)}
    assert inside
    assert inside <= days


# --- at the door ---------------------------------------------------------------------------------------


def test_all_observations_and_all_registers_are_accepted_at_the_door(extracts, observations):
    framework = read_settings(PARAMS / "framework.yml", Framework)
    files = {
        "evidence": tuple(extracts / f"evidence_{name}.csv" for name in QUARTERS),
        "actions": tuple(extracts / f"actions_{name}.csv" for name in REGISTERS),
    }
    found = check_extracts(files, Rules(framework, date(2014, 2, 3)))
    assert [problem for extract in found for problem in extract.problems if problem.severity == "error"] == []
    assert sum(extract.rows_counted for extract in found if extract.kind.name == "evidence") == len(observations)


@pytest.mark.parametrize("name", ["2013_q1", "2013_q2", "2013_q3"])
def test_each_report_reads_five_quarters_of_evidence_and_the_last_three_registers(name):
    named = YAML(typ="safe").load((PARAMS / f"{name}.yml").read_text(encoding="utf-8"))["extracts"]
    last = list(QUARTERS).index(name)
    assert [Path(path).name for path in named["evidence"]] == [
        f"evidence_{quarter}.csv" for quarter in list(QUARTERS)[last - 4 : last + 1]
    ]
    newest = {"2013_q1": "2013-07", "2013_q2": "2013-10", "2013_q3": "2014-01"}[name]
    at = list(REGISTERS).index(newest)
    assert [Path(path).name for path in named["actions"]] == [
        f"actions_{register}.csv" for register in list(REGISTERS)[at - 2 : at + 1]
    ]
