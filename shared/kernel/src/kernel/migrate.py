"""Bring a service's database to the shape that its code expects."""

from __future__ import annotations

import logging
from pathlib import Path

import psycopg
from yoyo import get_backend, read_migrations

from kernel.advisory_locks import MIGRATION

OWN = Path(__file__).parent / "migrations"
log = logging.getLogger(__name__)


def migrate(url: str, *folders: Path) -> list[str]:
    """Apply what has not been applied yet, the kernel's first; tells what that was. Two may run at once."""
    return apply(url, OWN, *folders)


# failpoint: none needed (migration)
def apply(url: str, *folders: Path) -> list[str]:
    """The same for a database that holds no event log."""
    with psycopg.connect(url, autocommit=True) as guard:
        # a lock of our own: yoyo's is a row, which a killed process would leave behind
        guard.execute("SELECT pg_advisory_lock(%s)", [MIGRATION])
        backend = get_backend(
            url.replace("postgres://", "postgresql://").replace("postgresql://", "postgresql+psycopg://", 1)
        )
        try:
            wanted = backend.to_apply(read_migrations(*(str(it) for it in folders)))
            backend.apply_migrations(wanted)
            return [it.id for it in wanted]
        finally:
            backend.connection.close()
