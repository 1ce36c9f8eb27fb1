"""Comparison of discount codes."""

import pytest

from pricing.codes import canonical, key_of

FULL_WIDTH_TEN = "\uff34\uff25\uff2e"
ACCENTED, CYRILLIC = "t\u00e9n", "\u0442en"


@pytest.mark.parametrize(
    "typed", ["TEN", "ten", "Ten", "  ten ", "\tten\n", "te\u200bn", "\ufeffTen", "ten\u200e", "t\ten\r\n"]
)
def test_case_blanks_at_the_ends_and_invisible_characters_do_not_matter(typed: str) -> None:
    assert canonical(typed) == "ten"


@pytest.mark.parametrize("code", ["SPRING-24", "a.b_c", "7", "x" * 64])
def test_a_code_has_letters_digits_and_a_few_signs_between_them(code: str) -> None:
    assert canonical(code) == code.lower()


@pytest.mark.parametrize(
    "text",
    ["", " ", "-ten", "ten-", "t\u00e9n", "t en", "x" * 65, "\u0442en", "ten 10", FULL_WIDTH_TEN, "\u200b"],
)
def test_any_other_text_is_not_a_code(text: str) -> None:
    assert canonical(text) is None


def test_a_promotion_s_code_with_full_width_letters_keeps_its_nfkc_key() -> None:
    assert key_of(FULL_WIDTH_TEN) == key_of("TEN") == "ten"
