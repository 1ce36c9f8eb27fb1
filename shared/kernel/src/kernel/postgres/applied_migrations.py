"""Which migrations a database lacks for this program.

A program and its migrations are released together. A program that is older than the schema runs on it,
because migrations only add what the release before does not know; one that is newer waits for its migrations.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Protocol

import asyncpg

KERNEL_MIGRATIONS = Path(__file__).parents[1] / "migrations"
UNDO = ".rollback"
FOLLOW_UP = "post-apply"
"""The name of a step that runs behind every migration, and is none itself; yoyo calls it a hook."""
APPLIED = "SELECT migration_id FROM _yoyo_migration"
READABLE = "applied-migrations"
"""The end of the name of the migration that lets the service's role read what is applied."""


class Reader(Protocol):
    """A connection, or a pool of them."""

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]: ...


def migrations_in(*folders: Path) -> tuple[str, ...]:
    """The names of the migrations in these folders, in order."""
    files = (it for folder in folders for it in folder.iterdir() if it.suffix in {".sql", ".py"})
    return tuple(sorted(it.stem for it in files if not it.stem.endswith(UNDO) and it.stem != FOLLOW_UP))


def required_with(folder: Path) -> tuple[str, ...]:
    """The migrations of a service with an event log: the kernel's and its own."""
    return migrations_in(KERNEL_MIGRATIONS, folder)


async def missing(reader: Reader, required: Collection[str]) -> list[str]:
    """Those of the required migrations that are not applied, in order. Where none has been applied that lets
    the service read what is applied, at least that one is missing. Raises what asyncpg raises."""
    try:
        applied = {row[0] for row in await reader.fetch(APPLIED)}
    except asyncpg.UndefinedTableError:
        return sorted(required)
    except asyncpg.InsufficientPrivilegeError:
        return [it for it in sorted(required) if it.endswith(READABLE)]
    return [it for it in sorted(required) if it not in applied]
