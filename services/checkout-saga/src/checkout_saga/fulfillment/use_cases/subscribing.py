"""Begin and end the subscriptions of orders. Nothing runs subscriptions yet: they are active at once."""

from __future__ import annotations

from checkout_saga.fulfillment.domain.results import Fulfilled, Result
from checkout_saga.fulfillment.domain.subscription import Subscription, subscription_id_of
from checkout_saga.fulfillment.ports import Delivery
from kernel.unit_of_work import UnitOfWork


class Subscriptions:
    async def perform(self, delivery: Delivery, work: UnitOfWork) -> Result:
        found = await work.open(Subscription, subscription_id_of(delivery.order_id, delivery.line_id))
        if not found.exists:
            found.request(delivery.order_id, delivery.line_id, delivery.customer_id, delivery.plan_id)
        found.activate()
        return Fulfilled(str(found.id))

    async def find(self, delivery: Delivery, work: UnitOfWork) -> Result:
        return await self.perform(delivery, work)

    async def revoke(self, delivery: Delivery, work: UnitOfWork) -> None:
        found = await work.open(Subscription, subscription_id_of(delivery.order_id, delivery.line_id))
        found.cancel()
