"""What are a report's tables measured from?

The checked extracts, cut to the periods and to the questions that tables ask.
A notebook never reaches this: it holds raw rows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from qa_lib.intake.audits import Audits
from qa_lib.intake.extracts import Extracts
from qa_lib.measures.completion import progress
from qa_lib.measures.observations import Noted, noted
from qa_lib.measures.questions import answers
from qa_lib.measures.themes import passages, usable
from qa_lib.report.drawing import Drawing, drawing_of
from qa_lib.settings.codebook import Codebook, bare
from qa_lib.settings.kinds import OVERALL
from qa_lib.settings.period import Period
from qa_lib.settings.report import ReportParams
from qa_lib.settings.scale import GradeScale


@dataclass(frozen=True)
class Material:
    """What measures are taken from: never reachable from a notebook."""

    params: ReportParams
    extracts: Extracts
    read: pd.DataFrame | None = None
    """`coded`, where it was worked out before."""

    def of_period(self, period: Period) -> Material:
        """The same audits as a report of that period has them, with no other to compare with."""

        def relabelled(table: pd.DataFrame) -> pd.DataFrame:
            inside = table["month"].isin(period.month_keys)
            return table.assign(period=inside.map({True: "current", False: "trend"}))

        told = self.extracts.audits
        audits = Audits(*(relabelled(table) for table in (told.audits, told.gradings, told.comments)))
        now = audits.audits.loc[audits.audits["period"] == "current", "audit_id"]
        inside = self.coded["audit_id"].isin(now)
        coded = self.coded.assign(period=inside.map({True: "current", False: "trend"}))
        params = replace(self.params, periods=(replace(period, key="current"),))
        return Material(params, replace(self.extracts, audits=audits), coded)

    @property
    def scale(self) -> GradeScale:
        """The council's grades."""
        return self.params.framework.scale

    def gradings(self, *periods: str, overall: bool) -> pd.DataFrame:
        """Gradings of these periods: the overall grade, or the domains."""
        table = self.extracts.audits.gradings
        wanted = table["period"].isin(periods) & (table["domain"].astype(str).eq(OVERALL) == overall)
        found = table[wanted].copy()
        found["domain"] = found["domain"].cat.remove_unused_categories()
        return found

    def rolling(self, months: Collection[str], overall: bool) -> pd.DataFrame:
        """Gradings of these months, whatever period they belong to: the overall grade, or the domains."""
        keys = {str(period) for period in self.extracts.audits.gradings["period"].unique()}
        found = self.gradings(*keys, overall=overall)
        return found[found["month"].isin(months)]

    @property
    def current(self) -> pd.DataFrame:
        """The audits of the report's own period."""
        audits = self.extracts.audits.audits
        return audits[audits["period"] == "current"]

    @property
    def comments(self) -> pd.DataFrame:
        """What auditors wrote in the report's own period."""
        comments = self.extracts.audits.comments
        return comments[comments["period"] == "current"]

    @cached_property
    def drawing(self) -> Drawing:
        """The draw that the report is about."""
        return drawing_of(self.params, self.extracts)

    @cached_property
    def coded(self) -> pd.DataFrame:
        """Every passage of what auditors wrote in any period, with the rule that found it."""
        return passages(self.extracts.audits.comments, self.codebook) if self.read is None else self.read

    @cached_property
    def passages(self) -> pd.DataFrame:
        """Those of the report's own period."""
        return self.coded[self.coded["period"] == "current"].reset_index(drop=True)

    @cached_property
    def noted(self) -> Noted:
        """What the audits and all other activities noted, in every month up to the end of the report's period."""
        told, framework = self.extracts.audits, self.params.framework
        says = told.comments["text"].map(lambda text: usable(text, self.codebook)).astype(bool)
        audits = told.audits[told.audits["audit_id"].isin(told.comments["audit_id"][says])]
        evidence = self.extracts.evidence
        found = noted(audits, self.coded, evidence.observations if evidence else None, self.codebook, framework)
        until = f"{self.params.period.end:%Y-%m}"
        return Noted(*(table[table["month"] <= until] for table in (found.base, found.notes)))

    @property
    def codebook(self) -> Codebook:
        """The council's codebook; a themed audit's tool says which way its own boxes lean, and what says nothing."""
        codebook, tool = self.params.codebook, self.params.tool
        if tool is None:
            return codebook
        boxes = {key: question.box for key, question in tool.questions.items() if question.type == "text"}
        return codebook.model_copy(update={"boxes": boxes, "ignore": (*codebook.ignore, *map(bare, tool.ignore))})

    @cached_property
    def answers(self) -> pd.DataFrame:
        """The answers to a tool's questions that test a standard, in the report's own period."""
        tool = self.params.tool
        return answers(self.current, self.extracts.audits.gradings, tool, self.scale) if tool else pd.DataFrame()

    @cached_property
    def earlier_answers(self) -> pd.DataFrame:
        """The same of the tool that the present one replaces, under the keys that its questions had."""
        tool, earlier = self.params.earlier_tool, self.extracts.earlier
        return answers(earlier.audits, earlier.gradings, tool, self.scale) if tool and earlier else pd.DataFrame()

    @property
    def comment_base(self) -> pd.DataFrame:
        """`audit_id, has_text` of each audit of the period: whether at least one box says something."""
        says = self.comments["text"].map(lambda text: usable(text, self.codebook)).astype(bool)
        audits = self.current["audit_id"]
        return pd.DataFrame({"audit_id": audits, "has_text": audits.isin(self.comments["audit_id"][says])})

    @cached_property
    def progress(self) -> pd.DataFrame | None:
        """What became of every case drawn, up to the end of the period; None without a register, or without case ids.

        Cases of all periods: `period` says when a case was allocated.
        """
        allocation, audits, looks = self.extracts.allocation, self.extracts.audits.audits, self.extracts.moderation
        if allocation is None or "case_id" not in audits:
            return None
        cases = allocation.cases
        if "started_on" in cases:
            until = pd.Timestamp(self.params.period.end)
            cases = cases.assign(started_on=cases["started_on"].where(cases["started_on"] <= until))
        return progress(cases, audits, looks.gradings if looks else None)

    @cached_property
    def second_looks(self) -> pd.DataFrame:
        """Second looks at audits of every period that was given, one row an audit and domain that both graded or left.

        `audit_id, period, domain, first, second, selection, moderator, moderated_on`; `outcome` and the first `auditor`
        where the extracts hold them, else "".
        """
        first, held = self.extracts.audits.gradings, self.extracts.audits.audits
        columns = ["audit_id", "period", "domain", "first", "second", "selection", "moderator", "moderated_on"]
        columns += ["outcome", "auditor"]
        if self.extracts.moderation is None:
            return pd.DataFrame(columns=columns)
        second = self.extracts.moderation.gradings.rename(columns={"grade": "second"})
        auditors = dict(zip(held["audit_id"], held["auditor"].fillna(""), strict=True)) if "auditor" in held else {}
        first = first.rename(columns={"grade": "first"})
        first["auditor"] = [auditors.get(audit_id, "") for audit_id in first["audit_id"]]
        second = second.assign(outcome=second["outcome"].fillna("") if "outcome" in second else "")
        key = {
            "key": lambda table: table["audit_id"].str.casefold(),
            "domain": lambda table: table["domain"].astype(str),
        }
        told = ["key", "domain", "second", "selection", "moderator", "moderated_on", "outcome"]
        return first.assign(**key).merge(second.assign(**key)[told], on=["key", "domain"])[columns]

    @property
    def pairs(self) -> pd.DataFrame:
        """Second looks at audits of the report's own period: `audit_id, domain, first, second, selection`."""
        looks = self.second_looks[self.second_looks["period"] == "current"]
        return looks[["audit_id", "domain", "first", "second", "selection"]].reset_index(drop=True)

    @property
    def one_audit_a_case(self) -> pd.DataFrame:
        """The audits of the report's own period; of a case that was audited again in it, the latest alone.

        Case numbers are compared without regard to capitals; an audit without one is of a case of its own.
        """
        if "case_id" not in self.current:
            return self.current
        by_day = self.current.sort_values("audit_date", kind="stable")
        cases = by_day["case_id"].fillna("").str.casefold()
        audited_again = cases.duplicated(keep="last") & (cases != "")
        return self.current[~audited_again.reindex(self.current.index)]
