"""What a run reads besides the provider: when the log has recorded movements, and what webhooks announced."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID


class RecordedPayments(Protocol):
    async def moved(self, tenant: str, since: datetime, until: datetime) -> Sequence[UUID]:
        """The payments of which captures or refunds were recorded with ``since`` <= time < ``until``."""


class UnmatchedWebhooks(Protocol):
    async def clear(self, tenant: str, account_id: UUID, references: Collection[str]) -> None:
        """What these events announced has been compared by now."""
