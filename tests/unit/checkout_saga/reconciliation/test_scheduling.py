"""Each account that money was authorized at is reconciled again and again, once a day over a longer time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import orjson

from checkout_saga.payments.accounts.domain import account_id
from checkout_saga.reconciliation.domain.index_keys import UNDER_WAY
from checkout_saga.reconciliation.domain.run import Counts
from checkout_saga.reconciliation.scheduling import Schedule
from checkout_saga.reconciliation.use_cases.running import (
    COMPARE,
    RECONCILE,
    SETTLED_AFTER,
    Progress,
    end_step,
    find_run,
    resume_run,
    start_due_run,
)
from contracts import payment, reconciliation
from kernel.store.changes import Changes, LogRow
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given
from tests.unit.checkout_saga.reconciliation.accounts import ACCOUNT

EVERY = timedelta(minutes=15)


def row(kind: str, tenant: str = "demo") -> LogRow:
    body = orjson.dumps({"gateway": "simulated"})
    ids = uuid4(), 1, uuid4(), "fact", tenant, "checkout.events", uuid4(), kind, 1, body
    return LogRow(*ids, "correlation", "cause", "actor", None, NOW, None)


def scheduled(schedule: Schedule, kind: str = payment.Authorized.TYPE) -> list[UUID]:
    """The accounts whose timers a commit sets."""
    changes = Changes(rows=[row(kind)])
    schedule.before_commit(changes, NOW)
    schedule.after_commit(changes)
    assert all(it and it.due_at == NOW + EVERY for it in changes.timers.values())
    return [subject for subject, kind in changes.timers if kind == RECONCILE]


def test_the_first_authorization_of_a_process_sets_the_account_s_timer() -> None:
    schedule = Schedule(EVERY)
    assert scheduled(schedule, payment.Captured.TYPE) == []
    assert scheduled(schedule) == [account_id("demo", "simulated")]
    assert scheduled(schedule) == []


def test_a_timer_that_is_set_when_the_process_starts_stays_as_it_is() -> None:
    schedule = Schedule(EVERY, [account_id("demo", "simulated")])
    assert scheduled(schedule) == []


def test_a_timer_of_a_commit_that_failed_is_set_by_the_next_one() -> None:
    schedule, failed = Schedule(EVERY), Changes(rows=[row(payment.Authorized.TYPE)])
    schedule.before_commit(failed, NOW)
    assert scheduled(schedule) == [account_id("demo", "simulated")]


async def due(long_on: str | None, work: UnitOfWork) -> None:
    await start_due_run(ACCOUNT, "simulated", long_on, EVERY, work)


def started(story: Scenario) -> reconciliation.Started:
    (found,) = story.work.facts
    assert isinstance(found, reconciliation.Started)
    return found


def test_the_first_run_of_a_day_looks_back_further_than_the_others() -> None:
    today = NOW.date().isoformat()
    until = NOW - SETTLED_AFTER
    story = given().when(due, None)
    assert (started(story).since, started(story).until) == (until - timedelta(days=35), until)
    payload = {"gateway": "simulated", "long_on": today}
    story.then_timer(RECONCILE, ACCOUNT, NOW + EVERY, payload)
    later = given().when(due, today)
    assert started(later).since == until - timedelta(hours=48)


def test_a_run_is_left_out_while_another_is_under_way() -> None:
    story = given().claimed(UNDER_WAY, str(ACCOUNT), UUID(int=1)).when(due, None).then_nothing()
    story.then_timer(RECONCILE, ACCOUNT, NOW + EVERY, {"gateway": "simulated", "long_on": None})


def test_a_run_goes_on_until_its_window_is_over_and_frees_the_account() -> None:
    story = given().when(due, NOW.date().isoformat())
    run = started(story)

    async def end(counts: Counts, work: UnitOfWork) -> None:
        done = run.since + timedelta(hours=24 * counts.theirs)
        await end_step(run.originator_id, Progress(done, timedelta(hours=24), counts), work)

    story.when(end, Counts(theirs=1)).then_nothing()
    story.then_timer(COMPARE, run.originator_id, NOW)
    story.when(end, Counts(theirs=2)).then_no_timer(COMPARE, run.originator_id)
    (completed,) = story.work.facts
    assert isinstance(completed, reconciliation.Completed) and completed.theirs == 2
    story.then_holds(UNDER_WAY, str(ACCOUNT), None)


def test_a_run_whose_facts_were_recovered_begins_again() -> None:
    story = given().when(due, NOW.date().isoformat())
    run = started(story)

    async def resume(run_id: UUID, work: UnitOfWork) -> None:
        await resume_run(await find_run(run_id, work), work)

    again = given(run).when(resume, run.originator_id)
    again.then_timer(COMPARE, run.originator_id, NOW)
    again.then_holds(UNDER_WAY, str(ACCOUNT), run.originator_id)


def test_what_a_step_has_come_to_survives_in_its_timer() -> None:
    progress = Progress(NOW, timedelta(hours=3), Counts(1, 2, 3, 4, 5), tries=6)
    stored = orjson.loads(orjson.dumps(progress.payload()))
    assert Progress.of(stored) == progress
