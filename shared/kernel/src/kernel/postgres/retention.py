"""Retention: delete rows that nothing needs any more, by the database's clock, in small transactions.

``docs/how-to/what-is-kept.md`` says what is kept for ever, and why.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from kernel.faults import failpoints
from kernel.observability.health import Heartbeats
from kernel.observability.metrics.runtime import FORGOTTEN
from kernel.postgres import advisory_locks
from kernel.postgres.connections import is_outage
from kernel.postgres.service_pool import ServicePool

LOG = structlog.get_logger()
BEAT = "retention"
BEAT_SECONDS = 5.0
"""Between two heartbeats while there is nothing to do."""
MAX_ROWS = 5_000
"""Of one transaction."""
TRY_LOCK = f"SELECT pg_try_advisory_xact_lock({advisory_locks.RETENTION})"
"""One replica at a time; the lock ends with the transaction, or with a lost connection."""

MIN_UUID7 = """
    rpad(lpad(to_hex((1000 * extract(epoch FROM {} - $1::interval))::bigint), 12, '0'), 32, '0')::uuid
"""
"""SQL for the smallest UUIDv7 of the time $1 before {}: every older one sorts before it."""
OLD_COMMAND_ID = MIN_UUID7.format("now()")
"""By the machine's time, like the ids: a repetition comes as late as the broker delivers it, however far the
clock has been moved."""

DELETE_RESPONSES = """
    WITH old AS (
        SELECT tenant, route, key FROM idempotency
        WHERE recorded_at < feira_now() - $1::interval AND route <> ALL($3::text[])
          AND (body IS NOT NULL OR status IS NULL)
        LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM idempotency i USING old WHERE (i.tenant, i.route, i.key) = (old.tenant, old.route, old.key)
"""
DELETE_BODIES = """
    WITH old AS (
        SELECT tenant, route, key FROM idempotency
        WHERE recorded_at < feira_now() - $1::interval AND route = ANY($3::text[])
          AND (body IS NOT NULL OR status IS NULL) AND status < 400
        LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    UPDATE idempotency i SET body = NULL, etag = NULL
    FROM old WHERE (i.tenant, i.route, i.key) = (old.tenant, old.route, old.key)
"""
KEEP_BODIES = timedelta(days=90)
DELETE_SEEN_COMMANDS = f"""
    WITH old AS (
        SELECT grp, stream_id FROM consumer_seen
        WHERE grp = '{{}}' AND stream_id < {OLD_COMMAND_ID} AND uuid_extract_version(stream_id) = 7
        LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM consumer_seen s USING old WHERE (s.grp, s.stream_id) = (old.grp, old.stream_id)
"""  # noqa: S608  # constants
DELETE_REPLACED_SNAPSHOTS = """
    WITH old AS (
        SELECT s.stream_id, s.fold FROM snapshots s JOIN snapshots later USING (stream_id)
        WHERE later.fold <> s.fold AND later.taken_at > s.taken_at AND later.taken_at < now() - $1::interval
        LIMIT $2 FOR UPDATE OF s SKIP LOCKED
    )
    DELETE FROM snapshots s USING old WHERE (s.stream_id, s.fold) = (old.stream_id, old.fold)
"""
KEEP_REPLACED_SNAPSHOTS = timedelta(days=1)
"""So long a deployment with other code may still be taken back."""


@dataclass(frozen=True, slots=True)
class Rule:
    what: str
    keep: timedelta
    delete: str
    """A DELETE, or an UPDATE that empties columns; $1: for how long they are kept; $2: the largest number of
    rows; $3 and so on: ``values``."""
    values: tuple[object, ...] = ()


def responses(keep: timedelta, but_for: Collection[str] = ()) -> Rule:
    """Stored responses: afterwards a request with the same idempotency key is a new one. ``but_for``: routes
    whose keys are kept for ever."""
    return Rule("answers", keep, DELETE_RESPONSES, (sorted(but_for),))


def bodies(routes: Collection[str]) -> Rule:
    """The bodies of stored responses of these routes; the key stays, and a repetition gets the present state.
    A refusal is kept as it is: it is small, and has no state to be shown."""
    return Rule("bodies of answers", KEEP_BODIES, DELETE_BODIES, (sorted(routes),))


def snapshots() -> Rule:
    """Snapshots of earlier code, once there is one of later code; the others are replaced in their place."""
    return Rule("replaced snapshots", KEEP_REPLACED_SNAPSHOTS, DELETE_REPLACED_SNAPSHOTS)


def commands(group: str, keep: timedelta) -> Rule:
    """The deduplication rows of a group that consumes commands alone. Each command is a stream of its own,
    and its receiver answers a repeated one in the same way, however late it comes. Facts are different: their
    versions are the only guard against handling one twice, and are kept for ever."""
    return Rule(f"commands of {group}", keep, DELETE_SEEN_COMMANDS.format(group))


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
        next_round = time.monotonic() + min(self._every, BEAT_SECONDS)
        while True:
            self._heartbeats.beat(BEAT)
            await asyncio.sleep(min(BEAT_SECONDS, max(0.0, next_round - time.monotonic())))
            if time.monotonic() >= next_round:
                await self.round()
                next_round = time.monotonic() + self._every

    async def round(self) -> None:
        """Delete everything that is old enough now; a rule that fails does not stop the others."""
        for rule in self._rules:
            deleted = 0
            try:
                while batch := await self._batch(rule):
                    deleted += batch
                    self._heartbeats.beat(BEAT)
                    if batch < MAX_ROWS:
                        break
            except Exception as error:
                if is_outage(error):
                    LOG.warning("retention_interrupted", what=rule.what, error=repr(error))
                else:
                    LOG.exception("retention_failed", what=rule.what)
            if deleted:
                LOG.info("rows_deleted", what=rule.what, rows=deleted, kept_for=str(rule.keep))

    # failpoint: 2 calls
    async def _batch(self, rule: Rule) -> int:
        """The number of deleted rows; 0 also while another replica holds the lock."""
        async with self._pool.acquire() as connection:
            async with connection.transaction():
                if not await connection.fetchval(TRY_LOCK):
                    return 0
                status = await connection.execute(rule.delete, rule.keep, MAX_ROWS, *rule.values)
                failpoints.active and await failpoints.hit("retention.before_commit")
            failpoints.active and await failpoints.hit("retention.after_commit")
        rows = int(status.rpartition(" ")[2])
        FORGOTTEN.labels(rule.what).inc(rows)
        return rows
