"""Customers who want to be erased after a purchase, and what must be gone then."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from functools import partial
from types import coroutine
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.customers.domain.errors import CustomerNotFound
from checkout_saga.customers.register import CUSTOMER_EMAIL
from checkout_saga.privacy.domain.errors import CustomerBusy
from checkout_saga.privacy.erasure import Eraser, Receipt
from kernel.context import Context
from kernel.messaging.transient import is_transient
from tests.proofs.simulation.node import Node
from tests.proofs.simulation.scheduler import MINUTE, SECOND
from tests.proofs.simulation.services import CHECKOUT, OFFER
from tests.proofs.simulation.statements.shoppers import LINKS, ORDERS, PROFILES

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World

Resume = Callable[..., None]
MOST_TRIES = 8
BUSY_FOR = 30 * MINUTE
PERSONAL = {"customer.created", "customer.changed", "customer.contact_set"}
"""Facts that hold personal data of a customer who has come back."""


class Erased(NamedTuple):
    tenant: str
    customer_id: str
    receipt: Receipt


@coroutine
def _until(ask: Callable[[Resume], None]) -> Generator[Callable[[Resume], None], Any, Any]:
    return (yield ask)


class Erasures:
    def __init__(self, world: World) -> None:
        self._world = world
        self.done: list[Erased] = []

    def later(
        self,
        begin: Callable[[Coroutine[Any, Any, None]], None],
        who: str,
        tenant: str,
        customer_id: str,
        seconds: float,
    ) -> Callable[[], None]:
        return lambda: begin(self._erase(who, tenant, customer_id, int(seconds * SECOND)))

    async def _erase(self, who: str, tenant: str, customer_id: str, wait: int) -> None:
        """Again while something of the customer is under way."""
        world, context = self._world, Context(tenant, f"{who}: erase", f"{who}: erase", who)
        for _ in range(MOST_TRIES):
            await _until(partial(world.scheduler.after, wait))
            receipt, error = await _until(partial(self._send, context, customer_id))
            if error is None:
                world.tell(who, f"is erased: {receipt}")
                self.done.append(Erased(tenant, customer_id, receipt))
                return
            if isinstance(error, CustomerNotFound):
                return
            if not (isinstance(error, CustomerBusy) or is_transient(error)):
                world.broken("500", f"an erasure: {error!r}")
                return
            wait = BUSY_FOR if isinstance(error, CustomerBusy) else SECOND

    def _send(self, context: Context, customer_id: str, resume: Resume) -> None:
        nodes = self._world.alive(CHECKOUT)
        if not nodes:
            self._world.scheduler.after(SECOND, partial(self._send, context, customer_id, resume))
            return
        node = self._world.random.of("who erases").choice(nodes)
        after = self._world.scheduler.after
        node.spawn(
            self._erased(node, context, customer_id),
            lambda result, error: after(SECOND, lambda: resume((result, error))),
        )

    async def _erased(self, node: Node, context: Context, customer_id: str) -> Receipt:
        eraser = Eraser(node.store, self._world.vault)
        ids = await eraser.erase(context, customer_id, "asked for it")
        return await eraser.receipt(context, customer_id, ids)

    def look(self) -> None:
        """Check that nothing of the erased can be read or found any more."""
        for it in self.done:
            if it.receipt.readable:
                self._world.broken("P0", f"{it.customer_id} is erased, and can be read: {it.receipt}")
            stream = customer_stream_id(it.tenant, it.customer_id)
            facts = self._world.databases[CHECKOUT].streams[stream]
            last = next(
                at for at, fact in reversed(list(enumerate(facts))) if fact["type"] == "customer.erased"
            )
            if not any(fact["type"] in PERSONAL for fact in facts[last:]):
                self._look_for_names(it, stream)
            self._look_into_copies(it, facts[last]["recorded_at"])

    def _look_for_names(self, it: Erased, stream: UUID) -> None:
        holders = self._world.databases[CHECKOUT].holders.items()
        if left := [name for name, holder in holders if name[1] == CUSTOMER_EMAIL and holder == stream]:
            self._world.broken("P0", f"{it.customer_id} is erased, and has names: {left}")

    def _look_into_copies(self, it: Erased, at: Any) -> None:
        """Of what was before the erasure the offer service has no copies."""
        log = self._world.databases[CHECKOUT].streams
        tables = self._world.databases[OFFER].tables
        orders = [
            order_id
            for (tenant, order_id), row in tables[ORDERS].items()
            if (tenant, row["customer_id"]) == (it.tenant, it.customer_id)
            and log[order_id][0]["recorded_at"] < at
        ]
        linked = [key for key in tables[LINKS] if key[:2] == (it.tenant, it.customer_id)]
        profile = tables[PROFILES].get((it.tenant, it.customer_id))
        erased = [
            fact["version"]
            for fact in log[customer_stream_id(it.tenant, it.customer_id)]
            if fact["type"] == "customer.erased"
        ]
        if profile and profile["version"] < max(erased):
            self._world.broken("P0", f"{it.customer_id} is erased, and has a profile")
        if orders or linked:
            self._world.broken("P0", f"{it.customer_id} is erased, and has orders {orders}, links {linked}")
