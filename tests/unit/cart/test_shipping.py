"""A shopper chooses how goods are shipped; the recommended option replaces a choice that does not fit."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from cart.carts.domain.errors import (
    CartNotFound,
    ShippingAddressRequired,
    ShippingOptionNotAvailable,
)
from cart.carts.domain.shipping import Shipment
from cart.carts.shipping_calculator import LimitedCalculator, RatesCalculator
from cart.carts.use_cases.cart_access import PricedCart
from cart.carts.use_cases.locking import lock_cart
from cart.carts.use_cases.shipping import (
    ChooseOption,
    OfferedShipping,
    SetDestination,
    choose_option,
    set_destination,
    show_options,
)
from cart.carts.use_cases.shopping import AddItem, ChangeQuantity, add_item, change_quantity, show_cart
from contracts import cart as facts
from contracts.sale import Destination, Money
from pricing.shipping import ShippingOption, ShippingRate
from tests.support.scenario import Scenario, given, stamp
from tests.unit.cart.catalogues import FakeCatalogue, product
from tests.unit.cart.facts import (
    CART,
    CHECKOUT,
    LAMP,
    MUG,
    OTHER_CHECKOUT,
    STEP,
    created,
    destination_set,
    item,
    item_added,
)
from tests.unit.cart.policies import DEFAULT_POLICY

STANDARD, EXPRESS, LETTER = UUID(int=61), UUID(int=62), UUID(int=63)
PORTUGAL = Destination(country="PT")


def rate(rate_id: UUID, name: str, *brackets: tuple[int | None, int], **more: Any) -> ShippingRate:
    return ShippingRate(rate_id=rate_id, name=name, currency="USD", brackets=brackets, **more)


RATES = (
    rate(STANDARD, "Standard", (500, 490), (2000, 790), (None, 1490), max_days=4, is_default=True),
    rate(EXPRESS, "Express", (None, 1990), countries=frozenset({"PT"}), max_days=1),
    rate(LETTER, "Letter", (500, 190)),
)
GOODS = product(MUG, 500, weight_grams=400), product(LAMP, 1999, type="digital_product")
CATALOGUE = FakeCatalogue(*GOODS, shipping_rates=RATES)
BY_RATES = RatesCalculator()
LOCK = facts.Lock(cart_id=CART, checkout_id=CHECKOUT, step=STEP)
lock = partial(lock_cart, catalogue=CATALOGUE, policy=DEFAULT_POLICY)


class Fails:
    async def options(self, shipment: Shipment) -> tuple[ShippingOption, ...] | None:
        raise ValueError(shipment.currency)


class TakesLong:
    async def options(self, shipment: Shipment) -> tuple[ShippingOption, ...] | None:
        await asyncio.sleep(5)
        return ()


def selected(
    option_id: UUID | None, name: str, *, automatic: bool = False, fallback: bool = False
) -> facts.ShippingSelected:
    return facts.ShippingSelected(
        **stamp(CART), option_id=option_id, name=name, automatic=automatic, fallback=fallback
    )


BY_LETTER = selected(LETTER, "Letter", automatic=True)


def shipped_to_portugal(*later: facts.CartFact) -> Scenario:
    return given(created(), item_added(), destination_set("PT"), *later)


def charged(scenario: Scenario) -> tuple[UUID | None, int]:
    priced: PricedCart = scenario.result
    assert priced.sale.shipping is not None
    return priced.sale.shipping.option_id, priced.sale.totals.shipping


def test_a_destination_selects_the_recommended_option() -> None:
    scenario = given(created(), item_added())
    scenario.when(set_destination, SetDestination(CART, PORTUGAL), CATALOGUE, BY_RATES)
    scenario.then(destination_set("PT"), BY_LETTER)
    assert charged(scenario) == (LETTER, 190)


def test_the_first_goods_after_the_destination_select_it_too() -> None:
    scenario = given(created(), destination_set("PT")).when(add_item, AddItem(CART, MUG, 1, {}), CATALOGUE)
    scenario.then(item_added(), BY_LETTER)


def test_a_shopper_chooses_another_option_once() -> None:
    scenario = shipped_to_portugal(BY_LETTER)
    scenario.when(choose_option, ChooseOption(CART, EXPRESS), CATALOGUE, BY_RATES)
    scenario.then(selected(EXPRESS, "Express"))
    assert charged(scenario) == (EXPRESS, 1990)
    scenario.when(choose_option, ChooseOption(CART, EXPRESS), CATALOGUE, BY_RATES).then_nothing()
    scenario.when(set_destination, SetDestination(CART, PORTUGAL), CATALOGUE, BY_RATES).then_nothing()


def test_an_option_that_no_longer_fits_gives_way_to_the_recommended_one() -> None:
    scenario = shipped_to_portugal(BY_LETTER)
    scenario.when(change_quantity, ChangeQuantity(CART, item(), 2), CATALOGUE)
    assert [fact.TYPE for fact in scenario.work.facts][1:] == [facts.ShippingSelected.TYPE]
    assert charged(scenario) == (STANDARD, 790)
    spain = SetDestination(CART, Destination(country="ES"))
    scenario = shipped_to_portugal(selected(EXPRESS, "Express"))
    scenario.when(set_destination, spain, CATALOGUE, BY_RATES).then(destination_set("ES"), BY_LETTER)


def test_the_price_follows_the_cart() -> None:
    scenario = shipped_to_portugal(selected(STANDARD, "Standard"))
    scenario.when(change_quantity, ChangeQuantity(CART, item(), 6), CATALOGUE)
    assert charged(scenario) == (STANDARD, 1490)


def test_a_read_shows_what_a_write_would_record() -> None:
    scenario = shipped_to_portugal().when(show_cart, CART, CATALOGUE).then_nothing()
    assert charged(scenario) == (LETTER, 190)


def test_an_option_that_cannot_ship_the_goods_is_refused() -> None:
    for option in (LETTER, UUID(int=99)):
        scenario = given(created(), item_added(2), destination_set("PT"))
        scenario.when(choose_option, ChooseOption(CART, option), CATALOGUE, BY_RATES)
        scenario.then_refused(ShippingOptionNotAvailable)


def test_no_option_is_chosen_before_the_destination() -> None:
    scenario = given(created(), item_added()).when(
        choose_option, ChooseOption(CART, STANDARD), CATALOGUE, BY_RATES
    )
    scenario.then_refused(ShippingAddressRequired)


def test_the_options_are_shown_with_their_prices() -> None:
    offered: OfferedShipping = shipped_to_portugal().when(show_options, CART, CATALOGUE, BY_RATES).result
    assert offered.required
    assert [(it.option_id, it.price, it.recommended) for it in offered.options] == [
        (LETTER, 190, True),
        (STANDARD, 490, False),
        (EXPRESS, 1990, False),
    ]
    unknown: OfferedShipping = (
        given(created(), item_added()).when(show_options, CART, CATALOGUE, BY_RATES).result
    )
    assert (unknown.required, unknown.options) == (True, ())
    digital = given(created(), item_added(product_id=LAMP, unit_price=1999), destination_set("PT"))
    assert digital.when(show_options, CART, CATALOGUE, BY_RATES).result[1:3] == (False, ())
    given().when(show_options, CART, CATALOGUE, BY_RATES).then_refused(CartNotFound)


@pytest.mark.parametrize("calculator", [Fails(), TakesLong()], ids=lambda it: type(it).__name__)
def test_a_calculation_that_fails_charges_the_default_rate(calculator: Any) -> None:
    limited = LimitedCalculator(calculator, seconds=0.01)
    scenario = given(created(), item_added(6))
    scenario.when(set_destination, SetDestination(CART, PORTUGAL), CATALOGUE, limited)
    scenario.then(destination_set("PT"), selected(STANDARD, "Standard", automatic=True, fallback=True))
    assert charged(scenario) == (STANDARD, 490), "its first bracket"
    offered: OfferedShipping = scenario.when(show_options, CART, CATALOGUE, limited).result
    assert (offered.is_fallback, [it.option_id for it in offered.options]) == (True, [STANDARD])
    scenario.when(set_destination, SetDestination(CART, PORTUGAL), CATALOGUE, BY_RATES)
    scenario.then(selected(STANDARD, "Standard", automatic=True))


def test_without_a_default_rate_a_failure_ships_at_no_charge() -> None:
    catalogue = FakeCatalogue(*GOODS, shipping_rates=RATES[1:])
    limited = LimitedCalculator(Fails())
    scenario = shipped_to_portugal()
    scenario.when(choose_option, ChooseOption(CART, EXPRESS), catalogue, limited)
    scenario.then(selected(None, "Shipping", automatic=True, fallback=True))
    assert charged(scenario) == (None, 0)


def test_a_lock_selects_the_recommended_option() -> None:
    scenario = shipped_to_portugal().when(lock, LOCK)
    locked = scenario.work.facts[-1]
    assert isinstance(locked, facts.Locked)
    assert locked.sale.shipping is not None
    assert locked.sale.shipping.option_id == LETTER
    assert scenario.work.facts[:-1] == [scenario.work.facts[0]]


def test_a_lock_without_a_destination_is_refused_if_the_tenant_has_any_rate() -> None:
    scenario = given(created(), item_added()).when(lock, LOCK)
    refusals = {it.code for it in scenario.work.facts if isinstance(it, facts.LockRefused)}
    assert refusals == {"SHIPPING_ADDRESS_REQUIRED"}
    for catalogue, past in (
        (FakeCatalogue(*GOODS), item_added()),
        (CATALOGUE, item_added(product_id=LAMP, unit_price=1999)),
    ):
        free = partial(lock_cart, catalogue=catalogue, policy=DEFAULT_POLICY)
        scenario = given(created(), past).when(free, LOCK)
        assert isinstance(scenario.work.facts[-1], facts.Locked)


def code_of(scenario: Scenario) -> str | None:
    """Of the lock's refusal; None if the cart is locked."""
    answers = [it for it in scenario.work.facts if isinstance(it, facts.Locked | facts.LockRefused)]
    (answer,) = answers
    return answer.code if isinstance(answer, facts.LockRefused) else None


def test_goods_that_no_rate_ships_to_the_destination_are_shown_without_an_option_and_not_sold() -> None:
    only_portugal = FakeCatalogue(*GOODS, shipping_rates=(RATES[1],))
    lock_it = partial(lock_cart, catalogue=only_portugal, policy=DEFAULT_POLICY)
    for chosen in ((), (selected(EXPRESS, "Express"),)):
        scenario = given(created(), item_added(), *chosen, destination_set("ES"))
        offered: OfferedShipping = scenario.when(show_options, CART, only_portugal, BY_RATES).result
        assert (offered.required, offered.options) == (True, ())
        assert scenario.when(show_cart, CART, only_portugal).result.sale.shipping is None
        assert code_of(scenario.when(lock_it, LOCK)) == "SHIPPING_OPTION_NOT_AVAILABLE"
    to_spain = LOCK.model_copy(update={"destination": Destination(country="ES")})
    assert code_of(shipped_to_portugal().when(lock_it, to_spain)) == "SHIPPING_OPTION_NOT_AVAILABLE"
    file = given(created(), item_added(product_id=LAMP, unit_price=1999))
    assert code_of(file.when(lock_it, to_spain)) is None
    ships_free = partial(lock_cart, catalogue=FakeCatalogue(*GOODS), policy=DEFAULT_POLICY)
    assert code_of(given(created(), item_added()).when(ships_free, to_spain)) is None


def test_goods_too_heavy_for_every_rate_and_rates_of_other_currencies_alone_are_not_sold_either() -> None:
    euros = replace(RATES[0], currency="EUR")
    for rates, quantity in (((RATES[2],), 2), ((euros,), 1)):
        catalogue = FakeCatalogue(*GOODS, shipping_rates=rates)
        lock_it = partial(lock_cart, catalogue=catalogue, policy=DEFAULT_POLICY)
        scenario = given(created(), item_added(quantity), destination_set("PT"))
        assert code_of(scenario.when(lock_it, LOCK)) == "SHIPPING_OPTION_NOT_AVAILABLE"


def test_a_calculation_that_failed_is_no_reason_to_refuse_a_lock() -> None:
    only_portugal = FakeCatalogue(*GOODS, shipping_rates=(RATES[1],))
    lock_it = partial(lock_cart, catalogue=only_portugal, policy=DEFAULT_POLICY)
    free = selected(None, "Shipping", automatic=True, fallback=True)
    assert code_of(given(created(), item_added(), destination_set("ES"), free).when(lock_it, LOCK)) is None


def test_a_destination_of_the_checkout_that_adds_shipping_is_shown_before_it_is_charged() -> None:
    to_portugal = LOCK.model_copy(update={"destination": PORTUGAL})
    scenario = given(created(), item_added()).when(lock, to_portugal)
    refusal = next(it for it in scenario.work.facts if isinstance(it, facts.LockRefused))
    assert (refusal.code, refusal.was, refusal.now) == (
        "PRICE_CHANGED",
        Money(amount=500, currency="USD"),
        Money(amount=690, currency="USD"),
    )
    again = to_portugal.model_copy(update={"process_id": OTHER_CHECKOUT})
    assert isinstance(scenario.when(lock, again).work.facts[-1], facts.Locked)
