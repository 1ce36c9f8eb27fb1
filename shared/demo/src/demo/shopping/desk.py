"""Requests of a shop's owner: products, promotions, offers, and what belongs to them."""

from typing import Any

from demo.shopping.api import Api
from demo.shopping.shop import CURRENCY

ID_OF = {
    "products": "product_id",
    "promotions": "promotion_id",
    "offers": "offer_id",
    "order-bumps": "upsell_id",
    "upsells": "upsell_id",
    "funnel-steps": "step_id",
    "experiments": "experiment_id",
    "campaigns": "campaign_id",
    "programs": "program_id",
    "rules": "rule_id",
}


class Desk:
    """The shop of one tenant. The idempotency keys are derived from names."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def make(self, things: str, name: str, body: dict[str, Any]) -> str:
        """Make something, and return its id. ``things``: the end of the path."""
        made = await self._api.post("offer", f"/v1/{things}", "admin", f"make-{name}", body)
        return str(made[ID_OF[things.rpartition("/")[2]]])

    async def act(self, thing: str, act: str) -> None:
        await self._api.post("offer", f"/v1/{thing}/{act}", "admin", f"{act}-{thing}")

    async def put_on_sale(self, sku: str, name: str, cents: int, **details: Any) -> str:
        """Make a product and activate it. Returns its id."""
        price = {"currency": CURRENCY, "amount": cents}
        product = {"sku": sku, "name": name, "prices": [price], **details}
        product_id = await self.make("products", sku, product)
        await self.act(f"products/{product_id}", "activate")
        return product_id
