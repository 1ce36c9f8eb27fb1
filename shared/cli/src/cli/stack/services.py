"""The services of the stack: their names, how each is started, and the settings it is given."""

import base64
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cli.stack.databases import Database
from cli.stack.ports import HOST
from contracts import topology


@dataclass(frozen=True)
class Service:
    """One of Feira's own programs; `migrate` after its command brings its database up to date."""

    name: str
    database: str
    command: tuple[str, ...]
    settings: str
    """Where they are declared, as ``module:Class``."""
    replicable: bool = True
    needs: frozenset[str] = frozenset()
    """Settings that the stack gives to this service and not to every other."""
    extra_variables: frozenset[str] = frozenset()
    """Variables that its command reads besides."""


def _of(service: topology.Service) -> Service:
    return Service(
        service.name,
        service.database,
        (sys.executable, "-m", service.module),
        service.settings,
        service.replicable,
        needs=service.needs,
    )


SERVICES = tuple(map(_of, topology.STACK))
GATEWAY = topology.GATEWAY.name
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
    own: dict[str, Callable[[], str]] = {
        "FEIRA_GATEWAY_URL": lambda: gateway_url,
        "FEIRA_GATEWAY_SECRET": lambda: secret("gateway_secret"),
        "FEIRA_MASTER_KEY": lambda: secret("master_key"),
    }
    return settings | {name: own[name]() for name in sorted(service.needs)}
