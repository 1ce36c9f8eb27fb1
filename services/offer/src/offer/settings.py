"""The settings of the offer service."""

from __future__ import annotations

from datetime import timedelta

from kernel.service.settings import Positive, ServiceSettings


class OfferSettings(ServiceSettings):
    reservation_minutes: Positive = 30.0
    """Time until a reservation of stock expires."""
    as_priced_minutes: Positive = 5.0
    """For how long after a cart was priced its price is confirmed by the windows and dynamic rules of that
    moment; later by those of now."""

    @property
    def hold_for(self) -> timedelta:
        return timedelta(minutes=self.reservation_minutes)

    @property
    def as_priced_for(self) -> timedelta:
        return timedelta(minutes=self.as_priced_minutes)
