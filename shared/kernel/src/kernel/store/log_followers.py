"""One loop for all the tables of a service that follow its log: it looks at what is new in the log with one
statement, and only where a table may change by it begins a transaction.

A table is at most a second behind the facts that change it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import structlog

from kernel import waiting
from kernel.messaging.transient import is_transient
from kernel.observability.health import Heartbeats
from kernel.postgres.service_pool import ServicePool
from kernel.service.runtime import run_forever
from kernel.store.log_follower import PAGE_SIZE, LogFollower

LOG = structlog.get_logger()
BEAT = "log followers"
POLL_SECONDS = 0.6
MAX_ROWS_BEHIND = 10_000
"""The place of a table that nothing changes moves after so many rows: a restarted process begins there."""
END_OF_LOG = "SELECT coalesce(max(position), 0) FROM log"
NEWS = """
    SELECT max(position) AS position, count(*) AS rows, array_agg(DISTINCT type) AS types
    FROM (SELECT position, type FROM log WHERE position > $1 ORDER BY position LIMIT $2) AS page
"""


class LogFollowers:
    def __init__(self, followers: Collection[LogFollower], pool: ServicePool, heartbeats: Heartbeats) -> None:
        self._followers = followers
        self._pool = pool
        self._heartbeats = heartbeats
        self._looked_to: int | None = None
        self._due: set[LogFollower] = set()
        """Those whose tables the log may change, up to the position that was looked to."""
        self._behind: Counter[LogFollower] = Counter()
        """Rows looked at since the follower was due."""
        heartbeats.register(BEAT)

    def start_again(self) -> None:
        """The log may have been brought back to an earlier moment, and the places with it."""
        self._looked_to = None

    async def run(self) -> None:
        """Follow the log until cancelled. A page whose transaction fails is tried again."""
        self._heartbeats.started(BEAT)
        await run_forever(
            self.follow,
            pause=lambda: waiting.jitter(POLL_SECONDS / 2, POLL_SECONDS),
            beat=lambda: self._heartbeats.beat(BEAT),
            on_error=_log_defect,
        )

    async def follow(self) -> bool:
        """At most one page for each follower. True if there may be more."""
        has_more = await self._look()
        for follower in tuple(self._due):
            rows = await follower.follow_next_page()
            if rows == PAGE_SIZE:
                has_more = True
            elif rows is not None:
                self._due.remove(follower)
        return has_more

    async def _look(self) -> bool:
        async with self._pool.acquire() as connection:
            if self._looked_to is None:
                self._looked_to = await connection.fetchval(END_OF_LOG)
                self._due.update(self._followers)
                return False
            page: Any = await connection.fetchrow(NEWS, self._looked_to, PAGE_SIZE)
        if page["rows"]:
            self._looked_to = page["position"]
            for follower in self._followers:
                self._behind[follower] += page["rows"]
                if self._behind[follower] >= MAX_ROWS_BEHIND or not follower.types.isdisjoint(page["types"]):
                    self._due.add(follower)
                    self._behind[follower] = 0
        return bool(page["rows"] == PAGE_SIZE)


def _log_defect(error: Exception) -> None:
    if not is_transient(error):
        LOG.exception("log_not_followed")
