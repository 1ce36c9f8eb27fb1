"""Disputes of payments, and payouts to the account's bank: what no request of the account causes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from simulators.provider.ledger import Document
from simulators.stripe.books import Books

DAYS_TO_ANSWER = 10
DISPUTE_FEE = 1500


class OpenDispute(BaseModel):
    payment_intent: str
    amount: int
    reason: str = "fraudulent"


class CloseDispute(BaseModel):
    outcome: Literal["won", "lost"]


class Payout(BaseModel):
    amount: int
    currency: str


def open_dispute(books: Books, asked: OpenDispute) -> Document:
    intent = books.find("payment_intent", asked.payment_intent)
    due = int(books.ledger.now().timestamp()) + DAYS_TO_ANSWER * 86400
    dispute = books.create(
        "dispute",
        amount=asked.amount,
        currency=intent["currency"],
        payment_intent=intent["id"],
        charge=intent["latest_charge"],
        reason=asked.reason,
        status="needs_response",
        evidence_details={"due_by": due},
    )
    books.entered("adjustment", -asked.amount, intent["currency"], dispute["id"], DISPUTE_FEE)
    books.announce("charge.dispute.created", dispute)
    return dispute


def close_dispute(books: Books, dispute: Document, asked: CloseDispute) -> Document:
    if asked.outcome == "won":
        books.entered("adjustment", dispute["amount"], dispute["currency"], dispute["id"])
    closed = books.save(dispute, status=asked.outcome)
    books.announce("charge.dispute.closed", closed)
    return closed


def pay_out(books: Books, asked: Payout) -> Document:
    """The balance, or a part of it, goes to the account's bank."""
    made = books.create("payout", amount=asked.amount, currency=asked.currency, status="paid")
    books.entered("payout", -asked.amount, asked.currency, made["id"])
    return made
