"""What can be asked of each audit, or of each observation of another activity?

An exploration asks the same few things again and again: of which service, in
which month, which grade, which themes noted. Here they are worked out once, as
one array each, so that a new question is answered while the analyst looks. A
notebook never reaches this: it holds raw rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from qa_lib.measures.questions import answers
from qa_lib.measures.tallies import Who
from qa_lib.measures.themes import usable
from qa_lib.report.material import Material
from qa_lib.settings.scale import NOT_RECORDED

WAYS = ("", "strength", "development")
"""How a theme is noted: in any way (what leans neither way among it), as a strength, as a need."""
Words = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Pool:
    """All audits that were read, or all observations of one other activity, in the order of `ids`.

    `months` ("2013-05") and `services` hold a word for each; `says` whether there is a text that says something.
    `given` holds by domain, or by question of a tool, the grade or answer of each; `noted` by theme and way who
    notes it. `texts` are the boxes that say something, one row each (`id, column, text`), `passages` what was found in
    them (`id, column, theme, polarity, text`): private.
    """

    ids: pd.Index[str]
    months: Words
    services: Words
    dates: pd.Series
    says: Who
    given: Mapping[str, Words]
    noted: Mapping[tuple[str, str], Who]
    texts: pd.DataFrame
    passages: pd.DataFrame

    def within(self, months: Collection[str]) -> Who:
        """Those of these months."""
        return self._once(("within", *months), lambda: np.isin(self.months, [*months]))

    def gave(self, of: str, words: tuple[str, ...]) -> Who:
        """Those that were given one of these grades, or answers."""
        return self._once((of, *words), lambda: np.isin(self.given[of], words))

    def of_service(self, service: str) -> Who:
        """Those of a service; of "" all."""
        return self.services == service if service else np.ones(len(self.ids), dtype=bool)

    def _once(self, asked: tuple[str, ...], work: Callable[[], Who]) -> Who:
        """What was asked before is not worked out again."""
        if asked not in self._known:
            self._known[asked] = work()
        return self._known[asked]

    @cached_property
    def _known(self) -> dict[tuple[str, ...], Who]:
        return {}

    def notes(self, theme: str, way: str) -> Who:
        """Those that note a theme in a way; of the theme "" all."""
        return self.noted[theme, way] if theme else np.ones(len(self.ids), dtype=bool)


def audits_pool(material: Material) -> Pool:
    """The report's own audits, of every month that was read."""
    told, tool = material.extracts.audits, material.params.tool
    audits, comments = told.audits, told.comments.rename(columns={"audit_id": "id"})
    ids = pd.Index(audits["audit_id"])
    comments = comments[comments["text"].map(lambda text: usable(text, material.codebook)).astype(bool)]
    if tool:
        found = answers(audits, told.gradings, tool, material.scale).rename(
            columns={"question": "of", "answer": "gave"}
        )
    else:
        found = told.gradings.rename(columns={"domain": "of", "grade": "gave"})
    given = {}
    for of, same in found.groupby("of", observed=True):
        by_id = pd.Series(same["gave"].astype(str).to_numpy(), same["audit_id"])
        given[str(of)] = _words(by_id.reindex(ids, fill_value=NOT_RECORDED))
    return _pool(
        audits.rename(columns={"audit_id": "id", "audit_date": "date"}),
        ids.isin(comments["id"]),
        given,
        material.coded.rename(columns={"audit_id": "id"}),
        comments,
        material,
    )


def activity_pool(material: Material, activity: str) -> Pool:
    """The observations of another activity, which are not graded; what each says is taken as it was noted."""
    noted = material.noted
    base, notes = (table[table["activity"] == activity] for table in (noted.base, noted.notes))
    texts = notes.drop_duplicates(["id", "text"])
    return _pool(base, np.ones(len(base), dtype=bool), {}, notes.assign(column=""), texts.assign(column=""), material)


def _pool(
    rows: pd.DataFrame,
    says: Who,
    given: Mapping[str, Words],
    passages: pd.DataFrame,
    texts: pd.DataFrame,
    material: Material,
) -> Pool:
    ids = pd.Index(rows["id"])
    noted = {}
    for theme in material.codebook.themes:
        of_theme = passages[passages["theme"] == theme]
        for way in WAYS:
            same = of_theme[of_theme["polarity"] == way] if way else of_theme
            noted[theme, way] = ids.isin(same["id"])
    return Pool(
        ids,
        _words(rows["month"]),
        _words(rows["service"]),
        rows["date"].reset_index(drop=True),
        says,
        given,
        noted,
        texts[["id", "column", "text"]],
        passages[["id", "column", "theme", "polarity", "text"]],
    )


def _words(column: pd.Series) -> Words:
    return column.astype(str).to_numpy(dtype=np.str_)
