"""One checkout's claim on stock: made once, and then sold, given back, or over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from contracts import reservation as facts
from contracts.offer import Wanted
from contracts.stock import ReservationRefused
from kernel import ids
from kernel.domain import UTC_MIN, Aggregate
from offer.domain.reply_to import CANCELLED_EARLIER, ReplyTo
from offer.domain.stock_demand import INSUFFICIENT, Stocks, describe, shortages, tracked_units


def reservation_id(checkout_id: UUID) -> UUID:
    return ids.derive_id(checkout_id, "reservation")


class Reservation(Aggregate):
    """Changes the stocks together with itself, and remembers how each request ended: a repetition is told
    the same and touches no stock."""

    def initialise(self) -> None:
        self.made: facts.Made | ReservationRefused | None = None
        self.confirmation: facts.Confirmed | facts.ConfirmationRefused | None = None
        self.is_active = False
        self.held: tuple[Wanted, ...] = ()
        self.expires_at = UTC_MIN
        self.checkout_id: UUID | None = None
        self.released = False

    @property
    def refused(self) -> bool:
        return isinstance(self.made, ReservationRefused)

    def make(
        self, by: ReplyTo, wanted: Sequence[Wanted], stocks: Stocks, now: datetime, expires_at: datetime
    ) -> None:
        """Hold all of it or none."""
        match self.made:
            case facts.Made(held=held, expires_at=until):
                self.record(facts.Made(**by, held=held, expires_at=until))
            case ReservationRefused(code=code, detail=detail, shortages=short):
                self.record(ReservationRefused(**by, code=code, detail=detail, shortages=short))
            case None if self.released or self.confirmation:
                code, detail = CANCELLED_EARLIER
                self.record(ReservationRefused(**by, code=code, detail=detail))
            case None:
                self._make(by, tracked_units(wanted, stocks), stocks, now, expires_at)

    def confirm(self, by: ReplyTo, wanted: Sequence[Wanted], stocks: Stocks, now: datetime) -> None:
        """Sell what is held; where that is over, what is wanted, if it is still there."""
        match self.confirmation:
            case facts.Confirmed(held=held):
                self.record(facts.Confirmed(**by, held=held))
            case facts.ConfirmationRefused(code=code, detail=detail):
                self.record(facts.ConfirmationRefused(**by, code=code, detail=detail))
            case None if self.released:
                code, detail = CANCELLED_EARLIER
                self.record(facts.ConfirmationRefused(**by, code=code, detail=detail))
            case None if not isinstance(self.made, facts.Made):
                self._refuse_to_sell(by, "nothing was reserved")
            case None:
                self.expire(stocks, now)
                if self.is_active:
                    self._sell_held(by, stocks)
                else:
                    self._reserve_and_sell(by, tracked_units(wanted, stocks), stocks, now)

    def release(self, by: ReplyTo, stocks: Stocks) -> None:
        """Give back what is held; what has been sold stays sold, for goods come back as a receipt."""
        self._give_back(by, stocks)
        self.record(facts.Released(**by))

    def expire(self, stocks: Stocks, now: datetime) -> None:
        """Nothing happens before its time, nor where it has come to an end already.

        Its time is over also where somebody else has ended a hold of its: their clock was ahead of this one,
        and the units may be theirs by now.
        """
        checkout_id = self.checkout_id
        if not self.is_active or checkout_id is None:
            return
        if now >= self.expires_at or not all(
            stocks[it.product_id].holds_for(checkout_id) for it in self.held
        ):
            for it in self.held:
                stocks[it.product_id].expire(it.product_id, checkout_id)
            self.record(facts.Expired())

    def _make(
        self, by: ReplyTo, wanted: tuple[Wanted, ...], stocks: Stocks, now: datetime, expires_at: datetime
    ) -> None:
        if short := shortages(wanted, stocks, now):
            self.record(ReservationRefused(**by, code=INSUFFICIENT, detail=describe(short), shortages=short))
            return
        for it in wanted:
            stocks[it.product_id].hold(it.product_id, by["checkout_id"], it.quantity, now, expires_at)
        self.record(facts.Made(**by, held=wanted, expires_at=expires_at))

    def _sell_held(self, by: ReplyTo, stocks: Stocks) -> None:
        if all(stocks[it.product_id].can_sell(by["checkout_id"]) for it in self.held):
            self._sell(by, self.held, stocks)
        else:
            self._give_back(by, stocks)
            self._refuse_to_sell(by, "a count has found less than was promised")

    def _reserve_and_sell(
        self, by: ReplyTo, wanted: tuple[Wanted, ...], stocks: Stocks, now: datetime
    ) -> None:
        if short := shortages(wanted, stocks, now):
            self._refuse_to_sell(by, f"the reservation was over and the units are gone: {describe(short)}")
            return
        for it in wanted:
            stocks[it.product_id].hold(it.product_id, by["checkout_id"], it.quantity, now, now)
        self._sell(by, wanted, stocks)

    def _sell(self, by: ReplyTo, held: tuple[Wanted, ...], stocks: Stocks) -> None:
        for it in held:
            stocks[it.product_id].sell(it.product_id, by["checkout_id"])
        self.record(facts.Confirmed(**by, held=held))

    def _give_back(self, by: ReplyTo, stocks: Stocks) -> None:
        for it in self.held:
            stocks[it.product_id].give_back(it.product_id, by["checkout_id"])

    def _refuse_to_sell(self, by: ReplyTo, detail: str) -> None:
        self.record(facts.ConfirmationRefused(**by, code=INSUFFICIENT, detail=detail))

    def evolve(self, fact: Any) -> None:
        known: facts.ReservationFact = fact
        match known:
            case facts.Made() if self.made is None:
                self.made, self.is_active = known, True
                self.held, self.expires_at, self.checkout_id = known.held, known.expires_at, known.process_id
            case facts.Made() | ReservationRefused():
                self.made = self.made or known
            case facts.Confirmed() | facts.ConfirmationRefused():
                self.confirmation = self.confirmation or known
                self._end()
            case facts.Released():
                self.released = True
                self._end()
            case facts.Expired():
                self._end()
            case _:
                assert_never(known)

    def _end(self) -> None:
        self.is_active, self.held = False, ()
