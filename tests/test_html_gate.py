"""The gate before publication: the real page passes, and one edit of it breaks each promise by name."""

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import escape

from qa_lib.problems import PUBLICATION, QAError
from qa_lib.report.html_gate import check_html

POLICY = '<meta http-equiv="Content-Security-Policy" [^>]*>'

# What is replaced (a pattern, once), by what, and what is said of it. The edits are of the quarterly report.
BROKEN = {
    "two titles": (r"<h2 id=\"on-one-page\">(.*?)</h2>", r'<h1 id="on-one-page">\1</h1>', "one title (h1); this has 2"),
    "no title": (r"<h1>(.*?)</h1>", r"<p>\1</p>", "one title (h1); this has none"),
    "a level skipped": (
        r"<h3( [^>]*)?>(.*?)</h3>",
        r"<h4>\2</h4>",
        "is of level 4 and follows one of level 2: a level is skipped",
    ),
    "an empty heading": (r"<h3( [^>]*)?>(.*?)</h3>", r"<h3\1> </h3>", "a heading has no words"),
    "no language": (r'<html lang="en-GB">', "<html>", "does not say its language"),
    "an empty language": (r'lang="en-GB"', 'lang=""', "does not say its language"),
    "no name": (r"<title>.*?</title>", "", "has no name for its tab"),
    "an empty name": (r"<title>.*?</title>", "<title> </title>", "has no name for its tab"),
    "a picture without a role": (r'(<svg[^>]*) role="img"', r"\1", "a picture does not say that it is one"),
    "a picture without a label": (r'(<svg[^>]*) aria-labelledby="[^"]*"', r"\1", "a picture has no alt text (svg)"),
    "a picture with an empty alt text": (
        r'(<svg[^>]*><title id="[^"]*">)[^<]*',
        r"\1 ",
        "a picture has no alt text (svg)",
    ),
    "a picture of another role": (r'role="img"', 'role="none"', "a picture does not say that it is one"),
    "a picture named by a heading": (
        r'aria-labelledby="[^"]*-alt"',
        'aria-labelledby="contents"',
        "a picture has no alt text (svg)",
    ),
    "a picture named by another's alt text": (
        r'aria-labelledby="[^"]*-alt"(.*?)aria-labelledby="([^"]*-alt)"',
        r'aria-labelledby="\2"\1aria-labelledby="\2"',
        "a picture has no alt text (svg)",
    ),
    "an img without alt": (r"</header>", '<img src="data:image/png;base64,AA=="></header>', "no alt text (img)"),
    "a stock phrase": (
        r'(<svg[^>]*><title id="[^"]*">)[^<]*',
        r"\1No description has been provided for this image",
        "a stock phrase stands in place of an alt text",
    ),
    "a table without a caption": (r"<caption>.*?</caption>", "", "a table has no caption"),
    "a table with an empty caption": (r"<caption>.*?</caption>", "<caption></caption>", "a table has no caption"),
    "a header without scope": (r'<th scope="row">', "<th>", "does not say what it heads (scope on th)"),
    "a header with a strange scope": (r'<th scope="row">', '<th scope="both">', "does not say what it heads"),
    "a table without headers": (
        r"</main>",
        "<table><caption>Layout</caption><tr><td>1</td></tr></table></main>",
        "a table has no header cell (th)",
    ),
    "an id twice": (r"<footer>", '<footer id="contents">', 'the id "contents" stands 2 times'),
    "a link to nowhere": (r'href="#on-one-page"', 'href="#on-two-pages"', '"#on-two-pages" leads nowhere'),
    "a label of nothing": (r'aria-labelledby="contents"', 'aria-labelledby="content"', '"#content" leads nowhere'),
    "a clip path of nothing": (r"url\(#[^)]*\)", "url(#gone)", '"#gone" leads nowhere'),
    "an element not closed": (r"<p>(.*?)</p>", r"<p>\1", "an element is not closed where it was opened"),
    "an element never closed": (r"</html>", "", "<html> is never closed"),
    "an element closed twice": (r"</footer>", "</footer></footer>", "</footer> closes what is not open"),
    "a script": (r"</main>", "<script>1</script></main>", "an element that can act (<script>)"),
    "a frame": (r"</main>", '<iframe srcdoc="1"></iframe></main>', "an element that can act (<iframe>)"),
    "a form": (r"</main>", "<form></form></main>", "an element that can act (<form>)"),
    "a page that moves on": (
        r"</head>",
        '<meta http-equiv="Refresh" content="1"></head>',
        "an element that can act (<meta>)",
    ),
    "an attribute that runs": (r"<main ", '<main OnClick="go()" ', "an attribute that runs a script (onclick)"),
    "a link that runs": (r'href="#on-one-page"', 'href=" java\nscript:go()"', "an address that runs a script (href)"),
    "an animation that runs": (
        r"</svg>",
        '<set attributeName="href" to="javascript:go()"/></svg>',
        "an address that runs a script (to)",
    ),
    "a link outside": (r'href="#on-one-page"', 'href="https://example.org"', "<a> points outside the page"),
    "a link to a file": (r'href="#on-one-page"', 'href="tables.xlsx"', "<a> points outside the page"),
    "a link with data that opens": (r'href="#on-one-page"', 'href="data:text/html,1"', "<a> points outside the page"),
    "a picture from outside": (r"</header>", '<img alt="A" src="//example.org/a.png"></header>', "<img> points out"),
    "a style from outside": (r"</style>", "p{background:URL( 'http://example.org' )}</style>", "<style> points out"),
    "a style that fetches": (r"<style>", '<style>@import "more.css";', "<style> points outside the page"),
    "an attribute that fetches": (r"<main ", '<main style="cursor:url(c.cur)" ', "<main> points outside the page"),
    "a linked style": (r"</head>", '<link rel="stylesheet" href="page.css"></head>', "<link> points outside the page"),
    "no policy": (POLICY, "", "does not carry its content policy"),
    "a weaker policy": ("default-src 'none'", "default-src 'self'", "does not carry its content policy"),
    "a policy too late": (rf"({POLICY})(.*<body>)", r"\2\1", "does not carry its content policy"),
    "no skip link": (r'<a class="skip".*?</a>', "", "the first link does not skip to the main part"),
    "a skip link elsewhere": (r'class="skip" href="#main"', 'class="skip" href="#contents"', "does not skip to"),
    "no main part": (r"<main (.*)</main>", r"<div \1</div>", "one main part (main); this has none"),
    "two main parts": (r"</main>", "</main><main></main>", "one main part (main); this has 2"),
}  # fmt: skip


@pytest.fixture(scope="module")
def source(page):
    return page.read_text(encoding="utf-8")


def faults(page):
    """What the gate says of a page, a fault each."""
    with pytest.raises(QAError) as refused:
        check_html(page)
    assert refused.value.exit_code == PUBLICATION
    return [problem.message for problem in refused.value.problems]


def test_the_real_page_passes(source):
    check_html(source)


@pytest.mark.parametrize(("pattern", "edit", "said"), BROKEN.values(), ids=BROKEN)
def test_one_edit_that_breaks_a_promise_is_told_in_words(source, pattern, edit, said):
    edited, edits = re.subn(pattern, edit, source, count=1, flags=re.DOTALL)
    assert edits == 1
    assert any(said in fault for fault in faults(edited))


def test_a_fault_names_the_heading_under_which_it_stands(source):
    heading = re.findall(r"<h2[^>]*>(.*?)</h2>", source)[-1]
    edited = source.replace("</main>", '<p onclick="go()">Go</p></main>')
    assert faults(edited) == [f'an attribute that runs a script (onclick), under "{heading}".']


def test_all_faults_are_told_at_once_and_the_same_one_once(source):
    edited = re.sub(' scope="(row|col)"', "", source).replace('lang="en-GB"', "").replace("#main", "#contents")
    assert len(re.findall("<th", edited)) > 100
    told = faults(edited)
    assert len(told) == len(set(told)) < 30
    assert {fault.partition(",")[0] for fault in told} == {
        "the page does not say its language (lang on html).",
        "a header cell does not say what it heads (scope on th)",
        "the first link does not skip to the main part.",
    }


def test_a_heading_that_the_author_can_mend_comes_with_the_cure(source):
    with pytest.raises(QAError, match="a section opens with ## and what is below it with ###"):
        check_html(source.replace("<h3", "<h4").replace("</h3>", "</h4>"))


@given(st.text())
@example("")
@example("<html><head><title>")
@example("</p></html>")
def test_what_is_no_page_is_refused_in_words_whatever_it_is(text):
    assert faults(text)


@given(st.text())
@example("javascript:go() url(http://example.org) @import onclick=go() <script> #nowhere https://example.org")
def test_no_text_from_an_extract_can_stop_a_page(page, text):
    source, words = page.read_text(encoding="utf-8"), escape(text)
    check_html(source.replace("</main>", f'<p title="{words}" aria-label="{words}">{words}</p></main>'))


def test_a_run_refuses_such_a_page_and_publishes_nothing(short, ask):
    path = short / "notebooks" / "quarterly_report.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    deep = {
        "cell_type": "markdown",
        "id": "too-deep",
        "metadata": {},
        "source": "#### Too deep\n\nA section inside one.",
    }
    notebook["cells"].append(deep)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    told = ask("run", "params/example/2013_q1.yml", cwd=short)
    assert told.exit_code == PUBLICATION
    assert "1 thing to put right in report.html. Nothing has been published." in told.stderr
    assert 'the heading "Too deep" is of level 4 and follows one of level 2: a level is skipped.' in told.stderr
    assert not list(short.glob("outputs/*/*/v*"))
