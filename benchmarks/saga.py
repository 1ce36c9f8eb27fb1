"""The saga alone, with eleven steps that do nothing, until it is completed and durable; beside DBOS Transact.

A step of the real saga is of one of three kinds, and each is measured:

* *local*: the service takes the step itself. Its effect lies in the service's own database and commits with
  the fact that records it, so several in a row are one commit, and a crash leaves all of them or none. This
  is what an empty step is to this runtime, and what the goal applies to.
* *a call*: an outbound call. The intent is durable before the call, the outcome and the next intent after it;
  eleven of them are twelve commits in a row, with any action. This is the strict equivalent of a DBOS step,
  which may have any effect, runs at least once and has its outcome recorded; DBOS records no intent. Alone it
  waits for the disk most of the time; many share commits.
* *a command*: another service with a database of its own gets a command over Kafka and replies the same way:
  22 hops, which DBOS does not make at all. For information.

DBOS runs in a process of its own on the same server, before our saga does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.figures import Figure, Goal
from benchmarks.idle_saga import Sagas, by_call, locally
from benchmarks.in_flight import IN_FLIGHT, Action, completed
from benchmarks.remote_steps import PARTICIPANT, SAGA, Replies, by_command, participant
from benchmarks.workflows import measured_apart
from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.consumer import Consumer
from kernel.messaging.relay import Relay
from kernel.observability.health import Heartbeats
from kernel.scheduling.outbound_calls import OutboundCalls
from kernel.service.runtime import running
from kernel.store.event_store import EventStore
from tests.support.database import migrated_database, service_pool
from tests.support.parts import Parts, running_parts
from tests.support.single_service import created_database

GOAL = Goal(">=", 10, of_ratio=True)
PEER = "DBOS"


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with running_parts(home) as parts:
        server = parts.postgres_superuser_url
        theirs = await created_database("workflows", server)
        peer = await measured_apart(theirs.owner_url)
        ours = await migrated_database("saga", server)
        for name, goal, running in (
            ("local steps", GOAL, _alone(ours)),
            ("calls", GOAL, _calling(ours)),
            ("commands", None, _remote(parts, ours)),
        ):
            async with running as run_one:
                for it in IN_FLIGHT:
                    speed = await completed(run_one, it)
                    yield Figure(f"sagas of eleven {name}, {it} in flight", speed, "/s", PEER, peer[it], goal)


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[Action]:
    async with service_pool(database) as pool:
        yield Sagas(EventStore(pool, MESSAGES), locally).run_one


@asynccontextmanager
async def _calling(database: Database) -> AsyncIterator[Action]:
    async with service_pool(database) as pool:
        store = EventStore(pool, MESSAGES)
        sagas = Sagas(store, by_call)
        async with running(OutboundCalls("bench", sagas.callers(), store, Heartbeats()).run()):
            yield sagas.run_one


@asynccontextmanager
async def _remote(parts: Parts, ours: Database) -> AsyncIterator[Action]:
    """Both services in this process, each with a database, relay and consumer of its own."""
    other = await migrated_database("participant", parts.postgres_superuser_url)
    bootstrap = parts.kafka_bootstrap
    async with service_pool(ours) as our_pool, service_pool(other) as other_pool:
        store, beats = EventStore(our_pool, MESSAGES), Heartbeats()
        other_store, other_beats = EventStore(other_pool, MESSAGES), Heartbeats()
        sagas = Sagas(store, by_command)
        replies = Consumer(SAGA, ["cart.events"], [Replies(sagas)], store, KafkaConnection(bootstrap), beats)
        commands = Consumer(
            PARTICIPANT,
            ["cart.commands"],
            [participant()],
            other_store,
            KafkaConnection(bootstrap),
            other_beats,
        )
        async with running(
            Relay(SAGA, ours.service_url, KafkaConnection(bootstrap), beats).run(),
            Relay(PARTICIPANT, other.service_url, KafkaConnection(bootstrap), other_beats).run(),
            replies.run(),
            commands.run(),
        ):
            yield sagas.run_one
