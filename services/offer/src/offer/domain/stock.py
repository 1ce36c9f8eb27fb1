"""The stock of one product: what lies on the shelf, and who has been promised how much of it."""

from datetime import datetime
from typing import Any, NamedTuple, assert_never
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
    """Keeps its live holds alone; a product whose stock was never counted nor received is unlimited."""

    def initialise(self) -> None:
        self.on_hand = 0
        self.allow_backorders = False
        self.holds: dict[UUID, Hold] = {}

    def reserved(self, now: datetime) -> int:
        """What is promised now: a hold that is over does not count, swept or not."""
        return sum(hold.quantity for hold in self.holds.values() if hold.is_active(now))

    def available(self, now: datetime) -> int:
        return self.on_hand - self.reserved(now)

    def can_hold(self, quantity: int, now: datetime) -> bool:
        return self.allow_backorders or quantity <= self.available(now)

    def can_sell(self, checkout_id: UUID) -> bool:
        """A count may have found less on the shelf than had been promised."""
        return self.allow_backorders or self.holds[checkout_id].quantity <= self.on_hand

    def holds_for(self, checkout_id: UUID) -> bool:
        return checkout_id in self.holds

    def count(self, product_id: UUID, on_hand: int, *, allow_backorders: bool) -> None:
        if not self.exists or (on_hand, allow_backorders) != (self.on_hand, self.allow_backorders):
            self.record(
                facts.Adjusted(product_id=product_id, on_hand=on_hand, allow_backorders=allow_backorders)
            )

    def receive(self, product_id: UUID, quantity: int) -> None:
        self.record(facts.Received(product_id=product_id, quantity=quantity))

    def hold(
        self, product_id: UUID, checkout_id: UUID, quantity: int, now: datetime, expires_at: datetime
    ) -> None:
        """Promise these units; whoever asks has made sure that they can be."""
        for other, hold in list(self.holds.items()):
            if not hold.is_active(now):
                self.expire(product_id, other)
        self.record(
            facts.Reserved(
                product_id=product_id,
                checkout_id=checkout_id,
                quantity=quantity,
                expires_at=expires_at,
            )
        )

    def sell(self, product_id: UUID, checkout_id: UUID) -> None:
        self._end(facts.Confirmed, product_id, checkout_id)

    def give_back(self, product_id: UUID, checkout_id: UUID) -> None:
        self._end(facts.Released, product_id, checkout_id)

    def expire(self, product_id: UUID, checkout_id: UUID) -> None:
        self._end(facts.Expired, product_id, checkout_id)

    def _end(
        self,
        how: type[facts.Confirmed] | type[facts.Released] | type[facts.Expired],
        product_id: UUID,
        checkout_id: UUID,
    ) -> None:
        """Nothing happens where the checkout holds nothing any more."""
        hold = self.holds.get(checkout_id)
        if hold is not None:
            self.record(how(product_id=product_id, checkout_id=checkout_id, quantity=hold.quantity))

    def evolve(self, fact: Any) -> None:
        known: facts.StockFact = fact
        match known:
            case facts.Adjusted(on_hand=on_hand, allow_backorders=allow_backorders):
                self.on_hand = on_hand
                self.allow_backorders = allow_backorders
            case facts.Received(quantity=quantity):
                self.on_hand += quantity
            case facts.Reserved(checkout_id=checkout_id, quantity=quantity, expires_at=expires_at):
                self.holds[checkout_id] = Hold(quantity, expires_at)
            case facts.Confirmed(checkout_id=checkout_id, quantity=quantity):
                self.on_hand -= quantity
                self.holds.pop(checkout_id, None)
            case facts.Released(checkout_id=checkout_id) | facts.Expired(checkout_id=checkout_id):
                self.holds.pop(checkout_id, None)
            case _:
                assert_never(known)
