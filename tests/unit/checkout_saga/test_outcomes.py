"""The gateway requires an action, does not answer, or refuses a compensation."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.errors import CheckoutNotFound, NoActionRequired
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.use_cases.buying import cancel_checkout, confirm_action
from checkout_saga.checkout.use_cases.payment_outcomes import payment_request
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.operation import ActionNeeded, Declined, Done, Operation, Unknown
from contracts import checkout, order, payment
from kernel.scheduling.retries import TRIES_BEFORE_OPERATOR
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import (
    CHECKOUT,
    FREE,
    OPEN_KEY,
    PLAIN,
    advanced,
    all_refunded,
    cart_unlocked,
    checkout_failed,
    compensation_started,
    effects_of,
    history_until,
    money,
    stock_released,
    success_of,
    undone,
    waiting_at,
)
from tests.unit.checkout_saga.gateway import gateway_answered
from tests.unit.checkout_saga.test_refusals import CONFIRMATION_REFUSED

PAGE = "https://gateway.example/3ds"
NEEDED = checkout.ActionRequired(**stamp(CHECKOUT), step=step_names.AUTHORIZE, url=PAGE)
ASKED_FOR_ACTION = payment.ActionRequired(**money("authorize"), url=PAGE)
UNKNOWN = Unknown("silence")
REFUSED = Declined("ALREADY_CAPTURED", "no")


def operator(step: str, detail: str) -> checkout.OperatorNeeded:
    return checkout.OperatorNeeded(
        **stamp(CHECKOUT), step=step, code="PAYMENT_OUTCOME_UNKNOWN", detail=detail
    )


def status_of(story: Scenario) -> str:
    async def look(checkout_id: object, work: UnitOfWork) -> str:
        return (await work.open(Checkout, CHECKOUT)).status

    status: str = story.when(look, CHECKOUT).result
    return status


def waiting_for_the_customer() -> Scenario:
    return waiting_at(step_names.AUTHORIZE).when(
        gateway_answered, Operation.AUTHORIZE, ActionNeeded("ref", url=PAGE)
    )


def test_a_required_action_makes_the_checkout_wait_for_the_customer() -> None:
    story = waiting_for_the_customer().then(ASKED_FOR_ACTION, NEEDED)
    story.then_no_timer(Operation.AUTHORIZE, CHECKOUT)
    assert status_of(story) == "requires_action"


def test_a_pending_answer_of_the_provider_is_asked_for_again() -> None:
    story = waiting_at(step_names.CAPTURE).when(
        gateway_answered, Operation.CAPTURE, ActionNeeded("ref", kind="wait")
    )
    story.then().then_timer(Operation.CAPTURE, CHECKOUT, NOW + timedelta(seconds=1))


def test_a_provider_that_asks_for_a_pause_gets_it() -> None:
    story = waiting_at(step_names.CAPTURE).when(
        gateway_answered, Operation.CAPTURE, Unknown("too many requests", after=17)
    )
    story.then().then_timer(Operation.CAPTURE, CHECKOUT, NOW + timedelta(seconds=17))


def test_a_confirmed_action_makes_the_checkout_ask_the_gateway() -> None:
    story = waiting_for_the_customer().when(confirm_action, CHECKOUT)
    story.then(advanced(step_names.AUTHORIZE)).then_timer(Operation.CONFIRM, CHECKOUT, NOW)
    story.when(_request, Operation.CONFIRM)
    assert story.result.key == f"{CHECKOUT}:confirm:2"


def test_a_confirmed_action_is_an_authorization() -> None:
    story = waiting_for_the_customer().when(confirm_action, CHECKOUT)
    story.when(gateway_answered, Operation.CONFIRM, Done("ref", 2000), 0, 2).then(
        payment.Authorized(**money("confirm", intent=2)),
        *effects_of(step_names.CREATE_ORDER),
        advanced(
            step_names.CAPTURE, done=[success_of(step_names.AUTHORIZE), success_of(step_names.CREATE_ORDER)]
        ),
    )


def test_a_declined_confirmation_voids_the_authorization_at_the_gateway() -> None:
    story = waiting_for_the_customer().when(confirm_action, CHECKOUT)
    story.when(gateway_answered, Operation.CONFIRM, Declined("PAYMENT_DECLINED", "no"), 0, 2).then(
        payment.Declined(**money("confirm", None, intent=2), operation="confirm", code="PAYMENT_DECLINED"),
        compensation_started(
            step_names.AUTHORIZE,
            "PAYMENT_DECLINED",
            undoing=[
                step_names.AUTHORIZE,
                step_names.RESERVE_PROMOTIONS,
                step_names.RESERVE_STOCK,
                step_names.LOCK_CART,
            ],
        ),
    )
    story.then_timer(Operation.VOID, CHECKOUT, NOW)


def test_each_confirmation_has_a_new_key() -> None:
    story = waiting_for_the_customer().when(confirm_action, CHECKOUT)
    story.when(gateway_answered, Operation.CONFIRM, ActionNeeded("ref", url=PAGE), 0, 2)
    story.when(confirm_action, CHECKOUT).then(advanced(step_names.AUTHORIZE))
    story.when(gateway_answered, Operation.CONFIRM, ActionNeeded("ref", url=PAGE), 0, 2).then_nothing()
    assert not story.work.timers, "the call that is under way must not be struck off"
    story.when(gateway_answered, Operation.CONFIRM, Done("ref", 2000), 0, 3).then(
        payment.Authorized(**money("confirm", intent=3)),
        *effects_of(step_names.CREATE_ORDER),
        advanced(
            step_names.CAPTURE, done=[success_of(step_names.AUTHORIZE), success_of(step_names.CREATE_ORDER)]
        ),
    )


def test_a_repeated_authorization_outcome_does_not_require_the_action_twice() -> None:
    waiting_for_the_customer().when(
        gateway_answered, Operation.AUTHORIZE, ActionNeeded("ref", url=PAGE)
    ).then_nothing()


@pytest.mark.parametrize("step", [step_names.LOCK_CART, step_names.AUTHORIZE, step_names.CAPTURE])
def test_confirming_without_a_required_action_is_refused(step: str) -> None:
    story = waiting_at(step).when(confirm_action, CHECKOUT)
    story.then_refused(NoActionRequired, checkout_status="processing")


def test_a_checkout_that_does_not_exist_has_no_action_to_confirm() -> None:
    given().when(confirm_action, CHECKOUT).then_refused(CheckoutNotFound)


@pytest.mark.parametrize(
    ("operation", "step"),
    [(Operation.AUTHORIZE, step_names.AUTHORIZE), (Operation.CAPTURE, step_names.CAPTURE)],
)
def test_a_call_without_an_answer_is_repeated_with_growing_pauses(operation: Operation, step: str) -> None:
    story = waiting_at(step)
    for tries, seconds in enumerate([1, 2, 4, 8, 16, 32, 60]):
        story.when(gateway_answered, operation, UNKNOWN, tries).then_nothing()
        story.then_timer(operation, CHECKOUT, NOW + timedelta(seconds=seconds), {"tries": tries + 1})


def test_a_repeated_request_keeps_its_key() -> None:
    story = waiting_at(step_names.CAPTURE).when(_request, Operation.CAPTURE)
    first = story.result
    story.when(gateway_answered, Operation.CAPTURE, UNKNOWN).after(hours=30).when(_request, Operation.CAPTURE)
    assert story.result == first
    assert (first.key, first.amount, first.currency) == (f"{CHECKOUT}:capture:1", 2000, "USD")


async def _request(operation: Operation, work: UnitOfWork) -> object:
    return await payment_request(CHECKOUT, operation, work)


def test_only_an_authorization_carries_the_customers_token() -> None:
    assert (
        waiting_at(step_names.AUTHORIZE).when(_request, Operation.AUTHORIZE).result.payment_token
        == "sealed token"
    )
    assert waiting_at(step_names.CAPTURE).when(_request, Operation.CAPTURE).result.payment_token is None


def test_a_call_that_is_no_longer_pending_is_not_made() -> None:
    story = waiting_at(step_names.CONFIRM_STOCK).when(_request, Operation.CAPTURE).then_result(None)
    story.then_no_timer(Operation.CAPTURE, CHECKOUT)


def test_after_eight_tries_an_operator_is_called_once_and_the_tries_go_on() -> None:
    last = TRIES_BEFORE_OPERATOR - 1
    story = waiting_at(step_names.CAPTURE).when(gateway_answered, Operation.CAPTURE, UNKNOWN, last)
    story.then(operator(step_names.CAPTURE, "silence"))
    assert status_of(story) == "needs_operator"
    story.when(gateway_answered, Operation.CAPTURE, UNKNOWN, last + 1).then_nothing()
    story.then_timer(Operation.CAPTURE, CHECKOUT, NOW + timedelta(minutes=1), {"tries": last + 2})


def test_a_late_answer_ends_the_need_for_an_operator() -> None:
    story = waiting_at(step_names.CAPTURE).when(
        gateway_answered, Operation.CAPTURE, UNKNOWN, TRIES_BEFORE_OPERATOR
    )
    story.when(gateway_answered, Operation.CAPTURE, Done("ref", 2000)).then(
        *effects_of(step_names.CAPTURE),
        advanced(step_names.CONFIRM_STOCK, done=[success_of(step_names.CAPTURE)]),
    )
    assert status_of(story) == "processing"


def test_a_void_is_recorded_with_the_gateways_amount() -> None:
    story = waiting_at(step_names.AUTHORIZE, PLAIN).when(cancel_checkout, CHECKOUT)
    story.when(gateway_answered, Operation.VOID, Done("ref", 0)).then(
        payment.Voided(**money("void", amount=0)), undone(step_names.AUTHORIZE)
    )
    story.when(CHECKOUTS.on_reply, stock_released())
    story.when(CHECKOUTS.on_reply, cart_unlocked()).then(
        undone(step_names.LOCK_CART),
        checkout_failed(step_names.AUTHORIZE, "CHECKOUT_CANCELLED", "The customer cancelled the checkout."),
    )


def test_a_refund_is_recorded_on_the_payment_and_on_the_order() -> None:
    story = waiting_at(step_names.CONFIRM_STOCK, PLAIN).when(CHECKOUTS.on_reply, CONFIRMATION_REFUSED)
    code = "INSUFFICIENT_INVENTORY"
    story.when(gateway_answered, Operation.REFUND, Done("ref", 2000))
    story.then(
        payment.Refunded(**money("refund"), reason="given up"),
        all_refunded("given up"),
        undone(step_names.CAPTURE),
    )
    story.when(CHECKOUTS.on_reply, stock_released())
    story.when(CHECKOUTS.on_reply, cart_unlocked()).then(
        undone(step_names.LOCK_CART), checkout_failed(step_names.CONFIRM_STOCK, code)
    )


def test_a_refund_without_a_paid_order_is_taken_from_clearing() -> None:
    past = (it for it in history_until(step_names.CONFIRM_STOCK, PLAIN) if not isinstance(it, order.Paid))
    story = given(*past).claimed(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)
    story.when(CHECKOUTS.on_reply, CONFIRMATION_REFUSED)
    story.when(gateway_answered, Operation.REFUND, Done("ref", 2000))
    story.then(
        payment.Refunded(**money("refund"), reason="given up", against="clearing"), undone(step_names.CAPTURE)
    )


def test_a_refused_void_calls_an_operator_and_delays_no_other_compensation() -> None:
    story = waiting_at(step_names.AUTHORIZE, PLAIN).when(cancel_checkout, CHECKOUT)
    story.when(gateway_answered, Operation.VOID, REFUSED)
    story.then(operator(step_names.AUTHORIZE, "The gateway refuses to void."))
    story.then_timer(Operation.VOID, CHECKOUT, NOW + timedelta(minutes=1))
    story.when(CHECKOUTS.on_reply, stock_released()).then(undone(step_names.RESERVE_STOCK))
    story.when(CHECKOUTS.on_reply, cart_unlocked()).then(undone(step_names.LOCK_CART))


def test_other_compensations_do_not_hide_that_an_operator_is_needed() -> None:
    story = (
        waiting_at(step_names.AUTHORIZE)
        .when(cancel_checkout, CHECKOUT)
        .when(gateway_answered, Operation.VOID, REFUSED)
    )
    story.when(CHECKOUTS.on_reply, stock_released())
    assert status_of(story) == "needs_operator"
    story.when(gateway_answered, Operation.VOID, REFUSED, 1).then_nothing()
    story.when(gateway_answered, Operation.VOID, Done("ref", 2000))
    assert status_of(story) == "compensating"


@pytest.mark.parametrize("operation", [Operation.VOID, Operation.REFUND])
def test_a_void_or_refund_is_repeated_without_end(operation: Operation) -> None:
    story = waiting_at(step_names.AUTHORIZE).when(cancel_checkout, CHECKOUT)
    if operation is Operation.REFUND:
        story = waiting_at(step_names.CONFIRM_STOCK).when(CHECKOUTS.on_reply, CONFIRMATION_REFUSED)
    story.when(gateway_answered, operation, UNKNOWN, 10_000)
    story.then_timer(operation, CHECKOUT, NOW + timedelta(minutes=1), {"tries": 10_001})


def test_a_cancelled_free_checkout_makes_no_gateway_call() -> None:
    story = waiting_at(step_names.CONFIRM_PRICE, FREE).when(cancel_checkout, CHECKOUT)
    assert not [it for it in story.work.timers.values() if it]
