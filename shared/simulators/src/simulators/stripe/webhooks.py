"""Signs the events that endpoints get."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from simulators.provider.deliveries import Deliveries
from simulators.provider.ledger import Document
from simulators.stripe.books import shown


class SignedDeliveries(Deliveries):
    endpoints = "webhook_endpoint"

    def content_of(self, event: Document) -> Document:
        return shown(event)

    def signed(self, endpoint: Document, body: bytes) -> Mapping[str, str]:
        sent_at = int(self._ledger.now().timestamp())
        return {"Stripe-Signature": signature(endpoint["secret"], sent_at, body)}


def signature(secret: str, sent_at: int, body: bytes) -> str:
    signed = hmac.new(secret.encode(), f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={sent_at},v1={signed}"
