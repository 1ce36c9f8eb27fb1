"""How far a message's time may be from now: what a third party has recorded cannot be sent again later."""

from __future__ import annotations

from datetime import datetime, timedelta

SHORT = timedelta(seconds=300)
"""Stripe and Standard Webhooks sign each delivery anew."""
LONG = timedelta(hours=73)
"""PayPal repeats deliveries for three days."""


def is_near(seconds: str, now: datetime, tolerance: timedelta) -> bool:
    """``seconds`` since 1970, as the message has them."""
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
        return False
    return abs(now.timestamp() - int(seconds)) <= tolerance.total_seconds()
