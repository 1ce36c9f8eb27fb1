"""Orders: created, approved by the payer, authorized; a vaulted token needs no approval."""

from __future__ import annotations

from datetime import timedelta

from simulators.paypal import tokens
from simulators.paypal.amounts import amount_of
from simulators.paypal.books import Books, new_id, shown, written
from simulators.paypal.errors import Refusal
from simulators.provider.ledger import Document

AUTHORIZATION_DAYS = 29
PAID = frozenset({"CREATED", "PENDING", "CAPTURED", "PARTIALLY_CAPTURED"})


def create(books: Books, body: Document, base: str) -> Document:
    """``base``: the address of the provider's own pages. Raises ``Refusal``."""
    if body.get("intent") != "AUTHORIZE" or len(body.get("purchase_units") or ()) != 1:
        raise Refusal("INVALID_PARAMETER_VALUE", 400)
    unit = body["purchase_units"][0]
    amount = amount_of(unit.get("amount"))
    invoice = unit.get("invoice_id")
    if any(it["status"] in PAID for it in books.all("authorization", invoice_id=str(invoice))):
        raise Refusal("DUPLICATE_INVOICE_ID")
    wallet = (body.get("payment_source") or {}).get("paypal") or {}
    token = wallet.get("vault_id")
    if token and token not in tokens.KNOWN:
        raise Refusal("INSTRUMENT_DECLINED")
    if token == tokens.DECLINED:
        raise Refusal("INSTRUMENT_DECLINED")
    order_id = new_id()
    order: Document = {
        "id": order_id,
        "intent": "AUTHORIZE",
        "status": "PAYER_ACTION_REQUIRED" if wallet else "CREATED",
        "amount": amount.shown(),
        "invoice_id": invoice,
        "custom_id": unit.get("custom_id"),
        "token": token,
        "page": f"{base}/checkoutnow?token={order_id}",
    }
    books.save("order", order)
    if token and token != tokens.PAYER_ACTION:
        order["status"] = "APPROVED"
        return authorize(books, order)
    return view(books, order)


def approve(books: Books, order_id: str) -> Document:
    """What the payer does on the provider's page."""
    order = books.find("order", order_id)
    if order["status"] not in {"CREATED", "PAYER_ACTION_REQUIRED"}:
        raise Refusal("ORDER_ALREADY_APPROVED")
    order = books.save("order", order, status="APPROVED")
    books.announce("CHECKOUT.ORDER.APPROVED", "checkout-order", view(books, order))
    return view(books, order)


def cancel(books: Books, order_id: str) -> Document:
    """The payer leaves the page by its button: the order is void."""
    order = books.save("order", books.find("order", order_id), status="VOIDED")
    return view(books, order)


def authorize(books: Books, order: Document) -> Document:
    """Raises ``Refusal``: each order is authorized once."""
    if books.all("authorization", order_id=order["id"]):
        raise Refusal("ORDER_ALREADY_AUTHORIZED")
    if order["status"] == "PAYER_ACTION_REQUIRED":
        raise Refusal("PAYER_ACTION_REQUIRED")
    if order["status"] == "VOIDED":
        raise Refusal("ORDER_EXPIRED")
    if order["status"] != "APPROVED":
        raise Refusal("ORDER_NOT_APPROVED")
    ends = books.ledger.now() + timedelta(days=AUTHORIZATION_DAYS)
    authorization = books.save(
        "authorization",
        {
            "id": new_id(),
            "status": "PENDING" if order["token"] == tokens.AUTHORIZATION_PENDING else "CREATED",
            "order_id": order["id"],
            "amount": order["amount"],
            "invoice_id": order["invoice_id"],
            "custom_id": order["custom_id"],
            "token": order["token"],
            "expiration_time": written(ends),
            "supplementary_data": {"related_ids": {"order_id": order["id"]}},
        },
    )
    books.save("order", order, status="COMPLETED")
    books.list_transaction("T1300", authorization["id"], None, 1, authorization)
    books.announce("PAYMENT.AUTHORIZATION.CREATED", "authorization", authorization)
    return view(books, books.find("order", order["id"]))


def view(books: Books, order: Document) -> Document:
    """The order with all that was paid on it."""
    payments = {
        f"{kind}s": [shown(it) for it in books.all(kind, order_id=order["id"])]
        for kind in ("authorization", "capture", "refund")
    }
    unit = {"amount": order["amount"], "invoice_id": order["invoice_id"], "custom_id": order["custom_id"]}
    links = [{"href": order["page"], "rel": "payer-action", "method": "GET"}]
    if order["status"] == "CREATED":
        links[0]["rel"] = "approve"
    paid = {name: some for name, some in payments.items() if some}
    return {
        **{name: order[name] for name in ("id", "intent", "status")},
        "purchase_units": [unit | ({"payments": paid} if paid else {})],
        "links": links if order["status"] in {"CREATED", "PAYER_ACTION_REQUIRED"} else [],
    }
