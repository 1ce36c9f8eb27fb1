"""What the tenant of those who buy by offers has on sale: an offer with all that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.proofs.async_shop import CURRENCY, Shop
from tests.proofs.caller import Json

TENANT = "academy"
"""A tenant of their own, so that all of its books can be compared with what these customers know."""
SLUG, CODE = "kit", "KIT10"
LIST_PRICES = {
    "board": 2000,
    "sensor": 3000,
    "sticker": 300,
    "mug": 1999,
    "frame": 4000,
    "print": 1500,
    "book": 1000,
}
BOARDS, SENSORS = 2, 1
"""Units in one of the offer."""
BASE, LOWER = 6000, 5500
"""The prices of the offer in the two variants of its experiment."""
CAMPAIGN_PERCENT = 10
ADDED_PRICES = {"sticker": 150, "mug": 1799, "frame": 3600, "print": 1300}
"""Prices beside the offer: a half, a tenth, a tenth and 2.00 less."""
TENTH: Json = {"type": "percentage", "value": 10}
DESTINATIONS = ("PT", "US")
"""With a tax, and without one."""


@dataclass(frozen=True)
class Limits:
    """What runs out. ``budget``: minor units of the campaign's."""

    shelf: int
    uses: int
    budget: int
    referrals: int

    @classmethod
    def for_buyers(cls, buyers: int) -> Limits:
        """Some of so many buyers find that nothing is left."""
        return cls(
            shelf=max(3, 2 * buyers // 3),
            uses=max(2, buyers // 6),
            budget=max(2, buyers // 4) * BASE * CAMPAIGN_PERCENT // 100,
            referrals=max(2, buyers // 6),
        )


@dataclass(frozen=True)
class OfferGoods:
    """Ids, by name: of products, of what is added beside the offer, and of shipping rates."""

    limits: Limits
    products: Mapping[str, str]
    upsells: Mapping[str, str]
    rates: Mapping[str, str]
    offer_id: str
    experiment_id: str
    variants: tuple[str, str]
    """With the prices ``BASE`` and ``LOWER``."""
    campaign_id: str
    promotion_id: str
    program_id: str
    rule_id: str

    @property
    def on_hand(self) -> Mapping[str, int]:
        """Units before the first purchase, by product."""
        units = {"board": BOARDS, "sensor": SENSORS}
        return {it: units.get(name, 1) * self.limits.shelf for name, it in self.products.items()}


async def offered(shop: Shop, limits: Limits) -> OfferGoods:
    desk = _Desk(shop)
    units = {"board": BOARDS, "sensor": SENSORS}
    products = {
        name: await shop.product(name, cents, units.get(name, 1) * limits.shelf)
        for name, cents in LIST_PRICES.items()
    }
    made = await desk.make("/v1/offers", _offer(products), "offer")
    offer_id = str(made["offer_id"])
    path = f"/v1/offers/{offer_id}"
    upsells = await desk.belongings(path, products)
    await desk.act(path, "publish")
    experiment = await desk.make(f"{path}/experiments", EXPERIMENT, "experiment")
    await desk.act(f"{path}/experiments/{experiment['experiment_id']}", "start")
    campaign_id = await desk.campaign(offer_id, limits.budget)
    terms = {"kind": "percentage", "value": 10, "limits": {"total": limits.uses, "per_customer": 1}}
    promotion = await desk.make("/v1/promotions", {"code": CODE, **terms}, "promotion")
    program_id, rule_id = await desk.referrals(limits.referrals)
    tax = {"country": DESTINATIONS[0], "rate": 23, "inclusive": False, "name": "IVA"}
    await desk.make("/v1/tax-rates", tax, "tax")
    control, other = (str(it["variant_id"]) for it in experiment["variants"])
    return OfferGoods(
        limits,
        products,
        upsells,
        {name: await desk.rate(name, cents) for name, cents in (("post", 490), ("courier", 990))},
        offer_id,
        str(experiment["experiment_id"]),
        (control, other),
        campaign_id,
        str(promotion["promotion_id"]),
        program_id,
        rule_id,
    )


def _offer(products: Mapping[str, str]) -> Json:
    return {
        "slug": SLUG,
        "name": "Kit",
        "type": "physical_product",
        "products": [
            {"product_id": products["board"], "quantity": BOARDS},
            {"product_id": products["sensor"], "quantity": SENSORS},
        ],
        "price": {"base": {"amount": BASE, "currency": CURRENCY}},
    }


EXPERIMENT: Json = {
    "name": "A lower price",
    "variants": [
        {"name": "control", "weight": 1},
        {"name": "lower", "weight": 1, "changes": {"price": {"base": LOWER}}},
    ],
}


class _Desk:
    """Requests of the tenant's owner."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def make(self, path: str, body: Json, name: str) -> Json:
        return await self._shop.caller.post("offer", path, body, f"make {name}", "admin")

    async def act(self, path: str, act: str) -> None:
        await self._shop.caller.post("offer", f"{path}/{act}", None, f"{act} {path}", "admin")

    async def belongings(self, path: str, products: Mapping[str, str]) -> Mapping[str, str]:
        """A sticker that adds itself, a mug to be taken, a frame to be declined, and a print in its place."""
        half, less = {"type": "percentage", "value": 50}, {"type": "fixed_amount", "value": 200}
        found = {}
        for name, things, more in (
            ("sticker", "order-bumps", {"discount": half, "auto_add": True}),
            ("mug", "order-bumps", {"discount": TENTH}),
            ("frame", "upsells", {"discount": TENTH, "type": "upsell"}),
            ("print", "upsells", {"discount": less, "type": "downsell"}),
        ):
            thing = {"product_id": products[name], "name": name, **more}
            found[name] = str((await self.make(f"{path}/{things}", thing, f"{name} beside"))["upsell_id"])
        step = {"name": "A print", "type": "downsell", "trigger": "decline", "position": 0}
        await self.make(
            f"{path}/funnel-steps", {**step, "after": found["frame"], "upsell_id": found["print"]}, "step"
        )
        return found

    async def campaign(self, offer_id: str, budget: int) -> str:
        change = {"type": "percentage", "value": CAMPAIGN_PERCENT}
        new = {"name": "Week", "change": change, "offer_ids": [offer_id]}
        new["budget"] = {"amount": budget, "currency": CURRENCY}
        campaign_id = str((await self.make("/v1/campaigns", new, "campaign"))["campaign_id"])
        await self.act(f"/v1/campaigns/{campaign_id}", "activate")
        return campaign_id

    async def referrals(self, per_referrer: int) -> tuple[str, str]:
        """A program and its rule, which serves one referrer so many times, and each referee once."""
        program_id = str(
            (await self.make("/v1/referral/programs", {"name": "Friends"}, "program"))["program_id"]
        )
        await self.act(f"/v1/referral/programs/{program_id}", "activate")
        rule = {
            "program_id": program_id,
            "trigger": "signup",
            "referee_reward": {"type": "percentage", "value": 5},
        }
        rule["limits"] = {"per_referrer": per_referrer, "per_referee": 1}
        return program_id, str((await self.make("/v1/referral/rules", rule, "rule"))["rule_id"])

    async def rate(self, name: str, cents: int) -> str:
        rate = {"name": name, "currency": CURRENCY, "brackets": [{"up_to_grams": None, "amount": cents}]}
        return str((await self.make("/v1/shipping-rates", rate, f"rate {name}"))["rate_id"])
