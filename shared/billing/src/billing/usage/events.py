"""Reports of usage: their quantities, which of them are accepted, and the aggregate of a period."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

MOST = 10**12
"""Units in one report, in either direction."""
LONGEST_VALUE = 200
OLDEST, FURTHEST_AHEAD = timedelta(days=35), timedelta(minutes=5)
"""An older report is refused. Clocks of callers may be ahead a little."""
KEPT_IDS = timedelta(days=70)
"""How long the id of a report is known, from the report's moment: longer than a report is accepted."""
QUANTITY = re.compile(r"-?\d{1,13}(\.\d{1,6})?", re.ASCII)


class Aggregation(StrEnum):
    """``LAST``: by moment; of one moment the id that sorts last. ``UNIQUE``: the number of values."""

    SUM = "sum"
    MAX = "max"
    LAST = "last"
    UNIQUE = "unique"


class Refusal(StrEnum):
    TOO_OLD = "USAGE_TOO_OLD"
    IN_FUTURE = "USAGE_IN_FUTURE"


class InvalidUsage(ValueError):
    """The quantity or the value is none that can be counted."""


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """One report. ``value`` is counted by ``UNIQUE``, ``quantity`` by the others."""

    event_id: str
    at: datetime
    quantity: Fraction = Fraction()
    value: str = ""


def quantity_of(reported: int | str) -> Fraction:
    """A whole number, or a decimal text with at most six decimals. Raises ``InvalidUsage``."""
    if isinstance(reported, bool) or (isinstance(reported, str) and not QUANTITY.fullmatch(reported)):
        raise InvalidUsage(str(reported))
    quantity = Fraction(reported)
    if abs(quantity) > MOST:
        raise InvalidUsage(str(reported))
    return quantity


def value_of(reported: str) -> str:
    """Raises ``InvalidUsage``."""
    if not 1 <= len(reported) <= LONGEST_VALUE:
        raise InvalidUsage(reported[:LONGEST_VALUE])
    return reported


def refusal_of(at: datetime, now: datetime, started: datetime) -> Refusal | None:
    """Why a report about a moment is not accepted. ``started``: when the subscription began."""
    if at < started or at < now - OLDEST:
        return Refusal.TOO_OLD
    return Refusal.IN_FUTURE if at > now + FURTHEST_AHEAD else None


def aggregate(aggregation: Aggregation, events: Iterable[UsageEvent]) -> Fraction:
    """Of one meter and period, in any order. An id counts once, and corrections end at 0."""
    once = list({it.event_id: it for it in events}.values())
    if not once:
        return Fraction()
    match aggregation:
        case Aggregation.SUM:
            return max(Fraction(), sum((it.quantity for it in once), Fraction()))
        case Aggregation.MAX:
            return max(Fraction(), *(it.quantity for it in once))
        case Aggregation.LAST:
            return max(Fraction(), max(once, key=lambda it: (it.at, it.event_id)).quantity)
        case Aggregation.UNIQUE:
            return Fraction(len({it.value for it in once}))
