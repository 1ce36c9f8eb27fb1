"""Wire the projections service. No other module knows all of its parts."""

from __future__ import annotations

from datetime import timedelta

from contracts.examples import EXAMPLES
from contracts.roles import OPERATORS
from contracts.topics import MESSAGES
from contracts.topology import PARTITIONS
from kernel.http import dead_letter_routes
from kernel.http.app import Application, create_app
from kernel.http.asyncapi import Exchange
from kernel.http.server import serve
from kernel.messaging.consumer import Consumer
from kernel.messaging.dead_letters.admin import DeadLetterAdmin
from kernel.observability.health import Heartbeats
from kernel.postgres import retention
from kernel.postgres.connections import create_pool
from kernel.postgres.retention import Retention
from kernel.service.runtime import running
from kernel.store.event_store import EventStore
from projections.adapters.http import checkout_operations, conversion, products, projections, runs
from projections.adapters.http.descriptions import API_DESCRIPTION, FIELD_DESCRIPTIONS
from projections.adapters.lag import Lag
from projections.adapters.projector import Projector
from projections.adapters.rebuild.run_supervisor import RunSupervisor
from projections.adapters.rebuild.version_gate import VersionGate
from projections.adapters.retention import ended_runs
from projections.read_models.registry import GROUP, READ_MODELS, topics_of
from projections.settings import ProjectionsSettings

MIN_BATCH_INTERVAL = 0.2
"""Seconds between batches: read models may be this late, and batches become larger."""


async def run(settings: ProjectionsSettings) -> None:
    """Serve until stopped by a signal."""
    heartbeats = Heartbeats()
    topics = topics_of(*READ_MODELS)
    size, bootstrap = settings.database_connections, settings.kafka_bootstrap
    async with (
        await create_pool(settings.database_url, settings.env, size, settings.instance) as pool,
        Lag(GROUP, topics, pool, bootstrap) as lag,
    ):
        store = EventStore(pool, MESSAGES)
        supervisor = RunSupervisor(pool, READ_MODELS, settings.instance, heartbeats)
        version_gate = VersionGate(pool, READ_MODELS, supervisor.start, heartbeats)
        handlers = [Projector(model) for model in READ_MODELS]
        app = build(settings, store, heartbeats, lag, DeadLetterAdmin(store, {GROUP: handlers}), supervisor)

        async def keep_live() -> None:
            await version_gate.wait_until_current()
            guard = version_gate.guard
            await Consumer(
                GROUP,
                topics,
                handlers,
                store,
                bootstrap,
                heartbeats,
                min_interval=MIN_BATCH_INTERVAL,
                guard=guard,
                instance=settings.instance,
            ).run()

        rules = [retention.responses(settings.keep_answers), ended_runs(timedelta(days=settings.run_days))]
        deletion = Retention(pool, rules, settings.retention_seconds, heartbeats)
        async with running(supervisor.run(), keep_live(), deletion.run()):
            await serve(app, settings)


def build(
    settings: ProjectionsSettings,
    store: EventStore,
    heartbeats: Heartbeats,
    lag: Lag,
    dead_letters: DeadLetterAdmin,
    supervisor: RunSupervisor,
) -> Application:
    pool = store.pool
    routers = [
        conversion.router(pool),
        products.router(pool),
        checkout_operations.router(pool, settings.stuck_after_minutes * 60),
        projections.router(pool, READ_MODELS, GROUP, lag),
        dead_letter_routes.router(pool, dead_letters, OPERATORS),
        runs.router(pool, READ_MODELS, supervisor.start),
    ]
    return create_app(
        "projections",
        pool=pool,
        heartbeats=heartbeats,
        store=store,
        exchange=Exchange(
            "projections",
            settings.kafka_bootstrap,
            MESSAGES,
            PARTITIONS,
            EXAMPLES,
            receives=frozenset[str]().union(*(model.types for model in READ_MODELS)),
        ),
        body_seconds=settings.body_seconds,
        max_concurrent_requests=settings.requests,
        earliest=settings.earliest_occurred_at,
        description=API_DESCRIPTION,
        words=FIELD_DESCRIPTIONS,
        routers=routers,
    )
