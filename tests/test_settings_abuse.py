"""Settings cannot turn safety off, and nothing that they say puts a file outside the folder of outputs.

Three groups: the settings files of `data/bad_inputs`, with the same traps in our own keys; files changed by hand and
by a seeded dice, which are refused by name or keep the same protection; and names, links and paths that would lead out
of the outputs, with one real run between two looks at everything around it.
"""

import csv
import hashlib
import json
import os
import re
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_lib.cli import main
from qa_lib.problems import SETTINGS, QAError
from qa_lib.run.plan import outputs_of
from qa_lib.settings.report import ReportParams, read_report

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "params" / "example"
LEAST = {"board": 5, "public": 9}
SECONDS = 5
OFTEN = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": list(HealthCheck)}
FRAMEWORK = (EXAMPLE / "framework.yml").read_text(encoding="utf-8")
BOOK = (EXAMPLE / "codebook.yml").read_text(encoding="utf-8")
CODEBOOK = BOOK[: BOOK.index("\n\n  ", BOOK.index("\nthemes:"))] + "\n"
PARAMS = """\
notebook: quarterly_report
title: "Quarterly report, {period}"
period: {from: 2013-05-01, to: 2013-07-31}
as_of: 2013-10-01
compare_with: [previous, last_year]
audience: board
framework: framework.yml
codebook: codebook.yml
extracts:
  audits: a.csv
"""
SET = {"report.yml": PARAMS, "framework.yml": FRAMEWORK, "codebook.yml": CODEBOOK}
posix = pytest.mark.skipif(os.name != "posix", reason="links and special files are those of POSIX")


def write(home: Path, changed: dict[str, str | bytes], name: str = "report.yml") -> Path:
    """Lay out params/council with a set of settings, some of them changed; returns the params file."""
    folder = home / "params" / "council"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.csv").write_text("audit_id,audit_date,overall_grade\n", encoding="utf-8")
    for file, text in {**SET, **changed}.items():
        path = folder / (name if file == "report.yml" else file)
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return folder / name


def read(home: Path, changed: dict[str, str | bytes]) -> ReportParams | QAError:
    """What a set of settings comes to: the report asked for, or its refusal. Any other exception fails the test."""
    path = write(home, changed)
    start = time.process_time()
    try:
        return read_report(path)
    except QAError as error:
        return error
    finally:
        assert time.process_time() - start < SECONDS


def edit(file: str, old: str, new: str) -> dict[str, str | bytes]:
    assert SET[file].count(old) == 1, old
    return {file: SET[file].replace(old, new)}


def refused_by_name(error: ReportParams | QAError, *words: str) -> str:
    """Exit code 2; every fault with its file, and its line unless it is no fault of a line. Returns what is told."""
    assert isinstance(error, QAError), "accepted"
    assert error.exit_code == SETTINGS
    assert error.problems
    for problem in error.problems:
        assert problem.file
        whole = problem.code in {"no_file", "no_notebook", "empty", "doubled", "logo"}
        assert problem.line or whole or re.search("bytes at most|it cannot be read as YAML", problem.message), problem
    told = str(error)
    assert "Traceback" not in told
    assert [mark for mark in told if ord(mark) < 32 and mark != "\n"] == []
    told.encode("utf-8")
    assert [word for word in words if word.casefold() not in told.casefold()] == []
    return told


def protected(report: ReportParams) -> bool:
    """Whether no fewer counts are hidden than the house's rule says, whoever it is for."""
    hidden = {audience: replace(report, audience=audience).hide_up_to for audience in LEAST}
    return report.audience in {"working", *LEAST} and all(
        type(most) is int and most >= LEAST[audience] for audience, most in hidden.items()
    )


# --- the settings files of data/bad_inputs ---------------------------------------------------------------------------

ROWS = [
    row
    for row in csv.DictReader((HERE / "data" / "bad_inputs" / "manifest.csv").open(encoding="utf-8"))
    if row["kind"] == "settings"
]
TEAMS = "  - First Response\n  - Safeguarding and Support\n"
BOARD, PUBLIC = "board: {hide_up_to: 5}", "public: {hide_up_to: 9}"


def in_2025(as_of: str, *teams: str) -> dict[str, str | bytes]:
    """The manifest's period, its date and two names of teams, as typed."""
    dates = PARAMS.replace("{from: 2013-05-01, to: 2013-07-31}", "{from: 2025-07-01, to: 2025-09-30}")
    lines = "".join(f"  - {team}\n" for team in teams)
    return {"report.yml": dates.replace("2013-10-01", as_of), **edit("framework.yml", TEAMS, lines)}


SAME_TRAP = {
    "settings_ok.yaml": [in_2025('"2025-10-06"', '"NO"', '"ON"')],
    "settings_unquoted.yaml": [in_2025("2025-10-06", "NO", "ON")],
    "settings_key_twice.yaml": [edit("framework.yml", BOARD, "board:\n    hide_up_to: 5\n    hide_up_to: 1")],
    "settings_unknown_key.yaml": [edit("framework.yml", BOARD, "board: {hide_up_to: 5, hide_upto: 10}")],
    "settings_output_up.yaml": [{"report.yml": PARAMS + 'output_name: "../../escaped"\n'}],
    "settings_small_number_zero.yaml": [edit("framework.yml", BOARD, "board: {hide_up_to: 0}")],
    "settings_small_number_word.yaml": [edit("framework.yml", BOARD, "board: {hide_up_to: five}")],
    "settings_period_backwards.yaml": [
        edit("report.yml", "{from: 2013-05-01, to: 2013-07-31}", '{from: "2013-09-30", to: "2013-07-01"}')
    ],
    "settings_empty.yaml": [{file: ""} for file in SET],
}
OUR_KEYS = {"small_number": "hide_up_to", "smal_number": "hide_upto"}


def test_every_settings_file_of_the_manifest_has_its_trap_in_our_keys():
    assert sorted(SAME_TRAP) == sorted(row["file"] for row in ROWS)
    assert len(ROWS) == 9


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_each_trap_meets_the_verdict_of_the_manifest(tmp_path, row):
    for number, trap in enumerate(SAME_TRAP[row["file"]]):
        home = tmp_path / str(number)
        found = read(home, trap)
        verdicts = {"accept" if isinstance(found, ReportParams) else "reject"}
        assert verdicts & set(row["expected"].split("|"))
        if isinstance(found, ReportParams):
            expected = json.loads(row["expect"])
            assert list(found.framework.services[:2]) == expected["teams_off"]
            assert found.as_of.isoformat() == expected.get("as_of", "2025-10-06")
            assert protected(found)
            continue
        must, any_of = (
            [OUR_KEYS.get(word, word) for word in row[column].split("|") if word] for column in ("must_name", "fix_any")
        )
        told = refused_by_name(found, *must)
        assert [word for word in any_of if word in told] or not any_of
        answer = CliRunner().invoke(main, ["check", str(home / "params" / "council" / "report.yml")])
        assert answer.exit_code == SETTINGS
        assert told in answer.stderr
        assert str(home) not in answer.stderr


# --- changed by hand -------------------------------------------------------------------------------------------------

F, P, C = "framework.yml", "report.yml", "codebook.yml"
FLOOD = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"] + [f"a{n}: &a{n} [{f'*a{n - 1}, ' * 10}]" for n in range(1, 9)]
)
NUMBERS = [
    "0", "4", "-5", "+4", "5.0", "4.999", "'5'", "true", "null", "~", "", "[]", "[5]", "{}", ".inf", "-.inf", ".nan",
    "1e999", "1.0e999", "0x10", "0o17", "005", "1_000", "101", "9" * 20, "9" * 5000, "five", "5 # \u202e", "\u0665",
    "\uff15", "5:00", "2013-05-01", '!!int "0"', '!!int "4"', "!!str 5", "!!float 5", "!!bool 5",
    "!!python/name:os.system 5", "!<tag:yaml.org,2002:int> 1", "|\n      5", "*nothing",
]  # fmt: skip
BY_HAND = {
    # what is wrong: the change of the example set, and words of the refusal
    "the board's rule left empty": (edit(F, BOARD, "board:"), "audiences.board"),
    "the board's rule a number": (edit(F, BOARD, "board: 5"), "audiences.board"),
    "all rules left empty": (edit(F, "audiences:  ", "audiences: null\nspare:  "), "audiences"),
    "rules as a list": (edit(F, BOARD, "- {hide_up_to: 5}"), "YAML"),
    "the public's rule lowered to the board's": (edit(F, PUBLIC, "public: {hide_up_to: 5}"), "public 9 or more"),
    "the public's rule an alias of the board's": (
        edit(F, f"{BOARD}\n  {PUBLIC}", "board: &all {hide_up_to: 5}\n  public: *all"), "public 9 or more",
    ),
    "a merge key beside it": (edit(F, BOARD, "board: {hide_up_to: 5, <<: {hide_up_to: 1}}"), "plain text"),
    "a merge key instead": (edit(F, BOARD, "board: {<<: {hide_up_to: 1}}"), "plain text"),
    "doubled in quotes": (edit(F, BOARD, 'board: {hide_up_to: 5, "hide_up_to": 1}'), "twice"),
    "doubled by an escape": (edit(F, BOARD, 'board: {hide_up_to: 5, "hide\\x5fup_to": 1}'), "twice"),
    "doubled as a long key": (edit(F, BOARD, "board:\n    hide_up_to: 5\n    ? hide_up_to\n    : 1"), "twice"),
    "the block a second time": ({F: f"{FRAMEWORK}\naudiences: {{board: {{hide_up_to: 1}}}}\n"}, "audiences", "twice"),
    "a second document": ({F: f"{FRAMEWORK}\n---\naudiences: {{board: {{hide_up_to: 1}}}}\n"}, "YAML"),
    "a Cyrillic letter in the key": (edit(F, BOARD, "board: {hide_up_t\u043e: 1}"), "did you mean"),
    "a Cyrillic letter in the audience": (edit(F, BOARD, "b\u043eard: {hide_up_to: 1}"), "did you mean"),
    "full-width letters": (edit(F, BOARD, "\uff42\uff4f\uff41\uff52\uff44: {hide_up_to: 1}"), "not a known key"),
    "a letter that composes": (edit(F, BOARD, "board: {hide_up_t\u006f\u0308: 1}"), "did you mean"),
    "a space of no width": (edit(F, BOARD, "board: {hide_up_to\u200b: 1}"), "did you mean"),
    "a mark of order in the key": (edit(F, BOARD, "board: {\ufeffhide_up_to: 1}"), "not a known key"),
    "another direction of writing": (edit(F, BOARD, "\u202eboard: {hide_up_to: 1}"), "did you mean"),
    "capitals": (edit(F, BOARD, "Board: {hide_up_to: 1}"), "did you mean"),
    "a hyphen": (edit(F, BOARD, "board: {hide-up-to: 1}"), "not a known key"),
    "an audience nobody knows": (edit(F, BOARD, f"{BOARD}\n  partners: {{hide_up_to: 0}}"), "partners"),
    "a rule for the working copy": (edit(F, BOARD, f"{BOARD}\n  working: {{hide_up_to: 0}}"), "working"),
    "a rule in the params file": ({P: f"{PARAMS}hide_up_to: 0\n"}, "hide_up_to"),
    "the rules in the params file": ({P: f"{PARAMS}audiences: {{board: {{hide_up_to: 0}}}}\n"}, "audiences"),
    "a rule in the codebook": ({C: f"{CODEBOOK}hide_up_to: 0\n"}, "hide_up_to"),
    "two frameworks": (edit(P, "framework: framework.yml", "framework: [framework.yml, weak.yml]"), "framework"),
    "the codebook as framework": (edit(P, "framework: framework.yml", "framework: codebook.yml"), "council"),
    "the framework as codebook": (edit(P, "codebook: codebook.yml", "codebook: framework.yml"), "boxes"),
    "the params file as framework": (edit(P, "framework: framework.yml", "framework: report.yml"), "council"),
    "a folder as framework": (edit(P, "framework: framework.yml", "framework: ."), "no such file"),
    "no name as framework": (edit(P, "framework: framework.yml", 'framework: ""'), "no such file"),
    "a name no file can have": (edit(P, "framework: framework.yml", f"framework: {'x' * 300}.yml"), "no such file"),
    "an extract of such a name": (edit(P, "audits: a.csv", f"audits: {'x' * 300}.csv"), "extracts.audits"),
    "a logo of such a name": (edit(F, "  # logo: logo.png", f"  logo: {'x' * 300}\n  logo_alt: x"), "brand.logo"),
    "NUL in a name": (edit(P, "framework: framework.yml", 'framework: "a\\0b"'), "no reader sees"),
    "NUL in an extract's name": (edit(P, "audits: a.csv", 'audits: "a\\0.csv"'), "no reader sees"),
    "NUL as it is": ({F: f"{FRAMEWORK}# \0\n"}, "YAML"),
    "a key that moves a terminal's cursor": ({F: f'{FRAMEWORK}"\\e[2J": 1\n'}, "plain text"),
    "a title that does": (edit(P, "Quarterly report,", "\\e]0;x\\a"), "no reader sees"),
    "half of a character": (edit(F, "council: Exampleshire", 'council: "\\ud800"'), "no reader sees"),
    "half of a character as a key": ({F: f'{FRAMEWORK}"\\udc80": 1\n'}, "plain text"),
    "a character beyond all": (edit(F, "council: Exampleshire", 'council: "\\U00110000"'), "YAML"),
    "a character far beyond": (edit(F, "council: Exampleshire", 'council: "\\UFFFFFFFF"'), "YAML"),
    "UTF-16": ({F: FRAMEWORK.encode("utf-16")}, "UTF-8"),
    "cp1252": ({F: FRAMEWORK.replace("Exampleshire", "Caf\u00e9").encode("cp1252")}, "UTF-8"),
    "a tab as indent": (edit(F, f"  {BOARD}", f"\t{BOARD}"), "YAML"),
    "a tag that starts a program": (edit(F, "services:\n", 'services: !!python/object/apply:os.system\n'), "plain"),
    "such a tag on a mapping": (edit(F, "\nscale:\n", "\nscale: !!python/object:os.path\n"), "plain"),
    "such a tag that ends like text": (edit(F, "council: E", "council: !!python/name:str E"), "plain"),
    "such a tag on a key": (edit(F, "council: E", "!!python/name:os.system council: E"), "plain text"),
    "a set": (edit(F, "services:\n", "services: !!set\n"), "plain"),
    "text that is a list": (edit(F, "council: Exampleshire", "council: !!str [a]"), "plain"),
    "bytes": (edit(F, "council: Exampleshire", "council: !!binary aGk="), "plain"),
    "YAML of a version to come": ({F: f"%YAML 9.9\n---\n{FRAMEWORK}"}, "YAML"),
    "words of the old YAML": ({F: f"%YAML 1.1\n---\n{FRAMEWORK.replace('Exampleshire', 'NO', 1)}"}, "quotes"),
    "a list that holds itself": ({F: f"{FRAMEWORK}x: &a [*a]\n"}, "inside each other"),
    "a mapping that holds itself": ({F: f"{FRAMEWORK}x: &a {{b: *a}}\n"}, "inside each other"),
    "a flood of aliases": ({F: f"{FRAMEWORK}{FLOOD}\n"}, "too many values"),
    "a flood of aliases under a tag": ({F: f"{FRAMEWORK}{FLOOD}\nx: !!set [*a8]\n"}, "too many values"),
    "a flood of one long text": ({F: f"a: &a {'x' * 40_000}\nb: [{'*a, ' * 10_000}]\n"}, "too many values"),
    "a flood of one long key": ({F: f"a: &a {{{'x' * 1000}: 1}}\nb: [{'*a, ' * 10_000}]\n"}, "too many values"),
    "lists in lists": ({F: f"{FRAMEWORK}x: {'[' * 60}{']' * 60}\n"}, "inside each other"),
    "lists in lists without end": ({F: f"{FRAMEWORK}x: {'[' * 50_000}\n"}, "YAML"),
    "mappings in mappings": ({F: "\n".join(" " * n + "a:" for n in range(300))}, "inside each other"),
    "a file of a megabyte": ({F: f"{FRAMEWORK}# {'x' * 1_100_000}\n"}, "bytes at most"),
    "a megabyte of values": ({F: f"a: [{'x,' * 550_000}]\n"}, "bytes at most"),
    "as many values as bytes allow": ({F: f"a: [{'x,' * 49_000}]\n"}, "council"),
    "thousands of doubled keys": ({F: "council: x\n" * 9_000}, "more"),
    "a line of fifty thousand": (edit(F, BOARD, f"board: {{hide_up_to: {'5' * 50_000}}}"), "plain text, a number"),
    "the audience twice": (edit(P, "audience: board", "audience: board\naudience: working"), "audience", "twice"),
    "a date as seconds": (edit(P, "as_of: 2013-10-01", 'as_of: "1380585600"'), "as_of", "year-month-day"),
    "a date as a number": (edit(P, "as_of: 2013-10-01", "as_of: 20131001"), "as_of", "year-month-day"),
    "the last of all days": (edit(P, "to: 2013-07-31", "to: 9999-12-31"), "period.to"),
    "the first of all days": (edit(P, "from: 2013-05-01, to: 2013-07-31", "from: 0001-01-01, to: 0001-01-31"), "from"),
    "the same comparison twice": (edit(P, "[previous, last_year]", "[previous, previous]"), "compare_with", "twice"),
    "no themes": ({C: CODEBOOK[: CODEBOOK.index("\nthemes:")] + "\nthemes: {}\n"}, "themes"),
}  # fmt: skip
AUDIENCES = [
    "none", "Board", "board, public", "[working]", "{working: true}", "null", "", "5", "true", '""', "work\u0131ng",
    '"working\\u200b"', "w\u043erking", '"working "', "WORKING", "!!python/name:working x", "!working working",
    "*working", "board\nAudience: working", "private", "internal",
]  # fmt: skip


@pytest.mark.parametrize("case", BY_HAND)
def test_a_set_that_would_turn_safety_off_or_stop_the_reader_is_refused_by_name(tmp_path, case):
    changed, *words = BY_HAND[case]
    refused_by_name(read(tmp_path, changed), *words)


@pytest.mark.parametrize("number", NUMBERS, ids=range(len(NUMBERS)))
def test_whatever_stands_for_the_number_the_board_is_protected(tmp_path, number):
    rule = f"board:\n    hide_up_to: {number}" if "\n" in number else f"board: {{hide_up_to: {number}}}"
    refused_by_name(read(tmp_path, edit(F, BOARD, rule)), "framework.yml")


@pytest.mark.parametrize("audience", AUDIENCES, ids=range(len(AUDIENCES)))
def test_an_audience_is_one_of_three_or_refused_by_name(tmp_path, audience):
    refused_by_name(read(tmp_path, edit(P, "audience: board", f"audience: {audience}")), "report.yml")


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {F: re.sub(r"\naudiences:.*\n.*\n.*\n", "\n", FRAMEWORK)},
        edit(F, f"  {BOARD}\n", ""),
        edit(F, f"  {PUBLIC}\n", ""),
        edit(F, PUBLIC, "public: {hide_up_to: 100}"),
        edit(F, BOARD, 'board: {"hide_up_to": +7}'),
        edit(F, f"{BOARD}\n  {PUBLIC}", "board: &all {hide_up_to: 9}\n  public: *all"),
        edit(F, f"{BOARD}\n  {PUBLIC}", "board: &all {hide_up_to: 5}\n  public: &all {hide_up_to: 9}"),
        edit(P, "audience: board\n", ""),
        edit(P, "audience: board", "audience: public"),
        {file: f"\ufeff{text}".replace("\n", "\r\n") for file, text in SET.items()},
    ],
)
def test_a_set_that_is_accepted_protects_as_before_or_more(tmp_path, changed, recwarn):
    found = read(tmp_path, changed)
    assert isinstance(found, ReportParams), found
    assert found.audience in LEAST
    assert protected(found)
    assert recwarn.list == []


@posix
@pytest.mark.parametrize("key", ["framework", "codebook", "audits"])
@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "queue", "circle"])
def test_a_device_a_queue_or_a_link_to_itself_is_no_file(tmp_path, key, name):
    folder = write(tmp_path, {}).parent
    os.mkfifo(folder / "queue")
    (folder / "circle").symlink_to("circle")
    old = next(line for line in PARAMS.splitlines() if line.strip().startswith(f"{key}: "))
    refused_by_name(read(tmp_path, edit(P, old, f"{old.partition(':')[0]}: {name}")), "no", "file")


# --- changed by a seeded dice ----------------------------------------------------------------------------------------

VALUES = [
    "null", "[]", "{}", "0", "4", "-1", "5.0", "1e999", ".nan", "-.inf", "true", "'5'", "text", "2013-05-01",
    "9" * 5000, "[1, 2]", "{a: 1}", "*a", "&a 1", "!!str 1", "!!int '1'",
    "!!python/object/apply:os.system ['touch ran']", "!!set {a}", "|", ">-", '"\\0"', '"\\ud800"', "'", "[",
    "working", "public", "none", "bored", "internal", "{hide_up_to: 1}", "@", "%", "# nothing",
]  # fmt: skip
UNSEEN = "\0\t\x07\x1b\x85\xa0\xad\u200b\u200d\u2028\u202e\u2060\ufeff\ufffe\U000e0061"
ALIKE = str.maketrans(
    "aeiopcxy", "\u0430\u0435\u0456\u043e\u0440\u0441\u0445\u0443"
)  # Cyrillic letters of the same shape


def key_of(line: str) -> str:
    return line.partition(":")[0]


CHANGES = {
    # what happens to the line at `at`; `dice` is any number
    "drop": lambda _line, _: [],
    "double": lambda line, _: [line, line],
    "double with another value": lambda line, dice: [line, f"{key_of(line)}: {VALUES[dice % len(VALUES)]}"],
    "lose a letter": lambda line, dice: [line[: dice % (len(line) + 1)] + line[dice % (len(line) + 1) + 1 :]],
    "one space in": lambda line, _: [f" {line}"],
    "four spaces in": lambda line, _: [f"    {line}"],
    "all spaces out": lambda line, _: [line.lstrip()],
    "a tab in": lambda line, _: [f"\t{line.lstrip()}"],
    "another value": lambda line, dice: [f"{key_of(line)}: {VALUES[dice % len(VALUES)]}"],
    "another number": lambda line, dice: [re.sub(r"\b[0-9]+\b", str([0, 1, 4, 8, 12, 10**12][dice % 6]), line)],
    "a tag": lambda line, dice: [line.replace(": ", [": !!python/name:os.system ", ": !x ", ": !!int "][dice % 3], 1)],
    "an anchor": lambda line, _: [line.replace(": ", ": &a ", 1), f"{key_of(line)}_: *a"],
    "a merge key": lambda line, _: [f"{line[: len(line) - len(line.lstrip())]}<<: {{hide_up_to: 1}}", line],
    "letters that look alike": lambda line, _: [key_of(line).translate(ALIKE) + line[len(key_of(line)) :]],
    "capitals": lambda line, _: [line.upper()],
    "a character nobody sees": lambda line, dice: [
        line[: dice % (len(line) + 1)] + UNSEEN[dice % len(UNSEEN)] + line[dice % (len(line) + 1) :]
    ],
    "a very long line": lambda line, _: [f"{line} {'x' * 60_000}"],
    "many levels": lambda line, dice: [f"{key_of(line)}: {'[' * (dice % 200)}{']' * (dice % 200)}"],
    "a flood": lambda line, _: [line, *FLOOD.splitlines()],
    "over a megabyte": lambda line, _: [line, "# " + "x" * 1_000_000],
    "comments": lambda line, _: [f"# {line}"],
    "a remark after it": lambda line, _: [f"{line}  # {line}"],
    "a blank line": lambda line, _: [line, ""],
}


AIMED = ["another number", "another value", "double with another value"]


@st.composite
def changed_sets(draw) -> dict[str, str | bytes]:
    """A set with one to three changes in one of its files, every other time where it says what is hidden from whom."""
    file = draw(st.sampled_from([F, F, P, C]))
    lines = SET[file].splitlines()
    for _ in range(draw(st.integers(1, 3))):
        told = [at for at, line in enumerate(lines) if re.search("hide_up_to: |^audience: ", line)]
        aimed = bool(told) and draw(st.booleans())
        at = draw(st.sampled_from(told) if aimed else st.integers(0, len(lines) - 1))
        change = draw(st.sampled_from(AIMED if aimed and draw(st.booleans()) else sorted(CHANGES)))
        lines[at : at + 1] = CHANGES[change](lines[at], draw(st.integers(0, 10_000)))
        if draw(st.integers(0, 9)) == 0 and len(lines) > 1:
            other = draw(st.integers(0, len(lines) - 1))
            at = min(at, len(lines) - 1)
            lines[at], lines[other] = lines[other], lines[at]
        lines = lines or [""]
    return {file: "\n".join(lines) + "\n"}


def test_of_two_hundred_changed_sets_each_is_refused_by_name_or_protects_as_before(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seen = Counter()

    @settings(max_examples=200, **OFTEN)
    @given(changed_sets())
    def try_one(changed):
        found = read(tmp_path, changed)
        if isinstance(found, QAError):
            refused_by_name(found)
        else:
            assert protected(found)
        seen[type(found).__name__] += 1

    try_one()
    assert seen["QAError"] >= 75
    assert seen["ReportParams"] >= 25
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == sorted([*SET, "a.csv"])


# --- nothing is written outside the outputs --------------------------------------------------------------------------

LEADING_OUT = [
    "..", "...", "....", ".hidden", ".private", ".tmp-1", "-rf", "_x", "a b", "a.b", "a.", "a..", "a ", " a", "A",
    "\u00c9", "\uff41", "\uff11", "a\u0301", "C:", "C:\\x", "\\\\server\\share", "..\\x", "a:b", "a|b", "a*", "a?",
    "a\nb", "a\tb", "a\u200b", "\u202ea", "con", "prn", "aux", "nul", "com0", "com1", "com9", "lpt1", "com\u00b9",
    "CON", "Nul", "con ", "con.txt", "conin$", "clock$", "{period}", "{0}", "{run_uuid}", "%2e%2e", "~", "$HOME",
    "`id`", "a;b", "x" * 61, "v001", "v1234", "working", "working-v001",
]  # fmt: skip


def place_of(path: Path, outputs: Path | None = None) -> Path | QAError:
    """Where the pack of a params file will stand."""
    try:
        folder, name = outputs_of(path, outputs)
    except QAError as error:
        return error
    return folder / name


@pytest.mark.parametrize("name", LEADING_OUT)
def test_a_name_that_could_lead_elsewhere_names_no_folder_of_outputs(tmp_path, name):
    for path in (
        tmp_path / "params" / "council" / f"{name}.yml",
        tmp_path / "params" / name / "report.yml",
        tmp_path / "params" / "council" / name / "report.yml",
        tmp_path / name / "report.yml",
    ):
        found = place_of(path)
        assert isinstance(found, QAError), found
        assert found.exit_code == SETTINGS
        assert all(problem.file and problem.fix for problem in found.problems)


@settings(max_examples=300, **OFTEN)
@given(st.lists(st.text(alphabet="ab1_-./\\ :~{}", max_size=6), min_size=1, max_size=4), st.booleans())
def test_whatever_a_params_file_is_called_its_pack_stands_inside_the_outputs(parts, named):
    home = Path("/council")
    outputs = Path("/chosen") if named else None
    found = place_of(home / "params" / f"{'/'.join(parts).strip('/')}.yml", outputs)
    if isinstance(found, QAError):
        assert found.exit_code == SETTINGS
    else:
        inside = Path("/chosen") if named else home / "outputs"
        assert Path(os.path.normpath(found)) == found
        assert inside in found.parents


@posix
@pytest.mark.parametrize("name", [name for name in LEADING_OUT if name not in {"..", "..."}][::4])
def test_such_a_params_file_is_refused_before_anything_is_written(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, {}, f"{name}.yml")
    before = sorted(tmp_path.rglob("*"))
    for command in ("run", "check"):
        answer = CliRunner().invoke(main, [command, str(path)])
        assert answer.exit_code == SETTINGS
        assert "cannot name a folder of outputs" in answer.stderr
        assert answer.exception is None or isinstance(answer.exception, SystemExit)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "notebook",
    [
        "../quarterly_report", "../../escaped", "/etc/passwd", "notebooks/quarterly_report", "quarterly_report.ipynb",
        "C:\\x", "..\\x", "CON", '"quarterly_report "', '"quarterly_report\\n"', '"quarterly_report\\0"', "{period}",
        "Quarterly_report", "q" * 61, "[quarterly_report]", ".", "~",
    ],
)  # fmt: skip
def test_a_notebook_is_a_plain_name(tmp_path, notebook):
    found = read(tmp_path, edit(P, "notebook: quarterly_report", f"notebook: {notebook}"))
    refused_by_name(found)
    assert [problem.line for problem in found.problems] == [1]


@pytest.mark.parametrize("braces", ["{x}", "{0}", "{}", "{{", "}", "{period.start}", "{period!r}", "{ period }"])
def test_in_a_title_only_the_period_is_filled_in(tmp_path, braces):
    found = read(tmp_path, edit(P, "Quarterly report, {period}", f"{{period}} {braces}"))
    refused_by_name(found, "title", "{period}")
    assert [problem.line for problem in found.problems] == [2]


@pytest.mark.parametrize("title", ["../../escaped", "/etc/passwd", "C:\\\\x", "CON", "a/b"])
def test_a_title_is_no_path(tmp_path, title):
    found = read(tmp_path, edit(P, "Quarterly report, {period}", title))
    assert found.title == title.replace("\\\\", "\\")
    assert place_of(found.path) == tmp_path.resolve() / "outputs" / "council" / "report"


@pytest.mark.parametrize(
    "way",
    ["params/council/report.yml", "params/../params/council/report.yml", "./params//council/../council/report.yml"],
)
def test_every_way_to_write_a_path_leads_to_the_same_place(tmp_path, way, monkeypatch):
    write(tmp_path, {})
    monkeypatch.chdir(tmp_path)
    expected = tmp_path.resolve() / "outputs" / "council" / "report"
    assert place_of(read_report(way).path) == place_of(read_report(tmp_path / way).path) == expected


@posix
def test_a_linked_folder_of_outputs_is_what_the_analyst_chose(tmp_path):
    path = write(tmp_path, {})
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    (tmp_path / "outputs").symlink_to(chosen)
    assert place_of(path) == chosen.resolve() / "council" / "report"
    assert place_of(path, tmp_path / "outputs") == chosen.resolve() / "council" / "report"


LINKS = [
    "council", "council/report", ".private", ".private/council", ".private/council/report",
    ".private/council/report/working", ".private/council/report/error.txt",
]  # fmt: skip


@posix
@pytest.mark.parametrize("target", ["folder", "missing", "outputs-too", "beside"])
@pytest.mark.parametrize("link", LINKS)
def test_a_link_below_the_outputs_is_refused_by_name_and_never_followed(tmp_path, link, target, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, {})
    elsewhere = {
        "folder": tmp_path / "elsewhere",
        "missing": tmp_path / "missing",
        "outputs-too": tmp_path / "outputs-too",  # begins like the folder of outputs, and is not in it
        "beside": tmp_path / "outputs" / "others",
    }[target]
    if target != "missing":
        elsewhere.mkdir(parents=True)
    at = tmp_path / "outputs" / link
    at.parent.mkdir(parents=True, exist_ok=True)
    at.symlink_to(elsewhere)
    before = sorted(tmp_path.rglob("*"))
    for command in (["run"], ["check"], ["run", "--outputs", "outputs"]):
        answer = CliRunner().invoke(main, [*command, str(path)])
        assert answer.exit_code == SETTINGS
        assert f"outputs/{link.removesuffix('/error.txt')}".partition("/working")[0] in answer.stderr
        assert "link" in answer.stderr
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("folder", ["{run_uuid}", "a{params_file}", "{0}/x", "a}"])
def test_a_folder_of_outputs_with_braces_is_refused(tmp_path, folder):
    found = place_of(write(tmp_path, {}), tmp_path / folder)
    assert isinstance(found, QAError)
    assert found.exit_code == SETTINGS
    assert "braces" in str(found)


def test_outputs_cannot_be_put_into_a_file(tmp_path):
    path = write(tmp_path, {})
    answer = CliRunner().invoke(main, ["run", str(path), "--outputs", str(path.parent / "a.csv")])
    assert answer.exit_code == SETTINGS
    assert (path.parent / "a.csv").read_text(encoding="utf-8") == "audit_id,audit_date,overall_grade\n"


def look(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Every file below a folder: its fingerprint, when it was last written, and who may use it."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
            path.stat().st_mode,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@posix
def test_a_run_writes_into_its_outputs_alone_and_leaves_its_inputs_as_they_were(
    copy_of_council, tmp_path, monkeypatch, start
):
    for name in ("chosen", "home", "temporary"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "MPLCONFIGDIR", "IPYTHONDIR"):
        monkeypatch.delenv(name, raising=False)
    before = look(copy_of_council)
    (copy_of_council / "outputs").symlink_to(tmp_path / "chosen")
    for command in ("check", "run"):
        ended = start("qa_lib", command, "params/example/2013_q1.yml", cwd=copy_of_council)
        assert ended.returncode == 0, ended.stderr
        assert "Traceback" not in ended.stderr
    (copy_of_council / "outputs").unlink()
    assert look(copy_of_council) == before
    assert len(before) > 10
    made = {Path(name).parent.as_posix() for name in look(tmp_path / "chosen")}
    assert made == {".", "example/2013_q1", "example/2013_q1/v001", ".private/example/2013_q1/v001"}
    assert [path.name for path in (tmp_path / "chosen").iterdir() if path.is_file()] == ["index.html"]
    assert look(tmp_path / "temporary") == {}
    # What tools keep for themselves in a home of their own: a list of fonts, a note on start-up. No word of ours.
    for name in look(tmp_path / "home"):
        assert name.startswith((".cache/matplotlib/", ".ipython/profile_default/"))
        text = (tmp_path / "home" / name).read_bytes()
        assert [word for word in (b"2013_q1", b"audit", str(copy_of_council).encode()) if word in text] == []
