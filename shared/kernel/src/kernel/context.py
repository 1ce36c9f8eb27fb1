"""On whose behalf, and because of what, something is being done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Context:
    """Stands with every fact and command that an act causes."""

    tenant: str
    correlation_id: str
    causation_id: str
    """The id of the message, or of the request, that is being handled."""
    actor: str
    traceparent: str | None = None
    occurred_at: datetime | None = None
    """Only where the caller has dated the act; otherwise it occurs when it is recorded."""
