"""`eventsourcing`'s own PostgreSQL recorder: what one would use if this were not here."""

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
    """With its tables, as it makes them."""
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
        it = PostgresApplicationRecorder(datastore)
        it.create_table()
        yield it


def event() -> StoredEvent:
    return StoredEvent(ids.new_id(), 1, ItemAdded.TYPE, BODY)


def record(it: PostgresApplicationRecorder, threads: int, count: int) -> tuple[float, list[float]]:
    """Save so many events, one each time, by so many threads: the seconds, and those of each save."""
    events = iter([event() for _ in range(count)])
    took: list[float] = []

    def save() -> None:
        for one in events:
            began = time.perf_counter()
            it.insert_events([one])
            took.append(time.perf_counter() - began)

    workers = [threading.Thread(target=save) for _ in range(threads)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.perf_counter() - began, took
