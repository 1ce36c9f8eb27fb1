"""Entry points: ``python -m SERVICE``, and with ``migrate`` or another job.

Modules are imported where they are needed: a migration does not load what a service needs, and a signal to
stop finds its handler before anything is loaded that takes time.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Collection, Coroutine, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from contracts.data_protection import PrivateFields
from kernel.service import stop_signals

if TYPE_CHECKING:
    from kernel.service.settings import ProcessSettings

S = TypeVar("S", bound="ProcessSettings")

NO_JOBS: Mapping[str, Callable[[list[str]], None]] = MappingProxyType({})
GC_THRESHOLD = 20_000
"""New objects before the garbage collector looks for cycles; Python's default is 700."""


def main(
    migrations: Path,
    serve: Callable[[], None],
    private: PrivateFields,
    *,
    event_log: bool = True,
    jobs: Mapping[str, Callable[[list[str]], None]] = NO_JOBS,
) -> None:
    """``private``: what the log hides; ``event_log``: whether the database has the kernel's tables; ``jobs``:
    further programs of the service by the first argument, each with the arguments behind it."""
    # importing makes many objects and no cycles: collecting meanwhile takes a tenth of its time
    gc.disable()
    match sys.argv[1:]:
        case []:
            stop_signals.end_at_once(0)
            serve()
        case ["migrate"]:
            stop_signals.end_at_once()
            _migrate(migrations, private, event_log=event_log)
        case ["migrate", "--check"]:
            stop_signals.end_at_once()
            _list_pending(migrations, private, event_log=event_log)
        case [name, *arguments] if name in jobs:
            stop_signals.end_at_once()
            jobs[name](arguments)
        case _:
            sys.exit(f"usage: python -m SERVICE [{' | '.join(['migrate [--check]', *jobs])}]")


def serve(
    kind: type[S],
    run: Callable[[S], Coroutine[Any, Any, None]],
    private: PrivateFields,
    migrations: Collection[str] = (),
) -> None:
    """Read the settings, set up logging, and run the service until SIGTERM or SIGINT, with exit code 0.

    ``migrations``: until the database has these, the process serves its probes alone.
    """

    async def run_when_migrated(settings: S) -> None:
        if migrations:
            from kernel.http.until_migrated import until_migrated

            await until_migrated(settings, migrations)
        await run(settings)

    _run(run_when_migrated(_start(kind, private, rotates_log=True)))


def run_job(kind: type[S], run: Callable[[S], Coroutine[Any, Any, None]], private: PrivateFields) -> None:
    """Read the settings, set up logging, and run a job without an HTTP server to its end. One that a signal
    interrupts exits with 128 and the signal's number, because it has not done what it is for."""
    if number := _run(run(_start(kind, private))):
        sys.exit(128 + number)


def _run(main: Coroutine[Any, Any, None]) -> int | None:
    """The number of the signal that has cancelled it, if one has."""
    import asyncio

    import uvloop

    from kernel.observability import tracing

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(stop_signals.until_signal(main))
    finally:
        tracing.stop()


def _start(kind: type[S], private: PrivateFields, *, rotates_log: bool = False) -> S:
    """``rotates_log``: a job that a service starts writes to the same file, which one process rotates."""
    from kernel.faults import failpoints
    from kernel.observability import tracing
    from kernel.observability.log_file import LogFile
    from kernel.observability.logging import configure
    from kernel.service.build import build_of, show
    from kernel.service.environment import read

    settings = read(kind)
    build = build_of(kind.__module__)
    file = None
    if rotates_log and settings.log_file:
        file = LogFile(Path(settings.log_file), settings.log_megabytes, settings.log_files)
    configure(settings.log_level, build.fields(settings.instance), private, file)
    show(build)
    try:
        tracing.enable(build.service, build.version, settings.instance)
    except ValueError as problem:
        sys.exit(str(problem))
    failpoints.enable(settings.failpoints)
    # imported objects live as long as the process: keep them out of every collection
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    gc.enable()
    return settings


def _migrate(folder: Path, private: PrivateFields, *, event_log: bool) -> None:
    from kernel.postgres.migrate import UnfitRolesError, UnfitServerError, apply, migrate

    url = _migration_url(folder, private)
    stop_signals.interrupt()
    try:
        (migrate if event_log else apply)(url, folder)
    except (UnfitRolesError, UnfitServerError) as unfit:
        sys.exit(str(unfit))


def _list_pending(folder: Path, private: PrivateFields, *, event_log: bool) -> None:
    """Print what ``migrate`` would apply, one name a line; exit code 1 if there is anything."""
    from kernel.postgres.applied_migrations import KERNEL_MIGRATIONS
    from kernel.postgres.migrate import UnfitServerError, pending_in

    url = _migration_url(folder, private)
    stop_signals.interrupt()
    try:
        pending = pending_in(url, *([KERNEL_MIGRATIONS] if event_log else []), folder)
    except UnfitServerError as unfit:
        sys.exit(str(unfit))
    sys.stdout.writelines(f"{name}\n" for name in pending)
    sys.exit(1 if pending else 0)


def _migration_url(folder: Path, private: PrivateFields) -> str:
    from kernel.observability.logging import configure
    from kernel.service.build import build_of
    from kernel.service.environment import read
    from kernel.service.settings import MigrationSettings

    settings = read(MigrationSettings)
    build = build_of(f"{folder.parent.name}.migrations")
    configure(settings.log_level, build.fields(settings.instance), private)
    return settings.migration_url
