"""Put a service's routes together with what all services answer alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp

from contracts.registry import MessageRegistry
from kernel.health import Heartbeats
from kernel.http import asyncapi, openapi, pages, probes, problems
from kernel.http.asyncapi import Exchange
from kernel.http.auth import KeyRing
from kernel.http.descriptions import COMMON, Words
from kernel.http.fair_requests import FairRequests
from kernel.http.fast_path import FastPath
from kernel.http.idempotent_commands import CommandRunner
from kernel.http.middleware import BODY_SECONDS, RequestLimits, RequestLogging
from kernel.http.requests import StrictRoute
from kernel.http.statuses import DEFAULTS, Statuses
from kernel.instants import EARLIEST
from kernel.service_pool import ServicePool
from kernel.store.event_store import EventStore

VERSION = "1"


class Application(FastAPI):
    """Only Feira's own layers: ``RequestLogging`` answers for what fails, ``RequestLimits`` limits bodies, so
    the framework's layers for that would only be passed through."""

    def __init__(
        self,
        routers: Sequence[APIRouter],
        words: Words,
        body_seconds: float,
        most_requests: int | None,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.our_routers = routers
        self._words = words
        self._body_seconds = body_seconds
        self._most_requests = most_requests
        for router in routers:
            if lax := [it for it in router.routes if not isinstance(it, StrictRoute)]:
                raise TypeError(f"every route is a StrictRoute, and these are not: {lax}")
            self.include_router(router)

    def build_middleware_stack(self) -> ASGIApp:
        answering: ASGIApp = FastPath(AsyncExitStackMiddleware(self.router), self.our_routers)
        if self._most_requests is not None:
            answering = FairRequests(answering, self.state.keys, self._most_requests)
        handled = ExceptionMiddleware(answering, handlers=self.exception_handlers)
        return RequestLogging(RequestLimits(handled, self._body_seconds))

    def openapi(self) -> dict[str, Any]:
        return openapi.describe(self, self._words)


def create_app(
    title: str,
    *,
    pool: ServicePool,
    heartbeats: Heartbeats,
    routers: Iterable[APIRouter] = (),
    store: EventStore | None = None,
    exchange: Exchange | None = None,
    body_seconds: float = BODY_SECONDS,
    description: str = "",
    words: Words = COMMON,
    earliest: datetime = EARLIEST,
    most_requests: int | None = None,
    statuses: Statuses = DEFAULTS,
) -> Application:
    """``exchange`` is what /asyncapi.json describes; ``words`` are what the names in its interface mean;
    before ``earliest`` nothing can have occurred. Tenants share ``most_requests`` at once; None: as many as
    come. Without a ``store`` the routes can record no messages. ``statuses`` maps the codes of the service's
    refusals to HTTP statuses."""
    own = [probes.router(pool, heartbeats), pages.router()]
    if exchange:
        own.append(asyncapi.router(exchange))
    app = Application(
        [*own, *routers],
        words,
        body_seconds,
        most_requests,
        title=title,
        description=description,
        version=VERSION,
        openapi_url=None,  # our own pages show it
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.keys = KeyRing(pool)
    app.state.statuses = statuses
    app.state.writes = CommandRunner(store or EventStore(pool, MessageRegistry()), earliest, statuses)
    problems.register(app)
    return app
