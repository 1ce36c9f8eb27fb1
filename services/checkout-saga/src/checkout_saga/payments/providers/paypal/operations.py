"""Performs operations at PayPal.

A repeated request under its request id is the look-up, as long as PayPal keeps the id; afterwards the objects
themselves are read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from checkout_saga.payments.domain.alarms import REQUEST_REFUSED
from checkout_saga.payments.domain.names import idempotency_key
from checkout_saga.payments.domain.operation import Declined, Done, Operation, Outcome, Unknown
from checkout_saga.payments.providers.paypal import bodies, states
from checkout_saga.payments.providers.paypal.amounts import NotRepresentable
from checkout_saga.payments.providers.paypal.client import Refused, Reply, Silence
from checkout_saga.payments.providers.paypal.documents import Order, Payment
from checkout_saga.payments.providers.paypal.objects import AUTHORIZATIONS, CAPTURES, ORDERS, Objects
from checkout_saga.payments.providers.paypal.refusals import USED, by_error

ORDER_KEY_LIFE = timedelta(hours=6)
PAYMENT_KEY_LIFE = timedelta(days=45)
MARGIN = timedelta(minutes=5)
"""A request id is not relied on in its last minutes."""


async def authorize(objects: Objects, token: str) -> Outcome:
    """``token``: of the provider's vault, or ``bodies.APPROVAL``."""
    request = objects.request
    if request.reference is not None:
        return await _of_order_or_authorize(objects, await _known_order(objects))
    if _is_over(objects, ORDER_KEY_LIFE):
        held = await objects.lost_authorization()
        if held is not None:
            return states.of_authorization(request, held, held.order_id or held.id)
        return states.nothing_done(request.operation, "LOST")
    reply = await _post(objects, ORDERS, request.key, bodies.order(request, token))
    if isinstance(reply, Refused) and reply.issue in USED:
        return await _used_before(objects)
    if isinstance(reply, Refused):
        return by_error(request.operation, reply) or _refused_for_good(objects, reply.issue)
    return await _of_order_or_authorize(objects, objects.read(reply, Order))


async def confirm(objects: Objects) -> Outcome:
    return await _of_order_or_authorize(objects, await _known_order(objects))


async def capture(objects: Objects) -> Outcome:
    request = objects.request
    if _is_over(objects, PAYMENT_KEY_LIFE) and (taken := await objects.capture()):
        return states.of_capture(request, taken)
    path = f"{AUTHORIZATIONS}/{objects.reference()}/capture"
    reply = await _post(objects, path, request.key, bodies.capture(request))
    if not isinstance(reply, Refused):
        return states.of_capture(request, objects.read(reply, Payment))
    known = by_error(request.operation, reply)
    if known:
        return known
    taken = await objects.capture()
    return states.of_capture(request, taken) if taken else _refused_for_good(objects, reply.issue)


async def void(objects: Objects) -> Outcome:
    """An authorization of which no id is known is prevented: an order that no payer sees takes its request
    id. If that is taken already, the search finds what was authorized under it."""
    if objects.request.reference is None:
        held, order_id = await _prevented(objects)
    else:
        held, order = await objects.held()
        order_id = order.id if order else ""
    if held is None:
        return Done(order_id, 0)
    known = states.of_void(held)
    if known:
        return known
    reply = await _post(objects, f"{AUTHORIZATIONS}/{held.id}/void", objects.request.key, {})
    match reply:
        case Refused(422, "PREVIOUSLY_VOIDED"):
            return Done(held.id, held.amount.minor or 0)
        case Refused(422, "PREVIOUSLY_CAPTURED"):
            return Declined("ALREADY_CAPTURED", "The authorization is captured at the provider.")
        case Refused():
            outcome = by_error(Operation.VOID, reply)
            if outcome:
                return outcome
            known = states.of_void(await objects.authorization(held.id))
            return known or _refused_for_good(objects, reply.issue)
        case Silence():
            return objects.unanswered(reply)
        case _:
            return Done(held.id, held.amount.minor or 0)


async def refund(objects: Objects) -> Outcome:
    request = objects.request
    if _is_over(objects, PAYMENT_KEY_LIFE) and (given := await objects.refund()):
        return states.of_refund(request, given)
    path = f"{CAPTURES}/{objects.reference()}/refund"
    reply = await _post(objects, path, request.key, bodies.refund(request))
    if not isinstance(reply, Refused):
        return states.of_refund(request, objects.read(reply, Payment))
    known = by_error(request.operation, reply)
    if known:
        return known
    given = await objects.refund()
    if given:
        return states.of_refund(request, given)
    if reply.issue in {"CAPTURE_FULLY_REFUNDED", "REFUND_AMOUNT_EXCEEDED"}:
        return Declined("REFUND_EXCEEDS_CAPTURE", f"The provider refused to refund: {reply.issue}.")
    return _refused_for_good(objects, reply.issue)


async def look_up(objects: Objects) -> Outcome | None:
    """What the objects at the provider tell; None: it was not performed. It performs nothing but one thing:
    an order that its payer has approved is authorized, whether or not the payer comes back to confirm it."""
    request = objects.request
    match request.operation:
        case Operation.AUTHORIZE if request.reference is None:
            held = await objects.lost_authorization()
            return states.of_authorization(request, held, held.order_id or held.id) if held else None
        case Operation.AUTHORIZE:
            return await _of_order_or_authorize(objects, await _known_order(objects))
        case Operation.CONFIRM:
            return states.of_order(request, await _known_order(objects))
        case Operation.CAPTURE:
            taken = await objects.capture()
            return states.of_capture(request, taken) if taken else None
        case Operation.VOID:
            held, _ = await objects.held()
            return states.of_void(held) if held else None
        case Operation.REFUND:
            given = await objects.refund()
            return states.of_refund(request, given) if given else None


WITHOUT_TOKEN: Mapping[Operation, Callable[[Objects], Awaitable[Outcome]]] = MappingProxyType(
    {
        Operation.CONFIRM: confirm,
        Operation.CAPTURE: capture,
        Operation.VOID: void,
        Operation.REFUND: refund,
    }
)


async def _post(objects: Objects, path: str, key: str, body: object) -> Reply:
    """Silence is followed by the same request once more: under its request id that is the look-up."""
    reply = await objects.api.post(objects.account, path, key, body)
    if isinstance(reply, Silence):
        again = await objects.api.post(objects.account, path, key, body)
        return reply if isinstance(again, Silence) else again
    return reply


async def _known_order(objects: Objects) -> Order:
    held, order = await objects.held()
    if order is None and held is not None:
        order = await objects.order_of(held)
    if order is None:
        raise AssertionError("a reference names an authorization or an order")
    return order


async def _of_order_or_authorize(objects: Objects, order: Order) -> Outcome:
    """An order that the payer has approved is authorized now."""
    request = objects.request
    if states.is_tombstone(order):
        return Declined("PAYMENT_DECLINED", "The payment was given up before.")
    known = states.of_order(request, order)
    if known:
        return known
    key = request.key if request.operation is Operation.CONFIRM else f"{request.key}:a"
    reply = await _post(objects, f"{ORDERS}/{order.id}/authorize", key, {})
    if isinstance(reply, Refused):
        outcome = by_error(request.operation, reply)
        if outcome:
            return outcome
        # not approved, or authorized already under another key: the order tells
        known = states.of_order(request, await objects.order(order.id))
        return known or _refused_for_good(objects, reply.issue)
    answered = objects.read(reply, Order)
    if not answered.payments.authorizations:
        answered = await objects.order(order.id)
    return states.of_order(request, answered) or Unknown("The order is approved and not authorized.")


async def _used_before(objects: Objects) -> Outcome:
    """The request id or the invoice id was used by something else: by the void of this payment, or by an
    authorization under another key, which the search finds."""
    request = objects.request
    reply = await _post(objects, ORDERS, request.key, bodies.tombstone(request))
    if not isinstance(reply, Refused) and states.is_tombstone(objects.read(reply, Order)):
        return Declined("PAYMENT_DECLINED", "The payment was given up before.")
    held = await objects.lost_authorization()
    if held is None:
        return Unknown("The invoice id was used, and no authorization of it is found.", alarm=REQUEST_REFUSED)
    return states.of_authorization(request, held, held.order_id or held.id)


async def _prevented(objects: Objects) -> tuple[Payment | None, str]:
    """The authorization that the void is for, if there is one, and the id of the order."""
    request = objects.request
    key = idempotency_key(request.checkout_id, Operation.AUTHORIZE, request.attempt)
    try:
        body = bodies.tombstone(request)
    except NotRepresentable:
        return None, str(request.payment_id)  # the authorization was refused without a call
    if _is_over(objects, ORDER_KEY_LIFE):
        return await objects.lost_authorization(), str(request.payment_id)
    reply = await _post(objects, ORDERS, key, body)
    if isinstance(reply, Refused) and reply.issue in USED:
        return await objects.lost_authorization(), str(request.payment_id)
    order = objects.read(reply, Order)
    authorizations = order.payments.authorizations
    return (authorizations[-1] if authorizations else None), order.id


def _is_over(objects: Objects, life: timedelta) -> bool:
    """Whether the provider may have forgotten the request id."""
    since = objects.request.requested_at
    return since is not None and objects.now - since > life - MARGIN


def _refused_for_good(objects: Objects, issue: str) -> Outcome:
    """The state of the objects proves that nothing was done, for a reason that no table names."""
    return replace(states.nothing_done(objects.request.operation, issue), alarm=REQUEST_REFUSED)
