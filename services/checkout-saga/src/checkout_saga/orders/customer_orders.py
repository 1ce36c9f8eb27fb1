"""The orders of a customer, by the keys under which they are listed."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.customers.use_cases import ids_of
from checkout_saga.orders.use_cases.index_keys import CUSTOMER_ORDER, customer_orders_prefix
from kernel.postgres.service_pool import ServicePool
from kernel.store.unique_keys import list_unique_keys
from kernel.unit_of_work import UnitOfWork

PAGE = 1_000


async def prefixes_of(customer_id: str, work: UnitOfWork) -> list[str]:
    """With what the keys of the customer's orders begin: those of all ids, where guests are linked."""
    return [customer_orders_prefix(work.context.tenant, it) for it in await ids_of(customer_id, work)]


async def orders_of(pool: ServicePool, customer_id: str, work: UnitOfWork) -> list[UUID]:
    """All of them, the oldest first."""
    prefixes, found, after = await prefixes_of(customer_id, work), list[UUID](), ""
    while True:
        keys = await list_unique_keys(
            pool, work.context.tenant, CUSTOMER_ORDER, after=after, prefixes=prefixes, limit=PAGE
        )
        found += [it.owner for it in keys]
        if len(keys) < PAGE:
            return found
        after = keys[-1].value
