"""What several tests share: one invented council, one real run of each report of the family, one browser.

Each is made once, in a folder of its own, and only read afterwards: a test that changes files copies them
first (`copy_of_council`). A tool that is not a library (a browser, `pdftotext`) may be absent on a desktop;
the test that needs it is then skipped by its name. With CI=true it fails instead.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from qa_lib.example import write_council

TOP = Path(__file__).parent.parent
QUARTERLY = "2013_q1"
FAMILY = (QUARTERLY, "bulletin_2013_07", "themed_domestic_violence", "themed_residential_care", "themed_pre_birth")
"""One params file of the example for each report that the workbook makes."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
STAY_AT_HOME = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


# A busy machine is no fault: properties are never failed for their time.
settings.register_profile("qa", deadline=None)
settings.load_profile("qa")


@pytest.fixture(scope="session")
def needed():
    """Find a tool under one of its names, or skip the test; with CI=true, fail it."""

    def find(*names):
        found = next(filter(None, map(shutil.which, names)), None)
        if found is None and os.environ.get("CI") == "true":
            pytest.fail(f"{names[0]} is not installed, and with CI=true nothing is skipped", pytrace=False)
        if found is None:
            pytest.skip(f"{names[0]} is not installed")
        return found

    return find


@pytest.fixture(scope="session")
def council(tmp_path_factory):
    """A folder laid out as the workbook's own: params/example, notebooks, and extracts/example just written."""
    home = tmp_path_factory.mktemp("council")
    shutil.copytree(TOP / "params", home / "params")
    (home / "notebooks").mkdir()
    for notebook in (TOP / "notebooks").glob("*.ipynb"):
        shutil.copy(notebook, home / "notebooks")
    write_council(home / "extracts" / "example")
    return home


@pytest.fixture
def copy_of_council(council, tmp_path):
    """The same folder once more, without its outputs, for a test that changes something in it."""
    return shutil.copytree(council, tmp_path / "council", ignore=shutil.ignore_patterns("outputs"))


@pytest.fixture(scope="session")
def start():
    """Start a Python command (`start("qa_lib", "run", ...)` is `python -m qa_lib run ...`) and wait for its end."""

    def run(*words, cwd):
        command = [sys.executable, "-m", *map(str, words)]
        return subprocess.run(
            command, cwd=cwd, check=False, capture_output=True, text=True, encoding="utf-8", timeout=300
        )

    return run


@pytest.fixture(scope="session")
def pack(council, start):
    """The folder of the quarterly report's pack, as `qa run` published it."""
    ended = start("qa_lib", "run", f"params/example/{QUARTERLY}.yml", cwd=council)
    assert ended.returncode == 0, ended.stderr
    return council / "outputs" / "example" / QUARTERLY / "v001"


@pytest.fixture(scope="session")
def family(council, pack, start):
    """The folder of each report's pack, by the name of its params file: `FAMILY`, all but the first run together."""
    asked = [f"params/example/{name}.yml" for name in FAMILY if name != QUARTERLY]
    ended = start("qa_lib", "run", *asked, cwd=council)
    assert ended.returncode == 0, ended.stderr
    return {name: council / "outputs" / "example" / name / "v001" for name in FAMILY}


@pytest.fixture(scope="session")
def page(pack):
    """The Board's page."""
    return pack / "report.html"


@pytest.fixture(scope="session")
def executed(council, pack):
    """The notebook as it was executed for the pack, a working paper."""
    return council / "outputs" / ".private" / "example" / "2013_q1" / pack.name / "quarterly_report.ipynb"


@pytest.fixture(scope="session")
def chromium(needed):
    """Where the browser is."""
    return needed(*BROWSERS)


@pytest.fixture(scope="session")
def browser(chromium):
    """A real Chromium that fetches nothing of its own accord."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=STAY_AT_HOME)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def nu(needed):
    """What the Nu HTML checker says of each of some pages, in one go.

    `.ci/run` fetches it and names its file in QA_VNU_JAR; without it, or without Java, its tests are skipped.
    """
    jar = os.environ.get("QA_VNU_JAR", "")
    if not Path(jar).is_file():
        missing = "the Nu HTML checker is not here: QA_VNU_JAR names no file (.ci/run fetches it)"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing}, and with CI=true nothing is skipped", pytrace=False)
        pytest.skip(missing)
    java = needed("java")

    def check(*pages):
        command = [java, "-jar", jar, "--stdout", "--exit-zero-always", "--format", "json", *map(str, pages)]
        ended = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8", timeout=120)
        said = {page: [] for page in pages}
        for message in json.loads(ended.stdout)["messages"]:
            (page,) = (page for page in pages if message["url"].endswith(page.as_uri().removeprefix("file://")))
            said[page].append(f"{message['type']}, line {message['lastLine']}: {message['message']}")
        return said

    return check
