"""Slots for outbound calls: limits in all and for each tenant at each target, and single probes of a target
that does not respond.

A call without an answer holds its slot until its timeout. Without a limit for each pair of tenant and target,
a tenant whose target does not respond would soon hold every slot, and the calls of all other tenants would
wait, and so would its own calls to other targets.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from kernel.scheduling.due import TARGET

MAX_TIMEOUTS = 10
"""Timeouts in a row after which a tenant's target counts as unresponsive, and is only probed."""
PROBE_INTERVAL_SECONDS = 5.0
"""Between two calls to an unresponsive target."""


class Pair(NamedTuple):
    """A tenant, and the system to which its calls go. They are counted together, since one tenant's account
    at a system may be silent while another's is not."""

    tenant: str
    target: str

    @classmethod
    def of(cls, tenant: str, payload: Mapping[str, Any]) -> Pair:
        """Of a timer with this payload; calls without a target are one target's."""
        return cls(tenant, payload.get(TARGET, ""))


class Slots:
    def __init__(
        self, max_concurrent: int, max_per_pair: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_concurrent = max_concurrent
        self._max_per_pair = max_per_pair
        self._clock = clock
        self._busy: Counter[Pair] = Counter()
        self._timeouts: Counter[Pair] = Counter()
        """Calls in a row without an answer."""
        self._next_probe: defaultdict[Pair, float] = defaultdict(float)

    @property
    def free(self) -> int:
        return self._max_concurrent - self._busy.total()

    def room(self, pair: Pair) -> int:
        """How many more of its calls may start now."""
        if self.is_unresponsive(pair):
            may_probe = not self._busy[pair] and self._clock() >= self._next_probe[pair]
            return min(self.free, int(may_probe))
        return min(self.free, self._max_per_pair - self._busy[pair])

    def busy(self, pair: Pair) -> int:
        return self._busy[pair]

    def pairs(self) -> set[Pair]:
        """All whose room may be less than ``max_per_pair``."""
        return self._busy.keys() | self._timeouts.keys()

    def is_unresponsive(self, pair: Pair) -> bool:
        return self._timeouts[pair] >= MAX_TIMEOUTS

    def start(self, pair: Pair) -> None:
        self._busy[pair] += 1
        self._next_probe[pair] = self._clock() + PROBE_INTERVAL_SECONDS

    def end(self, pair: Pair, answered: bool | None) -> None:
        """``answered``: False after a timeout, None if no call was made."""
        self._busy[pair] -= 1
        if not self._busy[pair]:
            del self._busy[pair]
        if answered:
            self._timeouts.pop(pair, None)
            self._next_probe.pop(pair, None)
        elif answered is False:
            self._timeouts[pair] += 1
