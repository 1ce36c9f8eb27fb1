"""The gauge of what waits for an operator, for alerts."""

from __future__ import annotations

from collections.abc import Iterator

from checkout_saga.operations.attention.sources import SOURCES
from kernel.observability.metrics.declaring import Part, gauge
from kernel.postgres.gauges import Reading

ATTENTION = gauge(
    Part.PROCESS,
    "feira_attention",
    "What waits for an operator, over all tenants, by kind. Read from the database",
    ("kind",),
)


def readings() -> Iterator[Reading]:
    for it in SOURCES.values():
        yield Reading(it.count, ATTENTION.labels(it.kind).set)
