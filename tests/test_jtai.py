"""Real input loads as a themed audit by settings alone: 49 published joint inspections of safeguarding.

The settings are kept in `tests/data/jtai`; the workbook is not, and tests are skipped where it is absent. What is
expected is counted here from the workbook with openpyxl, never through the library's intake.
"""

import json
import re
import shutil
from collections import Counter
from datetime import date
from html import unescape
from pathlib import Path

import openpyxl
import pytest

from qa_lib.intake.extracts import read_extracts
from qa_lib.problems import QAError
from qa_lib.report.material import Material
from qa_lib.settings.framework import Framework
from qa_lib.settings.report import read_report
from qa_lib.settings.tool import AuditTool
from qa_lib.settings.yaml import read_settings

TOP = Path(__file__).parent.parent
SETTINGS = TOP / "tests/data/jtai"
WORKBOOK = TOP.parent / "shared/data/real/ofsted_jtai/ofsted_csc_jtai_overview.xlsx"
needs_the_workbook = pytest.mark.skipif(not WORKBOOK.is_file(), reason="the joint inspections are not here")

MISSING = "Not found or not applicable."
BOXES = {  # heading of the workbook: our name, as tool.yml has it, typed a second time
    "summary_key_strengths": "key_strengths",
    "summary_headline_findings": "headline_findings",
    "summary_needs_to_improve": "needs_to_improve",
    "summary_improvement": "improvement",
    "summary_priority_action": "priority_action",
    "summary_case_study": "case_study",
}
# A theme of the very words that stand for nothing, and of no others that are common.
TRAP = """
version: "trap"
boxes: {}
negation: {words: ["no"], window: 3}
contrast: ["but"]
themes:
  missing: {label: Missing, issue: T1, terms: ["found or not applicable"]}
"""


@pytest.fixture(scope="module")
def inspections():
    """The rows of the workbook, as openpyxl reads them."""
    heads, *rows = openpyxl.load_workbook(WORKBOOK, read_only=True).active.iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


@pytest.fixture
def settings(tmp_path):
    """Lay out a copy of the settings, pointed at the workbook where it lies; one line of the tool may be left out."""

    def laid_out(without=None, codebook=TOP / "params/example/codebook.yml"):
        folder = shutil.copytree(SETTINGS, tmp_path / "params" / "jtai")
        path = folder / "report.yml"
        text = path.read_text(encoding="utf-8")
        for named, file in ((WORKBOOK.name, WORKBOOK), ("../../../params/example/codebook.yml", codebook)):
            assert text.count(named) == 1
            text = text.replace(named, json.dumps(str(file)))
        path.write_text(text, encoding="utf-8")
        if without:
            lines = (folder / "tool.yml").read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines if not line.startswith(without)]
            assert len(kept) == len(lines) - 1
            (folder / "tool.yml").write_text("".join(kept), encoding="utf-8")
        return path

    return laid_out


@pytest.mark.parametrize(("name", "model"), [("framework.yml", Framework), ("tool.yml", AuditTool)])
def test_the_settings_can_be_read_without_the_workbook(name, model):
    assert isinstance(read_settings(SETTINGS / name, model), model)


@needs_the_workbook
def test_every_inspection_is_read_and_counted_with_its_day_its_region_and_its_place(settings, inspections):
    extracts = read_extracts(read_report(settings()))
    assert [(file.rows_read, file.rows_counted) for file in extracts.files] == [(len(inspections), len(inspections))]
    spellings = read_settings(SETTINGS / "framework.yml", Framework).spellings
    read = extracts.audits.audits
    columns = [read[name] for name in ("audit_id", "case_id", "audit_date", "service", "team")]
    days = [map(int, row["inspection_start_date"].split("/")) for row in inspections]  # day/month/short year
    assert [(*row[:2], row[2].date(), *row[3:]) for row in zip(*columns, strict=True)] == [
        (
            row["urn"],
            row["la_code"],
            date(2000 + year, month, day),
            spellings[row["region_code"]],
            row["local_authority"],
        )
        for row, (day, month, year) in zip(inspections, days, strict=True)
    ]


@needs_the_workbook
def test_what_inspectors_wrote_comes_word_for_word_and_what_was_not_found_says_nothing(settings, inspections):
    params = read_report(settings())
    material = Material(params, read_extracts(params))
    written = {(row["urn"], key): row[head] for row in inspections for head, key in BOXES.items()}
    read = {(row.audit_id, row.column): row.text for row in material.comments.itertuples()}
    assert {place: text.split() for place, text in read.items()} == {
        place: text.split() for place, text in written.items()
    }
    found = set(zip(material.passages["audit_id"], material.passages["column"], strict=True))
    missing = {place for place, text in written.items() if text == MISSING}
    assert len(missing) == 45 + 25 + 2 + 23 + 23 + 32  # counted by hand, box by box
    assert found
    assert not found & missing
    says = {urn for (urn, _), text in written.items() if text != MISSING}
    base = material.comment_base
    assert set(base["audit_id"][base["has_text"]]) == says


@needs_the_workbook
@pytest.mark.parametrize(("without", "passages"), [(None, 0), ("ignore:", 150)])
def test_not_found_is_no_theme_even_of_a_codebook_that_looks_for_these_words(settings, tmp_path, without, passages):
    (tmp_path / "trap.yml").write_text(TRAP, encoding="utf-8")
    params = read_report(settings(without, tmp_path / "trap.yml"))
    assert len(Material(params, read_extracts(params)).passages) == passages


@needs_the_workbook
def test_short_years_are_read_because_the_tool_says_so(settings, inspections):
    with pytest.raises(QAError) as refused:
        read_extracts(read_report(settings(without="short_years:")))
    (fault,) = [problem for problem in refused.value.problems if problem.severity == "error"]
    assert (fault.code, fault.column, len(fault.rows)) == ("bad_date", "audit_date", len(inspections))


@needs_the_workbook
def test_a_real_run_makes_a_report_that_passes_every_gate_and_names_no_place(settings, inspections, ask):
    path = settings()
    done = ask("run", path, cwd=path.parent)
    assert done.exit_code == 0, done.output
    pack = path.parents[2] / "outputs/jtai/report/v001"
    told = json.loads((pack / "facts.json").read_text(encoding="utf-8"))["facts"]
    facts = {fact["name"]: fact["value"] for fact in told}
    regions = Counter(row["region_code"] for row in inspections)
    assert (facts["chosen.all.n"], facts["chosen.greater_london.n"]) == (len(inspections), regions["GL"])
    page = (pack / "report.html").read_text(encoding="utf-8")
    page = re.sub(r"<style.*?</style>|data:[^\"')]*|<path[^>]*>", "", page, flags=re.DOTALL)
    words = " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split()).casefold()
    assert "not found or not applicable" not in words
    assert not {row["local_authority"] for row in inspections if re.search(rf"\b{row['local_authority']}\b", words)}
