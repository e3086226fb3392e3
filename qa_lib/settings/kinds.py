"""What may each file hold?

Seven kinds of extract, each with its canonical columns and what a column's cells
are. Everything else about an extract follows from this table: which columns
are read, which rule checks them, what a form's heading may be mapped to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Several:
    """A cell may hold several of these words, parted by ";"."""

    words: tuple[str, ...]


Holds = str | tuple[str, ...] | Several
"""What the cells of a column are: one of the names below, the word or the words allowed."""

ID = "id"  # text as typed, filled
TEXT = "text"  # anything
FILLED = "filled text"
DAY = "day"  # a date, not after the report's own
ANY_DAY = "any day"  # a date, which may lie ahead
LOOSE_DAY = "loose day"  # a date, a month, or months
NUMBER = "whole number"
GRADE = "grade"
SERVICE = "service"
ACTIVITY = "activity"
YES_NO = ("Yes", "No", "Not appropriate")
YES_PARTLY_NO = ("Yes", "Partly", "No", "Not applicable")

OVERALL = "overall_grade"
TEXT_COLUMNS = ("strengths", "areas_for_development", "child_view", "parent_view", "actions")
YES_NO_COLUMNS = (
    "child_spoken_to",
    "parent_spoken_to",
    "worker_involved",
    "changed_something",
    "random_pick",
)


@dataclass(frozen=True)
class Kind:
    """One kind of extract.

    `columns` maps each canonical column to what it holds; the domains of a
    council are added to kinds with grades. `identity` names the columns that
    together may stand once, over all files of the kind where `once` is true,
    else in each file. `day` is the column that decides a row's period; a second
    look has none: it belongs to its audit, whenever that was looked at again.
    `texts` are the columns of comments. What a themed audit's tool adds: the
    `headings` of its form, the rows to `keep`, whether rows without an id are
    `numbered`, whether `short_years` are read (18/07/22), and the keys of the
    `periods` that its rows may lie in (all, if none is named).
    """

    name: str
    columns: Mapping[str, Holds]
    required: tuple[str, ...]
    identity: tuple[str, ...]
    day: str = ""
    once: bool = False
    graded: bool = False
    texts: tuple[str, ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict)
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    numbered: bool = False
    short_years: bool = False
    periods: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The column that names a row."""
        return self.identity[0]


AUDITS = Kind(
    "audits",
    {
        "audit_id": ID,
        "case_id": TEXT,
        "audit_date": DAY,
        "service": SERVICE,
        "team": TEXT,
        "auditor": TEXT,
        "audit_type": TEXT,
        OVERALL: GRADE,
        **dict.fromkeys(TEXT_COLUMNS, TEXT),
        "allocated_on": DAY,
        "completed_on": DAY,
        **dict.fromkeys(YES_NO_COLUMNS, YES_NO),
    },
    required=("audit_id", "audit_date"),
    identity=("audit_id",),
    day="audit_date",
    once=True,
    graded=True,
    texts=TEXT_COLUMNS,
)
MODERATION = Kind(
    "moderation",
    {
        "audit_id": ID,
        "moderator": FILLED,
        "moderated_on": DAY,
        "selection": ("random", "risk", "contested"),
        OVERALL: GRADE,
        "outcome": TEXT,
    },
    required=("audit_id", "moderator", "moderated_on", "selection"),
    identity=("audit_id",),
    once=True,
    graded=True,
)
EVIDENCE = Kind(
    "evidence",
    {
        "evidence_id": ID,
        "activity": ACTIVITY,
        "date": DAY,
        "service": SERVICE,
        "theme": TEXT,
        "text": TEXT,
        "polarity": ("strength", "development"),
        "outcome": TEXT,
    },
    required=("evidence_id", "activity", "date"),
    identity=("evidence_id", "activity"),
    day="date",
    once=True,
)
ACTIONS = Kind(
    "actions",
    {
        "action_id": ID,
        "concern": FILLED,
        "action": FILLED,
        "outcome": FILLED,
        "owner": TEXT,
        "start": LOOSE_DAY,
        "due": LOOSE_DAY,
        "measure": TEXT,
        "direction": ("up", "down"),
        "status": TEXT,
        "evidence": TEXT,
        "themes": TEXT,
        "as_at": DAY,
        "done_on": DAY,
        "asks": TEXT,
        "urgent": YES_NO,
    },
    required=("action_id", "concern", "action", "outcome"),
    identity=("action_id",),
)
CASELOAD = Kind(
    "caseload",
    {
        "case_id": ID,
        "service": SERVICE,
        "as_at": DAY,
        "team": TEXT,
        "worker": TEXT,
        "manager": TEXT,
        "earlier_workers": TEXT,
        "chair": TEXT,
        "reviewer": TEXT,
        "family_id": TEXT,
        "category": TEXT,
        "opened": DAY,
        "closed": DAY,
        "last_audited": DAY,
        "restricted": YES_NO,
    },
    required=("case_id", "service", "as_at"),
    identity=("case_id", "as_at"),
    once=True,
)
AUDITORS = Kind(
    "auditors",
    {
        "auditor": ID,
        "service": SERVICE,
        "team": TEXT,
        "role": TEXT,
        "phase": TEXT,
        "capacity": NUMBER,
        "leave_from": ANY_DAY,
        "leave_to": ANY_DAY,
        "lead": YES_NO,
    },
    required=("auditor", "service"),
    identity=("auditor",),
)
ALLOCATION = Kind(
    "allocation",
    {
        "case_id": ID,
        "service": SERVICE,
        "allocated_on": ANY_DAY,
        "due": ANY_DAY,
        "status": ("allocated", "excluded", "replaced"),
        "reason": TEXT,
        "replaces": TEXT,
        "team": TEXT,
        "category": TEXT,
        "auditor": TEXT,
        "paired_with": TEXT,
        "second_auditor": TEXT,
        "started_on": DAY,
        "eligible": NUMBER,
        "drawn": NUMBER,
        "draw": TEXT,
    },
    required=("case_id", "service", "allocated_on"),
    identity=("case_id", "allocated_on"),
    day="allocated_on",
    once=True,
)
KINDS = {kind.name: kind for kind in (AUDITS, MODERATION, EVIDENCE, ACTIONS, CASELOAD, AUDITORS, ALLOCATION)}
