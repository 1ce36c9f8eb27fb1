"""Tell an outage, which passes, from a defect, which does not."""

from __future__ import annotations

import asyncpg
from aiokafka.errors import KafkaError

from kernel.errors import Claimed, Conflict, LostPlace

PASSES = (
    Conflict,
    Claimed,
    LostPlace,
    KafkaError,
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)


def passes(error: BaseException) -> bool:
    """Whether the same thing may well succeed a moment later."""
    return isinstance(error, PASSES)
