"""The services of the stack: their names, how each is started, and the settings it is given."""

import base64
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cli.stack.databases import Database
from cli.stack.ports import HOST


@dataclass(frozen=True)
class Service:
    """One of Feira's own programs; `migrate` after its command brings its database up to date."""

    name: str
    database: str
    command: tuple[str, ...]
    settings: str
    """Where they are declared, as ``module:Class``."""
    replicable: bool = True
    extra_variables: frozenset[str] = frozenset()
    """Variables that its command reads besides."""


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name)


SERVICES = (
    Service("cart", "feira_cart", _module("cart"), "cart.settings:CartSettings"),
    Service("offer", "feira_offer", _module("offer"), "offer.settings:OfferSettings"),
    Service(
        "checkout-saga", "feira_checkout", _module("checkout_saga"), "checkout_saga.settings:CheckoutSettings"
    ),
    Service(
        "projections", "feira_projections", _module("projections"), "projections.settings:ProjectionsSettings"
    ),
    Service(
        "gateway",
        "feira_gateway",
        _module("simulators.gateway"),
        "simulators.gateway.settings:GatewaySettings",
        replicable=False,
    ),
)
GATEWAY = "gateway"
"""The simulated one, which has no part where payments go to another."""


def url_of(port: int) -> str:
    return f"http://{HOST}:{port}"


def new_secret() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


MIGRATION = "kernel.settings:MigrationSettings"


def environment_of(
    service: Service,
    database: Database,
    ports: Mapping[str, int],
    *,
    kafka: str,
    stage: str,
    gateway_url: str,
    secret: Callable[[str], str],
) -> dict[str, str]:
    """A service's own settings. ``secret``: one of the stack's by its name."""
    settings = {
        "FEIRA_ENV": stage,
        "FEIRA_HOST": HOST,
        "FEIRA_PORT": str(ports[service.name]),
        "FEIRA_DATABASE_URL": database.service_url,
        "FEIRA_KAFKA_BOOTSTRAP": kafka,
    }
    if service.name == "checkout-saga":
        settings |= {"FEIRA_GATEWAY_URL": gateway_url, "FEIRA_MASTER_KEY": secret("master_key")}
    if service.name in {"checkout-saga", "gateway"}:
        settings["FEIRA_GATEWAY_SECRET"] = secret("gateway_secret")
    return settings
