"""Apply the migrations of a service's database."""

from __future__ import annotations

import logging
from pathlib import Path

import psycopg
from yoyo import get_backend, read_migrations

from kernel.postgres.advisory_locks import MIGRATION
from kernel.postgres.applied_migrations import KERNEL_MIGRATIONS

log = logging.getLogger(__name__)


def migrate(url: str, *folders: Path) -> list[str]:
    """Apply pending migrations, the kernel's first; returns their ids. Two may run at once."""
    return apply(url, KERNEL_MIGRATIONS, *folders)


# failpoint: none needed (migration)
def apply(url: str, *folders: Path) -> list[str]:
    """Apply pending migrations of these folders alone, for a database without an event log."""
    with psycopg.connect(url, autocommit=True) as guard:
        # an advisory lock: yoyo's own lock is a row, which a killed process would leave behind
        guard.execute("SELECT pg_advisory_lock(%s)", [MIGRATION])
        backend = get_backend(
            url.replace("postgres://", "postgresql://").replace("postgresql://", "postgresql+psycopg://", 1)
        )
        try:
            pending = backend.to_apply(read_migrations(*(str(it) for it in folders)))
            backend.apply_migrations(pending)
            return [it.id for it in pending]
        finally:
            backend.connection.close()
