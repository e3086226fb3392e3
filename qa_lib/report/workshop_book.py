"""What do the co-ordinator and each auditor get of a workshop?

Working papers, never part of a pack: a workbook with the cases by alias, a sheet
of them for the screen, and whose letter is whose; and the letters, under numbers
dealt out by lot, so that no name is in the name of a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qa_lib.report.cases_to_discuss import cases, reason_words
from qa_lib.report.letters import Profile, letter, profiles
from qa_lib.report.material import Material
from qa_lib.report.pdf import render_pdf
from qa_lib.report.sheets import Papers
from qa_lib.settings.kinds import OVERALL

CASE_HEADS = ("Case", "Audit", "Case number", "Date of audit", "Auditor", "Second auditor", "Why looked at again",
              "First overall grade", "Second overall grade", "Why to discuss")  # fmt: skip
LETTER_HEADS = ("Letter", "Auditor", "Audits graded twice", "Same overall grade", "Severity (grades)", "From", "To")


def write_workshop(material: Material, folder: Path, run_id: str) -> None:
    """Write the working papers of a workshop into the private folder of its run: `workshop.xlsx` and `letters/`.

    The workbook has a sheet of the cases by alias with their numbers, one of aliases and reasons alone for the screen,
    and one that says whose letter is whose.
    """
    told = profiles(material)
    width = max(2, len(str(len(told))))
    names = [f"letter-{number:0{width}d}.pdf" for number in range(1, len(told) + 1)]
    if told:
        (folder / "letters").mkdir(mode=0o700, exist_ok=True)
    for name, profile in zip(names, told, strict=True):
        (folder / "letters" / name).write_bytes(render_pdf(letter(profile, material, run_id)))
    _write_book(material, folder / "workshop.xlsx", list(zip(names, told, strict=True)))


def _write_book(material: Material, path: Path, told: Sequence[tuple[str, Profile]]) -> None:
    table, words = cases(material), reason_words(material.scale)
    why = [". ".join(words[reason] for reason in reasons) for reasons in table["reasons"]]
    people = [
        (name, one.auditor, len(one.audits), int((one.audits["first"] == one.audits["second"]).sum()),
         *("" if np.isnan(value) else round(float(value), 2) for value in (one.severity, one.low, one.high)))
        for name, one in told
    ]  # fmt: skip
    with Papers(path) as papers:
        papers.sheet("Cases", CASE_HEADS, _case_rows(material, table, why))
        papers.sheet("For the screen", ("Case", "Why"), zip(table["alias"], why, strict=True))
        papers.sheet("Letters", LETTER_HEADS, people)


def _case_rows(material: Material, table: pd.DataFrame, why: list[str]) -> list[tuple[Any, ...]]:
    """A row a case for the co-ordinator: alias, audit, case, who graded it when and how, why to discuss it."""
    audits, looks = material.current.set_index("audit_id"), material.second_looks
    looks = looks[looks["domain"] == OVERALL].set_index("audit_id")
    first = material.gradings("current", overall=True).set_index("audit_id")["grade"]
    rows = []
    for alias, audit_id, reasons in zip(table["alias"], table["audit_id"], why, strict=True):
        audit: Any = audits.loc[audit_id]
        look: Any = looks.loc[audit_id] if audit_id in looks.index else {}
        seen = (look.get(column, "") for column in ("moderator", "selection"))
        grades = (first.get(audit_id, ""), look.get("second", ""))
        day, case = audit["audit_date"], audit.get("case_id", "")
        rows.append((alias, audit_id, case, day, audit.get("auditor", ""), *seen, *grades, reasons))
    return rows
