"""Disputes of captures, and payouts to the merchant's bank: what no request of the merchant causes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from simulators.paypal.amounts import amount_of
from simulators.paypal.books import Books, new_id, written
from simulators.provider.ledger import Document

PAGE = 10
LISTED = ("dispute_id", "create_time", "reason", "status", "dispute_amount")
OUTCOMES = {"won": "RESOLVED_SELLER_FAVOUR", "lost": "RESOLVED_BUYER_FAVOUR"}


class OpenDispute(BaseModel):
    capture_id: str
    value: str
    reason: str = "MERCHANDISE_OR_SERVICE_NOT_RECEIVED"


class CloseDispute(BaseModel):
    outcome: Literal["won", "lost"]


class Payout(BaseModel):
    currency: str
    value: str


def open_dispute(books: Books, asked: OpenDispute) -> Document:
    paid = books.find("capture", asked.capture_id)
    currency = paid["amount"]["currency_code"]
    due = books.ledger.now() + timedelta(days=10)
    dispute_id = f"PP-D-{new_id(8)}"
    dispute = books.save(
        "dispute",
        {
            "id": dispute_id,
            "dispute_id": dispute_id,
            "status": "OPEN",
            "reason": asked.reason,
            "dispute_amount": amount_of({"currency_code": currency, "value": asked.value}).shown(),
            "disputed_transactions": [{"seller_transaction_id": paid["id"]}],
            "seller_response_due_date": written(due),
        },
    )
    books.announce("CUSTOMER.DISPUTE.CREATED", "dispute", dispute)
    return dispute


def close_dispute(books: Books, dispute_id: str, asked: CloseDispute) -> Document:
    outcome = {"outcome_code": OUTCOMES[asked.outcome]}
    open_one = books.find("dispute", dispute_id)
    dispute = books.save("dispute", open_one, status="RESOLVED", dispute_outcome=outcome)
    books.announce("CUSTOMER.DISPUTE.RESOLVED", "dispute", dispute)
    return dispute


def pay_out(books: Books, asked: Payout) -> Document:
    """The balance, or a part of it, goes to the merchant's bank."""
    amount = amount_of({"currency_code": asked.currency, "value": asked.value})
    made = books.save("payout", {"id": new_id(), "amount": amount.shown()})
    books.list_transaction("T0400", made["id"], None, -1, made)
    return made


def list_disputes(books: Books, query: Mapping[str, str]) -> Document:
    """A page of the disputes since ``start_time``, without what only a single one shows."""
    since = query.get("start_time", "")
    first, size = int(query.get("next_page_token") or 0), int(query.get("page_size") or PAGE)
    found = [it for it in books.all("dispute") if not since or _time(it["create_time"]) >= _time(since)]
    items = [{name: it[name] for name in LISTED if name in it} for it in found[first : first + size]]
    more = [{"rel": "next", "href": f"/v1/customer/disputes?next_page_token={first + size}"}]
    return {"items": items, "links": more if len(found) > first + size else []}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
