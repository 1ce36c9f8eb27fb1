"""A stack on a given secured broker, where each service is a Kafka user of its own.

Run by path: alone it is the supervisor, as ``feira up``; with the name of a service and its module it becomes
that service, with the settings of its user, from files as a container has them.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

USERS = "FEIRA_PROOF_USERS"
"""A folder with one folder of secret files for each service."""
OF_SUPERVISOR = ("FEIRA_KAFKA_USERNAME", "FEIRA_KAFKA_PASSWORD")


def become(service: str, module: str, *arguments: str) -> None:
    settings = {name: it for name, it in os.environ.items() if name not in OF_SUPERVISOR}
    settings["FEIRA_SECRETS_DIR"] = str(Path(settings[USERS]) / service)
    os.execve(sys.executable, (sys.executable, "-m", module, *arguments), settings)  # noqa: S606  # the purpose


def supervise_all() -> None:
    from rich.console import Console

    from contracts.topology import SERVICE_NAMES
    from devstack import settings
    from devstack.report import Report
    from devstack.services import SERVICES
    from devstack.supervisor import supervise

    program = (sys.executable, str(Path(__file__)))
    secured = tuple(
        replace(it, command=(*program, it.name, it.command[-1]), extra_variables=frozenset({USERS}))
        if it.name in SERVICE_NAMES
        else it
        for it in SERVICES
    )
    replicable = tuple(it.name for it in SERVICES if it.replicable)
    supervise(settings.read(replicable), Report(Console()), services=secured)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [service, module, *arguments]:
            become(service, module, *arguments)
        case _:
            supervise_all()
