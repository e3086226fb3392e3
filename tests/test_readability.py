"""The first page reads at grade 9 or less, in sentences of 25 words or fewer, with every abbreviation explained."""

from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_lib.problems import PUBLICATION, QAError
from qa_lib.report.blocks import Block, Bullets, Heading, Paragraph, Run, Table, TitleBlock
from qa_lib.report.document import Document, read_document
from qa_lib.report.readability import (
    HIGHEST_GRADE,
    MOST_WORDS,
    check_reading,
    first_page,
    reading_of,
    sentences,
    syllables,
    unexplained,
    words,
)  # fmt: skip

TITLE = TitleBlock("Exampleshire", "A report", "May 2013", "Board", "Team", "1 June 2013", "Board", "Draft", "", "R1")
EASY = "The plan was good. We saw the child at home."
LONG = "Nevertheless supervision " * 20 + "continued."
PARTS = "One./It was 4.5 of 10./He said “Good”./Why?/then he/Stop!/3 of 4/and (so on.)/–/e.g.".split("/")
# Counted by hand: words of the example's first page and of reports like it, by their syllables.
SYLLABLES = {
    1: "this May plan each looked back last months file were good was most work lie close strengths least needs spoke",
    2: "report covers July audits over graded better practice often direct others among comments noted children "
    "planning fathers figures hidden agree action review early safety any council",
    3: "auditors completed overall recording management oversight area referral improvement quarterly quality "
    "assurance interview",
    4: "supervision development appropriate education inadequate",
}


@pytest.fixture(scope="module")
def document(executed: Path) -> Document:
    return read_document(nbformat.read(executed, as_version=4))


def page(*texts: str, below: tuple[Block, ...] = ()) -> Document:
    """A document whose first page has these paragraphs and whose second is `below`."""
    blocks = [Heading(2, (Run("On one page"),)), *(Paragraph((Run(text),)) for text in texts)]
    return Document(TITLE, (*blocks, Heading(2, (Run("The rest"),)), *below))


def glossary(*terms: str) -> tuple[Block, ...]:
    return Heading(2, (Run("Annex D: Glossary"),)), Bullets(tuple((Run(term),) for term in terms))


def refused(document: Document) -> str:
    with pytest.raises(QAError) as found:
        check_reading(document)
    assert found.value.exit_code == PUBLICATION
    return str(found.value)


def test_the_grade_is_that_of_the_formula_on_hand_counts():
    # Counted by hand. The(1) man(1) was(1) in(1) the(1) prac-tice(2). He(1) had(1) 1,204(1) let-ters(2) in(1) his(1)
    # pock-et(2). Was(1) it(1) ap-pro-pri-ate(4)? : 6 + 7 + 3 = 16 words in 3 sentences, with 7 + 9 + 6 = 22 syllables.
    reading = reading_of(
        page("The man was in the practice. He had 1,204 letters in his pocket.", "Was it appropriate?")
    )
    assert (reading.sentences, reading.words) == (3, 16)
    assert reading.words_a_sentence == pytest.approx(16 / 3)
    assert reading.grade == pytest.approx(0.39 * 16 / 3 + 11.8 * 22 / 16 - 15.59)


def test_hyphenation_finds_about_one_syllable_in_seven_too_few():
    by_hand = found = 0
    for count, listed in SYLLABLES.items():
        for word in listed.split():
            assert syllables(word) <= count
            by_hand, found = by_hand + count, found + syllables(word)
    assert 0.8 < found / by_hand < 0.9


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("planning,", 2),
        ("follow-up", 3),
        ("child's", 1),
        ("(1,234)", 1),
        ("68%", 1),
        ("2013-14", 1),
        ("AC2", 2),
        ("Dwr", 1),
    ],
)
def test_a_number_is_one_syllable_and_an_apostrophe_and_a_hyphen_add_none(word, count):
    assert words(f"a {word} – b") == ["a", word, "b"]
    assert syllables(word) == count


def test_the_real_first_page_passes(document):
    reading = reading_of(document)
    print(f"grade {reading.grade:.1f}, {reading.words} words in {reading.sentences} sentences")  # noqa: T201  see with -rP
    check_reading(document)
    assert reading.words > 100, "a gate that reads nothing passes everything"
    assert 0 < reading.grade <= HIGHEST_GRADE
    assert reading.words_a_sentence <= MOST_WORDS


def test_labels_pointers_headings_and_the_pages_after_it_are_not_its_prose(document):
    said = " ".join(sentence.text for sentence in first_page(document))
    assert said.startswith("This report covers")
    assert "confidence" not in said
    assert "(see" not in said
    assert {sentence.under for sentence in first_page(document)} == {
        "On one page", "What we found", "What we ask of the Board",
    }  # fmt: skip


def test_tables_are_no_prose_and_a_link_within_a_sentence_is():
    table = Table("t", "A caption of the table", ("Head",), ())
    linked = Paragraph((Run("Read "), Run("the annex", href="#a"), Run(" first.")))
    label, note = Run("Low confidence", style="label"), Run("1", style="note", href="#note-1")
    pointer = Paragraph((Run("It was good."), note, Run(" "), label, Run(" (see "), Run("Here", href="#h"), Run(").")))
    blocks = (Heading(2, (Run("On one page"),)), table, linked, pointer)
    assert [one.text for one in first_page(Document(TITLE, blocks))] == ["Read the annex first.", "It was good."]


def test_what_stands_above_the_first_section_is_not_its_first_page():
    blocks = (Heading(3, (Run("Before"),)), Paragraph((Run(LONG),)), *page(EASY).blocks)
    assert reading_of(Document(TITLE, blocks)) == reading_of(page(EASY))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Requires improvement.", ["Requires improvement."]),
        ("No end mark", ["No end mark"]),
        ("The mean was 4.5 of 10.", ["The mean was 4.5 of 10."]),
        ("It rose. 6 of 8 agree.", ["It rose.", "6 of 8 agree."]),
        ('Graded "Good." Others lie close.', ['Graded "Good."', "Others lie close."]),
        ("Plans (e.g. reviews) are late.", ["Plans (e.g. reviews) are late."]),
        ("Agree one action: plans; reviews.", ["Agree one action: plans; reviews."]),
        ("Was it late? Yes! “Often.”", ["Was it late?", "Yes!", "“Often.”"]),
        (" – . ", []),
    ],
)
def test_a_sentence_ends_where_a_reader_would_stop(text, expected):
    assert sentences(text) == expected


@given(st.lists(st.sampled_from(PARTS)))
def test_no_word_is_lost_between_sentences(parts):
    text = " ".join(parts)
    assert [word for sentence in sentences(text) for word in words(sentence)] == words(text)


def test_every_bullet_is_a_sentence_at_least():
    bullets = Bullets(((Run("Plans"),), (Run("Requires improvement."),), (Run("It rose. It fell"),)))
    assert reading_of(Document(TITLE, (Heading(2, (Run("On one page"),)), bullets))).sentences == 4


def test_a_hard_page_is_refused_with_its_grade_its_longest_sentence_and_the_cure():
    hard = page(EASY, LONG)
    message = refused(hard)
    assert f"grade {reading_of(hard).grade:.1f}" in message
    assert f"the most is grade {HIGHEST_GRADE} and {MOST_WORDS} words" in message
    assert 'with 41 words, is number 3 under "On one page"' in message
    assert "Make two sentences of a long one" in message
    assert "supervision" not in message, "a refusal does not quote the page"


def test_long_sentences_of_short_words_are_refused_and_so_are_short_sentences_of_long_words():
    short_words = page("It is so " * 9 + "now.")
    assert reading_of(short_words).grade <= HIGHEST_GRADE
    assert "28.0 words a sentence" in refused(short_words)
    long_words = page("Supervision considerations notwithstanding. Administration deliberations continuing.")
    assert reading_of(long_words).words_a_sentence <= MOST_WORDS
    assert "words a sentence" in refused(long_words)


def test_a_page_without_sentences_is_refused(document):
    assert "no first page" in refused(page())
    assert "no first page" in refused(replace(document, blocks=()))
    assert reading_of(page()).words == 0


@pytest.mark.parametrize(
    "text",
    [
        "We saw a child in need (CIN). The CIN plan was late.",
        "The CIN (child in need) plan was late. A CIN plan is a plan.",
        "An education, health and care plan (EHCP) is a plan. Some EHCPs are late.",
        "Two multi-agency risk assessment conferences (MARACs) met.",
        "PhD is no such short form, nor is A or I.",
    ],
)
def test_an_abbreviation_written_in_full_where_it_first_stands_passes(text):
    check_reading(page(text))


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("The CIN plan was late.", "CIN"),
        ("The CIN plan was late. It is for a child in need (CIN).", "CIN"),
        ("We saw the plan at home (CIN).", "CIN"),
        ("The CIN (see below) plan was late.", "CIN"),
        ("Most EHCPs are late.", "EHCP"),
        ("One CIN's plan was late.", "CIN"),
        ("Agreement was AC2.", "AC2"),
    ],
)
def test_an_abbreviation_left_unexplained_is_refused_by_name_unless_the_glossary_has_it(text, short):
    assert unexplained(page(text)) == [short]
    message = refused(page(text))
    assert f"the abbreviation {short} and" in message
    assert "glossary" in message
    check_reading(page(text, below=glossary("Plan: what is to be done.", f"{short}: a short form.")))
    assert unexplained(page(text, below=glossary(f"{short}X: another."))) == [short]


def test_an_abbreviation_on_a_later_page_is_left_alone_and_does_not_explain_the_first():
    later = Paragraph((Run("A child in need (CIN)."),))
    check_reading(page(EASY, below=(later,)))
    assert unexplained(page("The CIN plan.", below=(later,))) == ["CIN"]
    after = (*glossary("Plan: a plan."), Heading(2, (Run("Annex E"),)), later)
    assert unexplained(page("The CIN plan.", below=after)) == ["CIN"]


def test_every_fault_of_a_page_is_told_at_once():
    message = refused(page(LONG, "The CIN and LAC plans."))
    assert message.startswith("3 things to put right")
