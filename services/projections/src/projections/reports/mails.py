"""The mails of reports: queued once a period, taken by a worker under a lease, ended once.

A mail may come twice: where a worker dies, or the server's answer is lost, after the server has taken it. It
is sent again with the same Message-ID, so that it can be recognised. ``attempts`` fences: a worker that has
lost its mail without noticing may neither send nor end it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from kernel import ids
from kernel.postgres.retention import Rule
from kernel.postgres.service_pool import ServicePool
from kernel.store.clock import database_now
from projections.reports.schedule import Schedule

LEASE = timedelta(seconds=90)
MAX_ATTEMPTS = 5
FIRST_PAUSE = timedelta(minutes=1)
"""Before the second attempt; each further one is twice as long."""
AT_ONCE = 200
DUE = f"""
    SELECT tenant, subscription_id, every, weekday, month_day, hour, time_zone
    FROM report_subscription
    WHERE state = 'active' AND next_at <= $1
    ORDER BY next_at LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED
"""  # noqa: S608  # a constant
QUEUE = """
    INSERT INTO report_mail (tenant, mail_id, subscription_id, period, try_at, queued_at)
    SELECT tenant, mail_id, subscription_id, period, feira_now(), feira_now()
    FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::date[])
        AS due (tenant, mail_id, subscription_id, period)
    ON CONFLICT DO NOTHING
"""
PUT_FORWARD = """
    UPDATE report_subscription s SET next_at = due.next_at
    FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS due (tenant, subscription_id, next_at)
    WHERE (s.tenant, s.subscription_id) = (due.tenant, due.subscription_id)
"""
TAKE = """
    UPDATE report_mail m
    SET state = 'sending', attempts = m.attempts + 1, leased_until = now() + $1::interval
    FROM report_subscription s JOIN saved_question q USING (tenant, saved_id)
    WHERE (m.tenant, m.mail_id) = (
        SELECT tenant, mail_id FROM report_mail
        WHERE (state = 'queued' AND try_at <= feira_now()) OR (state = 'sending' AND leased_until < now())
        ORDER BY try_at, mail_id LIMIT 1 FOR UPDATE SKIP LOCKED)
      AND (s.tenant, s.subscription_id) = (m.tenant, m.subscription_id)
    RETURNING m.tenant, m.mail_id, m.attempts, m.period, s.owner, s.owner_id, s.address, s.every, s.time_zone,
              s.state AS subscription_state, q.name, q.question, q.parameters
"""
FENCE = "(tenant, mail_id, attempts) = ($1, $2, $3) AND state = 'sending'"
HOLD = f"UPDATE report_mail SET leased_until = now() + $4::interval WHERE {FENCE} RETURNING true"  # noqa: S608
RETRY = f"""
    UPDATE report_mail
    SET state = 'queued', leased_until = NULL, reason = $4, try_at = feira_now() + $5::interval
    WHERE {FENCE} RETURNING true
"""  # noqa: S608  # constants
END = f"""
    UPDATE report_mail SET state = $4, reason = $5, leased_until = NULL, ended_at = feira_now()
    WHERE {FENCE} RETURNING true
"""  # noqa: S608  # constants
DELETE_OLD = """
    DELETE FROM report_mail WHERE (tenant, mail_id) IN (
        SELECT tenant, mail_id FROM report_mail
        WHERE state IN ('sent', 'failed') AND ended_at < feira_now() - $1::interval LIMIT $2)
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that this worker holds, and what it is about."""

    tenant: str
    mail_id: UUID
    attempts: int
    period: date | None
    owner: str
    owner_id: UUID
    address: str
    """Encrypted."""
    every: str
    time_zone: str
    subscription_state: str
    name: str
    question: str
    parameters: dict[str, str]

    @property
    def fence(self) -> tuple[str, UUID, int]:
        return self.tenant, self.mail_id, self.attempts


def schedule_of(row: Any) -> Schedule:
    return Schedule(row["every"], row["weekday"], row["month_day"], row["hour"], row["time_zone"])


# failpoint: none needed (report), 3 calls
async def queue_due(pool: ServicePool) -> None:
    """Queue a mail for each subscription that is due. Of periods that were missed while no worker ran, only
    the last one is sent."""
    now = await database_now(pool)
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(DUE, now)
        if not rows:
            return
        tenants, subscriptions = [it["tenant"] for it in rows], [it["subscription_id"] for it in rows]
        schedules = [schedule_of(it) for it in rows]
        periods = [it.last_until(now).period for it in schedules]
        await connection.execute(QUEUE, tenants, [ids.new_id() for _ in rows], subscriptions, periods)
        next_at = [it.next_after(now).moment for it in schedules]
        await connection.execute(PUT_FORWARD, tenants, subscriptions, next_at)


# failpoint: none needed (report)
async def take(pool: ServicePool) -> Taken | None:
    """The mail that has waited for longest, or whose worker is gone; None if there is none."""
    row = await pool.fetchrow(TAKE, LEASE)
    return Taken(**row) if row else None


# failpoint: none needed (report)
async def hold(pool: ServicePool, mail: Taken) -> bool:
    """Renew the lease; false if another worker has the mail."""
    return bool(await pool.fetchval(HOLD, *mail.fence, LEASE))


# failpoint: none needed (report)
async def retry(pool: ServicePool, mail: Taken, reason: str) -> bool:
    pause = FIRST_PAUSE * 2 ** (mail.attempts - 1)
    return bool(await pool.fetchval(RETRY, *mail.fence, reason, pause))


# failpoint: none needed (report)
async def end(pool: ServicePool, mail: Taken, state: str, reason: str | None = None) -> bool:
    """False, and nothing is changed, if another worker has the mail."""
    return bool(await pool.fetchval(END, *mail.fence, state, reason))


def ended_mails(keep: timedelta) -> Rule:
    return Rule("mails of reports", keep, DELETE_OLD)
