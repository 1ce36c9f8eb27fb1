"""Failure scenarios: purchases with each kind of payment token, of a product with stock."""

from dataclasses import dataclass
from typing import Any

from demo.shopping.api import Refusal
from demo.shopping.shop import Buyer, Goods, Shop
from devstack.process_group import run_concurrently

PRICE = 2_500
ON_HAND = 200
QUANTITY = 2
CODE = "SECOND-TRY"
PERCENT = 10


@dataclass(frozen=True, slots=True)
class Scenario:
    """A payment token, its meaning, and the expected end of a purchase."""

    token: str
    meaning: str
    times: int
    end: str
    code: str | None = None


SCENARIOS = (
    Scenario("tok_down", "the gateway does not answer for 30 s", 2, "completed"),
    Scenario("tok_declined", "the card is declined", 6, "failed", "PAYMENT_DECLINED"),
    Scenario("tok_insufficient_funds", "the card has insufficient funds", 6, "failed", "INSUFFICIENT_FUNDS"),
    Scenario("tok_capture_fails", "authorized, but the capture is refused", 6, "failed", "CAPTURE_FAILED"),
    Scenario("tok_unknown", "an unknown token", 4, "failed", "PAYMENT_DECLINED"),
    Scenario("tok_flaky", "two 503 before every answer", 4, "completed"),
    Scenario("tok_timeout", "authorized, but never answered", 4, "completed"),
    Scenario("tok_action", "the customer has to confirm", 4, "completed"),
    Scenario("4242424242424242", "a card number instead of a token", 4, "refused", "CARD_NUMBER_NOT_ALLOWED"),
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The end of one purchase. ``taken_back``: steps with completed compensation."""

    scenario: Scenario
    status: str
    code: str | None = None
    taken_back: tuple[str, ...] = ()
    order_id: str | None = None

    @property
    def as_expected(self) -> bool:
        return (self.status, self.code) == (self.scenario.end, self.scenario.code)


@dataclass(frozen=True, slots=True)
class ScenarioGoods:
    """The product and promotion that all scenarios use."""

    product_id: str
    promotion_id: str


async def prepare(shop: Shop) -> ScenarioGoods:
    product_id = await shop.put_on_sale("TRIAL", "Something in stock", PRICE)
    await shop.count_stock(product_id, ON_HAND)
    uses = sum(it.times for it in SCENARIOS)
    return ScenarioGoods(product_id, await shop.offer_discount(CODE, PERCENT, uses))


async def run_all(shop: Shop, ground: ScenarioGoods) -> list[Attempt]:
    """Run all scenarios concurrently."""
    attempts: list[Attempt] = []

    async def run_one(scenario: Scenario, number: int) -> None:
        name = f"trial-{SCENARIOS.index(scenario)}-{number}"
        attempts.append(await _attempt(shop, ground, scenario, name))

    await run_concurrently(
        run_one(scenario, number) for scenario in SCENARIOS for number in range(scenario.times)
    )
    return attempts


async def _attempt(shop: Shop, ground: ScenarioGoods, scenario: Scenario, name: str) -> Attempt:
    buyer = Buyer(f"buyer-of-{name}", scenario.token)
    try:
        cart = await shop.fill_cart(name, buyer.customer_id, Goods(ground.product_id, QUANTITY), code=CODE)
        return to_attempt(scenario, await shop.check_out(name, cart, buyer))
    except Refusal as refusal:
        return Attempt(scenario, "refused", refusal.code)
    except TimeoutError:
        return Attempt(scenario, "open")


def to_attempt(scenario: Scenario, checkout: dict[str, Any]) -> Attempt:
    failure = checkout["failure"] or {}
    done = (it["name"] for it in checkout["steps"] if it.get("compensation") == "completed")
    return Attempt(scenario, checkout["status"], failure.get("code"), tuple(done), checkout["order_id"])
