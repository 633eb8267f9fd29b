"""Texts read by the rule book that comes with the release."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forkant_threat_watch.domain.triage.book import TriageBook
from forkant_threat_watch.domain.triage.reading import Reading, read_text
from forkant_threat_watch.domain.triage.tokens import tidied
from forkant_threat_watch.domain.words import Factor
from forkant_threat_watch.store.triage_books import current_triage_book

BOOK = current_triage_book()
WORDS = sorted(
    {example.text for example in BOOK.examples} | {"🔪", "«", "\n", "ikke", "22:30", "1-1", "DREEEP", "d r e p"}
)
LONGEST = 100_000


def read(text: str) -> Reading:
    return read_text(text, BOOK)


@pytest.mark.parametrize("example", BOOK.examples, ids=lambda example: example.text)
def test_every_example_of_the_book_is_read_as_it_says(example) -> None:  # type: ignore[no-untyped-def]
    reading = read(example.text)
    assert (reading.hit, reading.imminent) == (example.hit, example.imminent)


@pytest.mark.parametrize(
    ("said", "denied"),
    [
        ("De skal skyte ham i natt.", "De skal ikke skyte ham i natt."),
        ("Dei skal drepa bror min i kveld.", "Dei skal ikkje drepa bror min i kveld."),
        ("They are going to stab him tonight.", "They are not going to stab him tonight."),
        ("Han kommer til å drepe henne i kveld.", "Han kommer aldri til å drepe henne."),
        ("Fetteren hans skal likvidere vitnet i morgen.", "Ingen skal likvidere vitnet i morgen."),
    ],
)
def test_a_no_takes_the_page_away(said: str, denied: str) -> None:
    assert read(said).imminent
    assert not read(denied).imminent


@pytest.mark.parametrize(
    "text",
    [
        "I filmen skal de skyte ham i natt.",
        "Vi skal slå dem 3-0 på hjemmebane i morgen.",
        "I fjor truet han med å drepe henne.",
        "Vi tar bussen i natt.",
        "Keeperen ble skutt i senk i andre omgang.",
    ],
)
def test_words_of_violence_without_violence_ring_nobody(text: str) -> None:
    assert not read(text).imminent


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("De skal knivstikke ham i kveld.", "De skal knvistikke ham i kveld."),
        ("De skal skyte ham i natt.", "De skal skyet ham i natt."),
        ("De kommer med pistol i natt og skal drepe broren min.", "de kommr med pistol inatt å ska drepe bror min"),
    ],
)
def test_slips_of_the_finger_change_nothing(right: str, wrong: str) -> None:
    assert read(right).imminent
    assert read(wrong).imminent


def test_an_imminent_text_says_how_soon_by_its_own_words() -> None:
    reading = read("De skal skyte ham i natt.")
    intent = next(signal for signal in reading.signals if signal.factor is Factor.INTENT)
    assert intent.imminence_hours is not None
    assert intent.imminence_hours <= 24
    assert "i natt" in reading.triggers


def test_an_imminent_text_that_does_not_say_when_gets_the_hours_of_the_book() -> None:
    book = current_triage_book()
    text = "De har hentet jern og køller og skal drepe ham."
    reading = read_text(text, book)
    assert reading.imminent
    assert {s.imminence_hours for s in reading.signals if s.factor is Factor.INTENT} == {book.weighing.hours_unsaid}


def consistent(text: str, book: TriageBook = BOOK) -> None:
    reading = read_text(text, book)
    said = tidied(text)
    assert reading.hit or not (reading.imminent or reading.signals or reading.triggers)
    assert not reading.hit or (reading.signals and reading.triggers)
    timed = [s for s in reading.signals if s.imminence_hours is not None]
    assert bool(timed) == reading.imminent
    for trigger in reading.triggers:
        assert all(word in said or len(word) > 1 for word in trigger.split())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=400))
def test_nonsense_is_read_without_harm(text: str) -> None:
    consistent(text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(WORDS), max_size=12), st.sampled_from([" ", "\n", ". ", ", ", ""]))
def test_what_is_put_together_of_real_words_is_read_consistently(words: list[str], between: str) -> None:
    consistent(between.join(words))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(BOOK.examples), st.sampled_from([str.upper, str.lower, lambda s: f"  {s}\n", lambda s: f"- {s}"])
)
def test_capitals_and_blanks_do_not_hide_an_imminent_text(example, changed) -> None:  # type: ignore[no-untyped-def]
    if example.imminent:
        assert read(changed(example.text)).hit


@pytest.mark.parametrize(
    "piece", ["x", "De skal skyte ham i natt. ", "skal drepe ", "🔪", "(((", "a b ", "ikke at ", "\n"]
)
def test_the_longest_text_is_read_to_its_end(piece: str) -> None:
    consistent((piece * LONGEST)[:LONGEST])


def test_a_threat_in_the_middle_of_a_long_text_is_found() -> None:
    calm = "Vi var på tur og spiste vafler. Det regnet litt. Ungene sov i bilen. " * 40
    assert read(f"{calm}De skal skyte ham i natt, de venter utenfor døra med pistol. {calm}").imminent
