"""The durable ledger of a simulated provider: documents by kind and id in one SQLite file.

A provider is no part of the stack, so its books are a file of its own and not a database of the stack's
server. Each request is one transaction, written to the disk before its response: what a provider has answered
is still in its books after it was killed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Document = dict[str, Any]

SCHEMA = """
    CREATE TABLE IF NOT EXISTS document (
        number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
        UNIQUE (kind, id)
    )
"""
PUT = """
    INSERT INTO document (kind, id, body) VALUES (?, ?, ?)
    ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body
"""
CLOCK = "clock"


class Ledger:
    """One connection, used by one event loop: a transaction never waits for another."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(SCHEMA)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes within are written together, or none if the block raises."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def get(self, kind: str, identity: str) -> Document | None:
        found = self._connection.execute(
            "SELECT body FROM document WHERE kind = ? AND id = ?", (kind, identity)
        )
        row = found.fetchone()
        return json.loads(row[0]) if row else None

    def put(self, kind: str, identity: str, body: Document) -> None:
        self._connection.execute(PUT, (kind, identity, json.dumps(body)))

    def remove(self, kind: str, identity: str) -> None:
        self._connection.execute("DELETE FROM document WHERE kind = ? AND id = ?", (kind, identity))

    def remove_all(self, kind: str) -> None:
        self._connection.execute("DELETE FROM document WHERE kind = ?", (kind,))

    def all(self, kind: str, **equal: str) -> list[Document]:
        """Documents of a kind, in the order of their creation, whose fields have these values."""
        where = "".join(f" AND json_extract(body, '$.{name}') = ?" for name in equal)
        query = f"SELECT body FROM document WHERE kind = ?{where} ORDER BY number"  # noqa: S608  # names of fields
        return [json.loads(body) for (body,) in self._connection.execute(query, (kind, *equal.values()))]

    def now(self) -> datetime:
        """The time, moved by what tests have asked for."""
        shift = (self.get(CLOCK, CLOCK) or {}).get("seconds", 0)
        return datetime.now(UTC) + timedelta(seconds=shift)

    def move_clock(self, seconds: float) -> None:
        shift = (self.get(CLOCK, CLOCK) or {}).get("seconds", 0)
        self.put(CLOCK, CLOCK, {"seconds": shift + seconds})
