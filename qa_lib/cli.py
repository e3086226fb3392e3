"""How do I ask?

`qa` checks extracts, runs reports and makes an invented council to try it on.
Every refusal says where, what and how to put it right; the exit code says which
step refused: 2 settings, 3 data, 4 notebook, 5 publication.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from qa_lib.problems import DATA, FAULT, PUBLICATION, QAError, in_words, unexpected
from qa_lib.settings.kinds import KINDS

PARAMS = click.argument("params", nargs=-1, required=True, metavar="PARAMS...")
OUTPUTS = click.option(
    "--outputs",
    type=click.Path(file_okay=False, path_type=Path),
    help="Put packs, and .private with the working papers, into this folder instead.",
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
    with _refusals(), _steps() as step:
        from qa_lib.run.index import make_index
        from qa_lib.run.pack import make_pack
        from qa_lib.run.plan import plan_runs

        for planned in plan_runs(params, outputs, step):
            pack = make_pack(planned, step)
            click.echo(f"{planned.params.title}: {_near(pack / 'report.html')}")
            listed = make_index(planned.outputs)
        click.echo(f"All reports: {_near(listed)}")


@main.command("next")
@click.argument("params", metavar="PARAMS")
@click.option("--to", metavar="FILE.yml", help="The new file's name [the old one's, with its date moved].")
@OUTPUTS
def next_period(params: str, to: str | None, outputs: Path | None) -> None:
    """Write the next period's params file, beside this one.

    The period, the report's date and the dates in the names of its files move on; comments and all else stay. A
    bulletin's one thing to work on becomes the next one's `last_one_thing`.
    """
    with _refusals():
        from qa_lib.run.next import write_next

        click.echo("\n".join(write_next(params, to, outputs)))


@main.command()
@OUTPUTS
def index(outputs: Path | None) -> None:
    """Make the page that lists every report; `qa run` does so as well."""
    with _refusals():
        from qa_lib.run.index import make_index, outputs_here

        click.echo(f"All reports: {_near(make_index(outputs or outputs_here()))}")


@main.command()
@click.argument("first", type=click.Path(path_type=Path), metavar="PACK")
@click.argument("second", type=click.Path(path_type=Path), metavar="PACK")
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.html",
              help="Write it as a page as well.")  # fmt: skip
def diff(first: Path, second: Path, page: Path | None) -> None:
    """Tell what differs between two packs: figures restated, new and gone, settings, words.

    PACK is a pack's folder, such as outputs/example/2013_q1/v001; without the version its newest is meant.
    """
    with _refusals():
        from qa_lib.run.diff import compare
        from qa_lib.run.diff_told import as_text, write_page

        compared = compare(first, second)
        click.echo(as_text(compared))
        if page:
            write_page(compared, page)
            click.echo(f"Page: {_near(page)}")


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
    with _refusals(as_json=as_json), _steps() as step:
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
        click.echo(f"Fix list: {_near(fix_list)}")
    sys.exit(DATA if verdict.status(found) == verdict.REJECT else 0)


@main.command("map")
@click.argument("extract", type=click.Path(path_type=Path), metavar="EXTRACT")
@click.option("--framework", metavar="FILE", help="The framework with your domains and services [the example's].")
@click.option("--kind", type=click.Choice(KINDS), default="audits", show_default=True, help="What the extract is.")
def map_columns(extract: Path, framework: str | None, kind: str) -> None:
    """Propose the lines of framework.yml that a new form needs.

    Its headings, each with the column that it could be, and words that look like slips of allowed ones. Read it,
    then paste it. It never shows what else a cell holds.
    """
    with _refusals(), _steps() as step:
        from qa_lib.run.verdict import propose

        step(f"Reading {extract.name}")
        snippet = propose(extract, framework, kind)
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
    with _refusals():
        from qa_lib.run.verdict import write_form

        write_form(tool, framework, file)
    click.echo(f"Form: {_near(file)}")


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--audits", default=880, show_default=True, type=click.IntRange(22, 200_000), help="Audits in all.")
@click.option("--seed", default=2013, show_default=True, help="Another seed, another council.")
def example(folder: Path, audits: int, seed: int) -> None:
    """Make an invented council's extracts in DIR.

    The truth behind them (rates and planted themes) is written to DIR/truth.
    """
    with _refusals(), _steps() as step:
        from qa_lib.example import write_council

        step("Inventing a council")
        files = write_council(folder, audits=audits, seed=seed)
    click.echo(f"{len(files)} files in {_near(folder)}")


@contextmanager
def _refusals(*, as_json: bool = False) -> Iterator[None]:
    """A refusal is told in words (or JSON), with its exit code, and never as a traceback."""
    try:
        yield
    except QAError as error:
        if as_json:
            from qa_lib.run.verdict import settings_as_json

            click.echo(settings_as_json(error.problems))
        else:
            click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except OSError:
        click.echo("A file or folder cannot be read or written. Is there room, and may you write there?", err=True)
        sys.exit(PUBLICATION)
    except Exception as error:  # noqa: BLE001  a message of a library may quote a cell: none is passed on
        fault = unexpected(error, FAULT)
        click.echo(str(fault), err=True)
        sys.exit(fault.exit_code)


@contextmanager
def _steps() -> Iterator[Callable[[str], None]]:
    """Tell what is going on: one live line on a terminal, a line a step elsewhere."""
    if not sys.stderr.isatty():
        last: list[str] = []

        def tell(words: str) -> None:
            plain = words.partition(", cell")[0]
            if last != [plain]:
                last[:] = [plain]
                click.echo(plain, err=True)

        yield tell
        return
    from rich.console import Console

    with Console(stderr=True).status("Starting") as status:
        yield status.update


def _near(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
