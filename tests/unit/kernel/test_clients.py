"""Every call of a client of Kafka comes to an end, and the library's private names that are used exist."""

from __future__ import annotations

import ast
import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiokafka
import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator, NoGroupCoordinator
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.errors import KafkaError

from kernel.messaging import clients
from kernel.messaging.clients import ClientBroken, KafkaAdmin, KafkaConsumer, KafkaProducer, with_timeout
from kernel.messaging.transient import is_transient

ROOT = Path(__file__).parents[3]
USED = {
    "AIOKafkaClient": {"_sync_task", "_conns", "_get_conn"},
    "GroupCoordinator": {"_coordination_task", "_heartbeat_task", "_commit_refresh_task"},
    "NoGroupCoordinator": {"_reset_committed_task"},
    "Fetcher": {
        "_fetch_task",
        "_fetch_waiters",
        "_wait_consume_future",
        "_create_fetch_waiter",
        "_get_actions_per_node",
        "_notify",
    },
    "AIOKafkaConsumer": {"_client", "_coordinator", "_fetcher", "_closed"},
    "AIOKafkaProducer": {"_sender", "_closed"},
    "AIOKafkaAdminClient": {"_client", "_closed", "_send_request"},
}
"""By the library's class, the private names that Feira takes hold of."""


async def silence() -> None:
    await asyncio.Event().wait()


async def test_a_call_without_an_answer_ends_when_its_time_is_up() -> None:
    with pytest.raises(ClientBroken, match="no answer within"):
        await with_timeout(silence(), 0.01)


async def test_a_call_ends_at_once_when_a_task_of_its_client_has_ended() -> None:
    async def dies() -> None:
        await asyncio.sleep(0.01)
        raise RuntimeError("the handler is closed")

    dying = asyncio.create_task(dies())
    began = time.monotonic()
    with pytest.raises(ClientBroken, match=r"dies has ended: RuntimeError\('the handler is closed'\)"):
        await with_timeout(silence(), 30, lambda: [dying])
    assert time.monotonic() - began < 5


async def test_a_call_that_keeps_its_cancellation_is_left_behind() -> None:
    let_go = asyncio.Event()

    async def stubborn() -> None:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue

    with pytest.raises(ClientBroken):
        await with_timeout(stubborn(), 0.01)
    let_go.set()


async def test_a_cancellation_of_the_librarys_own_is_no_cancellation_of_the_caller() -> None:
    async def cancels() -> None:
        raise asyncio.CancelledError

    with pytest.raises(ClientBroken):
        await with_timeout(cancels(), 1)


async def test_what_the_library_does_not_expect_means_another_client_and_passes() -> None:
    async def closed() -> None:
        raise RuntimeError("unable to perform operation; the handler is closed")

    async def refused() -> None:
        raise KafkaError("no")

    with pytest.raises(ClientBroken) as broken:
        await with_timeout(closed())
    assert is_transient(broken.value)
    with pytest.raises(KafkaError, match="no") as known:
        await with_timeout(refused())
    assert not isinstance(known.value, ClientBroken)


@pytest.mark.parametrize("client", [KafkaConsumer, KafkaProducer, KafkaAdmin])
def test_every_public_call_of_a_client_has_a_limit(client: type) -> None:
    calls = dict(inspect.getmembers(client, inspect.iscoroutinefunction))
    public = {name for name in calls if not name.startswith("_")}
    assert public >= {"start"}
    for name in public:
        assert calls[name].__code__.co_filename == clients.__file__, f"{client.__name__}.{name}"


@pytest.fixture
async def library() -> AsyncIterator[dict[str, object]]:
    """One of each of the library's classes, connected to nothing."""
    client, state = AIOKafkaClient(), SubscriptionState()
    made = {
        "AIOKafkaClient": client,
        "GroupCoordinator": GroupCoordinator(client, state),
        "NoGroupCoordinator": NoGroupCoordinator(client, state),
        "Fetcher": Fetcher(client, state),
        "AIOKafkaConsumer": KafkaConsumer(),
        "AIOKafkaProducer": KafkaProducer(),
        "AIOKafkaAdminClient": KafkaAdmin(),
    }
    yield made
    for one in ("GroupCoordinator", "NoGroupCoordinator", "Fetcher"):
        await made[one].close()
    for one in ("AIOKafkaConsumer", "AIOKafkaProducer"):
        await made[one].stop()


@pytest.mark.parametrize(
    ("owner", "name"), [(it, name) for it, names in USED.items() for name in sorted(names)]
)
async def test_the_library_still_has_the_private_name(
    library: dict[str, object], owner: str, name: str
) -> None:
    assert hasattr(library[owner], name), f"aiokafka {aiokafka.__version__} has no {owner}.{name}"


async def test_the_tasks_that_a_client_must_not_lose_are_still_made_under_their_names(
    library: dict[str, object],
) -> None:
    for owner, name in (
        ("GroupCoordinator", "_coordination_task"),
        ("NoGroupCoordinator", "_reset_committed_task"),
        ("Fetcher", "_fetch_task"),
    ):
        assert isinstance(getattr(library[owner], name), asyncio.Task), name
    assert "_md_synchronizer" in vars(AIOKafkaClient)
    assert list(inspect.signature(AIOKafkaConnection.close).parameters) == ["self", "reason", "exc"]


def test_no_other_private_name_of_the_library_is_used() -> None:
    listed = {name for names in USED.values() for name in names}
    found: dict[str, str] = {}
    for path, tree in _sources("aiokafka", "kernel.messaging.clients"):
        attributes = [it for it in ast.walk(tree) if isinstance(it, ast.Attribute)]
        own = {it.attr for it in attributes if _is_own(it)}
        private = {it.attr for it in attributes if _is_private(it.attr)}
        found |= dict.fromkeys(private - own - listed - {"_replace"}, str(path))
    assert not found


def test_clients_of_kafka_are_made_in_one_place_alone() -> None:
    """Only there do their calls have limits."""
    makers = {"AIOKafkaConsumer", "AIOKafkaProducer", "AIOKafkaAdminClient"}
    imported = {
        str(path.relative_to(ROOT))
        for path, tree in _sources("aiokafka")
        for it in ast.walk(tree)
        if isinstance(it, ast.ImportFrom) and makers & {name.name for name in it.names}
    }
    assert imported == {"shared/kernel/src/kernel/messaging/clients.py"}


def _is_own(it: ast.Attribute) -> bool:
    return isinstance(it.value, ast.Name) and it.value.id in {"self", "cls"}


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _sources(*about: str) -> Iterator[tuple[Path, ast.Module]]:
    """What runs, and deals with one of these."""
    for folder in ("shared", "services", "tests/proofs"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text()
            if any(it in text for it in about):
                yield path, ast.parse(text)
