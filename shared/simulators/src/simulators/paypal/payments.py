"""Captures, voids and refunds of an authorization."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from simulators.paypal import tokens
from simulators.paypal.amounts import Amount, amount_of, fee_of, text
from simulators.paypal.books import Books, new_id
from simulators.paypal.errors import Refusal
from simulators.provider.ledger import Document

MONEY_TAKEN = frozenset({"COMPLETED", "REFUNDED", "PARTIALLY_REFUNDED"})
REFUND_COUNTS = frozenset({"COMPLETED", "PENDING"})


def capture(books: Books, authorization_id: str, body: Document) -> Document:
    """Raises ``Refusal``: an authorization is captured once, up to its amount."""
    authorization = books.find("authorization", authorization_id)
    match authorization["status"]:
        case "VOIDED":
            raise Refusal("AUTHORIZATION_VOIDED")
        case "DENIED":
            raise Refusal("AUTHORIZATION_DENIED")
        case "CAPTURED" | "PARTIALLY_CAPTURED":
            raise Refusal("AUTHORIZATION_ALREADY_CAPTURED")
    if datetime.fromisoformat(authorization["expiration_time"]) <= books.ledger.now():
        raise Refusal("AUTHORIZATION_EXPIRED")
    amount = amount_of(body.get("amount") or authorization["amount"])
    held = amount_of(authorization["amount"])
    if amount.currency != held.currency or amount.value > held.value:
        raise Refusal("MAX_CAPTURE_AMOUNT_EXCEEDED")
    pending = {tokens.CAPTURE_PENDING: "PENDING", tokens.CAPTURE_DECLINED: "DECLINED"}
    made = books.save(
        "capture",
        {
            "id": new_id(),
            "status": pending.get(authorization["token"], "COMPLETED"),
            "authorization_id": authorization_id,
            "order_id": authorization["order_id"],
            "amount": amount.shown(),
            "invoice_id": body.get("invoice_id") or authorization["invoice_id"],
            "custom_id": authorization["custom_id"],
            "token": authorization["token"],
            "final_capture": True,
            "supplementary_data": {
                "related_ids": {
                    "order_id": authorization["order_id"],
                    "authorization_id": authorization_id,
                }
            },
        },
    )
    if made["status"] != "DECLINED":
        books.save("authorization", authorization, status="CAPTURED")
    return captured(books, made)


def captured(books: Books, made: Document) -> Document:
    """Record what a capture in this status means for the balance, and announce it."""
    if made["status"] == "COMPLETED":
        fee = fee_of(amount_of(made["amount"]))
        made = books.save("capture", made, fee=text(made["amount"]["currency_code"], fee))
        books.list_transaction("T0006", made["id"], made["authorization_id"], 1, made, made["fee"])
    name = {"COMPLETED": "COMPLETED", "PENDING": "PENDING"}.get(made["status"], "DENIED")
    books.announce(f"PAYMENT.CAPTURE.{name}", "capture", made)
    return made


def void(books: Books, authorization_id: str) -> Document:
    """Raises ``Refusal``: what is captured or void already cannot be voided."""
    authorization = books.find("authorization", authorization_id)
    match authorization["status"]:
        case "VOIDED":
            raise Refusal("PREVIOUSLY_VOIDED")
        case "CAPTURED" | "PARTIALLY_CAPTURED":
            raise Refusal("PREVIOUSLY_CAPTURED")
        case "DENIED":
            raise Refusal("AUTHORIZATION_DENIED")
    authorization = books.save("authorization", authorization, status="VOIDED")
    books.announce("PAYMENT.AUTHORIZATION.VOIDED", "authorization", authorization)
    return authorization


def refund(books: Books, capture_id: str, body: Document) -> Document:
    """Raises ``Refusal``: refunds never exceed the capture."""
    paid = books.find("capture", capture_id)
    if paid["status"] not in MONEY_TAKEN:
        raise Refusal("CAPTURE_NOT_COMPLETED")
    whole, given = amount_of(paid["amount"]), refunded(books, capture_id)
    amount = amount_of(body["amount"]) if body.get("amount") else Amount(whole.currency, whole.value - given)
    if given == whole.value:
        raise Refusal("CAPTURE_FULLY_REFUNDED")
    if amount.currency != whole.currency:
        raise Refusal("REFUND_CAPTURE_CURRENCY_MISMATCH")
    if given + amount.value > whole.value:
        raise Refusal("REFUND_AMOUNT_EXCEEDED")
    status = {tokens.REFUND_PENDING: "PENDING", tokens.REFUND_FAILED: "FAILED"}
    made = books.save(
        "refund",
        {
            "id": new_id(),
            "status": status.get(paid["token"], "COMPLETED"),
            "capture_id": capture_id,
            "order_id": paid["order_id"],
            "amount": amount.shown(),
            "invoice_id": body.get("invoice_id") or paid["invoice_id"],
            "custom_id": body.get("custom_id"),
            "supplementary_data": {
                "related_ids": {"order_id": paid["order_id"], "capture_id": capture_id},
            },
        },
    )
    return refund_changed(books, made)


def refund_changed(books: Books, made: Document) -> Document:
    """Record what a refund in this status means for its capture, and announce it."""
    paid = books.find("capture", made["capture_id"])
    whole, given = amount_of(paid["amount"]), refunded(books, paid["id"])
    status = "COMPLETED" if not given else "REFUNDED" if given == whole.value else "PARTIALLY_REFUNDED"
    books.save("capture", paid, status=status)
    if made["status"] == "COMPLETED":
        books.list_transaction("T1107", made["id"], paid["id"], -1, made)
    name = {"COMPLETED": "REFUNDED", "PENDING": "REFUNDED"}.get(made["status"], "REVERSED")
    books.announce(f"PAYMENT.CAPTURE.{name}", "refund", made)
    return made


def refunded(books: Books, capture_id: str) -> Decimal:
    made = books.all("refund", capture_id=capture_id)
    return sum(
        (amount_of(it["amount"]).value for it in made if it["status"] in REFUND_COUNTS), start=Decimal(0)
    )
