"""One checkout's uses of promotions: held once, and then redeemed or given back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from contracts import redemption as facts
from contracts.promotion import ReservationRefused
from kernel import ids
from kernel.domain import Aggregate
from offer.domain.promotion import Promotion
from offer.domain.reply_to import CANCELLED_EARLIER, ReplyTo

Promotions = Mapping[UUID, Promotion]


def redemption_id(checkout_id: UUID) -> UUID:
    return ids.derive_id(checkout_id, "redemption")


class Redemption(Aggregate):
    """Changes the promotions together with itself, and remembers how each request ended."""

    def initialise(self) -> None:
        self.made: facts.Made | ReservationRefused | None = None
        self.redeemed: facts.Redeemed | None = None
        self.held: tuple[UUID, ...] = ()
        self.customer_id = ""
        self.released = False

    def make(
        self, by: ReplyTo, wanted: Iterable[UUID], customer_id: str, promotions: Promotions, now: datetime
    ) -> None:
        """Hold a use of each or of none."""
        match self.made:
            case facts.Made(promotion_ids=held, customer_id=holder):
                self.record(facts.Made(**by, promotion_ids=held, customer_id=holder))
            case ReservationRefused(code=code, detail=detail, promotion_id=culprit):
                self._refuse(by, code, detail, culprit)
            case None if self.released or self.redeemed:
                self._refuse(by, *CANCELLED_EARLIER)
            case None:
                self._make(by, tuple(sorted(set(wanted))), customer_id, promotions, now)

    def redeem(self, by: ReplyTo, promotions: Promotions) -> None:
        """The uses are final; a checkout that never asked for any has none, and that is fine."""
        if self.redeemed is None and (self.released or isinstance(self.made, ReservationRefused)):
            self._refuse(by, *CANCELLED_EARLIER)
            return
        if self.redeemed is None:
            for it in self.held:
                promotions[it].redeem(by["checkout_id"], self.customer_id)
        held = self.held if self.redeemed is None else self.redeemed.promotion_ids
        self.record(facts.Redeemed(**by, promotion_ids=held))

    def release(self, by: ReplyTo, promotions: Promotions) -> None:
        """Give the uses back, redeemed ones too: then the whole checkout has been taken back."""
        for it in self.held:
            promotions[it].release(by["checkout_id"], self.customer_id)
        self.record(facts.Released(**by))

    def _make(
        self, by: ReplyTo, wanted: tuple[UUID, ...], customer_id: str, promotions: Promotions, now: datetime
    ) -> None:
        for it in wanted:
            if obstacle := promotions[it].ineligibility(now, customer_id):
                self._refuse(by, obstacle.code, f"{_name(promotions[it])}: {obstacle.reason}", it)
                return
        for it in wanted:
            promotions[it].reserve(by["checkout_id"], customer_id)
        self.record(facts.Made(**by, promotion_ids=wanted, customer_id=customer_id))

    def _refuse(self, by: ReplyTo, code: str, detail: str, culprit: UUID | None = None) -> None:
        self.record(ReservationRefused(**by, code=code, detail=detail, promotion_id=culprit))

    def evolve(self, fact: Any) -> None:
        known: facts.RedemptionFact = fact
        match known:
            case facts.Made() if self.made is None:
                self.made, self.held, self.customer_id = known, known.promotion_ids, known.customer_id
            case facts.Made() | ReservationRefused():
                self.made = self.made or known
            case facts.Redeemed():
                self.redeemed = self.redeemed or known
            case facts.Released():
                self.released = True
                self.held = ()
            case _:
                assert_never(known)


def _name(promotion: Promotion) -> str:
    return promotion.terms.code or f"promotion {promotion.id}"
