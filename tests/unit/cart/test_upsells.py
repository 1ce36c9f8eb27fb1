"""Rules for what is proposed beside the offers of a cart."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from cart.carts.domain.errors import UpsellExpired, UpsellNotEligible, UpsellNotFound
from cart.carts.use_cases.offers import (
    AddOffer,
    DeclineUpsell,
    ListUpsells,
    TakeUpsell,
    add_offer,
    decline_upsell,
    list_upsells,
    take_upsell,
)
from cart.carts.use_cases.shopping import AddItem, RemoveItem, add_item, remove_item
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.offers import KnownStep, KnownUpsell
from contracts.cart import ProposedUpsell, UpsellDeclined, UpsellsOffered
from contracts.funnel import Behavior, CustomerValue, PurchaseHistory, StepConditions
from contracts.upsell import Urgency
from pricing.rounding import Level, Mode, Rounding
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.cart.catalogues import Entry, FakeCatalogue, product
from tests.unit.cart.facts import CART, LAMP, MUG, created
from tests.unit.cart.funnels import BUMP, DOWNSELL, GIFT_WRAP, KIT, names, offer, step, upsell

BOOK, PEN = UUID(int=111), UUID(int=112)
SOLD: tuple[Entry, ...] = (product(MUG, 9000), product(BOOK, 1999), product(PEN, 999), offer())


def catalogue(*upsells: Entry, steps: tuple[KnownStep, ...] = (), **more: Any) -> FakeCatalogue:
    return FakeCatalogue(*SOLD, *upsells, funnel_steps={KIT: steps}, **more)


def with_offer(known: FakeCatalogue) -> Scenario:
    return given(created()).when(add_offer, AddOffer(CART, KIT, 1), known)


def proposed(known: FakeCatalogue, scenario: Scenario | None = None, **query: Any) -> list[UUID]:
    it = scenario or with_offer(known)
    return names(it.when(list_upsells, ListUpsells(CART, **query), known).result.upsells)


@pytest.mark.parametrize(
    ("reduction", "price", "mode", "amount"),
    [
        ("10", 1999, Mode.HALF_UP, 1799),
        ("15", 1990, Mode.HALF_UP, 1691),
        ("15", 1990, Mode.HALF_EVEN, 1692),
        ("33.33", 999, Mode.HALF_UP, 666),
    ],
)
def test_e12_an_upsell_is_shown_and_sold_at_its_reduced_price(
    reduction: str, price: int, mode: Mode, amount: int
) -> None:
    known = FakeCatalogue(
        product(MUG),
        offer(),
        product(BOOK, price),
        upsell(BUMP, BOOK, reduction),
        policy=Rounding(mode, Level.LINE),
    )
    scenario = with_offer(known).when(list_upsells, ListUpsells(CART), known)
    (shown,) = scenario.result.upsells
    assert (shown.price.amount, shown.original.amount) == (amount, price)
    scenario.when(take_upsell, TakeUpsell(CART, BUMP), known)
    assert [it.unit_price for it in scenario.result.cart.lines.values()] == [7900, amount]


def test_a_reduction_by_an_amount_goes_down_to_nothing() -> None:
    known = catalogue(upsell(BUMP, PEN, "5000", kind="fixed_amount"))
    scenario = with_offer(known).when(take_upsell, TakeUpsell(CART, BUMP), known)
    assert scenario.result.sale.totals.total == 7900


def test_upsells_are_proposed_by_priority_then_by_id_and_by_position() -> None:
    known = catalogue(
        upsell(BUMP, BOOK, priority=2), upsell(GIFT_WRAP, PEN, priority=1, position="cart_summary")
    )
    assert proposed(known) == [GIFT_WRAP, BUMP]
    assert proposed(known, position="cart_summary") == [GIFT_WRAP]


@pytest.mark.parametrize(
    ("other", "is_proposed"),
    [
        (upsell(BUMP, BOOK, minimum_cart_value=7900), True),
        (upsell(BUMP, BOOK, minimum_cart_value=7901), False),
        (upsell(BUMP, BOOK, maximum_cart_value=7900), True),
        (upsell(BUMP, BOOK, maximum_cart_value=7899), False),
        (upsell(BUMP, BOOK, required_products=(MUG,)), True),
        (upsell(BUMP, BOOK, required_products=(MUG, PEN)), False),
        (upsell(BUMP, BOOK, customer_segments=("vip", "gold")), True),
        (upsell(BUMP, BOOK, customer_segments=("gold",)), False),
        (upsell(BUMP, MUG), False),
        (upsell(BUMP, LAMP), False),
        (upsell(BUMP, BOOK, status="removed"), False),
        (upsell(BUMP, BOOK, urgency=Urgency(ends_at=NOW)), False),
        (upsell(BUMP, BOOK, urgency=Urgency(ends_at=NOW + timedelta(seconds=1))), True),
    ],
)
def test_an_upsell_is_proposed_while_all_its_conditions_hold(other: KnownUpsell, is_proposed: bool) -> None:
    known = catalogue(other, KnownCustomer("ann", segments=frozenset({"vip"})))
    assert proposed(known) == ([BUMP] if is_proposed else [])


@pytest.mark.parametrize(("elapsed", "is_proposed"), [(29, False), (30, True), (59, True), (60, False)])
def test_an_upsell_is_proposed_for_some_time_on_a_page(elapsed: int, is_proposed: bool) -> None:
    known = catalogue(upsell(BUMP, BOOK, show_after_seconds=30, hide_after_seconds=60))
    scenario = with_offer(known).when(list_upsells, ListUpsells(CART, elapsed_seconds=elapsed), known)
    assert names(scenario.result.upsells) == ([BUMP] if is_proposed else [])
    ends = [it.hide_at for it in scenario.result.upsells]
    assert ends == ([NOW + timedelta(seconds=60 - elapsed)] if is_proposed else [])


def test_nothing_is_proposed_without_its_offer() -> None:
    known = catalogue(upsell(BUMP, BOOK))
    scenario = given(created()).when(add_item, AddItem(CART, MUG, 1), known)
    assert proposed(known, scenario) == []
    scenario.when(take_upsell, TakeUpsell(CART, BUMP), known).then_refused(
        UpsellNotEligible, reason="offer_not_in_cart"
    )


def test_upsells_that_become_eligible_are_recorded_once_and_together() -> None:
    known = catalogue(
        upsell(BUMP, BOOK), upsell(GIFT_WRAP, PEN), upsell(DOWNSELL, LAMP, minimum_cart_value=10**6)
    )
    scenario = with_offer(known)
    (offered,) = [it for it in scenario.work.facts if isinstance(it, UpsellsOffered)]
    both = (ProposedUpsell(offer_id=KIT, upsell_id=it) for it in (BUMP, GIFT_WRAP))
    assert offered.upsells == tuple(both)
    scenario.when(add_item, AddItem(CART, MUG, 1), known)
    assert not [it for it in scenario.work.facts if isinstance(it, UpsellsOffered)]


def test_an_upsell_is_offered_by_the_write_that_makes_it_eligible() -> None:
    known = catalogue(upsell(BUMP, BOOK, required_products=(PEN,)))
    scenario = with_offer(known).when(add_item, AddItem(CART, PEN, 1), known)
    proposal = ProposedUpsell(offer_id=KIT, upsell_id=BUMP)
    assert UpsellsOffered.TYPE in [it.TYPE for it in scenario.work.facts]
    assert proposal in next(it for it in scenario.work.facts if isinstance(it, UpsellsOffered)).upsells


def test_the_time_of_an_upsell_runs_from_its_first_proposal() -> None:
    known = catalogue(upsell(BUMP, BOOK, urgency=Urgency(seconds=600)))
    scenario = with_offer(known).after(seconds=599).when(list_upsells, ListUpsells(CART), known)
    assert [it.hide_at for it in scenario.result.upsells] == [NOW + timedelta(seconds=600)]
    scenario.after(seconds=1).when(list_upsells, ListUpsells(CART), known)
    assert scenario.result.upsells == []
    scenario.when(take_upsell, TakeUpsell(CART, BUMP), known).then_refused(UpsellExpired)


def test_an_upsell_is_taken_once_and_in_its_own_quantity() -> None:
    known = catalogue(upsell(BUMP, BOOK, quantity=3))
    scenario = with_offer(known).when(take_upsell, TakeUpsell(CART, BUMP), known)
    assert [it.quantity for it in scenario.result.cart.lines.values()] == [1, 3]
    scenario.when(take_upsell, TakeUpsell(CART, BUMP), known).then_refused(
        UpsellNotEligible, reason="product_in_cart"
    )


def test_conditions_are_judged_when_the_upsell_is_added_and_not_again() -> None:
    known = catalogue(upsell(BUMP, BOOK, maximum_cart_value=7900))
    scenario = with_offer(known).when(take_upsell, TakeUpsell(CART, BUMP), known)
    scenario.when(add_item, AddItem(CART, PEN, 1), known)
    assert [it.unit_price for it in scenario.result.cart.lines.values()] == [7900, 1799, 999]


def test_an_upsell_stays_at_the_products_price_when_its_offer_leaves_the_cart() -> None:
    known = catalogue(upsell(BUMP, BOOK))
    scenario = with_offer(known).when(take_upsell, TakeUpsell(CART, BUMP), known)
    kit = next(it.item_id for it in scenario.result.cart.lines.values() if it.offer_id)
    scenario.when(remove_item, RemoveItem(CART, kit), known)
    assert [it.unit_price for it in scenario.result.cart.lines.values()] == [1999]
    assert [getattr(it, "reason", None) for it in scenario.work.facts] == [None, "parent_removed"]


def test_an_unknown_or_removed_upsell_is_not_found() -> None:
    known = catalogue(upsell(GIFT_WRAP, PEN, status="removed"))
    scenario = with_offer(known)
    scenario.when(take_upsell, TakeUpsell(CART, GIFT_WRAP), known).then_refused(UpsellNotFound)


def test_a_refusal_brings_about_the_downsell_and_ends_the_proposal() -> None:
    known = catalogue(
        upsell(BUMP, BOOK), upsell(DOWNSELL, PEN, type="downsell"), steps=(step(DOWNSELL, after=BUMP),)
    )
    scenario = with_offer(known)
    assert proposed(known, scenario) == [BUMP]
    scenario.when(decline_upsell, DeclineUpsell(CART, BUMP), known).then(
        UpsellDeclined(**stamp(CART), offer_id=KIT, upsell_id=BUMP),
        UpsellsOffered(**stamp(CART), upsells=(ProposedUpsell(offer_id=KIT, upsell_id=DOWNSELL),)),
    )
    assert names(scenario.result.upsells) == [DOWNSELL]
    assert proposed(known, scenario) == [DOWNSELL]
    scenario.when(decline_upsell, DeclineUpsell(CART, BUMP), known).then_nothing()


def test_a_downsell_cannot_be_taken_before_the_refusal() -> None:
    known = catalogue(upsell(BUMP, BOOK), upsell(DOWNSELL, PEN), steps=(step(DOWNSELL, after=BUMP),))
    with_offer(known).when(take_upsell, TakeUpsell(CART, DOWNSELL), known).then_refused(
        UpsellNotEligible, reason="not_declined"
    )


ANN = KnownCustomer(
    "ann",
    paid_orders=2,
    spent={"USD": 5000},
    bought=frozenset({str(PEN)}),
    abandoned_carts=frozenset({UUID(int=901), UUID(int=902)}),
)


@pytest.mark.parametrize(
    ("conditions", "customer", "is_proposed"),
    [
        (StepConditions(customer_value=CustomerValue(minimum=5000, maximum=5000)), ANN, True),
        (StepConditions(customer_value=CustomerValue(minimum=5001)), ANN, False),
        (StepConditions(customer_value=CustomerValue(minimum=1)), None, False),
        (StepConditions(customer_value=CustomerValue(maximum=0)), None, True),
        (StepConditions(purchase_history=PurchaseHistory(bought_any=(PEN, LAMP))), ANN, True),
        (StepConditions(purchase_history=PurchaseHistory(bought_none=(PEN,))), ANN, False),
        (StepConditions(purchase_history=PurchaseHistory(minimum_orders=1)), None, False),
        (StepConditions(purchase_history=PurchaseHistory(minimum_orders=2, maximum_orders=2)), ANN, True),
        (StepConditions(behavior=Behavior(declined_any=(BUMP,))), None, True),
        (StepConditions(behavior=Behavior(declined_any=(GIFT_WRAP,))), None, False),
        (StepConditions(behavior=Behavior(minimum_abandoned_carts=1)), None, False),
        (StepConditions(behavior=Behavior(minimum_abandoned_carts=2)), ANN, True),
        (StepConditions(behavior=Behavior(minimum_abandoned_carts=3)), ANN, False),
    ],
)
def test_a_step_of_the_funnel_has_conditions_on_the_customer(
    conditions: StepConditions, customer: KnownCustomer | None, is_proposed: bool
) -> None:
    people = () if customer is None else (customer,)
    known = catalogue(
        upsell(BUMP, BOOK),
        upsell(DOWNSELL, LAMP),
        product(LAMP, 500),
        *people,
        steps=(step(DOWNSELL, after=BUMP, conditions=conditions),),
    )
    scenario = with_offer(known).when(decline_upsell, DeclineUpsell(CART, BUMP), known)
    assert names(scenario.result.upsells) == ([DOWNSELL] if is_proposed else [])


def test_what_an_abandonment_brings_about_is_not_proposed_before() -> None:
    known = catalogue(upsell(BUMP, BOOK), steps=(step(BUMP, "abandon"),))
    assert proposed(known) == []
