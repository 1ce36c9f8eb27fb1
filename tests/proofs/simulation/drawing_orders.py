"""Draws what becomes of orders: deliveries by hand or outside, refunds by line, erasures, rewards."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from simulators.gateway import tokens
from tests.proofs.simulation.workload import REFERRER, Purchase, Workload

DRAWN = 0.6
"""Part of the shops whose orders are watched beyond the first delivery."""
TYPES = "physical_product", "physical_product", "course", "digital_product"
BY_HAND = (), ("physical_product",), ("course",), ("course", "physical_product")
OUTSIDE: tuple[tuple[str, ...], ...] = (
    (),
    ("later", "done"),
    ("fails", "done"),
    ("unknown", "fails", "unheard", "done"),
    ("unheard", "done"),
    ("refused",),
    ("fails",),
    ("fails", "fails", "fails", "fails", "fails", "done"),
    ("unknown",),
)
"""How tries to hand a digital product over go, one after another; the last one goes for all that follow."""
AFTERWARDS = (
    "",
    "refund lines",
    "refund lines",
    "refund damaged",
    "refund by hand",
    "refund by hand",
    "refund a line twice",
    "cancel order",
    "refund all",
)
SHOP = "", "complete", "complete", "cancel a unit", "cancel open", "fulfil again"
SOON, AN_HOUR, AFTER_REWARD, AFTER_SPENDING = 0.1, 3_600.0, 95_000.0, 110_000.0
"""Seconds from the end of a checkout. A reward is confirmed after a day, and spent some hours later."""
SPENT_AT = 100_000.0
ERASED_AT = 0.2, 4_000.0, 120_000.0
AGAIN, AGAIN_AFTER = 0.3, (0.05, 5.0, 4_000.0)
ERASED, REGISTERED, REWARDED, REFERRED, SPENT = 0.25, 0.5, 0.3, 0.8, 0.6


@dataclass
class OrderDrawing:
    seed: int
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(f"{self.seed}/orders")

    def drawn(self, workload: Workload) -> Workload:
        chance = self.chance
        if chance.random() > DRAWN:
            return workload
        return self._rewarded(
            replace(
                workload,
                goods=tuple(replace(it, type=chance.choice(TYPES)) for it in workload.goods),
                manual=chance.choice(BY_HAND),
                on_failure=chance.choice(("operator", "refund")),
                outcomes=chance.choice(OUTSIDE),
                purchases=tuple(map(self._followed, self._again(workload.purchases))),
            )
        )

    def _again(self, purchases: tuple[Purchase, ...]) -> tuple[Purchase, ...]:
        """Some customers buy the same once more."""
        chance, first = self.chance, purchases[0]
        if chance.random() > AGAIN:
            return purchases
        once_more = replace(first, at=first.at + chance.choice(AGAIN_AFTER), token=tokens.OK, cancel=None)
        return (*purchases, once_more)

    def _followed(self, it: Purchase) -> Purchase:
        chance = self.chance
        return replace(
            it,
            afterwards=chance.choice(AFTERWARDS),
            shop=chance.choice(SHOP),
            later=chance.choice((SOON, SOON, AN_HOUR, AFTER_REWARD, AFTER_SPENDING)),
            attended=chance.choice((1.0, 1.0, AFTER_SPENDING)),
            erased=chance.choice(ERASED_AT) if chance.random() < ERASED else None,
            registered=chance.random() < REGISTERED,
        )

    def _rewarded(self, workload: Workload) -> Workload:
        """Reward the referrers of some shops; some of them spend what they got."""
        chance = self.chance
        if chance.random() > REWARDED:
            return workload
        workload = replace(
            workload,
            has_offer=True,
            reward=chance.choice((10, 50)),
            purchases=tuple(replace(it, referred=chance.random() < REFERRED) for it in workload.purchases),
        )
        if chance.random() > SPENT:
            return workload
        spends = Purchase(
            SPENT_AT, ((0, 1),), customer=REFERRER, spends=True, afterwards=chance.choice(("", "refund all"))
        )
        goods = (replace(workload.goods[0], stock=None), *workload.goods[1:])
        return replace(workload, goods=goods, purchases=(*workload.purchases, spends))
