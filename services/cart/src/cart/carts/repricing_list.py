"""The work list of repricing: rows of the table ``repricing``, which ``cart.catalogue.repricing_requests``
writes, taken one at a time."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import asyncpg

from cart.carts.carts_by_customer import carts_of_customer, customers_with_filled_carts
from cart.carts.carts_by_product import carts_holding, carts_of_tenant
from cart.carts.domain.cart_state import CATALOGUE, CUSTOMER
from cart.catalogue.repricing_requests import EVERYTHING, FIRST_CART
from kernel.context import Context
from kernel.store.writing import Connection, columns

SELECT_NEXT = """
    SELECT tenant, product_id, after_cart, customer_id, correlation_id, causation_id, traceparent, occurred_at
    FROM repricing ORDER BY tenant, product_id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
SELECT_NEW_OF_CUSTOMERS = """
    SELECT tenant, product_id, customer_id FROM repricing
    WHERE customer_id IS NOT NULL AND after_cart = $1 LIMIT $2 FOR UPDATE SKIP LOCKED
"""
MAX_CUSTOMERS = 200
SAVE_PROGRESS = "UPDATE repricing SET after_cart = $3 WHERE tenant = $1 AND product_id = $2"
DELETE_REQUEST = "DELETE FROM repricing WHERE tenant = $1 AND product_id = $2"
DELETE_REQUESTS = """
    DELETE FROM repricing r USING unnest($1::text[], $2::uuid[]) AS done (tenant, product_id)
    WHERE (r.tenant, r.product_id) = (done.tenant, done.product_id)
"""


class RepricingRequest(NamedTuple):
    """What may have another price: a product, an offer or an upsell, everything of the tenant, or everything
    for one customer. ``after``: the last cart that has been repriced."""

    thing: UUID
    after: UUID
    customer_id: str | None
    context: Context

    @property
    def reason(self) -> str:
        return CATALOGUE if self.customer_id is None else CUSTOMER


async def take_request(connection: Connection, actor: str) -> RepricingRequest | None:
    """The first one that no other process is working on, locked until the end of the transaction."""
    row = await connection.fetchrow(SELECT_NEXT)
    return None if row is None else _request(row, actor)


# failpoint: none needed (store-transaction)
async def discard_idle_customers(connection: Connection) -> None:
    """Delete the new requests of customers that have no open cart, many at once: a first order gives a
    customer a segment, and has locked or closed the only cart. The index of open carts must be up to date:
    what enters a cart afterwards has the new price already, and so has a cart that is unlocked."""
    rows = await connection.fetch(SELECT_NEW_OF_CUSTOMERS, FIRST_CART, MAX_CUSTOMERS)
    customers = {(row["tenant"], row["customer_id"]): row["product_id"] for row in rows}
    busy = await customers_with_filled_carts(connection, customers)
    if idle := sorted((key[0], thing) for key, thing in customers.items() if key not in busy):
        await connection.execute(DELETE_REQUESTS, *columns(idle))


async def carts_of(connection: Connection, request: RepricingRequest, limit: int) -> list[UUID]:
    """The next carts, in the order of their ids; some of them may have ended."""
    tenant = request.context.tenant
    if request.customer_id is not None:
        return await carts_of_customer(connection, tenant, request.customer_id, request.after, limit)
    if request.thing == EVERYTHING:
        return await carts_of_tenant(connection, tenant, request.after, limit)
    return await carts_holding(connection, tenant, request.thing, request.after, limit)


# failpoint: none needed (store-transaction), 2 calls
async def save_progress(
    connection: Connection, request: RepricingRequest, carts: list[UUID], limit: int
) -> None:
    """These carts are done. A page that is not full was the last one."""
    key = request.context.tenant, request.thing
    if len(carts) < limit:
        await connection.execute(DELETE_REQUEST, *key)
    else:
        await connection.execute(SAVE_PROGRESS, *key, carts[-1])


def _request(row: asyncpg.Record, actor: str) -> RepricingRequest:
    context = Context(
        tenant=row["tenant"],
        correlation_id=row["correlation_id"],
        causation_id=row["causation_id"],
        actor=actor,
        traceparent=row["traceparent"],
        occurred_at=row["occurred_at"],
    )
    return RepricingRequest(row["product_id"], row["after_cart"], row["customer_id"], context)
