"""Make a service's application: its routes, with the pages, middleware and problems of all services."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp

from contracts.registry import MessageRegistry
from kernel.http import asyncapi, openapi, pages, probes, problems
from kernel.http.asyncapi import Exchange
from kernel.http.auth import KeyRing
from kernel.http.client_address import Networks
from kernel.http.command_runner import CommandRunner
from kernel.http.descriptions import COMMON, Words
from kernel.http.fair_requests import FairRequests
from kernel.http.fast_path import FastPath, methods_of_literal_paths
from kernel.http.forms import MEDIA_TYPE as FORM_MEDIA_TYPE
from kernel.http.middleware import BODY_SECONDS, RequestLimits, RequestLogging
from kernel.http.requests import StrictRoute
from kernel.http.route_tables import RouteTable, media_types_of, routers_of
from kernel.http.statuses import DEFAULTS, Statuses
from kernel.instants import EARLIEST
from kernel.limits.request_rates import RequestRates
from kernel.observability.health import Heartbeats
from kernel.postgres.service_pool import ServicePool
from kernel.store.event_store import EventStore

VERSION = "1"


class Application(FastAPI):
    """Uses Feira's own middleware only: ``RequestLogging`` handles defects, ``RequestLimits`` limits bodies.
    The framework's layers for these would do nothing."""

    def __init__(
        self,
        routers: Sequence[APIRouter],
        words: Words,
        body_seconds: float,
        max_concurrent_requests: int | None,
        rates: RequestRates,
        form_paths: Collection[str],
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.own_routers = routers
        self.literal_methods = methods_of_literal_paths(routers)
        self.tables: Sequence[RouteTable] = ()
        self._words = words
        self._body_seconds = body_seconds
        self._max_concurrent_requests = max_concurrent_requests
        self._rates = rates
        self._form_paths = form_paths
        for router in routers:
            if others := [it for it in router.routes if not isinstance(it, StrictRoute)]:
                raise TypeError(f"every route must be a StrictRoute; these are not: {others}")
            self.include_router(router)

    def build_middleware_stack(self) -> ASGIApp:
        app: ASGIApp = FastPath(AsyncExitStackMiddleware(self.router), self.own_routers, self.literal_methods)
        if self._max_concurrent_requests is not None:
            app = FairRequests(app, self.state.keys, self._max_concurrent_requests, self._rates)
        app = ExceptionMiddleware(app, handlers=self.exception_handlers)
        forms = dict.fromkeys(self._form_paths, (FORM_MEDIA_TYPE,))
        media_types = {**media_types_of(self.tables), **forms}
        return RequestLogging(RequestLimits(app, self._body_seconds, media_types))

    def openapi(self) -> dict[str, Any]:
        return openapi.describe(self, self._words)


def create_app(
    title: str,
    *,
    pool: ServicePool,
    heartbeats: Heartbeats,
    migrations: Collection[str] = (),
    routers: Iterable[APIRouter] = (),
    tables: Sequence[RouteTable] = (),
    store: EventStore | None = None,
    exchange: Exchange | None = None,
    body_seconds: float = BODY_SECONDS,
    description: str = "",
    words: Words = COMMON,
    earliest: datetime = EARLIEST,
    max_concurrent_requests: int | None = None,
    rates: RequestRates | None = None,
    statuses: Statuses = DEFAULTS,
    trusted_proxies: Networks = (),
    form_paths: Collection[str] = (),
) -> Application:
    """``migrations``: without which the process is not ready; ``tables``: the routes for callers with API
    keys; ``routers``: those for parties with a secret of their own, which have no role. ``exchange``:
    described at /asyncapi.json; ``words``: descriptions and examples of the names in the interface;
    ``earliest``: the lower limit of Feira-Occurred-At; ``max_concurrent_requests``: shared by the tenants,
    None for no limit, and no ``rates``; ``statuses``: refusal code -> HTTP status; ``trusted_proxies``: whose
    X-Forwarded-For is believed; ``form_paths``: starts of the paths of pages, which browsers send forms to.
    Without a ``store`` the routes cannot record messages."""
    own = [probes.router(pool, heartbeats, migrations), pages.router()]
    if exchange:
        own.append(asyncapi.router(exchange))
    app = Application(
        [*own, *routers, *routers_of(tables, statuses)],
        words,
        body_seconds,
        max_concurrent_requests,
        rates or RequestRates(),
        form_paths,
        title=title,
        description=description,
        version=VERSION,
        openapi_url=None,  # served by ``pages``
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.tables = tables
    app.state.keys = KeyRing(pool)
    app.state.statuses = statuses
    app.state.trusted_proxies = trusted_proxies
    app.state.command_runner = CommandRunner(store or EventStore(pool, MessageRegistry()), earliest, statuses)
    problems.register(app)
    return app
