"""Start a checkout: record it and lock the cart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.advance import advance
from checkout_saga.checkout.use_cases.finish import DEADLINE
from checkout_saga.checkout.use_cases.index_keys import OPEN_CHECKOUT, open_checkout_key
from contracts.sale import Destination, Money
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class StartCheckout:
    """``personal`` and ``payment_token`` are encrypted already."""

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


async def start_checkout(command: StartCheckout, work: UnitOfWork, session_time: timedelta) -> Checkout:
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
        destination=command.destination,
        expected_total=command.expected_total,
    )
    work.claim_key(OPEN_CHECKOUT, open_checkout_key(checkout), checkout.id)
    work.set_timer(DEADLINE, checkout.id, checkout.expires_at)
    await advance(checkout, work)
    return checkout
