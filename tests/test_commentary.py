"""The analyst's words stand where they say, with figures from the ledger, or the run is refused with every line."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_lib.problems import PUBLICATION, QAError
from qa_lib.report.blocks import (
    MIME,
    Bullets,
    Cell,
    Chart,
    Commentary,
    Heading,
    Paragraph,
    Run,
    Shown,
    Table,
    from_json,
    text_of,
    text_of_block,
    to_json,
)  # fmt: skip
from qa_lib.report.commentary import place_commentary
from qa_lib.report.document import Document, read_document
from qa_lib.report.exporters import QAHTMLExporter
from qa_lib.report.html import render_html
from qa_lib.report.html_gate import check_html
from qa_lib.report.markup import block_html
from qa_lib.report.pdf import render_pdf
from qa_lib.report.pdf_gate import check_pdf
from qa_lib.report.readability import check_reading, first_page, reading_of
from qa_lib.report.typesetting import typeset
from qa_lib.report.words import check_numbers

PERIOD = "# May to July 2013"
FILE = "2013_q1.md"
SENTENCE = "Many plans are still written on the old form."
HELD = "<script>alert('x')</script> & <b>bold</b> onload=\"x\""
HOSTILE = [
    '#panic("x")', "$x^y$ @ref \\ // /* */ #set page(width: auto)", 'quote " and backslash \\', "= heading", "]] ) ;",
    "javascript:alert", "&lt;b&gt; &amp; &quot;", "\u202eright to left", "tab\there", "{ % raw % }", "${x}", "%s %(a)s",
]  # fmt: skip
# Everything that opens something in Markdown, HTML, Typst or a template, and plain words between.
PIECES = [
    "words ", "Planning ", "\n", "\n\n", "- ", "> ", "* ", "**", "_", "`", "```", "# ", "## ", "### By domain",
    "===", "|", "|-|", "<script>", "</p>", "<b>", "<!--", "-->", "&lt;", "\\", "[a](#by-domain)", "[a](#x)",
    "![a](b)", "[^a]", "[^a]: b", "[a]: #b", "<https://example.org>", "{{", "}}", "{{ overall.all.share }}",
    "{{ overall.all.share = ", "{{ report.as_of }}", "{", "}", "'", '"', "onload=", "\x00", "\ud800", "\ue000",
    "\r\n", "\u2028", "    ", "\t", "#", "rose", "12",
]  # fmt: skip


@pytest.fixture(scope="module")
def notebook(executed: Path) -> dict:
    return json.loads(executed.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def document(notebook) -> Document:
    return read_document(notebook)


@pytest.fixture(scope="module")
def commented(notebook):
    """The executed notebook with a commentary in its title block, as the kernel would have left it."""

    def with_text(text: str) -> dict:
        copy = json.loads(json.dumps(notebook))
        (title,) = (
            block
            for cell in copy["cells"]
            for output in cell.get("outputs", [])
            for block in output.get("data", {}).get(MIME, {"blocks": []})["blocks"]
            if block["kind"] == "TitleBlock"
        )
        title |= {"commentary": text, "commentary_file": FILE}
        return copy

    return with_text


@pytest.fixture(scope="module")
def placed(document):
    """The report with this below its period."""

    def place(*lines: str, period: str = PERIOD) -> Document:
        title = replace(document.title, commentary="\n".join([period, *lines]), commentary_file=FILE)
        return place_commentary(replace(document, title=title))

    return place


@pytest.fixture(scope="module")
def refused(placed):
    """The problems of a file whose second line these begin."""

    def problems(*lines: str, period: str = PERIOD) -> tuple:
        with pytest.raises(QAError) as found:
            placed(*lines, period=period)
        assert found.value.exit_code == PUBLICATION
        assert {problem.file for problem in found.value.problems} == {FILE}
        return found.value.problems

    return problems


def boxes(document: Document) -> dict[int, Commentary]:
    return {at: block for at, block in enumerate(document.blocks) if isinstance(block, Commentary)}


def heading_above(document: Document, at: int) -> Heading:
    return next(block for block in reversed(document.blocks[:at]) if isinstance(block, Heading))


def words(box: Commentary) -> str:
    return " / ".join(
        text_of(runs) for part in box.blocks for runs in ((part.runs,) if isinstance(part, Paragraph) else part.items)
    )


def runs_of(box: Commentary) -> list[Run]:
    lines = [runs for part in box.blocks for runs in ((part.runs,) if isinstance(part, Paragraph) else part.items)]
    return [run for runs in lines for run in runs]


# --- where the words stand -------------------------------------------------------------------------------------------


def test_a_box_closes_what_stands_directly_under_the_heading_it_names(document, placed):
    names = Counter(text_of(heading.runs) for heading in document.headings)
    for heading in document.headings:
        name = text_of(heading.runs)
        if names[name] > 1:
            continue
        told = placed(f"{'#' * heading.level} {name}", SENTENCE)
        ((at, box),) = boxes(told).items()
        assert words(box) == SENTENCE
        assert heading_above(told, at) == heading
        assert at + 1 == len(told.blocks) or isinstance(told.blocks[at + 1], Heading)
        assert [block for block in told.blocks if block is not box] == list(document.blocks)


def test_a_heading_is_found_whatever_its_case_its_spaces_and_its_number_of_hashes(placed):
    for line in (
        "##  how  GOOD practice is",
        "### How good practice is",
        "##How good practice is ##",
        "  ## how good practice is",
    ):
        ((at, box),) = boxes(placed(line, SENTENCE)).items()
        assert text_of(heading_above(placed(line, SENTENCE), at).runs) == "How good practice is", box


def test_one_of_two_headings_alike_is_named_by_the_section_above_it(document, placed, refused):
    both = [heading for heading in document.headings if text_of(heading.runs) == "By service"]
    assert len(both) == 2, "the example's report no longer has two headings alike"
    told = placed("## What we audited and what we did not", "### By service", "First.", "## How good practice is",
                  "### By service", "Second.")  # fmt: skip
    assert [(heading_above(told, at), words(box)) for at, box in boxes(told).items()] == [
        (both[0], "First."), (both[1], "Second."),
    ]  # fmt: skip
    (problem,) = refused("## By service", SENTENCE)
    assert (problem.code, problem.line) == ("heading", 2)
    assert '"What we audited and what we did not" or "How good practice is"' in problem.fix


def test_several_parts_come_in_the_order_of_the_report_and_one_without_words_adds_nothing(placed):
    told = placed("## What has changed", "Later.", "## How good practice is", "", "### By domain", "Sooner.")
    assert [words(box) for box in boxes(told).values()] == ["Sooner.", "Later."]


def test_a_report_without_commentary_stays_as_it_is_and_placing_twice_adds_nothing(document, placed):
    assert place_commentary(document) is document
    told = placed("## By domain", SENTENCE)
    assert place_commentary(told) is told
    assert (told.title.commentary, told.title.commentary_file) == ("", "")


def test_the_author_has_paragraphs_lists_emphasis_and_links_to_headings(placed):
    (box,) = boxes(
        placed(
            "## By domain",
            "Red **green**",
            "*blue*.",
            "",
            "- ash",
            "- [elm](#what-has-changed)",
            "",
            "1. oak",
            "1. yew",
        )
    ).values()
    assert [type(part) for part in box.blocks] == [Paragraph, Bullets, Bullets]
    assert words(box) == "Red green blue. / ash / elm / oak / yew"
    assert {run.text: (run.style, run.href) for run in runs_of(box) if run.style or run.href} == {
        "green": ("strong", ""), "blue": ("emphasis", ""), "elm": ("", "#what-has-changed"),
    }  # fmt: skip
    assert [part.ordered for part in box.blocks if isinstance(part, Bullets)] == [False, True]


# --- figures ---------------------------------------------------------------------------------------------------------


def cell_of(document: Document, name: str) -> str:
    """The text of the table cell on the page that says this fact alone."""
    tables = [
        block if isinstance(block, Table) else block.table
        for block in document.blocks
        if isinstance(block, Table | Chart)
    ]
    return next(cell.text for table in tables for row in table.rows for cell in row if cell.facts == (name,))


def test_a_reference_says_what_the_table_says_and_names_its_fact(document, placed):
    name = "by_domain.planning.share"
    said = cell_of(document, name)
    for text in (
        "{{ %s }}",
        "{{%s}}",
        "{{\t%s   }}",
        "{{ %s = " + said + "}}",
        "{{%s=" + said.replace("%", " %") + "}}",
    ):
        told = placed("## By domain", f"It is **{text.replace('%s', name)}** now.")
        (box,) = boxes(told).values()
        assert [run for run in runs_of(box) if run.facts] == [Run(said, (name,), "strong")], text
        assert words(box).split() == ["It", "is", said, "now."]
        check_numbers(told)


def test_large_numbers_and_points_can_be_given_as_typed_on_a_keyboard(placed, document):
    below = next(fact for fact in document.title.facts if fact["unit"] == "points" and fact["value"] <= -0.02)
    typed = f"-{round(-100 * below['value'])} points"
    (box,) = boxes(placed("## By domain", f"{{{{ {below['name']} = {typed} }}}}")).values()
    assert words(box) == typed.replace("-", "−")


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("{{ by_domain.planing.share }}", "reference", 'Did you mean "by_domain.planning.share"?'),
        ("{{ by_domain.planning.percent }}", "reference", "Near it are by_domain.planning.n, by_domain.planning.of"),
        ("{{ themes.supervision.n }}", "reference", "Near it are themes.supervision.strength.n"),
        ("{{ nothing.like.it }}", "reference", "facts.json"),
        ("{{ <script> }}", "reference", "facts.json"),
        ("{{ }}", "reference", "a reference is empty"),
        ("`{{ }}`", "reference", "a reference is empty"),
        ("{{ overall.all.n = }}", "reference", "a reference is empty"),
        ("{{ overall.all.n", "reference", "opened and not closed"),
        ("{{ overall.all.n = ", "reference", "on one line"),
        ("overall.all.n }}", "reference", "opened and not closed, or closed and not opened"),
        ("{ overall.all.n }", "reference", "a single brace"),
        ("{{{ overall.all.n }}}", "reference", "a single brace"),
        ("{{ by_service.fostering_and_adoption.n }}", "hidden", "is hidden, or is not given in this report"),
        ("{{ by_service.disabled_children.share = 5% }}", "hidden", "is hidden, or is not given in this report"),
    ],
)
def test_a_reference_to_no_figure_refuses_the_run_with_its_line_and_the_cure(refused, text, code, said):
    (problem,) = refused("", "## By domain", "Well,", f"we say {text} here.", "More.")
    assert (problem.code, problem.line) == (code, 5)
    assert said in problem.sentence


def test_a_sentence_written_for_another_figure_refuses_the_run(document, refused):
    now = cell_of(document, "by_domain.planning.share")
    (problem,) = refused("## By domain", "It is {{ by_domain.planning.share = 99% }}.")
    assert (problem.code, problem.line) == ("stale", 3)
    assert f'"by_domain.planning.share" said 99% when this was written, and is {now} now: read' in problem.message
    assert f"{{{{ by_domain.planning.share = {now} }}}}" in problem.fix


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [("We saw 4,711 plans.", "number", "4,711"), ("We saw three plans.", "number", "three"),
     ("It rose.", "direction", "rose"), ("Since 2. May", "number", "2"), ("{{ overall.all.n }}5", "number", "5")],
)  # fmt: skip
def test_a_typed_number_or_direction_refuses_the_run_with_file_line_and_word(refused, text, code, word):
    (problem,) = refused("## By domain", "- Well.", "", f"- Well, {text}")
    assert (problem.code, problem.line) == (code, 5)
    assert f"({word})" in problem.message


def test_the_gate_of_words_looks_into_the_box_by_itself(placed):
    told = placed("## By domain", SENTENCE)
    for stray, said in (("4,711", "a number"), ("rose", "a word of direction")):
        for part in (Paragraph((Run(stray),)), Bullets(((Run(stray),),))):
            blocks = tuple(Commentary((part,)) if isinstance(block, Commentary) else block for block in told.blocks)
            with pytest.raises(
                QAError, match=f'in the commentary under "By domain": {said} that no fact|is no fact'
            ) as found:
                check_numbers(replace(told, blocks=blocks))
            assert 'in the commentary under "By domain"' in str(found.value)


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", ["# April 2013", "# May to July", "#"])
def test_commentary_for_another_period_is_stale(refused, period):
    (problem,) = refused("## By domain", SENTENCE, period=period)
    assert (problem.code, problem.line) == ("period", 1)
    assert "this commentary was written for" in problem.message
    assert PERIOD in problem.fix


def test_the_period_is_read_without_regard_to_case_and_spaces(placed):
    assert boxes(placed("## By domain", SENTENCE, period="\n#  may TO july 2013 "))


@pytest.mark.parametrize("period", ["", "May to July 2013", "## On one page", "Hello\n# May to July 2013"])
def test_a_file_that_does_not_begin_with_its_period_is_refused(refused, period):
    assert [problem.code for problem in refused("## By domain", SENTENCE, period=period)] == ["period"]


def test_words_above_the_first_heading_have_no_place(refused):
    (problem,) = refused("", "Hello.", "", "## By domain", SENTENCE)
    assert (problem.code, problem.line) == ("place", 3)


def test_a_heading_that_the_report_has_not_is_refused_with_what_it_has(document, refused):
    first, second = refused("## How god practice is", SENTENCE, "## Something else", SENTENCE)
    assert (first.line, second.line) == (2, 4)
    assert 'Did you mean "How good practice is"?' in first.fix
    assert all(text_of(heading.runs) in first.fix for heading in document.headings)


def test_a_heading_named_twice_is_refused(refused):
    (problem,) = refused("## By domain", SENTENCE, "### by  DOMAIN", SENTENCE)
    assert problem.line == 4
    assert "on line 2" in problem.message


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<b>bold</b>", "inline_html"), ("<script>alert(1)</script>", "block_html"), ("<!-- later -->", "block_html"),
        ("![alt](x.png)", "image"), ("[away](https://example.org)", "link"), ("<https://example.org>", "link"),
        ("[away](javascript:alert)", "link"), ("```\ncode", "block_code"), ("\n    code", "block_code"),
        ("> quote", "block_quote"), ("\n***", "thematic_break"), ("| a | b |\n|---|---|\n| c | d |", "table"),
        ("- a\n  - b", "list inside a list"), ("7. a", "numbered list that does not begin with 1"),
        ("[near](#by-doman)", "leads to no heading"), ("a[^n]\n\n[^n]: Note.", "footnote"),
        ("Title\n---", "makes it a heading"), ("null \x00", "no reader sees"), ("half \ud800", "no reader sees"),
    ],
)  # fmt: skip
def test_what_a_box_cannot_show_is_refused_with_its_line(refused, text, kind):
    before = ["## By domain", "Here.", "", "There.", ""]
    problem, *others = refused(*before, *text.split("\n"), "", "Last.")
    assert kind in problem.message
    assert all(problem.line <= other.line for other in others)
    first = len(before) + 2
    assert first <= problem.line <= first + text.count("\n")


def test_a_heading_of_the_notebooks_own_level_is_refused(refused):
    assert [problem.line for problem in refused("## By domain", SENTENCE, "#### Deep", "# Another")] == [4, 5]


def test_every_fault_of_a_file_is_told_at_once_in_its_order(refused):
    found = refused(
        "## How god practice is",
        "It is {{ by_domain.planing.share }} and {{ by_domain.planning.share = 99% }}.",
        "It rose to 12.",
        "## By domain",
        "<b>x</b>",
        "and 13",
        "## What has changed",
        "{{ }}",
        period="# April 2013",
    )
    assert [(problem.line, problem.code) for problem in found] == [
        (1, "period"), (2, "heading"), (3, "reference"), (3, "stale"), (4, "number"), (4, "direction"),
        (6, "markdown"), (7, "number"), (9, "reference"),
    ]  # fmt: skip


# --- on the page -----------------------------------------------------------------------------------------------------

GOOD = f"""{PERIOD}

### What we found
We spoke to each team about these findings.

## How good practice is
Planning stands at {{{{ by_domain.planning.share }}}}. {SENTENCE}

- It has no place for *what the child said*.
- See [what auditors wrote](#what-auditors-wrote).

## By domain
1. Hostile: {" ".join(HOSTILE).replace("{", "(").replace("}", ")")}
1. In code: `{HELD.replace("`", "")}` 中
"""


@pytest.fixture(scope="module")
def told(commented) -> Document:
    """A report with a commentary in three places, read from its notebook, past the gates of words and reading."""
    document = place_commentary(read_document(commented(GOOD)))
    check_numbers(document)
    check_reading(document)
    assert len(boxes(document)) == 3
    return document


@pytest.fixture(scope="module")
def made(told) -> str:
    page = render_html(told)
    check_html(page)
    return page


def test_the_page_says_each_word_once_in_marked_boxes_and_nothing_acts(made, document):
    assert made.count(SENTENCE) == 1
    assert made.count('<div class="commentary" role="note" aria-label="Commentary by the author">') == 3
    assert "&lt;script&gt;" in made
    before, after = elements(render_html(document)), elements(made)
    assert after - before == Counter(div=3, p=3 + 1 + 1, ul=1, ol=1, li=4, em=1, a=1, code=1)


@pytest.mark.parametrize("width", [1280, 320])
def test_axe_has_no_objection_and_nothing_scrolls_sideways(browser, made, tmp_path, width):
    (tmp_path / "report.html").write_text(made, encoding="utf-8")
    tab = browser.new_page(viewport={"width": width, "height": 900})
    tab.goto((tmp_path / "report.html").as_uri())
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert tab.get_by_role("note", name="Commentary by the author").count() == 3
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    sections = tab.eval_on_selector_all(
        ".commentary", "found => found.map(one => one.closest('section').querySelector('h2').id)"
    )
    assert sections == ["on-one-page", "how-good-practice-is", "how-good-practice-is"]
    tab.close()


def test_the_pdf_holds_the_boxes_and_is_fit_for_everyone(told, needed, tmp_path):
    raw = render_pdf(told)
    check_pdf(raw)
    path = tmp_path / "report.pdf"
    path.write_bytes(raw)
    ended = subprocess.run(
        [sys.executable, "-m", "pdfua", "check", str(path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    command = [needed("pdftotext"), "-enc", "UTF-8", str(path), "-"]
    text = " ".join(
        subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout.split()
    )
    assert text.count("Commentary by the author") == 3
    assert text.count(SENTENCE) == 1
    assert '#panic("x")' in text
    assert "written as numbers: U+4E2D" in text


def test_the_source_of_the_commentary_is_no_text_of_the_print(placed):
    told = placed("## By domain", SENTENCE, "", "中")
    assert typeset(told).source.count(SENTENCE) == 1
    assert typeset(told).source.count("U+4E2D") == 2  # in its place and in the note


def test_words_on_the_first_page_count_towards_its_reading_age_and_others_do_not(placed, document):
    hard = "Nevertheless supervision " * 40 + "continued."
    with pytest.raises(QAError, match=r'is number 2 under "What we found \(commentary\)"'):
        check_reading(placed("### What we found", SENTENCE, "", f"- {hard}"))
    elsewhere = placed("## By domain", hard)
    check_reading(elsewhere)
    assert reading_of(elsewhere) == reading_of(document)
    told = placed("### What we found", SENTENCE)
    assert SENTENCE in [sentence.text for sentence in first_page(told)]
    assert reading_of(told).sentences == reading_of(document).sentences + 1


def test_the_exporter_makes_the_same_page_and_refuses_what_the_run_refuses(commented, made):
    exporter = QAHTMLExporter()
    page, _ = exporter.from_notebook_node(nbformat.from_dict(commented(GOOD)))
    assert page.decode() == made
    with pytest.raises(QAError, match="this commentary was written for"):
        exporter.from_notebook_node(nbformat.from_dict(commented("# April 2013")))


def test_a_box_travels_as_json_and_shows_itself_in_a_notebook():
    box = Commentary((Paragraph((Run("a", ("b",), "strong", "#c"),)), Bullets(((Run("<d>"),),), ordered=True)))
    assert from_json(json.loads(json.dumps(to_json(box)))) == box
    shown = Shown((box,))._repr_mimebundle_()
    assert shown["text/plain"] == text_of_block(box) == "Commentary by the author\na\n- <d>"
    assert "&lt;d&gt;" in shown["text/html"]
    with pytest.raises(TypeError):
        from_json({"kind": "Commentary", "title": "x", "blocks": [to_json(Table("t", "c", ("h",), ((Cell("x"),),)))]})


def test_a_title_block_from_before_there_was_commentary_can_still_be_read(notebook, document):
    older = json.loads(json.dumps(notebook).replace('"commentary"', '"x"').replace('"commentary_file"', '"y"'))
    for cell in older["cells"]:
        for output in cell.get("outputs", []):
            for block in output.get("data", {}).get(MIME, {"blocks": []})["blocks"]:
                block.pop("x", None), block.pop("y", None)
    assert read_document(older) == document


# --- whatever is typed -----------------------------------------------------------------------------------------------


class _Elements(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.names: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.names[tag] += 1
        self.attributes |= {name for name, _ in attrs}


def elements(source: str) -> Counter:
    return _Elements(source).names


OURS = {"div", "p", "ul", "ol", "li", "strong", "em", "code", "a"}


def stays_text(placed, *lines: str) -> int:
    """Hold what is typed against the promise; how many boxes it made."""
    try:
        told = placed(*lines)
    except QAError:
        return 0
    check_numbers(told)
    for box in boxes(told).values():
        read = _Elements(str(block_html(box)))
        assert set(read.names) <= OURS
        assert read.attributes <= {"class", "role", "aria-label", "href"}
        spans = sum(bool(run.style) for run in runs_of(box)) + sum(bool(run.href) for run in runs_of(box))
        lists = [part for part in box.blocks if isinstance(part, Bullets)]
        items = sum(len(part.items) for part in lists)
        paragraphs = len(box.blocks) - len(lists)
        assert read.names.total() == 2 + paragraphs + len(lists) + items + spans  # the box and its label are two
    return len(boxes(told))


def test_no_text_whatever_does_more_than_stand_there_or_refuse_the_run(placed):
    seen: Counter[int] = Counter()

    @settings(max_examples=150)
    @given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)))
    def holds(text):
        seen[stays_text(placed, "## By domain", text)] += 1

    holds()
    assert seen[1] > 20, "too few of the texts came as far as the page"


@given(st.text(), st.text())
def test_no_heading_and_no_period_whatever_does_more_than_refuse_the_run(placed, heading, period):
    with pytest.raises(QAError):
        placed(f"## {heading} x", "Words.", period=f"# {period} x")


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_no_name_in_braces_whatever_becomes_a_figure(placed, document, name):
    known = {fact["name"] for fact in document.title.facts}
    if name.partition("=")[0].strip() not in known:
        with pytest.raises(QAError):
            placed("## By domain", f"It is {{{{{name}}}}} here.")


@pytest.mark.parametrize("mark", [*"[*_>`<(&\\{}|~#-", "![", "[^", "[a](", "{{ ", "**a ", "- a\n", "<a ", "# "])
def test_a_flood_of_marks_is_read_in_no_time_or_refused(placed, mark):
    stays_text(placed, "## By domain", mark * 5_000)
