"""Carts: what was sold is what the cart's own facts add up to."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from verify.check import Check, Row, ViolationQuery
from verify.checks.sales.identities import arithmetic_difference
from verify.checks.sales.sale import Sale
from verify.dataset.dataset import Dataset
from verify.replays import replays

FACTS = """
    SELECT stream_id, tenant, type, checkout_id, body FROM log
    WHERE type IN ('cart.item_added', 'cart.item_quantity_changed', 'cart.item_removed', 'cart.cleared',
                   'cart.repriced', 'cart.locked', 'cart.converted')
      AND stream_id IN (SELECT stream_id FROM log WHERE type = 'cart.converted')
      AND stream_id IN (SELECT stream_id FROM log WHERE type = 'cart.created')
    ORDER BY stream_id, version
"""
"""Of carts only: the answers to repeated commands have the same types, in streams of their own."""


class CartReplay:
    """The lines of one cart, folded from its facts, independent of the cart service's code."""

    def __init__(self) -> None:
        self.lines: dict[str, list[int]] = {}
        """Quantity and unit price, by item."""
        self.locked: dict[str, tuple[dict[str, list[int]], Mapping[str, Any]]] = {}
        """The lines at each lock, and the sale of the lock, by checkout."""

    def apply(self, type_: str, checkout: str, fact: Mapping[str, Any]) -> None:
        match type_:
            case "cart.item_added":
                line = self.lines.setdefault(fact["item_id"], [0, fact["unit_price"]])
                line[0] += fact["quantity"]
            case "cart.item_quantity_changed":
                self.lines[fact["item_id"]][0] = fact["quantity"]
            case "cart.item_removed":
                del self.lines[fact["item_id"]]
            case "cart.cleared":
                self.lines.clear()
            case "cart.repriced":
                for item in fact["items"]:
                    self.lines[item["item_id"]][1] = item["unit_price"]
            case "cart.locked":
                self.locked[checkout] = {key: list(it) for key, it in self.lines.items()}, fact["sale"]

    def difference(self, checkout: str) -> str | None:
        """How the sale of the checkout's lock differs from the cart's facts, or None."""
        if checkout not in self.locked:
            return "sold without a lock"
        lines, sale = self.locked[checkout]
        sold = {it["line_id"]: [it["quantity"], it["unit_price"]] for it in sale["lines"]}
        if sold != lines:
            return "the lines differ"
        wrong = arithmetic_difference(Sale(sale))
        return wrong and wrong.wrong


def sales(dataset: Dataset) -> Iterator[Row]:
    for row, cart in replays(dataset, FACTS, CartReplay):
        if row["type"] != "cart.converted":
            cart.apply(row["type"], row["checkout_id"], json.loads(row["body"]))
        elif wrong := cart.difference(row["checkout_id"]):
            yield {
                "wrong": wrong,
                "tenant": row["tenant"],
                "cart_id": row["stream_id"],
                "checkout_id": row["checkout_id"],
            }


B1 = Check(
    "B1",
    "The sale of each converted cart has the lines and prices of the cart's facts, and all of its sums are"
    " those of its own parts, to the last minor unit.",
    "SELECT count(DISTINCT stream_id) FROM log WHERE type = 'cart.converted'"
    " AND stream_id IN (SELECT stream_id FROM log WHERE type = 'cart.created')",
    (ViolationQuery("a sale that its cart's facts do not add up to", sales),),
)

CHECKS = (B1,)
