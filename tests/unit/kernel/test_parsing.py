"""Ambiguous JSON is refused; all other JSON is read as it stands."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import parsing
from kernel.parsing import MAX_DEPTH, MAX_JSON_BYTES, Malformed, loads

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=30)


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@given(VALUES, st.booleans())
def test_json_is_read_as_it_stands(value: Any, escaped: bool) -> None:
    assert loads(json.dumps(value, ensure_ascii=escaped).encode()) == value


ODD = [
    "NaN",
    "1e999",
    "-0",
    "1.50",
    "\x00",
    "\ufeff",
    '"\\ud800"',
    '"\\u0000"',
    '"\\n"',
    str(2**63),
    str(2**64),
    "1" * 30,
]
PIECES = st.sampled_from(
    [*'{}[],: 1"', '"a"', '"a":', '"é"', "1.5", "null", "true", str(2**53), str(2**63 - 1), *ODD]
)


@given(st.lists(PIECES, max_size=12).map("".join) | VALUES.map(compact))
def test_the_fast_parser_agrees_with_the_strict_one_or_leaves_the_input_to_it(text: str) -> None:
    raw = text.encode()
    fast = parsing._parse_fast(raw)
    if fast is not parsing.UNSURE:
        strict = parsing._parse_strictly(raw)
        assert fast == strict
        assert repr(fast) == repr(strict)


@given(st.dictionaries(TEXT, TEXT | st.integers(-(2**53) + 1, 2**53 - 1), min_size=1))
def test_json_of_our_own_services_takes_the_fast_path(value: Any) -> None:
    raw = compact(value).encode()
    assert b"\\u" in raw or parsing._parse_fast(raw) == value


@given(st.binary())
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        value = loads(raw)
    except Malformed as refused:
        assert refused.reason
    else:
        assert json.loads(raw) == value


@given(TEXT, SCALARS, SCALARS, st.integers(0, 5))
def test_a_duplicate_field_is_refused_at_every_depth(name: str, one: Any, two: Any, depth: int) -> None:
    twice = f"{{{json.dumps(name)}: {json.dumps(one)}, {json.dumps(name)}: {json.dumps(two)}}}"
    with pytest.raises(Malformed, match="repeated"):
        loads(("[" * depth + twice + "]" * depth).encode())


@given(st.integers(min_value=2**63) | st.integers(max_value=-(2**63) - 1))
def test_integers_outside_64_bits_are_refused(number: int) -> None:
    with pytest.raises(Malformed, match="64 bits"):
        loads(str(number).encode())


@given(st.integers(1, 2 * MAX_DEPTH), st.sampled_from(["[]", '{"a":}']))
def test_levels_are_counted_by_nesting(levels: int, kind: str) -> None:
    opening, closing = kind[:-1], kind[-1]
    raw = (opening * levels + "0" + closing * levels).encode()
    if levels > MAX_DEPTH:
        with pytest.raises(Malformed, match="levels"):
            loads(raw)
    else:
        loads(raw)


def test_brackets_side_by_side_or_in_strings_add_no_level() -> None:
    wide: list[list[int]] = [[]] * 100
    text = {'[{"': "\\" + '"[{' * 100}

    assert loads(json.dumps(wide).encode()) == wide
    assert loads(json.dumps(text).encode()) == text


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"01",
        b"1 2",
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"-1e999",
        b"9" * 5_000,
        b"\xef\xbb\xbf1",
        b'"\xff"',
        b'"\xed\xa0\x80"',
        '"a"'.encode("utf-16"),
        b'"\x00"',
        b'"\\u0000"',
        b'["\\u0000"]',
        b'{"\\u0000": 1}',
        b'{"a": "\\ud800"}',
        b'"\\udc00\\ud800"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'"' + b"x" * MAX_JSON_BYTES + b'"',
    ],
    ids=lambda it: repr(it[:20]),
)
def test_malformed_or_ambiguous_json_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        loads(raw)


def test_a_complete_surrogate_pair_and_an_escaped_backslash_are_accepted() -> None:
    assert loads(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"
    assert loads(b'"\\\\u0000"') == "\\u0000"


def test_the_largest_values_that_fit_are_read() -> None:
    assert loads(b"-9223372036854775808") == -(2**63)
    assert loads(b"9223372036854775807") == 2**63 - 1
    assert math.copysign(1, loads(b"-0.0")) == -1
    assert len(loads(b'"' + b"x" * (MAX_JSON_BYTES - 2) + b'"')) == MAX_JSON_BYTES - 2


@pytest.mark.parametrize(
    "digits",
    [
        *("99.99999999999999999", "99.999999999999999", "100.00000000000000001", "0.01000000000000000001"),
        *("1e-400", "0.30000000000000001", "9007199254740993.0"),
    ],
)
def test_a_number_that_a_double_cannot_hold_is_refused(digits: str) -> None:
    with pytest.raises(Malformed, match="digits"):
        loads(f'{{"value": {digits}}}'.encode())


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_in_every_usual_notation(number: float) -> None:
    for written in (repr(number), f"{number:.17g}", f"{number:.16e}"):
        assert loads(f'{{"value":{written}}}'.encode()) == {"value": number}
