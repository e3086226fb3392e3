"""The moderation workshop: its figures counted again without the library, what its tables give away, its papers."""

import csv
import itertools
import json
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_golden_facts import DOMAINS, ON_SCALE, SPELLINGS, rows_of

import qa_lib as qa
from qa_lib.intake.audits import Audits
from qa_lib.intake.extracts import Extracts, read_extracts
from qa_lib.intake.moderation import Moderation
from qa_lib.measures.moderation import shift as measured_shift
from qa_lib.report import second_looks
from qa_lib.report.blocks import Missing, text_of_block
from qa_lib.report.cases_to_discuss import cases, letters, looked_at, reasons_counted
from qa_lib.report.disclosure import protect
from qa_lib.report.facts import facts_of
from qa_lib.report.letters import in_grades, letter, profiles
from qa_lib.report.material import Material
from qa_lib.report.pdf import render_pdf
from qa_lib.report.pdf_gate import check_pdf
from qa_lib.report.workshop_book import write_workshop
from qa_lib.settings.report import read_report

TOP = Path(__file__).parent.parent
GOOD = ON_SCALE[:2]
PERIODS = {
    "current": (date(2013, 5, 1), date(2013, 7, 31)),
    "previous": (date(2013, 2, 1), date(2013, 4, 30)),
}
PARAMS = "params/example/workshop_2013_q1.yml"


# --- the example, counted again --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pairs(council):
    """Every second look beside its audit, as plain words: (period, selection, outcome, first, second)."""
    folder = council / "extracts" / "example"
    audits = {row["audit_id"]: row for row in rows_of(folder)}
    found = []
    for path in sorted(folder.glob("moderation_*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for look in csv.DictReader(lines):
                first = audits[look["audit_id"]]
                period = [key for key, (start, end) in PERIODS.items() if start <= first["audit_date"] <= end]
                found += [(key, look["selection"], look["outcome"], first, look) for key in period]
    return found


@pytest.fixture(scope="module")
def opened(council, tmp_path_factory):
    """Open the example's workshop for an audience, once each."""
    home, made = tmp_path_factory.mktemp("opened"), {}
    for folder in ("params", "notebooks"):
        shutil.copytree(TOP / folder, home / folder)
    text = (home / PARAMS).read_text(encoding="utf-8").replace("../../extracts", str(council / "extracts"))

    def report(audience):
        if audience not in made:
            path = home / "params" / "example" / f"{audience}.yml"
            path.write_text(text.replace("audience: board", f"audience: {audience}"), encoding="utf-8")
            made[audience] = qa.open_report(path, plan=qa.WORKSHOP, whole_service=True)
        return made[audience]

    return report


@pytest.fixture(scope="module")
def facts(opened):
    """The figures of the working copy, in which nothing is hidden."""
    return {name: fact.value for name, fact in opened("working").facts.items()}


def graded(pairs, column, period="current", selection="random"):
    """Both grades of a column, of those pairs that both auditors graded."""
    both = [
        (SPELLINGS.get(first[column], first[column]), second[column])
        for when, how, _, first, second in pairs
        if (when, how) == (period, selection)
    ]
    return [pair for pair in both if set(pair) <= set(ON_SCALE)]


def test_golden_facts(facts):
    """The figures of May to July 2013, readable; the tests below count them again without the library."""
    assert (facts["looks.random.n"], facts["looks.risk.n"], facts["looks.contested.n"]) == (38, 5, 2)
    assert facts["looks.random.of"] == 126
    assert (facts["agree.overall_grade.same.n"], facts["agree.overall_grade.same.of"]) == (27, 38)
    assert facts["agree.overall_grade.near.n"] == 38  # none is more than one grade apart
    shares = {  # good or better at the first and at the second look, of those graded by both
        "direct_work": (24, 15, 33), "supervision": (18, 12, 34), "recording": (22, 19, 38),
        "overall_grade": (23, 19, 38),
    }  # fmt: skip
    for domain, (before, after, of) in shares.items():
        row = f"two_looks.{domain}.current"
        assert (facts[f"{row}_first.n"], facts[f"{row}_second.n"], facts[f"{row}_first.of"]) == (before, after, of)
    assert (facts["contested.contested.upheld.n"], facts["contested.contested.changed.n"]) == (2, 0)
    assert [facts[f"reasons.{reason}.n"] for reason in ("moved", "lowest", "several", "words")] == [11, 2, 11, 15]
    assert facts["last_same.supervision.current.direction"] == "no clear change"


@pytest.mark.parametrize("domain", [*DOMAINS, "overall_grade"])
def test_pairs_same_grades_and_both_shares_are_those_counted_without_the_library(facts, pairs, domain):
    both = graded(pairs, domain)
    row = f"agree.{domain}.same"
    assert (facts[f"{row}.n"], facts[f"{row}.of"]) == (sum(a == b for a, b in both), len(both))
    assert facts[f"{row}.left_out"] == 38 - len(both)
    for at, look in enumerate(("first", "second")):
        assert facts[f"two_looks.{domain}.current_{look}.n"] == sum(pair[at] in GOOD for pair in both)
    steps = [ON_SCALE.index(second) - ON_SCALE.index(first) for first, second in both]
    for way, on in (
        ("stricter", [s > 0 for s in steps]),
        ("same", [s == 0 for s in steps]),
        ("kinder", [s < 0 for s in steps]),
    ):
        assert facts[f"directions.{domain}.{way}.n"] == sum(on)


@pytest.mark.parametrize("period", ["previous", "current"])
@pytest.mark.parametrize("domain", ["planning", "supervision"])
def test_what_the_last_workshop_took_up_is_counted_before_it_and_now(facts, pairs, domain, period):
    both = graded(pairs, domain, period)
    row = f"last_same.{domain}.{period}"
    assert (facts[f"{row}.n"], facts[f"{row}.of"]) == (sum(a == b for a, b in both), len(both))
    for at, look in enumerate(("first", "second")):
        assert facts[f"last_looks.{domain}.{period}_{look}.n"] == sum(pair[at] in GOOD for pair in both)


def test_contested_outcomes_and_reasons_are_those_counted_without_the_library(facts, pairs):
    outcomes = Counter(said for when, how, said, *_ in pairs if (when, how) == ("current", "contested"))
    assert {"upheld": facts["contested.contested.upheld.n"], "changed": facts["contested.contested.changed.n"]} == {
        "upheld": outcomes["upheld"],
        "changed": outcomes["changed"],
    }
    overall = graded(pairs, "overall_grade")
    assert facts["reasons.moved.n"] == sum(a != b for a, b in overall)
    assert facts["reasons.lowest.n"] == sum((a == "Inadequate") != (b == "Inadequate") for a, b in overall)
    several = 0
    for when, how, _, first, second in pairs:
        cells = [(SPELLINGS.get(first[one], first[one]), second[one]) for one in DOMAINS]
        moved = sum(a != b for a, b in cells if {a, b} <= set(ON_SCALE))
        several += (when, how) == ("current", "random") and moved >= 3
    assert facts["reasons.several.n"] == several


def test_the_adjusted_headline_lies_below_the_first_grades_and_its_interval_holds_it(facts):
    assert facts["headline.counted.share"] == 0.6  # 75 of 126
    assert facts["headline.adjusted.low"] < facts["headline.adjusted.share"] < facts["headline.counted.share"]


def test_words_that_contradict_a_grade_find_planted_mismatches_far_more_often_than_chance(council, tmp_path):
    """A tenth of the files is planted; chance would find one in ten hits there."""
    folder = council / "extracts" / "example"
    with (folder / "truth" / "mismatch.csv").open(encoding="utf-8", newline="") as lines:
        planted = {row["audit_id"] for row in csv.DictReader(lines)}
    for name in ("params", "notebooks"):
        shutil.copytree(TOP / name, tmp_path / name)
    files = ", ".join(str(path) for path in sorted(folder.glob("audits_*")))
    path = tmp_path / "params" / "example" / "all.yml"
    path.write_text(
        f"notebook: moderation_workshop\ntitle: All\nperiod: {{from: 2012-05-01, to: 2014-01-31}}\nas_of: 2014-02-10\n"
        f"framework: framework.yml\ncodebook: codebook.yml\nextracts:\n  audits: [{files}]\n",
        encoding="utf-8",
    )
    params = read_report(path)
    table = looked_at(Material(params, read_extracts(params)))
    hits = table.loc[table["words"], "audit_id"]
    assert len(hits) > 60
    assert hits.isin(planted).mean() > 2 * table["audit_id"].isin(planted).mean()


# --- the page --------------------------------------------------------------------------------------------------------


def words_of(shown):
    return "\n".join(text_of_block(block) for block in shown.blocks)


def test_the_boards_copy_holds_no_case_no_alias_and_no_small_count(opened):
    board = opened("board")
    assert board["cases"].is_empty
    assert qa.cases_table(board["cases"]) is None
    counts = [fact for fact in board.facts.values() if fact.unit == "count" and fact.source in board.tables]
    assert not [fact.name for fact in counts if 1 <= fact.value <= 5]
    assert not [name for name in board.facts if "case_" in name]
    assert "a number too small to show" in words_of(qa.tell(board["contested"]))


def test_the_working_copy_lists_every_case_by_alias_in_an_order_that_tells_nothing(opened):
    table = qa.cases_table(opened("working")["cases"]).blocks[0]
    assert table.heads == ("Case", "Why")
    aliases = [row[0].text for row in table.rows]
    assert aliases == [f"Case {letters(at)}" for at in range(len(aliases))]
    assert not re.search(r"\d", "".join(cell.text for row in table.rows for cell in row))


def test_a_clear_shift_is_said_and_a_faint_one_is_not(made):
    domain = {"planning": [("Good", "Requires improvement")] * 40 + [("Good", "Good")] * 60}
    faint = [("Good", "Requires improvement")] * 9 + [("Requires improvement", "Good")] * 6
    faint = {"review": faint + [("Good", "Good")] * 60 + [("Inadequate", "Inadequate")] * 25}
    tables = gated(made(domain | faint))
    told = words_of(qa.tell(tables["shift"]))
    assert "Second grades are clearly stricter in Planning, by 40 points." in told
    words = tables["shift"].table.set_index("group")["shift"]
    assert (words["planning"], words["review"]) == ("stricter", "no clear shift")


def test_a_word_allows_for_how_many_domains_are_looked_at(made):
    """What is clear by itself is so no longer among nine domains."""
    moved = [("Good", "Requires improvement")] * 9 + [("Requires improvement", "Good")] * 2
    moved += [("Good", "Good")] * 24 + [("Requires improvement", "Requires improvement")] * 15
    steady = [("Good", "Good")] * 20 + [("Requires improvement", "Requires improvement")] * 20
    steady += [("Good", "Requires improvement")] * 5 + [("Requires improvement", "Good")] * 5
    alone = gated(made({"planning": moved}))["shift"].table.set_index("group")
    among = gated(made({"planning": moved, **dict.fromkeys(DOMAINS[:2] + DOMAINS[3:], steady)}))["shift"].table
    assert alone.loc["planning", "shift"] == "stricter"
    assert among.set_index("group").loc["planning", "shift"] == "no clear shift"


def test_without_second_looks_every_table_of_them_is_missing_and_says_why(opened, council, tmp_path):
    for folder in ("params", "notebooks"):
        shutil.copytree(TOP / folder, tmp_path / folder)
    text = (tmp_path / PARAMS).read_text(encoding="utf-8").replace("../../extracts", str(council / "extracts"))
    path = tmp_path / "params" / "example" / "none.yml"
    path.write_text(
        text[: text.index("  moderation:")].replace("[planning, supervision]", "[planning]"), encoding="utf-8"
    )
    report = qa.open_report(path, plan=qa.WORKSHOP, whole_service=True)
    for name in ("looks", "agree", "shift", "headline", "contested", "last_same", "last_shift"):
        assert isinstance(qa.tell(report[name]).blocks[0], Missing), name
    assert qa.workshop_chart(report["two_looks"], report["shift"]) is None


# --- made second looks -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asked(council):
    """The example's params; its extracts are not read."""
    return read_report(council / PARAMS)


@pytest.fixture(scope="module")
def made(asked):
    """A material of these pairs, by domain: (first, second), the nth of each domain of the same audit."""

    def material(by_domain, selection="random", k=None, audits=None, domains=None):
        params = asked
        if k is not None:
            audiences = asked.framework.audiences
            board = audiences.board.model_copy(update={"hide_up_to": k})
            update = {"audiences": audiences.model_copy(update={"board": board})}
            update |= {"domains": domains} if domains else {}
            params = replace(asked, framework=asked.framework.model_copy(update=update))
        keys = [(domain, at, *pair) for domain, found in by_domain.items() for at, pair in enumerate(found)]
        table = pd.DataFrame(keys, columns=["domain", "at", "first", "second"])
        ids = "A" + table["at"].astype(str)
        base = {"audit_id": ids, "month": "2013-05", "period": "current", "service": "First Response"}
        gradings = pd.DataFrame(base).assign(domain=pd.Categorical(table["domain"]), grade=table["first"])
        looks = pd.DataFrame({"audit_id": ids, "moderator": "M", "moderated_on": pd.Timestamp("2013-06-01")})
        looks = looks.assign(selection=selection, domain=table["domain"], grade=table["second"])
        held = gradings.drop_duplicates("audit_id").drop(columns=["domain", "grade"]) if audits is None else audits
        held = held.assign(audit_date=pd.Timestamp("2013-05-02"), auditor="X") if audits is None else held
        comments = pd.DataFrame(columns=["audit_id", "month", "period", "service", "column", "text"])
        return Material(params, Extracts(Audits(held, gradings, comments), (), Moderation(looks)))

    return material


def gated(material, names=None):
    """The tables of the plan for the Board, those that were asked for."""
    kept = [entry for entry in qa.WORKSHOP if names is None or entry.name in names]
    tables = [(entry.name, entry.keys, entry.computed(material), entry.about(material)) for entry in kept]
    return protect(tables, "board", material.params.hide_up_to)


ANY_PAIR = st.sampled_from([*itertools.product(ON_SCALE, ON_SCALE), ("Not applicable", "Good")])


@settings(max_examples=12)
@given(st.lists(ANY_PAIR, min_size=1, max_size=80))
def test_the_interval_of_a_shift_holds_that_of_the_very_pairs(made, found):
    """It is the widest that the counts shown leave open, so never narrower than the one by McNemar's counts."""
    table = gated(made({"planning": found}, k=0), {"agree", "two_looks", "shift"})["shift"].table
    frame = pd.DataFrame(found, columns=["first", "second"]).assign(domain="planning")
    exact = measured_shift(frame, made({"planning": found}).scale).iloc[0]
    if table.empty or np.isnan(table["share"].iloc[0]):
        assert exact["pairs"] < 20
        return
    row = table.iloc[0]
    assert row["share"] == pytest.approx(exact["difference"], abs=0.011)
    assert row["low"] <= exact["low"] + 0.011
    assert row["high"] >= exact["high"] - 0.011


@settings(max_examples=10)
@given(st.lists(ANY_PAIR, min_size=1, max_size=90))
def test_no_small_count_nor_complement_is_shown_in_any_table_of_second_looks(made, found):
    tables = gated(made({"planning": found, "overall_grade": found}))
    for name in ("agree", "same_grades", "directions", "two_looks", "reasons", "looks", "contested"):
        table = tables[name].table
        for counts in (table["n"], table["of"] - table["n"], table["left_out"]):
            assert not ((counts >= 1) & (counts <= 5)).any(), name
    facts = {name for published in tables.values() for name in facts_of(published)}
    for name in ("agree", "two_looks", "shift", "all_gradings", "reasons"):
        told = qa.tell(tables[name])
        runs = [run for block in told.blocks if hasattr(block, "runs") for run in block.runs]
        assert {one for run in runs for one in run.facts if not one.startswith(("label.", "settings."))} <= facts


# What two auditors can do to one grading, as the attack counts it.
KINDS = {
    "same_good": ("Good", "Good"),
    "same_poor": ("Inadequate", "Inadequate"),
    "within_good": ("Outstanding", "Good"),
    "within_poor": ("Requires improvement", "Inadequate"),
    "raised": ("Good", "Outstanding"),
    "lost": ("Good", "Requires improvement"),
    "won": ("Requires improvement", "Good"),
    "far": ("Good", "Inadequate"),
    "far_up": ("Inadequate", "Good"),
    "left": ("Not applicable", "Not applicable"),
}
WITHIN = ("within_good", "within_poor", "raised")
SECRETS = {
    "lost the goal": ("lost", "far"), "won it": ("won", "far_up"), "moved without crossing": WITHIN,
    "moved by one": (*WITHIN, "lost", "won"), "moved further": ("far", "far_up"), "not graded": ("left",),
    "moved": (*WITHIN, "lost", "won", "far", "far_up"), "same": ("same_good", "same_poor"),
    "first good": ("same_good", "within_good", "raised", "lost", "far"),
    "second good": ("same_good", "within_good", "raised", "won", "far_up"),
    "first poor": ("same_poor", "within_poor", "won", "far_up"),
    "second poor": ("same_poor", "within_poor", "lost", "far"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("audits", "without"),
    [(7, ()), (10, ("far", "far_up"))],
    ids=lambda one: str(one) if isinstance(one, int) else " ".join(("all but", *one)),
)
def test_an_attacker_who_knows_every_rule_cannot_work_out_a_small_count(made, monkeypatch, audits, without):
    """Every way in which so many audits could be graded twice, as a domain each; all that looks alike is a crowd.

    Whoever sees the tables of one of them knows only that it is one of its crowd. So in no crowd may all have the same
    small count. Counts from 1 to 2 are small here and shares are given of any base, that there be not too many ways.
    """
    k, kinds = 2, [kind for kind in KINDS if kind not in without]
    monkeypatch.setattr(second_looks, "LEAST_BASE", 1)
    bars = itertools.combinations(range(audits + len(kinds) - 1), len(kinds) - 1)
    edges = [(-1, *bar, audits + len(kinds) - 1) for bar in bars]
    truth = pd.DataFrame(np.diff(np.array(edges), axis=1) - 1, columns=kinds)
    names = [f"d{at}" for at in truth.index]
    pairs = {
        name: [KINDS[kind] for kind, count in zip(kinds, row, strict=True) for _ in range(count)]
        for name, row in zip(names, truth.to_numpy().tolist(), strict=True)
    }
    material = made(pairs, k=k, domains={name: name for name in names})
    tables = gated(material, {"agree", "directions", "two_looks", "shift"})
    seen = {name: [] for name in names}
    for published in tables.values():
        unseen = {"group", "base", "rank_low", "rank_high", "half", "least"}
        columns = [key for key in published.table if key not in unseen]
        told = [str(tuple(row)) for row in published.table[columns].itertuples(index=False)]
        for group, words in zip(published.table["group"].astype(str), told, strict=True):
            seen[group].append(f"{published.name} {words}")
    crowd = [tuple(seen[name]) for name in names]
    for secret, parts in SECRETS.items():
        count = truth[[kind for kind in parts if kind in kinds]].sum(axis=1)
        spread = count.groupby(pd.Series(crowd)).agg(["min", "max"])
        given_away = spread[(spread["min"] == spread["max"]) & spread["min"].between(1, k)]
        assert given_away.empty, (secret, given_away.index[0])


def test_the_lowest_grades_do_not_tell_how_many_differ_otherwise(made):
    """Nine differ and seven of them in the lowest grade: two differ otherwise, which nine less seven would tell."""
    found = [("Good", "Good")] * 30 + [("Requires improvement", "Inadequate")] * 7 + [("Good", "Outstanding")] * 2
    counted = reasons_counted(made({"overall_grade": found})).set_index("group")
    assert counted.loc["moved", "n"] == 9
    shown = gated(made({"overall_grade": found}), {"reasons"})["reasons"].table.set_index("group")["n"]
    assert shown["moved"] == 9
    assert np.isnan(shown["lowest"])


# --- each case once --------------------------------------------------------------------------------------------------


def audits_of(cases_of):
    """One audit a row of (audit, case, day)."""
    table = pd.DataFrame(cases_of, columns=["audit_id", "case_id", "audit_date"])
    table["audit_date"] = pd.to_datetime(table["audit_date"])
    return table.assign(month="2013-05", period="current", service="First Response", auditor="X")


LOOKS = [("Good", "Good")] * 20 + [("Good", "Requires improvement")] * 10 + [("Inadequate", "Inadequate")] * 20


def adjusted(material):
    table = gated(material, {"overall", "same_grades", "headline"})["headline"].table.set_index("group")
    return table.loc["adjusted", ["share", "low", "high"]].tolist()


def test_second_looks_picked_for_a_risk_do_not_move_the_headline(made):
    plain = made({"overall_grade": LOOKS})
    more = [*LOOKS, *[("Good", "Inadequate")] * 30]
    selection = ["random"] * len(LOOKS) + ["risk"] * 30
    both = made({"overall_grade": more}, selection=selection)
    unseen = made({"overall_grade": more}, selection=["random"] * len(LOOKS) + ["none"] * 30)
    assert adjusted(both) == adjusted(unseen)
    assert adjusted(both) != adjusted(plain)  # their first grades do count: they are audits like others


def test_a_case_audited_twice_counts_once_with_its_latest_audit(made):
    once = made({"overall_grade": LOOKS}, audits=audits_of([(f"A{at}", f"C{at}", "2013-05-02") for at in range(50)]))
    again = [*LOOKS, *[("Inadequate", "Good")] * 10]
    rows = [(f"A{at}", f"C{at}", "2013-05-02") for at in range(50)]
    rows += [(f"A{at}", f"c{at - 50}", "2013-05-01") for at in range(50, 60)]  # earlier audits of the first ten cases
    twice = made({"overall_grade": again}, audits=audits_of(rows))
    assert len(twice.one_audit_a_case) == 50
    assert adjusted(twice) == adjusted(once)


def test_an_audit_that_was_looked_at_twice_counts_once(made):
    """Of 50 audits all were looked at twice: the adjusted share is that of the second grades, 20 of 50."""
    assert adjusted(made({"overall_grade": LOOKS}))[0] == pytest.approx(0.4)


# --- working papers --------------------------------------------------------------------------------------------------

HOSTILE = '#link("http://x.invalid")[*Ann*] _O\'Neil_ <b>$x$ =1+1'


@pytest.fixture(scope="module")
def papers(council, tmp_path_factory):
    """The working papers of the example's workshop, with one auditor's name made hostile."""
    params = read_report(council / PARAMS)
    extracts = read_extracts(params)
    audits = extracts.audits.audits
    names = audits["auditor"].astype(str)
    changed = replace(extracts.audits, audits=audits.assign(auditor=names.replace("G. Knapwell", HOSTILE)))
    material = Material(params, replace(extracts, audits=changed))
    folder = tmp_path_factory.mktemp("papers")
    write_workshop(material, folder, "ABCDEFGH12")
    return material, folder


def sheets_of(folder):
    book = openpyxl.load_workbook(folder / "workshop.xlsx")
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def test_the_workbook_says_which_case_is_which_and_its_screen_sheet_does_not(papers):
    material, folder = papers
    sheets = sheets_of(folder)
    assert list(sheets) == ["Cases", "For the screen", "Letters"]
    found = cases(material)
    assert [row[0] for row in sheets["Cases"][1:]] == [row[0] for row in sheets["For the screen"][1:]]
    assert [row[1] for row in sheets["Cases"][1:]] == found["audit_id"].tolist()
    assert {len(row) for row in sheets["For the screen"]} == {2}
    told = json.dumps(sheets["For the screen"])
    held = material.current
    assert not [one for one in (*held["audit_id"], *held["case_id"], *held["auditor"]) if one and one in told]
    assert found["audit_id"].tolist() != sorted(found["audit_id"])


def test_aliases_do_not_hang_on_the_order_of_the_file_and_change_with_its_content(papers):
    material, _ = papers
    audits = material.extracts.audits
    turned = replace(audits, audits=audits.audits[::-1], gradings=audits.gradings[::-1])
    again = Material(material.params, replace(material.extracts, audits=turned))
    pd.testing.assert_frame_equal(cases(material), cases(again))
    fewer = replace(material.extracts, files=material.extracts.files[:-1])
    assert cases(Material(material.params, fewer))["audit_id"].tolist() != cases(material)["audit_id"].tolist()


def test_there_is_a_letter_for_each_auditor_and_no_name_in_a_file_name(papers, pairs):
    _, folder = papers
    files = sorted(path.name for path in (folder / "letters").iterdir())
    assert files == [f"letter-{at:02d}.pdf" for at in range(1, len(files) + 1)]
    key = sheets_of(folder)["Letters"][1:]
    assert [row[0] for row in key] == files
    names = [row[1] for row in key]
    assert HOSTILE in names
    assert names != sorted(names)
    seen = {
        first.get("auditor") or first["Auditor"]
        for when, how, _, first, _ in pairs
        if (when, how) == ("current", "random")
    }
    assert seen - set(names) <= {"G. Knapwell"}


def test_a_letter_is_readable_by_everyone_and_takes_a_name_for_words(papers, needed):
    _, folder = papers
    key = {row[1]: row[0] for row in sheets_of(folder)["Letters"][1:]}
    hostile = folder / "letters" / key[HOSTILE]
    check_pdf(hostile.read_bytes())
    with pikepdf.open(hostile) as document:
        assert document.Root.MarkInfo.Marked
        links = [note for page in document.pages for note in page.get("/Annots", [])]
        assert links == []
    command = [needed("pdftotext"), "-layout", str(hostile), "-"]
    text = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8").stdout
    assert "*Ann*" in text
    assert "You and the co-ordinator" in text


@pytest.mark.parametrize(
    ("pairs_of", "told"),
    [
        ([("Good", "Good")] * 4, "That is too few to say"),
        ([("Good", "Requires improvement")] * 4 + [("Good", "Good")] * 8, "more generous than theirs"),
        ([("Requires improvement", "Good")] * 4 + [("Good", "Good")] * 8, "stricter than theirs"),
    ],
)
def test_a_letter_says_as_much_as_the_pairs_allow(made, pairs_of, told):
    material = made({"overall_grade": pairs_of})
    [profile] = profiles(material)
    document = letter(profile, material, "ABCDEFGH12")
    text = "\n".join(text_of_block(block) for block in document.blocks)
    assert told in text
    assert "verdict" in text
    same = sum(first == second for first, second in pairs_of)
    assert (
        f"{len(pairs_of)} of your audits were graded twice. Both of you gave the same overall grade in {same}" in text
    )
    check_pdf(render_pdf(document))


@pytest.mark.parametrize(
    ("severity", "words"),
    [
        (-0.31, "about three tenths more generous"), (0.49, "about half a grade stricter"), (0.0, "no different"),
        (-0.96, "about a whole grade more generous"), (1.2, "over a grade stricter"),
    ],
)  # fmt: skip
def test_a_severity_is_told_to_a_tenth_of_a_grade(severity, words):
    assert in_grades(severity) == words


def test_only_looks_picked_at_random_make_a_letter(made):
    assert profiles(made({"overall_grade": LOOKS}, selection="risk")) == []


def test_text_of_an_extract_is_no_formula_in_the_workbook(papers):
    book = openpyxl.load_workbook(papers[1] / "workshop.xlsx")
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
