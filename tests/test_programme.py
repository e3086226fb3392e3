"""Spans of months, what became of cases drawn, and which cases each audit stands for: hand counts and R's answers."""

import csv
import json
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

import qa_lib as qa
from qa_lib.intake.allocation import Allocation
from qa_lib.intake.audits import Audits
from qa_lib.intake.caseload import Caseload
from qa_lib.intake.extracts import Extracts, read_extracts
from qa_lib.intake.moderation import Moderation
from qa_lib.measures.completion import OUTCOMES, chance_of_difference, outcomes, progress, progress_by_service
from qa_lib.measures.estimates import weighted_share
from qa_lib.measures.programme import completed, months_to, year_so_far
from qa_lib.report.bars import progress_chart
from qa_lib.report.blocks import Missing, text_of, text_of_block
from qa_lib.report.disclosure import protect
from qa_lib.report.facts import facts_of
from qa_lib.report.material import Material
from qa_lib.report.plans import QUARTERLY
from qa_lib.report.themed import THEMED
from qa_lib.report.weights import strata
from qa_lib.settings.codebook import Codebook
from qa_lib.settings.framework import Framework
from qa_lib.settings.period import Period
from qa_lib.settings.report import ReportParams
from qa_lib.settings.yaml import read_settings

EXAMPLE = Path(__file__).parents[1] / "params" / "example"
FRAMEWORK = read_settings(EXAMPLE / "framework.yml", Framework)
CODEBOOK = read_settings(EXAMPLE / "codebook.yml", Codebook)
QUARTER = Period("current", date(2013, 5, 1), date(2013, 7, 31))


@pytest.mark.parametrize(
    ("last", "starts", "first", "count"),
    [
        ("2013-04", 4, "2013-04", 1),  # the first month of a year that begins in April
        ("2013-03", 4, "2012-04", 12),  # its last
        ("2013-01", 1, "2013-01", 1),
        ("2013-12", 1, "2013-01", 12),
        ("2014-02", 9, "2013-09", 6),
    ],
)
def test_the_year_so_far_begins_with_its_month(last, starts, first, count):
    months = year_so_far(last, starts)
    assert (months[0], months[-1], len(months)) == (first, last, count)


@given(st.integers(1, 40), st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1)))
def test_months_follow_each_other_up_to_the_last(count, day):
    calendar = pd.period_range(end=f"{day:%Y-%m}", periods=count, freq="M")  # pandas' own
    assert months_to(f"{day:%Y-%m}", count) == [str(month) for month in calendar]


def test_completed_counts_each_span_against_its_plan_and_names_its_fewest_month():
    months = ["2013-04"] * 7 + ["2013-05"] * 2 + ["2013-06"] * 9
    spans = {"month": ["2013-06"], "year": ["2013-04", "2013-05", "2013-06"], "none": ["2012-01"]}
    table = completed(pd.DataFrame({"month": months}), spans, allocated_a_month=10).set_index("group")
    assert table["n"].to_dict() == {"month": 9, "year": 18, "none": 0}
    assert table["of"].to_dict() == {"month": 10, "year": 30, "none": 10}
    assert table["fewest"].to_dict() == {"month": 9, "year": 2, "none": 0}
    assert table.loc["year", "share"] == pytest.approx(0.6)


# --- what became of each case ----------------------------------------------------------------------------------------


def days(*written):
    return pd.to_datetime([*written])


def register(*rows):
    """Cases drawn: (case, allocated, due, status, started)."""
    table = pd.DataFrame([*rows], columns=["case_id", "allocated_on", "due", "status", "started_on"])
    dates = {column: pd.to_datetime(table[column]) for column in ("allocated_on", "due", "started_on")}
    return table.assign(**dates, service="First Response")


def audited(*rows):
    """Audits: (audit, case, day, finished)."""
    table = pd.DataFrame([*rows], columns=["audit_id", "case_id", "audit_date", "completed_on"])
    return table.assign(**{column: pd.to_datetime(table[column]) for column in ("audit_date", "completed_on")})


DRAWN = register(
    ("a", "2013-05-01", "2013-05-31", "allocated", "2013-05-04"),
    ("b", "2013-05-01", "2013-05-31", "allocated", None),
    ("c", "2013-05-01", "2013-05-31", "allocated", "2013-05-20"),
    ("d", "2013-05-01", "2013-05-31", "allocated", None),
    ("e", "2013-05-01", "2013-05-31", "excluded", "2013-05-02"),
    ("f", "2013-05-01", "2013-05-31", "replaced", None),
    ("g", "2013-05-01", None, "allocated", None),
    ("h", "2013-05-01", "2013-05-31", "allocated", None),
    ("h", "2013-06-03", "2013-06-28", "allocated", None),
)
DONE = audited(
    ("1", "A", "2013-05-31", None),  # on the last day; another audit of it follows
    ("2", "a", "2013-06-20", None),
    ("3", "b", "2013-05-20", "2013-06-01"),  # finished the day after it was due
    ("4", "d", "2013-04-30", None),  # before it was drawn
    ("5", "e", "2013-05-20", None),  # taken out, and audited all the same
    ("6", "G", "2013-07-01", None),  # never due
    ("7", "h", "2013-06-10", None),  # belongs to the later draw
    ("8", "", "2013-06-10", None),
)


def test_what_became_of_each_case_is_what_the_register_and_the_audits_say():
    found = progress(DRAWN, DONE, pd.DataFrame({"audit_id": ["1", "3", "4"]}))
    assert found["audit_id"].tolist() == ["1", "3", "", "", "", "", "6", "", "7"]
    assert found["outcome"].tolist() == [
        "completed in time", "completed late", "started", "not started", "excluded", "replaced", "completed in time",
        "not started", "completed in time",
    ]  # fmt: skip
    assert found["moderated"].tolist() == [True, True, *[False] * 7]
    assert found["started"].tolist() == [True, True, True, False, True, False, True, False, True]


def test_steps_are_counted_by_service_and_for_all():
    services = ["First Response"] * 4 + ["Children in Care"] * 5
    table = progress_by_service(progress(DRAWN.assign(service=services), DONE)).set_index("service")
    assert table.loc["First Response"].to_dict() == {
        "allocated": 4, "started": 3, "completed": 2, "late": 1, "moderated": 0, "excluded": 0, "replaced": 0,
    }  # fmt: skip
    assert table.loc["All"].to_dict() == {
        "allocated": 9, "started": 6, "completed": 4, "late": 1, "moderated": 0, "excluded": 1, "replaced": 1,
    }  # fmt: skip


CASES = st.sampled_from("pqrst")
MAY = st.dates(date(2013, 5, 1), date(2013, 7, 31)).map(str)
REGISTERS = st.lists(
    st.tuples(CASES, MAY, st.none() | MAY, st.sampled_from(["allocated"] * 4 + ["excluded", "replaced"]), st.none()),
    min_size=1, max_size=9, unique_by=lambda row: row[:2],
)  # fmt: skip
AUDITED = st.lists(st.tuples(CASES, MAY, st.none() | MAY), min_size=1, max_size=9)


@settings(max_examples=40)
@given(REGISTERS, AUDITED, st.randoms(use_true_random=False))
def test_each_case_has_one_outcome_whatever_the_order_the_capitals_or_another_periods_draws(rows, done, order):
    drawn = register(*rows)
    audits = audited(*((f"A{at}", *row) for at, row in enumerate(done)))
    first = progress(drawn, audits)
    assert first["audit_id"][first["completed"]].is_unique
    assert outcomes(first)["n"].sum() == len(drawn)
    assert ((first["outcome"] == "completed late") == (first["late"] & (drawn["status"] == "allocated"))).all()
    mixed = order.sample(range(len(drawn)), len(drawn))
    more = register(("z", "2013-02-01", None, "allocated", None), ("p", "2012-12-03", None, "allocated", None))
    others = pd.concat([more, drawn.iloc[mixed]], ignore_index=True).assign(
        case_id=lambda table: [case.upper() if order.random() < 0.5 else case for case in table["case_id"]]
    )
    again = progress(others, audits.iloc[order.sample(range(len(audits)), len(audits))]).iloc[2:]
    told = ["audit_id", "started", "completed", "late", "outcome"]
    pd.testing.assert_frame_equal(
        again[told].reset_index(drop=True), first.iloc[mixed][told].reset_index(drop=True), check_dtype=False
    )


# --- whether they differ ---------------------------------------------------------------------------------------------


def test_the_chance_of_a_difference_is_fishers_and_the_chi_squares():
    # Fisher (1935), The Design of Experiments: the lady who tasted tea, three of four right: 34/70.
    assert chance_of_difference(pd.DataFrame({"n": [3, 1], "of": [4, 4]})) == pytest.approx(34 / 70)
    # By hand: expected 20 on each side, (10² + 0 + 10²) / 20 twice is 20; of two degrees of freedom exp(-20 / 2).
    assert chance_of_difference(pd.DataFrame({"n": [30, 20, 10], "of": [40] * 3})) == pytest.approx(math.exp(-10))


def test_groups_too_small_to_test_are_counted_together_and_nothing_is_made_of_one():
    apart = pd.DataFrame({"n": [30, 20, 10, 1, 1], "of": [40, 40, 40, 2, 3]})
    small = pd.DataFrame({"n": [30, 20, 12], "of": [40, 40, 45]})
    assert chance_of_difference(apart) == pytest.approx(chance_of_difference(small))
    for nothing in ([(5, 10)], [(0, 10), (0, 10)], [(10, 10), (3, 3)], []):
        assert math.isnan(chance_of_difference(pd.DataFrame(nothing, columns=["n", "of"])))


# --- the weights of the draws ----------------------------------------------------------------------------------------


def material(folder, audits, drawn=(), cases=None, audience="working"):
    """What a report is measured from: audits (id, case, day, service, good?), register rows, open cases by service."""

    def write(name, head, rows):
        with (folder / name).open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([head.split(), *rows])
        return (folder / name,)

    graded = [(*row[:4], "Good" if row[4] else "Inadequate") for row in audits]
    files = {"audits": write("a.csv", "audit_id case_id audit_date service overall_grade", graded)}
    if drawn:
        files["allocation"] = write("d.csv", "case_id allocated_on service eligible drawn category", drawn)
    if cases:
        rows = [(f"{s}{at}", s, "2013-07-31") for s, count in cases.items() for at in range(count)]
        files["caseload"] = write("c.csv", "case_id service as_at", rows)
    params = ReportParams(
        Path("r.yml"), Path("n.ipynb"), "T", (QUARTER, QUARTER.back(3, "previous")), date(2013, 10, 1), audience,
        FRAMEWORK, CODEBOOK, files,
    )  # fmt: skip
    return Material(params, read_extracts(params))


def of_stratum(month, service, eligible, good, of, name=""):
    """Audits of a month and service, and the draw that they are of."""
    cases = [f"{name}{month}{service}{at}" for at in range(of)]
    audits = [(f"A{case}", case.swapcase(), f"2013-{month}-20", service, at < good) for at, case in enumerate(cases)]
    return audits, [(case, f"2013-{month}-02", service, eligible, of, "CIN") for case in cases]


def both(*parts):
    return [row for audits, _ in parts for row in audits], [row for _, drawn in parts for row in drawn]


def estimate(found, together=()):
    placed = strata(found, set(together))
    grades = found.gradings("current", overall=True).loc[placed.audits.index, "grade"]
    rows = pd.DataFrame({"stratum": placed.audits, "applies": True, "hit": grades.eq("Good")})
    return weighted_share(rows, placed.cases), placed


def test_a_quarter_of_draws_is_weighted_as_rs_survey_does(tmp_path):
    """R's answer to eighteen strata, months by services (Ss13): the register leads to the same figures."""
    answers = json.loads((Path(__file__).parent / "data" / "oracles" / "02_stratified.json").read_text("utf-8"))
    case = next(case for case in answers["cases"] if case["id"] == "Ss13")
    parts = []
    for row in case["strata"]:
        month, service = row["stratum"].split(" ", 1)
        service = service.replace("and QA", "and Quality Assurance")
        parts.append(
            of_stratum({"Apr": "05", "May": "06", "Jun": "07"}[month], service, row["N"], row["yes"], row["n"])
        )
    found, placed = estimate(material(tmp_path, *both(*parts)))
    expected = case["expected"]["level_0.95"]
    got = (found.share, found.se, found.df, found.low, found.high)
    wanted = (expected["estimate"], expected["se"], expected["df"], *expected["ci"]["logit"])
    assert got == pytest.approx(wanted, abs=case["tolerance"])
    assert (len(placed.cases), placed.in_part) == (18, False)


def test_an_audit_counts_in_its_own_month_with_the_cases_that_could_be_drawn_then(tmp_path):
    """Two draws of 100 and 300; an audit of an April draw runs over into May and stands with those of May."""
    may, june = (of_stratum("05", "First Response", 100, 3, 9), of_stratum("06", "First Response", 300, 8, 10))
    over = ([("A1", "over", "2013-05-03", "First Response", True)],
            [("over", "2013-04-02", "First Response", 70, 12, "CIN")])  # fmt: skip
    found, _ = estimate(material(tmp_path, *both(may, june, over)))
    assert found.share == pytest.approx((100 * 4 / 10 + 300 * 8 / 10) / 400)


def test_a_month_without_an_audit_of_a_service_counts_with_its_nearest(tmp_path):
    parts = [of_stratum("05", "First Response", 100, 3, 10), of_stratum("07", "First Response", 200, 8, 10)]
    none = ([], [("none", "2013-06-03", "First Response", 50, 1, "CIN")])
    found, placed = estimate(material(tmp_path, *both(*parts, none)))
    assert found.share == pytest.approx((150 * 3 / 10 + 200 * 8 / 10) / 350)  # of two as near, the earlier
    assert not placed.in_part


def test_a_case_that_was_audited_twice_counts_once_by_its_latest_audit(tmp_path):
    audits, drawn = of_stratum("05", "First Response", 100, 0, 20)
    again = (f"{audits[0][0]}-again", audits[0][1], "2013-05-28", "First Response", True)
    found, placed = estimate(material(tmp_path, [*audits, again], drawn))
    assert (found.n, found.of) == (1, 20)
    assert found.share == pytest.approx(1 / 20)
    assert placed.in_part  # as one audit stands in no stratum


def test_audits_of_no_draw_and_services_that_were_not_drawn_are_left_out_and_named(tmp_path):
    audits, drawn = both(
        of_stratum("05", "First Response", 100, 10, 30), of_stratum("06", "Disabled Children", 50, 0, 20)
    )
    other = [(f"B{at}", f"b{at}", "2013-06-04", "First Response", True) for at in range(10)]
    report = tables(material(tmp_path, [*audits, *other], drawn))
    assert report["estimates"].table.set_index("group").loc["weighted_in_part", "share"] == round(100 / 3 / 150, 2)
    assert (facts_of(report["drawn"])["drawn.all.n"].value, facts_of(report["drawn"])["drawn.all.of"].value) == (50, 60)
    whole = tables(material(tmp_path, audits, drawn, {"First Response": 5, "Children in Care": 7}))
    assert "weighted_in_part" in set(whole["estimates"].table["group"])  # nobody was drawn of children in care
    assert set(tables(material(tmp_path, audits, drawn))["estimates"].table["group"]) == {"counted", "weighted"}


def test_without_numbers_of_cases_in_the_register_the_case_list_is_what_weights(tmp_path):
    audits, drawn = both(
        of_stratum("05", "First Response", "", 10, 30), of_stratum("06", "Disabled Children", "", 0, 20)
    )
    report = tables(material(tmp_path, audits, drawn, {"First Response": 100, "Disabled Children": 50}))
    assert report["drawn"].is_empty
    assert report["estimates"].table.set_index("group").loc["weighted", "share"] == round(100 / 3 / 150, 2)
    assert report["estimates"].label("weighted") == "Weighted to all open cases"


# --- what the page says ----------------------------------------------------------------------------------------------

ABOUT_PROGRESS = {
    "completion", "coverage", "outcomes", "steps", "categories", "differences", "allocated_by_service", "overall",
    "by_service", "same_grades", "drawn", "estimates",
}  # fmt: skip


def tables(found, audience="working", hide=0, of=ABOUT_PROGRESS):
    measured = [(e.name, e.keys, e.computed(found), e.about(found)) for e in QUARTERLY if e.name in of]
    return protect(measured, audience, hide)


def test_without_a_register_nothing_is_said_of_draws(tmp_path):
    report = tables(material(tmp_path, of_stratum("05", "First Response", 100, 10, 30)[0]))
    for name in ("outcomes", "steps", "categories", "differences", "allocated_by_service", "drawn"):
        assert report[name].is_empty
        assert isinstance(qa.tell(report[name]).blocks[0], Missing)
    assert progress_chart(report["steps"]) is None
    drawn_instead = qa.programme_chart(report["completion"], report["steps"])
    assert drawn_instead.blocks[0].id == "completion-chart"


def test_a_difference_is_named_where_chance_explains_it_seldom(tmp_path):
    audits, drawn = both(
        of_stratum("05", "First Response", 500, 20, 40), of_stratum("06", "Disabled Children", 90, 9, 20)
    )
    left = [(f"n{at}", "2013-06-03", "Disabled Children", 90, 20, "CP") for at in range(20)]
    report = tables(material(tmp_path, audits, [*drawn, *left]))
    words = text_of_block(qa.tell(report["differences"]).blocks[0])
    assert words == (
        "The share completed differs by kind of case by more than chance explains. "
        "The share completed differs by service by more than chance explains. "
    )
    few = text_of_block(qa.tell(tables(material(tmp_path, audits, [*drawn, *left[:2]]))["differences"]).blocks[0])
    assert "By service there is no clear difference in the share completed." in few


def test_kinds_that_the_framework_does_not_know_are_others_and_small_ones_are_counted_with_them(tmp_path):
    audits, drawn = of_stratum("05", "First Response", 500, 20, 40)
    kinds = ["CIN"] * 24 + ["CP"] * 10 + ["CLA"] * 3 + ["<b>"] * 3
    more = [
        (f"n{at}", "2013-06-03", "First Response", 90, 20, kind) for at, kind in enumerate(["CIN"] * 9 + ["CP"] * 8)
    ]
    drawn = [(*row[:5], kind) for row, kind in zip(drawn, kinds, strict=True)] + more
    table = tables(material(tmp_path, audits, drawn, audience="board"), "board", 5)["categories"].table
    assert table[["group", "n", "of"]].to_numpy().tolist() == [
        ["Child in need", 24, 33], ["Child protection plan", 10, 18], ["Other", 6, 6],
    ]  # fmt: skip
    working = tables(material(tmp_path, audits, drawn))["categories"].table
    assert working["group"].tolist() == ["Child in need", "Child protection plan", "Child in care", "Other"]


def test_where_few_audits_are_of_other_draws_nobody_is_told_how_many_cases_were_completed(tmp_path):
    audits, drawn = both(
        of_stratum("05", "First Response", 500, 20, 40), of_stratum("06", "Disabled Children", 90, 9, 20)
    )
    late = [(f"L{at}", f"l{at}", "2013-07-20", "First Response", True) for at in range(8)]
    open_cases = [(f"l{at}", "2013-06-03", "First Response", 500, 30, "CIN") for at in range(20)]
    earlier = [(f"E{at}", f"e{at}", "2013-05-20", "First Response", True) for at in range(3)]
    made = material(tmp_path, [*audits, *late, *earlier], [*drawn, *open_cases], audience="board")
    due = made.extracts.allocation.cases.assign(due=pd.Timestamp("2013-06-30"))
    found = Material(made.params, replace(made.extracts, allocation=Allocation(due)))
    told = tables(found, "board", 5)
    shown = told["outcomes"].table.set_index("outcome")["n"].to_dict()
    assert shown == {"completed in time": 60, "completed late or started": 8, "not started": 12, "excluded": 0,
                     "replaced": 0}  # fmt: skip
    assert set(told["steps"].table["group"]) == {"allocated", "started", "in_time"}
    assert told["categories"].is_empty
    assert text_of(progress_chart(told["steps"]).blocks[0].title) == "Of 80 cases allocated, 60 were completed in time"
    working = Material(replace(found.params, audience="working"), found.extracts)
    assert "completed" in set(tables(working)["steps"].table["group"])


def test_a_themed_audit_and_a_bulletin_have_the_same_outcomes():
    entries = {entry.name: entry for entry in QUARTERLY}
    assert {entry for entry in THEMED if entry.name in ("outcomes", "steps", "categories", "differences")} == {
        entries[name] for name in ("outcomes", "steps", "categories", "differences")
    }
    assert [(e.measure, e.about) for e in qa.BULLETIN if e.name == "outcomes"] == [
        (entries["outcomes"].measure, entries["outcomes"].about)
    ]


# --- what a reader could work out ------------------------------------------------------------------------------------

SERVICES = ("First Response", "Children in Care", "Disabled Children")
FATES = (*OUTCOMES, "earlier draw", "no draw")
COUNTS = st.integers(0, 3) | st.integers(0, 30)
WORLDS = st.fixed_dictionaries(
    {service: st.fixed_dictionaries(dict.fromkeys(FATES, COUNTS)) for service in SERVICES}
    | {"looks": st.tuples(*[st.integers(0, 40)] * 4)}
)
LOOKS = ("random done", "other done", "random rest", "other rest")


def world(counts, audience="board"):
    """What a report is measured from, where so many cases of each service came to each fate."""
    cases, audits = [], []
    for service in SERVICES:
        for fate in FATES:
            for at in range(counts[service][fate]):
                name = f"{service} {fate} {at}"
                day = "2013-04-02" if fate == "earlier draw" else "2013-05-02"
                status = fate if fate in {"excluded", "replaced"} else "allocated"
                if fate != "no draw":
                    cases.append((name, service, day, status, "2013-05-09" if fate == "started" else None))
                if fate.startswith("completed") or fate.endswith("draw"):
                    audits.append((name, service, "2013-06-20" if fate == "completed late" else "2013-05-20"))
    cases = pd.DataFrame(cases, columns=["case_id", "service", "allocated_on", "status", "started_on"])
    cases = cases.assign(
        allocated_on=pd.to_datetime(cases["allocated_on"]), started_on=pd.to_datetime(cases["started_on"]),
        due=pd.Timestamp("2013-05-31"), eligible=100,
    )  # fmt: skip
    cases["period"] = np.where(cases["allocated_on"] < "2013-05-01", "previous", "current")
    cases["month"] = cases["allocated_on"].dt.strftime("%Y-%m")
    cases["service"] = pd.Categorical(cases["service"], SERVICES, ordered=True)
    audits = pd.DataFrame(audits, columns=["audit_id", "service", "audit_date"])
    audits = audits.assign(
        case_id=audits["audit_id"], auditor="A", audit_date=pd.to_datetime(audits["audit_date"]), period="current"
    )
    audits["month"] = audits["audit_date"].dt.strftime("%Y-%m")
    audits["service"] = pd.Categorical(audits["service"], SERVICES, ordered=True)
    domain, grade = (pd.Categorical([words] * len(audits), [words]) for words in ("overall_grade", "Good"))
    gradings = audits[["audit_id", "month", "period", "service"]].assign(domain=domain, grade=grade)
    done = audits["audit_id"].str.contains("completed")
    looks = []
    for of, first in ((audits[done], 0), (audits[~done], 2)):
        ids, random = list(of["audit_id"]), counts["looks"][first]
        looks += [(name, "random") for name in ids[:random]]
        looks += [(name, "risk") for name in ids[random : random + counts["looks"][first + 1]]]
    looks = pd.DataFrame(looks, columns=["audit_id", "selection"])
    domain, grade = (pd.Categorical([words] * len(looks), [words]) for words in ("overall_grade", "Good"))
    looks = looks.assign(domain=domain, grade=grade, moderator="M", moderated_on=pd.Timestamp("2013-07-01"))
    listed = pd.DataFrame({"service": np.repeat(SERVICES, 200)})
    extracts = Extracts(
        Audits(audits, gradings, pd.DataFrame()), (), moderation=Moderation(looks), allocation=Allocation(cases),
        caseload=Caseload(listed, listed),
    )  # fmt: skip
    params = ReportParams(
        Path("r.yml"), Path("n.ipynb"), "T", (QUARTER, QUARTER.back(3, "previous")), date(2013, 10, 1), audience,
        FRAMEWORK, CODEBOOK, {},
    )  # fmt: skip
    return Material(params, extracts)


UNKNOWN = [(service, fate) for service in SERVICES for fate in FATES] + [("looks", kind) for kind in LOOKS]
AUDITED_FATES = ("completed in time", "completed late", "earlier draw", "no draw")


def total(fates, services=SERVICES):
    """The unknowns whose sum is the number of cases of these fates in these services."""
    return [(service, fate) for service in services for fate in fates]


SHOWN_AS = {
    **{f"outcomes.all.{outcome.replace(' ', '_')}.n": total([outcome]) for outcome in OUTCOMES},
    "outcomes.all.other_answers_that_meet_it.n": total(OUTCOMES[:2]),
    "outcomes.all.completed_late_or_started.n": total(OUTCOMES[1:3]),
    "steps.allocated.n": total(OUTCOMES),
    "steps.started.n": total(OUTCOMES[:3]),
    "steps.completed.n": total(OUTCOMES[:2]),
    "steps.in_time.n": total(OUTCOMES[:1]),
    "steps.moderated.n": [("looks", "random done"), ("looks", "other done")],
    "same_grades.overall_grade.of": [("looks", "random done"), ("looks", "random rest")],
    "completion.all.n": total(AUDITED_FATES),
    "coverage.all.n": total(AUDITED_FATES),
    "allocated_by_service.all.of": total(OUTCOMES),
    "drawn.all.n": total(AUDITED_FATES[:3]),
    "drawn.all.of": total(AUDITED_FATES),
    **{
        f"{table}.{service.lower().replace(' ', '_')}.{measure}": total(fates, [service])
        for table, measure, fates in (
            ("coverage", "n", AUDITED_FATES), ("allocated_by_service", "n", AUDITED_FATES),
            ("allocated_by_service", "of", OUTCOMES),
        )
        for service in SERVICES
    },
}  # fmt: skip
SENSITIVE = {
    **{outcome: total([outcome]) for outcome in OUTCOMES},
    "completed": total(OUTCOMES[:2]),
    "not completed": total(OUTCOMES[2:]),
    "of earlier draws": total(["earlier draw"]),
    "of no draw": total(["no draw"]),
    "not of the period's draws": total(["earlier draw", "no draw"]),
    "audits other than those in time of the period's draws": total(["completed late", "earlier draw", "no draw"]),
    "looked at again": [("looks", "random done"), ("looks", "other done")],
    "looked at again, not at random": [("looks", "other done")],
    "random looks at other audits": [("looks", "random rest")],
    **{f"not completed: {service}": total(OUTCOMES[2:], [service]) for service in SERVICES},
    **{f"completed: {service}": total(OUTCOMES[:2], [service]) for service in SERVICES},
    **{f"other draws: {service}": total(["earlier draw", "no draw"], [service]) for service in SERVICES},
    **{f"audited: {service}": total(AUDITED_FATES, [service]) for service in SERVICES},
}


def at(sum_of):
    return np.array([float(unknown in sum_of) for unknown in UNKNOWN])


def is_known_exactly(sum_of, facts):
    """Whether the shown figures leave no choice for a count: the least that it can be is the most that it can be."""
    rows = [(at(SHOWN_AS[name]), value) for name, value in facts.items() if name in SHOWN_AS]
    done, rest = at(total(OUTCOMES[:2])), at(total(["earlier draw", "no draw"]))
    fits = [
        LinearConstraint(at([("looks", "random done"), ("looks", "other done")]) - done, -np.inf, 0),
        LinearConstraint(at([("looks", "random rest"), ("looks", "other rest")]) - rest, -np.inf, 0),
        *(LinearConstraint(row, value, value) for row, value in rows),
    ]
    whole = {"integrality": np.ones(len(UNKNOWN)), "bounds": Bounds(0, 300), "constraints": fits}
    least, most = (milp(sign * at(sum_of), **whole) for sign in (1, -1))
    assert least.success, "the true figures fit what is shown"
    assert most.success
    return round(least.fun) == round(-most.fun)


def true_count(sum_of, counts):
    """A count of the world that was made; there are looks as far as there were audits to look at."""
    atoms = {(service, fate): counts[service][fate] for service in SERVICES for fate in FATES}
    for kind, fates in (("done", OUTCOMES[:2]), ("rest", ("earlier draw", "no draw"))):
        audits = sum(atoms[one] for one in total(fates))
        random, other = (counts["looks"][LOOKS.index(f"{selection} {kind}")] for selection in ("random", "other"))
        atoms["looks", f"random {kind}"] = min(random, audits)
        atoms["looks", f"other {kind}"] = min(other, audits - min(random, audits))
    return sum(atoms[one] for one in sum_of)


def usual(looks=(10, 20, 0, 0), **changed):
    """A world of large numbers, but for some fates of the first service."""
    same = dict(zip(FATES, (20, 10, 9, 8, 7, 6, 0, 0), strict=True))
    first = same | {name.replace("_", " "): count for name, count in changed.items()}
    return {SERVICES[0]: first, SERVICES[1]: same, SERVICES[2]: same, "looks": looks}


COUNTED = {"completion", "coverage", "outcomes", "steps", "allocated_by_service", "same_grades", "drawn"}


NONE_LATE = {"completed late": 0, "earlier draw": 0, "no draw": 0}


@settings(max_examples=20)
@given(WORLDS)
@example(usual(earlier_draw=3))  # nobody may be told how many were completed
@example(usual(completed_late=2, earlier_draw=1) | {name: dict.fromkeys(FATES, 9) | NONE_LATE for name in SERVICES[1:]})
@example(usual(looks=(10, 3, 0, 0)))  # nor how many were looked at again
@example(usual(looks=(2, 0, 0, 0), earlier_draw=9))
@example(usual(started=1, not_started=1, excluded=0, replaced=0))  # nor the services
@example(usual(**dict.fromkeys(("completed_in_time", "completed_late", "excluded", "replaced"), 0), started=1,
               not_started=2) | {SERVICES[1]: dict.fromkeys(FATES, 9)})  # fmt: skip
@example(usual(earlier_draw=2, no_draw=8))  # nor how many audits are of draws
def test_no_small_count_can_be_worked_out_of_all_that_is_shown(counts):
    """Every shown count is an equation; no count of 1 to 5 may be all that they leave possible (solved exactly)."""
    found = world(counts)
    if found.current.empty or found.progress.empty:
        return
    facts = {name: fact.value for published in tables(found, "board", 5, COUNTED).values()
             for name, fact in facts_of(published).items() if fact.unit == "count"}  # fmt: skip
    small = {name for name, sum_of in SENSITIVE.items() if 1 <= true_count(sum_of, counts) <= 5}
    assert {name for name in small if is_known_exactly(SENSITIVE[name], facts)} == set()
