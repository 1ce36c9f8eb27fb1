"""A difference between the provider's list and the log, which an operator resolves."""

from __future__ import annotations

from typing import Literal, assert_never
from uuid import UUID

from checkout_saga.payments.domain.entries import Entry
from checkout_saga.reconciliation.domain.errors import DifferenceNotResolvable
from contracts import provider
from contracts import reconciliation as facts
from kernel.domain import UTC_MIN, Aggregate
from kernel.ids import NIL_ID, derive_id

Resolution = Literal["accepted", "returned", "assigned"]


class Difference(Aggregate):
    CREATED_BY = facts.DifferenceFound.TYPE
    KEPT_IN_MEMORY = False

    def initialise(self) -> None:
        self.account_id, self.gateway = NIL_ID, ""
        self.code = self.kind = self.reference = self.currency = ""
        self.theirs: int | None = None
        self.ours: int | None = None
        self.payment_id: UUID | None = None
        self.checkout_id: UUID | None = None
        self.detail: str | None = None
        self.found_at = UTC_MIN
        self.money_found = False
        self.resolution: str | None = None
        self.reason: str | None = None

    @property
    def is_open(self) -> bool:
        return self.exists and self.resolution is None

    def find(self, found: facts.DifferenceFound) -> bool:
        """False: it was found before."""
        if self.exists:
            return False
        self.record(found)
        return True

    def find_money(self, entry: Entry) -> None:
        """The amount is in suspense until it is returned or assigned."""
        self.record(
            provider.MoneyFound(
                account_id=self.account_id,
                gateway=self.gateway,
                reference=entry.reference,
                amount=entry.amount,
                currency=entry.currency,
                moved_at=entry.at,
                payment_id=entry.payment_id,
            )
        )

    def resolve(self, resolution: Resolution, operator: str, reason: str, payment_id: UUID | None) -> None:
        """Only money that was found can be returned or assigned. Raises ``DifferenceNotResolvable``."""
        if not self.is_open:
            raise DifferenceNotResolvable("The difference is resolved already.")
        if resolution != "accepted" and not self.money_found:
            raise DifferenceNotResolvable("No money was found that could be returned or assigned.")
        self.record(
            facts.DifferenceResolved(
                operator=operator, resolution=resolution, reason=reason, payment_id=payment_id
            )
        )

    def evolve(self, fact: facts.DifferenceFound | facts.DifferenceResolved | provider.MoneyFound) -> None:
        match fact:
            case facts.DifferenceFound():
                self.account_id, self.gateway, self.code = fact.account_id, fact.gateway, fact.code
                self.kind, self.reference, self.currency = fact.kind, fact.reference, fact.currency
                self.theirs, self.ours, self.found_at = fact.theirs, fact.ours, fact.timestamp
                self.payment_id, self.checkout_id, self.detail = (
                    fact.payment_id,
                    fact.checkout_id,
                    fact.detail,
                )
            case provider.MoneyFound():
                self.money_found = True
            case facts.DifferenceResolved(resolution=resolution, reason=reason):
                self.resolution, self.reason = resolution, reason
            case _:
                assert_never(fact)


def difference_id(found: facts.DifferenceFound) -> UUID:
    """Derived, so that each run finds the same one. The reference alone does not tell them apart: an operator
    may have named several alike, and one movement may differ in several ways."""
    return derive_id(found.account_id, f"{found.code}:{found.kind}:{found.payment_id}:{found.reference}")
