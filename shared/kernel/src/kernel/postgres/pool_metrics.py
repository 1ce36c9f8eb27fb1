"""Metrics of a service's connections. Apart from the pool, which the operator's commands use without any."""

from __future__ import annotations

from kernel.observability.metrics.runtime import POOL_IN_USE, POOL_SIZE, POOL_WAIT
from kernel.postgres.service_pool import ServicePool

WRITERS, READERS = "writers", "readers"
"""Under the service's own role, and on behalf of callers."""


def measure(pool: ServicePool) -> None:
    """Export the use of this pool, and count the waits for its connections."""
    for name, size in zip((WRITERS, READERS), pool.sizes(), strict=True):
        POOL_SIZE.labels(name).set(size)
    POOL_IN_USE.labels(WRITERS).set_function(lambda: pool.in_use()[0])
    POOL_IN_USE.labels(READERS).set_function(lambda: pool.in_use()[1])
    pool.note_wait = POOL_WAIT.labels(WRITERS).observe
    pool.note_wait_of_readers = POOL_WAIT.labels(READERS).observe
