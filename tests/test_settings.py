"""Settings are read strictly, and every fault of every file is told at once, by file and line."""

from datetime import date
from pathlib import Path

import pytest

from qa_lib.problems import SETTINGS, QAError
from qa_lib.settings.framework import Framework
from qa_lib.settings.period import Period
from qa_lib.settings.report import read_report
from qa_lib.settings.yaml import read_settings

EXAMPLE = Path(__file__).parents[1] / "params" / "example"


def faults_of(tmp_path: Path, text: str) -> list[tuple[int | None, str]]:
    path = tmp_path / "framework.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QAError) as refused:
        read_settings(path, Framework)
    assert refused.value.exit_code == SETTINGS
    assert all(problem.file.endswith("framework.yml") for problem in refused.value.problems)
    return [(problem.line, problem.sentence) for problem in refused.value.problems]


def changed(*pairs: tuple[str, str]) -> str:
    text = (EXAMPLE / "framework.yml").read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def line_of(text: str, start: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(start))


def test_the_example_framework_holds_six_services_nine_domains_and_eleven_activities():
    framework = read_settings(EXAMPLE / "framework.yml", Framework)
    assert (len(framework.services), len(framework.domains), len(framework.activities)) == (6, 9, 11)
    assert framework.programme is not None
    assert framework.programme.allocated_a_month == 50


def test_an_unknown_key_is_refused_by_line_with_the_key_that_was_meant(tmp_path):
    text = changed(("earliest_date:", "erliest_date:"))
    at = line_of(text, "erliest_date")
    words = f'framework.yml:{at}: "erliest_date" is not a known key. Did you mean "earliest_date"?'
    assert faults_of(tmp_path, text) == [(at, words)]


def test_an_unknown_key_deep_inside_finds_the_key_that_was_meant(tmp_path):
    sentences = [sentence for _, sentence in faults_of(tmp_path, changed(("lowest_good:", "lowest_god:")))]
    assert any('"lowest_god" is not a known key. Did you mean "lowest_good"?' in sentence for sentence in sentences)


def test_every_doubled_key_is_told_with_both_lines(tmp_path):
    text = changed(("author:", "council: Again\nauthor:")) + "\nspellings:\n  x: Good\n"
    sentences = [sentence for _, sentence in faults_of(tmp_path, text)]
    assert len(sentences) == 2
    assert any('"council" stands twice' in sentence for sentence in sentences)
    assert any('"spellings" stands twice' in sentence for sentence in sentences)


def test_all_faults_of_a_file_come_at_once(tmp_path):
    text = changed(
        ("allocated_a_month: 50", "allocated_a_month: fifty"),
        ("board: {hide_up_to: 5}", "board: {hide_up_to: no}"),
        ("report_to: Quality Assurance Board", "report_to: 7"),
    )
    assert len(faults_of(tmp_path, text)) == 3


@pytest.mark.parametrize("value", ["0", "4", "-1", "none", "5.5", "'5'", "true"])
def test_hiding_small_numbers_cannot_be_turned_down_or_off(tmp_path, value):
    assert faults_of(tmp_path, changed(("board: {hide_up_to: 5}", f"board: {{hide_up_to: {value}}}")))


def test_hiding_small_numbers_can_be_raised(tmp_path):
    (tmp_path / "f.yml").write_text(changed(("board: {hide_up_to: 5}", "board: {hide_up_to: 7}")), encoding="utf-8")
    assert read_settings(tmp_path / "f.yml", Framework).audiences.board.hide_up_to == 7


def test_words_that_other_yaml_readers_turn_into_something_else_stay_text(tmp_path):
    (tmp_path / "f.yml").write_text(changed(("council: Exampleshire", "council: NO"), ("author: Quality Assurance Team",
                                            "author: 12:30")), encoding="utf-8")  # fmt: skip
    framework = read_settings(tmp_path / "f.yml", Framework)
    assert (framework.council, framework.author) == ("NO", "12:30")


@pytest.mark.parametrize(
    "text", ["a: !!python/object/apply:os.system [ls]", "a: 012", "a: {<<: {b: 1}}", "", "[1, 2", "a: \x00", "- 1"]
)
def test_what_is_not_plain_settings_is_refused(tmp_path, text):
    assert faults_of(tmp_path, text)


def test_a_flood_of_aliases_is_refused_quickly(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert any("too many values" in sentence for _, sentence in faults_of(tmp_path, "\n".join(lines)))


def test_a_map_to_a_column_that_does_not_exist_is_refused_at_its_own_line(tmp_path):
    text = changed(("Date of audit: audit_date", "Date of audit: audit_dat"))
    at = line_of(text, "Date of audit")
    words = f'framework.yml:{at}: columns/Date of audit: "audit_dat" is not known; did you mean "audit_date"?'
    assert faults_of(tmp_path, text) == [(at, words)]


def report_faults(folder: Path, *pairs: tuple[str, str]) -> list[str]:
    for name in ("framework.yml", "codebook.yml"):
        (folder / name).write_text((EXAMPLE / name).read_text(encoding="utf-8"), encoding="utf-8")
    text = (EXAMPLE / "2013_q1.yml").read_text(encoding="utf-8")
    text = "\n".join(line for line in text.splitlines() if "../../extracts" not in line) + "\n"
    text = text.replace("  audits:\n", "  audits: a.csv\n")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "a.csv").write_text("audit_id,audit_date,overall_grade\n", encoding="utf-8")
    (folder / "report.yml").write_text(text, encoding="utf-8")
    with pytest.raises(QAError) as refused:
        read_report(folder / "report.yml")
    return [problem.sentence for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("from: 2013-05-01", "from: 2013-08-01", "ends before it begins"),
        ("from: 2013-05-01", "from: 2013-05-02", "whole months"),
        ("to: 2013-07-31", "to: 2013-07-30", "whole months"),
        ("as_of: 2013-10-01", "as_of: 2013-07-30", "before the end of its period"),
        ("from: 2013-05-01", "from: 2011-05-01", "twelve months or fewer"),
        ("audience: board", "audience: bored", "audience"),
        ("notebook: quarterly_report", "notebook: ../secrets", "notebook"),
        ("notebook: quarterly_report", "notebook: annual_fair", "no notebook annual_fair"),
        ("framework: framework.yml", "framework: framwork.yml", "no such file"),
        ("audits: a.csv", "audits: b.csv", "no file b.csv"),
        ("audits: a.csv", "audits: [a.csv, a.csv]", "stands twice"),
    ],
)
def test_a_params_file_that_asks_for_nonsense_is_refused(tmp_path, old, new, words):
    assert any(words in sentence for sentence in report_faults(tmp_path, (old, new)))


def test_the_faults_of_framework_and_codebook_are_told_together(tmp_path):
    (tmp_path / "bad.yml").write_text("themes: 1\n", encoding="utf-8")
    sentences = report_faults(
        tmp_path, ("framework: framework.yml", "framework: bad.yml"), ("codebook: codebook.yml", "codebook: bad.yml")
    )
    assert any('"council" is missing' in sentence for sentence in sentences)
    assert any("version" in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("start", "end", "back", "words"),
    [
        (date(2013, 5, 1), date(2013, 7, 31), 3, "February to April 2013"),
        (date(2013, 5, 1), date(2013, 7, 31), 12, "May to July 2012"),
        (date(2014, 1, 1), date(2014, 1, 31), 1, "December 2013"),
        (date(2013, 11, 1), date(2014, 1, 31), 3, "August to October 2013"),
        (date(2014, 2, 1), date(2014, 4, 30), 3, "November 2013 to January 2014"),
        (date(2016, 2, 1), date(2016, 2, 29), 12, "February 2015"),
    ],
)
def test_a_period_moved_back_is_as_many_whole_months(start, end, back, words):
    assert Period("current", start, end).back(back, "before").words == words
