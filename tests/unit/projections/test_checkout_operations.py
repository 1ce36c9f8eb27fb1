"""Operational figures: failures, compensations, open and stuck checkouts, durations."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from projections.models.checkout_operations.model import CHECKOUT_OPERATIONS, Checkout
from projections.models.checkout_operations.routes import durations, percentile
from tests.support.purchases import Purchase
from tests.unit.projections.expected_rows import facts_of, table

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY = date(2026, 1, 31)


def state_of(purchase: Purchase) -> Checkout:
    state = Checkout()
    for event in purchase.happened:
        if event.fact.TYPE in CHECKOUT_OPERATIONS.types:
            CHECKOUT_OPERATIONS.fold(state, event.fact, event.occurred_at)  # type: ignore[arg-type]  # filtered by type
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


def test_a_percentile_is_one_of_the_observed_durations() -> None:
    counts = {10: 98, 50: 1, 900: 1}
    assert [percentile(counts, percent) for percent in (50, 95, 99, 100)] == [10, 10, 50, 900]
    assert percentile({}, 50) is None


@given(st.dictionaries(st.integers(0, 400_000), st.integers(1, 9)))
def test_the_histogram_is_cumulative_and_its_last_bucket_counts_all(counts: dict[int, int]) -> None:
    histogram = durations(counts).histogram
    cumulative = [bucket.count for bucket in histogram]
    assert cumulative == sorted(cumulative)
    assert (histogram[-1].le, cumulative[-1]) == (None, sum(counts.values()))
    for bucket in histogram[:-1]:
        assert bucket.le is not None
        assert bucket.count == sum(n for ms, n in counts.items() if ms <= bucket.le)
