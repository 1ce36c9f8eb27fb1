"""How each product type is handed over unless something else does it: enrollments, or nothing at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from checkout_saga.fulfillment.domain.results import Failed, Fulfilled, Result
from checkout_saga.fulfillment.ports import Delivery, Fulfiller
from checkout_saga.fulfillment.use_cases.certifying import Certifications
from checkout_saga.fulfillment.use_cases.downloading import Downloads
from checkout_saga.fulfillment.use_cases.enrolling import ALREADY_ENROLLED, enroll, unenroll
from checkout_saga.fulfillment.use_cases.licensing import TEAM_LICENSE, Licenses
from checkout_saga.fulfillment.use_cases.shipping import Shipments
from checkout_saga.fulfillment.use_cases.subscribing import SUBSCRIPTION, Subscriptions
from kernel.unit_of_work import UnitOfWork

Enroll = Callable[[str, Delivery, UnitOfWork], Awaitable[Result]]
"""Gives the customer of a delivery one course."""


class _Local:
    """What is decided in this service's database: a look-up decides the same."""

    async def perform(self, delivery: Delivery, work: UnitOfWork) -> Result:  # noqa: ARG002  # the port's
        return Fulfilled()

    async def find(self, delivery: Delivery, work: UnitOfWork) -> Result:
        return await self.perform(delivery, work)

    async def revoke(self, delivery: Delivery, work: UnitOfWork) -> None:
        for course_id in delivery.course_ids:
            await unenroll(course_id, delivery, work)


class Courses(_Local):
    """Each course by itself: one that fails does not hold up the others."""

    def __init__(self, enroll: Enroll, *, accepts_held: bool) -> None:
        """``accepts_held``: a course that the customer has already counts as handed over."""
        self._enroll = enroll
        self._accepts_held = accepts_held

    async def perform(self, delivery: Delivery, work: UnitOfWork) -> Result:
        results = [await self._enroll(it, delivery, work) for it in delivery.course_ids]
        failed = [it for it in results if isinstance(it, Failed) and not self._accepts(it)]
        if failed:
            first = failed[0]
            partly = any(isinstance(it, Fulfilled) for it in results)
            retriable = all(it.retriable for it in failed)
            return Failed(first.code, first.detail, retriable=retriable, partly=partly)
        return next((it for it in results if not isinstance(it, Failed | Fulfilled)), Fulfilled())

    def _accepts(self, failed: Failed) -> bool:
        return self._accepts_held and failed == ALREADY_ENROLLED


AT_ONCE = _Local()
FULFILLERS: dict[str, Fulfiller] = {
    "course": Courses(enroll, accepts_held=False),
    "bundle": Courses(enroll, accepts_held=True),
    "physical_product": Shipments(),
    TEAM_LICENSE: Licenses(),
    "certification": Certifications(),
    SUBSCRIPTION: Subscriptions(),
    "digital_product": Downloads(),
}
"""By product type. Lines of all other types need nothing to be done here."""


def fulfiller_of(delivery: Delivery) -> Fulfiller:
    return FULFILLERS.get(delivery.product_type, AT_ONCE)
