"""The settings of the offer service."""

from __future__ import annotations

from datetime import timedelta

from kernel.service.settings import Positive, ServiceSettings


class OfferSettings(ServiceSettings):
    reservation_minutes: Positive = 30.0
    """Time until a reservation of stock expires."""

    @property
    def hold_for(self) -> timedelta:
        return timedelta(minutes=self.reservation_minutes)
