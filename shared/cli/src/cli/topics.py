"""Create the topics of the topology on a broker, and compare those that it has with it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar

from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from cli.errors import StackError
from cli.kafka_client_log import keep_errors, reason_of
from contracts.topic_configuration import COPIES, configuration_of
from contracts.topology import TOPICS
from kernel.messaging.clients import KafkaAdmin
from kernel.messaging.connection import KafkaConnection

T = TypeVar("T")
REQUEST_TIMEOUT_MS = 10_000
OUTAGES = (KafkaError, OSError, TimeoutError)


class Difference(NamedTuple):
    """``setting``: of Kafka, or ``partitions``, ``replication``, ``topic``."""

    topic: str
    setting: str
    wanted: str
    found: str


async def create_missing(kafka: KafkaConnection, copies: int | None = None) -> list[str]:
    """Create the topics that the broker does not have, with ``copies`` of each record: ``COPIES`` by default,
    or fewer where there are fewer brokers. Returns the names of those that it created. Topics that exist
    stay as they are. Raises ``OSError`` or ``KafkaError``; what is missing then may be created once more."""
    async with admin_client(kafka) as admin:
        brokers = (await admin.describe_cluster())["brokers"]
        replication = copies or min(COPIES, len(brokers))
        wanted = [
            NewTopic(
                it.name,
                it.partitions,
                replication,
                topic_configs=dict(configuration_of(it, replication)),
            )
            for it in TOPICS
        ]
        reply = await admin.create_topics(wanted)
    errors = {topic: (for_code(code), text) for topic, code, text in reply.topic_errors if code}
    for topic, (error, text) in errors.items():
        if error is not TopicAlreadyExistsError:
            raise error(f"{topic}: {text}")
    return [it.name for it in TOPICS if it.name not in errors]


async def differences(kafka: KafkaConnection, copies: int = COPIES) -> list[Difference]:
    """What of the broker's topics is not as the topology says, in its order. Raises ``OSError`` or
    ``KafkaError``."""
    async with admin_client(kafka) as admin:
        names = [it.name for it in TOPICS]
        described = {it["topic"]: it for it in await admin.describe_topics(names) if not it["error_code"]}
        settings = await _settings(admin, described)
    found: list[Difference] = []
    for topic in TOPICS:
        if topic.name not in described:
            found.append(Difference(topic.name, "topic", "exists", "missing or not visible"))
            continue
        partitions = described[topic.name]["partitions"]
        replication = min(len(it["replicas"]) for it in partitions)
        wanted = {
            "partitions": str(topic.partitions),
            "replication": str(copies),
            **configuration_of(topic, copies),
        }
        actual = {
            "partitions": str(len(partitions)),
            "replication": str(replication),
            **settings.get(topic.name, {}),
        }
        found += [
            Difference(topic.name, name, value, actual.get(name, "not visible"))
            for name, value in wanted.items()
            if actual.get(name) != value
        ]
    return found


async def _settings(admin: KafkaAdmin, topics: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, it) for it in topics]
    replies = await admin.describe_configs(resources) if resources else []
    found: dict[str, dict[str, str]] = {}
    for code, text, _, topic, entries in (it for reply in replies for it in reply.resources):
        if for_code(code) is UnknownTopicOrPartitionError:
            continue  # it has just been deleted
        if code:
            raise for_code(code)(f"{topic}: {text}")
        found[topic] = {name: value for name, value, *_ in entries}
    return found


@asynccontextmanager
async def admin_client(kafka: KafkaConnection) -> AsyncIterator[KafkaAdmin]:
    keep_errors()
    admin = KafkaAdmin(request_timeout_ms=REQUEST_TIMEOUT_MS, **kafka.client_options())
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


def run(work: Coroutine[Any, Any, T], kafka: KafkaConnection) -> T:
    """Run the coroutine to its end. Raises ``StackError`` for what the broker refuses or does not answer."""
    try:
        return asyncio.run(work)
    except OUTAGES as problem:
        raise StackError(f"Kafka at {kafka.bootstrap} cannot be used ({reason_of(problem)}).") from None
