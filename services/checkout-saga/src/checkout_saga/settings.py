"""What can be configured about checkouts."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from kernel.master_keys import MasterKeys
from kernel.settings import THIRTEEN_MONTHS, Hours, MasterKey, MasterKeysOld, ServiceSettings, WebUrl

Seconds = Annotated[float, Field(gt=0)]


class CheckoutSettings(ServiceSettings):
    master_key: MasterKey
    master_keys_old: MasterKeysOld = ()
    """Others that still open what they have wrapped, until everything is wrapped anew."""
    gateway_url: WebUrl
    gateway_secret: Annotated[str, Field(min_length=16, repr=False)]
    answer_hours: Hours = THIRTEEN_MONTHS * 24
    """Longer than elsewhere: every write here moves money, or leads to it."""
    gateway_timeout_seconds: Seconds = 2.0
    calls: Annotated[int, Field(ge=1, le=1000)] = 64
    """Calls of the gateway that are under way at once in a process."""
    calls_per_tenant: Annotated[int, Field(ge=1, le=1000)] = 16
    """How many of them may be for one tenant."""
    checkout_session_minutes: Annotated[float, Field(gt=0)] = 15.0
    """Shorter than the cart's lock and the stock's reservation by enough to see a capture through."""
    checkout_answer_seconds: Seconds = 2.0
    """How long a new checkout waits for the cart before it answers."""
    stuck_after_minutes: Annotated[float, Field(gt=0)] = 20.0
    blocked_after_seconds: Seconds = 30.0
    """How long cart and offer may take for an answer before somebody should look for parked records."""
    lock_minutes: Annotated[float, Field(gt=0)] = 30.0

    @model_validator(mode="after")
    def _payments_are_asked_for_in_secret(self) -> Self:
        if self.env == "production" and urlsplit(self.gateway_url).scheme != "https":
            raise ValueError("FEIRA_GATEWAY_URL must be https:// in production")
        return self

    @property
    def master_keys(self) -> MasterKeys:
        return MasterKeys(self.master_key, self.master_keys_old)

    @property
    def session_time(self) -> timedelta:
        return timedelta(minutes=self.checkout_session_minutes)
