"""The customer, as far as prices and promotions depend on it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Customer:
    """``paid_orders`` is None if it is not known how many there are; conditions on it do not hold then."""

    customer_id: str | None = None
    segments: frozenset[str] = frozenset()
    paid_orders: int | None = None

    @property
    def is_known(self) -> bool:
        return self.customer_id is not None or bool(self.segments) or self.paid_orders is not None


UNKNOWN_CUSTOMER = Customer()
