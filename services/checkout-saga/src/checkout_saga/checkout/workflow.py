"""The workflow of a checkout: what each step does, which replies end it, and how it is undone."""

from __future__ import annotations

from checkout_saga.checkout import local_steps
from checkout_saga.checkout.domain import actions, step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.index_keys import (
    CART_SALE,
    MOVED_DEADLINE,
    OPEN_CHECKOUT,
    OPEN_REVIEW,
    PUSH_PAYMENT,
    moved_deadline_key,
    open_checkout_key,
    push_payment_key,
    review_key,
)
from contracts import cart, price, promotion, redemption, reservation, stock
from kernel.process.manager import ProcessManager
from kernel.process.state import Reason
from kernel.process.workflow import Action, Run, Stages, Step, Workflow, run
from kernel.unit_of_work import UnitOfWork

DEADLINE = "checkout_deadline"
"""The kind of the timer at which an unfinished checkout is compensated."""

TAKE_PROPOSAL = Run(local_steps.take_proposal)
REVIEW_END = "review_end"
"""The kind of the timer at which a review ends by the shop's settings; its subject is the checkout."""

TAKE_ARRIVED = Run(local_steps.take_arrived_money)


def _lock(checkout: Checkout) -> Action:
    return TAKE_PROPOSAL if checkout.origin else actions.lock_cart(checkout)


def _capture(checkout: Checkout) -> Action:
    return TAKE_ARRIVED if checkout.money_arrived else actions.capture(checkout)


STEPS: tuple[Step[Checkout], ...] = (
    Step(
        name=step_names.LOCK_CART,
        do=_lock,
        completed=cart.Locked,
        keeps=frozenset({"sale", "lock_expires_at", "refused_requests"}),
        refused=cart.LockRefused,
        undo=actions.unlock_cart,
        undone=cart.Unlocked,
    ),
    Step(
        name=step_names.RESERVE_STOCK,
        guard=local_steps.check_sale,
        do=actions.reserve_stock,
        completed=reservation.Made,
        refused=stock.ReservationRefused,
        undo=actions.release_stock,
        undone=reservation.Released,
    ),
    Step(
        name=step_names.RESERVE_PROMOTIONS,
        do=actions.reserve_promotions,
        completed=redemption.Made,
        keeps=frozenset({"promotion_ids"}),
        refused=promotion.ReservationRefused,
        undo=actions.release_promotions,
        undone=redemption.Released,
    ),
    Step(
        name=step_names.CONFIRM_PRICE,
        do=actions.confirm_price,
        completed=price.Confirmed,
        refused=price.Refused,
    ),
    Step(
        name=step_names.RESOLVE_CUSTOMER,
        do=run(local_steps.resolve_customer),
        opens=local_steps.opened_by_customer,
    ),
    Step(
        name=step_names.AUTHORIZE,
        guard=local_steps.check_amount,
        do=actions.authorize,
        withdrawn=reservation.ExtensionRefused,
        undo=actions.void,
    ),
    Step(
        name=step_names.CREATE_ORDER,
        do=run(local_steps.create_order),
        undo=run(local_steps.cancel_order),
    ),
    Step(name=step_names.CAPTURE, guard=local_steps.check_capture, do=_capture, undo=actions.refund),
    Step(
        name=step_names.CONFIRM_STOCK,
        do=actions.confirm_stock,
        completed=reservation.Confirmed,
        refused=reservation.ConfirmationRefused,
    ),
    Step(name=step_names.FULFILL, do=run(local_steps.fulfill_order), opens=local_steps.opened_by_fulfillment),
    Step(name=step_names.COMPLETE, do=run(local_steps.finish), opens=local_steps.opened_by_end),
)

VERSIONS: dict[int, Stages] = {
    1: (
        ("lock_cart",),
        ("reserve_stock",),
        ("reserve_promotions",),
        ("confirm_price",),
        ("resolve_customer",),
        ("authorize_payment",),
        ("create_order",),
        ("capture_payment",),
        ("confirm_stock",),
        ("fulfill_order",),
        ("complete",),
    ),
    2: (
        ("lock_cart",),
        ("reserve_stock", "reserve_promotions", "confirm_price"),
        ("resolve_customer",),
        ("authorize_payment",),
        ("create_order",),
        ("capture_payment",),
        ("confirm_stock",),
        ("fulfill_order",),
        ("complete",),
    ),
    # the stages of version 2; what may happen within ``authorize_payment``, and upsells after a purchase, are
    # ``ATTEMPTS_SINCE`` this version
    3: (
        ("lock_cart",),
        ("reserve_stock", "reserve_promotions", "confirm_price"),
        ("resolve_customer",),
        ("authorize_payment",),
        ("create_order",),
        ("capture_payment",),
        ("confirm_stock",),
        ("fulfill_order",),
        ("complete",),
    ),
}
"""The stages, by version. A checkout in flight follows the version that it started with: a version is never
changed, a new one is added, with a stored history in ``tests/unit/checkout_saga/histories``."""


def at_end(checkout: Checkout, work: UnitOfWork) -> None:
    """Remove an ended checkout from the index of open ones, and give a cart free that was not sold."""
    work.release_key(OPEN_CHECKOUT, open_checkout_key(checkout))
    if checkout.has_own_deadline:
        work.release_key(MOVED_DEADLINE, moved_deadline_key(checkout))
    release_place(checkout, work)
    if checkout.failure and step_names.CAPTURE in checkout.steps and checkout.origin is None:
        work.release_key(CART_SALE, str(checkout.cart_id))


def at_compensation(checkout: Checkout, work: UnitOfWork) -> None:
    """There is nothing left to review of a checkout that is given up."""
    if checkout.has_open_review:
        close_review(checkout, work)


def close_review(checkout: Checkout, work: UnitOfWork) -> None:
    """It is not listed any more, and its time does not matter."""
    work.release_key(OPEN_REVIEW, review_key(checkout))
    work.cancel_timer(REVIEW_END, checkout.id)


def release_place(checkout: Checkout, work: UnitOfWork) -> None:
    """The last attempt does not wait for a payment of hours or days any more."""
    if (place := checkout.attempt_now.place) is not None:
        work.release_key(PUSH_PAYMENT, push_payment_key(checkout.customer_id, place))


async def repeat_last_commands(checkout: Checkout, work: UnitOfWork) -> None:
    """Send once more, for a completed checkout, the commands whose replies are not awaited."""
    local_steps.redeem_promotions(checkout, work)
    await local_steps.finish(checkout, work)


CHECKOUTS = ProcessManager(
    Workflow(
        Checkout,
        STEPS,
        VERSIONS,
        deadline_timer=DEADLINE,
        expired=Reason("CHECKOUT_SESSION_EXPIRED", "The checkout was not completed in time."),
        pivot=step_names.CAPTURE,
        at_compensation=at_compensation,
        at_end=at_end,
    )
)
"""The deadline lies before the ends of the cart's lock and of the reservation; no capture begins after it."""
