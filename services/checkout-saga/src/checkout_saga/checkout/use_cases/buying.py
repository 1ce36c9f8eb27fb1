"""What a customer does with a checkout: start it, act on its payment or pay in another way, cancel it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.definitions import ATTEMPTS_SINCE, needs_attempts
from checkout_saga.checkout.domain.errors import (
    CheckoutNotFound,
    CurrencyNotSupported,
    TooManyPendingPayments,
)
from checkout_saga.checkout.domain.index_keys import (
    OPEN_CHECKOUT,
    PUSH_PAYMENT,
    PUSH_PAYMENTS,
    open_checkout_key,
    push_payment_key,
)
from checkout_saga.checkout.domain.methods import takes
from checkout_saga.checkout.domain.step_names import AUTHORIZE
from checkout_saga.checkout.domain.waits import PAYMENT, PUSH_METHODS
from checkout_saga.checkout.use_cases.attempts import look_at, pay_until_now
from checkout_saga.checkout.workflow import CHECKOUTS, release_place
from checkout_saga.payments.domain.errors import PaymentMethodNotAvailable
from contracts.checkout import Gifts
from contracts.sale import Destination, Money
from contracts.screening import Screening
from contracts.upsell import Origin
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
    max_attempts: int = 1
    return_url: str | None = None
    save: bool = False
    instalments: dict[str, Any] | None = None
    origin: Origin | None = None
    screening: Screening | None = None


@dataclass(frozen=True, slots=True)
class PayAgain:
    """``payment_token`` is encrypted already; empty if the method needs none."""

    checkout_id: UUID
    gateway: str
    payment_method: str
    payment_token: str
    instalments: dict[str, Any] | None = None
    return_url: str | None = None
    screening: Screening | None = None


async def start_checkout(
    command: StartCheckout, work: UnitOfWork, session_time: timedelta, definition: int
) -> Checkout:
    """Record the checkout and lock the cart. ``definition``: the version of the workflow that it follows.
    Raises ``PaymentMethodNotAvailable`` if the payment needs a later one, and ``TooManyPendingPayments``."""
    _check_definition(command, definition)
    checkout = work.create(Checkout, command.checkout_id)
    place = await _place_for(command.payment_method, command.customer_id, checkout.id, work)
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
        definition=definition,
        destination=command.destination,
        expected_total=command.expected_total,
        gifts=command.gifts,
        max_attempts=command.max_attempts if command.max_attempts > 1 else None,
        return_url=command.return_url,
        save=command.save or None,
        instalments=command.instalments,
        pay_until=await pay_until_now(command.payment_method, work),
        place=place,
        origin=command.origin,
        screening=command.screening if definition >= ATTEMPTS_SINCE else None,
    )
    work.claim_key(OPEN_CHECKOUT, open_checkout_key(checkout), checkout.id)
    await CHECKOUTS.start(checkout, work)
    return checkout


def _check_definition(command: StartCheckout, definition: int) -> None:
    needs = needs_attempts(
        gateway=command.gateway,
        method=command.payment_method,
        token=command.payment_token,
        max_attempts=command.max_attempts,
        return_url=command.return_url,
        save=command.save,
        instalments=command.instalments,
    )
    if needs is not None and definition < ATTEMPTS_SINCE:
        raise PaymentMethodNotAvailable(
            f"{needs} is not available at present: checkouts are started with version {definition} of their"
            f" workflow, and this needs version {ATTEMPTS_SINCE}."
        )


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
    if checkout.waiting is not None and checkout.waiting.kind == PAYMENT:
        look_at(checkout, work.now, work)
    else:
        await CHECKOUTS.begin_again(checkout, AUTHORIZE, work)
    return checkout


async def pay_again(command: PayAgain, work: UnitOfWork) -> Checkout:
    """Try another way to pay, after one was declined. Raises ``CheckoutNotFound``, ``NoPaymentWanted``,
    ``CurrencyNotSupported`` and ``TooManyPendingPayments``."""
    checkout = await find_checkout(command.checkout_id, work)
    checkout.check_payment_wanted(work.now)
    if not takes(command.payment_method, checkout.agreed_sale):
        raise CurrencyNotSupported(f"{command.payment_method} does not take this amount in this currency.")
    release_place(checkout, work)
    checkout.try_again(
        gateway=command.gateway,
        method=command.payment_method,
        payment_token=command.payment_token,
        instalments=command.instalments,
        return_url=command.return_url,
        pay_until=await pay_until_now(command.payment_method, work),
        place=await _place_for(command.payment_method, checkout.customer_id, checkout.id, work),
        screening=command.screening,
    )
    await CHECKOUTS.begin_again(checkout, AUTHORIZE, work)
    return checkout


async def _place_for(method: str, customer_id: str, checkout_id: UUID, work: UnitOfWork) -> int | None:
    """One of the customer's places for payments of hours or days, claimed for the checkout; None: the method
    needs none. Raises ``TooManyPendingPayments``."""
    if method not in PUSH_METHODS:
        return None
    keys = {push_payment_key(customer_id, place): place for place in range(PUSH_PAYMENTS)}
    owners = await work.owners_of_keys(PUSH_PAYMENT, keys)
    free = next((key for key in keys if owners.get(key, checkout_id) == checkout_id), None)
    if free is None:
        raise TooManyPendingPayments(
            f"{PUSH_PAYMENTS} checkouts of this customer wait for such payments already."
        )
    if free not in owners:
        work.claim_key(PUSH_PAYMENT, free, checkout_id)
    return keys[free]


async def cancel_checkout(checkout_id: UUID, work: UnitOfWork) -> Checkout:
    checkout = await find_checkout(checkout_id, work)
    checkout.check_cancellable()
    reason = Reason("CHECKOUT_CANCELLED", "The customer cancelled the checkout.")
    await CHECKOUTS.compensate(checkout, reason, work)
    return checkout
