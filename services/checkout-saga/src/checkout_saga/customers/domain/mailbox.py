"""Validation of e-mail addresses, and the identity by which two addresses are the same mailbox."""

from __future__ import annotations

from typing import NamedTuple
from unicodedata import normalize

from email_validator import EmailNotValidError, validate_email

from checkout_saga.customers.domain.errors import InvalidEmail
from kernel.domain import FieldPath


class Mailbox(NamedTuple):
    address: str
    """The address to which mails are sent: in NFC, the domain in lower case."""
    identity: str
    """Equal for two addresses of one mailbox. The local part is compared in lower case, as nearly every
    provider does; the domain by IDNA 2008, where straße.example and strasse.example differ."""


def mailbox_of(typed: str, *, test_environment: bool, field: FieldPath = ("customer", "email")) -> Mailbox:
    """``field``: where the address stands in the request.

    ``test_environment`` also accepts the domains for tests of RFC 6761. Raises ``InvalidEmail``.
    """
    try:
        found = validate_email(
            typed.strip(), strict=True, check_deliverability=False, test_environment=test_environment
        )
    except EmailNotValidError as error:
        raise InvalidEmail(field, "This is not an e-mail address.") from error
    local = normalize("NFC", found.local_part.lower())
    return Mailbox(found.normalized, f"{local}@{found.ascii_domain}")
