"""What was parked is handled again, in its order, by the handlers of a later day."""

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
    """What today's code cannot take; a later deployment empties it."""

    of: set[tuple[UUID, int]] = field(default_factory=set)

    def __call__(self, it: InboundMessage) -> None:
        if (it.stream_id, it.version) in self.of:
            raise RuntimeError(f"version {it.version} is too much")


class Desk:
    """An operator of one group."""

    def __init__(self, group: Group, *handlers: Recorder) -> None:
        self.group = group
        self.store = group.store
        self.redriving = DeadLetterAdmin(group.store, {group.name: handlers})

    async def retry(self, parked_id: int, operator: Context = OPERATOR) -> ReplayResult:
        async with self.store.transaction() as transaction:
            return await self.redriving.retry(parked_id, operator, transaction)

    async def discard(self, parked_id: int, operator: Context = OPERATOR) -> ReplayResult:
        async with self.store.transaction() as transaction:
            return await self.redriving.discard(parked_id, "a test", operator, transaction)

    async def id(self, place: int = 0, scope: str | None = None) -> int:
        """Of the first parked record, or of a later one."""
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


async def test_a_record_that_a_later_deployment_can_take_is_handled_before_all_that_waits_behind_it(
    group: Group,
) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 2)})
    recorder = group.recorder(before=defect)
    desk = Desk(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, *(received_stock(shelf, version) for version in (1, 2, 3, 4)))
        await group.has_parked(3)
        defect.of.clear()
        await send(group.bootstrap, received_stock(shelf, 5))
        await group.has_parked(4)  # nothing that is live overtakes

        done = await desk.retry(await desk.id())
        await send(group.bootstrap, received_stock(shelf, 6))
        await group.has_done(6)

    assert (done.handled, done.failed, done.waiting) == (4, 0, 0)
    assert done.record.resolution == "handled"
    assert await group.effects() == [(shelf, version) for version in range(1, 7)]
    assert await group.parked() == []
    assert await desk.acts(await desk.id()) == [("retry", "ops:ann", None)]


async def test_a_record_that_fails_again_stays_parked_with_its_new_error_and_leaves_nothing_behind(
    group: Group,
) -> None:
    shelf = uuid4()
    recorder = group.recorder(before=Defect({(shelf, 1)}))
    desk = Desk(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), received_stock(shelf, 2))
        await group.has_parked(2)
    await desk.store.pool.execute("UPDATE parked SET error = 'of yesterday'")

    for times in (1, 2):
        done = await desk.retry(await desk.id())
        row = await desk.row(done.record.parked_id)
        assert (done.handled, done.failed, done.waiting) == (0, 1, 1)
        assert (row["attempts"], row["reason"], row["resolved_at"]) == (times, "failed", None)
        assert "too much" in row["error"]
    assert await group.effects() == []
    assert len(await desk.acts(await desk.id())) == 2


async def test_a_successor_that_fails_is_the_next_head_and_what_follows_it_waits(group: Group) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 1), (shelf, 3)})
    recorder = group.recorder(before=defect)
    desk = Desk(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, *(received_stock(shelf, version) for version in (1, 2, 3, 4)))
        await group.has_parked(4)
        defect.of.remove((shelf, 1))
        done = await desk.retry(await desk.id())
        assert (done.handled, done.failed, done.waiting) == (2, 1, 2)
        assert done.first_waiting == await desk.id(2)
        assert await group.parked() == [(str(shelf), "failed"), (str(shelf), "behind")]
        defect.of.clear()
        await desk.retry(await desk.id(2))

    assert await group.effects() == [(shelf, version) for version in (1, 2, 3, 4)]


async def test_a_record_behind_another_cannot_be_retried_before_that_one(group: Group) -> None:
    shelf = uuid4()
    recorder = group.recorder(before=Defect({(shelf, 1)}))
    desk = Desk(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), received_stock(shelf, 2))
        await group.has_parked(2)

    with pytest.raises(DeadLetterBlocked) as refused:
        await desk.retry(await desk.id(1))
    assert refused.value.members == {"head": await desk.id()}
    assert await group.effects() == []


async def test_of_two_operators_at_once_one_has_it_handled_and_the_other_is_told(group: Group) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 1)})
    recorder = group.recorder(before=defect)
    desk = Desk(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1))
        await group.has_parked(1)
    defect.of.clear()

    first = await desk.id()
    told = await asyncio.gather(*(desk.retry(first) for _ in range(4)), return_exceptions=True)
    assert sorted(type(it).__name__ for it in told) == ["ReplayResult", *["DeadLetterResolved"] * 3]
    assert await group.effects() == [(shelf, 1)]


async def test_a_live_record_that_comes_while_an_operator_works_is_neither_too_early_nor_left_behind(
    group: Group,
) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 1)})
    recorder = group.recorder(before=defect)
    desk = Desk(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), received_stock(shelf, 2))
        await group.has_parked(2)
        defect.of.clear()
        async with desk.store.transaction() as transaction:
            await desk.redriving.retry(await desk.id(), OPERATOR, transaction)
            await send(group.bootstrap, received_stock(shelf, 3))
            await until(_somebody_waits(group))
        await group.has_done(3)

    assert await group.effects() == [(shelf, 1), (shelf, 2), (shelf, 3)]
    assert await group.parked() == []


def _somebody_waits(group: Group) -> Any:
    async def look() -> bool:
        return bool(await group.store.pool.fetchval(WAITS))

    return look


async def test_what_is_cut_off_in_the_middle_has_not_happened(group: Group) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 1)})
    recorder = group.recorder(before=defect)
    desk = Desk(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), received_stock(shelf, 2))
        await group.has_parked(2)
    defect.of.clear()

    with pytest.raises(ConnectionError):
        async with desk.store.transaction() as transaction:
            await desk.redriving.retry(await desk.id(), OPERATOR, transaction)
            raise ConnectionError
    assert await group.effects() == []
    assert len(await group.parked()) == 2
    assert (await desk.retry(await desk.id())).handled == 2


async def test_a_discarded_record_is_never_handled_and_what_waited_for_it_is(group: Group) -> None:
    shelf = uuid4()
    recorder = group.recorder(before=Defect({(shelf, 1)}))
    desk = Desk(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, *(received_stock(shelf, version) for version in (1, 2, 3)))
        await group.has_parked(3)

    done = await desk.discard(await desk.id())
    assert (done.record.resolution, done.handled, done.waiting) == ("discarded", 2, 0)
    assert await group.effects() == [(shelf, 2), (shelf, 3)]
    assert await desk.acts(await desk.id()) == [("discard", "ops:ann", "a test")]
    with pytest.raises(DeadLetterResolved):
        await desk.retry(await desk.id())


def forged(shelf: UUID, version: int) -> Sent:
    """What a stranger may write under a stream's next version, and no handler takes."""
    return replace(received_stock(shelf, version), value=b'{"sku":1}').with_header(
        "ce_id", str(uuid4()).encode()
    )


@pytest.mark.parametrize("apart", [True, False], ids=["in its own batch", "in the genuine one's batch"])
async def test_a_genuine_record_is_handled_once_the_strangers_with_its_version_is_discarded(
    group: Group, apart: bool
) -> None:
    shelf = uuid4()
    recorder = group.recorder()
    desk = Desk(group, recorder)
    genuine = received_stock(shelf, 2)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), forged(shelf, 2))
        if apart:
            await group.has_parked(1)
        await send(group.bootstrap, genuine, genuine, received_stock(shelf, 3))
        await group.has_parked(3)
        assert await group.effects() == [(shelf, 1)]

        done = await desk.discard(await desk.id())
        await send(group.bootstrap, received_stock(shelf, 4), genuine)
        await group.has_done(4)

    assert (done.failed, done.waiting) == (0, 0)
    assert await group.effects() == [(shelf, version) for version in (1, 2, 3, 4)]
    assert await group.parked() == []
    assert await desk.store.pool.fetchval("SELECT count(*) FROM consumer_behind") == 0


async def test_a_genuine_record_that_comes_after_the_strangers_was_discarded_is_handled(group: Group) -> None:
    shelf = uuid4()
    recorder = group.recorder()
    desk = Desk(group, recorder)
    strangers = forged(shelf, 2)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), strangers)
        await group.has_parked(1)
        await desk.discard(await desk.id())
        # delivered again, it is not the other one
        await send(group.bootstrap, strangers, received_stock(shelf, 2), received_stock(shelf, 3))
        await group.has_done(3)

    assert await group.effects() == [(shelf, version) for version in (1, 2, 3)]
    assert await group.parked() == []


async def test_a_strangers_record_that_can_be_handled_later_leaves_the_genuine_one_a_repetition(
    group: Group,
) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 2)})
    recorder = group.recorder(before=defect)
    desk = Desk(group, recorder)
    strangers = received_stock(shelf, 2).with_header("ce_id", str(uuid4()).encode())
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), strangers)
        await group.has_parked(1)
        await send(group.bootstrap, received_stock(shelf, 2), received_stock(shelf, 3))
        await group.has_parked(3)
        defect.of.clear()
        await desk.retry(await desk.id())

    assert await group.effects() == [(shelf, version) for version in (1, 2, 3)]
    assert (await desk.row(await desk.id(1)))["resolution"] == "known already"


async def test_of_two_readers_only_the_one_that_could_not_take_the_strangers_record_takes_the_genuine(
    group: Group,
) -> None:
    shelf = uuid4()
    lenient, strict = Recorder("lenient"), Recorder("strict", before=Defect({(shelf, 2)}))
    desk = Desk(group, lenient, strict)
    strangers = received_stock(shelf, 2).with_header("ce_id", str(uuid4()).encode())
    async with running(group.consumer(lenient, strict).run()):
        await send(group.bootstrap, received_stock(shelf, 1), strangers)
        await group.has_parked(1, "strict")
        strict.before = lambda _: None
        await send(group.bootstrap, received_stock(shelf, 2), received_stock(shelf, 3))
        await group.has_parked(3, "strict")
        await desk.discard(await desk.id(scope="strict"))

    for scope in ("lenient", "strict"):
        assert await group.effects(scope) == [(shelf, version) for version in (1, 2, 3)]


async def test_discarding_one_that_waits_lets_nothing_past_the_head(group: Group) -> None:
    shelf = uuid4()
    recorder = group.recorder(before=Defect({(shelf, 1)}))
    desk = Desk(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, *(received_stock(shelf, version) for version in (1, 2, 3)))
        await group.has_parked(3)

    done = await desk.discard(await desk.id(1))
    assert (done.handled, done.waiting) == (0, 2)
    assert await group.effects() == []


@pytest.mark.parametrize("given_up", [False, True], ids=["understood", "discarded"])
async def test_versions_that_came_behind_a_fact_of_the_future_go_on_once_it_is_understood_or_discarded(
    group: Group, monkeypatch: pytest.MonkeyPatch, given_up: bool
) -> None:
    shelf = uuid4()
    recorder = group.recorder()
    desk = Desk(group, recorder)
    newer = received_stock(shelf, 2).with_header("ce_dataschema", b"urn:feira:stock.received:2")
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1), newer, received_stock(shelf, 3))
        await group.has_parked(2)
        assert await group.parked() == [(str(shelf), "future_version"), (str(shelf), "gap")]
        if given_up:
            await desk.discard(await desk.id())
        else:
            monkeypatch.setattr(stock.Received, "SCHEMA_VERSION", 2)
            monkeypatch.setitem(MESSAGES.upcasters, ("stock.received", 1), lambda it: it)
            await desk.retry(await desk.id())
        await send(group.bootstrap, received_stock(shelf, 4))
        await group.has_done(3 if given_up else 4)

    wanted = [1, 3, 4] if given_up else [1, 2, 3, 4]
    assert await group.effects() == [(shelf, version) for version in wanted]
    assert await group.parked() == []


@pytest.mark.parametrize("tenant", [b"de\0mo", b"\xff"])
async def test_a_broken_record_has_not_become_a_better_one_by_having_been_stored(
    group: Group, tenant: bytes
) -> None:
    recorder = group.recorder()
    desk = Desk(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(uuid4(), 1).with_header("ce_tenant", tenant))
        await group.has_parked(1)

    done = await desk.retry(await desk.id())
    assert (done.record.reason, done.record.is_open) == ("headers", True)
    assert await group.effects() == []


async def test_each_handler_of_a_consumer_has_a_queue_of_its_own(group: Group) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 2)})
    healthy, sick = Recorder("healthy"), Recorder("sick", before=defect)
    junk = replace(received_stock(shelf, 9), headers=())
    desk = Desk(group, healthy, sick)
    async with running(group.consumer(healthy, sick).run()):
        await send(group.bootstrap, junk, received_stock(shelf, 1), received_stock(shelf, 2))
        await group.has_parked(2, "sick")
        await group.has_parked(1)
        with pytest.raises(DeadLetterBlocked):
            await desk.retry(await desk.id(0, "sick"))
        done = await desk.discard(await desk.id())
        assert (done.handled, done.failed) == (3, 1)
        assert await group.effects("healthy") == [(shelf, 1), (shelf, 2)]
        assert await group.effects("sick") == [(shelf, 1)]
        defect.of.clear()
        await desk.retry(await desk.id(1, "sick"))

    assert await group.effects("sick") == [(shelf, 1), (shelf, 2)]
    assert await group.effects("healthy") == [(shelf, 1), (shelf, 2)]


async def test_a_record_that_no_handler_is_left_for_can_only_be_discarded(group: Group) -> None:
    shelf = uuid4()
    recorder = Recorder("of another day", before=Defect({(shelf, 1)}))
    desk = Desk(group)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1))
        await group.has_parked(1, "of another day")

    first = await desk.id(0, "of another day")
    with pytest.raises(DeadLetterOrphaned):
        await desk.retry(first)
    assert (await desk.discard(first)).record.resolution == "discarded"


async def test_another_tenants_operator_finds_nothing(group: Group) -> None:
    shelf = uuid4()
    recorder = group.recorder(before=Defect({(shelf, 1)}))
    desk = Desk(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1))
        await group.has_parked(1)

    for act in (desk.retry, desk.discard):
        with pytest.raises(DeadLetterNotFound):
            await act(await desk.id(), RIVAL)
    assert len(await group.parked()) == 1


async def test_a_record_that_always_comes_too_late_stays_parked_as_that(group: Group) -> None:
    shelf = uuid4()
    defect = Defect({(shelf, 1)})
    recorder = group.recorder(before=defect)
    desk = Desk(group, recorder)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1))
        await group.has_parked(1)

    def late(it: InboundMessage) -> None:
        raise Conflict("it is another tenant's")

    recorder.before = late
    done = await desk.retry(await desk.id())
    assert (done.record.reason, done.record.is_open, done.failed) == ("contested", True, 1)
    assert await group.effects() == []
