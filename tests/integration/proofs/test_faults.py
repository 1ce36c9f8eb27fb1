"""Each fault of the chaos run does to real parts what it says that it has done."""

from __future__ import annotations

import asyncio
import errno
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import httpx
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from contracts.topics import MESSAGES
from contracts.topology import PARTITIONS
from devstack.databases import Database
from kernel.messaging.inbound import InvalidMessage, read_envelope
from kernel.messaging.undecodable import Undecodable, fetch_one_by_one
from tests.proofs.chaos.faults import disk, processes, replicas
from tests.proofs.chaos.faults.clock import JUMP, set_clock
from tests.proofs.chaos.faults.deliveries import MARK, deliver_again, poison, poison_in
from tests.proofs.chaos.faults.world import NoEffect, World
from tests.support.database import Pool
from tests.support.kafka_records import received_stock, send, unlock_cart
from tests.support.parts import Parts, running_parts
from tests.support.small_disk import CannotMount, small_disk
from tests.support.stack import MINIMAL_STACK, RunningStack, running_stack
from tests.support.waiting import until

Record: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"

COUNTING = (
    "import itertools, sys\nfor it in itertools.count(): sys.stdout.write(f'{it}\\n'); sys.stdout.flush()"
)


@dataclass(frozen=True)
class OneProcess(RunningStack):
    """Stands in for a stack of which nothing matters but one process."""

    def process(self, name: str) -> dict[str, Any]:
        state = "ready" if self.supervisor.poll() is None else "dead"
        return {"pid": self.supervisor.pid, "restarts": 0, "state": state, "rss_bytes": 1}


@pytest.fixture(scope="module")
async def own_parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parts]:
    """What is done to Kafka here is no company for the other tests."""
    async with running_parts(tmp_path_factory.mktemp("parts")) as parts:
        yield parts


@pytest.fixture
def counting() -> Iterator[World]:
    """Something that is always at work."""
    child = subprocess.Popen((sys.executable, "-c", COUNTING), stdout=subprocess.DEVNULL)
    yield World(OneProcess({}, child))
    child.kill()
    child.wait()


def worked(world: World) -> float:
    return psutil.Process(world.stack.supervisor.pid).cpu_times().user


async def test_what_is_stopped_does_nothing_for_longer_than_its_session_and_then_goes_on(
    counting: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert processes.STOPPED_FOR > 10, "a consumer's session"
    monkeypatch.setattr(processes, "STOPPED_FOR", 1.0)
    stopping = asyncio.create_task(processes.stop(counting, "it", random.Random(1)))
    await until(lambda: psutil.Process(counting.stack.supervisor.pid).status() == psutil.STATUS_STOPPED)
    before = worked(counting)
    assert await stopping == {"stopped_seconds": 1.0}
    assert worked(counting) - before < 0.8, "it was stopped for a second"
    await until(lambda: worked(counting) > before + 0.8)


async def test_what_is_killed_while_it_is_stopped_was_not_stopped_for_long_enough(
    counting: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "STOPPED_FOR", 1.0)
    stopping = asyncio.create_task(processes.stop(counting, "it", random.Random(1)))
    await until(lambda: psutil.Process(counting.stack.supervisor.pid).status() == psutil.STATUS_STOPPED)
    counting.stack.supervisor.kill()
    counting.stack.supervisor.wait()
    with pytest.raises(NoEffect):
        await stopping


async def test_what_is_slowed_down_gets_a_tenth_of_the_time(
    counting: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "SLOW_FOR", 4.0)
    before, began = worked(counting), time.monotonic()
    effect = await processes.slow_down(counting, "it", random.Random(1))
    took = time.monotonic() - began
    assert effect["asleep_seconds"] >= took / 2
    assert worked(counting) - before < took / 3
    assert psutil.Process(counting.stack.supervisor.pid).status() != psutil.STATUS_STOPPED


async def test_on_a_full_disk_nothing_can_be_written_until_it_is_given_back(
    counting: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "FULL_FOR", 1.0)
    try:
        with small_disk(tmp_path / "disk", 8) as counting.disk:
            (counting.disk / "kept").write_bytes(b"x" * 4096)
            filling = asyncio.create_task(disk.fill_up(counting, "disk", random.Random(1)))
            await until(lambda: cannot_write(tmp_path / "disk"))
            effect = await filling
            assert effect["taken_bytes"] > 7 << 20
            assert not cannot_write(tmp_path / "disk")
            assert [it.name for it in (tmp_path / "disk").iterdir()] == ["kept"]
    except CannotMount as why:
        pytest.skip(f"NOT TESTED: this user may not mount a disk to fill ({why})")


def cannot_write(folder: Path) -> bool:
    try:
        (folder / "another").write_bytes(b"x" * 4096)
    except OSError as problem:
        return problem.errno == errno.ENOSPC
    finally:
        (folder / "another").unlink(missing_ok=True)
    return False


async def test_old_records_come_again_byte_for_byte_in_another_order(own_parts: Parts) -> None:
    sent = [received_stock(uuid4(), 1) for _ in range(200)]
    await send(own_parts.kafka_bootstrap, *sent)
    effect = await deliver_again(own_parts.kafka_bootstrap, "offer.events", random.Random(2))
    found = [
        (it.partition, it.timestamp, it.key, it.value, tuple(it.headers))
        for it in await everything_in(own_parts.kafka_bootstrap, "offer.events")
    ]
    again = [it for at, it in enumerate(found) if it in found[:at]]
    assert len(again) == effect["records_again"] > 1
    first = [found.index(it) for it in again]
    assert first != sorted(first)


async def everything_in(bootstrap: str, topic: str) -> list[Record]:
    """With a stand-in for each record that cannot be decoded."""
    found: list[Record] = []
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False) as consumer:
        for where in [TopicPartition(topic, it) for it in range(PARTITIONS)]:
            consumer.assign([where])
            end = (await consumer.end_offsets([where]))[where]
            found += await fetch_one_by_one(consumer, where, 0, end, 10_000)
    return found


def is_poison(record: Record) -> bool:
    return isinstance(record, Undecodable) or MARK in dict(record.headers)


def why_unreadable(record: Record) -> str:
    """In the words of the consumers; fails where one would obey it."""
    with pytest.raises(InvalidMessage) as found:
        read_envelope(record, MESSAGES).command()
    return f"{found.value.reason} {found.value}"[:60]


async def test_poison_lies_behind_the_keys_of_those_who_are_buying_and_nobody_can_read_it(
    own_parts: Parts,
) -> None:
    buying = [unlock_cart(uuid4()) for _ in range(20)]
    await send(own_parts.kafka_bootstrap, *buying)
    sent = 0.0
    for seed in range(8):
        effect = await poison(own_parts.kafka_bootstrap, "cart.commands", random.Random(seed))
        sent += effect["poison_sent"]
    found = [it for it in await everything_in(own_parts.kafka_bootstrap, "cart.commands") if is_poison(it)]
    assert len(found) == sent
    assert await poison_in(own_parts.kafka_bootstrap, ["cart.commands"]) == sent
    assert {it.key for it in found if it.key is not None} <= {it.key for it in buying}
    assert len({why_unreadable(it) for it in found}) >= 5


async def test_poison_among_the_facts_has_no_envelope_that_anybody_would_believe(own_parts: Parts) -> None:
    await send(own_parts.kafka_bootstrap, *(received_stock(uuid4(), 1) for _ in range(20)))
    for seed in range(4):
        await poison(own_parts.kafka_bootstrap, "offer.events", random.Random(seed))
    found = [it for it in await everything_in(own_parts.kafka_bootstrap, "offer.events") if is_poison(it)]
    assert len(found) == 12
    for it in found:
        with pytest.raises(InvalidMessage):
            read_envelope(it, MESSAGES)


async def test_a_jump_of_the_clock_is_seen_by_the_services_and_can_be_taken_back(
    database: Database, pool: Pool
) -> None:
    before = await pool.fetchval("SELECT feira_now()")
    assert await set_clock(database.superuser_url, JUMP) == JUMP
    assert await pool.fetchval("SELECT feira_now()") - before >= JUMP
    assert await set_clock(database.superuser_url, -JUMP) == -JUMP
    assert await pool.fetchval("SELECT feira_now()") < before
    assert await set_clock(database.superuser_url, timedelta()) == timedelta()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    home = tmp_path_factory.mktemp("chaos") / "home"
    with running_stack(home, {"FEIRA_REPLICAS": "cart=2"}, MINIMAL_STACK) as stack:
        yield stack


async def test_all_services_are_restarted_one_after_the_other(stack: RunningStack) -> None:
    before = {it["name"]: it["pid"] for it in stack.status()["processes"]}
    effect = await replicas.restart_in_turn(World(stack), "all services", random.Random(1))
    after = {it["name"]: it["pid"] for it in stack.status()["processes"]}
    assert effect == {"restarted": 3}
    assert {name for name, pid in after.items() if pid != before[name]} == {"cart", "cart-2", "gateway"}
    log = stack.log()
    assert log.index("cart ended with exit code 0") < log.index("cart-2 ended with exit code 0")
    assert stack.status()["state"] == "ready"


async def test_three_more_replicas_answer_at_the_same_address_and_leave_again(
    stack: RunningStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicas, "TOGETHER_FOR", 2.0)
    answered = set()
    scaling = asyncio.create_task(replicas.one_four_one(World(stack), "cart", random.Random(1)))
    async with httpx.AsyncClient(trust_env=False) as client:
        while not scaling.done():
            with suppress(httpx.TransportError):  # one of them leaves in the middle of an answer
                answered.add((await client.get(stack.addresses.urls["cart"])).text)
        assert answered == {"cart", "cart-2", "cart-more-1", "cart-more-2", "cart-more-3"}
        assert await scaling == {"joined": 3, "there_until_the_end": 3, "left": 3}
        left = {(await client.get(stack.addresses.urls["cart"])).text for _ in range(50)}
    assert left == {"cart", "cart-2"}
