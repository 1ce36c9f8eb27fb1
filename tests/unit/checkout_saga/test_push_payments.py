"""Pix and boleto: the money comes hours or days later, or too late, or twice as late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from checkout_saga.checkout.domain import step_names, waits
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.errors import NoActionRequired, TooManyPendingPayments
from checkout_saga.checkout.domain.index_keys import CART_SALE, PUSH_PAYMENT, push_payment_key
from checkout_saga.checkout.schemas.views import show_checkout
from checkout_saga.checkout.use_cases.attempts import PAYMENT_LOOK
from checkout_saga.checkout.use_cases.buying import (
    PayAgain,
    cancel_checkout,
    confirm_action,
    pay_again,
    start_checkout,
)
from checkout_saga.checkout.use_cases.expiring import (
    AUTHORIZATION_EXPIRY,
    give_up_authorization,
    watch_authorization,
)
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.operation import ActionNeeded, Declined, Done, Operation
from checkout_saga.settings import NEWEST
from checkout_saga.shop_settings.domain import settings_id
from contracts import cart, offer, reservation, settings
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import (
    CART,
    CHECKOUT,
    CUSTOMER,
    PAYMENT,
    SESSION,
    advanced,
    done,
    of_step,
)
from tests.unit.checkout_saga.paying import (
    answer,
    asked,
    deadline,
    kinds,
    look,
    look_due,
    paying,
    seen,
)
from tests.unit.checkout_saga.test_forward import START

PIX = ActionNeeded("ref", "pix", sealed="sealed code")
BOLETO = ActionNeeded("ref", "boleto", sealed="sealed number")
PAID = Done("ref", 2000, captured=True)
STEP = step_names.AUTHORIZE
MINUTE = 60


def pix(**fields: Any) -> Scenario:
    """The customer knows how to pay by pix."""
    until = NOW + timedelta(minutes=30)
    story = paying(payment_method="pix", payment_token="", pay_until=until, place=0, **fields)
    return answer(story, Operation.AUTHORIZE, PIX)


def test_the_instructions_make_the_checkout_wait_and_hold_what_it_needs() -> None:
    story = pix()
    assert kinds(story)[0] == "payment.action_required"
    until = NOW + timedelta(minutes=55)
    story.then_sent(
        cart.Hold(**of_step(STEP), cart_id=CART, until=until, detach=True),
        offer.ExtendReservation(**of_step(STEP), until=until),
    )
    view = show_checkout(seen(story))
    assert (view.status, view.waiting_for and view.waiting_for.kind) == ("requires_action", "payment")
    assert view.action is not None
    assert (view.action.kind, view.action.until) == ("pix", NOW + timedelta(minutes=30))


def test_a_shop_may_leave_the_stock_to_others_meanwhile() -> None:
    changed = settings.Changed(**stamp(settings_id("demo")), hold_stock={"pix": False})
    until = NOW + timedelta(minutes=30)
    story = paying(payment_method="pix", payment_token="", pay_until=until)
    story.world.record(changed)
    answer(story, Operation.AUTHORIZE, PIX)
    assert [it.command.TYPE for it in story.work.sent] == ["cart.hold"]


def test_x27_a_pix_expires_after_half_an_hour_and_is_waited_for_ten_minutes_longer() -> None:
    assert waits.pay_until("pix", NOW, 30, 3) == NOW + timedelta(minutes=30)
    story = pix()
    assert deadline(story) == 40 * MINUTE
    assert seen(story).held_until == NOW + timedelta(minutes=55)
    looks = []
    while (due := look_due(story)) is not None:
        looks.append(due / MINUTE)
        story = look(story.at(NOW + timedelta(seconds=due)), PIX)
    assert looks == [1, 2, 5, 10, 20, 30]


def test_x27_money_in_time_is_one_save_up_to_the_sale_of_the_stock() -> None:
    story = look(pix().after(minutes=29.5), PAID)
    assert kinds(story) == [
        "payment.authorized",
        "payment.captured",
        "order.created",
        "order.paid",
        "customer.profile_changed",
        "checkout.deadline_moved",
        "checkout.advanced",
    ]
    authorized, captured = story.world.past[PAYMENT][-2:]
    assert (authorized.model_dump()["key"], captured.model_dump()["key"]) == (
        f"{CHECKOUT}:authorize:1",
        f"{CHECKOUT}:authorize:1",
    )
    done = [it.step for it in story.work.facts if it.TYPE == "checkout.advanced" for it in it.done]  # type: ignore[attr-defined]
    assert done == [step_names.AUTHORIZE, step_names.CREATE_ORDER, step_names.CAPTURE]
    assert [it.command.TYPE for it in story.work.sent] == ["cart.hold", "offer.confirm_stock"]
    story.then_holds(CART_SALE, str(CART), CHECKOUT)
    assert not {kind for (_, kind), it in story.work.timers.items() if it and kind in set(Operation)}


def test_x27_money_that_the_void_finds_is_refunded_and_never_becomes_an_order() -> None:
    story = pix().after(minutes=40).when(CHECKOUTS.on_deadline, CHECKOUT)
    story = answer(story, Operation.VOID, Declined("ALREADY_CAPTURED", "no"))
    assert kinds(story) == ["payment.authorized", "payment.captured", "checkout.money_arrived_late"]
    refund = asked(story, Operation.REFUND)
    assert (refund.key, refund.amount) == (f"{CHECKOUT}:refund:1", 2000)
    story = answer(story, Operation.REFUND, Done("ref", 2000))
    (refunded,) = [it for it in story.work.facts if it.TYPE == "payment.refunded"]
    assert refunded.model_dump()["against"] == "clearing"
    assert not any(it.TYPE.startswith("order.") for stream in story.world.past.values() for it in stream)


def test_money_that_a_look_sees_only_after_the_deadline_is_refunded() -> None:
    story = look(pix().after(minutes=41), PAID)
    assert "order.created" not in kinds(story)
    story.then_timer(Operation.REFUND, CHECKOUT, story.now)


def test_x28_a_boleto_may_be_paid_until_the_end_of_a_day_in_brazil() -> None:
    begun = datetime(2026, 3, 2, 14, tzinfo=UTC)
    expires = waits.pay_until("boleto", begun, 30, 3)
    assert expires == datetime(2026, 3, 6, 2, 59, 59, tzinfo=UTC)
    story = paying(
        payment_method="boleto",
        payment_token="",
        pay_until=expires,
        started_at=begun,
        expires_at=begun + SESSION,
    ).at(begun)
    story = answer(story, Operation.AUTHORIZE, BOLETO)
    checkout = seen(story)
    assert checkout.deadline == datetime(2026, 3, 9, 2, 59, 59, tzinfo=UTC)
    assert checkout.held_until == datetime(2026, 3, 9, 3, 14, 59, tzinfo=UTC)
    assert look_due(story) == (begun + timedelta(hours=1) - NOW).total_seconds()
    story = look(story.at(begun + timedelta(hours=48)), PAID)
    assert "order.paid" in kinds(story)


@pytest.mark.parametrize("hour", [2, 3])
def test_the_day_of_a_boleto_is_the_day_in_brazil(hour: int) -> None:
    """At 02:59 UTC it is still yesterday there."""
    expires = waits.pay_until("boleto", datetime(2026, 3, 2, hour, 59, tzinfo=UTC), 30, 1)
    assert expires == datetime(2026, 3, hour + 1, 2, 59, 59, tzinfo=UTC)


def test_s12_captured_money_is_refunded_and_never_voided() -> None:
    story = look(pix(), PAID)
    refused = reservation.ConfirmationRefused(
        **stamp(CHECKOUT), **of_step(step_names.CONFIRM_STOCK), code="INSUFFICIENT_INVENTORY", detail="no"
    )
    story.when(CHECKOUTS.on_reply, refused)
    calls = {kind for (_, kind), it in story.work.timers.items() if it and kind in set(Operation)}
    assert calls == {Operation.REFUND}


def test_s12_also_if_another_checkout_has_bought_the_cart_meanwhile() -> None:
    story = pix().claimed(CART_SALE, str(CART), UUID(int=0xC1))
    story = look(story, PAID)
    assert "order.paid" not in kinds(story)
    assert seen(story).status == "compensating"
    calls = {kind for (_, kind), it in story.work.timers.items() if it and kind in set(Operation)}
    assert calls == {Operation.REFUND}


def test_stock_that_cannot_be_held_longer_ends_the_checkout() -> None:
    refused = reservation.ExtensionRefused(
        **stamp(CHECKOUT), **of_step(STEP), code="INSUFFICIENT_INVENTORY", detail="no", until=NOW
    )
    story = pix().when(CHECKOUTS.on_reply, refused)
    story.then_timer(Operation.VOID, CHECKOUT, NOW)
    story = look(pix(), PAID).when(CHECKOUTS.on_reply, refused)
    story.then_nothing()


def test_a_cancelled_pix_is_cancelled_at_the_provider() -> None:
    pix().when(cancel_checkout, CHECKOUT).then_timer(Operation.VOID, CHECKOUT, NOW)


def test_a_customer_who_says_they_have_paid_makes_the_checkout_look_at_once() -> None:
    story = pix().after(seconds=10).when(confirm_action, CHECKOUT).then_nothing()
    story.then_timer(PAYMENT_LOOK, PAYMENT, story.now)


def test_a_pix_that_is_declined_is_voided_and_another_way_is_asked_for() -> None:
    story = look(pix(max_attempts=2), Declined("PAYMENT_DECLINED", "expired"))
    story = answer(story, Operation.VOID, Done("ref", 0))
    view = show_checkout(seen(story))
    assert view.action is not None
    assert view.action.kind == "new_payment_method"
    card = PayAgain(CHECKOUT, "simulated", "card", "sealed")
    story.when(pay_again, card)
    assert asked(story, Operation.AUTHORIZE).method == "card"
    story.then_holds(PUSH_PAYMENT, push_payment_key(CUSTOMER, 0), None)


def test_money_that_comes_while_a_declined_pix_is_voided_is_refunded() -> None:
    story = look(pix(max_attempts=2), Declined("PAYMENT_DECLINED", "expired"))
    story = answer(story, Operation.VOID, Declined("ALREADY_CAPTURED", "no"))
    assert seen(story).status == "compensating"
    story.then_timer(Operation.REFUND, CHECKOUT, story.now)


def test_at_most_two_checkouts_of_a_customer_wait_for_such_payments() -> None:
    story = given()
    for number in range(1, 4):
        command = START.__class__(
            **{
                **{it: getattr(START, it) for it in START.__slots__},
                "checkout_id": UUID(int=number),
                "payment_method": "pix",
            }
        )
        story.when(start_checkout, command, SESSION, NEWEST)
    story.then_refused(TooManyPendingPayments)


def test_without_instructions_there_is_nothing_to_confirm() -> None:
    paying(payment_method="pix").when(confirm_action, CHECKOUT).then_refused(NoActionRequired)


def test_an_authorization_that_ends_too_soon_is_not_captured() -> None:
    ends = NOW + timedelta(seconds=59)
    story = answer(paying(), Operation.AUTHORIZE, Done("ref", 2000, capture_before=ends))
    failure = seen(story).failure
    assert failure is not None
    assert failure.code == "CAPTURE_FAILED"
    story.then_timer(Operation.VOID, CHECKOUT, NOW)


def test_a_checkout_that_waits_too_long_with_an_authorization_gives_it_up() -> None:
    ends = NOW + timedelta(days=7)
    held = done(STEP, reference="ref", capture_before=ends.isoformat())
    story = paying()
    version = len(story.world.past[CHECKOUT]) + 1
    story.world.record(advanced(done=[held]).model_copy(update={"originator_version": version}))
    story.when(_watched, None).then_timer(AUTHORIZATION_EXPIRY, PAYMENT, ends - timedelta(hours=1))
    story.at(ends - timedelta(hours=1)).when(_ended, None)
    story.then_timer(Operation.VOID, CHECKOUT, story.now)
    failure = seen(story).failure
    assert failure is not None
    assert failure.code == "CAPTURE_FAILED"


async def _watched(_: object, work: UnitOfWork) -> None:
    watch_authorization(await work.open(Checkout, CHECKOUT), work)


async def _ended(_: object, work: UnitOfWork) -> None:
    await give_up_authorization(PAYMENT, CHECKOUT, work)


def test_once_the_capture_has_begun_no_authorization_is_given_up() -> None:
    ends = NOW + timedelta(days=7)
    story = answer(paying(), Operation.AUTHORIZE, Done("ref", 2000, capture_before=ends))
    assert not [it for (_, kind), it in story.work.timers.items() if kind == AUTHORIZATION_EXPIRY]
    story.when(_ended, None).then_nothing()


def test_one_that_lasts_longer_is_captured() -> None:
    ends = NOW + timedelta(seconds=60)
    story = answer(paying(), Operation.AUTHORIZE, Done("ref", 2000, capture_before=ends))
    story.then_timer(Operation.CAPTURE, CHECKOUT, NOW)
