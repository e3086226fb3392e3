"""What arrived, taken together?

All extracts of a report are read and checked, each by itself and then against
each other, before anything is counted: every fault of every file at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from qa_lib.intake.actions import Actions, actions_of
from qa_lib.intake.allocation import Allocation, allocation_of
from qa_lib.intake.audits import Audits, audits_of, no_audits
from qa_lib.intake.caseload import Auditors, Caseload, auditors_of, caseload_of
from qa_lib.intake.evidence import Evidence, evidence_of
from qa_lib.intake.moderation import Moderation, moderation_of
from qa_lib.intake.promises import followed, unknown_themes
from qa_lib.intake.reading import Extract, read_kind
from qa_lib.intake.rules import Rules
from qa_lib.problems import DATA, Problem, QAError
from qa_lib.settings.kinds import KINDS
from qa_lib.settings.report import ReportParams


@dataclass(frozen=True)
class Extracts:
    """Everything that a report was given, checked; a kind that was not given is None. `files` tells of every file.

    `earlier` holds the audits by the tool that the present one replaces.
    """

    audits: Audits
    files: tuple[Extract, ...]
    moderation: Moderation | None = None
    evidence: Evidence | None = None
    actions: Actions | None = None
    caseload: Caseload | None = None
    auditors: Auditors | None = None
    allocation: Allocation | None = None
    earlier: Audits | None = None

    def of_kind(self, name: str) -> tuple[Extract, ...]:
        """The files of one kind, in the order given."""
        return _of_kind(self.files, name)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What was tidied, dropped or left out, over all files."""
        return tuple(problem for extract in self.files for problem in extract.problems)

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Kind and SHA-256 of every extract that was read."""
        return tuple(f"{extract.kind.name} {extract.sha256}" for extract in self.files)


def check_extracts(files: Mapping[str, tuple[Path, ...]], rules: Rules) -> tuple[Extract, ...]:
    """Read and check files by kind, and hold them against each other; nothing is raised."""
    found = [extract for name, kind in rules.kinds.items() for extract in read_kind(kind, files.get(name, ()), rules)]
    extracts = followed(_themes_are_known(_outside_the_frame(_moderated_audits_exist(tuple(found))), rules), rules)
    audits = _of_kind(extracts, "themed") or _of_kind(extracts, "audits")
    counted = [extract for extract in audits if not extract.refused and _current(extract).any()]
    if rules.needs_audits and audits and not counted and not any(extract.refused for extract in audits):
        words = f"no audit has a date in {rules.periods[0].words}." if rules.periods else "it holds no audit."
        fix = "Is this the right extract, and the right period?"
        return tuple(e.with_problem("no_audits", words, fix) if e is audits[0] else e for e in extracts)
    return extracts


def read_extracts(params: ReportParams) -> Extracts:
    """Read and check every extract of a report.

    Raises
    ------
    QAError : exit code 3, with the problems of all files; nothing is counted from any while one is refused.
    """
    framework = params.framework
    files = check_extracts(params.extracts, Rules.of(params))
    if any(extract.refused for extract in files):
        raise QAError([problem for extract in files for problem in extract.problems], DATA)
    given = {name: _of_kind(files, name) for name in (*KINDS, "themed", "earlier")}
    audits = given["themed"] or given["audits"]
    return Extracts(
        audits_of(audits, framework) if audits else no_audits(framework),
        files,
        moderation_of(given["moderation"], framework) if given["moderation"] else None,
        evidence_of(given["evidence"], framework) if given["evidence"] else None,
        actions_of(given["actions"], framework) if given["actions"] else None,
        caseload_of(given["caseload"], framework) if given["caseload"] else None,
        auditors_of(given["auditors"], framework) if given["auditors"] else None,
        allocation_of(given["allocation"], framework) if given["allocation"] else None,
        audits_of(given["earlier"], framework) if given["earlier"] else None,
    )


def _of_kind(extracts: tuple[Extract, ...], name: str) -> tuple[Extract, ...]:
    return tuple(extract for extract in extracts if extract.kind.name == name)


def _current(extract: Extract) -> pd.Series:
    """Which rows lie in the report's own period; none of a file that was not read."""
    return extract.table["period"] == "current" if "period" in extract.table else pd.Series(dtype=bool)


def _moderated_audits_exist(extracts: tuple[Extract, ...]) -> tuple[Extract, ...]:
    """A second look at an audit that no audits file holds is refused."""
    audits = _of_kind(extracts, "audits")
    if not audits or any(extract.ids.empty for extract in audits):
        return extracts
    known = {audit_id for extract in audits for audit_id in extract.ids}

    def told(extract: Extract) -> Extract:
        lost = extract.ids.index[~extract.ids.isin(known) & (extract.ids != "")]
        if extract.kind.name != "moderation" or lost.empty:
            return extract
        fix = "Correct the id, or name the audits file that holds it among the extracts."
        return extract.with_problem(
            "unknown_audit", "no audits file holds an audit with this id.", fix, "audit_id", lost
        )

    return tuple(told(extract) for extract in extracts)


def _themes_are_known(extracts: tuple[Extract, ...], rules: Rules) -> tuple[Extract, ...]:
    """Ready-made themes of other activities that the codebook does not know are told."""
    codebook = rules.codebook
    return tuple(
        unknown_themes(extract, "theme", codebook, "the text is read instead")
        if extract.kind.name == "evidence" and codebook and "theme" in extract.table
        else extract
        for extract in extracts
    )


def _outside_the_frame(extracts: tuple[Extract, ...]) -> tuple[Extract, ...]:
    """Audits of the report's own period whose case stands in no case list are told."""
    lists = _of_kind(extracts, "caseload")
    if not lists or any("case_id" not in extract.table for extract in lists):
        return extracts
    frame = {case for extract in lists for case in extract.table["case_id"].str.casefold()}

    def told(extract: Extract) -> Extract:
        if extract.kind.name != "audits" or extract.refused or "case_id" not in extract.table:
            return extract
        cases = extract.table["case_id"][_current(extract)].str.casefold()
        outside = cases.index[~cases.isin(frame) & (cases != "")]
        if outside.empty:
            return extract
        message = f"{len(outside):,} audited case{'s are' if len(outside) > 1 else ' is'} in no case list."
        fix = "Were they closed before its day, or is the number wrong?"
        return extract.with_problem("outside_frame", message, fix, "case_id", outside, "warning")

    return tuple(told(extract) for extract in extracts)
