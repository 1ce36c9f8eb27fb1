"""The settings of the simulated gateway."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kernel.service.settings import ServiceSettings, UpToAnHour, WebUrl


class GatewaySettings(ServiceSettings):
    gateway_secret: Annotated[str, Field(min_length=16, max_length=256, repr=False)]
    """Bearer token of the client."""
    gateway_page_url: WebUrl | None = None
    """Where the browsers of customers reach the gateway's pages; None: on this host, at its port."""
    gateway_down_seconds: Annotated[float, Field(ge=0, le=3600)] = 30.0
    """Seconds from the first call of a checkout with ``tok_down`` until it is answered."""
    gateway_silence_seconds: UpToAnHour = 60.0
    """Maximum seconds for which an unanswered call is held open."""

    @property
    def pages(self) -> str:
        return self.gateway_page_url or f"http://127.0.0.1:{self.port}"
