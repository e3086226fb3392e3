"""The page of all reports: what it lists and in which order, what it never reads, and that no record can harm it."""

import json
import re
import shutil
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from qa_lib.problems import QAError
from qa_lib.report import html_gate
from qa_lib.report.blocks import Run
from qa_lib.run.index import make_index, outputs_here
from qa_lib.run.pack import _as_plain_text

NEW_KEYS = {"council", "period", "status", "findings"}  # of schema 2
MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
WIDTHS = (1280, 320)


def place(pack, outputs, name, **changed):
    """A copy of the real pack at `outputs/name` with some of its record changed; a value of ... takes the key out."""
    folder = shutil.copytree(pack, outputs / name)
    record = json.loads((folder / "run.json").read_text(encoding="utf-8")) | changed
    kept = {key: value for key, value in record.items() if value is not ...}
    (folder / "run.json").write_text(json.dumps(kept), encoding="utf-8")
    return folder


def months(first, last):
    return {"current": [first, last]}


def tree(outputs):
    return html.fromstring(make_index(outputs).read_bytes())


def titles(outputs):
    return [" ".join(heading.text_content().split()) for heading in tree(outputs).xpath("//article/h3")]


def terms(article):
    """What stands in an article's title block, by its term."""
    pairs = article.xpath("./dl/div")
    return {pair.findtext("dt"): pair.findtext("dd") for pair in pairs}


def sound(page):
    """Whether a page keeps the promises of a report's page, but for leading to other files of the same folder."""
    read = html_gate._Reader(page).page
    faults = [fault for rule in html_gate.RULES if rule is not html_gate._inward for fault in rule(read)]
    outward = [link.get("href") for link in html.fromstring(page).xpath("//a[not(starts-with(@href, '#'))]")]
    faults += [link for link in outward if not re.fullmatch(r"[\w.~%-]+(/[\w.~%-]+)+", link)]
    return faults == []


@pytest.fixture
def outputs(tmp_path):
    """An empty folder of outputs."""
    (tmp_path / "outputs").mkdir()
    return tmp_path / "outputs"


@pytest.fixture(scope="module")
def several(pack, tmp_path_factory):
    """Two kinds, three periods, an older version, one pack that cannot be read; nothing private."""
    outputs = tmp_path_factory.mktemp("several")
    place(pack, outputs, "example/2013_q1/v001", status="Approved by the Director")
    place(pack, outputs, "example/2013_q1/v002")
    place(pack, outputs, "example/2013_q2/v001", periods=months("2013-08-01", "2013-10-31"), title="The second")
    place(pack, outputs, "a/b/c/v001", periods=months("2012-05-01", "2012-07-31"), title="The oldest")
    place(pack, outputs, "monthly/2013_05/v001", notebook="monthly_bulletin", title="A bulletin")
    (place(pack, outputs, "example/torn/v001") / "run.json").write_text('{"schema": 2, "run', encoding="utf-8")
    return outputs


# --- what is listed --------------------------------------------------------------------------------------------------


def test_a_pack_stands_there_as_its_own_first_page_tells_it(pack, outputs):
    place(pack, outputs, "example/2013_q1/v001")
    (article,) = tree(outputs).xpath("//article")
    report = html.fromstring((pack / "report.html").read_bytes())
    told = {pair.findtext("dt"): pair.findtext("dd") for pair in report.xpath("//header//dl/div")}
    shown = terms(article)
    assert article.findtext("h3") == report.findtext(".//h1")
    for term in ("Period", "Audience", "Status", "Date", "Run"):
        assert shown[term] == told[term]
    assert (shown["Version"], shown["Folder"]) == ("v001", "example/2013_q1")
    found = report.xpath("//h3[@id='what-we-found']/following-sibling::ul[1]/li")
    assert len(found) > 3
    assert [item.text_content() for item in article.xpath("./details[1]//li")] == [
        item.text_content() for item in found
    ]


def test_the_run_record_holds_what_the_page_needs(pack):
    record = json.loads((pack / "run.json").read_text(encoding="utf-8"))
    assert (record["schema"], record["status"], record["council"]) == (2, "Draft", "Exampleshire")
    assert record["period"] == "May to July 2013"
    assert all("confidence (see " in finding for finding in record["findings"])


def test_a_label_stands_in_brackets_inside_a_sentence_and_free_after_one():
    label, note = Run("High confidence", style="label"), Run("1", style="note")
    inside = (Run("Planning, 65% "), label, Run(" and Review"), note, Run("."))
    assert _as_plain_text(inside) == "Planning, 65% (High confidence) and Review."
    assert _as_plain_text((Run("Overall it is 60%. "), label, Run("."))) == "Overall it is 60%. High confidence."
    assert _as_plain_text((Run("Overall it is 60%. "), label)) == "Overall it is 60%. High confidence."


def test_every_link_leads_to_a_file_that_is_there(several):
    links = tree(several).xpath("//main//a/@href")
    assert len(links) == 3 * 5
    assert {Path(link).name for link in links} == {"report.html", "report.pdf", "tables.xlsx"}
    assert all((several / unquote(link)).is_file() for link in links)


def test_a_file_that_is_gone_is_not_linked(pack, outputs):
    (place(pack, outputs, "example/2013_q1/v001") / "report.pdf").unlink()
    assert [Path(link).name for link in tree(outputs).xpath("//main//a/@href")] == ["report.html", "tables.xlsx"]


def test_kinds_stand_together_and_the_newest_period_first(several):
    page = tree(several)
    assert [heading.text_content() for heading in page.xpath("//main//h2")] == [
        "Monthly bulletin", "Quarterly report", "What cannot be read",
    ]  # fmt: skip
    quarterly = page.xpath("//section[h2='Quarterly report']/article")
    assert [terms(article)["Period"] for article in quarterly] == [
        "August to October 2013", "May to July 2013", "May to July 2012",
    ]  # fmt: skip
    assert [terms(article)["Folder"] for article in page.xpath("//section[h2='Monthly bulletin']/article")] == [
        "monthly/2013_05"
    ]


def test_the_newest_version_is_shown_and_the_others_below_it(several):
    (article,) = (each for each in tree(several).xpath("//article") if terms(each)["Folder"] == "example/2013_q1")
    assert (terms(article)["Version"], terms(article)["Status"]) == ("v002", "Draft")
    below = article.xpath("./details[summary[starts-with(., 'Other versions')]]")[0].text_content()
    assert "v001" in below
    assert "Approved by the Director" in below


@pytest.mark.parametrize(
    ("latest", "shown"),
    [
        ('{"version": "v002"}', "v002"), (None, "v010"), ('{"version": "v099"}', "v010"), ("[1]", "v010"),
        ('{"version": ["v002"]}', "v010"), ("{", "v010"), ('{"version": "../../x"}', "v010"),
    ],
)  # fmt: skip
def test_the_newest_is_what_latest_json_names_or_else_the_highest(pack, outputs, latest, shown):
    for version in ("v002", "v009", "v010"):
        place(pack, outputs, f"example/2013_q1/{version}")
    if latest is not None:
        (outputs / "example/2013_q1/latest.json").write_text(latest, encoding="utf-8")
    (article,) = tree(outputs).xpath("//article")
    assert terms(article)["Version"] == shown
    others = [heading.text_content()[:4] for heading in article.xpath(".//h4")]
    assert others == [version for version in ("v010", "v009", "v002") if version != shown]


def test_a_status_that_a_later_hand_records_is_the_one_shown(pack, outputs):
    folder = place(pack, outputs, "example/2013_q1/v001")
    assert terms(tree(outputs).xpath("//article")[0])["Status"] == "Draft"
    record = json.loads((folder / "run.json").read_text(encoding="utf-8")) | {"status": "Approved by A. Director"}
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert terms(tree(outputs).xpath("//article")[0])["Status"] == "Approved by A. Director"


def test_a_pack_of_the_first_schema_is_listed_by_what_it_records(pack, outputs):
    place(pack, outputs, "example/2013_q1/v001", schema=1, **dict.fromkeys(NEW_KEYS, ...))
    (article,) = tree(outputs).xpath("//article")
    assert terms(article)["Period"] == "May to July 2013"
    assert terms(article)["Status"] == "not recorded"
    assert not article.xpath(".//summary")


def test_the_council_stands_above_the_page_or_where_there_are_two_above_each_report(pack, outputs):
    place(pack, outputs, "one/q1/v001")
    assert tree(outputs).xpath("//header/p[@class='council']")[0].text_content() == "Exampleshire"
    place(pack, outputs, "two/q1/v001", council="Elsewhere")
    page = tree(outputs)
    assert not page.xpath("//header/p[@class='council']")
    assert {each.text_content() for each in page.xpath("//article/p[@class='council']")} == {
        "Exampleshire",
        "Elsewhere",
    }


def test_an_empty_folder_says_what_to_do(outputs):
    page = tree(outputs)
    assert "qa run PARAMS" in page.find(".//main").text_content()
    assert sound(make_index(outputs).read_text(encoding="utf-8"))


# --- what is never listed or read ------------------------------------------------------------------------------------

OPENED: list[str] = []
WATCHING: list[bool] = []


def _watch(event, arguments):
    if WATCHING and event in {"open", "os.scandir", "os.listdir"}:
        OPENED.append(str(arguments[0]))


sys.addaudithook(_watch)


def test_what_is_private_is_neither_listed_nor_read(pack, outputs):
    place(pack, outputs, "example/2013_q1/v001")
    secret = place(pack, outputs, ".private/example/2013_q1/v001", title="Secret paper")
    place(pack, outputs, ".private/example/2013_q1/working/v001", title="Secret paper", audience="working")
    place(pack, outputs, "example/2013_q1/working/v001", title="Secret paper")
    place(pack, outputs, "example/2013_q1/working-v001/v001", title="Secret paper")
    place(pack, outputs, "example/.tmp-1/v001", title="Secret paper")
    (outputs / "linked").symlink_to(secret.parent)
    (outputs / "example" / "2013_q1" / "v002").symlink_to(secret)
    (outputs / "example" / "2013_q2" / "v001").mkdir(parents=True)
    (outputs / "example" / "2013_q2" / "v001" / "run.json").symlink_to(secret / "run.json")
    WATCHING.append(True)
    try:
        page = make_index(outputs).read_text(encoding="utf-8")
    finally:
        WATCHING.clear()
    assert titles(outputs) == ["Quarterly quality assurance report, May to July 2013"]
    assert "Secret paper" not in page
    assert any(path.endswith("run.json") for path in OPENED)
    private = re.compile(r"\.private|working|\.tmp-1|linked|q1/v002|q2/v001/run")
    assert [path for path in OPENED if private.search(path)] == []


def test_a_working_copy_that_somebody_moved_is_not_listed(pack, outputs):
    place(pack, outputs, "example/2013_q1/v001", audience="working", title="Secret paper")
    page = make_index(outputs).read_text(encoding="utf-8")
    assert "Secret paper" not in page
    assert "example/2013_q1" not in page


@pytest.mark.parametrize("audience", [..., "everybody", ["board"], None, ""])
def test_a_pack_that_does_not_say_who_it_is_for_is_named_and_not_linked(pack, outputs, audience):
    place(pack, outputs, "example/2013_q1/v001", audience=audience, title="Secret paper")
    page = tree(outputs)
    assert [item.text_content() for item in page.xpath("//section[h2[@id='unreadable']]//li")] == [
        "example/2013_q1/v001"
    ]
    assert not page.xpath("//main//a")
    assert "Secret paper" not in page.text_content()


@pytest.mark.parametrize("inside", [".private", ".private/example"])
def test_a_private_folder_is_not_taken_for_outputs(outputs, inside):
    (outputs / inside).mkdir(parents=True)
    with pytest.raises(QAError, match="is no folder of outputs") as refused:
        make_index(outputs / inside)
    assert refused.value.exit_code == 2
    assert not (outputs / inside / "index.html").exists()


def test_a_folder_that_is_not_there_is_refused_and_not_made(tmp_path):
    with pytest.raises(QAError, match=r"nowhere is no folder of outputs") as refused:
        make_index(tmp_path / "nowhere")
    assert refused.value.exit_code == 2
    assert not (tmp_path / "nowhere").exists()


# --- damage and harm -------------------------------------------------------------------------------------------------

DAMAGE = {
    "empty": b"", "torn": b'{"schema": 2, "audience": "bo', "a list": b"[]", "a number": b"7",
    "not JSON": b"\xff\xfe\x00",
    "not a number": b'{"audience": "board", "title": NaN}', "deep": b'{"a":' + b"[" * 100_000,
    "a long number": b'{"audience": "board", "n": ' + b"9" * 10_000 + b"}",
    "large": b'{"audience": "board", "title": "' + b"x" * 1_000_001 + b'"}',
}  # fmt: skip


@pytest.mark.parametrize("raw", DAMAGE.values(), ids=DAMAGE)
def test_a_record_that_cannot_be_read_stops_nothing_and_is_named(pack, outputs, raw):
    place(pack, outputs, "example/2013_q1/v001")
    (place(pack, outputs, "example/broken/v001") / "run.json").write_bytes(raw)
    page = tree(outputs)
    assert len(page.xpath("//article")) == 1
    assert [item.text_content() for item in page.xpath("//section[h2[@id='unreadable']]//li")] == [
        "example/broken/v001"
    ]


def test_a_pack_without_its_record_is_named(pack, outputs):
    (place(pack, outputs, "example/2013_q1/v001") / "run.json").unlink()
    assert "example/2013_q1/v001" in tree(outputs).find(".//main").text_content()


def test_words_of_a_record_never_become_markup(pack, outputs):
    texts = ("title", "council", "status", "run_id", "notebook", "period")
    framework = {"council": MARKUP, "marking": MARKUP, "brand": {"colour": "#000000;} body{background:url(//x)"}}
    place(pack, outputs, "a/q1/v001", **dict.fromkeys(texts, MARKUP), findings=[MARKUP], framework=framework)
    page = make_index(outputs).read_text(encoding="utf-8")
    assert sound(page)
    assert "url(//" not in page
    assert html.fromstring(page).findtext(".//article/h3") == MARKUP


@pytest.mark.parametrize("name", ['"><script>x', "javascript:alert(1)", "a b?c#d%2e", "é日本", "a..%2f", "'", "&amp;"])
def test_a_folder_of_any_name_is_linked_and_does_no_harm(pack, outputs, name):
    place(pack, outputs, f"{name}/v001", title="Named")
    page = make_index(outputs).read_text(encoding="utf-8")
    assert sound(page)
    links = html.fromstring(page).xpath("//main//a/@href")
    assert [unquote(link) for link in links] == [
        f"{name}/v001/{file}" for file in ("report.html", "report.pdf", "tables.xlsx")
    ]


def test_a_name_of_bytes_that_are_no_text_is_listed(pack, outputs):
    try:
        place(pack, outputs, "caf\udce9/v001")
    except (OSError, UnicodeError):
        pytest.skip("this system has no such names")
    assert tree(outputs).xpath("//main//a/@href")[0] == "caf%E9/v001/report.html"


def test_what_no_reader_sees_is_taken_out(pack, outputs):
    place(pack, outputs, "a/q1/v001", title="Board\u202e\x1b[2J\u200b report\ud800", status=" Approved\n\tby  me ")
    (article,) = tree(outputs).xpath("//article")
    assert article.findtext("h3") == "Board\ufffd\ufffd[2J\ufffd report\ufffd"
    assert terms(article)["Status"] == "Approved by me"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["current", "brand", "colour"]), inner),
    max_leaves=6,
)
KEYS = ["title", "council", "notebook", "periods", "as_of", "status", "period", "findings", "framework", "run_id"]


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(KEYS), JSON), st.text(max_size=10))
def test_no_record_of_any_shape_stops_the_page_or_acts_in_it(record, latest):
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "a" / "v001"
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps({"audience": "board", **record}), encoding="utf-8")
        (folder.parent / "latest.json").write_text(json.dumps({"version": latest}), encoding="utf-8")
        page = make_index(Path(made)).read_text(encoding="utf-8")
    assert len(html.fromstring(page).xpath("//article")) == 1
    assert sound(page)


# --- how it is written -----------------------------------------------------------------------------------------------


def test_the_same_packs_give_the_same_bytes_in_another_folder_and_name_no_place(several, tmp_path):
    page = make_index(several).read_bytes()
    moved = shutil.copytree(several, tmp_path / "elsewhere")
    for path in moved.rglob("*"):
        path.touch()
    (moved / "index.html").unlink()
    assert make_index(moved).read_bytes() == page
    assert str(several).encode() not in page
    assert str(tmp_path).encode() not in page


def test_it_is_written_over_the_one_before_and_leaves_nothing_behind(several):
    before = sorted(path.relative_to(several) for path in several.rglob("*"))
    (several / "index.html").write_text("old", encoding="utf-8")
    assert sound(make_index(several).read_text(encoding="utf-8"))
    assert sorted(path.relative_to(several) for path in several.rglob("*") if path.name != "index.html") == [
        path for path in before if path.name != "index.html"
    ]


def test_it_is_not_written_through_a_link(several, tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text("kept", encoding="utf-8")
    (several / "index.html").unlink(missing_ok=True)
    (several / "index.html").symlink_to(kept)
    make_index(several)
    assert kept.read_text(encoding="utf-8") == "kept"
    assert not (several / "index.html").is_symlink()


def test_the_outputs_are_those_here_or_beside_params_further_up(tmp_path, monkeypatch):
    (tmp_path / "params" / "example").mkdir(parents=True)
    (tmp_path / "outputs").mkdir()
    for here in (tmp_path, tmp_path / "params" / "example"):
        monkeypatch.chdir(here)
        assert outputs_here() == tmp_path / "outputs"
    alone = tmp_path / "params" / "example" / "outputs"
    alone.mkdir()
    assert outputs_here() == alone


# --- as a browser opens it -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def views(browser, several):
    """The page at each width, with what it asked for and complained of."""
    page, opened = make_index(several), {}
    for width in WIDTHS:
        tab = browser.new_page(viewport={"width": width, "height": 900})
        requests, complaints = [], []
        tab.on("request", lambda request, kept=requests: kept.append(request.url))
        tab.on("console", lambda message, kept=complaints: kept.append(message.text))
        tab.goto(page.as_uri(), wait_until="networkidle")
        tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        asked = [url for url in requests if not url.startswith(("data:font", page.as_uri()))]
        opened[width] = SimpleNamespace(tab=tab, asked=asked, complaints=complaints)
    yield opened
    for view in opened.values():
        view.tab.close()


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def view(views, request):
    return views[request.param]


def test_axe_finds_nothing_to_object_to(view):
    found = Axe().run(view.tab)
    assert len(found.response["passes"]) > 20
    assert found.violations_count == 0, found.generate_report()


def test_it_does_not_scroll_sideways_and_asks_for_nothing(view):
    inside, window = view.tab.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert inside <= window
    assert (view.asked, view.complaints) == ([], [])


def test_no_heading_skips_a_level_and_links_can_be_told_apart(view):
    levels = [int(tag[1]) for tag in view.tab.eval_on_selector_all("h1,h2,h3,h4", "all => all.map(h => h.localName)")]
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    names = view.tab.eval_on_selector_all("main a", "all => all.map(a => [a.ariaLabel, a.getAttribute('href')])")
    assert len({name.rpartition(": ")[0] for name, _ in names}) == 3
    assert all(name.startswith(text) for (name, _), text in zip(
        names, view.tab.eval_on_selector_all("main a", "all => all.map(a => a.innerText)"), strict=True))  # fmt: skip


def test_a_link_opens_the_report(browser, several):
    tab = browser.new_page()
    tab.goto(make_index(several).as_uri())
    tab.get_by_role("link", name="Read the report: The second, v001").click()
    assert tab.locator("h1").inner_text() == "Quarterly quality assurance report, May to July 2013"
    tab.close()
