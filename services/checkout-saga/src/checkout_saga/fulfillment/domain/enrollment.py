"""A customer's access to a course. There is one stream for both, so a customer has a course once."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from contracts import enrollment as facts
from kernel.domain import Aggregate
from kernel.ids import NIL_ID, derive_id


class Enrollment(Aggregate):
    def initialise(self) -> None:
        self.held = False
        self.course_id = self.customer_id = ""
        self.order_id, self.line_id = NIL_ID, ""
        """The line that has granted it last."""

    def is_held_by(self, order_id: UUID, line_id: str) -> bool:
        return self.held and (self.order_id, self.line_id) == (order_id, line_id)

    def grant(self, course_id: str, customer_id: str, order_id: UUID, line_id: str) -> bool:
        """Whether it was granted now, or by the same line before."""
        if not self.held:
            self.record(
                facts.Granted(
                    course_id=course_id, customer_id=customer_id, order_id=order_id, line_id=line_id
                )
            )
        return self.is_held_by(order_id, line_id)

    def revoke(self, course_id: str, customer_id: str, order_id: UUID, line_id: str) -> bool:
        """Whether it was revoked now. What another line has granted stays."""
        if not self.is_held_by(order_id, line_id):
            return False
        self.record(
            facts.Revoked(course_id=course_id, customer_id=customer_id, order_id=order_id, line_id=line_id)
        )
        return True

    def evolve(self, fact: facts.EnrollmentFact) -> None:
        match fact:
            case facts.Granted():
                self.held, self.order_id, self.line_id = True, fact.order_id, fact.line_id
                self.course_id, self.customer_id = fact.course_id, fact.customer_id
            case facts.Revoked():
                self.held = False
            case _:
                assert_never(fact)


def enrollment_id(customer: UUID, course_id: str) -> UUID:
    """``customer``: the id of the customer's stream."""
    return derive_id(customer, f"course:{course_id}")
