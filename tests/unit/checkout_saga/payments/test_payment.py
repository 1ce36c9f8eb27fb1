"""What a provider has answered is recorded once, however often it is reported."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.domain.payment import Payment, PaymentStatus
from checkout_saga.payments.use_cases import record_on_payment
from contracts import payment
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import Scenario, given
from tests.unit.checkout_saga.examples import PAYMENT, money, request

PAGE = "https://bank.example"
AUTHORIZED = payment.Authorized(**money("authorize"))
CAPTURED = payment.Captured(**money("capture"))
DONE = Done("ref", 2000)
NO = Declined("CAPTURE_FAILED", "no")


async def answered(asked: PaymentRequest, work: UnitOfWork, outcome: Outcome) -> Payment:
    return await record_on_payment(asked, outcome, work)


def captured() -> Scenario:
    return given(AUTHORIZED, CAPTURED)


@pytest.mark.parametrize(
    ("past", "operation", "outcome", "fact"),
    [
        ((), Operation.AUTHORIZE, DONE, AUTHORIZED),
        ((AUTHORIZED,), Operation.CAPTURE, DONE, CAPTURED),
        (
            (AUTHORIZED,),
            Operation.CAPTURE,
            NO,
            payment.Declined(**money("capture", reference=None), operation="capture", code="CAPTURE_FAILED"),
        ),
        (
            (),
            Operation.AUTHORIZE,
            ActionNeeded("ref", url=PAGE),
            payment.ActionRequired(**money("authorize"), url=PAGE),
        ),
        ((AUTHORIZED,), Operation.VOID, DONE, payment.Voided(**money("void"))),
        (
            (AUTHORIZED, CAPTURED),
            Operation.REFUND,
            DONE,
            payment.Refunded(**money("refund"), reason="given up"),
        ),
    ],
    ids=["authorized", "captured", "declined", "action required", "voided", "refunded"],
)
def test_an_outcome_is_recorded_once(
    past: tuple[payment.PaymentFact, ...],
    operation: Operation,
    outcome: Outcome,
    fact: payment.PaymentFact,
) -> None:
    story = given(*past).when(answered, request(operation), outcome).then(fact)
    story.when(answered, request(operation), outcome).then_nothing()


def test_a_voided_payment_is_not_authorized_again() -> None:
    voided = payment.Voided(**money("void"))
    given(AUTHORIZED, voided).when(answered, request(Operation.AUTHORIZE), DONE).then_nothing()


def test_a_refund_that_the_provider_paid_under_two_references_counts_twice() -> None:
    story = captured().when(answered, request(Operation.REFUND), Done("one", 2000))
    story.when(answered, request(Operation.REFUND), Done("two", 2000))
    story.then(payment.Refunded(**money("refund", reference="two"), reason="given up"))


def test_each_return_of_the_customer_may_be_asked_for_another_action() -> None:
    story = given().when(answered, request(Operation.AUTHORIZE), ActionNeeded("ref", url=PAGE))
    story.when(answered, request(Operation.CONFIRM, 2), ActionNeeded("ref", url=PAGE))
    story.then(payment.ActionRequired(**money("confirm", intent=2), url=PAGE))


@pytest.mark.parametrize(
    ("operation", "outcome"),
    [
        (Operation.CAPTURE, Unknown("silence")),
        (Operation.VOID, NO),
        (Operation.REFUND, NO),
        (Operation.VOID, ActionNeeded("ref", url=PAGE)),
    ],
)
def test_an_unknown_outcome_and_a_way_back_that_is_not_performed_change_nothing(
    operation: Operation, outcome: Outcome
) -> None:
    captured().when(answered, request(operation), outcome).then_nothing()


def test_what_a_void_lets_go_is_the_amount_that_the_provider_reports() -> None:
    story = given(AUTHORIZED).when(answered, request(Operation.VOID), Done("ref", 0))
    story.then(payment.Voided(**{**money("void"), "amount": 0}))


def test_a_payment_records_the_provider_of_its_request() -> None:
    elsewhere = replace(request(Operation.AUTHORIZE), gateway="elsewhere")
    fields = {**money("authorize"), "gateway": "elsewhere"}
    given().when(answered, elsewhere, DONE).then(payment.Authorized(**fields))


def test_a_payment_without_facts_has_a_whole_state() -> None:
    empty = Payment.empty(PAYMENT)

    assert (empty.status, empty.captured, empty.gateway) == (PaymentStatus.NONE, 0, "")
