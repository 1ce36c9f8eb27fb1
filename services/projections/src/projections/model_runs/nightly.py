"""When the runs of a night are due: at a time of the day in UTC, which a tenant may have of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from kernel.postgres.service_pool import ServicePool
from kernel.store.clock import database_now
from projections.model_runs import queue


@dataclass(frozen=True, slots=True)
class Times:
    """``of_tenants``: those that differ."""

    usual: time
    of_tenants: dict[str, time]

    def of(self, tenant: str) -> time:
        return self.of_tenants.get(tenant, self.usual)

    def last_due(self, now: datetime) -> datetime:
        """The latest moment, not after now, at which runs of any tenant were due."""
        times = {self.usual, *self.of_tenants.values()}
        days = (now.date(), now.date() - timedelta(days=1))
        moments = (datetime.combine(day, it, UTC) for day in days for it in times)
        return max(it for it in moments if it <= now)

    def night_of(self, tenant: str, now: datetime) -> date:
        """The day whose run is the latest that is due."""
        return now.date() if now.time() >= self.of(tenant) else now.date() - timedelta(days=1)


def parse_times(text: str) -> Times:
    """``02:00``, or ``02:00,demo=03:30``. Raises ``ValueError``."""
    usual, *others = text.split(",")
    pairs = [it.partition("=") for it in others]
    if any(not (name and value) for name, _, value in pairs):
        raise ValueError("must look like 02:00 or 02:00,tenant=03:30")
    return Times(_time(usual), {name: _time(value) for name, _, value in pairs})


def _time(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  # a time of the day, without a zone
    except ValueError:
        raise ValueError("must look like 02:00 or 02:00,tenant=03:30") from None


class Nights:
    """Queues the runs of each night once. The unique index ``one_run_of_a_night`` ensures that, also after a
    crash and with several workers; this object avoids asking the database at every poll."""

    def __init__(self, pool: ServicePool, times: Times) -> None:
        self._pool = pool
        self._times = times
        self._asked_at: datetime | None = None

    # failpoint: none needed (model-run)
    async def queue_due(self) -> None:
        """Also a night that was missed while no worker ran; only the last one, as the next answers the
        same."""
        now = (await database_now(self._pool)).astimezone(UTC)
        due = self._times.last_due(now)
        if due == self._asked_at:
            return
        async with self._pool.acquire() as connection, connection.transaction():
            tenants = [row["tenant"] for row in await connection.fetch(queue.TENANTS)]
            for night, some in _by_night(self._times, tenants, now).items():
                await queue.ask(connection, some, queue.NIGHTLY, night)
        self._asked_at = due


def _by_night(times: Times, tenants: list[str], now: datetime) -> dict[date, list[str]]:
    nights: dict[date, Any] = {}
    for tenant in tenants:
        nights.setdefault(times.night_of(tenant, now), []).append(tenant)
    return nights
