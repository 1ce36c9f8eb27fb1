"""What invoices and credit notes post to the ledger: a debit is positive, and a posting adds up to 0."""

from __future__ import annotations

from billing.invoices.credit_notes import NoteTotals
from billing.invoices.invoice import InvoiceTotals
from billing.ledger.accounts import CUSTOMER_CREDIT, SUBSCRIPTIONS
from pricing.ledger.postings import CLEARING, ITEMS, REFUNDS_PAYABLE, TAX_PAYABLE, Posting


def invoice_paid(totals: InvoiceTotals) -> Posting:
    """What was charged lies in clearing, as after any capture."""
    return _without_zeros(
        {
            CLEARING: totals.amount_due,
            CUSTOMER_CREDIT: totals.credit_applied,
            SUBSCRIPTIONS: -totals.net,
            TAX_PAYABLE: -totals.tax,
        }
    )


def first_period_paid(net: int) -> Posting:
    """The order has posted the money and the tax: the sale only moves to the subscriptions."""
    return _without_zeros({ITEMS: net, SUBSCRIPTIONS: -net})


def note_issued(totals: NoteTotals) -> Posting:
    return _without_zeros(
        {SUBSCRIPTIONS: totals.net, TAX_PAYABLE: totals.tax, CUSTOMER_CREDIT: -totals.gross}
    )


def refund_requested(amount: int) -> Posting:
    """Credit is to be paid back to the payment method."""
    return _without_zeros({CUSTOMER_CREDIT: amount, REFUNDS_PAYABLE: -amount})


def _without_zeros(amounts: Posting) -> Posting:
    return {account: amount for account, amount in amounts.items() if amount}
