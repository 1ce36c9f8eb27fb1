"""Events as Stripe and PayPal send them, signed for the account of a shop."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from uuid import uuid4

import httpx

from simulators.paypal import tokens as vault
from simulators.paypal.certificates import CERTIFICATE_PATH, Signer
from simulators.stripe import tokens as cards
from simulators.stripe.webhooks import signature
from tests.support.paypal import CLIENT_ID, CLIENT_SECRET
from tests.support.stripe import SECRET_KEY

METHODS = {"stripe": ["card"], "paypal": ["paypal"]}
SECRETS = {"demo": ["whsec_old_one", "whsec_new_one"], "rival": ["whsec_of_a_rival"]}
"""The secrets of webhooks, by tenant. The first one of two is being replaced."""
WEBHOOK_IDS = {"demo": "WEBHOOK-OF-DEMO", "rival": "WEBHOOK-OF-RIVAL"}
CREDENTIALS: dict[tuple[str, str], dict[str, str]] = {
    it: {"secret_key": SECRET_KEY}
    if it[1] == "stripe"
    else {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "webhook_id": WEBHOOK_IDS[it[0]]}
    for it in ((tenant, gateway) for tenant in WEBHOOK_IDS for gateway in METHODS)
}


@dataclass(frozen=True)
class Sender(ABC):
    """``urls``: where webhooks go, by tenant and provider."""

    client: httpx.AsyncClient
    urls: Mapping[tuple[str, str], str]
    gateway: ClassVar[str]
    payment: ClassVar[Mapping[str, str]]
    """What a checkout is paid with."""
    captured: ClassVar[str]
    """The type of an event."""
    authorized: ClassVar[str]

    @abstractmethod
    def event(self, event_id: str, kind: str, payment_id: object) -> bytes:
        """The body of an event about the payment."""

    @abstractmethod
    def signed(self, body: bytes, tenant: str) -> dict[str, str]:
        """The headers, signed with the newest secret of the tenant's account."""

    async def send(
        self, body: bytes, headers: Mapping[str, str] | None = None, to: str = "demo"
    ) -> httpx.Response:
        """To the account of a tenant. ``headers``: None for those of a valid signature."""
        given = self.signed(body, to) if headers is None else headers
        return await self.client.post(self.urls[to, self.gateway], content=body, headers=dict(given))

    async def counted(self, state: str) -> float:
        """How many events of this provider the service has received in this state."""
        wanted = f'feira_webhooks_total{{kind="{self.gateway}",state="{state}"}} '
        lines = (await self.client.get("/metrics")).text.splitlines()
        return sum(float(it.removeprefix(wanted)) for it in lines if it.startswith(wanted))


class SendsAsStripe(Sender):
    gateway = "stripe"
    payment: ClassVar[Mapping[str, str]] = {"method": "card", "token": cards.OK, "gateway": "stripe"}
    captured = "payment_intent.succeeded"
    authorized = "payment_intent.amount_capturable_updated"

    def event(self, event_id: str, kind: str, payment_id: object) -> bytes:
        about = {"id": "pi_1", "metadata": {"feira_payment": str(payment_id)}}
        return json.dumps({"id": event_id, "type": kind, "data": {"object": about}}).encode()

    def signed(self, body: bytes, tenant: str) -> dict[str, str]:
        return self.signed_with(SECRETS[tenant][-1], body)

    def signed_with(self, secret: str, body: bytes) -> dict[str, str]:
        return {"Stripe-Signature": signature(secret, int(time.time()), body)}


@dataclass(frozen=True)
class SendsAsPayPal(Sender):
    signer: Signer
    origin: str
    gateway = "paypal"
    payment: ClassVar[Mapping[str, str]] = {"method": "paypal", "token": vault.OK, "gateway": "paypal"}
    captured = "PAYMENT.CAPTURE.COMPLETED"
    authorized = "PAYMENT.AUTHORIZATION.CREATED"

    def event(self, event_id: str, kind: str, payment_id: object) -> bytes:
        about = {"id": "CAPTURE-1", "invoice_id": str(payment_id)}
        return json.dumps({"id": event_id, "event_type": kind, "resource": about}).encode()

    def signed(self, body: bytes, tenant: str) -> dict[str, str]:
        sent, at = uuid4().hex, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
            "PAYPAL-TRANSMISSION-ID": sent,
            "PAYPAL-TRANSMISSION-TIME": at,
            "PAYPAL-TRANSMISSION-SIG": self.signer.sign(sent, at, WEBHOOK_IDS[tenant], body),
            "PAYPAL-CERT-URL": f"{self.origin}{CERTIFICATE_PATH}",
        }
