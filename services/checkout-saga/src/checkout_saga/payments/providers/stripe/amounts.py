"""Amounts as Stripe counts them: mostly our minor units, with the provider's own exceptions."""

from __future__ import annotations

HUNDREDTH = {"MGA"}
"""Without minor units at Stripe, with two digits here."""
HUNDREDFOLD = {"ISK", "UGX"}
"""Without minor units here, with two digits at Stripe."""
THREE_DIGITS = {"BHD", "JOD", "KWD", "OMR", "TND"}
"""Stripe takes no amounts whose last digit is not 0."""


class AmountNotPossible(ValueError):
    """Stripe cannot charge exactly this amount."""


def to_stripe(amount: int, currency: str) -> int:
    """Exactly the same money. Raises ``AmountNotPossible``."""
    code = currency.upper()
    if code in HUNDREDFOLD:
        return amount * 100
    if (code in HUNDREDTH and amount % 100) or (code in THREE_DIGITS and amount % 10):
        raise AmountNotPossible(f"An amount of {amount} {code} cannot be charged exactly.")
    return amount // 100 if code in HUNDREDTH else amount


def from_stripe(amount: int | None, currency: str | None) -> int | None:
    """In our minor units; None if it is not a whole number of them, or nothing is said."""
    code = (currency or "").upper()
    if amount is None:
        return None
    if code in HUNDREDFOLD:
        return amount // 100 if amount % 100 == 0 else None
    return amount * 100 if code in HUNDREDTH else amount
