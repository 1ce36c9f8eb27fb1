"""Replay of the stock facts of one product, independent of the offer service's code."""

from typing import Any


class StockReplay:
    """Units on hand and holds by checkout, folded from the facts."""

    def __init__(self) -> None:
        self.on_hand = 0
        self.backorders = False
        self.holds: dict[str, int] = {}

    def apply(self, type_: str, fact: dict[str, Any]) -> str | None:
        """Apply a fact. Returns the violation, or None."""
        if type_ == "stock.adjusted":
            self.on_hand, self.backorders = fact["on_hand"], fact["allow_backorders"]
            return None
        if type_ == "stock.extended":
            return None if fact["checkout_id"] in self.holds else "extends a hold that there is not"
        quantity = fact["quantity"]
        if type_ == "stock.received":
            self.on_hand += quantity
            return None
        checkout = fact["checkout_id"]
        if type_ == "stock.reserved":
            return self._reserve(checkout, quantity)
        held = self.holds.pop(checkout, None)
        if type_ == "stock.confirmed":
            self.on_hand -= quantity
        if held is None:
            return "ends a hold that there is not"
        if held != quantity:
            return "ends a hold of other units"
        return "sold below zero" if self.on_hand < 0 and not self.backorders else None

    def _reserve(self, checkout: str, quantity: int) -> str | None:
        if quantity <= 0:
            return "holds nothing"
        if checkout in self.holds:
            return "holds twice for one checkout"
        self.holds[checkout] = quantity
        if sum(self.holds.values()) > self.on_hand and not self.backorders:
            return "promises more than there is"
        return None
