"""Discount codes: the same code however it is typed."""

import pytest

from pricing.codes import canonical

FULL_WIDTH_TEN = "\uff34\uff25\uff2e"
ACCENTED, CYRILLIC = "t\u00e9n", "\u0442en"


@pytest.mark.parametrize("typed", ["TEN", "ten", "Ten", "  ten ", FULL_WIDTH_TEN])
def test_letter_case_width_and_space_around_do_not_matter(typed: str) -> None:
    assert canonical(typed) == "ten"


@pytest.mark.parametrize("code", ["SPRING-24", "a.b_c", "7", "x" * 64])
def test_letters_digits_and_a_few_signs_between_them_make_a_code(code: str) -> None:
    assert canonical(code) == code.lower()


@pytest.mark.parametrize(
    "text", ["", " ", "-ten", "ten-", "t\u00e9n", "t en", "x" * 65, "\u0442en", "ten\n10"]
)
def test_anything_else_is_no_code(text: str) -> None:
    assert canonical(text) is None
