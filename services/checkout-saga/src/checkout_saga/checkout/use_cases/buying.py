"""What a customer does with a checkout: start it, confirm an action at the gateway, cancel it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.errors import CheckoutNotFound
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT, open_checkout_key
from checkout_saga.checkout.domain.step_names import AUTHORIZE
from checkout_saga.checkout.workflow import CHECKOUTS
from contracts.checkout import Gifts
from contracts.sale import Destination, Money
from kernel.process.state import Reason
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class StartCheckout:
    """``personal``, ``payment_token`` and who gets ``gifts`` are encrypted already."""

    checkout_id: UUID
    cart_id: UUID
    customer_id: str
    guest: bool
    personal: str
    gateway: str
    payment_method: str
    payment_token: str
    destination: Destination | None = None
    expected_total: Money | None = None
    gifts: Gifts | None = None


async def start_checkout(command: StartCheckout, work: UnitOfWork, session_time: timedelta) -> Checkout:
    """Record the checkout and lock the cart."""
    checkout = work.create(Checkout, command.checkout_id)
    checkout.start(
        cart_id=command.cart_id,
        customer_id=command.customer_id,
        guest=command.guest,
        personal=command.personal,
        gateway=command.gateway,
        payment_method=command.payment_method,
        payment_token=command.payment_token,
        started_at=work.now,
        expires_at=work.now + session_time,
        definition=CHECKOUTS.workflow.current,
        destination=command.destination,
        expected_total=command.expected_total,
        gifts=command.gifts,
    )
    work.claim_key(OPEN_CHECKOUT, open_checkout_key(checkout), checkout.id)
    await CHECKOUTS.start(checkout, work)
    return checkout


async def find_checkout(checkout_id: UUID, work: UnitOfWork) -> Checkout:
    """Raises ``CheckoutNotFound``."""
    checkout = await work.open(Checkout, checkout_id)
    if not checkout.exists:
        raise CheckoutNotFound("There is no such checkout.")
    return checkout


async def confirm_action(checkout_id: UUID, work: UnitOfWork) -> Checkout:
    """After the customer's action at the gateway, such as 3-D Secure. The gateway is asked for the outcome:
    the storefront's call proves nothing."""
    checkout = await find_checkout(checkout_id, work)
    checkout.check_action_required()
    await CHECKOUTS.begin_again(checkout, AUTHORIZE, work)
    return checkout


async def cancel_checkout(checkout_id: UUID, work: UnitOfWork) -> Checkout:
    checkout = await find_checkout(checkout_id, work)
    checkout.check_cancellable()
    reason = Reason("CHECKOUT_CANCELLED", "The customer cancelled the checkout.")
    await CHECKOUTS.compensate(checkout, reason, work)
    return checkout
