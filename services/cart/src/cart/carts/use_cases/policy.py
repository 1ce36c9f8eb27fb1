"""How long carts and locks last, and the limits of an order's total."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from pricing.money import minor_units


@dataclass(frozen=True, slots=True)
class Policy:
    """Amounts are hundredths of the unit of the cart's currency. ``CartSettings`` has the defaults."""

    lifetime: timedelta
    lock_lifetime: timedelta
    abandoned_after: timedelta
    """Without activity for so long, a cart is abandoned."""
    messages_after: tuple[timedelta, ...]
    """From an abandonment to the first, second, ... message: as many in a cart's whole life."""
    min_order_amount: int
    max_order_amount: int
    tenant_limits: Mapping[tuple[str, str], tuple[int | None, int | None]]
    """By tenant and currency, minimum and maximum in minor units; None: the general limit."""

    def order_limits(self, tenant: str, currency: str) -> tuple[Fraction, Fraction]:
        """Minimum and maximum of an order's total, in minor units of the currency."""
        minimum, maximum = self.tenant_limits.get((tenant, currency), (None, None))
        return (
            minor_units(self.min_order_amount, currency) if minimum is None else Fraction(minimum),
            minor_units(self.max_order_amount, currency) if maximum is None else Fraction(maximum),
        )
