"""The words of the report follow the statistics, and stand only where the counts behind them may be shown."""

import csv
import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from qa_lib.intake.extracts import read_extracts
from qa_lib.problems import PUBLICATION, QAError
from qa_lib.report import comparisons
from qa_lib.report.blocks import Paragraph, Run, Table, text_of
from qa_lib.report.comparisons_told import change_sentence, tell_change, tell_control, tell_funnel
from qa_lib.report.disclosure import protect
from qa_lib.report.document import read_document
from qa_lib.report.facts import Fact, facts_of, shown, slug
from qa_lib.report.findings import HIGH, LOW, MEDIUM, confidence_of
from qa_lib.report.material import Material
from qa_lib.report.open import open_report
from qa_lib.report.plans import QUARTERLY
from qa_lib.report.publishable import About
from qa_lib.report.words import check_numbers
from qa_lib.settings.codebook import Codebook
from qa_lib.settings.framework import Confidence, Framework
from qa_lib.settings.period import Period
from qa_lib.settings.report import ReportParams
from qa_lib.settings.yaml import read_settings

EXAMPLE = Path(__file__).parents[1] / "params" / "example"
FRAMEWORK = read_settings(EXAMPLE / "framework.yml", Framework)
CODEBOOK = read_settings(EXAMPLE / "codebook.yml", Codebook)
QUARTER = Period("current", date(2013, 5, 1), date(2013, 7, 31))
GOOD, BAD = "Good", "Inadequate"


def material(
    folder: Path, audits: list[tuple], cases: dict[str, int] | None = None, looks: list[tuple] = ()
) -> Material:
    """What a report is measured from: audits (id, day, service, planning, overall), open cases, second looks."""

    def write(name: str, head: list[str], rows: list[tuple]) -> Path:
        with (folder / name).open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([head, *rows])
        return folder / name

    files = {"audits": (write("a.csv", ["audit_id", "audit_date", "service", "planning", "overall_grade"], audits),)}
    if cases:
        rows = [(f"{s}{at}", s, "31/07/2013") for s, count in cases.items() for at in range(count)]
        files["caseload"] = (write("c.csv", ["case_id", "service", "as_at"], rows),)
    if looks:
        head = ["audit_id", "moderator", "moderated_on", "selection", "overall_grade"]
        files["moderation"] = (write("m.csv", head, looks),)
    periods = (QUARTER, QUARTER.back(3, "previous"))
    params = ReportParams(
        Path("r.yml"), Path("n.ipynb"), "T", periods, date(2013, 10, 1), "board", FRAMEWORK, CODEBOOK, files
    )
    return Material(params, read_extracts(params))


def quarter(day: str, good: int, of: int, overall: int | None = None, service: str = "First Response") -> list[tuple]:
    """Audits of one day: `good` of `of` are good in planning, `overall` of them overall."""
    overall = of // 2 if overall is None else overall
    return [
        (f"{day}-{at}", day, service, GOOD if at < good else BAD, GOOD if at < overall else BAD) for at in range(of)
    ]


COMMENTS = {"themes", "voice"}  # tables that these extracts hold nothing for


def gate(found: Material, audience: str = "working", hide: int = 0):
    """The tables of the quarterly plan that rest on grades, protected together."""
    plan = [entry for entry in QUARTERLY if entry.name not in COMMENTS]
    return protect([(e.name, e.keys, e.computed(found), e.about(found)) for e in plan], audience, hide)


def changes(found: Material) -> pd.DataFrame:
    return gate(found)["change"].table


def estimates(found: Material, audience: str = "working", hide: int = 0) -> pd.DataFrame:
    return gate(found, audience, hide)["estimates"].table.set_index("group")


# --- change ----------------------------------------------------------------------------------------------------------


def directions(table: pd.DataFrame) -> dict[str, str]:
    return dict(zip(table["group"], table["direction"], strict=True))


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [((80, 100), (50, 100), "fell"), ((50, 100), (80, 100), "rose"), ((60, 100), (55, 100), "no clear change"),
     ((60, 100), (60, 100), "no clear change"), ((0, 30), (1, 30), "no clear change")],
)  # fmt: skip
def test_a_domain_rose_or_fell_only_if_chance_would_seldom_do_it(tmp_path, before, after, word):
    audits = quarter("01/03/2013", *before) + quarter("01/06/2013", *after)
    table = changes(material(tmp_path, audits))
    assert directions(table) == {"overall_grade": "no clear change", "planning": word}


def test_a_difference_that_alone_is_clear_is_not_so_among_many(tmp_path):
    """55 of 100 against 69 of 100: p is about 0.04; with one other comparison Holm asks for under 0.025."""
    audits = quarter("01/03/2013", 55, 100) + quarter("01/06/2013", 69, 100)
    table = changes(material(tmp_path, audits))
    row = table.set_index("group").loc["planning"]
    assert row["low"] > 0
    assert row["direction"] == "no clear change"


def test_the_interval_of_a_difference_is_newcombes(tmp_path):
    audits = quarter("01/03/2013", 80, 100) + quarter("01/06/2013", 50, 90)
    row = changes(material(tmp_path, audits)).set_index("group").loc["planning"]
    low, high = confint_proportions_2indep(50, 90, 80, 100, method="newcomb")
    assert (row["share"], row["low"], row["high"]) == pytest.approx((50 / 90 - 0.8, low, high), abs=0.0051)


def test_without_a_period_before_nothing_is_compared(tmp_path):
    found = material(tmp_path, quarter("01/06/2013", 5, 10))
    assert changes(found).empty  # nothing lies in the period before
    params = replace(found.params, periods=(QUARTER,))
    assert changes(replace(found, params=params)).empty


def test_what_is_hidden_is_not_compared_and_no_row_answers_for_another(tmp_path):
    audits = quarter("01/03/2013", 97, 100, 60) + quarter("01/06/2013", 50, 100, 60)
    hidden = gate(material(tmp_path, audits), "board", 5)
    assert pd.isna(hidden["domains_compared"].table.set_index(["group", "period"]).loc[("planning", "previous"), "n"])
    assert directions(hidden["change"].table) == {"overall_grade": "no clear change", "planning": ""}
    assert {name for name in facts_of(hidden["change"]) if "planning" in name} == set()
    sentence = text_of(change_sentence(hidden["change"], facts_of(hidden["change"])))
    assert sentence == (
        "Against the period before, nothing compared, of those that can be shown, shows a clear change."
    )


@pytest.mark.parametrize("audience", ["board", "public", "working"])
def test_differences_limits_and_the_funnel_are_made_of_what_other_tables_show(copy_of_council, audience):
    """Taken from the protected tables alone, they come out the same: so nothing more can be learnt from them."""
    path = copy_of_council / "params" / "example" / "2013_q1.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("audience: board", f"audience: {audience}"), "utf-8")
    report = open_report(path, QUARTERLY)
    derived = {"change": comparisons.change, "control": comparisons.control}
    if audience != "public":
        derived["funnel"] = comparisons.services_funnel
    for name, derive in derived.items():
        again = derive(report.tables)
        again[["share", "low", "high"]] = again[["share", "low", "high"]].round(2)
        assert again["share"].notna().any()
        pd.testing.assert_frame_equal(report[name].table[list(again.columns)], again, check_dtype=False)


# --- the whole service -----------------------------------------------------------------------------------------------


def test_the_weighted_share_lets_each_service_count_for_its_cases(tmp_path):
    audits = quarter("01/06/2013", 0, 40, 36) + quarter("02/06/2013", 0, 40, 10, "Children in Care")
    rows = estimates(material(tmp_path, audits, {"First Response": 100, "Children in Care": 900}))
    assert list(rows.index) == ["counted", "weighted"]
    assert rows.loc["counted", "share"] == round(46 / 80, 2)
    assert rows.loc["weighted", "share"] == pytest.approx((100 * 36 / 40 + 900 * 10 / 40) / 1000, abs=0.0051)
    assert rows[["n", "of"]].isna().all(axis=None)
    assert rows.loc["weighted", "low"] < rows.loc["weighted", "share"] < rows.loc["weighted", "high"]


def test_hidden_services_are_weighted_together_so_that_they_cannot_be_told_apart(tmp_path):
    audits = quarter("01/06/2013", 0, 40, 30) + quarter("02/06/2013", 0, 10, 2, "Children in Care")
    audits += quarter("03/06/2013", 0, 20, 16, "Disabled Children")
    found = material(tmp_path, audits, {"First Response": 100, "Children in Care": 600, "Disabled Children": 300})
    apart = estimates(found).loc["weighted", "share"]
    together = estimates(found, "board", 5).loc["weighted", "share"]
    assert apart == pytest.approx((100 * 30 / 40 + 600 * 2 / 10 + 300 * 16 / 20) / 1000, abs=0.0051)
    assert together == pytest.approx((100 * 30 / 40 + 900 * 18 / 30) / 1000, abs=0.0051)


def test_more_audits_than_open_cases_and_services_that_nobody_knows_stop_nothing(tmp_path):
    audits = quarter("01/06/2013", 0, 40, 20) + quarter("02/06/2013", 0, 12, 6, "Children in Care")
    audits += quarter("03/06/2013", 0, 5, 5, "")
    table = estimates(material(tmp_path, audits, {"First Response": 200, "Children in Care": 4}))
    assert table.loc["weighted_in_part", "share"] == 0.5


def test_the_adjusted_share_is_what_second_looks_at_random_make_of_it(tmp_path):
    audits = quarter("01/06/2013", 0, 100, 60)
    looks = [(f"01/06/2013-{at}", "M", "01/07/2013", "random", BAD if at % 2 else GOOD) for at in range(0, 60, 3)]
    looks += [(f"01/06/2013-{at}", "M", "01/07/2013", "random", BAD) for at in range(60, 100, 3)]
    table = estimates(material(tmp_path, audits, looks=looks))
    assert table.loc["counted", "share"] == 0.6
    assert table.loc["adjusted", "share"] == pytest.approx(0.6 * 10 / 20)  # ten of the twenty looked at again were good


def test_second_looks_at_chosen_audits_adjust_nothing(tmp_path):
    looks = [(f"01/06/2013-{at}", "M", "01/07/2013", "risk", BAD) for at in range(60)]
    assert estimates(material(tmp_path, quarter("01/06/2013", 0, 100, 60), looks=looks)).empty


def test_a_service_without_an_audit_is_not_spoken_for(tmp_path):
    audits = quarter("01/06/2013", 0, 40, 20)
    table = estimates(material(tmp_path, audits, {"First Response": 200, "Children in Care": 50}))
    assert list(table.index) == ["counted", "weighted_in_part"]


# --- months and services ---------------------------------------------------------------------------------------------


def control(shares: list[int], of: int = 40) -> pd.DataFrame | None:
    return comparisons.control({"by_month": published("by_month", months(shares, of))})


def published(name: str, table: pd.DataFrame):
    full = table.assign(share=table["n"] / table["of"], low=0.1, high=0.9)
    return protect([(name, ("group",), full, About("M", "audits", "G", "N", "O"))], "working", 0)[name]


def months(shares: list[int], of: int = 40) -> pd.DataFrame:
    groups = [f"2012-{at:02d}" if at < 13 else f"2013-{at - 12:02d}" for at in range(1, len(shares) + 1)]
    return pd.DataFrame({"group": groups, "n": shares, "of": of, "left_out": 0})


def test_which_chart_is_drawn_follows_the_number_of_months():
    assert control([20] * 7) is None
    run = control([20, 22] * 4)
    assert run["low"].isna().all()
    assert run["share"].tolist() == [0.525] * 8
    limits = control([20, 22] * 7)
    centre = 21 / 40
    half = 3 * (centre * (1 - centre) / 40) ** 0.5
    assert limits["low"].tolist() == pytest.approx([centre - half] * 14)
    assert set(limits["signal"]) == {""}


def test_a_month_far_out_and_a_run_of_months_are_named_by_their_side():
    assert control([20, 22] * 7 + [4]).iloc[-1]["signal"] == "lower"
    climb = control([20, 22, 20, 22, 20, 22, 17, 18, 19, 20, 21, 22, 23])
    assert climb["signal"].tolist() == [""] * 6 + ["rising"] * 7  # none of them is out of the ordinary by itself
    slide = control([30] * 8 + [14] * 8)
    assert (slide["signal"].iloc[0], slide["signal"].iloc[-1]) == ("higher", "lower")


def test_a_service_stands_out_by_its_exact_tail_and_few_audits_say_nothing():
    services = pd.DataFrame(
        {"group": ["A", "B", "C", "D"], "n": [60, 58, 4, 9], "of": [100, 100, 30, 9], "left_out": 0}
    )
    table = comparisons.services_funnel({"by_service": published("by_service", services)}).set_index("group")
    assert table["signal"].to_dict() == {"A": "", "B": "", "C": "lower", "D": "too few"}


# --- the gate --------------------------------------------------------------------------------------------------------


def told(published) -> set[str]:
    """The groups of which some figure or word is a fact."""
    return {name.split(".")[1] for name in facts_of(published)}


def test_estimates_are_told_only_where_the_counts_of_the_audits_are(tmp_path):
    cases = {"First Response": 500}
    for good, shows in ((60, True), (97, False), (3, False)):
        tables = gate(material(tmp_path, quarter("01/06/2013", 0, 100, good), cases), "board", 5)
        assert told(tables["estimates"]) == ({"counted", "weighted"} if shows else set())


def test_the_adjusted_share_and_the_agreement_go_with_the_counts_of_second_looks(tmp_path):
    audits = quarter("01/06/2013", 0, 100, 60)
    for differ, shows in ((12, True), (3, False)):
        looks = [
            (f"01/06/2013-{at}", "M", "01/07/2013", "random", (BAD if at < 60 else GOOD) if at % 100 < differ else None)
            for at in range(100)
        ]
        looks = [(*look, grade or (GOOD if at < 60 else BAD)) for at, (*look, grade) in enumerate(looks)]
        found = material(tmp_path, audits, looks=looks)
        board, working = gate(found, "board", 5), gate(found)
        assert "adjusted" in told(working["estimates"])
        assert ("adjusted" in told(board["estimates"])) == shows
        assert told(working["agreement"]) == {"overall_grade"}
        assert (told(board["agreement"]) == {"overall_grade"}) == shows


def test_a_hidden_service_has_no_figure_and_no_word_in_the_funnel_and_the_sentence_says_so(tmp_path):
    counts = {
        "First Response": (30, 60),
        "Children in Care": (33, 60),
        "Disabled Children": (2, 20),
        "Fostering and Adoption": (3, 20),
    }
    audits = [
        row
        for day, (service, (n, of)) in enumerate(counts.items(), 1)
        for row in quarter(f"0{day}/06/2013", 0, of, n, service)
    ]
    found = material(tmp_path, audits)
    assert told(gate(found)["funnel"]) == {slug(service) for service in counts}
    funnel = gate(found, "board", 5)["funnel"]
    assert told(funnel) == {"first_response", "children_in_care"}
    assert [text_of(block.runs) for block in tell_funnel(funnel, {})] == [
        "Every service, of those that can be shown, lies within what chance explains."
    ]


def test_the_example_hides_every_figure_that_rests_on_a_hidden_service(pack):
    facts = {fact["name"]: fact for fact in json.loads((pack / "facts.json").read_text(encoding="utf-8"))["facts"]}
    services = {
        name.split(".")[1] for name in facts if name.startswith("by_service.") and name.endswith((".n", ".share"))
    }
    judged = {name.split(".")[1] for name in facts if name.startswith("funnel.")}
    assert judged
    assert judged <= services
    for name, fact in facts.items():
        if (
            name.startswith(("estimates.weighted.", "change.", "control.", "funnel.", "agreement."))
            and fact["unit"] != "words"
        ):
            assert fact["value"] == round(fact["value"], 2)


# --- words -----------------------------------------------------------------------------------------------------------


def change_table(rows: list[tuple[str, float, str]]):
    table = pd.DataFrame(rows, columns=["group", "share", "signal"]).rename(columns={"signal": "direction"})
    table = table.assign(low=table["share"] - 0.1, high=table["share"] + 0.1, n=np.nan, of=np.nan, left_out=np.nan)
    about = About(
        "Change", "points", "Domain", "", "", labels={"planning": "Planning"}, share_unit="points", says=("direction",)
    )
    return protect([("change", ("group",), lambda _: table, about)], "board", 5)["change"]


def test_a_sentence_of_change_names_what_moved_by_how_much_and_says_the_rest_did_not():
    table = change_table([("planning", -0.2, "fell"), ("review", 0.01, "no clear change")])
    sentence = text_of(change_sentence(table, facts_of(table)))
    assert sentence == (
        "Against the period before, Planning fell by 20 points. Nothing else compared shows a clear change."
    )
    assert "does not mean that nothing has changed" in text_of(tell_change(table, facts_of(table))[1].runs)


def test_without_a_clear_change_no_direction_is_said():
    table = change_table([("planning", -0.05, "no clear change")])
    assert text_of(change_sentence(table, facts_of(table))) == (
        "Against the period before, nothing compared shows a clear change."
    )


def test_months_and_services_that_stand_out_are_named():
    def derived(signals: list[str]):
        rows = pd.DataFrame({"group": ["a", "b"], "share": 0.5, "low": 0.4, "high": 0.6, "signal": signals})
        rows = rows.assign(n=np.nan, of=np.nan, left_out=np.nan)
        about = About("T", "a", "G", "", "", says=("signal",))
        return protect([("t", ("group",), lambda _: rows, about)], "board", 5)["t"]

    said = [text_of(block.runs) for block in tell_control(derived(["", "lower"]), {})]
    assert "lower than chance explains: b." in said
    assert [text_of(block.runs) for block in tell_control(derived(["rising", "rising"]), {})][1:] == [
        "rising, one by one: a and b."
    ]
    assert [text_of(block.runs) for block in tell_funnel(derived(["", "too few"]), {})] == [
        "Every service lies within what chance explains.", "Too few audits to say: b.",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def document(executed):
    return read_document(nbformat.read(executed, as_version=4))


@pytest.mark.parametrize("word", ["rose", "Fell", "improved", "worsened", "lower"])
def test_a_word_of_direction_that_no_fact_says_refuses_the_page(document, word):
    at = next(at for at, block in enumerate(document.blocks) if isinstance(block, Paragraph))
    blocks = list(document.blocks)
    blocks[at] = Paragraph((Run(f"Planning {word} a little."),))
    with pytest.raises(QAError) as refused:
        check_numbers(replace(document, blocks=tuple(blocks)))
    assert refused.value.exit_code == PUBLICATION
    assert word.casefold() in str(refused.value)


def test_a_word_of_direction_that_turns_its_fact_round_refuses_the_page(document):
    name = "change.planning.direction"
    facts = [fact for fact in document.title.facts if fact["name"] != name]
    title = replace(document.title, facts=(*facts, Fact(name, "fell", "words", "change").as_json()))
    blocks = [block for block in document.blocks if not (isinstance(block, Table) and block.id == "change")]

    def page(word: str):
        return replace(document, title=title, blocks=(*blocks, Paragraph((Run("Planning "), Run(word, (name,))))))

    check_numbers(page("fell"))
    with pytest.raises(QAError):
        check_numbers(page("rose"))


# --- labels ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "half", "agreed", "label"),
    [(150, 0.07, 0.7, HIGH), (150, 0.07, 0.5, MEDIUM), (150, 0.07, 0.3, LOW), (150, 0.07, None, MEDIUM),
     (99, 0.07, 0.9, MEDIUM), (150, 0.09, 0.9, MEDIUM), (49, 0.07, 0.9, LOW), (150, 0.15, 0.9, LOW)],
)  # fmt: skip
def test_a_label_is_the_lowest_that_base_half_width_and_agreement_allow(base, half, agreed, label):
    rows = pd.DataFrame({"base": [base, 200.0], "low": [0.5 - half, 0.5], "high": [0.5 + half, 0.5]})
    assert confidence_of(rows, Confidence(), agreed) == label


# --- the example's figures once more, without the library ------------------------------------------------------------


def extract(council: Path, name: str) -> list[dict[str, str]]:
    with (council / "extracts" / "example" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def second_quarter(packs):
    """Facts of the report for August to October 2013, whose audits come as CSV."""
    ledger = json.loads((packs("2013_q2") / "facts.json").read_text(encoding="utf-8"))["facts"]
    return {fact["name"]: fact for fact in ledger}


def test_the_weighted_share_of_the_example_is_the_one_worked_out_by_hand(council, second_quarter):
    """Each audit counts for the cases of its service that could be drawn in its month, by the registers alone."""
    of_services = [name.split(".") for name in second_quarter if name.startswith("by_service.")]
    shown_services = {service for _, service, measure in of_services if measure == "n"}

    def stratum(month: str, service: str) -> tuple[str, str]:
        return month, service if slug(service) in shown_services else "others"

    drawn = extract(council, "allocation_2013_q1.csv") + extract(council, "allocation_2013_q2.csv")
    known = {row["case_id"] for row in drawn if row["status"] == "allocated"}
    eligible = {(row["allocated_on"][3:], row["service"]): int(row["eligible"]) for row in drawn}
    cases, of, good = Counter(), Counter(), Counter()
    audits = extract(council, "audits_2013_q2.csv")
    assert all(row["overall_grade"] and row["case_id"] in known for row in audits)
    for row in audits:
        place = stratum(row["audit_date"][3:], row["service"])
        of[place] += 1
        good[place] += row["overall_grade"] in {"Good", "Outstanding"}
    for (month, service), count in eligible.items():
        if month in {"08/2013", "09/2013", "10/2013"}:
            cases[stratum(month, service)] += count
    assert set(cases) == set(of)  # no service is without an audit in a month
    share = sum(cases[place] * good[place] / of[place] for place in of) / sum(cases.values())
    assert second_quarter["estimates.weighted.share"]["value"] == round(share, 2)


def test_the_second_looks_of_the_example_are_counted_again(council, second_quarter):
    first = {row["audit_id"]: row for row in extract(council, "audits_2013_q2.csv")}
    looks = [row for row in extract(council, "moderation_2013_q2.csv") if row["selection"] == "random"]
    same = sum(row["overall_grade"] == first[row["audit_id"]]["overall_grade"] for row in looks)
    facts = {measure: second_quarter[f"same_grades.overall_grade.{measure}"]["value"] for measure in ("n", "of")}
    assert facts == {"n": same, "of": len(looks)}


def test_every_comparison_of_the_example_is_counted(second_quarter):
    compared = [name for name in second_quarter if name.startswith("change.") and name.endswith(".direction")]
    assert second_quarter["settings.comparisons_tested"]["value"] == len(compared) == 10
    assert {shown(Fact(**second_quarter[name])) for name in compared} <= {"rose", "fell", "no clear change"}
