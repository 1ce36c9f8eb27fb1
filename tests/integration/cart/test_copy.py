"""The cart's copy of what is sold and of customers: what is read back after facts of other services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from cart.catalogue.change_listener import CatalogueChangeListener
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.excerpt import CatalogueExcerpt, Wanted
from cart.catalogue.domain.products import Stock
from cart.catalogue.repository import CatalogueRepository, TransactionalCatalogue
from cart.catalogue.retention import delete_history
from contracts import (
    campaign,
    customer,
    experiment,
    funnel,
    offer,
    order,
    pricing_policy,
    product,
    promotion,
    shipping_rate,
    stock,
    upsell,
)
from contracts.sale import Sale, SaleLine, Totals
from devstack.databases import Database
from kernel.observability.health import Heartbeats
from pricing.rounding import Level, Mode, Rounding
from tests.integration.cart.messages import project, stamp
from tests.integration.cart.test_catalogue_cache import MIGRATIONS
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import Parts

COPIED = "SELECT product_id FROM repricing WHERE tenant = 'demo'"


@pytest.fixture(scope="module")
async def database(parts: Parts) -> Database:
    return await migrated_database("feira_cart_copy", parts.postgres_superuser_url, MIGRATIONS)


@pytest.fixture(scope="module")
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database) as pool:
        yield pool


async def read(pool: Pool, wanted: Wanted, tenant: str = "demo") -> CatalogueExcerpt:
    async with pool.acquire() as connection:
        return await TransactionalCatalogue(connection).read(tenant, wanted)


def sold(product_id: UUID, version: int = 1, status: str = "active", **details: Any) -> product.Created:
    """A mug at 1000 USD."""
    known: dict[str, Any] = {
        "sku": str(product_id),
        "name": "Mug",
        "type": "physical_product",
        "prices": (product.Price(amount=1000, currency="USD"),),
    }
    return product.Created(
        **stamp(product_id, version), details=product.Details(**known | details), status=status
    )


def offered(offer_id: UUID, *products: UUID, base: int = 7900) -> offer.Created:
    details = offer.OfferDetails(
        slug=f"kit-{offer_id}",
        name="Kit",
        type="physical_product",
        products=tuple(
            offer.Component(product_id=it, position=position) for position, it in enumerate(products)
        ),
        price=offer.OfferPrice(currency="USD", base=base),
        shipping=offer.OfferShipping(requires_shipping=True),
    )
    return offer.Created(**stamp(offer_id, 1), details=details)


def proposed(upsell_id: UUID, offer_id: UUID, product_id: UUID) -> upsell.Created:
    details = upsell.UpsellDetails(
        type="upsell",
        product_id=product_id,
        name="More",
        discount=upsell.Reduction(type="percentage", value="10"),
    )
    return upsell.Created(**stamp(upsell_id, 1), offer_id=offer_id, details=details)


def bought(
    order_id: UUID, customer_id: str, *product_ids: UUID, total: int = 1000, free: bool = False
) -> order.Created:
    lines = tuple(
        SaleLine(
            line_id=str(number),
            product_id=it,
            product_type="course",
            sku="c",
            name="Course",
            quantity=1,
            unit_price=total,
            discount=0,
            tax=0,
            total=total,
        )
        for number, it in enumerate(product_ids, 1)
    )
    totals = Totals(subtotal=total, discount=0, shipping=0, tax=0, total=total)
    return order.Created(
        **stamp(order_id, 1),
        number="1",
        checkout_id=uuid4(),
        cart_id=uuid4(),
        customer_id=customer_id,
        payment_id=None if free else uuid4(),
        sale=Sale(currency="USD", lines=lines, totals=totals),
    )


def paid(order_id: UUID) -> order.Paid:
    return order.Paid(**stamp(order_id, 2), currency="USD", amount=1000)


async def test_an_offer_is_read_with_all_that_belongs_to_it(pool: Pool) -> None:
    kit, mug, pen, more, step = (uuid4() for _ in range(5))
    test, sale = uuid4(), uuid4()
    variant = experiment.Variant(variant_id=uuid4(), name="b", weight=1)
    await project(
        pool,
        *(sold(mug), sold(pen), offered(kit, mug), proposed(more, kit, pen)),
        offer.Published(**stamp(kit, 2)),
        funnel.StepAdded(
            **stamp(uuid4(), 1),
            offer_id=kit,
            step_id=step,
            details=funnel.FunnelStep(name="s", type="upsell", trigger="decline", upsell_id=more, position=1),
        ),
        experiment.Created(
            **stamp(test, 1),
            offer_id=kit,
            details=experiment.ExperimentDetails(name="test", variants=(variant,)),
        ),
        experiment.Started(**stamp(test, 2), offer_id=kit),
        campaign.Created(**stamp(sale, 1), details=campaign.CampaignDetails(name="Sale", offer_ids=(kit,))),
        campaign.Started(**stamp(sale, 2)),
        tenant="offers",
    )

    for wanted in (Wanted(offers=[kit]), Wanted(slug=f"kit-{kit}")):
        seen = await read(pool, wanted, "offers")
        known = seen.offers[kit]
        assert set(seen.products) == {mug, pen}
        assert (known.status, known.details.price.base) == ("published", 7900)
        assert [it.upsell_id for it in seen.upsells_of(kit)] == [more]
        assert [it.step_id for it in seen.funnel_steps[kit]] == [step]
        assert known.experiment is not None
        assert known.experiment.experiment_id == test
        assert [it.campaign_id for it in known.campaigns] == [sale]
    assert (await read(pool, Wanted(offers=[kit]))).offers == {}


async def test_changes_of_an_offer_keep_what_they_do_not_name(pool: Pool) -> None:
    kit, mug, more, sale = (uuid4() for _ in range(4))
    await project(pool, sold(mug), offered(kit, mug), proposed(more, kit, mug))
    price = offer.OfferPrice(currency="USD", base=500)
    await project(
        pool,
        offer.PriceChanged(
            **stamp(kit, 2),
            old=price,
            new=price,
            previous_current=7900,
            current=500,
            currency="USD",
            reason="admin",
        ),
    )
    await project(
        pool,
        offer.Published(**stamp(kit, 3)),
        upsell.Removed(**stamp(more, 2), offer_id=kit),
        campaign.Created(**stamp(sale, 1), details=campaign.CampaignDetails(name="Sale", offer_ids=(kit,))),
        campaign.Started(**stamp(sale, 2)),
        campaign.Exhausted(**stamp(sale, 3)),
    )
    details = campaign.CampaignDetails(name="Longer sale", offer_ids=(kit,))
    await project(pool, campaign.Changed(**stamp(sale, 4), details=details))

    seen = await read(pool, Wanted(offers=[kit], upsells=[more]))
    assert (seen.offers[kit].status, seen.offers[kit].details.price.base) == ("published", 500)
    assert seen.upsells_of(kit) == []
    assert seen.upsells[more].status == "removed"
    (known,) = seen.offers[kit].campaigns
    assert (known.details.name, known.exhausted) == ("Longer sale", True)


async def test_a_promotion_that_a_campaign_names_knows_it_even_if_the_campaign_has_ended(pool: Pool) -> None:
    spring, sale = uuid4(), uuid4()
    terms = promotion.Terms(code=None, kind="percentage", value="10")
    await project(
        pool,
        promotion.Created(**stamp(spring, 1), terms=terms),
        campaign.Created(
            **stamp(sale, 1), details=campaign.CampaignDetails(name="Sale", promotion_ids=(spring,))
        ),
        campaign.Ended(**stamp(sale, 2)),
        tenant="campaigns",
    )
    (known,) = (await read(pool, Wanted(), "campaigns")).promotions.values()
    assert [it.status for it in known.campaigns] == ["ended"]


async def test_rates_and_the_policy_are_in_every_excerpt(pool: Pool) -> None:
    rates, slow, fast = uuid4(), uuid4(), uuid4()
    details = shipping_rate.ShippingRateDetails(
        name="Post", currency="USD", brackets=(shipping_rate.Bracket(amount=500),)
    )
    await project(
        pool,
        shipping_rate.Set(**stamp(rates, 1), rate_id=slow, details=details),
        shipping_rate.Set(**stamp(rates, 2), rate_id=fast, details=details),
        shipping_rate.Removed(**stamp(rates, 3), rate_id=slow),
        pricing_policy.Set(**stamp(uuid4(), 1), rounding_mode="half_even", tax_rounding="total"),
        tenant="rates",
    )
    seen = await read(pool, Wanted(), "rates")
    assert [it.rate_id for it in seen.shipping_rates] == [fast]
    assert seen.policy == Rounding(Mode.HALF_EVEN, Level.TOTAL)
    assert (await read(pool, Wanted(), "bare")).policy == Rounding()


async def test_a_variant_has_what_it_leaves_out_of_its_parent_which_is_not_sold_itself(pool: Pool) -> None:
    shirt, small = uuid4(), uuid4()
    await project(pool, sold(shirt, category="shirts"), sold(small, prices=(), variant_of=shirt))
    seen = await read(pool, Wanted(products=[small]))
    assert seen.products[small].details.prices[0].amount == 1000
    assert seen.products[small].details.category == "shirts"
    assert not seen.products[shirt].is_on_sale
    await project(pool, product.Archived(**stamp(small, 2)))
    assert (await read(pool, Wanted(products=[shirt]))).products[shirt].is_on_sale


async def test_stock_is_counted_and_belongs_to_its_product(pool: Pool) -> None:
    mug, pen, shelf = uuid4(), uuid4(), uuid4()
    held: dict[str, Any] = {"product_id": mug, "checkout_id": uuid4()}
    await project(
        pool,
        *(sold(mug), sold(pen)),
        stock.Adjusted(**stamp(shelf, 1), product_id=mug, on_hand=10, allow_backorders=False),
        stock.Reserved(**stamp(shelf, 2), quantity=4, **held),
    )
    await project(pool, stock.Confirmed(**stamp(shelf, 3), quantity=4, **held))
    await project(pool, stock.Received(**stamp(shelf, 4), product_id=mug, quantity=2))
    await project(pool, stock.Received(**stamp(shelf, 4), product_id=mug, quantity=2))
    seen = (await read(pool, Wanted(products=[mug, pen]))).products
    assert seen[mug].stock == Stock(8, 0, allow_backorders=False)
    assert seen[pen].stock is None


async def test_a_customer_has_segments_orders_and_what_they_contained(pool: Pool) -> None:
    course, bundle, ann = uuid4(), uuid4(), f"ann-{uuid4()}"
    first, second, third, late = (uuid4() for _ in range(4))
    await project(pool, sold(course, type="course"), sold(bundle, type="bundle", course_ids=(str(course),)))
    profile: dict[str, Any] = {"segments": ("vip",), "qualifications": ("nurse",), "email_verified": True}
    await project(pool, customer.ProfileChanged(**stamp(uuid4(), 1), customer_id=ann, **profile))
    await project(
        pool,
        *(bought(first, ann, bundle), paid(first), bought(second, ann, course, total=500)),
        bought(third, ann, total=0, free=True),
        *(bought(late, ann, course), paid(late), order.Cancelled(**stamp(late, 3), reason="fraud")),
    )
    known = (await read(pool, Wanted(customers=[ann]))).customers[ann]
    assert known == KnownCustomer(
        customer_id=ann,
        segments=frozenset({"vip"}),
        qualifications=frozenset({"nurse"}),
        email_verified=True,
        paid_orders=2,
        spent={"USD": 1000},
        bought=frozenset({str(bundle), str(course)}),
    )
    assert (known.has("nurse"), known.has(str(course))) == (True, False)

    results = (order.LineResult(line_id="1", result="successful"),)
    await project(pool, order.Fulfilled(**stamp(first, 3), results=results))
    known = (await read(pool, Wanted(customers=[ann]))).customers[ann]
    assert known.has("nurse") and known.has(str(course))

    await project(pool, customer.Erased(**stamp(uuid4(), 2), customer_id=ann))
    assert (await read(pool, Wanted(customers=[ann]))).customers[ann] == KnownCustomer(ann)


@pytest.mark.parametrize("order_read", [(0, 1), (1, 0)], ids=["in order", "out of order"])
async def test_an_erased_customer_leaves_no_copy_behind_in_whatever_order_one_batch_has_the_facts(
    pool: Pool, order_read: tuple[int, int]
) -> None:
    ann, stream = f"ann-{uuid4()}", uuid4()
    wanted = Wanted(customers=[ann])
    profile: dict[str, Any] = {"customer_id": ann, "segments": ("vip",)}
    await project(pool, customer.ProfileChanged(**stamp(stream, 1), **profile))
    changed = customer.ProfileChanged(**stamp(stream, 2), **profile, qualifications=("nurse",))
    batch = changed, customer.Erased(**stamp(stream, 3), customer_id=ann)
    await project(
        pool, *(batch[position] for position in order_read), bought(uuid4(), ann, uuid4(), free=True)
    )
    assert (await read(pool, wanted)).customers[ann] == KnownCustomer(ann)
    for table in ("customers", "customers_history", "customer_orders", "customer_orders_history"):
        count = f"SELECT count(*) FROM {table} WHERE customer_id = $1"  # noqa: S608  # our own tables
        assert await pool.fetchval(count, ann) == 0, table


@pytest.mark.parametrize("order_read", [(0, 1), (1, 0)], ids=["in order", "out of order"])
async def test_a_profile_that_is_set_after_the_erasure_is_kept_also_if_both_come_in_one_batch(
    pool: Pool, order_read: tuple[int, int]
) -> None:
    ann, stream = f"ann-{uuid4()}", uuid4()
    old = customer.ProfileChanged(**stamp(stream, 1), customer_id=ann, segments=("vip",))
    await project(pool, old)
    batch = (
        customer.Erased(**stamp(stream, 2), customer_id=ann),
        customer.ProfileChanged(**stamp(stream, 3), customer_id=ann, segments=("new",)),
    )
    await project(pool, *(batch[position] for position in order_read))
    assert (await read(pool, Wanted(customers=[ann]))).customers[ann].segments == {"new"}


async def test_uses_are_kept_by_customer_so_that_a_limit_that_is_set_later_counts_the_earlier_ones(
    pool: Pool,
) -> None:
    once, always, ann = uuid4(), uuid4(), f"ann-{uuid4()}"
    limits = promotion.Limits(per_customer=1)
    use: dict[str, Any] = {"checkout_id": uuid4(), "customer_id": ann}
    await project(
        pool,
        promotion.Created(
            **stamp(once, 1),
            terms=promotion.Terms(code=uuid4().hex, kind="percentage", value="10", limits=limits),
        ),
        promotion.Created(
            **stamp(always, 1), terms=promotion.Terms(code=uuid4().hex, kind="percentage", value="10")
        ),
        promotion.Reserved(**stamp(once, 2), **use),
    )
    await project(pool, promotion.Reserved(**stamp(always, 2), **use))
    seen = await read(pool, Wanted(promotions=[once, always], customers=[ann]))
    assert seen.customers[ann].uses == {once: 1, always: 1}
    assert seen.promotions[once].is_used_up_by(seen.customer(ann))
    assert not seen.promotions[always].is_used_up_by(seen.customer(ann))
    limited = promotion.Terms(code=uuid4().hex, kind="percentage", value="10", limits=limits)
    await project(pool, promotion.Changed(**stamp(always, 3), terms=limited))
    seen = await read(pool, Wanted(promotions=[always], customers=[ann]))
    assert seen.promotions[always].is_used_up_by(seen.customer(ann))
    await project(pool, promotion.Released(**stamp(always, 4), **use))
    await project(pool, promotion.Released(**stamp(once, 3), **use))
    seen = await read(pool, Wanted(customers=[ann]))
    assert not any(seen.customers[ann].uses.values())


async def test_carts_with_an_offer_a_variant_or_an_upsell_are_repriced_with_what_their_prices_depend_on(
    pool: Pool,
) -> None:
    shirt, small, kit, other, more, sale = (uuid4() for _ in range(6))
    await project(
        pool, sold(shirt), sold(small, variant_of=shirt), offered(kit, small), offered(other, small)
    )
    await project(
        pool,
        proposed(more, kit, small),
        campaign.Created(**stamp(sale, 1), details=campaign.CampaignDetails(name="Sale", offer_ids=(kit,))),
    )

    async def requested(*facts: Any) -> set[UUID]:
        async with pool.acquire() as connection:
            await connection.execute("DELETE FROM repricing")
        await project(pool, *facts)
        return {row["product_id"] for row in await pool.fetch(COPIED)}

    changed = product.Changed(**stamp(shirt, 2), details=sold(shirt).details)
    assert await requested(changed) == {shirt, small}
    assert await requested(upsell.Removed(**stamp(more, 2), offer_id=kit)) == {more}
    details = campaign.CampaignDetails(name="Sale", offer_ids=(other,))
    assert await requested(campaign.Changed(**stamp(sale, 2), details=details)) == {kit, other}
    assert await requested(offer.Archived(**stamp(kit, 2))) == {kit}


async def moment(pool: Pool) -> datetime:
    """A moment between what was projected before and what will be."""
    await pool.execute("SELECT pg_sleep(0.002)")
    now: datetime = await pool.fetchval("SELECT now()")
    await pool.execute("SELECT pg_sleep(0.002)")
    return now


async def test_the_copy_is_read_as_it_was_at_a_moment(pool: Pool, database: Database) -> None:
    mug, kit, more, rates, ann = uuid4(), uuid4(), uuid4(), uuid4(), f"ann-{uuid4()}"
    shelf, ten, order_id = uuid4(), uuid4(), uuid4()
    wanted = Wanted(products=[mug], offers=[kit], promotions=[ten], customers=[ann])
    catalogue = CatalogueRepository(pool, CatalogueChangeListener(database.service_url, Heartbeats()), 0)
    before = await moment(pool)
    terms = promotion.Terms(code=ten.hex, kind="percentage", value="10")
    await project(
        pool,
        *(sold(mug), offered(kit, mug), proposed(more, kit, mug)),
        promotion.Created(**stamp(ten, 1), terms=terms),
        stock.Adjusted(**stamp(shelf, 1), product_id=mug, on_hand=1, allow_backorders=False),
        pricing_policy.Set(**stamp(rates, 1), rounding_mode="half_even", tax_rounding="line"),
        tenant="past",
    )
    await project(pool, customer.ProfileChanged(**stamp(uuid4(), 1), customer_id=ann), tenant="past")
    await project(pool, bought(order_id, ann, mug, free=True), tenant="past")
    then = await moment(pool)
    first = await read(pool, wanted, "past")
    dearer = sold(mug, prices=(product.Price(amount=1200, currency="USD"),)).details
    await project(
        pool,
        product.Changed(**stamp(mug, 2), details=dearer),
        upsell.Removed(**stamp(more, 2), offer_id=kit),
        offer.Published(**stamp(kit, 2)),
        promotion.Disabled(**stamp(ten, 2)),
        stock.Adjusted(**stamp(shelf, 2), product_id=mug, on_hand=0, allow_backorders=False),
        pricing_policy.Set(**stamp(rates, 2), rounding_mode="half_up", tax_rounding="line"),
        tenant="past",
    )
    await project(pool, order.Cancelled(**stamp(order_id, 2), reason="fraud"), tenant="past")
    second = await read(pool, wanted, "past")

    assert await catalogue.read_as_of("past", wanted, then) == first
    assert await catalogue.read_as_of("past", wanted, await moment(pool)) == second
    assert first != second
    assert (await catalogue.read_as_of("past", wanted, before)).products == {}


async def test_what_changes_no_answer_leaves_no_history(pool: Pool) -> None:
    mug, shelf, ten = uuid4(), uuid4(), uuid4()
    terms = promotion.Terms(code=ten.hex, kind="percentage", value="10")
    await project(
        pool,
        stock.Adjusted(**stamp(shelf, 1), product_id=mug, on_hand=10, allow_backorders=False),
        promotion.Created(**stamp(ten, 1), terms=terms),
        tenant="quiet",
    )
    await project(
        pool,
        stock.Reserved(**stamp(shelf, 2), product_id=mug, checkout_id=uuid4(), quantity=1),
        promotion.Reserved(**stamp(ten, 2), checkout_id=uuid4(), customer_id="ann"),
        tenant="quiet",
    )
    for table in ("catalogue_stock_history", "catalogue_promotions_history"):
        assert not await pool.fetchval(f"SELECT count(*) FROM {table} WHERE tenant = 'quiet'")  # noqa: S608


async def test_history_is_deleted_after_its_time(pool: Pool) -> None:
    mug = uuid4()
    await project(pool, sold(mug), tenant="old")
    await project(pool, product.Archived(**stamp(mug, 2)), tenant="old")
    kept = "SELECT count(*) FROM catalogue_products_history WHERE tenant = 'old'"
    for keep, left in ((timedelta(days=1), 1), (timedelta(days=-1), 0)):
        for rule in delete_history():
            await pool.execute(rule.delete, keep, 1000)
        assert await pool.fetchval(kept) == left
