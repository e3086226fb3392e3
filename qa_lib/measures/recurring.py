"""Which issues keep coming back?

An issue is recurring by a rule that stands in the framework: several activities
noted it as a need for development within a year, each of them often enough to
count, or it was among the commonest needs of the audits in several of the last
few periods. What fell just short is named as well, so that a Board sees where
the line lies.
"""

from __future__ import annotations

import pandas as pd

from qa_lib.settings.activities import Recurring

RECURRING, JUST_SHORT, NOT_RECURRING = "recurring", "just short", "not recurring"


def notes_it(n: pd.Series[float], of: pd.Series[float], rule: Recurring) -> pd.Series[bool]:
    """Whether an activity notes an issue: often enough, and in a large enough share of its observations.

    `n, of` : counts in twelve months, the same rows; where one is NaN (hidden), it is not known to.

    >>> notes_it(pd.Series([6, 5, 6]), pd.Series([60, 5, 61]), Recurring()).tolist()
    [True, False, False]
    """
    return (n >= rule.observations) & (n >= rule.share * of)


def verdicts(activities: pd.Series[int], periods: pd.Series[int], rule: Recurring) -> pd.Series[str]:
    """Recurring, just short of it by one, or not, one word an issue.

    Parameters
    ----------
    activities : how many activities note the issue, of `notes_it`
    periods : in how many of the last `rule.of_periods` periods it was among the audits' commonest needs
    rule : the framework's

    >>> verdicts(pd.Series([3, 2, 0, 1]), pd.Series([0, 0, 2, 0]), Recurring()).tolist()
    ['recurring', 'just short', 'recurring', 'not recurring']
    """
    found = (activities >= rule.activities) | (periods >= rule.periods)
    short = (activities == rule.activities - 1) | (periods == rule.periods - 1)
    return pd.Series(NOT_RECURRING, index=activities.index).mask(short, JUST_SHORT).mask(found, RECURRING)
