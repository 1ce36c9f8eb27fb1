"""The health of checkouts over all tenants, in numbers only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from checkout_saga.checkout.blocked_checkouts import BlockedCheckouts
from checkout_saga.checkout.domain.index_keys import MOVED_DEADLINE, OPEN_CHECKOUT
from checkout_saga.orders.use_cases.index_keys import REFUND_NEEDING_ATTENTION
from checkout_saga.settings import CheckoutSettings
from kernel.observability.health import Heartbeats
from kernel.postgres.connections import is_outage
from kernel.store.clock import database_now
from kernel.store.event_store import EventStore
from kernel.store.sort_keys import time_key, time_of

HEALTHY, DEGRADED, UNHEALTHY = "healthy", "degraded", "unhealthy"
"""Degraded: customers can buy, but some checkouts or refunds need an operator."""
COUNT = f"""
    SELECT count(*) FILTER (WHERE o.kind = $1) AS open, min(o.value) FILTER (WHERE o.kind = $1) AS oldest,
           count(*) FILTER (WHERE o.kind = $1 AND coalesce(d.value < $5, o.value < $2)) AS stuck,
           count(*) FILTER (WHERE o.kind = $1 AND coalesce(d.value < $6, o.value < $3)) AS unlocked,
           count(*) FILTER (WHERE o.kind = $4) AS refunds
    FROM claims o LEFT JOIN claims d
        ON o.kind = $1 AND d.kind = '{MOVED_DEADLINE}' AND d.tenant = o.tenant AND d.holder = o.holder
    WHERE o.kind IN ($1, $4)
"""  # noqa: S608  # a constant
"""By the age of a checkout or, where its deadline has been moved, by the deadline: what waits for a payment
of days is neither stuck nor without a lock."""


class CheckoutHealth:
    def __init__(self, store: EventStore, settings: CheckoutSettings, heartbeats: Heartbeats) -> None:
        self._pool = store.pool
        self._heartbeats = heartbeats
        self._stuck_after = timedelta(minutes=settings.stuck_after_minutes)
        self._lock_time = timedelta(minutes=settings.lock_minutes)
        self._session_time = settings.session_time
        self._blocked_after = timedelta(seconds=settings.blocked_after_seconds)
        self._blocked = BlockedCheckouts(store, self._blocked_after, self._stuck_after)

    async def report(self) -> dict[str, Any]:
        """The response of GET /health/checkout."""
        try:
            now = await database_now(self._pool)
            ages = self._stuck_after, self._lock_time
            since = [time_key(now - age) for age in ages]
            moved_to = [time_key(now - (age - self._session_time)) for age in ages]
            row = await self._pool.fetchrow(
                COUNT, OPEN_CHECKOUT, *since, REFUND_NEEDING_ATTENTION, *moved_to, timeout=3
            )
            blocked = await self._blocked.count(now)
        except Exception as error:
            if not is_outage(error):
                raise
            row = None
        if row is None:
            return _report(
                None, {"database": _check(1, "The database does not answer."), "loops": self._loops()}
            )
        checks = {
            "expired_locks": _check(
                row["unlocked"], f"Checkouts have been open for longer than {self._lock_time}."
            ),
            "stuck_checkouts": _check(
                row["stuck"], f"Checkouts have been open for longer than {self._stuck_after}."
            ),
            "stuck_refunds": _check(
                row["refunds"], "The gateway has refused, not answered or paid twice.", DEGRADED
            ),
            "blocked_checkouts": _check(
                blocked,
                f"No reply of cart or offer for {self._blocked_after}: look for parked records.",
                DEGRADED,
            ),
            "database": _check(0, ""),
            "loops": self._loops(),
        }
        oldest = None if row["oldest"] is None else (now - time_of(row["oldest"])).total_seconds()
        return _report(now, checks) | {"open": {"count": row["open"], "oldest_seconds": oldest}}

    def _loops(self) -> dict[str, Any]:
        """The loops of the answering process."""
        stale = self._heartbeats.stale()
        return _check(len(stale), f"Loops without a heartbeat: {', '.join(stale)}.")


def _check(count: int, message: str, status: str = UNHEALTHY) -> dict[str, Any]:
    return {
        "status": status if count else HEALTHY,
        "count": count,
        "message": message if count else "none",
    }


def _report(now: datetime | None, checks: dict[str, Any]) -> dict[str, Any]:
    statuses = {it["status"] for it in checks.values()}
    status = next((it for it in (UNHEALTHY, DEGRADED) if it in statuses), HEALTHY)
    return {"status": status, "checks": checks, "timestamp": now}
