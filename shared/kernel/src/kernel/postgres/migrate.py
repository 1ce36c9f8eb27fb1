"""Apply the migrations of a service's database.

Each migration and the note that it is applied are one transaction: a process that dies anywhere leaves a
migration whole or not begun. One that is not transactional (``-- transactional: false``, for an index that is
built concurrently) must be repeatable, because it can be interrupted between its statements and its note.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import structlog
from psycopg.errors import InsufficientPrivilege, LockNotAvailable
from yoyo import get_backend, read_migrations

from kernel.postgres.advisory_locks import MIGRATION
from kernel.postgres.applied_migrations import APPLIED, KERNEL_MIGRATIONS, migrations_in
from kernel.postgres.database_roles import ROLES_QUERY, role_faults

if TYPE_CHECKING:
    from yoyo.backends import DatabaseBackend
    from yoyo.migrations import Migration

log = structlog.get_logger()

OLDEST_SERVER = 170_000
"""The first release with ``uuid_extract_version``, by which retention finds old commands."""
LOCK_TIMEOUT = "5s"
"""How long a statement waits for a table; what queues behind it waits as long."""
LOCK_PATIENCE_SECONDS = 300.0
"""A migration that gets no lock is tried again for so long."""
SERVER_PATIENCE_SECONDS = 60.0
"""A server that does not answer is tried again for so long."""
OTHER_MIGRATION_SECONDS = 900.0
"""How long another migration of the same database is waited for."""
OTHER_MIGRATION_POLL_SECONDS = 0.5
CONNECT_SECONDS = 10
FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 0.5, 15.0


class UnfitServerError(Exception):
    """The server is too old, or cannot be used. The text says so."""


class UnfitRolesError(Exception):
    """The roles of the database have rights that they must not have, or lack some. The text says which."""


def migrate(url: str, *folders: Path) -> list[str]:
    """Apply pending migrations, the kernel's first; returns their ids. Two may run at once."""
    return apply(url, KERNEL_MIGRATIONS, *folders)


def apply(url: str, *folders: Path) -> list[str]:
    """Apply pending migrations of these folders alone, for a database without an event log. Raises
    ``UnfitServerError``, ``UnfitRolesError``; ``TimeoutError`` if another migration does not end; and what
    psycopg raises where a lock stays away for too long."""
    with _alone(url) as guard:
        check_server(guard.info.server_version)
        check_roles(guard)
        try:
            pending = _apply_pending(url, folders)
        except InsufficientPrivilege as error:
            raise UnfitRolesError(f"{guard.info.user} may not migrate: {_reason(error)}") from None
    if not pending:
        log.info("no_migration_pending")
    return [it.id for it in pending]


def _apply_pending(url: str, folders: tuple[Path, ...]) -> list[Migration]:
    with _backend(url) as backend:
        found = read_migrations(*(str(it) for it in folders))
        pending: list[Migration] = list(backend.to_apply(found))
        steps = [partial(_apply_one, backend, it) for it in pending]
        for step in (*steps, *(partial(_follow_up, backend, it) for it in found.post_apply)):
            _with_patience(step, LockNotAvailable, LOCK_PATIENCE_SECONDS)
    return pending


def pending_in(url: str, *folders: Path) -> list[str]:
    """The ids of the migrations that ``apply`` would apply. Raises ``UnfitServerError``."""
    with _connected(url) as connection:
        try:
            applied = {row[0] for row in connection.execute(APPLIED)}
        except psycopg.errors.UndefinedTable:
            applied = set()
    return [it for it in migrations_in(*folders) if it not in applied]


def check_server(version: int) -> None:
    """``version``: as libpq gives it, 170004 for 17.4. Raises ``UnfitServerError``."""
    if version < OLDEST_SERVER:
        raise UnfitServerError(
            f"PostgreSQL {OLDEST_SERVER // 10_000} or newer is needed; this is {version // 10_000}."
        )


def check_roles(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Raises ``UnfitRolesError``."""
    cursor = connection.execute(ROLES_QUERY)
    [row] = cursor.fetchall()
    columns = [it.name for it in cursor.description or ()]
    if faults := role_faults(dict(zip(columns, row, strict=True))):
        raise UnfitRolesError(" ".join(faults))


# failpoint: none needed (migration)
def _apply_one(backend: DatabaseBackend, migration: Migration) -> None:
    began = time.monotonic()
    migration.load()
    if migration.use_transactions:
        with backend.transaction():
            migration.process_steps(backend, "apply")
            backend.log_migration(migration, "apply")
            backend.mark_one(migration, log=False)
    else:
        backend.apply_one(migration)
    log.info("migration_applied", migration=migration.id, seconds=round(time.monotonic() - began, 3))


# failpoint: none needed (migration)
def _follow_up(backend: DatabaseBackend, hook: Migration) -> None:
    """What is made from the code behind every migration; it changes nothing where nothing has to change."""
    hook.load()
    with backend.transaction():
        hook.process_steps(backend, "apply")


# failpoint: none needed (migration)
@contextmanager
def _alone(url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection that keeps other migrations of this database out until the end of the block. It holds an
    advisory lock: yoyo's own lock is a row, which a killed process would leave behind."""
    with _connected(url) as guard:
        deadline = time.monotonic() + OTHER_MIGRATION_SECONDS
        # asked for again and again: CREATE INDEX CONCURRENTLY waits for every statement that is waiting
        while guard.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATION]).fetchone() != (True,):
            if time.monotonic() > deadline:
                raise TimeoutError("Another migration of this database has not ended.")
            time.sleep(OTHER_MIGRATION_POLL_SECONDS)
        yield guard


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    connection: list[psycopg.Connection[tuple[object, ...]]] = []

    def connect() -> None:
        connection.append(psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_SECONDS))

    try:
        _with_patience(connect, psycopg.OperationalError, SERVER_PATIENCE_SECONDS)
    except psycopg.OperationalError as error:
        raise UnfitServerError(_reason(error)) from None
    with connection[0]:
        yield connection[0]


# failpoint: none needed (migration)
@contextmanager
def _backend(url: str) -> Iterator[DatabaseBackend]:
    # yoyo notes who has migrated; in a container the user may have no name
    os.environ.setdefault("LOGNAME", "migrate")
    backend = get_backend(
        url.replace("postgres://", "postgresql://").replace("postgresql://", "postgresql+psycopg://", 1)
    )
    try:
        backend.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        yield backend
    finally:
        backend.connection.close()


def _with_patience(attempt: Callable[[], None], passing: type[psycopg.Error], seconds: float) -> None:
    """Call it again, after growing pauses, while it raises ``passing``; for so many seconds."""
    deadline = time.monotonic() + seconds
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            return attempt()
        except passing as error:
            if time.monotonic() + pause > deadline:
                raise
            log.warning("migration_waits", reason=_reason(error), seconds=pause)
        time.sleep(pause)
        pause = min(LAST_PAUSE_SECONDS, pause * 2)


def _reason(error: psycopg.Error) -> str:
    """What the server or the driver says, in one line: who wanted to connect where, and no password."""
    return " ".join(str(error).split())
