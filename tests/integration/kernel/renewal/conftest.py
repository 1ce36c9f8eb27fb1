"""The toy business at work: three services, each with a database, a relay, a consumer and its other loops."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID, uuid4

import orjson
import pytest
from aiokafka.admin import NewTopic

from devstack.databases import Database
from kernel.context import Context
from kernel.messaging.batch import Handler
from kernel.messaging.clients import KafkaAdmin
from kernel.messaging.commands import CommandHandler
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.consumer import Consumer
from kernel.messaging.relay import Relay
from kernel.observability.health import Heartbeats
from kernel.process.reply_handler import ReplyHandler
from kernel.scheduling.outbound_calls import OutboundCalls
from kernel.scheduling.timers import Timers
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork
from tests.integration.kernel.renewal import process
from tests.integration.kernel.renewal.messages import MESSAGES
from tests.integration.kernel.renewal.participants import Access, Billing, Provider
from tests.integration.kernel.renewal.process import Renewal
from tests.support.database import copied, move_clock, service_pool
from tests.support.kafka_records import Record, Tap, tapped
from tests.support.parts import Parts
from tests.support.running import running
from tests.support.waiting import until

PARTITIONS = 6
DEMO = Context(tenant="demo", correlation_id="correlation", causation_id="request", actor="a tester")


class Loop(Protocol):
    async def run(self) -> None: ...


@dataclass
class Service:
    name: str
    store: EventStore
    database: Database
    bootstrap: str

    def loops(self, topics: Sequence[str], handler: Handler, heartbeats: Heartbeats) -> list[Loop]:
        url = self.database.service_url
        return [
            Relay(self.name, url, KafkaConnection(self.bootstrap), heartbeats),
            Consumer(self.name, topics, [handler], self.store, KafkaConnection(self.bootstrap), heartbeats),
        ]


@dataclass
class Business:
    renewal: Service
    provider: Provider
    access: Access
    tap: Tap
    """Everything that was published."""

    async def request(self, account_id: UUID) -> UUID:
        """Begin a renewal; return its process id."""
        process_id = uuid4()

        async def act(work: UnitOfWork) -> None:
            await process.request(process_id, account_id, work)

        await self.renewal.store.run(DEMO, act)
        return process_id

    async def find(self, process_id: UUID) -> Renewal:
        return await (await self.renewal.store.begin(DEMO)).open(Renewal, process_id)

    async def ended(self, process_id: UUID) -> Renewal:
        """The process when it has come to an end."""

        async def has_ended() -> bool:
            return (await self.find(process_id)).ended

        await until(has_ended)
        return await self.find(process_id)

    async def pass_deadline(self) -> None:
        await move_clock(self.renewal.database, process.TIME_LIMIT + timedelta(minutes=1))

    def published(self, process_id: UUID, *topics: str) -> list[Record]:
        """The commands and replies of a process on these topics, in order for each topic."""
        found = [(it, orjson.loads(it.value)) for it in self.tap.records if it.topic in topics]
        return [it for it, body in found if body.get("process_id") == str(process_id)]

    async def has_read_past(self, topic: str, partition: int, offset: int) -> None:
        """Wait until the process manager has handled that record."""
        query = "SELECT next_offset > $3 FROM consumer_offset WHERE topic = $1 AND part = $2"

        async def is_handled() -> bool:
            return bool(await self.renewal.store.pool.fetchval(query, topic, partition, offset))

        await until(is_handled)


@pytest.fixture(scope="module")
async def business(parts: Parts, kernel_database: Database) -> AsyncIterator[Business]:
    bootstrap, heartbeats = parts.kafka_bootstrap, Heartbeats()
    topics = list(MESSAGES.sender_of)
    admin = KafkaAdmin(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(it, PARTITIONS, 1) for it in topics])
    await admin.close()
    async with AsyncExitStack() as stack:

        async def service(name: str) -> Service:
            database = await stack.enter_async_context(copied(kernel_database))
            pool = await stack.enter_async_context(service_pool(database))
            return Service(name, EventStore(pool, MESSAGES), database, bootstrap)

        renewal, billing, access = [await service(it) for it in ("renewal", "billing", "access")]
        payments, extensions = Billing(billing.store, provider := Provider()), Access()
        replies = ReplyHandler("renewal", process.RENEWALS)
        loops: list[Loop] = [
            *renewal.loops(["billing.events", "access.events"], replies, heartbeats),
            Timers("renewal", {process.DEADLINE: process.on_deadline}, renewal.store, heartbeats),
            *billing.loops(["billing.commands"], CommandHandler("billing", payments.routes), heartbeats),
            OutboundCalls("billing", payments.callers, billing.store, heartbeats),
            *access.loops(["access.commands"], CommandHandler("access", extensions.routes), heartbeats),
        ]
        tap = await stack.enter_async_context(tapped(bootstrap, *topics))
        await stack.enter_async_context(running(*(it.run() for it in loops)))
        yield Business(renewal, provider, extensions, tap)
