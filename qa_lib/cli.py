"""How do I ask?

`qa` reads params files, runs reports and makes an invented council to try it
on. Every refusal says where, what and how to put it right; the exit code says
which step refused: 2 settings, 3 data, 4 notebook, 5 publication.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from qa_lib.problems import PUBLICATION, Problem, QAError, list_of

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
        from qa_lib.run.pack import make_pack
        from qa_lib.run.plan import plan_runs

        for planned in plan_runs(params, outputs, step):
            pack = make_pack(planned, step)
            click.echo(f"{planned.params.title}: {_near(pack / 'report.html')}")


@main.command()
@PARAMS
def check(params: tuple[str, ...]) -> None:
    """Check settings and extracts; run nothing."""
    with _refusals(), _steps() as step:
        from qa_lib.run.plan import plan_runs

        runs = plan_runs(params, None, step)
    for planned in runs:
        audits = planned.audits
        click.echo(f"{planned.name}: nothing to put right.")
        for file, read in audits.rows_read.items():
            left = audits.left_out[audits.left_out["file"] == file]
            reasons = [f"{n:,} ({reason})" for n, reason in zip(left["n"], left["reason"], strict=True)]
            counted = read - int(left["n"].sum())
            out = f"; rows left out: {list_of(reasons)}" if reasons else ""
            click.echo(f"  {file}: {read:,} rows read, {counted:,} counted{out}")
        if planned.caseload:
            click.echo(f"  case list: {len(planned.caseload.cases):,} open cases")
        for note in _notes([*audits.warnings, *(planned.caseload.warnings if planned.caseload else ())]):
            click.echo(f"  Note on {note}")


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


def _notes(warnings: list[Problem]) -> list[str]:
    """Warnings a line each: of one kind in one file, by its columns."""
    columns: dict[tuple[str, str], list[str]] = {}
    plain = []
    for warning in warnings:
        if warning.column:
            columns.setdefault((warning.file, warning.code), []).append(f"{warning.column} ({len(warning.rows):,})")
        else:
            plain.append(f"{warning.file}: {warning.sentence}")
    told = {
        "corrected": "cells corrected as the framework says",
        "tidied": "cells tidied (capitals, spaces)",
        "blank_grade": "blank grades, counted as not recorded",
        "blank_service": "blank services, counted as not recorded",
    }
    return [*plain, *(f"{file}: {told.get(code, code)}: {list_of(found)}." for (file, code), found in columns.items())]


@contextmanager
def _refusals() -> Iterator[None]:
    """A refusal is told in words, with its exit code, and never as a traceback."""
    try:
        yield
    except QAError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except OSError:
        click.echo("A file or folder cannot be read or written. Is there room, and may you write there?", err=True)
        sys.exit(PUBLICATION)


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
