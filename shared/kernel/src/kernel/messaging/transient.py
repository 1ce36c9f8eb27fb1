"""Which errors are transient (outages, conflicts) and which are defects."""

from __future__ import annotations

from aiokafka.errors import KafkaError

from kernel.errors import Conflict, KeyClaimed, OffsetFenced
from kernel.postgres.connections import is_outage


def is_transient(error: BaseException) -> bool:
    """Whether a retry may succeed."""
    return isinstance(error, Conflict | KeyClaimed | OffsetFenced | KafkaError) or is_outage(error)


def is_conflict(error: BaseException) -> bool:
    """Whether another writer was first.

    A retry succeeds, unless a record asks for something impossible: for instance to change an aggregate of
    another tenant, which its own tenant cannot see.
    """
    return isinstance(error, Conflict | KeyClaimed)
