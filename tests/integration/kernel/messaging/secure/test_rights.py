"""The broker lets each user do what ``contracts.kafka_access`` says, and refuses everything else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import NewTopic
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
    for_code,
)

from contracts.kafka_access import KAFKA_USERS, Operation, Resource
from contracts.topology import GROUPS, TOPIC_NAMES
from kernel.messaging.clients import KafkaAdmin, KafkaConsumer, KafkaProducer
from kernel.messaging.connection import KafkaConnection
from tests.support.secured_kafka import STRANGER, SecuredKafka

USERS = (*(it.name for it in KAFKA_USERS), STRANGER)
ALLOWED = frozenset(
    (user.name, acl.resource, acl.name, operation)
    for user in KAFKA_USERS
    for acl in user.acls
    for operation in acl.operations
)


def is_allowed(user: str, resource: Resource, name: str, operation: Operation) -> bool:
    return (user, resource, name, operation) in ALLOWED


async def succeeds(act: Awaitable[object], refusal: type[KafkaError]) -> bool:
    """Whether the broker does it; False only if it refuses it for want of a right."""
    try:
        await act
    except refusal:
        return False
    return True


@pytest.fixture(params=USERS)
async def user(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def kafka(secured: SecuredKafka, user: str) -> KafkaConnection:
    return secured.connection(user)


@pytest.fixture
async def admin(kafka: KafkaConnection) -> AsyncIterator[KafkaAdmin]:
    client = KafkaAdmin(**kafka.client_options())
    await client.start()
    yield client
    await client.close()


async def test_each_topic_takes_records_of_its_sender_alone(user: str, kafka: KafkaConnection) -> None:
    async with KafkaProducer(acks="all", **kafka.client_options()) as producer:
        written = {
            topic: await succeeds(producer.send_and_wait(topic, b"{}"), TopicAuthorizationFailedError)
            for topic in TOPIC_NAMES
        }

    assert written == {topic: is_allowed(user, "topic", topic, "Write") for topic in TOPIC_NAMES}


async def test_an_idempotent_producer_needs_no_right_beside_those_to_write(
    user: str, kafka: KafkaConnection
) -> None:
    """As the relay has it; without a topic to write to, a user does not even get the producer's id."""
    producer = KafkaProducer(acks="all", enable_idempotence=True, **kafka.client_options())
    try:
        started = await succeeds(producer.start(), ClusterAuthorizationFailedError)
    finally:
        await producer.drop()

    assert started == any(is_allowed(user, "topic", topic, "Write") for topic in TOPIC_NAMES)


async def test_each_topic_is_read_by_its_readers_alone(user: str, kafka: KafkaConnection) -> None:
    read = {
        topic: await succeeds(_read(kafka, topic), TopicAuthorizationFailedError) for topic in TOPIC_NAMES
    }

    assert read == {topic: is_allowed(user, "topic", topic, "Read") for topic in TOPIC_NAMES}


async def _read(kafka: KafkaConnection, topic: str) -> None:
    consumer = KafkaConsumer(topic, enable_auto_commit=False, **kafka.client_options())
    try:
        await consumer.start()
        await consumer.getmany(timeout_ms=50)
    finally:
        await consumer.stop()


async def test_each_group_has_members_of_its_service_alone(user: str, kafka: KafkaConnection) -> None:
    topic = next((it for it in TOPIC_NAMES if is_allowed(user, "topic", it, "Read")), TOPIC_NAMES[0])
    refusal = GroupAuthorizationFailedError
    committed = {group: await succeeds(_commit(kafka, group, topic), refusal) for group in GROUPS}

    assert committed == {group: is_allowed(user, "group", group, "Read") for group in GROUPS}


async def _commit(kafka: KafkaConnection, group: str, topic: str) -> None:
    consumer = KafkaConsumer(group_id=group, enable_auto_commit=False, **kafka.client_options())
    try:
        await consumer.start()
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.commit({TopicPartition(topic, 0): 0})
    finally:
        await consumer.stop()


async def test_no_user_sees_the_members_of_a_foreign_group(user: str, admin: KafkaAdmin) -> None:
    seen = {
        group: await succeeds(admin.find_coordinator(group), GroupAuthorizationFailedError)
        for group in GROUPS
    }

    assert seen == {group: is_allowed(user, "group", group, "Describe") for group in GROUPS}


async def test_no_user_makes_or_deletes_a_topic_or_gives_a_right(user: str, admin: KafkaAdmin) -> None:
    made = await admin.create_topics([NewTopic(f"of-{user}", 1, 1)])
    deleted = await admin.delete_topics(list(TOPIC_NAMES))

    codes = [code for _, code, *_ in (*made.topic_errors, *deleted.topic_error_codes)]
    refusals = {for_code(it) for it in codes}
    assert len(codes) == 1 + len(TOPIC_NAMES)
    # without the right to describe a topic it is as if there were none
    assert refusals <= {TopicAuthorizationFailedError}
    with pytest.raises(ClusterAuthorizationFailedError):
        await admin.allow(user, "topic", TOPIC_NAMES[0], "Write")
