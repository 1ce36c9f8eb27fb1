"""The table that searches of orders read. It follows the service's own log."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import get_args
from uuid import UUID

from checkout_saga.orders.domain.order import Order
from contracts import order
from kernel.context import Context
from kernel.store.event_store import EventStore
from kernel.store.log_follower import LogFollower, Recorded
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
        work = store.begin_within(connection, await store.now(), remember=False)
        rows: list[tuple[str, UUID, str, str, object]] = []
        changed = sorted({(it.tenant, it.stream_id) for it in recorded})
        for tenant, keys in groupby(changed, key=lambda key: key[0]):
            work.switch_context(Context(tenant, PLACE, PLACE, PLACE))
            orders = await work.open_many(Order, [order_id for _, order_id in keys])
            rows += [(tenant, it.id, it.number, it.status.value, it.created_at) for it in orders.values()]
        work.give_back()
        await connection.execute(UPSERT, *columns(rows))

    return LogFollower(PLACE, get_args(order.OrderFact), write, store)
