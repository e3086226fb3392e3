"""What was planned, done, heard?

How many audits the programme completed against its plan, how they lie over the
services beside the open cases, and whose voice the auditors heard.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from qa_lib.measures.shares import count_shares

VOICES = ("child_spoken_to", "parent_spoken_to", "worker_involved", "changed_something")


def completion(audits: pd.DataFrame, months: list[str], allocated_a_month: int) -> pd.DataFrame:
    """Audits completed against the plan, a row a month and one for the whole period ("all").

    Parameters
    ----------
    audits : one row an audit, with `month` ("2013-05")
    months : the months of the period, in order
    allocated_a_month : cases that the plan allocates each month

    Returns
    -------
    Measure table: `n` audits completed, `of` planned, `share` n / of (above 1
    if more were done than planned); no interval, as nothing is sampled here.
    """
    done = audits["month"].value_counts().reindex(months, fill_value=0)
    n = [*done.to_list(), int(done.sum())]
    of = [*(allocated_a_month for _ in months), allocated_a_month * len(months)]
    table = pd.DataFrame({"group": [*months, "all"], "n": n, "of": of, "left_out": 0})
    return table.assign(share=table["n"] / table["of"], low=np.nan, high=np.nan)


def coverage(audits: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Audits of each service beside its open cases, and for the whole ("all").

    Returns
    -------
    Measure table: `n` audits, `of` open cases, `share` n / of; no interval.
    """
    n, of = audits["service"].value_counts(), cases["service"].value_counts()
    services = [service for service in audits["service"].cat.categories if n.get(service, 0) or of.get(service, 0)]
    table = pd.DataFrame(
        {"group": services, "n": [n.get(s, 0) for s in services], "of": [of.get(s, 0) for s in services]}
    )
    whole = pd.DataFrame({"group": ["all"], "n": [len(audits)], "of": [len(cases)]})
    table = pd.concat([table, whole], ignore_index=True).assign(left_out=0)
    return table.assign(share=table["n"] / table["of"].replace(0, np.nan), low=np.nan, high=np.nan)


def voice(audits: pd.DataFrame) -> pd.DataFrame:
    """Whose voice was heard: a row for each of `VOICES` that the extracts hold.

    Returns
    -------
    Measure table: `n` audits that say yes, `of` yes or no, `left_out` not
    appropriate or not recorded.
    """
    asked = [column for column in VOICES if column in audits]
    answers = audits.melt(value_vars=asked, var_name="question", value_name="answer")
    answers["question"] = pd.Categorical(answers["question"], asked, ordered=True)
    return count_shares(answers, answers["answer"].eq("Yes"), answers["answer"].isin(["Yes", "No"]), "question")
