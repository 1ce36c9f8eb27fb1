"""Rate limits of requests, for each API key and for each tenant.

Counted in the memory of one process: with several replicas a caller may send as many times more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from kernel.limits.rate_limits import Limit, Rate


class Rates(NamedTuple):
    """None: no limit."""

    per_key: Rate | None = None
    per_tenant: Rate | None = None


UNLIMITED = Rates()


class Exceeded(NamedTuple):
    limit: str
    """``key`` or ``tenant``."""
    seconds: float
    """Until the next request is admitted."""


class RequestRates:
    """``by_tenant``: rates of single tenants, in place of ``general``."""

    def __init__(
        self,
        general: Rates = UNLIMITED,
        by_tenant: Mapping[str, Rates] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._general = _limits(general, clock)
        self._by_tenant = {tenant: _limits(rates, clock) for tenant, rates in (by_tenant or {}).items()}

    def count(self, tenant: str, key: str) -> Exceeded | None:
        """Count one request of the tenant's key with this name. A request that exceeds a limit counts in
        none: a caller who does not wait is not refused for longer."""
        limits = self._by_tenant.get(tenant, self._general)
        names = {"key": (tenant, key), "tenant": (tenant,)}
        for of, limit in limits.items():
            if seconds := limit.wait(names[of]):
                return Exceeded(of, seconds)
        for of, limit in limits.items():
            limit.count(names[of])
        return None


def _limits(rates: Rates, clock: Callable[[], float]) -> dict[str, Limit]:
    """What is limited -> its limit; the key's first, which is the narrower one."""
    given = {"key": rates.per_key, "tenant": rates.per_tenant}
    return {of: Limit(rate, clock) for of, rate in given.items() if rate is not None}
