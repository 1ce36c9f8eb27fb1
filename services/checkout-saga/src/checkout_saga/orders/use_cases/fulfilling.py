"""Hand the lines of an order over, and record their results in the order."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from checkout_saga.fulfillment.domain.fulfillment import Fulfillment, Status, fulfillment_id
from checkout_saga.fulfillment.use_cases import handing_over
from checkout_saga.orders.domain.errors import LineNotFound, NotFulfillable
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.order_state import FINAL, OrderStatus
from checkout_saga.orders.domain.refund import RefundPart, RefundSelection
from checkout_saga.orders.use_cases.deliveries import deliveries_of, delivery_of
from checkout_saga.orders.use_cases.reading import find_order
from checkout_saga.orders.use_cases.refunds import refund_order
from checkout_saga.shop_settings.domain import ShopSettings, TenantSettings, settings_id
from checkout_saga.shop_settings.use_cases import find_settings
from contracts.checkout import Gifts
from contracts.order import SUCCESSFUL, LineResult
from contracts.sale import Sale
from kernel.ids import derive_id
from kernel.process.workflow import Streams
from kernel.unit_of_work import UnitOfWork

RESULTS = {Status.SUCCESSFUL: SUCCESSFUL, Status.FAILED: "failed"}
"""Of lines; what is not among them is pending."""
NOT_HANDED_OVER = "The line could not be handed over."


def opened_by_fulfillment(
    order_id: UUID, customer_id: str, sale: Sale, tenant: str, gifts: Gifts | None = None
) -> Streams:
    """What ``begin_fulfillment`` opens."""
    wanted = deliveries_of(order_id, customer_id, sale, gifts)
    known: list[handing_over.StreamKey] = [
        (Order, order_id),
        (TenantSettings, settings_id(tenant)),
        *handing_over.kept_streams_of(wanted, tenant),
    ]
    return Streams(known, list(handing_over.new_streams_of(wanted)))


async def begin_fulfillment(
    order_id: UUID, customer_id: str, sale: Sale, work: UnitOfWork, gifts: Gifts | None = None
) -> Order:
    """Ask for all lines at once; ``sale`` is the order's. Its results stand in the order as soon as each line
    has one, mostly now. One query reads what is not in memory."""
    wanted = deliveries_of(order_id, customer_id, sale, gifts)
    opened = opened_by_fulfillment(order_id, customer_id, sale, work.context.tenant, gifts)
    for stream in opened.new:
        work.assume_absent(*stream)
    await work.preload([*opened.known, *opened.new])
    order = await work.open(Order, order_id)
    if order.results or order.status not in {OrderStatus.CREATED, OrderStatus.PAID}:
        return order
    current = (await find_settings(work)).current
    for it in wanted:
        await handing_over.begin(it, work, by_hand=current.is_manual(it.product_type))
    return await settle(order_id, work, at_the_latest=False)


async def settle(order_id: UUID, work: UnitOfWork, *, at_the_latest: bool) -> Order:
    """Record the results for the first time, when all lines have one; ``at_the_latest``: those without one
    are pending."""
    order = await work.open(Order, order_id)
    lines = await _lines_of(order, work)
    if not order.results and (at_the_latest or all(it.is_answered for it in lines)):
        await _record_results(order, lines, work)
    return order


async def retry_line(order_id: UUID, line_id: str, work: UnitOfWork, *, is_unknown: bool) -> Order:
    """The next try of a line; its result changes those of the order once these stand there."""
    order = await work.open(Order, order_id)
    if order.status not in FINAL:
        await handing_over.try_again(delivery_of(order, line_id), work, is_unknown=is_unknown)
        await update_results(order, work)
    return order


async def fulfill_line(order_id: UUID, line_id: str, reason: str, work: UnitOfWork) -> Order:
    """An operator has a line tried anew that was given up, or whose next try is due later."""
    order, line = await _find_line(order_id, line_id, work)
    if line.status not in {Status.FAILED, Status.REQUESTED}:
        raise NotFulfillable("The line has not failed.", line_id=line_id, result=_result_of(line))
    await handing_over.begin_again(delivery_of(order, line_id), work.context.actor, reason, work)
    await update_results(order, work)
    return order


async def complete_line(order_id: UUID, line_id: str, reference: str | None, work: UnitOfWork) -> Order:
    """The shop has handed a pending line over."""
    order, line = await _find_line(order_id, line_id, work)
    if line.status is not Status.PENDING:
        raise NotFulfillable("The line is not pending.", line_id=line_id, result=_result_of(line))
    await handing_over.complete(delivery_of(order, line_id), reference, work)
    await update_results(order, work)
    return order


async def _find_line(order_id: UUID, line_id: str, work: UnitOfWork) -> tuple[Order, Fulfillment]:
    order = await find_order(order_id, work)
    if all(it.line_id != line_id for it in order.sale.lines):
        raise LineNotFound("The order has no such line.")
    if order.status in FINAL:
        raise NotFulfillable("The order was cancelled or refunded.", order_status=order.status)
    if not order.wanted_units(line_id):
        raise NotFulfillable("All units of the line were cancelled or refunded, or will be.", line_id=line_id)
    return order, await work.open(Fulfillment, fulfillment_id(order_id, line_id))


async def update_results(order: Order, work: UnitOfWork) -> None:
    if order.results:
        await _record_results(order, await _lines_of(order, work), work)


async def _lines_of(order: Order, work: UnitOfWork) -> Sequence[Fulfillment]:
    ids = [fulfillment_id(order.id, it.line_id) for it in order.sale.lines]
    found = await work.open_many(Fulfillment, ids)
    return [found[it] for it in ids]


async def _record_results(order: Order, lines: Sequence[Fulfillment], work: UnitOfWork) -> None:
    before = {it.line_id: it for it in order.results}
    order.record_results(
        tuple(
            before[line.line_id]
            if line.status is Status.REVOKED and line.line_id in before
            else LineResult(
                line_id=line.line_id,
                result=_result_of(line),
                detail=line.code,
                reference=line.reference,
                units=line.handed_over or None if line.status is Status.PENDING else None,
            )
            for line in lines
        )
    )
    settings: ShopSettings | None = None
    for line in lines:
        if line.status is Status.FAILED and not line.partly:
            settings = settings or (await find_settings(work)).current
            if settings.refunds_failures:
                await _refund(order, line.line_id, work)


def _result_of(line: Fulfillment) -> str:
    return RESULTS.get(line.status, "pending")


async def _refund(order: Order, line_id: str, work: UnitOfWork) -> None:
    """Refund what is left of a line that has failed: once, for a refund that fails needs an operator."""
    refund_id = derive_id(order.id, f"unfulfilled:{line_id}")
    left = order.remainder.balance_of(line_id).amount
    if order.payment_id and left and refund_id not in order.refunds:
        await refund_order(
            order.id, refund_id, RefundSelection(parts=(RefundPart(line_id),)), NOT_HANDED_OVER, work
        )
