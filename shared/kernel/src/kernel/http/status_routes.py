"""The route that tells operators how a service is, for those who reach neither its probes nor its metrics.

Figures are the metrics of the same names, as they were last read from the database: a request asks the
database for nothing but the readiness, with a time limit.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import asyncpg
from pydantic import BaseModel

from kernel.http.auth import Caller
from kernel.http.probes import what_is_missing
from kernel.http.route_tables import Route, RouteTable
from kernel.observability.health import Heartbeats
from kernel.observability.metrics.declaring import total
from kernel.service.build import Build

FIGURES = (
    "feira_outbox_unpublished_messages",
    "feira_outbox_oldest_unpublished_seconds",
    "feira_consumer_lag_messages",
    "feira_parked_records",
    "feira_parked_oldest_seconds",
    "feira_sagas_open",
    "feira_saga_oldest_open_seconds",
    "feira_sagas_needing_operator",
    "feira_timers_overdue",
    "feira_gauges_age_seconds",
)
"""Metrics, each summed over its labels; a service without the metric leaves it out."""


class ServiceStatus(BaseModel):
    service: str
    version: str
    commit: str
    ready: bool
    missing: list[str]
    figures: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class _Handlers:
    build: Build
    pool: asyncpg.Pool[asyncpg.Record]
    heartbeats: Heartbeats
    migrations: Collection[str]

    async def get_status(self, _caller: Caller) -> ServiceStatus:
        """The state of the process that responds. Its figures are about all tenants."""
        missing = (await what_is_missing(self.pool, self.heartbeats, self.migrations))["missing"]
        return ServiceStatus(
            service=self.build.service,
            version=self.build.version,
            commit=self.build.commit,
            ready=not missing,
            missing=missing,
            figures=_figures(),
        )


def table(
    build: Build,
    pool: asyncpg.Pool[asyncpg.Record],
    heartbeats: Heartbeats,
    migrations: Collection[str],
    operators: Collection[str],
) -> RouteTable:
    """``migrations``: without which the process is not ready; ``operators``: the roles of keys that may
    ask."""
    do = _Handlers(build, pool, heartbeats, migrations)
    return RouteTable("operations", (Route("GET", "/v1/status", do.get_status, operators, ServiceStatus),))


def _figures() -> dict[str, float | None]:
    """None: the process does not know."""
    found = {name: total(name) for name in FIGURES}
    known = {name: it for name, it in found.items() if it is not None}
    return {name: None if math.isnan(it) else it for name, it in known.items()}
