"""All who come by an offer in a run, in a tenant of their own."""

from __future__ import annotations

import random
from collections import Counter

from tests.proofs.async_shop import Shop
from tests.proofs.chaos import offer_buyers
from tests.proofs.chaos.offer_buyers import OfferPurchase
from tests.proofs.chaos.offer_goods import Limits, OfferGoods, offered
from tests.proofs.chaos.offer_reconciliation import OfferReconciliation
from tests.proofs.verdict import Verdict


class OfferCrowd:
    def __init__(self, shop: Shop, goods: OfferGoods, customers: int) -> None:
        self._shop = shop
        self._goods = goods
        self._customers = customers
        self.purchases: list[OfferPurchase] = []
        """Those that have begun."""

    @classmethod
    async def expected(cls, shop: Shop, buyers: int) -> OfferCrowd:
        """Put on sale what so many will buy. Every customer comes twice."""
        goods = await offered(shop, Limits.for_buyers(buyers))
        return cls(shop, goods, customers=max(1, buyers // 2))

    async def buy(self, number: int, chance: random.Random, token: str | None = None) -> None:
        """``token``: None for any."""
        it = offer_buyers.planned(number, chance, self._customers, token)
        self.purchases.append(it)
        await offer_buyers.play(it, self._shop, self._goods)

    async def check(self, verdict: Verdict) -> Counter[str]:
        """Compare the books, at rest. Returns how many checkouts ended in which way."""
        return await OfferReconciliation(self._shop, self._goods, self.purchases, verdict).check()
