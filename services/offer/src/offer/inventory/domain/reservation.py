"""One checkout's reservation of stock: made once, and then sold, released or expired."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts import reservation as facts
from contracts.offer import Wanted
from contracts.stock import ReservationRefused, Shortage
from kernel import ids
from kernel.domain import UTC_MIN, Aggregate
from offer.inventory.domain import holds
from offer.inventory.domain.reply_to import CANCELLED_EARLIER, ReplyTo
from offer.inventory.domain.stock_demand import (
    INSUFFICIENT,
    Courses,
    Stocks,
    describe,
    less,
    shortages,
    tracked_units,
    with_courses,
)


def reservation_id(checkout_id: UUID) -> UUID:
    return ids.derive_id(checkout_id, "reservation")


class Reservation(Aggregate):
    """Changes the stocks together with itself. It keeps the outcome of each request, so that a repeated
    request gets the same reply and changes no stock."""

    def initialise(self) -> None:
        self.reserved: facts.Made | ReservationRefused | None = None
        """The first reply to the request to reserve."""
        self.confirmation: facts.Confirmed | facts.ConfirmationRefused | None = None
        self.refused_extensions: dict[tuple[str, datetime], facts.ExtensionRefused] = {}
        """By step and by the time that was asked for."""
        self.is_active = self.released = False
        self.held: tuple[Wanted, ...] = ()
        self.expires_at = UTC_MIN
        self.checkout_id: UUID | None = None

    @property
    def refused(self) -> bool:
        return isinstance(self.reserved, ReservationRefused)

    @property
    def reserved_units(self) -> tuple[Wanted, ...]:
        """What was held when it was made, also after its end."""
        return self.reserved.held if isinstance(self.reserved, facts.Made) else ()

    @property
    def sold_units(self) -> tuple[Wanted, ...]:
        """What was sold from stocks; units of products without a stock record are not among them."""
        return self.confirmation.held if isinstance(self.confirmation, facts.Confirmed) else ()

    @property
    def courses(self) -> Courses | None:
        """Those of the reserved bundles, as they were then; None where older facts do not tell."""
        return holds.courses_of_reserved(self.reserved) if isinstance(self.reserved, facts.Made) else None

    def beyond(self, wanted: Iterable[Wanted]) -> tuple[Wanted, ...]:
        """What was reserved for units that are not wanted any more, with the courses that the bundles had
        then; nothing where older facts do not tell."""
        return holds.units_beyond(self.reserved, wanted) if isinstance(self.reserved, facts.Made) else ()

    def reserve(
        self,
        to: ReplyTo,
        asked: Sequence[Wanted],
        courses: Courses,
        stocks: Stocks,
        now: datetime,
        expires_at: datetime,
    ) -> None:
        """Hold all units that are asked for, with the seats in the ``courses`` of bundles, or none."""
        match self.reserved:
            case facts.Made(held=held, expires_at=until):
                self._record_made(to, held, until)
            case ReservationRefused(code=code, detail=detail, shortages=short):
                self._refuse(to, code, detail, short)
            case None if self.released or self.confirmation:
                self._refuse(to, *CANCELLED_EARLIER)
            case None:
                self._reserve(to, asked, courses, stocks, now, expires_at)

    def confirm(self, to: ReplyTo, wanted: Sequence[Wanted], stocks: Stocks, now: datetime) -> None:
        """Sell the held units but for those ``beyond`` the wanted ones. After expiry sell what was held, if
        it is available: the catalogue may have another bundle by now."""
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
                kept = less(self.reserved.held, self.beyond(wanted))
                self.expire(stocks, now)
                if self.is_active:
                    self._sell_held(to, kept, stocks, now)
                else:
                    self._reserve_and_sell(to, kept, stocks, now)

    def extend(self, to: ReplyTo, until: datetime, stocks: Stocks, now: datetime) -> None:
        """Hold the units until then at least. Expired units are not held anew: whether they are still there
        is decided when they are sold."""
        if refusal := self.refused_extensions.get((to.step, until)):
            self.record(refusal.unrecorded())
            return
        if self.expires_at >= until and isinstance(self.reserved, facts.Made):
            self.record(facts.Extended(checkout_id=to.process_id, step=to.step, expires_at=self.expires_at))
            return
        self.expire(stocks, now)
        if not self.is_active:
            code, detail = CANCELLED_EARLIER if self.released else (INSUFFICIENT, "Nothing is held any more.")
            self.record(
                facts.ExtensionRefused(
                    checkout_id=to.process_id, step=to.step, code=code, detail=detail, until=until
                )
            )
            return
        for units in self.held:
            stocks[units.product_id].extend(units.product_id, to.process_id, until)
        self.record(facts.Extended(checkout_id=to.process_id, step=to.step, expires_at=until))

    def release(self, to: ReplyTo, stocks: Stocks) -> None:
        """Return the held units. Sold units stay sold: returned goods come in as a receipt."""
        holds.release_holds(self.held, to.process_id, stocks)
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
        self,
        to: ReplyTo,
        asked: Sequence[Wanted],
        courses: Courses,
        stocks: Stocks,
        now: datetime,
        expires_at: datetime,
    ) -> None:
        wanted = tracked_units(with_courses(asked, courses), stocks)
        if short := shortages(wanted, stocks, now):
            self._refuse(to, INSUFFICIENT, f"There is not enough in stock: {describe(short)}.", short)
            return
        for units in wanted:
            stocks[units.product_id].hold(units.product_id, to.process_id, units.quantity, now, expires_at)
        self._record_made(to, wanted, expires_at, asked, courses)

    def _sell_held(self, to: ReplyTo, wanted: tuple[Wanted, ...], stocks: Stocks, now: datetime) -> None:
        if all(stocks[it.product_id].can_sell(it.quantity) for it in wanted):
            holds.keep_of_holds(self.held, to.process_id, wanted, stocks, now)
            self._sell(to, wanted, stocks)
        else:
            holds.release_holds(self.held, to.process_id, stocks)
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

    def _record_made(
        self,
        to: ReplyTo,
        held: tuple[Wanted, ...],
        expires_at: datetime,
        asked: Sequence[Wanted] | None = None,
        courses: Courses | None = None,
    ) -> None:
        self.record(
            facts.Made(
                checkout_id=to.process_id,
                step=to.step,
                held=held,
                expires_at=expires_at,
                asked=None if asked is None else tuple(asked),
                courses=None if courses is None else holds.courses_of_bundles(courses),
            )
        )

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
            case facts.Extended(expires_at=expires_at):
                self.expires_at = expires_at
            case facts.ExtensionRefused(step=step, until=until):
                self.refused_extensions[step, until] = fact
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
