"""Read JSON from outside, and refuse early whatever two readers could understand differently."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

import orjson

LARGEST = 1024 * 1024
DEEPEST = 32
SMALLEST_INT, LARGEST_INT = -(2**63), 2**63 - 1
LONGEST_INT = len(str(SMALLEST_INT))

STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
BRACKET = re.compile(r"[\[{\]}]")
UNSURE = object()
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Malformed(Exception):
    """What came is no JSON that this system takes."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def loads(raw: bytes) -> Any:
    """The value that these bytes stand for. Raises ``Malformed``."""
    value = _plain(raw)
    return _strictly(raw) if value is UNSURE else value


def _plain(raw: bytes) -> Any:
    """What comes out again byte for byte has held no field twice, and nothing else that could be read in two
    ways; a tenth of the time. Or ``UNSURE``: other JSON may be as good."""
    if len(raw) > LARGEST or b"\\u" in raw or raw.count(b"[") + raw.count(b"{") > DEEPEST:
        return UNSURE
    try:
        value = orjson.loads(raw)
        return value if orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER) == raw else UNSURE
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return UNSURE


def _strictly(raw: bytes) -> Any:
    if len(raw) > LARGEST:
        raise Malformed(f"longer than {LARGEST} bytes")
    if raw.startswith(BYTE_ORDER_MARK):
        raise Malformed("begins with a byte order mark")
    try:
        text = raw.decode()
    except UnicodeDecodeError as wrong:
        raise Malformed(f"not UTF-8 at byte {wrong.start}") from None
    # more opening brackets than levels allowed: only then is it worth counting how they nest
    if text.count("[") + text.count("{") > DEEPEST and _depth(text) > DEEPEST:
        raise Malformed(f"more than {DEEPEST} levels")
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as wrong:
        raise Malformed(f"not JSON: {wrong.msg} at character {wrong.pos}") from None
    # only an escape can bring in what valid UTF-8 cannot hold
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
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a field stands twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) <= LONGEST_INT and SMALLEST_INT <= (value := int(digits)) <= LARGEST_INT:
        return value
    raise Malformed("an integer outside 64 bits")


def _number(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise Malformed("a number outside 64 bits")
    # as the shortest digits that stand for it, or as all that it has: 99.999999999999999 is neither, but 100
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
