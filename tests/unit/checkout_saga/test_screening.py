"""An attempt to pay is screened before the provider hears of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest

from checkout_saga.checkout.domain.actions import SCREEN
from checkout_saga.checkout.schemas.views import show_checkout
from checkout_saga.checkout.use_cases.buying import PayAgain, cancel_checkout, pay_again
from checkout_saga.checkout.use_cases.payment_outcomes import payment_request
from checkout_saga.checkout.use_cases.screening import attempt_to_screen, decide_attempt
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.operations.dry_run import public_fields
from checkout_saga.operations.triage import pending_calls
from checkout_saga.payments.domain.names import payment_id_of
from checkout_saga.payments.domain.operation import Declined, Done, Operation
from contracts.cart import RefusedRequest
from contracts.screening import Screening
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario
from tests.unit.checkout_saga.examples import CHECKOUT, PAYMENT
from tests.unit.checkout_saga.paying import answer, asked, kinds, paying, seen

VALUES = {"customer": UUID(int=1), "instrument": UUID(int=2), "device": UUID(int=3)}
ON, MONITOR = Screening(mode="on", values=VALUES), Screening(mode="monitor", values=VALUES)
DENIED = {"03-customer-attempts-deny": 10}
REVIEWED = {"04-customer-attempts-review": 5}
OK = Done("ref", 2000)


async def decide(counts: Mapping[str, int], work: UnitOfWork) -> None:
    attempt = await attempt_to_screen(CHECKOUT, work)
    assert attempt is not None
    await decide_attempt(attempt, counts, work)


def screened(counts: Mapping[str, int], screening: Screening = ON, **fields: Any) -> Scenario:
    return paying(screening=screening, **fields).when(decide, counts)


def timers(story: Scenario) -> set[str]:
    return {kind for (_, kind), it in story.work.timers.items() if it is not None}


def test_nothing_is_asked_of_the_provider_before_the_decision() -> None:
    story = paying(screening=ON).when(lambda _, work: payment_request(CHECKOUT, Operation.AUTHORIZE, work), 0)
    assert story.result is None


def test_an_allowed_payment_is_asked_for_in_the_save_that_records_the_decision() -> None:
    story = screened({})
    assert kinds(story) == ["checkout.screened"]
    assert timers(story) == {Operation.AUTHORIZE}
    assert asked(story, Operation.AUTHORIZE).key == f"{CHECKOUT}:authorize:1"
    story.when(lambda _, work: attempt_to_screen(CHECKOUT, work), None)
    story.then_result(None).then_no_timer(SCREEN, CHECKOUT)


def test_a_denied_payment_fails_without_a_call_and_names_no_rule() -> None:
    story = screened(DENIED)
    checkout = seen(story)
    assert checkout.failure is not None
    assert (checkout.failure.code, checkout.failure.detail) == (
        "PAYMENT_DECLINED",
        "The payment was declined.",
    )
    assert not timers(story) & {*Operation}
    assert [it.command.TYPE for it in story.work.sent] == [
        "offer.release_stock",
        "cart.unlock",
    ]


def test_a_denied_payment_leaves_no_further_attempt() -> None:
    assert seen(screened(DENIED, max_attempts=3)).failure is not None


def test_what_is_monitored_is_recorded_and_not_acted_on() -> None:
    story = screened(DENIED, MONITOR)
    assert kinds(story) == ["checkout.screened"]
    (fact,) = story.work.facts
    assert fact.model_dump(include={"decision", "enforced"}) == {"decision": "deny", "enforced": False}
    assert timers(story) == {Operation.AUTHORIZE}


def test_a_checkout_that_is_cancelled_before_the_decision_has_nothing_to_void() -> None:
    story = paying(screening=ON).when(cancel_checkout, CHECKOUT)
    assert "authorize_payment" not in str(story.work.facts[0].model_dump().get("undoing"))
    assert not timers(story) & {*Operation}
    story.then_no_timer(SCREEN, CHECKOUT)


def test_nothing_is_unknown_of_a_payment_that_is_not_screened_yet() -> None:
    assert list(pending_calls(seen(paying(screening=ON)), "demo")) == []
    assert [step for step, _ in pending_calls(seen(screened({})), "demo")] == ["authorize_payment"]


def test_operators_see_no_pseudonym_of_what_a_payment_is_recognised_by() -> None:
    started = paying(screening=ON).world.past[CHECKOUT][0]
    assert str(VALUES["device"]) in started.body().decode()
    shown = public_fields(started)
    assert shown["cart_id"] and "screening" not in shown


def test_the_next_attempt_is_screened_again_as_one_of_the_same_device() -> None:
    story = answer(screened({}, max_attempts=2), Operation.AUTHORIZE, Declined("PAYMENT_DECLINED", "no"))
    again = Screening(mode="on", values={"customer": UUID(int=1), "instrument": UUID(int=9)})
    story.when(pay_again, PayAgain(CHECKOUT, "simulated", "card", "sealed", screening=again))
    assert timers(story) == {SCREEN}
    attempt = seen(story).attempt_now
    assert attempt.screening is not None
    assert attempt.screening.values["device"] == UUID(int=3)
    story.when(decide, {})
    assert asked(story, Operation.AUTHORIZE).key == f"{CHECKOUT}:authorize:2"


async def reported(_: None, work: UnitOfWork) -> Sequence[RefusedRequest]:
    attempt = await attempt_to_screen(CHECKOUT, work)
    assert attempt is not None
    return attempt.refused


def test_what_the_cart_reports_of_the_address_belongs_to_the_first_attempt() -> None:
    guess = RefusedRequest(request_id=UUID(int=7), signal="bad_code", at=NOW)
    story = paying(screening=ON, refused=(guess,), max_attempts=2).when(reported, None)
    story.then_result([guess])
    story.when(decide, {})
    answer(story, Operation.AUTHORIZE, Declined("PAYMENT_DECLINED", "no"))
    story.when(pay_again, PayAgain(CHECKOUT, "simulated", "card", "sealed", screening=ON))
    story.when(reported, None).then_result(())


@pytest.mark.parametrize(
    ("operation", "outcome", "signal"),
    [
        pytest.param(Operation.AUTHORIZE, Declined("PAYMENT_DECLINED", "no"), "decline", id="declined"),
        pytest.param(Operation.CAPTURE, OK, "paid", id="paid"),
    ],
)
def test_what_became_of_a_payment_is_noted_in_the_save_that_records_it(
    operation: Operation, outcome: Done | Declined, signal: str
) -> None:
    story = screened({})
    if operation is Operation.CAPTURE:
        answer(story, Operation.AUTHORIZE, OK)
    answer(story, operation, outcome)
    ((_, arguments),) = story.work.statements
    assert arguments[:3] == ("demo", PAYMENT, signal)


def test_a_refused_capture_is_no_decline_of_the_customer() -> None:
    story = answer(screened({}), Operation.AUTHORIZE, OK)
    assert not answer(story, Operation.CAPTURE, Declined("CAPTURE_FAILED", "no")).work.statements


def test_nothing_is_noted_of_payments_that_are_not_screened() -> None:
    story = answer(paying(), Operation.AUTHORIZE, Declined("PAYMENT_DECLINED", "no"))
    assert not story.work.statements


def test_of_a_card_the_review_begins_once_it_is_authorized() -> None:
    story = screened(REVIEWED)
    assert timers(story) == {Operation.AUTHORIZE}
    answer(story, Operation.AUTHORIZE, OK)
    view = show_checkout(seen(story))
    assert (view.status, view.phase, view.failure) == ("needs_operator", "create_order", None)
    assert view.waiting_for is not None
    assert view.waiting_for.kind == "fraud_review"
    assert payment_id_of(CHECKOUT) == PAYMENT
    assert CHECKOUTS.workflow.step_of_call(seen(story), Operation.CAPTURE) is None
