"""Reconciliation of stock, discount uses and money after failed purchases."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from demo.scenarios import ON_HAND, QUANTITY, Attempt, ScenarioGoods
from demo.shopping.shop import Shop


@dataclass(frozen=True, slots=True)
class Balance:
    """Totals of the gateway's ledger in cents. ``held``: authorized, neither captured nor voided."""

    captured: int
    refunded: int
    voided: int
    held: int

    @property
    def kept(self) -> int:
        return self.captured - self.refunded


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Pairs of expected and found figures."""

    on_hand: tuple[int, int]
    reserved: int
    discount_uses: tuple[int, int]
    money: tuple[int, int]
    balance: Balance

    @property
    def is_even(self) -> bool:
        pairs = (self.on_hand, self.discount_uses, self.money)
        return all(should == found for should, found in pairs) and not (self.reserved or self.balance.held)


def balance(entries: Iterable[dict[str, Any]]) -> Balance:
    """Sum up the gateway's ledger."""
    sums: defaultdict[str, int] = defaultdict(int)
    held: dict[str, int] = {}
    for entry in entries:
        status, payment_id, amount = entry["status"], entry["payment_id"], entry["amount"]
        if status == "authorized":
            held[payment_id] = amount
        elif status in {"captured", "voided"}:
            held.pop(payment_id, None)
        sums[status] += amount
    return Balance(sums["captured"], sums["refunded"], sums["voided"], sum(held.values()))


async def reconcile(shop: Shop, ground: ScenarioGoods, attempts: Sequence[Attempt]) -> Reconciliation:
    """Compare stock, discount uses, orders and the gateway's ledger with the attempts."""
    sold = [it.order_id for it in attempts if it.status == "completed" and it.order_id]
    orders = [await shop.order(it) for it in sold]
    stock = await shop.stock(ground.product_id)
    books = balance(await shop.payments())
    return Reconciliation(
        on_hand=(ON_HAND - QUANTITY * len(sold), stock["on_hand"]),
        reserved=stock["reserved"],
        discount_uses=(len(sold), await shop.discount_uses(ground.promotion_id)),
        money=(sum(it["totals"]["total"]["amount"] for it in orders), books.kept),
        balance=books,
    )
