"""How long carts and locks last, and what an order may amount to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction

from pricing.money import minor_units


@dataclass(frozen=True, slots=True)
class Policy:
    """Amounts are hundredths of the unit of whatever currency the cart has."""

    lifetime: timedelta = timedelta(hours=72)
    lock_lifetime: timedelta = timedelta(minutes=30)
    min_order_amount: int = 0
    max_order_amount: int = 10_000_000
    own_limits: Mapping[tuple[str, str], tuple[int | None, int | None]] = field(default_factory=dict)
    """Least and most by tenant and currency, in minor units; None: as for all."""

    def order_limits(self, tenant: str, currency: str) -> tuple[Fraction, Fraction]:
        """The least and the most that an order may amount to, in minor units of the currency."""
        least, most = self.own_limits.get((tenant, currency), (None, None))
        return (
            minor_units(self.min_order_amount, currency) if least is None else Fraction(least),
            minor_units(self.max_order_amount, currency) if most is None else Fraction(most),
        )
