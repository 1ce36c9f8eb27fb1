"""Liveness and readiness probes, and the metrics of a process."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

import asyncpg
from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from kernel.http.requests import StrictRoute
from kernel.observability.health import Heartbeats
from kernel.postgres.applied_migrations import missing
from kernel.postgres.connections import is_outage
from kernel.postgres.log_fence import LogFenced

PROBE_TIMEOUT_SECONDS = 3.0


def router(
    pool: asyncpg.Pool[asyncpg.Record], heartbeats: Heartbeats, required: Collection[str] = ()
) -> APIRouter:
    """``required``: the migrations without which the process is not ready."""
    routes = APIRouter(route_class=StrictRoute, include_in_schema=False)

    @routes.get("/livez")
    async def livez() -> Response:
        return _state("live", heartbeats.stale())

    @routes.get("/readyz")
    async def readyz() -> Response:
        found = await what_is_missing(pool, heartbeats, required)
        return _state("ready", found.pop("missing"), **found)

    @routes.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes


async def what_is_missing(
    pool: asyncpg.Pool[asyncpg.Record], heartbeats: Heartbeats, required: Collection[str]
) -> dict[str, list[str]]:
    """``missing``: what the process lacks to be ready, in words; ``migrations``: their names, if there are
    any."""
    database = await _database(pool, required)
    missing = [*heartbeats.waiting(), *heartbeats.stale(), *database["missing"]]
    return {**database, "missing": missing}


async def _database(pool: asyncpg.Pool[asyncpg.Record], required: Collection[str]) -> dict[str, list[str]]:
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_SECONDS):
            names = await missing(pool, required)
    except LogFenced as fenced:
        return {"missing": [str(fenced)]}
    except Exception as error:
        if not is_outage(error):
            raise
        return {"missing": ["database"]}
    return {"missing": ["migrations"], "migrations": names} if names else {"missing": []}


def _state(good: str, missing: Sequence[str], **details: Sequence[str]) -> Response:
    if missing:
        return JSONResponse({"status": "waiting", "missing": list(missing), **details}, 503)
    return JSONResponse({"status": good})
