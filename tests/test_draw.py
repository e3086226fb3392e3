"""A draw as co-ordinator and auditors have it: counted again with csv alone, kept up, drawn again, read back."""

import csv
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import qa_lib as qa
from qa_lib.intake.extracts import read_extracts
from qa_lib.problems import DATA, SETTINGS, QAError
from qa_lib.report.allocation_book import write_allocation
from qa_lib.report.blocks import text_of_block
from qa_lib.report.drawing import drawing_of
from qa_lib.settings.report import read_report

DRAW = "params/example/draw_2013_08.yml"
START = date(2013, 8, 1)
PEOPLE = ("worker", "manager", "earlier_workers", "chair", "reviewer")


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day(text):
    return datetime.strptime(text, "%d/%m/%Y" if "/" in text else "%Y-%m-%d").date() if text else None  # noqa: DTZ007


def rows_of(path, sheet):
    """The rows of a sheet below its headings, by heading."""
    heads, *rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows if any(cell is not None for cell in row)]


def rewrite(path, change):
    """A CSV file once more, each row changed."""
    rows = [change(row) for row in table(path)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def key(case):
    return case.strip().casefold()


@pytest.fixture(scope="module")
def extracts(council):
    return council / "extracts" / "example"


@pytest.fixture(scope="module")
def drawn(council):
    """The draw of the example, in this process."""
    params = read_report(council / DRAW)
    return drawing_of(params, read_extracts(params))


@pytest.fixture
def books(council, drawn, tmp_path):
    """The working papers of the example's draw."""
    write_allocation(drawn, read_report(council / DRAW), "1.0", tmp_path)
    return tmp_path


@pytest.fixture
def again(copy_of_council):
    """Draw once more in a copy: after changing its files, and with a register given as well."""
    folder = copy_of_council / "extracts" / "example"

    def make(register=None, change=None, **draw):
        if change:
            change(folder)
        params = read_report(copy_of_council / DRAW)
        files = dict(params.extracts)
        if register:
            files["allocation"] = (*files["allocation"], register)
        asked = params.draw.model_copy(update=draw)
        params = replace(params, extracts=files, draw=asked, as_of=date(2013, 8, 15))
        return drawing_of(params, read_extracts(params))

    return make


def keep_up(books, changes):
    """The register as the co-ordinator keeps it: what is changed of a case, by its id; the book's path."""
    path = books / "allocation.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Cases"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        for heading, value in changes.get(sheet.cell(row, heads["Case number"]).value, {}).items():
            sheet.cell(row, heads[heading]).value = value
    kept = books / "register.xlsx"
    book.save(kept)
    return kept


def expected_reasons(extracts):
    """Why each listed case could not be drawn, by the rules of the guide, from the files alone; "" if it could."""
    audited = {}
    for path in extracts.glob("audits_201[12]_q*.csv"):
        for row in table(path):
            audited.setdefault(key(row["case_id"]), []).append(day(row["audit_date"]))
    for path in extracts.glob("audits_201[23]_q[13].xlsx"):
        for row in rows_of(path, "Responses"):
            audited.setdefault(key(row["Case number"]), []).append(row["Date of audit"].date())
    audited = {case: [on for on in days if on < START] for case, days in audited.items()}
    waited = set()
    for name in ("allocation_2012_q4.csv", "allocation_2013_q1.csv"):
        for row in table(extracts / name):
            done = any(on >= day(row["allocated_on"]) for on in audited.get(key(row["case_id"]), []))
            if row["status"] in {"", "allocated"} and not done:
                waited.add(key(row["case_id"]))
    reasons = {}
    for row in table(extracts / "caseload_2013-07.csv"):
        case = key(row["case_id"])
        last = max([*audited.get(case, []), *filter(None, [day(row["last_audited"])])], default=None)
        rules = {
            "closed": day(row["closed"]) and day(row["closed"]) <= START,
            "audited": last and last > date(2012, 8, 1),
            "restricted": row["restricted"] == "Yes",
            "opened": day(row["opened"]) and day(row["opened"]) > date(2013, 2, 1),
            "held": case in waited,
        }
        reasons[case] = next((name for name, holds in rules.items() if holds), "")
    return reasons


def test_why_cases_could_not_be_drawn_is_counted_again_from_the_files_alone(drawn, extracts):
    reasons = expected_reasons(extracts)
    found = dict(zip(drawn.draw.frame["case_id"].map(key), drawn.draw.frame["reason"], strict=True))
    assert {case: why for case, why in found.items() if why != "sibling"} == {
        case: why for case, why in reasons.items() if found[case] != "sibling"
    }
    assert Counter(reasons.values())["held"] > 20  # the rule had something to look at


def test_the_register_holds_so_many_cases_of_different_families_and_nobody_who_knows_a_case(drawn, extracts):
    listed = {row["case_id"]: row for row in table(extracts / "caseload_2013-07.csv")}
    people = {row["auditor"]: row for row in table(extracts / "auditors_2013-08.csv")}
    register = drawn.register.to_dict("records")
    assert len(register) == 50
    assert sum(1 for row in register if row["second_auditor"]) == 15
    assert len({listed[row["case_id"]]["family_id"] for row in register}) == 50
    load = Counter()
    for row in register:
        case = listed[row["case_id"]]
        named = {name.strip() for column in PEOPLE for name in case[column].split(";")}
        who = [row[column] for column in ("auditor", "second_auditor", "paired_with") if row[column]]
        assert len(who) == len(set(who))
        assert not named & set(who)
        assert case["team"] not in {people[name]["team"] for name in who}
        assert people[row["auditor"]]["phase"] != "first"
        assert not row["paired_with"] or people[row["paired_with"]]["phase"] == "first"
        load.update([row["auditor"], *filter(None, [row["second_auditor"]])])
    assert all(count <= int(people[name]["capacity"] or 2) for name, count in load.items())


def test_the_page_tells_what_the_files_say(family, council, extracts):
    facts = json.loads((family["draw_2013_08"] / "facts.json").read_text(encoding="utf-8"))["facts"]
    value = {fact["name"]: fact["value"] for fact in facts}
    reasons = Counter(expected_reasons(extracts).values())
    assert value["frame.all.eligible.of"] == sum(reasons.values())
    assert {why: value[f"frame.all.{why}.n"] for why in ("closed", "restricted", "audited", "opened", "held")} == {
        why: reasons[why] for why in ("closed", "restricted", "audited", "opened", "held")
    }
    assert value["draw.drawn.n"] == 50
    assert value["draw.second_looks.n"] == 15
    assert value["draw.seed"] == "461738"
    record = json.loads((family["draw_2013_08"] / "run.json").read_text(encoding="utf-8"))
    assert record["draw"]["frame_sha256"].startswith(value["draw.frame"])
    papers = family["draw_2013_08"].parents[2] / ".private" / "example" / "draw_2013_08" / "v001"
    assert len(rows_of(papers / "allocation.xlsx", "Cases")) == 50


def test_nothing_of_a_case_or_of_anybody_stands_in_the_pack(family, extracts):
    people = {row["auditor"] for row in table(extracts / "auditors_2013-08.csv")}
    listed = table(extracts / "caseload_2013-07.csv")
    pack = family["draw_2013_08"]
    text = "".join(path.read_text(encoding="utf-8") for path in pack.glob("*.*") if path.suffix in {".html", ".json"})
    book = openpyxl.load_workbook(pack / "tables.xlsx")
    text += " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    said_anyway = {"Fostering", "Adoption", "Assessment"}  # teams whose names are words of services or domains too
    secrets = people | {row["case_id"] for row in listed} | {row["team"] for row in listed} - said_anyway
    assert [secret for secret in secrets if re.search(rf"\b{re.escape(secret)}\b", text)] == []


def test_the_co_ordinator_sees_which_teams_were_reached(books, extracts):
    reasons = expected_reasons(extracts)
    listed = [row for row in table(extracts / "caseload_2013-07.csv") if reasons[key(row["case_id"])] != "closed"]
    reached = Counter(row["team"] for row in listed if reasons[key(row["case_id"])] == "audited")
    found = rows_of(books / "allocation.xlsx", "Coverage")
    assert {row["Team"]: row["Audited before"] for row in found} == {
        team: reached[team] for team in {row["team"] for row in listed}
    }
    assert sum(row["Open cases"] for row in found) == len(listed)


def test_an_auditor_finds_her_cases_in_her_own_workbook_and_those_of_nobody_else(books, drawn):
    tasks = rows_of(books / "allocation.xlsx", "Tasks")
    register = drawn.register
    assert len(tasks) == 50 + 15 + (register["paired_with"] != "").sum()
    files = {row["Own workbook"]: row["Auditor"] for row in tasks}
    assert sorted(path.stem for path in (books / "auditors").iterdir()) == sorted(files)
    for file, name in files.items():
        book = openpyxl.load_workbook(books / "auditors" / f"{file}.xlsx")
        text = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value}
        mine = register[(register[["auditor", "second_auditor", "paired_with"]] == name).any(axis=1)]
        assert {case for case in register["case_id"] if case in text} == set(mine["case_id"])
        assert {other for other in files.values() if other in text} - {name} <= set(mine["paired_with"])


def test_what_auditors_send_back_is_read_without_a_map(books, council):
    """Every audit and every second look of one auditor, filled in as she would, is counted."""
    tasks = rows_of(books / "allocation.xlsx", "Tasks")
    twice = Counter((row["Own workbook"], row["What she or he does"]) for row in tasks)
    file = next(name for name, does in twice if does == "Second look" and (name, "Audits") in twice)
    path = books / "auditors" / f"{file}.xlsx"
    book = openpyxl.load_workbook(path)
    answers = {
        "Audits": {"Date of audit": datetime(2013, 8, 20), "10. Overall grade": "Good", "3. Planning": "Inadequate"},  # noqa: DTZ001
        "Second looks": {"Moderated on": datetime(2013, 8, 27), "10. Overall grade": "Good"},  # noqa: DTZ001
    }
    for sheet, filled in answers.items():
        heads = {cell.value: cell.column for cell in book[sheet][1]}
        for row in range(2, book[sheet].max_row + 1):
            for heading, value in filled.items() if book[sheet].cell(row, 1).value else ():
                book[sheet].cell(row, heads[heading]).value = value
    book.save(path)
    params = read_report(council / "params/example/2013_q1.yml")
    august = replace(params.period, start=START, end=date(2013, 8, 31))
    files = {"audits": (path,)}
    asked = replace(params, periods=(august,), extracts=files, as_of=date(2013, 10, 1))
    found = read_extracts(asked)
    assert len(found.audits.audits) == twice[file, "Audits"]
    assert set(found.audits.audits["audit_type"]) == {"Light touch"}
    planned = found.audits.gradings[found.audits.gradings["domain"] == "planning"]
    assert set(planned["grade"]) == {"Inadequate"}
    others = sorted({row["Own workbook"] for row in tasks if row["What she or he does"] == "Audits"})
    everybody = tuple(books / "auditors" / f"{name}.xlsx" for name in others)
    for other in everybody:
        if other != path:
            _date_audits(other)
    asked = replace(asked, extracts={"audits": everybody, "moderation": (path,)})
    second = read_extracts(asked).moderation.gradings
    assert second["audit_id"].nunique() == twice[file, "Second look"]
    assert set(second["selection"]) == {"random"}


def _date_audits(path):
    book = openpyxl.load_workbook(path)
    heads = {cell.value: cell.column for cell in book["Audits"][1]}
    for row in range(2, book["Audits"].max_row + 1):
        if book["Audits"].cell(row, 1).value:
            book["Audits"].cell(row, heads["Date of audit"]).value = datetime(2013, 8, 20)  # noqa: DTZ001
    book.save(path)


def test_the_register_given_again_changes_nothing(again, books, drawn):
    second = again(books / "allocation.xlsx")
    pd.testing.assert_frame_equal(second.register, drawn.register, check_dtype=False)
    assert second.changes.empty


def test_a_replaced_case_gives_way_to_the_next_reserve_and_everybody_else_keeps_theirs(again, books, drawn):
    gone = drawn.register.loc[drawn.register["service"] == "Safeguarding and Support"].iloc[0]
    reserves = rows_of(books / "allocation.xlsx", "Reserves")
    first = next(row["Case"] for row in reserves if row["Service"] == gone["service"] and row["Order"] == 1)
    kept = keep_up(books, {gone["case_id"]: {"Status": "replaced", "Reason": "File with the court"}})
    second = again(kept).register.set_index("case_id")
    assert second.loc[first, "replaces"] == gone["case_id"]
    assert second.loc[first, "allocated_on"] == pd.Timestamp("2013-08-15")
    assert second.loc[gone["case_id"], ["status", "reason"]].tolist() == ["replaced", "File with the court"]
    others = drawn.register.set_index("case_id").drop(gone["case_id"])
    pd.testing.assert_frame_equal(second.loc[others.index], others, check_dtype=False)
    assert (second["status"] == "allocated").sum() == 50
    assert bool(second.loc[first, "second_auditor"]) == bool(gone["second_auditor"])


def test_a_case_that_is_taken_out_has_nobody_in_its_place(again, books, drawn):
    gone = drawn.register["case_id"].iloc[3]
    second = again(keep_up(books, {gone: {"Status": "excluded", "Reason": "Closed"}}))
    now = second.register
    assert len(now) == 50
    assert now.loc[now["case_id"] == gone, "status"].tolist() == ["excluded"]
    assert second.assignment.load["audits"].sum() == 49


def test_a_corrected_list_says_who_comes_in_and_who_goes_out_and_the_rest_stay(again, books, drawn):
    gone = drawn.register.loc[drawn.register["service"] == "Children in Care", "case_id"].iloc[0]

    def close(folder):
        closed = {"closed": "31/07/2013"}
        rewrite(folder / "caseload_2013-07.csv", lambda row: row | (closed if row["case_id"] == gone else {}))

    second = again(books / "allocation.xlsx", close)
    changes = {tuple(row) for row in second.changes[["change", "reason"]].to_numpy().tolist()}
    assert second.changes.loc[second.changes["change"] == "out", "case_id"].tolist() == [gone]
    assert changes == {("out", "closed"), ("in", "by lot")}
    both = drawn.register.merge(second.register, on="case_id", suffixes=("", "_now"))
    assert len(both) == 49
    assert both["auditor"].tolist() == both["auditor_now"].tolist()


def test_an_audit_of_the_month_itself_hides_no_earlier_one(again, extracts):
    """What keeps a case out is its audit before the month, also where it has been audited in the month since."""
    row = next(row for row in table(extracts / "audits_2012_q4.csv") if row["service"] == "Children in Care")

    def audit_again(folder):
        def unlisted(case):
            return case | ({"last_audited": ""} if case["case_id"] == row["case_id"] else {})

        rewrite(folder / "caseload_2013-07.csv", unlisted)
        path = folder / "audits_2012_q4.csv"
        with path.open("a", encoding="utf-8", newline="") as file:
            later = row | {"audit_id": "A-2013-9999", "audit_date": "10/08/2013", "completed_on": "10/08/2013"}
            csv.DictWriter(file, row).writerow(later)

    frame = again(change=audit_again).draw.frame
    assert frame.loc[frame["case_id"] == row["case_id"], "reason"].tolist() == ["audited"]


def test_a_themed_draw_takes_only_cases_that_meet_its_criterion(copy_of_council):
    path = copy_of_council / DRAW
    text = path.read_text(encoding="utf-8").replace("# where:", "where:").replace("cases: 50", "cases: 20")
    path.write_text(text, encoding="utf-8")
    params = read_report(path)
    drawn = drawing_of(params, read_extracts(params))
    assert len(drawn.register) == 20
    assert set(drawn.register["category"]) == {"CP"}
    listed = table(copy_of_council / "extracts" / "example" / "caseload_2013-07.csv")
    open_cases = [row for row in listed if not row["closed"]]
    assert len(drawn.reached) == sum(row["category"] == "CP" for row in open_cases)


def test_a_second_draw_of_the_month_leaves_the_cases_of_the_first_alone(again, books, drawn):
    other = again(books / "allocation.xlsx", seed=99, cases=20, second_looks=0, capacity=9, change=_nobody_is_full)
    assert len(other.register) == 20
    assert not set(other.register["case_id"]) & set(drawn.register["case_id"])
    assert set(other.register["draw"]) == {"99"}
    assert other.changes.empty
    assert other.before.loc[other.before["draw"] == "461738", "waited_for"].all()


def test_a_draw_that_falls_short_of_the_programme_says_so(copy_of_council):
    """The framework allocates 50 a month; the service named has fewer that are eligible."""
    path = copy_of_council / DRAW
    text = (
        path.read_text(encoding="utf-8").replace("  cases: 50 ", "  # ").replace("second_looks: 15", "second_looks: 0")
    )
    text = text.replace("# where: {category: CP}", "where: {service: Safeguarding and Quality Assurance}")
    path.write_text(text, encoding="utf-8")
    rewrite(copy_of_council / "extracts/example/auditors_2013-08.csv", lambda row: row | {"capacity": "9"})
    report = qa.open_report(path, plan=qa.DRAW)
    drawn = report.facts["draw.drawn.n"].value
    assert drawn < 50 == report.facts["draw.drawn.of"].value
    said = text_of_block(qa.drawn_in_short(report.tables, report.facts).blocks[0])
    assert f"{drawn} cases were drawn by lot" in said
    assert "50 were asked for." in said
    assert "This draw is about Safeguarding and Quality Assurance alone." in said


def test_all_may_be_taken_that_may_be_drawn(again):
    drawn = again(take_all=True, cases=None, second_looks=0, capacity=99, reserves=0, change=_nobody_is_full)
    eligible = drawn.draw.frame[drawn.draw.frame["reason"] == ""]
    assert len(drawn.register) == eligible["family"].nunique()


def _nobody_is_full(folder):
    rewrite(folder / "auditors_2013-08.csv", lambda row: row | {"capacity": ""})


def test_an_impossible_month_says_why_and_what_would_mend_it_and_names_nobody(copy_of_council, start):
    path = copy_of_council / "extracts" / "example" / "auditors_2013-08.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:9]), encoding="utf-8")
    ended = start("qa_lib", "run", DRAW, cwd=copy_of_council)
    assert ended.returncode == DATA
    assert "Any one of these would be enough" in ended.stderr or "Enough would be" in ended.stderr
    names = {line.partition(",")[0] for line in lines[1:]}
    assert not [name for name in names if name in ended.stderr]
    assert not (copy_of_council / "outputs" / "example").exists()


HOSTILE = ("=cmd|' /C calc'!A0", "../../../up", "<script>alert(1)</script>", "[a]:*?/\\", "#set page(width: 1cm)")


def test_a_hostile_name_is_text_in_every_workbook_and_names_no_file(again, council, tmp_path):
    def rename(folder):
        names = iter(["", "", *HOSTILE])
        rewrite(folder / "auditors_2013-08.csv", lambda row: row | {"auditor": next(names, "") or row["auditor"]})

    papers = tmp_path / "papers"
    papers.mkdir()
    write_allocation(again(change=rename), read_report(council / DRAW), "1.0", papers)
    files = [path.relative_to(papers).as_posix() for path in papers.rglob("*")]
    files = [file for file in files if file != "auditors"]
    assert all(re.fullmatch(r"allocation\.xlsx|auditors/auditor-\d\d\.xlsx", file) for file in files)
    names = set()
    for file in files:
        book = openpyxl.load_workbook(papers / file)
        assert set(book.sheetnames) <= {
            "Overview", "Cases", "Lists", "Tasks", "Auditors", "Services", "Reserves", "Coverage", "Waited for",
            "Earlier months", "Not drawn", "Changes", "Your cases", "Audits", "Second looks",
        }  # fmt: skip
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f"]
        names |= {cell.value for cell in cells}
    assert names & set(HOSTILE)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  caseload: ../../extracts/example/caseload_2013-07.csv", "  evidence: x.csv", "a draw needs it"),
        ("  cases: 50 ", "  cases: 50\n  take_all: true", "with take_all there is no number of cases"),
        ("# where: {category: CP}", "where: {grade: Good}", "by service and category alone"),
        ("# where: {category: CP}", "where: {category: CPP}", 'Did you mean "CP"?'),
        ("audience: board", "audience: board\ncompare_with: previous", ""),
    ],
)
def test_a_draw_that_cannot_be_made_is_refused_by_its_params(copy_of_council, old, new, words):
    path = copy_of_council / DRAW
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(QAError) as refused:
        read_report(path)
    assert refused.value.exit_code == SETTINGS
    assert any(words in f"{problem.message} {problem.fix}" for problem in refused.value.problems)


def test_fewer_cases_than_the_minimum_needs_are_refused(again):
    with pytest.raises(QAError) as refused:
        again(cases=3)
    assert refused.value.exit_code == SETTINGS
    assert "lower `minimum`" in refused.value.problems[0].fix


def test_a_report_has_no_category_to_choose_by(copy_of_council):
    path = copy_of_council / "params/example/2013_q1.yml"
    path.write_text(path.read_text(encoding="utf-8") + "where: {category: CP}\n", encoding="utf-8")
    with pytest.raises(QAError) as refused:
        read_report(path)
    assert any("audits have no category" in problem.message for problem in refused.value.problems)


def test_the_same_inputs_give_the_same_papers(council, drawn, tmp_path):
    params = read_report(Path(council / DRAW))
    once = drawing_of(params, read_extracts(params))
    pd.testing.assert_frame_equal(once.register, drawn.register)
    assert once.draw.frame_sha256 == drawn.draw.frame_sha256
