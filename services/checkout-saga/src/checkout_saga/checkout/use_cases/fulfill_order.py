"""Fulfil the order and redeem its promotions."""

from __future__ import annotations

from checkout_saga.checkout.domain import workflow
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.steps import promotion_ids, sale_of
from checkout_saga.orders.domain.order import order_id_of
from checkout_saga.orders.use_cases import lifecycle
from contracts import offer
from kernel.unit_of_work import UnitOfWork


async def fulfill_order(checkout: Checkout, work: UnitOfWork) -> dict[str, object]:
    """The redemption cannot be refused, so its reply is not awaited."""
    if promotion_ids(sale_of(checkout)):
        redeem = offer.RedeemPromotions(checkout_id=checkout.id, step=workflow.RESERVE_PROMOTIONS)
        work.send(redeem, checkout.id)
    order = await lifecycle.fulfill_order(order_id_of(checkout.id), work)
    return {"results": {it.line_id: it.result for it in order.results}}
