"""What can be configured about the catalogue and its stock."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from kernel.settings import ServiceSettings


class OfferSettings(ServiceSettings):
    reservation_minutes: Annotated[float, Field(gt=0)] = 30.0
    """How long units are held for a checkout that does not come back."""

    @property
    def hold_for(self) -> timedelta:
        return timedelta(minutes=self.reservation_minutes)
