"""The documents say what is so: commands, files, rooms, columns, keys and messages that they name are there."""

import ast
import re
import shutil
from datetime import datetime
from importlib.metadata import entry_points
from itertools import chain
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

import qa_lib
import qa_lib.example
from qa_lib import problems
from qa_lib.cli import main
from qa_lib.example import write_council
from qa_lib.report.readability import HIGHEST_GRADE, MOST_WORDS
from qa_lib.report.tables import BASE_NOTE, FEW_NOTE, MARK_NOTE
from qa_lib.settings.asked import Between, Draw, ExtractFiles, ParamsFile, Where
from qa_lib.settings.brand import GRAPHICS_CONTRAST, MOST_LOGO, TEXT_CONTRAST, Brand
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import KINDS
from qa_lib.settings.report import read_report
from qa_lib.settings.yaml import read_settings

TOP = Path(__file__).parent.parent
NAMES = [
    "README.md",
    "CHANGELOG.md",
    *(f"docs/{name}.md" for name in "guide gallery method house privacy decisions".split()),
]
PAGES = {name: (TOP / name).read_text(encoding="utf-8") for name in NAMES}
README, GUIDE, HOUSE = PAGES["README.md"], PAGES["docs/guide.md"], PAGES["docs/house.md"]
GALLERY = PAGES["docs/gallery.md"]
PICTURES = {path.name: path for path in (TOP / "docs/img").iterdir()}


def blocks(page: str, kind: str) -> list[str]:
    """The fenced blocks of one kind, as text."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)


def commands(page: str) -> list[str]:
    """The lines to be typed into a shell, without their comments."""
    return [line.split("  #")[0].strip() for line in chain(*(block.splitlines() for block in blocks(page, "sh")))]


def tables(page: str) -> list[list[list[str]]]:
    """The tables of a page: rows of cells, without heading and rule."""
    found = re.findall(r"(?:^\|.*\|\n)+", page, flags=re.MULTILINE)
    return [
        [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table.splitlines()[2:]] for table in found
    ]


def first_cells(page: str, under: str) -> set[str]:
    """The names in `code` in the first cells of the first table under a heading."""
    section = page.partition(f"{under}\n")[2]
    assert section, f"there is no heading {under}"
    return {name for row in tables(section)[0] for name in re.findall(r"`([^`]+)`", row[0])}


# --- commands ---


def test_every_make_command_is_a_target_of_the_makefile():
    named = {word for page in PAGES.values() for word in re.findall(r"\bmake (report|test|lab|lock|clean|\w+)`", page)}
    named |= {line.split()[1] for line in commands(README) if line.startswith("make ")}
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    assert named >= {"report", "test", "lab"}
    assert named <= set(re.search(r"^\.PHONY:(.*)$", makefile, flags=re.MULTILINE)[1].split())


def test_every_qa_command_of_the_pages_is_one_and_each_is_told_of():
    text = "\n".join([*PAGES.values(), *chain(*map(commands, PAGES.values()))])
    named = set(re.findall(r"(?:`|^)qa ([a-z]+)", text, flags=re.MULTILINE))
    assert named == set(main.commands)


def test_every_option_of_the_pages_is_known():
    known = {name for command in main.commands.values() for option in command.params for name in option.opts}
    mine = "\n".join(re.sub(r"pip install .*|conda .*", "", page) for page in (README, GUIDE, PAGES["docs/privacy.md"]))
    assert set(re.findall(r"`[^`\n]*(--[a-z-]+)", mine)) <= {*known, "--help"}


def test_the_exports_of_the_pages_are_plugged_in():
    plugged = {found.name for found in entry_points(group="nbconvert.exporters") if found.module.startswith("qa_lib")}
    asked = {name for line in commands(GUIDE) if line.startswith("jupyter nbconvert") for name in line.split()[3:4]}
    assert asked == {name for name in plugged if "-" in name}
    assert set(re.findall(r"`(QA_report_\w+)`", GUIDE)) == plugged - asked


def test_the_environment_that_is_activated_is_the_one_that_is_made():
    lines = commands(README)
    made = YAML(typ="safe").load(TOP / "environment.yml")["name"]
    head = (TOP / "environment.yml").read_text(encoding="utf-8")
    asked = [line for line in lines if line.startswith(("conda ", "pip "))]
    assert asked[:2] == ["conda env create -f environment.yml", f"conda activate {made}"]
    assert all(f"#     {line}\n" in head for line in asked)
    assert f"`conda activate {made}`" in GUIDE


def test_the_lines_for_windows_make_what_make_report_makes():
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^report:.*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)[1].replace("$(BIN)/", "")
    for name, value in re.findall(r"^(EXAMPLE|PARAMS) := (.*)$", makefile, flags=re.MULTILINE):
        recipe = recipe.replace(f"$({name})", value)
    assert commands(README)[-2:] == [line.strip() for line in recipe.splitlines()]


def test_the_params_file_and_notebook_of_the_commands_are_there():
    words = " ".join(chain(*map(commands, PAGES.values()))).split()
    named = {word for word in words if word.startswith(("params/", "notebooks/")) and "ourtown" not in word}
    assert {"params/example/2013_q1.yml", "notebooks/quarterly_report.ipynb"} <= named
    assert all((TOP / name).is_file() for name in named)


# --- files, links, picture ---


@pytest.mark.parametrize("name", NAMES)
def test_files_and_folders_in_code_exist(name):
    ours = r"`((?:\.ci|benchmarks|docs|extracts|notebooks|outputs|params|qa_lib|tests)/[\w./-]*)`"
    named = {path for path in re.findall(ours, PAGES[name]) if not re.search(r"ourtown|outputs/[.i]|extracts/ex", path)}
    assert not [path for path in named if not (TOP / path).exists()]


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name):
    words = re.sub(r"^```.*?^```$", "", PAGES[name], flags=re.MULTILINE | re.DOTALL)  # what stands in a block is typed
    for target, _, anchor in (link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", words)):
        assert "://" not in target, target
        path = (TOP / name).parent / target if target else TOP / name
        assert path.exists(), target
        headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE) if anchor else []
        slugs = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
        assert not anchor or anchor in slugs, f"{target}#{anchor}"


def test_the_map_of_folders_is_that_of_the_disk():
    (folders,) = (rows for rows in tables(README) if rows[0][0] == "`params/`")
    named = {name for row in folders for name in re.findall(r"`(\w+)/`", row[0])}
    tracked = {path.name for path in TOP.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))}
    assert named == tracked - {"build", "dist"}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_small_and_stands_in_the_gallery_with_its_description(name):
    assert PICTURES[name].read_bytes().startswith(b"\x89PNG")
    assert PICTURES[name].stat().st_size <= 150_000
    (alt,) = re.findall(rf"^!\[(.+)\]\(img/{re.escape(name)}\)$", GALLERY, flags=re.MULTILINE)
    assert len(alt) > 100


def test_the_picture_of_the_readme_is_described():
    (alt,) = re.findall(r'<img src="docs/img/first_page\.png"[^>]* alt="([^"]+)"', README)
    assert len(alt) > 100


def test_a_decision_takes_ten_lines_at_most():
    decisions = PAGES["docs/decisions.md"].split("\n## ")[1:]
    assert len(decisions) > 10
    assert [text.splitlines()[0] for text in decisions if len(text.strip().splitlines()) > 10] == []
    assert all("\nWhy: " in text and "\nElse: " in text for text in decisions)


def test_the_readme_fits_a_screen():
    assert len(README.splitlines()) <= 80


# --- the map of rooms ---


def question(path: Path) -> str:
    """The first line of a room."""
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))).splitlines()[0]


ROOMS = {(row[0], row[1].strip("`")): row[2] for row in tables(HOUSE)[0]}


def test_the_map_and_the_disk_hold_the_same_rooms():
    home = TOP / "qa_lib"
    on_disk = {(path.parent.name, path.stem) for path in home.glob("*/*.py") if path.stem != "__init__"}
    on_disk |= {("qa_lib", path.stem) for path in home.glob("*.py") if path.stem != "__init__"}
    on_map = {("qa_lib" if floor in {"ground", "door"} else floor, room) for floor, room in ROOMS}
    assert on_map == on_disk
    assert len(on_map) == len(tables(HOUSE)[0])


@pytest.mark.parametrize(("floor", "room"), ROOMS)
def test_the_map_asks_the_question_that_the_room_asks(floor, room):
    if floor == "example":
        assert f"| `{room}` | {ROOMS[floor, room]} |" in qa_lib.example.__doc__
    else:
        folder = TOP / "qa_lib" if floor in {"ground", "door"} else TOP / "qa_lib" / floor
        assert ROOMS[floor, room] == question(folder / f"{room}.py")


def test_the_names_of_the_recipes_are_there():
    assert "`by_domain.planning.share`" in HOUSE
    for name, path in {
        "count_shares": "measures/shares", "Planned": "report/planned", "WORDS": "report/narrative",
        "drawing": "report/style", "figure": "report/phrases", "_parse_column": "intake/reading",
        "RULES": "report/html_gate", "KINDS": "settings/kinds", "_ROOMS": "__init__", "NamedRows": "intake/columns",
    }.items():  # fmt: skip
        assert re.search(rf"`{name}\b", HOUSE)
        assert re.search(rf"^(def |class )?{name}\b", (TOP / f"qa_lib/{path}.py").read_text("utf-8"), re.MULTILINE)


def test_the_library_has_what_the_pages_ask_of_it_in_a_notebook():
    named = set(re.findall(r"\bqa\.(\w+)", "\n".join(PAGES.values())))
    assert named >= {"tell", "table"}
    assert named - {"its_name"} <= set(qa_lib.__all__)
    notebook = (TOP / "notebooks/quarterly_report.ipynb").read_text(encoding="utf-8")
    assert "import qa_lib as qa" in notebook
    assert all(f"qa.{name}(" in notebook for name in named - {"its_name"})


# --- what the guide says of columns, keys, exit codes and messages ---


def test_the_guide_names_every_column_and_no_other():
    framework = read_settings(TOP / "params/example/framework.yml", Framework)
    assert first_cells(GUIDE, "### Columns of an audits file") == set(framework.cells(KINDS["audits"]))
    assert first_cells(GUIDE, "### Columns of a case list") == set(KINDS["caseload"].columns)
    others = tables(GUIDE.partition("### Columns of the other files\n")[2])
    for kind, rows in zip(("moderation", "evidence", "actions", "auditors", "allocation"), others, strict=False):
        told = {name: row[2] in {"yes", f"`{name}`"} for row in rows for name in re.findall(r"`(\w+)`", row[0])}
        assert set(told) == set(KINDS[kind].columns)
        assert {name for name, needed in told.items() if needed} == set(KINDS[kind].required)


def test_the_guide_names_every_key_and_no_other():
    assert first_cells(GUIDE, "## 3. Teach the workbook your form") == set(Framework.model_fields)
    assert first_cells(GUIDE, "## 4. Say what this report is") == set(ParamsFile.model_fields)
    for model in (Between, Draw, ExtractFiles, Where):
        assert all(f"`{field.alias or name}`" in GUIDE for name, field in model.model_fields.items())


def test_the_guide_names_every_key_of_the_brand_and_its_limits():
    told = GUIDE.partition("**Colours and logo.**")[2].partition("## 4.")[0]
    assert YAML(typ="safe").load(blocks(told, "yaml")[0])["brand"].keys() == Brand.model_fields.keys()
    assert f"of {TEXT_CONTRAST} to 1, `chart_colour` of {GRAPHICS_CONTRAST:g} to 1" in told
    assert f"{MOST_LOGO // 1000} KB or less" in told


def test_the_guide_and_the_method_name_the_limits_of_the_first_page():
    for page in (GUIDE, PAGES["docs/method.md"]):
        words = " ".join(page.split())
        assert f"grade {HIGHEST_GRADE} or less" in words
        assert f"{MOST_WORDS} words a sentence or fewer on average" in words


def test_the_guide_names_the_marks_as_the_notes_of_a_table_do():
    words = " ".join(GUIDE.split())
    for note in (MARK_NOTE, BASE_NOTE, FEW_NOTE):
        mark, what = re.fullmatch(r"(\S+?):? (?:\(a colon\) )?(.*)\.", note).groups()
        assert re.search(rf"- \*\*{mark}\*\*(?: \(a colon\))?: {what}", words), note


def test_the_guide_names_every_exit_code():
    codes = {row[0] for row in tables(GUIDE.partition("## 6. Run\n")[2])[0]}
    said = {problems.FAULT, problems.SETTINGS, problems.DATA, problems.NOTEBOOK, problems.PUBLICATION}
    assert codes == {"0", *map(str, said)}


def test_the_library_says_what_the_guide_quotes():
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (TOP / "qa_lib").rglob("*.py"))
    goes_wrong, refused = "## 22. When something goes wrong\n", "### When a file is refused\n"
    cells = [row[0] for heading in (goes_wrong, refused) for row in tables(GUIDE.partition(heading)[2])[0]]
    quoted = [
        piece.strip() for cell in cells for words in re.findall(r'"([^"]+)"', cell) for piece in words.split("...")
    ]
    quoted += re.findall(r"^- \*\*(Small figures .*?)\*\*:", GUIDE, flags=re.MULTILINE)
    assert len(quoted) > 10
    assert [words for words in quoted if words not in sources] == []


def test_the_guide_names_every_file_of_a_pack_and_every_working_paper(pack, executed):
    published, papers = (rows for rows in tables(GUIDE.partition("## 7. ")[2])[:2])
    assert {row[0].strip("`") for row in published} == {path.name for path in pack.iterdir()}
    assert {row[0].strip("`") for row in papers} == {path.name for path in executed.parent.iterdir()}


# --- what the guide shows was really said ---

SLIPS = {  # cells of the invented council's form: (row, heading) and what stands there instead
    (14, "2. Assessment"): "Gud",
    (88, "2. Assessment"): "Gud",
    (31, "3. Planning"): "see the note of Tuesday",
    (57, "Audit reference"): None,
    (60, "Date of audit"): datetime(2031, 7, 5),  # noqa: DTZ001  a cell of Excel has no zone
    (61, "Service"): "Childen in Care",
}


@pytest.fixture
def ourtown(tmp_path, monkeypatch):
    """The folders of the guide's council, filled as its first steps say; the working folder."""
    write_council(tmp_path / "extracts/ourtown")
    shutil.copytree(TOP / "params/example", tmp_path / "params/ourtown")
    params = (TOP / "params/example/2013_q1.yml").read_text(encoding="utf-8")
    params = re.sub(r"  (evidence|actions):.*\n(    - .*\n)+", "", params)
    params = re.sub(r"(    - .*2012|  moderation:).*\n", "", params).replace("extracts/example", "extracts/ourtown")
    (tmp_path / "params/ourtown/2013_q1.yml").write_text(params.replace("compare_with:", "# "), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def spoil(folder: Path, slips: dict[tuple[int, str], object], spare: str = "", footnote: str = "") -> None:
    """Put slips into the form's extract; `spare` is the heading of one more column, `footnote` a last row."""
    path = folder / "extracts/ourtown/audits_2013_q1.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.active
    at = {cell.value: cell.column for cell in sheet[1]}
    for (row, heading), value in slips.items():
        sheet.cell(row, at[heading]).value = value
    if spare:
        sheet.cell(1, len(at) + 1, spare)
    if footnote:
        sheet.cell(sheet.max_row + 1, 1, footnote)
    book.save(path)


def check() -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["check", "params/ourtown/2013_q1.yml"])
    return done.exit_code, done.stdout, done.stderr


def shown(opening: str) -> str:
    (block,) = (block for block in blocks(GUIDE, "text") if block.startswith(opening))
    return block


def test_the_guide_shows_what_a_wrong_params_file_is_told(ourtown):
    path = ourtown / "params/ourtown/2013_q1.yml"
    params = path.read_text(encoding="utf-8").replace("to: 2013-07-31", "to: 2013-07-30")
    params = params.replace("audience: board ", "audience: bord ")
    path.write_text(re.sub(r"^#  .*$", "compare_wth: [previous]", params, flags=re.MULTILINE), encoding="utf-8")
    code, _, told = check()
    assert code == problems.SETTINGS
    assert told.endswith(shown("3 things to put right in params"))


def test_the_guide_shows_what_a_wrong_extract_is_told(ourtown):
    first = openpyxl.load_workbook(ourtown / "extracts/ourtown/audits_2013_q1.xlsx").active.cell(39, 1).value
    spoil(ourtown, SLIPS | {(40, "Audit reference"): first})
    code, _, told = check()
    assert code == problems.DATA
    assert told.endswith(shown("6 things to put right in audits"))


def test_the_guide_shows_what_a_good_extract_is_told(ourtown):
    spoil(ourtown, {}, spare="Manager comment", footnote="Printed from the audit form")
    code, told, _ = check()
    assert code == 0
    assert told == shown("ourtown/2013_q1: nothing")


def test_faults_of_all_settings_are_told_before_those_of_extracts(ourtown):
    for name in ("2013_q1", "framework", "codebook"):
        path = ourtown / f"params/ourtown/{name}.yml"
        path.write_text(path.read_text(encoding="utf-8") + "unheard_of: 1\n", encoding="utf-8")
    spoil(ourtown, SLIPS)
    code, _, told = check()
    assert code == problems.SETTINGS
    assert re.findall(r"1 thing to put right in (\S+)\.yml", told) == [
        "params/ourtown/2013_q1", "params/ourtown/framework", "params/ourtown/codebook",
    ]  # fmt: skip
    assert "audits_2013_q1" not in told


def test_a_heading_nearly_right_refuses_the_file_as_the_guide_says(ourtown):
    path = ourtown / "extracts/ourtown/audits_2013_q1.xlsx"
    book = openpyxl.load_workbook(path)
    heading = next(cell for cell in book.active[1] if cell.value == "What did the child say?")
    heading.value = "What did the child sy?"
    book.save(path)
    code, _, told = check()
    assert code == problems.DATA
    assert 'the heading "What did the child sy?" is not known' in told


def test_a_copied_params_file_is_read_as_the_guide_says(ourtown):
    params = read_report("params/ourtown/2013_q1.yml")
    assert (params.audience, params.hide_up_to, len(params.periods)) == ("board", 5, 1)
    assert params.title.endswith(params.period.words)
    assert f'`{{period}}` in it becomes the period, such as "{params.period.words}"' in GUIDE
    assert "counts from 1 to 5" in GUIDE
    assert "counts from 1 to 9" in GUIDE
    assert params.framework.audiences.public.hide_up_to == 9
