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
from offer.adapters.http import products, promotions, quotes, stock, tax_rates
from offer.adapters.http.descriptions import API_DESCRIPTION, FIELD_DESCRIPTIONS
from offer.adapters.http.statuses import STATUSES
from offer.application.command_routes import command_routes
from offer.application.expire_reservation import expire_reservation
from offer.application.reserve_stock import EXPIRY
from offer.settings import OfferSettings

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
        words=FIELD_DESCRIPTIONS,
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
