"""How do we speak to a person at a terminal?

What is going on, where a file is, and why something is refused: in words, never
as a traceback, and with the exit code of the step that refused.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from qa_lib.problems import FAULT, PUBLICATION, QAError, unexpected


@contextmanager
def refusals(*, as_json: bool = False) -> Iterator[None]:
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
    except BrokenPipeError:  # whoever read our words has stopped, as `head` does
        raise
    except OSError:
        click.echo("A file or folder cannot be read or written. Is there room, and may you write there?", err=True)
        sys.exit(PUBLICATION)
    except Exception as error:  # noqa: BLE001  a message of a library may quote a cell: none is passed on
        fault = unexpected(error, FAULT)
        click.echo(str(fault), err=True)
        sys.exit(fault.exit_code)


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
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


def near(path: Path) -> str:
    """A path as it is typed from the working folder, where it lies below that."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
