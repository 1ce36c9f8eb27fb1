"""Compare what vendors earn of a random order, with refunds, disputes and a payout, with the oracle."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from billing.ledger import of_marketplace as postings
from billing.marketplace.commission import CommissionTerms
from billing.marketplace.earnings import Earned, SoldLine, earn, shipping_shares
from billing.marketplace.payouts import EarningAccount, NoPayout, balance_of, payout_of
from pricing.rounding import Mode
from tests.unit.billing.oracle.cases import Case, Data
from tests.unit.billing.oracle.exact import rounded


@dataclass
class Left:
    """What is left of a line, by the oracle."""

    amount: int
    tax: int
    commission: int
    borne: int


def compare_order(case: Case) -> None:
    """What was captured and not refunded is what the vendors, the platform and the tax office have of it."""
    order, mode = case.order, case.mode
    lines = [it for it in order["lines"] if it["vendor"]]
    earned = [
        earn(_sold(it), CommissionTerms(it["bps"], {"EUR": it["fixed"]}), "EUR", Mode(mode)) for it in lines
    ]
    left = [_left(it, mode) for it in lines]
    shares: Counter[str] = Counter()
    books: Counter[str] = Counter()
    for line, data, expected in zip(earned, lines, left, strict=True):
        assert line.commission == expected.commission
        assert line.share == _share(expected, data)
        shares[data["vendor"]] += line.share
        books.update(postings.recorded(data["vendor"], [line]))
    _compare_shipping(order, lines)
    for refund in order["refunds"]:
        index = refund["line"]
        if index < len(lines):
            part = _compare_part(earned[index], left[index], lines[index], refund["part"], mode)
            earned[index] = earned[index].less(part)
            vendor = lines[index]["vendor"]
            reverse = postings.reversed_by_dispute if refund["is_dispute"] else postings.reversed_by_refund
            posting = reverse(vendor, [part])
            assert sum(posting.values()) == 0
            books.update(posting)
    captured = sum(it["net"] + it["tax"] for it in lines)
    kept = sum(it.amount for it in left)
    refunded = captured - kept
    given_away = sum(it.borne for it in left)
    platform = sum(it.commission for it in left)
    remitted = sum(it.tax for it, data in zip(left, lines, strict=True) if not data["is_tax_kept"])
    assert sum(it.share for it in earned) + platform + remitted == captured - refunded + given_away
    assert sum(books.values()) == 0
    assert books["commission"] == -platform
    _compare_payout(order, lines, earned, shares, books)


def _sold(data: Data) -> SoldLine:
    total = data["net"] + data["tax"]
    return SoldLine(data["line_id"], data["quantity"], total, data["tax"], data["borne"], data["is_tax_kept"])


def _left(data: Data, mode: str) -> Left:
    base = data["net"] + data["borne"]
    commission = rounded(Fraction(base * data["bps"], 10_000), mode) + data["fixed"] * data["quantity"]
    return Left(data["net"] + data["tax"], data["tax"], min(base, commission), data["borne"])


def _share(left: Left, data: Data) -> int:
    return left.amount + left.borne - left.commission - (0 if data["is_tax_kept"] else left.tax)


def _compare_part(line: Earned, left: Left, data: Data, wanted: Fraction, mode: str) -> Earned:
    amount = floor(left.amount * wanted)
    tax = rounded(Fraction(left.tax * amount, left.amount), "half_up") if left.amount else 0
    part = line.part_of(amount, tax, Mode(mode))
    whole = left.amount or 1
    commission = rounded(Fraction(left.commission * amount, whole), mode)
    borne = rounded(Fraction(left.borne * amount, whole), mode)
    assert (part.commission, part.borne) == (commission, borne)
    assert part.share == amount - commission + borne - (0 if data["is_tax_kept"] else tax) >= -1
    left.amount, left.tax = left.amount - amount, left.tax - tax
    left.commission, left.borne = left.commission - commission, left.borne - borne
    return part


def _compare_shipping(order: Data, lines: list[Data]) -> None:
    totals: Counter[str] = Counter()
    for it in lines:
        totals[it["vendor"]] += it["net"] + it["tax"]
    whole = sum(totals.values())
    if whole:
        shares = shipping_shares(order["shipping"], totals)
        assert sum(shares.values()) == order["shipping"]
        for vendor, total in totals.items():
            assert abs(shares[vendor] - Fraction(order["shipping"] * total, whole)) < 1


def _compare_payout(
    order: Data, lines: list[Data], earned: list[Earned], shares: Counter[str], books: Counter[str]
) -> None:
    """Where it was paid out before the refunds, these are a debt; else the rest is paid."""
    for vendor, share in shares.items():
        rest = sum(it.share for it, data in zip(earned, lines, strict=True) if data["vendor"] == vendor)
        assert books[f"vendor.{vendor}"] == -rest
        paid = share if order["paid_out"] else 0
        account = EarningAccount(share, True, reversals=share - rest, paid_out=paid)
        found = payout_of(balance_of([account]), order["minimum"])
        due = rest - paid
        if due <= 0:
            assert found is NoPayout.NOTHING_AVAILABLE
            assert balance_of([account]).debt == -due
        else:
            assert found == (due if due >= order["minimum"] else NoPayout.BELOW_MINIMUM)
