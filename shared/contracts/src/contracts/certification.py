"""The facts of certifications: a customer takes a programme and gets a certificate. One stream a line."""

from uuid import UUID

from contracts.envelope import Fact


class Enrolled(Fact):
    TYPE = "certification.enrolled"
    order_id: UUID
    line_id: str
    customer_id: str
    programme_id: str
    name: str
    """The programme's, as it was sold."""


class Issued(Fact):
    """The customer has passed. Who knows the ``code`` can see that the certificate is valid, and nothing
    about the customer."""

    TYPE = "certification.issued"
    code: str


class Revoked(Fact):
    """The line was refunded, or its order cancelled: the certificate is no longer valid."""

    TYPE = "certification.revoked"


CertificationFact = Enrolled | Issued | Revoked
