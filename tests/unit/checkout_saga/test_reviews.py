"""People look at a payment before anything is sold: they let it pass, also in part, or decline it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from checkout_saga.checkout.domain.errors import NotRemovable, ReviewClosed, ReviewNotFound
from checkout_saga.checkout.domain.index_keys import OPEN_REVIEW, review_key
from checkout_saga.checkout.domain.removed_lines import without_lines
from checkout_saga.checkout.schemas.views import show_checkout
from checkout_saga.checkout.use_cases.buying import cancel_checkout
from checkout_saga.checkout.use_cases.expiring import AUTHORIZATION_EXPIRY, give_up_authorization
from checkout_saga.checkout.use_cases.recovery import resume_checkout
from checkout_saga.checkout.use_cases.reviewing import (
    DecideReview,
    decide_review,
    end_review,
    open_reviews,
)
from checkout_saga.checkout.workflow import CHECKOUTS, DEADLINE, REVIEW_END
from checkout_saga.payments.domain.operation import ActionNeeded, Declined, Done, Operation
from checkout_saga.shop_settings.domain import settings_id
from contracts import cart, offer, settings
from contracts.offer import Wanted
from contracts.order import Breakdown
from contracts.sale import AppliedDiscount, Sale, SaleLine, Shipping, Totals
from kernel.unit_of_work import UnitOfWork
from pricing.refunds import breakdown, charged
from tests.support.scenario import NOW, Scenario, stamp
from tests.unit.checkout_saga.examples import (
    BOOK,
    CART,
    CHECKOUT,
    ORDER,
    PAYMENT,
    PEN,
    PLAIN,
    of_step,
)
from tests.unit.checkout_saga.paying import answer, asked, deadline, kinds, look, paying, seen
from tests.unit.checkout_saga.test_screening import ON, REVIEWED, decide, timers

HOUR = 3600
REASON = "called the customer"
PIX = ActionNeeded("ref", "pix", sealed="sealed code")


def in_review(capture_before: datetime | None = None, **fields: Any) -> Scenario:
    """A card that is authorized, and waits for people."""
    story = paying(screening=ON, **fields).when(decide, REVIEWED)
    return answer(story, Operation.AUTHORIZE, Done("ref", 2000, capture_before=capture_before))


def decided(story: Scenario, decision: str, *removed: str) -> Scenario:
    return story.when(decide_review, DecideReview(CHECKOUT, decision, REASON, removed))


def after(story: Scenario, **changed: Any) -> Scenario:
    story.world.record(settings.Changed(**stamp(settings_id("demo")), **changed))
    return story


def test_a_review_has_a_day_and_what_is_sold_is_held_meanwhile() -> None:
    story = in_review()
    assert deadline(story) == 24 * HOUR + 600
    until = NOW + timedelta(hours=24, minutes=25)
    story.then_sent(
        cart.Hold(**of_step("authorize_payment"), cart_id=CART, until=until, detach=False),
        offer.ExtendReservation(**of_step("authorize_payment"), until=until),
    )
    story.then_timer(REVIEW_END, CHECKOUT, NOW + timedelta(hours=24))
    story.then_holds(OPEN_REVIEW, review_key(seen(story)), CHECKOUT)
    assert [it.id for it in story.when(lambda _, work: open_reviews(work), None).result] == [CHECKOUT]


def test_a_review_ends_an_hour_before_the_authorization() -> None:
    story = in_review(capture_before=NOW + timedelta(hours=5))
    story.then_timer(REVIEW_END, CHECKOUT, NOW + timedelta(hours=4))
    story.then_timer(AUTHORIZATION_EXPIRY, PAYMENT, NOW + timedelta(hours=4))
    give_up = lambda _, work: give_up_authorization(PAYMENT, CHECKOUT, work)  # noqa: E731
    story.after(hours=4).when(give_up, None).then_nothing()


def test_an_approved_payment_goes_on_to_its_order_and_its_capture() -> None:
    story = decided(in_review().after(hours=20), "approve")
    assert kinds(story) == [
        "order.created",
        "checkout.review_decided",
        "checkout.deadline_moved",
        "checkout.advanced",
    ]
    assert timers(story) == {Operation.CAPTURE, DEADLINE}
    assert asked(story, Operation.CAPTURE).amount == 2000
    story.then_no_timer(REVIEW_END, CHECKOUT)


def test_a_card_whose_money_has_arrived_already_is_reviewed_as_well() -> None:
    story = paying(screening=ON).when(decide, REVIEWED)
    answer(story, Operation.AUTHORIZE, Done("ref", 2000, captured=True))
    assert seen(story).in_review
    assert not story.world.past[ORDER]
    story.then_timer(REVIEW_END, CHECKOUT, NOW + timedelta(hours=24))
    assert kinds(decided(story, "approve"))[0] == "order.created"


def test_an_approval_after_the_deadline_comes_too_late() -> None:
    """Also before the timer of the deadline has run: what was held is not held any more."""
    story = decided(in_review().after(hours=24, minutes=10), "approve")
    failure = seen(story).failure
    assert failure is not None and failure.code == "CHECKOUT_SESSION_EXPIRED"
    assert timers(story) == {Operation.VOID}
    assert not story.world.past[ORDER]


def test_the_fact_says_who_has_decided_and_why() -> None:
    story = decided(in_review(), "approve")
    fact = story.world.past[CHECKOUT][-3]
    assert fact.model_dump(include={"decision", "operator", "reason", "removed_lines"}) == {
        "decision": "approve",
        "operator": "tester",
        "reason": REASON,
        "removed_lines": (),
    }


def test_what_the_provider_announces_meanwhile_does_not_end_the_review() -> None:
    """Also of a card that the customer has confirmed before."""
    story = paying(screening=ON).when(decide, REVIEWED)
    answer(story, Operation.AUTHORIZE, ActionNeeded("ref", "redirect", url="https://bank.example"))
    look(story, Done("ref", 2000))
    assert show_checkout(seen(story)).action is None
    look(story, Done("ref", 2000)).then_nothing()
    assert seen(story).in_review


@pytest.mark.parametrize("by_time", [False, True], ids=["by people", "by the end of its time"])
def test_a_declined_payment_is_voided_and_leaves_no_order(*, by_time: bool) -> None:
    story = in_review().after(hours=24)
    if by_time:
        story.when(lambda _, work: end_review(CHECKOUT, work), None)
    else:
        decided(story, "decline")
    checkout = seen(story)
    assert checkout.failure is not None
    assert (checkout.failure.code, checkout.failure.detail) == (
        "PAYMENT_DECLINED",
        "The payment was declined.",
    )
    assert timers(story) == {Operation.VOID}
    assert not story.world.past[ORDER]
    story.then_holds(OPEN_REVIEW, review_key(checkout), None)


def test_a_shop_may_let_payments_pass_of_which_nothing_was_decided_in_time() -> None:
    story = after(in_review(), review_timeout="approve").after(hours=24)
    story.when(lambda _, work: end_review(CHECKOUT, work), None)
    assert timers(story) == {Operation.CAPTURE, DEADLINE}
    story.after(minutes=1).when(lambda _, work: end_review(CHECKOUT, work), None).then_nothing()


def test_a_push_payment_is_reviewed_before_the_customer_can_pay_and_has_its_whole_time_then() -> None:
    until = NOW + timedelta(minutes=30)
    story = paying(screening=ON, payment_method="pix", payment_token="", pay_until=until, place=0).when(
        decide, REVIEWED
    )
    assert seen(story).in_review
    assert not timers(story) & {*Operation}
    decided(story.after(hours=2), "approve")
    assert asked(story, Operation.AUTHORIZE).expires_at == NOW + timedelta(hours=2, minutes=30)
    assert answer(story, Operation.AUTHORIZE, PIX)
    assert seen(story).action is not None


def test_a_push_payment_that_is_declined_was_never_asked_for() -> None:
    until = NOW + timedelta(minutes=30)
    story = paying(screening=ON, payment_method="pix", payment_token="", pay_until=until, place=0).when(
        decide, REVIEWED
    )
    assert not timers(decided(story, "decline")) & {*Operation}


def test_removed_lines_are_neither_ordered_nor_captured_nor_sold() -> None:
    story = decided(in_review(), "approve", "b")
    (created,) = story.world.past[ORDER]
    assert [it["line_id"] for it in created.model_dump()["sale"]["lines"]] == ["a", "c"]
    assert asked(story, Operation.CAPTURE).amount == 1000
    answer(story, Operation.CAPTURE, Done("cap", 1000))
    story.then_sent(
        offer.ConfirmStock(**of_step("confirm_stock"), wanted=(Wanted(product_id=PEN, quantity=5),))
    )
    payment = story.world.past[PAYMENT][-1]
    assert payment.model_dump(include={"amount"}) == {"amount": 1000}


def test_a_capture_of_removed_lines_that_is_refused_is_voided_with_the_whole_hold() -> None:
    story = decided(in_review(), "approve", "b")
    answer(story, Operation.CAPTURE, Declined("CAPTURE_FAILED", "no"))
    assert Operation.VOID in timers(story)
    assert "offer.release_stock" in [it.command.TYPE for it in story.work.sent]


@pytest.mark.parametrize(
    "removed",
    [pytest.param(("a", "b", "c"), id="all"), pytest.param(("x",), id="an unknown one")],
)
def test_not_all_lines_and_none_that_is_not_there_can_be_removed(removed: tuple[str, ...]) -> None:
    decided(in_review(), "approve", *removed).then_refused(NotRemovable)


def test_review_not_found_is_the_answer_for_a_checkout_that_was_never_in_review() -> None:
    decided(paying(), "approve").then_refused(ReviewNotFound)


@pytest.mark.parametrize("end", ["decided", "cancelled"])
def test_review_closed_is_the_answer_once_it_has_ended(end: str) -> None:
    story = in_review()
    if end == "decided":
        decided(story, "approve")
    else:
        story.when(cancel_checkout, CHECKOUT)
    decided(story, "decline").then_refused(ReviewClosed)


def test_a_cancelled_checkout_leaves_the_list_of_reviews() -> None:
    """At once, although the payment is still to be voided."""
    story = in_review().when(cancel_checkout, CHECKOUT)
    checkout = seen(story)
    assert not checkout.ended
    story.then_holds(OPEN_REVIEW, review_key(checkout), None).then_no_timer(REVIEW_END, CHECKOUT)
    assert list(story.when(lambda _, work: open_reviews(work), None).result) == []


def test_a_recovered_review_is_listed_and_ends_at_its_time() -> None:
    story = in_review()
    story.world.claims.clear()

    async def resume(_: None, work: UnitOfWork) -> None:
        await resume_checkout(await work.open(CHECKOUTS.workflow.kind, CHECKOUT), work)

    story.when(resume, None).then_timer(REVIEW_END, CHECKOUT, NOW + timedelta(hours=24))
    story.then_holds(OPEN_REVIEW, review_key(seen(story)), CHECKOUT)
    assert {it.command.TYPE for it in story.work.sent} == {"cart.hold", "offer.extend_reservation"}


def test_x16_the_order_and_the_capture_are_without_the_removed_line() -> None:
    """Three L1 at 19.99, two L2 at 12.50 and an L3 at 49.99, 10 % off all, 8.875 % of tax on all but L3."""
    lines = tuple(
        SaleLine(
            line_id=line_id,
            product_id=PEN,
            product_type="physical",
            sku=line_id,
            name="it",
            quantity=quantity,
            unit_price=price,
            discount=discount,
            tax=tax,
            total=quantity * price - discount + tax,
        )
        for line_id, quantity, price, discount, tax in (
            ("L1", 3, 1999, 600, 479),
            ("L2", 2, 1250, 250, 200),
            ("L3", 1, 4999, 500, 0),
        )
    )
    off = AppliedDiscount(
        promotion_id=BOOK, kind="percentage", amount=1350, allocation={"L1": 600, "L2": 250, "L3": 500}
    )
    sale = Sale(
        currency="USD",
        lines=lines,
        discounts=(off,),
        totals=Totals(subtotal=13496, discount=1350, shipping=799, tax=750, total=13695),
        shipping=Shipping(name="post", price=799, tax=71, total=870),
    )
    left = without_lines(sale, {"L3"})
    assert left.totals == Totals(subtotal=8497, discount=850, shipping=799, tax=750, total=9196)
    assert left.discounts[0].allocation == {"L1": 600, "L2": 250}
    assert left.discounts[0].amount == 850
    assert breakdown(charged(left)) == Breakdown(items=7647, shipping=799, tax=750)


def test_a_sale_without_a_line_is_the_sum_of_its_other_lines() -> None:
    left = without_lines(PLAIN, {"b"})
    assert (left.totals.subtotal, left.totals.total) == (1000, sum(it.total for it in left.lines))
    assert BOOK not in {it.product_id for it in left.lines}
