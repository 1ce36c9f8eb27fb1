"""The services of the stack: their names, commands and settings."""

import base64
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contracts import topology
from devstack.databases import Database
from devstack.ports import HOST


@dataclass(frozen=True)
class Service:
    """One of Feira's programs. Its command with the argument `migrate` applies its migrations."""

    name: str
    database: str
    command: tuple[str, ...]
    settings: str
    """The settings class, as ``module:Class``."""
    replicable: bool = True
    needs: frozenset[str] = frozenset()
    """Settings that the stack gives to this service and not to every other."""
    extra_variables: frozenset[str] = frozenset()
    """Further variables that the command reads."""
    recovery_settings: str = ""
    """The settings class of the command with the argument `recover-log`; empty: there is no such job."""


def _of(service: topology.Service) -> Service:
    return Service(
        service.name,
        service.database,
        (sys.executable, "-m", service.module),
        service.settings,
        service.replicable,
        needs=service.needs,
        recovery_settings=service.recovery_settings,
    )


SERVICES = tuple(map(_of, topology.STACK))
GATEWAY = topology.GATEWAY.name
"""The simulated gateway. It does not run when FEIRA_GATEWAY_URL names another one."""


def worker_environment_of(
    worker: topology.Worker, database: Database, ports: Mapping[str, int], stage: str, link_key: str
) -> dict[str, str]:
    """The settings of a worker: it has no secrets but its database's and the link key."""
    return {
        "FEIRA_ENV": stage,
        "FEIRA_HOST": HOST,
        "FEIRA_PORT": str(ports[worker.name]),
        "FEIRA_DATABASE_URL": database.service_url,
        "FEIRA_LINK_KEY": link_key,
    }


def url_of(port: int) -> str:
    return f"http://{HOST}:{port}"


def new_secret() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


MIGRATION = "kernel.service.settings:MigrationSettings"


def environment_of(
    service: Service,
    database: Database,
    ports: Mapping[str, int],
    *,
    kafka: str,
    stage: str,
    gateway_url: str,
    clock_urls: str,
    secret: Callable[[str], str],
) -> dict[str, str]:
    """The settings of a service. ``clock_urls``: the services whose clocks are moved together, which
    production has not; ``secret`` returns a secret of the stack by name."""
    settings = {
        "FEIRA_ENV": stage,
        "FEIRA_HOST": HOST,
        "FEIRA_PORT": str(ports[service.name]),
        "FEIRA_DATABASE_URL": database.service_url,
        "FEIRA_KAFKA_BOOTSTRAP": kafka,
    }
    if stage != "production":
        settings |= {"FEIRA_CLOCK_URLS": clock_urls, "FEIRA_CLOCK_SECRET": secret("clock_secret")}
    own: dict[str, Callable[[], str]] = {
        "FEIRA_GATEWAY_URL": lambda: gateway_url,
        "FEIRA_GATEWAY_SECRET": lambda: secret("gateway_secret"),
        "FEIRA_LINK_KEY": lambda: secret("link_key"),
        "FEIRA_MASTER_KEY": lambda: secret("master_key"),
    }
    return settings | {name: own[name]() for name in sorted(service.needs)}
