"""Real input goes through by settings alone: 55 published inspections of how areas serve children with SEND.

The three settings files are kept in `tests/data/area_send`; the inspections are not, and most of these tests are
skipped where they are absent. What is expected is counted here from the extract with the csv module, and from the
overview workbook that its collectors published beside it, so neither goes through the library.
"""

import csv
import json
import re
import shutil
import subprocess
from collections import Counter
from html import unescape
from pathlib import Path

import openpyxl
import pytest

from qa_lib.intake.extracts import read_extracts
from qa_lib.settings.codebook import Codebook
from qa_lib.settings.framework import Framework
from qa_lib.settings.report import read_report
from qa_lib.settings.yaml import read_settings

TOP = Path(__file__).parent.parent
SETTINGS = TOP / "tests/data/area_send"
DATA = TOP.parent / "shared/data/real/ofsted_area_send"
EXTRACT, OVERVIEW = DATA / "area_send_inspections.csv", DATA / "ofsted_csc_send_overview.xlsx"
needs_the_inspections = pytest.mark.skipif(not EXTRACT.is_file(), reason="the area SEND inspections are not here")

BOXES = ("strengths", "areas_for_development")
# What the numbers mean: the README of the inspections. The words are those of framework.yml, typed a second time.
GRADES = {"1": "Mostly positive", "2": "Inconsistent", "3": "Serious failings"}
# The inspectorate's codes for its regions; "" is the one inspection whose region was not lifted from its report.
REGIONS = {
    "NE": "North East", "NW": "North West", "YH": "Yorkshire and the Humber", "EM": "East Midlands",
    "WM": "West Midlands", "E": "East of England", "GL": "Greater London", "SE": "South East", "SW": "South West",
    "": "Not recorded",
}  # fmt: skip


def inspections():
    """The rows of the extract, as the csv module reads them."""
    with EXTRACT.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def params_file(tmp_path_factory):
    """A copy of the settings, its params file pointed at the extract where it lies."""
    folder = tmp_path_factory.mktemp("workbook") / "params" / "area_send"
    shutil.copytree(SETTINGS, folder)
    path = folder / "report.yml"
    text = path.read_text(encoding="utf-8")
    assert text.count(EXTRACT.name) == 1
    path.write_text(text.replace(EXTRACT.name, json.dumps(str(EXTRACT))), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def extracts(params_file):
    return read_extracts(read_report(params_file))


@pytest.fixture(scope="module")
def audits(extracts):
    return extracts.audits


@pytest.fixture(scope="module")
def pack(params_file, ask):
    """The pack of one real `qa run`."""
    done = ask("run", params_file, cwd=params_file.parent)
    assert done.exit_code == 0, done.output
    return params_file.parents[2] / "outputs/area_send/report/v001"


@pytest.fixture(scope="module")
def page(pack):
    """The page without its styles, fonts and pictures' paths; pictures' words stay."""
    html = (pack / "report.html").read_text(encoding="utf-8")
    return re.sub(r"<style.*?</style>|data:[^\"')]*|<path[^>]*>", "", html, flags=re.DOTALL)


@pytest.fixture(scope="module")
def facts(pack):
    record = json.loads((pack / "facts.json").read_text(encoding="utf-8"))
    return {fact["name"]: fact["value"] for fact in record["facts"]}


def words(html):
    """What a reader sees of some HTML, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def cells(html):
    return [words(cell) for cell in re.findall(r"<td\b.*?</td>", html, re.DOTALL)]


def names_in(text, names):
    """Those of the names that stand in a text as whole words, whatever the capitals."""
    return {name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)}


# --- the settings ----------------------------------------------------------------------------------------------------


def test_what_is_kept_is_settings_and_nothing_else():
    assert {path.name for path in SETTINGS.iterdir()} == {"report.yml", "framework.yml", "codebook.yml"}


@pytest.mark.parametrize(("name", "model"), [("framework.yml", Framework), ("codebook.yml", Codebook)])
def test_the_settings_can_be_read_without_the_inspections(name, model):
    assert isinstance(read_settings(SETTINGS / name, model), model)


@needs_the_inspections
def test_no_place_or_person_of_the_extract_stands_in_the_settings():
    kept = "\n".join(path.read_text(encoding="utf-8") for path in SETTINGS.iterdir())
    names = {row[column] for row in inspections() for column in ("local_area", "lead_inspector_ofsted")}
    assert not names_in(kept, names)


# --- the way in ------------------------------------------------------------------------------------------------------


@needs_the_inspections
def test_every_inspection_is_counted_in_the_report_period(extracts, audits):
    assert [(file.file, file.rows_read, file.rows_left_out) for file in extracts.files] == [(EXTRACT.name, 55, {})]
    assert audits.audits["period"].tolist() == ["current"] * 55


@needs_the_inspections
def test_each_inspection_keeps_its_number_date_region_area_and_inspector(audits):
    read = zip(
        audits.audits["audit_id"],
        audits.audits["case_id"],
        audits.audits["audit_date"].dt.strftime("%Y-%m-%d"),
        audits.audits["service"].astype(str),
        audits.audits["team"],
        audits.audits["auditor"],
        strict=True,
    )
    columns = ("inspection_id", "urn", "inspection_end", "region_code", "local_area", "lead_inspector_ofsted")
    expected = [tuple(row[column] for column in columns) for row in inspections()]
    assert list(read) == [(*one[:3], REGIONS[one[3]], *one[4:]) for one in expected]


@needs_the_inspections
@pytest.mark.parametrize(("box", "passages"), [("strengths", 549), ("areas_for_development", 495)])
def test_each_bullet_of_a_box_is_one_passage(audits, box, passages):
    found = audits.comments[audits.comments["column"] == box]
    assert len(found) == passages
    counted = {row["inspection_id"]: int(row[f"n_{box}"]) for row in inspections()}
    assert found["audit_id"].value_counts().to_dict() == counted


@needs_the_inspections
@pytest.mark.parametrize("box", BOXES)
def test_no_word_of_a_box_is_lost_by_the_split(audits, box):
    found = audits.comments[audits.comments["column"] == box]
    put_back = found.groupby("audit_id")["text"].agg(lambda texts: " ".join(f"- {text}" for text in texts))
    written = {row["inspection_id"]: row[box] for row in inspections()}
    assert {audit: text.split() for audit, text in put_back.items()} == {
        audit: text.split() for audit, text in written.items()
    }


@needs_the_inspections
def test_all_grades_agree_with_the_overview_workbook(audits):
    heads, *rows = openpyxl.load_workbook(OVERVIEW, read_only=True).active.iter_rows(values_only=True)
    urn, grade = heads.index("urn"), heads.index("outcome_grade")
    published = {str(row[urn]): str(row[grade]).removesuffix(".0") for row in rows}
    overall = audits.gradings.set_index("audit_id")["grade"].astype(str)
    read = {case: overall[audit] for audit, case in audits.audits[["audit_id", "case_id"]].to_numpy()}
    agreed = [case for case, label in read.items() if GRADES[published[case]] == label]
    assert (len(agreed), len(read)) == (55, 55)


# --- the report ------------------------------------------------------------------------------------------------------


@needs_the_inspections
def test_the_pack_is_whole(pack):
    assert {path.name for path in pack.iterdir()} == {
        "report.html",
        "report.pdf",
        "tables.xlsx",
        "facts.json",
        "run.json",
        "SHA256SUMS",
    }


@needs_the_inspections
def test_the_page_carries_its_title_period_and_base(page):
    text = words(page)
    assert "<h1>Area SEND inspections, February 2023 to January 2025</h1>" in page
    assert "Local area partnerships in England" in text
    assert "14 of 55" in text
    assert "25%" in text


@needs_the_inspections
def test_the_page_gives_the_three_grades_as_often_as_they_were_given(page, facts):
    given = Counter(GRADES[row["outcome_grade"]] for row in inspections())
    table = re.search(r'<table id="grades-data">.*?</table>', page, re.DOTALL)[0]
    heads = [words(head) for head in re.findall(r'<th scope="col".*?</th>', table)]
    assert heads[1:4] == list(GRADES.values())
    assert cells(table)[:3] == [str(given[label]) for label in GRADES.values()]
    assert facts["overall.all.n"] == given["Mostly positive"]


@needs_the_inspections
def test_the_page_shows_every_theme_of_the_codebook(page):
    themes = read_settings(SETTINGS / "codebook.yml", Codebook).themes.values()
    table = re.search(r'<table id="themes-data">.*?</table>', page, re.DOTALL)[0]
    rows = [words(head) for head in re.findall(r'<th scope="row".*?</th>', table)]
    assert rows == [theme.label for theme in themes]


@needs_the_inspections
def test_a_theme_is_counted_about_as_often_as_a_plain_search_finds_its_words(facts):
    """A search knows no negation and no turn of a sentence, so a theme may differ from it by a few inspections."""
    compared = 0
    for key, theme in read_settings(SETTINGS / "codebook.yml", Codebook).themes.items():
        listed = "|".join(re.escape(term.lower()).replace(r"\-", "[- ]") for term in (*theme.terms, *theme.faults))
        for box, polarity in zip(BOXES, ("strength", "development"), strict=True):
            name = f"themes.{key}.{polarity}.n"
            if name in facts:
                compared += 1
                texts = [" ".join(row[box].lower().replace("’", "'").split()) for row in inspections()]
                found = sum(bool(re.search(rf"\b({listed})\b", text)) for text in texts)
                assert abs(facts[name] - found) <= 3, name
    assert compared >= 34  # of 36: a figure may be hidden


@needs_the_inspections
def test_no_inspector_area_or_sentence_of_an_inspection_leaves_in_the_pack(pack, page):
    rows = inspections()
    names = {re.sub(r"^(Mr|Mrs|Ms|Dr) ", "", row["lead_inspector_ofsted"]) for row in rows}
    names |= {row["local_area"] for row in rows} | {row["inspection_id"] for row in rows}
    assert names_in(EXTRACT.read_text(encoding="utf-8"), names) == names
    leaving = {path.name: path.read_bytes().decode("utf-8", "replace") for path in pack.iterdir()}
    if shutil.which("pdftotext"):
        command = ["pdftotext", str(pack / "report.pdf"), "-"]
        leaving["words of the PDF"] = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    assert not {name: found for name, text in leaving.items() if (found := names_in(unescape(text), names))}
    boxes = [" ".join(row[box].split()) for row in rows for box in BOXES]
    openings = {passage[:40] for box in boxes for passage in box.removeprefix("- ").split(" - ") if len(passage) > 40}
    assert len(openings) > 900  # of 1,044: areas are told some things in the same words
    assert not [opening for opening in openings if opening in words(page)]


@needs_the_inspections
def test_no_sentence_claims_anything_of_a_domain(page, facts):
    """The inspections grade no domain: there is no figure of one, and none is called strongest or weakest."""
    assert not [name for name in facts if name.startswith(("by_domain.", "domains_compared."))]
    body = page.partition('<h2 id="annex-a')[0]
    told = [words(block) for _, block in re.findall(r"<(p|li)\b[^>]*>(.*?)</\1>", body, re.DOTALL)]
    assert any("Waiting times" in block for block in told)
    assert not [block for block in told if "domain" in block and re.search(r"\d", block)]
    assert not [block for block in told if re.search(r"(most|least) often good or better", block, re.IGNORECASE)]
