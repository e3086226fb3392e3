"""The register of actions: read from one to the next, checked, counted by hand, and held against the evidence."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_lib.intake.actions import actions_of
from qa_lib.intake.checks import parse_loose_date
from qa_lib.intake.extracts import check_extracts
from qa_lib.intake.promises import followed, measures_of, plain_name
from qa_lib.intake.reading import Extract
from qa_lib.intake.rules import Rules
from qa_lib.measures import impact
from qa_lib.measures.register import closing, gaps, on_day, overdue, statuses, urgent
from qa_lib.report.facts import slug
from qa_lib.settings.codebook import Codebook
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import ACTIONS, DAY, LOOSE_DAY
from qa_lib.settings.yaml import read_settings

EXAMPLE = Path(__file__).parents[1] / "params" / "example"
FRAMEWORK = read_settings(EXAMPLE / "framework.yml", Framework)
CODEBOOK = read_settings(EXAMPLE / "codebook.yml", Codebook)
RULES = Rules(FRAMEWORK, date(2013, 10, 1), codebook=CODEBOOK)
JULY = pd.Timestamp("2013-07-31")


def register(*rows: dict[str, str], file: str = "register.csv") -> Extract:
    """A register as the reading room hands it on."""
    filled = [{"concern": "c", "action": "a", "outcome": "o", **row} for row in rows]
    table = pd.DataFrame(filled, index=range(2, 2 + len(rows)), dtype="str").fillna("")
    for column, holds in ACTIONS.columns.items():
        if column in table and holds == DAY:
            table[column] = pd.to_datetime(table[column].replace("", None))
        if column in table and holds == LOOSE_DAY:
            spans = table[column].map(parse_loose_date)
            for at, end in enumerate(("first", "last")):
                days = pd.Series([span and span[at] for span in spans], table.index)
                table[f"{column}_{end}"] = pd.to_datetime(days)
    table["period"] = "current"
    return Extract(ACTIONS, file, ids=table["action_id"].str.casefold(), table=table)


def told(*registers: Extract, rules: Rules = RULES) -> set[tuple[str, str, str, tuple[int, ...]]]:
    found = followed(registers, rules)
    return {(p.file, p.severity, p.code, p.rows) for extract in found for p in extract.problems}


WHOLE = {"owner": "Head", "measure": "by_domain.planning", "due": "July 2013", "start": "May 2013"}

# --- one register after another ---------------------------------------------------------------------------------------

JANUARY = {"as_at": "2013-01-31"}
APRIL = {"as_at": "2013-04-30"}


def test_the_latest_register_by_its_own_day_says_how_an_action_stands():
    early = register({"action_id": "E1", "status": "Planned", **JANUARY})
    late = register({"action_id": "e1", "status": "In Progress", **APRIL})
    for files in ((early, late), (late, early)):
        actions = actions_of(files, FRAMEWORK)
        assert actions.register[["status", "status_written", "as_at"]].to_numpy().tolist() == [
            ["under way", "In Progress", pd.Timestamp("2013-04-30")]
        ]
        assert actions.history[["register", "status"]].to_numpy().tolist() == [[1, "planned"], [2, "under way"]]


def test_registers_without_a_day_count_in_the_order_of_the_files():
    first, second = register({"action_id": "E1", "status": "done"}), register({"action_id": "E1", "status": "planned"})
    assert actions_of([first, second], FRAMEWORK).register["status"].tolist() == ["planned"]
    assert actions_of([second, first], FRAMEWORK).register["status"].tolist() == ["done"]


def test_an_action_is_done_since_the_first_register_that_says_so_without_a_break():
    days = ["2013-01-31", "2013-04-30", "2013-07-31", "2013-10-31"]
    words = ["Done", "open", "completed", "closed"]  # done, reopened, done again
    files = [register({"action_id": "E1", "status": s, "as_at": d}) for s, d in zip(words, days, strict=True)]
    assert actions_of(files, FRAMEWORK).register["done_on"].tolist() == [pd.Timestamp("2013-07-31")]
    files[3] = register({"action_id": "E1", "status": "closed", "as_at": days[3], "done_on": "2013-07-02"})
    assert actions_of(files, FRAMEWORK).register["done_on"].tolist() == [pd.Timestamp("2013-07-02")]


def test_a_day_that_a_later_register_corrects_is_the_later_one():
    days = {"2013-04-30": "2013-04-02", "2013-07-31": "2013-04-12"}
    files = [register({"action_id": "E1", "status": "done", "as_at": at, "done_on": on}) for at, on in days.items()]
    assert actions_of(files, FRAMEWORK).register["done_on"].tolist() == [pd.Timestamp("2013-04-12")]


def test_two_files_of_one_day_are_one_register():
    files = [register({"action_id": name, "status": "open", **APRIL}) for name in ("E1", "E2")]
    found = actions_of(files, FRAMEWORK).register
    assert found[["action_id", "in_latest", "register"]].to_numpy().tolist() == [["E1", True, 1], ["E2", True, 1]]


def test_an_action_that_the_latest_register_leaves_out_stays_as_it_was():
    early = register({"action_id": "E1", "status": "open", **JANUARY}, {"action_id": "E10", "status": "done"})
    late = register({"action_id": "E10", "status": "done", **APRIL}, {"action_id": "E2", "status": "open", **APRIL})
    found = actions_of([early, late], FRAMEWORK).register
    assert found[["action_id", "in_latest", "status"]].to_numpy().tolist() == [
        ["E1", False, "under way"], ["E2", True, "under way"], ["E10", True, "done"],
    ]  # fmt: skip
    assert not found["as_at"].isna().any()


def test_a_day_on_which_it_was_done_is_none_of_an_action_that_is_not():
    one = register({"action_id": "E1", "status": "open", "done_on": "2013-01-02", **APRIL})
    assert actions_of([one], FRAMEWORK).register["done_on"].isna().all()


@given(st.permutations(range(4)), st.permutations(range(3)))
@settings(max_examples=10)
def test_neither_the_order_of_rows_nor_that_of_files_changes_anything(rows, files):
    days = ["2013-01-31", "2013-04-30", "2013-07-31"]
    words = [["open", "done", "closed"], ["open"] * 3, ["", "dropped", "agreed"], ["planned", "open", "done"]]
    plain = [register(*[{"action_id": f"E{at}", "status": words[at][n], "as_at": day} for at in range(4)])
             for n, day in enumerate(days)]  # fmt: skip
    mixed = [register(*[{"action_id": f"E{at}", "status": words[at][n], "as_at": days[n]} for at in rows])
             for n in files]  # fmt: skip
    first, second = actions_of(plain, FRAMEWORK), actions_of(mixed, FRAMEWORK)
    pd.testing.assert_frame_equal(first.register, second.register)
    pd.testing.assert_frame_equal(first.history, second.history)


# --- can the plan be followed? ----------------------------------------------------------------------------------------


def test_a_register_without_fault_is_told_nothing_about():
    assert told(register({"action_id": "E1", "themes": "E1; fathers", "asks": "themes.fathers.development", **WHOLE}),
                register({"action_id": "E1", "as_at": "2013-01-31", **WHOLE})) == set()  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "severity", "code"),
    [
        ({"measure": "by_domain.planing"}, "error", "unknown_measure"),
        ({"measure": "themes.fathers"}, "error", "unknown_measure"),
        ({"measure": "ledger.fathers.gossip"}, "error", "unknown_measure"),
        ({"start": "May 2013", "due": "April 2013"}, "error", "due_before_start"),
        ({"start": "May 2013", "done_on": "2013-04-30", "status": "done"}, "error", "done_before_start"),
        ({"start": "May 2013", "as_at": "2013-04-30", "status": "done"}, "error", "done_before_start"),
        ({"themes": "fathers; fahters"}, "warning", "unknown_theme"),
        ({"status": "finito"}, "warning", "unknown_status"),
        ({"asks": "by_domain.nothing"}, "warning", "unknown_ask"),
        ({"owner": " "}, "warning", "no_owner"),
        ({"measure": ""}, "warning", "no_measure"),
        ({"due": ""}, "warning", "no_due"),
    ],
)
def test_a_promise_that_cannot_be_followed_is_told_by_its_row(cells, severity, code):
    found = told(register({"action_id": "E1", **WHOLE}, {"action_id": "E2", **WHOLE, **cells}))
    assert found == {("register.csv", severity, code, (3,))}


@pytest.mark.parametrize(
    "cells",
    [
        {"measure": "Themes.Fathers.development.share"},
        {"measure": "ledger.fathers.complaints"},
        {"measure": "voice.child_spoken_to"},
        {"measure": "overall.all.share"},
        {"start": "February to July 2013", "due": "April 2013"},  # it may begin in February
        {"start": "as soon as can be"},
        {"owner": "", "measure": "", "due": "", "status": "dropped"},
    ],
)
def test_what_can_be_followed_passes(cells):
    assert told(register({"action_id": "E1", **WHOLE, **cells})) == set()


def test_a_near_miss_is_told_by_the_name_that_was_meant_and_never_by_the_cell():
    [found] = followed((register({"action_id": "E1", **WHOLE, "measure": "by_domain.planing"}),), RULES)
    assert 'Did you mean "by_domain.planning"?' in found.problems[0].sentence
    [found] = followed((register({"action_id": "E1", **WHOLE, "measure": "Kayleigh hit him"}),), RULES)
    assert "Kayleigh" not in found.problems[0].sentence


def test_gaps_are_told_of_the_latest_register_alone_and_an_escalation_needs_no_measure():
    bare = {"action_id": "E1", "owner": "", "measure": "", "due": ""}
    old, new = register({**bare, **JANUARY}, file="old.csv"), register({**bare, **APRIL}, file="new.csv")
    assert told(new, old) == {("new.csv", "warning", code, (2,)) for code in ("no_owner", "no_measure", "no_due")}
    assert told(register({**bare, "urgent": "Yes"})) == {("register.csv", "warning", "no_owner", (2,))}


def test_ids_that_a_report_could_not_tell_apart_are_refused():
    one, other = register({"action_id": "E-1", **WHOLE}), register({"action_id": "e 1", **WHOLE}, file="b.csv")
    assert told(one, other) == {("b.csv", "error", "ids_alike", (2,))}
    assert told(register({"action_id": "§§", **WHOLE})) == {("register.csv", "error", "ids_alike", (2,))}
    assert slug("E-1") == slug("e 1")
    again = register({"action_id": "E1", **WHOLE, **APRIL}, file="b.csv")
    assert told(register({"action_id": "e1", **WHOLE, **APRIL}), again) == {("b.csv", "error", "doubled_action", (2,))}


def test_without_a_codebook_any_theme_passes_and_the_rest_is_checked():
    rules = Rules(FRAMEWORK, date(2013, 10, 1))
    assert (
        told(register({"action_id": "E1", **WHOLE, "measure": "themes.x.development", "themes": "x"}), rules=rules)
        == set()
    )
    for measure in ("themes.x.both", "by_domain.x", "ledger.x.gossip"):
        found = told(register({"action_id": "E1", **WHOLE, "measure": measure}), rules=rules)
        assert {code for _, _, code, _ in found} == {"unknown_measure"}


def test_a_file_with_a_measure_of_nothing_is_refused_at_the_door(tmp_path):
    text = "action_id,concern,action,outcome,owner,measure,due\nE1,c,a,o,Head,by_domain.planing,May 2013\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    [found] = check_extracts({"actions": (tmp_path / "a.csv",)}, RULES)
    assert found.refused
    assert [problem.code for problem in found.problems] == ["unknown_measure"]


def test_every_measure_has_the_name_of_a_fact():
    known = measures_of(FRAMEWORK, CODEBOOK)
    assert all(".".join(map(slug, name.split("."))) == name == plain_name(f"{name}.share") for name in known)
    assert known["ledger.fathers.complaints"].wished == known["themes.fathers.development"].wished == "down"
    assert known["themes.fathers.strength"].wished == known["by_domain.planning"].wished == "up"


# --- how do the actions stand? ----------------------------------------------------------------------------------------


def actions(*rows: dict[str, str]) -> pd.DataFrame:
    return actions_of([register(*({"as_at": "2013-09-30", **row} for row in rows))], FRAMEWORK).register


def counts(table: pd.DataFrame) -> dict[str, tuple[int, int]]:
    return {row["group"]: (int(row["n"]), int(row["of"])) for _, row in table.iterrows()}


def test_actions_are_counted_as_they_stood_on_the_day_and_escalations_apart():
    found = on_day(
        actions(
            {"action_id": "1", "status": "done", "done_on": "2013-07-31"},
            {"action_id": "2", "status": "done", "done_on": "2013-08-01"},
            {"action_id": "3", "status": "finito"},
            {"action_id": "4", "status": "open", "urgent": "Yes"},
        ),
        JULY,
    )
    assert counts(statuses(found)) == {"under way": (1, 3), "done": (1, 3), "not known": (1, 3)}


@pytest.mark.parametrize(
    ("due", "band"),
    [
        ("31/07/2013", ""),  # due on the day: not overdue
        ("30/07/2013", "up_to_3"),
        ("30/04/2013", "3_to_6"),  # three months on is 30 July
        ("01/05/2013", "up_to_3"),
        ("31/01/2013", "up_to_6?"),
        ("30/01/2013", "over_6"),
    ],
)
def test_what_is_overdue_is_so_by_calendar_months(due, band):
    found = counts(overdue(on_day(actions({"action_id": "1", "due": due, "status": "open"}), JULY), JULY))
    wanted = {"up_to_6?": "3_to_6"}.get(band, band)  # 31 January and six months: 31 July, which has not passed
    assert found == {b: (int(b == wanted), 1) for b in ("up_to_3", "3_to_6", "over_6")} | {"all": (int(band != ""), 1)}


def test_what_is_done_or_dropped_is_not_overdue():
    rows = [
        {"action_id": s, "due": "May 2013", "status": s, "done_on": "2013-06-03"} for s in ("done", "dropped", "open")
    ]
    assert counts(overdue(on_day(actions(*rows), JULY), JULY))["all"] == (1, 1)


def test_days_to_close_run_from_the_first_day_of_the_start():
    rows = [
        {"action_id": "1", "start": "May 2013", "status": "done", "done_on": "2013-05-11"},  # 10 days
        {"action_id": "2", "start": "01/05/2013", "status": "done", "done_on": "2013-05-31"},  # 30 days
        {"action_id": "3", "start": "soon", "status": "done", "done_on": "2013-05-31"},  # not known
        {"action_id": "4", "status": "open"},
        {"action_id": "5", "status": "dropped"},
    ]
    [row] = closing(on_day(actions(*rows), JULY)).to_dict("records")
    assert (row["n"], row["of"], row["days"]) == (3, 4, 20)


def test_gaps_are_counted_of_what_was_not_dropped():
    rows = [{"action_id": "1", **WHOLE}, {"action_id": "2"}, {"action_id": "3", "status": "dropped"}]
    assert counts(gaps(on_day(actions(*rows), JULY), {"1": {"planning"}})) == {
        "no_owner": (1, 2), "no_due": (1, 2), "no_measure": (1, 2), "no_area": (1, 2), "not_in_latest": (0, 2),
    }  # fmt: skip


def test_escalations_are_closed_in_working_days():
    urgent_rows = [
        {"action_id": "1", "start": "03/06/2013", "done_on": "2013-06-10"},  # Monday to Monday: 5
        {"action_id": "2", "start": "03/06/2013", "done_on": "2013-06-11"},  # 6
        {"action_id": "3", "start": "07/06/2013", "done_on": "2013-06-10"},  # Friday to Monday: 1
        {"action_id": "4", "start": "30/07/2013", "done_on": "2013-08-01"},  # closed after the period
        {"action_id": "5", "start": "01/06/2012", "done_on": "2012-06-04"},  # raised before it
        {"action_id": "6", "start": "05/08/2013", "done_on": "2013-08-06"},  # and after it
    ]
    table = actions(*({**row, "urgent": "Yes", "status": "done"} for row in urgent_rows))
    [row] = urgent(table, pd.Timestamp("2013-05-01"), JULY).to_dict("records")
    assert (row["n"], row["of"], row["closed"], row["days"]) == (2, 4, 3, 5)


# --- did the actions work? --------------------------------------------------------------------------------------------


def rows_of(hits: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Events: so many hits of so many rows in each month, on its 15th; each of a case of its own."""
    rows = [
        (f"{month}-{at}", f"{month}-{at}", f"{month}-15", at < n) for month, (n, of) in hits.items() for at in range(of)
    ]
    table = pd.DataFrame(rows, columns=["id", "case_id", "date", "hit"])
    table["date"] = pd.to_datetime(table["date"])
    return table.assign(month=table["date"].dt.strftime("%Y-%m"), applies=True)


def plan(**cells: object) -> pd.DataFrame:
    row = {"action_id": "A", "status": "done", "start_first": pd.Timestamp("2012-11-01"), "evidence": "",
           "wished": "up", "done_on": pd.Timestamp("2012-12-20"), "measure": "m"}  # fmt: skip
    return pd.DataFrame([{**row, **cells}])


def climbed(hits: dict[str, tuple[int, int]], seen: dict[str, str] | None = None, **cells: object) -> tuple[str, str]:
    days = {name: pd.Timestamp(day) for name, day in (seen or {}).items()}
    [row] = impact.ladder(plan(**cells), {"m": rows_of(hits)}, days, "2013-07").to_dict("records")
    return row["rung"], row["outcome"]


BEFORE = {"2012-08": (16, 40), "2012-10": (16, 40)}
AFTER = {"2013-02": (35, 50), "2013-05": (35, 50)}


def test_windows_end_before_the_start_and_begin_after_the_month_in_which_it_was_done():
    found = impact.windows(pd.Timestamp("2012-11-20"), pd.Timestamp("2012-12-31"), "2013-07")
    assert found.before == ("2012-05", "2012-06", "2012-07", "2012-08", "2012-09", "2012-10")
    assert found.after == ("2013-01", "2013-02", "2013-03", "2013-04", "2013-05", "2013-06", "2013-07")
    assert found.halves == (found.after[:3], found.after[3:])
    assert impact.windows(pd.Timestamp("2012-11-20"), pd.Timestamp("2013-02-01"), "2013-07").halves == ()
    assert impact.windows(pd.Timestamp("2012-11-20"), pd.Timestamp("2013-07-01"), "2013-07").after == ()


def test_the_difference_is_that_of_the_two_windows():
    # Newcombe (1998), Statistics in Medicine 17:873-890, table II, (a): 56/70 less 48/80 is 0.2, from 0.0524 to 0.3339.
    events = rows_of(
        {"2012-04": (5, 5), "2012-06": (48, 80), "2012-11": (9, 9), "2012-12": (9, 9), "2013-03": (56, 70)}
    )
    [row] = impact.ladder(plan(), {"m": events}, {}, "2013-07").to_dict("records")
    assert [row[name] for name in ("n1", "of1", "n2", "of2")] == [48, 80, 56, 70]
    assert (row["difference"], row["low"], row["high"]) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize(
    ("hits", "cells", "rung", "outcome"),
    [
        ({**BEFORE, **AFTER}, {}, "sustained", impact.SUSTAINED),
        ({**BEFORE, **AFTER}, {"wished": "down"}, "evidenced", impact.WORSE),
        ({**BEFORE, "2013-02": (70, 100)}, {}, "better", impact.BETTER),  # nothing in the later half
        ({**BEFORE, "2013-02": (60, 70), "2013-05": (30, 60)}, {}, "better", impact.BETTER),  # the later half: 50%
        ({**BEFORE, **AFTER}, {"done_on": pd.Timestamp("2013-02-20")}, "better", impact.BETTER),  # five months since
        ({**BEFORE, "2013-02": (20, 50)}, {}, "evidenced", impact.NO_CLEAR_CHANGE),
        ({**BEFORE, "2013-02": (19, 19)}, {}, "done", impact.TOO_EARLY),
        ({"2012-08": (0, 19), **AFTER}, {}, "evidenced", impact.TOO_FEW),
        ({**BEFORE, **AFTER}, {"measure": ""}, "done", impact.NO_MEASURE),
        ({**BEFORE, **AFTER}, {"start_first": pd.NaT}, "done", impact.NO_START),
        ({**BEFORE, **AFTER}, {"done_on": pd.NaT}, "planned", impact.NO_DAY),
        ({**BEFORE, **AFTER}, {"status": "under way", "done_on": pd.NaT}, "planned", impact.NOT_DONE),
        ({**BEFORE, **AFTER}, {"status": "dropped", "done_on": pd.NaT}, "planned", impact.WAS_DROPPED),
    ],
)
def test_an_action_stops_on_the_rung_that_the_evidence_bears(hits, cells, rung, outcome):
    assert climbed(hits, **cells) == (rung, outcome)


def test_a_named_audit_counts_only_if_it_was_made_after_the_day():
    thin = {**BEFORE, "2013-02": (10, 19)}
    assert climbed(thin, {"a7": "2012-12-21"}, evidence="minutes; A7")[0] == "evidenced"
    assert climbed(thin, {"a7": "2012-12-20"}, evidence="A7")[0] == "done"
    assert climbed(thin, {"a7": "2012-12-21"}, evidence="A70")[0] == "done"


def test_all_actions_are_tested_together():
    events = rows_of({"2012-08": (20, 50), "2013-02": (31, 50)})  # by itself p is 0.03
    alone = impact.ladder(plan(), {"m": events}, {}, "2013-07")
    assert alone["outcome"].tolist() == [impact.BETTER]
    many = pd.concat([plan(), plan(action_id="B")], ignore_index=True)
    assert impact.ladder(many, {"m": events}, {}, "2013-07")["outcome"].tolist() == [impact.NO_CLEAR_CHANGE] * 2


def test_cases_audited_again_are_matched_to_their_first_audits():
    # Fagerland, Lydersen and Laake (2013), BMC Medical Research Methodology 13:91, table 1 (Bentur and others): of 21
    # children 1 is positive before and after, 1 before alone, 7 after alone, 12 never; exact p 0.070.
    before = [True, True, *[False] * 19]
    after = [True, False, *[True] * 7, *[False] * 12]
    parts = [
        pd.DataFrame({"id": [f"{month}{at}" for at in range(21)], "hit": hits, "month": month, "applies": True,
                      "case_id": [f"{letter}{at}" for at in range(21)], "date": pd.Timestamp(f"{month}-01")})
        for month, hits, letter in (("2012-06", before, "c"), ("2013-03", after, "C"))
    ]  # fmt: skip
    earlier = parts[1].assign(date=pd.Timestamp("2013-02-01"), month="2013-02", hit=~parts[1]["hit"])  # not the latest
    found = impact.matched(pd.concat([*parts, earlier]), ("2012-06",), ("2013-02", "2013-03"))
    assert found == {"pairs": 21, "gained": 7, "lost": 1, "p_pairs": pytest.approx(0.0703, abs=5e-5)}
    assert np.isnan(impact.matched(parts[0], ("2012-06",), ("2013-03",))["p_pairs"])


MONTHS = [f"2012-{at:02d}" for at in range(5, 13)] + [f"2013-{at:02d}" for at in range(1, 8)]
any_hits = st.dictionaries(
    st.sampled_from(MONTHS), st.integers(0, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
)


@given(any_hits, st.randoms())
@settings(max_examples=15)
def test_the_order_of_the_evidence_changes_nothing(hits, chance):
    events = rows_of(hits)
    mixed = events.sample(frac=1, random_state=chance.randint(0, 9999))
    pd.testing.assert_frame_equal(*(impact.ladder(plan(), {"m": table}, {}, "2013-07") for table in (events, mixed)))


@given(any_hits, st.booleans(), st.sampled_from(["up", "down"]))
@settings(max_examples=25)
def test_no_action_climbs_on_evidence_from_before_it_was_done(hits, named, wished):
    seen = {"a7": pd.Timestamp("2013-03-01")} if named else {}
    events, action = rows_of(hits), plan(evidence="A7", wished=wished)
    before = {name: pd.Timestamp("2012-12-20") for name in seen}
    late = events["date"] > pd.Timestamp("2012-12-20")
    moved = events.assign(date=events["date"].mask(late, pd.Timestamp("2012-12-20")))
    moved = moved.assign(month=moved["date"].dt.strftime("%Y-%m"))
    [rung] = impact.ladder(action, {"m": moved}, before, "2013-07")["rung"]
    [was] = impact.ladder(action, {"m": events}, seen, "2013-07")["rung"]
    assert rung == "done"
    assert impact.RUNGS.index(rung) <= impact.RUNGS.index(was)
