"""When each account is reconciled: from its first authorization on, again and again.

The first authorization that a process commits for an account without a timer sets it in the same
transaction. So every account that money may lie at has one, also after timers were lost; and a process that
starts puts off none that another has set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from checkout_saga.payments.accounts.domain import account_id
from checkout_saga.reconciliation.use_cases.running import RECONCILE, start_due_run
from contracts import payment
from kernel.scheduling.timers import DueTimer, TimerHandler
from kernel.store.changes import Changes, LogRow, Timer
from kernel.unit_of_work import UnitOfWork


class Schedule:
    def __init__(self, every: timedelta, scheduled: Iterable[UUID] = ()) -> None:
        """``scheduled``: the accounts that have their timers already."""
        self._every = every
        self._scheduled = set(scheduled)

    def timers(self) -> Mapping[str, TimerHandler]:
        return {RECONCILE: self._start}

    async def _start(self, timer: DueTimer, work: UnitOfWork) -> None:
        gateway, long_on = timer.payload["gateway"], timer.payload.get("long_on")
        await start_due_run(timer.subject, gateway, long_on, self._every, work)

    def before_commit(self, changes: Changes, now: datetime) -> None:
        for row in changes.rows:
            if row.type == payment.Authorized.TYPE:
                self._schedule(row, changes, now)

    def after_commit(self, changes: Changes) -> None:
        self._scheduled.update(subject for subject, kind in changes.timers if kind == RECONCILE)

    def _schedule(self, row: LogRow, changes: Changes, now: datetime) -> None:
        gateway = orjson.loads(row.body)["gateway"]
        account = account_id(row.tenant, gateway)
        if account in self._scheduled:
            return
        changes.timers[account, RECONCILE] = Timer(
            subject=account,
            kind=RECONCILE,
            tenant=row.tenant,
            due_at=now + self._every,
            payload={"gateway": gateway},
            correlation_id=row.correlation_id,
            causation_id=str(row.message_id),
            traceparent=None,
            occurred_at=None,
        )
