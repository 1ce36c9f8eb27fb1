"""The signature of Standard Webhooks: HMAC-SHA256 over the message's id, its time and the raw body."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from checkout_saga.webhooks.signatures.tolerance import SHORT, is_near

PREFIX = "whsec_"
SCHEME = "v1"
MOST = 10


def fits(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> bool:
    """``headers`` by their names in lower case; ``secrets`` as the specification writes them: base64 behind
    ``whsec_``."""
    message, time = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    listed = headers.get("webhook-signature", "").split(" ")
    given = [value for scheme, _, value in (it.partition(",") for it in listed) if scheme == SCHEME][:MOST]
    signed = f"{message}.{time}.".encode() + body
    found = False
    for secret in secrets:
        expected = base64.b64encode(hmac.new(_key(secret), signed, sha256).digest())
        for signature in given:
            found |= hmac.compare_digest(expected, signature.encode())
    return found and bool(message) and is_near(time, now, SHORT)


def _key(secret: str) -> bytes:
    """A secret that is no base64 is used as it is written."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return secret.encode()
