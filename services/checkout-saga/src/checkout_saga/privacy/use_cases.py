"""What an erasure needs of the checkouts and orders of a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.fulfillment.use_cases.subscribing import SUBSCRIPTION
from checkout_saga.orders.domain.goods_return import GoodsReturn
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.use_cases.index_keys import CUSTOMER_ORDER, PAID_ORDER, customer_orders_prefix
from checkout_saga.orders.use_cases.returns import ORDER_RETURN
from checkout_saga.payments.domain.disputes import OPEN_DISPUTE
from checkout_saga.privacy.domain.errors import CustomerBusy
from checkout_saga.subscriptions.use_cases.cancelling import cancel_with_customer
from kernel.unit_of_work import UnitOfWork


async def check_not_busy(customer_ids: Collection[str], work: UnitOfWork) -> None:
    """An open checkout still needs the payment token, the provider's answer about a refund the customer, and
    a dispute whom the shop has sold to. Raises ``CustomerBusy``."""
    underway = await work.keys_with_prefix(OPEN_CHECKOUT, "")
    checkouts = await work.open_many(Checkout, underway.values())
    open_checkouts = sorted(str(it.id) for it in checkouts.values() if it.customer_id in customer_ids)
    listed = [await work.keys_with_prefix(CUSTOMER_ORDER, it) for it in _prefixes(customer_ids, work)]
    orders = await work.open_many(Order, chain.from_iterable(it.values() for it in listed))
    refunds = chain.from_iterable(it.refunds.items() for it in orders.values())
    open_refunds = sorted(str(refund_id) for refund_id, it in refunds if it.is_pending)
    sent_back = [await work.keys_with_prefix(ORDER_RETURN, f"{it}/") for it in orders]
    returns = await work.open_many(GoodsReturn, chain.from_iterable(it.values() for it in sent_back))
    open_returns = sorted(str(it.id) for it in returns.values() if it.is_open)
    disputed = await work.keys_with_prefix(OPEN_DISPUTE, "")
    disputed_by = await work.open_many(Checkout, disputed.values())
    open_disputes = sorted(
        key.partition("/")[2]
        for key, checkout_id in disputed.items()
        if disputed_by[checkout_id].customer_id in customer_ids
    )
    if open_checkouts or open_refunds or open_returns or open_disputes:
        raise CustomerBusy(
            "A checkout, a refund, a return or a dispute of the customer is under way.",
            checkouts=open_checkouts,
            refunds=open_refunds,
            returns=open_returns,
            disputes=open_disputes,
        )


async def end_subscriptions(customer_ids: Collection[str], work: UnitOfWork) -> None:
    """At once, and nothing is given back."""
    listed = [await work.keys_with_prefix(CUSTOMER_ORDER, it) for it in _prefixes(customer_ids, work)]
    orders = await work.open_many(Order, chain.from_iterable(it.values() for it in listed))
    sold = ((order.id, line) for order in orders.values() for line in order.sale.lines)
    await cancel_with_customer(
        [(order_id, it.line_id) for order_id, it in sold if it.product_type == SUBSCRIPTION], work
    )


async def release_counted_orders(customer_ids: Iterable[str], work: UnitOfWork) -> None:
    for it in customer_ids:
        await release_numbers_of(customer_stream_id(work.context.tenant, it), work)


async def release_numbers_of(customer: UUID, work: UnitOfWork) -> None:
    """``customer``: the stream's id."""
    for value in await work.keys_with_prefix(PAID_ORDER, f"{customer}/"):
        work.release_key(PAID_ORDER, value)


def _prefixes(customer_ids: Iterable[str], work: UnitOfWork) -> list[str]:
    return [customer_orders_prefix(work.context.tenant, it) for it in customer_ids]
