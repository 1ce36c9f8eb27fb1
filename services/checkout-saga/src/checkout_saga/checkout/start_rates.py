"""The rate limit of starting checkouts: counted in the database, so that replicas and restarts agree.

The generic cell rate algorithm (ITU-T I.371). Five in a minute are five at once, or one every 12 seconds: in
any W seconds at most 5 + floor(W / 12) are admitted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from checkout_saga.customers.vault import Vault
from contracts.roles import STOREFRONT
from kernel.http.auth import Principal
from kernel.http.problems import rate_limited
from kernel.limits.rate_limits import Rate
from kernel.observability.metrics.http import RATE_LIMITED
from kernel.postgres.retention import Rule
from kernel.postgres.service_pool import ServicePool

MICROSECOND = timedelta(microseconds=1)

COUNT = """
    INSERT INTO checkout_rates AS known (tenant, key, tat) VALUES ($1, $2, feira_now() + $3::interval)
    ON CONFLICT (tenant, key) DO UPDATE SET tat = greatest(known.tat, feira_now()) + $3::interval
    WHERE greatest(known.tat, feira_now()) - feira_now() <= $4::interval
    RETURNING true
"""
"""$3: from one checkout to the next at a steady pace; $4: how early one may come. No row: it is refused, and
nothing has changed."""
WAIT = "SELECT tat - $3::interval - feira_now() FROM checkout_rates WHERE (tenant, key) = ($1, $2)"
"""A statement of its own: in the other one, what a concurrent request has just changed is not visible."""
DELETE_PASSED = """
    WITH passed AS (
        SELECT tenant, key FROM checkout_rates WHERE tat < feira_now() - $1::interval
        LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM checkout_rates r USING passed WHERE (r.tenant, r.key) = (passed.tenant, passed.key)
"""

PASSED_RATES = Rule("checkout rates", timedelta(0), DELETE_PASSED)
"""Retention: a row whose time has passed is the same as none."""


class StartRates:
    """``rate``: None for no limit."""

    def __init__(self, pool: ServicePool, rate: Rate | None, vault: Vault) -> None:
        self._pool = pool
        self._rate = rate
        self._vault = vault

    def admission(
        self, caller: Principal, customer_id: str | None, address: str
    ) -> Callable[[], Awaitable[None]] | None:
        """Counts one checkout of the customer, or of a guest's address. None where nothing is limited: the
        backend of a shop vouches for its requests."""
        if self._rate is None or caller.role != STOREFRONT:
            return None
        who = ("customer", customer_id) if customer_id else ("address", address)
        return partial(self._count, self._rate, caller.tenant, *who)

    def admission_by_link(self, tenant: str, customer_id: str) -> Callable[[], Awaitable[None]] | None:
        """The same for a checkout that is started by a link, whose customer is known."""
        return partial(self._count, self._rate, tenant, "customer", customer_id) if self._rate else None

    # failpoint: none needed (counted)
    async def _count(self, rate: Rate, tenant: str, kind: str, value: str) -> None:
        """Raises a ``Problem`` with the time to wait."""
        key = self._vault.fingerprint(tenant, f"start rate by {kind}", value)
        interval = -(-timedelta(seconds=rate.seconds) // (rate.times * MICROSECOND)) * MICROSECOND
        early = interval * (rate.times - 1)
        if await self._pool.fetchval(COUNT, tenant, key, interval, early):
            return
        wait = await self._pool.fetchval(WAIT, tenant, key, early) or timedelta(0)
        RATE_LIMITED.labels(kind).inc()
        detail = f"Too many checkouts were started for this {kind}; nothing was done."
        raise rate_limited(wait.total_seconds(), detail)
