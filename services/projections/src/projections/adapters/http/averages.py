"""What one of many costs on average."""

from __future__ import annotations

from kernel.http.requests import Money


def average(amount: int, pieces: int, currency: str) -> Money | None:
    """Rounded half up to the minor unit; None of nothing."""
    if pieces <= 0:
        return None
    return Money(amount=(2 * amount + pieces) // (2 * pieces), currency=currency)
