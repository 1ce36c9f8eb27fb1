"""The peer: `eventsourcing`'s own PostgreSQL recorder."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from benchmarks.samples import BODY
from contracts.cart import ItemAdded
from kernel import ids

PLAIN, FAST = "plain", "with its stored function"
WAYS = (PLAIN, FAST)


@contextmanager
def recorder(url: str, way: str = PLAIN, connections: int = 1) -> Iterator[PostgresApplicationRecorder]:
    """A recorder with its tables."""
    parts = urlsplit(url)
    with PostgresDatastore(
        parts.path.lstrip("/"),
        parts.hostname or "",
        parts.port or 5432,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        pool_size=connections,
        enable_db_functions=way == FAST,
    ) as datastore:
        created = PostgresApplicationRecorder(datastore)
        created.create_table()
        yield created


def event() -> StoredEvent:
    return StoredEvent(ids.new_id(), 1, ItemAdded.TYPE, BODY)


def record(recorder: PostgresApplicationRecorder, threads: int, count: int) -> tuple[float, list[float]]:
    """Insert ``count`` events one by one from threads. Returns the seconds of all and of each insert."""
    events = iter([event() for _ in range(count)])
    took: list[float] = []

    def insert() -> None:
        for stored_event in events:
            began = time.perf_counter()
            recorder.insert_events([stored_event])
            took.append(time.perf_counter() - began)

    workers = [threading.Thread(target=insert) for _ in range(threads)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.perf_counter() - began, took
