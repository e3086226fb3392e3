"""What was planned, done, heard?

How many audits the programme completed against its plan, how they lie over the
services beside the open cases, and whose voice the auditors heard.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from qa_lib.measures.shares import count_shares, counted_whole
from qa_lib.settings.codebook import bare

VOICES = ("child_spoken_to", "parent_spoken_to", "worker_involved", "changed_something")
NOTHING_CHANGED = ("no", "no change", "no changes", "nothing changed", "not changed", "unchanged")
"""Outcomes in words that say that nothing came of it."""


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
    return counted_whole(pd.DataFrame({"group": [*months, "all"], "n": n, "of": of}))


def months_to(last: str, months: int) -> list[str]:
    """So many months in order, up to and with `last`.

    >>> months_to("2013-02", 3)
    ['2012-12', '2013-01', '2013-02']
    """
    year, month = map(int, last.split("-"))
    end = year * 12 + month - 1
    return [f"{at // 12}-{at % 12 + 1:02d}" for at in range(end - months + 1, end + 1)]


def year_so_far(last: str, year_starts: int) -> list[str]:
    """The months of the programme's year up to and with `last`; the year begins with the month `year_starts`.

    >>> year_so_far("2013-02", year_starts=12)
    ['2012-12', '2013-01', '2013-02']
    """
    return months_to(last, (int(last.split("-")[1]) - year_starts) % 12 + 1)


def completed(audits: pd.DataFrame, spans: Mapping[str, list[str]], allocated_a_month: int) -> pd.DataFrame:
    """Audits completed in spans of months, which may overlap, against the plan for as many months.

    Parameters
    ----------
    audits : one row an audit, with `month` ("2013-05")
    spans : the months of each span, by its name
    allocated_a_month : cases that the plan allocates each month

    Returns
    -------
    Measure table, a row a span: `n` audits completed, `of` planned, `share` n / of; no interval. `fewest` is the
    number of audits in that month of the span which has the fewest, months without any aside (0: none has any).

    Example
    -------
    >>> audits = pd.DataFrame({"month": ["2013-05", "2013-06", "2013-06"]})
    >>> completed(audits, {"month": ["2013-06"], "year": ["2013-05", "2013-06"]}, 2)[["group", "n", "of", "fewest"]]
       group  n  of  fewest
    0  month  2   2       2
    1   year  3   4       1
    """
    a_month = audits["month"].value_counts()
    each = {name: a_month[a_month.index.isin(months)] for name, months in spans.items()}
    table = pd.DataFrame(
        {
            "group": list(spans),
            "n": [int(counts.sum()) for counts in each.values()],
            "of": [allocated_a_month * len(months) for months in spans.values()],
            "fewest": [int(counts.min()) if len(counts) else 0 for counts in each.values()],
        }
    )
    return counted_whole(table)


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
    return counted_whole(pd.concat([table, whole], ignore_index=True))


def came_of(
    audits: pd.DataFrame, observations: pd.DataFrame, own: str, voices: Sequence[str], ignore: Collection[str]
) -> pd.DataFrame:
    """Whether something changed after people were heard: by the audits, and in each activity that is their voice.

    Parameters
    ----------
    audits : one row an audit; `changed_something` says Yes or No
    observations : one row an observation: `activity`, and `outcome`, in words: "No change" and the like say that
        nothing came of it, a blank one or one of `ignore` that it is not known
    own, voices : the activity that is the audits, and those that are voices

    Returns
    -------
    Measure table, a row an activity that says anything of outcomes: `n` something changed, `of` the outcome is known,
    `left_out` not known.
    """
    told = []
    if "changed_something" in audits:
        told.append(audits[["changed_something"]].set_axis(["said"], axis=1).assign(group=own))
    if "outcome" in observations:
        heard = observations[observations["activity"].isin(voices)]
        said = heard["outcome"].fillna("").map(lambda words: _changed(str(words), ignore))
        told.append(pd.DataFrame({"said": said, "group": heard["activity"].astype(str)}))
    rows = pd.concat(told, ignore_index=True) if told else pd.DataFrame(columns=["said", "group"])
    held = [key for key in (own, *voices) if (rows["group"] == key).any()]
    rows["group"] = pd.Categorical(rows["group"], held, ordered=True)
    return count_shares(rows, rows["said"].eq("Yes"), rows["said"].isin(["Yes", "No"]), "group")


def _changed(words: str, ignore: Collection[str]) -> str:
    said = bare(words)
    return "" if said in {"", *ignore} else "No" if said in NOTHING_CHANGED else "Yes"


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
