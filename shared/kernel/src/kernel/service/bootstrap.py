"""Entry points: ``python -m SERVICE`` and ``python -m SERVICE migrate``.

Heavy modules are imported where they are needed: a migration does not load what a service needs.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from contracts.data_protection import PrivateFields
from kernel.faults import failpoints
from kernel.observability.logging import configure
from kernel.service.settings import MigrationSettings, ServiceSettings, read

S = TypeVar("S", bound=ServiceSettings)

GC_THRESHOLD = 20_000
"""New objects before the garbage collector looks for cycles; Python's default is 700."""


def main(
    migrations: Path, serve: Callable[[], None], private: PrivateFields, *, event_log: bool = True
) -> None:
    """``private``: what the log hides; ``event_log``: whether the database has the kernel's tables."""
    # importing makes many objects and no cycles: collecting meanwhile takes a tenth of its time
    gc.disable()
    match sys.argv[1:]:
        case []:
            serve()
        case ["migrate"]:
            _migrate(migrations, private, event_log=event_log)
        case _:
            sys.exit("usage: python -m SERVICE [migrate]")


def serve(kind: type[S], run: Callable[[S], Coroutine[Any, Any, None]], private: PrivateFields) -> None:
    """Read the settings, set up logging, and run the service until SIGTERM or SIGINT."""
    from kernel.http import server

    server.run(run(_start(kind, private)))


def run_job(kind: type[S], run: Callable[[S], Coroutine[Any, Any, None]], private: PrivateFields) -> None:
    """Read the settings, set up logging, and run a job without an HTTP server to its end."""
    import uvloop

    uvloop.run(run(_start(kind, private)))


def _start(kind: type[S], private: PrivateFields) -> S:
    settings = read(kind)
    configure(settings.log_level, settings.instance, private)
    if settings.env == "production":
        _warn_about_unencrypted_connections(settings)
    failpoints.enable(settings.failpoints)
    # imported objects live as long as the process: keep them out of every collection
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    gc.enable()
    return settings


def _warn_about_unencrypted_connections(settings: ServiceSettings) -> None:
    """Log a warning for each connection that the network can read: it carries personal data."""
    import structlog

    log = structlog.get_logger()
    modes = parse_qs(urlsplit(settings.database_url).query).get("sslmode", ["prefer"])
    if modes[-1] not in {"require", "verify-ca", "verify-full"}:
        log.warning("postgres_connection_may_be_unencrypted", setting="sslmode in FEIRA_DATABASE_URL")
    log.warning("kafka_connection_is_unencrypted", setting="FEIRA_KAFKA_BOOTSTRAP")


def _migrate(folder: Path, private: PrivateFields, *, event_log: bool) -> None:
    from kernel.postgres.migrate import apply, migrate

    settings = read(MigrationSettings)
    configure(settings.log_level, settings.instance, private)
    (migrate if event_log else apply)(settings.migration_url, folder)
