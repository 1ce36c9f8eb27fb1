"""Strict JSON parser for input from outside: refuses what two parsers could read differently."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

import orjson

MAX_JSON_BYTES = 1024 * 1024
MAX_DEPTH = 32
MIN_INT, MAX_INT = -(2**63), 2**63 - 1
MAX_INT_DIGITS = len(str(MIN_INT))

STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
BRACKET = re.compile(r"[\[{\]}]")
UNSURE = object()
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Malformed(Exception):
    """The bytes are no JSON that this parser accepts."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def loads(raw: bytes) -> Any:
    """The JSON value of these bytes. Raises ``Malformed``."""
    value = _parse_fast(raw)
    return _parse_strictly(raw) if value is UNSURE else value


def _parse_fast(raw: bytes) -> Any:
    """Fast path, in a tenth of the time: JSON that is serialised again to the same bytes holds no field twice
    and nothing else that is ambiguous. Returns ``UNSURE`` for all other input, which may be valid, too."""
    if len(raw) > MAX_JSON_BYTES or b"\\u" in raw or raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        return UNSURE
    try:
        value = orjson.loads(raw)
        return value if orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER) == raw else UNSURE
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return UNSURE


def _parse_strictly(raw: bytes) -> Any:
    if len(raw) > MAX_JSON_BYTES:
        raise Malformed(f"longer than {MAX_JSON_BYTES} bytes")
    if raw.startswith(BYTE_ORDER_MARK):
        raise Malformed("begins with a byte order mark")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start}") from None
    # only with more opening brackets than levels allowed is it worth counting how they nest
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise Malformed(f"more than {MAX_DEPTH} levels")
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error.msg} at character {error.pos}") from None
    # only an escape can hold what valid UTF-8 cannot
    if "\\u" in text:
        _check_strings(value)
    return value


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in BRACKET.findall(STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("a field is repeated in one object")
    return members


def _integer(digits: str) -> int:
    if len(digits) <= MAX_INT_DIGITS and MIN_INT <= (value := int(digits)) <= MAX_INT:
        return value
    raise Malformed("an integer outside 64 bits")


def _number(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise Malformed("a number outside 64 bits")
    # accept the shortest digits of the double, or all of its digits: 99.999999999999999 is neither, but 100
    if Decimal(digits) not in (Decimal(repr(value)), Decimal(f"{value:.17g}")):
        raise Malformed("a number with more digits than 64 bits can hold")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not JSON")


def _check_strings(value: Any) -> None:
    match value:
        case str():
            if "\0" in value:
                raise Malformed("a NUL character")
            if any("\ud800" <= it <= "\udfff" for it in value):
                raise Malformed("half a surrogate pair")
        case dict():
            for name, member in value.items():
                _check_strings(name)
                _check_strings(member)
        case list():
            for member in value:
                _check_strings(member)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_number,
    parse_constant=_refuse_constant,
)
