"""What the actors of a run do: drawn from a seed, or read from a JSON object that holds all of it."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from simulators.gateway import tokens
from tests.proofs.simulation.faults import AGAIN, DOWN, KINDS, LATE

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
TAXED = "PT"
"""The one country with taxes; they are added to the price."""
SENT, TELLS_CART, RATE_CHANGES = 0.2, 0.7, 0.5
OFFERED, REFERRED, CAMPAIGN_CHANGES = 0.25, 0.6, 0.3
OFFER = ("", "add", "start")
TESTED, TEST_ENDS, BUMPED = 0.5, 0.3, 0.5
CHANGES = ("price", "price", "archive", "count", "receive", "disable")


@dataclass(frozen=True)
class Goods:
    """``stock``: None if it is not counted."""

    price: int
    stock: int | None


@dataclass(frozen=True)
class Purchase:
    """Times are seconds: ``at`` since the start of the run, the others since the action before them."""

    at: float
    lines: tuple[tuple[int, int], ...]
    """Index of the goods, and quantity."""
    token: str = tokens.OK
    tenant: int = 0
    customer: int = 0
    code: bool = False
    cancel: float | None = None
    confirm: float | None = 1.0
    """After the gateway has required an action; None: never."""
    again: float | None = None
    """A second checkout of the same cart after this time, however the first one ended."""
    meddle: float | None = None
    """Adds one more item to the cart then."""
    afterwards: str = ""
    operator: str = ""
    """What an operator does when the checkout needs one."""
    place: str = ""
    """The country of the destination."""
    tells_cart: bool = False
    """The destination is set on the cart, and not only with the checkout."""
    offer: str = ""
    """The merchant's offer: "start" a cart from it, or "add" it to a cart."""
    bump: bool = False
    """Takes the order bump that is proposed beside the offer."""
    referred: bool = False
    """Another customer has referred this one."""
    bank: str = ""
    """How refunds go: one is "refused", or the gateway is "silent" for some minutes."""


@dataclass(frozen=True)
class Change:
    """A change that the merchant makes to goods, or to the promotion."""

    at: float
    what: str
    goods: int
    number: int


@dataclass(frozen=True)
class Workload:
    seed: int
    goods: tuple[Goods, ...]
    purchases: tuple[Purchase, ...]
    number: int = 0
    """Distinguishes runs of one seed by their ids and tenants; changes nothing else."""
    changes: tuple[Change, ...] = ()
    uses: int | None = 1
    """How often the promotion may be used."""
    percent: int = 10
    has_offer: bool = False
    """The merchant has an offer with an order bump, a campaign for it and a referral program."""
    is_tested: bool = False
    """An experiment shows one half of the sessions a lower price of the offer."""
    budget: int | None = None
    """Of the campaign."""
    referrals: int | None = None
    """How often the referral rule may be used."""
    replicas: int = 2
    rate: float = 0.0
    """Probability of a fault at an injection point, where faults are drawn."""
    most_faults: int = 0
    kinds: tuple[str, ...] = ()
    """Kinds of injection points. Mostly a few: otherwise the most frequent kind would get all the faults."""
    only: tuple[str, ...] = ()
    """Which faults; empty: all that these kinds have."""
    healed_at: float = 30.0
    """Seconds after which there are no more faults."""

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Workload:
        purchases = (
            Purchase(**{**it, "lines": tuple((goods, units) for goods, units in it["lines"])})
            for it in fields["purchases"]
        )
        parsed = {
            "goods": tuple(Goods(**it) for it in fields["goods"]),
            "purchases": tuple(purchases),
            "changes": tuple(Change(**it) for it in fields["changes"]),
            "kinds": tuple(fields["kinds"]),
            "only": tuple(fields["only"]),
        }
        return cls(**{**fields, **parsed})

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def without(self, part: str, at: int) -> Workload:
        """A copy without one purchase or one change."""
        rest = getattr(self, part)
        return replace(self, **{part: rest[:at] + rest[at + 1 :]})


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

    def __post_init__(self) -> None:
        self.random = random.Random(f"{self.seed}/scene")
        self.places = random.Random(f"{self.seed}/places")
        self.offers = random.Random(f"{self.seed}/offers")
        self.tests = random.Random(f"{self.seed}/tests")

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
        workload = self._with_tests(self._with_offer(self._sent_somewhere(workload)))
        return self._broken_for_long(workload) if chance.random() < 0.15 else workload

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
