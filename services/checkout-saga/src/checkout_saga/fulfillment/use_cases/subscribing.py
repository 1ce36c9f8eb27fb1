"""Begin and end the subscriptions of orders."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from checkout_saga.fulfillment.domain.results import Failed, Fulfilled, Result
from checkout_saga.fulfillment.ports import Delivery
from checkout_saga.subscriptions.domain.plan import Refusal
from checkout_saga.subscriptions.domain.sold import Sold
from checkout_saga.subscriptions.use_cases.cancelling import cancel_with_order
from checkout_saga.subscriptions.use_cases.starting import start_sold
from kernel.unit_of_work import UnitOfWork

SUBSCRIPTION = "subscription"
"""The product type."""
REFUSALS: Mapping[Refusal, Failed] = MappingProxyType(
    {
        Refusal.PLAN_NOT_FOUND: Failed(Refusal.PLAN_NOT_FOUND, "There is no such plan.", retriable=True),
        Refusal.PLAN_NOT_ACTIVE: Failed(Refusal.PLAN_NOT_ACTIVE, "The plan is archived.", retriable=False),
        Refusal.CURRENCY_NOT_PRICED: Failed(
            Refusal.CURRENCY_NOT_PRICED, "The plan has no price in the order's currency.", retriable=False
        ),
    }
)
"""A plan that is unknown may become known: its facts may come later than the order's."""


class Subscriptions:
    async def perform(self, delivery: Delivery, work: UnitOfWork) -> Result:
        if delivery.price is None:
            raise ValueError("a subscription is sold at a price")
        sold = Sold(
            delivery.order_id, delivery.line_id, delivery.customer_id, delivery.plan_id, delivery.price
        )
        begun = await start_sold(sold, work)
        return REFUSALS[begun] if isinstance(begun, Refusal) else Fulfilled(str(begun.id))

    async def find(self, delivery: Delivery, work: UnitOfWork) -> Result:
        return await self.perform(delivery, work)

    async def revoke(self, delivery: Delivery, work: UnitOfWork) -> None:
        await cancel_with_order(delivery.order_id, delivery.line_id, work)
