"""The facts of enrollments: a customer's access to a course, in a stream for both."""

from uuid import UUID

from contracts.envelope import Fact


class Granted(Fact):
    TYPE = "enrollment.granted"
    course_id: str
    customer_id: str
    order_id: UUID
    line_id: str
    """The line of the order that has granted it, and by which it is revoked."""


class Revoked(Fact):
    TYPE = "enrollment.revoked"
    course_id: str
    customer_id: str
    order_id: UUID
    line_id: str


EnrollmentFact = Granted | Revoked
