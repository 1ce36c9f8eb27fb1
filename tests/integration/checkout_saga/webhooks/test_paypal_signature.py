"""Which messages count as signed by PayPal: with certificates and deliveries of the simulated one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography import x509

from checkout_saga.webhooks.authenticity import Authenticity
from checkout_saga.webhooks.ports import WebhookAccount
from checkout_saga.webhooks.signatures.paypal_certificates import (
    Certificates,
    NotTrusted,
    Unavailable,
    roots_of,
)
from simulators.paypal.certificates import CERTIFICATE_PATH, Signer
from simulators.provider.ledger import Ledger
from tests.support.paypal import RunningPayPal, running_paypal

BODY = json.dumps({"id": "WH-1", "event_type": "PAYMENT.CAPTURE.COMPLETED"}).encode()
ACCOUNTS = [
    WebhookAccount(UUID(int=1), "one", webhook_id="WEBHOOK-1"),
    WebhookAccount(UUID(int=2), "two", webhook_id="WEBHOOK-2"),
    WebhookAccount(UUID(int=3), "three"),
]


@dataclass
class Provider:
    paypal: RunningPayPal
    signer: Signer
    now: datetime

    def certificates(self) -> Certificates:
        return Certificates(self.roots, self.paypal.url, lambda: self.now)

    def roots(self) -> list[x509.Certificate]:
        return [x509.load_pem_x509_certificate(self.signer.root.encode())]

    def signed(self, body: bytes = BODY, webhook: str = "WEBHOOK-2", hours: float = 0.0) -> dict[str, str]:
        time = (self.now - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "paypal-auth-algo": "SHA256withRSA",
            "paypal-transmission-id": "t-1",
            "paypal-transmission-time": time,
            "paypal-transmission-sig": self.signer.sign("t-1", time, webhook, body),
            "paypal-cert-url": f"{self.paypal.url}{CERTIFICATE_PATH}",
        }

    async def tenant(self, headers: dict[str, str], body: bytes = BODY) -> str | None:
        found = await Authenticity(self.certificates()).account_of(
            "paypal", headers, body, ACCOUNTS, self.now
        )
        return found.tenant if found else None


@pytest.fixture(scope="module")
async def provider(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Provider]:
    path = tmp_path_factory.mktemp("paypal") / "ledger"
    async with running_paypal(path) as paypal:
        yield Provider(paypal, Signer(Ledger(path)), datetime.now(UTC))


async def test_the_account_whose_webhook_was_signed_is_found(provider: Provider) -> None:
    assert await provider.tenant(provider.signed()) == "two"
    assert await provider.tenant(provider.signed(webhook="WEBHOOK-1")) == "one"
    assert await provider.tenant(provider.signed(webhook="WEBHOOK-9")) is None


async def test_another_body_and_another_header_do_not_fit(provider: Provider) -> None:
    assert await provider.tenant(provider.signed(), BODY + b" ") is None
    for name in provider.signed():
        for other in ("", "AAAA", "2026-01-01T00:00:00Z"):
            assert await provider.tenant(provider.signed() | {name: other}) is None, name


@pytest.mark.parametrize(("hours", "tenant"), [(72.9, "two"), (73.1, None), (-73.1, None)])
async def test_a_delivery_counts_for_73_hours(hours: float, tenant: str | None, provider: Provider) -> None:
    assert await provider.tenant(provider.signed(hours=hours)) == tenant


@pytest.mark.parametrize(
    "url",
    [
        "https://api.paypal.com.attacker.example/v1/notifications/certs/CERT-1",
        "https://attacker.example/v1/notifications/certs/CERT-1",
        "http://api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com@attacker.example/v1/notifications/certs/CERT-1",
        "https://api.paypal.com:444/v1/notifications/certs/CERT-1",
        "https://api.paypal.com/v1/notifications/certs/../../other",
        "https://api.paypal.com/v1/other",
        "https://api.paypal.com/v1/notifications/certs/CERT-1?to=elsewhere",
        "file:///v1/notifications/certs/CERT-1",
    ],
)
async def test_certificates_are_fetched_from_paypal_alone(url: str, provider: Provider) -> None:
    with pytest.raises(NotTrusted):
        await provider.certificates().key(url)


async def test_a_certificate_under_another_root_is_not_trusted(provider: Provider) -> None:
    certificates = Certificates(roots_of(""), provider.paypal.url)
    with pytest.raises(NotTrusted):
        await certificates.key(f"{provider.paypal.url}{CERTIFICATE_PATH}")


async def test_an_expired_certificate_is_not_trusted(provider: Provider) -> None:
    later = Provider(provider.paypal, provider.signer, provider.now + timedelta(days=31))
    assert await later.tenant(later.signed()) is None


async def test_a_certificate_is_kept_for_an_hour_and_a_failure_to_fetch_it_is_no_wrong_signature(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger"
    async with running_paypal(path) as paypal:
        times = [datetime.now(UTC)]
        roots = [x509.load_pem_x509_certificate(Signer(Ledger(path)).root.encode())]
        certificates = Certificates(lambda: roots, paypal.url, lambda: times[0])
        url = f"{paypal.url}{CERTIFICATE_PATH}"
        key = await certificates.key(url)
        await paypal.kill()
        times[0] += timedelta(minutes=59)
        assert await certificates.key(url) == key
        times[0] += timedelta(minutes=2)
        with pytest.raises(Unavailable):
            await certificates.key(url)
