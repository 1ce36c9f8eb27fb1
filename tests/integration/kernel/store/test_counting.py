"""Metrics count what was stored, not how often it was tried."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import structlog
from prometheus_client import REGISTRY

from cart.carts.domain.cart import Cart
from cart.carts.expired_locks import count_expired_locks
from cart.carts.use_cases.cart_access import release_expired_lock
from contracts import cart as facts
from contracts.topics import MESSAGES
from kernel import ids
from kernel.context import Context
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from tests.support.database import Pool
from tests.unit.cart.facts import CHECKOUT, STEP, sale

CONTEXT = Context("demo", "test", "test", "test")


def counted() -> float:
    return REGISTRY.get_sample_value("feira_cart_locks_expired_total") or 0


async def test_an_expired_lock_is_counted_once_after_several_attempts(pool: Pool) -> None:
    store, another = EventStore(pool, MESSAGES), EventStore(pool, MESSAGES)
    store.add_commit_hooks(partial(count_expired_locks, messages=MESSAGES))
    cart_id = ids.new_id()

    async def lock(work: PgUnitOfWork) -> None:
        cart = work.create(Cart, cart_id)
        cart.create(
            session_id="s", customer_id=None, currency="USD", cart_type="standard", metadata={},
            expires_at=work.now + timedelta(hours=72),
        )  # fmt: skip
        cart.record(
            facts.Locked( checkout_id=CHECKOUT, step=STEP, session_id="s", sale=sale(),
            lock_expires_at=work.now,
        ))  # fmt: skip

    async def change(work: PgUnitOfWork) -> None:
        (await work.open(Cart, cart_id)).record(facts.Repriced(items=()))

    tries = 0

    async def free(work: PgUnitOfWork) -> None:
        nonlocal tries
        tries += 1
        await release_expired_lock(await work.open(Cart, cart_id), work)
        if tries < 4:
            await another.run(CONTEXT, change)

    await another.run(CONTEXT, lock)
    before = counted()
    with structlog.testing.capture_logs() as log:
        await store.run(CONTEXT, free)

    assert tries == 4
    assert counted() == before + 1
    assert [it["event"] for it in log] == ["cart_lock_expired"]
