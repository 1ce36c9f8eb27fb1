"""The dataset of a verification: a temporary SQLite file with copies of all sources."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from aiokafka.partitioner import murmur2

from cli.errors import StackError
from contracts.topics import MESSAGES
from contracts.topology import SELECTIVE_GROUPS
from verify.dataset.refund_shares import missing_refund_shares

MEMORY_KIB = 65_536


class Dataset:
    def __init__(self, path: Path) -> None:
        self.sql = sqlite3.connect(path)
        self.sql.row_factory = sqlite3.Row
        self.sql.create_function("moment", 1, _moment, deterministic=True)
        self.sql.create_function("partition_of", 2, _partition_of, deterministic=True)
        self.sql.create_function("family_of", 1, MESSAGES.family_of, deterministic=True)
        # temporary: needs no durability
        for setting in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{MEMORY_KIB}"):
            self.sql.execute(f"PRAGMA {setting}")

    def begin(self) -> None:
        self.sql.executescript(_script("tables.sql"))
        self.add("taken_family", ((group, it) for group, taken in SELECTIVE_GROUPS.items() for it in taken))

    def derive(self) -> None:
        """Create the derived tables, once all sources have been copied."""
        self.sql.executescript(_script("derived.sql"))
        self.add("given_back", missing_refund_shares(self.sql))

    def add(self, table: str, rows: Iterable[Iterable[Any]]) -> None:
        known = [tuple(it) for it in rows]
        if known:
            placeholders = ", ".join("?" * len(known[0]))
            self.sql.executemany(f"INSERT INTO {table} VALUES ({placeholders})", known)  # noqa: S608  # constants

    def number(self, query: str) -> int:
        return int(self.sql.execute(query).fetchone()[0] or 0)

    def close(self) -> None:
        self.sql.close()


@contextmanager
def open_dataset() -> Iterator[Dataset]:
    """A new dataset, private to this user and removed at the end of the block. Raises ``StackError``."""
    with tempfile.TemporaryDirectory(prefix="feira-verify-") as folder:
        dataset = Dataset(Path(folder) / "dataset.sqlite")
        try:
            dataset.begin()
            yield dataset
        except sqlite3.OperationalError as trouble:
            if "full" not in str(trouble):
                raise
            raise StackError(
                f"The disk of {folder} is full; set TMPDIR to a folder with more room."
            ) from None
        finally:
            dataset.close()


def _script(name: str) -> str:
    return files(__package__).joinpath(name).read_text()


def _moment(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()


def _partition_of(key: str, parts: int) -> int:
    """The partition of a key, as Kafka's default partitioner chooses it."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % parts)
