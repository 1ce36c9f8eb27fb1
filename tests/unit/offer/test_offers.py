"""Offers: their slugs, their status, their price over time, and whether they can be bought."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from contracts.envelope import Fact
from contracts.offer import Changed, OfferPrice
from offer.catalogue.domain.errors import Invalid, ProductNotFound
from offer.offers.domain.availability import Availability
from offer.offers.domain.errors import OfferNotFound, OfferStatusConflict, SlugExists
from offer.offers.domain.offer import Offer
from offer.offers.domain.shipping import ShippingWish, shipping_of
from offer.offers.use_cases.offers import (
    ChangeOffer,
    ChangePrice,
    archive_offer,
    change_offer,
    change_price,
    create_offer,
    pause_offer,
    publish_offer,
)
from offer.offers.use_cases.price_windows import PRICE_WINDOW, pass_price_window
from offer.offers.use_cases.stock_of_offers import CheckAvailability, check_availability
from pricing.offer_price import current_price
from tests.support.scenario import Scenario, given, stamp
from tests.unit.offer.examples import (
    BOOK,
    CD,
    OTHER_CHECKOUT,
    activated,
    archived,
    counted,
    created,
    held,
    named,
    on_sale,
)
from tests.unit.offer.examples import details as product_details
from tests.unit.offer.offer_examples import (
    CAMPAIGN,
    DISCOUNTED,
    FIFTEEN_PERCENT_OFF,
    MARCH_1,
    MARCH_8,
    OFFER,
    PRICE,
    FakeCampaigns,
    component,
    details,
    new_offer,
    offer_archived,
    offer_created,
    paused,
    price_changed,
    published,
)

SECOND = timedelta(seconds=1)
PRODUCTS = (*on_sale(CD), *on_sale(BOOK))
NONE = FakeCampaigns()


def offered(*more: Fact, price: OfferPrice = PRICE) -> Scenario:
    return given(*PRODUCTS, offer_created(details(price=price)), *more)


def test_an_offer_has_unique_keys_for_its_slug_and_the_list() -> None:
    scenario = given(*PRODUCTS).when(create_offer, new_offer(), NONE)
    offer: Offer = scenario.result
    scenario.then(offer_created(offer_id=offer.id))
    scenario.then_holds("offer_slug", "spring-kit", offer.id)
    scenario.then_holds("offer", str(offer.id), offer.id)


def test_no_two_offers_have_one_slug() -> None:
    scenario = given(*PRODUCTS).claimed("offer_slug", "spring-kit", OFFER)
    scenario.when(create_offer, new_offer(), NONE).then_refused(SlugExists, slug="spring-kit")


def test_the_products_of_an_offer_exist() -> None:
    given(*on_sale(CD)).when(create_offer, new_offer(), NONE).then_refused(
        ProductNotFound, product_id=str(BOOK)
    )


def test_a_new_offer_joins_its_campaign_in_the_same_save() -> None:
    campaigns = FakeCampaigns()
    command = new_offer()
    in_campaign = type(command)(command.fields, command.shipping, CAMPAIGN)
    offer = given(*PRODUCTS).when(create_offer, in_campaign, campaigns).result
    assert campaigns.added == [(CAMPAIGN, offer.id)]


@pytest.mark.parametrize(
    "broken",
    [
        new_offer(price=OfferPrice(currency="USD", base=9900, discount=9900)),
        new_offer(price=OfferPrice(currency="XXX", base=9900)),
        new_offer(price=OfferPrice(currency="USD", base=9900, discount_starts_at=MARCH_1)),
        new_offer(
            price=DISCOUNTED.model_copy(update={"discount_starts_at": MARCH_8, "discount_ends_at": MARCH_1})
        ),
        new_offer(products=(component(CD), component(CD, 2, 1))),
        new_offer(automatic_promotions=("ü",)),
    ],
)
def test_details_that_contradict_one_another_are_refused(broken: object) -> None:
    given(*PRODUCTS).when(create_offer, broken, NONE).then_refused(Invalid)


@pytest.mark.parametrize(("currency", "threshold"), [("USD", 10_000), ("JPY", 100), ("BHD", 100_000)])
def test_by_default_an_offer_ships_free_from_100_units_of_its_currency(currency: str, threshold: int) -> None:
    shipping = shipping_of(ShippingWish(), currency, [product_details()])
    assert (shipping.requires_shipping, shipping.free_shipping_threshold) == (True, threshold)
    never = shipping_of(ShippingWish(default_threshold=False), currency, [product_details(type="course")])
    assert (never.requires_shipping, never.free_shipping_threshold) == (False, None)


def test_slug_and_products_change_only_while_it_is_a_draft() -> None:
    renamed = ChangeOffer(OFFER, {"slug": "summer-kit"})
    scenario = offered().claimed("offer_slug", "spring-kit", OFFER).when(change_offer, renamed)
    scenario.then_holds("offer_slug", "spring-kit", None).then_holds("offer_slug", "summer-kit", OFFER)
    fewer = ChangeOffer(OFFER, {"products": (component(CD),)})
    for refused in (renamed, fewer):
        offered(published()).when(change_offer, refused).then_refused(
            OfferStatusConflict, offer_status="published"
        )
    changed = Changed(**stamp(OFFER), details=details(name="Kit"))
    offered(published()).when(change_offer, ChangeOffer(OFFER, {"name": "Kit"})).then(changed)


def test_a_change_that_changes_nothing_leaves_no_fact() -> None:
    offered().when(change_offer, ChangeOffer(OFFER, {"name": "Spring kit"})).then_nothing()
    offered().when(change_price, ChangePrice(OFFER, PRICE), NONE).then_nothing()


def test_a_repeated_lifecycle_call_leaves_no_fact() -> None:
    offered(published()).when(publish_offer, OFFER).then_nothing()
    offered(published(), paused()).when(pause_offer, OFFER).then_nothing()
    offered(published(), offer_archived()).when(archive_offer, OFFER).then_nothing()


def test_an_offer_is_published_paused_and_published_again_and_archived_for_good() -> None:
    offered().when(publish_offer, OFFER).then(published())
    offered(published()).when(pause_offer, OFFER).then(paused())
    offered(published(), paused()).when(publish_offer, OFFER).then(published())
    offered(published(), paused()).when(archive_offer, OFFER).then(offer_archived())
    for use_case in (publish_offer, pause_offer):
        offered(offer_archived()).when(use_case, OFFER).then_refused(
            OfferStatusConflict, offer_status="archived"
        )
    offered().when(pause_offer, OFFER).then_refused(OfferStatusConflict, offer_status="draft")
    given().when(publish_offer, OFFER).then_refused(OfferNotFound)


def test_only_an_offer_whose_products_are_active_is_published() -> None:
    given(*on_sale(CD), created(BOOK), offer_created()).when(publish_offer, OFFER).then_refused(Invalid)
    optional = details(products=(component(CD, required=False),))
    given(*on_sale(CD), offer_created(optional)).when(publish_offer, OFFER).then_refused(Invalid)


def test_an_offer_of_a_subscription_is_published_with_exactly_one() -> None:
    plan = (created(CD, product_details(type="subscription")), activated(CD), *on_sale(BOOK))
    two = details(type="subscription")
    given(*plan, offer_created(two)).when(publish_offer, OFFER).then_refused(Invalid)
    wrong = details(type="subscription", products=(component(BOOK),))
    given(*plan, offer_created(wrong)).when(publish_offer, OFFER).then_refused(Invalid)
    one = details(type="subscription", products=(component(CD), component(BOOK, position=1, required=False)))
    given(*plan, offer_created(one)).when(publish_offer, OFFER).then(published())


@pytest.mark.parametrize(
    ("at", "amount"),
    [(MARCH_1 - SECOND, 9900), (MARCH_1, 7900), (MARCH_8 - SECOND, 7900), (MARCH_8, 9900)],
)
def test_e7_a_discount_counts_from_its_start_until_its_end(at: datetime, amount: int) -> None:
    assert current_price(DISCOUNTED, at).amount == amount
    changed = offered().at(at).when(change_price, ChangePrice(OFFER, DISCOUNTED), NONE)
    changed.then(price_changed(PRICE, DISCOUNTED, 9900, amount, "admin"))


def test_e8_the_lowest_of_base_discount_and_campaign_counts() -> None:
    campaigns = FakeCampaigns((CAMPAIGN, FIFTEEN_PERCENT_OFF))
    begun = offered(price=DISCOUNTED).at(MARCH_8).when(pass_price_window, OFFER, campaigns)
    begun.then(price_changed(DISCOUNTED, DISCOUNTED, 7900, 8415, "window"))
    inside = offered(price=DISCOUNTED).at(MARCH_8 - SECOND).when(pass_price_window, OFFER, campaigns)
    assert inside.work.facts[0].model_dump()["current"] == 7900


def test_the_window_sets_a_timer_for_its_start_and_then_for_its_end() -> None:
    before = MARCH_1 - timedelta(days=1)
    scenario = given(*PRODUCTS).at(before).when(create_offer, new_offer(price=DISCOUNTED), NONE)
    offer_id: UUID = scenario.result.id
    scenario.then_timer(PRICE_WINDOW, offer_id, MARCH_1)
    scenario.at(MARCH_1).when(pass_price_window, offer_id, NONE).then_timer(PRICE_WINDOW, offer_id, MARCH_8)
    scenario.at(MARCH_8).when(pass_price_window, offer_id, NONE).then_no_timer(PRICE_WINDOW, offer_id)
    scenario.when(archive_offer, offer_id).then_no_timer(PRICE_WINDOW, offer_id)
    scenario.when(pass_price_window, offer_id, NONE).then_nothing()


def test_an_offer_keeps_its_currency() -> None:
    euros = ChangePrice(OFFER, OfferPrice(currency="EUR", base=9900))
    offered().when(change_price, euros, NONE).then_refused(Invalid)


COURSE = named("course")


def seats_taken() -> tuple[Fact, ...]:
    course = product_details("C-1", type="course", enrollment_limit=30)
    return (created(COURSE, course), activated(COURSE), counted(COURSE, 30), held(COURSE, 30, OTHER_CHECKOUT))


KIT = details(products=(component(CD, 3),))
E45 = (*on_sale(CD), offer_created(KIT), published())


@pytest.mark.parametrize(
    ("past", "quantity", "found"),
    [
        ((*E45, paused()), 1, Availability("OFFER_PAUSED")),
        ((*E45, counted(CD, 10), held(CD, 5)), 2, Availability("OUT_OF_STOCK")),
        ((*E45, counted(CD, 10), held(CD, 5)), 1, Availability()),
        (
            (*E45, counted(CD, 10, allow_backorders=True), held(CD, 5)),
            2,
            Availability(backorder=True),
        ),
        (E45, 100, Availability()),
    ],
    ids=["paused", "six of five", "three of five", "with back-orders", "unlimited"],
)
def test_e45_availability_by_status_and_stock(
    past: tuple[Fact, ...], quantity: int, found: Availability
) -> None:
    given(*past).when(check_availability, CheckAvailability(OFFER, quantity)).then_result(found)


@pytest.mark.parametrize(
    ("past", "reason"),
    [
        ((*on_sale(CD), offer_created(KIT)), "OFFER_NOT_PUBLISHED"),
        ((*E45, offer_archived()), "OFFER_ARCHIVED"),
        ((*E45, archived(CD)), "PRODUCT_NOT_AVAILABLE"),
        (
            (*seats_taken(), offer_created(details(products=(component(COURSE),))), published()),
            "ENROLLMENT_LIMIT_REACHED",
        ),
    ],
    ids=["draft", "archived", "a product is archived", "a course is full"],
)
def test_e46_why_an_offer_is_not_available(past: tuple[Fact, ...], reason: str) -> None:
    scenario = given(*past).when(check_availability, CheckAvailability(OFFER, 1))
    scenario.then_result(Availability(reason))
