"""An attribution: a customer, the referee, was referred by another, the referrer, for a program."""

from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts import referral_attribution as facts
from kernel.domain import Aggregate
from offer.referral.domain.errors import ReferralRefused
from pricing.referral_candidates import Attribution


class ReferralAttribution(Aggregate):
    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.program_id = UUID(int=0)
        self.referee_id = ""
        self.referrer_id = ""
        self.source: str | None = None
        self.status = "pending"
        self.created_at: datetime | None = None
        self.confirmed_at: datetime | None = None

    def create(
        self, program_id: UUID, referee_id: str, referrer_id: str, source: str | None, *, confirmed: bool
    ) -> None:
        self.record(
            facts.Created(
                program_id=program_id, referee_id=referee_id, referrer_id=referrer_id, source=source
            )
        )
        if confirmed:
            self.confirm()

    def confirm(self) -> None:
        """Raises ``ReferralRefused`` after it was revoked."""
        if self.status == "revoked":
            raise ReferralRefused("revoked", "The attribution has been revoked.")
        if self.status == "pending":
            self.record(
                facts.Confirmed(
                    program_id=self.program_id, referee_id=self.referee_id, referrer_id=self.referrer_id
                )
            )

    def revoke(self) -> None:
        if self.status != "revoked":
            self.record(
                facts.Revoked(
                    program_id=self.program_id, referee_id=self.referee_id, referrer_id=self.referrer_id
                )
            )

    @property
    def for_judging(self) -> Attribution:
        return Attribution(
            attribution_id=self.id,
            program_id=self.program_id,
            referee_id=self.referee_id,
            referrer_id=self.referrer_id,
            confirmed_at=self.confirmed_at,
            is_revoked=self.status == "revoked",
        )

    def evolve(self, fact: facts.ReferralAttributionFact) -> None:
        match fact:
            case facts.Created():
                self.program_id = fact.program_id
                self.referee_id, self.referrer_id = fact.referee_id, fact.referrer_id
                self.source, self.created_at = fact.source, fact.timestamp
            case facts.Confirmed():
                self.status, self.confirmed_at = "confirmed", fact.timestamp
            case facts.Revoked():
                self.status = "revoked"
            case _:
                assert_never(fact)
