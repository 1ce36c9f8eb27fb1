"""Wires the checkout service."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from checkout_saga.checkout.checkout_watcher import CheckoutWatcher
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.failures import CANCELLATIONS, FAILURES
from checkout_saga.checkout.health import CheckoutHealth
from checkout_saga.checkout.payment_calls import PaymentCalls
from checkout_saga.checkout.routes import checkouts, sagas
from checkout_saga.checkout.routes import health as checkout_health
from checkout_saga.checkout.schemas import descriptions as of_checkouts
from checkout_saga.checkout.statuses import STATUSES
from checkout_saga.checkout.workflow import CHECKOUTS, DEADLINE
from checkout_saga.customers import routes as customers
from checkout_saga.customers import schemas as of_customers
from checkout_saga.customers.vault import Vault
from checkout_saga.notifications.cart_facts import CartFacts
from checkout_saga.notifications.connecting import mail_callers_of
from checkout_saga.notifications.metrics import count_notifications
from checkout_saga.orders import attention_gauge
from checkout_saga.orders.refund_calls import RefundCalls
from checkout_saga.orders.routes import orders, refunds
from checkout_saga.orders.schemas import descriptions as of_orders
from checkout_saga.payments import schemas as of_payments
from checkout_saga.payments.ports import PaymentProvider
from checkout_saga.payments.providers.registry import connect_providers
from checkout_saga.settings import CheckoutSettings
from contracts.examples import EXAMPLES
from contracts.lock_refusals import LOCK_REFUSALS
from contracts.roles import OPERATORS, ROLES
from contracts.topics import MESSAGES
from contracts.topology import PARTITIONS, read_by
from kernel.clock.stack_clock import StackClock
from kernel.http import api_key_routes, clock_routes, dead_letter_routes, status_routes
from kernel.http.app import Application, create_app
from kernel.http.asyncapi import Exchange
from kernel.http.descriptions import Words
from kernel.http.server import serve
from kernel.messaging import message_gauges
from kernel.messaging.batch import Handler
from kernel.messaging.consumer import Consumer
from kernel.messaging.dead_letters.admin import DeadLetterAdmin
from kernel.messaging.publishing import Publishing
from kernel.observability.health import Heartbeats
from kernel.postgres import pool_metrics, retention
from kernel.postgres.applied_migrations import required_with
from kernel.postgres.connections import create_pool
from kernel.postgres.gauges import DatabaseGauges
from kernel.postgres.retention import Retention
from kernel.postgres.service_pool import ServicePool
from kernel.process.open_sagas import open_sagas
from kernel.process.reply_handler import ReplyHandler
from kernel.process.saga_metrics import SagaMetrics
from kernel.scheduling import timer_gauges
from kernel.scheduling.outbound_calls import Caller, OutboundCalls
from kernel.scheduling.timers import DueTimer, TimerHandler, Timers
from kernel.security.personal_data import PersonalData
from kernel.security.pseudonyms import load_pseudonym_key
from kernel.service.build import build_of
from kernel.service.runtime import running
from kernel.store.event_store import EventStore
from kernel.store.snapshots.writer import SnapshotWriter
from kernel.unit_of_work import UnitOfWork

SERVICE = GROUP = "checkout-saga"
SAGA = "checkout"
"""The value of the label ``saga`` of metrics."""

FIELD_DESCRIPTIONS: Words = {
    **of_checkouts.FIELD_DESCRIPTIONS,
    **of_orders.FIELD_DESCRIPTIONS,
    **of_payments.FIELD_DESCRIPTIONS,
    **of_customers.FIELD_DESCRIPTIONS,
}

MIGRATIONS = Path(__file__).parent / "migrations"


async def run(settings: CheckoutSettings) -> None:
    """Serve until the process is asked to stop."""
    stopping = asyncio.Event()
    heartbeats = Heartbeats()
    async with (
        await create_pool(
            settings.database_url, settings.env, settings.database_connections, settings.instance
        ) as pool,
        connect_providers(settings, vault := await _vault(settings, pool)) as providers,
    ):
        pool_metrics.measure(pool)
        store = EventStore(pool, MESSAGES, settings.snapshot_facts)
        watcher = CheckoutWatcher(store, stopping)
        handlers: list[Handler] = [
            ReplyHandler(GROUP, CHECKOUTS),
            CartFacts(has_channel=bool(settings.smtp_host)),
        ]
        dead_letters = DeadLetterAdmin(store, {GROUP: handlers})
        clock = StackClock(SERVICE, settings, pool, heartbeats)
        app = build(settings, store, heartbeats, watcher, vault, dead_letters, providers, clock)
        publishing = Publishing.of(SERVICE, store, settings, heartbeats)
        consumer = Consumer(
            GROUP,
            read_by(GROUP),
            handlers,
            store,
            settings.kafka,
            heartbeats,
            instance=settings.instance,
        )
        timers = Timers(SERVICE, TIMERS, store, heartbeats)
        callers = callers_of(store, providers)
        calls = OutboundCalls(SERVICE, callers, store, heartbeats, settings.calls, settings.calls_per_tenant)
        mail_callers = mail_callers_of(store, vault, settings)
        room = settings.notifications, settings.notifications_per_tenant
        mails = OutboundCalls(SERVICE, mail_callers, store, heartbeats, *room, beat="mails")
        store.add_commit_hooks(count_notifications)
        clock.own.on_move(store.forget_time, timers.wake, calls.wake, mails.wake)
        SagaMetrics(SAGA, CHECKOUTS.workflow, store, {*FAILURES, *LOCK_REFUSALS}, CANCELLATIONS)
        readings = [
            message_gauges.outbox(),
            message_gauges.parked(),
            timer_gauges.timers(TIMERS, {**callers, **mail_callers}),
            open_sagas(SAGA, CHECKOUTS.workflow, OPEN_CHECKOUT),
            attention_gauge.refunds(),
        ]
        gauges = DatabaseGauges(pool, readings, heartbeats)
        snapshots = SnapshotWriter(store, heartbeats)
        retention_job = Retention(
            pool,
            [retention.responses(settings.keep_answers), retention.snapshots()],
            settings.retention_seconds,
            heartbeats,
        )
        await publishing.start()
        async with running(
            *publishing.loops(),
            consumer.run(),
            timers.run(),
            calls.run(),
            mails.run(),
            watcher.run(),
            retention_job.run(),
            snapshots.run(),
            gauges.run(),
            *clock.loops(),
        ):
            await serve(app, settings, stopping)


def build(
    settings: CheckoutSettings,
    store: EventStore,
    heartbeats: Heartbeats,
    watcher: CheckoutWatcher,
    vault: Vault,
    dead_letters: DeadLetterAdmin,
    providers: PaymentProvider,
    clock: StackClock,
) -> Application:
    pool = store.pool
    return create_app(
        SERVICE,
        pool=pool,
        heartbeats=heartbeats,
        migrations=required_with(MIGRATIONS),
        store=store,
        exchange=Exchange(
            SERVICE,
            settings.kafka,
            MESSAGES,
            PARTITIONS,
            EXAMPLES,
            sends=[*MESSAGES.facts_on("checkout.events"), *MESSAGES.commands],
            receives=[*CHECKOUTS.workflow.outcomes, *CartFacts.types],
        ),
        body_seconds=settings.body_seconds,
        max_concurrent_requests=settings.requests,
        rates=settings.request_rates(),
        earliest=settings.earliest_occurred_at,
        description=of_checkouts.API_DESCRIPTION,
        words=FIELD_DESCRIPTIONS,
        statuses=STATUSES,
        tables=[
            checkouts.table(settings, watcher, vault),
            orders.ROUTES,
            refunds.table(store, providers),
            customers.table(store, vault, test_environment=settings.env != "production"),
            sagas.ROUTES,
            dead_letter_routes.table(pool, dead_letters, OPERATORS),
            api_key_routes.table(pool, OPERATORS, ROLES),
            status_routes.table(build_of(__name__), pool, heartbeats, required_with(MIGRATIONS), OPERATORS),
            checkout_health.table(CheckoutHealth(store, settings, heartbeats)),
            *clock_routes.tables(clock, OPERATORS),
        ],
        routers=clock_routes.routers(clock),
    )


async def _vault(settings: CheckoutSettings, pool: ServicePool) -> Vault:
    keys = settings.master_keys
    return Vault(PersonalData(pool, keys, await load_pseudonym_key(pool, keys)))


def callers_of(store: EventStore, providers: PaymentProvider) -> Mapping[str, Caller]:
    """The callers of all outbound calls, by the kinds of their timers."""
    return {**PaymentCalls(store, providers).callers(), **RefundCalls(store, providers).callers()}


async def _deadline(timer: DueTimer, work: UnitOfWork) -> None:
    await CHECKOUTS.on_deadline(timer.subject, work)


TIMERS: Mapping[str, TimerHandler] = {DEADLINE: _deadline}
