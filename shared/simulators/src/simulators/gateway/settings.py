"""What the simulated gateway can be told from outside."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kernel.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    gateway_secret: Annotated[str, Field(min_length=16, max_length=256, repr=False)]
    """Shared with the one client that may move money here."""
    gateway_down_seconds: float = Field(default=30.0, ge=0, le=3600)
    """For how long ``tok_down`` is down, counted from its first call."""
    gateway_silence_seconds: float = Field(default=60.0, gt=0, le=3600)
    """For how long a call that is never answered is held open at most."""
