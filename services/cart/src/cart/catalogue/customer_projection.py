"""The copy of customers: applies the facts of customers and orders, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

from cart.catalogue.customer_rows import KINDS, CustomerRows
from cart.catalogue.news import News
from cart.catalogue.repricing_requests import CustomersWithCarts, write_requests_of_customers
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection

GROUP = "cart.customers"


class CustomerProjection:
    scope = GROUP
    types = frozenset(kind.TYPE for kind in KINDS)

    def __init__(self, with_carts: CustomersWithCarts) -> None:
        self._with_carts = with_carts

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        unit_of_work: PgUnitOfWork,  # noqa: ARG002  # a projection decides nothing
        connection: Connection,
    ) -> None:
        customers, news = CustomerRows(), News()
        for message in batch:
            customers.add(message.tenant, message.fact())
        await customers.write(connection, news)
        await write_requests_of_customers(connection, batch, self._with_carts)
        await news.tell(connection)
