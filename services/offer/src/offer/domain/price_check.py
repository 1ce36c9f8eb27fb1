"""Whether what a cart says is what it costs by the catalogue itself; said once for each checkout."""

from typing import Any, assert_never
from uuid import UUID

from contracts import price as facts
from contracts.sale import Sale, Totals
from kernel import ids
from kernel.domain import Aggregate
from offer.domain.reply_to import ReplyTo

PRICE_CHANGED = "PRICE_CHANGED"


def price_check_id(checkout_id: UUID) -> UUID:
    return ids.derive_id(checkout_id, "price")


class PriceCheck(Aggregate):
    def initialise(self) -> None:
        self.outcome: facts.Confirmed | facts.Refused | None = None

    def repeat(self, by: ReplyTo) -> bool:
        """Say again what was said, if anything was."""
        match self.outcome:
            case facts.Confirmed(totals=totals, digest=digest):
                self.record(facts.Confirmed(**by, totals=totals, digest=digest))
            case facts.Refused(code=code, detail=detail, totals=current):
                self.record(facts.Refused(**by, code=code, detail=detail, totals=current))
        return self.outcome is not None

    def compare(self, by: ReplyTo, offered: Sale, current: Sale, digest: str) -> None:
        """Names may change between the two, amounts may not."""
        if _amounts(offered) == _amounts(current):
            self.record(facts.Confirmed(**by, totals=current.totals, digest=digest))
        else:
            self.refuse(by, _difference(offered, current), current.totals)

    def refuse(self, by: ReplyTo, detail: str, totals: Totals | None = None) -> None:
        self.record(facts.Refused(**by, code=PRICE_CHANGED, detail=detail, totals=totals))

    def evolve(self, fact: Any) -> None:
        known: facts.PriceFact = fact
        match known:
            case facts.Confirmed() | facts.Refused():
                self.outcome = self.outcome or known
            case _:
                assert_never(known)


def _amounts(sale: Sale) -> tuple[object, ...]:
    lines = {
        it.line_id: (it.product_id, it.quantity, it.unit_price, it.discount, it.tax, it.total)
        for it in sale.lines
    }
    return sale.currency, lines, sale.totals


def _difference(offered: Sale, current: Sale) -> str:
    if offered.totals.total == current.totals.total:
        return "the total is the same, but what it is made of has changed"
    return f"it costs {current.totals.total} {current.currency} now, not {offered.totals.total}"
