"""An offer with all that belongs to it: an order bump, an experiment, a campaign and a referral program."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from tests.end_to_end.shop_client import Json, Shop

BASE, LOWER = 6_900, 6_500
SEATS, MUGS, BUDGET = 30, 20, 100_000
TENTH = {"type": "percentage", "value": 10}


@dataclass(frozen=True)
class Funnel:
    """``course`` is sold by the offer, ``mug`` by its order bump: two of them for each customer."""

    shop: Shop
    course: Json
    mug: Json
    slug: str
    offer_id: str
    experiment_id: str
    campaign_id: str
    program_id: str

    def refer(self, customer: str) -> None:
        """Make somebody a customer with a verified address, whom another customer has referred."""
        path = f"/v1/customers/{customer}"
        response = self.shop.call("PUT", "checkout-saga", path, "service", {"email_verified": True})
        assert response.is_success, response.text
        people = {"program_id": self.program_id, "referee_id": customer, "referrer_id": "a friend"}
        self.shop.post("offer", "/v1/referral/attributions", "service", people)

    def look(self, session: str) -> Json:
        """The offer as it is shown in the session, once storefronts see all of it."""
        path = f"/v1/public/offers/{self.slug}?session_id={session}"
        return self.shop.until(
            lambda: dict(self.shop.call("GET", "offer", path).json()),
            lambda it: bool(it.get("experiment")) and it["price"]["source"] == "campaign",
        )

    def fill_cart(self, customer: str) -> Json:
        """Look at the offer, and put it into a cart, which is then the customer's."""
        session = f"session-{customer}"
        self.look(session)
        wanted = {"slug": self.slug, "session_id": session}
        self._wait_until_carts_know_the_offer()
        cart = self.shop.post("cart", "/v1/carts/from-offer", body=wanted)["cart"]
        path = f"/v1/carts/{cart['cart_id']}"
        given = self.shop.call("PUT", "cart", f"{path}/customer", "service", {"customer_id": customer})
        assert given.is_success, given.text
        return self.shop.until(
            lambda: self.shop.get("cart", path, "service"), lambda it: any(map(is_referral, it["discounts"]))
        )

    def _wait_until_carts_know_the_offer(self) -> None:
        """Try in sessions that buy nothing."""

        def start() -> Json:
            wanted = {"slug": self.slug, "session_id": uuid4().hex}
            return dict(self.shop.call("POST", "cart", "/v1/carts/from-offer", body=wanted).json())

        def is_whole(started: Json) -> bool:
            return (
                len(started.get("order_bumps", ())) == 1
                and "variant_id" in started["main_item"]
                and started["main_item"]["unit_price"]["amount"] < LOWER
            )

        self.shop.until(start, is_whole)

    def buy(self, cart: Json, token: str = "tok_ok", more: Json | None = None) -> Json:
        customer = {"email": "ann@example.com", "id": cart["customer_id"]}
        return self.shop.buy(cart, token, more={"customer": customer, **(more or {})})

    def variant_counts(self) -> tuple[int, int]:
        """Exposures and conversions of all variants."""
        path = f"/v1/offers/{self.offer_id}/experiments/{self.experiment_id}"
        variants = self.shop.get("offer", path, "admin")["variants"]
        return sum(it["exposures"] for it in variants), sum(it["conversions"] for it in variants)

    def budget(self) -> tuple[int, int]:
        """Held and used of the campaign's budget."""
        campaign = self.shop.get("offer", f"/v1/campaigns/{self.campaign_id}", "admin")
        return campaign["held"]["amount"], campaign["used"]["amount"]


def is_referral(discount: Json) -> bool:
    return str(discount["code"]).startswith("referral-")


def open_funnel(shop: Shop) -> Funnel:
    course = shop.product(7_500, type="course", enrollment_limit=SEATS)
    mug = shop.product(1_200, on_hand=MUGS)
    slug = f"path-{uuid4().hex}"
    offer = {
        "slug": slug,
        "name": "From Python to SQL",
        "type": "course",
        "products": [{"product_id": course["product_id"]}],
        "price": {"base": {"amount": BASE, "currency": "USD"}},
    }
    offer_id = shop.post("offer", "/v1/offers", "admin", offer)["offer_id"]
    path = f"/v1/offers/{offer_id}"
    bump = {"product_id": mug["product_id"], "name": "A mug", "auto_add": True, "discount": TENTH}
    shop.post("offer", f"{path}/order-bumps", "admin", bump)
    shop.post("offer", f"{path}/publish", "admin")
    variants = [
        {"name": "control", "weight": 50},
        {"name": "lower", "weight": 50, "changes": {"price": {"base": LOWER}}},
    ]
    new = {"name": "A lower price", "variants": variants}
    experiment_id = shop.post("offer", f"{path}/experiments", "admin", new)["experiment_id"]
    shop.post("offer", f"{path}/experiments/{experiment_id}/start", "admin")
    campaign_id = _campaign(shop, offer_id)
    return Funnel(shop, course, mug, slug, offer_id, experiment_id, campaign_id, _referrals(shop))


def _campaign(shop: Shop, offer_id: str) -> str:
    budget = {"amount": BUDGET, "currency": "USD"}
    new = {"name": "Opening week", "budget": budget, "change": TENTH, "offer_ids": [offer_id]}
    campaign_id = str(shop.post("offer", "/v1/campaigns", "admin", new)["campaign_id"])
    shop.post("offer", f"/v1/campaigns/{campaign_id}/activate", "admin")
    return campaign_id


def _referrals(shop: Shop) -> str:
    """A program that gives a tenth to those whose address is verified, and to those who referred them."""
    new = {"name": "Bring a friend", "fraud_policy": {"require_verified_email": True}}
    program_id = str(shop.post("offer", "/v1/referral/programs", "admin", new)["program_id"])
    shop.post("offer", f"/v1/referral/programs/{program_id}/activate", "admin")
    rewards: Json = {"referee_reward": TENTH, "referrer_reward": TENTH}
    rule = {"program_id": program_id, "trigger": "first_order_paid", **rewards}
    shop.post("offer", "/v1/referral/rules", "admin", rule)
    return program_id
