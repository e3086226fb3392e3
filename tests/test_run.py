"""A pack is whole, says nothing of who ran it on which files, and is the same from the same inputs."""

import csv
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pikepdf
import pytest

from qa_lib.problems import QAError
from qa_lib.run.plan import outputs_of, plan_runs

PARAMS = "params/example/2013_q1.yml"
NAME = "example/2013_q1"
WORKING, AUTUMN = "params/example/working_copy.yml", "params/ours/autumn.yml"


def texts_of(pack: Path) -> list[str]:
    """Every text of a pack: its files as they are, the PDF's parts and printed words, the workbook's parts."""
    texts = [path.read_bytes().decode("latin-1") for path in pack.iterdir()]
    texts += [path.read_text(encoding="utf-8") for path in pack.iterdir() if path.suffix in {".html", ".json"}]
    with pikepdf.open(pack / "report.pdf") as pdf:
        streams = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream)]
        texts += [stream.read_bytes().decode("latin-1") for stream in streams]
        texts += [str(thing) for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary | pikepdf.String)]
    if shutil.which("pdftotext"):
        command = ["pdftotext", str(pack / "report.pdf"), "-"]
        texts.append(subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout)
    for path in pack.glob("*.xlsx"):
        with zipfile.ZipFile(path) as parts:
            texts += [parts.read(name).decode("utf-8", "replace") for name in parts.namelist()]
    return texts


def test_a_pack_holds_its_page_facts_record_and_sums_and_nothing_else(pack):
    assert sorted(path.name for path in pack.iterdir()) == [
        "SHA256SUMS",
        "facts.json",
        "report.html",
        "report.pdf",
        "run.json",
        "tables.xlsx",
    ]
    for line in (pack / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((pack / name).read_bytes()).hexdigest() == digest
    latest = json.loads((pack.parent / "latest.json").read_text())
    record = json.loads((pack / "run.json").read_text())
    assert latest == {"version": pack.name, "run_id": record["run_id"]}
    assert record["run_id"] in (pack / "report.html").read_text(encoding="utf-8")


def test_nothing_is_left_staged(pack):
    outputs = pack.parents[2]
    assert [path.name for path in outputs.iterdir() if path.name.startswith(".tmp")] == []
    assert not list((outputs / ".private").rglob(".work-*"))


def test_working_papers_are_the_owners_alone(council, pack):
    private = council / "outputs" / ".private"
    kept = private / NAME / pack.name
    assert sorted(path.name for path in kept.iterdir()) == [
        "actions.xlsx", "passages.xlsx", "quarterly_report.ipynb", "sidecar.json",
    ]  # fmt: skip
    if os.name == "posix":
        for folder in (private, private / "example", private / NAME, kept):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_pack_names_no_file_no_user_no_folder_and_no_fingerprint_of_data(council, pack):
    sidecar = json.loads((council / "outputs" / ".private" / NAME / pack.name / "sidecar.json").read_text())
    assert {file["file"] for file in sidecar["files"]} == {
        "audits_2012_q1.xlsx", "audits_2012_q2.csv", "audits_2012_q3.xlsx", "audits_2012_q4.csv",
        "audits_2013_q1.xlsx", "moderation_2013_q1.csv", "caseload_2013-07.csv",
        "allocation_2012_q4.csv", "allocation_2013_q1.csv",
        *(f"evidence_{quarter}.csv" for quarter in ("2012_q1", "2012_q2", "2012_q3", "2012_q4", "2013_q1")),
        *(f"actions_2013-{month}.csv" for month in ("01", "04", "07")),
    }  # fmt: skip
    secrets = [file[key] for file in sidecar["files"] for key in ("file", "sha256")]
    secrets += [sidecar["content_key"], str(council), sidecar["started"]]
    for text in texts_of(pack):
        assert [secret for secret in secrets if secret in text] == []


def test_nothing_that_an_auditor_wrote_and_nobodys_name_or_id_is_in_a_pack(council, pack):
    private = set()
    for path in (council / "extracts" / "example").glob("audits_2012_q*.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                private |= {row["audit_id"], row["case_id"], row["auditor"]}
                private |= {row[column][:40] for column in ("strengths", "areas_for_development", "child_view")}
    [head, *body] = openpyxl.load_workbook(council / "extracts/example/audits_2013_q1.xlsx").active.values
    at = [head.index(name) for name in ("Audit reference", "Case number", "Auditor", "What is working well?")]
    private |= {str(row[index])[:40] for row in body for index in at if row[index]}
    private = {text for text in private if len(text) > 5}
    assert len(private) > 500
    for text in texts_of(pack):
        assert sorted(secret for secret in private if secret in text) == []


@pytest.fixture(scope="module")
def elsewhere(council, pack, tmp_path_factory):
    """Outputs of one `qa run` in another folder, zone and locale, of three reports.

    They are the report of `pack` once more, beside it; a working copy of it; and what an analyst does next quarter:
    its params file copied, renamed, changed where it differs.
    """
    home = tmp_path_factory.mktemp("elsewhere") / "another place"
    shutil.copytree(council, home, ignore=shutil.ignore_patterns("outputs"))
    outputs = home / "named"
    shutil.copytree(pack, outputs / NAME / "v001")
    text = (home / PARAMS).read_text(encoding="utf-8")
    (home / WORKING).write_text(text.replace("audience: board", "audience: working"), encoding="utf-8")
    for folder in ("extracts", "params"):
        (home / folder / "ours").mkdir()
    shutil.copy(home / "extracts/example/audits_2013_q2.csv", home / "extracts/ours/autumn.csv")
    for name in ("framework.yml", "codebook.yml"):
        shutil.copy(home / "params/example" / name, home / "params/ours")
    text = re.sub(r"extracts:.*", "extracts: {audits: ../../extracts/ours/autumn.csv}\n", text, flags=re.DOTALL)
    text = text.replace("from: 2013-05-01, to: 2013-07-31", "from: 2013-08-01, to: 2013-10-31")
    text = text.replace("as_of: 2013-10-01", "as_of: 2013-12-02").replace("[previous, last_year]", "[]")
    (home / AUTUMN).write_text(text.replace("May to July 2013", "August to October 2013"), encoding="utf-8")
    command = [sys.executable, "-m", "qa_lib", "run", PARAMS, WORKING, AUTUMN, "--outputs", str(outputs)]
    zone = {**os.environ, "TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    ended = subprocess.run(command, cwd=home, capture_output=True, text=True, env=zone, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    assert not (home / "outputs").exists()
    for path in (council / "extracts" / "example").glob("*.*"):
        assert (home / "extracts" / "example" / path.name).read_bytes() == path.read_bytes(), "a run changed an extract"
    return outputs


def test_the_same_inputs_give_the_same_bytes_and_a_new_version_in_another_folder_zone_and_locale(elsewhere, pack):
    versions = elsewhere / NAME
    assert sorted(path.name for path in versions.iterdir()) == ["latest.json", "v001", "v002"]
    assert json.loads((versions / "latest.json").read_text())["version"] == "v002"
    for version in ("v001", "v002"):
        assert sorted(path.name for path in (versions / version).iterdir()) == sorted(p.name for p in pack.iterdir())
        for path in pack.iterdir():
            assert (versions / version / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_changed_extract_gives_another_run_id(copy_of_council, pack):
    path = copy_of_council / "extracts" / "example" / "audits_2012_q2.csv"
    [same] = plan_runs([copy_of_council / PARAMS])
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("First Response", "Children in Care", 1), encoding="utf-8")
    [changed] = plan_runs([copy_of_council / PARAMS])
    assert same.run_id == json.loads((pack / "run.json").read_text())["run_id"] != changed.run_id


def test_a_copied_params_file_pointed_at_another_extract_works(elsewhere):
    page = (elsewhere / "ours" / "autumn" / "v001" / "report.html").read_text(encoding="utf-8")
    assert "Quarterly quality assurance report, August to October 2013" in page
    assert "Services differ in size" not in page  # no case list: no section that would set audits beside it
    assert "Not in this report: Audits completed beside open cases, by service, because no case list was given." in page


def test_a_working_copy_stays_in_the_private_folder(elsewhere):
    name = WORKING.removeprefix("params/").removesuffix(".yml")
    assert not (elsewhere / name).exists()
    [page] = (elsewhere / ".private" / name / "working").rglob("report.html")
    assert "Working copy, not for release" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("break_it", "code", "words"),
    [
        (("params/example/2013_q1.yml", "as_of:", "as_off:"), 2, 'Did you mean "as_of"?'),
        (("params/example/framework.yml", "lowest_good: Good", "lowest_good: Godo"), 2, "lowest_good"),
        (("extracts/example/audits_2012_q2.csv", "Good", "Gud"), 3, 'Did you mean "Good" for "Gud"?'),
        (("extracts/example/audits_2012_q2.csv", "audit_date", "audit_dat"), 3, "audit_date"),
        (("extracts/example/caseload_2013-07.csv", "2013-07-31", "2013-07-32"), 3, "as_at"),
    ],
)
def test_what_is_wrong_is_refused_before_any_kernel_starts(copy_of_council, ask, break_it, code, words):
    name, old, new = break_it
    path = copy_of_council / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    for command in (("check", PARAMS), ("run", "params/example/themed_pre_birth.yml", PARAMS)):
        told = ask(*command, cwd=copy_of_council)
        assert (told.exit_code, words in told.stderr) == (code, True), told.stderr
        assert "Nothing has been published." in told.stderr
        assert isinstance(told.exception, SystemExit)
    assert not (copy_of_council / "outputs").exists()


def test_check_tells_rows_read_counted_and_left_out(council, ask):
    told = ask("check", PARAMS, cwd=council)
    assert told.exit_code == 0
    assert "audits_2013_q1.xlsx: 126 rows read, 126 counted" in told.stdout


@pytest.mark.parametrize("name", ["Q1 2013.yml", "../x.yml", "con.yml", "a" * 61 + ".yml", "é.yml", ".hidden.yml"])
def test_a_name_that_could_leave_the_outputs_folder_or_not_stand_on_windows_is_refused(tmp_path, name):
    with pytest.raises(QAError):
        outputs_of(Path(f"{tmp_path}/params/council/{name}"))


def test_outputs_stand_beside_the_params_folder_or_else_in_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert outputs_of(tmp_path / "x/params/a/q1.yml") == (tmp_path / "x/outputs", "a/q1")
    assert outputs_of(tmp_path / "loose/q1.yml") == (tmp_path / "outputs", "loose/q1")
    assert outputs_of(tmp_path / "x/params/q1.yml", tmp_path / "o") == (tmp_path / "o", "q1")
