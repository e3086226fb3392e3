"""The next period's params file is this one with its dates moved, and not another character changed."""

import calendar
import difflib
import os
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from qa_lib.problems import SETTINGS, QAError
from qa_lib.report.facts import Fact
from qa_lib.run.folders import as_text
from qa_lib.run.names import later, moved_name
from qa_lib.run.next import write_next
from qa_lib.settings.period import Period
from qa_lib.settings.report import read_report

EXAMPLE = Path(__file__).parent.parent / "params" / "example"
BOOK = (EXAMPLE / "codebook.yml").read_text(encoding="utf-8")
CODEBOOK = BOOK[: BOOK.index("\n\n  ", BOOK.index("\nthemes:"))] + "\n"  # its first theme is enough
QUARTER = """\
# Exampleshire, 2013_q1: kept as typed
notebook:   quarterly_report
title: "Report of 2013-07 style, {period}"     # not 2013_q1
period: {from: 2013-05-01,   to: 2013-07-31}
as_of:   2013-10-01    # the Board's day
audience: 'board'
framework: framework.yml
codebook: codebook.yml
extracts:
  audits:
    - ../x/audits_2012_q4.csv     # 2012_q4
    -   "../x/audits_2013_q1.csv"
  moderation: '../x/second looks July 2013.csv'
  caseload: ../x/caseload_2013-07.csv
"""
MONTH = """\
notebook: monthly_bulletin
title: "Bulletin, {period}"
period: {from: 2013-07-01, to: 2013-07-31}
as_of: 2013-08-09
framework: framework.yml
codebook: codebook.yml
extracts: {audits: audits_2013-07.csv}
"""
posix = pytest.mark.skipif(os.name != "posix", reason="links are those of POSIX")


def lay_out(home: Path, text: str | bytes, name: str = "2013_q1.yml") -> Path:
    """params/ours with a framework, a codebook and one params file; notebooks of every name that the tests use."""
    folder = home / "params" / "ours"
    folder.mkdir(parents=True, exist_ok=True)
    (home / "notebooks").mkdir(exist_ok=True)
    for notebook in ("quarterly_report", "monthly_bulletin"):
        (home / "notebooks" / f"{notebook}.ipynb").touch()
    (folder / "framework.yml").write_bytes((EXAMPLE / "framework.yml").read_bytes())
    (folder / "codebook.yml").write_text(CODEBOOK, encoding="utf-8")
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return folder / name


def values_of(path: Path) -> dict:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8-sig"))


def files_below(home: Path) -> dict[str, bytes]:
    return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def refused(path: Path, *words: str, **options: object) -> str:
    """The refusal's text: exit code 2, each of the words in it, and no file on the disk changed."""
    before = files_below(path.parents[2])
    with pytest.raises(QAError) as caught:
        write_next(path, **options)
    assert caught.value.exit_code == SETTINGS
    told = str(caught.value)
    assert [word for word in words if word not in told] == [], told
    assert files_below(path.parents[2]) == before
    return told


def of(months: int, year: int = 2013, month: int = 5) -> Period:
    start = date(year, month, 1)
    return Period("current", start, start + relativedelta(months=months, days=-1))


# --- the example's own quarters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("old", "new"), [("2013_q1", "2013_q2"), ("2013_q2", "2013_q3")])
def test_the_examples_next_quarter_is_the_one_that_was_written_by_hand_but_for_the_day_of_the_board(
    copy_of_council, old, new
):
    folder = copy_of_council / "params" / "example"
    by_hand = values_of(folder / f"{new}.yml")
    (folder / f"{new}.yml").unlink()
    answer = write_next(folder / f"{old}.yml")
    ours = values_of(folder / f"{new}.yml")
    assert {key for key in by_hand if by_hand[key] != ours.get(key)} == {"as_of"}  # 2 December was the Board's choice
    assert ours["as_of"] == values_of(folder / f"{old}.yml")["as_of"] + relativedelta(months=3)
    assert set(ours) == set(by_hand)
    assert not [line for line in answer if line in {"Still to come:", "Left to you:"}]
    assert read_report(folder / f"{new}.yml").period.start == by_hand["period"]["from"]


def test_a_quarter_whose_extracts_are_not_there_yet_is_written_and_they_are_named(copy_of_council):
    path = copy_of_council / "params" / "example" / "2013_q3.yml"
    answer = write_next(path)
    come = answer[answer.index("Still to come:") + 1 : -1]
    assert [Path(line.strip()).name for line in come] == [
        "audits_2013_q4.xlsx", "allocation_2013_q4.csv", "moderation_2013_q4.csv", "caseload_2014-04.csv",
        "evidence_2013_q4.csv", "actions_2014-04.csv",
    ]  # fmt: skip
    with pytest.raises(QAError) as caught:
        read_report(path.with_name("2013_q4.yml"))
    assert {problem.code for problem in caught.value.problems} == {"no_file"}
    assert len(caught.value.problems) == len(come)


# --- as typed --------------------------------------------------------------------------------------------------------

MOVED = (
    QUARTER.replace("{from: 2013-05-01,   to: 2013-07-31}", "{from: 2013-08-01,   to: 2013-10-31}")
    .replace("as_of:   2013-10-01", "as_of:   2014-01-01")
    .replace('"../x/audits_2013_q1.csv"', '"../x/audits_2013_q2.csv"')
    .replace("audits_2012_q4.csv", "audits_2013_q1.csv")
    .replace("July 2013", "October 2013")
    .replace("caseload_2013-07", "caseload_2013-10")
)


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["", "bom"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("end", ["\n", ""], ids=["", "cut"])
def test_every_byte_but_the_moved_values_is_as_typed(tmp_path, bom, newline, end):
    def typed(text: str) -> bytes:
        return bom + (text.removesuffix("\n") + end).replace("\n", newline).encode("utf-8")

    path = lay_out(tmp_path, typed(QUARTER))
    write_next(path)
    assert path.read_bytes() == typed(QUARTER)
    assert path.with_name("2013_q2.yml").read_bytes() == typed(MOVED)


SPELT = {
    "plain": "{}",
    "single": "'{}'",
    "double": '"{}"',
    "anchored": "&here {}",
    "tagged": "!!str {}",
    "folded": ">-\n    {}",
    "literal": "|-\n    {}",
}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spelt=st.lists(st.sampled_from(sorted(SPELT)), min_size=3, max_size=3),
    block=st.booleans(),
    comment=st.sampled_from(["", "  # 2013_q1", "\n# 2013-07: é 𝄞"]),
    order=st.permutations(["notebook", "title", "period", "as_of", "framework", "codebook", "extracts"]),
)
def test_whatever_the_quotes_the_style_and_the_order_only_the_moved_lines_differ(
    tmp_path, spelt, block, comment, order
):
    names = ["é 2013_q1.csv", "caseload_2013-07.csv", "it_201307.csv"]
    first, second, third = (SPELT[how].format(name) for how, name in zip(spelt, names, strict=True))
    second, third = second.replace("&here", "&there"), third.replace("&here", "&elsewhere")
    keys = {
        "notebook": "notebook: quarterly_report",
        "title": "title: '{period}: it''s {period}'",
        "period": 'period:\n  to: "2013-07-31"\n  from: 2013-05-01'
        if block
        else "period: {to: 2013-07-31, from: '2013-05-01'}",
        "as_of": "as_of: '2013-08-31'" if block else "as_of: 2013-08-31",
        "framework": "framework: framework.yml",
        "codebook": "codebook: codebook.yml",
        "extracts": f"extracts:\n  audits:\n  - {first}\n  caseload: {second}\n  actions: {third}",
    }
    text = "".join(f"{keys[key]}{'' if key == 'extracts' else comment}\n" for key in order)
    path = lay_out(tmp_path, text)
    target = path.with_name("2013_q2.yml")
    target.unlink(missing_ok=True)
    write_next(path)
    new = target.read_text(encoding="utf-8")
    wanted = values_of(path)
    wanted["period"] = {"to": date(2013, 10, 31), "from": date(2013, 8, 1)}
    wanted["as_of"] = date(2013, 11, 30)
    wanted["extracts"] = {"audits": ["é 2013_q2.csv"], "caseload": "caseload_2013-10.csv", "actions": "it_201310.csv"}
    read = values_of(target)
    assert {key: str(value) for key, value in read.pop("period").items()} == {
        key: str(value) for key, value in wanted.pop("period").items()
    }
    assert str(read.pop("as_of")) == str(wanted.pop("as_of"))
    assert read == wanted
    changed = [line for line in difflib.ndiff(text.splitlines(), new.splitlines()) if line[0] in "-+"]
    dates = r"2013-05-01|2013-07-31|2013-08-31|2013-08-01|2013-10-31|2013-11-30"
    assert all(re.search(rf"{dates}|2013_q[12]\.csv|_2013-(07|10)\.csv|_2013(07|10)\.csv", line) for line in changed)
    assert [re.sub(r"[0-9]", "0", line) for line in text.splitlines()] == [
        re.sub(r"[0-9]", "0", line) for line in new.splitlines()
    ]


def test_a_backslash_in_double_quotes_and_an_apostrophe_in_single_ones_stay(tmp_path):
    text = QUARTER.replace('"../x/audits_2013_q1.csv"', r'"..\\x\\\"a\"_2013_q1.csv"').replace("second", "it''s")
    path = lay_out(tmp_path, text)
    write_next(path)
    new = path.with_name("2013_q2.yml").read_text(encoding="utf-8")
    assert r'"..\\x\\\"a\"_2013_q2.csv"' in new
    assert "'../x/it''s looks October 2013.csv'" in new


def test_a_file_that_is_named_by_an_alias_moves_once(tmp_path):
    text = QUARTER.replace("../x/caseload_2013-07.csv", "&cases ../x/cases_2013-07.csv\n  auditors: *cases")
    path = lay_out(tmp_path, text)
    write_next(path)
    new = path.with_name("2013_q2.yml")
    assert values_of(new)["extracts"]["auditors"] == values_of(new)["extracts"]["caseload"] == "../x/cases_2013-10.csv"
    assert "&cases ../x/cases_2013-10.csv\n  auditors: *cases" in new.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('"Report of 2013-07 style, {period}"', "&t second_2013_q1.csv", "title"),
        ("../x/caseload_2013-07.csv", r'"../x/caseload_\x32013-07.csv"', "line 14: extracts.caseload"),
        ("../x/caseload_2013-07.csv", '"../x/caseload\n    2013-07.csv"', "line 14: extracts.caseload"),
    ],
)
def test_what_cannot_be_moved_as_typed_is_refused_with_its_line(tmp_path, old, new, where):
    text = QUARTER.replace(old, new)
    if "&t second" in new:
        text = text.replace("'../x/second looks July 2013.csv'", "*t")
    assert text != QUARTER
    refused(lay_out(tmp_path, text), where)


# --- days ------------------------------------------------------------------------------------------------------------


def by_dateutil(day: date, months: int) -> date:
    """The same by another's calendar: day 31 is its way to say the last of the month."""
    ends = (day + timedelta(days=1)).month != day.month
    return day + (relativedelta(months=months, day=31) if ends else relativedelta(months=months))


def test_every_day_from_2023_to_2028_moves_to_the_day_that_another_calendar_says():
    days = [date(2023, 1, 1) + timedelta(days=at) for at in range((date(2029, 1, 1) - date(2023, 1, 1)).days)]
    assert len(days) == 2192
    wrong = [(day, months) for day in days for months in range(1, 25) if later(day, months) != by_dateutil(day, months)]
    assert wrong == []


def test_a_period_that_ends_in_any_month_of_a_leap_year_is_followed_by_the_next(tmp_path):
    year = 2028
    for month in range(1, 13):
        months = (1, 3, 12)[(year + month) % 3]
        end = date(year, month, calendar.monthrange(year, month)[1])
        start = end + timedelta(days=1) - relativedelta(months=months)
        as_of = end + timedelta(days=(year * 12 + month) % 62)
        text = QUARTER.replace("2013-05-01,", f"{start},").replace("2013-07-31}", f"{end}}}")
        path = lay_out(tmp_path, text.replace("2013-10-01", f"{as_of}"), f"r_{year}-{month:02}.yml")
        answer = write_next(path, to="next.yml")
        new = path.with_name("next.yml")
        period, later = values_of(new)["period"], values_of(new)["as_of"]
        assert period["from"] == end + timedelta(days=1)
        assert period["to"] == start + relativedelta(months=2 * months) - timedelta(days=1)
        assert later == by_dateutil(as_of, months) >= period["to"]
        assert Period("next", period["from"], period["to"]).words in answer[0]
        new.unlink()


@pytest.mark.parametrize(
    ("end", "after"),
    [
        ("2013-02-28", "2013-03-31"),
        ("2012-02-29", "2012-03-31"),
        ("2024-01-31", "2024-02-29"),
        ("2023-01-31", "2023-02-28"),
    ],
)
def test_a_month_that_ends_in_february_or_before_it(tmp_path, end, after):
    text = MONTH.replace("2013-07-01", f"{end[:7]}-01").replace("2013-07-31", end).replace("2013-08-09", end)
    path = lay_out(tmp_path, text)
    write_next(path, to="next.yml")
    read = values_of(path.with_name("next.yml"))
    assert [str(read["period"]["to"]), str(read["as_of"])] == [after, after]


# --- names -----------------------------------------------------------------------------------------------------------

QUARTERLY = {
    "2013_q1": "2013_q2", "2013_q4": "2014_q1", "2013-Q1": "2013-Q2", "2013q1": "2013q2", "2013Q4": "2014Q1",
    "q1_2013": "q2_2013", "Q4 2013": "Q1 2014", "2013-14_q1": "2013-14_q2", "2013-14_q4": "2014-15_q1",
    "audits_2012_q4.csv": "audits_2013_q1.csv", "audits2013q3x": "audits2013q4x",
    "2013/q4/audits.csv": "2014/q1/audits.csv",
    "2013-07": "2013-10", "2013_11": "2014_02", "caseload_201310.csv": "caseload_201401.csv",
    "2013-07_02": "2013-10_02",
    "2013-05_to_2013-07": "2013-08_to_2013-10", "2013-08-31": "2013-11-30", "20131130": "20140228",
    "2013-12-15": "2014-03-15",
    "july_2013": "october_2013", "july-2013": "october-2013", "July 2013": "October 2013", "JULY2013": "OCTOBER2013",
    "jul_2013": "oct_2013", "Sept-2013": "Dec-2013", "2013_december": "2014_march", "2013-Nov": "2014-Feb",
    "may_to_july_2013": "august_to_october_2013", "aug-oct-2013": "nov-jan-2014",
    "2013_may_to_july": "2013_august_to_october",
    "31_august_2013": "30_november_2013", "extracts/2013-07/a_2013_q1.csv": "extracts/2013-10/a_2013_q2.csv",
}  # fmt: skip
MONTHLY = {
    "2013-12": "2014-01", "bulletin_2013_07": "bulletin_2013_08", "march_2013": "april_2013",
    "2013-01-31": "2013-02-28",
    "may_2013": "june_2013", "apr_2013": "may_2013", "2011-12": "2012-01", "2013-02-28": "2013-03-31",
}  # fmt: skip
YEARLY = {
    "2013": "2014", "annual_2013.yml": "annual_2014.yml", "2013_q1": "2014_q1", "2013-07": "2014-07",
    "2013-14": "2014-15", "2013_14": "2014_15", "201314": "201415", "2013-2014": "2014-2015", "may_2013": "may_2014",
    "2012-02-29": "2013-02-28", "2012-13": "2013-14", "2011-12": "2012-12",
}  # fmt: skip


@pytest.mark.parametrize(
    ("months", "old", "new"),
    [(months, *pair) for months, table in ((3, QUARTERLY), (1, MONTHLY), (12, YEARLY)) for pair in table.items()],
)
def test_a_date_in_a_name_moves_by_the_periods_own_length(months, old, new):
    assert moved_name(old, of(months)) == (new, [])


STAY = {
    3: ["2013", "x/2013/y", "2013-14", "2013_q5", "report_2013.yml", "2013-071", "2013-06-31"],
    1: ["2013_q1", "2013-Q4", "q1_2013", "2013", "2013-14"],
    6: ["2013_q1", "2013", "2013-14_q1"],
    12: ["2013-02-30"],
}


@pytest.mark.parametrize(("months", "name"), [(months, name) for months, names in STAY.items() for name in names])
def test_a_date_that_nobody_knows_how_far_to_move_stays_and_is_told(months, name):
    new, still = moved_name(name, of(months))
    assert new == name
    assert len(still) == 1


@pytest.mark.parametrize(
    "name",
    [
        "", "audits.csv", "../../x", "q1.csv", "july.csv", "12013-07", "x2013071", "case_1234567.csv",
        "120130731", "201313", "20131", "form2013x", "v201307", "may_findings", "q5", "1613-07", "1913_q1",
        "{2o13_q1}", "2035_q1", "summary_13", "٢٠١٣_q1", "julyx2013",
    ],
)  # fmt: skip
@pytest.mark.parametrize("months", [1, 3, 12])
def test_a_number_that_is_no_date_is_left_alone(name, months):
    assert moved_name(name, of(months)) == (name, [])


@given(
    year=st.integers(2010, 2013),
    month=st.integers(1, 12),
    form=st.sampled_from(
        ["a_{y}-{m:02}.csv", "{y}{m:02}", "{n}_{y}", "{y}-{s}", "{y}_q{q}", "Q{q} {y}", "{y}-{m:02}-01"]
    ),
    start=st.integers(1, 12),
)
def test_four_quarters_are_a_year_in_every_name(year, month, form, start):
    assume("{s}" not in form or month % 3 != 2)  # "may" is short and long: what follows it is long
    english = "january february march april may june july august september october november december".split()
    at = {"m": month, "n": english[month - 1], "s": english[month - 1][:3].upper(), "q": (month + 2) // 3}
    name, later = (form.format(y=some, **at) for some in (year, year + 1))
    assert moved_name(name, of(12)) == (later, [])
    for _ in range(4):
        name, still = moved_name(name, of(3, month=start))
        assert still == []
    assert name == later


@given(st.text(alphabet="abcmayjulq_-/. 0123456789{}", max_size=40), st.sampled_from([1, 3, 6, 12]))
def test_whatever_stands_in_a_name_only_dates_in_it_change(name, months):
    new, still = moved_name(name, of(months))
    if not re.search(r"20[012][0-9]", name):
        assert (new, still) == (name, [])
    assert [part in name for part in still] == [True] * len(still)
    shape = re.compile(r"[0-9]+|[a-z]{3,}")  # what a date is made of
    assert shape.sub("", new) == shape.sub("", name)


def test_a_name_ends_as_its_file_does_and_two_files_of_one_quarter_stay_two(tmp_path):
    text = QUARTER.replace("../x/audits_2012_q4.csv", "../x/audits_2013_q1.xlsx")
    path = lay_out(tmp_path, text)
    extracts = path.parents[1] / "x"
    extracts.mkdir()
    for name in ("audits_2013_q2.csv", "caseload_2013-10.xlsx"):
        (extracts / name).touch()
    write_next(path)
    read = values_of(path.with_name("2013_q2.yml"))["extracts"]
    assert read["audits"] == ["../x/audits_2013_q2.xlsx", "../x/audits_2013_q2.csv"]
    assert read["caseload"] == "../x/caseload_2013-10.xlsx"


# --- what is left, and what is told ----------------------------------------------------------------------------------


def test_the_answer_names_what_moved_what_was_left_and_what_is_to_come(tmp_path, monkeypatch):
    text = QUARTER.replace("../x/caseload_2013-07.csv", "../2013/caseload.csv\n  auditors: auditors.xlsx")
    text += 'commentary: words_2013_q1.md\nnext_workshop: "9 October, Room 2"\n'
    monkeypatch.chdir(tmp_path)
    path = lay_out(tmp_path, text)
    (path.parent / "auditors.xlsx").touch()
    assert write_next("params/ours/2013_q1.yml") == [
        "params/ours/2013_q2.yml is written, for August to October 2013.",
        "Moved by 3 months:",
        "  line 4, period.from: 2013-05-01 -> 2013-08-01",
        "  line 4, period.to: 2013-07-31 -> 2013-10-31",
        "  line 5, as_of: 2013-10-01 -> 2014-01-01",
        "  line 11, extracts.audits: audits_2012_q4.csv -> audits_2013_q1.csv",
        "  line 12, extracts.audits: audits_2013_q1.csv -> audits_2013_q2.csv",
        "  line 13, extracts.moderation: second looks July 2013.csv -> second looks October 2013.csv",
        "  line 16, commentary: words_2013_q1.md -> words_2013_q2.md",
        "Left to you:",
        "  line 3, title: it holds a date, and stands as before: to be read",
        "  line 14, extracts.caseload: 2013 stands as before, in ../2013/caseload.csv",
        "  line 15, extracts.auditors: auditors.xlsx holds no date, and is named again",
        "  line 17, next_workshop: to be read and changed",
        "Still to come:",
        "  params/x/audits_2013_q1.csv",
        "  params/x/audits_2013_q2.csv",
        "  params/x/second looks October 2013.csv",
        "  params/2013/caseload.csv",
        "  params/ours/words_2013_q2.md",
        "Read it through, then: qa check params/ours/2013_q2.yml",
    ]


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Report, {period}", False), ("Report", False), ("Report of July 2013", True), ("Report of 2013", True),
        ("May to July 2013 ({period})", True), ("Quarter 1, 2013-14", True), ("2013_q1", True), ("Team 2", False),
    ],
)  # fmt: skip
def test_a_title_with_a_date_is_left_and_told(tmp_path, title, told):
    path = lay_out(tmp_path, MONTH.replace("Bulletin, {period}", title), "2013-07.yml")
    answer = write_next(path)
    assert values_of(path.with_name("2013-08.yml"))["title"] == title
    assert any("title" in line for line in answer) == told


# --- the one thing to work on ----------------------------------------------------------------------------------------


def publish(home: Path, version: str, value: object, name: str = "bulletin.one_thing_key") -> None:
    """A pack's facts, written as `qa run` writes them."""
    pack = home / "outputs" / "ours" / "2013-07" / version
    pack.mkdir(parents=True)
    facts = [Fact("settings.level", 0.95, "share", "settings"), Fact(name, value, "words", "settings")]
    (pack / "facts.json").write_text(as_text({"run_id": "X", "facts": [fact.as_json() for fact in facts]}), "utf-8")


@pytest.mark.parametrize(
    ("typed", "filled"),
    [
        ("last_one_thing: assessment  # ours", "last_one_thing: planning  # ours"),
        ('last_one_thing: "assessment"', 'last_one_thing: "planning"'),
        ("last_one_thing:   # filled in: by qa", "last_one_thing: planning   # filled in: by qa"),
        ("last_one_thing: ~", "last_one_thing: planning"),
        ("last_one_thing: planning", "last_one_thing: planning"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_one_thing_comes_from_the_newest_pack(tmp_path, typed, filled, newline):
    for version, key in (("v999", "review"), ("v1000", "planning"), ("v002", "assessment")):
        publish(tmp_path, version, key)
    (tmp_path / "outputs" / "ours" / "2013-07" / "vault").mkdir()
    text = MONTH.replace("as_of", f"{typed}\nas_of").replace("\n", newline)
    path = lay_out(tmp_path, text, "2013-07.yml")
    answer = write_next(path)
    assert f"{filled}{newline}".encode() in path.with_name("2013-08.yml").read_bytes()
    assert not any("could not" in line for line in answer)
    assert any("-> planning" in line for line in answer) == (typed != filled)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n", "\n# the end\n", "\n...\n"])
@pytest.mark.parametrize("indent", ["", "  "])
def test_a_file_without_the_one_thing_gets_it_as_its_last_line(tmp_path, newline, end, indent):
    publish(tmp_path, "v001", "planning")
    text = "".join(f"{indent}{line}\n" for line in MONTH.splitlines()).removesuffix("\n") + end
    path = lay_out(tmp_path, text.replace("\n", newline), "2013-07.yml")
    answer = write_next(path)
    new = path.with_name("2013-08.yml").read_bytes().decode("utf-8")
    kept = text.removesuffix("...\n")
    assert new.endswith(f"{indent}last_one_thing: planning{newline}" + text[len(kept) :].replace("\n", newline))
    assert new.count(newline) == (kept.removesuffix("\n") + "\n" + "x\n" + text[len(kept) :]).count("\n")
    assert values_of(path.with_name("2013-08.yml"))["last_one_thing"] == "planning"
    assert "  at the end, last_one_thing: nothing -> planning" in answer


@pytest.mark.parametrize("value", [None, 7, "magic", "planning\naudience: working", "", ["planning"]])
def test_a_fact_that_names_no_domain_is_not_written(tmp_path, value):
    publish(tmp_path, "v001", value)
    path = lay_out(tmp_path, MONTH + "last_one_thing: assessment\n", "2013-07.yml")
    answer = write_next(path)
    assert values_of(path.with_name("2013-08.yml"))["last_one_thing"] == "assessment"
    assert [line for line in answer if "could not be filled in, because" in line and "line 8" in line]


@pytest.mark.parametrize("facts", ["", "[]", "{", '{"facts": 3}', '{"facts": [3]}', "[" * 100_000, None, "no pack"])
def test_without_a_pack_or_its_facts_an_existing_line_is_left_and_told_and_none_is_added(tmp_path, facts):
    if facts != "no pack":
        publish(tmp_path, "v001", "planning", name="bulletin.other")
        if facts is not None:
            (tmp_path / "outputs" / "ours" / "2013-07" / "v001" / "facts.json").write_text(facts)
    path = lay_out(tmp_path, MONTH + "last_one_thing: assessment\n", "2013-07.yml")
    assert [line for line in write_next(path) if "last_one_thing: it could not be filled in, because" in line]
    assert values_of(path.with_name("2013-08.yml"))["last_one_thing"] == "assessment"
    path.with_name("2013-08.yml").unlink()
    path.write_text(MONTH, encoding="utf-8")
    assert not [line for line in write_next(path) if "last_one_thing" in line]
    assert "last_one_thing" not in values_of(path.with_name("2013-08.yml"))


def test_packs_may_lie_in_another_folder(tmp_path):
    publish(tmp_path, "v001", "planning")
    (tmp_path / "outputs").rename(tmp_path / "elsewhere")
    path = lay_out(tmp_path, MONTH, "2013-07.yml")
    write_next(path, outputs=tmp_path / "elsewhere")
    assert values_of(path.with_name("2013-08.yml"))["last_one_thing"] == "planning"


# --- refusals --------------------------------------------------------------------------------------------------------


def test_a_params_file_with_faults_is_refused_as_it_is_read(tmp_path):
    path = lay_out(tmp_path, QUARTER.replace("audience: 'board'", "audience: everyone\ncolour: red"))
    with pytest.raises(QAError) as caught:
        read_report(path)
    assert refused(path) == str(caught.value)


@pytest.mark.parametrize("name", ["framework.yml", "codebook.yml"])
def test_settings_that_are_not_there_are_a_fault_though_extracts_that_are_not_are_none(tmp_path, name):
    path = lay_out(tmp_path, QUARTER)
    (path.parent / name).unlink()
    told = refused(path, name)
    assert "audits" not in told


def test_there_must_be_such_a_params_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(QAError, match="no such params file"):
        write_next("params/ours/2013_q1.yml")


@pytest.mark.parametrize("name", ["autumn.yml", "2013.yml", "v2013x.yml"])
def test_a_name_without_a_date_that_moves_needs_another(tmp_path, name):
    path = lay_out(tmp_path, QUARTER, name)
    refused(path, "--to", "3 months")
    write_next(path, to="winter.yml")
    assert values_of(path.with_name("winter.yml"))["period"]["from"] == date(2013, 8, 1)


@pytest.mark.parametrize(
    "to",
    [
        "../2013_q2.yml", "../../2013_q2.yml", "/2013_q2.yml", "deeper/2013_q2.yml", "../ours2/x.yml", "./x.yml",
        "params/other/x.yml", "2013_q2", "2013_q2.csv", "", ".", "..", ".yml", "{period}.yml", "{2013_q2}.yml",
        "Ünder.yml", "con.yml", "v002.yml", "working.yml", "a b.yml", "x" * 70 + ".yml", "2013_q1.yml", "a\n.yml",
        "framework.yml",
    ],
)  # fmt: skip
def test_a_hostile_or_taken_name_is_refused_and_nothing_is_written(tmp_path, monkeypatch, to):
    monkeypatch.chdir(tmp_path)
    path = lay_out(tmp_path, QUARTER)
    for folder in ("ours/deeper", "ours2", "other"):
        (tmp_path / "params" / folder).mkdir()
    refused(path, to=to)


def test_a_name_with_the_params_files_own_folder_is_taken(tmp_path, monkeypatch):
    path = lay_out(tmp_path, QUARTER)
    monkeypatch.chdir(tmp_path)
    write_next(path, to="params/ours/one.yml")
    monkeypatch.chdir(tmp_path / "notebooks")
    write_next("params/ours/2013_q1.yml", to="params/ours/two.yml")
    write_next(path, to=path.parent / "three.yml")
    assert {name for name in ("one", "two", "three") if path.with_name(f"{name}.yml").is_file()} == {
        "one",
        "two",
        "three",
    }


def test_nothing_is_overwritten(tmp_path):
    path = lay_out(tmp_path, QUARTER)
    path.with_name("2013_q2.yml").write_text("mine", encoding="utf-8")
    refused(path, "2013_q2.yml", "overwritten")


@posix
def test_no_link_is_followed_to_where_the_new_file_would_stand(tmp_path):
    path = lay_out(tmp_path, QUARTER)
    path.with_name("2013_q2.yml").symlink_to(tmp_path / "elsewhere.yml")
    refused(path, "2013_q2.yml", "overwritten")
    assert not (tmp_path / "elsewhere.yml").exists()


def test_names_in_the_file_lead_nowhere_and_braces_are_not_filled_in(tmp_path):
    text = QUARTER.replace("../x/caseload_2013-07.csv", "'../../../../{period}_{2013_q1}/etc_2013-07.csv'")
    path = lay_out(tmp_path, text)
    before = set(files_below(tmp_path))
    write_next(path)
    assert values_of(path.with_name("2013_q2.yml"))["extracts"]["caseload"] == (
        "../../../../{period}_{2013_q2}/etc_2013-10.csv"
    )
    assert set(files_below(tmp_path)) - before == {str(Path("params/ours/2013_q2.yml"))}


def test_a_new_file_that_would_have_faults_is_taken_away_again(tmp_path):
    """Two days of March both move to the last of June: one file would stand twice."""
    text = QUARTER.replace("../x/audits_2012_q4.csv", "a_2013-03-30.csv").replace(
        "../x/audits_2013_q1.csv", "a_2013-03-31.csv"
    )
    path = lay_out(tmp_path, text)
    (path.parent / "a_2013-06-30.csv").touch()
    refused(path, "stands twice")


def test_the_file_after_the_next_follows_from_the_next(tmp_path):
    path = lay_out(tmp_path, QUARTER)
    for _ in range(4):
        write_next(path)
        named = re.fullmatch(r"(\d{4})_q(\d)", path.stem)
        quarter = int(named[1]) * 4 + int(named[2])
        path = path.with_name(f"{quarter // 4}_q{quarter % 4 + 1}.yml")
    assert path.name == "2014_q1.yml"
    assert values_of(path)["period"] == {"from": date(2014, 5, 1), "to": date(2014, 7, 31)}
    assert values_of(path)["extracts"] == {
        "audits": ["../x/audits_2013_q4.csv", "../x/audits_2014_q1.csv"],
        "moderation": "../x/second looks July 2014.csv",
        "caseload": "../x/caseload_2014-07.csv",
    }
