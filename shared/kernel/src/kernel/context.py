"""Context of a unit of work: the tenant and actor on whose behalf it runs, and the message that caused it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Context:
    """Stored with every fact and command of the unit of work."""

    tenant: str
    correlation_id: str
    causation_id: str
    """The id of the message or request that is being handled."""
    actor: str
    traceparent: str | None = None
    occurred_at: datetime | None = None
    """When it happened, if the caller has said so; otherwise facts occur when they are recorded."""
