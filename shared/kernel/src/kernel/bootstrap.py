"""What ``python -m SERVICE`` and ``python -m SERVICE migrate`` do.

Everything heavy is imported where it is needed: a migration need not load what a service needs.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from kernel.faults import failpoints
from kernel.logging import configure
from kernel.settings import MigrationSettings, ServiceSettings, read

S = TypeVar("S", bound=ServiceSettings)

YOUNG_OBJECTS = 20_000
"""So many may be made before they are looked through for circles; 700 is Python's own choice."""


def main(migrations: Path, serve: Callable[[], None], *, event_log: bool = True) -> None:
    # importing makes many objects and no circles: looking for some takes a tenth of its time
    gc.disable()
    match sys.argv[1:]:
        case []:
            serve()
        case ["migrate"]:
            _migrate(migrations, event_log=event_log)
        case _:
            sys.exit("usage: python -m SERVICE [migrate]")


def serve(kind: type[S], run: Callable[[S], Coroutine[Any, Any, None]]) -> None:
    """Read the settings, set up the log, and run the service until it is told to stop."""
    from kernel.http import server

    server.run(run(_begun(kind)))


def run_job(kind: type[S], run: Callable[[S], Coroutine[Any, Any, None]]) -> None:
    """The same for a process that serves nobody, and ends when it is done."""
    import uvloop

    uvloop.run(run(_begun(kind)))


def _begun(kind: type[S]) -> S:
    settings = read(kind)
    configure(settings.log_level, settings.instance)
    if settings.env == "production":
        _warn_of_plain_text(settings)
    failpoints.enable(settings.failpoints)
    # what was made by importing stays for ever: looking through it again and again is wasted
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    gc.enable()
    return settings


def _warn_of_plain_text(settings: ServiceSettings) -> None:
    """What others on the network can read along, personal data and passwords' exchange included."""
    import structlog

    log = structlog.get_logger()
    modes = parse_qs(urlsplit(settings.database_url).query).get("sslmode", ["prefer"])
    if modes[-1] not in {"require", "verify-ca", "verify-full"}:
        log.warning("postgres_may_be_spoken_to_in_the_clear", setting="sslmode in FEIRA_DATABASE_URL")
    log.warning("kafka_is_spoken_to_in_the_clear", setting="FEIRA_KAFKA_BOOTSTRAP")


def _migrate(folder: Path, *, event_log: bool) -> None:
    from kernel.migrate import apply, migrate

    settings = read(MigrationSettings)
    configure(settings.log_level, settings.instance)
    (migrate if event_log else apply)(settings.migration_url, folder)
