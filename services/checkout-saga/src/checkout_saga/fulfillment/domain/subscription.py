"""A subscription that an order has sold: its activation is requested, and its end when it is taken back."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from contracts import subscription as facts
from kernel.domain import Aggregate
from kernel.ids import NIL_ID, derive_id


class Subscription(Aggregate):
    CREATED_BY = facts.ActivationRequested.TYPE

    def initialise(self) -> None:
        self.order_id, self.line_id, self.customer_id = NIL_ID, "", ""
        self.active = self.cancelled = False

    def request(self, order_id: UUID, line_id: str, customer_id: str, plan_id: str | None) -> None:
        self.record(
            facts.ActivationRequested(
                order_id=order_id, line_id=line_id, customer_id=customer_id, plan_id=plan_id
            )
        )

    def activate(self) -> None:
        if not self.active:
            self.record(facts.Activated())

    def cancel(self) -> None:
        """Ignored if it never began, or ends already."""
        if self.exists and not self.cancelled:
            self.record(
                facts.CancelRequested(
                    order_id=self.order_id, line_id=self.line_id, customer_id=self.customer_id
                )
            )

    def evolve(self, fact: facts.SubscriptionFact) -> None:
        match fact:
            case facts.ActivationRequested():
                self.order_id, self.line_id, self.customer_id = fact.order_id, fact.line_id, fact.customer_id
            case facts.Activated():
                self.active = True
            case facts.CancelRequested():
                self.cancelled = True
            case _:
                assert_never(fact)


def subscription_id_of(order_id: UUID, line_id: str) -> UUID:
    """Derived, so that a line has one subscription."""
    return derive_id(order_id, f"subscription:{line_id}")
