"""What the actors of a run do: drawn from a seed, or read from a JSON object that holds all of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from simulators.gateway import tokens

TAXED = "PT"
"""The one country with taxes; they are added to the price."""
REFERRER = 9
"""The number of the customer who has referred the others; customers without referees have smaller ones."""


@dataclass(frozen=True)
class Goods:
    """``stock``: None if it is not counted."""

    price: int
    stock: int | None
    type: str = "physical_product"


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
    """What an operator does when the checkout needs one: "retry", "compensate", "release" the money at the
    gateway's own page, or only "claim" to have done that."""
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
    method: str = "card"
    pays: float | None = None
    """A pix: how long after its instructions it is paid; None: never."""
    at_bank: str = "pay"
    """What a customer does about a pix: "pay" or "decline"."""
    attempts: int = 1
    next_token: str = tokens.OK
    """Of the attempt after a declined one."""
    bank: str = ""
    """How refunds go: one is "refused", or the gateway is "silent" for some minutes."""
    attended: float = 1.0
    """When an operator sees to a refund that needs one."""
    later: float = 0.1
    """From the end of the checkout to what comes ``afterwards``."""
    shop: str = ""
    """What the shop does about lines that are not handed over yet."""
    erased: float | None = None
    """After the end of the checkout the customer is erased, as soon as nothing of theirs is under way."""
    registered: bool = False
    """The shop enters the customer into its register, with an e-mail address."""
    spends: bool = False
    """Uses what the customer was rewarded with."""
    upsell: float | None = None
    """Presses the link of what is proposed after the purchase twice, so long after it was proposed."""
    review: str = ""
    """How operators decide a review of its payment: "approve", "decline", or "both" at once by two of them;
    empty: no decision, it ends by its time."""
    reviewed: float = 1.0
    """When they decide it, after it has begun."""


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
    reward: int | None = None
    """Percentage of a referred customer's first order that the referrer gets."""
    manual: tuple[str, ...] = ()
    """Types of products that the shop hands over by hand."""
    on_failure: str = "operator"
    """What the shop does with lines that cannot be handed over."""
    outcomes: tuple[str, ...] = ()
    """How the tries to hand over a digital product go; the last one goes for all further ones."""
    rules: str = ""
    """What the shop's fraud rules review: "all" payments, or a customer's "second" attempt, and then they
    deny the third; empty: payments are not screened."""
    review_hours: int = 24
    """How long a review may take."""
    review_timeout: str = "decline"
    """How a review without a decision ends."""
    reconciled: int = 0
    """After so many hours the accounts are reconciled again; 0: they are not by themselves."""
    compared: tuple[float, ...] = ()
    """When operators have the accounts compared besides."""
    lost: bool = False
    """The gateway holds money for a checkout that is in no log."""
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
            "manual": tuple(fields.get("manual", ())),
            "outcomes": tuple(fields.get("outcomes", ())),
            "compared": tuple(fields.get("compared", ())),
        }
        return cls(**{**fields, **parsed})

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def without(self, part: str, at: int) -> Workload:
        """A copy without one purchase or one change."""
        rest = getattr(self, part)
        return replace(self, **{part: rest[:at] + rest[at + 1 :]})
