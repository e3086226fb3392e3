"""May this page be published?

The page is read back as a browser would read it and held against the promises
it makes: anybody can read it (one title, no heading level skipped, an alt text
for each picture, headers for each table), it is whole (ids, links) and it is
quiet (nothing runs, nothing outside is asked for). Every broken promise is
told at once. A rule yields its faults in plain words; `RULES` is the list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from qa_lib.problems import PUBLICATION, Problem, QAError

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
STOCK = "No description has been provided"  # what other tools write where an alt text is missing

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
WORDS = {*HEADINGS, "title", "caption", "style"}  # whose words a rule reads
EMPTY = set("area base br col embed hr img input link meta source track wbr".split())  # never closed in HTML
ACTIVE = {"script", "iframe", "frame", "object", "embed", "applet", "base", "form", "portal"}  # run, fetch or send
SCOPES = {"row", "col", "rowgroup", "colgroup"}

POINTS = set("src srcset href xlink:href action formaction data poster background ping manifest".split())
ADDRESSES = POINTS | {"to", "from", "by", "values"}  # the last four: what an animation may set an address to
PROSE = {"title", "alt", "aria-label", "content"}  # where anything may stand that an extract says
INSIDE = ("#", "data:image/", "data:font/")  # how an address begins that stays inside the page
IN_STYLE = re.compile(r"(?:url\(|@import)[\s\"']*([^\"')]{0,20})")  # the beginning of each among styles

AUTHOR = "In the notebook, a section opens with ## and what is below it with ###; the title comes from the params file."
LINKS = "A page's links lead to its own headings; write the link as the page's contents do, or take it out."
Fault = tuple[str, str]  # what is wrong, and the cure where the notebook's author has one


@dataclass(slots=True)
class Element:
    """One element as read, the heading it stands under, and, for those of `WORDS`, its text."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None
    under: str
    text: str = ""

    def inside(self, tag: str) -> Element | None:
        """The nearest element of that kind around this one."""
        above = self.parent
        while above is not None and above.tag != tag:
            above = above.parent
        return above


@dataclass
class Page:
    """A page as read: its source, its elements in order, and where one was closed across another."""

    source: str
    elements: list[Element] = field(default_factory=list)
    crossed: list[str] = field(default_factory=list)

    def of(self, *tags: str) -> list[Element]:
        """The elements of these kinds, in order."""
        return [element for element in self.elements if element.tag in tags]


def check_html(page: str) -> None:
    """Refuse a page that breaks a promise.

    Parameters
    ----------
    page : the whole page as rendered

    Raises
    ------
    QAError : exit code 5; every fault, with the heading under which it stands.
    """
    read = _Reader(page).page
    faults = dict.fromkeys(fault for rule in RULES for fault in rule(read))
    if faults:
        raise QAError([Problem("page", *fault, file="report.html") for fault in faults], PUBLICATION)


class _Reader(HTMLParser):
    """Reads a source into a `Page`."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.page = Page(source)
        self._open: list[Element] = []
        self._words: list[Element] = []
        self._under = "at the head of the page"
        self.feed(source)
        self.close()
        self.page.crossed += [f"<{element.tag}> is never closed" for element in self._open[:1]]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        parent = self._open[-1] if self._open else None
        element = Element(tag, {name: value or "" for name, value in attrs}, parent, self._under)
        self.page.elements.append(element)
        if tag not in EMPTY:
            self._open.append(element)
        if tag in WORDS:
            self._words.append(element)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            self.page.crossed.append(f"</{tag}> closes what is not open, {self._under}")
            return
        element = self._open.pop()
        if tag in WORDS:
            self._words.pop()
            if tag in HEADINGS:
                self._under = f'under "{" ".join(element.text.split())}"'

    def handle_data(self, data: str) -> None:
        for element in self._words:
            element.text += data


def _headings(page: Page) -> Iterator[Fault]:
    headings = page.of(*HEADINGS)
    titles = sum(heading.tag == "h1" for heading in headings)
    if titles != 1:
        yield f"a page has one title (h1); this has {titles or 'none'}.", AUTHOR
    above = 0
    for heading in headings:
        level, words = int(heading.tag[1]), " ".join(heading.text.split())
        if level > above + 1:
            after = f"one of level {above}" if above else "nothing"
            yield f'the heading "{words}" is of level {level} and follows {after}: a level is skipped.', AUTHOR
        if not words:
            yield f"a heading has no words, {heading.under}.", AUTHOR
        above = level


def _names(page: Page) -> Iterator[Fault]:
    root = page.elements[0] if page.elements else None
    if root is None or root.tag != "html" or not root.attributes.get("lang", "").strip():
        yield "the page does not say its language (lang on html).", ""
    if not any(title.text.strip() for title in page.of("title") if title.inside("head")):
        yield "the page has no name for its tab (title).", ""


def _pictures(page: Page) -> Iterator[Fault]:
    titles = {title.attributes.get("id"): title for title in page.of("title")}
    for picture in page.of("svg", "img"):
        if picture.tag == "img":
            alt = picture.attributes.get("alt", "")
        else:
            named = titles.get(picture.attributes.get("aria-labelledby", ""))
            alt = named.text if named is not None and named.parent is picture else ""
            if picture.attributes.get("role") != "img":
                yield f"a picture does not say that it is one (role on svg), {picture.under}.", ""
        if not alt.strip():
            yield f"a picture has no alt text ({picture.tag}), {picture.under}.", ""
    if STOCK in page.source:
        yield f'a stock phrase stands in place of an alt text ("{STOCK}").', ""


def _tables(page: Page) -> Iterator[Fault]:
    captioned = {id(caption.parent) for caption in page.of("caption") if caption.text.strip()}
    headed = {id(head.inside("table")) for head in page.of("th")}
    for table in page.of("table"):
        if id(table) not in captioned:
            yield f"a table has no caption, {table.under}.", ""
        if id(table) not in headed:
            yield f"a table has no header cell (th), {table.under}.", ""
    for head in page.of("th"):
        if head.attributes.get("scope") not in SCOPES:
            yield f"a header cell does not say what it heads (scope on th), {head.under}.", ""


def _landmarks(page: Page) -> Iterator[Fault]:
    mains = page.of("main")
    if len(mains) != 1:
        yield f"a page has one main part (main); this has {len(mains) or 'none'}.", ""
    links = [link.attributes.get("href", "") for link in page.of("a")]
    if not links or links[0] not in {f"#{main.attributes.get('id')}" for main in mains}:
        yield "the first link does not skip to the main part.", ""


def _whole(page: Page) -> Iterator[Fault]:
    yield from ((f"an element is not closed where it was opened: {what}.", "") for what in page.crossed[:1])
    ids = Counter(element.attributes["id"] for element in page.elements if "id" in element.attributes)
    yield from ((f'the id "{name}" stands {times} times.', "") for name, times in ids.items() if times > 1)
    for element in page.elements:
        for target in _targets(element):
            if target not in ids:
                yield f'"#{target}" leads nowhere, {element.under}.', LINKS


def _targets(element: Element) -> Iterator[str]:
    """The ids that an element points to: by link, by label, by what it is drawn with."""
    for name, value in element.attributes.items():
        if name in POINTS and value.startswith("#"):
            yield value[1:]
        elif name in {"aria-labelledby", "aria-describedby", "headers", "for"}:
            yield from value.split()
        elif "url(" in value and name not in PROSE:
            yield from re.findall(r"url\(\s*[\"']?#([^\"')\s]+)", value)


def _inert(page: Page) -> Iterator[Fault]:
    for element in page.elements:
        if element.tag in ACTIVE or (element.tag == "meta" and _equiv(element) == "refresh"):
            yield f"an element that can act (<{element.tag}>), {element.under}.", ""
        for name, value in element.attributes.items():
            if name.startswith("on"):
                yield f"an attribute that runs a script ({name}), {element.under}.", ""
            if name in ADDRESSES and re.sub(r"[\0- ]", "", value).lower().startswith(("javascript:", "vbscript:")):
                yield f"an address that runs a script ({name}), {element.under}.", ""


def _inward(page: Page) -> Iterator[Fault]:
    for element in page.elements:
        if not all(address.startswith(INSIDE) for address in _addresses(element)):
            yield f"<{element.tag}> points outside the page, {element.under}.", LINKS if element.tag == "a" else ""


def _addresses(element: Element) -> Iterator[str]:
    """Every address that an element holds, in an attribute of its own or among its styles."""
    for name, value in element.attributes.items():
        if name in POINTS:
            yield value
        elif "(" in value and name not in PROSE:
            yield from IN_STYLE.findall(value.lower())
    if element.tag == "style":
        yield from IN_STYLE.findall(element.text.lower())


def _policy(page: Page) -> Iterator[Fault]:
    metas = [meta for meta in page.of("meta") if _equiv(meta) == "content-security-policy" and meta.inside("head")]
    if [meta.attributes.get("content") for meta in metas] != [POLICY]:
        yield "the page does not carry its content policy (a meta in its head) once and whole.", ""


def _equiv(meta: Element) -> str:
    return meta.attributes.get("http-equiv", "").strip().lower()


RULES: tuple[Callable[[Page], Iterator[Fault]], ...] = (
    _headings, _names, _pictures, _tables, _landmarks, _whole, _inert, _inward, _policy
)  # fmt: skip
