"""The configuration of each topic on the broker, under the names of Kafka's own settings.

Uncompressed: the broker unpacks batches that a foreign producer has compressed, so that every client can read
them, and none grows beyond the size that the broker has accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from contracts.topology import Topic

COPIES = 3
"""Of each record, on as many brokers. With one copy fewer the topic still takes records."""
FOR_EVER = "-1"


def configuration_of(topic: Topic, copies: int) -> Mapping[str, str]:
    return {
        "retention.ms": FOR_EVER if topic.retention is None else _milliseconds(topic.retention),
        "compression.type": "uncompressed",
        "min.insync.replicas": str(max(1, copies - 1)),
    }


def _milliseconds(time: timedelta) -> str:
    return str(time // timedelta(milliseconds=1))
