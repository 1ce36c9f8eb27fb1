"""Settings of the rate limits of requests."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_settings import BaseSettings

from kernel.limits.rate_limits import OFF, rate_of
from kernel.limits.request_rates import Rates, RequestRates


def _rate(text: str) -> str:
    rate_of(text)
    return text


Rate = Annotated[str, AfterValidator(_rate)]
"""Such as 3000/60: so many in so many seconds; or off."""


class TenantRates(BaseModel):
    """An absent rate is the general one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_key: Rate | None = None
    per_tenant: Rate | None = None


class RateSettings(BaseSettings):
    rate_per_key: Rate = OFF
    """Requests of each API key that this process takes."""
    rate_per_tenant: Rate = OFF
    """The same for all keys of a tenant together."""
    tenant_rates: dict[str, TenantRates] = {}
    """By tenant: in place of these two."""

    def request_rates(self) -> RequestRates:
        """New counters for these rates."""
        return RequestRates(
            Rates(rate_of(self.rate_per_key), rate_of(self.rate_per_tenant)),
            {tenant: self._rates_of(its_rates) for tenant, its_rates in self.tenant_rates.items()},
        )

    def _rates_of(self, tenant: TenantRates) -> Rates:
        return Rates(
            rate_of(tenant.per_key or self.rate_per_key), rate_of(tenant.per_tenant or self.rate_per_tenant)
        )
