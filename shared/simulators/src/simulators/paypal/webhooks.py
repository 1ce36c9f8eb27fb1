"""Signs the events that merchants' webhooks get."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from simulators.paypal.books import written
from simulators.paypal.certificates import CERTIFICATE_PATH, Signer
from simulators.provider.deliveries import Deliveries
from simulators.provider.ledger import Document, Ledger


class SignedDeliveries(Deliveries):
    endpoints = "webhook"
    keeps_back_seconds = 5.0

    def __init__(self, ledger: Ledger, signer: Signer, base: str) -> None:
        """``base``: the provider's own address, where its certificate is."""
        super().__init__(ledger)
        self._signer = signer
        self._base = base

    def content_of(self, event: Document) -> Document:
        content: Document = event["event"]
        return content

    def signed(self, endpoint: Document, body: bytes) -> Mapping[str, str]:
        transmission, time = str(uuid.uuid4()), written(self._ledger.now())
        return {
            "PAYPAL-TRANSMISSION-ID": transmission,
            "PAYPAL-TRANSMISSION-TIME": time,
            "PAYPAL-TRANSMISSION-SIG": self._signer.sign(transmission, time, endpoint["id"], body),
            "PAYPAL-CERT-URL": f"{self._base}{CERTIFICATE_PATH}",
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
        }
