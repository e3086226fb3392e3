"""Answers that were given few times: counted together as others, so that none of them can be told."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_lib.report.merging import OTHERS as OTHER_ANSWERS
from qa_lib.report.merging import merge_parts

K = 5
OTHERS = OTHER_ANSWERS[""]


def parts_of(counts, left_out=0):
    of = sum(counts)
    rows = [{"group": "q", "option": f"o{at}", "n": float(n)} for at, n in enumerate(counts)]
    shares = [n / of if of else float("nan") for n in counts]
    return pd.DataFrame(rows).assign(
        of=float(of), left_out=float(left_out), share=shares, low=0.1, high=0.2, base=float(of)
    )


def told(counts, left_out=0):
    table, marks = merge_parts(parts_of(counts, left_out), K, "option")
    shown = {option: n for option, n in zip(table["option"], table["n"], strict=True) if n == n}  # noqa: PLR0124
    return shown, (marks["n"] == "c").all()


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((20, 12, 8), {"o0": 20, "o1": 12, "o2": 8}),
        ((20, 12, 0), {"o0": 20, "o1": 12, "o2": 0}),  # nobody chose it: that tells of no child
        ((20, 12, 4, 3), {"o0": 20, "o1": 12, OTHERS: 7}),
        ((20, 12, 3), {"o0": 20, OTHERS: 15}),  # alone it could be told from the rest, so the next smallest joins it
        ((20, 12, 2, 2), {"o0": 20, OTHERS: 16}),  # two small ones that are small together
    ],
)
def test_small_answers_are_counted_together_with_the_next_smallest(counts, shown):
    assert told(counts)[0] == shown


@pytest.mark.parametrize(("counts", "left_out"), [((20, 3), 0), ((3, 1), 0), ((20, 12), 2)])
def test_where_nothing_is_left_to_tell_the_whole_question_is_hidden(counts, left_out):
    shown, hidden = told(counts, left_out)
    assert shown == {}
    assert hidden


@given(st.lists(st.integers(0, 30), min_size=2, max_size=6), st.integers(0, 8))
def test_no_shown_count_is_small_and_what_is_shown_adds_up_to_all(counts, left_out):
    shown, _ = told(counts, left_out)
    assert not any(1 <= n <= K for n in shown.values())
    if shown:
        assert sum(shown.values()) == sum(counts)
        assert not 1 <= left_out <= K


SIDED = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["met", "not met"])), min_size=2, max_size=6)


@given(SIDED)
def test_beside_the_share_that_met_the_standard_no_small_count_can_be_worked_out(answers):
    counts, sides = zip(*answers, strict=True)
    table = parts_of(counts).assign(side=sides)
    merged, _ = merge_parts(table, K, "option")
    shown = merged[merged["n"].notna()]
    for side in ("met", "not met"):
        total = sum(n for n, where in answers if where == side)  # the reader knows it from the table of standards
        rows = shown[shown["side"] == side]
        left = total - rows["n"].sum()
        assert rows.empty or left == 0
        assert not ((rows["n"] >= 1) & (rows["n"] <= K)).any()


def test_answers_that_meet_a_standard_are_not_counted_with_those_that_do_not():
    table = parts_of((30, 7, 3, 30)).assign(side=["met", "met", "not met", "not met"])
    merged, _ = merge_parts(table, K, "option")
    found = dict(zip(merged["option"], merged["n"], strict=True))
    assert found == {"o0": 30, "o1": 7, OTHER_ANSWERS["not met"]: 33}
