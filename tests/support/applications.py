"""The services' applications without servers or databases, to read their routes and descriptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

from fastapi.routing import APIRoute

from cart import app as cart
from cart.settings import CartSettings
from checkout_saga import app as checkout_saga
from checkout_saga.settings import CheckoutSettings
from contracts.topology import STACK_NAMES
from kernel.clock.stack_clock import StackClock
from kernel.http.app import Application
from kernel.observability.health import Heartbeats
from kernel.service.settings import ServiceSettings
from offer import app as offer
from offer.settings import OfferSettings
from projections import app as projections
from projections.settings import ProjectionsSettings
from simulators.gateway import app as gateway
from simulators.gateway.settings import GatewaySettings

Json = dict[str, Any]

PLAIN: Json = {
    "port": 1,
    "database_url": "postgresql://nobody@127.0.0.1/none",
    "kafka_bootstrap": "127.0.0.1:1",
    "clock_urls": ",".join(f"{it}=http://127.0.0.1:1" for it in STACK_NAMES),
    "clock_secret": "a secret for tests",
}
ABSENT: Any = SimpleNamespace(pool=None, start=None)


def _clock(service: str, settings: ServiceSettings) -> StackClock:
    return StackClock(service, settings, ABSENT, Heartbeats())


def _cart() -> Application:
    settings = CartSettings(**PLAIN)
    return cart.build(settings, ABSENT, Heartbeats(), ABSENT, ABSENT, _clock("cart", settings))


def _offer() -> Application:
    settings = OfferSettings(**PLAIN)
    return offer.build(settings, ABSENT, Heartbeats(), ABSENT, _clock("offer", settings), ABSENT)


def _checkout_saga() -> Application:
    settings = CheckoutSettings(
        **PLAIN, master_key=bytes(32), gateway_url="http://127.0.0.1:1", gateway_secret="a secret for tests"
    )
    clock = _clock("checkout-saga", settings)
    return checkout_saga.build(settings, ABSENT, Heartbeats(), ABSENT, ABSENT, ABSENT, ABSENT, clock, ABSENT)


def _projections() -> Application:
    settings = ProjectionsSettings(**PLAIN)
    clock = _clock("projections", settings)
    return projections.build(settings, ABSENT, Heartbeats(), ABSENT, ABSENT, ABSENT, clock)


def _gateway() -> Application:
    settings = GatewaySettings(**PLAIN, gateway_secret="a secret for tests")
    return gateway.build(settings, ABSENT, ABSENT)


APPLICATIONS: Mapping[str, Callable[[], Application]] = {
    "cart": _cart,
    "offer": _offer,
    "checkout-saga": _checkout_saga,
    "projections": _projections,
    "gateway": _gateway,
}


@cache
def application(name: str) -> Application:
    return APPLICATIONS[name]()


def routes_of(name: str) -> list[APIRoute]:
    routers = application(name).own_routers
    return [it for router in routers for it in router.routes if isinstance(it, APIRoute)]


def operations(described: Json) -> dict[str, Json]:
    """By their ids."""
    return {
        operation["operationId"]: operation | {"path": path, "method": method}
        for path, item in described["paths"].items()
        for method, operation in item.items()
    }
