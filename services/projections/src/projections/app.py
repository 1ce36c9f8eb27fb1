"""Put the projections together: the one place that knows which part goes where."""

from __future__ import annotations

from fastapi import FastAPI

from kernel.database import create_pool
from kernel.health import Heartbeats
from kernel.http import parked
from kernel.http.app import create_app
from kernel.http.server import serve
from kernel.messaging.consumer import Consumer
from kernel.messaging.redriving import Redriving
from kernel.runtime import loops
from kernel.store.event_store import EventStore
from projections.adapters.applying import Applying
from projections.adapters.http import checkout_operations, conversion, products, projections
from projections.adapters.lag import Lag
from projections.read_models.registry import READ_MODELS, topics_of
from projections.settings import ProjectionsSettings

GROUP = "projections"
PACE = 0.2
"""Seconds: figures may be so much late, and each batch then holds what has gathered."""


async def run(settings: ProjectionsSettings) -> None:
    """Serve until told to stop."""
    heartbeats = Heartbeats()
    topics = topics_of(*READ_MODELS)
    size, bootstrap = settings.database_connections, settings.kafka_bootstrap
    async with (
        await create_pool(settings.database_url, settings.env, size, settings.instance) as pool,
        Lag(GROUP, topics, pool, bootstrap) as lag,
    ):
        store = EventStore(pool)
        handlers = [Applying(it) for it in READ_MODELS]
        app = build(settings, store, heartbeats, lag, Redriving(store, {GROUP: handlers}))
        consumer = Consumer(GROUP, topics, handlers, store, bootstrap, heartbeats, pace=PACE)
        async with loops(consumer.run()):
            await serve(app, settings)


def build(
    settings: ProjectionsSettings,
    store: EventStore,
    heartbeats: Heartbeats,
    lag: Lag,
    redriving: Redriving,
) -> FastAPI:
    pool = store.pool
    routers = [
        conversion.router(pool),
        products.router(pool),
        checkout_operations.router(pool, settings.stuck_after_minutes * 60),
        projections.router(pool, READ_MODELS, GROUP, lag),
        parked.router(pool, redriving),
    ]
    return create_app(
        "projections",
        pool=pool,
        heartbeats=heartbeats,
        store=store,
        service="projections",
        body_seconds=settings.body_seconds,
        routers=routers,
    )
