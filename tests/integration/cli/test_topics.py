"""`feira topics` creates what is missing, and names what differs from the topology."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from typer.testing import CliRunner, Result

from cli import topics
from cli.errors import StackError
from cli.main import new_app
from contracts.kafka_access import KAFKA_USERS
from contracts.topology import TOPIC_NAMES
from kernel.messaging.connection import KafkaConnection
from tests.support.parts import Parts, running_parts
from tests.support.waiting import until

Feira = Callable[..., Result]


@pytest.fixture(scope="module")
async def empty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parts]:
    """A broker without topics."""
    async with running_parts(tmp_path_factory.mktemp("topics"), topics=False) as parts:
        yield parts


@pytest.fixture
def feira(monkeypatch: pytest.MonkeyPatch) -> Feira:
    def call(bootstrap: str, *arguments: str) -> Result:
        monkeypatch.setenv("FEIRA_KAFKA_BOOTSTRAP", bootstrap)
        return CliRunner().invoke(new_app("topics"), ["topics", *arguments])

    return call


def test_topics_are_created_once_and_differences_are_shown(empty: Parts, feira: Feira) -> None:
    bootstrap = empty.kafka_bootstrap
    missing = feira(bootstrap, "check", "--replication", "1", "--json")
    assert missing.exit_code == 1
    assert [it["topic"] for it in json.loads(missing.stdout)["differences"]] == [*TOPIC_NAMES]

    assert json.loads(feira(bootstrap, "create", "--json").stdout) == {"created": [*TOPIC_NAMES]}
    assert feira(bootstrap, "create").stdout == "All topics exist.\n"
    checked = feira(bootstrap, "check", "--replication", "1")
    assert (checked.exit_code, checked.stdout) == (0, "All topics are as they should be.\n")


async def test_each_setting_of_a_topic_is_compared(empty: Parts, feira: Feira) -> None:
    bootstrap = empty.kafka_bootstrap
    await asyncio.to_thread(feira, bootstrap, "create")
    settings = {"retention.ms": "1000", "compression.type": "gzip"}
    async with topics.admin_client(KafkaConnection(bootstrap)) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "cart.events", settings)])
        await admin.delete_topics(["offer.commands"])
        refused = await asyncio.to_thread(feira, bootstrap, "create", "--replication", "3")
        await admin.create_topics([NewTopic("offer.commands", 2, 1)])

    async def is_seen_by_the_broker() -> bool:
        differences = await topics.differences(KafkaConnection(bootstrap), 1)
        return {"partitions", "retention.ms"} <= {it.setting for it in differences}

    await until(is_seen_by_the_broker)
    check = ("check", "--replication", "2")
    found = json.loads((await asyncio.to_thread(feira, bootstrap, *check, "--json")).stdout)
    table = await asyncio.to_thread(feira, bootstrap, *check)

    rows = {(it["topic"], it["setting"], it["wanted"], it["found"]) for it in found["differences"]}
    of_one_copy = {(topic, "replication", "2", "1") for topic in TOPIC_NAMES}
    assert rows - of_one_copy == {
        ("cart.events", "retention.ms", "-1", "1000"),
        ("cart.events", "compression.type", "uncompressed", "gzip"),
        ("offer.commands", "partitions", "6", "2"),
        ("offer.commands", "compression.type", "uncompressed", "producer"),
    }
    assert table.exit_code == 1
    assert "compression.type" in table.stdout
    assert isinstance(refused.exception, StackError), "there is one broker, and three copies need three"
    assert "offer.commands" in str(refused.exception)


def test_a_broker_that_does_not_answer_is_one_sentence(feira: Feira) -> None:
    refused = feira("127.0.0.1:1", "check")

    assert isinstance(refused.exception, StackError)
    assert str(refused.exception).startswith("Kafka at 127.0.0.1:1 cannot be used (")


def test_the_rights_of_all_users_are_printed_as_commands(feira: Feira) -> None:
    lines = feira("kafka.test:9093", "acls").stdout.splitlines()

    assert len(lines) == sum(len(it.acls) for it in KAFKA_USERS)
    assert lines[0] == (
        "kafka-acls.sh --bootstrap-server kafka.test:9093 --command-config admin.properties --add "
        "--allow-principal User:cart --operation Describe --operation Read --operation Write "
        "--topic cart.events"
    )
