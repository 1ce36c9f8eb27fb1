"""Begin a run, at its time or when a person asks for it, and end it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self
from uuid import UUID

from checkout_saga.payments.domain.operation import Unknown
from checkout_saga.reconciliation.domain.errors import (
    ReconciliationNotFound,
    ReconciliationUnderWay,
)
from checkout_saga.reconciliation.domain.index_keys import (
    FAILED,
    OPEN,
    RECONCILIATION,
    UNDER_WAY,
    failed_key,
    run_key,
)
from checkout_saga.reconciliation.domain.run import LONG, SHORT, Counts, Reconciliation
from kernel import ids
from kernel.unit_of_work import UnitOfWork

RECONCILE = "reconcile"
"""The kind of the timer that begins the next run of an account; its subject is the account."""
COMPARE = "reconciliation"
"""The kind of the timer of a run's calls; its subject is the run."""
SETTLED_AFTER = timedelta(minutes=10)
"""What is younger may be a call that is under way."""
TRIES = 8
"""So often one slice is asked for."""
FIRST_SLICE = timedelta(hours=6)


class Progress(NamedTuple):
    """Where a run stands: what its next call compares, and what the calls before have come to."""

    since: datetime
    length: timedelta
    counts: Counts = Counts()
    tries: int = 0

    @classmethod
    def of(cls, payload: Any) -> Self:
        return cls(
            datetime.fromisoformat(payload["since"]),
            timedelta(seconds=payload["seconds"]),
            Counts(*payload["counts"]),
            payload["tries"],
        )

    def payload(self) -> dict[str, Any]:
        return {
            "since": self.since.isoformat(),
            "seconds": self.length.total_seconds(),
            "counts": list(self.counts),
            "tries": self.tries,
        }


async def start_run(
    account: UUID, gateway: str, since: datetime, until: datetime, work: UnitOfWork
) -> Reconciliation:
    """One run at a time compares an account. Raises ``ReconciliationUnderWay``."""
    run_id = ids.new_id()
    if await work.try_claim_key(UNDER_WAY, str(account), run_id) is not None:
        raise ReconciliationUnderWay("The account is being reconciled already.")
    run = work.create(Reconciliation, run_id)
    run.start(account, gateway, since, until)
    work.claim_key(RECONCILIATION, run_key(work.now, run_id), run_id)
    go_on(run, Progress(since, FIRST_SLICE), work.now, work)
    return run


async def start_due_run(
    account: UUID, gateway: str, long_on: str | None, every: timedelta, work: UnitOfWork
) -> None:
    """The run whose time has come, once a day over the longer window, and the timer of the next one. It is
    left out while another is under way. ``long_on``: the day of the last long one."""
    today = work.now.date().isoformat()
    if await work.owner_of_key(UNDER_WAY, str(account)) is None:
        until = work.now - SETTLED_AFTER
        await start_run(account, gateway, until - (SHORT if long_on == today else LONG), until, work)
        long_on = today
    work.set_timer(RECONCILE, account, work.now + every, {"gateway": gateway, "long_on": long_on})


def go_on(run: Reconciliation, progress: Progress, due_at: datetime, work: UnitOfWork) -> None:
    work.set_timer(COMPARE, run.id, due_at, progress.payload(), target=run.gateway)


async def find_run(run_id: UUID, work: UnitOfWork) -> Reconciliation:
    """Raises ``ReconciliationNotFound``."""
    run = await work.open(Reconciliation, run_id)
    if not run.exists:
        raise ReconciliationNotFound("There is no such reconciliation.")
    return run


async def end_step(run_id: UUID, progress: Progress, work: UnitOfWork) -> None:
    """A slice has been compared: go on with the next one, or end the run."""
    run = await work.open(Reconciliation, run_id)
    if progress.since < run.until:
        go_on(run, progress, work.now, work)
        return
    await _end(run, progress.counts, None, work)


async def fail_step(
    run_id: UUID, progress: Progress, outcome: Unknown, due_at: datetime, work: UnitOfWork
) -> None:
    """The slice could not be compared: it is tried again, but not for ever, for the account may be closed to
    us. The next run begins anew."""
    run = await work.open(Reconciliation, run_id)
    if progress.tries < TRIES:
        go_on(run, progress, due_at, work)
    else:
        await _end(run, progress.counts, outcome.detail, work)


async def _end(run: Reconciliation, counts: Counts, failure: str | None, work: UnitOfWork) -> None:
    """A failure calls an operator, until a run of the account ends without one."""
    if run.completed_at is None:
        await _note_failure(run, failure, work)
    run.complete(counts, failure)
    work.cancel_timer(COMPARE, run.id)
    work.release_key(UNDER_WAY, str(run.account_id))


async def _note_failure(run: Reconciliation, failure: str | None, work: UnitOfWork) -> None:
    """One run at a time ends for an account, so its key is not claimed twice."""
    keys = await work.keys_with_prefix(FAILED, f"{OPEN}/")
    noted = [it for it in keys if it.endswith(f"/{run.account_id}")]
    if failure is None:
        for it in noted:
            work.release_key(FAILED, it)
    elif not noted:
        work.claim_key(FAILED, failed_key(work.now, run.account_id), run.id)


async def resume_run(run: Reconciliation, work: UnitOfWork) -> None:
    """After its facts have been recovered: what was repaired before is found repaired."""
    work.claim_key(RECONCILIATION, run_key(run.started_at, run.id), run.id)
    if run.completed_at is None:
        work.claim_key(UNDER_WAY, str(run.account_id), run.id)
        go_on(run, Progress(run.since, FIRST_SLICE), work.now, work)
