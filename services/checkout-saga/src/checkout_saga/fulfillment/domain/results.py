"""The answers to a try to hand a line over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fulfilled:
    reference: str | None = None
    units: int | None = None
    """Units that were handed over by this, where they are counted."""


@dataclass(frozen=True, slots=True)
class Pending:
    """It is handed over later, by other means."""

    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    code: str
    detail: str
    retriable: bool
    partly: bool = False
    """Whether a part of the line was handed over nevertheless."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer, or an invalid one: the try may have had its effect or not."""


Result = Fulfilled | Pending | Failed | Unknown
