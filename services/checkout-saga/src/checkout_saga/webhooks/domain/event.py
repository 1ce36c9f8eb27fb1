"""An event that a provider has announced: about which of its objects, and nothing of that object's state.

A provider's message proves only that something may have changed. Its amounts and states are never taken over:
the object is looked at, and what the provider answers then counts like the outcome of a call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class Cause(StrEnum):
    """What is looked at because of an event."""

    AUTHORIZATION = "authorization"
    CAPTURE = "capture"
    REFUND = "refund"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True)
class Event:
    id: str
    type: str
    cause: Cause | None
    """None: events of this type say nothing that is looked at."""
    references: tuple[str, ...] = ()
    """The provider's ids of what it is about, the nearest first."""
    payment_id: UUID | None = None
    """The payment that the object was made for, as the provider keeps it with the object."""

    @property
    def reference(self) -> str | None:
        return self.references[0] if self.references else None


class Unreadable(ValueError):
    """A signed message without what every event has."""


Json = Mapping[str, Any]


def text_at(document: object, *path: str) -> str | None:
    """The text at the end of a path of names; None where a step is missing or of another kind."""
    found = at(document, *path)
    return found if isinstance(found, str) and found else None


def at(document: object, *path: str) -> object:
    for name in path:
        if isinstance(document, list) and name.isdigit():
            document = document[int(name)] if int(name) < len(document) else None
        elif isinstance(document, Mapping):
            document = document.get(name)
        else:
            return None
    return document


def required(document: object, *path: str) -> str:
    """Raises ``Unreadable``."""
    found = text_at(document, *path)
    if found is None:
        raise Unreadable("/".join(path))
    return found


def known(references: Iterable[str | None]) -> tuple[str, ...]:
    """Without those that are missing, and each once."""
    return tuple(dict.fromkeys(it for it in references if it))


def payment_id_of(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
