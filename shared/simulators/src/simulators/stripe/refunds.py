"""Refunds: never more than was captured."""

from __future__ import annotations

from typing import Any

from simulators.provider.ledger import Document
from simulators.stripe import tokens
from simulators.stripe.books import Books
from simulators.stripe.errors import invalid


def create(books: Books, form: dict[str, Any]) -> Document:
    intent = books.find("payment_intent", form.get("payment_intent") or "")
    if not intent["latest_charge"]:
        raise invalid("charge_not_refundable")
    charge = books.find("charge", intent["latest_charge"])
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = int(form.get("amount") or left)
    if charge["captured"] and left == 0:
        raise invalid("charge_already_refunded")
    if amount > left:
        raise invalid(None, param="amount")
    status = {tokens.REFUND_PENDING: "pending", tokens.REFUND_FAILS: "failed"}.get(
        intent["payment_method"], "succeeded"
    )
    refund = books.create(
        "refund",
        amount=amount,
        currency=intent["currency"],
        payment_intent=intent["id"],
        charge=charge["id"],
        metadata=form.get("metadata") or {},
        status=status,
        failure_reason="expired_or_canceled_card" if status == "failed" else None,
    )
    if status != "failed":
        books.save(charge, amount_refunded=charge["amount_refunded"] + amount)
        books.entered("refund", -amount, intent["currency"], refund["id"])
    books.announce("refund.created", refund)
    return refund


def settle(books: Books, refund: Document, status: str) -> Document:
    """What becomes of a refund later: also a success may fail."""
    charge = books.find("charge", refund["charge"])
    if status == "failed" and refund["status"] != "failed":
        books.save(charge, amount_refunded=charge["amount_refunded"] - refund["amount"])
        books.entered("refund_failure", refund["amount"], refund["currency"], refund["id"])
    changed = books.save(refund, status=status, failure_reason="declined" if status == "failed" else None)
    books.announce("refund.failed" if status == "failed" else "refund.updated", changed)
    return changed
