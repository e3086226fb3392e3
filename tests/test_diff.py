"""Two packs compared: what differs is told once and in order, what is damaged is refused, what is hostile stays text.

The packs are of two real runs of the quarterly report, for the Board and for the public, and copies with one edit.
"""

import hashlib
import json
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from qa_lib.problems import QAError
from qa_lib.report.html_gate import check_html
from qa_lib.run.diff import compare
from qa_lib.run.diff_told import HIDDEN, as_text, marked, write_page
from qa_lib.run.index import make_index
from qa_lib.run.packs import PAGE, Pack, words_of

MARKUP = '"></td><script>alert(1)</script><img src=x onerror=alert(2)>'
WIDTHS = (1280, 320)


@pytest.fixture(scope="module")
def public(packs):
    """The same report for the public, as `qa run` published it: more is hidden, counts are rounded."""
    return packs("public")


@pytest.fixture
def copied(pack, tmp_path):
    """A copy of the Board's pack to edit, in a report's folder of its own."""
    return shutil.copytree(pack, tmp_path / "ours" / "v001")


def facts(folder):
    entries = json.loads((folder / "facts.json").read_text(encoding="utf-8"))["facts"]
    return {entry["name"]: entry for entry in entries}


def edit_facts(folder, *entries, gone=(), **values):
    """Change, add or take away figures of a pack by hand; `values` by name, with "__" for "."."""
    kept = {name: entry for name, entry in facts(folder).items() if name not in gone}
    for name, value in values.items():
        kept[name.replace("__", ".")]["value"] = value
    written = json.dumps({"facts": [*kept.values(), *entries]})
    (folder / "facts.json").write_text(written, encoding="utf-8")


def edit_record(folder, **values):
    record = json.loads((folder / "run.json").read_text(encoding="utf-8")) | values
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")


def edit_page(folder, old, new):
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert old in text
    (folder / "report.html").write_text(text.replace(old, new, 1), encoding="utf-8")


def page_of(comparison, folder):
    write_page(comparison, folder / "diff.html")
    return (folder / "diff.html").read_text(encoding="utf-8")


def refusal(*paths):
    with pytest.raises(QAError) as refused:
        compare(*paths)
    assert refused.value.exit_code == 2
    return str(refused.value)


def words_by_lxml(folder):
    """The words of a page's main part by another reader of HTML, in order."""
    main = html.fromstring((folder / "report.html").read_bytes()).get_element_by_id("main")
    for aside in main.xpath(".//table|.//svg|.//details|.//figcaption|.//sup|.//a[@aria-label]"):
        aside.drop_tree()
    said = [" ".join(each.text_content().split()) for each in main.xpath(".//h2|.//h3|.//h4|.//p|.//li")]
    return [text for text in said if text]


# --- figures ---------------------------------------------------------------------------------------------------------


def test_figures_are_restated_new_or_gone_as_the_two_ledgers_say(pack, public):
    old, new = ({name: fact for name, fact in facts(folder).items() if fact["source"] != "settings"}
                for folder in (pack, public))  # fmt: skip
    found = compare(pack, public).figures
    restated = {name for name in old.keys() & new.keys() if old[name]["value"] != new[name]["value"]}
    assert min(len(restated), len(old.keys() - new.keys()), len(new.keys() - old.keys())) > 5
    assert {change.name for change in found if change.was and change.now} == restated
    assert {change.name for change in found if change.was is None} == new.keys() - old.keys()
    assert {change.name for change in found if change.now is None} == old.keys() - new.keys()
    assert len(found) == len({change.name for change in found})


def test_a_count_and_a_share_are_shown_as_a_report_shows_them(pack, copied):
    edit_facts(copied, overall__all__n=1234, overall__all__share=0.5549)
    text = as_text(compare(pack, copied))
    assert "overall.all.n (All audits, count): was 75; now 1,234" in text
    assert "overall.all.share (All audits, share): was 60%; now 55%" in text
    assert "Figures: 2 restated, 0 new, 0 gone." in text


def test_a_figure_that_differs_by_less_than_is_shown_says_so(pack, copied):
    share = facts(pack)["overall.all.share"]["value"]
    edit_facts(copied, overall__all__share=share + 1e-6)
    assert "was 60%; now 60% (by less than is shown)" in as_text(compare(pack, copied))


def test_a_figure_that_is_gone_may_be_hidden_and_the_text_says_so(pack, copied, tmp_path):
    edit_facts(copied, gone={"overall.all.n"})
    there, back = compare(pack, copied), compare(copied, pack)
    assert "Figures: 0 restated, 0 new, 1 gone." in as_text(there)
    assert "Figures: 0 restated, 1 new, 0 gone." in as_text(back)
    for comparison in (there, back):
        assert "overall.all.n (All audits, count): 75" in as_text(comparison)
        assert HIDDEN in as_text(comparison)
        assert HIDDEN in page_of(comparison, tmp_path)


def test_nothing_is_said_of_hiding_where_no_figure_came_or_went(pack, copied):
    edit_facts(copied, overall__all__n=1)
    assert HIDDEN not in as_text(compare(pack, copied))


# --- periods ---------------------------------------------------------------------------------------------------------


def test_over_one_period_figures_were_restated(pack, public):
    text = as_text(compare(pack, public))
    assert text.startswith("May to July 2013: restated\n")
    assert "\nFigures restated\n" in text
    assert "changed since" not in text


def test_over_two_periods_they_changed_since(pack, public, tmp_path):
    later = shutil.copytree(public, tmp_path / "later" / "v001")
    edit_record(later, periods={"current": ["2013-08-01", "2013-10-31"]})
    text = as_text(compare(pack, later))
    assert text.startswith("August to October 2013: changed since May to July 2013\n")
    assert "\nFigures changed since May to July 2013\n" in text
    assert "restated" not in text


# --- words and settings ----------------------------------------------------------------------------------------------


def test_the_words_of_a_page_are_those_that_another_reader_finds(pack, public):
    for folder in (pack, public):
        said = words_of(Pack(folder, "", {}))
        assert len(said) > 80
        assert [text for _, text in said] == words_by_lxml(folder)


def test_every_text_that_differs_is_told_and_no_other(pack, public):
    old, new = words_by_lxml(pack), words_by_lxml(public)
    found = compare(pack, public).words
    assert {change.was for change in found} - {None} >= set(old) - set(new)
    assert {change.now for change in found} - {None} >= set(new) - set(old)
    assert all(change.was != change.now for change in found)
    kept = [Counter(said) - Counter(told) for said, told in (
        (old, [change.was for change in found]), (new, [change.now for change in found]))]  # fmt: skip
    assert kept[0] == kept[1]


def test_a_number_that_changed_in_a_sentence_is_told_under_its_section(pack, copied, tmp_path):
    edit_page(copied, "Auditors completed 126 of 150 audits", "Auditors completed 127 of 150 audits")
    (change,) = compare(pack, copied).words
    assert change.where == "On one page"
    assert "Auditors completed 126 of 150" in change.was
    assert "Auditors completed 127 of 150" in change.now
    text = as_text(compare(pack, copied))
    assert "Words: 1 changed, 0 new, 0 gone." in text
    assert "  On one page\n    was: This report covers" in text
    page = html.fromstring(page_of(compare(pack, copied), tmp_path))
    assert [each.text_content() for each in page.xpath("//del|//ins")] == ["126", "127"]


def test_a_paragraph_that_came_or_went_is_not_taken_for_another(pack, copied):
    edit_page(copied, '<h3 id="what-we-found">', '<p>A wholly unlike sentence.</p>\n<h3 id="what-we-found">')
    assert [(one.was, one.now) for one in compare(pack, copied).words] == [(None, "A wholly unlike sentence.")]
    assert [(one.was, one.now) for one in compare(copied, pack).words] == [("A wholly unlike sentence.", None)]


def test_settings_that_differ_are_told_by_their_keys(pack, public, copied):
    assert {change.name: (change.was, change.now) for change in compare(pack, public).settings} == {
        "audience": ("board", "public"),
        "hide_up_to": ("5", "9"),
    }
    record = json.loads((copied / "run.json").read_text(encoding="utf-8"))
    record["framework"]["services"] = ["One", "Two"]
    record["framework"]["domains"]["planning"] = "Plans"
    record["product"]["library"] = "0" * 64
    edit_record(copied, **record | {"codebook_version": "9", "as_of": "2013-11-01", "inputs": {"audits": 2}})
    assert {change.name for change in compare(pack, copied).settings} >= {
        "as_of", "codebook_version", "framework.services", "framework.domains.planning", "inputs.audits",
        "library (its fingerprint)",
    }  # fmt: skip
    assert "framework.domains.planning: was Planning; now Plans" in as_text(compare(pack, copied))


def test_a_report_on_a_part_says_so_among_the_settings(pack, copied):
    edit_record(copied, part={"service": ["First Response", "Children in Care"]})
    assert [(one.name, one.was, one.now) for one in compare(pack, copied).settings] == [
        ("part.service", None, "First Response, Children in Care")
    ]


def test_a_label_that_reads_otherwise_is_a_setting_and_no_figure(pack, copied):
    edit_facts(copied, label__by_service__first_response="Team 2")
    found = compare(pack, copied)
    assert [change.name for change in found.settings] == ["label.by_service.first_response"]
    assert found.figures == ()


def test_counts_come_first_and_every_group_has_as_many_lines(pack, public):
    comparison = compare(pack, public)
    lines = as_text(comparison).splitlines()
    restated = [change for change in comparison.figures if change.was and change.now]
    assert f"Figures: {len(restated):,} restated, " in lines[4]
    assert [line.partition(":")[0] for line in lines[4:7]] == ["Figures", "Words", "Settings"]
    start, end = lines.index("Figures restated"), lines.index("Figures that are new")
    assert sum("; now " in line for line in lines[start:end]) == len(restated)


# --- the same, and which pack ----------------------------------------------------------------------------------------


def test_packs_that_say_the_same_say_so_in_one_line(pack, copied, tmp_path):
    comparison = compare(pack, copied)
    assert as_text(comparison) == "2013_q1/v001 and ours/v001 hold the same figures, words and settings."
    assert "hold the same figures" in page_of(comparison, tmp_path)


def test_a_reports_folder_means_its_newest_version(pack, copied, tmp_path):
    report = copied.parent
    edit_facts(shutil.copytree(copied, report / "v002"), overall__all__n=1)
    shutil.copytree(copied, report / "v003")
    assert compare(copied, report).second.version == "v003"
    (report / "latest.json").write_text('{"version": "v002"}', encoding="utf-8")
    comparison = compare(copied, report)
    assert comparison.second.version == "v002"
    assert len(comparison.figures) == 1
    shutil.copytree(copied, tmp_path / "theirs" / "v009")
    (report / "latest.json").write_text('{"version": "../theirs/v009"}', encoding="utf-8")
    assert compare(copied, report).second.version == "v003"


def test_a_file_that_was_changed_by_hand_is_named(pack, copied, tmp_path):
    assert compare(pack, copied).touched == ()
    edit_facts(copied, overall__all__n=1)
    assert compare(pack, copied).touched == ("ours/v001/facts.json",)
    assert "Not as it was when its pack was made: ours/v001/facts.json." in as_text(compare(pack, copied))
    assert "ours/v001/facts.json" in page_of(compare(pack, copied), tmp_path)


def test_a_comparison_with_a_working_copy_is_marked_as_not_for_release(pack, copied, tmp_path):
    assert "not for release" not in page_of(compare(pack, copied), tmp_path)
    edit_record(copied, audience="working")
    assert html.fromstring(page_of(compare(pack, copied), tmp_path)).xpath("//p[@class='marking']")[
        0
    ].text_content() == ("Working copy, not for release")


# --- what is refused -------------------------------------------------------------------------------------------------


def figure(**changed):
    return {"name": "a.b.n", "value": 1, "unit": "count", "source": "a", "n": None, "of": None} | changed


def ledger(*entries):
    return json.dumps({"facts": entries}).encode()


DAMAGE = {
    "no record": ("run.json", None),
    "a torn record": ("run.json", b'{"schema": 2, "per'),
    "a record without its period": ("run.json", b'{"schema": 2}'),
    "a record of no days": ("run.json", b'{"periods": {"current": ["2013-05-01", "2013-05-32"]}}'),
    "a deep record": ("run.json", b'{"a":' + b"[" * 100_000),
    "a large record": ("run.json", b'{"a": "' + b"x" * 1_000_001 + b'"}'),
    "no figures": ("facts.json", None),
    "an empty ledger": ("facts.json", ledger()),
    "a torn ledger": ("facts.json", b'{"facts": [{"name": "a'),
    "no number": ("facts.json", b'{"facts": [{"name": "a", "value": NaN, "unit": "count", "source": "a"}]}'),
    "an endless number": ("facts.json", b'{"facts": [{"name": "a", "value": 1e999, "unit": "count", "source": "a"}]}'),
    "a number too long": ("facts.json", b'{"facts": [{"name": "a", "value": ' + b"9" * 5_000 + b"}]}"),
    "a number too large": ("facts.json", ledger(figure(value=10**15))),
    "a truth for a number": ("facts.json", ledger(figure(value=True))),
    "words for a number": ("facts.json", ledger(figure(value="1"))),
    "a list for a number": ("facts.json", ledger(figure(value=[1]))),
    "an unknown unit": ("facts.json", ledger(figure(unit="miles"))),
    "a list for a unit": ("facts.json", ledger(figure(unit=["count"]))),
    "a name that is none": ("facts.json", ledger(figure(name=MARKUP))),
    "a name twice": ("facts.json", ledger(figure(), figure(value=2))),
    "an entry that is none": ("facts.json", ledger([1])),
    "an entry without a value": ("facts.json", ledger({"name": "a", "unit": "count", "source": "a"})),
    "a large ledger": ("facts.json", b'{"facts": "' + b"x" * 5_000_001 + b'"}'),
    "no page": ("report.html", None),
    "a page of no words": ("report.html", b'<main id="main"><table><tr><td>1</table></main>'),
    "a page of no main part": ("report.html", b"<p>Words</p>"),
    "a page of too many words": ("report.html", b'<main id="main">' + b"<p>a</p>" * 2_001 + b"</main>"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "raw"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_pack_is_refused_by_the_name_of_its_file(pack, copied, file, raw):
    (copied / file).unlink() if raw is None else (copied / file).write_bytes(raw)
    if file == "run.json" and raw is None:
        assert "is no pack" in refusal(pack, copied)
    else:
        told = refusal(pack, copied)
        assert f"{file} is missing, or is not as `qa run` makes it." in told
        assert "in ours/v001" in told


def test_a_file_of_a_pack_that_is_a_link_is_not_followed(pack, copied):
    (copied / "facts.json").unlink()
    (copied / "facts.json").symlink_to(pack / "facts.json")
    assert "facts.json is missing" in refusal(copied, pack)


def test_everything_that_is_wrong_is_told_at_once(pack, copied, tmp_path):
    (copied / "facts.json").unlink()
    (copied / "report.html").unlink()
    told = refusal(copied, tmp_path / "nowhere")
    assert all(words in told for words in ("facts.json is", "report.html is", "nowhere is no pack"))


@pytest.mark.parametrize("name", ["nowhere", "pack/report.html", "", "x" * 5_000, "a\0b"])
def test_what_is_no_pack_is_refused(pack, tmp_path, name):
    (tmp_path / "pack").symlink_to(pack)
    assert "is no pack" in refusal(pack, tmp_path / name)


def test_a_page_made_to_exhaust_its_reader_is_read_or_refused_soon(copied):
    for unit in (b"<a b='", b"<!--", b"<p>", b"a<b>", b"&amp;", b"<li><table>"):
        (copied / PAGE).write_bytes(b'<main id="main"><p>' + unit * (400_000 // len(unit)) + b"</main>")
        started = time.process_time()
        words_of(Pack(copied, "", {}))
        assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "name", ["page.txt", "page", "nowhere/page.html", "ours/v001/report.html", "ours/v001/new.html"]
)
def test_a_page_that_is_none_or_would_change_a_pack_is_refused(pack, copied, tmp_path, name):
    before = {path: path.read_bytes() for path in copied.iterdir()}
    with pytest.raises(QAError) as refused:
        write_page(compare(pack, copied), tmp_path / name)
    assert refused.value.exit_code == 2
    assert {path: path.read_bytes() for path in copied.iterdir()} == before
    assert not (tmp_path / name).exists() or name.endswith("report.html")


# --- what is hostile -------------------------------------------------------------------------------------------------


def test_nothing_that_a_pack_says_becomes_markup_or_acts_on_a_terminal(pack, copied, tmp_path):
    hostile = f"{MARKUP}\x1b[2J\u202e"
    words = figure(name="change.planning.direction", value=hostile, unit="words", source=hostile)
    edit_facts(copied, gone={"change.planning.direction"})
    edit_facts(copied, words, label__by_domain__planning=hostile, by_domain__planning__n=1)
    edit_page(copied, "Auditors completed", "Auditors &lt;script&gt;alert(3)&lt;/script&gt;\x1b[2J completed")
    edit_record(copied, title=hostile, run_id=hostile, status=hostile, council=hostile, framework={hostile: hostile})
    comparison = compare(pack, copied)
    text, page = as_text(comparison), page_of(comparison, tmp_path)
    assert MARKUP in text
    assert not [letter for letter in text if not letter.isprintable() and letter != "\n"]
    check_html(page)
    tree = html.fromstring(page)
    assert not tree.xpath("//script|//img|//*[@onerror]")
    assert MARKUP in tree.text_content()
    assert "<script>alert(3)" in tree.text_content()


WORDS = st.text(max_size=30)


@settings(max_examples=40)
@given(WORDS, WORDS, st.floats(-10, 10) | st.integers(-(10**12), 10**12), st.sampled_from(["count", "share", "points"]))
def test_whatever_a_pack_says_the_page_keeps_its_promises(words, other, value, unit):
    with tempfile.TemporaryDirectory() as made:
        folders = []
        for name, said in (("one", words), ("two", other)):
            folder = Path(made) / name / "v001"
            folder.mkdir(parents=True)
            told = figure(name="a.b.direction", unit="words", value=said, source=said)
            (folder / "facts.json").write_bytes(ledger(figure(unit=unit, value=value if said == words else 1), told))
            period = {"current": ["2013-05-01", "2013-05-31"]}
            record = {"periods": period, "title": said, "framework": {said: [said, {said: said}]}}
            (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
            page = f'<main id="main"><h2>{said}</h2><p>Words {said}</p></main>'
            (folder / "report.html").write_text(page, encoding="utf-8", errors="replace")
            folders.append(folder)
        comparison = compare(*folders)
        assert all(letter.isprintable() or letter == "\n" for letter in as_text(comparison))
        check_html(page_of(comparison, Path(made)))


@given(WORDS, WORDS)
def test_marks_lose_no_word(was, now):
    before, after = marked(was, now)
    assert " ".join(text for text, _ in before).split() == was.split()
    assert " ".join(text for text, _ in after).split() == now.split()
    assert [text for text, differs in before if not differs] == [text for text, differs in after if not differs]


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(pack, public, tmp_path_factory):
    """The comparison of the Board's pack with the public's, as a page."""
    place = tmp_path_factory.mktemp("page") / "diff.html"
    write_page(compare(pack, public), place)
    return place


@pytest.fixture(scope="module")
def view_of(browser):
    """Open a page at a width, all folded out, with what it asked for and complained of."""
    tabs = []

    def view(page, width):
        tab = browser.new_page(viewport={"width": width, "height": 900})
        tabs.append(tab)
        requests, complaints = [], []
        tab.on("request", lambda asked: requests.append(asked.url))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.goto(page.as_uri(), wait_until="networkidle")
        tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        asked = [url for url in requests if not url.startswith(("data:font", page.as_uri()))]
        return SimpleNamespace(tab=tab, asked=asked, complaints=complaints)

    yield view
    for tab in tabs:
        tab.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_to_object_to(view_of, pack, copied, tmp_path, width):
    """Every sort of change once: of all the changes of two reports it takes long to say the same."""
    new = figure(name="overall.all.new", value=2)
    edit_facts(copied, new, gone={"overall.all.of"}, overall__all__n=1)
    edit_page(copied, '<h3 id="what-we-found">', '<p>A wholly unlike sentence.</p>\n<h3 id="what-we-found">')
    edit_page(copied, "Auditors completed 126", "Auditors completed 127")
    edit_record(copied, audience="public")
    write_page(compare(pack, copied), tmp_path / "diff.html")
    view = view_of(tmp_path / "diff.html", width)
    contents = view.tab.locator("nav li").all_inner_texts()
    assert contents == ["Settings that differ", "Figures restated", "Figures that are new", "Figures that are gone",
                        "Words that differ"]  # fmt: skip
    found = Axe().run(view.tab)
    assert len(found.response["passes"]) > 20
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", WIDTHS)
def test_it_does_not_scroll_sideways_and_asks_for_nothing(view_of, page, width):
    view = view_of(page, width)
    inside, window = view.tab.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert inside <= window
    assert (view.asked, view.complaints) == ([], [])


def test_the_page_says_what_the_text_says(pack, public, page):
    comparison, tree = compare(pack, public), html.fromstring(page.read_bytes())
    rows = {row.xpath(".//span[@class='name']")[0].text_content(): [cell.text_content() for cell in row.xpath("./td")]
            for row in tree.xpath("//table[@class='figures']//tbody/tr")}  # fmt: skip
    assert rows == {one.name: [text for text in (one.was, one.now) if text is not None] for one in comparison.figures}
    said = [[" ".join(each.text_content().split()) for each in change.xpath(".//dd")]
            for change in tree.xpath("//dl[@class='change']")]  # fmt: skip
    assert sorted(said) == sorted([text for text in (one.was, one.now) if text] for one in comparison.words)
    assert {row.findtext("th") for row in tree.xpath("//section[h2[@id='settings']]//tbody/tr")} == {
        "audience", "hide_up_to",
    }  # fmt: skip


def test_the_page_passes_the_gate_of_reports_and_names_no_place(pack, public, page, tmp_path):
    text = page.read_text(encoding="utf-8")
    check_html(text)
    assert str(pack.parents[3]) not in text
    moved = [
        shutil.copytree(folder, tmp_path / side / folder.parent.name / "v001")
        for folder, side in ((pack, "a"), (public, "b"))
    ]
    assert page_of(compare(*moved), tmp_path) == text


def test_nu_has_nothing_to_say_nor_of_the_page_of_all_reports(nu, page, pack, public, tmp_path):
    """All in one start of the checker: it takes longer to start than to check."""
    same, outputs = tmp_path / "same.html", tmp_path / "outputs"
    write_page(compare(pack, pack), same)
    (tmp_path / "empty").mkdir()
    for place, folder in (("2013_q1/v001", pack), ("2013_q1/v002", public), ("torn/v001", pack)):
        shutil.copytree(folder, outputs / place)
    (outputs / "torn" / "v001" / "run.json").unlink()
    pages = (page, same, make_index(outputs), make_index(tmp_path / "empty"))
    assert nu(*pages) == {each: [] for each in pages}


def test_comparing_changes_no_pack(pack):
    for line in (pack / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((pack / name).read_bytes()).hexdigest() == digest
