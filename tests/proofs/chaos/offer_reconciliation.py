"""Compare what those who bought by offers saw with the orders, the gateway's ledger and what is counted."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tests.proofs.async_shop import Shop, by_checkout
from tests.proofs.caller import Json
from tests.proofs.chaos.offer_buyers import OfferPurchase, cart_and_quote, compare
from tests.proofs.chaos.offer_goods import (
    ADDED_PRICES,
    BASE,
    BOARDS,
    CAMPAIGN_PERCENT,
    CODE,
    LOWER,
    SENSORS,
    OfferGoods,
)
from tests.proofs.chaos.reconciliation import BOUGHT, OPEN
from tests.proofs.chaos.shown_sales import shown_in, totals_of
from tests.proofs.verdict import Verdict

COUNTED_WITHIN, LOOK_EVERY = 20.0, 0.5
"""Seconds; an experiment's numbers are up to a second old."""
REFERRAL = "referral-"


class OfferReconciliation:
    def __init__(
        self, shop: Shop, goods: OfferGoods, purchases: Sequence[OfferPurchase], verdict: Verdict
    ) -> None:
        self._shop = shop
        self._goods = goods
        self._purchases = purchases
        self._verdict = verdict
        self._orders: dict[str, list[Json]] = {}
        """By checkout."""
        self._sold: list[tuple[OfferPurchase, Json]] = []
        """Completed purchases, with the order of each."""

    async def check(self) -> Counter[str]:
        """Returns how many checkouts ended in which way."""
        for it in self._purchases:
            for trouble in it.troubles:
                self._expect(False, f"customer {it.number}: {trouble}")
        for customer_id in sorted({it.customer_id for it in self._purchases}):
            for order in await self._shop.orders_of(customer_id):
                self._orders.setdefault(order["checkout_id"], []).append(order)
        await self._check_checkouts()
        for it in (it for it in self._purchases if it.cart_id):
            await self._check_cart(it)
        await self._check_stock()
        await self._check_promotion()
        await self._check_campaign()
        await self._check_referrals()
        await self._check_experiment()
        await self._check_figures()
        self._verdict.figures["by_offers"] = self._figures()
        return Counter(
            attempt.code or "completed" for it in self._purchases for attempt in it.attempts if attempt.end
        )

    def _expect(self, holds: bool, what: str) -> None:
        self._verdict.expect(holds, f"{self._shop.caller.tenant}: {what}")

    def _expect_same(self, what: str, actual: object, expected: object) -> None:
        self._expect(actual == expected, f"{what}: {actual} and not {expected}")

    async def _check_checkouts(self) -> None:
        ledger = by_checkout(await self._shop.ledger())
        ledger.pop(None, None)
        for it in self._purchases:
            for end in (attempt.end for attempt in it.attempts if attempt.end):
                orders = self._orders.pop(end["checkout_id"], [])
                entries = ledger.pop(end["checkout_id"], [])
                if end["status"] == "completed":
                    self._check_sale(it, end, orders, entries)
                else:
                    self._check_failure(end, orders, entries)
        self._expect_same("orders of checkouts that no customer knows", list(self._orders), [])
        self._expect_same("checkouts at the gateway that no customer knows", list(ledger), [])

    def _check_sale(
        self, it: OfferPurchase, end: Json, orders: list[Json], entries: list[tuple[Any, ...]]
    ) -> None:
        """The checkout, the order and the ledger have one total: what was agreed to, or less."""
        which, agreed = (
            f"checkout {end['checkout_id']}",
            next(one for one in it.attempts if one.end is end).agreed,
        )
        self._expect_same(f"orders of {which}", len(orders), 1)
        total = end["totals"]["total"]["amount"]
        captures = [one for one in entries if one[:2] == ("capture", "captured")]
        self._expect_same(f"captures of {which}", captures, [("capture", "captured", total)])
        undone = [one for one in entries if one[0] in {"void", "refund"}]
        self._expect_same(f"voids and refunds of {which}", undone, [])
        for order in orders:
            self._sold.append((it, order))
            paid = shown_in(order)
            self._expect_same(f"totals of the order of {which}", paid.totals, totals_of(end["totals"]))
            self._expect(not paid.contradicts(agreed), f"{which} showed {agreed} and sold {paid}")
            self._expect(
                paid.total <= agreed.total, f"{which} took {paid.total}; {agreed.total} was agreed to"
            )
            quantities = {line["product_id"]: line["quantity"] for line in order["lines"]}
            self._expect_same(f"lines of the order of {which}", quantities, dict(it.lines))
            self._check_prices(it, order)

    def _check_prices(self, it: OfferPurchase, order: Json) -> None:
        """The offer's price is its variant's, or the campaign's of that; others have their reduced prices."""
        base = self._base(it)
        parts = [line for line in order["lines"] if line["offer_id"] and not line["upsell_id"]]
        lowered = base - base * CAMPAIGN_PERCENT // 100
        wanted = lowered if any(line["campaign_id"] for line in parts) else base
        actual = sum(line["quantity"] * line["unit_price"]["amount"] for line in parts)
        self._expect_same(f"price of the offer in {order['order_id']}", actual, wanted)
        variant = self._goods.variants[base == LOWER]
        self._expect_same(
            f"variants in {order['order_id']}", {line["variant_id"] for line in parts}, {variant}
        )
        units = sorted(line["units"] for line in parts)
        self._expect_same(f"units in {order['order_id']}", units, sorted((BOARDS, SENSORS)))
        names = {product_id: name for name, product_id in self._goods.products.items()}
        for line in (line for line in order["lines"] if line["upsell_id"]):
            name = names[line["product_id"]]
            self._expect_same(f"price of the {name}", line["unit_price"]["amount"], ADDED_PRICES[name])

    def _base(self, it: OfferPurchase) -> int:
        """The price in the variant of the customer's session: both have the same weight."""
        digest = hashlib.sha256(f"{self._goods.experiment_id}:{it.name}".encode()).digest()
        return LOWER if digest[0] >> 7 else BASE

    def _check_failure(self, end: Json, orders: list[Json], entries: list[tuple[Any, ...]]) -> None:
        which = f"failed checkout {end['checkout_id']} ({end['failure']['code']})"
        live = [one["status"] for one in orders if one["status"] != "cancelled"]
        self._expect_same(f"orders of {which}", live, [])
        by_kind = Counter(one[:2] for one in entries)
        self._expect_same(f"captures of {which}", by_kind["capture", "captured"], 0)
        held = by_kind["authorize", "authorized"] + by_kind["authorize", "requires_action"]
        self._expect(by_kind["void", "voided"] >= min(1, held), f"{which} still holds money: {entries}")

    async def _check_cart(self, it: OfferPurchase) -> None:
        """An open cart has the price of a quote for what is in it, but for a code that is used up."""
        cart = await self._shop.caller.read("cart", f"/v1/carts/{it.cart_id}")
        holds = {one["product_id"]: one["quantity"] for one in cart["items"]}
        self._expect_same(f"cart {it.cart_id} holds", holds, dict(it.lines))
        wanted = BOUGHT if it.sold else OPEN
        self._expect(cart["status"] in wanted, f"cart {it.cart_id} is {cart['status']} and not {wanted}")
        if not it.sold:
            cart, quote = await cart_and_quote(it, self._shop, f"at rest {len(self._purchases)}")
            before = len(it.troubles)
            differs = compare(it, cart, quote)
            used_up = any(
                one["code"] == CODE and one["reason"] == "limit_reached" for one in quote["rejected"]
            )
            self._expect(not differs or used_up, f"cart {it.cart_id}: {differs}")
            for trouble in it.troubles[before:]:
                self._expect(False, f"at rest: {trouble}")

    async def _check_stock(self) -> None:
        units = Counter[str]()
        for _, order in self._sold:
            for line in order["lines"]:
                units[line["product_id"]] += line["quantity"] * line["units"]
        for product_id, before in self._goods.on_hand.items():
            left = await self._shop.stock(product_id)
            self._expect_same(f"on hand and reserved of {product_id}", left, (before - units[product_id], 0))

    async def _check_promotion(self) -> None:
        users = [order["customer_id"] for _, order in self._sold if CODE in _codes(order)]
        uses = await self._shop.uses(self._goods.promotion_id)
        self._expect_same("uses of the code", uses, len(users))
        self._expect(uses <= self._goods.limits.uses, f"the code was used {uses} times")
        self._expect_same("customers with the code", len(set(users)), len(users))

    async def _check_campaign(self) -> None:
        """Nothing is held, and used is what completed purchases have saved by the campaign."""
        saved = sum(
            self._base(it) - self._base(it) * (100 - CAMPAIGN_PERCENT) // 100
            for it, order in self._sold
            if any(line["campaign_id"] for line in order["lines"])
        )
        path = f"/v1/campaigns/{self._goods.campaign_id}"
        campaign = await self._shop.caller.read("offer", path, "admin")
        budget = campaign["held"]["amount"], campaign["used"]["amount"]
        self._expect_same("held and used of the campaign's budget", budget, (0, saved))
        self._expect(saved <= self._goods.limits.budget, f"the campaign has spent {saved}")
        # the next sale finds the budget open or exhausted; with nothing used it can only be open
        self._expect(bool(saved) or not campaign["exhausted"], "an unused budget is exhausted")

    async def _check_referrals(self) -> None:
        referred = {order["checkout_id"] for _, order in self._sold if _is_referred(order)}
        applications: list[Json] = []
        for customer_id in sorted({it.customer_id for it in self._purchases}):
            path = f"/v1/referral/applications?customer_id={customer_id}"
            applications += await self._shop.caller.items("offer", path, "admin")
        redeemed = {it["checkout_id"] for it in applications if it["status"] == "redeemed"}
        self._expect_same("checkouts with a redeemed referral", redeemed, referred)
        held = [it["checkout_id"] for it in applications if it["status"] == "applied"]
        self._expect_same("checkouts that still hold a referral", held, [])
        rule = await self._shop.caller.read("offer", f"/v1/referral/rules/{self._goods.rule_id}", "admin")
        self._expect_same("uses of the referral rule", rule["uses"], len(referred))
        self._expect(len(referred) <= self._goods.limits.referrals, f"{len(referred)} were referred by one")
        customers = [order["customer_id"] for _, order in self._sold if _is_referred(order)]
        self._expect_same("referees", len(set(customers)), len(customers))

    async def _check_experiment(self) -> None:
        """Each cart is one exposure, and each purchase one conversion, of its session's variant."""
        carts = Counter(self._base(it) for it in self._purchases if it.cart_id)
        sales = Counter(self._base(it) for it, _ in self._sold)
        expected = [(carts[price], sales[price]) for price in (BASE, LOWER)]
        path = f"/v1/offers/{self._goods.offer_id}/experiments/{self._goods.experiment_id}"

        async def counts() -> object:
            found = await self._shop.caller.read("offer", path, "admin")
            return [(it["exposures"], it["conversions"]) for it in found["variants"]]

        actual = await _until(counts, expected)
        self._expect_same("exposures and conversions of both variants", actual, expected)

    async def _check_figures(self) -> None:
        days = await self._shop.caller.items("projections", "/v1/analytics/conversion", "analyst")
        actual = sum(it["completed"] for it in days), sum(it["revenue"]["amount"] for it in days)
        paid = sum(order["totals"]["total"]["amount"] for _, order in self._sold)
        self._expect_same("sales and revenue in the figures", actual, (len(self._sold), paid))

    def _figures(self) -> Json:
        return {
            "customers": len(self._purchases),
            "carts": sum(bool(it.cart_id) for it in self._purchases),
            "sold": len(self._sold),
            "at the campaign's price": sum(
                any(line["campaign_id"] for line in order["lines"]) for _, order in self._sold
            ),
            "with the code": sum(CODE in _codes(order) for _, order in self._sold),
            "referred": sum(map(_is_referred, (order for _, order in self._sold))),
            "refused": Counter(
                attempt.code for it in self._purchases for attempt in it.attempts if attempt.code
            ),
            "quotes": sum((it.quotes for it in self._purchases), Counter()),
        }


def _codes(order: Json) -> set[str]:
    return {str(it["code"]) for it in order["discounts"] if it["amount"]["amount"]}


def _is_referred(order: Json) -> bool:
    return any(it["referral"] for it in order["discounts"])


async def _until(look: Callable[[], Awaitable[object]], expected: object) -> object:
    """Returns what was seen last."""
    for _ in range(int(COUNTED_WITHIN / LOOK_EVERY)):
        if (seen := await look()) == expected:
            break
        await asyncio.sleep(LOOK_EVERY)
    return seen
