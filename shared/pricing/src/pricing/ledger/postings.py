"""What each fact about money posts to the ledger: a pure function of the fact and of what preceded it.

A posting has an amount for each account, in minor units: a debit is positive, a credit negative. Its amounts
add up to 0. Accounts of the gateway are named after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias, assert_never

from contracts import order, payment, provider, reconciliation
from contracts.order import Breakdown, RefundShare
from pricing.inferred_refunds import shares_refunded, shares_requested
from pricing.ledger.standing import Standing
from pricing.refunds import breakdown, charged

Posting: TypeAlias = "Mapping[str, int]"
"""Account -> amount. An account whose amount is 0 is left out."""
Shares: TypeAlias = tuple[RefundShare, ...]
MoneyFact = (
    payment.Authorized
    | payment.Voided
    | payment.Captured
    | payment.Refunded
    | payment.RefundReversed
    | payment.DisputeOpened
    | payment.DisputeClosed
    | provider.FeeCharged
    | provider.PaidOut
    | provider.MoneyFound
    | reconciliation.DifferenceResolved
    | order.Created
    | order.Paid
    | order.RefundRequested
    | order.RefundFailed
    | order.RefundRetried
    | order.RefundPaidTwice
    | order.Refunded
)

WON = "won"
"""The outcome of a dispute after which the provider gives the money back."""
BANK = "bank"
CLEARING = "clearing"
DISPUTES, LOSSES = "disputes.open", "losses.disputes"
"""Captured money without a paid order."""
HOLDS_OWED = "holds_owed"
ITEMS, SHIPPING = "sales.items", "sales.shipping"
ITEMS_REFUNDED, SHIPPING_REFUNDED = "refunds.items", "refunds.shipping"
REFUNDS_PAYABLE = "refunds_payable"
TAX_PAYABLE = "tax_payable"


def holds(gateway: str) -> str:
    return f"holds.{gateway}"


def balance_at(gateway: str) -> str:
    return f"gateway.{gateway}"


def fees(gateway: str) -> str:
    return f"fees.{gateway}"


def suspense(gateway: str) -> str:
    """Money at the gateway that nothing of ours accounts for."""
    return f"suspense.{gateway}"


def posting_of(fact: MoneyFact, before: Standing) -> Posting:  # noqa: PLR0912  # one case per fact
    """``before``: what preceded the fact in its stream."""
    match fact:
        case payment.Authorized(captured=True):
            return {}  # it was never held
        case payment.Authorized():
            return _transfer(holds(fact.gateway), HOLDS_OWED, fact.amount)
        case payment.Voided():
            return _release(before, fact.gateway)
        case payment.Captured():
            taken = _transfer(balance_at(fact.gateway), CLEARING, fact.amount)
            return {**_release(before, fact.gateway), **taken}
        case payment.Refunded():
            owed = CLEARING if fact.against == CLEARING else REFUNDS_PAYABLE
            source = BANK if fact.paid_from == BANK else balance_at(fact.gateway)
            return _transfer(owed, source, fact.amount)
        case payment.RefundReversed():
            return _transfer(balance_at(fact.gateway), REFUNDS_PAYABLE, fact.amount)
        case payment.DisputeOpened():
            return _transfer(DISPUTES, balance_at(fact.gateway), fact.amount)
        case payment.DisputeClosed(outcome=outcome):
            return _transfer(balance_at(fact.gateway) if outcome == WON else LOSSES, DISPUTES, fact.amount)
        case provider.FeeCharged():
            return _transfer(fees(fact.gateway), balance_at(fact.gateway), fact.amount)
        case provider.PaidOut():
            return _transfer(BANK, balance_at(fact.gateway), fact.amount)
        case provider.MoneyFound():
            return _transfer(balance_at(fact.gateway), suspense(fact.gateway), fact.amount)
        case reconciliation.DifferenceResolved(resolution=resolution):
            return _found_money_settled(resolution, before)
        case order.Created():
            return {}
        case order.Paid():
            return _sold(fact.amount, fact.breakdown or breakdown(before.charged))
        case order.RefundRequested() | order.RefundRetried() | order.Refunded():
            return _refund_owed(shares_begun(fact, before))
        case order.RefundFailed():
            owed_before = _refund_owed(before.requested.get(str(fact.refund_id), ()))
            return {account: -amount for account, amount in owed_before.items()}
        case order.RefundPaidTwice():
            return _transfer(suspense(before.gateway), balance_at(before.gateway), fact.amount)
        case _:
            assert_never(fact)


def advance(standing: Standing, fact: MoneyFact) -> None:
    """Note what the fact changes for later postings of its stream."""
    match fact:
        case payment.Authorized():
            standing.checkout_id, standing.currency = fact.checkout_id, fact.currency
            standing.held = 0 if fact.captured else fact.amount
        case payment.Voided() | payment.Captured() | payment.Refunded():
            # a refund comes after a capture: nothing is held in either case
            standing.checkout_id, standing.currency = fact.checkout_id, fact.currency
            standing.held = 0
        case payment.RefundReversed() | payment.DisputeOpened() | payment.DisputeClosed():
            standing.checkout_id, standing.currency = fact.checkout_id, fact.currency
        case provider.MoneyFound():
            standing.gateway, standing.currency, standing.found = fact.gateway, fact.currency, fact.amount
        case provider.FeeCharged() | provider.PaidOut():
            standing.currency = fact.currency
        case order.Created():
            standing.checkout_id, standing.currency = fact.checkout_id, fact.sale.currency
            standing.gateway, standing.charged = fact.gateway or "", charged(fact.sale)
        case order.RefundFailed(refund_id=refund_id):
            if shares := standing.requested.pop(str(refund_id), ()):
                standing.failed[str(refund_id)] = shares
        case order.Refunded(refund_id=None):
            standing.compensated += shares_begun(fact, standing)
        case order.RefundRequested() | order.RefundRetried() | order.Refunded():
            if shares := shares_begun(fact, standing):
                standing.failed.pop(str(fact.refund_id), None)
                standing.requested[str(fact.refund_id)] = shares
        case _:
            pass  # later postings of the stream depend on no other fact


def shares_begun(
    fact: order.RefundRequested | order.RefundRetried | order.Refunded, before: Standing
) -> Shares:
    """The shares that are owed from this fact on: none if they were owed before.

    A refund that had failed is owed again once it is retried, or turns out to be paid. One without a request
    is owed once it is paid.
    """
    refund_id = str(fact.refund_id) if fact.refund_id else None
    if refund_id in before.requested:
        return ()
    failed = before.failed.get(refund_id or "", ())
    match fact:
        case order.RefundRequested():
            return shares_requested(fact, before.remainder())
        case order.RefundRetried():
            return failed
        case order.Refunded():
            return shares_refunded(fact, failed, before.remainder())
        case _:
            assert_never(fact)


def _transfer(debited: str, credited: str, amount: int) -> Posting:
    return _without_zeros({debited: amount, credited: -amount})


def _found_money_settled(resolution: str, before: Standing) -> Posting:
    """Accepted money stays in suspense."""
    settled_by = {"returned": balance_at(before.gateway), "assigned": CLEARING}.get(resolution)
    return _transfer(suspense(before.gateway), settled_by, before.found) if settled_by else {}


def _release(before: Standing, gateway: str) -> Posting:
    """What is held, as far as its authorization was known here."""
    return _transfer(HOLDS_OWED, holds(gateway), before.held)


def _sold(amount: int, made_of: Breakdown) -> Posting:
    return _without_zeros(
        {CLEARING: amount, ITEMS: -made_of.items, SHIPPING: -made_of.shipping, TAX_PAYABLE: -made_of.tax}
    )


def _refund_owed(shares: Iterable[RefundShare]) -> Posting:
    made_of = breakdown(shares)
    return _without_zeros(
        {
            ITEMS_REFUNDED: made_of.items,
            SHIPPING_REFUNDED: made_of.shipping,
            TAX_PAYABLE: made_of.tax,
            REFUNDS_PAYABLE: -(made_of.items + made_of.shipping + made_of.tax),
        }
    )


def _without_zeros(amounts: Posting) -> Posting:
    return {account: amount for account, amount in amounts.items() if amount}
