"""The stock of one product: the units on hand, and the holds of checkouts."""

from datetime import datetime
from typing import NamedTuple, assert_never
from uuid import UUID

from contracts import stock as facts
from kernel import ids
from kernel.domain import Aggregate


def stock_id(product_id: UUID) -> UUID:
    return ids.derive_id(product_id, "stock")


class Hold(NamedTuple):
    quantity: int
    expires_at: datetime | None

    def is_active(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


class Stock(Aggregate):
    """Keeps only holds that have not ended. Without any count or receipt the product is unlimited."""

    def initialise(self) -> None:
        self.on_hand = 0
        self.allow_backorders = False
        self.sold = 0
        self.holds: dict[UUID, Hold] = {}

    def reserved(self, now: datetime) -> int:
        """Units held now. An expired hold does not count, even before its timer has run."""
        return sum(hold.quantity for hold in self.holds.values() if hold.is_active(now))

    def available(self, now: datetime) -> int:
        return self.on_hand - self.reserved(now)

    def can_hold(self, quantity: int, now: datetime) -> bool:
        return self.allow_backorders or quantity <= self.available(now)

    def can_sell(self, quantity: int) -> bool:
        """Of units that a checkout holds. False if a count has found fewer."""
        return self.allow_backorders or quantity <= self.on_hand

    def holds_for(self, checkout_id: UUID) -> bool:
        return checkout_id in self.holds

    def count(self, product_id: UUID, on_hand: int, *, allow_backorders: bool) -> None:
        if not self.exists or (on_hand, allow_backorders) != (self.on_hand, self.allow_backorders):
            self.record(
                facts.Adjusted(product_id=product_id, on_hand=on_hand, allow_backorders=allow_backorders)
            )

    def limit_seats(self, product_id: UUID, before: int | None, limit: int) -> None:
        """Seats are units. A changed limit adds the difference, but not below none on hand; without a limit
        before, what is not sold yet of the new one is on hand."""
        left = limit - self.sold if before is None else self.on_hand + limit - before
        self.count(product_id, max(0, left), allow_backorders=self.allow_backorders)

    def receive(self, product_id: UUID, quantity: int, restock_id: UUID | None = None) -> None:
        """``restock_id``: the units were sold and have come back."""
        self.record(facts.Received(product_id=product_id, quantity=quantity, restock_id=restock_id))

    def hold(
        self, product_id: UUID, checkout_id: UUID, quantity: int, now: datetime, expires_at: datetime
    ) -> None:
        """Hold units; the caller has checked ``can_hold``. Expired holds are ended first."""
        for other_checkout_id, hold in list(self.holds.items()):
            if not hold.is_active(now):
                self.expire(product_id, other_checkout_id)
        self.record(
            facts.Reserved(
                product_id=product_id,
                checkout_id=checkout_id,
                quantity=quantity,
                expires_at=expires_at,
            )
        )

    def extend(self, product_id: UUID, checkout_id: UUID, expires_at: datetime) -> None:
        """The checkout holds its units until then; the caller has checked ``holds_for``."""
        self.record(facts.Extended(product_id=product_id, checkout_id=checkout_id, expires_at=expires_at))

    def sell(self, product_id: UUID, checkout_id: UUID) -> None:
        self._end(facts.Confirmed, product_id, checkout_id)

    def release(self, product_id: UUID, checkout_id: UUID) -> None:
        self._end(facts.Released, product_id, checkout_id)

    def expire(self, product_id: UUID, checkout_id: UUID) -> None:
        self._end(facts.Expired, product_id, checkout_id)

    def _end(
        self,
        ending: type[facts.Confirmed] | type[facts.Released] | type[facts.Expired],
        product_id: UUID,
        checkout_id: UUID,
    ) -> None:
        """End the checkout's hold; nothing happens if it has none."""
        hold = self.holds.get(checkout_id)
        if hold is not None:
            self.record(ending(product_id=product_id, checkout_id=checkout_id, quantity=hold.quantity))

    def evolve(self, fact: facts.StockFact) -> None:
        match fact:
            case facts.Adjusted(on_hand=on_hand, allow_backorders=allow_backorders):
                self.on_hand = on_hand
                self.allow_backorders = allow_backorders
            case facts.Received(quantity=quantity, restock_id=restock_id):
                self.on_hand += quantity
                self.sold -= quantity if restock_id else 0
            case facts.Reserved(checkout_id=checkout_id, quantity=quantity, expires_at=expires_at):
                self.holds[checkout_id] = Hold(quantity, expires_at)
            case facts.Extended(checkout_id=checkout_id, expires_at=expires_at):
                self.holds[checkout_id] = self.holds[checkout_id]._replace(expires_at=expires_at)
            case facts.Confirmed(checkout_id=checkout_id, quantity=quantity):
                self.on_hand -= quantity
                self.sold += quantity
                self.holds.pop(checkout_id, None)
            case facts.Released(checkout_id=checkout_id) | facts.Expired(checkout_id=checkout_id):
                self.holds.pop(checkout_id, None)
            case _:
                assert_never(fact)
