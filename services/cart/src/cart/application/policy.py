"""How long carts and locks last, and what an order may amount to."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """Amounts are minor units of whatever currency the cart has."""

    lifetime: timedelta = timedelta(hours=72)
    lock_lifetime: timedelta = timedelta(minutes=30)
    min_order_amount: int = 0
    max_order_amount: int = 10_000_000
