"""Wiring of the simulated gateway."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from contracts.roles import OPERATORS
from contracts.topology import GATEWAY
from kernel.clock.stack_clock import StackClock
from kernel.http import clock_routes
from kernel.http.app import Application, create_app
from kernel.http.server import serve
from kernel.observability.health import Heartbeats
from kernel.postgres import pool_metrics
from kernel.postgres.applied_migrations import migrations_in
from kernel.postgres.connections import create_pool
from kernel.postgres.service_pool import ServicePool
from simulators.gateway import (
    act_routes,
    action_pages,
    dispute_routes,
    entry_routes,
    ledger_routes,
    operation_routes,
)
from simulators.gateway.action_links import PATH, ActionLinks
from simulators.gateway.descriptions import API_DESCRIPTION, FIELD_DESCRIPTIONS
from simulators.gateway.disputes import Disputes
from simulators.gateway.hang import Hang
from simulators.gateway.payment_service import PaymentService
from simulators.gateway.settings import GatewaySettings

MIGRATIONS = Path(__file__).parent / "migrations"


async def run(settings: GatewaySettings) -> None:
    """Serve until the process receives a stop signal."""
    stopping = asyncio.Event()
    size = settings.database_connections
    async with await create_pool(settings.database_url, settings.env, size, settings.instance) as pool:
        pool_metrics.measure(pool)
        await serve(build(settings, pool, stopping), settings, stopping)


def build(settings: GatewaySettings, pool: ServicePool, stopping: asyncio.Event) -> Application:
    """The application. ``stopping``: set when the process stops."""
    links = ActionLinks(settings.pages, settings.gateway_secret)
    service = PaymentService(
        pool, timedelta(seconds=settings.gateway_down_seconds), links.link, settings.fees
    )
    hang = Hang(settings.gateway_silence_seconds, stopping)
    heartbeats = Heartbeats()
    clock = StackClock(GATEWAY.name, settings, pool, heartbeats)
    entries = entry_routes.router(pool, settings.gateway_secret)
    operations = operation_routes.router(service, hang, settings.gateway_secret)
    return create_app(
        "Simulated payment gateway",
        pool=pool,
        heartbeats=heartbeats,
        migrations=migrations_in(MIGRATIONS),
        routers=[operations, entries, action_pages.router(service, links), *clock_routes.routers(clock)],
        tables=[
            ledger_routes.table(pool),
            act_routes.table(service),
            dispute_routes.table(Disputes(pool, settings.gateway_dispute_fee)),
            *clock_routes.tables(clock, OPERATORS),
        ],
        body_seconds=settings.body_seconds,
        description=API_DESCRIPTION,
        words=FIELD_DESCRIPTIONS,
        form_paths=[PATH],
    )
