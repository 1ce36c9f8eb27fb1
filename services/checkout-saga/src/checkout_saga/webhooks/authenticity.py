"""Which account a message is for: the one whose signature fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from checkout_saga.webhooks.ports import WebhookAccount
from checkout_saga.webhooks.signatures import paypal, standard, stripe
from checkout_saga.webhooks.signatures.paypal_certificates import Certificates, NotTrusted


class Authenticity:
    def __init__(self, certificates: Certificates) -> None:
        self._certificates = certificates

    async def account_of(
        self,
        gateway: str,
        headers: Mapping[str, str],
        body: bytes,
        accounts: Sequence[WebhookAccount],
        now: datetime,
    ) -> WebhookAccount | None:
        """``headers`` by their names in lower case. Every account is tried, also after one that fits: so the
        time tells nothing. Raises ``Unavailable`` while a certificate of PayPal is not to be had."""
        match gateway:
            case "stripe":
                header = headers.get(stripe.HEADER, "")
                fitting = [it for it in accounts if stripe.fits(header, body, it.secrets, now)]
            case "paypal":
                fitting = await self._of_paypal(headers, body, accounts, now)
            case _:
                fitting = [it for it in accounts if standard.fits(headers, body, it.secrets, now)]
        return fitting[0] if fitting else None

    async def _of_paypal(
        self, headers: Mapping[str, str], body: bytes, accounts: Sequence[WebhookAccount], now: datetime
    ) -> list[WebhookAccount]:
        sent = paypal.transmission_of(headers)
        if sent is None or not paypal.is_recent(sent, now) or not accounts:
            return []
        try:
            key = await self._certificates.key(sent.certificate_url)
        except NotTrusted:
            return []
        return [it for it in accounts if it.webhook_id and paypal.fits(sent, body, it.webhook_id, key)]
