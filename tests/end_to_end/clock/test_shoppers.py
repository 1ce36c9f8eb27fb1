"""The figures of three shoppers: one buys at once, one after a mail, and one looks and goes."""

from __future__ import annotations

from uuid import uuid4

from tests.end_to_end.clock.conftest import Clock
from tests.end_to_end.clock.test_recovery_mails import until_status, until_taken
from tests.end_to_end.shop_client import Json, Shop, usd
from tests.support.mailboxes import MailServer

PRICE = 6_900


def test_the_figures_of_offers_funnels_and_abandonment_are_those_of_what_shoppers_did(
    shop: Shop, clock: Clock, mails: MailServer
) -> None:
    rival = shop.of("rival")
    slug = f"path-{uuid4().hex}"
    offer_id = published(rival, slug)
    for session in ("first", "first", "second"):
        look(rival, slug, session)
    first = taken(rival, slug, "first")
    assert rival.buy(first)["status"] == "completed"

    address = f"zoe.{uuid4().hex}@mail.example"
    contact = {"email": address, "name": "Zoe", "recovery": True}
    known = rival.call("PUT", "checkout-saga", "/v1/contacts", body=contact).json()
    of_zoe = {"customer_id": known["customer_id"]}
    second = taken(rival, slug, "second")
    path = f"/v1/carts/{second['cart_id']}/customer"
    assert rival.call("PUT", "cart", path, "service", of_zoe).is_success
    rival.cart()
    clock("advance", "31m")
    until_status(rival, second, "abandoned")
    clock("advance", "61m")
    assert len(until_taken(rival, mails, address)) == 1
    bought = rival.buy(second, more={"customer": {"email": address, "name": "Zoe"}})
    assert bought["status"] == "completed", bought

    funnel = rival.until(lambda: asked(rival, "funnels"), lambda it: it["items"][-1]["entered"] == 2)["items"]
    assert [(it["entered"], it["dropped"]) for it in funnel] == [(3, 1), *[(2, 0)] * 5]
    recovered = rival.until(
        lambda: asked(rival, "abandonment"), lambda it: any(row["recovered"] for row in it["items"])
    )["items"]
    assert [(it["attempt"], it["abandoned"], it["recovered"], it["revenue"]) for it in recovered] == [
        (0, 1, 0, usd(0)),
        (1, 1, 1, usd(PRICE)),
    ]
    (row,) = rival.until(
        lambda: asked(rival, "offers"),
        lambda it: [(row["views"], row["conversions"]) for row in it["items"]] == [(3, 2)],
    )["items"]
    assert (row["offer_id"], row["name"], row["revenue"]) == (offer_id, "SQL in a week", usd(2 * PRICE))
    assert (row["sessions"], row["items_added"], row["upsells_shown"], row["take_rate"]) == (2, 2, 0, None)
    assert asked(rival, f"offers/{offer_id}") == {**row, "variants": []}
    assert asked(shop, f"offers?offer_id={offer_id}")["items"] == [], "another tenant's offer"


def published(shop: Shop, slug: str) -> str:
    course = shop.product(7_500, type="course")
    offer = {
        "slug": slug,
        "name": "SQL in a week",
        "type": "course",
        "products": [{"product_id": course["product_id"]}],
        "price": {"base": usd(PRICE)},
    }
    offer_id = str(shop.post("offer", "/v1/offers", "admin", offer)["offer_id"])
    shop.post("offer", f"/v1/offers/{offer_id}/publish", "admin")
    return offer_id


def look(shop: Shop, slug: str, session: str) -> None:
    """Once, as soon as storefronts see the offer."""
    path = f"/v1/public/offers/{slug}?session_id={session}"
    shop.until(
        lambda: {"status": shop.call("GET", "offer", path).status_code}, lambda it: it["status"] == 200
    )


def taken(shop: Shop, slug: str, session: str) -> Json:
    """The session's cart with the offer, as soon as carts know it."""
    wanted = {"slug": slug, "session_id": session}
    started = shop.until(
        lambda: dict(shop.call("POST", "cart", "/v1/carts/from-offer", body=wanted).json()),
        lambda it: bool(it.get("cart")),
    )
    return dict(started["cart"])


def asked(shop: Shop, question: str) -> Json:
    return shop.get("projections", f"/v1/analytics/{question}", "analyst")
