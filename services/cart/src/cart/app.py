"""The cart service, put together: the only module that wires its parts."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import get_args

from cart.carts import (
    offer_routes,
    owner_routes,
    read_routes,
    recovery_routes,
    routes,
    shipping_routes,
    sync_routes,
)
from cart.carts.carts_by_customer import customers_with_carts
from cart.carts.expired_locks import count_expired_locks
from cart.carts.open_carts import IndexedCarts
from cart.carts.refused_codes import OLD_REFUSALS, RefusedCodes
from cart.carts.refused_requests import OLD_REQUESTS, RefusedRequests
from cart.carts.repricing import Repricing
from cart.carts.retention import delete_index_keys_of_ended_carts
from cart.carts.schemas.descriptions import API_DESCRIPTION, FIELD_DESCRIPTIONS
from cart.carts.schemas.offer_descriptions import OFFER_DESCRIPTIONS
from cart.carts.schemas.owner_descriptions import OWNER_DESCRIPTIONS
from cart.carts.schemas.sync import SYNC_DESCRIPTIONS
from cart.carts.shipping_calculator import LimitedCalculator, RatesCalculator
from cart.carts.statuses import STATUSES
from cart.carts.sync_reports import report_synced_carts
from cart.carts.use_cases.commands import command_routes
from cart.carts.writing import Writer
from cart.catalogue.change_listener import CatalogueChangeListener
from cart.catalogue.counts_projection import GROUP as COUNTS
from cart.catalogue.counts_projection import CountsProjection
from cart.catalogue.customer_projection import GROUP as CUSTOMERS
from cart.catalogue.customer_projection import CustomerProjection
from cart.catalogue.projection import GROUP, CatalogueProjection
from cart.catalogue.repository import CatalogueRepository
from cart.catalogue.retention import delete_history
from cart.flows import routes as flow_routes
from cart.flows.schemas.descriptions import FLOW_DESCRIPTIONS
from cart.flows.use_cases.endings import (
    complete_flows,
)
from cart.settings import CartSettings
from cart.timers import handlers
from contracts.cart import CartCommand
from contracts.examples import EXAMPLES
from contracts.roles import OPERATORS, ROLES
from contracts.topics import MESSAGES
from contracts.topology import PARTITIONS, SELECTIVE_GROUPS, read_by
from kernel.clock.stack_clock import StackClock
from kernel.http import api_key_routes, clock_routes, dead_letter_routes, status_routes
from kernel.http.app import Application, create_app
from kernel.http.asyncapi import Exchange
from kernel.http.request_meter import RequestMeter
from kernel.http.server import serve
from kernel.messaging import message_gauges
from kernel.messaging.commands import CommandHandler
from kernel.messaging.consumer import Consumer
from kernel.messaging.dead_letters.admin import DeadLetterAdmin
from kernel.messaging.publishing import Publishing
from kernel.observability.health import Heartbeats
from kernel.postgres import pool_metrics, retention
from kernel.postgres.applied_migrations import required_with
from kernel.postgres.connections import create_pool
from kernel.postgres.gauges import DatabaseGauges
from kernel.postgres.retention import Retention
from kernel.scheduling import timer_gauges
from kernel.scheduling.timers import Timers
from kernel.service.build import build_of
from kernel.service.pacing import Pace
from kernel.service.runtime import running
from kernel.store.event_store import EventStore
from kernel.store.snapshots.writer import SnapshotWriter

SERVICE = "cart"
COMMANDS = "cart.commands"
CUSTOMERS_INTERVAL = 1.0
"""Seconds between batches of facts about customers: no request waits for them, and most change no price."""

MIGRATIONS = Path(__file__).parent / "migrations"


async def run(settings: CartSettings) -> None:
    """Serve until a signal ends the process."""
    heartbeats = Heartbeats()
    async with await create_pool(
        settings.database_url, settings.env, settings.database_connections, settings.instance
    ) as pool:
        pool_metrics.measure(pool)
        store = EventStore(pool, MESSAGES, settings.snapshot_facts)
        store.add_commit_hooks(partial(count_expired_locks, messages=MESSAGES))
        store.add_commit_hooks(partial(report_synced_carts, messages=MESSAGES))
        change_listener = CatalogueChangeListener(settings.database_url, heartbeats)
        catalogue = CatalogueRepository(pool, change_listener, settings.catalogue_patience_seconds)
        projection, counts = CatalogueProjection(), CountsProjection()
        customers = CustomerProjection(customers_with_carts)
        refused = RefusedRequests(pool, settings.link_key)
        commands = command_routes(catalogue, settings.policy, complete_flows, refused)
        command_handler = CommandHandler(COMMANDS, commands)
        dead_letters = DeadLetterAdmin(
            store,
            {GROUP: [projection], COUNTS: [counts], CUSTOMERS: [customers], COMMANDS: [command_handler]},
        )
        clock = StackClock(SERVICE, settings, pool, heartbeats)
        app = build(settings, store, heartbeats, catalogue, dead_letters, clock)
        publishing = Publishing.of(SERVICE, store, settings, heartbeats)
        copying = [
            Consumer(
                it.scope,
                read_by(it.scope),
                [it],
                store,
                settings.kafka,
                heartbeats,
                min_interval=interval,
                instance=settings.instance,
                selective=it.scope in SELECTIVE_GROUPS,
            )
            for it, interval in ((projection, 0.15), (counts, 0.15), (customers, CUSTOMERS_INTERVAL))
        ]
        command_consumer = Consumer(
            COMMANDS,
            read_by(COMMANDS),
            [command_handler],
            store,
            settings.kafka,
            heartbeats,
            instance=settings.instance,
        )
        timer_handlers = handlers(catalogue, IndexedCarts(pool), settings.policy, settings.flow_policy)
        timers = Timers(SERVICE, timer_handlers, store, heartbeats)
        clock.own.on_move(store.forget_time, timers.wake)
        repricing = Repricing(SERVICE, store, heartbeats, Pace(lambda: RequestMeter.begun))
        retention_rules = [
            retention.responses(settings.keep_answers),
            retention.snapshots(),
            retention.commands(COMMANDS, settings.keep_commands),
            delete_index_keys_of_ended_carts(timedelta(days=settings.cart_name_days)),
            OLD_REFUSALS,
            OLD_REQUESTS,
            *delete_history(),
        ]
        snapshots = SnapshotWriter(store, heartbeats)
        deletion = Retention(pool, retention_rules, settings.retention_seconds, heartbeats)
        readings = [message_gauges.outbox(), message_gauges.parked(), timer_gauges.timers(timer_handlers)]
        gauges = DatabaseGauges(pool, readings, heartbeats)
        await publishing.start()
        async with running(
            *publishing.loops(),
            *(it.run() for it in copying),
            command_consumer.run(),
            change_listener.run(),
            timers.run(),
            repricing.run(),
            deletion.run(),
            snapshots.run(),
            gauges.run(),
            *clock.loops(),
        ):
            await serve(app, settings)


def build(
    settings: CartSettings,
    store: EventStore,
    heartbeats: Heartbeats,
    catalogue: CatalogueRepository,
    dead_letters: DeadLetterAdmin,
    clock: StackClock,
) -> Application:
    writer = Writer(catalogue, settings.policy)
    return create_app(
        SERVICE,
        pool=store.pool,
        heartbeats=heartbeats,
        migrations=required_with(MIGRATIONS),
        store=store,
        exchange=Exchange(
            SERVICE,
            settings.kafka,
            MESSAGES,
            PARTITIONS,
            EXAMPLES,
            sends=MESSAGES.facts_on(f"{SERVICE}.events"),
            receives=[
                *CatalogueProjection.types,
                *CountsProjection.types,
                *CustomerProjection.types,
                *(it.TYPE for it in get_args(CartCommand)),
            ],
        ),
        body_seconds=settings.body_seconds,
        max_concurrent_requests=settings.requests,
        rates=settings.request_rates(),
        earliest=settings.earliest_occurred_at,
        description=API_DESCRIPTION,
        words={
            **FIELD_DESCRIPTIONS,
            **OFFER_DESCRIPTIONS,
            **OWNER_DESCRIPTIONS,
            **SYNC_DESCRIPTIONS,
            **FLOW_DESCRIPTIONS,
        },
        statuses=STATUSES,
        trusted_proxies=settings.trusted_proxies,
        tables=[
            routes.table(
                store,
                writer,
                RefusedCodes(store.pool, settings.code_guesses, settings.link_key),
                RefusedRequests(store.pool, settings.link_key),
            ),
            owner_routes.table(writer),
            sync_routes.ROUTES,
            shipping_routes.table(writer, catalogue, LimitedCalculator(RatesCalculator())),
            read_routes.table(store, catalogue, catalogue),
            recovery_routes.table(
                store, catalogue, settings.policy, settings.link_keys, settings.cart_storefronts
            ),
            offer_routes.table(store, catalogue, settings.policy),
            flow_routes.table(store, catalogue, settings.policy, settings.flow_policy),
            dead_letter_routes.table(store.pool, dead_letters, OPERATORS),
            api_key_routes.table(store.pool, OPERATORS, ROLES),
            status_routes.table(
                build_of(__name__), store.pool, heartbeats, required_with(MIGRATIONS), OPERATORS
            ),
            *clock_routes.tables(clock, OPERATORS),
        ],
        routers=clock_routes.routers(clock),
    )
