"""The registry of all that waits for operators: a further kind is a ``Source`` in ``SOURCES``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT, OPEN_REVIEW
from checkout_saga.checkout.workflow import CHECKOUTS, REVIEW_END
from checkout_saga.fulfillment.domain.fulfillment import Fulfillment
from checkout_saga.fulfillment.use_cases.handing_over import FULFILL, LINE_NEEDING_ATTENTION
from checkout_saga.notifications.domain.notification import Notification
from checkout_saga.notifications.use_cases.listing import NOTIFICATION_NEEDING_ATTENTION
from checkout_saga.operations.attention.differences import OF_DIFFERENCES
from checkout_saga.operations.attention.entries import Entry, Reader, Source
from checkout_saga.operations.attention.held import list_held
from checkout_saga.operations.possible_actions import allowed_actions
from checkout_saga.orders.use_cases.index_keys import REFUND_NEEDING_ATTENTION
from checkout_saga.orders.use_cases.operating import RefundOfOrder, list_refunds
from checkout_saga.orders.use_cases.refund_requests import REFUND_ORDER
from checkout_saga.payments.domain.operation import Operation
from kernel.process.open_sagas import states_of_open
from kernel.store.loading import LOG_FOR_CALLERS
from kernel.store.unique_keys import list_unique_keys

NEEDED = Checkout.FACTS.operator_needed.TYPE
CHECKOUTS_NEEDING_OPERATOR = f"""
    SELECT o.value, o.holder, n.recorded_at, n.body ->> 'code' AS code, n.body ->> 'detail' AS detail
    FROM ({states_of_open(CHECKOUTS.workflow, OPEN_CHECKOUT, LOG_FOR_CALLERS)}) AS o
    CROSS JOIN LATERAL (
        SELECT recorded_at, convert_from(body, 'UTF8')::jsonb AS body FROM {LOG_FOR_CALLERS} l
        WHERE l.stream_id = o.holder AND l.type = '{NEEDED}' ORDER BY l.version DESC LIMIT 1
    ) AS n
    WHERE o.tenant = $1 AND o.state = 'needs_operator' AND o.value > $2 ORDER BY o.value LIMIT $3
"""  # noqa: S608  # constants
COUNT_CHECKOUTS = f"""
    SELECT to_jsonb(count(*)) FROM ({states_of_open(CHECKOUTS.workflow, OPEN_CHECKOUT)}) AS o
    WHERE o.state = 'needs_operator'
"""  # noqa: S608  # constants


async def _checkouts(reader: Reader, after: str, limit: int) -> Sequence[Entry]:
    rows = await reader.pool.fetch_for_tenant(reader.tenant, CHECKOUTS_NEEDING_OPERATOR, after, limit)
    checkouts = await reader.work.open_many(Checkout, [row["holder"] for row in rows])
    return [
        Entry(
            kind="checkout",
            id=row["holder"],
            since=row["recorded_at"],
            code=row["code"],
            detail=row["detail"],
            tries=0,
            actions=allowed_actions(checkouts[row["holder"]]),
            position=row["value"],
            timer=row["holder"],
        )
        for row in rows
    ]


async def _refunds(reader: Reader, after: str, limit: int) -> Sequence[Entry]:
    keys = await list_unique_keys(
        reader.pool, reader.tenant, REFUND_NEEDING_ATTENTION, after=after, limit=limit
    )
    found = await list_refunds(((it.owner, it.value) for it in keys), reader.work)
    return [refund_entry(it) for it in found]


def refund_entry(shown: RefundOfOrder) -> Entry:
    order, refund_id = shown
    refund = order.refunds[refund_id]
    return Entry(
        kind="refund",
        id=refund_id,
        since=refund.since or order.created_at,
        code=refund.code or "",
        detail=refund.detail,
        tries=refund.tries,
        actions=("resolve",) if refund.paid_twice or refund.is_manual else ("retry", "resolve"),
        position=str(refund_id),
        timer=refund_id,
        order_id=order.id,
    )


async def _lines(reader: Reader, after: str, limit: int) -> Sequence[Entry]:
    listed = await list_held(reader, LINE_NEEDING_ATTENTION, Fulfillment, after, limit)
    return [
        Entry(
            kind="fulfillment",
            id=line.id,
            since=line.needs_attention_since or line.modified_on,
            code=line.code or "FULFILLMENT_OUTCOME_UNKNOWN",
            detail=line.detail,
            tries=line.tries,
            actions=("fulfill",),
            position=key.value,
            timer=line.id,
            order_id=line.order_id,
            line_id=line.line_id,
        )
        for key, line in listed
    ]


async def _reviews(reader: Reader, after: str, limit: int) -> Sequence[Entry]:
    listed = await list_held(reader, OPEN_REVIEW, Checkout, after, limit)
    return [
        Entry(
            kind="review",
            id=key.owner,
            since=review.since,
            code="FRAUD_REVIEW",
            detail=f"{checkout.agreed_sale.totals.total} {checkout.agreed_sale.currency}",
            tries=0,
            actions=("decide",),
            position=key.value,
            timer=key.owner,
        )
        for key, checkout in listed
        if (review := checkout.review)
    ]


async def _notifications(reader: Reader, after: str, limit: int) -> Sequence[Entry]:
    listed = await list_held(reader, NOTIFICATION_NEEDING_ATTENTION, Notification, after, limit)
    return [
        Entry(
            kind="notification",
            id=key.owner,
            since=notification.unknown_since or notification.modified_on,
            code="NOTIFICATION_OUTCOME_UNKNOWN",
            detail=f"{notification.kind} by {notification.channel}",
            tries=notification.attempts,
            actions=("resend",),
            position=key.value,
            timer=key.owner,
            order_id=notification.order_id,
        )
        for key, notification in listed
    ]


def _count_keys(kind: str) -> str:
    """There must be an index of the keys of this kind alone."""
    return f"SELECT to_jsonb(count(*)) FROM claims WHERE kind = '{kind}'"  # noqa: S608  # a constant


SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        it.kind: it
        for it in (
            Source("checkout", _checkouts, COUNT_CHECKOUTS, frozenset(Operation)),
            Source("refund", _refunds, _count_keys(REFUND_NEEDING_ATTENTION), frozenset({REFUND_ORDER})),
            Source("review", _reviews, _count_keys(OPEN_REVIEW), frozenset({REVIEW_END})),
            *OF_DIFFERENCES,
            Source("fulfillment", _lines, _count_keys(LINE_NEEDING_ATTENTION), frozenset({FULFILL})),
            Source("notification", _notifications, _count_keys(NOTIFICATION_NEEDING_ATTENTION), frozenset()),
        )
    }
)
"""By kind, which is also the value of the label of ``feira_attention``."""
