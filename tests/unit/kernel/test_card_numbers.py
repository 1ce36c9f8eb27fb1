"""Card numbers are found in any grouping and script, and ids, times and figures are not mistaken for them."""

from __future__ import annotations

import json
import string
import time
import unicodedata
from datetime import UTC, datetime
from ipaddress import IPv4Address
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kernel.security.card_numbers import (
    MAX_BODY_BYTES,
    holds_card_number,
    is_card_number,
    pointer_to_card_number,
    without_card_numbers,
)

VISA = "4242424242424242"
BETWEEN = " -\t\u00a0\u2009\u2010\u2011\u2013.\u200b_/"


def completed(body: str) -> str:
    """The digits with their Luhn check digit, by the definition."""
    for digit in string.digits:
        total = 0
        for place, it in enumerate(reversed(body + digit)):
            value = int(it) * (1 + place % 2)
            total += value // 10 + value % 10
        if total % 10 == 0:
            return body + digit
    raise AssertionError("one of ten digits always fits")


@pytest.mark.parametrize("number", [VISA, "378282246310005", "6304000000000000", "4222222222222"])
def test_a_card_number_is_recognised(number: str) -> None:
    assert is_card_number(number)


@pytest.mark.parametrize("between", BETWEEN)
def test_separators_between_digits_do_not_hide_a_card_number(between: str) -> None:
    assert is_card_number(between.join(VISA[at : at + 4] for at in range(0, 16, 4)))


@pytest.mark.parametrize("zero", ["\uff10", "\u0660", "\u0966"])
def test_digits_of_other_scripts_do_not_hide_a_card_number(zero: str) -> None:
    assert is_card_number("".join(chr(ord(zero) + int(it)) for it in VISA))


@pytest.mark.parametrize("token", ["tok_ok", "tok_4242424242424242", "4242424242424241", "", "visa", "0"])
def test_a_token_is_no_card_number(token: str) -> None:
    assert not is_card_number(token)


@given(st.text(string.digits, min_size=11, max_size=18))
def test_12_to_19_digits_with_their_check_digit_are_a_card_number(body: str) -> None:
    assert is_card_number(completed(body))


@given(st.text(string.digits, min_size=11, max_size=18), st.integers(1, 9))
def test_a_wrong_check_digit_makes_no_card_number(body: str, wrong: int) -> None:
    number = completed(body)
    assert not is_card_number(number[:-1] + str((int(number[-1]) + wrong) % 10))


@given(st.text(string.digits, max_size=10) | st.text(string.digits, min_size=19, max_size=30))
def test_fewer_or_more_digits_are_no_card_number(body: str) -> None:
    assert not is_card_number(completed(body))


GROUPED = [VISA[at : at + 4] for at in range(0, 16, 4)]
BEGINS = st.sampled_from(["4", "51", "2221", "2720", "2200", "34", "37", "36", "6011", "62", "81", "9792"])


@pytest.mark.parametrize(
    "text",
    [
        *("my card is {} and more", "x{}", "visa{}", "tok_{}", "{},", "a={};b", "5, {}", "<{}>", "{}."),
        *("{}\n", "id-{}-7", '"{}"'),
    ],
)
@pytest.mark.parametrize("between", ["", *BETWEEN, " - "])
def test_a_card_number_is_found_in_a_text(text: str, between: str) -> None:
    number = between.join(GROUPED)
    assert holds_card_number(text.format(number))
    assert without_card_numbers(text.format(number), "[hidden]") == text.format("[hidden]")


@pytest.mark.parametrize(
    "number", ["3782 822463 10005", " ".join(VISA), "6304 0000 0000 0000 000", "42 42" + VISA[4:]]
)
def test_a_card_number_is_found_in_any_grouping(number: str) -> None:
    assert holds_card_number(number)


@given(
    BEGINS,
    st.text(string.digits, min_size=15, max_size=15),
    st.integers(13, 19),
    st.sampled_from(("", *BETWEEN)),
)
def test_a_card_number_is_found_within_any_text(begin: str, more: str, length: int, between: str) -> None:
    number = completed((begin + more + more)[: length - 1])
    assume(length > 13 or not _is_ean(number))
    grouped = between.join(number[at : at + 4] for at in range(0, length, 4))
    assert holds_card_number(grouped)
    assert holds_card_number(f"session {grouped}!")
    assert number not in without_card_numbers(f"session {number}!", "")


def _is_ean(number: str) -> bool:
    return sum(int(it) * (1 + 2 * (place % 2)) for place, it in enumerate(reversed(number))) % 10 == 0


@given(st.uuids())
def test_a_uuid_holds_no_card_number(it: UUID) -> None:
    assert not holds_card_number(f"session-{it}")
    assert not holds_card_number(f"{it}:{it}")


@given(st.binary(min_size=16, max_size=32))
def test_a_hexadecimal_id_holds_no_card_number(raw: bytes) -> None:
    assume(sum(it.isalpha() for it in raw.hex()) > 1)
    assert not holds_card_number(f"key_{raw.hex()}")


@given(st.datetimes())
def test_a_time_holds_no_card_number(moment: datetime) -> None:
    assert not holds_card_number(moment.replace(tzinfo=UTC).isoformat())
    assert not holds_card_number(moment.isoformat(sep=" "))
    assert not holds_card_number(str(1_500_000_000_000 + moment.microsecond * 400_000))


@given(st.integers(10**11, 10**12 - 1), st.floats(-180, 180), st.ip_addresses(v=4))
def test_bar_codes_decimals_and_ip_addresses_hold_no_card_number(
    body: int, figure: float, address: IPv4Address
) -> None:
    ean = next(f"{body}{digit}" for digit in range(10) if _is_ean(f"{body}{digit}"))
    assert not holds_card_number(ean)
    assert not holds_card_number(f"{figure}, {-figure / 3}")
    assert not holds_card_number(str(address))


@given(st.text(max_size=60))
def test_a_text_with_too_few_digits_is_unchanged(text: str) -> None:
    assume(sum(unicodedata.digit(it, -1) >= 0 for it in text) < 12)
    assert without_card_numbers(text, "[hidden]") == text


def test_json_is_searched_at_every_level_including_member_names() -> None:
    def where(value: object) -> str | None:
        return pointer_to_card_number(json.dumps(value).encode(), value)

    assert where({"a": [{"b/~": VISA}]}) == "/a/0/b~1~0"
    assert where({"a": {VISA: 1}}) == "/a", "the pointer must not contain the number"
    assert where({"a": int(VISA), "b": str(UUID(int=4242))}) is None
    assert where({"a": "\uff14\uff12" * 8}) == "/a"


@pytest.mark.parametrize("text", ["1 ", "4", "4-", "4.2", "a1", "4242 4242 4242 4241 4"])
def test_no_text_takes_long_to_search(text: str) -> None:
    many = text * (MAX_BODY_BYTES // len(text))
    began = time.perf_counter()
    pointer_to_card_number(many.encode(), {"a": many})
    assert time.perf_counter() - began < 2, "takes 0.05 s; the rest is for a busy machine"
