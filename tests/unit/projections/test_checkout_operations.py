"""Operational figures: failures, compensations, open and stuck checkouts, durations."""

from __future__ import annotations

from datetime import UTC, date, datetime

from projections.models.checkout_operations.model import CHECKOUT_OPERATIONS, Checkout
from tests.support.purchases import Purchase
from tests.unit.projections.expected_rows import facts_of, table

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY = date(2026, 1, 31)


def state_of(purchase: Purchase) -> Checkout:
    state = Checkout()
    for event in purchase.happened:
        if event.fact.TYPE in CHECKOUT_OPERATIONS.types:
            CHECKOUT_OPERATIONS.fold(state, event.fact, event.occurred_at, event.fact.timestamp)  # type: ignore[arg-type]  # filtered by type
    return state


def test_a_failure_is_counted_by_phase_and_code_with_every_compensation() -> None:
    purchase = Purchase(1, NOON).begin().lock().compensate("reserve_stock").compensate("lock_cart")
    purchase.fail("authorize_payment", "PAYMENT_DECLINED")
    assert table(CHECKOUT_OPERATIONS, facts_of(purchase)) == {
        ("demo", DAY, "failure", "authorize_payment", "PAYMENT_DECLINED"): (1,),
        ("demo", DAY, "compensation", "reserve_stock", ""): (1,),
        ("demo", DAY, "compensation", "lock_cart", ""): (1,),
    }


def test_a_duration_is_from_the_recorded_start_to_the_recorded_completion() -> None:
    purchase = Purchase(1, NOON).begin()
    purchase.later(seconds=2).complete()
    assert state_of(purchase).duration_ms == 2010


def test_a_checkout_is_open_until_it_has_ended() -> None:
    assert not state_of(Purchase(1, NOON).begin().lock()).ended
    assert state_of(Purchase(2, NOON).bought()).ended
    assert state_of(Purchase(3, NOON).begin().fail("lock_cart", "EMPTY_CART")).ended


def test_a_checkout_is_stuck_until_the_step_that_needs_an_operator_is_compensated() -> None:
    purchase = Purchase(1, NOON).begin().ask_operator("capture_payment")
    assert state_of(purchase).stuck
    assert not state_of(purchase.compensate("capture_payment")).stuck


def test_compensating_another_step_leaves_the_checkout_stuck() -> None:
    purchase = Purchase(1, NOON).begin().ask_operator("authorize_payment").compensate("lock_cart")
    assert state_of(purchase).stuck == ["authorize_payment"]


def test_a_compensated_checkout_has_the_same_row_in_the_present_and_the_older_form_of_its_facts() -> None:
    """The version is raised all the same: code from before `checkout.advanced` has skipped such facts."""
    older, present = (Purchase(1, NOON).begin().lock().ask_operator("authorize_payment") for _ in range(2))
    older.compensate("authorize_payment").compensate("reserve_stock").compensate("lock_cart")
    present.advance(begun=("authorize_payment",), done=("reserve_stock",)).advance("authorize_payment")
    present.advance("reserve_stock", "lock_cart")
    assert state_of(present) == state_of(older)
    for purchase in (older, present):
        purchase.fail("authorize_payment", "PAYMENT_DECLINED")
    assert table(CHECKOUT_OPERATIONS, facts_of(present)) == table(CHECKOUT_OPERATIONS, facts_of(older))


def test_a_step_that_is_done_after_all_leaves_the_checkout_stuck_until_it_ends() -> None:
    purchase = Purchase(1, NOON).begin().ask_operator("capture_payment")
    assert state_of(purchase.advance(done=("capture_payment",))).stuck


def test_what_waits_for_a_payment_of_days_gets_that_much_more_time() -> None:
    purchase = Purchase(1, NOON).begin().ask_operator("authorize_payment").wait("authorize_payment", days=3)
    waiting = state_of(purchase)
    assert waiting.extended_ms == 3 * 24 * 60 * 60 * 1000
    assert not waiting.stuck
