"""A cart is sold once: by the checkout that first asks for its money, however late the cart hears of that."""

from __future__ import annotations

from checkout_saga.application.compensate import compensate
from checkout_saga.application.create_order import order_id_of
from checkout_saga.application.index_keys import CART_SALE
from checkout_saga.domain import workflow
from checkout_saga.domain.checkout import Checkout
from contracts import cart
from kernel.unit_of_work import UnitOfWork


async def claim_sale_or_compensate(checkout: Checkout, work: UnitOfWork) -> bool:
    """Before the money is asked for. While messages stand still, a cart's lock may end although its checkout
    has captured already: the cart has not heard that it is held. Who buys it then is refused here, and a cart
    that is paid for is closed with the order that it has become."""
    first = await work.try_claim_key(CART_SALE, str(checkout.cart_id), checkout.id)
    if first is None:
        return False
    other = await work.open(Checkout, first)
    if not other.captured or other.failure:  # of one that gives everything back no order is left
        await compensate(
            checkout, work, "CHECKOUT_IN_PROGRESS", "another checkout asks for this cart's money"
        )
        return True
    sold = cart.Convert(
        checkout_id=checkout.id,
        step=workflow.COMPLETE,
        cart_id=checkout.cart_id,
        order_id=order_id_of(other.id),
    )
    work.send(sold, checkout.cart_id)
    await compensate(checkout, work, "CART_NOT_ACTIVE", "another checkout has bought this cart")
    return True
