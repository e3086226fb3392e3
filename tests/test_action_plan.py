"""The action plan on the page: a small council in which each action is known to have worked, or not.

Twenty audits a month from May 2012 to July 2013. Of these are good or better, by domain:

    planning       8 until December 2012, then 14      assessment    12 throughout
    recording     14 until December 2012, then 6       supervision   12 throughout
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from test_actions import register

from qa_lib.intake.actions import actions_of
from qa_lib.intake.audits import Audits
from qa_lib.intake.evidence import Evidence
from qa_lib.intake.extracts import Extracts
from qa_lib.measures import impact
from qa_lib.report.action_dates import action_dates_chart
from qa_lib.report.action_plan import ACTION_PLAN
from qa_lib.report.actions_book import write_actions
from qa_lib.report.activities import ACTIVITIES
from qa_lib.report.blocks import text_of_block
from qa_lib.report.disclosure import protect
from qa_lib.report.facts import facts_of, label_facts, numbers_in, settings_facts
from qa_lib.report.facts import shown as words_of
from qa_lib.report.markup import blocks_html
from qa_lib.report.material import Material
from qa_lib.report.narrative import tell
from qa_lib.report.plan_tables import plan_table
from qa_lib.report.plans import QUARTERLY
from qa_lib.report.tables import table
from qa_lib.report.words import unsaid
from qa_lib.settings.activities import Activity
from qa_lib.settings.codebook import Codebook
from qa_lib.settings.framework import Framework
from qa_lib.settings.period import Period
from qa_lib.settings.report import ReportParams
from qa_lib.settings.yaml import read_settings

EXAMPLE = Path(__file__).parents[1] / "params" / "example"
FRAMEWORK = read_settings(EXAMPLE / "framework.yml", Framework)
CODEBOOK = read_settings(EXAMPLE / "codebook.yml", Codebook)
QUARTER = Period("current", date(2013, 5, 1), date(2013, 7, 31))
MONTHS = [f"2012-{at:02d}" for at in range(5, 13)] + [f"2013-{at:02d}" for at in range(1, 8)]
GOOD = {"planning": (8, 14), "recording": (14, 6), "assessment": (12, 12), "supervision": (12, 12)}
WORDS = ("ladder", "areas", "asked_before", "next_plan", "register")
"""The tables of words."""

PLANTED = {
    "W1": ({"measure": "by_domain.planning", "start": "November 2012", "done_on": "2012-12-20"}, impact.SUSTAINED),
    "W2": ({"measure": "by_domain.planning.share", "start": "December 2012", "done_on": "2013-02-15"}, impact.BETTER),
    "N1": ({"measure": "by_domain.assessment", "start": "November 2012", "done_on": "2012-12-20"},
           impact.NO_CLEAR_CHANGE),
    "X1": ({"measure": "by_domain.recording", "start": "November 2012", "done_on": "2012-12-20"}, impact.WORSE),
    "T1": ({"measure": "by_domain.planning", "start": "June 2013", "done_on": "2013-07-05"}, impact.TOO_EARLY),
    "M1": ({"start": "June 2012", "done_on": "2012-09-03", "themes": "thresholds"}, impact.NO_MEASURE),
    "P1": ({"measure": "by_domain.supervision", "status": "open", "due": "June 2013"}, impact.NOT_DONE),
    "L1": ({"measure": "ledger.fathers.complaints", "start": "November 2012", "done_on": "2012-12-20"}, ""),
}  # fmt: skip
"""What each action is planted to show; of L1 nothing may be told, as 4 of 60 complaints before it are a small count."""


def audits() -> Audits:
    rows = [
        {"audit_id": f"A{month}-{at}", "case_id": f"C{month}-{at}", "audit_date": pd.Timestamp(f"{month}-10"),
         "month": month, "service": "First Response", "at": at}
        for month in MONTHS for at in range(20)
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    quarter = {**dict.fromkeys(MONTHS[-3:], "current"), **dict.fromkeys(MONTHS[-6:-3], "previous")}
    table["period"] = table["month"].map(quarter).fillna("trend")
    keys = table[["audit_id", "month", "period", "service"]]
    parts = []
    for domain, (before, after) in GOOD.items():
        good = table["at"] < table["month"].map(lambda month, b=before, a=after: b if month < "2013-01" else a)
        parts.append(keys.assign(domain=domain, grade=good.map({True: "Good", False: "Inadequate"})))
    gradings = pd.concat(parts, ignore_index=True).astype({"domain": "category", "grade": "category"})
    comments = keys.assign(column="strengths", text="Visits were on time.")
    return Audits(table.drop(columns="at"), gradings, comments)


def complaints(activity: str = "complaints", noting=lambda month: int(month > "2012-06")) -> Evidence:
    rows = [
        {"evidence_id": f"{month}/{at}", "activity": activity, "date": pd.Timestamp(f"{month}-12"), "month": month,
         "period": "trend", "service": "First Response", "theme": "fathers" if at < noting(month) else "",
         "polarity": "development", "text": "", "outcome": ""}
        for month in MONTHS for at in range(10)
    ]  # fmt: skip
    return Evidence(pd.DataFrame(rows))


def planted(**changed: dict[str, str]):
    shared = {"status": "done", "as_at": "2013-07-31", "owner": "Head", "due": "July 2013"}
    rows = [
        {"action_id": name, "concern": f"Concern of {name}", **shared, **cells, **changed.get(name, {})}
        for name, (cells, _) in PLANTED.items()
    ]
    return register(*rows)


def material(registers=None, audience: str = "board", framework: Framework = FRAMEWORK, evidence=None) -> Material:
    where, day = (Path("r.yml"), Path("n.ipynb")), date(2013, 10, 1)
    periods = (QUARTER, QUARTER.back(3, "previous"))
    params = ReportParams(*where, "T", periods, day, audience, framework, CODEBOOK, {})
    actions = actions_of(registers or [planted()], framework)
    return Material(params, Extracts(audits(), (), evidence=evidence or complaints(), actions=actions))


def shown(of: Material):
    needed = [entry for entry in QUARTERLY if entry.name in {"by_domain", "domains_compared", "themes"}]
    plan = [*needed, *ACTIVITIES, *ACTION_PLAN]
    tables = [(entry.name, entry.keys, entry.computed(of), entry.about(of)) for entry in plan]
    return protect(tables, of.params.audience, of.params.hide_up_to)


@pytest.fixture(scope="module")
def tables():
    return shown(material())


def blocks_of(tables) -> list:
    found = []
    for entry in ACTION_PLAN:
        published = tables[entry.name]
        for display in (tell(published), (plan_table if entry.name in WORDS else table)(published)):
            found += display.blocks if display else ()
    chart = action_dates_chart(tables["measure_trend"], tables["ladder"])
    return [*found, *(chart.blocks if chart else ())]


def ledger(tables, params):
    facts = settings_facts(params)
    for published in tables.values():
        facts |= facts_of(published) | label_facts(published)
    return facts


def unsaid_of(tables) -> list:
    """Numbers and words of direction on the page that no fact says, as the page's own gate finds them."""
    facts = ledger(tables, material().params)
    numbers = {number for fact in facts.values() if fact.source == "settings" for number in numbers_in(words_of(fact))}
    return [found for block in blocks_of(tables) for found in unsaid(block, facts, numbers) if found]


def ladder_of(tables, column: str = "shown") -> dict[str, str]:
    rows = tables["ladder"].table
    return dict(zip(rows["group"], rows[column], strict=True))


def test_each_action_shows_what_was_planted(tables):
    assert ladder_of(tables) == {name: word for name, (_, word) in sorted(PLANTED.items())}


def test_the_sentences_say_exactly_what_was_planted(tables):
    [bullets, *others] = [text_of_block(block) for block in tell(tables["ladder"]).blocks]
    told = {
        line[2:].partition(":")[0]: line.partition(f"{line[2:].partition(':')[0]}: ")[2] for line in bullets.split("\n")
    }
    assert set(told) == {"W1", "W2", "N1", "X1", "T1", "M1"}
    # Of 120 audits 48 were good before W1, of 140 since 98: 40% and 70%.
    assert "it seems to have worked, and that has lasted." in told["W1"]
    assert "30 points" in told["W1"]
    assert "it seems to have worked;" in told["W2"]
    assert "that this lasts cannot be said yet" in told["W2"]
    assert "it is done, and its measure shows no clear change (0 points;" in told["N1"]
    assert "it is done, and its measure is worse than before it (−40 points;" in told["X1"]
    assert "it is done; whether it works, it is too early to say." in told["T1"]
    assert "it is done; there is no measure" in told["M1"]
    assert any("does not show that the action did it" in other for other in others)
    assert any("too small to show" in other for other in others)


def test_of_a_small_count_nothing_is_told_but_on_the_working_copy(tables):
    assert "L1" not in text_of_block(tell(tables["ladder"]).blocks[0])
    [row] = [row for row in plan_table(tables["ladder"]).blocks[0].rows if row[0].text.startswith("L1")]
    assert [cell.mark for cell in row[1:]] == ["", "c", "c", "c"]
    assert ladder_of(shown(material(audience="working")))["L1"] == impact.NO_CLEAR_CHANGE


def test_a_small_window_is_hidden_also_where_all_of_its_count_lies_within_a_quarter():
    # June to November 2012: 4 complaints, all in September. February to July 2013: 48 of 60. Others in December.
    noting = {"2012-09": 4, "2012-12": 8, **dict.fromkeys(MONTHS[-6:], 8)}
    cells = {"measure": "ledger.fathers.complaints", "start": "December 2012", "done_on": "2013-01-03"}
    of = material([planted(L1=cells)], evidence=complaints(noting=lambda month: noting.get(month, 0)))
    row = shown(of)["ladder"].table.set_index("group").loc["L1"]
    assert row[["rung", "shown"]].tolist() == ["", ""]
    assert row[["share", "low", "high"]].isna().all()
    open_copy = replace(of, params=replace(of.params, audience="working"))
    assert ladder_of(shown(open_copy))["L1"] == impact.WORSE


def test_a_window_that_leaves_a_small_count_beside_a_quarter_keeps_its_words_and_loses_its_figures():
    # January to July, less the two quarters that are told, leave January: 4 of its 20 audits are then not good.
    of = material()
    gradings = of.extracts.audits.gradings
    january = (gradings["domain"] == "planning") & (gradings["month"] == "2013-01")
    flip = gradings.index[january & (gradings["grade"] == "Inadequate")][:2]
    changed = gradings.assign(grade=gradings["grade"].where(~gradings.index.isin(flip), "Good"))
    extracts = replace(of.extracts, audits=replace(of.extracts.audits, gradings=changed))
    rows = shown(Material(of.params, extracts))["ladder"].table.set_index("group")
    assert rows.loc["W1", "shown"] == impact.SUSTAINED
    assert rows.loc["W1", ["share", "low", "high"]].isna().all()
    assert rows.loc["X1", ["share", "low", "high"]].notna().all()


@pytest.mark.parametrize(("good", "told"), [(3, False), (12, True)])
def test_months_between_two_windows_are_not_told_by_subtraction(good, told):
    # Begun in February and done in March: the quarter February to April less the difference's April leaves those two.
    row = {"action_id": "P9", "concern": "c", "status": "done", "as_at": "2013-07-31", "due": "March 2013",
           "measure": "by_domain.planning", "start": "February 2013", "done_on": "2013-03-20"}  # fmt: skip
    of = material([register(row)])
    gradings = of.extracts.audits.gradings
    between = gradings.index[(gradings["domain"] == "planning") & gradings["month"].isin(["2013-02", "2013-03"])]
    grades = gradings["grade"].astype(str)
    grades[between] = ["Good"] * good + ["Inadequate"] * (len(between) - good)
    changed = gradings.assign(grade=grades.astype("category"))
    extracts = replace(of.extracts, audits=replace(of.extracts.audits, gradings=changed))
    found = shown(Material(of.params, extracts))["ladder"].table.set_index("group").loc["P9"]
    assert found["shown"] != ""
    assert found[["share", "low", "high"]].notna().all() == told


def test_the_trend_of_the_overall_grade_goes_where_a_month_of_it_is_hidden():
    row = {"action_id": "P9", "concern": "c", "status": "done", "as_at": "2013-07-31", "due": "March 2013",
           "measure": "overall.all", "start": "February 2013", "done_on": "2013-03-20"}  # fmt: skip
    of = material([register(row)])
    held = of.extracts.audits
    for fewest, spans_told in ((8, 5), (4, 0)):
        at = held.audits["audit_id"].str.rpartition("-")[2].astype(int)
        good = at < held.audits["month"].map(lambda month, n=fewest: n if month == "2012-11" else 10)
        overall = held.audits[["audit_id", "month", "period", "service"]].assign(
            domain="overall_grade", grade=good.map({True: "Good", False: "Inadequate"})
        )
        both = pd.concat([held.gradings.astype({"domain": str, "grade": str}), overall], ignore_index=True)
        both = both.astype({"domain": "category", "grade": "category"})
        extracts = replace(of.extracts, audits=replace(held, gradings=both))
        trend = shown(Material(of.params, extracts))["measure_trend"].table
        assert int(trend["n"].notna().sum()) == spans_told


def test_an_action_is_not_lifted_by_a_number_in_a_sentence_of_its_evidence():
    seen = {"299": pd.Timestamp("2013-06-01")}
    done = {"done_on": pd.Timestamp("2013-01-31")}
    for words, lifted in (("minutes of 250 pages, item 299", False), ("299", True), ("A1; 299", True), ("", False)):
        assert impact._is_seen({"evidence": words, **done}, seen) is lifted


def test_a_long_word_in_a_concern_is_not_cut_in_two():
    evil = "W" * 30 + "1234567890123" * 3
    found = shown(material([planted(W1={"concern": f"{evil} two words"})]))
    assert unsaid_of(found) == []


def test_every_number_and_word_of_direction_on_the_page_is_a_fact(tables):
    assert unsaid_of(tables) == []


def test_hostile_words_of_a_register_are_escaped_and_are_no_fault():
    evil = '<script>alert(7)</script> $x^2$ =cmd\n 12 children rose {n} "fell"'
    cells = {"concern": evil, "action": evil, "outcome": evil, "owner": evil, "evidence": evil}
    found = shown(material([planted(W1=cells, N1=cells)]))
    assert unsaid_of(found) == []
    assert "<script>alert" not in blocks_html(blocks_of(found))


def test_owners_evidence_and_escalations_are_printed_nowhere():
    secret = {"owner": "Ann Nightingale", "evidence": "minutes of Moss"}
    urgent = [{"action_id": f"S{at}", "concern": "Kayleigh at risk", "action": "Told", "outcome": "Safe",
               "urgent": "Yes", "start": f"{at:02d}/06/2013", "status": "done",
               "done_on": f"2013-06-{at + (1 if at < 11 else 12):02d}",
               "as_at": "2013-07-31", "measure": "by_domain.planning"} for at in range(3, 13)]  # fmt: skip
    rows = [{**row, "action_id": name, "concern": "c"} for name, row in (("W1", secret),)]
    found = shown(material([register(*rows, *urgent)]))
    text = blocks_html(blocks_of(found)) + str(ledger(found, material().params))
    for word in ("Nightingale", "Moss", "Kayleigh"):
        assert word not in text
    assert list(found["actions"].table["of"]) == [1]
    # Of 10 escalations 2 were closed late: how many in time is hidden with that, and the median of 10 may be told.
    [urgent_told] = [text_of_block(block) for block in tell(found["urgent"]).blocks]
    assert "audits raised: 10." in urgent_told
    assert "a number too small to show" in urgent_told
    assert "took 1 day or less" in urgent_told


def test_counts_of_actions_are_not_hidden(tables):
    [told] = [text_of_block(block) for block in tell(tables["actions"]).blocks]
    assert told == "Actions in the register, as they stood when the period ended: 8. Of these: Under way, 1; Done, 7."
    assert table(tables["actions"]).blocks[0].notes == ()
    [told] = [text_of_block(block) for block in tell(tables["overdue"]).blocks]
    assert told == "Past their due date, of those not done: 1 of 1. By how long: Up to three months, 1."
    [told] = [text_of_block(block) for block in tell(tables["gaps"]).blocks]
    assert told == "What is missing, of 8 that were not dropped: No measure, 1."


def test_an_area_has_the_actions_that_name_it_or_are_measured_by_it(tables):
    rows = tables["areas"].table.set_index("group")
    # Recording has 18 of 60 good or better, assessment and supervision 36 each, planning 42.
    assert rows.loc["by_domain.recording", ["why", "answered"]].tolist() == ["key area", "X1"]
    assert rows["answered"].str.split("; ").explode().isin([*PLANTED, "no action"]).all()


def test_what_the_last_report_asked_is_followed_up_by_what_the_register_names_too():
    asks = {"M1": {"asks": "by_domain.review.share"}, "W1": {"asks": "by_domain.p"},
            "P1": {"asks": "by_domain.supervision"}}  # fmt: skip
    rows = shown(material([planted(**asks)]))["asked_before"].table.set_index("group")
    assert rows.loc["by_domain.review", ["answered", "stands"]].tolist() == ["M1", "M1: done, no measure"]
    assert rows.loc["by_domain.supervision", "stands"] == "P1: under way"
    assert rows.loc["by_domain.recording", "stands"] == "X1: done, worse"
    assert "by_domain.p" not in rows.index


def test_the_annex_has_the_three_columns_of_the_committee(tables):
    [annex] = plan_table(tables["register"]).blocks
    assert annex.heads == ("Area of concern", "Proposed action", "Expected outcome")
    assert [cell.text for cell in annex.rows[0]] == ["L1: Concern of L1", "a", "o"]


def test_the_chart_has_its_words_and_the_figures_behind_it(tables):
    [chart] = action_dates_chart(tables["measure_trend"], tables["ladder"]).blocks
    assert text_of_block(chart).startswith("W1: better and sustained; W2: better; X1: worse; N1: no clear change\n")
    assert chart.table.heads[-1] == "May to July 2013"
    assert {row[0].text[:2]: row[-1].text for row in chart.table.rows} == {
        "W1": "42 of 60 (70%)", "W2": "42 of 60 (70%)", "X1": "18 of 60 (30%)", "N1": "36 of 60 (60%)",
    }  # fmt: skip


def test_renaming_an_activity_and_adding_an_empty_one_change_nothing(tables):
    activities = {("grumbles" if key == "complaints" else key): one for key, one in FRAMEWORK.activities.items()}
    other = FRAMEWORK.model_copy(update={"activities": {"silence": Activity(label="Nothing"), **activities}})
    plan = planted(L1={"measure": "ledger.fathers.grumbles"})
    found = shown(material([plan], framework=other, evidence=complaints("grumbles")))
    for name in ("actions", "overdue", "closing", "gaps", "ladder", "measure_trend", "areas", "asked_before"):
        pd.testing.assert_frame_equal(found[name].table, tables[name].table)


def test_without_a_register_each_table_says_so():
    of = material()
    nothing = shown(Material(of.params, replace(of.extracts, actions=None)))
    for entry in ACTION_PLAN:
        assert nothing[entry.name].is_empty
        assert "Not in this report" in text_of_block(tell(nothing[entry.name]).blocks[0])
    assert action_dates_chart(nothing["measure_trend"], nothing["ladder"]) is None


def test_the_working_paper_holds_the_windows_and_every_register(tmp_path):
    early = register({"action_id": "W1", "concern": "=1+1", "status": "open", "as_at": "2013-01-31"})
    write_actions(material([early, planted()]), tmp_path / "actions.xlsx")
    sheets = pd.read_excel(tmp_path / "actions.xlsx", sheet_name=None)
    row = sheets["Actions"].set_index("Action").loc["W1"]
    assert row[["Before", "Before, of", "Since", "Since, of", "Rung"]].tolist() == [48, 120, 98, 140, "sustained"]
    assert row[["Months before", "Months since"]].tolist() == ["2012-05 to 2012-10", "2013-01 to 2013-07"]
    assert row["Cases audited again"] == 0
    assert len(sheets["Registers"]) == 1 + len(PLANTED)
    assert sheets["Registers"]["Area of concern"][0] == "=1+1"  # text, no formula


def test_a_public_copy_can_be_made():
    found = shown(material(audience="public"))
    assert ladder_of(found)["W1"] == impact.SUSTAINED
    assert found["ladder"].table["share"].isna().all()  # its counts are rounded
    assert list(found["actions"].table["n"]) == [1, 7]  # but not those of actions
    assert blocks_of(found)


def test_a_register_of_escalations_alone_has_no_actions(tmp_path):
    alone = [register({"action_id": "S1", "urgent": "Yes", "start": "03/06/2013", "as_at": "2013-07-31"})]
    found = shown(material(alone))
    assert all(found[entry.name].is_empty for entry in ACTION_PLAN if entry.name != "urgent")
    assert blocks_of(found)
    write_actions(material(alone), tmp_path / "actions.xlsx")
    assert pd.read_excel(tmp_path / "actions.xlsx", sheet_name=None)["Actions"]["Status"].isna().all()


def test_a_measure_of_what_the_extracts_do_not_hold_is_too_early_to_say_anything_of():
    cells = {name: {"measure": measure} for name, measure in (("W1", "voice.child_spoken_to"), ("X1", "overall.all"),
             ("N1", "themes.fathers.strength"))}  # fmt: skip
    found = shown(material([planted(**cells)]))
    assert [ladder_of(found)[name] for name in ("W1", "X1")] == [impact.TOO_EARLY] * 2
    assert ladder_of(found)["N1"] == impact.NO_CLEAR_CHANGE  # every audit has comments, and none of these notes fathers
