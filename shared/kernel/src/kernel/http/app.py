"""Put a service's routes together with what all services answer alike."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI

from kernel.health import Heartbeats
from kernel.http import asyncapi, openapi, operations, problems
from kernel.http.auth import KeyRing
from kernel.http.middleware import BODY_SECONDS, Guarded, Observed
from kernel.http.writes import Writes
from kernel.service_pool import ServicePool
from kernel.store.event_store import EventStore

VERSION = "1"


def create_app(
    title: str,
    *,
    pool: ServicePool,
    heartbeats: Heartbeats,
    routers: Iterable[APIRouter] = (),
    store: EventStore | None = None,
    service: str | None = None,
    body_seconds: float = BODY_SECONDS,
) -> FastAPI:
    """``service`` is the name whose topics /asyncapi.json describes: cart, offer or checkout."""
    app = FastAPI(
        title=title,
        version=VERSION,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.keys = KeyRing(pool)
    app.state.writes = Writes(store or EventStore(pool))
    problems.register(app)
    # the last one added is the outermost
    app.add_middleware(Guarded, body_seconds=body_seconds)
    app.add_middleware(Observed)
    app.include_router(operations.router(pool, heartbeats))
    if service:
        app.include_router(asyncapi.router(service))
    for router in routers:
        app.include_router(router)
    app.openapi = lambda: openapi.describe(app)  # type: ignore[method-assign]
    return app
