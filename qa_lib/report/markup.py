"""What is a block in HTML?

One function a kind of block, used by JupyterLab's displays and by the page
alike. Every text is escaped where it enters; the only markup that passes
through is the SVG of our own charts.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from qa_lib.report.blocks import (
    Block,
    Bullets,
    Cell,
    Chart,
    Commentary,
    Heading,
    Missing,
    Paragraph,
    Run,
    Table,
    TitleBlock,
    text_of,
    text_of_block,
)  # fmt: skip

TAGS = {"strong": "strong", "emphasis": "em", "code": "code"}


def blocks_html(blocks: Iterable[Block]) -> str:
    """Blocks as HTML, in order."""
    return "\n".join(str(block_html(block)) for block in blocks)


def for_jupyterlab(html: str) -> str:
    """The HTML of blocks as a cell displays it, where JupyterLab's shortcuts would take the arrow keys.

    A table is scrolled from its caption, which the shortcuts leave alone. It is not from the group around it, as on a
    page: that would have the focus after each click into the table, and then no shortcut at all would do anything.
    """
    unstopped = html.replace(
        '<div class="table-wrap" role="group" tabindex="0"', '<div class="table-wrap" role="group"'
    )
    return unstopped.replace("<caption>", '<caption tabindex="0" data-lm-suppress-shortcuts="true">')


def block_html(block: Block) -> Markup:
    """One block as HTML."""
    if isinstance(block, Heading):
        tag, anchor = f"h{block.level}", Markup(' id="{}"').format(block.id) if block.id else ""
        return Markup("<{}{}>{}</{}>").format(Markup(tag), anchor, runs_html(block.runs), Markup(tag))
    if isinstance(block, Paragraph):
        return Markup("<p>{}</p>").format(runs_html(block.runs))
    if isinstance(block, Bullets):
        items = Markup("\n").join(Markup("<li>{}</li>").format(runs_html(item)) for item in block.items)
        tag = Markup("ol" if block.ordered else "ul")
        return Markup("<{}>\n{}\n</{}>").format(tag, items, tag)
    if isinstance(block, Commentary):
        box = '<div class="commentary" role="note" aria-label="{}">\n<p class="commentary-title">{}</p>\n{}\n</div>'
        return Markup(box).format(block.title, block.title, Markup("\n").join(map(block_html, block.blocks)))
    if isinstance(block, Table):
        return _wide(table_html(block), block.caption, "table-wrap")
    if isinstance(block, Chart):
        return chart_html(block)
    if isinstance(block, Missing):
        return Markup("<p>{}</p>").format(text_of_block(block))
    return title_html(block)


def runs_html(runs: Iterable[Run]) -> Markup:
    """Runs as inline HTML."""
    return Markup("").join(_run_html(run) for run in runs)


def _run_html(run: Run) -> Markup:
    text = escape(run.text)
    if run.style == "note":
        anchor = '<sup><a id="note-{0}-from" href="#note-{0}" aria-label="Note {0}">{0}</a></sup>'
        return Markup(anchor).format(run.text)
    if run.style == "label":
        text = Markup('<span class="label">{}</span>').format(text)
    elif run.style in TAGS:
        tag = Markup(TAGS[run.style])
        text = Markup("<{}>{}</{}>").format(tag, text, tag)
    return Markup('<a href="{}">{}</a>').format(run.href, text) if run.href else text


def table_html(table: Table) -> Markup:
    """A semantic table: caption, column and row headers with scope, marks explained by a title."""
    numbered = f"Table {table.number}. " if table.number else ""
    number = Markup("") if table.words else Markup(' class="number"')
    heads = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(number if at else Markup(""), head)
        for at, head in enumerate(table.heads)
    )
    rows = Markup("\n").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            row[0].text, Markup("").join(_cell_html(cell, number) for cell in row[1:])
        )
        for row in table.rows
    )
    notes = Markup("").join(Markup('<p class="note">{}</p>').format(note) for note in table.notes)
    return Markup(
        '<table id="{}"><caption>{}{}</caption><thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody></table>{}'
    ).format(table.id, numbered, table.caption, heads, rows, notes)


def _cell_html(cell: Cell, number: Markup) -> Markup:
    if not cell.mark:
        return Markup("<td{}>{}</td>").format(number, cell.text)
    words = {"c": "hidden", "z": "no base"}.get(cell.mark, "too few for a share")
    return Markup('<td{}><abbr title="{}">{}</abbr></td>').format(number, words, cell.mark)


def chart_html(chart: Chart) -> Markup:
    """A figure: the finding above, the picture with its alt text, the caption; below it the data.

    The data stand after the figure and not in it, because a caption must be the last thing in its figure.
    """
    numbered = f"Figure {chart.number}. " if chart.number else ""
    alt_id = f"{chart.id}-alt"
    alt = Markup('<title id="{}">{}</title>').format(alt_id, text_of(chart.alt))
    opening, _, body = chart.svg.partition(">")
    picture = Markup(f'{opening} role="img" aria-labelledby="{alt_id}">') + alt + Markup(body)
    return Markup(
        '<figure id="{}"><p class="figure-title">{}</p>{}<figcaption>{}{}</figcaption>'
        "</figure><details><summary>Data behind this chart</summary>{}</details>"
    ).format(
        chart.id,
        runs_html(chart.title),
        _wide(picture, text_of(chart.title), "chart-wrap"),
        numbered,
        chart.caption,
        _wide(table_html(chart.table), chart.table.caption, "table-wrap"),
    )


def title_html(block: TitleBlock) -> Markup:
    """The title block: title and council, then the terms of the report as a list."""
    terms = (
        ("Period", block.period),
        ("Report to", block.report_to),
        ("Date", block.as_of),
        ("Author", block.author),
        ("Status", block.status),
        ("Audience", block.audience),
        ("Run", block.run_id),
    )
    rows = Markup("").join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(*term) for term in terms)
    marking = Markup('<p class="marking">{}</p>').format(block.marking) if block.marking else Markup("")
    logo = Markup("")
    if block.logo:
        picture = '<img class="logo" src="data:image/png;base64,{}" alt="{}">'
        logo = Markup(picture).format(block.logo, block.logo_alt)
    return Markup('{}{}<p class="council">{}</p><h1>{}</h1><dl class="terms">{}</dl>').format(
        marking, logo, block.council, block.title, rows
    )


def _wide(inner: Markup, name: str, kind: str) -> Markup:
    """A labelled group that can be scrolled sideways by keyboard, so that the page itself never is.

    A group and not a region: regions are landmarks, and a page with a landmark for each table has none.
    """
    return Markup('<div class="{}" role="group" tabindex="0" aria-label="{}">{}</div>').format(kind, name, inner)
