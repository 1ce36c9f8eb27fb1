"""What an e-mail address is, and when two of them are the same mailbox."""

from __future__ import annotations

from typing import NamedTuple
from unicodedata import normalize

from email_validator import EmailNotValidError, validate_email

from checkout_saga.domain.errors import InvalidEmail


class Mailbox(NamedTuple):
    address: str
    """As mails are sent to it: in NFC, the domain in small letters."""
    identity: str
    """The same for two addresses that reach one mailbox. The local part counts in small letters, as nearly
    every provider takes it; the domain by IDNA 2008, where straße.example and strasse.example are two."""


def mailbox_of(typed: str, *, test_environment: bool) -> Mailbox:
    """``test_environment``: the domains of tests (RFC 6761) are addresses, too. Raises ``InvalidEmail``."""
    try:
        found = validate_email(
            typed.strip(), strict=True, check_deliverability=False, test_environment=test_environment
        )
    except EmailNotValidError as wrong:
        raise InvalidEmail(("customer", "email"), "must be an e-mail address") from wrong
    local = normalize("NFC", found.local_part.lower())
    return Mailbox(found.normalized, f"{local}@{found.ascii_domain}")
