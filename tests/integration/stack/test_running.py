"""A running stack looks after its processes, real PostgreSQL and Kafka included."""

import asyncio
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from contracts.topology import TOPIC_NAMES
from devstack import stale_processes
from devstack.databases import describe
from tests.support.stack import MINIMAL_STACK, PROGRAM, RunningStack, refusal, running_stack

TOPICS = set(TOPIC_NAMES)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    home = tmp_path_factory.mktemp("stack") / "home"
    variables = {"FEIRA_REPLICAS": "cart=2", "FOREIGN_SECRET": "hush", "FEIRA_MASTER_KEY": "hush"}
    home.mkdir(mode=0o755)
    with running_stack(home, variables, MINIMAL_STACK) as stack:
        yield stack


async def topics_at(address: str) -> dict[str, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        found = await admin.describe_topics(sorted(TOPICS))
        return {it["topic"]: len(it["partitions"]) for it in found if not it["error_code"]}
    finally:
        await admin.close()


def comes_back_after_kill(stack: RunningStack, name: str) -> None:
    before = stack.process(name)
    os.kill(before["pid"], signal.SIGKILL)
    stack.until(lambda: stack.process(name)["restarts"] == before["restarts"] + 1)
    stack.until_ready()
    assert stack.process(name)["pid"] != before["pid"]
    assert f"process_restarting: {name} was ended by SIGKILL" in stack.log()


def test_every_process_is_listed_with_its_pid(stack: RunningStack) -> None:
    status = stack.status()
    assert [it["name"] for it in status["processes"]] == ["postgres", "kafka", "cart", "cart-2", "gateway"]
    assert all(it["rss_bytes"] > 1_000_000 and it["restarts"] == 0 for it in status["processes"])
    assert status["urls"].keys() == {"cart", "gateway"}
    assert status.keys() == {"state", "processes", "urls", "kafka", "postgres"}


def test_each_process_gets_only_its_own_settings(stack: RunningStack) -> None:
    for process in stack.status()["processes"]:
        variables = psutil.Process(process["pid"]).environ()
        assert "hush" not in variables.values(), process["name"]
        assert "PATH" in variables


def test_permissions_of_the_state_directory_are_restricted(stack: RunningStack) -> None:
    """PostgreSQL's own user, where there is one, may pass, which shows as a right of the group's."""
    assert stack.home.stat().st_mode & 0o067 == 0
    assert {it.stat().st_mode & 0o077 for it in (stack.home / "logs").iterdir()} == {0}


def test_replicas_answer_at_one_address(stack: RunningStack) -> None:
    with httpx.Client() as client:
        answered = {client.get(stack.addresses.urls["cart"]).text for _ in range(100)}
    assert answered == {"cart", "cart-2"}


def test_topics_have_six_partitions(stack: RunningStack) -> None:
    assert asyncio.run(topics_at(stack.addresses.kafka)) == dict.fromkeys(TOPICS, 6)


async def test_each_service_can_connect_to_its_own_database_only(stack: RunningStack) -> None:
    passwords = json.loads((stack.home / "secrets.json").read_text())
    own = describe("feira_cart", stack.addresses.postgres, passwords.__getitem__)
    connection = await asyncpg.connect(own.owner_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM api_keys WHERE tenant = 'demo'") == 5
        assert await connection.fetchval("SHOW fsync") == "on"
    finally:
        await connection.close()
    for url in (own.service_url, own.owner_url):
        for another in ("feira_gateway", "postgres", "template1"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await asyncpg.connect(url.rpartition("/")[0] + f"/{another}")


def test_a_second_stack_in_the_same_directory_is_refused(stack: RunningStack) -> None:
    assert "already running" in refusal(stack.home, command=MINIMAL_STACK)


def test_a_running_stack_cannot_be_cleaned(stack: RunningStack) -> None:
    assert "already running" in refusal(stack.home, command=(PROGRAM, "clean"))
    assert stack.status()["state"] == "ready"


def test_a_killed_service_is_restarted(stack: RunningStack) -> None:
    comes_back_after_kill(stack, "cart-2")


def test_killed_postgresql_comes_back_with_its_data(stack: RunningStack) -> None:
    comes_back_after_kill(stack, "postgres")
    assert stack.status()["state"] == "ready"


def test_killed_kafka_comes_back_with_its_topics(stack: RunningStack) -> None:
    comes_back_after_kill(stack, "kafka")
    assert asyncio.run(topics_at(stack.addresses.kafka)).keys() == TOPICS


def test_an_emptied_kafka_gets_its_topics_again(stack: RunningStack) -> None:
    os.kill(stack.process("kafka")["pid"], signal.SIGSTOP)
    shutil.rmtree(stack.home / "kafka")
    comes_back_after_kill(stack, "kafka")
    assert asyncio.run(topics_at(stack.addresses.kafka)).keys() == TOPICS


def test_another_stack_runs_beside_it_and_stops_in_seconds_without_a_trace(
    stack: RunningStack, tmp_path: Path
) -> None:
    with running_stack(tmp_path / "home", command=MINIMAL_STACK) as other:
        assert set(other.addresses.urls.values()).isdisjoint(stack.addresses.urls.values())
        began = time.monotonic()
        assert other.stop() == 0
        assert time.monotonic() - began < 30
        assert other.status()["state"] == "down"
        assert stale_processes.find_all(other.home) == []
    assert stack.status()["state"] == "ready"


def test_data_outlives_a_stop_and_other_ports_and_ends_with_a_fresh_start(tmp_path: Path) -> None:
    home, seen = tmp_path / "home", []
    for command in (MINIMAL_STACK, MINIMAL_STACK, (*MINIMAL_STACK, "--fresh")):
        with running_stack(home, command=command) as stack:
            cluster = (home / "kafka" / "data" / "meta.properties").read_text()
            assert asyncio.run(topics_at(stack.addresses.kafka)).keys() == TOPICS
            seen.append((cluster, stack.addresses.postgres.partition("@")[0]))
    first, second, fresh = seen
    assert first == second
    assert first[0] != fresh[0]
    assert first[1] != fresh[1]


def test_processes_end_with_their_supervisor_and_the_next_start_terminates_the_rest(tmp_path: Path) -> None:
    with running_stack(tmp_path / "home", command=MINIMAL_STACK) as orphaned:
        hanging = orphaned.process("gateway")["pid"]
        os.kill(hanging, signal.SIGSTOP)
        orphaned.supervisor.kill()
        orphaned.supervisor.wait()
        orphaned.until(lambda: [it.pid for it in stale_processes.find_all(orphaned.home)] == [hanging])
        assert orphaned.status()["state"] == "down"
    with running_stack(tmp_path / "home", command=MINIMAL_STACK) as next_one:
        assert not psutil.pid_exists(hanging)
        assert f"({hanging})" in next_one.log()
