"""Draws from a seed what the actors of a run do."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from simulators.gateway import tokens
from tests.proofs.simulation.drawing_orders import OrderDrawing
from tests.proofs.simulation.drawing_reconciliations import ReconciliationDrawing
from tests.proofs.simulation.drawing_reviews import ReviewDrawing
from tests.proofs.simulation.faults import AGAIN, DOWN, KINDS, LATE
from tests.proofs.simulation.workload import TAXED, Change, Goods, Purchase, Workload

TOKENS = (
    *(tokens.OK,) * 8,
    tokens.DECLINED,
    tokens.INSUFFICIENT_FUNDS,
    tokens.ACTION,
    tokens.ACTION,
    tokens.TIMEOUT,
    tokens.FLAKY,
    tokens.CAPTURE_FAILS,
    tokens.DOWN,
)
AFTERWARDS = ("", "", "", "refund part", "refund all", "refund bit by bit", "cancel order")
JUST_IN_TIME = 899.9
"""Seconds: a checkout's deadline is at 900."""
WHEN_LOCKS_ARE_OVER = 1_801.0
LONG = 2_400.0
"""Longer than carts are locked and stock is reserved."""
FOCUS = (
    tuple(KINDS),
    ("call",),
    ("call", "commit"),
    ("commit",),
    ("publish", "deliver", "fire"),
)
SENT, TELLS_CART, RATE_CHANGES = 0.2, 0.7, 0.5
OFFERED, REFERRED, CAMPAIGN_CHANGES = 0.25, 0.6, 0.3
OFFER = ("", "add", "start")
OTHER_WAYS = 0.4
VOIDS_REFUSED, DECLINED_AT_BANK = 0.15, 0.2
AROUND_AUTHORIZATION = 0.05, 0.4
"""Seconds after the start of a checkout."""
PRESSED = None, 0.5, 0.5, 590.0, 601.0
"""Seconds: an upsell may be bought for 600."""
TESTED, TEST_ENDS, BUMPED = 0.5, 0.3, 0.5
CHANGES = ("price", "price", "archive", "count", "receive", "disable")


@dataclass
class Drawing:
    """Draws one workload from its seed."""

    seed: int
    chance: random.Random = field(init=False)
    places: random.Random = field(init=False)
    """A stream of its own: the rest of a seed's workload is older than destinations and must not change."""
    offers: random.Random = field(init=False)
    """Likewise, of what came after destinations."""
    tests: random.Random = field(init=False)
    """Likewise, of what came after offers."""

    ways: random.Random = field(init=False)
    """Likewise, of what came after tests."""
    voids: random.Random = field(init=False)
    """Likewise, of what came after the ways to pay."""
    upsells: random.Random = field(init=False)
    """Likewise, of what came after ways to pay."""

    def __post_init__(self) -> None:
        self.random = random.Random(f"{self.seed}/scene")
        self.places = random.Random(f"{self.seed}/places")
        self.offers = random.Random(f"{self.seed}/offers")
        self.tests = random.Random(f"{self.seed}/tests")
        self.ways = random.Random(f"{self.seed}/ways")
        self.voids = random.Random(f"{self.seed}/voids")
        self.upsells = random.Random(f"{self.seed}/upsells")

    def workload(self) -> Workload:
        chance = self.random
        goods = tuple(self._goods() for _ in range(chance.randint(1, 3)))
        buyers = chance.choice((1, 1, 2, 2, 3))
        workload = Workload(
            seed=self.seed,
            goods=goods,
            purchases=tuple(self._purchase(len(goods)) for _ in range(buyers)),
            changes=tuple(self._change(len(goods)) for _ in range(chance.choice((0, 0, 0, 1, 2)))),
            uses=chance.choice((1, 2, None)),
            percent=chance.choice((10, 33, 100)),
            replicas=chance.choice((1, 2)),
            rate=chance.choice((0.01, 0.03, 0.03, 0.1)),
            most_faults=chance.choice((1, 2, 3, 6, 12)),
            kinds=chance.choice(FOCUS),
            healed_at=chance.choice((5.0, 20.0, 60.0)),
        )
        workload = self._with_ways(self._with_tests(self._with_offer(self._sent_somewhere(workload))))
        workload = self._with_upsells(OrderDrawing(self.seed).drawn(workload))
        workload = ReviewDrawing(self.seed).drawn(workload)
        if chance.random() < 0.15:
            workload = self._broken_for_long(workload)
        return ReconciliationDrawing(self.seed).drawn(workload)

    def _sent_somewhere(self, workload: Workload) -> Workload:
        """Send some purchases to the country with taxes, whose rate may change meanwhile."""
        if self.places.random() > SENT:
            return workload
        purchases = tuple(
            replace(it, place=TAXED, tells_cart=self.places.random() < TELLS_CART)
            for it in workload.purchases
        )
        rate = Change(self.places.uniform(0, 0.5), "tax", 0, self.places.randint(0, 50))
        changes = (*workload.changes, rate) if self.places.random() < RATE_CHANGES else workload.changes
        return replace(workload, purchases=purchases, changes=changes)

    def _with_offer(self, workload: Workload) -> Workload:
        """Let some shops have an offer, whose campaign may pause meanwhile, and a referral program."""
        chance = self.offers
        if chance.random() > OFFERED:
            return workload
        purchases = tuple(
            replace(it, offer=chance.choice(OFFER), referred=chance.random() < REFERRED)
            for it in workload.purchases
        )
        pauses = tuple(
            Change(chance.uniform(0, 1), what, 0, 0)
            for what in ("pause", "resume")
            if chance.random() < CAMPAIGN_CHANGES
        )
        return replace(
            workload,
            purchases=purchases,
            changes=(*workload.changes, *pauses),
            has_offer=True,
            budget=chance.choice((300, 700, None)),
            referrals=chance.choice((1, 2, None)),
        )

    def _with_tests(self, workload: Workload) -> Workload:
        """Let some shops with an offer test its price, which may end meanwhile, and some customers take the
        order bump."""
        chance = self.tests
        if not workload.has_offer:
            return workload
        purchases = tuple(replace(it, bump=chance.random() < BUMPED) for it in workload.purchases)
        workload = replace(workload, purchases=purchases, is_tested=chance.random() < TESTED)
        if workload.is_tested and chance.random() < TEST_ENDS:
            end = Change(chance.uniform(0, 1), "stop", 0, chance.randint(0, 1))
            workload = replace(workload, changes=(*workload.changes, end))
        return workload

    def _with_ways(self, workload: Workload) -> Workload:
        """Let some customers pay by pix, in time, late or never, and some try another card."""
        return replace(workload, purchases=tuple(self._paid_somehow(it) for it in workload.purchases))

    def _paid_somehow(self, purchase: Purchase) -> Purchase:
        chance = self.ways
        if chance.random() > OTHER_WAYS:
            return purchase
        token = chance.choice((purchase.token, tokens.DECLINED, tokens.ACTION_DECLINED))
        if self.voids.random() < VOIDS_REFUSED:
            cancel = self.voids.uniform(*AROUND_AUTHORIZATION)
            return replace(purchase, token=tokens.VOID_REFUSED, cancel=cancel, operator="release")
        return replace(
            purchase,
            token=token,
            method=chance.choice(("card", "pix")),
            pays=chance.choice((0.5, 40.0, 2_399.9, 2_400.1, None)),
            at_bank="decline" if self.voids.random() < DECLINED_AT_BANK else "pay",
            attempts=chance.choice((1, 2, 3)),
            next_token=chance.choice((tokens.OK, tokens.TIMEOUT, tokens.ACTION, tokens.DECLINED)),
        )

    def _with_upsells(self, workload: Workload) -> Workload:
        """Let some customers of shops with an offer buy after the purchase, in time or too late."""
        if not workload.has_offer:
            return workload
        purchases = tuple(replace(it, upsell=self.upsells.choice(PRESSED)) for it in workload.purchases)
        return replace(workload, purchases=purchases)

    def _broken_for_long(self, workload: Workload) -> Workload:
        """The gateway is down, or messages are late, until locks and reservations have expired."""
        return replace(
            workload,
            healed_at=LONG,
            kinds=self.random.choice((("call",), ("deliver", "publish"))),
            only=(DOWN, LATE, AGAIN),
            rate=self.random.choice((0.03, 0.1)),
        )

    def _goods(self) -> Goods:
        return Goods(self.random.choice((1, 333, 1999)), self.random.choice((1, 2, 4, 50, 50, None)))

    def _purchase(self, goods: int) -> Purchase:
        chance = self.random
        wanted = chance.sample(range(goods), chance.randint(1, min(2, goods)))
        return Purchase(
            at=chance.uniform(0, 0.3),
            lines=tuple((it, chance.randint(1, 2)) for it in wanted),
            token=chance.choice(TOKENS),
            tenant=int(chance.random() < 0.1),
            customer=chance.randint(0, 1),
            code=chance.random() < 0.4,
            cancel=chance.uniform(0, 1.5) if chance.random() < 0.2 else None,
            confirm=chance.choice((0.5, 0.5, 20.0, JUST_IN_TIME, None)),
            again=chance.choice((0.0, 1.0, WHEN_LOCKS_ARE_OVER)) if chance.random() < 0.15 else None,
            meddle=chance.uniform(0, 1) if chance.random() < 0.1 else None,
            afterwards=chance.choice(AFTERWARDS),
            operator=chance.choice(("", "retry", "compensate")),
            bank=chance.choice(("", "", "refused", "silent")),
        )

    def _change(self, goods: int) -> Change:
        chance = self.random
        return Change(
            chance.uniform(0, 1), chance.choice(CHANGES), chance.randrange(goods), chance.randint(1, 500)
        )


def drawn(seed: int) -> Workload:
    return Drawing(seed).workload()
