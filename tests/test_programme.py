"""Spans of months and what was completed in them, on hand counts."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_lib.measures.programme import completed, months_to, year_so_far


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
