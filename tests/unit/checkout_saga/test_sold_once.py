"""A cart is paid for once, also if its lock expires before ``cart.hold`` arrives."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.index_keys import CART_SALE, OPEN_CHECKOUT
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.orders.domain.order import order_id_of
from checkout_saga.payments.domain.operation import Declined, Done, Operation
from contracts import cart
from contracts.envelope import Fact
from tests.support.scenario import NOW, Scenario, given
from tests.unit.checkout_saga.examples import (
    CART,
    CHECKOUT,
    FREE,
    OPEN_KEY,
    cart_unlocked,
    compensation_started,
    history_until,
    of_step,
    price_confirmed,
    promotions_released,
    stock_released,
    waiting_at,
)
from tests.unit.checkout_saga.gateway import gateway_answered

OTHER = UUID(int=0xC1)
NAME = str(CART)


def others(waiting_for: str) -> list[Fact]:
    """Another checkout of the same cart, up to the start of this step."""
    own = [it for it in history_until(waiting_for) if it.originator_id == CHECKOUT]
    return [it.model_copy(update={"originator_id": OTHER}) for it in own]


def beside(other: list[Fact]) -> Scenario:
    """Our checkout is about to capture; the other one has claimed the sale."""
    story = given(*history_until(step_names.AUTHORIZE), *other).claimed(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)
    return story.claimed(CART_SALE, NAME, OTHER)


def unlock(code: str) -> cart.Unlock:
    return cart.Unlock(**of_step(step_names.LOCK_CART), cart_id=CART, reason=code)


def test_the_first_checkout_to_capture_claims_the_carts_sale() -> None:
    story = waiting_at(step_names.AUTHORIZE).when(gateway_answered, Operation.AUTHORIZE, Done("ref", 2000))
    story.then_holds(CART_SALE, NAME, CHECKOUT)
    story.then_timer(Operation.CAPTURE, CHECKOUT, NOW)


def test_a_free_checkout_claims_the_carts_sale_as_well() -> None:
    story = waiting_at(step_names.CONFIRM_PRICE, FREE).when(CHECKOUTS.on_reply, price_confirmed(FREE))
    story.then_holds(CART_SALE, NAME, CHECKOUT)


def test_a_paid_cart_is_converted_with_its_order_and_not_captured_again() -> None:
    story = beside(others(step_names.CONFIRM_STOCK)).when(
        gateway_answered, Operation.AUTHORIZE, Done("ref", 2000)
    )
    convert = cart.Convert(**of_step(step_names.COMPLETE), cart_id=CART, order_id=order_id_of(OTHER))
    story.then_sent_under(CART, convert, unlock("CART_NOT_ACTIVE"))
    assert (CHECKOUT, Operation.CAPTURE) not in story.work.timers
    story.then_timer(Operation.VOID, CHECKOUT, NOW)
    story.then_holds(CART_SALE, NAME, OTHER)


def test_a_cart_is_not_converted_with_an_order_that_is_being_compensated() -> None:
    refunding = compensation_started(step_names.CONFIRM_STOCK, "INSUFFICIENT_INVENTORY")
    other = [*others(step_names.CONFIRM_STOCK), refunding.model_copy(update={"originator_id": OTHER})]
    story = beside(other).when(gateway_answered, Operation.AUTHORIZE, Done("ref", 2000))
    story.then_sent_under(CART, unlock("CHECKOUT_IN_PROGRESS"))


def test_a_cart_with_a_capture_under_way_is_unlocked_unchanged() -> None:
    story = beside(others(step_names.CAPTURE)).when(gateway_answered, Operation.AUTHORIZE, Done("ref", 2000))
    story.then_sent_under(CART, unlock("CHECKOUT_IN_PROGRESS"))
    assert (CHECKOUT, Operation.CAPTURE) not in story.work.timers
    story.then_timer(Operation.VOID, CHECKOUT, NOW)
    story.then_holds(CART_SALE, NAME, OTHER)


def test_a_refused_checkout_does_not_release_the_other_ones_claim() -> None:
    story = beside(others(step_names.CAPTURE)).when(gateway_answered, Operation.AUTHORIZE, Done("ref", 2000))
    ended(story)
    story.then_holds(CART_SALE, NAME, OTHER)


def test_a_declined_capture_releases_the_claim_on_the_carts_sale() -> None:
    story = waiting_at(step_names.CAPTURE).claimed(CART_SALE, NAME, CHECKOUT)
    story.when(gateway_answered, Operation.CAPTURE, Declined("CAPTURE_FAILED", "no"))
    story.then_holds(CART_SALE, NAME, CHECKOUT)
    ended(story)
    story.then_holds(CART_SALE, NAME, None)


def ended(story: Scenario) -> None:
    """All compensations complete."""
    story.when(gateway_answered, Operation.VOID, Done("ref", 2000))
    for answer in (stock_released(), promotions_released(), cart_unlocked()):
        story.when(CHECKOUTS.on_reply, answer)
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, None)
