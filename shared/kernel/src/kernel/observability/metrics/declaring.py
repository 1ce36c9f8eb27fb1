"""Declare metrics: name, labels and meaning stand in one place, from which docs/metrics.md is made.

A metric without labels exports a value as soon as it is registered. So those that belong to a part that some
processes do not have, such as the relay, are registered when the part is made (``expose``): a process
without a relay must not export that it is not the leader.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, disable_created_metrics

# the time at which each counter was made would double the number of series
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's gap

Metric: TypeAlias = Counter | Gauge | Histogram


class Part(Enum):
    """The part of a process that sets a metric; a process without the part does not export it."""

    PROCESS = "every process"
    LOG = "a log of its own, with its relay"
    CONSUMER = "a consumer"
    TIMERS = "timers"
    CALLS = "outbound calls"
    SAGAS = "a process manager"
    READ_MODELS = "read models"
    VERIFY = "the last result of feira verify"
    MODELS = "a worker of statistical models"


LABELS: Final = frozenset(
    {
        *("by", "check", "code", "commit", "group", "kind", "limit", "loop", "method", "model", "outcome"),
        *(
            "partition",
            "pool",
            "reason",
            "route",
            "saga",
            "state",
            "status",
            "step",
            "topic",
            "version",
            "what",
        ),
    }
)
"""All names of labels. Their values are few and known: no tenant, no id, no text from outside."""


class Declared(NamedTuple):
    name: str
    """As exported: of a counter with ``_total``."""
    kind: str
    labels: tuple[str, ...]
    help: str
    part: Part
    metric: Metric


DECLARED: dict[str, Declared] = {}
"""All metrics of the modules imported so far, by name."""


def counter(part: Part, name: str, meaning: str, labels: Sequence[str] = ()) -> Counter:
    metric = Counter(name, meaning, _known(labels), registry=None)
    _declare(part, f"{name}_total", "counter", labels, meaning, metric)
    return metric


def gauge(part: Part, name: str, meaning: str, labels: Sequence[str] = ()) -> Gauge:
    metric = Gauge(name, meaning, _known(labels), registry=None)
    _declare(part, name, "gauge", labels, meaning, metric)
    return metric


def histogram(
    part: Part, name: str, meaning: str, buckets: Sequence[float], labels: Sequence[str] = ()
) -> Histogram:
    metric = Histogram(name, meaning, _known(labels), buckets=buckets, registry=None)
    _declare(part, name, "histogram", labels, meaning, metric)
    return metric


def expose(*parts: Part) -> None:
    """Export the metrics of these parts from now on. May be called repeatedly."""
    for part in parts:
        if part not in _exposed:
            _exposed.add(part)
            for it in DECLARED.values():
                if it.part is part:
                    REGISTRY.register(it.metric)


def total(name: str) -> float | None:
    """The value of a gauge or counter, summed over its labels; None if this process does not export it."""
    found = DECLARED.get(name)
    if found is None or found.part not in _exposed:
        return None
    return math.fsum(sample.value for metric in found.metric.collect() for sample in metric.samples)


_exposed: set[Part] = set()


def _known(labels: Sequence[str]) -> tuple[str, ...]:
    if unknown := set(labels) - LABELS:
        raise ValueError(f"not in the list of labels: {sorted(unknown)}")
    return tuple(labels)


def _declare(part: Part, name: str, kind: str, labels: Sequence[str], meaning: str, metric: Metric) -> None:
    DECLARED[name] = Declared(name, kind, tuple(labels), meaning, part, metric)
    if part in _exposed:
        REGISTRY.register(metric)


expose(Part.PROCESS)
