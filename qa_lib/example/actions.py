"""What did Exampleshire promise to do, and what did the register say of it from one quarter to the next?

The action plan answers the eleven recurring issues, one row each; beside them stand an action of an earlier quarter
(Q4), one that answers no issue (L1), and a row for every immediate safeguarding escalation that an audit raised. Five
registers say how things stood at the end of a month: an action is planned until it starts, in progress until it is
done, and nobody's memory is asked for the months before.

What each row is there to show is known (`SHOWS`): an action that worked and one that did not, one too early to tell,
one overdue, and the gaps that registers have. Whether an action worked follows from the truth of the audits and of
the other activities, never from the register.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from qa_lib.example.council import MONTHS, SERVICES
from qa_lib.example.diary import Diary
from qa_lib.example.dice import even
from qa_lib.example.evidence import Observation

ACTION_COLUMNS = (
    "action_id", "concern", "action", "outcome", "owner", "start", "due", "measure", "direction", "status", "evidence",
    "themes", "as_at", "done_on", "asks", "urgent",
)  # fmt: skip
REGISTERS = (date(2013, 1, 31), date(2013, 4, 30), date(2013, 7, 31), date(2013, 10, 31), date(2014, 1, 31))
ONE_IN = 50  # audits, one raises an immediate escalation
LEFT_OPEN = 0.12  # of these
DAYS_TO_CLOSE = (1, 9)  # of the others
NAMED = 3  # observations that an action names as its evidence


@dataclass(frozen=True)
class Action:
    """One action. Its dates stand as written; `done` is the day on which it was, if it was.

    `measure` names a figure of the report that should move in this `direction`; `asks` one that the report before
    put to the Board. `themes` are keys of themes or numbers of the plan.
    """

    action_id: str
    concern: str
    action: str
    outcome: str
    owner: str = ""
    start: str = ""
    due: str = ""
    measure: str = ""
    direction: str = ""
    themes: str = ""
    done: date | None = None
    asks: str = ""
    urgent: str = "No"
    not_begun: bool = False  # planned, whatever the month


PLAN = (
    Action("E1", "Strategy meetings are often held by one agency alone, do not plan the enquiry and are not recorded",
           "First Response managers step in and monitor every meeting",
           "Meetings of all agencies plan a coherent enquiry before a conference is decided on; this is on file",
           "Head of First Response", "December 2012", "", "ledger.strategy_meetings.iro_escalations", "down", "E1",
           done=date(2012, 12, 20)),
    Action("E2", "Files hold no chronology that is up to date",
           "Each service follows a strategy of its own and keeps monitoring it",
           "Every file has a current record of significant events that shows history and patterns",
           measure="themes.chronologies.development", direction="down", themes="chronologies"),
    Action("E3", "Actions are not timely: work drifts and is delayed",
           "Court project with neighbouring boroughs; earlier transfer of child protection cases; adoption plan",
           "Work is finished in a time that makes sense for the child, and time is used well",
           "Head of Safeguarding and Support", "April 2013", "June 2013", "themes.drift_delay.development", "down",
           "E3"),
    Action("E4", "Families wait too long for an answer", "\"Back to basics\" initiative in every team",
           "Fewer complaints about communication; families say that answers come in time",
           "Principal Social Worker", "April 2013", "March 2014", "ledger.timely_response.complaints", "down",
           "timely_response"),
    Action("E5", "Supervision is not always regular or reflective and does not drive the case",
           "New supervision policy and documents; strategy over eighteen months; pilots in five teams",
           "Supervision helps to reflect and analyse, and moves the work on",
           "Head of Safeguarding and Quality Assurance", "January 2013", "February 2013", "by_domain.supervision", "up",
           "E5", done=date(2013, 2, 28), asks="by_domain.supervision"),
    Action("E6", "Families feel it too much when a case is transferred or the worker changes",
           "New transfer point between two services, with its impact monitored",
           "Less impact on families, momentum is kept, and plans last less long",
           "Head of First Response", "April 2013", "", "ledger.transfers.cpa_escalations", "down", "transfers",
           done=date(2013, 6, 28)),
    Action("E7", "Other professionals and families are not challenged enough",
           "Feedback from all sides against the capabilities framework; authoritative practice in training",
           "A more confident workforce that challenges where it should",
           "Head of Learning and Development", due="December 2013", themes="challenge"),
    Action("E8", "Thresholds are not always applied in the same way",
           "Review with all agencies, led by the safeguarding board", "Thresholds are appropriate and proportionate",
           "Chair of the Safeguarding Board", "October 2012", themes="E8", done=date(2013, 1, 31)),
    Action("E9", "It is unclear what the conference and what the core group do for the outline plan",
           "Initiative of the service with the child protection advisors",
           "Roles are carried out in the same way everywhere, with the most that professionals can give",
           "Head of Safeguarding and Quality Assurance", "February 2013", "July 2013", "by_domain.planning", "up",
           "conference_core_group"),
    Action("E10", "Fathers are not always part of assessments and direct work",
           "Training programme with fathers at its centre", "Fathers are part of the work with families",
           "Head of Learning and Development", due="September 2013", measure="themes.fathers.development",
           direction="down", themes="E10", not_begun=True),
    Action("E11", "The early help approach is not yet embedded", "Plan of the council and of the service",
           "Better pathways: families get the right help at the right time", themes="early_help"),
    Action("Q4", "Records are late and do not tell the child's story", "Recording practice clinics in every service",
           "Whoever opens the file understands the story", "Principal Social Worker", "November 2012", "",
           "by_domain.recording", "up", "recording", done=date(2012, 12, 14), asks="by_domain.recording"),
    Action("L1", "It is not always clear who is on call", "New rota for the duty telephone",
           "Whoever rings reaches the worker on duty", "Head of First Response", "October 2012",
           done=date(2012, 11, 30)),
)  # fmt: skip

SHOWS = {
    "E1": "worked, and it lasted: the share in what reviewing officers escalate falls once it is done",
    "E2": "no owner and no dates",
    "E3": "overdue from July 2013",
    "E4": "in progress; what it should bring down still stands high",
    "E5": "did not work: the grades of supervision stand still",
    "E6": "too early to tell in May to July 2013; the share stands still throughout",
    "E7": "no measure",
    "E8": "done, and no measure",
    "E9": "overdue from August 2013; the grades of planning fall, against what was meant",
    "E10": "planned still, and overdue from October 2013",
    "E11": "no owner, no measure and no dates",
    "Q4": "the grades of recording rise, before it was done as well as after",
    "L1": "no theme and no measure",
}


def draw_urgent(rng: np.random.Generator, diary: Diary) -> list[Action]:
    """The immediate escalations that audits raised: one in each fifty audits, on the day of the audit."""
    block = np.arange(len(diary.audit_id)) // ONE_IN
    raised = np.flatnonzero(even(rng, block) < 1 / ONE_IN).tolist()
    left_open = (even(rng, np.zeros(len(raised), dtype=np.int64)) < LEFT_OPEN).tolist()
    days = rng.integers(DAYS_TO_CLOSE[0], DAYS_TO_CLOSE[1] + 1, len(raised)).tolist()
    return [
        Action(
            f"S{number:02d}",
            "Immediate safeguarding escalation from an audit",
            "Told to the head of service on the day, who decides what keeps the child safe now",
            "The child is safe and the file shows how this was made sure",
            f"Head of {SERVICES[diary.service[audit]].name}",
            f"{diary.date[audit].item():%Y-%m-%d}",
            done=None if never else diary.date[audit].item() + timedelta(days=after),
            urgent="Yes",
        )
        for number, (audit, never, after) in enumerate(zip(raised, left_open, days, strict=True), start=1)
    ]


def action_rows(
    urgent: Sequence[Action], observations: Sequence[Observation], as_at: date
) -> Iterator[tuple[str, ...]]:
    """The register as it stood on a day, columns as in `ACTION_COLUMNS`: the plan, then what was urgent until then."""
    for one in (*PLAN, *(raised for raised in urgent if _first_day(raised.start) <= as_at)):
        done = one.done if one.done and one.done <= as_at else None
        evidence = "; ".join(_evidence_of_meetings(observations, as_at)) if one.action_id == "E1" else ""
        yield (
            *(one.action_id, one.concern, one.action, one.outcome, one.owner, one.start, one.due),
            *(one.measure, one.direction, _status(one, as_at), evidence, one.themes),
            *(f"{as_at}", f"{done or ''}", one.asks, one.urgent),
        )


def actions_truth() -> dict[str, Any]:
    """What each action is there to show, as `truth/actions.json` holds it."""
    return {
        "registers": [f"{as_at}" for as_at in REGISTERS],
        "actions": {
            one.action_id: {
                "measure": one.measure,
                "direction": one.direction,
                "done_on": f"{one.done or ''}",
                "shows": SHOWS[one.action_id],
            }
            for one in PLAN
        },
        "urgent": {"one_in_audits": ONE_IN, "left_open": LEFT_OPEN, "days_to_close": list(DAYS_TO_CLOSE)},
    }


def _status(one: Action, as_at: date) -> str:
    """What the register says of an action on a day."""
    if one.done and one.done <= as_at:
        return "Done"
    return "Planned" if one.not_begun or _first_day(one.start) > as_at else "In progress"


def _first_day(start: str) -> date:
    """The first day that a start means; of one that is not written, a day before all others."""
    if not start:
        return MONTHS[0]
    return datetime.strptime(start, "%Y-%m-%d" if start[0].isdigit() else "%B %Y").date()  # noqa: DTZ007


def _evidence_of_meetings(observations: Sequence[Observation], as_at: date) -> list[str]:
    """The first escalations of reviewing officers, after January 2013, that do not speak of strategy meetings."""
    without = (
        one.evidence_id
        for one in observations
        if one.activity == "iro_escalations"
        and REGISTERS[0] < one.day <= as_at
        and "strategy_meetings" not in dict(one.noted)
    )
    return [evidence_id for evidence_id, _ in zip(without, range(NAMED), strict=False)]
