"""The Nu HTML checker, the one that W3C's validator runs, has nothing to say of the page.

`.ci/run` fetches it and names its file in QA_VNU_JAR; without it, or without Java, these tests are skipped.
Nothing that it says is filtered out: errors, warnings and remarks all count.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def nu(needed):
    """What the checker says of each of some pages, in one go."""
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


def test_nu_has_nothing_to_say_of_the_page_and_would_have_of_a_broken_one(nu, page, tmp_path):
    source = page.read_text(encoding="utf-8")
    broken = tmp_path / "broken.html"
    broken.write_text(
        source.replace("</figcaption></figure>", "</figcaption><details><summary>Data</summary></details></figure>")
        .replace("<footer>", '<footer role="contentinfo" colour="blue">')
        .replace("color: var(--ink)", "colour: 1"),
        encoding="utf-8",
    )
    said = nu(page, broken)
    assert said[page] == []
    told = " ".join(said[broken])
    assert "error" in told
    assert "Element “details” not allowed as child of element “figure”" in told
    assert "Attribute “colour” not allowed on element “footer”" in told
    assert "warning" in told or "info" in told  # the role is needless
    assert "CSS" in told
