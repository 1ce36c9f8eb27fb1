"""An operator retries or compensates a checkout, or resolves a payment operation."""

from __future__ import annotations

from typing import Any

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.errors import CheckoutNotFound
from checkout_saga.checkout.use_cases.buying import cancel_checkout, confirm_action
from checkout_saga.checkout.use_cases.operating import compensate_saga, resolve_saga, retry_saga
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.operation import ActionNeeded, Declined, Done, Operation, Unknown
from contracts import cart, checkout, offer, order, payment
from kernel.process.errors import NotCompensatable, NotResolvable, NotRetriable
from kernel.scheduling.retries import TRIES_BEFORE_OPERATOR
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import (
    CART,
    CHECKOUT,
    PLAIN,
    WANTED,
    advanced,
    all_refunded,
    cart_unlocked,
    checkout_failed,
    compensation_started,
    customer_is_new,
    done,
    money,
    of_step,
    order_fields,
    order_paid,
    refused,
    stock_confirmed,
    stock_released,
    undone,
    waiting_at,
)
from tests.unit.checkout_saga.gateway import gateway_answered
from tests.unit.checkout_saga.test_outcomes import operator, status_of
from tests.unit.checkout_saga.test_refusals import CONFIRMATION_REFUSED

BY = {**stamp(CHECKOUT), "operator": "tester", "reason": "seen to"}
GAVE_UP = "An operator cancelled the checkout."
NOT_TAKEN = "An operator has found that the payment was not captured."
AFTER = TRIES_BEFORE_OPERATOR
ELSEWHERE = (
    step_names.LOCK_CART,
    step_names.RESERVE_STOCK,
    step_names.RESERVE_PROMOTIONS,
    step_names.CONFIRM_PRICE,
    step_names.CONFIRM_STOCK,
)


def retried(*under_way: str) -> checkout.OperatorRetried:
    return checkout.OperatorRetried(**BY, steps=under_way)


def gave_up(*, refund: bool = False) -> checkout.OperatorGaveUp:
    return checkout.OperatorGaveUp(**BY, refund=refund)


def resolved(step: str, outcome: str, reference: str | None = None) -> checkout.OperatorResolved:
    return checkout.OperatorResolved(**BY, step=step, outcome=outcome, reference=reference)


def capture_unknown() -> Scenario:
    """The outcome of the capture is unknown, and an operator has been called."""
    return waiting_at(step_names.CAPTURE, PLAIN).when(
        gateway_answered, Operation.CAPTURE, Unknown("silence"), AFTER
    )


def void_refused() -> Scenario:
    story = waiting_at(step_names.AUTHORIZE, PLAIN).when(cancel_checkout, CHECKOUT)
    return story.when(gateway_answered, Operation.VOID, Declined("ALREADY_CAPTURED", "no"))


def refund_refused() -> Scenario:
    story = waiting_at(step_names.CONFIRM_STOCK, PLAIN).when(CHECKOUTS.on_reply, CONFIRMATION_REFUSED)
    return story.when(gateway_answered, Operation.REFUND, Declined("REFUSED", "no"))


def retry(story: Scenario) -> Scenario:
    return story.when(retry_saga, CHECKOUT, "seen to")


def compensate(story: Scenario) -> Scenario:
    return story.when(compensate_saga, CHECKOUT, "seen to")


def resolve(story: Scenario, outcome: str, reference: str | None = None) -> Scenario:
    return story.when(resolve_saga, CHECKOUT, outcome, "seen to", reference)


@pytest.mark.parametrize(
    "step",
    [
        step_names.LOCK_CART,
        step_names.RESERVE_STOCK,
        step_names.RESERVE_PROMOTIONS,
        step_names.CONFIRM_PRICE,
        step_names.CONFIRM_STOCK,
    ],
)
def test_a_retry_sends_the_same_command_again(step: str) -> None:
    story = retry(waiting_at(step)).then(retried(step))
    (sent,) = story.work.sent
    assert sent.command.step == step
    assert sent.command.process_id == CHECKOUT


def test_the_reply_to_a_retried_command_counts_once() -> None:
    story = retry(waiting_at(step_names.CONFIRM_STOCK, PLAIN)).when(CHECKOUTS.on_reply, stock_confirmed())
    assert story.work.facts
    story.when(CHECKOUTS.on_reply, stock_confirmed()).then_nothing()


@pytest.mark.parametrize(
    ("operation", "step"),
    [(Operation.AUTHORIZE, step_names.AUTHORIZE), (Operation.CAPTURE, step_names.CAPTURE)],
)
def test_a_retried_gateway_call_is_made_at_once_with_its_old_key(operation: Operation, step: str) -> None:
    story = waiting_at(step).when(gateway_answered, operation, Unknown("silence"), AFTER)
    retry(story).then(retried(step)).then_timer(operation, CHECKOUT, NOW, {"tries": 1})
    assert status_of(story) == "needs_operator", "until the gateway has answered"


def test_a_retry_after_a_confirmation_repeats_the_confirmation() -> None:
    story = waiting_at(step_names.AUTHORIZE).when(
        gateway_answered, Operation.AUTHORIZE, ActionNeeded("ref", url="page")
    )
    story = retry(story.when(confirm_action, CHECKOUT))
    story.then_timer(Operation.CONFIRM, CHECKOUT, NOW, {"tries": 1})
    assert (CHECKOUT, Operation.AUTHORIZE) not in story.work.timers


def test_a_retry_repeats_all_running_compensations() -> None:
    story = (
        waiting_at(step_names.AUTHORIZE, PLAIN)
        .when(cancel_checkout, CHECKOUT)
        .when(CHECKOUTS.on_reply, stock_released())
    )
    retry(story).then(retried(step_names.LOCK_CART, step_names.AUTHORIZE))
    unlock = cart.Unlock(**of_step(step_names.LOCK_CART), cart_id=CART, reason="CHECKOUT_CANCELLED")
    story.then_sent(unlock).then_timer(Operation.VOID, CHECKOUT, NOW, {"tries": 1})


def _ended_well() -> Scenario:
    return waiting_at(step_names.CONFIRM_STOCK, PLAIN).when(CHECKOUTS.on_reply, stock_confirmed())


def _ended_badly() -> Scenario:
    story = waiting_at(step_names.RESERVE_STOCK, PLAIN).when(cancel_checkout, CHECKOUT)
    return story.when(CHECKOUTS.on_reply, stock_released()).when(CHECKOUTS.on_reply, cart_unlocked())


@pytest.mark.parametrize("act", [retry, compensate, lambda it: resolve(it, "done")])
@pytest.mark.parametrize(("story", "status"), [(_ended_well, "completed"), (_ended_badly, "failed")])
def test_an_ended_checkout_refuses_all_operator_actions(act: Any, story: Any, status: str) -> None:
    refusal = act(story()).refusal
    assert isinstance(refusal, NotRetriable | NotCompensatable | NotResolvable)
    assert refusal.members == {"checkout_status": status}


@pytest.mark.parametrize("act", [retry, compensate, lambda it: resolve(it, "done")])
def test_an_unknown_checkout_is_not_found_by_operator_actions(act: Any) -> None:
    act(given()).then_refused(CheckoutNotFound)


def test_a_checkout_that_waits_for_its_customer_cannot_be_retried() -> None:
    story = waiting_at(step_names.AUTHORIZE).when(
        gateway_answered, Operation.AUTHORIZE, ActionNeeded("ref", url="page")
    )
    retry(story).then_refused(NotRetriable, checkout_status="requires_action")


def test_a_checkout_that_waits_for_its_customer_can_be_compensated() -> None:
    story = waiting_at(step_names.AUTHORIZE, PLAIN).when(
        gateway_answered, Operation.AUTHORIZE, ActionNeeded("ref", url="page")
    )
    compensate(story).then(
        gave_up(),
        compensation_started(
            step_names.AUTHORIZE,
            "CHECKOUT_CANCELLED",
            GAVE_UP,
            undoing=[step_names.AUTHORIZE, step_names.RESERVE_STOCK, step_names.LOCK_CART],
        ),
    )
    story.then_timer(Operation.VOID, CHECKOUT, NOW)


def test_compensation_before_the_capture_compensates_every_step() -> None:
    story = compensate(waiting_at(step_names.RESERVE_STOCK))
    story.then(
        gave_up(),
        compensation_started(
            step_names.RESERVE_STOCK,
            "CHECKOUT_CANCELLED",
            GAVE_UP,
            undoing=[step_names.RESERVE_STOCK, step_names.LOCK_CART],
        ),
    )
    compensate(story).then_refused(NotCompensatable, checkout_status="compensating")


def test_a_checkout_with_an_unknown_capture_cannot_be_compensated() -> None:
    compensate(capture_unknown()).then_refused(NotCompensatable, checkout_status="needs_operator")
    story = capture_unknown().when(_with_refund, CHECKOUT)
    story.then_refused(NotCompensatable, checkout_status="needs_operator")


async def _with_refund(checkout_id: Any, work: Any) -> None:
    await compensate_saga(checkout_id, work, "seen to", refund=True)


def test_a_captured_checkout_is_compensated_only_with_refund() -> None:
    compensate(waiting_at(step_names.CONFIRM_STOCK, PLAIN)).then_refused(
        NotCompensatable, checkout_status="processing"
    )
    story = waiting_at(step_names.CONFIRM_STOCK, PLAIN).when(_with_refund, CHECKOUT)
    story.then(
        gave_up(refund=True),
        compensation_started(
            step_names.CONFIRM_STOCK,
            "CHECKOUT_CANCELLED",
            GAVE_UP,
            undoing=[
                step_names.CAPTURE,
                step_names.CREATE_ORDER,
                step_names.RESERVE_STOCK,
                step_names.LOCK_CART,
            ],
        ),
        order.Cancelled(**order_fields(), reason="CHECKOUT_CANCELLED"),
        undone(step_names.CREATE_ORDER),
    )
    story.then_timer(Operation.REFUND, CHECKOUT, NOW)
    assert (CHECKOUT, Operation.VOID) not in story.work.timers


def test_a_capture_resolved_as_done_continues_as_after_the_gateways_answer() -> None:
    story = resolve(capture_unknown(), "done", "bank-7")
    story.then(
        resolved(step_names.CAPTURE, "done", "bank-7"),
        payment.Captured(**money("capture", "bank-7")),
        order_paid(),
        customer_is_new(),
        advanced(step_names.CONFIRM_STOCK, done=[done(step_names.CAPTURE, reference="bank-7")]),
    )
    story.then_sent(offer.ConfirmStock(**of_step(step_names.CONFIRM_STOCK), wanted=WANTED))
    story.then_no_timer(Operation.CAPTURE, CHECKOUT)
    assert status_of(story) == "processing"
    story.when(gateway_answered, Operation.CAPTURE, Done("ref", 2000)).then_nothing()


def test_a_capture_resolved_as_not_done_voids_the_authorization() -> None:
    story = resolve(capture_unknown(), "not_done")
    story.then(
        resolved(step_names.CAPTURE, "not_done"),
        payment.Declined(**money("capture", None), operation="capture", code="CAPTURE_FAILED"),
        refused(step_names.CAPTURE, "CAPTURE_FAILED", NOT_TAKEN),
        compensation_started(
            step_names.CAPTURE,
            "CAPTURE_FAILED",
            NOT_TAKEN,
            undoing=[
                step_names.CREATE_ORDER,
                step_names.AUTHORIZE,
                step_names.RESERVE_STOCK,
                step_names.LOCK_CART,
            ],
        ),
        order.Cancelled(**order_fields(), reason="CAPTURE_FAILED"),
        undone(step_names.CREATE_ORDER),
    )
    story.then_timer(Operation.VOID, CHECKOUT, NOW)


def test_a_wrong_outcome_of_a_capture_calls_the_operator_again_by_the_refused_void() -> None:
    story = resolve(capture_unknown(), "not_done")
    story.when(gateway_answered, Operation.VOID, Declined("ALREADY_CAPTURED", "no"))
    story.then(operator(step_names.AUTHORIZE, "The gateway refuses to void."))
    assert status_of(story) == "needs_operator"


def test_a_refused_void_resolved_as_done_ends_the_compensation() -> None:
    story = (
        void_refused().when(CHECKOUTS.on_reply, stock_released()).when(CHECKOUTS.on_reply, cart_unlocked())
    )
    resolve(story, "done").then(
        resolved(step_names.AUTHORIZE, "done"),
        payment.Voided(**money("void", "settled by hand", amount=0)),
        undone(step_names.AUTHORIZE),
        checkout_failed(step_names.AUTHORIZE, "CHECKOUT_CANCELLED", "The customer cancelled the checkout."),
    )
    story.then_no_timer(Operation.VOID, CHECKOUT)


def test_a_refund_resolved_as_done_is_recorded_with_the_captured_amount() -> None:
    story = (
        refund_refused().when(CHECKOUTS.on_reply, stock_released()).when(CHECKOUTS.on_reply, cart_unlocked())
    )
    resolve(story, "done", "transfer-9").then(
        resolved(step_names.CAPTURE, "done", "transfer-9"),
        payment.Refunded(**money("refund", "transfer-9"), reason="INSUFFICIENT_INVENTORY"),
        all_refunded("INSUFFICIENT_INVENTORY"),
        undone(step_names.CAPTURE),
        checkout_failed(step_names.CONFIRM_STOCK, "INSUFFICIENT_INVENTORY"),
    )


@pytest.mark.parametrize("story", [void_refused, refund_refused])
def test_a_void_or_refund_cannot_be_resolved_as_not_done(story: Any) -> None:
    resolve(story(), "not_done").then_refused(NotResolvable, checkout_status="needs_operator")


@pytest.mark.parametrize(
    "step", [step_names.RESERVE_STOCK, step_names.AUTHORIZE, step_names.CAPTURE, step_names.CONFIRM_STOCK]
)
def test_only_a_stuck_operation_can_be_resolved(step: str) -> None:
    for outcome in ("done", "not_done"):
        resolve(waiting_at(step), outcome).then_refused(NotResolvable, checkout_status="processing")


def test_an_unknown_authorization_cannot_be_resolved() -> None:
    story = waiting_at(step_names.AUTHORIZE).when(
        gateway_answered, Operation.AUTHORIZE, Unknown("silence"), AFTER
    )
    resolve(story, "done").then_refused(NotResolvable, checkout_status="needs_operator")
