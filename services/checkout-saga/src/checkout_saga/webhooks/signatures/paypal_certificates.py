"""The certificates with which PayPal signs: fetched from PayPal alone, checked, and kept for an hour."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import certifi
import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

PATH = "/v1/notifications/certs/"
HOSTS = {
    "api.paypal.com": "messageverificationcerts.paypal.com",
    "api.sandbox.paypal.com": "messageverificationcerts.sandbox.paypal.com",
}
"""Where certificates are fetched from, and the names that they are issued to."""
SIMULATED_NAME = "messageverificationcerts.paypal.com"
KEPT = timedelta(hours=1)
MOST_KEPT = 20
SECONDS = 3.0
MAX_BYTES = 100_000


class NotTrusted(Exception):
    """No certificate of PayPal is at this address."""


class Unavailable(Exception):
    """The certificate was not to be had now: the delivery is to be repeated."""


class _Kept(NamedTuple):
    key: RSAPublicKey
    until: datetime


def roots_of(ca_file: str) -> Callable[[], list[x509.Certificate]]:
    """The certificate authorities in a file, in PEM; empty: those that Mozilla trusts."""
    return lambda: x509.load_pem_x509_certificates(Path(ca_file or certifi.where()).read_bytes())


def utc_now() -> datetime:
    return datetime.now(UTC)


class Certificates:
    """``roots``: what chains end in, read when it is first needed; ``origin``: of a simulator, trusted beside
    PayPal's own hosts."""

    def __init__(
        self,
        roots: Callable[[], list[x509.Certificate]],
        origin: str | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._roots = roots
        self._origin = origin
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    async def key(self, url: str) -> RSAPublicKey:
        """Raises ``NotTrusted`` or ``Unavailable``."""
        name = self._name_of(url)
        kept, now = self._kept.get(url), self._clock()
        if kept and now < kept.until:
            return kept.key
        key = self._checked(await self._fetched(url), name, now)
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[url] = _Kept(key, now + KEPT)
        return key

    def _name_of(self, url: str) -> str:
        """The name that the certificate at this address is issued to."""
        parts = urlsplit(url)
        if not parts.path.startswith(PATH) or ".." in parts.path or parts.query or parts.fragment:
            raise NotTrusted(url)
        if f"{parts.scheme}://{parts.netloc}" == self._origin:
            return SIMULATED_NAME
        if parts.scheme != "https" or parts.netloc not in HOSTS:
            raise NotTrusted(url)
        return HOSTS[parts.netloc]

    # failpoint: none needed (asked-again)
    async def _fetched(self, url: str) -> bytes:
        """Redirects are not followed: they would lead away from the hosts that are trusted."""
        try:
            async with asyncio.timeout(SECONDS), httpx.AsyncClient(trust_env=False) as client:
                answer = await client.get(url, follow_redirects=False)
        except (httpx.HTTPError, TimeoutError) as error:
            raise Unavailable(type(error).__name__) from None
        if answer.status_code >= 500:
            raise Unavailable(str(answer.status_code))
        if answer.status_code != 200 or len(answer.content) > MAX_BYTES:
            raise NotTrusted(url)
        return answer.content

    def _checked(self, content: bytes, name: str, now: datetime) -> RSAPublicKey:
        try:
            leaf, *others = x509.load_pem_x509_certificates(content)
            policy = (
                PolicyBuilder()
                .store(Store(self._roots()))
                .time(now)
                .build_server_verifier(x509.DNSName(name))
            )
            policy.verify(leaf, others)
        except (ValueError, VerificationError):
            raise NotTrusted(name) from None
        key = leaf.public_key()
        if not isinstance(key, RSAPublicKey):
            raise NotTrusted(name)
        return key
