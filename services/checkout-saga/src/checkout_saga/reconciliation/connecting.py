"""Connects the calls of reconciliations with the log, the webhooks and the providers; finds their timers."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from checkout_saga.payments.ports import PaymentProviders
from checkout_saga.reconciliation.calls import ReconciliationCalls
from checkout_saga.reconciliation.log_reading import LoggedPayments
from checkout_saga.reconciliation.use_cases.running import RECONCILE
from checkout_saga.reconciliation.webhook_rows import WebhookRows
from kernel.postgres.service_pool import ServicePool
from kernel.scheduling.outbound_calls import Caller
from kernel.store.event_store import EventStore

SCHEDULED = "SELECT subject FROM timers WHERE kind = $1"


async def scheduled_accounts(pool: ServicePool) -> set[UUID]:
    """Those whose next run has its timer."""
    return {row["subject"] for row in await pool.fetch(SCHEDULED, RECONCILE)}


def callers_of(store: EventStore, providers: PaymentProviders) -> Mapping[str, Caller]:
    recorded, webhooks = LoggedPayments(store.pool), WebhookRows(store.pool)
    return ReconciliationCalls(store, providers, recorded, webhooks).callers()
