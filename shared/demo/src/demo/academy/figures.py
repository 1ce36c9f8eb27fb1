"""The academy's figures, as the services tell them, compared with what its shoppers did."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from demo import figures, ledger
from demo.academy.opening import BASE, BUDGET, REFERRER_PERCENT, THIRD_BOOK, WELCOME, Academy
from demo.academy.shoppers import REFERRER, Order, Trade
from demo.proof import Check
from demo.reconciliation import balance
from demo.shopping.api import Api
from demo.shopping.shop import Shop

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Variant:
    """How a variant of the offer did."""

    name: str
    exposures: int
    conversions: int


@dataclass(frozen=True, slots=True)
class Figures:
    """``checks``: what must be equal. ``budget_used`` and ``budget_held``: of the campaign, in cents;
    ``ledger``: the balances of the accounts, in cents."""

    variants: tuple[Variant, ...]
    checks: tuple[Check, ...]
    budget_used: int
    budget_held: int
    ledger: Mapping[str, int]
    failures: tuple[str, ...]

    def problems(self) -> list[str]:
        found = [f"a shopper of the academy: {it}" for it in self.failures]
        found += [
            f"the academy's {it.what}: {it.found:,} instead of {it.wanted:,}"
            for it in self.checks
            if not it.holds
        ]
        if self.budget_held or not 0 < self.budget_used <= BUDGET:
            found.append(f"the campaign has used {self.budget_used:,} and holds {self.budget_held:,}")
        return found


async def read_figures(api: Api, academy: Academy, trade: Trade) -> Figures:
    """Read them once all services have heard of all orders."""

    async def read() -> Figures:
        return await _read(api, academy, trade)

    return await figures.poll_until(read, lambda found: not found.problems())


async def _read(api: Api, academy: Academy, trade: Trade) -> Figures:
    orders, shop = trade.orders, Shop(api)
    now = datetime.now(UTC)
    days = await figures.conversion(api, (now - A_DAY).date(), (now + A_DAY).date())
    path = f"/v1/offers/{academy.offer_id}/experiments/{academy.experiment_id}"
    experiment = await api.get("offer", path, "admin")
    campaign = await api.get("offer", f"/v1/campaigns/{academy.campaign_id}", "admin")
    variants = tuple(Variant(it["name"], it["exposures"], it["conversions"]) for it in experiment["variants"])
    bases = {it["variant_id"]: _base_of(it["changes"]) for it in experiment["variants"]}
    saved = sum(bases[it.variant_id] - it.offer_price for it in orders if it.variant_id)
    revenue = sum(it.total for it in orders)
    sold = Counter(name for it in orders for name in it.promotions)
    promotions = (
        (WELCOME, WELCOME, academy.promotions.welcome),
        (THIRD_BOOK, THIRD_BOOK, academy.promotions.third_book),
        ("volume", "the promotion for large teams", academy.promotions.large_team),
    )
    uses = [
        _count(f"uses of {what}", sold[name], await shop.discount_uses(promotion_id))
        for name, what, promotion_id in promotions
    ]
    used, held = (_amount(campaign[name]) for name in ("used", "held"))
    referred = [it for it in orders if it.is_referred]
    rewards = await api.items("offer", "/v1/referral/rewards", "admin", referrer_id=REFERRER)
    accounts = await ledger.balances(api)
    checks = (
        Check("revenue of all orders (conversion)", revenue, sum(it.revenue for it in days.values())),
        Check("captured by the gateway", revenue, balance(await shop.payments()).kept),
        *uses,
        _count(
            "sessions that were shown the offer", len(trade.sessions), sum(it.exposures for it in variants)
        ),
        _count("sessions that bought it", _converted(trade), sum(it.conversions for it in variants)),
        Check("used of the campaign's budget", saved, used),
        _count("redeemed referrals", len(referred), await _redeemed(api)),
        _count("rewards of the referrer", len(referred), len(rewards)),
        Check("rewarded to the referrer", sum(map(_reward_of, referred)), sum(it["left"] for it in rewards)),
        *ledger.checks(revenue, accounts),
    )
    return Figures(variants, checks, used, held, accounts, tuple(trade.failures))


def _reward_of(order: Order) -> int:
    """Of its total, which has no tax; half a cent is rounded up."""
    return (order.total * REFERRER_PERCENT + 50) // 100


def _base_of(changes: dict[str, Any]) -> int:
    """The base price of the offer in a variant."""
    return int((changes["price"] or {}).get("base") or BASE)


def _converted(trade: Trade) -> int:
    return sum(1 for it in trade.orders if it.variant_id)


async def _redeemed(api: Api) -> int:
    applications = await api.items("offer", "/v1/referral/applications", "admin")
    return sum(1 for it in applications if it["status"] == "redeemed")


def _count(what: str, wanted: int, found: int) -> Check:
    return Check(what, wanted, found, is_money=False)


def _amount(money: dict[str, Any]) -> int:
    return int(money["amount"])
