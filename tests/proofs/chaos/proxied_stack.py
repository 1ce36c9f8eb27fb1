"""A stack whose services reach PostgreSQL, Kafka and the gateway only through proxies.

Run by path: alone it is the supervisor, as ``feira up``; with the name of a service and its module it becomes
that service.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

PROXIES = "FEIRA_CHAOS_DOORS"
LISTENERS = "FEIRA_CHAOS_LISTENERS"
COMMAND = (sys.executable, str(Path(__file__)))


def listener(service: str) -> str:
    """Kafka's listener for this service: it advertises the service's proxy, so that all traffic passes it."""
    return service.partition("-")[0].upper()


def properties(ports: Mapping[str, int], proxies: Mapping[str, int]) -> str:
    """Lines for Kafka's properties file, where the last one of a key counts. ``ports``: its listener of each
    service."""
    own = [f"{listener(it)}://127.0.0.1:{port}" for it, port in ports.items()]
    advertised = [f"{listener(it)}://127.0.0.1:{proxies[f'{it}-kafka']}" for it in ports]
    plain = [f"{it}:PLAINTEXT" for it in ("CONTROLLER", "PLAINTEXT", *map(listener, ports))]
    usual = "PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}"
    return (
        f"listeners={','.join((usual, *own))}\n"
        f"advertised.listeners={','.join((usual, *advertised))}\n"
        f"listener.security.protocol.map={','.join(plain)}\n"
    )


def through(service: str, settings: Mapping[str, str], proxies: Mapping[str, int]) -> dict[str, str]:
    """The settings of a service with each address replaced by its proxy's, except for migrations. Its port is
    shared from the start, so that other replicas can join."""
    url = urlsplit(settings["FEIRA_DATABASE_URL"])
    user = url.netloc.rpartition("@")[0]
    database = url._replace(netloc=f"{user}@127.0.0.1:{proxies[f'{service}-postgres']}").geturl()
    settings_of_service = {**settings, "FEIRA_DATABASE_URL": database, "FEIRA_REUSE_PORT": "1"}
    if kafka := proxies.get(f"{service}-kafka"):
        settings_of_service["FEIRA_KAFKA_BOOTSTRAP"] = f"127.0.0.1:{kafka}"
    if gateway := proxies.get(f"{service}-gateway"):
        settings_of_service["FEIRA_GATEWAY_URL"] = f"http://127.0.0.1:{gateway}"
    return settings_of_service


def become(service: str, module: str, *arguments: str) -> None:
    settings = os.environ if "migrate" in arguments else through(service, os.environ, _proxies())
    os.execve(sys.executable, (sys.executable, "-m", module, *arguments), settings)  # noqa: S606  # the purpose


def supervise_all() -> None:
    from rich.console import Console

    from devstack import kafka, settings
    from devstack.report import Report
    from devstack.services import SERVICES
    from devstack.supervisor import supervise

    kafka.PROPERTIES += properties(json.loads(os.environ[LISTENERS]), json.loads(os.environ[PROXIES]))
    proxied = tuple(
        replace(it, command=(*COMMAND, it.name, it.command[-1]), extra_variables=frozenset({PROXIES}))
        if f"{it.name}-postgres" in _proxies()
        else it
        for it in SERVICES
    )
    replicable = tuple(it.name for it in SERVICES if it.replicable)
    supervise(settings.read(replicable), Report(Console()), services=proxied)


def _proxies() -> Mapping[str, int]:
    found: dict[str, int] = json.loads(os.environ[PROXIES])
    return found


if __name__ == "__main__":
    match sys.argv[1:]:
        case [service, module, *arguments]:
            become(service, module, *arguments)
        case _:
            supervise_all()
