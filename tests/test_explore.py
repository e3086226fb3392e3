"""What an exploration shows, without a screen: the figures of a report, base first, and nothing by subtraction."""

import json
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qa_lib as qa
from qa_lib.intake.audits import Audits
from qa_lib.intake.extracts import Extracts, read_extracts
from qa_lib.measures.shares import share_good_or_better
from qa_lib.measures.tallies import rows
from qa_lib.measures.themes import theme_shares
from qa_lib.problems import SETTINGS, QAError
from qa_lib.report.before import Before
from qa_lib.report.choosing import Choice
from qa_lib.report.disclosure import protect
from qa_lib.report.exploration import Exploration
from qa_lib.report.explored import tables
from qa_lib.report.facts import facts_of
from qa_lib.report.learnt import Place
from qa_lib.report.looks import TITLES
from qa_lib.report.material import Material
from qa_lib.report.publishable import About
from qa_lib.settings.kinds import OVERALL
from qa_lib.settings.report import read_report

K = 5
YEAR = "2012-08..2013-07"
SERVICES = ("Children in Care", "Disabled Children", "Fostering and Adoption")


@pytest.fixture(scope="module")
def quarterly(council):
    """The quarterly report's params and extracts, read once."""
    params = read_report(council / "params" / "example" / "2013_q1.yml")
    return params, read_extracts(params)


@pytest.fixture(scope="module")
def themed(council):
    params = read_report(council / "params" / "example" / "themed_domestic_violence.yml")
    return params, read_extracts(params)


@pytest.fixture(scope="module")
def working(quarterly):
    params, extracts = quarterly
    return Exploration(replace(params, audience="working"), extracts)


def texts(look):
    """What stands in the look's tables, as a screen has it."""
    return [
        [[cell.text or cell.mark for cell in row] for row in block.rows]
        for section in look.sections
        for block in section.blocks
        if hasattr(block, "rows")
    ]


# --- the figures are those of the library and of a report ------------------------------------------------------------


def test_the_figures_of_all_audits_are_those_of_the_measures(quarterly, working):
    params, extracts = quarterly
    material = Material(params, extracts)
    look = working.look(Choice())
    gradings = material.gradings("current", overall=False)
    by_domain = share_good_or_better(gradings, material.scale)
    shown = look.tables["by_domain"].table
    assert shown["group"].tolist() == by_domain["group"].tolist()
    for measure in ("n", "of", "left_out", "share", "low", "high"):
        assert shown[measure].tolist() == pytest.approx(by_domain[measure].tolist())
    needs = theme_shares(material.passages, material.comment_base, material.codebook, "development")
    noted = look.tables["themes"].only(polarity="development").table
    assert noted["n"].tolist() == needs["n"].tolist()
    assert noted["of"].tolist() == needs["of"].tolist()


def same_figures(look, told, names=("grades", "by_domain", "themes")):
    """How many figures of these tables are shown; each must be the one told under its name."""
    count = 0
    for name in names:
        published = look.tables[name]
        for fact in facts_of(published).values():
            assert fact.value == pytest.approx(told[fact.name]), fact.name
            count += 1
    return count


@pytest.mark.parametrize(
    ("name", "choice"),
    [
        ("of_a_service", Choice(service="Safeguarding and Support")),
        ("of_a_theme", Choice(theme="fathers")),
    ],
)
def test_the_figures_of_a_part_are_those_of_the_pack_about_it(packs, quarterly, name, choice):
    facts = json.loads((packs(name) / "facts.json").read_text(encoding="utf-8"))["facts"]
    look = Exploration(*quarterly).look(choice)
    assert same_figures(look, {fact["name"]: fact["value"] for fact in facts}) > 40


def test_the_figures_of_service_theme_and_polarity_together_are_those_of_a_report(council, quarterly):
    source = (council / "params" / "example" / "2013_q1.yml").read_text(encoding="utf-8")
    where = "where: {service: Safeguarding and Support, theme: recording, polarity: development}"
    path = council / "params" / "example" / "of_a_need.yml"
    path.write_text(f"{source}\n{where}\n", encoding="utf-8")
    plan = [entry for entry in qa.QUARTERLY if entry.name in {"grades", "by_domain", "themes"}]
    report = qa.open_report(path, plan)
    choice = Choice(service="Safeguarding and Support", theme="recording", polarity="development")
    look = Exploration(*quarterly).look(choice)
    assert same_figures(look, {name: fact.value for name, fact in report.facts.items()}) > 20
    assert str(report.facts["report.part"].value).endswith("Recording as a need")


def test_a_trend_is_the_report_s_own_periods(facts, quarterly):
    look = Exploration(*quarterly).look(Choice())
    trend = look.tables["trend"].table.set_index("group")
    for key, name in (
        ("2013-05..2013-07", "current"),
        ("2013-02..2013-04", "previous"),
        ("2012-05..2012-07", "last_year"),
    ):
        assert trend.at[key, "n"] == facts[f"periods.{name}.n"]
        assert trend.at[key, "of"] == facts[f"periods.{name}.of"]


def test_a_themed_audit_is_explored_by_its_questions(packs, themed):
    told = json.loads((packs("themed_domestic_violence") / "facts.json").read_text(encoding="utf-8"))["facts"]
    shares = {fact["name"]: fact["value"] for fact in told if fact["name"].startswith("standards.")}
    exploration = Exploration(*themed)
    look = exploration.look(Choice())
    table = look.tables["standards"].table
    seen = {f"standards.{row['group']}.n": row["n"] for _, row in table[table["n"].notna()].iterrows()}
    assert seen
    assert seen == {name: shares[name] for name in seen}
    assert "domain" not in [field for field, options in exploration.options.items() if len(options) > 1]
    other = exploration.options["question"][3][1]
    assert texts(exploration.look(Choice(question=other))) != texts(look)


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_base_comes_first_and_every_section_says_something(quarterly):
    look = Exploration(*quarterly).look(Choice(theme="fathers", service="Safeguarding and Support"))
    assert [section.key for section in look.sections] == [*TITLES]
    assert all(section.blocks for section in look.sections)
    base = look.tables["looked_at"].table
    assert base["group"].tolist() == ["selected", "with_words", "graded"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("period", "2013-02..2013-04"), ("service", "Safeguarding and Support"), ("theme", "fathers"),
        ("domain", "planning"), ("grade", "Inadequate"), ("activity", "complaints"),
    ],
)  # fmt: skip
def test_each_choice_changes_what_is_shown(quarterly, field, value):
    exploration = Exploration(*quarterly)
    assert texts(exploration.look(replace(Choice(), **{field: value}))) != texts(exploration.look(Choice()))


def test_the_needs_of_another_activity_are_those_of_the_ledger(quarterly, pack):
    """Complaints of the last twelve months, beside the ledger of the pack."""
    told = json.loads((pack / "facts.json").read_text(encoding="utf-8"))["facts"]
    ledger = {fact["name"]: fact["value"] for fact in told if fact["name"].startswith("ledger.")}
    look = Exploration(*quarterly).look(Choice(activity="complaints", period=YEAR))
    needs = look.tables["themes"].only(polarity="development").table
    seen = {f"ledger.{row['group']}.complaints.n": row["n"] for _, row in needs.iterrows() if row["n"] == row["n"]}
    both = seen.keys() & ledger.keys()
    assert len(both) > 3
    assert {name: seen[name] for name in both} == {name: ledger[name] for name in both}
    assert "by_domain" not in look.tables


def test_a_copied_figure_holds_its_base_interval_and_source(quarterly):
    look = Exploration(*quarterly).look(Choice())
    row = look.tables["by_domain"].table.set_index("group").loc["planning"]
    text, reference = look["grades"].copies["by_domain"][2]
    assert text.startswith(f"Planning: {row['n']:.0f} of {row['of']:.0f} ({row['share']:.0%}; 95% interval ")
    assert "Exampleshire: Internal case-file audits, May to July 2013, all services." in text
    compared, _ = look["change"].copies["compared"][2]
    assert compared.startswith(f"Planning: May to July 2013, {row['n']:.0f} of {row['of']:.0f} (")
    # 65 of 118 and 58 of 116: statsmodels' confint_proportions_2indep, method "newcomb", gives -0.076 to 0.175
    assert "; difference 5 points, 95% interval −8 to 18, no clear change." in compared
    assert reference == f"{{{{ by_domain.planning.share = {row['share']:.0%} }}}}"


def test_what_cannot_be_chosen_is_refused(quarterly):
    with pytest.raises(QAError) as refused:
        Exploration(*quarterly).look(Choice(service="<b>Nowhere</b>"))
    assert refused.value.exit_code == SETTINGS
    assert "Nowhere" not in str(refused.value)
    assert "service: this cannot be chosen here." in str(refused.value)


def test_the_order_of_the_rows_changes_nothing(quarterly):
    params, extracts = quarterly
    audits = extracts.audits
    turned = Audits(
        *(getattr(audits, name).iloc[::-1].reset_index(drop=True) for name in ("audits", "gradings", "comments"))
    )
    choice = Choice(service="Safeguarding and Support", domain="planning")
    other = Exploration(params, replace(extracts, audits=turned))
    assert texts(other.look(choice)) == texts(Exploration(params, extracts).look(choice))


# --- who may see it --------------------------------------------------------------------------------------------------


def test_passages_are_in_a_working_copy_alone(quarterly, working):
    params, extracts = quarterly
    fathers = Choice(theme="fathers", polarity="development")
    assert Exploration(params, extracts).look(fathers).passages is None
    found = working.look(fathers).passages
    assert set(found["Theme"]) == {"Fathers"}
    assert set(found["Noted as"]) == {"Need"}
    boxed = working.look(replace(fathers, box="parent_view")).passages
    said = extracts.audits.comments
    known = set(said.loc[said["column"] == "parent_view", "text"])
    assert len(boxed) > 0
    assert set(boxed["Text"]) <= known
    assert set(boxed["Reference"]) <= set(found["Reference"])


def test_the_public_chooses_no_service(quarterly):
    params, extracts = quarterly
    exploration = Exploration(replace(params, audience="public"), extracts)
    assert len(exploration.options["service"]) == 1
    counts = exploration.look(Choice()).tables["by_domain"].table["n"].dropna()
    assert (counts % 5 == 0).all()


def test_a_part_too_small_shows_nothing(quarterly):
    params, extracts = quarterly
    exploration = Exploration(params, extracts)
    sizes = extracts.audits.audits.query("period == 'current'")["service"].value_counts()
    small = [service for service, n in sizes.items() if 1 <= n <= K]
    for service in small:
        look = exploration.look(Choice(service=service))
        assert look.tables == {}
        assert "too small" in str(look["base"].blocks[0])


# --- one table beside those before it --------------------------------------------------------------------------------


def who(*ids, of=40):
    """Audits by their numbers, of so many."""
    return np.isin(np.arange(of), ids)


def shown(before, what, counted, place=None, base=None):
    """Whether a count of these is shown, after what was shown before."""
    everyone = np.ones(40, dtype=bool) if base is None else base
    tally = rows(({"group": what}, counted, everyone, everyone))
    about = About("T", "audits", "", "N", "Of")
    published = protect([("t", ("group",), tally.table, about)], "board", K)["t"]
    held = before.held(published, tally, (place or Place(what),))
    return bool(held.table["n"].notna().all())


def test_two_counts_that_differ_by_a_few_are_not_both_shown():
    before = Before(K, {})
    assert shown(before, "a", who(*range(20)))
    assert not shown(before, "b", who(*range(17)))  # three of a are not in it
    assert not shown(before, "c", who(*range(24)))  # it has four more
    assert shown(before, "d", who(*range(14)))  # six fewer
    assert shown(before, "e", who(*range(3, 23)))  # neither lies inside the other
    assert shown(before, "a again", who(*range(20)))


def test_the_last_part_of_a_whole_is_hidden_where_the_others_would_leave_few():
    before, parts = Before(K, {}), (range(12), range(12, 24), range(24, 36))  # four are left of forty
    shown(before, "all", who(*range(40)), Place("audits"), base=np.ones(40, dtype=bool))
    told = [shown(before, "audits", who(*part), Place("audits", "", f"service {at}")) for at, part in enumerate(parts)]
    assert told == [True, True, False]


def test_the_periods_of_a_year_do_not_give_the_last_away():
    before = Before(K, {"year": ("q1", "q2", "q3")})
    told = [
        shown(before, "audits", who(*part), Place("audits", "", "", name))
        for name, part in (("q1", range(18)), ("year", range(40)), ("q2", range(18, 36)))
    ]
    assert told == [True, True, False]


def test_what_parts_leave_is_known_as_well():
    """All less one service is known; a count that differs from it by a few is not shown."""
    before = Before(K, {})
    assert shown(before, "audits", who(*range(32)), Place("audits"))
    assert shown(before, "audits", who(*range(16)), Place("audits", "", "a"))
    assert not shown(before, "noted", who(*range(16, 30)), Place("noted"))


@settings(max_examples=8)
@given(
    st.randoms(use_true_random=False),
    st.lists(st.sampled_from([*product(("", *SERVICES), ("", "fathers"))]), min_size=2, max_size=4, unique=True),
)
def test_no_sequence_of_looks_leaves_a_small_difference(council, random, asked):
    """An attacker who knows who is in each count that was shown subtracts every two, and parts from their whole."""
    exploration = _made_up(council, random)
    known, parts = set(), {}
    for service, theme in asked:
        look = exploration.look(Choice(service=service, theme=theme))
        for name, people in _counted(exploration, look):
            known.add(people)
            parts.setdefault((theme, name), {})[service] = people
    for one, other in combinations(known, 2):
        small, large = sorted((one, other), key=len)
        assert not (small < large and len(large) - len(small) <= K)
    for by_service in parts.values():
        if "" in by_service and len(by_service) > 1:
            told = [people for service, people in by_service.items() if service]
            assert not 1 <= len(by_service[""].difference(*told)) <= K


def _counted(exploration, look):
    """Of every count that the look shows: what it counts, and whom."""
    seen = exploration._seen(look.choice)
    for asked in (one for section in [*TITLES][:-1] for one in tables(seen, section) if one.name in look.tables):
        told = look.tables[asked.name].table
        keys = [tuple(each.values()) for each in asked.tally.keys]
        for _, row in told.iterrows():
            grades = row.get("together") or [row[asked.keys[-1]]]
            key = tuple(str(row[name]) for name in asked.keys[:-1])
            whom = [asked.tally.sets(keys.index((*key, str(grade)))) for grade in grades]
            hit = set().union(*(np.flatnonzero(sets["n"]).tolist() for sets in whom))
            of, left = (set(np.flatnonzero(whom[0][name]).tolist()) for name in ("of", "left_out"))
            what = (asked.name, *key, *grades)
            if row["n"] == row["n"]:
                yield (*what, "n"), frozenset(hit)
            if row["of"] == row["of"]:
                yield (*what, "of"), frozenset(of)
            if row["of"] == row["of"] and row["n"] == row["n"]:
                yield (*what, "rest"), frozenset(of - hit)
            if row["left_out"] == row["left_out"]:
                yield (*what, "left"), frozenset(left)


def _made_up(council, random):
    """Random audits of three services and two quarters, with a grade and perhaps a comment about fathers."""
    params = read_report(council / "params" / "example" / "2013_q1.yml")
    grades = params.framework.scale.allowed
    count = random.randint(40, 90)
    table = pd.DataFrame(
        {
            "audit_id": [f"A{at}" for at in range(count)],
            "service": random.choices(SERVICES, weights=(5, 3, 1), k=count),
            "month": random.choices(("2013-03", "2013-06"), k=count),
            "grade": random.choices(grades, weights=(1, 4, 3, 2, 1), k=count),
            "text": random.choices(("", "All is well.", "Father not seen at all."), weights=(1, 6, 6), k=count),
        }
    )
    table["audit_date"] = pd.to_datetime(table["month"] + "-02")
    table["period"] = table["month"].map({"2013-03": "previous", "2013-06": "current"})
    domains = ["planning", OVERALL]
    graded = [
        table.assign(domain=domain, grade=table["grade"].sample(frac=1, random_state=at).to_numpy())
        for at, domain in enumerate(domains)
    ]
    gradings = pd.concat(graded, ignore_index=True)
    gradings["domain"] = pd.Categorical(gradings["domain"], domains)
    gradings["grade"] = pd.Categorical(gradings["grade"], [*grades, "Not recorded"])
    comments = table[table["text"] != ""].assign(column="areas_for_development")
    return Exploration(params, Extracts(Audits(table.drop(columns=["grade", "text"]), gradings, comments), ()))


def test_a_working_copy_says_where_the_board_could_have_no_report(quarterly, working):
    board = Exploration(*quarterly)
    services = ("", "Safeguarding and Support", *SERVICES)
    asked = [Choice(service=service, theme=theme) for service in services for theme in ("", "fathers")]
    told = [working.why_no_report(choice) for choice in asked]
    assert "" in told
    assert any("too small" in words for words in told)
    assert told == [board.why_no_report(choice) for choice in asked]


@pytest.mark.parametrize("period", ["", YEAR])
@pytest.mark.parametrize("service", ["", "Children in Care", "First Response"])
def test_two_groups_side_by_side_do_not_give_away_who_is_in_neither(quarterly, period, service):
    """All that note a need, less those below good, less the others, are those without a grade; so with the bases."""
    exploration, told = Exploration(*quarterly), 0
    for domain in ("", "planning", "supervision", "assessment"):
        for grade in ("", "Inadequate", "Requires improvement"):
            look = exploration.look(Choice(period=period, service=service, domain=domain, grade=grade))
            if "against" not in look.tables:
                continue
            needs = look.tables["themes"].only(polarity="development").table.set_index("group")
            sides = look.tables["against"].table.pivot_table(["n", "of"], "group", "side", dropna=False)
            ungraded = needs["n"] - sides["n"].sum(axis=1, skipna=False)
            bases = needs["of"].max() - sides["of"].max().sum(skipna=False)
            told += int(ungraded.notna().sum())
            assert not ungraded.between(1, K).any()
            assert not 1 <= bases <= K
    assert told or service


def test_a_grade_that_was_hidden_is_not_what_all_below_good_leave(quarterly):
    exploration = Exploration(*quarterly)
    both = exploration.look(Choice(period=YEAR, domain="supervision")).tables["against"]
    one = exploration.look(Choice(period=YEAR, domain="supervision", grade="Inadequate")).tables["against"]
    wide = [table.table.pivot_table("n", "group", "side", dropna=False) for table in (both, one)]
    graded = wide[0].sum(axis=1, skipna=False)
    assert graded.notna().any()
    assert not (graded - wide[1]["other"]).between(1, K).any()


def below_good(look, scale):
    """How many audits were below good overall, by period, as far as the trend and the grades tell it."""
    told = {}
    if "trend" not in look.tables:  # a part too small
        return told
    for _, row in look.tables["trend"].table.dropna(subset=["n", "of"]).iterrows():
        told[row["group"]] = row["of"] - row["n"]
    grades = look.tables["grades"].table
    overall = grades[grades["group"] == OVERALL]
    below = overall[overall["together"].map(lambda each: set(each) <= set(scale.below_good))]
    if len(below) and below["n"].notna().all():
        told[look.choice.period] = below["n"].sum()
    return told


@pytest.mark.parametrize("service", ["", "First Response", "Children in Care", "Safeguarding and Support"])
def test_the_grades_of_a_year_less_its_other_quarters_are_no_small_count(quarterly, service):
    params, extracts = quarterly
    exploration, told = Exploration(params, extracts), {}
    quarters = list(exploration._wholes[YEAR])
    for period in (YEAR, *quarters[1:], quarters[0]):
        told |= below_good(exploration.look(Choice(period=period, service=service)), params.framework.scale)
        known = [told[quarter] for quarter in quarters if quarter in told]
        if YEAR in told and len(known) == len(quarters) - 1:
            assert not 1 <= told[YEAR] - sum(known) <= K
