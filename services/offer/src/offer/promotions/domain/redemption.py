"""One checkout's uses of promotions: held once, and then redeemed or released."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts import redemption as facts
from contracts.promotion import ReservationRefused
from kernel import ids
from kernel.domain import Aggregate
from offer.inventory.domain.reply_to import CANCELLED_EARLIER, ReplyTo
from offer.promotions.domain.promotion import Promotion

Promotions = Mapping[UUID, Promotion]
"""By id."""


def redemption_id(checkout_id: UUID) -> UUID:
    return ids.derive_id(checkout_id, "redemption")


class Redemption(Aggregate):
    """Changes the promotions together with itself. It keeps the outcome of each request, so that a repeated
    request gets the same reply and changes no promotion."""

    def initialise(self) -> None:
        self.reserved: facts.Made | ReservationRefused | None = None
        """The first reply to the request to reserve."""
        self.redeemed: facts.Redeemed | None = None
        self.held: tuple[UUID, ...] = ()
        """The promotions of which one use each is held or redeemed."""
        self.customer_id = ""
        self.released = False

    def reserve(
        self, to: ReplyTo, wanted: Iterable[UUID], customer_id: str, promotions: Promotions, now: datetime
    ) -> None:
        """Hold one use of each promotion, of all or of none."""
        match self.reserved:
            case facts.Made(promotion_ids=held, customer_id=holder):
                self._record_made(to, held, holder)
            case ReservationRefused(code=code, detail=detail, promotion_id=promotion_id):
                self._refuse(to, code, detail, promotion_id)
            case None if self.released or self.redeemed:
                self._refuse(to, *CANCELLED_EARLIER)
            case None:
                self._reserve(to, tuple(sorted(set(wanted))), customer_id, promotions, now)

    def redeem(self, to: ReplyTo, promotions: Promotions) -> None:
        """Make the uses final. A checkout that reserved none gets the same reply, with no promotions in it;
        one whose uses were released or refused gets a refusal."""
        if self.redeemed is None and (self.released or isinstance(self.reserved, ReservationRefused)):
            self._refuse(to, *CANCELLED_EARLIER)
            return
        if self.redeemed is None:
            for promotion_id in self.held:
                promotions[promotion_id].redeem(to.process_id, self.customer_id)
        redeemed = self.held if self.redeemed is None else self.redeemed.promotion_ids
        self.record(facts.Redeemed(checkout_id=to.process_id, step=to.step, promotion_ids=redeemed))

    def release(self, to: ReplyTo, promotions: Promotions) -> None:
        """Return the uses, also redeemed ones: the whole checkout is being compensated then."""
        for promotion_id in self.held:
            promotions[promotion_id].release(to.process_id, self.customer_id)
        self.record(facts.Released(checkout_id=to.process_id, step=to.step))

    def _reserve(
        self,
        to: ReplyTo,
        wanted: tuple[UUID, ...],
        customer_id: str,
        promotions: Promotions,
        now: datetime,
    ) -> None:
        for promotion_id in wanted:
            promotion = promotions[promotion_id]
            if ineligibility := promotion.ineligibility(now, customer_id):
                detail = f"{_name(promotion)} cannot be used: {ineligibility.reason}."
                self._refuse(to, ineligibility.code, detail, promotion_id)
                return
        for promotion_id in wanted:
            promotions[promotion_id].reserve(to.process_id, customer_id)
        self._record_made(to, wanted, customer_id)

    def _record_made(self, to: ReplyTo, held: tuple[UUID, ...], customer_id: str) -> None:
        self.record(
            facts.Made(checkout_id=to.process_id, step=to.step, promotion_ids=held, customer_id=customer_id)
        )

    def _refuse(self, to: ReplyTo, code: str, detail: str, promotion_id: UUID | None = None) -> None:
        self.record(
            ReservationRefused(
                checkout_id=to.process_id,
                step=to.step,
                code=code,
                detail=detail,
                promotion_id=promotion_id,
            )
        )

    def evolve(self, fact: facts.RedemptionFact) -> None:
        match fact:
            case facts.Made() if self.reserved is None:
                self.reserved, self.held, self.customer_id = fact, fact.promotion_ids, fact.customer_id
            case facts.Made() | ReservationRefused():
                self.reserved = self.reserved or fact
            case facts.Redeemed():
                self.redeemed = self.redeemed or fact
            case facts.Released():
                self.released = True
                self.held = ()
            case _:
                assert_never(fact)


def _name(promotion: Promotion) -> str:
    return f"Promotion {promotion.terms.code or promotion.id}"
