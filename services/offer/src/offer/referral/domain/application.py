"""What one checkout applied of referrals, for audits: held, and then redeemed or released, each once."""

from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts import referral as facts
from kernel import ids
from kernel.domain import Aggregate
from offer.inventory.domain.reply_to import ReplyTo

CHECKOUT, PAYMENT = "checkout", "payment"


def application_id(checkout_id: UUID) -> UUID:
    return ids.derive_id(checkout_id, "referral")


class ReferralApplication(Aggregate):
    CREATED_BY = facts.Applied.TYPE

    def initialise(self) -> None:
        self.checkout_id = UUID(int=0)
        self.status = ""
        self.snapshots: tuple[facts.Snapshot, ...] = ()
        """As they last were."""

    @property
    def customer_id(self) -> str:
        """The referee, who is one for all snapshots."""
        return self.snapshots[0].customer_id if self.snapshots else ""

    def apply(self, to: ReplyTo, snapshots: tuple[facts.Snapshot, ...]) -> None:
        if not self.exists:
            self.record(
                facts.Applied(checkout_id=to.process_id, step=to.step, stage=CHECKOUT, snapshots=snapshots)
            )

    def redeem(self, to: ReplyTo, order_id: UUID, now: datetime) -> None:
        if self.status == "applied":
            paid = tuple(it.model_copy(update={"at": now, "order_id": order_id}) for it in self.snapshots)
            self.record(
                facts.Redeemed(checkout_id=to.process_id, step=to.step, stage=PAYMENT, snapshots=paid)
            )

    def release(self, to: ReplyTo) -> None:
        if self.status in {"applied", "redeemed"}:
            self.record(facts.Released(checkout_id=to.process_id, step=to.step, snapshots=self.snapshots))

    def evolve(self, fact: facts.ReferralFact) -> None:
        self.checkout_id, self.snapshots = fact.process_id, fact.snapshots
        match fact:
            case facts.Applied():
                self.status = "applied"
            case facts.Redeemed():
                self.status = "redeemed"
            case facts.Released():
                self.status = "released"
            case _:
                assert_never(fact)
