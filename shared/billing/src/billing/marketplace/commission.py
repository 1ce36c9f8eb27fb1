"""What a marketplace keeps of a vendor's line. All amounts are minor units of one currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pricing.rounding import Mode, divide

WHOLE = 10_000
"""Basis points."""


@dataclass(frozen=True, slots=True)
class CommissionTerms:
    """``bps``: hundredths of a percent, 0 to 10,000. ``fixed``: for each unit, by currency."""

    bps: int
    fixed: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.bps <= WHOLE or any(it < 0 for it in self.fixed.values()):
            raise ValueError("a commission is 0 to 10,000 basis points and no negative amount")


@dataclass(frozen=True, slots=True)
class Override:
    """Other terms for one product, or for a category."""

    terms: CommissionTerms
    product_id: str | None = None
    category: str | None = None


def terms_for(
    product_id: str,
    category: str | None,
    overrides: Sequence[Override],
    vendor: CommissionTerms | None,
    default: CommissionTerms,
) -> CommissionTerms:
    """Those of the product, else of its category, else of the vendor, else of the tenant."""
    for it in overrides:
        if it.product_id is not None and it.product_id == product_id:
            return it.terms
    for it in overrides:
        if it.product_id is None and it.category is not None and it.category == category:
            return it.terms
    return vendor or default


def commission_on(base: int, terms: CommissionTerms, quantity: int, currency: str, mode: Mode) -> int:
    """
    Rounded once for the line, at most its base.

    ``base``: the line after its discount and without tax, with what of the discount the platform bears.
    """
    share = divide(base * terms.bps, WHOLE, mode)
    return min(base, share + terms.fixed.get(currency, 0) * quantity)
