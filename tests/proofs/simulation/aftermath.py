"""What people ask for once a purchase is complete: refunds, cancellations, deliveries by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import islice
from uuid import UUID

from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.refund import MANUAL, USUAL_TERMS, RefundPart, RefundSelection, RefundTerms
from checkout_saga.orders.use_cases.fulfilling import complete_line, fulfill_line
from checkout_saga.orders.use_cases.refunds import cancel_lines, cancel_order, refund_order
from contracts.order import RefundedUnits
from kernel import ids
from kernel.store.pg_unit_of_work import PgUnitOfWork
from tests.proofs.simulation.workload import Purchase

Act = Callable[[PgUnitOfWork], Awaitable[UUID]]
RESTOCKED, BY_HAND = RefundTerms(restock=True), RefundTerms(method=MANUAL)
REASON = "changed their mind"
BITS: tuple[dict[str, int], ...] = ({"units": 1}, {"amount": 100}, {"units": 1}, {"amount": 7}, {})


def afterwards(it: Purchase, order_id: UUID) -> list[Act]:
    match it.afterwards:
        case "cancel order":
            return [_called_off(order_id)]
        case "refund part":
            return [_refunded(order_id, amount=1)]
        case "refund bit by bit":
            return [_refunded(order_id, **bit) for bit in BITS]
        case "refund lines":
            return [_refunded_lines(order_id, RESTOCKED)]
        case "refund damaged":
            return [_refunded_lines(order_id, USUAL_TERMS)]
        case "refund by hand":
            return [_refunded_lines(order_id, BY_HAND)]
        case "refund a line twice":
            return [_refunded_lines(order_id, RESTOCKED), _refunded_lines(order_id, USUAL_TERMS)]
        case _:
            return [_refunded(order_id)]


def by_shop(it: Purchase, order_id: UUID) -> list[Act]:
    match it.shop:
        case "complete":
            return [_completed(order_id), _completed(order_id)]
        case "cancel a unit":
            return [_cancelled_lines(order_id, most=1), _completed(order_id)]
        case "cancel open":
            return [_cancelled_lines(order_id)]
        case "fulfil again":
            return [_tried_again(order_id)]
        case _:
            return []


def _called_off(order_id: UUID) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        await cancel_order(order_id, ids.new_id(), REASON, work)
        return order_id

    return act


def _refunded(order_id: UUID, amount: int | None = None, units: int | None = None) -> Act:
    """Refund an amount, or units of the first line that has any left; without both, all that is left.
    Units go back into stock."""

    async def act(work: PgUnitOfWork) -> UUID:
        parts: tuple[RefundPart, ...] = ()
        if units:
            order = await work.open(Order, order_id)
            lines = (
                line.line_id for line in order.sale.lines if order.remainder.balance_of(line.line_id).units
            )
            parts = tuple(RefundPart(line_id, units) for line_id in islice(lines, 1))
        selection, terms = RefundSelection(amount, parts), RefundTerms(restock=amount is None)
        await refund_order(order_id, ids.new_id(), selection, REASON, work, terms=terms)
        return order_id

    return act


def _refunded_lines(order_id: UUID, terms: RefundTerms) -> Act:
    """A unit of each line that has any left."""

    async def act(work: PgUnitOfWork) -> UUID:
        order = await work.open(Order, order_id)
        lines = (it.line_id for it in order.sale.lines if order.remainder.balance_of(it.line_id).units)
        selection = RefundSelection(parts=tuple(RefundPart(it, 1) for it in lines))
        await refund_order(order_id, ids.new_id(), selection, REASON, work, terms=terms)
        return order_id

    return act


def _cancelled_lines(order_id: UUID, most: int | None = None) -> Act:
    """Units of each line that is not handed over yet; ``most``: of one line."""

    async def act(work: PgUnitOfWork) -> UUID:
        order = await work.open(Order, order_id)
        units = [
            RefundedUnits(line_id=it.line_id, quantity=min(most or is_open, is_open))
            for it in order.sale.lines
            if (is_open := order.open_units(it.line_id))
        ]
        nothing = [RefundedUnits(line_id="", quantity=1)]  # is refused
        await cancel_lines(order_id, ids.new_id(), units[:most] or nothing, REASON, work)
        return order_id

    return act


def _completed(order_id: UUID) -> Act:
    """The shop has handed the first pending line over."""

    async def act(work: PgUnitOfWork) -> UUID:
        await complete_line(order_id, await _first(order_id, "pending", work), "by hand", work)
        return order_id

    return act


def _tried_again(order_id: UUID) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        await fulfill_line(order_id, await _first(order_id, "failed", work), "try again", work)
        return order_id

    return act


async def _first(order_id: UUID, result: str, work: PgUnitOfWork) -> str:
    """The first line with the result that still has units; a line that does not exist if there is none."""
    order = await work.open(Order, order_id)
    lines = (it.line_id for it in order.results if it.result == result and order.wanted_units(it.line_id))
    return next(lines, "")
