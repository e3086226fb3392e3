"""Files that an analyst, a case system or an attacker might hand over, and what must happen to each.

`data/bad_inputs/manifest.csv` says it: the verdict, the rows that count, every
cell that must be named, words that must be in the message. Nobody on the
project chose the answers to suit the code.
"""

import csv
import json
import resource
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from rapidfuzz.distance import OSA

from qa_lib.intake.audits import OUTSIDE, read_audits
from qa_lib.problems import QAError, in_words
from qa_lib.settings.codebook import Codebook
from qa_lib.settings.framework import Framework
from qa_lib.settings.report import Period, ReportParams
from qa_lib.settings.yaml import read_settings

HERE = Path(__file__).parent
FOLDER = HERE / "data" / "bad_inputs"
SHARED = HERE.parents[1] / "shared" / "bad_inputs"
EXAMPLE = HERE.parent / "params" / "example"
ROWS = list(csv.DictReader((FOLDER / "manifest.csv").open(encoding="utf-8")))
EXTRACTS = [row for row in ROWS if row["kind"] in {"extract", "set"}]
ALLOWED = ("good", "outstanding", "inadequate", "requires improvement", "not applicable")
PERIOD = Period("current", date(2025, 7, 1), date(2025, 9, 30))


def read(name: str):
    """The file as an audits extract of July to September 2025, and its verdict."""
    path = FOLDER / name if (FOLDER / name).exists() else SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not kept with the project")
    framework = read_settings(EXAMPLE / "framework.yml", Framework)
    codebook = read_settings(EXAMPLE / "codebook.yml", Codebook)
    asked = ReportParams(
        Path("r.yml"), Path("n.ipynb"), "T", (PERIOD,), date(2025, 10, 6), "board", framework, codebook,
        {"audits": (path,), "caseload": ()},
    )  # fmt: skip
    try:
        audits = read_audits(asked)
    except QAError as refused:
        return "reject", None, in_words(refused.problems)
    told = audits.warnings or len(audits.left_out)
    return ("accept_with_warning" if told else "accept"), audits, ""


@pytest.mark.parametrize("row", EXTRACTS, ids=[row["file"] for row in EXTRACTS])
def test_each_file_meets_its_verdict_within_its_time(row):
    start = time.perf_counter()
    verdict, audits, message = read(row["file"])
    assert verdict in row["expected"].split("|"), message
    assert time.perf_counter() - start < float(row["time_s"])
    if verdict == "reject":
        lower = message.lower()
        assert row["file"].lower() in lower
        assert [word for word in row["must_name"].split(";") if word.lower() not in lower] == []
        assert not row["fix_any"] or any(fix in lower for fix in row["fix_any"].split("|"))
        for cell in filter(None, row["bad_cells"].split(";")):
            number, _, column = cell.partition(":")
            assert number in message
            assert column in message
    else:
        assert audits is not None
        assert len(audits.audits[audits.audits["period"] == "current"]) == int(row["loaded_rows"])


def test_a_refusal_repeats_no_cell_but_a_near_miss():
    for row in EXTRACTS:
        if row["expected"].startswith("reject"):
            path = FOLDER / row["file"]
            if path.suffix == ".csv" and path.exists():
                _, _, message = read(row["file"])
                text = path.read_bytes().decode("utf-8", "replace")
                cells = {cell.strip() for line in text.splitlines()[1:] for cell in line.split(",")}
                near = {cell for cell in cells if any(OSA.distance(cell.casefold(), word) <= 2 for word in ALLOWED)}
                assert [cell for cell in cells - near if len(cell) > 8 and cell in message] == []


def test_blank_grades_dates_at_the_edges_and_tidied_words_are_as_the_manifest_expects():
    expect = {row["file"]: json.loads(row["expect"]) for row in ROWS if row["expect"]}
    _, audits, _ = read("grades_blank_is_not_na.csv")
    direct = audits.gradings[audits.gradings["domain"].astype(str) == "direct_work"]["grade"].value_counts()
    assert {key: int(n) for key, n in direct.items() if n} == expect["grades_blank_is_not_na.csv"]["direct_work"]
    _, audits, _ = read("dates_quarter_edges.csv")
    edges = expect["dates_quarter_edges.csv"]
    assert len(audits.audits[audits.audits["period"] == "current"]) == edges["in period"]
    left = dict(zip(audits.left_out["reason"], audits.left_out["n"], strict=True))
    trend = (audits.audits["period"] == "trend").sum()
    assert left.get(OUTSIDE, 0) + trend == edges["outside period"]
    _, audits, _ = read("grades_case_and_spaces.csv")
    tidied = audits.gradings[audits.gradings["domain"].astype(str) == "assessment"]["grade"].astype(str)
    assert list(tidied)[:7] == expect["grades_case_and_spaces.csv"]["assessment rows 2-8"]


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module on Windows")
def test_hostile_files_cost_little_memory():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name in ("zip_bomb_small.xlsx", "huge_used_range.xlsx", "one_megabyte_cell.csv"):
        read(name)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / (
        1024 if sys.platform == "linux" else 1024**2
    )
    assert grown < 500  # megabytes
