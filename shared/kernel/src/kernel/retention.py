"""Forget what nothing needs any more, by the database's clock, in small transactions beside the traffic.

What is kept for ever, and why, is told in ``docs/how-to/what-is-kept.md``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from kernel import advisory_locks
from kernel.database import is_outage
from kernel.faults import failpoints
from kernel.health import Heartbeats
from kernel.metrics import FORGOTTEN
from kernel.service_pool import ServicePool

LOG = structlog.get_logger()
BEAT = "retention"
LOOK = 5.0
"""Seconds between two beats while nothing is to be done."""
AT_ONCE = 5_000
TURN = f"SELECT pg_try_advisory_xact_lock({advisory_locks.RETENTION})"
"""One replica at a time; the lock ends with the transaction, and with a session that is lost."""

SMALLEST_UUID7 = """
    rpad(
        lpad(to_hex((1000 * extract(epoch FROM feira_now() - $1::interval))::bigint), 12, '0'), 32, '0'
    )::uuid
"""
"""Every UUIDv7 that was made before sorts before it."""

FORGET_ANSWERS = """
    WITH old AS (
        SELECT tenant, route, key FROM idempotency WHERE recorded_at < feira_now() - $1::interval
        LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM idempotency i USING old WHERE (i.tenant, i.route, i.key) = (old.tenant, old.route, old.key)
"""
FORGET_COMMANDS = f"""
    WITH old AS (
        SELECT grp, stream_id FROM consumer_seen
        WHERE grp = '{{}}' AND stream_id < {SMALLEST_UUID7} AND uuid_extract_version(stream_id) = 7
        LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM consumer_seen s USING old WHERE (s.grp, s.stream_id) = (old.grp, old.stream_id)
"""  # noqa: S608  # constants


@dataclass(frozen=True, slots=True)
class Rule:
    what: str
    keep: timedelta
    forget: str
    """$1: for how long it is kept; $2: how many rows go at most."""


def answers(keep: timedelta) -> Rule:
    """What repetitions of a request are told: afterwards the same key is a new request."""
    return Rule("answers", keep, FORGET_ANSWERS)


def commands(group: str, keep: timedelta) -> Rule:
    """That a group which reads commands alone has taken them. A command is a stream of its own, and its
    receiver answers it again by what it asks for, however late it comes once more. Facts are different:
    their versions are the only guard against a second one, and are kept for ever."""
    return Rule(f"commands of {group}", keep, FORGET_COMMANDS.format(group))


class Retention:
    def __init__(
        self, pool: ServicePool, rules: Sequence[Rule], every: float, heartbeats: Heartbeats
    ) -> None:
        """``every``: seconds between two rounds."""
        self._pool = pool
        self._rules = rules
        self._every = every
        self._heartbeats = heartbeats
        heartbeats.register(BEAT)

    async def run(self) -> None:
        self._heartbeats.started(BEAT)
        next_round = time.monotonic() + min(self._every, LOOK)
        while True:
            self._heartbeats.beat(BEAT)
            await asyncio.sleep(min(LOOK, max(0.0, next_round - time.monotonic())))
            if time.monotonic() >= next_round:
                await self.round()
                next_round = time.monotonic() + self._every

    async def round(self) -> None:
        """All that is old enough now; what one rule cannot do keeps no other from its work."""
        for rule in self._rules:
            forgotten = 0
            try:
                while batch := await self._batch(rule):
                    forgotten += batch
                    self._heartbeats.beat(BEAT)
                    if batch < AT_ONCE:
                        break
            except Exception as trouble:
                if is_outage(trouble):
                    LOG.warning("retention_interrupted", what=rule.what, error=repr(trouble))
                else:
                    LOG.exception("retention_failed", what=rule.what)
            if forgotten:
                LOG.info("forgotten", what=rule.what, rows=forgotten, kept_for=str(rule.keep))

    # failpoint: 2 calls
    async def _batch(self, rule: Rule) -> int:
        """How many have gone; 0 also where another replica is at it."""
        async with self._pool.acquire() as connection:
            async with connection.transaction():
                if not await connection.fetchval(TURN):
                    return 0
                done = await connection.execute(rule.forget, rule.keep, AT_ONCE)
                failpoints.active and await failpoints.hit("retention.before_commit")
            failpoints.active and await failpoints.hit("retention.after_commit")
        rows = int(done.rpartition(" ")[2])
        FORGOTTEN.labels(rule.what).inc(rows)
        return rows
