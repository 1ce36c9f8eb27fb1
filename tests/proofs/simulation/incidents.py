"""What happens to commits and calls during a run, as cells of the matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

import orjson

from contracts.topology import CART, CHECKOUT, OFFER
from kernel.store.changes import LogRow
from tests.proofs.simulation import matrix
from tests.proofs.simulation.matrix import Cell

ANSWERING = {CART.name, OFFER.name}


class Asked(NamedTuple):
    """A step that another service does: its command, and the replies to it."""

    step: str
    command: str
    done: str
    refused: str


ASKED = (
    Asked(matrix.LOCK, "cart.lock", "cart.locked", "cart.lock_refused"),
    Asked(matrix.STOCK, "offer.reserve_stock", "reservation.made", "stock.reservation_refused"),
    Asked(matrix.PROMOTIONS, "offer.reserve_promotions", "redemption.made", "promotion.reservation_refused"),
    Asked(matrix.PRICE, "offer.confirm_price", "price.confirmed", "price.refused"),
    Asked(matrix.CONFIRM, "offer.confirm_stock", "reservation.confirmed", "reservation.confirmation_refused"),
    Asked(matrix.COMPLETE, "cart.convert", "cart.converted", "cart.conversion_refused"),
)
BY_COMMAND = {it.command: it.step for it in ASKED}
BY_REPLY = {reply: it.step for it in ASKED for reply in (it.done, it.refused)}
OWN = {matrix.CUSTOMER, matrix.ORDER, matrix.FULFIL, matrix.COMPLETE}
"""Steps that the checkout does itself, at once with the reply or the outcome before."""
BEFORE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        matrix.CUSTOMER: (matrix.STOCK, matrix.PROMOTIONS, matrix.PRICE),
        matrix.ORDER: (matrix.AUTHORIZE,),
        matrix.FULFIL: (matrix.CONFIRM,),
        matrix.COMPLETE: (matrix.CONFIRM,),
    }
)
"""What is answered twice asks for these steps twice."""
OPERATIONS = {"authorize": matrix.AUTHORIZE, "confirm": matrix.AUTHORIZE, "capture": matrix.CAPTURE}


def step_of_key(operation: str, key: str) -> str | None:
    """``key``: the idempotency key of a call to the gateway: checkout, operation, for an order's refund its
    id, and the attempt."""
    if operation in {"void", "refund"}:
        return matrix.REFUND if key.count(":") > 2 else matrix.UNDOING  # as said above
    return OPERATIONS.get(operation)


class Incidents:
    """What happens to commits and calls during a run."""

    def __init__(self) -> None:
        self.cells: set[Cell] = set()
        self._pushed: set[str] = set()
        """The checkouts that are paid at a bank."""
        self._first: dict[str, datetime] = {}
        """When each key of the gateway took effect."""
        self._answers: Counter[str] = Counter()

    def died(self, service: str, rows: Iterable[LogRow], *, before: bool) -> None:
        """A process has died at a commit of these rows: ``before`` it, nothing of them is stored."""
        for row in rows:
            fault = matrix.CRASH_BEFORE if before else matrix.CRASH_AFTER
            self.cells |= {Cell(step, fault) for step in _done(service, row)}
            if service == CHECKOUT.name and before:
                checkout = str(row.stream_id)
                self.cells |= {Cell(self._named(it, checkout), matrix.CRASH_AFTER) for it in _heard(row)}
            elif service == CHECKOUT.name:
                self.cells |= {Cell(step, matrix.CRASH_BEFORE) for step in _begun(row)}

    def pushed(self, checkout: str) -> None:
        """The checkout is paid at a bank."""
        self._pushed.add(checkout)

    def step_of(self, operation: str, key: str) -> str | None:
        """The step of the matrix that a call to the gateway belongs to."""
        step = step_of_key(operation, key)
        return step and self._named(step, key.partition(":")[0])

    def _named(self, step: str, checkout: str) -> str:
        return matrix.PUSH if step == matrix.AUTHORIZE and checkout in self._pushed else step

    def called(self, operation: str, key: str, fault: str) -> None:
        if step := self.step_of(operation, key):
            self.cells.add(Cell(step, fault))

    def answered(self, operation: str, key: str) -> None:
        """The gateway has answered with what was done under the key."""
        self._answers[key] += 1
        if self._answers[key] > 1:
            self.called(operation, key, matrix.TWICE)

    def took_effect(self, key: str, now: datetime) -> None:
        self._first.setdefault(key, now)

    @property
    def effects(self) -> Mapping[str, datetime]:
        return self._first


def _begun(row: LogRow) -> Iterator[str]:
    """Steps that are asked for with this row."""
    if row.kind == "command" and row.type in BY_COMMAND:
        yield BY_COMMAND[row.type]


def _done(service: str, row: LogRow) -> Iterator[str]:
    """Steps that the service itself does with this row."""
    if service in ANSWERING and row.type in BY_REPLY:
        yield BY_REPLY[row.type]
    elif row.type == "checkout.advanced":
        yield from (it for it in _steps(row) if it in OWN)
    elif row.type.startswith("fulfillment."):
        yield matrix.FULFIL


def _heard(row: LogRow) -> Iterator[str]:
    """Steps whose reply or outcome is recorded with this row."""
    if row.type == "checkout.advanced":
        yield from (it for it in _steps(row) if it not in OWN)
    elif row.type == "checkout.waiting_began":
        yield matrix.AUTHORIZE


def _steps(row: LogRow) -> list[str]:
    body = orjson.loads(row.body)
    return [it["step"] for it in body["done"]]
