"""The offer service's copy of customers: profiles, and the orders that count."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from contracts import customer, order
from contracts.envelope import Fact
from contracts.sale import Sale, SaleLine, Totals
from offer.customers.domain import CustomerProfile
from offer.customers.link_rows import LinkRows
from offer.customers.order_rows import OrderFact, OrderRows
from offer.customers.profile_rows import ProfileRows
from offer.customers.repository import CustomerRepository
from tests.support.advisory_locks import until_locked_out
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.scenario import NOW

MIGRATIONS = Path(__file__).parents[3] / "services/offer/src/offer/migrations"
MUG = UUID(int=7)


@pytest.fixture(scope="module")
async def pool(parts: Parts) -> AsyncIterator[Pool]:
    database = await migrated_database("feira_offer_customers", parts.postgres_superuser_url, MIGRATIONS)
    async with service_pool(database) as pool:
        yield pool


def created(order_id: UUID, customer_id: str, total: int, currency: str = "USD") -> order.Created:
    line = SaleLine(
        line_id="1",
        product_id=MUG,
        product_type="course",
        sku="m",
        name="Mug",
        quantity=1,
        unit_price=total,
        discount=0,
        tax=0,
        total=total,
    )
    return order.Created(
        originator_id=order_id,
        originator_version=1,
        timestamp=NOW,
        number="1",
        checkout_id=uuid4(),
        cart_id=uuid4(),
        customer_id=customer_id,
        payment_id=uuid4() if total else None,
        sale=Sale(
            currency=currency,
            lines=(line,),
            totals=Totals(subtotal=total, discount=0, shipping=0, tax=0, total=total),
        ),
    )


def paid(order_id: UUID) -> order.Paid:
    return order.Paid(originator_id=order_id, originator_version=2, timestamp=NOW, currency="USD", amount=1)


def cancelled(order_id: UUID) -> order.Cancelled:
    return order.Cancelled(originator_id=order_id, originator_version=3, timestamp=NOW, reason="late")


def linked(customer_id: str, guest_id: str) -> customer.Linked:
    return customer.Linked(
        originator_id=uuid4(),
        originator_version=1,
        timestamp=NOW,
        customer_id=customer_id,
        guest_id=guest_id,
    )


def erased(customer_id: str) -> customer.Erased:
    return customer.Erased(
        originator_id=uuid4(), originator_version=2, timestamp=NOW, customer_id=customer_id
    )


async def apply(pool: Pool, *facts: object, tenant: str = "demo") -> None:
    profiles, links, orders = ProfileRows(), LinkRows(), OrderRows()
    for fact in facts:
        match fact:
            case customer.ProfileChanged():
                profiles.add(tenant, fact)
            case customer.Linked():
                links.add(tenant, fact)
            case customer.Erased():
                profiles.add(tenant, fact)
                links.add(tenant, fact)
            case fact if isinstance(fact, OrderFact):
                orders.add(tenant, fact)
    async with pool.acquire() as connection, connection.transaction():
        await profiles.write(connection)
        await orders.write(connection)
        await links.write(connection)


async def find(pool: Pool, customer_id: str, tenant: str = "demo") -> CustomerProfile:
    return (await CustomerRepository(pool).read(tenant, [customer_id]))[customer_id]


def changed(customer_id: str, version: int, *segments: str) -> customer.ProfileChanged:
    return customer.ProfileChanged(
        originator_id=uuid4(),
        originator_version=version,
        timestamp=NOW,
        customer_id=customer_id,
        segments=segments,
        qualifications=("nurse",),
        email_verified=True,
    )


async def test_an_unknown_customer_has_nothing(pool: Pool) -> None:
    assert await find(pool, "nobody") == CustomerProfile("nobody")


async def test_an_older_profile_does_not_replace_a_newer_one(pool: Pool) -> None:
    await apply(pool, changed("ann", 2, "vip", "gold"))
    await apply(pool, changed("ann", 1))
    assert await find(pool, "ann") == CustomerProfile(
        "ann", frozenset({"vip", "gold"}), frozenset({"nurse"}), email_verified=True
    )


async def test_paid_and_free_orders_count_and_cancelled_and_unpaid_ones_do_not(pool: Pool) -> None:
    one, two, three, free, unpaid = (uuid4() for _ in range(5))
    await apply(
        pool,
        *(created(one, "bob", 1000), paid(one), created(two, "bob", 500, "EUR"), created(three, "bob", 300)),
        *(created(free, "bob", 0), created(unpaid, "bob", 900)),
    )
    await apply(pool, paid(two), paid(three), cancelled(three))

    found = await find(pool, "bob")

    assert (found.paid_orders, found.spent) == (3, {"USD": 1000, "EUR": 500})
    assert found.bought == {MUG}


def fulfilled(order_id: UUID, result: str = "successful") -> order.PartiallyFulfilled:
    results = (order.LineResult(line_id="1", result=result),)
    return order.PartiallyFulfilled(
        originator_id=order_id, originator_version=3, timestamp=NOW, results=results
    )


async def test_what_was_delivered_of_a_paid_order_counts_as_had(pool: Pool) -> None:
    one, failed, called_off = (uuid4() for _ in range(3))
    for order_id, result in ((one, "successful"), (failed, "failed"), (called_off, "successful")):
        buyer = f"of-{order_id}"
        await apply(pool, created(order_id, buyer, 1000), paid(order_id), fulfilled(order_id, result))
    await apply(pool, cancelled(called_off))
    had = [(await find(pool, f"of-{it}")).fulfilled for it in (one, failed, called_off)]
    assert had == [{MUG}, frozenset(), frozenset()]


async def test_a_delivery_that_is_read_after_the_order_counts_as_well(pool: Pool) -> None:
    order_id = uuid4()
    await apply(pool, created(order_id, "kim", 1000), paid(order_id))
    await apply(pool, fulfilled(order_id))
    assert (await find(pool, "kim")).fulfilled == {MUG}


async def test_another_tenants_customer_of_the_same_id_is_another_customer(pool: Pool) -> None:
    order_id = uuid4()
    await apply(pool, changed("eve", 1, "vip"), created(order_id, "eve", 1000), paid(order_id))
    assert await find(pool, "eve", "rival") == CustomerProfile("eve")


async def test_an_erased_customer_leaves_nothing(pool: Pool) -> None:
    order_id = uuid4()
    await apply(pool, changed("joe", 1, "vip"), created(order_id, "joe", 1000), paid(order_id))
    await apply(pool, erased("joe"))
    assert await find(pool, "joe") == CustomerProfile("joe")


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_an_order_of_before_the_erasure_that_is_read_after_it_leaves_nothing(
    pool: Pool, in_one_batch: bool
) -> None:
    name, early, late = f"zoe-{uuid4()}", uuid4(), uuid4()
    after = created(late, name, 500).model_copy(update={"timestamp": NOW + timedelta(hours=1)})
    facts = [
        erased(name),
        changed(name, 3, "vip"),
        created(early, name, 1000),
        paid(early),
        after,
        paid(late),
    ]
    for batch in [facts] if in_one_batch else [[it] for it in facts]:
        await apply(pool, *batch)
    found = await find(pool, name)
    assert (found.paid_orders, found.spent) == (1, {"USD": 500})
    assert found.segments == {"vip"}


async def test_an_order_waits_for_the_erasure_that_is_being_read(pool: Pool) -> None:
    name, order_id = f"max-{uuid4()}", uuid4()
    profiles, orders = ProfileRows(), OrderRows()
    profiles.add("demo", erased(name))
    orders.add("demo", created(order_id, name, 1000))
    orders.add("demo", paid(order_id))

    async def copy_order() -> None:
        async with pool.acquire() as connection, connection.transaction():
            await orders.write(connection)

    async with pool.acquire() as connection:
        async with connection.transaction():
            await profiles.write(connection)
            copying = asyncio.create_task(copy_order())
            await until_locked_out(connection)
        await copying
    assert await find(pool, name) == CustomerProfile(name)


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_a_persons_orders_count_together_whatever_comes_first(pool: Pool, in_one_batch: bool) -> None:
    for turns in permutations(range(4)):
        name = uuid4()
        ids = account, guest, other = f"ann-{name}", f"guest-{name}", f"guest-2-{name}"
        orders = [uuid4() for _ in ids]
        arrivals: list[list[Fact]] = [
            *([created(one, it, 1000), paid(one)] for one, it in zip(orders, ids, strict=True)),
            [linked(account, guest), linked(account, other), linked(account, guest)],
        ]
        batches = [arrivals[it] for it in turns]
        for batch in [[it for one in batches for it in one]] if in_one_batch else batches:
            await apply(pool, *batch)
        for customer_id in ids:
            found = await find(pool, customer_id)
            assert (found.paid_orders, found.spent) == (3, {"USD": 3000}), turns
            assert found.bought == {MUG}
            assert found.ids == {*ids}
        assert (await find(pool, account, "rival")).ids == {account}


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_the_erasure_of_an_account_removes_its_links_alone(pool: Pool, in_one_batch: bool) -> None:
    ann, bob, guest, order_id = f"ann-{uuid4()}", f"bob-{uuid4()}", f"guest-{uuid4()}", uuid4()
    before = [created(order_id, guest, 1000), paid(order_id), linked(ann, guest), linked(bob, guest)]
    for batch in [[*before, erased(ann)]] if in_one_batch else [[it] for it in [*before, erased(ann)]]:
        await apply(pool, *batch)
    assert (await find(pool, ann)) == CustomerProfile(ann)
    assert (await find(pool, guest)).ids == {guest, bob}
    await apply(pool, erased(ann), linked(ann, guest))
    assert (await find(pool, ann)).ids == {ann, guest}


@pytest.mark.parametrize("erased_first", [True, False])
async def test_in_one_batch_only_a_profile_of_after_the_erasure_is_kept(
    pool: Pool, erased_first: bool
) -> None:
    for customer_id, version, kept in (("lea", 1, frozenset()), ("liv", 3, frozenset({"vip"}))):
        batch = [erased(customer_id), changed(customer_id, version, "vip")]
        await apply(pool, changed(customer_id, 1), *(batch if erased_first else reversed(batch)))
        assert (await find(pool, customer_id)).segments == kept
