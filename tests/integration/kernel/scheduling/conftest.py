"""A store on a database of its own, whose clock the test may move."""

import pytest

from contracts.topics import MESSAGES
from kernel.store.event_store import EventStore
from tests.support.database import Pool


@pytest.fixture
def store(pool: Pool) -> EventStore:
    return EventStore(pool, MESSAGES)
