"""Where are all the reports?

One page, `index.html` in the folder of outputs, lists every pack: by kind, the
newest period first, the newest version of each before its others. It is made
of the run records alone. Whatever is private is neither listed nor read: what
begins with a dot, what a link leads to, working copies, and a pack whose record
does not say who it is for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from qa_lib.problems import SETTINGS, Problem, QAError
from qa_lib.report.open import AUDIENCES
from qa_lib.run.packs import RECORD, VERSION, Pack, latest_of, plain, read_json
from qa_lib.run.pages import in_common, put, render
from qa_lib.run.plan import VERSION as NO_NAME
from qa_lib.settings.yaml import shown

NAME = "index.html"
FILES = (("report.html", "Read the report"), ("report.pdf", "PDF to print"), ("tables.xlsx", "Tables (XLSX)"))
SILENT = "not recorded"
OTHER = "Other reports"


@dataclass(frozen=True)
class Version:
    """One version as the page shows it: its words, and the way to its files."""

    pack: Pack

    @property
    def title(self) -> str:
        """The report's title, or the name of its folder."""
        return self.pack.says("title") or plain(self.pack.name)

    @property
    def version(self) -> str:
        """Its number, such as "v002"."""
        return self.pack.version

    @property
    def findings(self) -> tuple[str, ...]:
        """What its first page found."""
        return self.pack.findings

    @property
    def terms(self) -> tuple[tuple[str, str], ...]:
        """What stands in the report's title block, as far as it is recorded."""
        pack = self.pack
        terms = (
            ("Period", pack.months),
            ("Audience", AUDIENCES[pack.says("audience")]),
            ("Status", pack.says("status")),
            ("Date", pack.as_of),
            ("Version", pack.version),
            ("Run", pack.says("run_id")),
            ("Folder", plain(pack.name)),
        )
        return tuple((term, words or SILENT) for term, words in terms)

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Address, seen from the page, and words for each file that is there."""
        there = [(name, words) for name, words in FILES if _is_plain_file(self.pack.folder / name)]
        home = quote(os.fsencode(f"{self.pack.name}/{self.pack.version}"))
        return tuple((f"{home}/{name}", words) for name, words in there)


@dataclass(frozen=True)
class Listed(Version):
    """A report: its newest version, and the others, newest first."""

    others: tuple[Version, ...]


@dataclass(frozen=True)
class Kind:
    """The reports that one notebook made."""

    id: str
    words: str
    reports: tuple[Listed, ...]


def make_index(outputs: Path) -> Path:
    """Make the page of every pack below a folder of outputs, over the one before; returns the page's place.

    The same packs give the same bytes.

    Raises
    ------
    QAError : exit code 2; there is no such folder, or it is a private one.
    """
    if not outputs.is_dir() or ".private" in outputs.resolve().parts:
        message = f"{shown(outputs)} is no folder of outputs."
        fix = "Name one with --outputs: the folder into which `qa run` puts its packs."
        raise QAError([Problem("outputs", message, fix)], SETTINGS)
    packs, unreadable = _packs_below(outputs)
    kinds = _kinds(_listed(packs))
    newest = [report.pack for kind in kinds for report in kind.reports]
    contents = [(kind.id, kind.words) for kind in kinds]
    page = render(
        "index.html.j2",
        title="Reports",
        council=in_common(pack.council for pack in newest),
        colour=in_common(pack.colour for pack in newest),
        marking=in_common(pack.marking for pack in newest),
        contents=[*contents, ("unreadable", "What cannot be read")] if unreadable else contents,
        kinds=kinds,
        unreadable=unreadable,
    )
    put(page, outputs / NAME)
    return outputs / NAME


def outputs_here() -> Path:
    """The folder of outputs where the command is given, or beside `params` in the nearest folder above."""
    here = Path.cwd()
    homes = [home for home in (here, *here.parents) if (home / "params").is_dir()]
    return here / "outputs" if (here / "outputs").is_dir() or not homes else homes[0] / "outputs"


def _packs_below(outputs: Path) -> tuple[list[Pack], list[str]]:
    """Every pack that may be listed, and the names of those whose record cannot be relied on."""
    packs, unreadable = [], []
    for folder, below, _ in os.walk(outputs):
        at = Path(folder)
        inside = sorted(name for name in below if not name.startswith(".") and not (at / name).is_symlink())
        below[:] = [name for name in inside if not NO_NAME.fullmatch(name.casefold())]
        if at == outputs:
            continue
        name = at.relative_to(outputs).as_posix()
        for pack in (Pack(at / version, name, read_json(at / version / RECORD)) for version in filter(_counts, inside)):
            audience = pack.says("audience")
            if audience not in AUDIENCES:
                unreadable.append(plain(f"{name}/{pack.version}"))
            elif audience != "working":
                packs.append(pack)
    return packs, sorted(unreadable)


def _counts(name: str) -> bool:
    return VERSION.fullmatch(name) is not None


def _listed(packs: Iterable[Pack]) -> Iterator[Listed]:
    """The packs, those of one name together."""
    by_name: dict[str, list[Pack]] = {}
    for pack in packs:
        by_name.setdefault(pack.name, []).append(pack)
    for versions in by_name.values():
        latest = latest_of(versions[0].folder.parent)
        versions.sort(key=lambda pack: (pack.version != latest, -int(pack.version[1:])))
        yield Listed(versions[0], tuple(Version(pack) for pack in versions[1:]))


def _kinds(reports: Iterable[Listed]) -> tuple[Kind, ...]:
    by_kind: dict[str, list[Listed]] = {}
    for report in reports:
        words = report.pack.says("notebook").replace("_", " ").strip()
        by_kind.setdefault(words[:1].upper() + words[1:] or OTHER, []).append(report)
    return tuple(
        Kind(f"kind-{number}", words, tuple(sorted(by_kind[words], key=_newest_first)))
        for number, words in enumerate(sorted(by_kind, key=lambda words: (words == OTHER, words)), start=1)
    )


def _newest_first(report: Listed) -> tuple[int, int, str, str]:
    period = report.pack.period
    days = (-period.end.toordinal(), -period.start.toordinal()) if period else (0, 0)
    return (*days, report.title, report.pack.name)


def _is_plain_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
