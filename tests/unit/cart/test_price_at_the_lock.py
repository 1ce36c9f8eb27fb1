"""A checkout is charged no more than the cart has shown; otherwise its lock is refused with the reason."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from cart.carts.shipping_calculator import RatesCalculator
from cart.carts.use_cases.discounts import RemoveDiscount, remove_discount
from cart.carts.use_cases.index_keys import CUSTOMER_CART, listed_under
from cart.carts.use_cases.locking import lock_cart
from cart.carts.use_cases.shipping import SetDestination, set_destination
from cart.catalogue.domain.customers import KnownCustomer
from contracts import cart as contract
from contracts.sale import Destination, Money
from pricing.tax import TaxRate
from tests.support.scenario import NOW, Scenario, given
from tests.unit.cart.catalogues import USUAL_CATALOGUE, FakeCatalogue, product, promotion
from tests.unit.cart.facts import (
    ATTEMPT,
    CART,
    CHECKOUT,
    LAMP,
    OTHER_ATTEMPT,
    OTHER_CHECKOUT,
    SAVE10,
    STEP,
    created,
    customer_set,
    destination_set,
    discount_applied,
    item_added,
    lock_refused,
    locked,
    repriced,
    sale,
)
from tests.unit.cart.policies import DEFAULT_POLICY

LOCK = contract.Lock(cart_id=CART, checkout_id=CHECKOUT, step=STEP)
NEXT_LOCK = LOCK.model_copy(update={"process_id": OTHER_CHECKOUT})
PORTUGAL = Destination(country="PT")
IVA = TaxRate("PT", Fraction(23, 100), "IVA")
TAXED = FakeCatalogue(product(price=500), taxes=(IVA,))

lock = partial(lock_cart, catalogue=USUAL_CATALOGUE, policy=DEFAULT_POLICY)
lock_taxed = partial(lock_cart, catalogue=TAXED, policy=DEFAULT_POLICY)


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


def lock_with(**fields: object) -> contract.Lock:
    return LOCK.model_copy(update=fields)


def dearer(was: int, now: int) -> contract.LockRefused:
    detail = f"The cart costs {now} USD now, not {was}."
    return lock_refused("PRICE_CHANGED", detail, was=usd(was), now=usd(now))


def test_a_raised_price_is_refused_once_and_shown_from_then_on() -> None:
    scenario = given(created(), item_added(2, unit_price=450)).when(lock, LOCK)
    scenario.then(repriced(450, 500), dearer(900, 1000))
    scenario.when(lock, LOCK).then(dearer(900, 1000))
    scenario.when(lock, NEXT_LOCK).then(locked(OTHER_CHECKOUT, frozen=sale(2)))


def test_only_the_total_is_compared() -> None:
    """One line has become dearer and one cheaper."""
    mug, lamp = item_added(1, 450), item_added(1, 2100, product_id=LAMP)
    scenario = given(created(), mug, lamp).when(lock, LOCK)
    (_, frozen) = scenario.work.facts
    assert isinstance(frozen, contract.Locked)
    assert (frozen.shown, frozen.sale.totals.total) == (2550, 2499)


def test_a_product_no_longer_on_sale_is_locked_at_the_price_shown() -> None:
    catalogue = FakeCatalogue(product(price=900, status="archived"))
    given(created(), item_added()).when(lock_cart, LOCK, catalogue, DEFAULT_POLICY).then(locked())


@pytest.mark.parametrize(("amount", "passes"), [(999, False), (1000, True), (1001, True)])
def test_a_total_above_the_expected_one_is_refused(amount: int, passes: bool) -> None:  # a case of the table
    scenario = given(created(), item_added(2)).when(lock, lock_with(expected_total=usd(amount)))
    scenario.then(locked(frozen=sale(2)) if passes else dearer(amount, 1000))


def test_a_higher_expected_total_does_not_allow_more_than_the_cart_has_shown() -> None:
    scenario = given(created(), item_added(unit_price=450))
    scenario.when(lock, lock_with(expected_total=usd(9000))).then(repriced(450, 500), dearer(450, 500))


def test_an_expected_total_in_another_currency_is_refused() -> None:
    command = lock_with(expected_total=Money(amount=500, currency="EUR"))
    given(created(), item_added()).when(lock, command).then(
        lock_refused("INVALID_REQUEST", "The cart is in USD.")
    )


@pytest.mark.parametrize(
    ("catalogue", "reason", "detail"),
    [
        (FakeCatalogue(product()), "unknown", "There is no such code."),
        (FakeCatalogue(product(), promotion(disabled=True)), "disabled", "This code is disabled."),
        (
            FakeCatalogue(product(), promotion(total=1, uses=1)),
            "limit_reached",
            "This code has been used up.",
        ),
        (
            FakeCatalogue(product(), promotion(ends_at=NOW)),
            "expired",
            "This code has expired.",
        ),
        (
            FakeCatalogue(product(), promotion(starts_at=NOW + timedelta(seconds=1))),
            "not_started",
            "This code is not valid yet.",
        ),
        (
            FakeCatalogue(product(), promotion(conditions={"minimum_subtotal": 501})),
            "conditions_not_met",
            "The cart does not meet the conditions of this code.",
        ),
    ],
)
def test_a_code_that_has_become_unusable_is_refused_until_it_is_removed(
    catalogue: FakeCatalogue, reason: str, detail: str
) -> None:
    scenario = given(created(), item_added(), discount_applied())
    scenario.when(lock_cart, LOCK, catalogue, DEFAULT_POLICY).then(
        lock_refused("INVALID_DISCOUNT_CODE", detail, discount_code="SAVE10", reason=reason)
    )
    scenario.when(remove_discount, RemoveDiscount(CART, "SAVE10"), catalogue)
    scenario.when(lock_cart, NEXT_LOCK, catalogue, DEFAULT_POLICY).then(locked(OTHER_CHECKOUT))


def test_a_code_whose_last_use_is_only_reserved_is_locked_because_the_use_may_be_released() -> None:
    catalogue = FakeCatalogue(product(), promotion(total=1, held=1))
    scenario = given(created(), item_added(), discount_applied()).when(
        lock_cart, LOCK, catalogue, DEFAULT_POLICY
    )
    (fact,) = scenario.work.facts
    assert isinstance(fact, contract.Locked)
    assert fact.sale.totals.total == 450


def test_a_code_beside_a_better_discount_does_not_prevent_the_lock() -> None:
    alone: dict[str, Any] = {"stacking": {"mode": "exclusive"}}
    catalogue = FakeCatalogue(
        product(), promotion(), promotion(product().product_id, code=None, value="50", **alone)
    )
    scenario = given(created(), item_added(), discount_applied()).when(
        lock_cart, LOCK, catalogue, DEFAULT_POLICY
    )
    (fact,) = scenario.work.facts
    assert isinstance(fact, contract.Locked)
    assert fact.sale.totals.total == 250


def test_a_destination_with_taxes_is_refused_once_and_shown_from_then_on() -> None:
    taxed = sale(tax=115, destination=PORTUGAL)
    scenario = given(created(), item_added()).when(lock_taxed, lock_with(destination=PORTUGAL))
    scenario.then(destination_set("PT"), dearer(500, 615))
    next_lock = NEXT_LOCK.model_copy(update={"destination": PORTUGAL})
    scenario.when(lock_taxed, next_lock).then(locked(OTHER_CHECKOUT, frozen=taxed))


def test_a_cart_with_its_destination_set_is_locked_at_the_total_shown() -> None:
    taxed = sale(tax=115, destination=PORTUGAL)
    scenario = given(created(), item_added())
    scenario.when(set_destination, SetDestination(CART, PORTUGAL), TAXED, RatesCalculator()).then(
        destination_set("PT")
    )
    assert scenario.result.sale == taxed
    scenario.when(lock_taxed, lock_with(destination=PORTUGAL)).then(locked(frozen=taxed))


def test_a_checkout_without_an_address_keeps_the_carts_own_destination() -> None:
    taxed = sale(tax=115, destination=PORTUGAL)
    given(created(), item_added(), destination_set("PT")).when(lock_taxed, LOCK).then(locked(frozen=taxed))


def test_a_lower_price_at_the_destination_is_locked_at_once() -> None:
    """E58 of the worked examples, without its tax."""
    catalogue = FakeCatalogue(product(price=1999, elsewhere={"DE": 1799}))
    germany = Destination(country="DE")
    scenario = given(created(), item_added(2, 1999))
    scenario.when(lock_cart, lock_with(destination=germany), catalogue, DEFAULT_POLICY)
    scenario.then(
        destination_set("DE"),
        repriced(1999, 1799, reason="destination"),
        locked(frozen=sale(2, 1799, destination=germany), shown=3998),
    )


def bought_by(customer_id: str, *, guest: bool = False, of: str | None = None) -> Scenario:
    scenario = given(created(customer_id=of), item_added())
    return scenario.when(lock, lock_with(customer_id=customer_id, guest=guest))


@pytest.mark.parametrize("guest", [False, True])
def test_a_customers_cart_is_not_locked_for_another_customer(guest: bool) -> None:  # a case of the table
    refused = lock_refused("CART_HAS_CUSTOMER", "The cart belongs to another customer.", customer_id="alice")
    bought_by("bob", guest=guest, of="alice").then(refused)


def test_a_customer_buys_their_own_cart() -> None:
    bought_by("ann", of="ann").then(locked())


def test_a_cart_without_a_customer_is_assigned_to_the_buyer() -> None:
    scenario = bought_by("bob").then(customer_set("bob"), locked(customer_id="bob"))
    scenario.then_holds(CUSTOMER_CART, listed_under("bob", CART), CART)


def test_a_guests_cart_stays_without_a_customer_so_that_the_guest_can_correct_their_address() -> None:
    scenario = bought_by("of an address", guest=True).then(locked(customer_id="of an address"))
    command = lock_with(customer_id="of an address", guest=True)
    scenario.when(lock, command).then(locked(customer_id="of an address", stream=ATTEMPT))


USED_BY_ANN = FakeCatalogue(
    product(),
    replace(promotion(code=None), per_customer=1),
    KnownCustomer("ann", uses={SAVE10: 1}),
)
"""An automatic promotion, once for each customer."""


def test_a_reduction_that_the_buyer_has_used_up_is_refused_once_and_not_shown_from_then_on() -> None:
    command = {"customer_id": "ann"}
    scenario = given(created(customer_id=None), item_added())
    scenario.when(lock_cart, lock_with(**command), USED_BY_ANN, DEFAULT_POLICY)
    scenario.then(customer_set("ann"), dearer(450, 500))
    next_lock = NEXT_LOCK.model_copy(update=command)
    scenario.when(lock_cart, next_lock, USED_BY_ANN, DEFAULT_POLICY)
    scenario.then(locked(OTHER_CHECKOUT, customer_id="ann"))


def test_a_guest_who_has_used_a_reduction_up_buys_at_the_price_that_the_refusal_has_told() -> None:
    guest = {"customer_id": "ann", "guest": True}
    scenario = given(created(customer_id=None), item_added())
    scenario.when(lock_cart, lock_with(**guest), USED_BY_ANN, DEFAULT_POLICY).then(dearer(450, 500))
    more = NEXT_LOCK.model_copy(update={**guest, "expected_total": usd(501)})
    scenario.when(lock_cart, more, USED_BY_ANN, DEFAULT_POLICY)
    (refusal,) = scenario.work.facts
    assert isinstance(refusal, contract.LockRefused)
    agreed = lock_with(process_id=UUID(int=4711), expected_total=usd(500), **guest)
    scenario.when(lock_cart, agreed, USED_BY_ANN, DEFAULT_POLICY)
    (fact,) = scenario.work.facts
    assert isinstance(fact, contract.Locked)
    assert (fact.shown, fact.sale.totals.total, fact.customer_id) == (500, 500, "ann")


def test_a_command_of_an_older_version_without_a_customer_is_handled() -> None:
    scenario = given(created(customer_id="alice"), item_added()).when(lock, NEXT_LOCK)
    scenario.then(locked(OTHER_CHECKOUT, customer_id="alice"))
    scenario.when(lock, NEXT_LOCK).then(locked(OTHER_CHECKOUT, customer_id="alice", stream=OTHER_ATTEMPT))
