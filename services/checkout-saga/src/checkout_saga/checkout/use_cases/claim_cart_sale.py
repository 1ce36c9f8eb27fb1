"""A cart is sold once: by the checkout that first claims its sale, before the capture."""

from __future__ import annotations

from checkout_saga.checkout.domain import workflow
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.compensate import compensate
from checkout_saga.checkout.use_cases.index_keys import CART_SALE
from checkout_saga.orders.domain.order import order_id_of
from contracts import cart
from kernel.unit_of_work import UnitOfWork


async def claim_sale_or_compensate(checkout: Checkout, work: UnitOfWork) -> bool:
    """Claim the sale of the cart before the capture; returns whether the checkout is compensated instead.

    While messages are delayed, a cart's lock may expire although its checkout has captured already, because
    ``cart.hold`` has not arrived. A second checkout of the cart is refused here; if the first one has
    captured, the cart is converted with the first one's order.
    """
    first = await work.try_claim_key(CART_SALE, str(checkout.cart_id), checkout.id)
    if first is None:
        return False
    other = await work.open(Checkout, first)
    if not other.captured or other.failure:  # a compensated checkout leaves no order
        await compensate(
            checkout,
            work,
            "CHECKOUT_IN_PROGRESS",
            "A payment for this cart is in progress in another checkout.",
        )
        return True
    sold = cart.Convert(
        checkout_id=checkout.id,
        step=workflow.COMPLETE,
        cart_id=checkout.cart_id,
        order_id=order_id_of(other.id),
    )
    work.send(sold, checkout.cart_id)
    await compensate(checkout, work, "CART_NOT_ACTIVE", "Another checkout has bought this cart.")
    return True
