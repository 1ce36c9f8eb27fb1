"""Dead letters are replayed in order, by the same handlers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts import stock
from contracts.topics import MESSAGES
from kernel.context import Context
from kernel.errors import Conflict
from kernel.messaging.dead_letters.admin import (
    DeadLetterAdmin,
    DeadLetterBlocked,
    DeadLetterNotFound,
    DeadLetterOrphaned,
    DeadLetterResolved,
    ReplayResult,
)
from kernel.messaging.inbound import InboundMessage
from tests.integration.kernel.messaging.group import Group, Recorder
from tests.support.kafka_records import Sent, received_stock, send
from tests.support.running import running
from tests.support.waiting import until

OPERATOR = Context(tenant="demo", correlation_id="c", causation_id="request", actor="ops:ann")
RIVAL = replace(OPERATOR, tenant="rival")
WAITS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%consumer_offset%'
"""


@dataclass
class Defect:
    """The records on which the handler fails; a later deployment empties the set."""

    of: set[tuple[UUID, int]] = field(default_factory=set)

    def __call__(self, it: InboundMessage) -> None:
        if (it.stream_id, it.version) in self.of:
            raise RuntimeError(f"version {it.version} is too much")


class Operator:
    """An operator of one group."""

    def __init__(self, group: Group, *handlers: Recorder) -> None:
        self.group = group
        self.store = group.store
        self.dead_letters = DeadLetterAdmin(group.store, {group.name: handlers})

    async def retry(self, parked_id: int, operator: Context = OPERATOR) -> ReplayResult:
        async with self.store.transaction() as transaction:
            return await self.dead_letters.retry(parked_id, operator, transaction)

    async def discard(self, parked_id: int, operator: Context = OPERATOR) -> ReplayResult:
        async with self.store.transaction() as transaction:
            return await self.dead_letters.discard(parked_id, "a test", operator, transaction)

    async def id(self, place: int = 0, scope: str | None = None) -> int:
        """The id of the dead letter at this position."""
        rows = await self.store.pool.fetch(
            "SELECT parked_id FROM parked WHERE grp = $1 ORDER BY record_offset", scope or self.group.name
        )
        found: int = rows[place]["parked_id"]
        return found

    async def row(self, parked_id: int) -> dict[str, Any]:
        row = await self.store.pool.fetchrow("SELECT * FROM parked WHERE parked_id = $1", parked_id)
        return dict(row or {})

    async def acts(self, parked_id: int) -> list[tuple[str, str, str | None]]:
        rows = await self.store.pool.fetch(
            "SELECT act, actor, reason FROM parked_acts WHERE parked_id = $1 ORDER BY act_id", parked_id
        )
        return [tuple(row) for row in rows]


async def test_a_retried_record_is_handled_before_the_records_that_wait_behind_it(
    group: Group,
) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 2)})
    recorder = group.recorder(before=defect)
    operator = Operator(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, *(received_stock(shelf, version) for version in (1, 2, 3, 4)))
        await group.has_parked(3)
        defect.of.clear()
        await send(group.bootstrap, received_stock(shelf, 5))
        await group.has_parked(4)  # nothing that is live overtakes

        done = await operator.retry(await operator.id())
        await send(group.bootstrap, received_stock(shelf, 6))
        await group.has_done(6)

    assert (done.handled, done.failed, done.waiting) == (4, 0, 0)
    assert done.record.resolution == "handled"
    assert await group.effects() == [(shelf, version) for version in range(1, 7)]
    assert await group.parked() == []
    assert await operator.acts(await operator.id()) == [("retry", "ops:ann", None)]


async def test_a_record_that_fails_again_stays_parked_with_its_new_error_and_its_changes_are_rolled_back(
    group: Group,
) -> None:
    shelf = uuid4()
    recorder = group.recorder(before=Defect({(shelf, 1)}))
    operator = Operator(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), received_stock(shelf, 2))
        await group.has_parked(2)
    await operator.store.pool.execute("UPDATE parked SET error = 'of yesterday'")

    for times in (1, 2):
        done = await operator.retry(await operator.id())
        row = await operator.row(done.record.parked_id)
        assert (done.handled, done.failed, done.waiting) == (0, 1, 1)
        assert (row["attempts"], row["reason"], row["resolved_at"]) == (times, "failed", None)
        assert "too much" in row["error"]
    assert await group.effects() == []
    assert len(await operator.acts(await operator.id())) == 2


async def test_a_later_record_that_fails_becomes_the_head_of_the_queue(group: Group) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 1), (shelf, 3)})
    recorder = group.recorder(before=defect)
    operator = Operator(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, *(received_stock(shelf, version) for version in (1, 2, 3, 4)))
        await group.has_parked(4)
        defect.of.remove((shelf, 1))
        done = await operator.retry(await operator.id())
        assert (done.handled, done.failed, done.waiting) == (2, 1, 2)
        assert done.first_waiting == await operator.id(2)
        assert await group.parked() == [(str(shelf), "failed"), (str(shelf), "behind")]
        defect.of.clear()
        await operator.retry(await operator.id(2))

    assert await group.effects() == [(shelf, version) for version in (1, 2, 3, 4)]


async def test_a_record_behind_another_cannot_be_retried_before_that_one(group: Group) -> None:
    shelf = uuid4()
    recorder = group.recorder(before=Defect({(shelf, 1)}))
    operator = Operator(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), received_stock(shelf, 2))
        await group.has_parked(2)

    with pytest.raises(DeadLetterBlocked) as refused:
        await operator.retry(await operator.id(1))
    assert refused.value.members == {"head": await operator.id()}
    assert await group.effects() == []


async def test_of_concurrent_retries_one_handles_the_record_and_the_others_are_refused(group: Group) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 1)})
    recorder = group.recorder(before=defect)
    operator = Operator(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1))
        await group.has_parked(1)
    defect.of.clear()

    first = await operator.id()
    outcomes = await asyncio.gather(*(operator.retry(first) for _ in range(4)), return_exceptions=True)
    assert sorted(type(it).__name__ for it in outcomes) == [*["DeadLetterResolved"] * 3, "ReplayResult"]
    assert await group.effects() == [(shelf, 1)]


async def test_a_live_record_during_a_retry_is_handled_in_order(
    group: Group,
) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 1)})
    recorder = group.recorder(before=defect)
    operator = Operator(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), received_stock(shelf, 2))
        await group.has_parked(2)
        defect.of.clear()
        async with operator.store.transaction() as transaction:
            await operator.dead_letters.retry(await operator.id(), OPERATOR, transaction)
            await send(group.bootstrap, received_stock(shelf, 3))
            await until(_is_waiting_for_lock(group))
        await group.has_done(3)

    assert await group.effects() == [(shelf, 1), (shelf, 2), (shelf, 3)]
    assert await group.parked() == []


def _is_waiting_for_lock(group: Group) -> Any:
    async def look() -> bool:
        return bool(await group.store.pool.fetchval(WAITS))

    return look


async def test_an_interrupted_retry_changes_nothing(group: Group) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 1)})
    recorder = group.recorder(before=defect)
    operator = Operator(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), received_stock(shelf, 2))
        await group.has_parked(2)
    defect.of.clear()

    with pytest.raises(ConnectionError):
        async with operator.store.transaction() as transaction:
            await operator.dead_letters.retry(await operator.id(), OPERATOR, transaction)
            raise ConnectionError
    assert await group.effects() == []
    assert len(await group.parked()) == 2
    assert (await operator.retry(await operator.id())).handled == 2


async def test_a_discarded_record_is_never_handled_and_the_records_behind_it_are(group: Group) -> None:
    shelf = uuid4()
    recorder = group.recorder(before=Defect({(shelf, 1)}))
    operator = Operator(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, *(received_stock(shelf, version) for version in (1, 2, 3)))
        await group.has_parked(3)

    done = await operator.discard(await operator.id())
    assert (done.record.resolution, done.handled, done.waiting) == ("discarded", 2, 0)
    assert await group.effects() == [(shelf, 2), (shelf, 3)]
    assert await operator.acts(await operator.id()) == [("discard", "ops:ann", "a test")]
    with pytest.raises(DeadLetterResolved):
        await operator.retry(await operator.id())


def forged(shelf: UUID, version: int) -> Sent:
    """A foreign record with a stream's next version, which no handler can handle."""
    return replace(received_stock(shelf, version), value=b'{"sku":1}').with_header(
        "ce_id", str(uuid4()).encode()
    )


@pytest.mark.parametrize("apart", [True, False], ids=["in its own batch", "in the genuine one's batch"])
async def test_a_genuine_record_is_handled_once_the_foreign_one_with_its_version_is_discarded(
    group: Group, apart: bool
) -> None:
    shelf = uuid4()
    recorder = group.recorder()
    operator = Operator(group, recorder)
    genuine = received_stock(shelf, 2)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), forged(shelf, 2))
        if apart:
            await group.has_parked(1)
        await send(group.bootstrap, genuine, genuine, received_stock(shelf, 3))
        await group.has_parked(3)
        assert await group.effects() == [(shelf, 1)]

        done = await operator.discard(await operator.id())
        await send(group.bootstrap, received_stock(shelf, 4), genuine)
        await group.has_done(4)

    assert (done.failed, done.waiting) == (0, 0)
    assert await group.effects() == [(shelf, version) for version in (1, 2, 3, 4)]
    assert await group.parked() == []
    assert await operator.store.pool.fetchval("SELECT count(*) FROM consumer_behind") == 0


async def test_a_genuine_record_that_comes_after_the_foreign_one_was_discarded_is_handled(
    group: Group,
) -> None:
    shelf = uuid4()
    recorder = group.recorder()
    operator = Operator(group, recorder)
    foreign = forged(shelf, 2)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), foreign)
        await group.has_parked(1)
        await operator.discard(await operator.id())
        # delivered again, it is not the other one
        await send(group.bootstrap, foreign, received_stock(shelf, 2), received_stock(shelf, 3))
        await group.has_done(3)

    assert await group.effects() == [(shelf, version) for version in (1, 2, 3)]
    assert await group.parked() == []


async def test_a_foreign_record_that_is_retried_with_success_makes_the_genuine_one_a_repeat(
    group: Group,
) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 2)})
    recorder = group.recorder(before=defect)
    operator = Operator(group, recorder)
    foreign = received_stock(shelf, 2).with_header("ce_id", str(uuid4()).encode())
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), foreign)
        await group.has_parked(1)
        await send(group.bootstrap, received_stock(shelf, 2), received_stock(shelf, 3))
        await group.has_parked(3)
        defect.of.clear()
        await operator.retry(await operator.id())

    assert await group.effects() == [(shelf, version) for version in (1, 2, 3)]
    assert (await operator.row(await operator.id(1)))["resolution"] == "known already"


async def test_only_the_scope_that_failed_on_the_foreign_record_handles_the_genuine_one(
    group: Group,
) -> None:
    shelf = uuid4()
    lenient, strict = Recorder("lenient"), Recorder("strict", before=Defect({(shelf, 2)}))
    operator = Operator(group, lenient, strict)
    foreign = received_stock(shelf, 2).with_header("ce_id", str(uuid4()).encode())
    async with running(group.consumer(lenient, strict).run()):
        await send(group.bootstrap, received_stock(shelf, 1), foreign)
        await group.has_parked(1, "strict")
        strict.before = lambda _: None
        await send(group.bootstrap, received_stock(shelf, 2), received_stock(shelf, 3))
        await group.has_parked(3, "strict")
        await operator.discard(await operator.id(scope="strict"))

    for scope in ("lenient", "strict"):
        assert await group.effects(scope) == [(shelf, version) for version in (1, 2, 3)]


async def test_discarding_a_waiting_record_lets_no_other_pass_the_head(group: Group) -> None:
    shelf = uuid4()
    recorder = group.recorder(before=Defect({(shelf, 1)}))
    operator = Operator(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, *(received_stock(shelf, version) for version in (1, 2, 3)))
        await group.has_parked(3)

    done = await operator.discard(await operator.id(1))
    assert (done.handled, done.waiting) == (0, 2)
    assert await group.effects() == []


@pytest.mark.parametrize("given_up", [False, True], ids=["understood", "discarded"])
async def test_versions_behind_a_fact_of_a_newer_schema_continue_once_it_is_retried_or_discarded(
    group: Group, monkeypatch: pytest.MonkeyPatch, given_up: bool
) -> None:
    shelf = uuid4()
    recorder = group.recorder()
    operator = Operator(group, recorder)
    newer = received_stock(shelf, 2).with_header("ce_dataschema", b"urn:feira:stock.received:2")
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), newer, received_stock(shelf, 3))
        await group.has_parked(2)
        assert await group.parked() == [(str(shelf), "future_version"), (str(shelf), "gap")]
        if given_up:
            await operator.discard(await operator.id())
        else:
            monkeypatch.setattr(stock.Received, "SCHEMA_VERSION", 2)
            monkeypatch.setitem(MESSAGES.upcasters, ("stock.received", 1), lambda it: it)
            await operator.retry(await operator.id())
        await send(group.bootstrap, received_stock(shelf, 4))
        await group.has_done(3 if given_up else 4)

    wanted = [1, 3, 4] if given_up else [1, 2, 3, 4]
    assert await group.effects() == [(shelf, version) for version in wanted]
    assert await group.parked() == []


@pytest.mark.parametrize("tenant", [b"de\0mo", b"\xff"])
async def test_an_invalid_record_is_still_invalid_after_being_stored(group: Group, tenant: bytes) -> None:
    recorder = group.recorder()
    operator = Operator(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(uuid4(), 1).with_header("ce_tenant", tenant))
        await group.has_parked(1)

    done = await operator.retry(await operator.id())
    assert (done.record.reason, done.record.is_open) == ("headers", True)
    assert await group.effects() == []


async def test_each_handler_of_a_consumer_has_a_queue_of_its_own(group: Group) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 2)})
    healthy, sick = Recorder("healthy"), Recorder("sick", before=defect)
    junk = replace(received_stock(shelf, 9), headers=())
    operator = Operator(group, healthy, sick)
    async with running(group.consumer(healthy, sick).run()):
        await send(group.bootstrap, junk, received_stock(shelf, 1), received_stock(shelf, 2))
        await group.has_parked(2, "sick")
        await group.has_parked(1)
        with pytest.raises(DeadLetterBlocked):
            await operator.retry(await operator.id(0, "sick"))
        done = await operator.discard(await operator.id())
        assert (done.handled, done.failed) == (3, 1)
        assert await group.effects("healthy") == [(shelf, 1), (shelf, 2)]
        assert await group.effects("sick") == [(shelf, 1)]
        defect.of.clear()
        await operator.retry(await operator.id(1, "sick"))

    assert await group.effects("sick") == [(shelf, 1), (shelf, 2)]
    assert await group.effects("healthy") == [(shelf, 1), (shelf, 2)]


async def test_a_record_of_a_scope_without_a_consumer_can_only_be_discarded(group: Group) -> None:
    shelf = uuid4()
    recorder = Recorder("of another day", before=Defect({(shelf, 1)}))
    operator = Operator(group)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1))
        await group.has_parked(1, "of another day")

    first = await operator.id(0, "of another day")
    with pytest.raises(DeadLetterOrphaned):
        await operator.retry(first)
    assert (await operator.discard(first)).record.resolution == "discarded"


async def test_an_operator_does_not_find_dead_letters_of_another_tenant(group: Group) -> None:
    shelf = uuid4()
    recorder = group.recorder(before=Defect({(shelf, 1)}))
    operator = Operator(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1))
        await group.has_parked(1)

    for act in (operator.retry, operator.discard):
        with pytest.raises(DeadLetterNotFound):
            await act(await operator.id(), RIVAL)
    assert len(await group.parked()) == 1


async def test_a_record_that_always_conflicts_stays_parked_as_contested(group: Group) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 1)})
    recorder = group.recorder(before=defect)
    operator = Operator(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1))
        await group.has_parked(1)

    def late(it: InboundMessage) -> None:
        raise Conflict("it is another tenant's")

    recorder.before = late
    done = await operator.retry(await operator.id())
    assert (done.record.reason, done.record.is_open, done.failed) == ("contested", True, 1)
    assert await group.effects() == []
