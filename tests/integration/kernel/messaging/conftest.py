"""A service's store and database with the broker beside it, and a table that shows what consumers did."""

from __future__ import annotations

from uuid import uuid4

import pytest

from cli.stack.databases import Database
from contracts.topics import MESSAGES
from kernel.store.event_store import EventStore
from tests.integration.kernel.messaging.group import Group, make_effects_table
from tests.support.database import Pool
from tests.support.parts import Parts


@pytest.fixture
def store(pool: Pool) -> EventStore:
    return EventStore(pool, MESSAGES)


@pytest.fixture
async def group(parts: Parts, database: Database, store: EventStore) -> Group:
    """A consumer group of its own that has read all that other tests have left behind."""
    await make_effects_table(database)
    group = Group(f"group-{uuid4()}", store, parts.kafka_bootstrap)
    await group.stand_at_the_end("offer.events", "cart.commands")
    return group
