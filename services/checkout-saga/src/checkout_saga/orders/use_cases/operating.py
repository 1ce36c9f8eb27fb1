"""What operators do about refunds: list those that need them, repeat a call, or record how one ended that the
gateway does not report, or refuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from checkout_saga.orders.domain import operator_actions
from checkout_saga.orders.domain.errors import RefundNotResolvable
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.refund import NOT_DONE
from checkout_saga.orders.use_cases.deliveries import adjust_seats
from checkout_saga.orders.use_cases.reading import find_order
from checkout_saga.orders.use_cases.refund_requests import (
    REFUND_ORDER,
    call_gateway,
    check_gateway_later,
    gateway_request,
    request_of,
)
from checkout_saga.orders.use_cases.refunds import record_late_success, record_refunded, update_attention_list
from checkout_saga.orders.use_cases.reversals import reverse_refund
from checkout_saga.payments.domain.operation import Declined, Done, Outcome, PaymentRequest, Unknown
from checkout_saga.payments.domain.payment import BANK, Payment, RefundAccounts
from checkout_saga.payments.domain.resolution import DONE, MANUAL_REFERENCE
from kernel.unit_of_work import UnitOfWork


class RefundOfOrder(NamedTuple):
    order: Order
    refund_id: UUID


async def list_refunds(keys: Iterable[tuple[UUID, str]], work: UnitOfWork) -> list[RefundOfOrder]:
    """``keys``: order and refund, in the order in which they are listed."""
    pairs = [(order_id, UUID(refund_id)) for order_id, refund_id in keys]
    orders = await work.open_many(Order, (order_id for order_id, _ in pairs))
    return [RefundOfOrder(orders[order_id], refund_id) for order_id, refund_id in pairs]


async def retry_refund(order_id: UUID, refund_id: UUID, reason: str, work: UnitOfWork) -> Order:
    """Repeat the call at once. If it may have been performed, its key is looked up first; a refused refund
    gets a new key."""
    order = await find_order(order_id, work)
    refund = operator_actions.refund_of(order, refund_id)
    needed, intent = refund.needs_attention, refund.intent
    operator_actions.retry(order, refund_id, work.context.actor, reason)
    await adjust_seats(order, work)
    call_gateway(order, refund_id, work.now, work, tries=1 if refund.intent == intent else 0)
    update_attention_list(order, refund_id, needed, work)
    return order


async def latest_refund_request(order_id: UUID, refund_id: UUID, work: UnitOfWork) -> PaymentRequest | None:
    """The request whose key is looked up at the gateway when an operator resolves the refund, and later.
    None: the gateway has no part in it."""
    order = await find_order(order_id, work)
    refund = operator_actions.refund_of(order, refund_id)
    return None if refund.is_manual else await gateway_request(order, refund_id, work)


async def resolve_refund(
    order_id: UUID,
    refund_id: UUID,
    outcome: str,
    reason: str,
    reference: str | None,
    known: Outcome | None,
    work: UnitOfWork,
) -> Order:
    """``known``: the gateway's present answer; a success there takes precedence over the operator."""
    order = await find_order(order_id, work)
    status = operator_actions.refund_of(order, refund_id).status
    if outcome != DONE and isinstance(known, Done):
        raise RefundNotResolvable("The gateway reports this refund as done.", refund_status=status)
    refund = operator_actions.resolve(order, refund_id, work.context.actor, reason, outcome, reference)
    request = request_of(order, refund_id, work.context.tenant)
    may_be_paid_yet = not (refund.is_manual or isinstance(known, Done))
    if outcome == DONE and request is not None and not refund.paid_twice:
        settled_under = known.reference if isinstance(known, Done) else reference or MANUAL_REFERENCE
        accounts = RefundAccounts(paid_from=None if isinstance(known, Done) else BANK)
        await record_refunded(order, refund_id, request, settled_under, work, accounts)
    elif refund.is_pending:
        order.fail_refund(refund_id, NOT_DONE, "An operator has found that the refund was not paid.")
        await adjust_seats(order, work)
    else:
        may_be_paid_yet = False
    if may_be_paid_yet:
        check_gateway_later(order, refund_id, work)
    update_attention_list(order, refund_id, True, work)
    return order


async def record_gateway_check(
    order_id: UUID, refund_id: UUID, request: PaymentRequest, known: Outcome | None, work: UnitOfWork
) -> None:
    """Record the gateway's answer about a refund that has ended here: that an operator has resolved, or of
    which the gateway has announced news."""
    order = await work.open(Order, order_id)
    refund = order.refunds[refund_id]
    if refund.is_pending:
        return  # it has been retried since
    if isinstance(known, Unknown):
        check_gateway_later(order, refund_id, work)
    elif isinstance(known, Done):
        await record_late_success(order, refund_id, request, known, work)
    else:
        work.cancel_timer(REFUND_ORDER, refund_id)
        reference = (await work.open(Payment, request.payment_id)).refunded_as(request.key)
        if isinstance(known, Declined) and reference:
            await reverse_refund(order, refund_id, request.key, reference, known.detail, work)
