"""The limit of guessing discount codes: refused ones are counted in the database, by cart and by address, so
that replicas and restarts agree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from cart.carts.refused_requests import BAD_CODE, RefusedRequests
from kernel.http.problems import rate_limited
from kernel.limits.rate_limits import Rate
from kernel.observability.metrics.http import RATE_LIMITED
from kernel.postgres.retention import Rule
from kernel.postgres.service_pool import ServicePool
from kernel.security.pseudonyms import pseudonym

BLOCKED_FOR = timedelta(minutes=15)

COUNT = """
    INSERT INTO refused_codes AS known (tenant, key, refused_at, kept_until)
    SELECT $1, key, ARRAY[feira_now()], feira_now() + $4::interval FROM unnest($2::uuid[]) AS counted (key)
    ON CONFLICT (tenant, key) DO UPDATE SET (refused_at, blocked_until, kept_until) = (
        SELECT CASE WHEN count(*) < $3::integer THEN array_agg(at) ELSE '{}' END,
            CASE WHEN count(*) >= $3::integer THEN feira_now() + $5::interval END,
            feira_now() + greatest($4::interval, $5::interval)
        FROM (
            SELECT feira_now() AS at
            UNION ALL
            SELECT at FROM unnest(known.refused_at) AS at WHERE at > feira_now() - $4::interval
        ) AS recent
    )
    WHERE known.blocked_until IS NULL OR known.blocked_until <= feira_now()
    RETURNING true
"""
"""$3 refused codes within $4 block a key for $5; then it is counted anew. A blocked key counts no more, and
has no row here."""
WAIT = """
    SELECT max(blocked_until) - feira_now() FROM refused_codes
    WHERE tenant = $1 AND key = ANY($2::uuid[]) AND blocked_until > feira_now()
"""
DELETE_OLD = """
    WITH old AS (
        SELECT tenant, key FROM refused_codes WHERE kept_until < feira_now() - $1::interval
        LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM refused_codes r USING old WHERE (r.tenant, r.key) = (old.tenant, old.key)
"""
OLD_REFUSALS = Rule("refused codes", timedelta(0), DELETE_OLD)
"""Retention: a row whose time is over is the same as none."""


class RefusedCodes:
    """``rate``: None for no limit. ``secret`` makes pseudonyms of the addresses."""

    def __init__(self, pool: ServicePool, rate: Rate | None, secret: bytes) -> None:
        self._pool = pool
        self._rate = rate
        self._secret = secret

    async def check(self, tenant: str, cart_id: UUID, address: str | None) -> None:
        """Raises a ``Problem`` with the time to wait, while the cart or the address may try no code."""
        if self._rate is None:
            return
        wait = await self._pool.fetchval(WAIT, tenant, self._keys(tenant, cart_id, address))
        if wait is not None:
            RATE_LIMITED.labels("codes").inc()
            detail = "Too many codes were refused for this cart or this address."
            raise rate_limited(wait.total_seconds(), detail)

    # failpoint: none needed (counted)
    async def count(self, tenant: str, cart_id: UUID, address: str | None) -> None:
        """A code was refused. Raises a ``Problem`` if others have used up the limit meanwhile."""
        if self._rate is None:
            return
        keys = self._keys(tenant, cart_id, address)
        window = timedelta(seconds=self._rate.seconds)
        counted = await self._pool.fetch(COUNT, tenant, keys, self._rate.times, window, BLOCKED_FOR)
        if len(counted) < len(keys):
            await self.check(tenant, cart_id, address)

    def _keys(self, tenant: str, cart_id: UUID, address: str | None) -> Sequence[UUID]:
        """In one order, in which their rows are locked."""
        names = [f"cart\0{cart_id}", *([f"address\0{address}"] if address else [])]
        return sorted(pseudonym(self._secret, tenant, f"refused codes\0{it}") for it in names)


class Guess:
    """The code that one request tries. Its unit of work may run again after a conflict: a refusal counts
    once, and is still the answer where it was the last one that the limit allows."""

    def __init__(
        self,
        codes: RefusedCodes,
        requests: RefusedRequests,
        tenant: str,
        cart_id: UUID,
        address: str | None,
    ) -> None:
        self._codes = codes
        self._requests = requests
        self._guesser = tenant, cart_id, address
        self._is_counted = False

    async def check(self) -> None:
        if not self._is_counted:
            await self._codes.check(*self._guesser)

    async def count(self) -> None:
        if not self._is_counted:
            await self._codes.count(*self._guesser)
            tenant, _, address = self._guesser
            if address:
                await self._requests.note(tenant, address, BAD_CODE)
            self._is_counted = True
