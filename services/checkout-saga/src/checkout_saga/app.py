"""Wires the checkout service."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from checkout_saga.checkout.checkout_watcher import CheckoutWatcher
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.failures import CANCELLATIONS, FAILURES
from checkout_saga.checkout.health import CheckoutHealth
from checkout_saga.checkout.lock_refusals import REFUSALS_AT_LOCK
from checkout_saga.checkout.payment_calls import PaymentCalls
from checkout_saga.checkout.routes import health as checkout_health
from checkout_saga.checkout.schemas import descriptions as of_checkouts
from checkout_saga.checkout.screening_calls import ScreeningCalls
from checkout_saga.checkout.start_rates import PASSED_RATES
from checkout_saga.checkout.statuses import STATUSES
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.consumed import RECEIVED, handlers_of
from checkout_saga.customers.vault import Vault, open_vault
from checkout_saga.descriptions import FIELD_DESCRIPTIONS
from checkout_saga.fraud.fraud_events import OLD_EVENTS
from checkout_saga.notifications.connecting import mail_callers_of
from checkout_saga.notifications.metrics import count_notifications
from checkout_saga.notifications.slack import SLACK
from checkout_saga.notifications.slack import connect as connect_slack
from checkout_saga.notifications.use_cases.announcing import Announcer
from checkout_saga.operations.attention import gauge as attention_gauge
from checkout_saga.operations.dry_run import DryRuns
from checkout_saga.operations.page import routes as page
from checkout_saga.operations.page.visitors import PATH as PAGE_PATH
from checkout_saga.operations.triage import Triages
from checkout_saga.orders.list_writer import list_follower
from checkout_saga.orders.refund_calls import RefundCalls
from checkout_saga.payments.accounts.connecting import Accounts
from checkout_saga.payments.accounts.safe import Safe
from checkout_saga.payments.metrics import count_money
from checkout_saga.payments.ports import PaymentProvider
from checkout_saga.payments.providers.registry import connect_providers
from checkout_saga.reconciliation.connecting import callers_of as comparing_callers_of
from checkout_saga.reconciliation.connecting import scheduled_accounts
from checkout_saga.reconciliation.noted_mismatches import NotedMismatches
from checkout_saga.reconciliation.scheduling import Schedule
from checkout_saga.route_tables import route_tables
from checkout_saga.settings import CheckoutSettings
from checkout_saga.subscriptions.list_writer import list_followers as lists_of_subscriptions
from checkout_saga.timers import RECURRING, TIMERS
from checkout_saga.webhooks.refusals import RULES as KEPT_WEBHOOKS
from contracts.examples import EXAMPLES
from contracts.roles import OPERATORS, ROLES
from contracts.topics import MESSAGES
from contracts.topology import PARTITIONS, read_by
from kernel.clock.stack_clock import StackClock
from kernel.http import api_key_routes, clock_routes, dead_letter_routes, status_routes
from kernel.http.app import Application, create_app
from kernel.http.asyncapi import Exchange
from kernel.http.route_tables import keeping_keys
from kernel.http.server import serve
from kernel.messaging import message_gauges
from kernel.messaging.consumer import Consumer
from kernel.messaging.dead_letters.admin import DeadLetterAdmin
from kernel.messaging.publishing import Publishing
from kernel.observability.health import Heartbeats
from kernel.postgres import pool_metrics, retention
from kernel.postgres.applied_migrations import required_with
from kernel.postgres.connections import create_pool
from kernel.postgres.gauges import DatabaseGauges
from kernel.postgres.retention import Retention
from kernel.process.open_sagas import open_sagas
from kernel.process.saga_metrics import SagaMetrics
from kernel.scheduling import timer_gauges
from kernel.scheduling.outbound_calls import Caller, OutboundCalls
from kernel.scheduling.timers import Timers
from kernel.service.build import build_of
from kernel.service.runtime import running
from kernel.store.event_store import EventStore
from kernel.store.log_followers import LogFollowers
from kernel.store.snapshots.writer import SnapshotWriter

SERVICE = GROUP = "checkout-saga"
SAGA = "checkout"
"""The value of the label ``saga`` of metrics."""

MIGRATIONS = Path(__file__).parent / "migrations"


async def run(settings: CheckoutSettings) -> None:
    """Serve until the process is asked to stop."""
    stopping = asyncio.Event()
    heartbeats = Heartbeats()
    size = settings.database_connections
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(
            await create_pool(settings.database_url, settings.env, size, settings.instance)
        )
        pool_metrics.measure(pool)
        vault = await open_vault(pool, settings.master_keys)
        store = EventStore(pool, MESSAGES, settings.snapshot_facts)
        accounts = Accounts(store, Safe(pool, vault.personal))
        connected = await stack.enter_async_context(connect_providers(settings, vault, accounts))
        providers = NotedMismatches(connected, store)
        slack = await stack.enter_async_context(
            connect_slack(settings.slack_url or SLACK, settings.smtp_transfer_seconds)
        )
        has_mail = bool(settings.smtp_host)
        store.react(Announcer(has_mail=has_mail).reactions())
        watcher = CheckoutWatcher(store, stopping)
        handlers = handlers_of(GROUP, has_mail=has_mail)
        dead_letters = DeadLetterAdmin(store, {GROUP: handlers})
        clock = StackClock(SERVICE, settings, pool, heartbeats, RECURRING)
        app = build(settings, store, heartbeats, watcher, vault, dead_letters, providers, clock, accounts)
        tables = LogFollowers((list_follower(store), *lists_of_subscriptions(store)), pool, heartbeats)
        publishing = Publishing.of(SERVICE, store, settings, heartbeats, tables.start_again)
        consumer = Consumer(
            GROUP,
            read_by(GROUP),
            handlers,
            store,
            settings.kafka,
            heartbeats,
            instance=settings.instance,
        )
        schedule = Schedule(settings.reconcile_every, await scheduled_accounts(pool))
        store.add_commit_hooks(schedule.after_commit, schedule.before_commit)
        timer_handlers = {**TIMERS, **schedule.timers()}
        timers = Timers(SERVICE, timer_handlers, store, heartbeats)
        callers = {**callers_of(store, providers, vault), **comparing_callers_of(store, providers)}
        calls = OutboundCalls(SERVICE, callers, store, heartbeats, settings.calls, settings.calls_per_tenant)
        mail_callers = mail_callers_of(store, vault, settings, slack)
        room = settings.notifications, settings.notifications_per_tenant
        mails = OutboundCalls(SERVICE, mail_callers, store, heartbeats, *room, beat="mails")
        store.add_commit_hooks(count_notifications)
        store.add_commit_hooks(count_money(FAILURES))
        clock.own.on_move(store.forget_time, timers.wake, calls.wake, mails.wake)
        SagaMetrics(SAGA, CHECKOUTS.workflow, store, {*FAILURES, *REFUSALS_AT_LOCK}, CANCELLATIONS)
        readings = [
            message_gauges.outbox(),
            message_gauges.parked(),
            timer_gauges.timers(timer_handlers, {**callers, **mail_callers}),
            open_sagas(SAGA, CHECKOUTS.workflow, OPEN_CHECKOUT),
            *attention_gauge.readings(),
        ]
        gauges = DatabaseGauges(pool, readings, heartbeats)
        snapshots = SnapshotWriter(store, heartbeats)
        retention_job = Retention(
            pool,
            [
                retention.responses(settings.keep_answers, but_for=(keep := keeping_keys(app.tables))),
                retention.bodies(keep),
                retention.snapshots(),
                PASSED_RATES,
                *KEPT_WEBHOOKS,
                OLD_EVENTS,
            ],
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
            tables.run(),
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
    accounts: Accounts,
) -> Application:
    pool = store.pool
    dry_runs = DryRuns(store, frozenset(callers_of(store, providers, vault)))
    triages = Triages(store, providers, dry_runs)
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
            receives=RECEIVED,
        ),
        body_seconds=settings.body_seconds,
        max_concurrent_requests=settings.requests,
        rates=settings.request_rates(),
        earliest=settings.earliest_occurred_at,
        description=of_checkouts.API_DESCRIPTION,
        words=FIELD_DESCRIPTIONS,
        statuses=STATUSES,
        trusted_proxies=settings.trusted_proxies,
        tables=[
            *route_tables(settings, store, watcher, vault, providers, accounts, dry_runs, triages),
            dead_letter_routes.table(pool, dead_letters, OPERATORS),
            api_key_routes.table(pool, OPERATORS, ROLES),
            status_routes.table(build_of(__name__), pool, heartbeats, required_with(MIGRATIONS), OPERATORS),
            checkout_health.table(CheckoutHealth(store, settings, heartbeats)),
            *clock_routes.tables(clock, OPERATORS),
        ],
        routers=[
            *clock_routes.routers(clock),
            page.router(settings, store, providers, dry_runs, triages, dead_letters),
        ],
        form_paths=[PAGE_PATH],
    )


def callers_of(store: EventStore, providers: PaymentProvider, vault: Vault) -> Mapping[str, Caller]:
    """The callers of all outbound calls, by the kinds of their timers."""
    return {
        **PaymentCalls(store, providers, vault).callers(),
        **ScreeningCalls(store, providers, vault).callers(),
        **RefundCalls(store, providers).callers(),
    }
