"""How is a comparison told?

As text for a terminal and as a page, from the same groups in the same order:
counts first, then settings, because they explain the rest, then figures by
table and words by section.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from qa_lib.problems import SETTINGS, Problem, QAError
from qa_lib.report.open import AUDIENCES
from qa_lib.run.diff import Change, Comparison, name_of
from qa_lib.run.packs import RECORD, Pack
from qa_lib.run.pages import in_common, put, render
from qa_lib.settings.yaml import shown

UNSET = "not set"
HIDDEN = "A figure may be gone because it is hidden now, or new because it was hidden before: small numbers are hidden."
MOST_MARKED = 2_000
Runs = list[tuple[str, bool]]


@dataclass(frozen=True)
class Group:
    """Changes of one sort under a heading; `by_place` has them by table or section."""

    id: str
    title: str
    changes: tuple[Change, ...]

    @property
    def by_place(self) -> Mapping[str, list[Change]]:
        """The changes of each table or section, in order."""
        places: dict[str, list[Change]] = {}
        for change in self.changes:
            places.setdefault(change.where, []).append(change)
        return places


def heading(comparison: Comparison) -> str:
    """What was compared, in one line."""
    first, second = comparison.first.months, comparison.second.months
    return f"{second}: restated" if comparison.same_period else f"{second}: changed since {first}"


def same(comparison: Comparison) -> str:
    """That nothing differs, in one line."""
    names = f"{name_of(comparison.first)} and {name_of(comparison.second)}"
    return f"{names} hold the same figures, words and settings."


def counts(comparison: Comparison) -> tuple[tuple[str, str], ...]:
    """How much differs, by sort."""
    verb = "restated" if comparison.same_period else "changed"
    return (
        ("Figures", _counted(comparison.figures, verb)),
        ("Words", _counted(comparison.words, "changed")),
        ("Settings", f"{len(comparison.settings):,} {'differs' if len(comparison.settings) == 1 else 'differ'}"),
    )


def groups(comparison: Comparison) -> tuple[Group, ...]:
    """What there is to tell, in the order in which it is told."""
    since = "restated" if comparison.same_period else f"changed since {comparison.first.months}"
    kinds = {kind: tuple(c for c in comparison.figures if _kind(c) == kind) for kind in ("changed", "new", "gone")}
    every = (
        Group("settings", "Settings that differ", comparison.settings),
        Group("restated", f"Figures {since}", kinds["changed"]),
        Group("new", "Figures that are new", kinds["new"]),
        Group("gone", "Figures that are gone", kinds["gone"]),
        Group("words", "Words that differ", comparison.words),
    )
    return tuple(group for group in every if group.changes)


def as_text(comparison: Comparison) -> str:
    """The comparison for a terminal; one line where nothing differs."""
    touched = [f"Not as it was when its pack was made: {file}." for file in comparison.touched]
    if not comparison.differs:
        return "\n".join([same(comparison), *touched])
    lines = [heading(comparison)]
    for which, pack in (("First", comparison.first), ("Second", comparison.second)):
        lines.append(f"  {which}: {', '.join(words for _, words in terms(pack))}")
    lines += [f"  {note}" for note in touched]
    lines += ["", *(f"{sort}: {words}." for sort, words in counts(comparison))]
    for group in groups(comparison):
        lines += ["", group.title]
        lines += [HIDDEN] if group.id in {"new", "gone"} else []
        for place, changes in group.by_place.items():
            lines += [f"  {place[:1].upper()}{place[1:]}"] if place else []
            lines += [line for change in changes for line in _lines(change, group.id)]
    return "\n".join(lines)


def write_page(comparison: Comparison, path: Path) -> None:
    """Write the comparison as a page; the same comparison gives the same bytes.

    Raises
    ------
    QAError : exit code 2; the name is not that of a page, or stands in a pack, which never changes.
    """
    if path.suffix.lower() not in {".html", ".htm"} or not path.parent.is_dir() or path.is_dir():
        message, fix = (
            f"{shown(path)} cannot be the page.",
            "Name a file that ends in .html, in a folder that is there.",
        )
        raise QAError([Problem("option", message, fix)], SETTINGS)
    if (path.parent / RECORD).exists():
        message, fix = f"{shown(path)} would stand in a pack, and a pack is never changed.", "Name another folder."
        raise QAError([Problem("option", message, fix)], SETTINGS)
    packs = (comparison.first, comparison.second)
    is_working = any(pack.says("audience") == "working" for pack in packs)
    told = groups(comparison)
    page = render(
        "diff.html.j2",
        title=heading(comparison),
        council=in_common(pack.council for pack in packs),
        colour=in_common(pack.colour for pack in packs),
        marking=AUDIENCES["working"] if is_working else in_common(pack.marking for pack in packs),
        contents=[(group.id, group.title) for group in told],
        packs=list(zip(terms(comparison.first), terms(comparison.second), strict=True)),
        counts=counts(comparison),
        same="" if comparison.differs else same(comparison),
        touched=comparison.touched,
        groups=told,
        hidden=HIDDEN,
        unset=UNSET,
        marked=marked,
    )
    put(page, path)


def terms(pack: Pack) -> tuple[tuple[str, str], ...]:
    """Which pack it is, term by term."""
    asked = (
        ("Title", pack.says("title")),
        ("Pack", name_of(pack)),
        ("Audience", AUDIENCES.get(pack.says("audience"), "")),
        ("Status", pack.says("status")),
        ("Date", pack.as_of),
        ("Run", pack.says("run_id")),
    )
    return tuple((term, words or "not recorded") for term, words in asked)


def marked(was: str, now: str) -> tuple[Runs, Runs]:
    """Two texts in runs, each with whether it differs from the other text.

    >>> marked("75 of 126 audits", "74 of 126 audits")
    ([('75', True), ('of 126 audits', False)], [('74', True), ('of 126 audits', False)])
    """
    old, new = was.split(), now.split()
    if max(len(old), len(new)) > MOST_MARKED:
        return [(was, False)], [(now, False)]
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    before = [(" ".join(old[a:b]), kind != "equal") for kind, a, b, _, _ in steps if a < b]
    after = [(" ".join(new[c:d]), kind != "equal") for kind, _, _, c, d in steps if c < d]
    return before, after


def _kind(change: Change) -> str:
    return "new" if change.was is None else "gone" if change.now is None else "changed"


def _counted(changes: Iterable[Change], verb: str) -> str:
    kinds = [_kind(change) for change in changes]
    return f"{kinds.count('changed'):,} {verb}, {kinds.count('new'):,} new, {kinds.count('gone'):,} gone"


def _lines(change: Change, group: str) -> list[str]:
    if group == "words":
        kind = _kind(change)
        pair = (("was", change.was), ("now", change.now)) if kind == "changed" else ((kind, change.was or change.now),)
        return [f"    {word}: {text}" for word, text in pair]
    was, now = (UNSET if value is None else value for value in (change.was, change.now))
    if group in {"new", "gone"}:
        return [f"    {change.name} ({change.words}): {now if group == 'new' else was}"]
    name = change.name if group == "settings" else f"{change.name} ({change.words})"
    return [f"    {name}: was {was}; now {now}"]
