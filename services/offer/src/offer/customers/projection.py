"""Keep the copies of the customers' profiles: applies the checkout's facts, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

from contracts import customer, order
from contracts.envelope import Fact
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection
from offer.customers.link_rows import LinkRows
from offer.customers.order_rows import OrderFact, OrderRows
from offer.customers.profile_rows import ProfileRows

GROUP = "offer.shoppers"
"""The consumer group of what the offer service follows of shoppers. Each of its handlers has a scope of its
own, which begins with this name."""
KINDS: tuple[type[Fact], ...] = (
    customer.ProfileChanged,
    customer.Linked,
    customer.Erased,
    order.Created,
    order.Paid,
    order.Cancelled,
    order.Fulfilled,
    order.PartiallyFulfilled,
)


class CustomersProjection:
    scope = f"{GROUP}.customers"
    types = frozenset(kind.TYPE for kind in KINDS)

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        unit_of_work: PgUnitOfWork,  # noqa: ARG002  # a projection decides nothing
        connection: Connection,
    ) -> None:
        profiles, links, orders = ProfileRows(), LinkRows(), OrderRows()
        for message in batch:
            match message.fact():
                case customer.ProfileChanged() as fact:
                    profiles.add(message.tenant, fact)
                case customer.Linked() as fact:
                    links.add(message.tenant, fact)
                case customer.Erased() as fact:
                    profiles.add(message.tenant, fact)
                    links.add(message.tenant, fact)
                case fact if isinstance(fact, OrderFact):
                    orders.add(message.tenant, fact)
        await profiles.write(connection)
        await orders.write(connection)
        await links.write(connection)
