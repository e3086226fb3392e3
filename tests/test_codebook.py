"""The codebook: what may stand in it, and how a fault is told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from qa_lib.problems import QAError
from qa_lib.settings.codebook import Codebook, bare, fold
from qa_lib.settings.yaml import read_settings

EXAMPLE = Path(__file__).parent.parent / "params" / "example" / "codebook.yml"

# A codebook in the fewest lines, so that the line of each fault below is easy to see.
SMALL = """\
version: "1"
boxes: {strengths: strength}
negation: {words: ["no"], window: 3}
ignore: ["n/a"]
themes:
  chronologies:
    label: Chronologies
    issue: E2
    terms: ["chronology"]
    strengths: ["chronology is current"]
    traps: [{phrase: "chronology not yet due", means: none}]
  recording:
    label: Recording
    issue: Q4
    terms: ["recording", "chronology"]
    development:
      - "no case summary"
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Codebook]:
    def read_text(text: str) -> Codebook:
        path = tmp_path / "codebook.yml"
        path.write_text(text, encoding="utf-8")
        return read_settings(path, Codebook)

    return read_text


def test_the_example_holds_the_fourteen_themes_in_the_order_of_the_action_plan() -> None:
    themes = read_settings(EXAMPLE, Codebook).themes
    assert [(key, theme.issue) for key, theme in themes.items()] == [
        ("strategy_meetings", "E1"),
        ("chronologies", "E2"),
        ("drift_delay", "E3"),
        ("timely_response", "E4"),
        ("supervision", "E5"),
        ("transfers", "E6"),
        ("challenge", "E7"),
        ("thresholds", "E8"),
        ("conference_core_group", "E9"),
        ("fathers", "E10"),
        ("early_help", "E11"),
        ("children_in_need", "Q1"),
        ("direct_work", "Q2"),
        ("recording", "Q4"),
    ]


def test_every_theme_of_the_example_has_words_for_praise_criticism_subject_and_traps() -> None:
    for key, theme in read_settings(EXAMPLE, Codebook).themes.items():
        assert all([theme.terms, theme.strengths, theme.development, theme.traps]), key


def test_the_comments_of_the_example_explain_every_key() -> None:
    head = EXAMPLE.read_text(encoding="utf-8").split("\nversion:")[0]
    keys = {"version", "boxes", "negation", "window", "contrast", "ignore", "themes"}
    keys |= {"label", "issue", "terms", "faults", "strengths", "development", "traps", "means"}
    assert {key for key in keys if key not in head} == set()


def test_a_term_may_belong_to_two_themes(read: Callable[[str], Codebook]) -> None:
    assert {key for key, theme in read(SMALL).themes.items() if "chronology" in theme.terms} == {
        "chronologies",
        "recording",
    }


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("window: 3", "window: 0", 3, "negation.window"),
        ("window: 3", "window: 7", 3, "negation.window"),
        ('words: ["no"]', 'words: ["in the absence of"]', 3, "one word"),
        ("strengths: strength}", "strengths: good}", 2, "boxes.strengths"),
        ("{strengths: strength}", "{strenghts: strength}", 2, 'did you mean "strengths"'),
        ('["n/a"]', '["..."]', 4, "no letter"),
        ("  chronologies:", "  Chronologies 1:", 6, "not a key"),
        ('"recording", "chronology"', '"recording", "Recording"', 15, "stands twice in this theme"),
        (
            'strengths: ["chronology is current"]',
            'strengths: ["Chronology"]',
            10,
            "stands twice in this theme",
        ),
        ('- "no case summary"', '- "chronology  is CURRENT"', 16, "a strength in chronologies"),
        ('- "no case summary"', '- " - "', 16, "a phrase is empty"),
        ('- "no case summary"', '- "no summary; no notes"', 16, "could never be found"),
        ("means: none", "means: bad", 11, "means"),
        ('terms: ["chronology"]', "terms: []", 9, "terms"),
        ("label: Recording", "lable: Recording", 13, 'Did you mean "label"'),
    ],
)
def test_a_fault_is_told_with_its_line(
    read: Callable[[str], Codebook], old: str, new: str, line: int, words: str
) -> None:
    assert old in SMALL
    with pytest.raises(QAError) as caught:
        read(SMALL.replace(old, new, 1))
    told = [(problem.line, problem.sentence) for problem in caught.value.problems]
    assert any(at == line and words in sentence for at, sentence in told), told


def test_all_faults_are_told_together(read: Callable[[str], Codebook]) -> None:
    text = SMALL.replace("chronologies:", "Chronologies 1:").replace('"no case summary"', '""')
    with pytest.raises(QAError) as caught:
        read(text)
    assert [problem.line for problem in caught.value.problems] == [6, 16]


def test_a_codebook_cannot_be_changed_once_read(read: Callable[[str], Codebook]) -> None:
    with pytest.raises(ValidationError):
        setattr(read(SMALL), "version", "2")  # noqa: B010  a plain assignment is refused by the type checker already


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert bare(bare(text)) == bare(text)


@pytest.mark.parametrize("hyphen", "-\u2010\u2011\u2013\u2014\u2212")
def test_every_hyphen_is_a_space(hyphen: str) -> None:
    assert fold(f"step{hyphen}down") == "step down"


def test_characters_that_cannot_be_seen_do_not_hide_a_word() -> None:
    assert fold("chrono\u00adlo\u200bgy") == "chronology"
