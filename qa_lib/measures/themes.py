"""What do the comments say?

A passage is one clause of one comment that speaks of one theme in one way. It
is found by the council's codebook and by nothing else, and it names the entry
that found it, so that any count can be followed back to words on a page and
argued with. A theme count is a count of what auditors chose to write: silence
about fathers is not evidence that fathers were included.

Each clause is read for each theme in three steps; the third only if the first two said nothing:

    1 traps    "no evidence of drift or delay"   means what the codebook says; its words are covered
    2 phrases  "case has drifted since …"        a strength or a development, turned round if denied
    3 terms    "chronology"                      takes the polarity of the box it was written in,
                                                 but none after the sentence has turned ("however …")

The rules do not understand English. They miss what is said in other words, and
they take irony at its word; passages are there to be read and corrected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from qa_lib.measures.sentences import clauses, sentences, turning_points
from qa_lib.measures.shares import wilson_interval
from qa_lib.settings.codebook import Codebook, Theme, bare, fold

POLARITIES = ("strength", "development", "unclear")
PASSAGE_COLUMNS = ("audit_id", "period", "column", "sentence", "text", "theme", "polarity", "rule")

_TURNED = {"strength": "development", "development": "strength"}
_AFTER_A_TURN = "after a turn"
_COVER = " ¦ "
_STOPS = re.compile(r"[,:()\[\]¦]")
_WORD = re.compile(r"[\w']+")
_PIECE = re.compile(r"\w+")
_REACH = 160
"""Characters before a match that are searched for a negation: more than six words take."""

_Hit = tuple[int, str, str, str]
"""What one clause says of one theme: the theme's place in the codebook, its key, polarity, rule."""


@dataclass(frozen=True)
class _Reader:
    """One theme made ready: a pattern for each step, and each folded phrase's own spelling and meaning.

    `marks` holds the longest word of each entry: a clause without any of them need not be searched.
    """

    key: str
    traps: re.Pattern[str]
    phrases: re.Pattern[str]
    terms: re.Pattern[str]
    written: dict[str, str]
    says: dict[str, str]
    marks: frozenset[str]


def usable(text: object, codebook: Codebook) -> bool:
    """Whether a text box says anything: False if blank, without a letter, or one of `codebook.ignore`.

    Only a box that holds nothing else is set aside; "As above, but …" is read.
    """
    if not isinstance(text, str):
        return False
    words = bare(text)
    return words not in codebook.ignore and any(character.isalpha() for character in words)


def passages(comments: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Every clause that speaks of a theme, with its polarity and the entry that found it.

    Parameters
    ----------
    comments : DataFrame, one row per filled text box
        Needs `audit_id`, `period`, `column` (the box) and `text`. The text is
        private and untrusted: it is only ever compared.
    codebook : Codebook

    Returns
    -------
    DataFrame, one row per audit, column, clause, theme and polarity
        `audit_id, period, column`; `sentence` (its number within the text, from 1);
        `text` (the clause as written); `theme`; `polarity` (strength, development,
        or unclear: a bare mention in a box that lends none); `rule`, such as
        "phrase: no chronology on file". A clause that an audit repeats in one box
        counts once. Sorted by audit, period, column, sentence, and the codebook's order.

    Raises
    ------
    KeyError : a column of `comments` is missing.

    Example
    -------
    >>> codebook = Codebook.model_validate_json('''{"version": "1", "boxes": {"strengths": "strength"},
    ...     "negation": {"words": ["no"], "window": 3}, "contrast": ["but"],
    ...     "themes": {"chronologies": {"label": "Chronologies", "issue": "E2", "terms": ["chronology"]}}}''')
    >>> comments = pd.DataFrame(
    ...     {
    ...         "audit_id": ["A1"],
    ...         "period": ["Q1"],
    ...         "column": ["strengths"],
    ...         "text": ["Chronology is current, but no chronology for his sister."],
    ...     }
    ... )
    >>> passages(comments, codebook)[["text", "polarity", "rule"]]
                                  text     polarity                      rule
    0            Chronology is current     strength          term: chronology
    1  but no chronology for his sister.  development  term negated: chronology
    """
    readers = [_reader(key, theme) for key, theme in codebook.themes.items()]
    turns = turning_points(codebook.contrast, (folded for reader in readers for folded in reader.written))
    known: dict[tuple[str, str], list[_Hit]] = {}
    rows: list[tuple[object, ...]] = []
    for row, (column, text) in enumerate(zip(comments["column"], comments["text"], strict=True)):
        if not usable(text, codebook):
            continue
        lends = codebook.boxes.get(column, "none")
        for number, sentence in enumerate(sentences(text), start=1):
            for part, clause in enumerate(clauses(sentence, turns)):
                asked = (fold(clause), _AFTER_A_TURN if part else lends)
                if asked not in known:
                    known[asked] = _read(*asked, readers, codebook)
                rows += [(row, number, part, clause, *hit) for hit in known[asked]]
    return _in_order(rows, comments)


def theme_shares(
    passages: pd.DataFrame, comments_base: pd.DataFrame, codebook: Codebook, polarity: str
) -> pd.DataFrame:
    """Share of audits that speak of each theme in one way, one row per theme.

    An audit counts once for a theme however often it says it. Passages of audits
    outside the base are not counted, so the base alone decides the period.

    Parameters
    ----------
    passages : DataFrame from `passages`
    comments_base : DataFrame, one row per audit
        Needs `audit_id` and `has_text` (bool: at least one box is `usable`).
    codebook : Codebook; a theme that nobody wrote about stays in the table, with n = 0
    polarity : one of `POLARITIES`

    Returns
    -------
    DataFrame in the measure shape, one row per theme, in the codebook's order
        `group` (the theme's key); `n` (audits with such a passage), `of` (audits
        with usable text), `left_out` (audits without); `share, low, high`
        (0 to 1, Wilson 95% interval; NaN if of = 0).

    Raises
    ------
    ValueError : `polarity` is not known, or an audit stands twice in `comments_base`.
    """
    if polarity not in POLARITIES:
        raise ValueError(f"polarity is {polarity!r}; it is one of {', '.join(POLARITIES)}")
    if comments_base["audit_id"].duplicated().any():
        raise ValueError("an audit stands twice in comments_base; it needs one row per audit")
    has_text = comments_base["has_text"].astype(bool)
    base = comments_base.loc[has_text, "audit_id"]
    counted = passages["polarity"].eq(polarity) & passages["audit_id"].isin(base)
    audits = passages.loc[counted, ["audit_id", "theme"]].drop_duplicates()
    counts = pd.DataFrame({"group": list(codebook.themes)})
    counts["n"] = counts["group"].map(audits["theme"].value_counts()).fillna(0).astype(int)
    counts["of"] = int(has_text.sum())
    counts["left_out"] = int((~has_text).sum())
    return counts.join(wilson_interval(counts["n"], counts["of"]))


def _reader(key: str, theme: Theme) -> _Reader:
    return _Reader(
        key,
        traps=_any_of(trap.phrase for trap in theme.traps),
        phrases=_any_of((*theme.strengths, *theme.development)),
        terms=_any_of((*theme.terms, *theme.faults)),
        written={fold(phrase): phrase for _, phrase, _ in theme.entries},
        says={fold(phrase): says for _, phrase, says in theme.entries},
        marks=frozenset(max(_PIECE.findall(fold(phrase)), key=len) for _, phrase, _ in theme.entries),
    )


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """One pattern for whole words of folded text; of two that begin together the longer wins."""
    folded = sorted({fold(phrase) for phrase in phrases}, key=lambda phrase: (-len(phrase), phrase))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, folded))})(?!\w)" if folded else "(?!)")


def _read(clause: str, lends: str, readers: list[_Reader], codebook: Codebook) -> list[_Hit]:
    """What a folded clause says, in the codebook's order."""
    pieces = set(_PIECE.findall(clause))
    return [
        (place, reader.key, polarity, found[polarity])
        for place, reader in enumerate(readers)
        if not reader.marks.isdisjoint(pieces) and (found := _read_for(reader, clause, lends, codebook))
        for polarity in sorted(found)
    ]


def _read_for(reader: _Reader, clause: str, lends: str, codebook: Codebook) -> dict[str, str]:
    """Polarity -> rule for one theme, the first in the clause for each polarity."""
    found: dict[str, str] = {}
    for match in reader.traps.finditer(clause):
        if reader.says[match[0]] != "not this theme":
            found.setdefault(reader.says[match[0]], f"trap: {reader.written[match[0]]}")
    clear = reader.traps.sub(_COVER, clause)
    for match in reader.phrases.finditer(clear):
        says, phrase = reader.says[match[0]], reader.written[match[0]]
        if _is_denied(clear, match.start(), codebook):
            found.setdefault(_TURNED[says], f"phrase negated: {phrase}")
        else:
            found.setdefault(says, f"phrase: {phrase}")
    if found:
        return found
    for match in reader.terms.finditer(clear):
        term, is_subject = reader.written[match[0]], reader.says[match[0]] == "subject"
        if lends in {"strength", _AFTER_A_TURN} and is_subject and _is_denied(clear, match.start(), codebook):
            found.setdefault("development", f"term negated: {term}")
        else:
            found.setdefault(lends if lends in _TURNED else "unclear", f"term: {term}")
    return found


def _is_denied(clause: str, start: int, codebook: Codebook) -> bool:
    """Whether a negation stands up to `window` words before, with no comma, colon or bracket between."""
    near = _STOPS.split(clause[max(0, start - _REACH) : start])[-1]
    return any(word in codebook.negation.words for word in _WORD.findall(near)[-codebook.negation.window :])


def _in_order(rows: list[tuple[object, ...]], comments: pd.DataFrame) -> pd.DataFrame:
    """Rows as a table, said twice counted once, in an order that does not hang on that of the comments."""
    names = ["row", "sentence", "part", "text", "place", "theme", "polarity", "rule"]
    found = pd.DataFrame(rows, columns=names).astype({"row": int, "sentence": int, "part": int, "place": int})
    keys = comments[["audit_id", "period", "column"]].reset_index(drop=True)
    found = found.join(keys, on="row").assign(folded=found["text"].map(fold))
    order = ["audit_id", "period", "column", "sentence", "part", "folded", "place", "polarity", "text"]
    one_row = ["audit_id", "period", "column", "folded", "theme", "polarity"]
    once = found.sort_values(order, kind="stable").drop_duplicates(one_row)
    return once[list(PASSAGE_COLUMNS)].reset_index(drop=True)
