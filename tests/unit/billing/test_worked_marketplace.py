"""The worked examples of marketplaces, by their numbers. Amounts are minor units."""

from __future__ import annotations

from collections import Counter

import pytest

from billing.ledger import of_marketplace as postings
from billing.marketplace.commission import CommissionTerms
from billing.marketplace.earnings import Earned, SoldLine, earn
from billing.marketplace.payouts import EarningAccount, NoPayout, balance_of, payout_of
from pricing.allocation import allocate
from pricing.ledger.postings import DISPUTES, LOSSES
from tests.unit.billing.examples import HALF_UP


def earned(total: int, bps: int, fixed: int = 0, *, tax: int = 0, borne: int = 0) -> Earned:
    terms = CommissionTerms(bps, {"EUR": fixed})
    return earn(SoldLine("1", 1, total, tax, borne), terms, "EUR", HALF_UP)


M3 = earned(11900, 1500, tax=1900)


def test_m1_an_eighth() -> None:
    line = earned(10000, 1250)
    assert (line.commission, line.share) == (1250, 8750)


def test_m2_a_fixed_amount_besides_and_no_more_than_the_base() -> None:
    line, cheap = earned(399, 1500, 30), earned(25, 1000, 30)
    assert (line.commission, line.share) == (90, 309)
    assert (cheap.commission, cheap.share) == (25, 0)


def test_m3_no_commission_on_tax() -> None:
    assert (M3.share, M3.commission, M3.tax) == (8500, 1500, 1900)


def test_m4_partial_refunds_add_up_to_the_whole() -> None:
    left, parts = M3, []
    for amount, tax in ((3333, 532), (3333, 532), (5234, 836)):
        part = left.part_of(amount, tax, HALF_UP)
        left = left.less(part)
        parts.append((part.share, part.commission, part.tax))
    assert parts == [(2381, 420, 532), (2381, 420, 532), (3738, 660, 836)]
    assert (left.total, left.share, left.commission, left.tax) == (0, 0, 0, 0)


def test_m5_a_refund_is_spread_by_largest_remainder() -> None:
    assert allocate(1000, {"1": 2000, "2": 2000, "3": 2000}) == {"1": 334, "2": 333, "3": 333}


def test_m6_a_discount_that_the_platform_bears() -> None:
    line = earned(8000, 1000, borne=2000)
    assert postings.recorded("v", [line]) == {
        "sales.items": 8000,
        "promotions": 2000,
        "vendor.v": -9000,
        "commission": -1000,
    }


@pytest.mark.parametrize(
    ("accounts", "pays"),
    [
        (
            [
                EarningAccount(85000, is_matured=True),
                EarningAccount(12050, is_matured=True),
                EarningAccount(5000, is_matured=True, reversals=3000, paid_out=5000),
                EarningAccount(7500, is_matured=True, held=7500),
            ],
            94050,
        ),
        ([EarningAccount(800, is_matured=True)], NoPayout.BELOW_MINIMUM),
    ],
)
def test_m7_what_is_matured_and_not_held_less_debts(
    accounts: list[EarningAccount], pays: int | NoPayout
) -> None:
    assert payout_of(balance_of(accounts), minimum=1000) == pays


def test_m8_a_lost_dispute_with_its_fee() -> None:
    part = M3.part_of(5950, 950, HALF_UP)
    assert postings.reversed_by_dispute("v", [part]) == {
        LOSSES: -5950,
        "tax_payable": 950,
        "vendor.v": 4250,
        "commission": 750,
    }
    books = Counter({LOSSES: 5950, DISPUTES: -5950})
    books.update(postings.reversed_by_dispute("v", [part]))
    books.update(postings.fee_charged("v", "simulated", 1500))
    assert books[LOSSES] == 0
    assert books["vendor.v"] == 5750
