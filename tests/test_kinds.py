"""Seven kinds of extract come in by one road, and are held against each other at the door."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from qa_lib.intake.extracts import check_extracts, read_extracts
from qa_lib.intake.rules import Rules
from qa_lib.problems import SETTINGS, QAError
from qa_lib.settings.codebook import Codebook
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import KINDS
from qa_lib.settings.period import Period
from qa_lib.settings.report import ReportParams
from qa_lib.settings.yaml import read_settings

EXAMPLE = Path(__file__).parents[1] / "params" / "example"
FRAMEWORK = read_settings(EXAMPLE / "framework.yml", Framework)
CODEBOOK = read_settings(EXAMPLE / "codebook.yml", Codebook)
QUARTER = Period("current", date(2013, 5, 1), date(2013, 7, 31))
GOOD = {
    "audits": """audit_id,case_id,audit_date,service,planning,overall_grade
A1,C1,01/06/2013,First Response,Good,Good
A2,C2,02/06/2013,Children in Care,Inadequate,Good
A3,C3,01/01/2011,Children in Care,Good,Good
""",
    "moderation": """audit_id,moderator,moderated_on,selection,planning,overall_grade,outcome
a1,M. Other,20/06/2013,random,Requires improvement,Good,
A2,M. Other,21/06/2013,Contested,,Good,upheld
A3,M. Other,01/03/2011,risk,Good,Good,
""",
    "evidence": """evidence_id,activity,date,service,theme,text,polarity,outcome
1,complaints,03/06/2013,First Response,,Nobody rang back,development,upheld
1,Supervision audits,04/06/2013,,,Clear record,strength,
2,complaints,04/06/2009,,,Old,development,
""",
    "actions": """action_id,concern,action,outcome,owner,start,due,measure,direction,status
1,Drift,Track plans,Fewer late plans,Head,February to July 2013,31/07/2013,by_domain.planning.share,up,in progress
2,Voice,Train all,More children heard,,as soon as can be,Oct 2013,,,
""",
    "caseload": """case_id,service,as_at,worker,opened,closed,restricted
C1,First Response,30/06/2013,W1,01/02/2013,,No
C2,Children in Care,30/06/2013,W2,01/02/2012,15/06/2013,
C9,,30/06/2013,W2,01/02/2012,,Yes
C1,First Response,31/05/2013,W1,01/02/2013,,No
""",
    "auditors": """auditor,service,team,role,phase,capacity,leave_from,leave_to,lead
Ann,First Response,North,Manager,second,4,01/12/2030,08/12/2030,Yes
Bob,Children in Care,,,first,,,,
""",
    "allocation": """case_id,service,allocated_on,due,status,reason,auditor,started_on,eligible,drawn
C1,First Response,01/05/2013,31/05/2013,,,Ann,20/05/2013,40,2
C2,Children in Care,01/06/2013,30/06/2013,Replaced,Held in court,Bob,,20,1
C1,First Response,01/05/2009,31/05/2009,excluded,Closed,Ann,,40,2
""",
}  # fmt: skip


def given(folder: Path, **texts: str) -> dict[str, tuple[Path, ...]]:
    files = {}
    for kind, text in {**GOOD, **texts}.items():
        if text:
            path = folder / f"{kind}.csv"
            path.write_text(text, encoding="utf-8")
            files[kind] = (path,)
    return files


def asked(files, framework: Framework = FRAMEWORK) -> ReportParams:
    where, day = (Path("r.yml"), Path("n.ipynb")), date(2013, 10, 1)
    return ReportParams(*where, "T", (QUARTER,), day, "board", framework, CODEBOOK, files)


def faults(files, framework: Framework = FRAMEWORK) -> set[tuple[str, str, str, tuple[int, ...]]]:
    with pytest.raises(QAError) as refused:
        read_extracts(asked(files, framework))
    errors = [problem for problem in refused.value.problems if problem.severity == "error"]
    return {(problem.file, problem.code, problem.column, problem.rows) for problem in errors}


def changed(kind: str, old: str, new: str) -> dict[str, str]:
    assert GOOD[kind].count(old) == 1
    return {kind: GOOD[kind].replace(old, new)}


def test_good_files_of_every_kind_are_read_together(tmp_path):
    extracts = read_extracts(asked(given(tmp_path)))
    assert [file.kind.name for file in extracts.files] == list(KINDS)
    assert [(file.rows_read, file.rows_counted) for file in extracts.files] == [
        (3, 2),
        (3, 3),
        (3, 2),
        (2, 2),
        (4, 4),
        (2, 2),
        (3, 2),
    ]
    for name in KINDS:
        assert getattr(extracts, name) is not None


def test_a_kind_that_was_not_given_is_none(tmp_path):
    extracts = read_extracts(asked(given(tmp_path, **dict.fromkeys([k for k in KINDS if k != "audits"], ""))))
    assert [name for name in KINDS if getattr(extracts, name) is not None] == ["audits"]


def test_a_case_of_a_register_stands_as_allocated_unless_it_says_otherwise(tmp_path):
    cases = read_extracts(asked(given(tmp_path))).allocation.cases
    assert cases[["case_id", "month", "status", "period"]].to_numpy().tolist() == [
        ["C1", "2013-05", "allocated", "current"],
        ["C2", "2013-06", "replaced", "current"],
    ]


def test_a_closed_case_is_listed_and_not_open(tmp_path):
    caseload = read_extracts(asked(given(tmp_path))).caseload
    assert caseload.cases["case_id"].tolist() == ["C1", "C9"]
    assert caseload.listed["case_id"].tolist() == ["C1", "C2", "C9"]


def test_a_second_look_is_one_row_a_domain_beside_how_it_was_chosen(tmp_path):
    gradings = read_extracts(asked(given(tmp_path))).moderation.gradings
    rows = gradings[["audit_id", "selection", "domain", "grade"]].astype(str).to_numpy().tolist()
    assert rows == [
        ["a1", "random", "planning", "Requires improvement"],
        ["A2", "contested", "planning", "Not recorded"],
        ["A3", "risk", "planning", "Good"],
        ["a1", "random", "overall_grade", "Good"],
        ["A2", "contested", "overall_grade", "Good"],
        ["A3", "risk", "overall_grade", "Good"],
    ]


def test_a_second_look_at_an_audit_that_nobody_holds_is_refused(tmp_path):
    files = given(tmp_path, **changed("moderation", "a1,M. Other", "A7,M. Other"))
    assert faults(files) == {("moderation.csv", "unknown_audit", "audit_id", (2,))}


def test_an_audit_outside_the_periods_may_have_been_moderated(tmp_path):
    extracts = read_extracts(asked(given(tmp_path)))
    assert "A3" not in set(extracts.audits.audits["audit_id"])
    assert "A3" in set(extracts.moderation.gradings["audit_id"])


def test_evidence_takes_an_activity_by_its_key_or_its_label_and_an_id_stands_once_in_each(tmp_path):
    observations = read_extracts(asked(given(tmp_path))).evidence.observations
    assert list(observations["activity"]) == ["complaints", "supervision_audits"]
    assert list(observations["month"]) == ["2013-06", "2013-06"]
    assert list(observations["service"].astype(str)) == ["First Response", "Not recorded"]
    files = given(tmp_path, **changed("evidence", "1,Supervision audits", "1,Complaints"))
    assert faults(files) == {("evidence.csv", "doubled_id", "evidence_id", (2, 3))}


def test_a_theme_of_another_activity_that_the_codebook_does_not_know_is_told_and_refuses_nothing(tmp_path):
    key = next(iter(CODEBOOK.themes))
    text = changed("evidence", "First Response,,Nobody", f"First Response,{key};{key[:-1]},Nobody")
    warnings = read_extracts(asked(given(tmp_path, **text))).warnings
    [told] = [problem for problem in warnings if problem.code == "unknown_theme"]
    assert (told.file, told.column, told.rows) == ("evidence.csv", "theme", (2,))
    assert key in told.fix
    assert "Nobody rang" not in told.sentence


def test_loose_dates_stay_as_written_beside_what_they_mean(tmp_path):
    register = read_extracts(asked(given(tmp_path))).actions.register
    first = register.iloc[0]
    assert first["start"] == "February to July 2013"
    assert (first["start_first"], first["start_last"]) == (pd.Timestamp("2013-02-01"), pd.Timestamp("2013-07-31"))
    assert first["due_first"] == first["due_last"] == pd.Timestamp("2013-07-31")
    second = register.iloc[1]
    assert second["start"] == "as soon as can be"
    assert pd.isna(second["start_first"])
    assert second["due_last"] == pd.Timestamp("2013-10-31")


def test_successive_registers_may_hold_the_same_action(tmp_path):
    files = given(tmp_path)
    later = tmp_path / "later.csv"
    later.write_text(GOOD["actions"], encoding="utf-8")
    actions = read_extracts(asked({**files, "actions": (*files["actions"], later)})).actions
    assert list(actions.history["register"]) == [1, 1, 2, 2]
    assert list(actions.register["register"]) == [2, 2]


def test_the_case_list_is_the_latest_and_holds_open_cases_only(tmp_path):
    cases = read_extracts(asked(given(tmp_path))).caseload.cases
    assert list(zip(cases["case_id"], cases["service"].astype(str), strict=True)) == [
        ("C1", "First Response"), ("C9", "Not recorded"),
    ]  # fmt: skip


def test_audited_cases_that_no_list_holds_are_told_and_refuse_nothing(tmp_path):
    extracts = read_extracts(asked(given(tmp_path, **changed("audits", "A2,C2", "A2,C77"))))
    told = [problem for problem in extracts.warnings if problem.code == "outside_frame"]
    assert [(problem.file, problem.column, problem.rows) for problem in told] == [("audits.csv", "case_id", (3,))]
    assert "C77" not in told[0].sentence


def test_leave_may_lie_ahead_and_capacity_is_a_whole_number(tmp_path):
    auditors = read_extracts(asked(given(tmp_path))).auditors.auditors
    assert auditors["capacity"].tolist() == [4, pd.NA]
    assert auditors["leave_from"][0] == pd.Timestamp("2030-12-01")


FAULTS = [
    ("moderation", "21/06/2013,Contested", "21/06/2013,at random", ("unknown_word", "selection", (3,))),
    ("moderation", "20/06/2013,random", "20/06/2013,", ("blank", "selection", (2,))),
    ("moderation", "a1,M. Other", "a1,", ("blank", "moderator", (2,))),
    ("moderation", "20/06/2013", "20/06/2023", ("future_date", "moderated_on", (2,))),
    ("moderation", "Requires improvement", "Fair", ("unknown_word", "planning", (2,))),
    ("moderation", "A2,M. Other", "A1,M. Other", ("doubled_id", "audit_id", (2, 3))),
    ("evidence", "Supervision audits", "gossip", ("unknown_word", "activity", (3,))),
    ("evidence", "1,complaints,03", "1,,03", ("blank", "activity", (2,))),
    ("evidence", "1,complaints,03", ",complaints,03", ("blank_id", "evidence_id", (2,))),
    ("evidence", "Nobody rang back,development", "Nobody rang back,bad", ("unknown_word", "polarity", (2,))),
    ("evidence", "2,complaints,04/06/2009", "2,complaints,", ("blank_date", "date", (4,))),
    ("actions", "1,Drift,", "1,,", ("blank", "concern", (2,))),
    ("actions", ",up,", ",sideways,", ("unknown_word", "direction", (2,))),
    ("actions", "2,Voice", "1,Voice", ("doubled_id", "action_id", (2, 3))),
    ("caseload", "C9,,30/06/2013", "c1,,30/06/2013", ("doubled_id", "case_id", (2, 4))),
    ("caseload", "C9,,30/06/2013", "C9,Childen,30/06/2013", ("unknown_word", "service", (4,))),
    ("caseload", ",15/06/2013,", ",15/06/2113,", ("future_date", "closed", (3,))),
    ("caseload", ",,Yes", ",,perhaps", ("unknown_word", "restricted", (4,))),
    ("auditors", "second,4", "second,four", ("number", "capacity", (2,))),
    ("auditors", "Bob,Children in Care", "ann,Children in Care", ("doubled_id", "auditor", (2, 3))),
    ("auditors", "08/12/2030", "32/12/2030", ("bad_date", "leave_to", (2,))),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "old", "new", "fault"), FAULTS, ids=[f"{f[0]}-{f[3][0]}-{f[3][1]}" for f in FAULTS])
def test_a_fault_in_any_kind_is_named_by_row_and_column(tmp_path, kind, old, new, fault):
    assert faults(given(tmp_path, **changed(kind, old, new))) == {(f"{kind}.csv", *fault)}


@pytest.mark.parametrize("kind", KINDS)
def test_each_required_column_is_asked_for_by_name(tmp_path, kind):
    table = pd.read_csv(given(tmp_path)[kind][0], dtype=str, keep_default_na=False)
    for column in KINDS[kind].required:
        path = tmp_path / f"{kind}.csv"
        table.drop(columns=column).to_csv(path, index=False)
        found = check_extracts({kind: (path,)}, Rules(FRAMEWORK, date(2013, 10, 1)))[0].problems
        assert ("missing_column", column) in {(problem.code, problem.column) for problem in found}


# --- settings for awkward sources ------------------------------------------------------------------------------------


def framework_with(tmp_path: Path, yaml: str) -> Framework:
    path = tmp_path / "framework.yml"
    text = (EXAMPLE / "framework.yml").read_text(encoding="utf-8")
    path.write_text(f"{text}\n{yaml}\n", encoding="utf-8")
    return read_settings(path, Framework)


def test_two_exports_whose_headings_differ_by_a_space_or_a_line_break_are_one_column(tmp_path):
    first = 'Audit reference,Date of audit,"10. Overall\ngrade"\nA1,01/06/2013,Good\n'
    second = "audit_reference,Date  of Audit,10.Overall grade\nA2,02/06/2013,Inadequate\n"
    paths = tmp_path / "a.csv", tmp_path / "b.csv"
    for path, text in zip(paths, (first, second), strict=True):
        path.write_text(text, encoding="utf-8")
    gradings = read_extracts(asked({"audits": paths})).audits.gradings
    assert list(gradings["grade"].astype(str)) == ["Good", "Inadequate"]


def test_rows_without_an_id_are_numbered_where_the_framework_says_so(tmp_path):
    text = "audit_date,overall_grade\n01/06/2013,Good\n02/06/2013,Good\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    files = {"audits": (tmp_path / "a.csv",)}
    assert faults(files) == {("a.csv", "missing_column", "audit_id", ())}
    told = framework_with(tmp_path, "audit_id: row")
    assert read_extracts(asked(files, told)).audits.audits["audit_id"].nunique() == 2
    some = "audit_id,audit_date,overall_grade\nX,01/06/2013,Good\n,02/06/2013,Good\n"
    (tmp_path / "a.csv").write_text(some, encoding="utf-8")
    ids = read_extracts(asked(files, told)).audits.audits["audit_id"]
    assert ids[0] == "X"
    assert ids[1] not in {"", "X"}


def test_rows_are_kept_by_any_column_after_the_checks(tmp_path):
    text = (
        "audit_id,Kind of home,audit_date,overall_grade\nA1,Children's  HOME,01/06/2013,Good\nA2,School,02/06/2013,{}\n"
    )
    told = framework_with(tmp_path, "keep: {kind-of home: [Children's home]}")
    files = given(tmp_path, audits=text.format("Good"), moderation="", caseload="")
    extracts = read_extracts(asked(files, told))
    assert list(extracts.audits.audits["audit_id"]) == ["A1"]
    assert extracts.files[0].rows_left_out == {"not kept by the framework": 1}
    assert "Kind of home" not in " ".join(problem.message for problem in extracts.warnings)
    bad = given(tmp_path, audits=text.format("Splendid"), moderation="", caseload="")
    assert faults(bad, told) == {("audits.csv", "unknown_word", "overall_grade", (3,))}
    lost = framework_with(tmp_path, "keep: {Sort of home: [Children's home]}")
    assert ("audits.csv", "missing_column", "Sort of home", ()) in faults(files, lost)


def test_one_kind_may_have_headings_and_a_filter_of_its_own(tmp_path):
    told = framework_with(
        tmp_path,
        """
sources:
  evidence:
    columns: {Ref: evidence_id, Received: date}
    keep: {Stage: ["2"]}
""",
    )
    text = "Ref,activity,Received,Stage\n1,complaints,03/06/2013,1\n2,complaints,03/06/2013,2\n"
    observations = read_extracts(asked(given(tmp_path, evidence=text), told)).evidence.observations
    assert list(observations["evidence_id"]) == ["2"]


@pytest.mark.parametrize(
    ("yaml", "words"),
    [
        ("sources: {evidence: {columns: {Ref: audit_date}}}", "audit_date"),
        ("sources: {gossip: {columns: {Ref: audit_date}}}", "gossip"),
        ("audit_id: number", "row"),
        ("keep: {Kind: School}", "list"),
        ("split: lines", "bullets"),
    ],
)
def test_a_setting_that_means_nothing_is_refused_by_name(tmp_path, yaml, words):
    with pytest.raises(QAError) as refused:
        framework_with(tmp_path, yaml)
    assert refused.value.exit_code == SETTINGS
    assert any(words in problem.sentence for problem in refused.value.problems)


def test_bullets_may_be_asked_for_in_every_text_column_at_once(tmp_path):
    text = "audit_id,audit_date,overall_grade,strengths,actions\nA1,01/06/2013,Good,- one\n".replace(
        "- one", '"- one\n- two","- three\n- four"'
    )
    told = framework_with(tmp_path, "split: bullets")
    comments = read_extracts(asked(given(tmp_path, audits=text, moderation="", caseload=""), told)).audits.comments
    assert list(comments["text"]) == ["one", "two", "three", "four"]


def test_a_file_without_headings_shows_nothing_of_its_first_record(tmp_path):
    text = "A1,Kayleigh Brown,01/06/2013,Good,Good\nA2,Jade Other,02/06/2013,Good,Good\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    [extract] = check_extracts({"audits": (tmp_path / "a.csv",)}, Rules(FRAMEWORK, date(2013, 10, 1)))
    said = " ".join(problem.sentence for problem in extract.problems)
    assert "no row of headings was found" in said
    assert "Kayleigh" not in said
