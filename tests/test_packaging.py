"""The files that install the workbook say the same thing.

`pyproject.toml` says what is needed, `requirements.lock` which versions that is,
and `environment.yml`, the Makefile and `.ci/run` how they get onto a machine.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from fontTools.ttLib import TTFont
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from ruamel.yaml import YAML

TOP = Path(__file__).parent.parent
LOCK = (TOP / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (TOP / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
ENVIRONMENT = YAML(typ="safe").load(TOP / "environment.yml")
FONTS = sorted((TOP / "qa_lib/report/assets/fonts").glob("*.ttf"))


def pins(lock: str) -> list[tuple[str, Version, list[str]]]:
    """Name, version and hashes of every pin; a name stands twice where two Pythons need two versions."""
    found = re.findall(r"^([\w.-]+)==([^\s;]+)(.*(?:\n +--hash=.*)*)", lock, flags=re.MULTILINE)
    return [
        (canonicalize_name(name), Version(version), re.findall(r"--hash=(\S+)", rest)) for name, version, rest in found
    ]


def locked_versions(name: str) -> list[Version]:
    return [version for pinned, version, _ in PINS if pinned == canonicalize_name(name)]


PINS = pins(LOCK)
EXTRAS = PROJECT["project"]["optional-dependencies"]
DECLARED = [
    *PROJECT["build-system"]["requires"],
    *PROJECT["project"]["dependencies"],
    *(requirement for extra in EXTRAS.values() for requirement in extra),
]


@pytest.mark.parametrize("declared", DECLARED)
def test_what_is_needed_is_locked_at_a_version_that_will_do(declared):
    requirement = Requirement(declared)
    versions = locked_versions(requirement.name)
    assert versions
    assert all(requirement.specifier.contains(version) for version in versions)


def test_the_build_backend_is_declared_once_more_so_that_the_lock_holds_it():
    assert EXTRAS["build"] == PROJECT["build-system"]["requires"]


def test_every_line_of_the_lock_is_an_exact_pin_with_its_hashes():
    lines = [line for line in LOCK.splitlines() if line and not line.lstrip().startswith(("#", "--hash="))]
    assert len(lines) == len(PINS) > len(DECLARED)
    for name, _, hashes in PINS:
        assert hashes, name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", text) for text in hashes), name


@pytest.mark.parametrize("word", ["://", "--index-url", "--extra-index-url", "--find-links", "--trusted-host"])
def test_the_lock_names_no_place_to_download_from(word):
    assert word not in LOCK


def test_the_lock_is_made_as_its_first_lines_say():
    command = re.search(r"^# +(uv pip compile .*)$", LOCK, flags=re.MULTILINE).group(1)
    recipe = re.search(r"^\t\$\(UV\)( pip compile .*?)>/dev/null$", MAKEFILE, flags=re.MULTILINE).group(1)
    assert command.split() == ["uv", *recipe.replace("$(if $(UPGRADE),--upgrade)", "").split()]
    assert {"--universal", "--generate-hashes", "--no-emit-index-url", "--all-extras"} <= set(command.split())


# The last version with a published advisory, and the first without.
@pytest.mark.parametrize(
    ("name", "last_bad", "first_good"),
    [
        ("nbconvert", "7.17.0", "7.17.1"),  # CVE-2026-39377, CVE-2026-39378
        ("mistune", "3.2.0", "3.2.1"),  # CVE-2026-44897, CVE-2026-44708
        ("jupyter_core", "5.8.0", "5.8.1"),  # CVE-2025-30167
        ("jupyter-server", "2.17.0", "2.18.0"),  # CVE-2026-35397
    ],
)
def test_no_version_with_a_known_advisory_is_installed_or_allowed(name, last_bad, first_good):
    assert min(locked_versions(name)) >= Version(first_good)
    (requirement,) = (r for r in map(Requirement, DECLARED) if canonicalize_name(r.name) == canonicalize_name(name))
    assert requirement.specifier.contains(first_good)
    assert not requirement.specifier.contains(last_bad)


def test_conda_brings_python_and_pip_and_pip_brings_the_lock():
    python, *others = ENVIRONMENT["dependencies"]
    assert python.startswith("python=")
    assert others == ["pip", {"pip": ["--require-hashes", "-r requirements.lock"]}]
    assert ENVIRONMENT["name"] == "qa-workbook"
    assert ENVIRONMENT["channels"] == ["conda-forge"]


def test_every_file_names_the_same_oldest_python():
    major, minor = re.fullmatch(r">=(\d+)\.(\d+)", PROJECT["project"]["requires-python"]).groups()
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{major}{minor}"
    assert f"--python-version {major}.{minor} " in LOCK
    for name in ("Makefile", ".ci/run"):
        text = (TOP / name).read_text(encoding="utf-8")
        assert f"sys.version_info < ({major}, {minor})" in text
        assert f"Python {major}.{minor} or later" in text
    chosen = ENVIRONMENT["dependencies"][0].removeprefix("python=")
    assert Version(chosen) >= Version(f"{major}.{minor}")


@pytest.mark.parametrize("target", ["report", "test", "lab", "lock", "clean", "help"])
def test_the_makefile_has_the_target_and_lists_it(target):
    assert re.search(rf"^{target}:", MAKEFILE, flags=re.MULTILINE)
    assert target in re.search(r"^\.PHONY:(.*)$", MAKEFILE, flags=re.MULTILINE).group(1).split()
    assert target == "help" or f"@echo 'make {target} " in MAKEFILE


@pytest.mark.parametrize(
    "command",
    [
        "pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock",
        "pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .",
    ],
)
def test_make_installs_the_lock_and_then_the_project_alone(command):
    assert f"\t@$(BIN)/{command}\n" in MAKEFILE


def test_ci_can_be_started_and_runs_every_check():
    script = TOP / ".ci/run"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")
    assert "\nCI=true make test " in script.read_text(encoding="utf-8")


# --- what must not enter the history ---


@pytest.fixture(scope="module")
def refuse_data() -> ModuleType:
    spec = importlib.util.spec_from_file_location("refuse_data", TOP / ".ci/refuse_data.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SHOWN = b'{"cells": [{"cell_type": "code", "execution_count": 1, "outputs": []}]}'
CLEAR = b'{"cells": [{"cell_type": "code", "execution_count": null, "outputs": []}, {"cell_type": "markdown"}]}'


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("extracts/audits.txt", b""),
        ("extracts/example/README.md", b""),
        ("Outputs/2013_q1/v001/report.html", b""),
        ("audits.xlsx", b""),
        ("docs/Audits.CSV", b""),
        ("tests/audits.csv", b""),
        ("notebooks/quarterly_report.ipynb", SHOWN),
        ("notebooks/quarterly_report.ipynb", b"not a notebook"),
    ],
)
def test_what_may_hold_data_is_refused(refuse_data, path, content):
    assert refuse_data.reason_to_refuse(path, content)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("extracts/README.md", b""),
        ("outputs/README.md", b""),
        ("tests/data/area_send/audits.csv", b""),
        ("tests/outputs/page.html", b""),
        ("notebooks/quarterly_report.ipynb", CLEAR),
        ("qa_lib/cli.py", b""),
    ],
)
def test_what_we_wrote_is_let_through(refuse_data, path, content):
    assert refuse_data.reason_to_refuse(path, content) is None


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("extracts/audits.xlsx", True),
        ("extracts/example/audits.csv", True),
        ("outputs/example/2013_q1/v001/report.html", True),
        ("outputs/.private/run.json", True),
        (".venv/bin/python", True),
        ("extracts/README.md", False),
        ("outputs/README.md", False),
        ("tests/data/outputs/page.html", False),
        ("requirements.lock", False),
    ],
)
def test_git_ignores_data_and_nothing_that_we_wrote(tmp_path, path, ignored):
    shutil.copy(TOP / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    answer = subprocess.run(["git", "check-ignore", "--quiet", path], cwd=tmp_path, check=False)
    assert (answer.returncode == 0) is ignored


# --- the fonts ---


@pytest.mark.parametrize("path", FONTS, ids=lambda path: path.stem)
def test_a_changed_font_does_not_carry_the_name_that_its_licence_reserves(path):
    names = TTFont(path)["name"]
    shown = [names.getDebugName(number) for number in (1, 3, 4, 6, 16)]
    assert (shown[4] or shown[0]) == "QA Sans"
    assert not any("Source" in name for name in shown if name)
    assert "Reserved Font Name" in names.getDebugName(0)


@pytest.mark.parametrize("path", FONTS, ids=lambda path: path.stem)
def test_figures_are_of_one_width_and_the_marks_of_our_pages_are_there(path):
    font = TTFont(path)
    characters = font.getBestCmap()
    assert len({font["hmtx"][characters[ord(figure)]][0] for figure in "0123456789"}) == 1
    assert {ord(mark) for mark in "ŵŷŴŶ−–—×’‘→←↑↓✓✗▲▼≤≥€£"} <= set(characters)


def test_the_licence_and_the_four_page_faces_stand_beside_the_fonts():
    folder = TOP / "qa_lib/report/assets/fonts"
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text(encoding="utf-8")
    assert len(FONTS) == 5
    faces = {path.stem for path in folder.glob("*.woff2")}
    assert faces == {f"QASans-{face}" for face in ("Regular", "It", "Semibold", "Bold")}
