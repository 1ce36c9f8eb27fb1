"""A purchase is confirmed by a mail, and its messages are listed for the order."""

from __future__ import annotations

from uuid import uuid4

from tests.end_to_end.clock.test_recovery_mails import until_taken
from tests.end_to_end.shop_client import Json, Shop
from tests.support.mailboxes import MailServer


def test_a_purchase_is_confirmed_by_one_mail(shop: Shop, mails: MailServer) -> None:
    address = f"zoe.{uuid4().hex}@mail.example"
    customer = {"customer": {"email": address, "name": "Zoe"}}
    checkout = shop.buy(shop.cart((shop.product(1990), 2)), more=customer)
    order = shop.get("checkout-saga", f"/v1/orders/{checkout['order_id']}")

    confirmation = [it for it in until_taken(shop, mails, address) if order["number"] in it["subject"]]
    assert ["is confirmed" in it["subject"] for it in confirmation][:1] == [True]
    assert "2 × A thing" in confirmation[0]["text"]
    assert "$39.80" in confirmation[0]["text"]

    def listed() -> Json:
        return shop.get("checkout-saga", f"/v1/notifications?order_id={checkout['order_id']}", "ops")

    found = shop.until(listed, lambda it: bool(it["items"]) and it["items"][0]["status"] == "sent")
    assert {it["kind"] for it in found["items"]} <= {"order_confirmation", "order_shipped"}
