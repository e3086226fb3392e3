"""The monthly bulletin: its figures counted again without the library, its one thing, and what two of it give away."""

import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import pandas as pd
import pikepdf
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from test_golden_facts import DOMAINS, ON_SCALE, SPELLINGS, rows_of

import qa_lib as qa
from qa_lib.problems import SETTINGS, QAError
from qa_lib.report.blocks import Missing, text_of_block
from qa_lib.report.bulletin import choose
from qa_lib.report.rounding import rounded

TOP = Path(__file__).parent.parent
K = 5


# --- the example, counted again --------------------------------------------------------------------------------------


def months_between(first, last):
    return [f"{at // 12}-{at % 12 + 1:02d}" for at in range(first[0] * 12 + first[1] - 1, last[0] * 12 + last[1])]


YEAR = months_between((2012, 8), (2013, 7))
LATEST, BEFORE = months_between((2013, 5), (2013, 7)), months_between((2012, 5), (2013, 4))


@pytest.fixture(scope="module")
def rows(council):
    return list(rows_of(council / "extracts" / "example"))


@pytest.fixture(scope="module")
def facts(packs):
    ledger = json.loads((packs("bulletin_2013_07") / "facts.json").read_text(encoding="utf-8"))["facts"]
    return {fact["name"]: fact["value"] for fact in ledger}


def counted(rows, column, months):
    """Good or better and graded, of the audits of these months."""
    cells = [row[column] for row in rows if f"{row['audit_date']:%Y-%m}" in months]
    words = [SPELLINGS.get(cell, cell) for cell in cells]
    return sum(word in ON_SCALE[:2] for word in words), sum(word in ON_SCALE for word in words)


def test_golden_facts(facts):
    """The figures of the bulletin for July 2013, readable; the tests below count them again without the library."""
    assert (facts["done.month.n"], facts["done.month.of"]) == (42, 50)
    assert (facts["done.year.n"], facts["done.year.of"]) == (165, 200)  # 39, 42, 42 and 42 of 50 a month
    assert (facts["done.rolling.n"], facts["done.rolling.of"]) == (482, 600)
    assert facts["rolling_overall.all.share"] == 0.59  # 282 of 482
    assert facts["rolling_overall.all.graded"] == "about 480"
    assert facts["rolling.supervision.share"] == 0.52  # 232 of 444
    assert facts["rolling.referral_response.share"] == 0.66  # 220 of 336 is 65%, and so few are told in steps of two
    assert facts["rolling.permanence_pathway.share"] == 0.55  # 106 of 193: in steps of five
    assert {name.split(".")[1] for name in facts if name.startswith("strengths.")} == {
        "direct_work",
        "referral_response",
    }
    assert facts["bulletin.one_thing_key"] == "management_oversight"  # supervision is lower, and was last month's
    assert facts["last_one_thing.supervision.current.direction"] == "no clear change"


def test_completed_audits_are_those_of_the_extracts(facts, rows):
    months = Counter(f"{row['audit_date']:%Y-%m}" for row in rows)
    assert facts["done.month.n"] == months["2013-07"]
    assert facts["done.year.n"] == sum(months[month] for month in months_between((2013, 4), (2013, 7)))
    assert facts["done.rolling.n"] == sum(months[month] for month in YEAR)


@pytest.mark.parametrize(
    ("name", "column", "months"),
    [
        ("rolling_overall.all", "overall_grade", YEAR),
        *((f"rolling.{domain}", domain, YEAR) for domain in DOMAINS),
        ("last_one_thing.supervision.current", "supervision", LATEST),
        ("last_one_thing.supervision.earlier", "supervision", BEFORE),
    ],
)
def test_every_share_is_the_one_counted_without_the_library_but_for_its_rounding(facts, rows, name, column, months):
    n, of = counted(rows, column, months)
    step = 1 if of >= 400 else 2 if of >= 200 else 5
    percent = round(100 * facts[f"{name}.share"])
    assert percent % step == 0
    assert abs(100 * n / of - percent) <= step / 2
    assert facts[f"{name}.low"] < n / of < facts[f"{name}.high"]
    about = int(facts[f"{name}.graded"].removeprefix("about "))
    assert about % 10 == 0
    assert abs(about - of) <= 5


def test_the_pack_holds_no_count_of_gradings(facts):
    tables = ("rolling", "rolling_overall", "strengths", "one_thing", "last_one_thing")
    counts = [name for name in facts if name.split(".")[0] in tables and name.endswith((".n", ".of", ".left_out"))]
    assert counts == []


def test_the_standards_of_what_is_named_stand_on_the_page(packs):
    page = (packs("bulletin_2013_07") / "report.html").read_text(encoding="utf-8")
    standards = YAML(typ="safe").load((TOP / "params" / "standards.yml").read_text(encoding="utf-8"))["domains"]
    for domain in ("direct_work", "referral_response", "management_oversight"):
        assert " ".join(standards[domain]["good"].split()) in page, domain
    assert standards["management_oversight"]["try_this"] in page
    assert standards["planning"]["good"][:40] not in page


def test_the_next_bulletin_knows_what_this_one_asked_and_each_has_two_pages(copy_of_council, packs, ask):
    params = copy_of_council / "params" / "example"
    following = params / "bulletin_2013_07.yml"
    asked = YAML(typ="safe").load(following.read_text(encoding="utf-8"))["last_one_thing"]
    following.unlink()
    published = packs("bulletin_2013_06")
    with pikepdf.open(published / "report.pdf") as printed:
        assert len(printed.pages) == 2
    words = ("next", "params/example/bulletin_2013_06.yml", "--outputs", published.parents[2])
    told = ask(*words, cwd=copy_of_council)
    assert told.exit_code == 0, told.stderr
    assert YAML(typ="safe").load(following.read_text(encoding="utf-8"))["last_one_thing"] == asked == "supervision"


# --- the one thing ---------------------------------------------------------------------------------------------------

INTERVALS = st.tuples(st.integers(0, 90), st.integers(1, 10)).map(lambda ends: (ends[0] / 100, sum(ends) / 100))


@given(st.lists(INTERVALS, min_size=1, max_size=9))
def test_it_is_never_the_same_twice_running_unless_there_is_but_one(intervals):
    counts = pd.DataFrame(intervals, columns=["low", "high"])
    counts.insert(0, "group", [f"d{at}" for at in range(len(counts))])
    last = ""
    for _ in range(4):
        strengths, one = choose(counts, last)
        assert one
        assert (one != last) or len(counts) == 1
        assert one not in strengths
        assert last not in strengths
        assert len(strengths) <= 2
        others = counts[~counts["group"].isin({one, last})]
        assert (others["high"] >= counts.set_index("group").loc[one, "high"]).all()
        last = one


def test_without_a_domain_nothing_is_named():
    assert choose(pd.DataFrame({"group": [], "low": [], "high": []}), "planning") == ([], "")


# --- made extracts ---------------------------------------------------------------------------------------------------

PARAMS = """\
notebook: monthly_bulletin
title: "Bulletin, {{period}}"
period: {{from: 2013-07-01, to: 2013-07-31}}
as_of: 2013-08-05
framework: framework.yml
codebook: codebook.yml
{also}
extracts: {{audits: ../../audits.csv}}
"""
EVERY = months_between((2012, 5), (2013, 7))


def audits_of(month, percent, count):
    """So many audits of a month: this percent of them good in planning, other domains steady."""
    for at in range(count):
        planning, *steady = ["Good" if at * 100 < share * count else "Inadequate" for share in (percent, 80, 70, 50)]
        yield [f"{month}-{at}", f"{month}-15", "Good" if at % 2 else "Inadequate", planning, *steady]


@pytest.fixture
def opened(tmp_path):
    """Open a bulletin of made audits: how many a month (in June 2013 too), and the percent good in planning."""
    for folder in ("params", "notebooks"):
        shutil.copytree(TOP / folder, tmp_path / folder)

    def make(before=60, latest=60, audits=40, june=None, also="last_one_thing: planning", plan=True, months=EVERY):
        with (tmp_path / "audits.csv").open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow("audit_id audit_date overall_grade planning review recording assessment".split())
            for month in months:
                count = june if june and month == "2013-06" else audits
                writer.writerows(audits_of(month, latest if month in LATEST else before, count))
        example = tmp_path / "params" / "example"
        if not plan:
            framework = (example / "framework.yml").read_text(encoding="utf-8")
            start, end = framework.index("programme:"), framework.index("confidence:")
            (example / "framework.yml").write_text(framework[:start] + framework[end:], encoding="utf-8")
        path = example / "made.yml"
        path.write_text(PARAMS.format(also=also), encoding="utf-8")
        return qa.open_report(path, plan=qa.BULLETIN, whole_service=True)

    return make


def words_of(shown):
    return "\n".join(text_of_block(block) for block in shown.blocks)


@pytest.mark.parametrize(
    ("before", "latest", "said", "short"),
    [
        (50, 90, "The share rose by more than chance explains.", "rose by more"),
        (60, 25, "The share fell by more than chance explains.", "fell by more"),
        (60, 65, "no clear change", "no clear change yet"),
    ],
)
def test_last_months_one_thing_is_told_as_the_statistics_allow(opened, before, latest, said, short):
    report = opened(before, latest)
    assert said in words_of(qa.tell(report["last_one_thing"]))
    assert short in words_of(qa.in_short(report["last_one_thing"]))


def test_it_is_too_early_to_say_while_there_is_nothing_before_or_too_little(opened):
    for report in (opened(months=EVERY[-3:]), opened(audits=6)):
        assert "too early to say" in words_of(qa.tell(report["last_one_thing"]))
        assert "too early to say" in words_of(qa.in_short(report["last_one_thing"]))
        assert not [name for name in report.facts if name.endswith(".direction")]


def test_a_month_of_few_audits_is_hidden_and_so_is_every_span_that_holds_it(opened):
    report = opened(june=3)
    assert report.facts["done.month.n"].value == 40
    assert not {"done.year.n", "done.year.share", "done.rolling.n", "done.rolling.share"} & set(report.facts)
    cells = [[cell.mark or cell.text for cell in row] for row in qa.table(report["done"]).blocks[0].rows]
    assert [row[1:] for row in cells] == [["40", "50", "80%"], ["c", "200", "c"], ["c", "600", "c"]]


def test_without_a_plan_completion_is_missing_and_the_rest_stands(opened):
    report = opened(plan=False)
    assert isinstance(qa.tell(report["done"]).blocks[0], Missing)
    assert qa.table(report["done"]) is None
    assert report.facts["bulletin.one_thing_key"].value == "assessment"


def test_without_standards_workshop_and_last_thing_the_bulletin_still_names_its_own(opened):
    report = opened(also="")
    told = words_of(qa.tell(report["one_thing"]))
    assert told == "Assessment: 50% of about 480 gradings were good or better."
    for name in ("last_one_thing", "workshop"):
        assert isinstance(qa.tell(report[name]).blocks[0], Missing)
    assert qa.in_short(report["last_one_thing"]).blocks[0].runs[0].text == "The numbers are too small for any finding."


def test_where_every_share_is_hidden_nothing_is_named_and_the_page_says_so(opened):
    report = opened(audits=6, also="")
    assert report["one_thing"].is_empty
    assert "bulletin.one_thing_key" not in report.facts
    assert qa.bulletin_chart(report["rolling"], report["strengths"], report["one_thing"]) is None


def test_a_bulletin_of_a_part_is_refused(opened):
    with pytest.raises(QAError, match="whole service") as found:
        opened(also="where: {service: [First Response]}")
    assert found.value.exit_code == SETTINGS


def test_the_notebook_asks_for_the_whole_service():
    notebook = (TOP / "notebooks" / "monthly_bulletin.ipynb").read_text(encoding="utf-8")
    assert "plan=qa.BULLETIN, whole_service=True)" in notebook


# --- two bulletins side by side --------------------------------------------------------------------------------------


def told_of(n, of):
    """What a bulletin says of one domain with these counts: its share, or that there is none."""
    return rounded(pd.DataFrame({"group": "d", "n": n, "of": of}), K)["share"]


def could_be(n, of):
    """Every count of good gradings that would have been told in the same words, by one who knows the base."""
    told = told_of(range(of + 1), of)
    return [] if pd.isna(told[n]) else told.index[told == told[n]].tolist()


MONTHS = st.lists(
    st.integers(0, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), min_size=13, max_size=13
)


@settings(max_examples=60)
@given(MONTHS, st.integers(1, 12), st.booleans())
@example([(30, 40)] * 13, 12, False)
def test_subtracting_one_bulletin_from_the_next_leaves_more_than_the_hidden_counts_open(months, held, rolls):
    """The next one has a month more; it has lost the first, or, while the extracts are young, has not."""
    before, after = months[:held], months[1 if rolls else 0 : held + 1]
    both = [could_be(sum(n for n, _ in span), sum(of for _, of in span)) for span in (before, after)]
    assume(all(both))
    assert len({later - earlier for earlier in both[0] for later in both[1]}) > K
    assert min(both[0]) > K


@given(st.integers(0, 700))
def test_a_share_so_near_none_or_all_that_a_small_count_could_be_behind_it_is_not_given(of):
    told = told_of(range(of + 1), of)
    small = told.index[(told.index <= K) | (told.index >= of - K)]
    assert not set(told[small].dropna()), "a small count, or none, is told"
