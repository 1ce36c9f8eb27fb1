"""A declined payment and another way to pay: one attempt after the other, each with keys of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from checkout_saga.checkout.domain.errors import NoPaymentWanted
from checkout_saga.checkout.schemas.views import show_checkout
from checkout_saga.checkout.use_cases.buying import PayAgain, cancel_checkout, confirm_action, pay_again
from checkout_saga.checkout.use_cases.payment_outcomes import payment_request, record_outcome
from checkout_saga.checkout.workflow import CHECKOUTS, DEADLINE
from checkout_saga.payments.domain.names import payment_id_of
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    Outcome,
    PaymentRequest,
)
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario
from tests.unit.checkout_saga.examples import CHECKOUT
from tests.unit.checkout_saga.paying import answer, asked, kinds, paying, seen

NO = Declined("INSUFFICIENT_FUNDS", "no")
CARD = PayAgain(CHECKOUT, "simulated", "card", "another token")
ACT = ActionNeeded("ref", url="https://gateway.example/3ds")


def declined_once(**fields: Any) -> Scenario:
    return answer(paying(max_attempts=2, **fields), Operation.AUTHORIZE, NO)


def test_after_a_declined_payment_the_checkout_waits_for_another_way_to_pay() -> None:
    story = declined_once()
    assert kinds(story) == [
        "payment.declined",
        "checkout.payment_declined",
        "checkout.waiting_began",
    ]
    view = show_checkout(seen(story))
    assert (view.status, view.action and view.action.kind) == ("requires_action", "new_payment_method")
    assert view.action is not None
    assert view.action.attempts_left == 1
    assert [it.code for it in view.attempts] == ["INSUFFICIENT_FUNDS"]


def test_without_more_attempts_a_declined_payment_ends_the_checkout_as_before() -> None:
    story = answer(paying(), Operation.AUTHORIZE, NO)
    assert "checkout.compensation_started" in kinds(story)
    assert "checkout.payment_declined" not in kinds(story)


def test_s3_nothing_that_is_known_to_be_declined_is_voided_or_refunded() -> None:
    story = declined_once().after(minutes=15).when(CHECKOUTS.on_deadline, CHECKOUT)
    assert not {kind for (_, kind), timer in story.work.timers.items() if timer}
    failure = seen(story).failure
    assert failure is not None
    assert failure.code == "INSUFFICIENT_FUNDS", "given up with the last code"


def test_s3_of_the_last_attempt_neither() -> None:
    story = declined_once().when(pay_again, CARD)
    story = answer(story, Operation.AUTHORIZE, NO)
    assert not {kind for (_, kind), timer in story.work.timers.items() if timer}
    assert seen(story).status == "compensating"


def test_another_way_to_pay_is_a_payment_of_its_own() -> None:
    story = declined_once().when(pay_again, CARD)
    story.then_timer(Operation.AUTHORIZE, CHECKOUT, NOW)
    request = asked(story, Operation.AUTHORIZE)
    assert request.payment_id == payment_id_of(CHECKOUT, 2)
    assert (request.key, request.payment_token) == (f"{CHECKOUT}:authorize:2", "another token")


def test_the_intent_of_an_attempt_is_as_old_as_its_own_first_call() -> None:
    """Not as the first attempt, and not as a later confirmation."""
    second = NOW + timedelta(minutes=3)
    story = paying(max_attempts=2)
    assert asked(story, Operation.AUTHORIZE).requested_at == NOW
    story = answer(story, Operation.AUTHORIZE, NO).after(minutes=3).when(pay_again, CARD)
    assert asked(story, Operation.AUTHORIZE).requested_at == second
    story = answer(story, Operation.AUTHORIZE, ACT).after(minutes=5).when(confirm_action, CHECKOUT)
    assert asked(story, Operation.CONFIRM).requested_at == second


def test_x25_a_declined_card_and_then_one_that_the_customer_confirms() -> None:
    keys: list[str] = []

    def said(story: Scenario, operation: Operation, outcome: Outcome) -> Scenario:
        keys.append(asked(story, operation).key)
        return answer(story, operation, outcome)

    story = said(paying(max_attempts=2), Operation.AUTHORIZE, NO).when(pay_again, CARD)
    story = said(story, Operation.AUTHORIZE, ACT).when(confirm_action, CHECKOUT)
    story = said(story, Operation.CONFIRM, Done("ref", 2000))
    story = said(story, Operation.CAPTURE, Done("ref", 2000))
    assert keys == [f"{CHECKOUT}:{it}" for it in ("authorize:1", "authorize:2", "confirm:2-1", "capture:1")]
    both = [[it.TYPE for it in story.world.past[payment_id_of(CHECKOUT, n)]] for n in (1, 2)]
    assert both == [
        ["payment.declined"],
        ["payment.action_required", "payment.authorized", "payment.captured"],
    ]
    assert not [it for it in story.world.past[CHECKOUT] if "void" in it.TYPE]


def test_what_a_declined_confirmation_leaves_is_voided_before_the_next_attempt() -> None:
    story = answer(paying(max_attempts=2), Operation.AUTHORIZE, ACT).when(confirm_action, CHECKOUT)
    story = answer(story, Operation.CONFIRM, Declined("PAYMENT_DECLINED", "no"))
    assert kinds(story) == ["payment.declined", "checkout.payment_declined"]
    assert asked(story, Operation.VOID).key == f"{CHECKOUT}:void:1"
    story.when(pay_again, CARD)
    assert isinstance(story.refusal, NoPaymentWanted)


def test_once_it_is_voided_the_checkout_waits() -> None:
    story = answer(paying(max_attempts=2), Operation.AUTHORIZE, ACT).when(confirm_action, CHECKOUT)
    story = answer(story, Operation.CONFIRM, Declined("PAYMENT_DECLINED", "no"))
    story = answer(story, Operation.VOID, Done("ref", 2000))
    assert kinds(story) == ["payment.voided", "checkout.waiting_began"]
    story.when(pay_again, CARD)
    assert asked(story, Operation.AUTHORIZE).attempt == 2


def test_a_payment_that_nobody_wants_is_refused() -> None:
    story = paying(max_attempts=2).when(pay_again, CARD)
    story.then_refused(NoPaymentWanted, checkout_status="processing")


def test_after_its_time_no_other_way_is_taken() -> None:
    declined_once().after(minutes=15).when(pay_again, CARD).then_refused(NoPaymentWanted)


def test_only_the_last_attempt_is_voided() -> None:
    story = declined_once().when(pay_again, CARD).when(cancel_checkout, CHECKOUT)
    assert asked(story, Operation.VOID).payment_id == payment_id_of(CHECKOUT, 2)
    assert asked(story, Operation.VOID).key == f"{CHECKOUT}:void:2"


def test_the_customer_has_time_to_choose_but_no_longer_than_the_cart_is_locked() -> None:
    def deadline_after(minutes: float) -> datetime | None:
        return seen(answer(paying(max_attempts=2).after(minutes=minutes), Operation.AUTHORIZE, NO)).deadline

    assert deadline_after(0) == NOW + timedelta(minutes=15)
    assert deadline_after(5) == NOW + timedelta(minutes=20)
    assert deadline_after(14) == NOW + timedelta(minutes=25)


def test_the_moved_deadline_moves_its_timer() -> None:
    story = answer(paying(max_attempts=2).after(minutes=5), Operation.AUTHORIZE, NO)
    story.then_timer(DEADLINE, CHECKOUT, NOW + timedelta(minutes=20))


def test_the_order_names_the_payment_and_the_method_of_the_attempt_that_paid() -> None:
    story = declined_once().when(pay_again, replace(CARD, payment_method="paypal"))
    story = answer(story, Operation.AUTHORIZE, Done("ref", 2000))
    (created,) = [it for it in story.work.facts if it.TYPE == "order.created"]
    said = created.model_dump()
    assert (said["payment_id"], said["payment_method"]) == (payment_id_of(CHECKOUT, 2), "paypal")


async def _no_request(operation: Operation, work: UnitOfWork) -> PaymentRequest | None:
    return await payment_request(CHECKOUT, operation, work)


def test_while_it_waits_no_call_is_made() -> None:
    declined_once().when(_no_request, Operation.AUTHORIZE).then_result(None)


async def _late(request: PaymentRequest, work: UnitOfWork) -> None:
    await record_outcome(request, Done("ref", 2000), 1, work)


def test_a_late_answer_of_an_earlier_attempt_is_ignored() -> None:
    first = asked(paying(max_attempts=2), Operation.AUTHORIZE)
    story = declined_once().when(pay_again, CARD).when(_late, first)
    story.then_nothing()
