"""What does each auditor learn from the second looks at her audits?

A letter, private to her and the co-ordinator: in how many audits both gave the
same grade, how severe she is beside second auditors as far as so few can say,
where, and what to try. Never a verdict, and never in a pack.

All periods given count, as one holds too few looks; only looks at audits picked
at random, as the others would make everybody look lenient. Severity is by the
overall grade alone: the domains of one audit hang together, and pooled they would
claim to know too much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from qa_lib.measures.moderation import OF_AUDITOR, auditor_profiles
from qa_lib.report.blocks import Block, Bullets, Cell, Heading, Paragraph, Run, Table, TitleBlock
from qa_lib.report.cases_to_discuss import RANDOM, shuffled
from qa_lib.report.comparisons import FAMILY_LEVEL
from qa_lib.report.document import Document
from qa_lib.report.material import Material
from qa_lib.settings.kinds import OVERALL
from qa_lib.settings.period import Period
from qa_lib.settings.scale import GradeScale

TENTHS = ("", "a tenth of a grade", "two tenths", "three tenths", "four tenths", "half a grade", "six tenths",
          "seven tenths", "eight tenths", "nine tenths", "a whole grade")  # fmt: skip
EVEN, GENEROUS, STRICT = "even", "generous", "strict"
TRY = {
    EVEN: (
        "Take a case that you were unsure of to the workshop: others were unsure of theirs.",
        "Before you settle on a grade, write one line on why it is not the grade above and not the grade below.",
    ),
    GENEROUS: (
        "Before you settle on a good grade, write down what you saw on the file that shows it, and what you only hope.",
        "Ask of each strength: what did it change for this child?",
        "Grade one case together with a colleague, each alone first, and talk about where you differ.",
    ),
    STRICT: (
        "Before you settle on a low grade, look once more for what was done well, and for what could not be done.",
        "Ask of each gap: did it make a difference to this child?",
        "Grade one case together with a colleague, each alone first, and talk about where you differ.",
    ),
}
PRIVATE = (
    "This letter is for you and the co-ordinator alone. It is no verdict on you or on your audits: a few cases say "
    "little, second auditors err too, and grades are not rungs of a ladder."
)


@dataclass(frozen=True)
class Profile:
    """What second looks say of one auditor: her audits, how severe she is, the domains in which she stands out.

    `audits` has `audit_id, first, second` (overall grades on the scale). `severity`, `low` and `high` are in grades
    (above 0: stricter than second auditors), NaN where there are too few; `everyone` is that of all auditors.
    """

    auditor: str
    audits: pd.DataFrame
    severity: float
    low: float
    high: float
    everyone: float
    domains: tuple[tuple[str, str], ...] = ()

    @property
    def leans(self) -> str:
        """Which way her grades lie, where their interval, to a tenth of a grade, leaves no doubt of it."""
        return GENEROUS if round(self.high, 1) < 0 else STRICT if round(self.low, 1) > 0 else EVEN


def profiles(material: Material) -> list[Profile]:
    """A profile of each auditor with a second look at an audit picked at random, in the order of a lot."""
    looks, scale = material.second_looks, material.scale
    on_scale = looks["first"].isin(scale.labels) & looks["second"].isin(scale.labels)
    looks = looks[(looks["selection"] == RANDOM) & on_scale & (looks["auditor"].str.strip() != "")]
    overall, others = looks[looks["domain"] == OVERALL], looks[looks["domain"] != OVERALL]
    if overall.empty:
        return []
    found = _by_auditor(overall, scale)
    domains = [key for key in material.params.framework.domains if (others["domain"] == key).any()]
    each = {
        key: _by_auditor(others[others["domain"] == key], scale, 1 - FAMILY_LEVEL / len(domains)) for key in domains
    }
    words, made = material.params.framework.domains, []
    for auditor in shuffled(found, material.extracts.fingerprints):
        her = found[auditor]
        here = {key: each[key][auditor] for key in domains if auditor in each[key]}
        out = {key: one for key, one in here.items() if one["low"] > one["everyone"] or one["high"] < one["everyone"]}
        told = tuple((words[key], in_grades(one["shrunk"])) for key, one in out.items())
        audits = overall.loc[overall["auditor"] == auditor, ["audit_id", "first", "second"]]
        made.append(Profile(auditor, audits, her["shrunk"], her["low"], her["high"], her["everyone"], told))
    return made


def _by_auditor(looks: pd.DataFrame, scale: GradeScale, level: float = 0.95) -> dict[str, dict[str, float]]:
    """`auditor_profiles` by auditor, with the mean of all pairs of those who have enough of them (`everyone`)."""
    table = auditor_profiles(looks.astype({"auditor": "str"}), scale, level)
    known = table[table["severity"].notna()]
    everyone = float(np.average(known["severity"], weights=known["pairs"])) if len(known) else np.nan
    kept = table.assign(everyone=everyone)[["shrunk", "low", "high", "everyone"]].astype(float)
    return dict(zip(table["group"].astype(str), kept.to_dict("records"), strict=True))  # type: ignore[arg-type]


def in_grades(severity: float) -> str:
    """A severity in words, to a tenth of a grade.

    >>> in_grades(-0.12), in_grades(0.5), in_grades(0.04)
    ('about a tenth of a grade more generous', 'about half a grade stricter', 'no different')
    """
    tenths = round(10 * abs(severity))
    if tenths == 0:
        return "no different"
    side = "stricter" if severity > 0 else "more generous"
    return f"about {TENTHS[tenths]} {side}" if tenths < len(TENTHS) else f"over a grade {side}"


def letter(profile: Profile, material: Material, run_id: str) -> Document:
    """The letter to one auditor."""
    framework, params = material.params.framework, material.params
    title = TitleBlock(
        council=framework.council,
        title="Second looks at your audits",
        period=_span(material),
        report_to=profile.auditor,
        author=framework.author,
        as_of=f"{params.as_of.day} {params.as_of:%B %Y}",
        audience="You and the co-ordinator alone",
        status="Private",
        marking=framework.marking,
        run_id=run_id,
        colour=framework.brand.colour,
    )
    parts: dict[str, list[Block]] = {
        "What this is": _opening(),
        "What was found": _found(profile),
        "Where": _where(profile),
        "What you could try": [Bullets(tuple((Run(words),) for words in TRY[profile.leans]))],
        "Your audits that were looked at again": [_audits(profile)],
    }
    blocks: list[Block] = []
    for number, (head, body) in enumerate(parts.items(), start=1):
        blocks += [Heading(2, (Run(head),), f"part-{number}"), *body]
    return Document(title, tuple(blocks))


def _span(material: Material) -> str:
    """The months of all audits with a second look, in words."""
    looked = set(material.second_looks["audit_id"])
    audits = material.extracts.audits.audits
    days = audits.loc[audits["audit_id"].isin(looked), "audit_date"]
    return Period("", days.min().date(), days.max().date()).words


def _said(*sentences: str) -> Paragraph:
    return Paragraph((Run(" ".join(sentences)),))


def _opening() -> list[Block]:
    words = (
        "Some of your audits were picked by lot, and another auditor opened the same files and graded them again. Here "
        "is what came of it, so that you can see your own grading from outside."
    )
    return [_said(words), _said(PRIVATE)]


def _found(profile: Profile) -> list[Block]:
    pairs, same = len(profile.audits), int((profile.audits["first"] == profile.audits["second"]).sum())
    looks = "One of your audits was" if pairs == 1 else f"{pairs} of your audits were"
    both = f"{looks} graded twice. Both of you gave the same overall grade in {same or 'none'} of them."
    if pairs < OF_AUDITOR:
        return [_said(both, "That is too few to say whether you grade as second auditors do.")]
    words = f"Allowing for how few they are, your grades come out as {in_grades(profile.severity)}"
    words += " from theirs." if in_grades(profile.severity) == "no different" else " than theirs."
    if np.isnan(profile.low):
        return [_said(both, words, "How sure that is cannot be said.")]
    sure = f"The truth could lie anywhere from {in_grades(profile.low)} to {in_grades(profile.high)}."
    meant = {EVEN: "So you may well grade just as they do.", GENEROUS: "That is worth a talk.",
             STRICT: "That is worth a talk."}  # fmt: skip
    drawn = "Few audits make striking figures by luck alone, so each figure is drawn towards that of all auditors, "
    return [_said(both, words, sure, meant[profile.leans]), _said(f"{drawn}which is {in_grades(profile.everyone)}.")]


def _where(profile: Profile) -> list[Block]:
    if profile.domains:
        items = tuple((Run(name, style="strong"), Run(f": {words}")) for name, words in profile.domains)
        return [
            _said("In these parts of the work your grades differ clearly from those of second auditors:"),
            Bullets(items),
        ]
    return [_said("In no part of the work can so few audits tell your grades from those of second auditors.")]


def _audits(profile: Profile) -> Table:
    """Which audits they were, with both overall grades."""
    rows = tuple(
        (Cell(str(row["audit_id"])), Cell(str(row["first"])), Cell(str(row["second"])))
        for _, row in profile.audits.iterrows()
    )
    heads = ("Audit", "Your grade", "The second grade")
    return Table("audits", "Overall grades", heads, rows, number=1, words=True)
