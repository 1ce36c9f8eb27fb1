"""Find card numbers in texts: the one rule for callers' strings, logs and simulators.

A card number is 12 to 19 digits that pass the Luhn check (ISO/IEC 7812-1, annex B), in any script and
with any separators. One random number in ten passes it, too, so in a text that may hold ids, times and
figures only digits that are written like a card number count: see ``docs/decisions/0033``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from typing import Any

MIN_DIGITS, MAX_DIGITS = 12, 19

SOMETHING_ELSE = re.compile(
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
"""Digits that are plainly something else: no card number is written like this."""
DIGIT_RUN = re.compile(r"[0-9](?:[\W_]{0,3}[0-9]){11,}", re.ASCII)
"""Twelve or more digits with at most three separators between each two: may hold a card number."""
GROUPED_DIGITS = re.compile(r"[0-9]{4,}(?:[\W_]{1,3}[0-9]{4,})*(?:[\W_]{1,3}[0-9]{1,3}(?![0-9]))?", re.ASCII)
"""Groups as in written card numbers: of four digits or more, but for the last one."""
GROUP = re.compile("[0-9]+")
FIRST_DIGITS = re.compile("[3-689]|2[2-7]")
"""Card numbers of the large schemes begin like this; times since 1970 and many ids do not."""
BAR_CODE_LENGTHS = frozenset({12, 13})
"""Lengths of GTINs, the numbers of bar codes; few card numbers are so short."""
DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
ENOUGH_DIGITS = re.compile(rb"[0-9](?:[^0-9A-Za-z]{0,18}[0-9]){11}")
MAX_BODY_BYTES = 256 * 1024
"""Of JSON; no request and no command takes more, so longer JSON is refused for its length."""


def is_card_number(text: str) -> bool:
    """Whether the whole text is a card number, with any first digit: for tokens, which are never mere
    numbers."""
    return _luhn(_digits_of(_plain(text)))


def holds_card_number(text: str) -> bool:
    return len(text) >= MIN_DIGITS and next(_found(text), None) is not None


def without_card_numbers(text: str, instead: str) -> str:
    parts: list[str] = []
    at = 0
    for begin, end in _found(text):
        parts += text[at:begin], instead
        at = end
    return "".join((*parts, text[at:])) if parts else text


def pointer_to_card_number(raw: bytes, value: Any, unsearched: Collection[str] = frozenset()) -> str | None:
    """JSON pointer to the first card number in ``value``, whose JSON is ``raw``; for a member's name the
    pointer to its object; None without one. Most JSON has too few digits to be searched.

    ``unsearched``: pointers to texts in which digits mean something else."""
    if len(raw) > MAX_BODY_BYTES:
        return None
    if raw.isascii() and b"\\u" not in raw and not ENOUGH_DIGITS.search(raw):
        return None
    return _pointer(value, "", unsearched)


def _pointer(value: Any, here: str, unsearched: Collection[str]) -> str | None:
    """``here``: the pointer to ``value``."""
    match value:
        case str():
            return here if here not in unsearched and holds_card_number(value) else None
        case dict():
            if any(map(holds_card_number, value)):
                return here
            members = (
                (f"{here}/{name.replace('~', '~0').replace('/', '~1')}", it) for name, it in value.items()
            )
        case list():
            members = ((f"{here}/{index}", it) for index, it in enumerate(value))
        case _:
            return None
    found = (_pointer(it, there, unsearched) for there, it in members)
    return next((it for it in found if it is not None), None)


def _found(text: str) -> Iterator[tuple[int, int]]:
    """The (begin, end) of each card number."""
    plain = _plain(text)
    if not DIGIT_RUN.search(plain):
        return
    plain = SOMETHING_ELSE.sub(lambda it: "x" * len(it[0]), plain)
    for run in DIGIT_RUN.finditer(plain):
        if _is_whole_run(run[0], plain):
            yield run.span()
        else:
            for chain in GROUPED_DIGITS.finditer(plain, *run.span()):
                yield from _in_groups(plain, [it.span() for it in GROUP.finditer(plain, *chain.span())])


def _is_whole_run(run: str, plain: str) -> bool:
    """Whether all digits of the run are one card number: the run is the whole text, or its digits are
    separated one by one."""
    if len(run) > MAX_DIGITS * 4 or not _is_plausible(_digits_of(run)):
        return False
    return run == plain.strip() or not re.search("[0-9]{2}", run)


def _in_groups(plain: str, groups: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The longest card numbers that begin and end with one of these groups."""
    first = 0
    while first < len(groups):
        digits, found = "", None
        for last in range(first, len(groups)):
            digits += plain[slice(*groups[last])]
            if len(digits) > MAX_DIGITS:
                break
            if _is_plausible(digits):
                found = last
        if found is not None:
            yield groups[first][0], groups[found][1]
        first = first + 1 if found is None else found + 1


def _is_plausible(digits: str) -> bool:
    return bool(FIRST_DIGITS.match(digits)) and _luhn(digits) and not _is_bar_code(digits)


def _luhn(digits: str) -> bool:
    if not MIN_DIGITS <= len(digits) <= MAX_DIGITS:
        return False
    numbers = [ord(it) - ord("0") for it in reversed(digits)]
    return (sum(numbers[::2]) + sum(DOUBLED[it] for it in numbers[1::2])) % 10 == 0


def _is_bar_code(digits: str) -> bool:
    """GTIN-12 or GTIN-13, by their own check digit."""
    numbers = [ord(it) - ord("0") for it in reversed(digits)]
    return len(digits) in BAR_CODE_LENGTHS and (sum(numbers[::2]) + 3 * sum(numbers[1::2])) % 10 == 0


def _plain(text: str) -> str:
    """The text with the digits of all scripts in ASCII; the length stays the same."""
    if text.isascii():
        return text
    return "".join(it if it.isascii() else _ascii(it) for it in text)


def _ascii(character: str) -> str:
    """An ASCII digit for a digit, ``x`` for a letter, a blank for anything else."""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    return "x" if unicodedata.category(character)[0] == "L" else " "


def _digits_of(plain: str) -> str:
    """The digits without separators; empty if there is anything else in the text."""
    digits = re.sub(r"[\W_]", "", plain, flags=re.ASCII)
    return digits if digits.isdecimal() else ""
