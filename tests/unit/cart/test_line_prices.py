"""What each line of a cart costs: by its product, its offer or its upsell, for whom and where to."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from cart.carts.domain.cart import Cart
from cart.carts.domain.line import item_id_of
from cart.carts.domain.prices import current_prices
from cart.carts.shipping_calculator import RatesCalculator
from cart.carts.use_cases.cart_access import wanted_by
from cart.carts.use_cases.locking import lock_cart
from cart.carts.use_cases.repricing import reprice_carts
from cart.carts.use_cases.shipping import SetDestination, set_destination
from cart.carts.use_cases.shopping import (
    AddItem,
    ChangeQuantity,
    RemoveItem,
    add_item,
    change_quantity,
    remove_item,
    show_cart,
)
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.offers import KnownCampaign
from cart.catalogue.domain.products import Product
from contracts import cart as contract
from contracts.campaign import CampaignChange, CampaignDetails
from contracts.envelope import Fact
from contracts.experiment import Changes, PriceChange, Variant
from contracts.offer import Component
from contracts.product import Dynamic, DynamicRule, Price
from contracts.sale import Destination, Exposure
from pricing.experiments import Assignment
from pricing.tax import TaxRate
from tests.support.scenario import NOW, given
from tests.unit.cart.catalogues import FakeCatalogue, product, promotion
from tests.unit.cart.facts import (
    CART,
    CHECKOUT,
    LAMP,
    MUG,
    STEP,
    created,
    destination_set,
    discount_applied,
    item,
    item_added,
    quantity_changed,
    repriced,
)
from tests.unit.cart.offers import KIT, MORE, offer, upsell
from tests.unit.cart.policies import DEFAULT_POLICY

PEN = UUID(int=803)
VIP = KnownCustomer("ann", segments=frozenset({"vip"}))
TIERS = tuple(
    {"min_quantity": least, "currency": "USD", "amount": amount} for least, amount in ((5, 900), (10, 800))
)
TIERED = product(price=1000, tiers=TIERS)
WITH_SEGMENT = product()
WITH_SEGMENT = Product(
    MUG,
    WITH_SEGMENT.status,
    WITH_SEGMENT.details.model_copy(
        update={
            "prices": (
                Price(amount=500, currency="USD"),
                Price(amount=400, currency="USD", segment="vip"),
            )
        }
    ),
)


def added(
    product_id: UUID = MUG,
    unit_price: int = 500,
    quantity: int = 1,
    *,
    offer_id: UUID | None = None,
    upsell_id: UUID | None = None,
    **more: Any,
) -> contract.ItemAdded:
    """A line of an offer or an upsell."""
    fact = item_added(quantity, unit_price, product_id)
    item_id = item_id_of(CART, product_id, {}, offer_id, upsell_id)
    return fact.model_copy(update={"item_id": item_id, "offer_id": offer_id, "upsell_id": upsell_id, **more})


def prices(catalogue: FakeCatalogue, *facts: Fact, at: datetime = NOW) -> list[int | None]:
    """Those of the lines, in their order."""
    cart: Cart | None = None
    scenario = given(created(), *facts).at(at)

    async def look(_: None, work: Any) -> list[int | None]:
        nonlocal cart
        cart = await work.open(Cart, CART)
        excerpt = await catalogue.read("demo", wanted_by(cart))
        found = current_prices(cart, excerpt, work.now).values()
        return [it.amount if it else None for it in found]

    return scenario.when(look, None).result  # type: ignore[no-any-return]  # as it was returned


@pytest.mark.parametrize(("quantity", "price"), [(4, 1000), (5, 900), (9, 900), (10, 800)])
def test_e1_the_tier_of_the_quantity_counts_for_all_units(quantity: int, price: int) -> None:
    assert prices(FakeCatalogue(TIERED), item_added(quantity, 1000)) == [price]


def test_units_of_one_product_in_several_lines_count_together_for_its_tiers() -> None:
    engraved = item_added(3, 1000, options={"text": "hi"})
    assert prices(FakeCatalogue(TIERED), item_added(2, 1000), engraved) == [900, 900]


def test_a_line_that_reaches_a_tier_by_its_new_quantity_is_repriced_without_a_previous_price() -> None:
    catalogue = FakeCatalogue(TIERED)
    scenario = given(created(), item_added(2, 1000))
    scenario.when(change_quantity, ChangeQuantity(CART, item(), 5), catalogue).then(
        quantity_changed(5), repriced(1000, 900, reason="quantity")
    )
    shown = scenario.when(show_cart, CART, catalogue).result
    assert shown.cart.lines[item()].previous_price is None


def test_units_that_are_added_to_a_line_bring_all_of_them_to_the_tier() -> None:
    scenario = given(created(), item_added(4, 1000)).when(
        add_item, AddItem(CART, MUG, 1, {}), FakeCatalogue(TIERED)
    )
    scenario.then(item_added(1, 900), repriced(1000, 900, reason="quantity"))


def test_e57_a_changed_price_is_taken_over_with_the_one_before_it() -> None:
    catalogue = FakeCatalogue(product(price=1200), promotion())
    scenario = given(created(), item_added(2, 1000), discount_applied())

    async def reprice(_: None, work: Any) -> None:
        await reprice_carts([CART], work, catalogue)

    before = scenario.when(show_cart, CART, FakeCatalogue(product(price=1000), promotion())).result
    assert before.sale.totals.total == 1800
    scenario.when(reprice, None).then(repriced(1000, 1200))
    shown = scenario.when(show_cart, CART, catalogue).result
    assert shown.sale.totals.total == 2160
    assert shown.cart.lines[item()].previous_price == 1000


def test_e58_the_destination_has_its_own_price_and_tax_without_a_previous_price() -> None:
    abroad = product(price=1999, currency="EUR", elsewhere={"DE": 1799})
    vat = TaxRate("DE", Fraction(19, 100), "VAT", inclusive=True)
    catalogue = FakeCatalogue(abroad, taxes=(vat,))
    scenario = given(created("EUR"), item_added(2, 1999))
    assert scenario.when(show_cart, CART, catalogue).result.sale.totals.total == 3998
    scenario.when(
        set_destination, SetDestination(CART, Destination(country="DE")), catalogue, RatesCalculator()
    ).then(destination_set("DE"), repriced(1999, 1799, reason="destination"))
    shown = scenario.when(show_cart, CART, catalogue).result
    assert (shown.sale.totals.total, shown.sale.totals.tax) == (3598, 574)
    assert shown.cart.lines[item()].previous_price is None


def test_a_customers_segment_has_its_own_price() -> None:
    assert prices(FakeCatalogue(WITH_SEGMENT, VIP), item_added()) == [400]
    assert prices(FakeCatalogue(WITH_SEGMENT), item_added()) == [500]


def test_a_checkout_for_a_customer_with_a_segment_locks_at_the_segments_price() -> None:
    command = contract.Lock(cart_id=CART, checkout_id=CHECKOUT, step=STEP, customer_id="ann", guest=True)
    scenario = given(created(customer_id=None), item_added(1, 500)).when(
        lock_cart, command, FakeCatalogue(WITH_SEGMENT, VIP), DEFAULT_POLICY
    )
    change, locked = scenario.work.facts
    assert isinstance(change, contract.Repriced)
    assert change.reason == "customer"
    assert isinstance(locked, contract.Locked)
    assert (locked.shown, locked.sale.totals.total) == (500, 400)


def test_a_dynamic_price_is_that_of_the_moment() -> None:
    rules = (DynamicRule(when={"from_time": "12:00", "to_time": "13:00"}, percent="-10"),)
    catalogue = FakeCatalogue(product(dynamic=Dynamic(rules=rules)))
    assert prices(catalogue, item_added()) == [450]
    assert prices(catalogue, item_added(), at=NOW + timedelta(hours=1)) == [500]


def kit_of_three(**known: Any) -> FakeCatalogue:
    """Two units of the third product are in each offer."""
    components = tuple(
        Component(product_id=it, quantity=quantity, position=position)
        for position, (it, quantity) in enumerate(((MUG, 1), (LAMP, 1), (PEN, 2)))
    )
    return FakeCatalogue(
        *(product(MUG, 5000), product(LAMP, 3333), product(PEN, 1999)),
        offer(products=components, **known),
        upsell(),
    )


KIT_LINES = (
    added(MUG, 1, offer_id=KIT),
    added(LAMP, 1, offer_id=KIT),
    added(PEN, 1, offer_id=KIT, units=2),
)


def test_e10_an_offers_price_is_split_over_its_products() -> None:
    assert prices(kit_of_three(), *KIT_LINES) == [3203, 2135, 2562]


def test_a_campaign_changes_the_price_of_an_offer_and_its_lines_name_it() -> None:
    change = CampaignChange(type="set_price", value="4000")
    sale = KnownCampaign(UUID(int=9), "active", False, CampaignDetails(name="Sale", change=change))
    catalogue = FakeCatalogue(product(MUG), offer(campaigns=(sale,)))
    scenario = given(created(), added(MUG, 7900, offer_id=KIT))

    async def reprice(_: None, work: Any) -> None:
        await reprice_carts([CART], work, catalogue)

    (fact,) = scenario.when(reprice, None).work.facts
    assert isinstance(fact, contract.Repriced)
    (change_of_line,) = fact.items
    assert (change_of_line.unit_price, change_of_line.campaign_id) == (4000, UUID(int=9))
    shown = scenario.when(show_cart, CART, catalogue).result
    assert shown.sale.lines[0].campaign_id == UUID(int=9)


def test_the_lines_of_an_offer_say_what_its_campaign_has_taken_off_its_base_price() -> None:
    """Together 2 x (7900 - 4000), and nothing for the upsell beside it."""
    change = CampaignChange(type="set_price", value="4000")
    sale = KnownCampaign(UUID(int=9), "active", False, CampaignDetails(name="Sale", change=change))
    catalogue = kit_of_three(campaigns=(sale,))
    lines = [it.model_copy(update={"quantity": 2, "campaign_id": UUID(int=9)}) for it in KIT_LINES]
    scenario = given(created(), *lines)

    async def reprice(_: None, work: Any) -> None:
        await reprice_carts([CART], work, catalogue)

    shown = scenario.when(reprice, None).when(show_cart, CART, catalogue).result
    savings = [it.campaign_saving for it in shown.sale.lines]
    assert savings == [
        2 * (base - it.unit_price) for base, it in zip((3203, 2135, 2562), shown.sale.lines, strict=True)
    ]
    assert sum(savings) == 2 * (7900 - 4000)


def test_a_line_has_the_price_of_the_variant_that_its_session_saw_and_after_the_end_the_winners() -> None:
    dear = Variant(variant_id=UUID(int=7), name="b", weight=1, changes=Changes(price=PriceChange(base=9500)))
    control = Variant(variant_id=UUID(int=6), name="a", weight=1)
    seen = Exposure(experiment_id=UUID(int=5), variant_id=UUID(int=7), exposure_id=UUID(int=4))
    line, plain = added(offer_id=KIT, experiment=seen), added(offer_id=KIT)

    def price_of(line: Fact, status: str, winner: UUID | None = None) -> list[int | None]:
        test = Assignment(UUID(int=5), (control, dear), status == "running", winner)
        return prices(FakeCatalogue(product(MUG), offer(experiment=test)), line)

    assert price_of(line, "running") == [9500]
    assert price_of(plain, "running") == [7900]
    assert price_of(line, "stopped", UUID(int=6)) == [7900]
    assert price_of(plain, "stopped", UUID(int=7)) == [9500]
    assert price_of(line, "stopped") == [7900]


@pytest.mark.parametrize("status", ["draft", "paused", "archived"])
def test_what_is_not_sold_any_more_keeps_its_price_and_is_not_available(status: str) -> None:
    catalogue = FakeCatalogue(product(MUG), offer(status=status))
    scenario = given(created(), added(MUG, 7000, offer_id=KIT)).when(show_cart, CART, catalogue)
    scenario.then_nothing()
    assert scenario.result.sale.totals.total == 7000
    assert list(scenario.result.prices.values()) == [None]


def test_an_optional_product_of_an_offer_has_its_own_price() -> None:
    components = (
        Component(product_id=MUG, position=0),
        Component(product_id=LAMP, required=False, position=1),
    )
    catalogue = FakeCatalogue(product(MUG), product(LAMP, 1999), offer(products=components))
    assert prices(catalogue, added(MUG, 1, offer_id=KIT), added(LAMP, 1, offer_id=KIT)) == [7900, 1999]


@pytest.mark.parametrize(
    ("price", "percent", "reduced"), [(1999, "10", 1799), (1990, "15", 1691), (999, "33.33", 666)]
)
def test_e12_an_upsell_costs_less_than_its_product(price: int, percent: str, reduced: int) -> None:
    catalogue = FakeCatalogue(product(MUG), product(LAMP, price), offer(), upsell(percent=percent))
    lines = added(MUG, 7900, offer_id=KIT), added(LAMP, 1, upsell_id=MORE)
    assert prices(catalogue, *lines) == [7900, reduced]


def test_an_upsell_costs_what_its_product_costs_when_its_offer_leaves_the_cart() -> None:
    catalogue = FakeCatalogue(product(MUG), product(LAMP, 1990), offer(), upsell())
    of_kit, more = added(MUG, 7900, offer_id=KIT), added(LAMP, 1791, upsell_id=MORE)
    scenario = given(created(), of_kit, more)
    scenario.when(remove_item, RemoveItem(CART, of_kit.item_id), catalogue)
    removed, change = scenario.work.facts
    assert removed.TYPE == "cart.item_removed"
    assert isinstance(change, contract.Repriced)
    assert (change.reason, change.items[0].unit_price) == ("parent_removed", 1990)


def test_a_line_keeps_its_product_when_its_upsell_gets_another_one() -> None:
    catalogue = FakeCatalogue(
        product(MUG), product(LAMP, 2000), product(PEN, 100), offer(), upsell(product_id=PEN)
    )
    lines = added(MUG, 7900, offer_id=KIT), added(LAMP, 1800, upsell_id=MORE)
    assert prices(catalogue, *lines) == [7900, 1800]


def test_a_removed_upsell_keeps_its_price() -> None:
    catalogue = FakeCatalogue(product(MUG), product(LAMP), offer(), upsell(status="removed"))
    assert prices(catalogue, added(MUG, 7900, offer_id=KIT), added(LAMP, 1, upsell_id=MORE)) == [7900, None]
