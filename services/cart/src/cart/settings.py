"""What can be configured about carts."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from cart.application.policy import Policy
from kernel.settings import ServiceSettings

Positive = Annotated[float, Field(gt=0)]
Amount = Annotated[int, Field(ge=0)]


class CartSettings(ServiceSettings):
    cart_lifetime_hours: Positive = 72.0
    cart_lock_minutes: Positive = 30.0
    """Longer than a checkout may take."""
    cart_min_order_amount: Amount = 0
    cart_max_order_amount: Amount = 10_000_000
    catalogue_patience_seconds: Annotated[float, Field(ge=0, le=5)] = 0.3
    """How long something that was only just made is waited for."""

    @property
    def policy(self) -> Policy:
        return Policy(
            lifetime=timedelta(hours=self.cart_lifetime_hours),
            lock_lifetime=timedelta(minutes=self.cart_lock_minutes),
            min_order_amount=self.cart_min_order_amount,
            max_order_amount=self.cart_max_order_amount,
        )
