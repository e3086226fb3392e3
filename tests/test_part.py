"""A report about a part of the audits is the same report, and gives away nothing beside the one about all of them."""

import json
import re
from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qa_lib as qa
from qa_lib.intake.audits import Audits
from qa_lib.intake.extracts import Extracts
from qa_lib.measures.shares import count_shares, grade_distribution
from qa_lib.problems import DATA, SETTINGS, QAError
from qa_lib.report.disclosure import protect
from qa_lib.report.material import Material
from qa_lib.report.part import part_of, part_words, title_words
from qa_lib.report.publishable import About
from qa_lib.settings.asked import Where
from qa_lib.settings.kinds import OVERALL
from qa_lib.settings.report import read_report
from qa_lib.settings.scale import GradeScale

K = 5
SCALE = GradeScale(labels=("Outstanding", "Good", "Requires improvement", "Inadequate"), lowest_good="Good")
NO_CHRONOLOGY = "There is no chronology on file."


def material(council, rows, audience="board", **where):
    """Material of hand-made audits: (service, overall grade, type, what was written), all in the report's period."""
    asked = Where(**{key: tuple(values) for key, values in where.items()})
    params = replace(read_report(council / "params/example/2013_q1.yml"), where=asked, audience=audience)
    table = pd.DataFrame(rows, columns=["service", "grade", "audit_type", "text"])
    table = table.assign(audit_id=[f"A{at}" for at in range(len(rows))], period="current", month="2013-05")
    allowed = [*params.framework.scale.allowed, "Not recorded"]
    gradings = table.assign(domain=pd.Categorical([OVERALL] * len(rows)), grade=pd.Categorical(table["grade"], allowed))
    comments = table[table["text"] != ""].assign(column="strengths")
    return Material(params, Extracts(Audits(table.drop(columns=["grade", "text"]), gradings, comments), ()))


def many(count, service="Fostering and Adoption", grade="Good", kind="Full", text=""):
    return [(service, grade, kind, text)] * count


MIXED = [
    *many(9),
    *many(7, grade="Inadequate", kind="Light"),
    *many(8, service="Disabled Children", grade="Inadequate", text=NO_CHRONOLOGY),
    *many(12, service="Disabled Children", text="All is well."),
    *many(10, text=NO_CHRONOLOGY),
]


@pytest.mark.parametrize(
    ("where", "expected"),  # counted by hand in MIXED
    [
        ({"service": ["Fostering and Adoption"]}, 9 + 7 + 10),
        ({"theme": ["chronologies"]}, 8 + 10),
        ({"grade": ["Inadequate"]}, 7 + 8),
        ({"tool": ["Light"]}, 7),
        ({"service": ["Disabled Children"], "theme": ["chronologies"]}, 8),
        ({"service": ["Disabled Children", "Fostering and Adoption"]}, 46),
        ({"theme": ["chronologies", "fathers"], "grade": ["Good"]}, 10),
    ],
)
def test_an_audit_belongs_if_it_has_one_of_the_values_of_every_key(council, where, expected):
    found = part_of(material(council, MIXED, "working", **where))
    assert len(found.current) == expected
    assert set(found.gradings("current", overall=True)["audit_id"]) == set(found.current["audit_id"])
    assert set(found.comments["audit_id"]) <= set(found.current["audit_id"])


def test_a_report_about_all_audits_is_measured_from_all_of_them(council):
    everyone = material(council, MIXED)
    assert part_of(everyone) is everyone


def test_a_part_is_named_in_the_words_of_the_settings(council):
    asked = {"service": ["Fostering and Adoption"], "theme": ["chronologies"], "grade": ["Inadequate"]}
    params = material(council, MIXED, **asked).params
    assert part_words(params) == "audits of Fostering and Adoption on Chronologies graded Inadequate"
    assert title_words(params) == "Fostering and Adoption, Chronologies, graded Inadequate"


def refused(everyone):
    with pytest.raises(QAError) as caught:
        part_of(everyone)
    (problem,) = caught.value.problems
    assert problem.fix
    assert set(re.findall(r"\d+", problem.message)) <= {str(everyone.params.hide_up_to)}  # the limit, and no count
    return problem.code, caught.value.exit_code


A, B, C = "First Response", "Disabled Children", "Fostering and Adoption"
LARGE = [*many(20, A), *many(20, A, "Inadequate"), *many(12, B), *many(12, B, "Inadequate")]
FEW_BELOW = [*many(9, C), *many(4, C, "Inadequate")]
NOTED = [*many(9, A, text="Clear chronology on file."), *many(3, A, text=NO_CHRONOLOGY)]
MOST_ON_A_THEME = [*many(9, A, text=NO_CHRONOLOGY), *many(9, A, "Inadequate", text=NO_CHRONOLOGY), *many(8, A)]
ON_A_THEME = {"service": [A], "theme": ["chronologies"]}
SMALL_PARTS = {
    "of few audits": ([*LARGE, *many(3, C)], {"service": [C]}),
    "that leaves few": ([*LARGE, *many(3, C)], {"service": [A, B]}),
    "that gives the one service that is hidden beside it": ([*LARGE, *FEW_BELOW], {"service": [B]}),
    "that gives a hidden service, less one that is shown": ([*LARGE, *FEW_BELOW], {"service": [A, C]}),
    "that tells two grades apart which are counted together":
        ([*LARGE, *many(3, A, "Requires improvement")], {"grade": ["Inadequate"]}),
    "that tells how few noted a theme otherwise": ([*LARGE, *NOTED], {"theme": ["chronologies"]}),
    "that gives the grades of a service without a theme":
        ([*MOST_ON_A_THEME, *many(4, A, "Inadequate"), *many(20, B)], ON_A_THEME),
    "that leaves few of a part with one key fewer":
        ([*many(9, A, text=NO_CHRONOLOGY), *many(3, B, text=NO_CHRONOLOGY), *LARGE], ON_A_THEME),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "where"), SMALL_PARTS.values(), ids=SMALL_PARTS)
def test_a_part_is_refused(council, rows, where):
    assert refused(material(council, rows, **where)) == ("part_small", DATA)
    assert part_of(material(council, rows, "working", **where))  # nothing is hidden from the analyst


def test_a_part_without_audits_and_one_by_service_for_the_public_are_refused(council):
    assert refused(material(council, LARGE, service=[C])) == ("empty_part", DATA)
    assert refused(material(council, LARGE, tool=["Nobody's"])) == ("empty_part", DATA)
    assert refused(material(council, LARGE, "public", service=[A])) == ("public_part", SETTINGS)


def test_a_large_part_is_made(council):
    assert len(part_of(material(council, LARGE, service=[A])).current) == 40
    assert len(part_of(material(council, LARGE, grade=["Inadequate"])).current) == 32


@st.composite
def any_audits(draw):
    """Audits in groups, each in the part or not, with a grade or without."""
    sizes = st.integers(0, 3) | st.integers(0, 12) | st.just(30)
    answers = [*SCALE.labels, "Not applicable"]
    groups = draw(st.integers(1, 4))
    rows = [
        (f"g{group}", answer, inside)
        for group in range(groups)
        for answer in answers
        for inside in (True, False)
        for _ in range(draw(sizes))
    ]
    return pd.DataFrame(rows, columns=["group", "grade", "inside"])


def small(count):
    return 1 <= count <= K


def shares(rows):
    return count_shares(rows, rows["grade"].isin(SCALE.good_or_better), rows["grade"].isin(SCALE.labels), "group")


def both(rows, measured, keys, **about):
    """The same table of all audits and of the part, as their readers see them."""
    rows = rows.assign(group=pd.Categorical(rows["group"], sorted(rows["group"].unique())))
    words = About("A table", "audits", "Group", "Good", "Graded", **about)
    whole, part = ([("t", keys, measured(which), words)] for which in (rows, rows[rows["inside"]]))
    return protect(whole, "board", K)["t"].table, protect(part, "board", K, whole)["t"].table, part[0][2]


@settings(max_examples=50)
@given(any_audits(), st.sampled_from(["", "service"]))
def test_no_count_of_the_part_or_of_the_rest_can_be_had_by_subtraction(rows, linked):
    if not rows["inside"].any():
        return
    whole, part, truth = both(rows, shares, ("group",), linked=linked)
    beside = part.merge(whole, on="group", suffixes=("", "_all"))
    assert len(beside) == len(part)
    for row in beside.itertuples():
        for n, of, left_out in ((row.n, row.of, row.left_out),
                                (row.n_all - row.n, row.of_all - row.of, row.left_out_all - row.left_out)):  # fmt: skip
            assert not any(map(small, (n, of, left_out, of - n)))
        if np.isnan(row.n_all):  # what all audits hide, their part does not show
            assert np.isnan(row.n)
    if linked:
        assert part["n"].isna().sum() != 1 or len(part) == 1
    for column in ("n", "of", "left_out"):  # and what is shown is true
        known = part[column].notna()
        assert (part.loc[known, column] == truth.loc[known, column]).all()
    if not linked:
        blurred = part["n"].isna() & part["share"].notna()
        exact = truth["n"] / truth["of"]
        assert ((part["share"] - exact).abs()[blurred] <= 0.005 + 1e-9).all()


def subsets(cells):
    return chain.from_iterable(combinations(cells, size) for size in range(1, len(cells) + 1))


def sums(cells):
    """Every set of grades or answers whose number the shown cells add up to."""
    return {frozenset(chain(*(names for names, _ in chosen))): sum(n for _, n in chosen) for chosen in subsets(cells)}


@settings(max_examples=30)
@given(any_audits())
def test_no_grade_of_the_rest_can_be_had_by_subtraction_however_grades_were_counted_together(rows):
    if not rows["inside"].any():
        return
    grades = [*SCALE.labels, "Not applicable", "Not recorded"]

    def measured(which):
        return grade_distribution(
            which.assign(domain=which["group"], grade=pd.Categorical(which["grade"], grades)), SCALE
        )

    whole, part, _ = both(rows, measured, ("group", "grade"), scale=SCALE)
    for group, shown in part[part["n"].notna()].groupby(part["group"].astype(str)):
        theirs = whole[(whole["group"].astype(str) == group) & whole["n"].notna()]
        assert len(theirs), "a group that all audits hide is shown of the part"
        mine, all_of = (sums(list(zip(table["together"], table["n"], strict=True))) for table in (shown, theirs))
        assert not any(map(small, mine.values()))
        assert not any(small(all_of[cells] - n) for cells, n in mine.items() if cells in all_of)
        for column in ("of", "left_out"):
            assert not small(theirs[column].iloc[0] - shown[column].iloc[0])


OPTIONS = ["Not applicable", *SCALE.labels]
SIDES = dict(zip(OPTIONS, ["not met", "met", "met", "not met", "not met"], strict=True))


def cells(table):
    """What the rows of a table of answers count: those of the others are all that have no row, on their side."""
    counted = []
    for row in table.itertuples():
        unnamed = {answer for answer in OPTIONS if answer not in set(table["option"])}
        of_its_side = {answer for answer in unnamed if getattr(row, "side", "") in ("", SIDES[answer])}
        counted.append((of_its_side if row.option.startswith("Other") else {row.option}, row.n))
    return counted


@settings(max_examples=30)
@given(any_audits(), st.booleans())
def test_no_answer_of_the_rest_can_be_had_by_subtraction_however_others_were_counted_together(rows, has_sides):
    if not rows["inside"].any():
        return

    def measured(which):
        keys = pd.MultiIndex.from_product([sorted(rows["group"].unique()), OPTIONS], names=["group", "option"])
        table = which.groupby(["group", "grade"], observed=True).size().rename_axis(["group", "option"])
        table = table.reindex(keys, fill_value=0).rename("n").reset_index()
        table["of"] = table.groupby("group")["n"].transform("sum")
        table = table.assign(left_out=0, share=table["n"] / table["of"], low=np.nan, high=np.nan)
        return table.assign(side=table["option"].map(SIDES)) if has_sides else table

    whole, part, _ = both(rows, measured, ("group", "option"), parts=True)
    for group, shown in part[part["n"].notna()].groupby("group"):
        theirs = whole[(whole["group"] == group) & whole["n"].notna()]
        assert len(theirs), "a group that all audits hide is shown of the part"
        mine, all_of = sums(cells(shown)), sums(cells(theirs))
        assert not any(small(all_of[one] - n) for one, n in mine.items() if one in all_of)


INSIDE = {"risk": ("standards", ("q1", "q2"))}


@pytest.mark.parametrize(
    ("full", "questions", "hidden"),  # n, of, left out: of the audits in which all was met, and of each question
    [
        ((17, 40, 0), [(20, 40, 0), (34, 40, 0)], True),  # 3 met q1 and not all
        ((12, 40, 0), [(20, 40, 0), (34, 40, 0)], False),
        ((20, 40, 0), [(20, 40, 0), (34, 40, 0)], False),  # none met q1 and not all
        ((10, 40, 0), [(15, 30, 10), (13, 30, 10)], True),  # 3 met q2 and not all
        ((10, 40, 0), [(12, 14, 26), (20, 40, 0)], False),  # q1 hides its numbers: nothing to subtract
        ((10, 40, 0), [(20, 48, 0), (20, 40, 0)], True),  # of those not in full (30), 28 had not met q1
    ],
)
def test_a_count_inside_another_goes_where_the_difference_is_small(full, questions, hidden):
    def table(groups, rows):
        found = pd.DataFrame(rows, columns=["n", "of", "left_out"]).assign(group=groups, low=np.nan, high=np.nan)
        return found.assign(share=found["n"] / found["of"])

    words = About("A table", "audits", "Question", "Met", "Applied")
    plan = [
        ("standards", ("group",), table(["q1", "q2"], questions), words),
        ("in_full", ("group",), table(["risk"], [full]), replace(words, inside=INSIDE)),
    ]
    row = protect(plan, "board", K)["in_full"].table.iloc[0]
    assert np.isnan(row["n"]) == np.isnan(row["share"]) == hidden
    assert row["of"] == full[1]
    assert not np.isnan(protect(plan, "working", 0)["in_full"].table["n"].iloc[0])


def of_a_part(home, name, where, base="2013_q1"):
    text = (home / "params/example" / f"{base}.yml").read_text(encoding="utf-8")
    path = home / "params/example" / f"{name}.yml"
    path.write_text(f"{text}\nwhere: {where}\n", encoding="utf-8")
    return path


def audits_of(home, service):
    """Rows of the extract of the period that name a service, counted by openpyxl alone."""
    (sheet,) = openpyxl.load_workbook(home / "extracts/example/audits_2013_q1.xlsx").worksheets[:1]
    return sum(service in [str(cell.value) for cell in row] for row in sheet.iter_rows())


def test_a_report_of_a_service_and_one_of_a_theme_name_their_part_in_title_base_and_record(council, packs):
    service = "Safeguarding and Support"
    expected = {
        "of_a_service": (service, f"audits of {service}", {"service": [service]}),
        "of_a_theme": ("Fathers", "audits on Fathers", {"theme": ["fathers"]}),
    }
    for name, (title, words, where) in expected.items():
        pack = packs(name)
        page = re.sub(r"\s+", " ", (pack / "report.html").read_text(encoding="utf-8"))
        plain = re.sub(r"<[^>]+>", "", page)
        record = json.loads((pack / "run.json").read_text(encoding="utf-8"))
        assert record["part"] == where
        assert record["title"] == f"Quarterly quality assurance report, May to July 2013: {title}"
        assert f"<title>{record['title']}" in page
        assert f"It is about {words}, not the whole service." in plain
        assert f"This report is about {words}:" in plain
        assert "because this report is about a part of the audits" in plain
        assert "Audits completed against the plan" not in plain.split("Not in this report")[0]
    ledger = json.loads((packs("of_a_service") / "facts.json").read_text(encoding="utf-8"))["facts"]
    facts = {fact["name"]: fact["value"] for fact in ledger}
    assert facts["part.all.n"] == audits_of(council, service)


def test_a_report_about_the_whole_service_refuses_a_part(copy_of_council, ask):
    path = of_a_part(copy_of_council, "of_a_month", "{theme: fathers}", "bulletin_2013_07")
    told = ask("run", path, cwd=copy_of_council)
    assert told.exit_code == SETTINGS
    assert "this report is about the whole service" in told.stderr
    with pytest.raises(QAError) as caught:
        qa.open_report(path, plan=qa.BULLETIN, whole_service=True)
    assert (caught.value.problems[0].code, caught.value.exit_code) == ("whole_service", SETTINGS)


def test_a_report_about_all_audits_says_nothing_of_a_part(council, pack):
    assert json.loads((pack / "run.json").read_text(encoding="utf-8"))["part"] == {}
    facts = json.loads((pack / "facts.json").read_text(encoding="utf-8"))["facts"]
    assert not [fact for fact in facts if fact["name"].startswith(("part.", "report.part"))]


def test_a_part_chosen_by_grade_is_compared_with_no_other_period(copy_of_council):
    """The base of its row for last quarter is how often the grade was given then, which all minus that tells."""
    of_a_part(copy_of_council, "of_a_grade", "{grade: [Good]}")
    report = qa.open_report(copy_of_council / "params/example/of_a_grade.yml", plan=qa.QUARTERLY)
    assert all(report[name].is_empty for name in ("periods", "domains_compared", "change", "by_month", "control"))
    assert not report["by_domain"].is_empty


def test_a_slip_in_one_of_several_types_is_refused(council):
    assert refused(material(council, LARGE, tool=["Full", "Fulll"])) == ("unknown_type", DATA)


def test_a_part_of_many_values_is_named_shortly_in_the_title(council):
    themes = list(read_report(council / "params/example/2013_q1.yml").codebook.themes)
    params = material(council, LARGE, theme=themes).params
    assert title_words(params) == "a part of the audits"
    assert len(part_words(params)) > 200
