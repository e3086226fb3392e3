"""Which files Exampleshire hands over, and the truth beside them.

Half of the council's quarters come from a web form (a workbook with question-style headings and real dates),
half from the case system (plain CSV under the canonical names, dates written day first), as happens where a
council changes its way of collecting. Some cells of the forms spell a grade wrongly in one known way. The
caseload comes three times, the auditor list once, for the month after the first of them, the register of actions five
times. Moderation is a CSV a quarter, under the canonical names, with the second looks at the audits of that quarter,
some of them taken in the quarter after; so are the register of the draws, by the day on which a case was allocated,
and what all the other activities observed.

`truth/` holds what is really so and every phrase that was planted. Nothing in it is an extract.

The same arguments give the same bytes on any day, as long as the libraries are the same: the time of making
inside a workbook is fixed. Every room draws from a generator of its own, so that a change in one room leaves
the others' chances alone.
"""

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter

from qa_lib.example.actions import ACTION_COLUMNS, REGISTERS, action_rows, actions_truth, draw_urgent
from qa_lib.example.allocation import COLUMNS as ALLOCATION_COLUMNS
from qa_lib.example.allocation import draw_staff, register_rows
from qa_lib.example.auditors import COLUMNS as AUDITOR_COLUMNS
from qa_lib.example.auditors import draw_auditors
from qa_lib.example.caseload import COLUMNS as CASELOAD_COLUMNS
from qa_lib.example.caseload import SNAPSHOTS, case_list, draw_cases, draw_closings
from qa_lib.example.conflicts import draw_ties
from qa_lib.example.council import AUDITORS, QUARTERS, SERVICES, TEAMS, USUAL_AUDITS, day_first
from qa_lib.example.diary import Diary, audits_by_month, case_id, draw_diary
from qa_lib.example.draws import draw_places, planted
from qa_lib.example.evidence import draw_observations, evidence_truth
from qa_lib.example.gradings import Gradings, draw_gradings, leanings
from qa_lib.example.moderation import COLUMNS as MODERATION_COLUMNS
from qa_lib.example.moderation import draw_second_looks, moderation_rows
from qa_lib.example.observed import EVIDENCE_COLUMNS, PLANTED_COLUMNS, draw_said, evidence_rows, planted_rows
from qa_lib.example.texts import PASSAGE_COLUMNS, Texts, draw_texts, passage_rows
from qa_lib.example.themed import Themed, draw_rounds
from qa_lib.example.truth import MISSPELT_GRADE, RATES, record
from qa_lib.example.words import read_words

FORM_HEADINGS = {
    "audit_id": "Audit reference",
    "case_id": "Case number",
    "audit_date": "Date of audit",
    "service": "Service",
    "team": "Team",
    "auditor": "Auditor",
    "audit_type": "Type of audit",
    "allocated_on": "Date allocated",
    "completed_on": "Date completed",
    "random_pick": "Picked at random?",
    "referral_response": "1. Referral and response",
    "assessment": "2. Assessment",
    "planning": "3. Planning",
    "review": "4. Review",
    "permanence_pathway": "5. Adoption or pathway plan",
    "recording": "6. Recording",
    "supervision": "7. Supervision",
    "management_oversight": "8. Management oversight",
    "direct_work": "9. Direct work",
    "overall_grade": "10. Overall grade",
    "strengths": "What is working well?",
    "areas_for_development": "What needs to improve?",
    "child_view": "What did the child say?",
    "parent_view": "What did parents or carers say?",
    "actions": "Actions agreed",
    "child_spoken_to": "Child spoken to?",
    "parent_spoken_to": "Parent or carer spoken to?",
    "worker_involved": "Social worker took part?",
    "changed_something": "Did what you heard change anything?",
}
"""The columns of the audits under their canonical names, in order, with the headings of the web form."""

_MADE = datetime(2014, 2, 3, tzinfo=UTC)  # the time of making that every workbook states
_FORM_QUARTERS = ("q1", "q3")
Cell = str | date


def write_council(folder: Path, audits: int = USUAL_AUDITS, seed: int = 2013) -> list[Path]:
    """Write the extracts of the invented council, and the truth about them, into `folder`.

    Parameters
    ----------
    folder : where the files go; made if absent, files of the same names are overwritten, others left alone
    audits : finished over all 22 months, 22 to 200,000; the caseload and the plan of each month grow with it
    seed : where chance starts; another seed is another council with the same truth

    Returns
    -------
    The paths written: by quarter audits (`audits_2012_q1.xlsx` or `.csv`), their moderation, the registers of their
    draws (`allocation_2012_q1.csv`) and what the other activities observed (`evidence_2012_q1.csv`);
    `caseload_2013-07.csv` and two later, `auditors_2013-08.csv`, the registers of actions (`actions_2013-01.csv`), the
    themed audits whose tools are there (`themed_domestic_violence_2013.xlsx`); in `truth/`, what was drawn from
    (`truth.json` and others), what each action is there to show (`actions.json`), what was planted where
    (`passages.csv`, `observations.csv`), and whose text tells the opposite of the grades (`mismatch.csv`).

    Raises
    ------
    ValueError : `audits` is outside its range.
    """
    when, what, text, who, slips, again, deep, closing, tied, drawn, staff, panel, seeing, promised = (
        np.random.Generator(np.random.PCG64(seed)).spawn(14)
    )
    diary = draw_diary(when, audits)
    gradings = draw_gradings(what, diary)
    looks = draw_second_looks(again, diary, gradings)
    lexicon = read_words()
    texts = draw_texts(text, diary, gradings, lexicon)
    cases = draw_closings(closing, draw_cases(who, diary))
    ties = draw_ties(tied, cases, diary, gradings, looks)
    listed = draw_auditors(panel, diary, gradings)
    places = draw_places(drawn, diary, cases)
    staffed = draw_staff(staff, places, gradings, looks, ties, listed)
    rounds = list(draw_rounds(deep, lexicon))
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    truth = record(audits, seed, audits_by_month(audits), leanings(), lexicon.sentences["names"])
    mismatched = ((diary.audit_id[audit], tone) for audit, tone in texts.mismatched.items())
    observations = draw_observations(seeing, audits)
    said = draw_said(seeing, observations, lexicon)
    urgent = draw_urgent(promised, diary)
    rows_by_quarter: tuple[tuple[str, Sequence[str], Callable[[int], Iterable[Sequence[str]]]], ...] = (
        ("moderation", MODERATION_COLUMNS, lambda number: moderation_rows(looks, diary, number)),
        ("allocation", ALLOCATION_COLUMNS, lambda number: register_rows(places, staffed, diary, cases, number)),
        ("evidence", EVIDENCE_COLUMNS, lambda number: evidence_rows(said, number)),
    )
    return [
        *_write_audits(folder, diary, gradings, _with_slips(slips, gradings), texts),
        *(
            _write_csv(folder / f"{kind}_{name}.csv", columns, rows(number))
            for kind, columns, rows in rows_by_quarter
            for number, name in enumerate(QUARTERS)
        ),
        *(
            _write_csv(folder / f"caseload_{day:%Y-%m}.csv", CASELOAD_COLUMNS, case_list(cases, ties.names, diary, n))
            for n, day in enumerate(SNAPSHOTS)
        ),
        _write_csv(folder / "auditors_2013-08.csv", AUDITOR_COLUMNS, listed.rows),
        *(
            _write_csv(folder / f"actions_{day:%Y-%m}.csv", ACTION_COLUMNS, action_rows(urgent, observations, day))
            for day in REGISTERS
        ),
        *_write_themed(folder, rounds),
        _write_json(folder / "truth" / "truth.json", truth),
        _write_json(folder / "truth" / "themed.json", {one.round.file: one.truth for one in rounds}),
        _write_json(folder / "truth" / "allocation.json", planted()),
        _write_json(folder / "truth" / "evidence.json", evidence_truth()),
        _write_json(folder / "truth" / "actions.json", actions_truth()),
        _write_csv(folder / "truth" / "passages.csv", PASSAGE_COLUMNS, passage_rows(texts.planted, diary)),
        _write_csv(folder / "truth" / "observations.csv", PLANTED_COLUMNS, planted_rows(said)),
        _write_csv(folder / "truth" / "mismatch.csv", ("audit_id", "tone"), mismatched),
    ]


def _with_slips(rng: np.random.Generator, gradings: Gradings) -> Gradings:
    """The gradings as the forms have them: a few cells of one grade are misspelt, always in the same way."""
    meant, written = MISSPELT_GRADE
    slipped = (gradings.grades == meant) & (rng.random(gradings.grades.shape) < RATES["misspelt_grade"])
    return replace(gradings, grades=np.where(slipped, written, gradings.grades))


def _write_audits(folder: Path, diary: Diary, typed: Gradings, formed: Gradings, texts: Texts) -> list[Path]:
    """One file a quarter, from the web form (`formed`) or from the case system (`typed`) by turns."""
    paths = []
    for number, quarter in enumerate(QUARTERS):
        here = np.flatnonzero(diary.quarter == number).tolist()
        if quarter.endswith(_FORM_QUARTERS):
            paths.append(_write_form(folder / f"audits_{quarter}.xlsx", _rows(diary, formed, texts, here)))
        else:
            rows = map(_plain, _rows(diary, typed, texts, here))
            paths.append(_write_csv(folder / f"audits_{quarter}.csv", list(FORM_HEADINGS), rows))
    return paths


def _write_themed(folder: Path, rounds: Iterable[Themed]) -> list[Path]:
    """The themed audits, from the form that their tool gives; the earliest as the case system has it."""
    paths = []
    for number, one in enumerate(rounds):
        path = folder / f"{one.round.file}{'.xlsx' if number else '.csv'}"
        if number:
            paths.append(_write_form(path, one.rows, one.headings))
        else:
            paths.append(_write_csv(path, one.keys, map(_plain, one.rows)))
    return paths


def _rows(diary: Diary, gradings: Gradings, texts: Texts, audits: list[int]) -> Iterable[list[Cell]]:
    """A row of cells for each of these audits, in the order of `FORM_HEADINGS`."""
    for n in audits:
        finished: date = diary.date[n].item()
        yield [
            diary.audit_id[n],
            case_id(int(diary.case[n])),
            finished,
            SERVICES[diary.service[n]].name,
            TEAMS[diary.team[n]][1],
            AUDITORS[gradings.auditor[n]].name,
            "Light touch",
            diary.allocated[n].item(),
            finished,
            str(gradings.voice["random_pick"][n]),
            *gradings.grades[n].tolist(),
            *(column[n] for column in texts.columns.values()),
            *(str(gradings.voice[column][n]) for column in list(FORM_HEADINGS)[-4:]),
        ]


def _plain(cells: Iterable[Cell]) -> list[str]:
    """A row as the case system writes it."""
    return [day_first(cell) if isinstance(cell, date) else cell for cell in cells]


def _write_form(path: Path, rows: Iterable[list[Cell]], headings: Iterable[str] = FORM_HEADINGS.values()) -> Path:
    """A workbook of one sheet, as a web form exports it: text as text, dates as dates, blank cells absent."""
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        book.set_properties({"title": "Audits", "created": _MADE})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet("Responses")
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                elif cell:
                    sheet.write_string(number, column, cell)
    return path


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    """A UTF-8 file with a heading row; a line ends in the same way on every machine."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def _write_json(path: Path, truth: dict[str, Any]) -> Path:
    """The truth, indented so that a person can read it."""
    path.write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8", newline="\n")
    return path
