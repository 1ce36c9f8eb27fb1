"""The cart's copy of links: in every order of arrival a person's orders and uses count together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import permutations
from uuid import uuid4

import pytest

from cart.catalogue.change_listener import CatalogueChangeListener
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.excerpt import Wanted
from cart.catalogue.repository import CatalogueRepository, TransactionalCatalogue
from contracts import customer, promotion
from contracts.envelope import Fact
from devstack.databases import Database
from kernel.observability.health import Heartbeats
from tests.integration.cart.messages import project, stamp
from tests.integration.cart.test_catalogue_cache import MIGRATIONS
from tests.integration.cart.test_copy import bought, moment, paid
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.running import running
from tests.support.waiting import until


@pytest.fixture(scope="module")
async def database(parts: Parts) -> Database:
    return await migrated_database("feira_cart_links", parts.postgres_superuser_url, MIGRATIONS)


@pytest.fixture(scope="module")
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database) as pool:
        yield pool


class Person:
    """An account and two guests, with an order each."""

    def __init__(self) -> None:
        name = uuid4()
        self.account, self.guest, self.other = f"ann-{name}", f"guest-{name}", f"guest-2-{name}"
        self.mug, self.stream = uuid4(), uuid4()
        self.orders = {it: uuid4() for it in self.ids}

    @property
    def ids(self) -> tuple[str, ...]:
        return self.account, self.guest, self.other

    def link(self, version: int = 1) -> customer.Linked:
        return customer.Linked(**stamp(self.stream, version), customer_id=self.account, guest_id=self.guest)

    def other_link(self) -> customer.Linked:
        return customer.Linked(**stamp(self.stream, 2), customer_id=self.account, guest_id=self.other)

    def erased(self, version: int = 3) -> customer.Erased:
        return customer.Erased(**stamp(self.stream, version), customer_id=self.account)

    def purchase(self, customer_id: str) -> tuple[Fact, Fact]:
        order_id = self.orders[customer_id]
        return bought(order_id, customer_id, self.mug), paid(order_id)

    async def known(self, pool: Pool, tenant: str = "demo") -> dict[str, KnownCustomer]:
        async with pool.acquire() as connection:
            seen = await TransactionalCatalogue(connection).read(tenant, Wanted(customers=self.ids))
        return {it: seen.customers[it] for it in self.ids}


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_the_counts_are_the_same_for_all_orders_of_arrival(pool: Pool, in_one_batch: bool) -> None:
    """Facts of one stream keep their order: an order's, and the links of one account."""
    for turns in permutations(range(4)):
        ann = Person()
        arrivals: list[tuple[Fact, ...]] = [
            *(ann.purchase(it) for it in (ann.account, ann.guest, ann.other)),
            (ann.link(), ann.other_link(), ann.link()),
        ]
        batches = [arrivals[it] for it in turns]
        for batch in [[it for one in batches for it in one]] if in_one_batch else batches:
            await project(pool, *batch)
        known = await ann.known(pool)
        for customer_id, it in known.items():
            assert (it.paid_orders, it.spent) == (3, {"USD": 3000}), turns
            assert it.bought == {str(ann.mug)}
            assert it.linked == {*ann.ids} - {customer_id}
        assert {it.paid_orders for it in (await ann.known(pool, "rival")).values()} == {0}


async def test_uses_of_a_promotion_count_together_and_a_purchase_after_the_link_counts(pool: Pool) -> None:
    ann, once = Person(), uuid4()
    limits = promotion.Limits(per_customer=2)
    terms = promotion.Terms(code=uuid4().hex, kind="percentage", value="10", limits=limits)

    def use(version: int, customer_id: str) -> promotion.Reserved:
        return promotion.Reserved(**stamp(once, version), checkout_id=uuid4(), customer_id=customer_id)

    await project(pool, promotion.Created(**stamp(once, 1), terms=terms), use(2, ann.guest))
    await project(pool, ann.link())
    assert [(it.uses, it.linked) for it in (await ann.known(pool)).values()] == [
        ({once: 1}, {ann.guest}),
        ({once: 1}, {ann.account}),
        ({}, frozenset()),
    ]
    await project(pool, use(3, ann.guest))
    async with pool.acquire() as connection:
        wanted = Wanted(promotions=[once], customers=ann.ids)
        seen = await TransactionalCatalogue(connection).read("demo", wanted)
    used_up = [seen.promotions[once].is_used_up_by(seen.customer(it)) for it in ann.ids]
    assert used_up == [True, True, False]


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_the_erasure_of_the_account_removes_its_links_and_a_later_link_stays(
    pool: Pool, in_one_batch: bool
) -> None:
    ann = Person()
    before = [*ann.purchase(ann.guest), ann.link(), ann.other_link(), ann.erased()]
    for batch in [before] if in_one_batch else [[it] for it in before]:
        await project(pool, *batch)
    assert [(it.paid_orders, it.linked) for it in (await ann.known(pool)).values()] == [
        (0, frozenset()),
        (1, frozenset()),
        (0, frozenset()),
    ]
    assert await pool.fetchval("SELECT count(*) FROM customer_links WHERE customer_id = $1", ann.account) == 0
    await project(pool, ann.erased(4), ann.link(5))
    assert (await ann.known(pool))[ann.account].paid_orders == 1


async def test_the_erasure_of_one_account_leaves_the_link_of_another(pool: Pool) -> None:
    """The two accounts' facts are in two partitions: the later link may come before the erasure."""
    ann, bob = Person(), f"bob-{uuid4()}"
    await project(pool, ann.link())
    await project(pool, customer.Linked(**stamp(uuid4(), 1), customer_id=bob, guest_id=ann.guest))
    await project(pool, ann.erased())
    assert (await ann.known(pool))[ann.guest].linked == {bob}


async def test_news_of_one_id_are_news_of_all_that_are_remembered(pool: Pool, database: Database) -> None:
    ann = Person()
    listener = CatalogueChangeListener(database.service_url, Heartbeats())
    catalogue = CatalogueRepository(pool, listener, 0)

    async def orders() -> list[int]:
        seen = await catalogue.read("demo", Wanted(customers=ann.ids))
        return [seen.customers[it].paid_orders for it in ann.ids]

    async def counts_after(*facts: Fact) -> list[int]:
        change = listener.next_change
        await project(pool, *facts)
        await asyncio.wait_for(change.wait(), 30)
        return await orders()

    async with running(listener.run()):
        await until(lambda: listener.is_listening)
        assert await orders() == [0, 0, 0]
        assert await counts_after(*ann.purchase(ann.guest)) == [0, 1, 0]
        assert await counts_after(ann.link(), ann.other_link()) == [1, 1, 1]
        assert await counts_after(*ann.purchase(ann.other)) == [2, 2, 2]
        assert await counts_after(*ann.purchase(ann.account)) == [3, 3, 3]


async def test_a_cart_is_shown_as_of_before_the_link(pool: Pool, database: Database) -> None:
    ann = Person()
    catalogue = CatalogueRepository(pool, CatalogueChangeListener(database.service_url, Heartbeats()), 0)
    await project(pool, *ann.purchase(ann.guest))
    then = await moment(pool)
    await project(pool, ann.link())
    wanted = Wanted(customers=[ann.account])
    assert (await catalogue.read_as_of("demo", wanted, then)).customers[ann.account].paid_orders == 0
    now = await moment(pool)
    assert (await catalogue.read_as_of("demo", wanted, now)).customers[ann.account].paid_orders == 1
