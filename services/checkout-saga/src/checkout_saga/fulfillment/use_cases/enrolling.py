"""Give a customer a course, and take it back."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.fulfillment.domain.enrollment import Enrollment, enrollment_id
from checkout_saga.fulfillment.domain.results import Failed, Fulfilled, Result
from checkout_saga.fulfillment.ports import Delivery
from kernel.unit_of_work import UnitOfWork

ENROLLMENT = "enrollment"
"""Lists a customer's courses; the value is the customer's stream and the course."""
ALREADY_ENROLLED = Failed("ALREADY_ENROLLED", "The customer has this course already.", retriable=False)


async def enroll(course_id: str, delivery: Delivery, work: UnitOfWork) -> Result:
    customer = customer_stream_id(work.context.tenant, delivery.customer_id)
    enrollment = await work.open(Enrollment, enrollment_id(customer, course_id))
    if not enrollment.held:
        work.claim_key(ENROLLMENT, _key(customer, course_id), enrollment.id)
    granted = enrollment.grant(course_id, delivery.customer_id, delivery.order_id, delivery.line_id)
    return Fulfilled() if granted else ALREADY_ENROLLED


async def unenroll(course_id: str, delivery: Delivery, work: UnitOfWork) -> None:
    customer = customer_stream_id(work.context.tenant, delivery.customer_id)
    enrollment = await work.open(Enrollment, enrollment_id(customer, course_id))
    if enrollment.revoke(course_id, delivery.customer_id, delivery.order_id, delivery.line_id):
        work.release_key(ENROLLMENT, _key(customer, course_id))


async def resume_enrollment(enrollment: Enrollment, work: UnitOfWork) -> None:
    """The key of one whose facts have been recovered."""
    if enrollment.held:
        customer = customer_stream_id(work.context.tenant, enrollment.customer_id)
        work.claim_key(ENROLLMENT, _key(customer, enrollment.course_id), enrollment.id)


def _key(customer: UUID, course_id: str) -> str:
    return f"{customer}/{course_id}"
