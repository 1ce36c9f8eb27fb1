"""What operators see of checkouts."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from projections.adapters.http.checkout_operations import durations, percentile
from projections.read_models.checkout_operations import CHECKOUT_OPERATIONS, Checkout
from tests.support.purchases import Purchase
from tests.unit.projections.expected_rows import happened, table

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY = date(2026, 1, 31)


def state_of(purchase: Purchase) -> Checkout:
    state = Checkout()
    for it in purchase.happened:
        if it.fact.TYPE in CHECKOUT_OPERATIONS.types:
            CHECKOUT_OPERATIONS.fold(state, it.fact, it.occurred_at)  # type: ignore[arg-type]  # filtered by type
    return state


def test_a_failure_is_counted_by_phase_and_code_with_every_compensation() -> None:
    it = Purchase(1, NOON).begin().lock().compensate("reserve_stock").compensate("lock_cart")
    it.fail("authorize_payment", "PAYMENT_DECLINED")
    assert table(CHECKOUT_OPERATIONS, happened(it)) == {
        ("demo", DAY, "failure", "authorize_payment", "PAYMENT_DECLINED"): (1,),
        ("demo", DAY, "compensation", "reserve_stock", ""): (1,),
        ("demo", DAY, "compensation", "lock_cart", ""): (1,),
    }


def test_a_checkout_takes_from_its_start_to_its_completion_by_the_recorded_times() -> None:
    it = Purchase(1, NOON).begin()
    it.later(seconds=2).complete()
    assert state_of(it).duration_ms == 2010


def test_a_checkout_is_open_until_it_has_ended() -> None:
    assert not state_of(Purchase(1, NOON).begin().lock()).ended
    assert state_of(Purchase(2, NOON).bought()).ended
    assert state_of(Purchase(3, NOON).begin().fail("lock_cart", "EMPTY_CART")).ended


def test_an_operator_is_needed_until_the_compensation_goes_on() -> None:
    it = Purchase(1, NOON).begin().ask_operator("capture_payment")
    assert state_of(it).stuck
    assert not state_of(it.compensate("capture_payment")).stuck


def test_what_else_is_taken_back_does_not_hide_that_an_operator_is_needed() -> None:
    it = Purchase(1, NOON).begin().ask_operator("authorize_payment").compensate("lock_cart")
    assert state_of(it).stuck == ["authorize_payment"]


def test_a_percentile_is_one_of_the_durations_that_were_seen() -> None:
    taken = {10: 98, 50: 1, 900: 1}
    assert [percentile(taken, it) for it in (50, 95, 99, 100)] == [10, 10, 50, 900]
    assert percentile({}, 50) is None


@given(st.dictionaries(st.integers(0, 400_000), st.integers(1, 9)))
def test_the_histogram_is_cumulative_and_ends_with_all(taken: dict[int, int]) -> None:
    histogram = durations(taken).histogram
    counts = [it.count for it in histogram]
    assert counts == sorted(counts)
    assert (histogram[-1].le, counts[-1]) == (None, sum(taken.values()))
    for bucket in histogram[:-1]:
        assert bucket.le is not None
        assert bucket.count == sum(n for ms, n in taken.items() if ms <= bucket.le)
