"""The matrix of a checkout's steps and of what may go wrong with each: which of its cells runs have come to.

The rules judge the end of every run; this shows that none of the cells was left out. A cell counts as met by
what is stored and by what was injected, not by what was meant to happen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

REFUSED, NO_EFFECT, EFFECT = "refused", "time-out, no effect", "time-out, effect"
CRASH_BEFORE, CRASH_AFTER, TWICE, LATE = "crash before", "crash after", "answered twice", "late"
FAULTS = (REFUSED, NO_EFFECT, EFFECT, CRASH_BEFORE, CRASH_AFTER, TWICE, LATE)
LOCK, STOCK, PROMOTIONS, PRICE = "lock_cart", "reserve_stock", "reserve_promotions", "confirm_price"
CUSTOMER, AUTHORIZE, ORDER, CAPTURE = (
    "resolve_customer",
    "authorize_payment",
    "create_order",
    "capture_payment",
)
CONFIRM, FULFIL, COMPLETE = "confirm_stock", "fulfill_order", "complete"
PUSH, UNDOING, REFUND = "authorize, push", "void, refund (undoing)", "refund of an order"
STEPS = (
    *(LOCK, STOCK, PROMOTIONS, PRICE, CUSTOMER, AUTHORIZE, ORDER, CAPTURE, CONFIRM, FULFIL, COMPLETE),
    *(PUSH, UNDOING, REFUND),
)
WIDTH = 11


class Cell(NamedTuple):
    step: str
    fault: str

    @property
    def name(self) -> str:
        return f"{self.step} / {self.fault}"


def _all(step: str, why: str, *faults: str) -> dict[Cell, str]:
    return {Cell(step, it): why for it in faults or FAULTS}


NOT_REACHABLE: Mapping[Cell, str] = MappingProxyType(
    {
        **_all(CUSTOMER, "it calls no service, and nothing refuses it", REFUSED, NO_EFFECT, EFFECT, LATE),
        **_all(ORDER, "a review that declines gives the checkout up, no step refuses it", REFUSED),
        **_all(ORDER, "it calls no service", NO_EFFECT, EFFECT, LATE),
    }
)

SELDOM = frozenset(
    {
        *(Cell(it, TWICE) for it in (AUTHORIZE, ORDER, CAPTURE, PUSH, REFUND)),
        *(Cell(it, LATE) for it in (CAPTURE, CONFIRM, UNDOING)),
        Cell(COMPLETE, REFUSED),
        Cell(REFUND, CRASH_AFTER),
    }
)
"""Cells that need two faults or more at one moment: none of two thousand seeds met them. Their row shows how
many runs have; a run need not."""


def cells() -> Iterable[Cell]:
    return (Cell(step, fault) for step in STEPS for fault in FAULTS)


def never_met(met: Counter[str]) -> list[Cell]:
    """The cells that the present code and the actors often come to, and no run has."""
    excused = {*NOT_REACHABLE, *SELDOM}
    return [it for it in cells() if it not in excused and not met[it.name]]


def table(counts: Counter[str]) -> Iterable[str]:
    """How many runs have met each cell; a dash stands for one that cannot be met."""
    first = max(map(len, STEPS))
    yield " ".join([f"{'':{first}}", *(f"{it.replace('time-out, ', ''):>{WIDTH + 4}}" for it in FAULTS)])
    for step in STEPS:
        row = (Cell(step, it) for it in FAULTS)
        numbers = (_shown(it, counts) for it in row)
        yield " ".join([f"{step:{first}}", *(f"{it:>{WIDTH + 4}}" for it in numbers)])


def _shown(it: Cell, counts: Counter[str]) -> str:
    return "-" if it in NOT_REACHABLE else str(counts[it.name])
