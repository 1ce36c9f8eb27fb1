"""A certification: a customer takes a programme, and gets one certificate for it."""

from __future__ import annotations

import base64
from datetime import datetime
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from checkout_saga.fulfillment.domain.errors import CertificateRevoked
from contracts import certification as facts
from kernel.domain import UTC_MIN, Aggregate
from kernel.ids import NIL_ID, derive_id

CODE_BYTES = 10
"""80 random bits: too many for a code to be found by trying."""


class CertificationStatus(StrEnum):
    NONE = "none"
    ENROLLED = "enrolled"
    ISSUED = "issued"
    REVOKED = "revoked"


class Certification(Aggregate):
    CREATED_BY = facts.Enrolled.TYPE

    def initialise(self) -> None:
        self.status = CertificationStatus.NONE
        self.order_id, self.line_id, self.customer_id = NIL_ID, "", ""
        self.programme_id = self.name = ""
        self.code: str | None = None
        self.enrolled_at = UTC_MIN
        self.issued_at: datetime | None = None

    @property
    def is_valid(self) -> bool:
        return self.status is CertificationStatus.ISSUED

    def enroll(self, order_id: UUID, line_id: str, customer_id: str, programme_id: str, name: str) -> None:
        self.record(
            facts.Enrolled(
                order_id=order_id,
                line_id=line_id,
                customer_id=customer_id,
                programme_id=programme_id,
                name=name,
            )
        )

    def issue(self, code: str) -> bool:
        """False if there is a certificate already. Raises ``CertificateRevoked``."""
        if self.status is CertificationStatus.REVOKED:
            raise CertificateRevoked("The certification was taken back.")
        if self.code is not None:
            return False
        self.record(facts.Issued(code=code))
        return True

    def revoke(self) -> None:
        """Ignored if it never began, or was revoked."""
        if self.status not in {CertificationStatus.NONE, CertificationStatus.REVOKED}:
            self.record(facts.Revoked())

    def evolve(self, fact: facts.CertificationFact) -> None:
        match fact:
            case facts.Enrolled():
                self.status, self.enrolled_at = CertificationStatus.ENROLLED, fact.timestamp
                self.order_id, self.line_id, self.customer_id = fact.order_id, fact.line_id, fact.customer_id
                self.programme_id, self.name = fact.programme_id, fact.name
            case facts.Issued(code=code):
                self.status, self.code, self.issued_at = CertificationStatus.ISSUED, code, fact.timestamp
            case facts.Revoked():
                self.status = CertificationStatus.REVOKED
            case _:
                assert_never(fact)


def certification_id_of(order_id: UUID, line_id: str) -> UUID:
    """Derived, so that a line has one certification."""
    return derive_id(order_id, f"certification:{line_id}")


def code_of(random: bytes) -> str:
    """To read out: base 32 in groups of four, without letters that look like digits."""
    text = base64.b32encode(random).decode().translate(_READABLE)
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


_READABLE = str.maketrans("OI", "89")
