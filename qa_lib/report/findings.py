"""What is worth saying, and how sure are we?

Judgement lives here and wording does not: which rows of the protected tables
become findings, in which order, with which confidence label. The rules are
those of the annex of every report:

- a domain or theme is ranked by the end of its interval nearer the average, so
  that a few audits with a striking share do not outrank many with a clear one;
- areas whose intervals overlap the last one shown are "not separable" from it;
- a label is the lowest of what its base, its half width and the agreement of
  auditors allow; where agreement has not been measured, or is about grades and
  the finding is not, none is above Medium.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from qa_lib.report.facts import KEY_AREAS, label_name, row_name
from qa_lib.report.publishable import Publishable
from qa_lib.settings.framework import Confidence
from qa_lib.settings.kinds import OVERALL

PRACTICE, WROTE = "How good practice is", "What auditors wrote"
ASKED = "What we found, question by question"
"""The headings that hold the evidence."""
HIGH, MEDIUM, LOW = "High", "Medium", "Low"


@dataclass(frozen=True)
class Finding:
    """One thing worth saying.

    `kind` and `direction` ("strength", "development" or "") choose the wording;
    `facts` names the rows it speaks of, best first; `labels` names the facts
    that hold their words; `not_separable` those that could as well stand in the
    last one's place; `of_shown` is true where hidden rows could
    as well have been named; `section` is the heading that holds the evidence.
    """

    kind: str
    direction: str
    facts: tuple[str, ...]
    labels: tuple[str, ...]
    not_separable: tuple[str, ...]
    of_shown: bool
    confidence: str
    section: str


def confidence_of(rows: pd.DataFrame, rules: Confidence, agreed: float | None, noting: int | None = None) -> str:
    """The lowest label that base, half width, agreement and activities allow over these rows.

    `agreed` is None where agreement is not known; `noting`, how many activities note it alike, where that does not
    apply.
    """
    half = (rows["high"] - rows["low"]) / 2
    for label, rule in ((HIGH, rules.high), (MEDIUM, rules.medium)):
        enough = not rows.empty and (rows["base"] >= rule.base).all() and (half <= rule.half_width).all()
        agree = label == MEDIUM if agreed is None else agreed >= rule.agreement
        alike = noting is None or noting >= rule.activities
        if enough and agree and alike:
            return label
    return LOW


def agreed_on(tables: dict[str, Publishable], groups: Iterable[object]) -> float | None:
    """The lowest agreement (AC1) on the grades of these domains; None where one of them is not known."""
    if "agreement" not in tables:
        return None
    known = tables["agreement"].table.set_index(tables["agreement"].table["group"].astype(str))["share"].dropna()
    asked = [str(group) for group in groups]
    return float(known[asked].min()) if asked and set(asked) <= set(known.index) else None


def noted_alike(tables: dict[str, Publishable], themes: Iterable[object], direction: str) -> int | None:
    """The fewest activities that note one of these themes in that direction; None where no evidence was given."""
    if "recurring" not in tables or tables["recurring"].is_empty:
        return None
    known = tables["recurring"].table.set_index("group")["n" if direction == "development" else "strong"]
    return int(known.reindex([str(theme) for theme in themes]).fillna(0).min())


def rank(published: Publishable, lowest_first: bool) -> pd.DataFrame:
    """Rows with a share, in order of the end of their interval nearer the average; nobody leads with none."""
    known = published.table[published.table["share"].notna()]
    if lowest_first:
        return known.sort_values("rank_high", kind="stable")
    return known[known["share"] > 0].sort_values("rank_low", ascending=False, kind="stable")


def leaders(published: Publishable, lowest_first: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The first rows of a ranked table, and those not separable from the last of them."""
    ranked = rank(published, lowest_first)
    top, rest = ranked.head(KEY_AREAS), ranked.iloc[KEY_AREAS:]
    if rest.empty:
        return top, rest
    last = top.iloc[-1]
    return top, rest[(rest["rank_low"] <= last["rank_high"]) & (rest["rank_high"] >= last["rank_low"])]


def top_of(
    published: Publishable,
    kind: str,
    direction: str,
    section: str,
    tables: dict[str, Publishable],
    rules: Confidence,
    lowest_first: bool = False,
) -> Finding | None:
    """The first rows of a ranked table as one finding; None where there is nothing to rank."""
    top, overlap = leaders(published, lowest_first)
    if top.empty:
        return None
    key = published.keys[0]
    return Finding(
        kind,
        direction,
        tuple(row_name(published, row) for _, row in top.iterrows()),
        tuple(label_name(published, row[key]) for _, row in top.iterrows()),
        tuple(label_name(published, row[key]) for _, row in overlap.iterrows()),
        published.hides_rows,
        confidence_of(
            top,
            rules,
            agreed_on(tables, top[key]) if published.name == "by_domain" else None,
            noted_alike(tables, top[key], direction) if published.name == "themes" else None,
        ),
        section,
    )


def first_page_findings(tables: dict[str, Publishable], rules: Confidence) -> list[Finding]:
    """At most six findings, strengths before development.

    The overall grade; the strongest domains, standards and themes; the lowest domains
    and standards and the commonest development themes (the key areas); and the child's voice.
    """
    found: list[Finding | None] = [_single(tables, "overall", "all", PRACTICE, rules)]
    domains, themes = tables.get("by_domain"), tables.get("themes")
    if domains is not None:
        found.append(top_of(domains, "strongest_domains", "strength", PRACTICE, tables, rules))
    found += strong_standards(tables, rules)
    if themes is not None:
        strengths = themes.only(polarity="strength")
        found.append(top_of(strengths, "commonest_themes", "strength", WROTE, tables, rules))
    found += key_areas(tables, rules)
    heard = "What children, parents and workers told us"
    found.append(_single(tables, "voice", "child_spoken_to", heard, rules))
    return [finding for finding in found if finding]


def strong_standards(tables: dict[str, Publishable], rules: Confidence) -> list[Finding]:
    """The standards of a themed audit that were met most often."""
    if "standards" not in tables or len(rank(tables["standards"], lowest_first=True)) < 2 * KEY_AREAS:
        return []
    found = top_of(tables["standards"], "strongest_standards", "strength", ASKED, tables, rules)
    return [found] if found else []


def key_areas(tables: dict[str, Publishable], rules: Confidence) -> list[Finding]:
    """The key areas for practice development: lowest domains or standards, commonest development themes."""
    found = []
    domains, themes = tables.get("by_domain"), tables.get("themes")
    if domains is not None and len(rank(domains, lowest_first=True)) >= 2 * KEY_AREAS:
        found.append(top_of(domains, "lowest_domains", "development", PRACTICE, tables, rules, lowest_first=True))
    standards = tables.get("standards")
    if standards is not None and len(rank(standards, lowest_first=True)) >= 2 * KEY_AREAS:
        found.append(top_of(standards, "lowest_standards", "development", ASKED, tables, rules, lowest_first=True))
    if themes is not None:
        development = themes.only(polarity="development")
        found.append(top_of(development, "commonest_themes", "development", WROTE, tables, rules))
    return [finding for finding in found if finding]


def _single(tables: dict[str, Publishable], name: str, group: str, section: str, rules: Confidence) -> Finding | None:
    """One row of a table as a finding; None where it is absent or hidden."""
    if name not in tables:
        return None
    published = tables[name]
    rows = published.table[published.table["group"].astype(str) == group]
    rows = rows[rows["share"].notna()]
    if rows.empty:
        return None
    agreed = agreed_on(tables, [OVERALL]) if name == "overall" else None
    confidence, row = confidence_of(rows, rules, agreed), row_name(published, rows.iloc[0])
    return Finding(name, "", (row,), (label_name(published, group),), (), False, confidence, section)
