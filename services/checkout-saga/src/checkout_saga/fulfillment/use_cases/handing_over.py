"""Hand a line over: try, repeat, complete, take back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.fulfillment.domain.certification import Certification, certification_id_of
from checkout_saga.fulfillment.domain.download import Download, download_id_of
from checkout_saga.fulfillment.domain.enrollment import Enrollment, enrollment_id
from checkout_saga.fulfillment.domain.fulfillment import Fulfillment, Status, fulfillment_id
from checkout_saga.fulfillment.domain.license import License, license_id_of
from checkout_saga.fulfillment.domain.results import Fulfilled, Pending, Result, Unknown
from checkout_saga.fulfillment.domain.retries import pause_after
from checkout_saga.fulfillment.domain.shipment import Shipment
from checkout_saga.fulfillment.ports import Delivery
from checkout_saga.fulfillment.use_cases.defaults import fulfiller_of
from checkout_saga.fulfillment.use_cases.licensing import TEAM_LICENSE
from checkout_saga.fulfillment.use_cases.shipping import shipment_id_of
from checkout_saga.fulfillment.use_cases.subscribing import SUBSCRIPTION
from checkout_saga.subscriptions.use_cases import starting
from kernel.domain import Aggregate
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork

FULFILL = "fulfill"
"""The kind of the timer of a line's next try; its subject is the line's stream."""
StreamKey = tuple[type[Aggregate], UUID]
DIGITAL_PRODUCT = "digital_product"
GRANTS: Mapping[str, tuple[type[Aggregate], Callable[[UUID, str], UUID]]] = {
    TEAM_LICENSE: (License, license_id_of),
    "certification": (Certification, certification_id_of),
    DIGITAL_PRODUCT: (Download, download_id_of),
}
"""What a line of a type gives the customer, in a stream of its own."""
LINE_NEEDING_ATTENTION = "line_to_see_to"
"""Held by a line while it needs an operator; the value is since when, and the line's stream."""
ASKED_AGAIN = timedelta(hours=12)
"""How often a result is asked for that stays unknown after all tries, for ever."""


def new_streams_of(deliveries: Iterable[Delivery]) -> Iterator[StreamKey]:
    """What a delivery is alone in: none of it exists before its first try."""
    for it in deliveries:
        yield Fulfillment, fulfillment_id(it.order_id, it.line_id)
        if it.parcel:
            yield Shipment, shipment_id_of(it)
        if it.product_type in GRANTS and (it.product_type != DIGITAL_PRODUCT or it.asset):
            kind, id_of = GRANTS[it.product_type]
            yield kind, id_of(it.order_id, it.line_id)
        if it.product_type == SUBSCRIPTION:
            yield from starting.streams_of(it.order_id, it.line_id, it.plan_id)


def kept_streams_of(deliveries: Iterable[Delivery], tenant: str) -> Iterator[StreamKey]:
    """What there may be of the customer already."""
    for it in deliveries:
        if it.product_type != TEAM_LICENSE:
            customer = customer_stream_id(tenant, it.customer_id)
            for course_id in it.course_ids:
                yield Enrollment, enrollment_id(customer, course_id)


def streams_of(deliveries: Sequence[Delivery], work: UnitOfWork) -> Iterator[StreamKey]:
    """What handing over reads, to be read with one query."""
    yield from new_streams_of(deliveries)
    yield from kept_streams_of(deliveries, work.context.tenant)


async def line_of(delivery: Delivery, work: UnitOfWork) -> Fulfillment:
    return await work.open(Fulfillment, fulfillment_id(delivery.order_id, delivery.line_id))


async def begin(delivery: Delivery, work: UnitOfWork, *, by_hand: bool) -> None:
    """The first try. ``by_hand``: the shop hands it over, and says so later. Ignored if it has begun."""
    line = await line_of(delivery, work)
    if line.status is not Status.NONE:
        return
    line.request(delivery.order_id, delivery.line_id)
    result = Pending() if by_hand else await fulfiller_of(delivery).perform(delivery, work)
    _record(line, result, work)


async def try_again(delivery: Delivery, work: UnitOfWork, *, is_unknown: bool) -> None:
    """The next try. ``is_unknown``: the last one has had no answer, which is looked up. Ignored if the line
    has a result."""
    line = await line_of(delivery, work)
    if line.status is Status.REQUESTED:
        needed_since = line.needs_attention_since
        line.request(delivery.order_id, delivery.line_id)
        fulfiller = fulfiller_of(delivery)
        ask = fulfiller.find if is_unknown else fulfiller.perform
        _record(line, await ask(delivery, work), work, needed_since)


async def begin_again(delivery: Delivery, operator: str, reason: str, work: UnitOfWork) -> None:
    """The tries begin anew at once."""
    line = await line_of(delivery, work)
    needed_since = line.needs_attention_since
    line.request(delivery.order_id, delivery.line_id, operator, reason)
    work.cancel_timer(FULFILL, line.id)
    _record(line, await fulfiller_of(delivery).perform(delivery, work), work, needed_since)


async def complete(delivery: Delivery, reference: str | None, work: UnitOfWork) -> None:
    """A pending line is handed over now; ``reference`` is the shop's."""
    line = await line_of(delivery, work)
    result = await fulfiller_of(delivery).perform(delivery, work)
    if isinstance(result, Fulfilled):
        result = Fulfilled(reference or result.reference, result.units)
    _record(line, result, work)


async def revoke(delivery: Delivery, work: UnitOfWork) -> None:
    line = await line_of(delivery, work)
    if line.status in {Status.NONE, Status.REVOKED}:
        return
    await fulfiller_of(delivery).revoke(delivery, work)
    needed_since = line.needs_attention_since
    if line.status is Status.REQUESTED:
        work.cancel_timer(FULFILL, line.id)
    line.revoke()
    _update_attention_list(line, needed_since, work)


def _record(
    line: Fulfillment, result: Result, work: UnitOfWork, needed_since: datetime | None = None
) -> None:
    """``needed_since``: since when the line has needed an operator before this try."""
    line.answer(result)
    _update_attention_list(line, needed_since, work)
    if not line.is_answered:
        payload = {"order_id": str(line.order_id), "line_id": line.line_id}
        if isinstance(result, Unknown):
            payload["unknown"] = "yes"
        work.set_timer(FULFILL, line.id, work.now + (pause_after(line.tries) or ASKED_AGAIN), payload)


def _update_attention_list(line: Fulfillment, needed_since: datetime | None, work: UnitOfWork) -> None:
    """Keep the index of lines that need an operator."""
    since = line.needs_attention_since
    if needed_since is not None and since != needed_since:
        work.release_key(LINE_NEEDING_ATTENTION, _attention_key(line, needed_since))
    if since is not None and since != needed_since:
        work.claim_key(LINE_NEEDING_ATTENTION, _attention_key(line, since), line.id)


def _attention_key(line: Fulfillment, since: datetime) -> str:
    return f"{time_key(since)}/{line.id}"


async def resume_fulfillment(line: Fulfillment, work: UnitOfWork) -> None:
    """The key and the timer of one whose facts have been recovered. The last try may have had its effect: it
    is looked up."""
    _update_attention_list(line, None, work)
    if line.status is Status.REQUESTED:
        payload = {"order_id": str(line.order_id), "line_id": line.line_id, "unknown": "yes"}
        work.set_timer(FULFILL, line.id, work.now, payload)
