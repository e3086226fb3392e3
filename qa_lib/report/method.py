"""How are the figures made, and how far can they be trusted?

The rules that the settings and the library follow, printed from the settings in
force, as facts, never typed.
"""

from __future__ import annotations

from collections.abc import Mapping

from qa_lib.report.annexes import Notes
from qa_lib.report.blocks import Bullets, Run, Shown
from qa_lib.report.facts import Fact, shown
from qa_lib.report.phrases import count_of, say

_SHARE = (
    "A share is the number of gradings that are {goal} out of those on the scale. Gradings that were not applicable "
    "or not recorded are left out of it and counted beside it."
)
_STANDARD = (
    "A standard is met where the answer is yes, a grade is {goal}, or a number, a date or a choice is what the tool "
    "asks for. Partly is not met. Answers that were not applicable or not recorded are left out and counted "
    "beside. Of a part of the tool, every standard is met in an audit where each that applied to it was."
)
_INTERVAL = (
    "An interval is where the share among all cases most likely lies, given how few were audited: {level}, by "
    "Wilson's score method, as if those audited had been drawn at random."
)
_CONFIDENCE = (
    "Confidence is High with a base of {high_base} audits or more, a half width of {high_half_width} or less and "
    "agreement of auditors beyond chance of {high_agreement} or more; Medium with {medium_base}, {medium_half_width} "
    "and {medium_agreement}; else Low. Agreement is that on the grades in question (Gwet's coefficient, on the very "
    "grade), and needs {least_pairs} second looks picked at random. Where it has not been measured, and for themes and "
    "for whose voice was heard, no label is above Medium. {across}"
)
_ACROSS = (
    "A theme further needs {high_activities} activities that note it alike, the audits among them, for High, and "
    "{medium_activities} for Medium."
)
_NOT_ACROSS = "Whether other activities agree does not apply, as none was supplied."
_RECURRING = (
    "An activity notes an issue where, in {period_year}, {recurring_observations} of its observations or more, and "
    "{recurring_share} of them or more, note it as a need. An issue is recurring that {recurring_activities} "
    "activities note, or that was among the {key_areas} commonest needs of the audits in {recurring_periods} of the "
    "last {recurring_of_periods} periods; just short is one fewer. Themes of other activities are those that came with "
    "an extract, or were found by the same codebook."
)
_POINTING = (
    "An activity points to a need, or to a strength, where it notes one more than the other by more than chance (sign "
    "test, {family_level}, adjusted by Holm); where activities point both ways they contradict each other. It notes a "
    "need more often, or less often, since the period that parts its figures most clearly, where chance does not "
    "explain that (central mid-p times the periods tried, {family_level}, adjusted by Holm over all that is tried). An "
    "early warning is a need that some activity notes more often since a period when the audits did not yet. What is "
    "said holds with all hidden counts at their smallest, and at their largest. Observations are taken as independent, "
    "though one family may stand behind several; and activities that speak of needs alone can point to needs alone."
)
_WEIGHTED = (
    "The weighted share lets each audit count for the open cases of its service that it stands for; its interval "
    "allows for the sample being drawn by service and for the number of cases (logit of the design-based estimate). "
    "Audits that name no service are left out of it."
)
_WEIGHTED_BY_DRAWS = (
    "The weighted share lets each audit count for the cases that it stands for: those of its service that could be "
    "drawn in its month, by the register of the draws. It rests on {in_draw} that stand in a draw; a case audited "
    "again counts once. A month in which a service had no audit counts with its nearest month. The interval allows for "
    "the sample being drawn by service and month and for the number of cases (logit of the design-based estimate)."
)
_ADJUSTED = (
    "The adjusted share corrects every grade by what second looks at audits picked at random made of such grades "
    "(double sampling); its interval carries the doubt of both. Second looks chosen for a risk, or because a grade was "
    "contested, are left out of it. It is not weighted."
)
_CHANGE = (
    "A difference to the period before is called clear where its interval (Newcombe) leaves out none, and chance would "
    "make one as large anywhere among the {comparisons_tested} compared with a probability under {family_level} "
    "(central mid-p, adjusted by Holm). Other periods are described and not tested."
)
_CONTROL = (
    "Months are drawn with the middle of them from {run_chart_months} months on, and with the limits of chance (a p "
    "chart) from {limits_months}. A month stands out that lies outside the limits, belongs to a long run on one side "
    "or going one way, or lies near a limit with a neighbour that does (the rules of Making Data Count). Now and then "
    "luck alone does it."
)
_FUNNEL = (
    "A service stands out where its exact binomial chance, were it like all of them together, is beyond the limits of "
    "chance on either side. Services with few audits are not judged. Now and then luck alone names one."
)
_RANKED = (
    "ranked by the end of its interval nearer the average. Areas whose intervals overlap the last one named are "
    "called not separable from it."
)
_KEY_AREAS = (
    "Key areas are the {key_areas} lowest domains and the {key_areas} needs for development noted most often, each "
    + _RANKED
)
_KEY_STANDARDS = (
    "Key areas are the {key_areas} standards met least often and the {key_areas} needs for development noted most "
    "often, each " + _RANKED
)
_KEY_THEMES = "Key areas are the {key_areas} needs for development noted most often, each " + _RANKED
_THEMES = (
    "Themes are found by a codebook of {themes} themes (version {codebook_version}): phrases, words, negations and "
    "traps, all written down. An audit counts once for a theme however often it says it. No person has yet checked "
    "the coding, so themes show what to read first, not how often a thing happens."
)
_HIDDEN = (
    "Small counts, up to {hide_up_to}, are hidden, and so is what would give them away; a share of fewer than "
    "{least_share_base} is not given. Grades given few times are counted with their neighbour. Where few gradings "
    "were left out, the share is given without its counts."
)
_ROUNDED = "On this public copy counts are rounded to the nearest {rounded_to}; shares follow from the rounded counts."
_NOTHING_HIDDEN = "Nothing is hidden on this working copy. It is not for release."
_LADDER = (
    "An action is done where the register says so, with a day; evidenced where an audit or observation that it names "
    "is later than that day, or where there are {least_share_base} or more since; better where the whole months since "
    "differ clearly, the way it should be, from up to half a year before its start (Newcombe, central mid-p, "
    "{family_level}, adjusted by Holm over the actions tested); sustained where each half of the time since does so by "
    "itself. Other things changed in the same months, so better does not mean that the action did it."
)
_BY_TABLE = ((_CHANGE, "change"), (_CONTROL, "control"), (_FUNNEL, "funnel"))


def how_made(facts: Mapping[str, Fact], notes: Notes) -> Shown:
    """Annex A: shares, intervals, labels, key areas, themes, what is hidden."""

    def has(table: str) -> bool:
        return any(name.startswith(f"{table}.") for name in facts)

    named = {
        name.removeprefix("settings.").replace(".", "_"): Run(shown(fact), (name,)) for name, fact in facts.items()
    }
    across = say(_ACROSS if has("recurring") else _NOT_ACROSS, **named)
    in_draw = count_of(facts, "drawn.all", "audits") if "drawn.all.n" in facts else Run("the audits")
    weighted = _WEIGHTED_BY_DRAWS if has("drawn") else _WEIGHTED
    by_estimate = (("weighted", weighted), ("weighted_in_part", weighted), ("adjusted", _ADJUSTED))
    told = [(rule, f"estimates.{name}.share") for name, rule in by_estimate]
    key_areas = _KEY_STANDARDS if has("standards") else _KEY_AREAS if notes.has_domains else _KEY_THEMES
    rules = [_STANDARD if has("standards") else _SHARE, _INTERVAL, *(rule for rule, fact in told if fact in facts)]
    rules += [rule for rule, table in _BY_TABLE if has(table)]
    rules += [_CONFIDENCE, key_areas, _THEMES]
    rules += [_RECURRING, _POINTING] if has("recurring") else []
    rules += [_LADDER] if has("ladder") else []
    rules.append(_HIDDEN if notes.hides else _NOTHING_HIDDEN)
    rules += [_ROUNDED] if notes.rounds else []
    return Shown((Bullets(tuple(say(rule, **named, in_draw=in_draw, across=across) for rule in rules)),))
