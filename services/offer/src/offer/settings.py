"""The settings of the offer service."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from kernel.service.settings import ServiceSettings


class OfferSettings(ServiceSettings):
    reservation_minutes: Annotated[float, Field(gt=0)] = 30.0
    """Time until a reservation of stock expires."""

    @property
    def hold_for(self) -> timedelta:
        return timedelta(minutes=self.reservation_minutes)
