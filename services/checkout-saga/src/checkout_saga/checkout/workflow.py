"""The workflow of a checkout: what each step does, which replies end it, and how it is undone."""

from __future__ import annotations

from checkout_saga.checkout import local_steps
from checkout_saga.checkout.domain import actions, step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.index_keys import CART_SALE, OPEN_CHECKOUT, open_checkout_key
from contracts import cart, price, promotion, redemption, reservation, stock
from kernel.process.manager import ProcessManager
from kernel.process.state import Reason
from kernel.process.workflow import Stages, Step, Workflow, run
from kernel.unit_of_work import UnitOfWork

DEADLINE = "checkout_deadline"
"""The kind of the timer at which an unfinished checkout is compensated."""

STEPS: tuple[Step[Checkout], ...] = (
    Step(
        name=step_names.LOCK_CART,
        do=actions.lock_cart,
        completed=cart.Locked,
        keeps=frozenset({"sale", "lock_expires_at"}),
        refused=cart.LockRefused,
        undo=actions.unlock_cart,
        undone=cart.Unlocked,
    ),
    Step(
        name=step_names.RESERVE_STOCK,
        guard=local_steps.check_gifts,
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
    Step(name=step_names.RESOLVE_CUSTOMER, do=run(local_steps.resolve_customer)),
    Step(name=step_names.AUTHORIZE, do=actions.authorize, undo=actions.void),
    Step(
        name=step_names.CREATE_ORDER,
        do=run(local_steps.create_order),
        undo=run(local_steps.cancel_order),
    ),
    Step(name=step_names.CAPTURE, guard=local_steps.claim_sale, do=actions.capture, undo=actions.refund),
    Step(
        name=step_names.CONFIRM_STOCK,
        do=actions.confirm_stock,
        completed=reservation.Confirmed,
        refused=reservation.ConfirmationRefused,
    ),
    Step(name=step_names.FULFILL, do=run(local_steps.fulfill_order)),
    Step(name=step_names.COMPLETE, do=run(local_steps.convert_cart)),
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
}
"""The stages, by version. A checkout in flight follows the version that it started with: a version is never
changed, a new one is added, with a stored history in ``tests/unit/checkout_saga/histories``."""


def at_end(checkout: Checkout, work: UnitOfWork) -> None:
    """Remove an ended checkout from the index of open ones, and give a cart free that was not sold."""
    work.release_key(OPEN_CHECKOUT, open_checkout_key(checkout))
    if checkout.failure and step_names.CAPTURE in checkout.steps:
        work.release_key(CART_SALE, str(checkout.cart_id))


async def repeat_last_commands(checkout: Checkout, work: UnitOfWork) -> None:
    """Send once more, for a completed checkout, the commands whose replies are not awaited."""
    local_steps.redeem_promotions(checkout, work)
    await local_steps.convert_cart(checkout, work)


CHECKOUTS = ProcessManager(
    Workflow(
        Checkout,
        STEPS,
        VERSIONS,
        deadline_timer=DEADLINE,
        expired=Reason("CHECKOUT_SESSION_EXPIRED", "The checkout was not completed in time."),
        pivot=step_names.CAPTURE,
        at_end=at_end,
    )
)
"""The deadline lies before the ends of the cart's lock and of the reservation; no capture begins after it."""
