"""Which cases are worth discussing in a workshop, and why?

A case is worth the time of a room full of auditors where two of them saw it
differently, where a grade was contested, or where what was written does not go
with the grade that was given. None of these is a fault: each is a reason to
open the file together.

Cases go by aliases (Case A, Case B, ...), dealt out by lot and not by date or
number. The lot is seeded by the fingerprints of the extracts, so whoever has
not got these cannot deal again; a corrected extract deals anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from qa_lib.measures.lots import number
from qa_lib.measures.shares import MEASURES
from qa_lib.report.material import Material
from qa_lib.report.merging import is_small
from qa_lib.settings.kinds import OVERALL
from qa_lib.settings.scale import GradeScale

RANDOM, RISK, CONTESTED = "random", "risk", "contested"
"""How an audit came to be looked at again."""
MOVED, SEVERAL, LOWEST, WORDS = "moved", "several", "lowest", "words"
REASONS = (MOVED, SEVERAL, LOWEST, CONTESTED, WORDS)
MANY_DOMAINS = 3
"""Domains that two auditors graded otherwise, from which a case is worth discussing."""
ALL_NEEDS = 2
"""Themes noted as a need, and none as a strength, from which words contradict a grade that is good or better."""


def reason_words(scale: GradeScale) -> dict[str, str]:
    """Each reason in words; the lowest grade by the council's own name."""
    return {
        MOVED: "The overall grades differ",
        SEVERAL: "The grades differ in several domains",
        LOWEST: f"{scale.labels[-1]} overall to one auditor and not to the other",
        CONTESTED: "The grade was contested",
        WORDS: "Words and grade do not go together",
    }


def looked_at(material: Material) -> pd.DataFrame:
    """Every audit of the period, with the reasons that make it worth discussing.

    Returns
    -------
    DataFrame, one row an audit: `audit_id`; `selection` ("" without a second look); what it could be judged by:
    `both` (two overall grades on the scale), `domains` (how many domains have two), `graded` (an overall grade, and
    words that say something); and a column of yes or no for each of `REASONS`.
    """
    scale, looks = material.scale, material.pairs
    audits = material.current["audit_id"]
    on_scale = looks["first"].isin(scale.labels) & looks["second"].isin(scale.labels)
    differs = on_scale & (looks["first"].astype(str) != looks["second"].astype(str))
    overall, lowest = looks["domain"] == OVERALL, scale.labels[-1]
    one_lowest = (looks["first"] == lowest) != (looks["second"] == lowest)
    flags = pd.DataFrame(
        {
            "audit_id": looks["audit_id"],
            "both": overall & on_scale,
            "domains": ~overall & on_scale,
            MOVED: overall & differs,
            SEVERAL: ~overall & differs,
            LOWEST: overall & differs & one_lowest,
        }
    )
    counts = flags.groupby("audit_id").sum().reindex(audits, fill_value=0)
    selection = dict(zip(looks["audit_id"], looks["selection"], strict=True))
    table = pd.DataFrame({"audit_id": audits.to_list(), "selection": [selection.get(one, "") for one in audits]})
    table["both"], table["domains"] = counts["both"].to_numpy() > 0, counts["domains"].to_numpy()
    table["graded"], table[WORDS] = _words_and_grade(material, audits)
    table[MOVED], table[LOWEST] = counts[MOVED].to_numpy() > 0, counts[LOWEST].to_numpy() > 0
    table[SEVERAL] = counts[SEVERAL].to_numpy() >= MANY_DOMAINS
    table[CONTESTED] = table["selection"] == CONTESTED
    return table[["audit_id", "selection", "both", "domains", "graded", *REASONS]]


def _words_and_grade(material: Material, audits: pd.Series[str]) -> tuple[list[bool], list[bool]]:
    """Whether an audit has a grade and words; and whether these contradict each other, by the codebook's themes.

    Good or better, with two themes or more noted as needs and none as a strength; or below good, with strengths alone.
    """
    scale, base = material.scale, material.comment_base
    passages = material.passages[["audit_id", "polarity", "theme"]].drop_duplicates()
    noted = Counter(zip(passages["audit_id"], passages["polarity"], strict=True))
    overall = material.gradings("current", overall=True)
    grades = dict(zip(overall["audit_id"], overall["grade"].astype(str), strict=True))
    says = dict(zip(base["audit_id"], base["has_text"], strict=True))
    judged, contradicts = [], []
    for audit_id in audits:
        good, below = (grades.get(audit_id) in side for side in (scale.good_or_better, scale.below_good))
        strengths, needs = noted[audit_id, "strength"], noted[audit_id, "development"]
        judged.append(bool((good or below) and says.get(audit_id, False)))
        contradicts.append((good and not strengths and needs >= ALL_NEEDS) or (below and not needs and strengths > 0))
    return judged, contradicts


def reasons_counted(material: Material) -> pd.DataFrame | None:
    """How many cases are worth discussing, by reason; a case may have several.

    Reasons that two grades give are counted among second looks picked at random: their rest is shown nowhere. The row
    of the lowest grade is judged by those that differ otherwise as well, as all that differ are shown.
    """
    table = looked_at(material)
    drawn, every = table["selection"] == RANDOM, pd.Series(True, table.index)
    bases = {
        MOVED: (drawn, drawn & table["both"]),
        LOWEST: (drawn, drawn & table["both"]),
        SEVERAL: (drawn, drawn & (table["domains"] >= MANY_DOMAINS)),
        WORDS: (every, table["graded"]),
    }
    rows = [
        (reason, int((table[reason] & counted).sum()), int(counted.sum()), int((among & ~counted).sum()))
        for reason, (among, counted) in bases.items()
    ]
    found = pd.DataFrame(rows, columns=["group", "n", "of", "left_out"])
    found = found.assign(share=found["n"] / found["of"].where(found["of"] > 0), low=np.nan, high=np.nan)
    otherwise = (found["n"].iloc[0] - found["n"]).where(found["group"] == LOWEST)
    found["n"] = found["n"].mask(is_small(otherwise, material.params.hide_up_to), otherwise)
    found = found[(found["of"] + found["left_out"]) > 0].reset_index(drop=True)
    return None if found.empty else found[["group", *MEASURES]]


def cases(material: Material) -> pd.DataFrame:
    """The cases worth discussing, by alias: `alias, audit_id, reasons` (keys of `REASONS`), in the order of the lot."""
    table = looked_at(material)
    chosen = table[table[[*REASONS]].any(axis=1)]
    reasons = [tuple(reason for reason in REASONS if row[reason]) for _, row in chosen.iterrows()]
    found = dict(zip(chosen["audit_id"], reasons, strict=True))
    order = shuffled(found, material.extracts.fingerprints)
    rows = [(f"Case {letters(at)}", audit_id, found[audit_id]) for at, audit_id in enumerate(order)]
    return pd.DataFrame(rows, columns=["alias", "audit_id", "reasons"])


def shuffled(names: Iterable[str], secret: Iterable[str]) -> list[str]:
    """Names in an order that only the secret tells: whatever order they came in, the same secret gives the same one.

    >>> shuffled(["a", "b", "c"], ["x"]) == shuffled(["c", "b", "a"], ["x"])
    True
    """
    seed = "|".join(sorted(secret))
    return sorted(names, key=lambda name: (number(seed, "alias", name), name))


def letters(at: int) -> str:
    """The letters of a case, counted from 0 as a spreadsheet counts its columns.

    >>> [letters(at) for at in (0, 25, 26, 27, 702)]
    ['A', 'Z', 'AA', 'AB', 'AAA']
    """
    before, last = divmod(at, 26)
    return (letters(before - 1) if before else "") + chr(ord("A") + last)
