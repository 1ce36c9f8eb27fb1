"""Assemble the offer service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import get_args

from contracts.envelope import Command
from contracts.examples import EXAMPLES
from contracts.offer import OfferCommand
from contracts.roles import OPERATORS, ROLES
from contracts.topics import MESSAGES
from contracts.topology import PARTITIONS, SELECTIVE_GROUPS, read_by
from kernel.clock.stack_clock import StackClock
from kernel.command_routes import CommandRoute
from kernel.http import api_key_routes, clock_routes, dead_letter_routes, status_routes
from kernel.http.app import Application, create_app
from kernel.http.asyncapi import Exchange
from kernel.http.server import serve
from kernel.messaging import message_gauges
from kernel.messaging.batch import Handler
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
from kernel.service.runtime import running
from kernel.store.event_store import EventStore
from kernel.store.log_followers import LogFollowers
from kernel.store.snapshots.writer import SnapshotWriter
from offer.campaigns import routes as campaigns
from offer.catalogue import list_writer as product_list
from offer.catalogue import routes as products
from offer.categories import routes as categories
from offer.customers.domain import Customers
from offer.customers.projection import GROUP, CustomersProjection
from offer.customers.repository import CustomerRepository
from offer.descriptions import FIELD_DESCRIPTIONS
from offer.experiments import routes as experiments
from offer.experiments.count_writer import count_follower
from offer.experiments.shoppers import ShoppersOfExperiments
from offer.imports import price_changes
from offer.imports import routes as imports
from offer.inventory import routes as stock
from offer.inventory.use_cases import reservations, restocks
from offer.inventory.use_cases.seats import keep_seats
from offer.offers import list_writer as offer_list
from offer.offers import routes as offers
from offer.plans import routes as plans
from offer.plans.use_cases.joining import PLANS
from offer.pricing_policy import routes as pricing_policy
from offer.promotions import list_writer as promotion_list
from offer.promotions import routes as promotions
from offer.promotions.use_cases import redemptions
from offer.quotes import routes as quotes
from offer.quotes.statuses import STATUSES
from offer.quotes.use_cases import confirm_price, propose_upsells
from offer.referral import attribution_routes as attributions
from offer.referral import routes as referral
from offer.rewards import routes as rewards
from offer.rewards.orders import OrdersOfReferees
from offer.settings import OfferSettings
from offer.shipping_rates import routes as shipping_rates
from offer.storefront import routes as public_offers
from offer.storefront.parts import Storefront
from offer.tax_rates import routes as tax_rates
from offer.timers import CAMPAIGNS, TIMERS
from offer.upsells import funnel_routes
from offer.upsells import routes as upsells

SERVICE = "offer"
SHOPPERS_INTERVAL = 1.0
"""Seconds between batches of facts about shoppers: no request waits for them, and batches become larger."""


def command_routes(
    hold_for: timedelta, customers: Customers, as_priced_for: timedelta
) -> Mapping[type[Command], CommandRoute]:
    """``hold_for``: time until a reservation of stock expires; ``as_priced_for``: to confirm prices."""
    return {
        **reservations.command_routes(hold_for),
        **restocks.command_routes(),
        **redemptions.command_routes(customers),
        **confirm_price.command_routes(customers, as_priced_for),
        **propose_upsells.command_routes(customers),
    }


def shoppers() -> Sequence[Handler]:
    """The handlers of the group ``offer.shoppers``, which share its offsets and transactions."""
    return [CustomersProjection(), ShoppersOfExperiments(), OrdersOfReferees()]


MIGRATIONS = Path(__file__).parent / "migrations"


async def run(settings: OfferSettings) -> None:
    """Serve until a signal stops the process."""
    heartbeats = Heartbeats()
    async with await create_pool(
        settings.database_url, settings.env, settings.database_connections, settings.instance
    ) as pool:
        pool_metrics.measure(pool)
        store = EventStore(pool, MESSAGES, settings.snapshot_facts)
        customers = CustomerRepository(pool)
        routes = command_routes(settings.hold_for, customers, settings.as_priced_for)
        commands = CommandHandler(SERVICE, routes)
        followers = shoppers()
        dead_letters = DeadLetterAdmin(store, {SERVICE: [commands], **{it.scope: [it] for it in followers}})
        clock = StackClock(SERVICE, settings, pool, heartbeats)
        storefront = Storefront.of(store, CAMPAIGNS, settings.database_url, heartbeats)
        app = build(settings, store, heartbeats, dead_letters, clock, storefront)
        lists = (it.list_follower(store) for it in (product_list, offer_list, promotion_list))
        tables = LogFollowers((*lists, count_follower(store)), pool, heartbeats)
        publishing = Publishing.of(SERVICE, store, settings, heartbeats, tables.start_again)
        consumer = Consumer(
            SERVICE,
            read_by(SERVICE),
            [commands],
            store,
            settings.kafka,
            heartbeats,
            instance=settings.instance,
        )
        shoppers_consumer = Consumer(
            GROUP,
            read_by(GROUP),
            followers,
            store,
            settings.kafka,
            heartbeats,
            min_interval=SHOPPERS_INTERVAL,
            instance=settings.instance,
            selective=GROUP in SELECTIVE_GROUPS,
        )
        timers = Timers(SERVICE, TIMERS, store, heartbeats)
        clock.own.on_move(store.forget_time, timers.wake)
        rules = [
            retention.responses(settings.keep_answers),
            retention.snapshots(),
            retention.commands(SERVICE, settings.keep_commands),
        ]
        snapshots = SnapshotWriter(store, heartbeats)
        deletion = Retention(pool, rules, settings.retention_seconds, heartbeats)
        readings = [message_gauges.outbox(), message_gauges.parked(), timer_gauges.timers(TIMERS)]
        gauges = DatabaseGauges(pool, readings, heartbeats)
        await publishing.start()
        async with running(
            *publishing.loops(),
            consumer.run(),
            shoppers_consumer.run(),
            timers.run(),
            deletion.run(),
            snapshots.run(),
            gauges.run(),
            tables.run(),
            *storefront.loops(),
            *clock.loops(),
        ):
            await serve(app, settings)


def build(
    settings: OfferSettings,
    store: EventStore,
    heartbeats: Heartbeats,
    dead_letters: DeadLetterAdmin,
    clock: StackClock,
    storefront: Storefront,
) -> Application:
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
                *(it.TYPE for it in get_args(OfferCommand)),
                *(kind for it in shoppers() for kind in it.types),
            ],
        ),
        body_seconds=settings.body_seconds,
        max_concurrent_requests=settings.requests,
        rates=settings.request_rates(),
        earliest=settings.earliest_occurred_at,
        description="The catalogue: products with prices and stock, promotions, tax rates and quotes.",
        words=FIELD_DESCRIPTIONS,
        statuses=STATUSES,
        routers=clock_routes.routers(clock),
        tables=[
            products.routes(keep_seats, PLANS),
            plans.ROUTES,
            categories.ROUTES,
            imports.ROUTES,
            price_changes.ROUTES,
            stock.ROUTES,
            offers.table(CAMPAIGNS),
            upsells.table(CAMPAIGNS),
            funnel_routes.ROUTES,
            experiments.ROUTES,
            public_offers.table(store, storefront),
            campaigns.ROUTES,
            referral.ROUTES,
            attributions.table(CustomerRepository(store.pool)),
            promotions.ROUTES,
            rewards.ROUTES,
            pricing_policy.ROUTES,
            tax_rates.ROUTES,
            shipping_rates.ROUTES,
            quotes.table(CustomerRepository),
            dead_letter_routes.table(store.pool, dead_letters, OPERATORS),
            api_key_routes.table(store.pool, OPERATORS, ROLES),
            status_routes.table(
                build_of(__name__), store.pool, heartbeats, required_with(MIGRATIONS), OPERATORS
            ),
            *clock_routes.tables(clock, OPERATORS),
        ],
    )
