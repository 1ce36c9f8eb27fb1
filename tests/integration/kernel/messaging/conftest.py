"""A service's store, database and broker, and a table of the consumers' effects."""

from __future__ import annotations

from uuid import uuid4

import pytest

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.store.event_store import EventStore
from tests.integration.kernel.messaging.group import Group, make_effects_table
from tests.support.database import Pool
from tests.support.parts import Parts


@pytest.fixture
def store(pool: Pool) -> EventStore:
    return EventStore(pool, MESSAGES)


@pytest.fixture
async def group(parts: Parts, database: Database, store: EventStore) -> Group:
    """A new consumer group, positioned behind the records of other tests."""
    await make_effects_table(database)
    group = Group(f"group-{uuid4()}", store, parts.kafka_bootstrap)
    await group.seek_to_end("offer.events", "cart.commands")
    return group
