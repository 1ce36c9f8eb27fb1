"""One checkout's reservation of stock: made once, and then sold, released or expired."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts import reservation as facts
from contracts.offer import Wanted
from contracts.stock import ReservationRefused, Shortage
from kernel import ids
from kernel.domain import UTC_MIN, Aggregate
from offer.inventory.domain.reply_to import CANCELLED_EARLIER, ReplyTo
from offer.inventory.domain.stock_demand import INSUFFICIENT, Stocks, describe, shortages, tracked_units


def reservation_id(checkout_id: UUID) -> UUID:
    return ids.derive_id(checkout_id, "reservation")


class Reservation(Aggregate):
    """Changes the stocks together with itself. It keeps the outcome of each request, so that a repeated
    request gets the same reply and changes no stock."""

    def initialise(self) -> None:
        self.reserved: facts.Made | ReservationRefused | None = None
        """The first reply to the request to reserve."""
        self.confirmation: facts.Confirmed | facts.ConfirmationRefused | None = None
        self.is_active = False
        self.held: tuple[Wanted, ...] = ()
        self.expires_at = UTC_MIN
        self.checkout_id: UUID | None = None
        self.released = False

    @property
    def refused(self) -> bool:
        return isinstance(self.reserved, ReservationRefused)

    @property
    def reserved_units(self) -> tuple[Wanted, ...]:
        """What was held when it was made, also after its end."""
        return self.reserved.held if isinstance(self.reserved, facts.Made) else ()

    def reserve(
        self, to: ReplyTo, wanted: Sequence[Wanted], stocks: Stocks, now: datetime, expires_at: datetime
    ) -> None:
        """Hold all wanted units or none."""
        match self.reserved:
            case facts.Made(held=held, expires_at=until):
                self._record_made(to, held, until)
            case ReservationRefused(code=code, detail=detail, shortages=short):
                self._refuse(to, code, detail, short)
            case None if self.released or self.confirmation:
                self._refuse(to, *CANCELLED_EARLIER)
            case None:
                self._reserve(to, tracked_units(wanted, stocks), stocks, now, expires_at)

    def confirm(self, to: ReplyTo, stocks: Stocks, now: datetime) -> None:
        """Sell the held units. After expiry sell what was held, if it is available: the catalogue may say by
        now that a bundle consists of something else."""
        match self.confirmation:
            case facts.Confirmed(held=held):
                self._record_confirmed(to, held)
            case facts.ConfirmationRefused(code=code, detail=detail):
                self._refuse_to_sell(to, code, detail)
            case None if self.released:
                self._refuse_to_sell(to, *CANCELLED_EARLIER)
            case None if not isinstance(self.reserved, facts.Made):
                self._refuse_to_sell(to, INSUFFICIENT, "Nothing was reserved.")
            case None:
                self.expire(stocks, now)
                if self.is_active:
                    self._sell_held(to, stocks)
                else:
                    self._reserve_and_sell(to, self.reserved.held, stocks, now)

    def release(self, to: ReplyTo, stocks: Stocks) -> None:
        """Return the held units. Sold units stay sold: returned goods come in as a receipt."""
        self._release_holds(to.process_id, stocks)
        self.record(facts.Released(checkout_id=to.process_id, step=to.step))

    def expire(self, stocks: Stocks, now: datetime) -> None:
        """End an active reservation at its time; otherwise do nothing.

        It also expires if any hold is gone: a replica with a faster clock may have expired and resold it.
        """
        checkout_id = self.checkout_id
        if not self.is_active or checkout_id is None:
            return
        if now >= self.expires_at or not all(
            stocks[it.product_id].holds_for(checkout_id) for it in self.held
        ):
            for units in self.held:
                stocks[units.product_id].expire(units.product_id, checkout_id)
            self.record(facts.Expired())

    def _reserve(
        self, to: ReplyTo, wanted: tuple[Wanted, ...], stocks: Stocks, now: datetime, expires_at: datetime
    ) -> None:
        if short := shortages(wanted, stocks, now):
            self._refuse(to, INSUFFICIENT, f"There is not enough in stock: {describe(short)}.", short)
            return
        for units in wanted:
            stocks[units.product_id].hold(units.product_id, to.process_id, units.quantity, now, expires_at)
        self._record_made(to, wanted, expires_at)

    def _sell_held(self, to: ReplyTo, stocks: Stocks) -> None:
        if all(stocks[it.product_id].can_sell(to.process_id) for it in self.held):
            self._sell(to, self.held, stocks)
        else:
            self._release_holds(to.process_id, stocks)
            self._refuse_to_sell(to, INSUFFICIENT, "A stock count found fewer units than were reserved.")

    def _reserve_and_sell(
        self, to: ReplyTo, wanted: tuple[Wanted, ...], stocks: Stocks, now: datetime
    ) -> None:
        if short := shortages(wanted, stocks, now):
            detail = f"The reservation has expired and the units are gone: {describe(short)}."
            self._refuse_to_sell(to, INSUFFICIENT, detail)
            return
        for units in wanted:
            stocks[units.product_id].hold(units.product_id, to.process_id, units.quantity, now, now)
        self._sell(to, wanted, stocks)

    def _sell(self, to: ReplyTo, held: tuple[Wanted, ...], stocks: Stocks) -> None:
        for units in held:
            stocks[units.product_id].sell(units.product_id, to.process_id)
        self._record_confirmed(to, held)

    def _release_holds(self, checkout_id: UUID, stocks: Stocks) -> None:
        for units in self.held:
            stocks[units.product_id].release(units.product_id, checkout_id)

    def _record_made(self, to: ReplyTo, held: tuple[Wanted, ...], expires_at: datetime) -> None:
        self.record(facts.Made(checkout_id=to.process_id, step=to.step, held=held, expires_at=expires_at))

    def _refuse(self, to: ReplyTo, code: str, detail: str, short: tuple[Shortage, ...] = ()) -> None:
        self.record(
            ReservationRefused(
                checkout_id=to.process_id, step=to.step, code=code, detail=detail, shortages=short
            )
        )

    def _record_confirmed(self, to: ReplyTo, held: tuple[Wanted, ...]) -> None:
        self.record(facts.Confirmed(checkout_id=to.process_id, step=to.step, held=held))

    def _refuse_to_sell(self, to: ReplyTo, code: str, detail: str) -> None:
        self.record(
            facts.ConfirmationRefused(checkout_id=to.process_id, step=to.step, code=code, detail=detail)
        )

    def evolve(self, fact: facts.ReservationFact) -> None:
        match fact:
            case facts.Made() if self.reserved is None:
                self.reserved, self.is_active = fact, True
                self.held, self.expires_at, self.checkout_id = fact.held, fact.expires_at, fact.process_id
            case facts.Made() | ReservationRefused():
                self.reserved = self.reserved or fact
            case facts.Confirmed() | facts.ConfirmationRefused():
                self.confirmation = self.confirmation or fact
                self._end()
            case facts.Released():
                self.released = True
                self._end()
            case facts.Expired():
                self._end()
            case _:
                assert_never(fact)

    def _end(self) -> None:
        self.is_active, self.held = False, ()
