"""Average amounts of money."""

from __future__ import annotations

from kernel.http.requests import Money


def average(amount: int, count: int, currency: str) -> Money | None:
    """``amount / count``, rounded half up to the minor unit; None if ``count`` is 0."""
    if count <= 0:
        return None
    return Money(amount=(2 * amount + count) // (2 * count), currency=currency)
