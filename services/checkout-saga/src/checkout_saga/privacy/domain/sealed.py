"""The encrypted values of a fact, found by the names of their fields at any depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from typing import Any

PERSONAL, TOKEN, ACTION, INSTRUMENT = "personal", "payment_token", "action", "instrument"
SEALED = frozenset({PERSONAL, TOKEN, ACTION, INSTRUMENT})
"""The names of all fields whose values are encrypted under a customer's key."""


def sealed_in(body: Any) -> Iterator[str]:
    """The encrypted texts."""
    for name, value in _members(body):
        if name in SEALED and isinstance(value, str) and value:
            yield value


def texts_in(body: Any) -> Iterator[str]:
    """All texts, encrypted or not."""
    return (value for _, value in _members(body) if isinstance(value, str))


def _members(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    match value:
        case dict():
            for key, member in value.items():
                yield from _members(member, key)
        case list():
            for member in value:
                yield from _members(member, name)
        case _:
            yield name, value


def opened(body: Any, read: Callable[[str], Any]) -> Any:
    """The body with what ``read`` makes of each encrypted text; None where it cannot be read. Without payment
    tokens, which are credentials of the shop at its provider, and tell nothing about the person."""
    match body:
        case dict():
            return {
                name: read(it) if name in SEALED and isinstance(it, str) else opened(it, read)
                for name, it in body.items()
                if name != TOKEN
            }
        case list():
            return [opened(it, read) for it in body]
        case _:
            return body


def without_sealed(body: Any, also: Set[str] = frozenset()) -> Any:
    """The body without the fields that are encrypted, and without those named ``also``."""
    match body:
        case dict():
            hidden = SEALED | also
            return {name: without_sealed(it, also) for name, it in body.items() if name not in hidden}
        case list():
            return [without_sealed(it, also) for it in body]
        case _:
            return body
