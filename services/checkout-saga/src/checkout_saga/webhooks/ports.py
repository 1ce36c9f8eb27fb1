"""The payment accounts, as webhooks need them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class WebhookAccount:
    """One enabled account of a tenant at a provider."""

    account_id: UUID
    tenant: str
    secrets: tuple[str, ...] = ()
    """Of Stripe and Standard Webhooks; two while one replaces the other."""
    webhook_id: str | None = None
    """Of PayPal: the id under which it knows this webhook."""


class RefusedWebhooks(Protocol):
    async def note(self, gateway: str, account: WebhookAccount) -> None:
        """No signature of a webhook for this account fits its secrets."""


class WebhookAccounts(Protocol):
    async def enabled(self, gateway: str, wanted: UUID | None) -> list[WebhookAccount]:
        """The enabled accounts of a provider, over all tenants; with ``wanted`` that one alone."""
