"""Rules for the way from an offer to a cart in one call."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from cart.carts.domain.errors import (
    CartHasCustomer,
    CartNotActive,
    CurrencyNotPriced,
    DuplicateCourseInCart,
    MaxItemQuantityExceeded,
    OfferNotAvailable,
    OfferNotFound,
)
from cart.carts.schemas.upsell_views import show_from_offer
from cart.carts.use_cases.from_offer import Skipped, StartFromOffer, start_from_offer
from cart.carts.use_cases.index_keys import CART_EXPIRY, SESSION
from cart.catalogue.domain.offers import KnownOffer
from cart.catalogue.domain.products import Product, Stock
from contracts.cart import Created
from kernel.domain import Refused
from tests.support.scenario import NOW, Scenario, given
from tests.unit.cart.catalogues import Entry, FakeCatalogue, product, promotion
from tests.unit.cart.facts import CART, LAMP, MUG, created, item_added, locked
from tests.unit.cart.funnels import BUMP, GIFT_WRAP, KIT, OTHER_KIT, component, offer, upsell
from tests.unit.cart.policies import DEFAULT_POLICY

BOOK, PEN = UUID(int=111), UUID(int=112)
SPRING, OLD = UUID(int=121), UUID(int=122)


def start(catalogue: FakeCatalogue, scenario: Scenario | None = None, **command: Any) -> Scenario:
    wanted = StartFromOffer(slug="kit-61", session_id="session", **command)
    return (scenario or given()).when(start_from_offer, wanted, catalogue, DEFAULT_POLICY)


def in_cart(*past: Any) -> Scenario:
    return given(created(), *past).claimed(SESSION, "session", CART)


def test_e59_an_offer_comes_with_its_order_bump_and_the_promotions_that_can_be_used() -> None:
    catalogue = FakeCatalogue(
        product(MUG, 9900),
        product(BOOK, 1990),
        offer(automatic_promotions=("SPRING10", "OLD5")),
        upsell(BUMP, BOOK, "15", type="order_bump", auto_add=True, minimum_cart_value=5000),
        promotion(SPRING, code="SPRING10", value="10"),
        promotion(OLD, code="OLD5", kind="fixed_amount", value="500", ends_at=NOW - timedelta(days=1)),
    )
    made = start(catalogue).result
    sale = made.priced.sale
    assert [line.unit_price for line in sale.lines] == [7900, 1691]
    assert sale.totals.subtotal == 9591
    (discount,) = sale.discounts
    assert (discount.amount, list(discount.allocation.values())) == (959, [790, 169])
    assert (sale.totals.total, made.skipped, made.next_step) == (
        8632,
        [Skipped("promotion", "OLD5", "expired")],
        "review_cart",
    )
    shown = show_from_offer(made, NOW)
    assert shown["main_item"]["price_source"] == "offer"
    assert [it["upsell_id"] for it in shown["order_bumps"]] == [str(BUMP)]
    assert shown["promotions"] == [{"code": "SPRING10", "amount": {"amount": 959, "currency": "USD"}}]


@pytest.mark.parametrize(
    ("offer_type", "cart_type"),
    [
        ("subscription", "subscription"),
        ("course", "education"),
        ("digital_product", "digital"),
        ("service", "service"),
        ("bundle", "standard"),
        ("funnel", "standard"),
    ],
)
def test_a_new_cart_has_the_offers_currency_and_type_and_says_where_it_comes_from(
    offer_type: str, cart_type: str
) -> None:
    catalogue = FakeCatalogue(product(MUG, currency="EUR"), offer(type=offer_type, currency="EUR"))
    scenario = start(catalogue, customer_id="ann", metadata={"utm": "mail"})
    made = scenario.result
    cart = made.priced.cart
    assert made.is_new
    assert (cart.currency, cart.cart_type, cart.customer_id) == ("EUR", cart_type, "ann")
    assert cart.metadata == {"utm": "mail", "source_offer": str(KIT), "offer_slug": "kit-61"}
    scenario.then_holds(SESSION, "session", cart.id).then_timer(
        CART_EXPIRY, cart.id, NOW + DEFAULT_POLICY.lifetime
    )


def test_the_session_keeps_the_cart_that_it_has() -> None:
    catalogue = FakeCatalogue(product(MUG), offer())
    scenario = start(catalogue, in_cart(item_added()))
    assert not scenario.result.is_new
    assert scenario.result.priced.cart.id == CART
    assert Created.TYPE not in [it.TYPE for it in scenario.work.facts]


def test_the_customer_is_taken_over_by_an_anonymous_cart_and_another_one_is_refused() -> None:
    catalogue = FakeCatalogue(product(MUG), offer())
    anonymous = given(created(customer_id=None)).claimed(SESSION, "session", CART)
    scenario = start(catalogue, anonymous, customer_id="ann")
    assert scenario.result.priced.cart.customer_id == "ann"
    start(catalogue, scenario, customer_id="bob").then_refused(CartHasCustomer, fallback_action="review_cart")


@pytest.mark.parametrize(
    ("configuration", "entries", "step"),
    [
        ({"require_immediate_payment": True}, (), "checkout"),
        ({}, (), "customize_order"),
        ({}, (upsell(BUMP, BOOK, type="order_bump", auto_add=True),), "review_cart"),
    ],
)
def test_what_to_show_next_depends_on_the_offer_and_the_number_of_items(
    configuration: dict[str, Any], entries: tuple[Entry, ...], step: str
) -> None:
    catalogue = FakeCatalogue(product(MUG), product(BOOK, 1990), offer(configuration=configuration), *entries)
    assert start(catalogue).result.next_step == step


def test_order_bumps_whose_conditions_do_not_hold_are_skipped_with_their_reason() -> None:
    catalogue = FakeCatalogue(
        product(MUG),
        product(BOOK, 1990),
        product(PEN, 100, type="team_license", min_users=5),
        offer(),
        upsell(BUMP, BOOK, type="order_bump", auto_add=True, minimum_cart_value=9000),
        upsell(GIFT_WRAP, PEN, type="order_bump", auto_add=True),
        upsell(UUID(int=88), LAMP, type="order_bump"),
    )
    made = start(catalogue).result
    assert made.skipped == [
        Skipped("order_bump", str(BUMP), "cart_value"),
        Skipped("order_bump", str(GIFT_WRAP), "INVALID_QUANTITY"),
    ]
    assert made.order_bumps == {}


def course(limit: int | None = None, on_hand: int = 0) -> Product:
    stock = None if limit is None else Stock(on_hand, 0, allow_backorders=False)
    return replace(product(MUG, type="course", enrollment_limit=limit), stock=stock)


def stocked(on_hand: int, reserved: int = 0, *, allow_backorders: bool = False) -> Product:
    return replace(product(MUG), stock=Stock(on_hand, reserved, allow_backorders))


@pytest.mark.parametrize(
    ("sold", "quantity", "reason"),
    [
        (stocked(10, 5), 2, "OUT_OF_STOCK"),
        (stocked(10, 4), 2, None),
        (stocked(10, 5, allow_backorders=True), 2, None),
        (course(30, 0), 1, "ENROLLMENT_LIMIT_REACHED"),
        (product(MUG, status="archived"), 1, "PRODUCT_NOT_AVAILABLE"),
    ],
)
def test_an_offer_that_cannot_be_delivered_is_not_put_into_a_cart(
    sold: Product, quantity: int, reason: str | None
) -> None:
    units = 1 if sold.details.type == "course" else 3
    scenario = start(FakeCatalogue(sold, offer(KIT, 7900, component(MUG, units))), quantity=quantity)
    if reason is None:
        assert scenario.result.is_new
    else:
        scenario.then_refused(OfferNotAvailable, reason=reason, fallback_action="similar_offers")


def test_available_offers_of_the_same_kind_are_proposed_instead_the_nearest_price_first() -> None:
    def other(number: int, base: int, product_id: UUID = LAMP, **details: Any) -> KnownOffer:
        return offer(UUID(int=number), base, component(product_id), **details)

    catalogue = FakeCatalogue(
        replace(product(MUG, category="cups"), stock=Stock(0, 0, allow_backorders=False)),
        product(LAMP, category="cups"),
        product(BOOK, category="books"),
        offer(),
        other(201, 9000),
        other(202, 7000),
        other(203, 7800),
        other(204, 6900),
        other(205, 7900, BOOK),
        other(206, 7900, type="service"),
        other(207, 7900, status="paused"),
        other(208, 7900, MUG),
        other(209, 7900, currency="EUR"),
    )
    start(catalogue).then_refused(OfferNotAvailable, alternatives=["kit-203", "kit-202", "kit-204"])


@pytest.mark.parametrize("status", ["draft", "paused", "archived"])
def test_an_offer_that_is_not_published_is_not_found(status: str) -> None:
    start(FakeCatalogue(product(MUG), offer(status=status))).then_refused(
        OfferNotFound, fallback_action="browse_catalogue"
    )


@pytest.mark.parametrize(
    ("scenario", "sold", "quantity", "rule", "action"),
    [
        (in_cart(item_added(), locked()), product(MUG), 1, CartNotActive, "wait_for_checkout"),
        (in_cart(), product(MUG), 11, MaxItemQuantityExceeded, "review_cart"),
        (
            in_cart(item_added(product_type="course")),
            course(),
            1,
            DuplicateCourseInCart,
            "review_cart",
        ),
        (
            given(created("EUR")).claimed(SESSION, "session", CART),
            product(MUG),
            1,
            CurrencyNotPriced,
            "review_cart",
        ),
    ],
)
def test_a_refusal_of_the_cart_says_what_to_do_instead(
    scenario: Scenario, sold: Product, quantity: int, rule: type[Refused], action: str
) -> None:
    start(FakeCatalogue(sold, offer()), scenario, quantity=quantity).then_refused(
        rule, fallback_action=action
    )


def test_everything_is_one_save() -> None:
    catalogue = FakeCatalogue(
        product(MUG),
        product(BOOK, 1990),
        offer(automatic_promotions=("SPRING10",)),
        upsell(BUMP, BOOK, type="order_bump", auto_add=True),
        upsell(GIFT_WRAP, BOOK, of=OTHER_KIT),
        promotion(SPRING, code="SPRING10"),
    )
    assert [it.TYPE for it in start(catalogue).work.facts] == [
        "cart.created",
        "cart.item_added",
        "cart.item_added",
        "cart.discount_applied",
    ]
