"""The tables that lists of subscriptions and invoices read. They follow the service's own log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from checkout_saga.subscriptions.domain.invoice import Invoice
from checkout_saga.subscriptions.domain.subscription import Subscription
from contracts import invoice, subscription
from kernel.store.event_store import EventStore
from kernel.store.log_follower import LogFollower, Recorded, read_changed
from kernel.store.writing import Connection, columns

SUBSCRIPTIONS, INVOICES = "subscription_list_place", "invoice_list_place"
UPSERT_SUBSCRIPTIONS = """
    INSERT INTO subscription_list (tenant, subscription_id, customer_id, plan_id, status, began_at)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
    ON CONFLICT (tenant, subscription_id) DO UPDATE SET status = excluded.status
"""
UPSERT_INVOICES = """
    INSERT INTO invoice_list (tenant, invoice_id, subscription_id, customer_id, status, issued_at)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[])
    ON CONFLICT (tenant, invoice_id) DO UPDATE SET status = excluded.status
"""


def list_followers(store: EventStore) -> tuple[LogFollower, ...]:
    # failpoint: none needed (store-transaction)
    async def write_subscriptions(connection: Connection, recorded: Sequence[Recorded]) -> None:
        rows = [
            (tenant, it.id, it.customer_id, it.plan_id, it.status.value, it.activated_at)
            for tenant, it in await read_changed(Subscription, SUBSCRIPTIONS, store, connection, recorded)
            if it.has_begun
        ]
        if rows:
            await connection.execute(UPSERT_SUBSCRIPTIONS, *columns(rows))

    # failpoint: none needed (store-transaction)
    async def write_invoices(connection: Connection, recorded: Sequence[Recorded]) -> None:
        rows = [
            (tenant, it.id, it.issued.subscription_id, it.issued.customer_id, it.status, it.issued_at)
            for tenant, it in await read_changed(Invoice, INVOICES, store, connection, recorded)
            if it.issued
        ]
        await connection.execute(UPSERT_INVOICES, *columns(rows))

    return (
        LogFollower(SUBSCRIPTIONS, get_args(subscription.SubscriptionFact), write_subscriptions, store),
        LogFollower(INVOICES, get_args(invoice.InvoiceFact), write_invoices, store),
    )
