"""The services of the stack: their names, how each is started, and the settings it is given."""

import base64
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from cli.stack.databases import Database
from cli.stack.ports import HOST


@dataclass(frozen=True)
class Service:
    """One of Feira's own programs; `migrate` after its command brings its database up to date."""

    name: str
    database: str
    command: tuple[str, ...]
    replicable: bool = True


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name)


SERVICES = (
    Service("cart", "feira_cart", _module("cart")),
    Service("offer", "feira_offer", _module("offer")),
    Service("checkout-saga", "feira_checkout", _module("checkout_saga")),
    Service("projections", "feira_projections", _module("projections")),
    Service("gateway", "feira_gateway", _module("simulators.gateway"), replicable=False),
)
GATEWAY = "gateway"
"""The simulated one, which has no part where payments go to another."""


def url_of(port: int) -> str:
    return f"http://{HOST}:{port}"


def new_secret() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def environment_of(
    service: Service,
    database: Database,
    ports: Mapping[str, int],
    *,
    kafka: str,
    stage: str,
    gateway_url: str,
    master_key: str,
    gateway_secret: str,
) -> dict[str, str]:
    """The settings of a service, for itself and for its migrations."""
    settings = {
        "FEIRA_ENV": stage,
        "FEIRA_HOST": HOST,
        "FEIRA_PORT": str(ports[service.name]),
        "FEIRA_DATABASE_URL": database.service_url,
        "FEIRA_MIGRATION_URL": database.owner_url,
        "FEIRA_KAFKA_BOOTSTRAP": kafka,
    }
    if service.name == "checkout-saga":
        settings |= {"FEIRA_GATEWAY_URL": gateway_url, "FEIRA_MASTER_KEY": master_key}
    if service.name in {"checkout-saga", "gateway"}:
        settings["FEIRA_GATEWAY_SECRET"] = gateway_secret
    return settings
