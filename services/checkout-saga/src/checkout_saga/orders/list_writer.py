"""The table that searches of orders read. It follows the service's own log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from checkout_saga.orders.domain.order import Order
from contracts import order
from kernel.store.event_store import EventStore
from kernel.store.log_follower import LogFollower, Recorded, read_changed
from kernel.store.writing import Connection, columns

PLACE = "order_list_place"
UPSERT = """
    INSERT INTO order_list (tenant, order_id, number, status, created_at)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[])
    ON CONFLICT (tenant, order_id) DO UPDATE SET status = excluded.status
"""


def list_follower(store: EventStore) -> LogFollower:
    """What an order's status is, the order itself says: its facts alone do not, such as those of refunds."""

    # failpoint: none needed (store-transaction)
    async def write(connection: Connection, recorded: Sequence[Recorded]) -> None:
        rows = [
            (tenant, it.id, it.number, it.status.value, it.created_at)
            for tenant, it in await read_changed(Order, PLACE, store, connection, recorded)
        ]
        await connection.execute(UPSERT, *columns(rows))

    return LogFollower(PLACE, get_args(order.OrderFact), write, store)
