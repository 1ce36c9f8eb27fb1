"""A card number is told from a token, however it is dressed up."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_saga.domain.card_number import is_card_number

VISA = "4242424242424242"
BETWEEN = " -\t\u00a0\u2009\u2010\u2011\u2013.\u200b_/"


def completed(body: str) -> str:
    """The digits with the check digit that makes them pass: the definition, the long way round."""
    for digit in string.digits:
        total = 0
        for place, it in enumerate(reversed(body + digit)):
            value = int(it) * (1 + place % 2)
            total += value // 10 + value % 10
        if total % 10 == 0:
            return body + digit
    raise AssertionError("one of ten digits always fits")


@pytest.mark.parametrize("number", [VISA, "378282246310005", "6304000000000000", "4222222222222"])
def test_a_card_number_is_known(number: str) -> None:
    assert is_card_number(number)


@pytest.mark.parametrize("between", BETWEEN)
def test_what_stands_between_the_digits_does_not_hide_it(between: str) -> None:
    assert is_card_number(between.join(VISA[at : at + 4] for at in range(0, 16, 4)))


@pytest.mark.parametrize("zero", ["\uff10", "\u0660", "\u0966"])
def test_the_digits_of_other_scripts_do_not_hide_it(zero: str) -> None:
    assert is_card_number("".join(chr(ord(zero) + int(it)) for it in VISA))


@pytest.mark.parametrize("token", ["tok_ok", "tok_4242424242424242", "4242424242424241", "", "visa", "0"])
def test_a_token_is_no_card_number(token: str) -> None:
    assert not is_card_number(token)


@given(st.text(string.digits, min_size=11, max_size=18))
def test_every_number_of_12_to_19_digits_with_its_check_digit_is_one(body: str) -> None:
    assert is_card_number(completed(body))


@given(st.text(string.digits, min_size=11, max_size=18), st.integers(1, 9))
def test_with_another_check_digit_it_is_none(body: str, wrong: int) -> None:
    number = completed(body)
    assert not is_card_number(number[:-1] + str((int(number[-1]) + wrong) % 10))


@given(st.text(string.digits, max_size=10) | st.text(string.digits, min_size=19, max_size=30))
def test_shorter_and_longer_ones_are_none(body: str) -> None:
    assert not is_card_number(completed(body))
