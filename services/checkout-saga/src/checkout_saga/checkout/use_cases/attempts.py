"""Outcomes of an attempt to pay from which a checkout does not go on at once: an action is needed, another
attempt follows, or the money is there already."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never

from checkout_saga.checkout.domain import waits
from checkout_saga.checkout.domain.actions import extend_holds
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.definitions import ATTEMPTS_SINCE
from checkout_saga.checkout.domain.index_keys import MOVED_DEADLINE, moved_deadline_key
from checkout_saga.checkout.domain.step_names import AUTHORIZE, CAPTURE
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.names import idempotency_key
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.domain.payment import Payment
from checkout_saga.shop_settings.use_cases import find_settings
from contracts import checkout as facts
from kernel.process.state import Reason
from kernel.unit_of_work import UnitOfWork

PAYMENT_LOOK = "payment_look"
"""The kind of the timer at which the provider is looked at; its subject is the payment."""
ALREADY_CAPTURED = "ALREADY_CAPTURED"
"""The provider refuses to void: the money is there."""
ARRIVED = "payment_arrived"
"""Why the deadline is moved once more."""


async def take_outcome(
    checkout: Checkout, request: PaymentRequest, outcome: Outcome, work: UnitOfWork
) -> bool:
    """Record all that follows from the outcome, if it is one of those of this module. Its step waits for it.
    False: it goes the way of every call."""
    if checkout.definition < ATTEMPTS_SINCE:
        return False
    match request.operation:
        case Operation.AUTHORIZE | Operation.CONFIRM:
            taken = await _take_authorization(checkout, request, outcome, work)
        case Operation.VOID:
            taken = await _take_void(checkout, request, outcome, work)
        case Operation.CAPTURE | Operation.REFUND:
            taken = False
        case _:
            assert_never(request.operation)
    if taken:
        work.cancel_timer(request.operation, checkout.id)
    return taken


async def take_look(checkout: Checkout, outcome: Outcome, work: UnitOfWork) -> None:
    """The provider was looked at while the checkout waits. What is not decided yet is looked at again."""
    match outcome:
        case Done():
            await _go_on(checkout, outcome, work)
        case Declined(code=code, detail=detail):
            await _decline(checkout, Reason(code, detail), work, leaves=True)
        case Unknown() | ActionNeeded():
            look_again(checkout, work)
        case _:
            assert_never(outcome)


def look_again(checkout: Checkout, work: UnitOfWork) -> None:
    """Set the timer of the next look, if there is one before the deadline."""
    waiting, attempt = checkout.waiting, checkout.attempt_now
    if waiting is None:
        return
    due_at = waits.next_look(waiting.kind, attempt.method, waiting.since, waiting.until, work.now)
    if due_at is None:
        work.cancel_timer(PAYMENT_LOOK, attempt.payment_id)
    else:
        look_at(checkout, due_at, work)


def look_at(checkout: Checkout, due_at: datetime, work: UnitOfWork) -> None:
    """Have the provider of the attempt at hand looked at."""
    payload, attempt = {"checkout_id": str(checkout.id)}, checkout.attempt_now
    work.set_timer(PAYMENT_LOOK, attempt.payment_id, due_at, payload, target=attempt.gateway)


async def _take_authorization(
    checkout: Checkout, request: PaymentRequest, outcome: Outcome, work: UnitOfWork
) -> bool:
    match outcome:
        case ActionNeeded():
            await _wait_for_action(checkout, outcome, work)
        case Done(captured=True):
            await _go_on(checkout, outcome, work)
        case Declined(code=code, detail=detail) if checkout.attempts_left > 0:
            leaves = request.operation is Operation.CONFIRM
            await _decline(checkout, Reason(code, detail), work, leaves=leaves)
        case _:
            return False
    return True


async def _take_void(checkout: Checkout, request: PaymentRequest, outcome: Outcome, work: UnitOfWork) -> bool:
    """Of an attempt that was declined, or of one that the checkout gives up."""
    match outcome:
        case Declined(code=code) if code == ALREADY_CAPTURED and CAPTURE not in checkout.steps:
            await _give_late_money_back(checkout, request, work)
        case Done() if checkout.running:
            await _wait_for_another_method(checkout, work)
        case _:
            return False
    return True


async def _go_on(checkout: Checkout, done: Done, work: UnitOfWork) -> None:
    """The step is done. Money that has arrived in time has all the time that follows."""
    if done.captured and not CHECKOUTS.workflow.is_expired(checkout, work.now):
        move_deadline(checkout, work.now + (checkout.expires_at - checkout.started_at), ARRIVED, work)
    work.cancel_timer(PAYMENT_LOOK, checkout.attempt_now.payment_id)
    await CHECKOUTS.complete(checkout, AUTHORIZE, authorization_data(done), work)


def authorization_data(done: Done) -> dict[str, Any]:
    """The data of the step."""
    return {
        "reference": done.reference,
        **({"captured": True} if done.captured else {}),
        **({"capture_before": done.capture_before.isoformat()} if done.capture_before else {}),
    }


async def _wait_for_action(checkout: Checkout, needed: ActionNeeded, work: UnitOfWork) -> None:
    """The customer has to act, or the provider has not decided yet."""
    attempt = checkout.attempt_now
    if needed.kind == "wait":
        kind = waits.PROVIDER
    elif attempt.is_push:
        kind = waits.PAYMENT
    else:
        kind = waits.CUSTOMER_ACTION
    checkout.record(
        facts.ActionRequired(
            step=AUTHORIZE,
            url=needed.url or "",
            attempt=attempt.number,
            kind=needed.kind,
            action=needed.sealed,
            until=needed.until or attempt.pay_until,
            reference=needed.reference,
        )
    )
    if kind == waits.PAYMENT:
        expires_at = attempt.pay_until or needed.until or work.now
        await _wait(checkout, kind, expires_at + waits.BANKING[attempt.method], work)
        settings = (await find_settings(work)).current
        for command, key in extend_holds(checkout, hold_stock=settings.holds_stock_for(attempt.method)):
            work.send(command, key)
    else:
        await _wait(checkout, kind, None, work)
    look_again(checkout, work)


async def _decline(checkout: Checkout, reason: Reason, work: UnitOfWork, *, leaves: bool) -> None:
    """Wait for another attempt, if there may be one, once nothing is left of this one."""
    work.cancel_timer(PAYMENT_LOOK, checkout.attempt_now.payment_id)
    if checkout.attempts_left <= 0:
        await CHECKOUTS.compensate(checkout, reason, work)
        return
    checkout.decline(reason, leaves=leaves)
    if leaves:
        await CHECKOUTS.repeat(checkout, [AUTHORIZE], work)
    else:
        await _wait_for_another_method(checkout, work)


async def _wait_for_another_method(checkout: Checkout, work: UnitOfWork) -> None:
    await _wait(checkout, waits.NEW_METHOD, None, work)


async def _give_late_money_back(checkout: Checkout, request: PaymentRequest, work: UnitOfWork) -> None:
    """The checkout, or the attempt, was given up, but the money has come meanwhile: it is refunded."""
    attempt = checkout.attempt_now
    key = idempotency_key(checkout.id, Operation.AUTHORIZE, attempt.number)
    payment = await work.open(Payment, attempt.payment_id)
    payment.arrive(replace(request, operation=Operation.AUTHORIZE, key=key), attempt.reference or "")
    checkout.note_late_money()
    if checkout.running:
        await CHECKOUTS.compensate(checkout, attempt.declined or CHECKOUTS.workflow.expired, work)
    else:
        await CHECKOUTS.repeat(checkout, [AUTHORIZE], work)


async def _wait(checkout: Checkout, kind: str, until: datetime | None, work: UnitOfWork) -> None:
    """``until``: None, as long as a customer has time to act."""
    if until is None:
        settings = (await find_settings(work)).current
        until = waits.deadline_to_act(
            checkout.started_at, checkout.expires_at, work.now, settings.action_minutes, checkout.held_until
        )
    checkout.wait_for(kind, until)
    move_deadline(checkout, until, kind, work)


async def pay_until_now(method: str, work: UnitOfWork) -> datetime | None:
    """Until when a payment that is asked for now may be made; None: the method has no such time."""
    if method not in waits.PUSH_METHODS:
        return None
    settings = (await find_settings(work)).current
    return waits.pay_until(method, work.now, settings.pix_minutes, settings.boleto_days)


def move_deadline(checkout: Checkout, until: datetime, why: str, work: UnitOfWork) -> None:
    """Move it, and the key by which checkouts with a deadline of their own are found."""
    if checkout.has_own_deadline:
        work.release_key(MOVED_DEADLINE, moved_deadline_key(checkout))
    CHECKOUTS.move_deadline(checkout, until, why, work)
    if checkout.has_own_deadline:
        work.claim_key(MOVED_DEADLINE, moved_deadline_key(checkout), checkout.id)
