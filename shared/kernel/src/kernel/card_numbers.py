"""Find card numbers in texts: the one rule by which callers' strings, logs and simulators go.

A card number is 12 to 19 digits that pass the Luhn check (ISO/IEC 7812-1, annex B), in whatever script and
with whatever separators. One random number in ten passes it, too, so in a text that may hold ids, times and
figures only what is written as a card number may be counts: see ``docs/decisions/0033``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

SHORTEST, LONGEST = 12, 19

OTHERWISE = re.compile(
    r"""
      (?<![0-9a-f])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])  # a UUID
    | (?<![0-9a-f])(?:[0-9]*[a-f][0-9]*[a-f][0-9a-f]*|[0-9]+[a-f][0-9]+)    # an id in hexadecimal
    | (?<![0-9])[0-9]{4}-[01][0-9]-[0-3][0-9]                               # a date, or a time of ISO 8601
      (?:[t ][0-2][0-9]:[0-5][0-9](?::[0-6][0-9](?:[.,][0-9]{1,9})?)?(?:[+-][0-9]{2}:?[0-9]{2})?)?(?![0-9])
    | (?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])                    # an IPv4 address
    | (?<![0-9.])[0-9]{1,3}\.[0-9]+(?![0-9.])                               # a decimal number
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Many digits that are something else, and so plainly that nobody writes a card number like that."""
STRETCH = re.compile(r"[0-9](?:[\W_]{0,3}[0-9]){11,}", re.ASCII)
"""Digits with at most three separators between each two: where a card number may be."""
CHAIN = re.compile(r"[0-9]{4,}(?:[\W_]{1,3}[0-9]{4,})*(?:[\W_]{1,3}[0-9]{1,3}(?![0-9]))?", re.ASCII)
"""Groups as card numbers are written in: of four digits and more, but for the last one."""
GROUP = re.compile("[0-9]+")
BEGINNING = re.compile("[3-689]|2[2-7]")
"""No issued card number begins otherwise; times since 1970 and many ids do."""
BAR_CODES = frozenset({12, 13})
"""Lengths of GTINs, the numbers of bar codes; few card numbers are as short."""
DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
SOME_DIGITS = re.compile(rb"[0-9](?:[^0-9A-Za-z]{0,18}[0-9]){11}")
LONGEST_BODY = 256 * 1024
"""Of JSON; no call and no command takes as much, so what is longer is refused for what it is."""


def is_card_number(text: str) -> bool:
    """Whether it is one as a whole, whatever it begins with: for tokens, which are never mere numbers."""
    return _luhn(_digits_alone(_plain(text)))


def holds_card_number(text: str) -> bool:
    return len(text) >= SHORTEST and next(_found(text), None) is not None


def without_card_numbers(text: str, instead: str) -> str:
    parts: list[str] = []
    at = 0
    for begin, end in _found(text):
        parts += text[at:begin], instead
        at = end
    return "".join((*parts, text[at:])) if parts else text


def pointer_to_card_number(raw: bytes, value: Any) -> str | None:
    """Where the JSON ``raw``, which stands for ``value``, holds one; for a name, where the object is. Most
    JSON has too few digits to be looked through."""
    if len(raw) > LONGEST_BODY:
        return None
    if raw.isascii() and b"\\u" not in raw and not SOME_DIGITS.search(raw):
        return None
    return _pointer(value)


def _pointer(value: Any) -> str | None:
    match value:
        case str():
            return "" if holds_card_number(value) else None
        case dict():
            if any(map(holds_card_number, value)):
                return ""
            inside = ((f"/{name.replace('~', '~0').replace('/', '~1')}", it) for name, it in value.items())
        case list():
            inside = ((f"/{place}", it) for place, it in enumerate(value))
        case _:
            return None
    return next((here + rest for here, it in inside if (rest := _pointer(it)) is not None), None)


def _found(text: str) -> Iterator[tuple[int, int]]:
    """Where each begins and ends."""
    plain = _plain(text)
    if not STRETCH.search(plain):
        return
    plain = OTHERWISE.sub(lambda it: "x" * len(it[0]), plain)
    for stretch in STRETCH.finditer(plain):
        if _as_a_whole(stretch[0], plain):
            yield stretch.span()
        else:
            for chain in CHAIN.finditer(plain, *stretch.span()):
                yield from _in_groups(plain, [it.span() for it in GROUP.finditer(plain, *chain.span())])


def _as_a_whole(stretch: str, plain: str) -> bool:
    """Whether it is one however its digits are set apart: digit by digit, or anyhow where nothing else is
    in the text."""
    if len(stretch) > LONGEST * 4 or not _may_be(_digits_alone(stretch)):
        return False
    return stretch == plain.strip() or not re.search("[0-9]{2}", stretch)


def _in_groups(plain: str, groups: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The longest that begin with one of these groups and end with one."""
    first = 0
    while first < len(groups):
        digits, found = "", None
        for last in range(first, len(groups)):
            digits += plain[slice(*groups[last])]
            if len(digits) > LONGEST:
                break
            if _may_be(digits):
                found = last
        if found is not None:
            yield groups[first][0], groups[found][1]
        first = first + 1 if found is None else found + 1


def _may_be(digits: str) -> bool:
    return bool(BEGINNING.match(digits)) and _luhn(digits) and not _is_bar_code(digits)


def _luhn(digits: str) -> bool:
    if not SHORTEST <= len(digits) <= LONGEST:
        return False
    numbers = [ord(it) - ord("0") for it in reversed(digits)]
    return (sum(numbers[::2]) + sum(DOUBLED[it] for it in numbers[1::2])) % 10 == 0


def _is_bar_code(digits: str) -> bool:
    """GTIN-12 and GTIN-13, by their own check digit."""
    numbers = [ord(it) - ord("0") for it in reversed(digits)]
    return len(digits) in BAR_CODES and (sum(numbers[::2]) + 3 * sum(numbers[1::2])) % 10 == 0


def _plain(text: str) -> str:
    """Of the same length, with the digits of all scripts in ASCII."""
    if text.isascii():
        return text
    return "".join(it if it.isascii() else _ascii(it) for it in text)


def _ascii(character: str) -> str:
    """A digit as such; what separates as a blank; anything else as a letter."""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    return "x" if unicodedata.category(character)[0] == "L" else " "


def _digits_alone(plain: str) -> str:
    """Empty where anything but digits and separators stands there."""
    digits = re.sub(r"[\W_]", "", plain, flags=re.ASCII)
    return digits if digits.isdecimal() else ""
