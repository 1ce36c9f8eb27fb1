"""Invariants that are checked at every commit and every entry of the gateway's ledger."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from uuid import UUID

import orjson

from contracts.stock import ReservationRefused
from kernel.store.changes import LogRow
from tests.proofs.simulation.ledger import Entry, Ledger
from tests.proofs.simulation.reviews import look_at_capture
from verify.checks.promotions import PromotionReplay
from verify.checks.stock_replay import StockReplay

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World

USES = {"promotion.created", "promotion.changed", "promotion.reserved", "promotion.released"}


class Watch:
    """Applies the rules by which ``feira verify`` replays stock and promotions."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stock: dict[UUID, StockReplay] = defaultdict(StockReplay)
        self._uses: dict[UUID, PromotionReplay] = defaultdict(PromotionReplay)
        self._tenants: dict[UUID, str] = {}

    def recorded(self, row: LogRow) -> None:
        if self._tenants.setdefault(row.stream_id, row.tenant) != row.tenant:
            self._world.broken(
                "T1", f"{row.type} of {row.tenant} in a stream of {self._tenants[row.stream_id]}"
            )
        wrong: str | None = None
        rule = "C1"
        if row.type.startswith("stock.") and row.type != ReservationRefused.TYPE:
            rule, wrong = "K1", self._stock[row.stream_id].apply(row.type, orjson.loads(row.body))
        elif row.type in USES:
            fact = orjson.loads(row.body)
            uses = self._uses[row.stream_id]
            body = row.body.decode()
            wrong = uses.apply(row.type, fact.get("checkout_id"), fact.get("customer_id", ""), body)
        if wrong:
            self._world.broken(rule, f"{row.type}: {wrong}")

    def done(self, entry: Entry, ledger: Ledger) -> None:
        of_payment = [it for it in ledger.entries.values() if it.payment_id == entry.payment_id]
        captures = sum(it.status == "captured" for it in of_payment)
        if captures > 1:
            self._world.broken("M2", f"{entry.payment_id} is captured {captures} times")
        if captures and any(it.status == "voided" for it in of_payment):
            self._world.broken("M4", f"{entry.payment_id} is captured and voided")
        if self._world.workload.rules:
            look_at_capture(self._world, entry)
