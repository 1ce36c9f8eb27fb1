"""A referrer's reward for one order: granted, confirmed and issued, and reversed by what is refunded."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import assert_never
from uuid import UUID

from contracts import reward as facts
from contracts.order import RefundShare
from kernel import ids
from kernel.domain import UTC_MIN, Aggregate
from offer.promotions.domain.promotion import Promotion
from offer.rewards.domain.referrer import Referrer
from pricing.rounding import Mode, divide

GRANTED, CONFIRMED, ISSUED, VOIDED = "granted", "confirmed", "issued", "voided"
NOT_GRANTED = facts.Granted(
    referrer_id="",
    referee_id="",
    program_id=ids.NIL_ID,
    rule_id=ids.NIL_ID,
    attribution_id=ids.NIL_ID,
    order_id=ids.NIL_ID,
    base=0,
    amount=0,
    currency="",
    line_ids=(),
    confirm_at=datetime.max.replace(tzinfo=UTC),
)


def reward_id(order_id: UUID, rule_id: UUID) -> UUID:
    return ids.derive_id(order_id, f"reward:{rule_id}")


class Reward(Aggregate):
    """What was issued is worth what is left of the amount and the debt that the reward has caused: together
    they change only by what is reversed."""

    CREATED_BY = facts.Granted.TYPE

    def initialise(self) -> None:
        self.granted = NOT_GRANTED
        self.status = ""
        self.granted_at = UTC_MIN
        self.open_refunds: set[UUID] = set()
        self.refunded: dict[UUID | None, int] = {}
        """By refund, what it has given back of the base."""
        self.reversed = 0
        self.cancelled = False
        self.issued: facts.Issued | None = None
        self.promotion_amount = 0
        """What the promotion is worth, or was when it was used."""
        self.debt = 0
        """By how much this reward has changed the referrer's debt: positive if more was spent than is left,
        negative if it has paid debts."""

    @property
    def left(self) -> int:
        return self.granted.amount - self.reversed

    @property
    def is_due(self) -> bool:
        """Whether it waits for its confirmation."""
        return self.status == GRANTED

    def grant(self, terms: facts.Granted) -> None:
        if not self.exists:
            self.record(terms)

    def open_refund(self, refund_id: UUID) -> None:
        if self.exists and not self.cancelled and refund_id not in self.open_refunds:
            self.record(facts.RefundOpened(refund_id=refund_id))

    def refund(
        self,
        refund_id: UUID | None,
        shares: Iterable[RefundShare],
        promotion: Promotion | None,
        referrer: Referrer,
    ) -> None:
        """A refund has been paid. It counts once, however often this is said."""
        lines = self.granted.line_ids
        back = sum(it.amount - it.tax for it in shares if it.line_id in lines)
        self._end_refund(refund_id, back, promotion, referrer)

    def fail_refund(self, refund_id: UUID, promotion: Promotion | None, referrer: Referrer) -> None:
        """A refund has failed, perhaps after it was paid."""
        self._end_refund(refund_id, 0, promotion, referrer)

    def cancel(self, promotion: Promotion | None, referrer: Referrer) -> None:
        """All of it is reversed, for good."""
        if not self.cancelled:
            self._reverse(None, 0, promotion, referrer, cancelled=True)

    def confirm(self) -> None:
        self.record(
            facts.Confirmed(
                referrer_id=self.granted.referrer_id,
                order_id=self.granted.order_id,
                amount=self.left,
                currency=self.granted.currency,
            )
        )

    def issue(
        self, referrer: Referrer, promotion: Promotion | None, code: str | None, ends_at: datetime | None
    ) -> None:
        """``promotion``: worth what ``referrer`` leaves of it; None if that is nothing."""
        amount = self.left - referrer.paid_from(self.left, self.granted.currency)
        debt = amount - self.left
        self.record(
            facts.Issued(
                referrer_id=self.granted.referrer_id,
                amount=amount,
                currency=self.granted.currency,
                debt=debt,
                promotion_id=promotion.id if promotion else None,
                code=code,
                ends_at=ends_at,
            )
        )
        self._change_debt(referrer, debt)

    def _end_refund(
        self, refund_id: UUID | None, back: int, promotion: Promotion | None, referrer: Referrer
    ) -> None:
        known = refund_id in self.open_refunds or self.refunded.get(refund_id, 0) != back
        if self.exists and not self.cancelled and known:
            self._reverse(refund_id, back, promotion, referrer, cancelled=False)

    def _reverse(
        self,
        refund_id: UUID | None,
        back: int,
        promotion: Promotion | None,
        referrer: Referrer,
        *,
        cancelled: bool,
    ) -> None:
        refunded = sum((self.refunded | {refund_id: back}).values())
        base, amount = self.granted.base, self.granted.amount
        total = amount if cancelled else divide(amount * min(refunded, base), base, Mode.HALF_UP)
        more = total - self.reversed
        worth, debt = self._taken_back(more, promotion) if self.issued else (None, 0)
        self.record(
            facts.Reversed(
                amount=more,
                refund_id=refund_id,
                refunded_base=back,
                cancelled=cancelled,
                promotion_amount=worth,
                debt=debt,
            )
        )
        self._change_debt(referrer, debt)
        if not self.left and self.status == GRANTED:
            self.record(facts.Voided())

    def _taken_back(self, more: int, promotion: Promotion | None) -> tuple[int, int]:
        """What the promotion is worth afterwards, and by how much the debt grows. What comes back pays the
        reward's own debt first. A promotion that is in use, used or disabled keeps what it is worth."""
        paid = min(max(-more, 0), max(self.debt, 0))
        if promotion is None or promotion.used or promotion.disabled:
            return self.promotion_amount, more
        worth = self.promotion_amount - more - paid
        return max(worth, 0), max(-worth, 0) - paid

    def _change_debt(self, referrer: Referrer, debt: int) -> None:
        if debt:
            referrer.change_debt(self.granted.referrer_id, self.id, self.granted.currency, debt)

    def evolve(self, fact: facts.RewardFact) -> None:
        match fact:
            case facts.Granted():
                self.granted, self.granted_at, self.status = fact, fact.timestamp, GRANTED
            case facts.RefundOpened(refund_id=refund_id):
                self.open_refunds.add(refund_id)
            case facts.Reversed():
                self._reversed(fact)
            case facts.Confirmed():
                self.status = CONFIRMED
            case facts.Issued(amount=amount, debt=debt):
                self.status, self.issued = ISSUED, fact
                self.promotion_amount, self.debt = amount, self.debt + debt
            case facts.Voided():
                self.status = VOIDED
            case _:
                assert_never(fact)

    def _reversed(self, fact: facts.Reversed) -> None:
        if fact.cancelled:
            self.cancelled = True
        else:
            self.refunded[fact.refund_id] = fact.refunded_base
        if fact.refund_id is not None:
            self.open_refunds.discard(fact.refund_id)
        self.reversed += fact.amount
        self.debt += fact.debt
        if fact.promotion_amount is not None:
            self.promotion_amount = fact.promotion_amount
        if self.status == VOIDED and self.left:
            self.status = GRANTED
