"""Enroll customers for certifications, and issue their certificates."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.fulfillment.domain.certification import Certification, certification_id_of
from checkout_saga.fulfillment.domain.errors import CertificateNotFound
from checkout_saga.fulfillment.domain.results import Fulfilled, Result
from checkout_saga.fulfillment.ports import Delivery
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork

CERTIFICATE = "certificate"
"""Finds a certificate by its code, over all tenants."""
ORDER_CERTIFICATION = "order_certification"
"""Lists an order's certifications by time; the value is the order, the time and the certification."""


class Certifications:
    async def perform(self, delivery: Delivery, work: UnitOfWork) -> Result:
        found = await work.open(Certification, certification_id_of(delivery.order_id, delivery.line_id))
        if not found.exists:
            found.enroll(
                delivery.order_id,
                delivery.line_id,
                delivery.customer_id,
                str(delivery.product_id),
                delivery.name,
            )
            _list(found, work)
        return Fulfilled(str(found.id))

    async def find(self, delivery: Delivery, work: UnitOfWork) -> Result:
        return await self.perform(delivery, work)

    async def revoke(self, delivery: Delivery, work: UnitOfWork) -> None:
        """The code stays known: it says that the certificate is not valid."""
        found = await work.open(Certification, certification_id_of(delivery.order_id, delivery.line_id))
        found.revoke()


async def find_certification(certification_id: UUID, work: UnitOfWork) -> Certification:
    """Raises ``CertificateNotFound``."""
    found = await work.open(Certification, certification_id)
    if not found.exists:
        raise CertificateNotFound("There is no such certification.")
    return found


async def issue(certification_id: UUID, code: str, work: UnitOfWork) -> Certification:
    """Once: a repetition shows the same certificate. Raises ``CertificateNotFound`` and
    ``CertificateRevoked``."""
    found = await find_certification(certification_id, work)
    if found.issue(code):
        work.claim_key(CERTIFICATE, code, found.id)
    return found


async def resume_certification(found: Certification, work: UnitOfWork) -> None:
    """The keys of one whose facts have been recovered."""
    _list(found, work)
    if found.code is not None:
        work.claim_key(CERTIFICATE, found.code, found.id)


def _list(found: Certification, work: UnitOfWork) -> None:
    key = f"{found.order_id}/{time_key(found.enrolled_at)}/{found.id}"
    work.claim_key(ORDER_CERTIFICATION, key, found.id)
