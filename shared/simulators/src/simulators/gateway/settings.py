"""The settings of the simulated gateway."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from kernel.service.settings import ServiceSettings, UpToAnHour, WebUrl
from simulators.gateway.fees import Fees

MinorUnits: TypeAlias = Annotated[int, Field(ge=0, le=10**6)]


class GatewaySettings(ServiceSettings):
    gateway_secret: Annotated[str, Field(min_length=16, max_length=256, repr=False)]
    """Bearer token of the client."""
    gateway_page_url: WebUrl | None = None
    """Where the browsers of customers reach the gateway's pages; None: on this host, at its port."""
    gateway_down_seconds: Annotated[float, Field(ge=0, le=3600)] = 30.0
    """Seconds from the first call of a checkout with ``tok_down`` until it is answered."""
    gateway_silence_seconds: UpToAnHour = 60.0
    """Maximum seconds for which an unanswered call is held open."""

    gateway_fee_basis_points: Annotated[int, Field(ge=0, le=10_000)] = 0
    """What the gateway keeps of each captured amount."""
    gateway_fee_fixed: MinorUnits = 0
    """What it keeps of each capture besides, in minor units of its currency."""
    gateway_dispute_fee: MinorUnits = 0
    """What it charges for each dispute."""
    gateway_fee_returned: bool = False
    """Whether a refund gives the part of the refunded amount back that the gateway kept."""

    @property
    def fees(self) -> Fees:
        kept = self.gateway_fee_basis_points, self.gateway_fee_fixed
        return Fees(*kept, self.gateway_dispute_fee, self.gateway_fee_returned)

    @property
    def pages(self) -> str:
        return self.gateway_page_url or f"http://127.0.0.1:{self.port}"
