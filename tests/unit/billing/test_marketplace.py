"""Rules for commissions, refunds of vendors' lines, balances and payouts. Amounts are minor units."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.ledger import of_marketplace as postings
from billing.marketplace.commission import CommissionTerms, Override, commission_on, terms_for
from billing.marketplace.earnings import Earned, SoldLine, earn, held_shares, shipping_shares
from billing.marketplace.payouts import (
    EarningAccount,
    NoPayout,
    PayoutInterval,
    balance_of,
    next_payout,
    payout_of,
)
from contracts.order import RefundShare
from pricing.refunds import Remainder
from pricing.rounding import Mode
from tests.unit.billing.examples import BERLIN, HALF_UP, at

DEFAULT, VENDOR, CATEGORY, PRODUCT = (CommissionTerms(it) for it in (1000, 1250, 1500, 2000))
OVERRIDES = (Override(CATEGORY, category="books"), Override(PRODUCT, product_id="p1"))


@st.composite
def sold_lines(draw: st.DrawFn) -> SoldLine:
    total = draw(st.integers(0, 100_000))
    tax = draw(st.integers(0, total // 4))
    return SoldLine(
        "1", draw(st.integers(1, 5)), total, tax, draw(st.integers(0, 5_000)), draw(st.booleans())
    )


TERMS = st.builds(
    CommissionTerms, st.integers(0, 10_000), st.integers(0, 200).map(lambda it: {"EUR": it} if it else {})
)


def platform_part(it: Earned) -> int:
    return it.commission + (0 if it.is_tax_kept else it.tax)


@given(sold_lines(), TERMS, st.sampled_from(Mode))
def test_what_was_captured_and_given_away_is_shared_out_exactly(
    line: SoldLine, terms: CommissionTerms, mode: Mode
) -> None:
    it = earn(line, terms, "EUR", mode)
    assert it.share + platform_part(it) == line.total + line.borne
    assert 0 <= it.commission <= line.total - line.tax + line.borne
    assert it.share >= 0
    assert sum(postings.recorded("v", [it]).values()) == 0


@given(sold_lines(), TERMS, st.sampled_from(Mode), st.data())
def test_refunds_in_any_series_leave_shares_and_fees_of_what_was_kept(
    line: SoldLine, terms: CommissionTerms, mode: Mode, data: st.DataObject
) -> None:
    left = earn(line, terms, "EUR", mode)
    rest = Remainder([RefundShare(line_id="1", quantity=1, amount=line.total, tax=line.tax)])
    refunded, books = 0, Counter(postings.recorded("v", [left]))
    for last in (False, False, True):
        amount = left.total if last else data.draw(st.integers(0, left.total))
        share = rest.share_of_amount("1", amount)
        rest.deduct([share])
        part = left.part_of(share.amount, share.tax, mode)
        assert part.share >= -1
        left, refunded = left.less(part), refunded + amount
        assert left.share + platform_part(left) == line.total - refunded + left.borne
        posting = postings.reversed_by_refund("v", [part])
        assert sum(posting.values()) == 0
        books.update(posting)
    assert (left.total, left.tax) == (0, 0)
    if line.total:  # of a line that was free no money goes back, and the vendor keeps what the platform bears
        assert (left.borne, left.share, books["vendor.v"], books["commission"]) == (0, 0, 0, 0)


@given(sold_lines(), TERMS, st.data())
def test_a_refund_that_fails_gives_all_of_it_back(
    line: SoldLine, terms: CommissionTerms, data: st.DataObject
) -> None:
    whole = earn(line, terms, "EUR", HALF_UP)
    amount = data.draw(st.integers(0, whole.total))
    part = whole.part_of(amount, min(amount, whole.tax), HALF_UP)
    assert whole.less(part).plus(part) == whole


@given(sold_lines(), TERMS, st.data())
def test_a_lost_dispute_posts_what_a_refund_takes(
    line: SoldLine, terms: CommissionTerms, data: st.DataObject
) -> None:
    whole = earn(line, terms, "EUR", HALF_UP)
    amount = data.draw(st.integers(0, whole.total))
    part = whole.part_of(amount, min(amount, whole.tax), HALF_UP)
    lost, refunded = postings.reversed_by_dispute("v", [part]), postings.reversed_by_refund("v", [part])
    assert sum(lost.values()) == 0
    assert lost.get("vendor.v") == refunded.get("vendor.v")
    assert lost.get("losses.disputes", 0) == -amount


def test_more_than_is_left_cannot_be_taken() -> None:
    whole = earn(SoldLine("1", 1, 1000, 100), DEFAULT, "EUR", HALF_UP)
    for amount, tax in ((1001, 0), (500, 501), (-1, 0)):
        with pytest.raises(ValueError, match="cannot take"):
            whole.part_of(amount, tax, HALF_UP)


def test_a_tax_that_the_vendor_remits_is_part_of_his_share() -> None:
    line = earn(SoldLine("1", 1, 11900, 1900, is_tax_kept=True), CommissionTerms(1500), "EUR", HALF_UP)
    assert (line.share, line.commission) == (10400, 1500)
    assert postings.recorded("v", [line])["tax_payable"] == 1900


@pytest.mark.parametrize(
    ("product_id", "category", "terms"),
    [("p1", "books", PRODUCT), ("p2", "books", CATEGORY), ("p2", None, VENDOR), ("p2", "toys", VENDOR)],
)
def test_the_terms_closest_to_the_product_hold(
    product_id: str, category: str | None, terms: CommissionTerms
) -> None:
    assert terms_for(product_id, category, OVERRIDES, VENDOR, DEFAULT) is terms
    assert terms_for("p2", None, OVERRIDES, None, DEFAULT) is DEFAULT


def test_a_fixed_commission_is_for_each_unit_and_of_one_currency() -> None:
    terms = CommissionTerms(1000, {"EUR": 30})
    assert commission_on(10000, terms, 3, "EUR", HALF_UP) == 1090
    assert commission_on(10000, terms, 3, "USD", HALF_UP) == 1000


@pytest.mark.parametrize(("bps", "fixed"), [(-1, {}), (10_001, {}), (0, {"EUR": -1})])
def test_a_commission_that_none_may_have_is_refused(bps: int, fixed: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a commission"):
        CommissionTerms(bps, fixed)


ACCOUNTS = st.builds(
    EarningAccount,
    st.integers(0, 1000),
    st.booleans(),
    st.integers(0, 1000),
    st.integers(0, 500),
    st.integers(0, 500),
    st.integers(0, 1000),
)


@given(st.lists(ACCOUNTS))
def test_the_parts_of_a_balance_are_the_shares_less_what_was_reversed(accounts: list[EarningAccount]) -> None:
    it = balance_of(accounts)
    parts = it.pending + it.available + it.held - it.debt + it.in_transit + it.paid_out
    assert parts == sum(each.share - each.reversals for each in accounts)


@given(st.lists(ACCOUNTS), st.integers(0, 1000))
def test_a_payout_takes_no_debt_for_money(accounts: list[EarningAccount], minimum: int) -> None:
    balance = balance_of(accounts)
    paid = payout_of(balance, minimum)
    if not isinstance(paid, NoPayout):
        assert max(1, minimum) <= paid == balance.available - balance.debt
    else:
        assert balance.available - balance.debt < max(1, minimum)


def test_a_refund_after_the_payout_is_a_debt_of_the_next_one() -> None:
    paid_out = EarningAccount(8500, is_matured=True, paid_out=8500, reversals=2381)
    assert payout_of(balance_of([paid_out]), 1000) is NoPayout.NOTHING_AVAILABLE
    assert balance_of([paid_out]).debt == 2381
    assert payout_of(balance_of([paid_out, EarningAccount(5000, is_matured=True)]), 1000) == 2619


def test_a_dispute_after_the_payout_is_a_held_debt() -> None:
    disputed = EarningAccount(8500, is_matured=True, paid_out=8500, held=4250)
    balance = balance_of([disputed, EarningAccount(5000, is_matured=True)])
    assert (balance.held, balance.debt, payout_of(balance, 0)) == (4250, 4250, 750)


def test_shipping_and_disputes_are_shared_by_largest_remainder() -> None:
    assert shipping_shares(1000, {"v1": 100, "v2": 100, "v3": 100}) == {"v1": 334, "v2": 333, "v3": 333}
    assert held_shares(5950, {"1": 11900, "2": 11900}) == {"1": 2975, "2": 2975}


@pytest.mark.parametrize(
    ("interval", "options", "after", "expected"),
    [
        (PayoutInterval.DAILY, {}, "2026-03-28T00:00", "2026-03-29"),
        (PayoutInterval.DAILY, {}, "2026-03-29T12:00", "2026-03-30"),
        (PayoutInterval.WEEKLY, {"weekday": 0}, "2026-03-30T00:00", "2026-04-06"),
        (PayoutInterval.WEEKLY, {"weekday": 2}, "2026-03-30T10:00", "2026-04-01"),
        (PayoutInterval.WEEKLY, {"weekday": 2}, "2026-04-02T10:00", "2026-04-08"),
        (PayoutInterval.MONTHLY, {"day": 31}, "2026-02-10T10:00", "2026-02-28"),
        (PayoutInterval.MONTHLY, {"day": 31}, "2026-02-28T00:00", "2026-03-31"),
        (PayoutInterval.MONTHLY, {"day": 1}, "2026-02-10T10:00", "2026-03-01"),
    ],
)
def test_vendors_are_paid_at_midnight_of_their_zone(
    interval: PayoutInterval, options: dict[str, int], after: str, expected: str
) -> None:
    when: datetime = next_payout(interval, at(after, BERLIN), BERLIN, **options)
    assert when == at(expected, BERLIN)


def test_a_payout_goes_through_transit_and_comes_back() -> None:
    books = Counter(postings.payout_sent("v", 94050))
    books.update(postings.payout_settled("bank", 94050))
    assert {name: it for name, it in books.items() if it} == {"vendor.v": 94050, "bank": -94050}
    books.update(postings.payout_returned("v", "bank", 94050))
    assert not any(books.values())
    books.update(postings.payout_sent("v", 500))
    books.update(postings.payout_refused("v", 500))
    assert not any(books.values())
