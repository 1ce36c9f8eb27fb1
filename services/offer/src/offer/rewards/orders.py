"""What orders mean for referrers: rewards for paid ones, reversals by refunds, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args
from uuid import UUID

from contracts import order
from contracts.envelope import Fact
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection
from offer.customers.projection import GROUP
from offer.customers.repository import CustomersWithin
from offer.rewards.attributed_orders import AttributedOrder, OrderKey, attributed_orders
from offer.rewards.domain.earning import PaidLine, PaidOrder
from offer.rewards.use_cases.granting import GrantReward, grant_reward
from offer.rewards.use_cases.index import OF_ORDER
from offer.rewards.use_cases.reversing import RefundFact, follow_refunds

KINDS: tuple[type[Fact], ...] = (order.Paid, *get_args(RefundFact))


class OrdersOfReferees:
    """Stands behind the copy of the customers, which has the batch's orders already."""

    scope = f"{GROUP}.rewards"
    types = frozenset(kind.TYPE for kind in KINDS)

    async def handle(
        self, batch: Sequence[InboundMessage], work: PgUnitOfWork, connection: Connection
    ) -> None:
        facts = [(message, message.fact()) for message in batch]
        paid = [_key(it) for it, fact in facts if isinstance(fact, order.Paid)]
        found = await attributed_orders(paid, connection)
        await work.preload_keys_for((it.tenant, OF_ORDER, str(it.stream_id)) for it in batch)
        customers = CustomersWithin(connection)
        for message, fact in facts:
            work.switch_context(message.context())
            match fact:
                case order.Paid():
                    key = _key(message)
                    paid.remove(key)
                    if key in found:
                        await grant_reward(_command(message, found, paid), work, customers)
                case fact if isinstance(fact, RefundFact):
                    await follow_refunds(fact, work)


def _key(message: InboundMessage) -> OrderKey:
    return OrderKey(message.tenant, message.stream_id)


def _command(
    message: InboundMessage, found: dict[OrderKey, AttributedOrder], later: Sequence[OrderKey]
) -> GrantReward:
    sold = found[_key(message)]
    lines = ((key, sold.products[key], net) for key, net in sold.nets.items())
    return GrantReward(
        order=PaidOrder(
            order_id=message.stream_id,
            currency=sold.currency,
            subtotal=sold.subtotal,
            lines=tuple(PaidLine(key, UUID(product_id), net) for key, product_id, net in lines),
            paid_at=message.time,
        ),
        customer_id=sold.customer_id,
        attribution_ids=sold.attribution_ids,
        later_orders=tuple(
            found[key].customer_id for key in later if key.tenant == message.tenant and key in found
        ),
    )
