"""What a run reads besides the provider: when the log has recorded movements, and what webhooks announced."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from checkout_saga.reconciliation.domain.webhooks import Refused, Unprocessed


class RecordedPayments(Protocol):
    async def moved(self, tenant: str, since: datetime, until: datetime) -> Sequence[UUID]:
        """The payments of which captures or refunds were recorded with ``since`` <= time < ``until``."""


class WebhookEvents(Protocol):
    async def clear(self, tenant: str, account_id: UUID, references: Collection[str]) -> None:
        """What these events announced has been compared by now."""

    async def unprocessed(self, tenant: str, account_id: UUID, limit: int) -> Sequence[Unprocessed]:
        """Events that will not be processed any more, and are not reported yet; the oldest first."""

    async def note_reported(self, tenant: str, account_id: UUID, event_ids: Collection[str]) -> None: ...

    async def refused(self, tenant: str, account_id: UUID) -> Refused | None:
        """None: the last webhook of the day before was signed, or there was none."""
