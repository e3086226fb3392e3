"""A Jupyter server of our own, and JupyterLab in a real browser, for the tests that drive them.

The server keeps every file of its own in a folder that the test gives, and reads nobody's settings. A test says

    with opened(browser, jupyterlab, "notebooks/quarterly_report.ipynb") as (lab, complaints):
        run_all(lab)
        assert complaints == []

where `browser` and `jupyterlab` are fixtures of `conftest.py`, and `lab` is Playwright's page.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"
TROUBLE = ", ".join(f"[data-mime-type='application/vnd.jupyter.{kind}']" for kind in ("stdout", "stderr", "error"))
"""What a cell printed, or its error."""
RUN = """trouble => document.querySelector(trouble) !== null
  || [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")]
    .every(prompt => /^\\[\\d+\\]:$/.test(prompt.textContent))"""


@dataclass(frozen=True)
class JupyterLab:
    """A running JupyterLab: where it listens, the council's folder that it shows, and the folder of its own files."""

    address: str
    council: Path
    home: Path

    def prefer(self, theme=LIGHT, save_widgets=False):
        """Choose user settings for the pages opened after this.

        Parameters
        ----------
        theme : `LIGHT` or `DARK`
        save_widgets : "Save Widget State Automatically" of the menu Settings
        """
        preferred = {
            "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
            "@jupyterlab/apputils-extension/themes": {"theme": theme},
            "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight are drawn too
            "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": save_widgets},
        }
        for name, settings in preferred.items():
            path = self.home / "settings" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(json.dumps(settings), encoding="utf-8")


@contextlib.contextmanager
def serve(app, files, home):
    """A running Jupyter server; gives its address, and stops it and its kernels at the end.

    Parameters
    ----------
    app : "jupyterlab", or "jupyter_server" for one without pages
    files : the folder that it shows
    home : an empty folder for files of its own
    """
    folders = {
        "HOME": "user", "IPYTHONDIR": "ipython", "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime", "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }  # fmt: skip
    for folder in folders.values():
        (home / folder).mkdir(mode=0o700, exist_ok=True)
    environment = os.environ | {name: str(home / folder) for name, folder in folders.items()}
    command = [
        sys.executable, "-m", app, "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0",
        "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", "--ServerApp.terminals_enabled=False",
        "--LabApp.extension_manager=readonly", f"--ServerApp.root_dir={files}",
    ]  # fmt: skip
    log = home / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=files, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield _address_of(server, home / "runtime", log)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _address_of(server, runtime, log):
    """Where the server listens, as soon as it says so."""
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            if path.stat().st_size:
                return json.loads(path.read_text(encoding="utf-8"))["url"]
        time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")


@contextlib.contextmanager
def opened(browser, jupyterlab, notebook, size=(1280, 900), clipboard=False):
    """A notebook open in JupyterLab, its kernel ready; the page is closed and the kernel ended afterwards.

    Parameters
    ----------
    notebook : its path in the council's folder
    size : of the window, in px
    clipboard : whether the page may write to the clipboard and read it

    Gives the page, and the list of what it has complained of so far: errors of the console and of scripts.
    """
    width, height = size
    granted = ["clipboard-read", "clipboard-write"] if clipboard else []
    context = browser.new_context(viewport={"width": width, "height": height}, permissions=granted)
    context.set_default_timeout(60_000)
    lab, complaints = context.new_page(), []
    lab.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    lab.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        lab.goto(f"{jupyterlab.address}lab/tree/{notebook}?reset")  # not the pages of the time before
        lab.get_by_text("Python 3 (ipykernel) | Idle").wait_for()  # the status bar
        yield lab, complaints
    finally:
        for kernel in lab.request.get(f"{jupyterlab.address}api/kernels").json():
            lab.request.delete(f"{jupyterlab.address}api/kernels/{kernel['id']}")
        context.close()


def run_all(lab):
    """Run all cells of a notebook just opened, by the menu, and wait for their end."""
    choose(lab, "Run", "Run All Cells")
    wait_for_run(lab)


def wait_for_run(lab):
    """Wait until every code cell has run, or one has ended in trouble."""
    lab.wait_for_function(RUN, arg=TROUBLE, timeout=240_000)  # a busy machine is no fault


def choose(lab, *path):
    """Choose from the menu, such as `"Run", "Run All Cells"`."""
    labels = lab.locator(".lm-MenuBar-itemLabel, .lm-Menu-itemLabel")  # by class: an item with a submenu has no role
    for item in path:
        labels.filter(has_text=re.compile(f"^{re.escape(item)}$")).click()


def save(lab):
    """Save the notebook by the menu, and wait until it is on the disk."""
    with lab.expect_response(lambda answer: answer.request.method == "PUT" and "/api/contents/" in answer.url):
        choose(lab, "File", "Save Notebook")


def export(lab, name):
    """Choose from "Save and Export Notebook As" in the menu, and give the bytes that are downloaded."""
    with lab.expect_download() as downloading:
        choose(lab, "File", "Save and Export Notebook As", name)
    return Path(downloading.value.path()).read_bytes()
