"""Slots for outbound calls: limits in all and for each tenant, and single probes of an unresponsive provider.

A call without an answer holds its slot until its timeout. Without a limit for each tenant, a tenant whose
provider does not respond would soon hold every slot, and the calls of all other tenants would wait.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable

MAX_TIMEOUTS = 10
"""Timeouts in a row after which a tenant's provider counts as unresponsive, and is only probed."""
PROBE_INTERVAL_SECONDS = 5.0
"""Between two calls to an unresponsive provider."""


class Slots:
    def __init__(
        self, max_concurrent: int, max_per_tenant: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_concurrent = max_concurrent
        self._max_per_tenant = max_per_tenant
        self._clock = clock
        self._busy: Counter[str] = Counter()
        self._timeouts: Counter[str] = Counter()
        """Calls in a row without an answer, by tenant."""
        self._next_probe: defaultdict[str, float] = defaultdict(float)

    @property
    def free(self) -> int:
        return self._max_concurrent - self._busy.total()

    def room(self, tenant: str) -> int:
        """How many more calls of this tenant may start now."""
        if self.is_unresponsive(tenant):
            may_probe = not self._busy[tenant] and self._clock() >= self._next_probe[tenant]
            return min(self.free, int(may_probe))
        return min(self.free, self._max_per_tenant - self._busy[tenant])

    def busy(self, tenant: str) -> int:
        return self._busy[tenant]

    def tenants(self) -> set[str]:
        """All tenants whose room may be less than ``max_per_tenant``."""
        return self._busy.keys() | self._timeouts.keys()

    def is_unresponsive(self, tenant: str) -> bool:
        """Whether the tenant's provider is."""
        return self._timeouts[tenant] >= MAX_TIMEOUTS

    def start(self, tenant: str) -> None:
        self._busy[tenant] += 1
        self._next_probe[tenant] = self._clock() + PROBE_INTERVAL_SECONDS

    def end(self, tenant: str, answered: bool | None) -> None:
        """``answered``: False after a timeout, None if no call was made."""
        self._busy[tenant] -= 1
        if not self._busy[tenant]:
            del self._busy[tenant]
        if answered:
            self._timeouts.pop(tenant, None)
            self._next_probe.pop(tenant, None)
        elif answered is False:
            self._timeouts[tenant] += 1
