"""What goes back into stock of the units that one checkout has bought."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from contracts import restock as facts
from contracts.offer import Wanted
from kernel import ids
from kernel.domain import Aggregate
from offer.inventory.domain.reply_to import ReplyTo
from offer.inventory.domain.stock_demand import Stocks, tracked_units


def restock_id(checkout_id: UUID) -> UUID:
    return ids.derive_id(checkout_id, "restock")


class Restock(Aggregate):
    """Changes the stocks together with itself. It keeps the outcome of each request by its step, so that a
    repeated request gets the same reply and changes no stock."""

    def initialise(self) -> None:
        self.made: dict[str, tuple[Wanted, ...]] = {}
        self.returned: Counter[UUID] = Counter()
        """Units by product, of all steps."""

    def make(self, to: ReplyTo, wanted: Sequence[Wanted], sold: Sequence[Wanted], stocks: Stocks) -> None:
        """Put back what is wanted, as far as it was ``sold`` from stocks and has not gone back yet: units of
        a product that had no stock record were taken from none."""
        if to.step not in self.made:
            bought = {it.product_id: it.quantity for it in sold}
            received = tuple(
                Wanted(product_id=it.product_id, quantity=quantity)
                for it in tracked_units(wanted, stocks)
                if (quantity := min(it.quantity, bought.get(it.product_id, 0) - self.returned[it.product_id]))
                > 0
            )
            for units in received:
                stocks[units.product_id].receive(units.product_id, units.quantity, restock_id=self.id)
        else:
            received = self.made[to.step]
        self.record(facts.Made(checkout_id=to.process_id, step=to.step, received=received))

    def evolve(self, fact: facts.Made) -> None:
        if fact.step not in self.made:
            self.made[fact.step] = fact.received
            self.returned.update({it.product_id: it.quantity for it in fact.received})
