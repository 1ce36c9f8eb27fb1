"""Compare what the customers saw with the orders, the gateway's ledger, the shelves and the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tests.proofs.async_shop import Shop, by_checkout
from tests.proofs.caller import Json
from tests.proofs.chaos.buyers import CUSTOMERS, Purchase, Range
from tests.proofs.verdict import Verdict

REFUSALS = {"CHECKOUT_IN_PROGRESS", "CART_NOT_ACTIVE"}
"""Refusals of the second of two checkouts of the same cart."""
BOUGHT, OPEN = {"converted"}, {"active", "abandoned"}
"""The statuses of carts; abandoned ones are those of before the clock was moved."""
SPENT = "INVALID_DISCOUNT_CODE"
"""Refusal of a code whose last use was redeemed after it had been applied to the cart."""


class Reconciliation:
    """The comparison for one tenant."""

    def __init__(
        self, shop: Shop, goods: Range, purchases: Sequence[Purchase], verdict: Verdict, tenant: str
    ) -> None:
        self._shop = shop
        self._goods = goods
        self._purchases = [it for it in purchases if it.tenant == tenant]
        self._verdict = verdict
        self._tenant = tenant

    async def check(self, on_hand: Mapping[str, int], promotion_id: str, limit: int) -> Counter[str]:
        """``on_hand``: the stock before the storm. Returns how many checkouts ended in which way."""
        orders = await self._orders()
        done = by_checkout(await self._shop.ledger())
        self._check_tombstones(done.pop(None, []))
        ends = {end["checkout_id"]: (it, end) for it in self._purchases for end in it.ends}
        for checkout_id, (purchase, end) in ends.items():
            ours = orders.pop(checkout_id, [])
            entries = done.pop(checkout_id, [])
            if end["status"] == "completed":
                self._check_sale(purchase, end, ours, entries)
            else:
                self._check_failure(end, ours, entries)
        for checkout_id, unknown in orders.items():
            self._broken(f"{len(unknown)} orders of checkout {checkout_id}, which no customer knows")
        for checkout_id, entries in done.items():
            self._broken(f"{entries} at the gateway for checkout {checkout_id}, which no customer knows")
        for purchase in self._purchases:
            await self._check_cart(purchase)
        await self._check_stock(on_hand)
        await self._check_code(promotion_id, limit)
        await self._check_figures()
        return Counter((it["failure"] or {}).get("code", "completed") for _, it in ends.values())

    def _broken(self, what: str) -> None:
        self._verdict.violations.append(f"{self._tenant}: {what}")

    def _expect(self, holds: bool, what: str) -> None:
        self._verdict.expect(holds, f"{self._tenant}: {what}")

    async def _orders(self) -> dict[str, list[Json]]:
        found: dict[str, list[Json]] = {}
        for number in range(CUSTOMERS):
            for it in await self._shop.orders_of(f"{self._tenant}-customer-{number}"):
                found.setdefault(it["checkout_id"], []).append(it)
        return found

    def _check_tombstones(self, entries: list[tuple[Any, ...]]) -> None:
        """A payment may be voided before the gateway knows it, and so without its checkout."""
        for it in entries:
            if it != ("void", "voided", 0):
                self._broken(f"{it} at the gateway, without a checkout")

    def _check_sale(
        self, it: Purchase, end: Json, orders: list[Json], entries: list[tuple[Any, ...]]
    ) -> None:
        total = self._price(it)
        which = f"checkout {end['checkout_id']} ({it.token})"
        self._expect(len(orders) == 1, f"{which} is completed and has {len(orders)} orders")
        captures = [one for one in entries if one[:2] == ("capture", "captured")]
        self._expect(
            captures == [("capture", "captured", total)], f"{which} should have paid {total}: {entries}"
        )
        undone = [one for one in entries if one[0] in {"void", "refund"}]
        agreed = [("refund", "refunded", _refunded(it))] if it.refund else []
        self._expect(undone == agreed, f"{which} is completed, and {undone} instead of {agreed}")
        for order in orders:
            actual = order["totals"]["total"]["amount"], order["status"], order["order_id"]
            expected = total, "fulfilled", end["order_id"]
            self._expect(actual == expected, f"the order of {which} is {actual}, not {expected}")
            left = {line["product_id"]: line["units_left"] for line in order["lines"]}
            kept = dict(Counter(it.lines) - it.back)
            self._expect(+Counter(left) == Counter(kept), f"{which} should have {kept} left and has {left}")
            sold = {line["product_id"]: line["quantity"] for line in order["lines"]}
            self._expect(sold == it.lines, f"{which} ordered {it.lines} and got {sold}")

    def _check_failure(self, end: Json, orders: list[Json], entries: list[tuple[Any, ...]]) -> None:
        which = f"failed checkout {end['checkout_id']} ({end['failure']['code']})"
        live = [it["status"] for it in orders if it["status"] != "cancelled"]
        self._expect(not live, f"{which} has orders that are {live}")
        count = Counter(one[:2] for one in entries)
        self._expect(count["capture", "captured"] == 0, f"{which} was charged and not by an order: {entries}")
        # an authorization that waits for the customer's action holds money, too
        held = count["authorize", "authorized"] + count["authorize", "requires_action"]
        self._expect(count["void", "voided"] >= min(1, held), f"{which} still holds money: {entries}")

    async def _check_cart(self, it: Purchase) -> None:
        for refusal in (response for response in it.responses if not response.ok):
            spent = it.code is not None and refusal.code == SPENT
            self._expect(
                spent or (it.presses_twice and refusal.code in REFUSALS),
                f"purchase {it.number} was refused: {refusal.body}",
            )
        cart = await self._shop.caller.read("cart", f"/v1/carts/{it.cart_id}")
        holds = {one["product_id"]: one["quantity"] for one in cart["items"]}
        self._expect(holds == it.lines, f"cart {it.cart_id} should hold {it.lines} and holds {holds}")
        sales = sum(end["status"] == "completed" for end in it.ends)
        self._expect(sales <= 1, f"cart {it.cart_id} was bought {sales} times")
        wanted = BOUGHT if sales else OPEN
        self._expect(cart["status"] in wanted, f"cart {it.cart_id} is {cart['status']} and not {wanted}")

    async def _check_stock(self, on_hand: Mapping[str, int]) -> None:
        sold: Counter[str] = Counter()
        for it in self._sales():
            sold.update(it.lines)
            sold.subtract(it.back)
        for product_id, before in on_hand.items():
            left = await self._shop.stock(product_id)
            wanted = before - sold[product_id], 0
            self._expect(left == wanted, f"product {product_id}: {left} on hand and reserved, not {wanted}")

    async def _check_code(self, promotion_id: str, limit: int) -> None:
        uses = await self._shop.uses(promotion_id)
        sales = sum(it.code is not None for it in self._sales())
        self._expect(uses == sales, f"the code counts {uses} uses and was used {sales} times")
        self._expect(uses <= limit, f"the code was used {uses} times and may be used {limit} times")

    async def _check_figures(self) -> None:
        days = await self._shop.caller.items("projections", "/v1/analytics/conversion", "analyst")
        actual = sum(it["completed"] for it in days), sum(it["revenue"]["amount"] for it in days)
        revenue = sum(self._price(it) - _refunded(it) for it in self._sales())
        expected = len(self._sales()), revenue
        self._expect(actual == expected, f"the figures say {actual} sales and revenue, not {expected}")

    def _sales(self) -> list[Purchase]:
        return [it for it in self._purchases if any(end["status"] == "completed" for end in it.ends)]

    def _price(self, it: Purchase) -> int:
        full = sum(self._goods.prices[product] * quantity for product, quantity in it.lines.items())
        return full - full * self._goods.percent // 100 if it.code else full


def _refunded(it: Purchase) -> int:
    return int(it.refund["amount"]["amount"]) if it.refund else 0
