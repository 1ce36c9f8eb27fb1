"""PayPal's signature: SHA256withRSA over ``id|time|webhook id|crc32(body)``, with a certificate it serves."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from checkout_saga.webhooks.signatures.tolerance import LONG

ALGORITHM = "SHA256withRSA"


class Transmission(NamedTuple):
    """What the headers of one delivery say of its signature."""

    id: str
    time: str
    certificate_url: str
    signature: bytes


def transmission_of(headers: Mapping[str, str]) -> Transmission | None:
    """``headers`` by their names in lower case. None: the delivery is not signed as PayPal signs."""
    if headers.get("paypal-auth-algo") != ALGORITHM:
        return None
    try:
        signature = base64.b64decode(headers.get("paypal-transmission-sig", ""), validate=True)
    except binascii.Error:
        return None
    names = ("paypal-transmission-id", "paypal-transmission-time", "paypal-cert-url")
    identity, time, url = (headers.get(it, "") for it in names)
    is_whole = identity and time and url and signature
    return Transmission(identity, time, url, signature) if is_whole else None


def is_recent(sent: Transmission, now: datetime) -> bool:
    try:
        time = datetime.fromisoformat(sent.time)
    except ValueError:
        return False
    return time.tzinfo is not None and abs(now - time) <= LONG


def fits(sent: Transmission, body: bytes, webhook_id: str, key: RSAPublicKey) -> bool:
    """``webhook_id``: the account's. The message is public but for it, so no comparison can leak a secret."""
    message = f"{sent.id}|{sent.time}|{webhook_id}|{zlib.crc32(body)}"
    try:
        key.verify(sent.signature, message.encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
