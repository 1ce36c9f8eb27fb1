"""Facts of plans, as the copy of plans gets them."""

from __future__ import annotations

from typing import Any

from checkout_saga.subscriptions.plan_facts import PlanFacts
from contracts.envelope import Fact
from tests.integration.cart.messages import message
from tests.support.database import Pool

NO_WORK: Any = None


async def keep_copy(pool: Pool, *facts: Fact, tenant: str = "demo") -> None:
    """In one batch."""
    async with pool.acquire() as connection, connection.transaction():
        await PlanFacts().handle([message(it, tenant) for it in facts], NO_WORK, connection)
