"""Answers, codes and messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkant_notifier.domain.answers import Answer, Reply, read
from forkant_notifier.domain.codes import draw, free
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.messages import Hint, PageMessage

GSM7_EXTRA = " @.,:;-+()?!/ÆØÅæøå"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("7F3A", Answer.ACCEPT),
        ("7f3a", Answer.ACCEPT),
        (" 7F3A ja ", Answer.ACCEPT),
        ("JA 7F3A", Answer.ACCEPT),
        ("7F3AJA", Answer.ACCEPT),
        ("7 F 3 A", Answer.ACCEPT),
        ("7F3A.", Answer.ACCEPT),
        ("7F3A VENT", Answer.STANDBY),
        ("vent 7f3a", Answer.STANDBY),
        ("7F3A nei", Answer.CANNOT),
        ("NEI\n7F3A", Answer.CANNOT),
    ],
)
def test_case_spaces_and_order_do_not_matter(text: str, answer: Answer) -> None:
    assert read(text) == Reply("7F3A", answer)


@pytest.mark.parametrize(
    "text",
    ["", "JA", "7F3", "7F3AB", "7F3A kan ikke", "7F3A ja kommer ikke", "JA 7F3A NEI", "7G3A", "STOP", "7F3A" * 200],
)
def test_what_cannot_be_read_with_certainty_is_not_guessed_at(text: str) -> None:
    assert read(text) is None


@given(
    code=st.text("0123456789abcdefABCDEF", min_size=4, max_size=4),
    word=st.sampled_from(["", "ja", "VENT", "Nei"]),
    first=st.booleans(),
    gap=st.sampled_from(["", " ", "  \t", "\n"]),
)
def test_every_code_with_every_word_in_any_order_is_read(code: str, word: str, first: bool, gap: str) -> None:
    reply = read(gap.join((word, code) if first else (code, word)))
    assert reply is not None
    assert reply.code == code.upper()


@given(st.integers(0, 0xFFFF))
def test_a_code_is_always_four_hexadecimal_signs(number: int) -> None:
    (code,) = draw(lambda _: number, count=1)
    assert read(code) == Reply(code, Answer.ACCEPT)
    assert int(code, 16) == number


def test_a_code_of_an_open_page_is_not_given_twice() -> None:
    numbers = iter([1, 2, 3, 2])
    candidates = draw(lambda _: next(numbers), count=4)
    assert free(candidates, {"0001"}) == ["0002", "0003"]
    assert free(candidates, set(candidates)) == []


def test_a_message_says_code_and_lane_and_no_more() -> None:
    assert PageMessage("7F3A", Lane.LIFE, "https://desk").body() == "Forkant 7F3A HASTER. Logg inn."
    assert PageMessage("7F3A", Lane.NORMAL, "https://desk").body() == "Forkant 7F3A. Logg inn."
    assert PageMessage("7F3A", Lane.LIFE, "https://desk", drill=True).body() == "Forkant ØVELSE 7F3A HASTER. Logg inn."
    assert set(PageMessage.__slots__) == {"code", "lane", "link", "drill"}


def test_every_body_fits_one_short_message() -> None:
    bodies = [*Hint, PageMessage("7F3A", Lane.LIFE, "x").body()]
    assert all(len(body) <= 160 and all(c.isascii() or c in GSM7_EXTRA for c in body) for body in bodies)
