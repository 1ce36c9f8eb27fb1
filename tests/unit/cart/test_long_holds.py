"""A cart that waits for a payment of hours or days: its lock ends later, and its session may have another."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.use_cases.expiry import expire_cart
from cart.carts.use_cases.index_keys import LOCK_EXPIRY, SESSION
from cart.carts.use_cases.locking import convert_cart, hold_cart, lock_cart, unlock_cart
from cart.carts.use_cases.shopping import CreateCart, create_cart
from cart.flows.use_cases.endings import complete_flows
from contracts import cart as contract
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given
from tests.unit.cart.catalogues import USUAL_CATALOGUE
from tests.unit.cart.facts import (
    CART,
    CHECKOUT,
    ORDER,
    OTHER_CHECKOUT,
    abandoned,
    converted,
    created,
    held,
    item_added,
    lock_refused,
    locked,
    unlocked,
)
from tests.unit.cart.policies import DEFAULT_POLICY

STEP = "authorize_payment"
UNTIL = NOW + timedelta(hours=55)
OTHER_CART = UUID(int=2)
HOLD = contract.Hold(cart_id=CART, checkout_id=CHECKOUT, step=STEP, until=UNTIL)
DETACH = HOLD.model_copy(update={"detach": True})
UNLOCK = contract.Unlock(cart_id=CART, checkout_id=CHECKOUT, step="lock_cart", reason="payment declined")
NEXT = contract.Lock(cart_id=CART, checkout_id=OTHER_CHECKOUT, step="lock_cart")
unlock = partial(unlock_cart, catalogue=USUAL_CATALOGUE)


def in_checkout() -> Scenario:
    return given(created(), item_added(), locked()).claimed(SESSION, "session", CART)


async def sessions_of(cart_id: UUID, work: UnitOfWork) -> tuple[str, ...]:
    return (await work.open(Cart, cart_id)).sessions


def test_a_lock_that_is_held_until_a_time_ends_then() -> None:
    story = in_checkout().when(hold_cart, HOLD).then(held(step=STEP, until=UNTIL))
    story.then_timer(LOCK_EXPIRY, CART, UNTIL)
    story.at(UNTIL - timedelta(seconds=1)).when(lock_cart, NEXT, USUAL_CATALOGUE, DEFAULT_POLICY).then(
        lock_refused(
            "CHECKOUT_IN_PROGRESS",
            "Another checkout holds the cart.",
            checkout_id=OTHER_CHECKOUT,
            held_by=CHECKOUT,
        )
    )
    story.at(UNTIL).when(expire_cart, CART, USUAL_CATALOGUE, DEFAULT_POLICY)
    story.then(unlocked(reason="lock expired"))


def test_a_hold_never_shortens_a_lock() -> None:
    earlier = HOLD.model_copy(update={"until": NOW + timedelta(minutes=1)})
    story = in_checkout().when(hold_cart, HOLD).when(hold_cart, earlier)
    story.then_timer(LOCK_EXPIRY, CART, UNTIL)


def test_the_hold_for_a_capture_takes_the_time_limit_away() -> None:
    capture = contract.Hold(cart_id=CART, checkout_id=CHECKOUT, step="capture_payment")
    story = in_checkout().when(hold_cart, HOLD).when(hold_cart, capture)
    story.then(held()).then_no_timer(LOCK_EXPIRY, CART)


def test_the_session_of_a_detached_cart_may_have_another() -> None:
    story = in_checkout().when(hold_cart, DETACH).then(held(step=STEP, until=UNTIL, detached=True))
    story.then_holds(SESSION, "session", None)
    another = CreateCart("session", None, "USD", "standard", {})
    story.when(create_cart, another, USUAL_CATALOGUE, DEFAULT_POLICY)
    (priced, is_new) = story.result
    assert is_new
    assert priced.cart.id != CART


def test_an_unlocked_cart_is_its_sessions_cart_again() -> None:
    story = in_checkout().when(hold_cart, DETACH).when(unlock, UNLOCK).then(unlocked())
    story.then_holds(SESSION, "session", CART).when(sessions_of, CART).then_result(("session",))


def test_a_cart_whose_session_has_another_is_abandoned_when_it_comes_back() -> None:
    story = in_checkout().when(hold_cart, DETACH).claimed(SESSION, "session", OTHER_CART)
    story.after(minutes=40).when(unlock, UNLOCK)
    story.then(unlocked(detached=True), abandoned(last_activity_at=story.now))
    story.then_holds(SESSION, "session", OTHER_CART).when(sessions_of, CART).then_result(())


def test_also_at_the_end_of_its_lock() -> None:
    story = in_checkout().when(hold_cart, DETACH).claimed(SESSION, "session", OTHER_CART).at(UNTIL)
    story.when(expire_cart, CART, USUAL_CATALOGUE, DEFAULT_POLICY)
    story.then(unlocked(reason="lock expired", detached=True), abandoned(last_activity_at=UNTIL))


def test_the_end_of_a_detached_cart_leaves_the_session_its_other_cart() -> None:
    close = contract.Convert(cart_id=CART, checkout_id=CHECKOUT, step="complete", order_id=ORDER)
    story = in_checkout().when(hold_cart, DETACH).claimed(SESSION, "session", OTHER_CART)
    story.after(hours=48).when(convert_cart, close, complete_flows).then(converted())
    story.then_holds(SESSION, "session", OTHER_CART)
    story = in_checkout().when(hold_cart, DETACH).claimed(SESSION, "session", OTHER_CART)
    story.when(unlock, UNLOCK).after(hours=80).when(expire_cart, CART, USUAL_CATALOGUE, DEFAULT_POLICY)
    story.then_holds(SESSION, "session", OTHER_CART)
