"""Discount codes: the same code however it is typed."""

import pytest

from pricing.codes import canonical, key_of

FULL_WIDTH_TEN = "\uff34\uff25\uff2e"
ACCENTED, CYRILLIC = "t\u00e9n", "\u0442en"


@pytest.mark.parametrize(
    "typed", ["TEN", "ten", "Ten", "  ten ", "\tten\n", "te\u200bn", "\ufeffTen", "ten\u200e", "t\ten\r\n"]
)
def test_letter_case_space_around_and_what_cannot_be_seen_do_not_matter(typed: str) -> None:
    assert canonical(typed) == "ten"


@pytest.mark.parametrize("code", ["SPRING-24", "a.b_c", "7", "x" * 64])
def test_letters_digits_and_a_few_signs_between_them_make_a_code(code: str) -> None:
    assert canonical(code) == code.lower()


@pytest.mark.parametrize(
    "text",
    ["", " ", "-ten", "ten-", "t\u00e9n", "t en", "x" * 65, "\u0442en", "ten 10", FULL_WIDTH_TEN, "\u200b"],
)
def test_anything_else_is_no_code(text: str) -> None:
    assert canonical(text) is None


def test_a_promotion_from_before_keeps_the_name_by_which_it_is_found() -> None:
    assert key_of(FULL_WIDTH_TEN) == key_of("TEN") == "ten"
