"""Assemble the offer service."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.examples import EXAMPLES
from contracts.roles import OPERATORS
from contracts.topics import MESSAGES
from contracts.topology import PARTITIONS, read_by
from kernel.http import dead_letter_routes
from kernel.http.app import Application, create_app
from kernel.http.asyncapi import Exchange
from kernel.http.server import serve
from kernel.messaging.commands import CommandHandler
from kernel.messaging.consumer import Consumer
from kernel.messaging.dead_letters.admin import DeadLetterAdmin
from kernel.messaging.relay import Relay
from kernel.observability.health import Heartbeats
from kernel.postgres import retention
from kernel.postgres.connections import create_pool
from kernel.postgres.retention import Retention
from kernel.scheduling.timers import DueTimer, TimerHandler, Timers
from kernel.service.runtime import running
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork
from offer.catalogue import routes as products
from offer.catalogue.schemas.descriptions import API_DESCRIPTION, FIELD_DESCRIPTIONS
from offer.catalogue.statuses import STATUSES
from offer.inventory import routes as stock
from offer.inventory.use_cases.expire_reservation import expire_reservation
from offer.inventory.use_cases.reserve_stock import EXPIRY
from offer.promotions import routes as promotions
from offer.quotes import routes as quotes
from offer.quotes.schemas import descriptions as quote_descriptions
from offer.quotes.use_cases.command_routes import command_routes
from offer.settings import OfferSettings
from offer.tax_rates import routes as tax_rates

SERVICE = "offer"


async def _expire(timer: DueTimer, work: UnitOfWork) -> None:
    await expire_reservation(timer.subject, work)


TIMERS: Mapping[str, TimerHandler] = {EXPIRY: _expire}


async def run(settings: OfferSettings) -> None:
    """Serve until a signal stops the process."""
    heartbeats = Heartbeats()
    async with await create_pool(
        settings.database_url, settings.env, settings.database_connections, settings.instance
    ) as pool:
        store = EventStore(pool, MESSAGES)
        commands = CommandHandler(SERVICE, command_routes(settings.hold_for))
        dead_letters = DeadLetterAdmin(store, {SERVICE: [commands]})
        app = build(settings, store, heartbeats, dead_letters)
        relay = Relay(SERVICE, settings.database_url, settings.kafka_bootstrap, heartbeats)
        consumer = Consumer(
            SERVICE,
            read_by(SERVICE),
            [commands],
            store,
            settings.kafka_bootstrap,
            heartbeats,
            instance=settings.instance,
        )
        timers = Timers(SERVICE, TIMERS, store, heartbeats)
        rules = [
            retention.responses(settings.keep_answers),
            retention.commands(SERVICE, settings.keep_commands),
        ]
        deletion = Retention(pool, rules, settings.retention_seconds, heartbeats)
        async with running(relay.run(), consumer.run(), timers.run(), deletion.run()):
            await serve(app, settings)


def build(
    settings: OfferSettings, store: EventStore, heartbeats: Heartbeats, dead_letters: DeadLetterAdmin
) -> Application:
    return create_app(
        SERVICE,
        pool=store.pool,
        heartbeats=heartbeats,
        store=store,
        exchange=Exchange(
            SERVICE,
            settings.kafka_bootstrap,
            MESSAGES,
            PARTITIONS,
            EXAMPLES,
            sends=MESSAGES.facts_on(f"{SERVICE}.events"),
            receives=[it.TYPE for it in command_routes(settings.hold_for)],
        ),
        body_seconds=settings.body_seconds,
        max_concurrent_requests=settings.requests,
        earliest=settings.earliest_occurred_at,
        description=API_DESCRIPTION,
        words={**quote_descriptions.FIELD_DESCRIPTIONS, **FIELD_DESCRIPTIONS},
        statuses=STATUSES,
        routers=[
            products.routes,
            stock.routes,
            promotions.routes,
            tax_rates.routes,
            quotes.routes,
            dead_letter_routes.router(store.pool, dead_letters, OPERATORS),
        ],
    )
