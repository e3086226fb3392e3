"""The notebook in JupyterLab, as an analyst has it: open it, run all cells, read the report.

A real server on a copy of the council's folder, with every file of its own in a temporary folder, driven in a
real Chromium. What it shows is compared with the page that `qa run` published from the same extracts.
"""

import json
import os
import subprocess
import sys
import time

import pytest

TITLE = "Quarterly quality assurance report, May to July 2013"
QUIET = {  # user settings, so that nothing but the notebook asks for attention
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight are drawn too
}
TROUBLE = "[data-mime-type^='application/vnd.jupyter.']"  # what a cell printed, or its error
ROWS = """found => found.map(table => [...table.rows].map(row =>
  [...row.cells].map(cell => cell.textContent.trim()).join(" | ")))"""
PICTURES = "found => found.map(svg => document.getElementById(svg.getAttribute('aria-labelledby')).textContent)"


@pytest.fixture
def jupyterlab(copy_of_council, tmp_path):
    """The address of a running JupyterLab whose home is a temporary folder; stopped at the end."""
    places = {name: tmp_path / name for name in ("home", "config", "data", "runtime", "settings", "workspaces")}
    for name, place in places.items():
        place.mkdir(mode=0o700 if name == "runtime" else 0o755)
    for name, settings in QUIET.items():
        path = places["settings"] / f"{name}.jupyterlab-settings"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(json.dumps(settings), encoding="utf-8")
    environment = os.environ | {
        "HOME": str(places["home"]),
        "IPYTHONDIR": str(places["home"] / "ipython"),
        "JUPYTER_CONFIG_DIR": str(places["config"]),
        "JUPYTER_DATA_DIR": str(places["data"]),
        "JUPYTER_RUNTIME_DIR": str(places["runtime"]),
        "JUPYTERLAB_SETTINGS_DIR": str(places["settings"]),
        "JUPYTERLAB_WORKSPACES_DIR": str(places["workspaces"]),
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0", "--IdentityProvider.token=", "--ServerApp.terminals_enabled=False",
        "--LabApp.extension_manager=readonly", f"--ServerApp.root_dir={copy_of_council}",
    ]  # fmt: skip
    log = tmp_path / "jupyterlab.log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=copy_of_council, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield address_of(server, places["runtime"], log)
    finally:
        server.terminate()  # it stops its kernels too
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def address_of(server, runtime, log):
    """Where the server listens, as soon as it says so."""
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            if path.stat().st_size:
                return json.loads(path.read_text(encoding="utf-8"))["url"]
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")


def test_run_all_cells_in_jupyterlab_shows_the_report_of_the_pack(browser, jupyterlab, page, copy_of_council):
    saved = json.loads((copy_of_council / "notebooks" / "quarterly_report.ipynb").read_text(encoding="utf-8"))
    code = sum(cell["cell_type"] == "code" for cell in saved["cells"])
    published, lab = (browser.new_page(viewport={"width": 1280, "height": 900}) for _ in range(2))
    published.goto(page.as_uri())
    lab.set_default_timeout(60_000)
    lab.goto(f"{jupyterlab}lab/tree/notebooks/quarterly_report.ipynb")
    lab.get_by_text("Python 3 (ipykernel) | Idle").wait_for()  # the status bar: its kernel is ready
    lab.get_by_role("menuitem", name="Run", exact=True).click()
    lab.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    lab.wait_for_function(
        """([code, trouble]) => document.querySelector(trouble) !== null
          || [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")]
            .filter(prompt => /^\\[\\d+\\]:$/.test(prompt.textContent)).length === code""",
        arg=[code, TROUBLE],
    )
    shown = lab.locator(".jp-OutputArea-output")
    assert lab.locator(TROUBLE).all_inner_texts() == []
    assert shown.locator("h1").all_inner_texts() == [TITLE]
    tables = lab.eval_on_selector_all(".jp-OutputArea-output table", ROWS)
    assert len(tables) > 5
    assert tables == published.eval_on_selector_all("table", ROWS)
    pictures = lab.eval_on_selector_all(".jp-OutputArea-output svg[role=img]", PICTURES)
    assert len(pictures) > 3
    assert pictures == published.eval_on_selector_all("svg[role=img]", PICTURES)
    assert all(shown.locator("svg[role=img]").nth(at).bounding_box()["height"] > 100 for at in range(len(pictures)))
    published.close()
    lab.close()
