"""No small count leaves the gate, shown or to be worked out from its own row, and nothing shown is changed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_lib.measures.shares import MEASURES, grade_distribution, wilson_interval
from qa_lib.report.bars import grades_chart
from qa_lib.report.blocks import Paragraph
from qa_lib.report.charts import periods_chart, shares_chart
from qa_lib.report.disclosure import protect
from qa_lib.report.facts import facts_of, label_facts, numbers_in, shown
from qa_lib.report.narrative import tell
from qa_lib.report.publishable import About
from qa_lib.report.tables import table_block
from qa_lib.settings.scale import GradeScale

SCALE = GradeScale(labels=("Outstanding", "Good", "Requires improvement", "Inadequate"), lowest_good="Good")
K = 5


def measure_table(rows: list[tuple[int, int, int]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["n", "of", "left_out"])
    table.insert(0, "group", [f"g{at}" for at in range(len(rows))])
    return table.join(wilson_interval(table["n"], table["of"]))[["group", *MEASURES]]


def gate(table: pd.DataFrame, audience: str = "board", k: int = K, **about):
    words = About("A table", "audits", "Group", "Good", "Graded", **about)
    return protect([("t", ("group",), table, words)], audience, k)["t"]


@st.composite
def any_table(draw, most=200):
    rows = []
    for _ in range(draw(st.integers(1, 8))):
        of = draw(st.integers(0, most))
        rows.append((draw(st.integers(0, of)), of, draw(st.integers(0, 40))))
    return measure_table(rows)


def is_small(count: float) -> bool:
    return 1 <= count <= K


@given(any_table(), st.sampled_from(["", "service"]))
def test_no_small_count_or_complement_is_shown(table, linked):
    protected = gate(table, linked=linked).table
    for column in ("n", "of", "left_out"):
        assert not protected[column].map(is_small).any()
    assert not (protected["of"] - protected["n"]).map(is_small).any()


@given(any_table())
def test_a_small_number_left_out_cannot_be_worked_out_from_the_number_of_audits(table):
    """A reader knows all audits (of + left_out); whatever is shown must fit each left_out from 1 to K."""
    protected = gate(table).table
    for truth, row in zip(table.itertuples(), protected.itertuples(), strict=True):
        if not is_small(truth.left_out):
            continue
        assert np.isnan(row.of)
        assert np.isnan(row.n)
        if np.isnan(row.share):
            continue
        assert 100 * row.share == pytest.approx(round(100 * row.share), abs=1e-9)
        everyone = truth.of + truth.left_out
        for left in range(1, K + 1):
            base = everyone - left
            assert any(round(100 * n / base) == round(100 * row.share) for n in range(base + 1))


@given(any_table())
def test_the_interval_of_a_row_without_counts_says_no_more_than_its_share(table):
    """Two truths with the same whole percentage and the same number of audits show the same interval."""
    protected = gate(table).table
    for truth, row in zip(table.itertuples(), protected.itertuples(), strict=True):
        if is_small(truth.left_out) and not np.isnan(row.share):
            everyone = truth.of + truth.left_out
            middle = everyone - (K + 1) / 2
            percent = round(100 * row.share)
            expected = wilson_interval(pd.Series([percent / 100 * middle]), pd.Series([middle])).iloc[0]
            assert (row.low, row.high) == pytest.approx((expected.low, expected.high), abs=0.0051)


@given(any_table(), st.sampled_from(["", "service"]))
def test_what_is_shown_is_true(table, linked):
    protected = gate(table, linked=linked).table
    for column in ("n", "of", "left_out"):
        known = protected[column].notna()
        assert (protected.loc[known, column] == table.loc[known, column]).all()
    exact = protected["n"].notna() & protected["share"].notna()
    assert np.allclose(protected.loc[exact, "share"], table.loc[exact, "share"])


@st.composite
def any_services(draw):
    """The audits of some services, as the grades by service and the coverage of the case list see them."""
    counts = st.integers(0, 6) | st.integers(0, 40)
    rows = draw(st.lists(st.tuples(*[counts] * 4), min_size=1, max_size=7))
    graded = measure_table([(good, good + poor, left) for good, poor, left, _ in rows])
    done = [good + poor + left for good, poor, left, _ in rows]
    cover = measure_table([(n, n + more, 0) for n, (*_, more) in zip(done, rows, strict=True)])
    return graded, cover


@settings(max_examples=100)
@given(any_services())
def test_no_part_of_a_known_total_is_hidden_alone_in_any_table_that_shares_its_parts(tables):
    graded, cover = tables
    about = {
        "graded": About("Grades", "audits", "Service", "Good", "Graded", linked="service"),
        "cover": About("Coverage", "audits", "Service", "Audits", "Open", linked="service", of_is_known=True),
    }
    plan = [(name, ("group",), table, about[name]) for name, table in (("graded", graded), ("cover", cover))]
    shown_as = protect(plan, "board", K)
    left, right = shown_as["graded"].table, shown_as["cover"].table
    for table in (left, right):
        for column in ("n", "of", "left_out"):
            assert not table[column].map(is_small).any()
            hidden = table[column].isna().sum()
            assert hidden != 1 or len(table) == 1  # one gap in a known sum is no gap
    # what one table hides the other does not give away: audits = graded + not graded
    assert list(left["of"].isna()) == list(right["n"].isna())
    assert list(left["n"].isna()) == list(left["of"].isna()) == list(left["left_out"].isna())
    assert not (right["of"] - right["n"]).map(is_small).any()


@given(any_table())
def test_no_hidden_count_stays_in_a_column_that_is_not_shown(table):
    protected = gate(table).table
    hidden = protected["of"].isna() & protected["share"].isna()
    assert (protected.loc[hidden, "base"] == 0).all()


@given(any_table())
def test_a_share_of_fewer_than_twenty_is_not_given(table):
    protected = gate(table).table
    assert protected.loc[table["of"] + table["left_out"] < 20, "share"].isna().all()
    assert protected.loc[table["of"] < 20, "share"].isna().all()


@given(any_table())
def test_a_working_copy_hides_no_count(table):
    protected = gate(table, audience="working", k=0).table
    pd.testing.assert_frame_equal(protected[["n", "of", "left_out"]], table[["n", "of", "left_out"]].astype(float))


@given(any_table())
def test_a_public_copy_shows_counts_in_fives_only_and_nothing_finer(table):
    protected = gate(table, audience="public", k=9).table
    for column in ("n", "of", "left_out"):
        assert (protected[column].dropna() % 5 == 0).all()
    exact = protected["n"].notna() & protected["share"].notna()
    rounded = (protected["n"] / protected["of"]).clip(upper=1)
    assert np.allclose(protected.loc[exact, "share"], rounded[exact])


def test_a_public_copy_has_no_table_by_service():
    assert gate(measure_table([(30, 60, 0)]), audience="public", k=9, whole_service=False).is_empty


def test_a_plan_is_no_number_of_children():
    assert gate(measure_table([(48, 50, 0)]), children=False).table["n"].iloc[0] == 48
    assert np.isnan(gate(measure_table([(48, 50, 0)])).table["n"].iloc[0])


@st.composite
def any_grades(draw):
    rows = []
    for domain in ("planning", "review"):
        counts = [draw(st.integers(0, 40)) for _ in range(4)] + [draw(st.integers(0, 20))]
        for grade, count in zip((*SCALE.labels, "Not applicable"), counts, strict=True):
            rows += [(domain, grade)] * count
    return pd.DataFrame(rows, columns=["domain", "grade"])


@given(any_grades())
def test_small_grades_are_counted_with_a_neighbour_on_the_same_side_of_good_or_hidden(gradings):
    if gradings.empty:
        return
    about = About("Grades", "gradings", "Domain", "Count", "Graded", scale=SCALE)
    table = grade_distribution(gradings, SCALE)
    protected = protect([("grades", ("group", "grade"), table, about)], "board", K)["grades"].table
    assert not protected["n"].map(is_small).any()
    for _, rows in protected.groupby("group"):
        together = [grade for labels in rows["together"] for grade in labels]
        assert together == list(SCALE.labels)
        for labels in rows["together"]:
            assert set(labels) <= set(SCALE.good_or_better) or set(labels) <= set(SCALE.below_good)
        if rows["n"].notna().all():
            assert rows["n"].sum() == rows["of"].iloc[0]


@settings(deadline=None, max_examples=25)
@given(any_table())
def test_sentences_tables_and_pictures_hold_nothing_that_the_gate_hid(table):
    """Render the protected table in every way and look for a fact that it does not hold."""
    about = About("A table", "audits", "Group", "Good", "Graded", goal="good")
    protected = protect([("by_domain", ("group",), table, about)], "board", K)["by_domain"]
    facts = facts_of(protected)
    known = set(facts) | set(label_facts(protected)) | {"settings.goal"}
    chart, told = shares_chart(protected), tell(protected)
    runs = [run for block in told.blocks if isinstance(block, Paragraph) for run in block.runs]
    for block in chart.blocks if chart else ():
        runs += [*block.title, *block.alt, *block.labels]
    assert {name for run in runs for name in run.facts} <= known
    for run in runs:
        said = {number for name in run.facts if name in facts for number in numbers_in(shown(facts[name]))}
        assert numbers_in(run.text) <= said | numbers_in("".join(protected.label(group) for group in table["group"]))
    cells = [cell for row in table_block(protected).rows for cell in row]
    assert {name for cell in cells for name in cell.facts} <= known


def test_a_merged_grade_shows_in_the_picture_as_one_part():
    rows = [("planning", "Outstanding")] * 30 + [("planning", "Good")] * 30
    rows += [("planning", "Requires improvement")] * 20 + [("planning", "Inadequate")] * 3
    gradings = pd.DataFrame(rows, columns=["domain", "grade"])
    about = About("Grades", "gradings", "Domain", "Count", "Graded", scale=SCALE)
    published = protect([("grades", ("group", "grade"), grade_distribution(gradings, SCALE), about)], "board", K)[
        "grades"
    ]
    chart = grades_chart(published)
    assert chart is not None
    assert [run.text for run in chart.blocks[0].labels] == ["30", "30", "23"]


@pytest.mark.filterwarnings("error")
def test_a_chart_of_one_row_and_three_periods_has_room_for_its_key():
    rows = [("planning", period, 60, 100, 0) for period in ("current", "previous", "last_year")]
    table = pd.DataFrame(rows, columns=["group", "period", "n", "of", "left_out"])
    table = table.join(wilson_interval(table["n"], table["of"]))
    words = About(
        "A table", "gradings", "Domain", "Good", "Graded", labels={"current": "November 2013 to January 2014"}
    )
    published = protect([("t", ("group", "period"), table, words)], "board", K)["t"]
    assert periods_chart(published) is not None
