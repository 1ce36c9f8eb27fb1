"""Tell an outage, which passes, from a defect, which does not."""

from __future__ import annotations

from aiokafka.errors import KafkaError

from kernel.database import is_outage
from kernel.errors import Conflict, KeyClaimed, OffsetFenced


def is_transient(error: BaseException) -> bool:
    """Whether the same thing may well succeed a moment later."""
    return isinstance(error, Conflict | KeyClaimed | OffsetFenced | KafkaError) or is_outage(error)


def is_conflict(error: BaseException) -> bool:
    """Whether somebody else was first.

    That passes, unless a record asks for what can never be: to change what is another tenant's, say, which
    nobody in the record's own tenant can see.
    """
    return isinstance(error, Conflict | KeyClaimed)
