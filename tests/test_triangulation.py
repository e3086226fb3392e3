"""Do the activities agree? Hand counts, published values, and what must not change a word."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from qa_lib.measures.observations import AS_GIVEN, Noted, noted
from qa_lib.measures.recurring import notes_it, verdicts
from qa_lib.measures.triangulation import directions, ledger, turns
from qa_lib.settings.activities import Recurring
from qa_lib.settings.codebook import Codebook
from qa_lib.settings.framework import Framework

CODEBOOK = Codebook.model_validate(
    {
        "version": "1",
        "boxes": {"strengths": "strength", "areas_for_development": "development"},
        "negation": {"words": ("no",), "window": 3},
        "contrast": ("but",),
        "ignore": ("n/a",),
        "themes": {
            "chronologies": {"label": "Chronologies", "issue": "E2", "terms": ("chronology",)},
            "fathers": {"label": "Fathers", "issue": "E10", "terms": ("father",), "strengths": ("father took part",)},
            "supervision": {"label": "Supervision", "issue": "E5", "terms": ("supervision",)},
        },
    }
)
FRAMEWORK = Framework.model_validate(
    {
        "council": "Exampleshire",
        "report_to": "Board",
        "author": "Team",
        "scale": {"labels": ("Good", "Poor"), "lowest_good": "Good"},
        "services": ("North", "South"),
        "activities": {
            "case_audits": {"label": "Audits", "audits": True},
            "complaints": {"label": "Complaints", "says": "development"},
            "feedback": "Feedback",
        },
    }
)


def observed(*rows):
    """Observations: id, activity, day, and what else."""
    table = pd.DataFrame(rows, columns=["evidence_id", "activity", "date", "theme", "text", "polarity"])
    day = pd.to_datetime(table["date"])
    return table.assign(date=day, month=day.dt.strftime("%Y-%m"), service="North")


AUDITS = pd.DataFrame(
    {
        "audit_id": ["A1", "A2"],
        "audit_date": pd.to_datetime(["2013-05-03", "2013-06-04"]),
        "month": ["2013-05", "2013-06"],
        "service": ["North", "South"],
    }
)
READ = pd.DataFrame(
    {
        "audit_id": ["A1", "A1"],
        "theme": ["fathers", "fathers"],
        "polarity": ["strength", "development"],
        "rule": ["term: father", "term: father"],
        "text": ["father seen", "father not asked"],
    }
)
OBSERVATIONS = observed(
    ("C1", "complaints", "2013-05-10", "", "Nobody wrote to the father.", ""),  # a bare mention, in a complaint
    ("C2", "complaints", "2013-06-10", "", "The father took part in it all", ""),  # a phrase that is a strength
    ("F1", "feedback", "2013-05-11", "", "They keep a chronology", ""),  # a bare mention: no direction
    ("F2", "feedback", "2013-05-12", "", "They keep a chronology", "strength"),  # the row says it
    ("F3", "feedback", "2013-07-12", "E10; Supervision; nonsense", "chronology", "development"),  # as given
    ("F4", "feedback", "2013-07-13", "", "n/a", "development"),
)


def found(observations=OBSERVATIONS):
    return noted(AUDITS, READ, observations, CODEBOOK, FRAMEWORK)


def test_every_activity_is_read_by_one_codebook_and_what_came_ready_made_is_taken_as_it_stands():
    # Read by eye, row by row, from the table above.
    notes = found().notes
    assert [tuple(row) for row in notes[["id", "theme", "polarity"]].itertuples(index=False)] == [
        ("A1", "fathers", "development"),
        ("A1", "fathers", "strength"),
        ("C1", "fathers", "development"),
        ("C2", "fathers", "strength"),
        ("F1", "chronologies", "unclear"),
        ("F2", "chronologies", "strength"),
        ("F3", "fathers", "development"),
        ("F3", "supervision", "development"),
    ]
    assert set(notes.loc[notes["id"] == "F3", "rule"]) == {AS_GIVEN}
    assert AS_GIVEN not in set(notes.loc[notes["id"] != "F3", "rule"])
    assert len(found().base) == 2 + 6


def test_a_ledger_counts_each_observation_once_and_leaves_out_an_activity_without_any():
    table = ledger(found(), CODEBOOK.themes, [*FRAMEWORK.activity_words, "learning"], "development")
    counts = {(row.group, row.activity): (row.n, row.of) for row in table.itertuples()}
    assert counts["fathers", "case_audits"] == (1, 2)
    assert counts["fathers", "complaints"] == (1, 2)
    assert counts["fathers", "feedback"] == (1, 4)
    assert counts["chronologies", "feedback"] == (0, 4)
    assert not any(activity == "learning" for _, activity in counts)
    once_more = Noted(pd.concat([found().base] * 2), pd.concat([found().notes] * 2))
    again = ledger(once_more, CODEBOOK.themes, FRAMEWORK.activity_words, "development")
    pd.testing.assert_frame_equal(again, table)


@given(st.permutations(range(6)), st.booleans())
def test_the_order_of_rows_and_an_activity_without_observations_change_nothing(order, emptied):
    shuffled = OBSERVATIONS.iloc[order].reset_index(drop=True)
    framework = FRAMEWORK
    if emptied:
        more = {**FRAMEWORK.model_dump()["activities"], "learning": {"label": "Learning"}}
        framework = Framework.model_validate({**FRAMEWORK.model_dump(), "activities": more})
    one = noted(AUDITS.iloc[::-1], READ.iloc[::-1], shuffled, CODEBOOK, framework)
    for got, expected in ((one.base, found().base), (one.notes, found().notes)):
        pd.testing.assert_frame_equal(got, expected)
    table = ledger(one, CODEBOOK.themes, framework.activity_words, "development")
    pd.testing.assert_frame_equal(table, ledger(found(), CODEBOOK.themes, FRAMEWORK.activity_words, "development"))


def test_renaming_an_activity_renames_its_rows_and_changes_no_count():
    renamed = OBSERVATIONS.assign(activity=OBSERVATIONS["activity"].replace("complaints", "letters"))
    activities = {
        ("letters" if key == "complaints" else key): one for key, one in FRAMEWORK.model_dump()["activities"].items()
    }
    framework = Framework.model_validate({**FRAMEWORK.model_dump(), "activities": activities})
    one = ledger(
        noted(AUDITS, READ, renamed, CODEBOOK, framework), CODEBOOK.themes, framework.activity_words, "development"
    )
    before = ledger(found(), CODEBOOK.themes, FRAMEWORK.activity_words, "development")
    pd.testing.assert_frame_equal(one.assign(activity=one["activity"].replace("letters", "complaints")), before)


def test_a_direction_is_given_where_a_sign_test_allows_it():
    # R 4.2: binom.test(c(7, 0)) p = 0.0156, binom.test(c(99, 61)) p = 0.0032; Holm over four.
    needs, strengths = pd.Series([7.0, 61, 5, 3, 0]), pd.Series([0.0, 99, 4, float("nan"), 0])
    assert directions(needs, strengths).tolist() == ["need", "strength", "mixed", "", ""]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=6))
def test_directions_follow_the_exact_binomial_test(pairs):
    needs, strengths = (pd.Series([float(pair[at]) for pair in pairs]) for at in (0, 1))
    p = sorted(
        (binomtest(a, a + b).pvalue, at) for at, (a, b) in enumerate(pairs) if a + b
    )  # Holm by hand: smallest first, times those that are left
    clear, running = set(), 0.0
    for place, (value, at) in enumerate(p):
        running = max(running, value * (len(p) - place))
        clear |= {at} if running < 0.05 else set()
    words = directions(needs, strengths)
    assert {at for at, word in enumerate(words) if word in {"need", "strength"}} == clear


def a_series(counts, of=40, key=("fathers", "complaints")):
    return pd.DataFrame([(*key, span, n, of) for span, n in enumerate(counts)],
                        columns=["group", "activity", "span", "n", "of"])  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "turn", "since"),
    [
        ([2, 2, 17, 18, 16], 1, 2),
        ([16, 17, 18, 2, 2], -1, 3),
        ([8, 9, 8, 9, 8], 0, -1),
        ([17], 0, -1),
    ],
)
def test_a_turn_is_found_where_the_figures_part_most_clearly(counts, turn, since):
    row = turns(a_series(counts)).iloc[0]
    assert (row["turn"], row["since"]) == (turn, since)


def test_many_series_without_a_turn_give_few():
    # 60 councils, each with 20 series of 5 spans and the same share throughout: Holm at 5% allows a false turn in 3 of
    # them on average, and 10 or more with a chance under 0.1% (binomial).
    dice = np.random.default_rng(7)
    false = 0
    for _ in range(60):
        rows = [a_series(dice.binomial(40, 0.2, 5), key=(f"t{at}", "c")) for at in range(20)]
        false += bool((turns(pd.concat(rows))["turn"] != 0).any())
    assert false < 10


@settings(max_examples=25)
@given(st.lists(st.integers(0, 40), min_size=3, max_size=6), st.data())
def test_a_turn_is_never_told_that_hangs_on_a_hidden_count(counts, data):
    series = a_series(counts)
    told = turns(series, hide_up_to=5).iloc[0]
    other = [data.draw(st.integers(1, 5)) if 1 <= n <= 5 else n for n in counts]
    again = turns(a_series(other), hide_up_to=5).iloc[0]
    assert (told["turn"], told["since"]) == (again["turn"], again["since"])


def test_an_issue_recurs_by_the_rule_of_the_framework():
    rule = Recurring(activities=3, observations=6, share=0.10, periods=2, of_periods=3)
    n, of = pd.Series([6.0, 5, 6, 6, float("nan")]), pd.Series([60.0, 20, 61, 60, 60])
    assert notes_it(n, of, rule).tolist() == [True, False, False, True, False]
    assert verdicts(pd.Series([3, 2, 1, 0, 0]), pd.Series([0, 0, 0, 2, 1]), rule).tolist() == [
        "recurring", "just short", "not recurring", "recurring", "just short",
    ]  # fmt: skip


def test_a_ready_made_theme_that_the_codebook_does_not_know_is_told_and_its_text_is_read():
    rows = observed(
        ("F5", "feedback", "2013-05-11", "nonsense", "The father took part", ""),
        ("F6", "feedback", "2013-05-12", "fathers; nonsense", "supervision", "development"),
    )
    notes = found(rows).notes
    assert [
        tuple(row) for row in notes.loc[notes["activity"] == "feedback", ["id", "theme", "rule"]].values.tolist()
    ] == [
        ("F5", "fathers", "phrase: father took part"),
        ("F6", "fathers", AS_GIVEN),
    ]
