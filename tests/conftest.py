"""What several tests share: one invented council, one real run of each report that tests read, one browser.

Each is made once, in a folder of its own, and only read afterwards: a test that changes files copies them
first (`copy_of_council`). A tool that is not a library (a browser, `pdftotext`) may be absent on a desktop;
the test that needs it is then skipped by its name. With CI=true it fails instead.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import settings
from lab import JupyterLab, serve

from qa_lib.cli import main
from qa_lib.example import write_council

TOP = Path(__file__).parent.parent
QUARTERLY = "2013_q1"
FAMILY = (
    QUARTERLY, "bulletin_2013_07", "draw_2013_08",
    "themed_domestic_violence", "themed_residential_care", "themed_pre_birth", "workshop_2013_q1",
)  # fmt: skip
"""One params file of the example for each report that the workbook makes."""
ALSO = ("bulletin_2013_06", "2013_q2")
"""Other params files of the example whose packs are read."""
VARIANTS = {
    "public": "audience: public",
    "of_a_service": "where: {service: Safeguarding and Support}",
    "of_a_theme": "where: {theme: fathers}",
}
"""The quarterly report once more, with one line of its params file changed or added."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
STAY_AT_HOME = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


# A busy machine is no fault: properties are never failed for their time. Each run tries other examples.
settings.register_profile("qa", deadline=None, max_examples=50)
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


@pytest.fixture
def short(copy_of_council):
    """That copy, its quarterly report cut to the first page and to one extract: a run of it takes less long."""
    path = copy_of_council / "notebooks" / "quarterly_report.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][5:] = []
    path.write_text(json.dumps(notebook), encoding="utf-8")
    params = copy_of_council / "params" / "example" / f"{QUARTERLY}.yml"
    text = params.read_text(encoding="utf-8").replace("[previous, last_year]", "[]").partition("\nextracts:")[0]
    params.write_text(
        f"{text}\nextracts: {{audits: ../../extracts/example/audits_{QUARTERLY}.xlsx}}\n", encoding="utf-8"
    )
    return copy_of_council


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
def ask():
    """Give a command in this process (`ask("run", ..., cwd=...)` is `qa run ...`); its kernels are processes still."""

    def answer(*words, cwd):
        with contextlib.chdir(cwd):
            return CliRunner().invoke(main, [str(word) for word in words])

    return answer


@pytest.fixture(scope="session")
def pack(council, start):
    """The folder of the quarterly report's pack, as `qa run` published it."""
    ended = start("qa_lib", "run", f"params/example/{QUARTERLY}.yml", cwd=council)
    assert ended.returncode == 0, ended.stderr
    return council / "outputs" / "example" / QUARTERLY / "v001"


@pytest.fixture(scope="session")
def packs(council, tmp_path_factory):
    """Wait for the pack of a params file (`packs("2013_q2")`): one of `FAMILY` but the first, `ALSO` or `VARIANTS`.

    One `qa run` makes them all, in a copy of the council's folder, while tests that need none of them go on.
    """
    home = tmp_path_factory.mktemp("packs") / "council"
    shutil.copytree(council, home, ignore=shutil.ignore_patterns("outputs"))
    params = (home / "params" / "example" / f"{QUARTERLY}.yml").read_text(encoding="utf-8")
    for name, line in VARIANTS.items():
        others = re.sub(rf"^{line.partition(':')[0]}:.*", "", params, flags=re.MULTILINE)
        (home / "params" / "example" / f"{name}.yml").write_text(f"{others}\n{line}\n", encoding="utf-8")
    asked = [f"params/example/{name}.yml" for name in (*ALSO, *FAMILY, *VARIANTS) if name != QUARTERLY]
    log = home / "run.log"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "qa_lib", "run", *asked]
        running = subprocess.Popen(command, cwd=home, stdout=out, stderr=subprocess.STDOUT)

    def find(name):
        pack = home / "outputs" / "example" / name / "v001"
        told = str((pack / "report.html").relative_to(home))  # `qa run` says so once the pack is whole
        while told not in log.read_text(encoding="utf-8") and running.poll() is None:
            time.sleep(0.1)
        assert told in log.read_text(encoding="utf-8"), log.read_text(encoding="utf-8")
        return pack

    yield find
    running.terminate()
    running.wait()


@pytest.fixture(scope="session", autouse=True)
def packs_from_the_start(request):
    """The run of `packs` begins before the first test, if any test will ask for it."""
    if any("packs" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("packs")


@pytest.fixture(scope="session")
def family(pack, packs):
    """The folder of each report's pack, by the name of its params file: `FAMILY`."""
    return {name: pack if name == QUARTERLY else packs(name) for name in FAMILY}


@pytest.fixture(scope="session")
def facts(pack):
    """The figures of that pack, by name."""
    told = json.loads((pack / "facts.json").read_text(encoding="utf-8"))["facts"]
    return {fact["name"]: fact["value"] for fact in told}


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
def jupyterlab(council, tmp_path_factory):
    """A running JupyterLab on a copy of the council's folder; `tests/lab.py` says how to drive it."""
    home = tmp_path_factory.mktemp("jupyterlab")
    copied = shutil.copytree(council, home / "council", ignore=shutil.ignore_patterns("outputs"))
    with serve("jupyterlab", copied, home) as address:
        lab = JupyterLab(address, copied, home)
        lab.prefer()
        yield lab


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
