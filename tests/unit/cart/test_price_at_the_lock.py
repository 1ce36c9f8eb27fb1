"""What a cart shows is what a checkout is charged, or the lock says why not."""

from datetime import timedelta
from fractions import Fraction
from functools import partial
from typing import Any

import pytest

from cart.application.index_keys import CUSTOMER_CART, listed_under
from cart.application.lock_cart import lock_cart
from cart.application.policy import Policy
from cart.application.remove_discount import RemoveDiscount, remove_discount
from cart.application.set_destination import SetDestination, set_destination
from contracts import cart as contract
from contracts.sale import Destination, Money
from pricing.tax import TaxRate
from tests.support.scenario import NOW, Scenario, given
from tests.unit.cart.facts import (
    CART,
    CHECKOUT,
    LAMP,
    OTHER_CHECKOUT,
    OTHER_REQUEST,
    REQUEST,
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
from tests.unit.cart.shelf import USUAL, Shelf, product, promotion

LOCK = contract.Lock(cart_id=CART, checkout_id=CHECKOUT, step=STEP)
AGAIN = LOCK.model_copy(update={"process_id": OTHER_CHECKOUT})
PORTUGAL = Destination(country="PT")
IVA = TaxRate("PT", Fraction(23, 100), "IVA")
TAXED = Shelf(product(price=500), taxes=(IVA,))

lock = partial(lock_cart, catalogue=USUAL, policy=Policy())
lock_taxed = partial(lock_cart, catalogue=TAXED, policy=Policy())


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


def wanting(**fields: object) -> contract.Lock:
    return LOCK.model_copy(update=fields)


def dearer(was: int, now: int) -> contract.LockRefused:
    detail = f"it costs {now} USD now, not {was}"
    return lock_refused("PRICE_CHANGED", detail, was=usd(was), now=usd(now))


def test_a_dearer_price_is_refused_once_and_shown_from_then_on() -> None:
    scenario = given(created(), item_added(2, unit_price=450)).when(lock, LOCK)
    scenario.then(repriced(450, 500), dearer(900, 1000))
    scenario.when(lock, LOCK).then(dearer(900, 1000))
    scenario.when(lock, AGAIN).then(locked(OTHER_CHECKOUT, frozen=sale(2)))


def test_a_dearer_product_counts_by_what_all_of_it_costs() -> None:
    """One dearer and one cheaper line: the total is what is compared."""
    mug, lamp = item_added(1, 450), item_added(1, 2100, product_id=LAMP)
    scenario = given(created(), mug, lamp).when(lock, LOCK)
    (_, frozen) = scenario.work.facts
    assert isinstance(frozen, contract.Locked)
    assert (frozen.shown, frozen.sale.totals.total) == (2550, 2499)


def test_what_is_no_longer_sold_goes_to_the_checkout_at_the_price_shown() -> None:
    shelf = Shelf(product(price=900, status="archived"))
    given(created(), item_added()).when(lock_cart, LOCK, shelf, Policy()).then(locked())


@pytest.mark.parametrize(("amount", "passes"), [(999, False), (1000, True), (1001, True)])
def test_nobody_pays_more_than_they_have_agreed_to(amount: int, passes: bool) -> None:  # a case of the table
    scenario = given(created(), item_added(2)).when(lock, wanting(expected_total=usd(amount)))
    scenario.then(locked(frozen=sale(2)) if passes else dearer(amount, 1000))


def test_agreeing_to_more_than_the_cart_has_shown_does_not_make_it_dearer() -> None:
    scenario = given(created(), item_added(unit_price=450))
    scenario.when(lock, wanting(expected_total=usd(9000))).then(repriced(450, 500), dearer(450, 500))


def test_an_amount_in_another_currency_is_no_agreement() -> None:
    asked = wanting(expected_total=Money(amount=500, currency="EUR"))
    given(created(), item_added()).when(lock, asked).then(
        lock_refused("INVALID_REQUEST", "the cart is in USD")
    )


@pytest.mark.parametrize(
    ("shelf", "reason", "detail"),
    [
        (Shelf(product()), "unknown", "there is no such code"),
        (Shelf(product(), promotion(disabled=True)), "disabled", "this code is not in use any more"),
        (Shelf(product(), promotion(total=1, uses=1)), "limit_reached", "this code has been used up"),
        (Shelf(product(), promotion(ends_at=NOW)), "expired", "this code cannot be used here: expired"),
        (
            Shelf(product(), promotion(starts_at=NOW + timedelta(seconds=1))),
            "not_started",
            "this code cannot be used here: not_started",
        ),
        (
            Shelf(product(), promotion(conditions={"minimum_subtotal": 501})),
            "conditions_not_met",
            "this code cannot be used here: conditions_not_met",
        ),
    ],
)
def test_a_code_that_counts_no_longer_is_taken_off_before_anything_is_bought(
    shelf: Shelf, reason: str, detail: str
) -> None:
    scenario = given(created(), item_added(), discount_applied())
    scenario.when(lock_cart, LOCK, shelf, Policy()).then(
        lock_refused("INVALID_DISCOUNT_CODE", detail, discount_code="SAVE10", reason=reason)
    )
    scenario.when(remove_discount, RemoveDiscount(CART, "SAVE10"), shelf)
    scenario.when(lock_cart, AGAIN, shelf, Policy()).then(locked(OTHER_CHECKOUT))


def test_a_use_that_is_only_held_may_come_back_so_that_the_checkout_finds_out() -> None:
    shelf = Shelf(product(), promotion(total=1, held=1))
    scenario = given(created(), item_added(), discount_applied()).when(lock_cart, LOCK, shelf, Policy())
    (fact,) = scenario.work.facts
    assert isinstance(fact, contract.Locked)
    assert fact.sale.totals.total == 450


def test_a_code_beside_a_better_discount_keeps_nobody_from_buying() -> None:
    alone: dict[str, Any] = {"stacking": {"mode": "exclusive"}}
    shelf = Shelf(product(), promotion(), promotion(product().product_id, code=None, value="50", **alone))
    scenario = given(created(), item_added(), discount_applied()).when(lock_cart, LOCK, shelf, Policy())
    (fact,) = scenario.work.facts
    assert isinstance(fact, contract.Locked)
    assert fact.sale.totals.total == 250


def test_taxes_of_the_destination_are_shown_before_they_are_charged() -> None:
    taxed = sale(tax=115, destination=PORTUGAL)
    scenario = given(created(), item_added()).when(lock_taxed, wanting(destination=PORTUGAL))
    scenario.then(destination_set("PT"), dearer(500, 615))
    again = AGAIN.model_copy(update={"destination": PORTUGAL})
    scenario.when(lock_taxed, again).then(locked(OTHER_CHECKOUT, frozen=taxed))


def test_a_cart_that_knows_where_it_goes_is_bought_for_what_it_shows() -> None:
    taxed = sale(tax=115, destination=PORTUGAL)
    scenario = given(created(), item_added())
    scenario.when(set_destination, SetDestination(CART, PORTUGAL), TAXED).then(destination_set("PT"))
    assert scenario.result.sale == taxed
    scenario.when(lock_taxed, wanting(destination=PORTUGAL)).then(locked(frozen=taxed))


def test_a_checkout_without_an_address_keeps_the_carts_own_destination() -> None:
    taxed = sale(tax=115, destination=PORTUGAL)
    given(created(), item_added(), destination_set("PT")).when(lock_taxed, LOCK).then(locked(frozen=taxed))


def test_a_cheaper_place_is_cheaper_at_once() -> None:
    """E58 of the worked examples, without its tax."""
    shelf = Shelf(product(price=1999, elsewhere={"DE": 1799}))
    germany = Destination(country="DE")
    scenario = given(created(), item_added(2, 1999))
    scenario.when(lock_cart, wanting(destination=germany), shelf, Policy())
    scenario.then(
        destination_set("DE"),
        repriced(1999, 1799, reason="destination"),
        locked(frozen=sale(2, 1799, destination=germany), shown=3998),
    )


def bought_by(customer_id: str, *, guest: bool = False, of: str | None = None) -> Scenario:
    scenario = given(created(customer_id=of), item_added())
    return scenario.when(lock, wanting(customer_id=customer_id, guest=guest))


@pytest.mark.parametrize("guest", [False, True])
def test_a_customers_cart_is_bought_by_nobody_else(guest: bool) -> None:  # a case of the table
    refused = lock_refused("CART_HAS_CUSTOMER", "the cart is another customer's", customer_id="alice")
    bought_by("bob", guest=guest, of="alice").then(refused)


def test_a_customer_buys_their_own_cart() -> None:
    bought_by("ann", of="ann").then(locked())


def test_a_cart_without_a_customer_becomes_the_buyers() -> None:
    scenario = bought_by("bob").then(customer_set("bob"), locked(customer_id="bob"))
    scenario.then_holds(CUSTOMER_CART, listed_under("bob", CART), CART)


def test_a_guests_cart_stays_nobodys_so_that_they_may_correct_their_address() -> None:
    scenario = bought_by("of an address", guest=True).then(locked(customer_id="of an address"))
    asked = wanting(customer_id="of an address", guest=True)
    scenario.when(lock, asked).then(locked(customer_id="of an address", stream=REQUEST))


def test_a_command_of_before_names_no_customer_and_is_obeyed() -> None:
    scenario = given(created(customer_id="alice"), item_added()).when(lock, AGAIN)
    scenario.then(locked(OTHER_CHECKOUT, customer_id="alice"))
    scenario.when(lock, AGAIN).then(locked(OTHER_CHECKOUT, customer_id="alice", stream=OTHER_REQUEST))
