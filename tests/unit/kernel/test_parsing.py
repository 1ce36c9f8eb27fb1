"""JSON that two readers could understand differently is refused; all other JSON is read as it stands."""

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
def test_what_is_json_is_read_as_it_stands(value: Any, escaped: bool) -> None:
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
def test_the_short_way_reads_what_the_strict_one_does_and_leaves_the_rest_to_it(text: str) -> None:
    raw = text.encode()
    quickly = parsing._parse_fast(raw)
    if quickly is not parsing.UNSURE:
        strictly = parsing._parse_strictly(raw)
        assert quickly == strictly
        assert repr(quickly) == repr(strictly)


@given(st.dictionaries(TEXT, TEXT | st.integers(-(2**53) + 1, 2**53 - 1), min_size=1))
def test_what_our_own_services_write_is_read_the_short_way(value: Any) -> None:
    raw = compact(value).encode()
    assert b"\\u" in raw or parsing._parse_fast(raw) == value


@given(st.binary())
def test_bytes_are_read_or_refused_and_nothing_else_happens(raw: bytes) -> None:
    try:
        value = loads(raw)
    except Malformed as refused:
        assert refused.reason
    else:
        assert json.loads(raw) == value


@given(TEXT, SCALARS, SCALARS, st.integers(0, 5))
def test_a_field_that_stands_twice_is_refused_however_deep(name: str, one: Any, two: Any, depth: int) -> None:
    twice = f"{{{json.dumps(name)}: {json.dumps(one)}, {json.dumps(name)}: {json.dumps(two)}}}"
    with pytest.raises(Malformed, match="twice"):
        loads(("[" * depth + twice + "]" * depth).encode())


@given(st.integers(min_value=2**63) | st.integers(max_value=-(2**63) - 1))
def test_integers_outside_64_bits_are_refused(number: int) -> None:
    with pytest.raises(Malformed, match="64 bits"):
        loads(str(number).encode())


@given(st.integers(1, 2 * MAX_DEPTH), st.sampled_from(["[]", '{"a":}']))
def test_levels_are_counted_by_how_brackets_nest(levels: int, kind: str) -> None:
    opening, closing = kind[:-1], kind[-1]
    raw = (opening * levels + "0" + closing * levels).encode()
    if levels > MAX_DEPTH:
        with pytest.raises(Malformed, match="levels"):
            loads(raw)
    else:
        loads(raw)


def test_brackets_side_by_side_or_within_text_are_no_levels() -> None:
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
def test_what_is_not_acceptable_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        loads(raw)


def test_a_whole_surrogate_pair_and_an_escaped_backslash_are_text() -> None:
    assert loads(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"
    assert loads(b'"\\\\u0000"') == "\\u0000"


def test_the_extremes_that_fit_are_read() -> None:
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
def test_a_number_that_would_be_read_as_another_is_refused(digits: str) -> None:
    with pytest.raises(Malformed, match="digits"):
        loads(f'{{"value": {digits}}}'.encode())


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_however_a_program_writes_it(number: float) -> None:
    for written in (repr(number), f"{number:.17g}", f"{number:.16e}"):
        assert loads(f'{{"value":{written}}}'.encode()) == {"value": number}
