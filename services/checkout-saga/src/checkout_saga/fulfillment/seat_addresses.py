"""By what a licence knows the addresses that it has invited."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.customers.domain.mailbox import mailbox_of
from checkout_saga.customers.vault import Vault


def seat_address(vault: Vault, tenant: str, address: str) -> UUID:
    """Equal for two spellings of one mailbox, and reveals nothing about it. ``address``: one that was
    accepted before."""
    return vault.fingerprint(tenant, "seat", mailbox_of(address, test_environment=True).identity)
