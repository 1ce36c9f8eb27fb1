"""Create offers with what belongs to them, campaigns, referrals, rates and names for generated calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from tests.end_to_end.shop_client import Json, Shop

OFFERS, OTHERS = 12, 5
TEN_PERCENT = {"type": "percentage", "value": 10}


def prepare_offers(shop: Shop, sold: Sequence[Json]) -> tuple[dict[str, list[Any]], list[dict[str, str]]]:
    """Ids by the names of parameters, and for each offer the ids of what belongs to it."""
    offers = [_offer(shop, sold[n % len(sold)]) for n in range(OFFERS)]
    for offer in offers[: OFFERS // 2]:
        shop.post("offer", f"/v1/offers/{offer['offer_id']}/publish", "admin")
    bumped = [sold[(n + 1) % len(sold)]["product_id"] for n in range(OFFERS)]
    of_offers = [
        _belongings(shop, it["offer_id"], product) for it, product in zip(offers, bumped, strict=True)
    ]
    found: dict[str, list[Any]] = {
        "offer_id": [it["offer_id"] for it in offers],
        "upsell_id": [it["upsell_id"] for it in of_offers],
        "campaign_id": _made(shop, "/v1/campaigns", "campaign_id", {"name": "Sale", "change": TEN_PERCENT}),
        "slug": [f"kind-{n}" for n in range(OTHERS)],
        "rate_id": _made(shop, "/v1/shipping-rates", "rate_id", _rate()),
        **_referrals(shop),
    }
    for slug in found["slug"]:
        for kind in ("categories", "collections"):
            assert shop.call("PUT", "offer", f"/v1/{kind}/{slug}", "admin", {"name": slug}).is_success
    return found, of_offers


def _offer(shop: Shop, product: Json) -> Json:
    new = {
        "slug": f"offer-{uuid4().hex}",
        "name": "An offer",
        "type": "physical_product",
        "products": [{"product_id": product["product_id"]}],
        "price": {"base": {"amount": 900, "currency": "USD"}},
    }
    return shop.post("offer", "/v1/offers", "admin", new)


def _belongings(shop: Shop, offer_id: str, product_id: str) -> dict[str, str]:
    path = f"/v1/offers/{offer_id}"
    thing = {"product_id": product_id, "name": "One more", "discount": TEN_PERCENT}
    upsell = shop.post("offer", f"{path}/upsells", "admin", {"type": "upsell", **thing})["upsell_id"]
    bump = shop.post("offer", f"{path}/order-bumps", "admin", thing)["upsell_id"]
    step = {"name": "More", "type": "upsell", "trigger": "purchase", "upsell_id": upsell, "position": 0}
    step_id = shop.post("offer", f"{path}/funnel-steps", "admin", step)["step_id"]
    two = {"name": "Prices", "variants": [{"name": it, "weight": 1} for it in ("control", "other")]}
    experiment = shop.post("offer", f"{path}/experiments", "admin", two)["experiment_id"]
    return {
        "offer_id": offer_id,
        "upsell_id": upsell,
        "order_bump_id": bump,
        "step_id": step_id,
        "experiment_id": experiment,
    }


def _referrals(shop: Shop) -> dict[str, list[str]]:
    programs = _made(shop, "/v1/referral/programs", "program_id", {"name": "Friends", "confirm": "manual"})
    for program_id in programs:
        shop.post("offer", f"/v1/referral/programs/{program_id}/activate", "admin")
    found: dict[str, list[str]] = {
        "program_id": programs,
        "rule_id": [],
        "attribution_id": [],
        "override_id": [],
    }
    for number, program_id in enumerate(programs):
        rule = {"program_id": program_id, "trigger": "signup", "referee_reward": TEN_PERCENT}
        of_program = {"program_id": program_id, "referee_id": f"new-{number}", "referrer_id": "old"}
        override = {
            "scope": "user",
            "subject_id": f"new-{number}",
            "program_id": program_id,
            "reward": TEN_PERCENT,
        }
        for path, name, body in (
            ("rules", "rule_id", rule),
            ("attributions", "attribution_id", of_program),
            ("overrides", "override_id", override),
        ):
            found[name].append(shop.post("offer", f"/v1/referral/{path}", "admin", body)[name])
    return found


def _rate() -> Mapping[str, Any]:
    return {"name": "Post", "currency": "USD", "brackets": [{"up_to_grams": None, "amount": 490}]}


def _made(shop: Shop, path: str, name: str, body: Mapping[str, Any]) -> list[str]:
    return [shop.post("offer", path, "admin", body)[name] for _ in range(OTHERS)]
