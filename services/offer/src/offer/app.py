"""Put the offer service together: the one place that knows which part goes where."""

from __future__ import annotations

from contracts.roles import OPERATORS
from contracts.topics import MESSAGES
from contracts.topology import PARTITIONS, read_by
from kernel import retention
from kernel.database import create_pool
from kernel.health import Heartbeats
from kernel.http import dead_letter_routes
from kernel.http.app import Application, create_app
from kernel.http.asyncapi import Exchange
from kernel.http.server import serve
from kernel.messaging.commands import CommandHandler
from kernel.messaging.consumer import Consumer
from kernel.messaging.dead_letters.admin import DeadLetterAdmin
from kernel.messaging.relay import Relay
from kernel.retention import Retention
from kernel.runtime import running
from kernel.scheduling.timers import Timers
from kernel.store.event_store import EventStore
from offer.adapters.http import products, promotions, quotes, stock, tax_rates
from offer.adapters.http.descriptions import DESCRIPTION, WORDS
from offer.adapters.http.statuses import STATUSES
from offer.adapters.reservation_timers import TIMERS
from offer.application.command_routes import command_routes
from offer.settings import OfferSettings

SERVICE = "offer"


async def run(settings: OfferSettings) -> None:
    """Serve until told to stop."""
    heartbeats = Heartbeats()
    async with await create_pool(
        settings.database_url, settings.env, settings.database_connections, settings.instance
    ) as pool:
        store = EventStore(pool, MESSAGES)
        obeying = CommandHandler(SERVICE, command_routes(settings.hold_for))
        redriving = DeadLetterAdmin(store, {SERVICE: [obeying]})
        app = build(settings, store, heartbeats, redriving)
        relay = Relay(SERVICE, settings.database_url, settings.kafka_bootstrap, heartbeats)
        consumer = Consumer(
            SERVICE,
            read_by(SERVICE),
            [obeying],
            store,
            settings.kafka_bootstrap,
            heartbeats,
            instance=settings.instance,
        )
        timers = Timers(SERVICE, TIMERS, store, heartbeats)
        rules = [
            retention.answers(settings.keep_answers),
            retention.commands(SERVICE, settings.keep_commands),
        ]
        forgetting = Retention(pool, rules, settings.retention_seconds, heartbeats)
        async with running(relay.run(), consumer.run(), timers.run(), forgetting.run()):
            await serve(app, settings)


def build(
    settings: OfferSettings, store: EventStore, heartbeats: Heartbeats, redriving: DeadLetterAdmin
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
            sends=MESSAGES.facts_on(f"{SERVICE}.events"),
            receives=[it.TYPE for it in command_routes(settings.hold_for)],
        ),
        body_seconds=settings.body_seconds,
        most_requests=settings.requests,
        earliest=settings.earliest_occurred_at,
        description=DESCRIPTION,
        words=WORDS,
        statuses=STATUSES,
        routers=[
            products.routes,
            stock.routes,
            promotions.routes,
            tax_rates.routes,
            quotes.routes,
            dead_letter_routes.router(store.pool, redriving, OPERATORS),
        ],
    )
