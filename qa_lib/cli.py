"""How do I ask?

`qa` checks extracts, runs reports and makes an invented council to try it on.
Every refusal says where, what and how to put it right; the exit code says which
step refused: 2 settings, 3 data, 4 notebook, 5 publication.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from qa_lib.problems import DATA, QAError, in_words
from qa_lib.run.terminal import near, refusals, steps
from qa_lib.settings.kinds import KINDS

PARAMS = click.argument("params", nargs=-1, required=True, metavar="PARAMS...")
OUTPUTS = click.option(
    "--outputs",
    type=click.Path(file_okay=False, path_type=Path),
    help="Put packs, and .private with the working papers, into this folder instead.",
)
PACKS = click.option(
    "--outputs",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of packs [the folder outputs, beside params].",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qa-workbook", prog_name="qa")
def main() -> None:
    """Quality assurance reports from audit extracts.

    A PARAMS file names a period and its extracts, such as params/example/2013_q1.yml.
    Exit codes: 0 done, 2 settings, 3 data refused, 4 notebook failed, 5 publication refused.
    """


@main.command()
@PARAMS
@OUTPUTS
def run(params: tuple[str, ...], outputs: Path | None) -> None:
    """Check everything, run the notebooks, publish packs."""
    with refusals(), steps() as step:
        from qa_lib.run.pack import make_pack
        from qa_lib.run.plan import plan_runs

        lists: dict[str, None] = {}
        for planned in plan_runs(params, outputs, step):
            pack = make_pack(planned, step)
            click.echo(f"{planned.params.title}: {near(pack / 'report.html')}")
            lists[_list_anew(planned.outputs)] = None
        click.echo("\n".join(lists))


@main.command("next")
@click.argument("params", metavar="PARAMS")
@click.option("--to", metavar="FILE.yml", help="The new file's name [the old one's, with its date moved].")
@PACKS
def next_period(params: str, to: str | None, outputs: Path | None) -> None:
    """Write the next period's params file, beside this one.

    The period, the report's date and the dates in the names of its files move on; comments and all else stay. A
    bulletin's one thing to work on becomes the next one's `last_one_thing`.
    """
    with refusals():
        from qa_lib.run.next import write_next

        click.echo("\n".join(write_next(params, to, outputs)))


@main.command()
@PACKS
def index(outputs: Path | None) -> None:
    """Make the page that lists every report; `qa run` does so as well."""
    with refusals():
        from qa_lib.run.index import make_index, outputs_here

        click.echo(f"All reports: {near(make_index(outputs or outputs_here()))}")


@main.command()
@click.argument("first", type=click.Path(path_type=Path), metavar="PACK")
@click.argument("second", type=click.Path(path_type=Path), metavar="PACK")
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.html",
              help="Write it as a page as well.")  # fmt: skip
def diff(first: Path, second: Path, page: Path | None) -> None:
    """Tell what differs between two packs.

    Figures that were restated, are new or are gone; settings; words. PACK is a pack's folder, such as
    outputs/example/2013_q1/v001; without the version its newest is meant.
    """
    with refusals():
        from qa_lib.run.diff import compare
        from qa_lib.run.diff_told import as_text, write_page

        compared = compare(first, second)
        if page:
            write_page(compared, page)
        click.echo(as_text(compared))
        if page:
            click.echo(f"Page: {near(page)}")


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--framework", metavar="FILE", help="For extracts: the framework that they are held against.")
@click.option("--period", metavar="FROM:TO", help="For extracts: days that count, such as 2013-05-01:2013-07-31.")
@click.option("--as-of", metavar="DATE", help="For extracts: the report's own date; no later date may stand in them.")
@click.option(
    "--kind", type=click.Choice(KINDS), default="audits", show_default=True, help="For extracts: what they are."
)
@click.option("--tool", metavar="FILE", help="For the extracts of a themed audit: its tool, in place of --kind.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.option("--fix-list", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.xlsx",
              help="Write what is to be put right into a workbook, without any text of the extracts.")  # fmt: skip
def check(files: tuple[str, ...], *, as_json: bool, fix_list: Path | None, **held_against: Any) -> None:
    """Check settings and extracts; run nothing, publish nothing.

    FILE is a params file, with everything that it names; or an extract, held against --framework and --as-of.
    """
    with refusals(as_json=as_json), steps() as step:
        from qa_lib.run import verdict

        if all(Path(file).suffix in {".yml", ".yaml"} for file in files):
            checked = verdict.check_reports(files, step)
        else:
            asked = verdict.Asked(**held_against)
            checked = verdict.check_files(files, asked, step)
        found = [extract for extracts in checked.values() for extract in extracts]
        if fix_list:
            verdict.write_fix_list(found, fix_list)
    if as_json:
        click.echo(verdict.as_json(found))
    elif verdict.status(found) == verdict.REJECT:
        click.echo(in_words(problem for extract in found for problem in extract.problems), err=True)
    else:
        click.echo("\n".join(line for name, extracts in checked.items() for line in verdict.told(name, extracts)))
    if fix_list and not as_json:
        click.echo(f"Fix list: {near(fix_list)}")
    sys.exit(DATA if verdict.status(found) == verdict.REJECT else 0)


@main.command("map")
@click.argument("extract", type=click.Path(path_type=Path), metavar="EXTRACT")
@click.option("--framework", metavar="FILE", help="The framework with your domains and services [the example's].")
@click.option("--kind", type=click.Choice(KINDS), default="audits", show_default=True, help="What the extract is.")
@click.option("--tool", metavar="FILE", help="For the extract of a themed audit: its tool, in place of --kind.")
def map_columns(extract: Path, framework: str | None, kind: str, tool: str | None) -> None:
    """Propose the lines of the settings that a new form needs.

    They are for framework.yml, or for a themed audit's tool: the form's headings, each with the column that it could
    be, and words that look like slips of allowed ones. Read it, then paste it. It never shows what else a cell holds.
    """
    with refusals(), steps() as step:
        from qa_lib.run.new_forms import propose

        step(f"Reading {extract.name}")
        snippet = propose(extract, framework, kind, tool)
    click.echo(snippet)


@main.command()
@click.argument("tool", metavar="TOOL")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.xlsx")
@click.option("--framework", metavar="FILE", help="The framework with your grades and services [the example's].")
def form(tool: str, file: Path, framework: str | None) -> None:
    """Write the form that auditors fill in for a themed audit.

    TOOL is the file that says what is asked, such as params/tools/domestic_violence.yml. What comes back filled in is
    an extract; its headings need no map.
    """
    with refusals():
        from qa_lib.run.new_forms import write_form

        write_form(tool, framework, file)
    click.echo(f"Form: {near(file)}")


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--audits", default=880, show_default=True, type=click.IntRange(22, 200_000), help="Audits in all.")
@click.option("--seed", default=2013, show_default=True, help="Another seed, another council.")
def example(folder: Path, audits: int, seed: int) -> None:
    """Make an invented council's extracts in DIR.

    The truth behind them (rates and planted themes) is written to DIR/truth.
    """
    with refusals(), steps() as step:
        from qa_lib.example import write_council

        step("Inventing a council")
        files = write_council(folder, audits=audits, seed=seed)
    click.echo(f"{len(files)} files in {near(folder)}")


def _list_anew(outputs: Path) -> str:
    """Make the page of all reports after a run, and say where it is; that it cannot be made undoes no report."""
    from qa_lib.run.index import make_index

    try:
        return f"All reports: {near(make_index(outputs))}"
    except (QAError, OSError):
        return f"The page of all reports could not be made. May {near(outputs)} be written? `qa index` tries again."
