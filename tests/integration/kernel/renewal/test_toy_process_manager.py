"""A process manager that is built from the platform alone: the kernel, the envelope and the registry.

It shares no message, topic or name with Feira's services: it cannot work if the platform knows the checkout.
"""

from __future__ import annotations

from uuid import UUID, uuid4

import orjson

from kernel.http.asyncapi import Exchange, describe
from kernel.messaging.clients import KafkaProducer
from kernel.messaging.connection import KafkaConnection
from tests.integration.kernel.renewal import messages, process
from tests.integration.kernel.renewal.conftest import DEMO, Business
from tests.integration.kernel.renewal.process import Renewal
from tests.support.kafka_records import Record, headers_of
from tests.support.waiting import until


def types(records: list[Record]) -> list[str]:
    return [headers_of(it)["ce_type"] for it in records]


def outcomes(renewal: Renewal) -> dict[str, str]:
    """Step to completed or failed; or to compensated if it was undone."""
    undone = {step for step, it in renewal.steps.items() if it.compensation == "completed"}
    return {step: "compensated" if step in undone else it.status for step, it in renewal.steps.items()}


async def commands(business: Business, process_id: UUID, count: int) -> list[Record]:
    """The first commands of a process, as soon as there are so many."""
    topics = "billing.commands", "access.commands"
    await until(lambda: len(business.published(process_id, *topics)) >= count)
    return business.published(process_id, *topics)


async def send_again(business: Business, record: Record) -> None:
    """Publish a copy of the record, and wait until the process manager has read past it."""
    async with KafkaProducer(bootstrap_servers=business.renewal.bootstrap) as producer:
        sent = await producer.send_and_wait(
            record.topic, record.value, key=record.key, headers=list(record.headers)
        )
    await business.has_read_past(sent.topic, sent.partition, sent.offset)


async def test_a_process_whose_steps_succeed_completes(business: Business) -> None:
    process_id = await business.request(uuid4())

    renewal = await business.ended(process_id)

    assert renewal.status == "completed"
    assert outcomes(renewal) == {"charge": "completed", "extend": "completed"}
    assert business.provider.charged[process_id] == 1
    timers = "SELECT count(*) FROM timers WHERE subject = $1"
    assert await business.renewal.store.pool.fetchval(timers, process_id) == 0


async def test_commands_carry_the_process_and_the_step_and_no_checkout(business: Business) -> None:
    process_id = await business.request(account_id := uuid4())

    sent = [(it.topic, orjson.loads(it.value)) for it in await commands(business, process_id, 2)]

    shared = {"process_id": str(process_id), "account_id": str(account_id), "months": 12}
    assert sent == [
        ("billing.commands", {**shared, "step": "charge"}),
        ("access.commands", {**shared, "step": "extend"}),
    ]
    replies = business.published(process_id, "billing.events", "access.events")
    assert all(b"checkout" not in it.value for it in replies)


def test_the_description_of_the_topics_names_the_business_key() -> None:
    topics = messages.MESSAGES
    exchange = Exchange(
        "billing", KafkaConnection("127.0.0.1:9092"), topics, 6, examples={}, receives=topics.commands
    )

    document = orjson.dumps(describe(exchange))

    assert b"business key is process_id and step" in document
    assert b"checkout" not in document


async def test_a_refusal_of_the_first_step_ends_the_process_without_compensation(business: Business) -> None:
    business.provider.broke.add(account_id := uuid4())

    renewal = await business.ended(await business.request(account_id))

    assert renewal.status == "failed"
    assert outcomes(renewal) == {"charge": "failed"}


async def test_a_refusal_of_the_second_step_compensates_the_first(business: Business) -> None:
    business.access.closed.add(account_id := uuid4())

    renewal = await business.ended(await business.request(account_id))

    assert renewal.status == "failed"
    assert outcomes(renewal) == {"charge": "compensated", "extend": "failed"}
    assert types(await commands(business, renewal.id, 3)) == [
        "billing.charge",
        "access.extend",
        "billing.refund",
    ]


async def test_a_redelivered_reply_changes_nothing(business: Business) -> None:
    process_id = await business.request(uuid4())
    before = await business.ended(process_id)
    await until(lambda: bool(business.published(process_id, "access.events")))
    charged, *_ = (
        it
        for it in business.published(process_id, "billing.events")
        if headers_of(it)["ce_type"] == "billing.charged"
    )

    await send_again(business, charged)

    assert (await business.find(process_id)).version == before.version


async def test_a_repeated_command_gets_the_same_reply_and_the_process_ignores_it(business: Business) -> None:
    process_id = await business.request(uuid4())
    before = await business.ended(process_id)
    work = await business.renewal.store.begin(DEMO)
    work.send(process.charge(before).command, process_id)
    await business.renewal.store.commit(work)

    def replies() -> list[Record]:
        found = business.published(process_id, "billing.events")
        return [it for it in found if headers_of(it)["ce_type"] == messages.Charged.TYPE]

    await until(lambda: len(replies()) == 2)
    first, second = replies()
    await business.has_read_past(second.topic, second.partition, second.offset)
    assert second.value == first.value
    assert business.provider.charged[process_id] == 1
    assert (await business.find(process_id)).version == before.version


async def test_the_deadline_compensates_also_the_step_without_a_reply(business: Business) -> None:
    business.access.silent.add(account_id := uuid4())
    process_id = await business.request(account_id)
    await commands(business, process_id, 2)

    await business.pass_deadline()
    renewal = await business.ended(process_id)

    assert renewal.status == "failed"
    assert outcomes(renewal) == {"charge": "compensated", "extend": "compensated"}
    sent = types(await commands(business, process_id, 4))
    assert [it for it in sent if it.startswith("billing")] == ["billing.charge", "billing.refund"]
    assert [it for it in sent if it.startswith("access")] == ["access.extend", "access.withdraw"]
