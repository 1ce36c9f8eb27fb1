"""Whether the amounts in a cart equal those of the catalogue; decided once per checkout."""

from typing import assert_never
from uuid import UUID

from contracts import price as facts
from contracts.sale import Sale, Totals
from kernel import ids
from kernel.domain import Aggregate
from offer.inventory.domain.reply_to import ReplyTo

PRICE_CHANGED = "PRICE_CHANGED"


def price_check_id(checkout_id: UUID) -> UUID:
    return ids.derive_id(checkout_id, "price")


class PriceCheck(Aggregate):
    def initialise(self) -> None:
        self.outcome: facts.Confirmed | facts.Refused | None = None

    def repeat(self, to: ReplyTo) -> bool:
        """Record the earlier outcome again. False if there is none."""
        match self.outcome:
            case facts.Confirmed(totals=totals, digest=digest):
                self._confirm(to, totals, digest)
            case facts.Refused(code=code, detail=detail, totals=current):
                self._refuse(to, code, detail, current)
        return self.outcome is not None

    def compare(self, to: ReplyTo, offered: Sale, current: Sale, digest: str) -> None:
        """Confirm if all amounts are equal. Names may differ."""
        if _amounts(offered) == _amounts(current):
            self._confirm(to, current.totals, digest)
        else:
            self.refuse(to, _difference(offered, current), current.totals)

    def refuse(self, to: ReplyTo, detail: str, totals: Totals | None = None) -> None:
        self._refuse(to, PRICE_CHANGED, detail, totals)

    def _confirm(self, to: ReplyTo, totals: Totals, digest: str) -> None:
        self.record(facts.Confirmed(checkout_id=to.process_id, step=to.step, totals=totals, digest=digest))

    def _refuse(self, to: ReplyTo, code: str, detail: str, totals: Totals | None) -> None:
        self.record(
            facts.Refused(checkout_id=to.process_id, step=to.step, code=code, detail=detail, totals=totals)
        )

    def evolve(self, fact: facts.PriceFact) -> None:
        match fact:
            case facts.Confirmed() | facts.Refused():
                self.outcome = self.outcome or fact
            case _:
                assert_never(fact)


def _amounts(sale: Sale) -> tuple[object, ...]:
    lines = {
        line.line_id: (line.product_id, line.quantity, line.unit_price, line.discount, line.tax, line.total)
        for line in sale.lines
    }
    shipping = sale.shipping
    shipped = shipping and (
        shipping.option_id,
        shipping.price,
        shipping.discount,
        shipping.tax,
        shipping.total,
    )
    return sale.currency, lines, sale.totals, shipped


def _difference(offered: Sale, current: Sale) -> str:
    if offered.totals.total == current.totals.total:
        return "The total is the same, but the amounts that it is made of have changed."
    return f"The total is now {current.totals.total} {current.currency}, not {offered.totals.total}."
