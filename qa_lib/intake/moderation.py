"""What did a second look find?

A moderator grades an audited file again. A grading here stands beside the
audit's own; how the audit came to be looked at again (`selection`) decides
what may be concluded from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from qa_lib.intake.audits import gradings_of
from qa_lib.intake.reading import Extract
from qa_lib.settings.framework import Framework


@dataclass(frozen=True)
class Moderation:
    """All second looks, checked; each belongs to the period of its audit.

    gradings : `audit_id, moderator, moderated_on, selection, domain, grade`, one row a second look and domain;
        `outcome` where the extracts hold it
    """

    gradings: pd.DataFrame


def moderation_of(extracts: Iterable[Extract], framework: Framework) -> Moderation:
    """The second looks of all moderation files, none of them refused."""
    files = tuple(extracts)
    kept = pd.concat([extract.table for extract in files], ignore_index=True)
    carried = ["audit_id", "moderator", "moderated_on", "selection", "outcome"]
    keys = kept[[column for column in carried if column in kept]]
    return Moderation(gradings_of(kept, keys, framework, files[0].kind))
