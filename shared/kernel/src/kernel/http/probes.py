"""Liveness and readiness probes, and the metrics of a process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg
from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from kernel.http.requests import StrictRoute
from kernel.observability.health import Heartbeats
from kernel.postgres.connections import is_outage
from kernel.postgres.log_fence import LogFenced

MIGRATED = "SELECT 1 FROM api_keys LIMIT 1"
PROBE_TIMEOUT_SECONDS = 3.0


def router(pool: asyncpg.Pool[asyncpg.Record], heartbeats: Heartbeats) -> APIRouter:
    routes = APIRouter(route_class=StrictRoute, include_in_schema=False)

    @routes.get("/livez")
    async def livez() -> Response:
        return _state("live", heartbeats.stale())

    @routes.get("/readyz")
    async def readyz() -> Response:
        return _state("ready", [*heartbeats.waiting(), *heartbeats.stale(), *await _database(pool)])

    @routes.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes


async def _database(pool: asyncpg.Pool[asyncpg.Record]) -> list[str]:
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_SECONDS):
            await pool.fetchval(MIGRATED)
    except asyncpg.UndefinedTableError:
        return ["migrations"]
    except LogFenced as fenced:
        return [str(fenced)]
    except Exception as error:
        if not is_outage(error):
            raise
        return ["database"]
    return []


def _state(good: str, missing: Sequence[str]) -> Response:
    if missing:
        return JSONResponse({"status": "waiting", "missing": list(missing)}, 503)
    return JSONResponse({"status": good})
