"""How does an analyst ask a question that nobody foresaw?

The only room with widgets. On the left a drop-down for each part of a question, beside them the screen with its
answer: tables whose rows can be copied with their base, interval and source, a form that makes a report of the
question, and one that keeps a note for the commentary.

JupyterLab can save the state of widgets with a notebook, and nothing of a working copy may be saved. So the screen
has no state: the browser asks for what is to be seen, and all that is seen or typed travels in passing messages.
A notebook's other cells show the first answer, which needs no widgets; in a working copy they only say that it is one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from anywidget import AnyWidget
from ipywidgets import Box, Dropdown, VBox

from qa_lib.problems import FAULT, SETTINGS, Problem, QAError, unexpected
from qa_lib.report.blocks import Paragraph, Run, Shown
from qa_lib.report.looks import TITLES
from qa_lib.report.markup import blocks_html

if TYPE_CHECKING:
    from qa_lib.report.choosing import Choice
    from qa_lib.report.exploration import Exploration

KeepNote = Callable[[str, str], str]
"""A heading and the note for it → what was done, in words; raises QAError."""
MakeReport = Callable[["Choice", str], str]
"""What is looked at and a name for the report → what was done, in words; raises QAError."""

ASSETS = Path(__file__).with_name("assets")
MARK = "Working copy: not to be passed on, and not saved with the notebook."
NOT_SAVED = "Working copy: shown on screen only, and not saved."
WITHOUT_WIDGETS = "The controls are shown in JupyterLab."


class Screen(AnyWidget):
    """What stands beside the drop-downs. It has no state of its own: see `explore.js` for what it is sent and sends."""

    _esm = ASSETS / "explore.js"
    _css = ASSETS / "explore.css"


class Controls:
    """The drop-downs and the screen, as a notebook displays them: a view that JupyterLab fills, and no values."""

    def __init__(self, box: Box) -> None:
        self._box = box

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self._box.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, "text/plain": WITHOUT_WIDGETS}


class Explorer:
    """An exploration at work: `controls` for JupyterLab, and its first answer, section by section, for any reader.

    Parameters
    ----------
    exploration : what can be asked, and who is to see it
    keep_note, make_report : what the two forms do; a form is left out where it is None
    headings : those that a note can stand under
    start : what is asked first; the exploration's own start if None
    """

    def __init__(
        self,
        exploration: Exploration,
        keep_note: KeepNote | None = None,
        make_report: MakeReport | None = None,
        headings: tuple[str, ...] = (),
        start: Choice | None = None,
    ) -> None:
        self.exploration = exploration
        self.working = exploration.audience == "working"
        self._keep_note, self._make_report, self._headings = keep_note, make_report, headings
        self._first = exploration.look(start or exploration.start)
        self._menus = {
            field.name: Dropdown(
                options=exploration.options[field.name],
                value=getattr(self._first.choice, field.name),
                description=exploration.heads[field.name],
            )
            for field in fields(self._first.choice)
            if len(exploration.options.get(field.name, ())) > 1
        }
        self._changes = 0
        self._screen = Screen()
        self._screen.on_msg(self._asked)
        for menu in self._menus.values():
            menu.observe(self._changed, "value")
        menus = VBox(tuple(self._menus.values())).add_class("qa-menus")
        self.controls = Controls(Box((menus, self._screen)).add_class("qa-explorer"))

    def __getitem__(self, key: str) -> Shown:
        """A section of the first answer as a page shows it; of a working copy, only that it is one."""
        found = {section.key: section.blocks for section in self._first.sections}
        if key not in found:
            raise KeyError(f"there is no section {key!r}; there are {', '.join(found)}")
        return Shown((Paragraph((Run(NOT_SAVED),)),) if self.working else found[key])

    @property
    def choice(self) -> Choice:
        """What the drop-downs ask at present."""
        return replace(self._first.choice, **{name: menu.value for name, menu in self._menus.items()})

    def _changed(self, _: Any) -> None:
        self._screen.send({"busy": True})
        idle = idle_fields(self.choice)
        for name, menu in self._menus.items():
            menu.disabled = name in idle
        self._answer("look", self._begun)

    def _begun(self) -> dict[str, Any]:
        """What is looked at, in words; the browser then asks for one section after the other, until all are there.

        So the first answer is there at once, and what was chosen meanwhile does not wait for what nobody wants now.
        """
        self._changes += 1
        return {"words": self.exploration.words(self.choice), "keys": list(TITLES), "of": self._changes}

    def _asked(self, _: Screen, message: dict[str, Any], __: Any) -> None:
        """The browser was opened, or a form was sent."""
        if "ask" in message:
            self._screen.send({"frame": self._frame()})
            self._changed(None)
        elif "want" in message:
            if message["of"] == self._changes:
                self._answer("section", partial(self._section, message["want"]))
        elif "note" in message and self._keep_note:
            self._answer("note", partial(self._keep_note, message["heading"], message["note"]))
        elif "report" in message and self._make_report:
            self._answer("report", partial(self._reported, message["report"], self._make_report))

    def _reported(self, name: str, make: MakeReport) -> str:
        """The report of what is looked at, unless there can be none."""
        if why_not := self.exploration.why_no_report(self.choice):
            raise QAError([Problem("no_report", "there can be no report about this.", why_not)], SETTINGS)
        return make(self.choice, name)

    def _section(self, key: str) -> dict[str, Any]:
        """A section as the screen takes it: its HTML, what each row gives to copy, and passages with the last."""
        section = self.exploration.section(self.choice, key)
        passages = self.exploration.passages(self.choice) if key == "passages" else None
        return {
            "key": key,
            "title": section.title,
            "html": blocks_html(section.blocks),
            "copies": {table: list(rows) for table, rows in section.copies.items()},
            "passages": None if passages is None else passages_message(passages),
            "of": self._changes,
        }

    def _answer(self, kind: str, work: Callable[[], Any]) -> None:
        """Send what the work gives; or why there is nothing, in words that quote no cell."""
        try:
            self._screen.send({kind: work()})
        except QAError as error:
            self._refuse(kind, error)
        except Exception as error:  # noqa: BLE001  a message of a library may quote a cell: none is passed on
            self._refuse(kind, unexpected(error, FAULT))

    def _refuse(self, kind: str, error: QAError) -> None:
        words = "\n".join(problem.sentence[:1].upper() + problem.sentence[1:] for problem in error.problems)
        self._screen.send({kind: None, "refused": words})

    def _frame(self) -> dict[str, Any]:
        """What the screen holds whatever is looked at."""
        frame: dict[str, Any] = {
            "mark": MARK if self.working else "",
            "headings": self._headings if self._keep_note else (),
            "report": self._make_report is not None,
        }
        if self.working:
            from itables.widget import ITable

            frame["itables"] = {"esm": str(ITable._esm), "css": str(ITable._css)}  # noqa: SLF001  its code, as it names it
        return frame


def idle_fields(choice: Choice) -> set[str]:
    """The parts of a question that ask nothing beside the others: only audits are graded, only a theme is noted."""
    return ({"domain", "question", "grade", "box"} if choice.activity else set()) | (
        set() if choice.theme else {"polarity"}
    )


def passages_message(passages: pd.DataFrame) -> dict[str, Any]:
    """Passages as `itables` takes them in the browser: every cell escaped, to be searched, sorted and paged."""
    from itables.javascript import get_itables_extension_arguments

    table, other = get_itables_extension_arguments(
        passages,
        showIndex=False,
        allow_html=False,
        maxBytes=0,
        classes="display",
        style="width:100%",
        autoWidth=False,
        lengthMenu=[10, 25, 100],
        layout={"topStart": "search", "topEnd": "pageLength", "bottomStart": "info", "bottomEnd": "paging"},
        language={
            "search": "Search these passages",
            "lengthMenu": "_MENU_ on a page",
            "info": "_START_ to _END_ of _TOTAL_ passages",
            "infoEmpty": "No passages",
            "infoFiltered": "(of _MAX_)",
            "emptyTable": "No passages",
            "zeroRecords": "No passage has these words",
        },
    )
    return {
        "_dt_args": table,
        "_style": other["style"],
        "classes": other["classes"],
        "selected_rows": [],
        "caption": "",
    }
