"""Stripe's signature: HMAC-SHA256 over the time and the raw body, in the header ``Stripe-Signature``."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from checkout_saga.webhooks.signatures.tolerance import SHORT, is_near

HEADER = "stripe-signature"
SCHEME = "v1"
MOST = 10
"""Signatures of one header that are compared: Stripe sends one for each secret."""


def fits(header: str, body: bytes, secrets: Sequence[str], now: datetime) -> bool:
    """``secrets``: two while one replaces the other. The time counts in both directions."""
    parts = [it.strip().partition("=")[::2] for it in header.split(",")]
    times = [value for name, value in parts if name == "t"]
    given = [value for name, value in parts if name == SCHEME][:MOST]
    time = times[0] if len(times) == 1 else ""
    found = False
    for secret in secrets:
        expected = hmac.new(secret.encode(), time.encode() + b"." + body, sha256).hexdigest()
        for signature in given:
            found |= hmac.compare_digest(expected.encode(), signature.encode())
    return found and is_near(time, now, SHORT)
