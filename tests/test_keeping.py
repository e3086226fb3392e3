"""What is kept of an exploration: a params file that asks for it as a report, and a note in the commentary."""

import codecs
import json
import os
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from qa_lib.problems import PUBLICATION, SETTINGS, QAError
from qa_lib.report.blocks import Commentary, Heading, text_of
from qa_lib.report.choosing import Choice
from qa_lib.report.commentary import place_commentary
from qa_lib.report.facts import facts_of
from qa_lib.run.asking import in_yaml, make_report
from qa_lib.run.keeping import explore, note_keeper, report_maker
from qa_lib.run.notes import _page, keep_note, places_of
from qa_lib.settings.report import read_report
from qa_lib.settings.yaml import MOST_BYTES, UNSEEN, peek

TOP = Path(__file__).parent.parent
QUARTERLY, THEMED = "2013_q1", "themed_domestic_violence"
SERVICE, THEME, NEED = "Children in Care", "fathers", "development"
PERIOD, NOTE = "# May to July 2013", "Managers have read these plans again."
posix = pytest.mark.skipif(os.name != "posix", reason="links and modes are those of POSIX")


@pytest.fixture
def folder(tmp_path):
    """The example's params files, with the notebooks; their extracts are there and empty, as nobody reads them here."""
    for name in ("params", "notebooks"):
        shutil.copytree(TOP / name, tmp_path / name)
    found = tmp_path / "params" / "example"
    (tmp_path / "extracts" / "example").mkdir(parents=True)
    for path in found.glob("*.yml"):
        for name in re.findall(r"\.\./(extracts/example/[\w.-]+)", path.read_text(encoding="utf-8")):
            (tmp_path / name).touch()
    return found


@pytest.fixture(scope="module")
def read_once():
    """Params by the name of their file, read once: it takes the better part of a second."""
    return {}


@pytest.fixture
def begun(folder, read_once):
    """A params file as an exploration begins with it: changed in some words, for an audience."""

    def begin(name=QUARTERLY, audience="board", words=None):
        path = folder / f"{name}.yml"
        text = path.read_text(encoding="utf-8")
        for old, new in (words or {}).items():
            assert old in text
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        if words:
            return replace(read_report(path), audience=audience)
        if name not in read_once:
            read_once[name] = read_report(path)
        at = {kind: tuple(folder.parents[1] / "extracts" / "example" / file.name for file in files)
              for kind, files in read_once[name].extracts.items()}  # fmt: skip
        return replace(read_once[name], path=path, audience=audience, extracts=at)

    return begin


def typed(path):
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8-sig"))


def files_below(place):
    return {path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def refused(work, params, *words, code=SETTINGS):
    """The refusal of some work: its words, and that no file near the params file was added, changed or taken away."""
    home = params.path.parents[2]
    before = files_below(home)
    with pytest.raises(QAError) as caught:
        work()
    told = str(caught.value)
    assert caught.value.exit_code == code, told
    assert [word for word in words if word not in told] == [], told
    assert files_below(home) == before
    return told


# --- a report of what is looked at -----------------------------------------------------------------------------------

ASKED = {
    "all": (QUARTERLY, Choice(), {}, {}),
    "service": (QUARTERLY, Choice(service=SERVICE), {"service": SERVICE}, {}),
    "theme": (QUARTERLY, Choice(theme=THEME), {"theme": THEME}, {}),
    "both": (QUARTERLY, Choice(service=SERVICE, theme=THEME), {"service": SERVICE, "theme": THEME}, {}),
    "need": (QUARTERLY, Choice(theme=THEME, polarity=NEED), {"theme": THEME, "polarity": NEED}, {}),
    "way_of_no_theme": (QUARTERLY, Choice(polarity=NEED), {}, {}),
    "own_period": (QUARTERLY, Choice(period="2013-05..2013-07"), {}, {}),
    "period": (
        QUARTERLY, Choice(period="2012-11..2013-01", theme=THEME), {"theme": THEME},
        {"period": {"from": date(2012, 11, 1), "to": date(2013, 1, 31)}},
    ),
    "year": (
        QUARTERLY, Choice(period="2012-08..2013-07"), {},
        {"period": {"from": date(2012, 8, 1), "to": date(2013, 7, 31)}, "compare_with": ["previous"]},
    ),
    "two_years": (
        QUARTERLY, Choice(period="2011-08..2013-07"), {},
        {"period": {"from": date(2011, 8, 1), "to": date(2013, 7, 31)}, "compare_with": ["previous"]},
    ),
    "view": (QUARTERLY, Choice(domain="planning", grade="Inadequate", box="strengths", question="q"), {}, {}),
    "tool": (THEMED, Choice(theme=THEME, service=SERVICE), {"theme": THEME, "service": SERVICE}, {}),
    "bulletin": ("bulletin_2013_07", Choice(theme=THEME), {"theme": THEME}, {"notebook": "quarterly_report"}),
}  # fmt: skip


def in_a_list(value):
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("case", ASKED)
def test_a_report_asks_for_what_is_looked_at_and_is_else_as_the_first_was_typed(begun, folder, case):
    name, choice, where, changed = ASKED[case]
    params = begun(name)
    before = files_below(folder)
    path = make_report(params, choice, "k_new")
    after = files_below(folder)
    assert path == folder / "k_new.yml"
    assert {key: after[key] for key in before} == before
    assert set(after) - set(before) == {Path("k_new.yml")}
    first, new = typed(folder / f"{name}.yml"), typed(path)
    assert new.pop("where", {}) == where
    for one in (first, new):
        one["extracts"] = {kind: in_a_list(files) for kind, files in one["extracts"].items()}
    left = {"last_one_thing", "next_workshop"}  # a bulletin's own
    assert new == {key: value for key, value in (first | changed).items() if key not in left}
    made = read_report(path)
    assert {key: list(values) for key, values in made.where.given.items()} == {
        key: [value] for key, value in where.items() if key != "polarity"
    }
    assert made.where.polarity == where.get("polarity")
    assert made.extracts == params.extracts


def test_a_single_month_is_asked_for_to_its_last_day(begun):
    path = make_report(begun(), Choice(period="2012-02..2012-02"), "month.yml")
    assert typed(path)["period"] == {"from": date(2012, 2, 1), "to": date(2012, 2, 29)}


def test_a_report_of_over_a_year_is_not_compared_with_the_year_before(begun):
    params = begun(words={"[previous, last_year]": "[last_year]"})
    assert "compare_with" not in typed(make_report(params, Choice(period="2011-08..2013-07"), "years"))


def test_a_title_that_names_its_months_names_the_new_ones(begun):
    params = begun(words={", {period}": " of May to July 2013"})
    path = make_report(params, Choice(period="2012-11..2013-01"), "winter")
    assert read_report(path).title == "Quarterly quality assurance report of November 2012 to January 2013"


@pytest.mark.parametrize(
    ("typed_as", "explored_as", "made_for"),
    [
        ("board", "board", "board"), ("board", "working", "board"), ("working", "working", "board"),
        ("working", "board", "board"), ("public", "board", "public"), ("public", "working", "public"),
        ("board", "public", "public"), ("public", "public", "public"), ("working", "public", "public"),
    ],
)  # fmt: skip
def test_a_report_is_for_the_board_or_for_the_narrower_of_two_audiences_and_never_a_working_copy(
    begun, typed_as, explored_as, made_for
):
    params = begun(audience=explored_as, words={"audience: board": f"audience: {typed_as}"})
    told = report_maker(params)(Choice(theme=THEME), "k_new")
    assert typed(params.path.with_name("k_new.yml"))["audience"] == made_for
    assert (f"a report for the audience {made_for}" in told) == (explored_as != made_for)


def test_the_answer_says_what_to_type_and_what_is_no_longer_compared(begun):
    told = report_maker(begun())(Choice(period="2012-08..2013-07"), "k_year")
    assert told.split("\n") == [
        "k_year.yml is written. Read it through, its title above all, then: qa run params/example/k_year.yml",
        "For its period it is not compared with: last_year.",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "", " ", ".", "..", "../x", "/x", "x/y", "..\\x", "a:b", "a b", "con", "nul.yml", "v002", "working", "X", "é",
        "x.yaml", "x.yml.yml", ".yml", "-x", "x\n", "x\naudience: working", "{period}", '"', "'", "$(x)", "x" * 61,
        "x" * 10_000, "\x00", "٣", "framework", "2013_q1",
    ],
)  # fmt: skip
def test_a_hostile_or_taken_name_is_refused_and_not_repeated(begun, name):
    params = begun()
    if name == "x\n":  # a line end around a name is nobody's meaning
        assert make_report(params, Choice(), name).name == "x.yml"
        return
    told = refused(lambda: make_report(params, Choice(), name), params)
    assert len(told) < 400
    assert "audience" not in told


@posix
def test_no_link_is_followed_to_where_the_report_would_stand(begun, tmp_path):
    params = begun()
    params.path.with_name("k_new.yml").symlink_to(tmp_path / "elsewhere.yml")
    refused(lambda: make_report(params, Choice(), "k_new"), params, "Nothing is overwritten")
    assert not (tmp_path / "elsewhere.yml").exists()


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (Choice(activity="complaints"), ["cannot be about another activity"]),
        (Choice(service="Children in Car"), ['Did you mean "Children in Care"?']),
        (Choice(theme="father"), ['Did you mean "fathers"?']),
        (Choice(theme=THEME, polarity="good"), ["polarity"]),
        (Choice(service="x\naudience: working"), ["where.service"]),
        (Choice(theme="] }\n!!python/object:os.system"), ["where.theme"]),
        (Choice(period="2013-13..2013-14"), ["2013-05..2013-07"]),
        (Choice(period="2013-05..2013-07\n"), ["2013-05..2013-07"]),
        (Choice(period="2013-07..2013-05"), ["it ends before it begins"]),
        (Choice(period="2013-05..2014-07"), ["as_of"]),
        (Choice(period="0000-05..0000-07"), ["2013-05..2013-07"]),
        (Choice(period="x"), ["2013-05..2013-07"]),
    ],
)
def test_what_no_report_can_be_about_is_refused_and_no_file_is_left(begun, choice, words):
    params = begun()
    refused(lambda: make_report(params, choice, "k_new"), params, *words)


@pytest.mark.parametrize(("typed_as", "explored_as"), [("public", "board"), ("board", "public")])
def test_no_report_to_the_public_is_about_a_service(begun, typed_as, explored_as):
    params = begun(audience=explored_as, words={"audience: board": f"audience: {typed_as}"})
    refused(lambda: make_report(params, Choice(service=SERVICE), "k_new"), params, "never about some services")


@pytest.mark.parametrize(
    "service",
    ["No", "~", "a: b", "- a", "# x", "'", '"', "{a}", "&a", "*a", "!a", "2013-05-01", "é 𝄞", "a\\n", "[", "1"],
)
def test_a_services_name_stays_that_name_whatever_yaml_would_make_of_it(begun, folder, service):
    framework = folder / "framework.yml"
    quoted = "'" + service.replace("'", "''") + "'"
    text = framework.read_text(encoding="utf-8")
    framework.write_text(text.replace("\n  - Fostering and Adoption\n", f"\n  - {quoted}\n"), encoding="utf-8")
    path = make_report(begun(), Choice(service=service), "k_new")
    assert read_report(path).where.given == {"service": (service,)}


MARKS = "'\"\\ :#-?,[]{}&*!|>%@`~=<\t\n\u00a0\u2028\u2029\ufeff\u202eNo1é𝄞"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(MARKS, min_size=1, max_size=30) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_that_settings_accept_reads_back_as_it_was(tmp_path, text):
    assume(not UNSEEN.search(text))
    path = tmp_path / "x.yml"
    path.write_bytes(in_yaml({"before": "a", "title": text, "after": ["b"]}).encode("utf-8"))
    assert [peek(path, key) for key in ("before", "title")] == ["a", text]


# --- the commentary of such a report ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed_there", "notes", "choice", "named"),
    [
        (False, False, Choice(), None),
        (False, True, Choice(theme=THEME), "2013_q1_commentary.md"),
        (False, True, Choice(), "2013_q1_commentary.md"),
        (False, True, Choice(period="2012-11..2013-01"), None),
        (True, False, Choice(), "ours.md"),
        (True, False, Choice(theme=THEME), None),  # it was written about all audits
        (True, False, Choice(period="2012-11..2013-01"), None),
    ],
)
def test_a_report_names_the_commentary_that_was_written_for_it(begun, folder, typed_there, notes, choice, named):
    if typed_there:
        (folder / "ours.md").write_text(PERIOD, encoding="utf-8")
    params = begun(words={"audience: board": "commentary: ours.md\naudience: board"} if typed_there else {})
    if notes:
        keep_note(params, "By domain", NOTE)
    told = report_maker(params)(choice, "k_new")
    assert typed(folder / "k_new.yml").get("commentary") == named
    assert ("as its commentary" in told) == bool(named)


# --- notes -----------------------------------------------------------------------------------------------------------

LINE = "commentary: 2013_q1_commentary.md"


def test_the_first_note_begins_a_commentary_and_the_line_to_add_makes_the_report_read_it(begun, folder):
    params = begun()
    told = note_keeper(params)("By domain", f"  {NOTE}\r\n\r\n- See *plans*.\n\n")
    assert (folder / "2013_q1_commentary.md").read_bytes().decode("utf-8") == (
        f"{PERIOD}\n\n## By domain\n\n{NOTE}\n\n- See *plans*.\n"
    )
    assert f"add this line to 2013_q1.yml: {LINE}" in told
    begun(words={"audience: board": f"{LINE}\naudience: board"})
    assert NOTE in read_report(params.path).commentary
    assert "add this line" not in note_keeper(params)("By domain", NOTE)


def test_notes_follow_each_other_below_their_headings_and_one_of_two_alike_gets_its_section(begun, folder):
    params = begun()
    for heading, words in [
        ("What has changed", "Ash"), ("By domain", "Beech"), ("How good practice is: By service", "Cedar"),
        ("What has changed", "Elm"), ("How good practice is", "Fir"), ("How good practice is: By service", "Holly"),
        ("What we audited and what we did not: By service", "Larch"),
    ]:  # fmt: skip
        path = keep_note(params, heading, words)
    written = path.read_text(encoding="utf-8")
    assert written.split("\n\n") == [
        PERIOD, "## What has changed", "Ash", "Elm", "## By domain", "Beech", "## How good practice is", "Fir",
        "### By service", "Cedar", "Holly", "## What we audited and what we did not", "### By service", "Larch\n",
    ]  # fmt: skip
    page = _page(params)
    placed = place_commentary(replace(page, title=replace(page.title, commentary=written)))
    under, found = "", []
    for block in placed.blocks:
        if isinstance(block, Heading):
            under = text_of(block.runs)
        elif isinstance(block, Commentary):
            found.append((under, [text_of(part.runs) for part in block.blocks]))
    assert found == [
        ("By service", ["Larch"]), ("How good practice is", ["Fir"]), ("By domain", ["Beech"]),
        ("By service", ["Cedar", "Holly"]), ("What has changed", ["Ash", "Elm"]),
    ]  # fmt: skip


def test_a_heading_that_needs_its_section_comes_at_the_end_of_it(begun, folder):
    above = f"{PERIOD}\n\n## How good practice is\n\n### By domain\nBeech\n\n"
    below = "## What has changed\nElm\n"
    (folder / "2013_q1_commentary.md").write_text(above + below, encoding="utf-8")
    path = keep_note(begun(), "How good practice is: By service", NOTE)
    assert path.read_text(encoding="utf-8") == f"{above}### By service\n\n{NOTE}\n\n{below}"


def test_every_heading_of_the_notebook_is_offered_and_takes_a_note(begun):
    params = begun(THEMED)
    cells = (TOP / "notebooks" / "themed_audit.ipynb").read_text(encoding="utf-8")
    assert list(places_of(params)) == re.findall(r'"#{2,3} ([^"]*?)(?:\\n)?"', cells)
    for heading in places_of(params):
        path = keep_note(params, heading, NOTE)
    assert path.name == "themed_domestic_violence_commentary.md"
    assert path.read_text(encoding="utf-8").count(NOTE) == len(places_of(params))


def parts_of(text):
    """A commentary read anew: its heading lines, and below each the words as they stand."""
    parts, heading = {"": []}, ""
    for line in re.split(r"\r\n|\r|\n", text):
        if line.startswith("#"):
            heading = line
            parts[heading] = []
        elif line.strip():
            parts[heading].append(line)
    return parts


PARTS = ["## What has changed", "### by  DOMAIN ##", "## How good practice is", "## Strengths"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.sampled_from(PARTS), unique=True),
    words=st.lists(st.sampled_from(["", "Here.", "- a\n- b", "é 𝄞\u2028x\x0c", "{{ a.b.share = 60% }}"]), min_size=4),
    ends=st.tuples(
        st.sampled_from(["\n", "\r\n", "\r"]),
        st.sampled_from(["\n", "\n\n", "\n \n\n"]),
        st.sampled_from(["", "\n", "\n\n\n"]),
    ),
    bom=st.sampled_from([b"", codecs.BOM_UTF8]),
    heading=st.sampled_from(["By domain", "What has changed", "Month by month"]),
    note=st.sampled_from([NOTE, "- a\n- *b*", "first\n\nsecond {{ by_domain.planning.share = 60% }}"]),
)
def test_a_note_is_put_in_its_place_and_no_other_byte_changes(begun, parts, words, ends, bom, heading, note):
    newline, gap, end = ends
    text = gap.join([PERIOD, *(f"{part}\n{said}" for part, said in zip(parts, words, strict=False))]) + end
    before = bom + text.replace("\n", newline).encode("utf-8")
    params = begun()
    path = params.path.with_name("2013_q1_commentary.md")
    path.write_bytes(before)
    keep_note(params, heading, note)
    after = path.read_bytes()
    more = len(after) - len(before)
    assert any(after[:at] + after[at + more :] == before for at in range(len(before) + 1))
    assert after.startswith(bom)
    ends_of = set(re.findall(r"\r\n|\r|\n", after.decode("utf-8")))
    assert ends_of == ({newline} if "\n" in text else {"\n"})
    old, new = parts_of(before.decode("utf-8-sig")), parts_of(after.decode("utf-8-sig"))
    own = next((part for part in old if " ".join(part.strip("# ").split()).casefold() == heading.casefold()), None)
    own = own or f"## {heading}"
    old[own] = [*old.get(own, []), *filter(None, note.split("\n"))]
    assert new == old
    assert list(new) == list(old)


@pytest.mark.parametrize(
    "note",
    [
        NOTE, f"{NOTE}\n\n- a\n- b", "{{ made.up }} and {{ by_domain.planning.share = 60% }}", "\\# no heading",
        "a # b", "x" * 10_000, "it's \"quoted\": - & * ! % @ ` ~", "=A+B", "$x$ %s",
    ],
)  # fmt: skip
def test_what_a_commentary_may_say_is_kept_as_it_was_written(begun, note):
    path = keep_note(begun(), "By domain", note)
    assert path.read_text(encoding="utf-8").endswith(f"\n\n{note}\n")


@pytest.mark.parametrize(
    ("note", "line", "words"),
    [
        ("", None, "is empty"), (" \n\t\n", None, "is empty"), ("# x", 1, "#"), ("a\n\n   ## Strengths\nb", 3, "#"),
        ("a\r\n#b", 2, "#"), ("a\r###### b", 2, "#"), ("a\n\nTitle\n---", 4, "makes it a heading"),
        ("a\n===", 2, "makes it a heading"),
        ("a\n\n***", 3, "thematic_break"), ("<script>x</script>", 1, "html"), ("a <b>b</b>", 1, "html"),
        ("<!-- {{ a.b.n }} -->", 1, "html"), ("{ x", 1, "brace"), ("a\n{{ b", 2, "reference"), ("}}", 1, "reference"),
        ("{{{ a.b.n }}}", 1, "brace"), ("[a](https://example.org)", 1, "link"), ("[a](#nowhere)", 1, "no heading"),
        ("![a](x.png)", 1, "image"), ("```\nx\n```", 1, "block_code"), ("> a", 1, "block_quote"),
        ("Three of 4,711.", 1, "number"), ("It rose.", 1, "direction"), ("a\n\x00", 2, "no reader sees"),
        ("\ud800", 1, "no reader sees"), ("{{ a\x00 }}", 1, "no reader sees"), ("a[^b]\n\n[^b]: c", None, "footnote"),
        ("- a\n  - b", 2, "list inside a list"), ("x" * 200_000, None, "more than 100,000 bytes"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("there", [False, True])
def test_what_a_commentary_may_not_say_is_refused_with_its_line_and_nothing_is_written(begun, note, line, words, there):
    params = begun()
    if there:
        keep_note(params, "By domain", NOTE)
    code = SETTINGS if len(note) > MOST_BYTES else PUBLICATION
    told = refused(lambda: keep_note(params, "By domain", note), params, words, code=code)
    assert line is None or f"line {line}: " in told


@pytest.mark.parametrize("heading", ["By service", "By domian", "", "../x", "By domain\n## x", "Quarterly report"])
def test_a_heading_that_is_not_offered_is_refused(begun, heading):
    params = begun()
    told = refused(lambda: keep_note(params, heading, NOTE), params, "no such heading", code=PUBLICATION)
    assert ('Did you mean "By domain"?' in told) == (heading == "By domian")


@pytest.mark.parametrize("first", ["# April 2013", "## By domain", "Words.", "\n\nWords\n# May to July 2013", "# \n"])
@pytest.mark.parametrize("is_named", [False, True])
def test_a_commentary_of_another_period_is_left_as_it_is(begun, folder, first, is_named):
    name = "ours.md" if is_named else "2013_q1_commentary.md"
    (folder / name).write_text(f"{first}\n\n## By domain\n\nOld.\n", encoding="utf-8")
    params = begun(words={"audience: board": "commentary: ours.md\naudience: board"} if is_named else {})
    cure = f'let its first line be "{PERIOD}"'
    told = refused(lambda: keep_note(params, "By domain", NOTE), params, name, code=PUBLICATION)
    assert cure in told.replace("Let", "let")


def test_an_empty_file_is_begun_as_a_new_one(begun, folder):
    (folder / "2013_q1_commentary.md").write_bytes(codecs.BOM_UTF8 + b" \r\n")
    path = keep_note(begun(), "By domain", NOTE)
    assert path.read_bytes() == codecs.BOM_UTF8 + f"{PERIOD}\n\n## By domain\n\n{NOTE}\n".encode()


@pytest.mark.parametrize(
    "content", ["# May to July 2013\n".encode("utf-16"), b"# May to July 2013\n\xe9", b"#" * (MOST_BYTES + 1)]
)
def test_a_file_that_is_no_commentary_is_left_as_it_is(begun, folder, content):
    (folder / "2013_q1_commentary.md").write_bytes(content)
    params = begun()
    refused(lambda: keep_note(params, "By domain", NOTE), params, "2013_q1_commentary.md")


def test_a_folder_where_the_commentary_would_stand_is_left_as_it_is(begun, folder):
    (folder / "2013_q1_commentary.md").mkdir()
    params = begun()
    refused(lambda: keep_note(params, "By domain", NOTE), params, "2013_q1_commentary.md")


@posix
def test_a_file_that_cannot_be_written_is_told_and_nothing_is_left_behind(begun, folder):
    long = folder / f"{'x' * 245}.yml"  # with _commentary.md, longer than names can be
    params = begun()
    params.path.rename(long)
    params = replace(params, path=long)
    refused(lambda: keep_note(params, "By domain", NOTE), params, "it cannot be written")


@posix
def test_a_commentary_keeps_its_mode_and_a_link_stays_one(begun, folder, tmp_path):
    elsewhere = tmp_path / "words.md"
    elsewhere.write_text(PERIOD, encoding="utf-8")
    elsewhere.chmod(0o640)
    link = folder / "2013_q1_commentary.md"
    link.symlink_to(elsewhere)
    keep_note(begun(), "By domain", NOTE)
    assert link.is_symlink()
    assert NOTE in elsewhere.read_text(encoding="utf-8")
    assert elsewhere.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["extracts", "notebooks", "params", "words.md"]


@posix
def test_a_link_to_nowhere_is_not_written_through(begun, folder, tmp_path):
    (folder / "2013_q1_commentary.md").symlink_to(tmp_path / "words.md")
    params = begun()
    refused(lambda: keep_note(params, "By domain", NOTE), params)
    assert not (tmp_path / "words.md").exists()


# --- from the notebook to the page -----------------------------------------------------------------------------------


def test_qa_check_accepts_what_is_made(copy_of_council, ask):
    folder = copy_of_council / "params" / "example"
    quarterly = folder / "2013_q1.yml"
    text = quarterly.read_text(encoding="utf-8").partition("\nextracts:")[0]
    audits = ", ".join(f"../../extracts/example/audits_{name}" for name in ("2012_q4.csv", "2013_q1.xlsx"))
    quarterly.write_text(f"{text}\nextracts: {{audits: [{audits}]}}\n", encoding="utf-8")
    made = []
    for name in ("service", "need", "period", "tool"):
        first, choice, *_ = ASKED[name]
        choice = replace(choice, period="2013-02..2013-04") if name == "period" else choice
        made.append(make_report(read_report(folder / f"{first}.yml"), choice, f"k_{name}"))
    answer = ask("check", *made, cwd=copy_of_council)
    assert answer.exit_code == 0, answer.output
    assert answer.output.count("nothing to put right") + answer.output.count("can be used") == len(made), answer.output


@pytest.mark.parametrize(
    ("name", "changes", "options", "words"),
    [
        ("draw_2013_08", {}, {}, ["a draw has no audits", "2013_q1.yml"]),
        (QUARTERLY, {"audience: board": "where: {theme: fathers}\naudience: board"}, {}, ["begins with all audits"]),
        (QUARTERLY, {}, {"audience": "bord"}, ['Did you mean "board"?']),
        (QUARTERLY, {}, {"audience": "everyone"}, ["board, public and working"]),
        (QUARTERLY, {}, {"servise": SERVICE}, ['Did you mean "service"?']),
        (QUARTERLY, {"audience: board": "audience: bord"}, {}, ["audience"]),
    ],
)
def test_what_cannot_be_explored_is_refused_before_an_extract_is_read(folder, name, changes, options, words):
    path = folder / f"{name}.yml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes.items():
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QAError) as caught:
        explore(path, **options)
    assert caught.value.exit_code == SETTINGS
    assert [word for word in words if word not in str(caught.value)] == []


def test_what_was_kept_of_a_working_copy_comes_out_of_a_run_as_a_report_to_the_board(short, ask):
    params = short / "params" / "example" / "2013_q1.yml"
    explorer = explore(params, "working", service="Safeguarding and Support", theme=THEME)
    assert (explorer.choice.service, explorer.choice.theme) == ("Safeguarding and Support", THEME)
    explorer._keep_note("On one page", f"{NOTE} Read on {{{{ report.as_of }}}}.")
    told = explorer._make_report(explorer.choice, "k_fathers")
    assert "for the audience board" in told
    answer = ask("run", told.partition("qa run ")[2].partition("\n")[0], cwd=short)
    assert answer.exit_code == 0, answer.output
    pack = short / "outputs" / "example" / "k_fathers" / "v001"
    told = json.loads((pack / "facts.json").read_text(encoding="utf-8"))["facts"]
    figures = {fact["name"]: fact["value"] for fact in told}
    shown = explore(params, "board").exploration.look(explorer.choice).tables
    seen = [fact for name in ("by_domain", "grades", "themes") for fact in facts_of(shown[name]).values()]
    assert len(seen) > 10
    assert [fact.value for fact in seen] == pytest.approx([figures[fact.name] for fact in seen])
    page = (pack / "report.html").read_text(encoding="utf-8")
    box = page.partition(NOTE)[0].rpartition("<h")[2]
    assert "On one page" in box
    assert "Working copy" not in page
    assert "Safeguarding and Support" in page
