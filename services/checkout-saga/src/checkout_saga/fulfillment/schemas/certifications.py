"""The views of certifications and certificates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from checkout_saga.fulfillment.domain.certification import Certification
from kernel.http.descriptions import Word


class CertificationView(BaseModel):
    certification_id: UUID
    order_id: UUID
    line_id: str
    customer_id: str
    programme_id: str
    name: str
    status: Literal["enrolled", "issued", "revoked"]
    code: str | None
    issued_at: datetime | None
    version: int


class CertificateView(BaseModel):
    """Tells nothing about the person."""

    code: str
    programme: str
    issued_at: datetime
    valid: bool


def show_certification(found: Certification, _now: datetime) -> CertificationView:
    return CertificationView.model_validate(
        {
            "certification_id": found.id,
            "order_id": found.order_id,
            "line_id": found.line_id,
            "customer_id": found.customer_id,
            "programme_id": found.programme_id,
            "name": found.name,
            "status": found.status.value,
            "code": found.code,
            "issued_at": found.issued_at,
            "version": found.version,
        }
    )


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "CertificationView": Word("A customer's certification."),
        "certification_id": Word("The certification.", "019a2b3c-0014-5000-8000-000000000001"),
        "programme_id": Word("The programme: a product.", "019a2b3c-0002-7000-8000-000000000002"),
        "CertificationView.name": Word("The programme's name, as it was sold.", "Python in depth"),
        "CertificationView.status": Word("enrolled, issued or revoked.", "issued"),
        "CertificationView.code": Word("The certificate's code; null before it is issued.", None),
        "issued_at": Word("When the certificate was issued.", "2026-03-01T12:00:00Z"),
        "CertificateView": Word("Whether a certificate is valid, and for what."),
        "CertificateView.code": Word("The certificate's code.", "7K3M-Q2ND-4XWH-ABCD"),
        "programme": Word("The programme's name.", "Python in depth"),
        "valid": Word("False after it was taken back.", True),
    }
)
