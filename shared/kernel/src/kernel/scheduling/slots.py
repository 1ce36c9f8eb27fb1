"""Room for calls to the outside: so many in all, so many for one tenant, and one for a tenant whose outside
is silent.

A call that is never answered holds its slot until its time is up. So a tenant whose provider is silent would
soon hold every slot, and the calls of all others would wait behind it.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable

SILENT_AFTER = 10
"""Time-outs in a row: from then on only one call at a time asks whether the outside is back."""
ASK_EVERY = 5.0
"""Seconds between the calls of a tenant whose outside is silent."""


class Slots:
    def __init__(self, most: int, most_of_one: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._clock = clock
        self._busy: Counter[str] = Counter()
        self._silences: Counter[str] = Counter()
        """How many calls in a row were not answered."""
        self._ask_at: defaultdict[str, float] = defaultdict(float)

    @property
    def free(self) -> int:
        return self._most - self._busy.total()

    def room(self, tenant: str) -> int:
        """How many more calls of this tenant may begin now."""
        if self.is_silent(tenant):
            may_ask = not self._busy[tenant] and self._clock() >= self._ask_at[tenant]
            return min(self.free, int(may_ask))
        return min(self.free, self._most_of_one - self._busy[tenant])

    def busy(self, tenant: str) -> int:
        return self._busy[tenant]

    def tenants(self) -> set[str]:
        """All but those that simply have their whole share."""
        return self._busy.keys() | self._silences.keys()

    def is_silent(self, tenant: str) -> bool:
        return self._silences[tenant] >= SILENT_AFTER

    def begin(self, tenant: str) -> None:
        self._busy[tenant] += 1
        self._ask_at[tenant] = self._clock() + ASK_EVERY

    def end(self, tenant: str, answered: bool | None) -> None:
        """``answered``: None where the outside was not asked after all."""
        self._busy[tenant] -= 1
        if not self._busy[tenant]:
            del self._busy[tenant]
        if answered:
            self._silences.pop(tenant, None)
            self._ask_at.pop(tenant, None)
        elif answered is False:
            self._silences[tenant] += 1
